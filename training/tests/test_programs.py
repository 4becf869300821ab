"""Every program of ours ends its work, whoever reads what it prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from training.tests.test_structure import is_main, read

PROGRAM = """
import sys, time
from pathlib import Path
from training.programs import run_program

def main():
    for line in range(3):
        print(line)
        print(line, file=sys.stderr)
        time.sleep(0.2)
    Path(sys.argv[1]).touch()

run_program(main)
"""


@pytest.mark.parametrize("unread", ["stdout", "stderr", "both"])
def test_a_reader_that_stops_reading_stops_no_work(tmp_path: Path, unread: str) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "done")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout
    assert run.stderr
    assert run.stdout.readline() == "0\n"
    assert run.stderr.readline() == "0\n"
    for name in ("stdout", "stderr"):
        if unread in (name, "both"):
            getattr(run, name).close()
    if unread == "stdout":
        assert run.stderr.read() == "1\n2\n"
    assert run.wait() == 0
    assert (tmp_path / "done").exists()


def test_a_real_one_that_nobody_reads(tmp_path: Path) -> None:
    command = f"{sys.executable} -m training.convert.tiny sd35 {tmp_path}/model | true; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert run.stdout == "0\n"
    assert (tmp_path / "model" / "model_index.json").exists()
    assert "BrokenPipe" not in run.stderr


def test_all_programs_run_so() -> None:
    mains = {name for name, tree in read().items() if is_main(name, tree)}
    ours = {name for name in mains if "run_program(main)" in source_of(name)}
    assert len(mains) > 20
    assert mains == ours


def source_of(name: str) -> str:
    return Path(__file__).parents[2].joinpath(*name.split(".")).with_suffix(".py").read_text()
