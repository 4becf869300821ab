"""A conversion that is killed at any moment, stopped by Ctrl-C, or run twice at once: no half folder looks whole, and
the same command afterwards writes the same bytes. Each test is a row of docs/RELIABILITY.md."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from training.convert.convert import convert
from training.convert.errors import ConversionError
from training.convert.ledger import LEDGER, unfinished_folder
from training.convert.plan import Request, make_plan
from training.convert.weights import Weights
from training.tests.convert_models import quiet, tiny
from training.tests.faults import Fault, forget_faults, record_fault

SPEC = "training/tests/test_convert_killed.py"
ENDS = 12
WAIT = 60  # seconds


@pytest.fixture(scope="module", autouse=True)
def rows() -> None:
    forget_faults(SPEC)


def request(out: Path) -> Request:
    return Request(tiny("sd35").checkpoint, out, "q4", 60_000, tiny("sd35").lora)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    """What a conversion writes, and its moments."""
    out = tmp_path_factory.mktemp("undisturbed") / "model"
    counted = out.parent / "moments"
    assert wait_for(in_background(out, counted)) == 0
    return contents(out), int(counted.read_text())


def in_background(out: Path, count: Path | None = None, end_at: int = -1, number: int = signal.SIGKILL) -> int:
    """Converts in a process of its own; returns its id. Its moments are those at which it reads weights, and opens,
    renames or removes a file beside `out`. It gets the signal at the moment `end_at`, or writes how many there were."""
    child = os.fork()
    if child:
        return child
    status, moments = 1, 0

    def moment() -> None:
        nonlocal moments
        if moments == end_at:
            os.kill(os.getpid(), number)
        moments += 1

    def heard(event: str, args: tuple[object, ...]) -> None:
        if event in ("open", "os.rename", "os.remove", "os.mkdir") and str(args[0]).startswith(str(out.parent)):
            moment()

    def rows(self: Weights, *args: int) -> object:
        moment()
        return original(self, *args)

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        torch.set_num_threads(1)  # the parent's threads were not forked
        plan = make_plan(request(out))
        original, Weights.rows = Weights.rows, rows
        sys.addaudithook(heard)
        convert(plan, quiet)
        end_at = -1
        if count:
            count.write_text(str(moments))
        status = 0
    except (ConversionError, KeyboardInterrupt):
        status = 3
    finally:
        os._exit(status)


def wait_for(child: int) -> int:
    """The exit status, or the signal below 0."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def soon(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """With a space and letters beyond ASCII in its path."""
    return tmp_path / "mit Lücke 猫" / "model"


@pytest.mark.parametrize(("number", "name"), [(signal.SIGKILL, "killed"), (signal.SIGINT, "stopped by Ctrl-C")])
def test_ended_at_any_moment(out: Path, undisturbed: tuple[dict[str, bytes], int], number: int, name: str):
    whole, moments = undisturbed
    kept = 0
    for i in range(ENDS):
        folder = out.parent / f"{i}" / "model"
        assert wait_for(in_background(folder, end_at=i * (moments - 1) // (ENDS - 1), number=number)) != 0
        assert not folder.exists()
        unfinished = unfinished_folder(folder)
        said: list[str] = []
        convert(make_plan(request(folder)), said.append)
        kept += bool(said) and "finished files are kept" in said[0]
        assert contents(folder) == whole
        assert not unfinished.exists()
    assert kept >= ENDS - 4
    record_fault(
        Fault(
            SPEC,
            f"a conversion is {name} at {ENDS} of its {moments} moments, the first and the last among them",
            "no folder of the name asked for; the same command goes on, to the same bytes",
            f"{ENDS} times the same bytes, {kept} times from finished files",
        )
    )


def test_killed_again_and_again(out: Path, undisturbed: tuple[dict[str, bytes], int]):
    whole, moments = undisturbed
    for quarter in (1, 2, 3):
        assert wait_for(in_background(out, end_at=moments * quarter // 4)) != 0
        assert not out.exists()
    convert(make_plan(request(out)), quiet)
    assert contents(out) == whole
    record_fault(
        Fault(
            SPEC,
            "one conversion is killed three times, each time later",
            "each goes on where the one before was; the same bytes in the end",
            "the same bytes",
        )
    )


def test_two_at_once_into_one_folder(out: Path, undisturbed: tuple[dict[str, bytes], int]):
    whole, _ = undisturbed
    first = in_background(out)
    soon(lambda: (unfinished_folder(out) / LEDGER).exists() or out.exists())
    os.kill(first, signal.SIGSTOP)
    assert not out.exists()
    with pytest.raises(ConversionError, match="Another conversion is writing into"):
        convert(make_plan(request(out)), quiet)
    os.kill(first, signal.SIGCONT)
    assert wait_for(first) == 0
    assert contents(out) == whole
    with pytest.raises(ConversionError, match=r"exists\. Remove it"):
        convert(make_plan(request(out)), quiet)
    assert contents(out) == whole
    record_fault(
        Fault(
            SPEC,
            "two conversions into one folder at once, and a third after it",
            "the first is undisturbed; the others are refused with a remedy",
            "refused twice; the same bytes",
        )
    )


def test_a_full_disk(out: Path, undisturbed: tuple[dict[str, bytes], int], monkeypatch: pytest.MonkeyPatch):
    whole, _ = undisturbed
    original, left = os.fsync, [3]

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        original(descriptor)

    plan = make_plan(request(out))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="No space left"):
            convert(plan, quiet)
    assert not out.exists()
    said: list[str] = []
    convert(make_plan(request(out)), said.append)
    assert "3 finished files are kept" in said[0]
    assert contents(out) == whole
    record_fault(
        Fault(
            SPEC,
            "the disk is full at the fourth file of a conversion",
            "it ends with the system's words, and goes on from three files once there is room",
            "3 files kept; the same bytes",
        )
    )
