"""A checkpoint's tokenizers in the two files that the browser's tokenizer library reads."""

import json
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from training.convert.errors import ConversionError

VOCABULARIES = "tokenizer.json", "vocab.json", "spiece.model"
SPECIAL = "bos_token", "eos_token", "unk_token", "pad_token"


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    # Without any of them an empty one would be read, without a word.
    if not any((folder / name).exists() for name in VOCABULARIES):
        raise ConversionError(f"{folder} has none of {', '.join(VOCABULARIES)}. Download it again.")
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ConversionError(f"{folder} holds no tokenizer that can be read ({error}). Download it again.") from None


def write_tokenizer(folder: Path, stem: str, out: Path) -> tuple[list[str], int]:
    """Writes stem.json and stem.config.json into `out`; returns their names, and the id that fills prompts up."""
    tokenizer = load_tokenizer(folder)
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    files = [f"{stem}.json", f"{stem}.config.json"]
    (out / files[0]).write_text(backend.to_str(), encoding="utf-8")
    config = {name: getattr(tokenizer, name) for name in SPECIAL if getattr(tokenizer, name)}
    config |= {"tokenizer_class": type(tokenizer).__name__, "model_max_length": tokenizer.model_max_length}
    (out / files[1]).write_text(json.dumps(config, indent=1, ensure_ascii=False), encoding="utf-8")
    return files, tokenizer.pad_token_id
