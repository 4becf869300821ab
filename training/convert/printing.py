"""What a program prints is for whoever reads: that nobody does is no reason to stop the work."""

import os
import sys


def say(text: str) -> None:
    """Print a line at once; into a reader that has read enough (`| head -1`) without a word, and work goes on."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The interpreter flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
