"""How a program of ours runs from the command line."""

import io
import os
import sys
from collections.abc import Callable
from typing import TextIO, cast


class UnreadOutput:
    """A stream that goes on where nobody reads any more (`| head -1`): that is no reason to stop the work."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        try:
            return self.stream.write(text)
        except BrokenPipeError:
            self._to_nowhere()
            return len(text)

    def flush(self) -> None:
        try:
            self.stream.flush()
        except BrokenPipeError:
            self._to_nowhere()

    def _to_nowhere(self) -> None:
        """What is written from now on, and what the interpreter flushes when it ends, goes nowhere."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def run_program(main: Callable[[], None]) -> None:
    """Runs a main to its end, whoever reads what it prints. Lines are printed at once."""
    outputs = sys.stdout, sys.stderr
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    sys.stdout, sys.stderr = (cast("TextIO", UnreadOutput(stream)) for stream in outputs)
    try:
        main()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = outputs
