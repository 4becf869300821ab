"""Rows for docs/RELIABILITY.md: faults that Python tests inject, kept where `npm run reliability` looks for them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).parents[2] / "test-results" / "reliability-python.json"


@dataclass(frozen=True)
class Fault:
    """fault: what was done; expected: what must happen; result: what was measured."""

    spec: str
    fault: str
    expected: str
    result: str
    bytesLost: int | None = None
    passed: bool = True


def record_fault(fault: Fault) -> None:
    """Call it after the assertions: a test that fails writes no row, and takes away that of an earlier run."""
    write([row for row in kept() if not same(row, fault)] + [{k: v for k, v in asdict(fault).items() if v is not None}])


def forget_faults(spec: str) -> None:
    """Call it before a file's tests begin."""
    write([row for row in kept() if row["spec"] != spec])


def same(row: dict[str, object], fault: Fault) -> bool:
    return (row["spec"], row["fault"]) == (fault.spec, fault.fault)


def kept() -> list[dict[str, object]]:
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def write(rows: list[dict[str, object]]) -> None:
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
