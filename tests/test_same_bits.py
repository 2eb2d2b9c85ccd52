"""The same bits for any number of threads: of kernels, and of BLAS behind them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PROGRAM = """import hashlib
import sys

import numpy as np

import autograd as ag
import nn
import nn.functional as F

ag.set_num_threads(int(sys.argv[1]))
ag.manual_seed(0)
rng = np.random.default_rng(0)
digest = hashlib.sha256()


def draw(*shape):
    return ag.from_numpy(rng.standard_normal(shape, dtype=np.float32)).requires_grad_()


def run(function, *args):
    out = function(*args)
    out.backward(draw(*out.shape).detach())
    for tensor in (out.detach(), *[arg.grad for arg in args]):
        digest.update(tensor.numpy().tobytes())


for m, k, n in ((5, 7, 3), (33, 65, 17), (64, 64, 64), (70, 300, 4), (300, 70, 1), (500, 500, 3), (128, 784, 10)):
    run(ag.matmul, draw(m, k), draw(k, n))
run(ag.matmul, draw(5000, 300), draw(300))
run(F.linear, draw(200, 90), draw(40, 90), draw(40))
run(lambda x, w: F.conv2d(x, w, None, 1, 1), draw(8, 16, 20, 20), draw(32, 16, 3, 3))
run(lambda x, w: F.conv2d(x, w, None, 1, 1, 1, 32), draw(8, 32, 20, 20), draw(32, 1, 3, 3))
run(lambda x, w: F.conv2d(x, w, None, 2, 3), draw(4, 3, 64, 64), draw(16, 3, 7, 7))
for function in (
    F.gelu,
    ag.tanh,
    lambda x: F.dropout(x, 0.5),
    lambda x: F.softmax(x, -1),
    lambda x: ag.logsumexp(x, 1),
    lambda x: x.sum(),
    lambda x: x.sum(0),
    lambda x: x.mean(1),
    lambda x: x.var(0),
    lambda x: ag.cumsum(x, 0),
    lambda x: F.layer_norm(x, (300,)),
    lambda x: x.T.contiguous(),
):
    run(function, draw(1000, 300))
run(lambda x: F.batch_norm(x, None, None, training=True), draw(16, 8, 30, 30))
run(lambda x: F.max_pool2d(x, 2), draw(16, 8, 30, 30))
run(lambda *qkv: F.scaled_dot_product_attention(*qkv, is_causal=True), *[draw(2, 3, 200, 32) for _ in range(3)])
lstm = nn.LSTM(20, 40)
run(lambda x, *parameters: lstm(x)[0], draw(15, 37, 20), *lstm.parameters())
index = ag.from_numpy(rng.integers(0, 1000, (64, 64)))
run(lambda table: F.embedding(index, table), draw(1000, 64))
print(digest.hexdigest())
"""


def test_values_and_gradients_of_large_arrays():
    found = []
    for threads in ("1", "2"):
        environment = {**os.environ, "NUMBA_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", PROGRAM, threads]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        found.append(done.stdout)
    assert found[0] == found[1]
