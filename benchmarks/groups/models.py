"""Whole training steps with Adam, and what a small operation costs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..row import BOTH, STEP, Work, row
from ..training import Training

model = functools.partial(row, "models", "models", passes=(STEP,), bound="fma")


def _classify(lib: Any, network: Any, x: Any, y: Any) -> Any:
    return lib.F.cross_entropy(network(x), y)


def _trained(forward_flops: float) -> float:
    """Floating-point operations of a step: the backward pass takes twice those of the forward pass."""
    return 3 * forward_flops


@model({"batch 32": (32, 784, 128, 64, 10), "batch 128": (128, 784, 128, 64, 10)}, tiny=(4, 6, 5, 4, 3))
def dense(draw, N, *widths):
    """784-128-64-10"""

    def build(lib: Any, dropout: float) -> Any:
        layers: list[Any] = []
        for i in range(len(widths) - 1):
            layers += [lib.nn.Linear(widths[i], widths[i + 1]), lib.nn.ReLU()]
        return lib.nn.Sequential(*layers[:-1])

    products = sum(2 * N * widths[i] * widths[i + 1] for i in range(len(widths) - 1))
    batch = {"x": draw(N, widths[0]), "y": draw.integers(widths[-1], N)}
    return Training(build, _classify, batch, flops=_trained(products))


@model(
    {"batch 32": (32, 28, 32, 64, 128), "batch 128": (128, 28, 32, 64, 128)}, tiny=(4, 8, 3, 4, 5), name="mnist conv"
)
def mnist_conv(draw, N, H, C, O, D):
    """The network of examples/mnist.py, with its dropout."""

    def build(lib: Any, dropout: float) -> Any:
        nn = lib.nn
        return nn.Sequential(
            nn.Conv2d(1, C, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(C, O, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2),
            nn.Flatten(), nn.Linear(O * (H // 4) ** 2, D), nn.ReLU(), nn.Dropout(dropout), nn.Linear(D, 10),
        )  # fmt: skip

    convolutions = 2 * 9 * N * (H * H * C + (H // 2) ** 2 * C * O)
    products = 2 * N * (O * (H // 4) ** 2 * D + D * 10)
    batch = {"x": draw(N, 1, H, H), "y": draw.integers(10, N)}
    return Training(build, _classify, batch, flops=_trained(convolutions + products))


def _resnet(lib: Any, widths: tuple[int, ...]) -> Any:
    """A convolution, a block of two for each width, and a dense layer: 8 layers for three widths."""
    nn, F = lib.nn, lib.F

    class Block(nn.Module):
        def __init__(self, C: int, O: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(C, O, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(O)
            self.conv2 = nn.Conv2d(O, O, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(O)
            self.shortcut = nn.Identity()
            if stride != 1 or C != O:
                self.shortcut = nn.Sequential(nn.Conv2d(C, O, 1, stride, bias=False), nn.BatchNorm2d(O))

        def forward(self, x: Any) -> Any:
            out = F.relu(self.bn1(self.conv1(x)))
            return F.relu(self.bn2(self.conv2(out)) + self.shortcut(x))

    first = [nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    ins = (widths[0], *widths[:-1])
    blocks = [Block(C, O, 1 if i == 0 else 2) for i, (C, O) in enumerate(zip(ins, widths, strict=True))]
    return nn.Sequential(*first, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], 10))


@model({"3x32x32 batch 32": (32, 32, 16, 32, 64)}, tiny=(2, 8, 4, 5), name="resnet-8")
def resnet(draw, N, H, *widths):
    """16-32-64"""
    pixels, flops = N * H * H, 2 * 27 * N * H * H * widths[0]
    C = widths[0]
    for i, O in enumerate(widths):
        pixels //= 1 if i == 0 else 4
        flops += 2 * pixels * O * (9 * C + 9 * O + (C if C != O else 0))
        C = O
    batch = {"x": draw(N, 3, H, H), "y": draw.integers(10, N)}
    return Training(lambda lib, dropout: _resnet(lib, widths), _classify, batch, flops=_trained(flops))


def _next_symbol(lib: Any, network: Any, x: Any, y: Any) -> Any:
    scores = network(x)
    return lib.F.cross_entropy(scores.reshape(-1, scores.shape[-1]), y.reshape(-1))


@model({"64 steps batch 32": (64, 32, 96, 128, 256)}, tiny=(5, 2, 7, 4, 3), name="lstm language model")
def lstm_language_model(draw, T, N, symbols, D, H):
    """Embedding 128, hidden 256, 96 symbols."""

    def build(lib: Any, dropout: float) -> Any:
        class Model(lib.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.embedding = lib.nn.Embedding(symbols, D)
                self.lstm = lib.nn.LSTM(D, H)
                self.dense = lib.nn.Linear(H, symbols)

            def forward(self, x: Any) -> Any:
                return self.dense(self.lstm(self.embedding(x))[0])

        return Model()

    flops = 2 * T * N * (4 * H * (D + H) + H * symbols)
    batch = {"x": draw.integers(symbols, T, N), "y": draw.integers(symbols, T, N)}
    return Training(build, _next_symbol, batch, flops=_trained(flops))


def _gpt(lib: Any, T: int, symbols: int, layers: int, D: int, heads: int) -> Any:
    """A transformer that looks back only: normalization first, GELU, weights of its own for the output."""
    nn, F = lib.nn, lib.F

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
            self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
            self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

        def attend(self, x: Any) -> Any:
            N = x.shape[0]
            q, k, v = self.qkv(x).reshape(N, T, 3, heads, D // heads).permute(2, 0, 3, 1, 4)
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.out(out.transpose(1, 2).reshape(N, T, D))

        def forward(self, x: Any) -> Any:
            x = x + self.attend(self.norm1(x))
            return x + self.down(F.gelu(self.up(self.norm2(x))))

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.symbols, self.places = nn.Embedding(symbols, D), nn.Embedding(T, D)
            self.blocks = nn.Sequential(*[Block() for _ in range(layers)])
            self.norm, self.head = nn.LayerNorm(D), nn.Linear(D, symbols)

        def forward(self, x: Any) -> Any:
            x = self.symbols(x) + self.places(lib.arange(T))
            return self.head(self.norm(self.blocks(x)))

    return Model()


@model({"64 steps batch 16": (16, 64, 96, 4, 128, 4)}, tiny=(2, 5, 7, 1, 6, 2))
def gpt(draw, N, T, symbols, layers, D, heads):
    """4 layers, 128 wide, 4 heads, 96 symbols."""
    flops = 2 * N * T * (layers * (12 * D * D + (T + 1) * D) + D * symbols)
    batch = {"x": draw.integers(symbols, N, T), "y": draw.integers(symbols, N, T)}
    build: Callable[..., Any] = lambda lib, dropout: _gpt(lib, T, symbols, layers, D, heads)  # noqa: E731
    return Training(build, _next_symbol, batch, flops=_trained(flops))


@row("models", "models", {"of 100 16x16": (100, 16)}, tiny=(5, 3), passes=(BOTH,), name="chain")
def chain(draw, length, N):
    """What an operation costs when the arrays are small: multiplications one after the other."""

    def run(lib: Any, x: Any, factor: Any) -> Any:
        for _ in range(length):
            x = x * factor
        return x.sum()

    return Work(
        {"x": draw.between(0.9, 1.1, N, N), "factor": draw.between(0.9, 1.0, N, N)},
        run=run,
        twin=lambda np, x, factor: (x * factor**length).sum(),
        jax=functools.partial(run),
    )
