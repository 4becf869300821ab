"""How a program of ours runs from the command line."""

import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TextIO, cast


class UnreadOutput:
    """
    A stream that goes on where its reader stopped (`| head -1`), or where there is no room for what is printed: that
    is no reason to stop the work. Why words were lost, but for want of a reader, is kept for the end.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lost: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return self.stream.write(text)
        except OSError as error:
            self._to_nowhere(error)
            return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except OSError as error:
            self._to_nowhere(error)

    def _to_nowhere(self, error: OSError) -> None:
        """What is written from now on, and what the interpreter flushes when it ends, goes nowhere."""
        if not isinstance(error, BrokenPipeError):
            self.lost = error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def end_tidily() -> None:
    """
    Makes SIGTERM and SIGHUP, of which Python knows nothing, end a program as Ctrl-C does: what it is writing is
    removed. What was told to ignore one, as nohup does, still ignores it.
    """
    ours = os.getpid()

    def end(number: int, _: FrameType | None) -> None:
        if os.getpid() == ours:
            sys.exit(128 + number)
        # A process that was forked off since: it ends as ever.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)


def occupy_closed_outputs() -> None:
    """
    Of streams that a shell closed (`>&-`), Python's are None and print nothing. But the next file to be opened would
    get the number of one, and what a library in C prints would land in it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # Takes the lowest free number.


def run_program(main: Callable[[], None]) -> None:
    """
    Runs a main to its end, whoever reads what it prints. Lines are printed at once. Where they found no room, that is
    said once, and the status is 1.
    """
    occupy_closed_outputs()
    end_tidily()
    outputs = sys.stdout, sys.stderr
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    sys.stdout, sys.stderr = (stream and cast("TextIO", UnreadOutput(stream)) for stream in outputs)
    mine = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, UnreadOutput)]
    try:
        main()
    finally:
        for stream in mine:
            stream.flush()
        sys.stdout, sys.stderr = outputs
    lost = next((stream.lost for stream in mine if stream.lost), None)
    if lost:
        print(f"What was to be printed is lost ({lost}). The work is done.", file=sys.stderr)
        sys.exit(1)
