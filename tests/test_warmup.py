"""`python -m autograd.warmup`: what it promises is that training compiles nothing afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PROGRAM = """
from autograd import warmup
warmup.warmup(["float32"])

import autograd as ag
import nn
import numpy as np
import optim
from autograd import kernels

compiled = []
compile_block = kernels.jit.compile_block
def remembered(function, *args):
    compiled.append(function.__name__)
    return compile_block(function, *args)
kernels.jit.compile_block = remembered

rng = np.random.default_rng(0)
def image(*shape):
    return ag.from_numpy(rng.standard_normal(shape, dtype=np.float32))
def labels(n, *shape):
    return ag.from_numpy(rng.integers(0, n, shape))
def train(model, x, y, optimizer):
    for _ in range(2):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert np.isfinite(loss.item())

dense = nn.Sequential(nn.Dense(784, 128), nn.ReLU(), nn.Dense(128, 64), nn.ReLU(), nn.Dense(64, 10))
convolutional = nn.Sequential(
    nn.Conv2D(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2), nn.Conv2D(32, 64, 3, padding=1), nn.ReLU(),
    nn.MaxPool2D(2), nn.Flatten(), nn.Dense(64 * 49, 128), nn.ReLU(), nn.Dropout(0.5), nn.Dense(128, 10),
)
residual = nn.Sequential(
    nn.Conv2D(3, 16, 3, padding=1), nn.BatchNorm2D(16), nn.ReLU(), nn.Conv2D(16, 32, 3, stride=2, padding=1),
    nn.BatchNorm2D(32), nn.ReLU(), nn.AdaptiveAvgPool2D(1), nn.Flatten(), nn.Dense(32, 10),
)
for batch in (32, 128):
    for optimizer in (optim.Adam, optim.SGD):
        train(dense, image(batch, 784), labels(10, batch), optimizer(dense.parameters()))
    train(convolutional, image(batch, 1, 28, 28), labels(10, batch), optim.Adam(convolutional.parameters()))
    train(residual, image(batch, 3, 32, 32), labels(10, batch), optim.AdamW(residual.parameters()))
assert not compiled, f"not compiled ahead: {compiled}"
"""


@pytest.mark.slow
def test_training_compiles_nothing_after_it():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_wrong_dtype_is_refused():
    command = [sys.executable, "-m", "autograd.warmup", "--dtype", "float16"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "invalid choice: 'float16'" in done.stderr
