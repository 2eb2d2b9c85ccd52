"""A layer that is linear in each of two inputs."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from autograd.tensor import Tensor

from .. import functional as F
from .. import init
from ..mistakes import check_device
from ..module import Module
from ..parameter import Parameter
from .weighted import check_input


class Bilinear(Module):
    """x1^T weight x2 + bias, for each output.  x1: (*, D1), x2: (*, D2) -> (*, O)

    in1_features, in2_features, out_features: D1, D2 and O. bias: whether there is one.

    Parameters: weight (O, D1, D2) and bias (O,), drawn uniformly up to 1 / sqrt(D1), as in PyTorch.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        check_device("Bilinear", device)
        for name, size in (("in1_features", in1_features), ("in2_features", in2_features)):
            if size < 1:
                raise ValueError(f"Bilinear: {name} is {size}. Give a whole number above 0.")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(init.empty((out_features, in1_features, in2_features), dtype))
        self.register_parameter("bias", Parameter(init.empty((out_features,), dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The forms."""
        for x in (x1, x2):
            check_input(self, x, self.weight.dtype)
        return F.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
