"""Exports a model folder for the browser.

python -m training.export            # the trained student → models/emoji
python -m training.export --tiny     # the same graphs, small, with random weights → models/tiny
"""

import argparse

from training.export.emoji import export_emoji
from training.export.manifest import EMOJI
from training.export.tiny import export_tiny


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiny", action="store_true", help="random weights → models/tiny")
    if parser.parse_args().tiny:
        export_tiny()
    else:
        export_emoji(EMOJI)


if __name__ == "__main__":
    main()
