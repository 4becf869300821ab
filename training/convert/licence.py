"""Under which terms a converted model may be used and passed on."""

import re
from dataclasses import dataclass
from pathlib import Path

from training.convert.schedules import Family

FREE = "mit", "apache-2.0", "cc0-1.0", "bsd-3-clause"
"""Licences that need nobody's acceptance."""

MAX_TEXT = 60_000
SWD = "https://github.com/yandex-research/swd"


@dataclass(frozen=True)
class Licence:
    name: str
    url: str
    by: str
    notice: str  # what has to stand beside copies
    summary: str  # shown where the checkpoint folder brings no licence text


STABILITY = Licence(
    "Stability AI Community License",
    "https://stability.ai/community-license-agreement",
    "Stability AI",
    "This Stability AI Model is licensed under the Stability AI Community License, "
    "Copyright © Stability AI Ltd. All Rights Reserved. Powered by Stability AI.",
    "These weights are Stability AI's, under its Community License: free below a yearly revenue that it states, with "
    "an acceptable use policy. Whoever passes them on must keep this notice, include the licence, and show “Powered by "
    "Stability AI”. Read the licence before you use them.",
)
RAIL = Licence(
    "CreativeML Open RAIL++-M",
    "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md",
    "Stability AI",
    "SDXL 1.0 is licensed under the CreativeML Open RAIL++-M License, Copyright © Stability AI Ltd.",
    "These weights are Stability AI's, under the CreativeML Open RAIL++-M licence: free to use and pass on, but not "
    "for the uses that its Attachment A forbids, which bind everyone who gets them. Read the licence before you use "
    "them.",
)
OF_FAMILY: dict[Family, Licence] = {"sd35-medium": STABILITY, "sd35-large": STABILITY, "sdxl": RAIL}


@dataclass(frozen=True)
class Terms:
    """What the manifest and the NOTICE file say."""

    licence: Licence
    name: str
    free: bool
    text: str


def card_licence(root: Path) -> str | None:
    """The licence that the checkpoint's model card (README.md) names at its top."""
    card = root / "README.md"
    head = card.read_text(encoding="utf-8", errors="replace")[:4000] if card.exists() else ""
    front = re.match(r"---\n(.*?)\n---", head, re.DOTALL)
    found = re.search(r"^license:\s*[\"']?([\w.+-]+)", front[1], re.MULTILINE) if front else None
    return found[1] if found else None


def licence_text(root: Path) -> str | None:
    for path in sorted(root.glob("LICENSE*")):
        return path.read_text(encoding="utf-8", errors="replace")
    return None


def terms_of(family: Family, root: Path) -> Terms:
    licence, named = OF_FAMILY[family], card_licence(root)
    if named and named.lower() in FREE:
        return Terms(licence, named, True, licence_text(root) or named)
    text = licence_text(root)
    whole = f"{licence.notice}\n\n{text or licence.summary + chr(10) + licence.url}"
    return Terms(licence, licence.name, False, whole)


def write_terms(terms: Terms, lora: Path | None, out: Path) -> None:
    """NOTICE, and LICENSE where the checkpoint brings its text: whoever passes the folder on has to keep them."""
    lines = [] if terms.free else [terms.licence.notice, f"Licence: {terms.licence.url}", ""]
    lines.append("Converted by scalewise from a diffusers checkpoint: weights rearranged and, where stated in")
    lines.append("manifest.json, stored with fewer bits.")
    if lora:
        lines.append(f"Changed by merging the LoRA '{lora.name}' (scale-wise distillation, {SWD}).")
    (out / "NOTICE").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "LICENSE").write_text(terms.text + "\n", encoding="utf-8")
