"""Ids that Python's tokenizers give to ordinary prompts, for src/text/token-ids.test.ts to compare the engine's with.

python -m training.convert.token_ids      # → src/text/golden/token-ids.json
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

from training.programs import run_program

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "tiny-sd35"
GOLDEN = ROOT / "src" / "text" / "golden" / "token-ids.json"
PROMPTS = ROOT / "docs" / "study-prompts.txt"

WRITTEN = [
    "",
    "A bowl of ramen, steam rising, 35mm photo, f/1.8",
    "a portrait of an old fisherman; harsh light, deep wrinkles, film grain",
    "An astronaut riding a horse on Mars, in the style of a 1960s sci-fi paperback cover",
    "two cats (one black, one white) on a red sofa",
    'a sign that says "Open 24/7"',
    "a sign that says “Open 24/7” — neon, at night…",
    "it's raining; they're under one umbrella, don't look back",
    "50% off! Price: $19.99 (was €24.50)",
    "masterpiece, best quality, ultra-detailed, 8k, (intricate:1.2), [blurry], {sharp}",
    "C++ code on a screen, #1 hacker, user@example.com, https://example.com/a?b=c&d=e",
    "x² + y² = r², 3 × 4 ≠ 13, 20 °C, ½ cup",
    "Crème brûlée and a café in Zürich",
    "Ein Fuchs mit Zylinder, Öl auf Leinwand, größer als üblich",
    "un renard portant un chapeau, à l'aquarelle",
    "un zorro con sombrero, ¡qué rápido!, ¿verdad?",
    "лиса в шляпе, акварель",
    "μια αλεπού με καπέλο",
    "帽子をかぶったキツネ",
    "戴帽子的狐狸",
    "모자를 쓴 여우",
    "ثعلب يرتدي قبعة",
    "🦊 wearing a 🎩",
    "👍🏽 thumbs up",
    "👩‍🚀 in space",
    "  leading,   doubled\tand\ntrailing spaces  ",
    "UPPER lower MiXeD CamelCase snake_case kebab-case",
    "one_two 3three four4 5-6-7 v1.2.3",
    "a" * 90,
    "very " * 60 + "long prompt",
    "!?!?... ~~~ *** ___ ===",
]


def prompts() -> list[str]:
    studied = [line for line in PROMPTS.read_text().splitlines() if line and not line.startswith("#")]
    styled = [f"{prompt}, highly detailed digital painting, trending, golden hour" for prompt in studied]
    asked = [f"Please draw {prompt.removeprefix('a ')} for my daughter's birthday!" for prompt in studied]
    return [*WRITTEN, *studied, *styled, *asked]


def token_ids(model: Path = MODEL) -> dict[str, object]:
    """prompts, and for each tokenizer of the model its ids of each: special tokens included, nothing cut or padded."""
    texts = prompts()
    found = {
        path.name: [encoding.ids for encoding in Tokenizer.from_file(str(path)).encode_batch(texts)]
        for path in sorted(model.glob("tokenizer-[0-9].json"))
    }
    return {"prompts": texts, "ids": found}


def main() -> None:
    GOLDEN.parent.mkdir(exist_ok=True)
    record = token_ids()
    lines = [f'"{name}": {json.dumps(ids, separators=(",", ":"))}' for name, ids in record["ids"].items()]  # type: ignore[attr-defined]
    text = json.dumps(record["prompts"], ensure_ascii=False)
    GOLDEN.write_text('{\n"prompts": ' + text + ',\n"ids": {\n' + ",\n".join(lines) + "\n}\n}\n", encoding="utf-8")


if __name__ == "__main__":
    run_program(main)
