"""Whole checkpoints: the folders that diffusers' from_pretrained takes."""

from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import (
    DDPMScheduler,
    FlowMatchEulerDiscreteScheduler,
    StableDiffusion3Pipeline,
    StableDiffusionXLPipeline,
)
from peft import LoraConfig, get_peft_model
from torch import nn

from training.convert.tiny import models, tokenizers

T5_TOKENS = 48
CARD = "---\nlicense: mit\n---\nRandom numbers in the form of a real model, for tests.\n"
CLIP_WIDTHS = 32, 40
POOLED = 32, 24
TEXT_WIDTH = 80  # wider than both CLIPs together, as in SD3.5
ATTENTION_AND_MLP = ["to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2"]


def save_sd3(folder: Path, layers: int, dual: tuple[int, ...], max_shard_size: str) -> None:
    torch.manual_seed(0)
    first, second = tokenizers.clip_tokenizers(folder)
    third = tokenizers.t5_tokenizer(folder, T5_TOKENS)
    pipeline = StableDiffusion3Pipeline(
        transformer=models.mmdit(layers, dual, TEXT_WIDTH, sum(POOLED)),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=models.vae(16, 1.5305, 0.0609, quant=False),
        text_encoder=models.clip(len(first), CLIP_WIDTHS[0], 3, "quick_gelu", POOLED[0]),
        tokenizer=first,
        text_encoder_2=models.clip(len(second), CLIP_WIDTHS[1], 3, "gelu", POOLED[1]),
        tokenizer_2=second,
        text_encoder_3=models.t5(len(third), TEXT_WIDTH),
        tokenizer_3=third,
    )
    pipeline.save_pretrained(folder, max_shard_size=max_shard_size)
    (folder / "README.md").write_text(CARD, encoding="utf-8")


def save_sd35(folder: Path, max_shard_size: str = "10GB") -> None:
    """SD3.5-Medium's form: the first block attends twice."""
    save_sd3(folder, 3, (0,), max_shard_size)


def save_sd35_large(folder: Path, max_shard_size: str = "10GB") -> None:
    """SD3.5-Large's form: no block attends twice."""
    save_sd3(folder, 4, (), max_shard_size)


def save_sdxl(folder: Path, max_shard_size: str = "10GB") -> None:
    torch.manual_seed(0)
    first, second = tokenizers.clip_tokenizers(folder)
    pipeline = StableDiffusionXLPipeline(
        unet=models.unet(sum(CLIP_WIDTHS), POOLED[1]),
        scheduler=DDPMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
        vae=models.vae(4, 0.13025, None, quant=True),
        text_encoder=models.clip(len(first), CLIP_WIDTHS[0], 3, "quick_gelu", None),
        tokenizer=first,
        text_encoder_2=models.clip(len(second), CLIP_WIDTHS[1], 3, "gelu", POOLED[1]),
        tokenizer_2=second,
    )
    pipeline.save_pretrained(folder, max_shard_size=max_shard_size)
    (folder / "README.md").write_text(CARD, encoding="utf-8")


SAVE: dict[str, Callable[[Path], None]] = {"sd35": save_sd35, "sd35-large": save_sd35_large, "sdxl": save_sdxl}


def save_lora(folder: Path, denoiser: nn.Module, rank: int = 4) -> None:
    """A LoRA on attention and MLPs, as SwD's, that changes what the denoiser answers."""
    torch.manual_seed(1)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, init_lora_weights="gaussian", target_modules=ATTENTION_AND_MLP)
    model = get_peft_model(denoiser, config)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(p, std=0.05)
    model.save_pretrained(folder)
    model.unload()
