"""Where the studies keep their figures: docs/studies.json. `python -m training.evaluate --page` shows them."""

import json
from pathlib import Path
from typing import Any

from training.config.whole_file import write_whole

JSON = Path("docs/studies.json")


def record(study: str, figures: dict[str, Any]) -> None:
    """Replace one study's figures, keep the others'."""
    known = json.loads(JSON.read_text()) if JSON.exists() else {}
    known[study] = figures
    write_whole(JSON, json.dumps(known, indent=1, sort_keys=True) + "\n")
    print(json.dumps({study: figures}, indent=1))
