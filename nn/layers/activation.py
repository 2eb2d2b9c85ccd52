"""Activations: what stands between the layers that are linear.

All of them take any shape. With `inplace` the result is written into the input, for models that were trained so: it
saves no time here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from numpy.typing import DTypeLike

from autograd.tensor import Tensor

from .. import functional as F
from .. import init
from ..mistakes import check_device
from ..module import Module
from ..parameter import Parameter
from .weighted import check_input


class _Plain(Module):
    """An activation without settings."""

    operation: ClassVar[Callable[..., Tensor]]

    inplace: bool = False

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        if inplace:
            self.inplace = True

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return type(self).operation(x, inplace=True) if self.inplace else type(self).operation(x)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class _Set(Module):
    """An activation with settings, which are attributes and arguments of the operation."""

    operation: ClassVar[Callable[..., Tensor]]
    settings: ClassVar[tuple[str, ...]]
    inplace: bool = False

    def _set(self, inplace: bool = False, **values: Any) -> None:
        super().__init__()
        self.__dict__.update(values)
        if inplace:
            self.inplace = True

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        values = [getattr(self, name) for name in self.settings]
        return type(self).operation(x, *values, inplace=True) if self.inplace else type(self).operation(x, *values)

    def extra_repr(self) -> str:
        parts = [f"{name}={getattr(self, name)!r}" for name in self.settings]
        return ", ".join([*parts, "inplace=True"] if self.inplace else parts)


class ReLU(_Plain):
    """max(x, 0)"""

    operation = staticmethod(F.relu)


class ReLU6(_Plain):
    """min(max(x, 0), 6)"""

    operation = staticmethod(F.relu6)


class SELU(_Plain):
    """scale * (max(x, 0) + min(alpha * (exp(x) - 1), 0)), which keeps mean 0 and variance 1.

    Klambauer and others: Self-normalizing neural networks (2017).
    """

    operation = staticmethod(F.selu)


class SiLU(_Plain):
    """x * sigmoid(x), also known as swish."""

    operation = staticmethod(F.silu)


class Mish(_Plain):
    """x * tanh(softplus(x))"""

    operation = staticmethod(F.mish)


class Sigmoid(_Plain):
    """1 / (1 + exp(-x))"""

    operation = staticmethod(F.sigmoid)


class LogSigmoid(_Plain):
    """log(1 / (1 + exp(-x))), exact for large negative x."""

    operation = staticmethod(F.logsigmoid)


class Tanh(_Plain):
    """The hyperbolic tangent."""

    operation = staticmethod(F.tanh)


class Softsign(_Plain):
    """x / (1 + |x|)"""

    operation = staticmethod(F.softsign)


class Tanhshrink(_Plain):
    """x - tanh(x)"""

    operation = staticmethod(F.tanhshrink)


class Hardsigmoid(_Plain):
    """min(max(x + 3, 0), 6) / 6"""

    operation = staticmethod(F.hardsigmoid)


class Hardswish(_Plain):
    """x * min(max(x + 3, 0), 6) / 6"""

    operation = staticmethod(F.hardswish)


class LeakyReLU(_Set):
    """max(x, 0) + negative_slope * min(x, 0)"""

    operation = staticmethod(F.leaky_relu)
    settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self._set(inplace, negative_slope=negative_slope)


class ELU(_Set):
    """max(x, 0) + min(alpha * (exp(x) - 1), 0)

    Clevert, Unterthiner and Hochreiter: Fast and accurate deep network learning by exponential linear units (2016).
    """

    operation = staticmethod(F.elu)
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self._set(inplace, alpha=alpha)


class CELU(_Set):
    """max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)"""

    operation = staticmethod(F.celu)
    settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self._set(inplace, alpha=alpha)


class GELU(_Set):
    """x times the probability that a standard normal is below x.

    approximate: "none", or "tanh" for 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).

    Hendrycks and Gimpel: Gaussian error linear units (2016).
    """

    operation = staticmethod(F.gelu)
    settings = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self._set(approximate=approximate)


class Softplus(_Set):
    """log(1 + exp(beta x)) / beta, and x where beta x is above the threshold."""

    operation = staticmethod(F.softplus)
    settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self._set(beta=beta, threshold=threshold)


class Hardtanh(_Set):
    """min(max(x, min_val), max_val)"""

    operation = staticmethod(F.hardtanh)
    settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        if not min_val < max_val:
            raise ValueError(f"Hardtanh: min_val is {min_val} and max_val {max_val}. Give min_val below max_val.")
        self._set(inplace, min_val=min_val, max_val=max_val)


class Hardshrink(_Set):
    """x where |x| is above lambd, else 0"""

    operation = staticmethod(F.hardshrink)
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self._set(lambd=lambd)


class Softshrink(_Set):
    """x moved towards 0 by lambd"""

    operation = staticmethod(F.softshrink)
    settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self._set(lambd=lambd)


class RReLU(Module):
    """x where it is above 0, else x times a slope: drawn between lower and upper in training, else the mean of both.

    Xu and others: Empirical evaluation of rectified activations in convolution network (2015).
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return F.rrelu(x, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + (", inplace=True" if self.inplace else "")


class Threshold(_Set):
    """x where it is above the threshold, else `value`"""

    operation = staticmethod(F.threshold)
    settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self._set(inplace, threshold=threshold, value=value)


class GLU(_Set):
    """The first half of axis `dim` times the sigmoid of the second.  x: (*, 2 D) -> (*, D)

    Dauphin and others: Language modeling with gated convolutional networks (2017).
    """

    operation = staticmethod(F.glu)
    settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self._set(dim=dim)


class _Normalizing(_Set):
    settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        if dim is None:
            name = type(self).__name__
            raise TypeError(f"{name}: dim is missing: along which axis the sum is 1. For classes, {name}(dim=1).")
        self._set(dim=dim)


class Softmax(_Normalizing):
    """exp(x) divided by its sum along axis `dim`: positive, with sum 1.

    `CrossEntropyLoss` takes values before it, not after.
    """

    operation = staticmethod(F.softmax)


class LogSoftmax(_Normalizing):
    """The logarithm of softmax along axis `dim`, which `NLLLoss` takes."""

    operation = staticmethod(F.log_softmax)


class Softmin(_Normalizing):
    """Softmax of -x along axis `dim`."""

    operation = staticmethod(F.softmin)


class Softmax2D(Module):
    """Softmax over the channels of each pixel.  x: (N, C, H, W) or (C, H, W)"""

    def forward(self, x: Tensor) -> Tensor:
        """Positive numbers that add up to 1."""
        if x.ndim not in (3, 4):
            raise ValueError(f"Softmax2D: the input has shape {x.shape}. It must be (N, C, H, W) or (C, H, W).")
        return F.softmax(x, -3)


class PReLU(Module):
    """max(x, 0) + weight * min(x, 0), with a slope that is learned.  x: (N, C, *)

    num_parameters: 1, or the number of channels for a slope of each.
    init: the slope to start with.

    He, Zhang, Ren and Sun: Delving deep into rectifiers (2015).
    """

    weight: Parameter

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, dtype: DTypeLike | None = None, device: Any = None
    ) -> None:
        super().__init__()
        check_device("PReLU", device)
        self.num_parameters, self.init = num_parameters, init
        self.weight = _full(num_parameters, init, dtype)

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        check_input(self, x, self.weight.dtype)
        return F.prelu(x, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


def _full(size: int, value: float, dtype: DTypeLike | None) -> Parameter:
    parameter = Parameter(init.empty((size,), dtype))
    init.constant_(parameter, value)
    return parameter


Softmax2d = Softmax2D
