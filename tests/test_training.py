"""Networks learn real digits: to an accuracy that does not hang on a seed."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
import optim

NETWORKS = {
    "dense": lambda: nn.Sequential(nn.Flatten(), nn.Dense(784, 128), nn.ReLU(), nn.Dropout(0.1), nn.Dense(128, 10)),
    "convolutional": lambda: nn.Sequential(
        nn.Conv2D(1, 16, 3, padding=1),
        nn.BatchNorm2D(16),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Conv2D(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AvgPool2D(2),
        nn.Flatten(),
        nn.Dense(1568, 10),
    ),
}
OPTIMIZERS = {
    "SGD": lambda parameters: optim.SGD(parameters, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4),
    "Adam": lambda parameters: optim.Adam(parameters, lr=2e-3),
    "AdamW": lambda parameters: optim.AdamW(parameters, lr=2e-3),
    "RMSprop": lambda parameters: optim.RMSprop(parameters, lr=1e-3),
    "Adagrad": lambda parameters: optim.Adagrad(parameters, lr=0.02),
}


def accuracy(network: str, optimizer: str, seed: int, images: int) -> float:
    """Of 2,000 test digits, after one pass over some of the training digits."""
    (x, y), (x_test, y_test) = nn.data.mnist(normalize=True)
    ag.manual_seed(seed)
    order = np.random.default_rng(seed).permutation(len(x))[:images]
    model = NETWORKS[network]()
    optimizer_ = OPTIMIZERS[optimizer](model.parameters())
    for start in range(0, images, 64):
        batch = order[start : start + 64]
        loss = nn.functional.cross_entropy(model(ag.from_numpy(x[batch][:, None])), ag.from_numpy(y[batch]))
        optimizer_.zero_grad()
        loss.backward()
        optimizer_.step()
    model.eval()
    with ag.no_grad():
        scores = model(ag.from_numpy(x_test[:2000][:, None]))
    return float((scores.data.argmax(1) == y_test[:2000]).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_dense_network(optimizer: str, seed: int) -> None:
    assert accuracy("dense", optimizer, seed, 12_000) > 0.87


@pytest.mark.parametrize("seed", [0, 1])
def test_convolutional_network(seed: int) -> None:
    assert accuracy("convolutional", "Adam", seed, 12_000) > 0.93
