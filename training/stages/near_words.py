"""For English words that the model never learned, the nearest things that it can draw: writes vocabulary.near.json.

    (cd training/nets/wordnet && npm ci) && python -m training.stages.near_words --model models/emoji

Nearness is what the shipped text encoder itself makes of the words: the cosine of its mean token states. The words are
those that people use and that no caption of training can say. Those that no picture shows have nothing near: they are
listed so that "city" is not looked up as a word of another language.

vocabulary.near.json:
    format   1
    words    word → numbers of the nearest concepts, in the order of vocabulary.json's, the nearest first
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from training.config.whole_file import write_whole
from training.nets.text import full_tokenizer, kept_tokens
from training.nets.vocabulary import depicted, drawable, senses
from training.programs import run_program

NEAREST = 3
LEAST = 0.4
"""Cosine below which two words have nothing to do with one another."""
BATCH = 256
EVERYDAY = {"snowboard", "scooter", "hoverboard", "selfie", "pokemon", "hobbit", "lightsaber", "jetpack"}
"""What WordNet is too old or too proper for."""


def asked_words(known: set[str]) -> tuple[list[str], set[str]]:
    """English words that the model does not know, and which of them name things or looks."""
    every = senses()
    table = {word for word in full_tokenizer().get_vocab() if word.isascii() and word.isalpha()}
    met = {sense.word for sense in every if sense.met >= 1}
    things = drawable(table, every) | ({sense.word for sense in every if depicted(sense)} & met) | EVERYDAY
    common = table.intersection(kept_tokens()) | (table & met)
    words = {word for word in things | common if 3 <= len(word) <= 20 and word.isascii() and word.isalpha()}
    return sorted(words - known), things


def embed(texts: list[str], model: Path) -> np.ndarray:
    """float32 (texts, width), of length 1: the mean of the token states that the shipped encoder gives."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_truncation(24)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model / "text-encoder.onnx", options)
    out = []
    for start in range(0, len(texts), BATCH):
        encodings = tokenizer.encode_batch(texts[start : start + BATCH])
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        (states,) = session.run(["states"], {"input_ids": ids, "attention_mask": mask})
        weights = mask[..., None].astype(np.float32)
        mean = (states * weights).sum(1) / weights.sum(1)
        out.append(mean / np.linalg.norm(mean, axis=1, keepdims=True))
    return np.concatenate(out)


def nearest(words: np.ndarray, names: np.ndarray, owners: np.ndarray, count: int) -> list[list[int]]:
    """Per word the owners of the most similar names, each once."""
    out = []
    for similar in words @ names.T:
        best: dict[int, None] = {}
        for place in np.argsort(-similar):
            if similar[place] < LEAST or len(best) == count:
                break
            best[int(owners[place])] = None
        out.append(list(best))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="folder with vocabulary.json and the text encoder")
    args = parser.parse_args()
    vocabulary = json.loads((args.model / "vocabulary.json").read_text())
    names, owners = [], []
    for number, concept in enumerate(vocabulary["concepts"].values()):
        for name in concept["names"]:
            names.append(name)
            owners.append(number)
    words, things = asked_words(set(vocabulary["words"]))
    shown = [word for word in words if word in things]
    found = nearest(embed(shown, args.model), embed(names, args.model), np.array(owners), NEAREST)
    near = dict(zip(shown, found, strict=True))
    content = {"format": 1, "words": {word: near.get(word, []) for word in words}}
    path = args.model / "vocabulary.near.json"
    write_whole(path, json.dumps(content, separators=(",", ":")))
    size = path.stat().st_size / 1000
    print(f"{len(words)} words, {sum(map(bool, found))} with something near → {path}, {size:.0f} kB")


if __name__ == "__main__":
    run_program(main)
