"""Writes the default model in every weight format, and how far each draws from PyTorch.

python -m training.export.formats            # → training/runs/weight-formats/<name>/, each with a manifest
"""

import argparse
import json

import onnxruntime as ort
import torch

from training.config.schedules import DEFAULT
from training.config.whole_file import write_whole
from training.export.weight_formats import FOLDER, PROMPT, SEED, WEIGHT_FORMATS, graph_velocity, write_format
from training.method.sample import model_velocity, philox_noise, sample
from training.nets.text import load_text_encoder, load_tokenizer, tokenize
from training.nets.trained import load_rounded_autoencoder, load_student
from training.programs import run_program


@torch.no_grad()
def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    text_encoder, dit, autoencoder = load_text_encoder(), load_student(), load_rounded_autoencoder()
    ids, mask = tokenize(load_tokenizer(), [PROMPT])
    reference = model_velocity(dit, (text_encoder(ids, mask), mask.float()))
    noise = [philox_noise([SEED], dit.config.channels, step.size, i) for i, step in enumerate(DEFAULT)]
    picture = autoencoder.decode(sample(reference, DEFAULT, [SEED])[-1])
    report = {}
    for name in WEIGHT_FORMATS:
        folder = FOLDER / name
        size = write_format(name, folder, text_encoder, dit, autoencoder)
        text, denoiser, decoder = (
            ort.InferenceSession(folder / f"{graph}.onnx") for graph in ("text-encoder", "denoiser", "decoder")
        )
        states = text.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        velocity = graph_velocity(denoiser, states, mask)
        x0 = sample(velocity, DEFAULT, [SEED])[-1]
        drawn = torch.from_numpy(decoder.run(None, {"latent": x0.numpy()})[0])
        report[name] = {
            "bytes": size,
            # Largest absolute differences to PyTorch in float32.
            "velocity": max(
                float((velocity(latent, step.sigma) - reference(latent, step.sigma)).abs().max())
                for latent, step in zip(noise, DEFAULT, strict=True)
            ),
            "picture": float((drawn - picture).abs().max()),
        }
        figures = "  ".join(f"{key} {value:.1e}" for key, value in report[name].items() if key != "bytes")
        print(f"{name:18} {size / 1e6:7.2f} MB  {figures}")
    write_whole(FOLDER / "formats.json", json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    run_program(main)
