"""Every program of ours ends its work, whoever reads what it prints."""

import os
import signal
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


FILE = "from pathlib import Path; import os, sys; from training.programs import run_program"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_stop_no_work_and_land_in_no_file(tmp_path: Path, closed: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"{FILE}\n"
        "def main():\n"
        "    with Path(sys.argv[1]).open('w') as file:\n"
        "        print('a word'); print('another', file=sys.stderr); sys.stdout and sys.stdout.flush()\n"
        "        os.write(1, b'as a library in C prints'); os.write(2, b'and warns')\n"
        "        file.write('the work')\n"
        "run_program(main)\n"
    )
    command = f'"{sys.executable}" "{program}" "{tmp_path}/done" {closed}'
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "."})
    assert run.returncode == 0
    assert "Traceback" not in run.stderr
    assert (tmp_path / "done").read_text() == "the work"


@pytest.mark.parametrize("full", [">/dev/full", "2>/dev/full", ">/dev/full 2>/dev/full"])
def test_words_without_room_stop_no_work_and_are_told(tmp_path: Path, full: str) -> None:
    command = f'"{sys.executable}" -c "$0" "{tmp_path}/done" {full}'
    run = subprocess.run(["bash", "-c", command, PROGRAM], capture_output=True, text=True)
    assert (tmp_path / "done").exists()
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    if full == ">/dev/full":
        assert run.stderr.splitlines()[-1].startswith("What was to be printed is lost ([Errno 28]")


WRITING = """
import sys, time
from pathlib import Path
from training.config.whole_file import replacing
from training.programs import run_program

def main():
    with replacing(Path(sys.argv[1])) as partial:
        partial.write_text("half")
        print("writing", flush=True)
        time.sleep(float(sys.argv[2]))

run_program(main)
"""


def heed_signals() -> None:
    """These tests may run under nohup and in the background themselves, and what they start would inherit that."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def writing(path: Path, seconds: str, before: str = "") -> subprocess.Popen[str]:
    program = [*before.split(), sys.executable, "-c", WRITING, str(path), seconds]
    run = subprocess.Popen(
        program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, preexec_fn=heed_signals
    )
    assert run.stdout
    assert run.stdout.readline() == "writing\n"
    return run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_leave_the_old_file_and_no_fragment(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_text("old")
    run = writing(path, "60")
    run.send_signal(number)
    assert run.wait(20) in (128 + number, -number)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_program_that_shall_outlive_its_terminal_does(tmp_path: Path) -> None:
    run = writing(tmp_path / "file", "1", "nohup")
    run.send_signal(signal.SIGHUP)
    assert run.wait(20) == 0
    assert (tmp_path / "file").read_text() == "half"


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
