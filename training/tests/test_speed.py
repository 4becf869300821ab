import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from training.evaluate.speed import Subjects, denoiser_flops, matmul_graph, serve
from training.nets.autoencoder import TINY_AUTOENCODER, Autoencoder
from training.nets.model import TINY
from training.nets.text import MAX_TOKENS, TextConfig


def test_serve_answers_every_request_with_a_time() -> None:
    text = TextConfig(vocabulary=100, positions=MAX_TOKENS, width=TINY.text_width, heads=2, depth=1)
    subjects = Subjects(text, TINY, Autoencoder(TINY_AUTOENCODER))
    graphs = [("text", MAX_TOKENS), ("denoiser", 8), ("denoiser", 8), ("decoder", 8), ("matmul", 16)]
    requests = [json.dumps({"graph": graph, "size": size}) for graph, size in graphs]
    out = io.StringIO()
    serve(subjects, requests, out)
    first, *answers = (json.loads(line) for line in out.getvalue().splitlines())
    assert set(first) == {"torch", "capability", "threads"}
    assert len(answers) == len(graphs)
    assert all(answer["ms"] > 0 for answer in answers)


@pytest.mark.parametrize("edition", ["nano", "native"])
def test_every_edition_answers(edition: str) -> None:
    command = [sys.executable, "-m", "training.evaluate.bench"]
    request = json.dumps({"graph": "decoder", "size": 8}) + "\n"
    environment = {**os.environ, "SCALEWISE_EDITION": edition}
    done = subprocess.run(command, input=request, capture_output=True, text=True, env=environment)
    assert json.loads(done.stdout.splitlines()[-1])["ms"] > 0, done.stderr


def test_flops_grow_with_the_tokens_and_count_the_products() -> None:
    counts = denoiser_flops((8, 16))
    # Tokens of image and text: 16 + 24 and 64 + 24. Products are linear in them, attention alone is quadratic.
    assert 88 / 40 <= counts["16"] / counts["8"] < (88 / 40) ** 2


def test_the_matmul_graph_multiplies() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((3, 4), np.float32), rng.random((4, 5), np.float32)
    (c,) = ReferenceEvaluator(matmul_graph()).run(None, {"a": a, "b": b})
    assert np.allclose(c, a @ b)
