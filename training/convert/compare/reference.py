"""What diffusers itself computes, recorded: ids, conditioning, each step's input and answer, the picture."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    DDPMScheduler,
    DiffusionPipeline,
    FlowMatchLCMScheduler,
    StableDiffusion3Pipeline,
    StableDiffusionXLPipeline,
)
from diffusers.schedulers import scheduling_flow_match_lcm
from torch import Tensor

from training.convert.compare.converted import Arrays, Step
from training.convert.config import Config
from training.convert.noise_table import NoiseTable
from training.method.philox import normal


@dataclass
class Reference:
    ids: list[list[int]] = field(default_factory=list)
    conditioning: Arrays = field(default_factory=dict)
    latents: list[np.ndarray] = field(default_factory=list)  # what each step starts from
    velocities: list[np.ndarray] = field(default_factory=list)
    estimates: list[np.ndarray] = field(default_factory=list)  # each step's x0
    picture: np.ndarray = field(default_factory=lambda: np.zeros(0))  # 0 to 1, not clamped


def array(value: Tensor) -> np.ndarray:
    return value.detach().float().cpu().numpy()


def open_pipeline(checkpoint: Path, lora: Path | None) -> DiffusionPipeline:
    """In float32; the LoRA is merged by peft."""
    pipeline = DiffusionPipeline.from_pretrained(checkpoint, dtype=torch.float32, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    if lora:
        from peft import PeftModel

        name = "transformer" if hasattr(pipeline, "transformer") else "unet"
        merged = PeftModel.from_pretrained(getattr(pipeline, name), lora).merge_and_unload()
        setattr(pipeline, name, merged.eval())
    return pipeline


def ids_of(tokenizer: Callable[..., Any], prompt: str, tokens: int) -> list[int]:
    return tokenizer(prompt, padding="max_length", max_length=tokens, truncation=True).input_ids


@contextmanager
def philox_noise(channels: int, seed: int) -> Iterator[None]:
    """diffusers' scheduler draws from this project's generator: draw k of the seed for step k."""
    original, draws = scheduling_flow_match_lcm.randn_tensor, [0]

    def draw(shape: tuple[int, ...], **_: object) -> Tensor:
        draws[0] += 1
        return torch.from_numpy(normal((channels, *shape[2:]), seed, draws[0]))[None]

    scheduling_flow_match_lcm.randn_tensor = draw
    try:
        yield
    finally:
        scheduling_flow_match_lcm.randn_tensor = original


@torch.no_grad()
def record(pipeline: DiffusionPipeline, prompt: str, seed: int, schedule: list[Step], tokens: list[int]) -> Reference:
    """tokens: to how many each encoder's prompt is filled up."""
    match pipeline:
        case StableDiffusion3Pipeline():
            return record_sd3(pipeline, prompt, seed, schedule, tokens)
        case StableDiffusionXLPipeline():
            return record_sdxl(pipeline, prompt, seed, schedule, tokens)
        case _:
            raise TypeError(f"{type(pipeline).__name__} has no reference here")


def record_sd3(
    pipeline: StableDiffusion3Pipeline, prompt: str, seed: int, schedule: list[Step], tokens: list[int]
) -> Reference:
    """The whole of diffusers' own pipeline and scheduler, watched by hooks."""
    found = Reference()
    for tokenizer, count in zip((pipeline.tokenizer, pipeline.tokenizer_2, pipeline.tokenizer_3), tokens, strict=True):
        found.ids.append(ids_of(tokenizer, prompt, count))

    def of_clip(letter: str) -> Callable[..., None]:
        def hook(_: object, _args: object, out: Any) -> None:  # noqa: ANN401
            found.conditioning[f"clip_{letter}_states"] = array(out.hidden_states[-2])
            found.conditioning[f"clip_{letter}_pooled"] = array(out[0])

        return hook

    def of_t5(_: object, _args: object, out: Any) -> None:  # noqa: ANN401
        found.conditioning["t5_states"] = array(out[0])

    def of_denoiser(_: object, _args: object, inputs: dict[str, Tensor], out: tuple[Tensor]) -> None:
        latent, velocity = inputs["hidden_states"], out[0]
        sigma = torch.tensor(schedule[len(found.latents)][1], dtype=torch.float32)
        found.latents.append(array(latent))
        found.velocities.append(array(velocity))
        found.estimates.append(array(latent - sigma * velocity))

    hooks = [
        pipeline.text_encoder.register_forward_hook(of_clip("l")),
        pipeline.text_encoder_2.register_forward_hook(of_clip("g")),
        pipeline.text_encoder_3.register_forward_hook(of_t5),
        pipeline.transformer.register_forward_hook(of_denoiser, with_kwargs=True),
    ]
    (height, width), _ = schedule[0]
    pipeline.scheduler = FlowMatchLCMScheduler(
        shift=1.0,
        num_train_timesteps=1000,
        scale_factors=[size[0] / height for size, _ in schedule[1:]],
        upscale_mode="bicubic",
    )
    channels = pipeline.transformer.config.in_channels
    try:
        with philox_noise(channels, seed):
            latent = pipeline(
                prompt,
                height=height * pipeline.vae_scale_factor,
                width=width * pipeline.vae_scale_factor,
                sigmas=[sigma for _, sigma in schedule],
                num_inference_steps=len(schedule),
                guidance_scale=1.0,
                max_sequence_length=tokens[2],
                latents=torch.from_numpy(normal((channels, height, width), seed, 0))[None],
                output_type="latent",
            ).images
    finally:
        for hook in hooks:
            hook.remove()
    found.picture = picture_of(pipeline, latent)
    return found


def record_sdxl(
    pipeline: StableDiffusionXLPipeline, prompt: str, seed: int, schedule: list[Step], tokens: list[int]
) -> Reference:
    """diffusers' prompt encoding, UNet and DDPMScheduler, in SwD's order of steps: its own pipeline is not a part of
    diffusers. In the UNet's own terms: x, timesteps, epsilon."""
    found = Reference()
    for tokenizer, count in zip((pipeline.tokenizer, pipeline.tokenizer_2), tokens, strict=True):
        found.ids.append(ids_of(tokenizer, prompt, count))
    joined, _, pooled, _ = pipeline.encode_prompt(prompt, do_classifier_free_guidance=False)
    first = pipeline.text_encoder.config.hidden_size
    found.conditioning = {
        "clip_l_states": array(joined[..., :first]),
        "clip_g_states": array(joined[..., first:]),
        "clip_g_pooled": array(pooled),
    }
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    table = NoiseTable.read(Config(Path(pipeline.config._name_or_path) / "scheduler", "scheduler_config.json"))
    steps = [int(np.abs(table.sigma - sigma).argmin()) if sigma < 1 else 999 for _, sigma in schedule]
    sizes = torch.tensor([[1024.0, 1024, 0, 0, 1024, 1024]])
    channels = pipeline.unet.config.in_channels
    x = torch.from_numpy(normal((channels, *schedule[0][0]), seed, 0))[None]
    for i, ((_, sigma), step) in enumerate(zip(schedule, steps, strict=True)):
        added = {"text_embeds": pooled, "time_ids": sizes}
        epsilon = pipeline.unet(x, step, joined, added_cond_kwargs=added).sample
        clean = scheduler.step(epsilon, step, x).pred_original_sample
        latent = x if sigma == 1 else x / table.total[step]
        found.latents.append(array(latent))
        found.velocities.append(array((latent - clean) / sigma))
        found.estimates.append(array(clean))
        if i + 1 < len(schedule):
            size = schedule[i + 1][0]
            larger = torch.nn.functional.interpolate(clean, size=size, mode="bicubic")
            noise = torch.from_numpy(normal((channels, *size), seed, i + 1))[None]
            x = scheduler.add_noise(larger, noise, torch.tensor([steps[i + 1]]))
    found.picture = picture_of(pipeline, clean)
    return found


def picture_of(pipeline: DiffusionPipeline, latent: Tensor) -> np.ndarray:
    config = pipeline.vae.config
    scaled = latent / config.scaling_factor + (config.get("shift_factor") or 0)
    return array(pipeline.vae.decode(scaled).sample / 2 + 0.5)
