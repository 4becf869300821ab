"""Small tokenizers of the real kinds, in the files that the real checkpoints have: CLIP's byte-level BPE, and T5's
unigram pieces with sentencepiece's own normalisation."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer, T5Tokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
CLIP_MERGES = 600
T5_PIECES = 480
SENTINELS = 100

Pair = tuple[str, str]


def corpus() -> list[str]:
    """English sentences that the repository has: its documents."""
    root = Path(__file__).parents[3]
    return (root / "training" / "convert" / "tiny" / "corpus.txt").read_text(encoding="utf-8").splitlines()


def byte_pair_merges(lines: list[str], count: int) -> list[Pair]:
    """The merges that byte-pair encoding learns: the commonest pair of neighbours, again and again; ties by name."""
    alphabet = sorted(ByteLevel.alphabet())
    words = Counter(word for line in lines for word in re.findall(r"[a-z]+|[0-9]|[^\sa-z0-9]+", line.lower()))
    spelled = {word: [*word[:-1], f"{word[-1]}</w>"] for word in words if all(letter in alphabet for letter in word)}
    merges: list[Pair] = []
    for _ in range(count):
        pairs: Counter[Pair] = Counter()
        for word, parts in spelled.items():
            for pair in pairwise(parts):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for parts in spelled.values():
            merge(parts, best)
    return merges


def merge(parts: list[str], pair: Pair) -> None:
    i = 0
    while i < len(parts) - 1:
        if (parts[i], parts[i + 1]) == pair:
            parts[i : i + 2] = ["".join(pair)]
        i += 1


def clip_tokenizers(folder: Path) -> tuple[CLIPTokenizer, CLIPTokenizer]:
    """The two of Stable Diffusion, alike but for their padding: the end token, and "!"."""
    merges = byte_pair_merges(corpus(), CLIP_MERGES)
    alphabet = sorted(ByteLevel.alphabet(), key=lambda letter: (letter != "!", letter))  # "!" has the id 0
    names = [*alphabet, *(f"{letter}</w>" for letter in alphabet), *("".join(pair) for pair in merges), START, END]
    vocabulary = {name: i for i, name in enumerate(dict.fromkeys(names))}
    made = []
    for name, pad in (("tokenizer", END), ("tokenizer_2", "!")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write_json(folder / name / "vocab.json", vocabulary)
        lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
        (folder / name / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad}
        write_json(folder / name / "special_tokens_map.json", special)
        settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
        write_json(folder / name / "tokenizer_config.json", special | settings)
        made.append(CLIPTokenizer.from_pretrained(folder / name))
    return made[0], made[1]


def t5_tokenizer(folder: Path, max_tokens: int) -> T5Tokenizer:
    import sentencepiece

    at = folder / "tokenizer_3"
    at.mkdir(parents=True, exist_ok=True)
    (at / "corpus.txt").write_text("\n".join(corpus()), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(at / "corpus.txt"),
        model_prefix=str(at / "spiece"),
        vocab_size=T5_PIECES,
        model_type="unigram",
        **{"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1},
        **{"pad_piece": "<pad>", "eos_piece": "</s>", "unk_piece": "<unk>"},
        normalization_rule_name="nmt_nfkc",
        num_threads=1,
        minloglevel=2,
    )
    for left in ("corpus.txt", "spiece.vocab"):
        (at / left).unlink()
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    settings = {"tokenizer_class": "T5Tokenizer", "extra_ids": SENTINELS, "model_max_length": max_tokens}
    write_json(at / "special_tokens_map.json", special)
    write_json(at / "tokenizer_config.json", special | settings)
    return T5Tokenizer.from_pretrained(at)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
