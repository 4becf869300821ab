"""python -m training.convert.tiny.shards OUT [--megabytes 512] [--shard 128] — models/tiny with so many megabytes of
random weights beside its denoiser, in shards, drawn by turns: to measure what loading a large model takes. The weights
add zero to the velocity, by a number so small that float32 loses it."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, external_data_helper, helper

TINY = Path(__file__).parents[3] / "models" / "tiny"
WIDTH = 4096
MATRIX_BYTES = 1 << 24  # as large as the largest of real models at 4 bits


def add_weights(model: onnx.ModelProto, shards: int, shard_bytes: int) -> list[str]:
    """Matrices of 16 MiB, of which the graph reads a row each. Returns the shards' names."""
    graph = model.graph
    velocity = graph.output[0].name
    last = next(node for node in graph.node if velocity in node.output)
    last.output[list(last.output).index(velocity)] = total = "velocity_alone"
    graph.initializer.append(helper.make_tensor("shard_row", TensorProto.INT64, [1], [7]))
    graph.initializer.append(helper.make_tensor("shard_scale", TensorProto.FLOAT, [], [1e-30]))
    files = [f"denoiser-{i + 1:05d}-of-{shards:05d}.bin" for i in range(shards)]
    for file in files:
        for offset in range(0, shard_bytes, MATRIX_BYTES):
            name = f"{file}_{offset}"
            shape = [MATRIX_BYTES // 4 // WIDTH, WIDTH]
            weight = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, raw_data=b"")
            external_data_helper.set_external_data(weight, file, offset=offset, length=MATRIX_BYTES)
            weight.ClearField("raw_data")
            weight.data_location = TensorProto.EXTERNAL
            graph.initializer.append(weight)
            graph.node.extend(
                [
                    helper.make_node("Gather", [name, "shard_row"], [f"{name}_row"]),
                    helper.make_node("ReduceMean", [f"{name}_row"], [f"{name}_mean"], keepdims=0),
                    helper.make_node("Mul", [f"{name}_mean", "shard_scale"], [f"{name}_small"]),
                    helper.make_node("Add", [total, f"{name}_small"], [f"{name}_sum"]),
                ]
            )
            total = f"{name}_sum"
    graph.node[-1].output[0] = velocity
    return files


def entry(path: Path, dtype: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return {"path": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest(), "dtype": dtype}


def write(out: Path, megabytes: int, shard: int) -> None:
    """megabytes, shard: in MiB. Each shard is written in pieces of 4 MiB."""
    shutil.copytree(TINY, out, dirs_exist_ok=True)
    manifest = json.loads((out / "manifest.json").read_text())
    model = onnx.load(out / "denoiser.onnx")
    names = add_weights(model, megabytes // shard, shard << 20)
    (out / "denoiser.onnx").write_bytes(model.SerializeToString())
    random = np.random.default_rng(0)
    for name in names:
        with (out / name).open("wb") as file:
            for _ in range(shard // 4):
                file.write(random.standard_normal(1 << 20, dtype=np.float32).tobytes())
    kept = [file for file in manifest["files"] if file["path"] != "denoiser.onnx"]
    manifest |= {
        "id": "tiny-shards",
        "name": f"Tiny with {megabytes} MB of random weights",
        "residency": "in turn",
        "denoiser": manifest["denoiser"] | {"data": names},
        "memoryBytes": manifest["memoryBytes"] | {"draw": manifest["memoryBytes"]["draw"] + (megabytes << 20)},
        "files": [*kept, entry(out / "denoiser.onnx", "float32"), *(entry(out / name, "float32") for name in names)],
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.convert.tiny.shards", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", type=int, default=512)
    parser.add_argument("--shard", type=int, default=128)
    args = parser.parse_args()
    write(args.out, args.megabytes, args.shard)


if __name__ == "__main__":
    main()
