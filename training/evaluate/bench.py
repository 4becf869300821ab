"""The three networks in PyTorch on one CPU thread, for `npm run bench` to compare ONNX Runtime's WASM with.

python -m training.evaluate.bench                       # answers requests on stdin, one JSON object per line
python -m training.evaluate.bench --flops flops.json    # operations of one denoiser call, by latent size
python -m training.evaluate.bench --matmul matmul.onnx  # a graph of one matrix product, all dimensions dynamic

Speed does not depend on the weights, so they are random. PyTorch 128 bits wide, as WASM is, is another process:
ATEN_CPU_CAPABILITY=default and DNNL_MAX_CPU_ISA=SSE41 (oneDNN) in its environment.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import onnx
import torch

from training.config.editions import EDITION
from training.config.whole_file import write_whole
from training.evaluate.speed import Subjects, denoiser_flops, matmul_graph, serve
from training.nets.autoencoders import autoencoder_of
from training.nets.text import MAX_TOKENS, TextConfig
from training.programs import run_program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flops", type=Path)
    parser.add_argument("--matmul", type=Path)
    args = parser.parse_args()
    if args.flops:
        command = "python -m training.evaluate.bench --flops bench/flops.json"
        counts = {"command": command, "model": "emoji-nano", "denoiser": denoiser_flops()}
        write_whole(args.flops, json.dumps(counts, indent=2) + "\n")
    if args.matmul:
        onnx.save(matmul_graph(), args.matmul)
    if args.flops or args.matmul:
        return
    torch.set_num_threads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with torch.inference_mode():
        serve(
            Subjects(TextConfig(positions=MAX_TOKENS), EDITION.dit, autoencoder_of(EDITION.autoencoder)),
            sys.stdin,
            sys.stdout,
        )


if __name__ == "__main__":
    run_program(main)
