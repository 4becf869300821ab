"""python -m training.convert.tiny.shards OUT [--megabytes 512] [--shard 128] [--graph text] — models/tiny with so many
megabytes of random weights beside its denoiser or its text encoder, in shards, drawn by turns: to measure what loading
a large model takes. The weights add zero to what the graph computes, by a number so small that float32 loses it."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, external_data_helper, helper

from training.programs import run_program

TINY = Path(__file__).parents[3] / "models" / "tiny"
WIDTH = 4096
MATRIX_BYTES = 1 << 24  # as large as the largest of real models at 4 bits


GRAPHS = {"denoiser": "denoiser.onnx", "text": "text-encoder.onnx"}


def add_weights(model: onnx.ModelProto, name: str, shards: int, shard_bytes: int) -> list[str]:
    """Matrices of 16 MiB, of which the graph reads a row each. name: of the shards. Returns their names."""
    graph = model.graph
    output = graph.output[0].name
    last = next(node for node in graph.node if output in node.output)
    last.output[list(last.output).index(output)] = total = "output_alone"
    # The row depends on an input: ONNX Runtime would compute what depends on weights alone once, and drop the weights.
    for constant, dims, value in (("shard_zero", [], [0]), ("shard_seven", [1], [7])):
        graph.initializer.append(helper.make_tensor(constant, TensorProto.INT64, dims, value))
    graph.node.extend(
        [
            helper.make_node("ReduceMin", [graph.input[0].name], ["shard_least"], keepdims=0),
            helper.make_node("Cast", ["shard_least"], ["shard_whole"], to=TensorProto.INT64),
            helper.make_node("Mul", ["shard_whole", "shard_zero"], ["shard_nothing"]),
            helper.make_node("Add", ["shard_nothing", "shard_seven"], ["shard_row"]),
        ]
    )
    graph.initializer.append(helper.make_tensor("shard_scale", TensorProto.FLOAT, [], [1e-30]))
    files = [f"{name}-{i + 1:05d}-of-{shards:05d}.bin" for i in range(shards)]
    for file in files:
        for offset in range(0, shard_bytes, MATRIX_BYTES):
            matrix = f"{file}_{offset}"
            shape = [MATRIX_BYTES // 4 // WIDTH, WIDTH]
            weight = TensorProto(name=matrix, data_type=TensorProto.FLOAT, dims=shape, raw_data=b"")
            external_data_helper.set_external_data(weight, file, offset=offset, length=MATRIX_BYTES)
            weight.ClearField("raw_data")
            weight.data_location = TensorProto.EXTERNAL
            graph.initializer.append(weight)
            graph.node.extend(
                [
                    helper.make_node("Gather", [matrix, "shard_row"], [f"{matrix}_row"]),
                    helper.make_node("ReduceMean", [f"{matrix}_row"], [f"{matrix}_mean"], keepdims=0),
                    helper.make_node("Mul", [f"{matrix}_mean", "shard_scale"], [f"{matrix}_small"]),
                    helper.make_node("Add", [total, f"{matrix}_small"], [f"{matrix}_sum"]),
                ]
            )
            total = f"{matrix}_sum"
    graph.node[-1].output[0] = output
    return files


def entry(path: Path, dtype: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return {"path": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest(), "dtype": dtype}


def write(out: Path, megabytes: int, shard: int, graph: str = "denoiser") -> None:
    """megabytes, shard: in MiB. Each shard is written in pieces of 4 MiB."""
    file = GRAPHS[graph]
    shutil.copytree(TINY, out, dirs_exist_ok=True)
    manifest = json.loads((out / "manifest.json").read_text())
    model = onnx.load(out / file)
    names = add_weights(model, file.removesuffix(".onnx"), megabytes // shard, shard << 20)
    (out / file).write_bytes(model.SerializeToString())
    random = np.random.default_rng(0)
    for name in names:
        with (out / name).open("wb") as shard_file:
            for _ in range(shard // 4):
                shard_file.write(random.standard_normal(1 << 20, dtype=np.float32).tobytes())
    kept = [known for known in manifest["files"] if known["path"] != file]
    described = manifest["denoiser"] if graph == "denoiser" else manifest["textEncoders"][0]
    described["data"] = names
    if graph == "text":
        described["backend"] = "any"  # Tiny's runs on the processor.
    phase = "draw" if graph == "denoiser" else "text"
    manifest |= {
        "id": "tiny-shards",
        "name": f"Tiny with {megabytes} MB of random weights",
        "residency": "in turn",
        "memoryBytes": manifest["memoryBytes"] | {phase: manifest["memoryBytes"][phase] + (megabytes << 20)},
        "files": [*kept, entry(out / file, "float32"), *(entry(out / name, "float32") for name in names)],
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.convert.tiny.shards", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--shard", type=int, default=128)
    parser.add_argument("--graph", choices=GRAPHS, default="denoiser")
    args = parser.parse_args()
    write(args.out, args.megabytes, args.shard, args.graph)


if __name__ == "__main__":
    run_program(main)
