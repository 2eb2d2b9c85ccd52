"""It imports and trains where things are not as they should be: each case in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("autograd", "nn", "optim")

TRAIN = """
import numpy as np
import autograd as ag, nn, optim

def train(steps=3, seed=0):
    ag.manual_seed(0)
    rng = np.random.default_rng(seed)
    model = nn.Sequential(
        nn.Conv2D(1, 4, 3, padding=1), nn.BatchNorm2D(4), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(64, 10))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    x = ag.from_numpy(rng.standard_normal((16, 1, 8, 8), dtype=np.float32))
    y = ag.from_numpy(rng.integers(0, 10, 16))
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()
"""


def run(code: str, *, root: Path = ROOT, **environment: str) -> str:
    """What the code prints, in a new process that finds the packages under `root`."""
    ours = ("XDG_", "DEFINERUN_", "NUMBA_")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRAIN + code],
        env={**inherited, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def usual() -> str:
    """The loss where everything is as it should be."""
    return run("print(train())")


def test_read_only_installation_without_a_home(usual: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / "site" / package, ignore=shutil.ignore_patterns("__pycache__"))
    nowhere = tmp_path / "nowhere"
    nowhere.write_text("a file, so that no folder can be made under it")
    for path in (tmp_path / "site").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    places = {name: str(nowhere / "x") for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR", "DEFINERUN_CACHE_DIR")}
    try:
        assert run("print(train())", root=tmp_path / "site", **places) == usual
    finally:
        for path in (tmp_path / "site").rglob("*"):
            path.chmod(0o755)


def test_damaged_kernel_cache(usual: str, tmp_path: Path) -> None:
    """Each file is damaged in one of five ways; `kernels/test_fresh_process.py` tries each way on each kind of file."""
    assert run("print(train())", DEFINERUN_CACHE_DIR=str(tmp_path)) == usual
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files) > 5
    for i, path in enumerate(files):
        content = path.read_bytes()
        damaged = [
            content[: len(content) // 2],
            b"garbage" * 100,
            bytes(byte ^ 0x55 if j % 97 == 50 else byte for j, byte in enumerate(content)),
            b"",
            None,
        ][i % 5]
        if damaged is None:
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(damaged)
    assert run("print(train())", DEFINERUN_CACHE_DIR=str(tmp_path)) == usual


def test_two_threads_at_once() -> None:
    found = run(
        """
import threading
results = {}
def job(seed):
    rng = np.random.default_rng(seed)
    w = ag.from_numpy(rng.standard_normal((64, 64), dtype=np.float32)).requires_grad_()
    x = ag.from_numpy(rng.standard_normal((256, 64), dtype=np.float32))
    k = ag.from_numpy(rng.standard_normal((8, 1, 3, 3), dtype=np.float32)).requires_grad_()
    image = ag.from_numpy(rng.standard_normal((16, 1, 16, 16), dtype=np.float32))
    optimizer = optim.SGD([w, k], lr=1e-3)
    for _ in range(50):
        loss = ag.tanh(x @ w).mean() + nn.functional.conv2d(image, k).relu().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    results[seed] = (loss.item(), float(w.data.sum()), float(k.data.sum()))
for seed in range(2):
    job(seed)
serial = dict(results)
threads = [threading.Thread(target=job, args=(seed,)) for seed in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print(serial == results)
"""
    )
    assert found == "True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_child_forked_after_the_first_kernel(usual: str) -> None:
    found = run(
        """
import os, sys
first = train()
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    print(train() == first, flush=True)
    os._exit(0)
_, status = os.waitpid(pid, 0)
print(first if status == 0 else f"the child ended with {status}")
"""
    )
    assert found.splitlines() == ["True", usual]


def test_the_same_bits_for_any_number_of_threads() -> None:
    code = """
ag.set_num_threads({threads})
ag.manual_seed(0)
rng = np.random.default_rng(0)
model = nn.Sequential(nn.Conv2D(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(1568, 32),
                      nn.ReLU(), nn.Dropout(0.5), nn.Dense(32, 10))
optimizer = optim.Adam(model.parameters())
x = ag.from_numpy(rng.standard_normal((64, 1, 28, 28), dtype=np.float32))
y = ag.from_numpy(rng.integers(0, 10, 64))
for _ in range(5):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
import hashlib
print(hashlib.sha256(b"".join(p.data.tobytes() for p in model.parameters())).hexdigest())
"""
    assert run(code.format(threads=1)) == run(code.format(threads=2))
