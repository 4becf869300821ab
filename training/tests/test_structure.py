"""How the packages may depend on one another, read from every module's syntax tree; imports inside functions count.

The floors, each of which knows only those before it: config, data, nets, method, then export and evaluate; stages and
studies on top. Nothing imports a stage, or any other module that is run from the command line.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE: dict[str, set[str]] = {
    "config": set(),
    "data": {"config"},
    "nets": {"config", "data"},
    "method": {"config", "data", "nets"},
    "export": {"config", "data", "nets", "method"},
    "convert": {"method", "export"},
    "evaluate": {"config", "data", "nets", "method"},
    "stages": {"config", "data", "nets", "method"},
    "studies": {"config", "data", "nets", "method", "export", "evaluate"},
}
"""Package → what it may import besides itself."""
EVERYBODYS = {"programs"}
"""What every package may import."""
COMMAND_LINES = {"training.config.arguments"}
"""Who holds argparse besides mains: the flags that all stages share."""

Modules = dict[str, ast.Module]


def read() -> Modules:
    """Every module by its dotted name; tests are not looked at."""
    paths = [path for path in (ROOT / "training").rglob("*.py") if not {"tests", "node_modules"} & set(path.parts)]
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return {name.removesuffix(".__init__"): ast.parse(path.read_text()) for path, name in names.items()}


def imports(tree: ast.Module, modules: Modules) -> set[str]:
    """The modules of ours that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (submodules & modules.keys()) or {str(node.module)}
    return {name for name in found if name.split(".")[0] == "training"}


def package(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def is_main(name: str, tree: ast.Module) -> bool:
    return name.endswith(".__main__") or any(
        isinstance(node, ast.If) and "__name__" in ast.dump(node.test) for node in tree.body
    )


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of a circle, or none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        for following in sorted(graph.get(name, ())):
            found = visit(following, [*path, name])
            if found:
                return found
        done.add(name)
        return []

    for name in sorted(graph):
        found = visit(name, [])
        if found:
            return found
    return []


def faults(modules: Modules) -> list[str]:
    graph = {name: imports(tree, modules) - {name} for name, tree in modules.items()}
    mains = {name for name, tree in modules.items() if is_main(name, tree)}
    found = [f"circle: {' → '.join(circle(graph))}"] if circle(graph) else []
    for name, imported in graph.items():
        for other in sorted(imported):
            here, there = package(name), package(other)
            if there == "stages" or other in mains:
                found.append(f"{name} imports {other}, which is a main")
            elif here != there and there not in TABLE.get(here, set()) | EVERYBODYS:
                found.append(f"{name} imports {other}: {here} may not know {there}")
    for name, tree in modules.items():
        foreign = {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        foreign |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        parses = "argparse" in foreign
        if foreign & {"importlib", "runpy"}:  # importlib.util only finds packages
            found.append(f"{name} imports by name at run time, which this test cannot follow")
        if parses and name not in mains | COMMAND_LINES:
            found.append(f"{name} reads a command line, and is no main")
    return found


def test_the_packages_know_only_the_floors_below() -> None:
    modules = read()
    assert {package(name) for name in modules} == {*TABLE, *EVERYBODYS, ""}
    assert faults(modules) == []


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("training.config.editions", "def f():\n    from training.config.recipes import SHIPPED", "circle: "),
        ("training.method.new", "from training.stages.student import main", "which is a main"),
        ("training.studies.new", "from training.export import formats", "which is a main"),
        ("training.data.new", "import training.nets.model", "data may not know nets"),
        ("training.method.new", "def f():\n    import argparse", "reads a command line"),
        ("training.method.new", "from argparse import ArgumentParser", "reads a command line"),
        ("training.method.new", "import os, argparse", "reads a command line"),
        ("training.method.new", "import importlib", "cannot follow"),
    ],
)
def test_a_wrong_arrow_is_found(name: str, source: str, fault: str) -> None:
    modules = read()
    modules[name] = ast.parse(source)
    assert any(fault in found for found in faults(modules))


def test_files_are_short_enough_to_read_in_a_sitting() -> None:
    paths = [path for path in (ROOT / "training").rglob("*.py") if "node_modules" not in path.parts]
    assert {path.name: n for path in paths if (n := len(path.read_text().splitlines())) > 260} == {}
