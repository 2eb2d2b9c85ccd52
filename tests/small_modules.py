"""Small modules that tests of modules share."""

from __future__ import annotations

import numpy as np

import nn
from autograd import Tensor


class Affine(nn.Module):
    """x @ weight + bias, with a buffer that counts the calls."""

    def __init__(self, features: int, out: int, bias: bool = True) -> None:
        super().__init__()
        rng = np.random.default_rng(features * 100 + out)
        self.weight = nn.Parameter(rng.standard_normal((features, out)))
        self.bias = nn.Parameter(rng.standard_normal(out)) if bias else None
        self.register_buffer("calls", Tensor(np.zeros((), np.int64)))
        self.sizes = (features, out)

    def forward(self, x):
        self.calls.data[...] += 1
        y = x @ self.weight
        return y if self.bias is None else y + self.bias

    def extra_repr(self) -> str:
        return f"{self.sizes[0]}, {self.sizes[1]}"


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Affine(3, 4)
        self.blocks = nn.ModuleList([Affine(4, 4), Affine(4, 4)])
        self.scale = nn.Parameter(np.full(4, 2.0))
        self.heads = nn.ModuleDict({"a": Affine(4, 2), "b": Affine(4, 5)})

    def forward(self, x, head="a"):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.heads[head](x * self.scale)


def rows(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(0).standard_normal(shape))
