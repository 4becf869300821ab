"""A conversion's memory does not grow with the checkpoint."""

import json
import subprocess
import sys
from pathlib import Path

import torch
from diffusers import SD3Transformer2DModel

ROOT = Path(__file__).parents[2]
WIDTH, LAYERS = 1024, 7

PROGRAM = """
import resource, sys
from pathlib import Path
from training.convert.components import write_component
from training.convert.config import Config
from training.convert.mmdit import MMDiT, TextInput, write_mmdit
from training.convert.model import Component
folder, out = map(Path, sys.argv[1:])
m = MMDiT.read(Config(folder))
clip, t5, pooled = TextInput("clip", 64, 77), TextInput("t5", 96, 77), TextInput("pooled", 64)
part = Component("denoiser", folder, lambda g: write_mmdit(g, m, [clip], t5, [pooled]) or [], attends=True)
import torch  # what the graphs need of it is counted as there before
write_component(part, "q4", 16_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
written = write_component(part, "q4", 16_000_000, folder=out)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, written.source, written.bytes)
"""


def write_zeros(folder: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """A float32 checkpoint of zeros in a file with a hole, which takes no room on the disk."""
    at, header = 0, {}
    for name, shape in shapes.items():
        size = 4 * torch.Size(shape).numel()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with (folder / "diffusion_pytorch_model.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + at)


def test_a_checkpoint_of_a_gigabyte_needs_a_tenth_of_it(tmp_path: Path):
    with torch.device("meta"):
        model = SD3Transformer2DModel(
            sample_size=32,
            num_layers=LAYERS,
            num_attention_heads=WIDTH // 64,
            attention_head_dim=64,
            caption_projection_dim=WIDTH,
            joint_attention_dim=96,
            pooled_projection_dim=64,
            pos_embed_max_size=16,
            dual_attention_layers=(0, 1),
            qk_norm="rms_norm",
            in_channels=16,
        )
    (tmp_path / "config.json").write_text(json.dumps(dict(model.config)))
    write_zeros(tmp_path, {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()})
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown, source, written = map(int, done.stdout.split())
    assert source > 1e9
    assert written > 100e6
    assert grown * 1024 < 100e6
