"""What layers with weights share: an input size that may be left out, and a check of what they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from autograd.errors import describe
from autograd.stand_in import StandIn
from autograd.tensor import Tensor

from ..mistakes import check_device
from ..module import Module
from ..parameter import UninitializedBuffer, UninitializedParameter


class Weighted(Module):
    """A layer whose parameters have shapes that depend on the input.

    If its input size is None, the parameters get their shapes at the first call, or from a state that is loaded.
    """

    size_attribute: ClassVar[str]  # the attribute that says how large the input is

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter and buffer, once the input size is known."""
        raise NotImplementedError

    def size_in(self, shapes: Mapping[str, tuple[int, ...]]) -> int:
        """The input size, from the shapes of the parameters."""
        raise NotImplementedError

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        raise NotImplementedError

    def declare(
        self,
        parameters: Mapping[str, bool],
        dtype: DTypeLike | None,
        device: Any = None,
        buffers: Mapping[str, bool] | None = None,
    ) -> None:
        """Makes the parameters and buffers, those that are wanted, with shapes if the input size is known."""
        check_device(type(self).__name__, device)
        for name, wanted in parameters.items():
            self.register_parameter(name, UninitializedParameter(dtype=dtype) if wanted else None)
        for name, wanted in (buffers or {}).items():
            self.register_buffer(name, UninitializedBuffer(dtype=dtype) if wanted else None)
        if getattr(self, self.size_attribute) is not None:
            self._materialize()
            self.reset_parameters()

    def _materialize(self) -> None:
        for name, shape in self.shapes().items():
            tensor = getattr(self, name)
            if isinstance(tensor, (UninitializedParameter, UninitializedBuffer)):
                tensor.materialize(shape)

    def infer_sizes(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        setattr(self, self.size_attribute, int(self.size_in(shapes)))
        self._materialize()

    def infer_from(self, size: int) -> None:
        """The first call has told the input size."""
        setattr(self, self.size_attribute, int(size))
        self._materialize()
        self.reset_parameters()


def check_input(layer: Module, x: Any, dtype: np.dtype | None) -> None:
    """Raises unless x is a tensor or array of the dtype that the weights have."""
    if isinstance(x, (Tensor, np.ndarray, StandIn)):
        if dtype is None or x.dtype == dtype:
            return
        raise TypeError(_other_dtype(type(layer).__name__, x, x.dtype, dtype))
    raise TypeError(
        f"{type(layer).__name__}: the input is {describe(x) if isinstance(x, (list, tuple)) else type(x).__name__}, "
        f"and not a tensor. Make one: autograd.tensor(x)."
    )


def _other_dtype(name: str, x: Any, have: np.dtype, want: np.dtype) -> str:
    text = f"{name}: the input is {have} and the weights are {want}."
    method = {"float16": "half", "float32": "float", "float64": "double"}
    if isinstance(x, Tensor) and want.name in method:
        convert = f"x.{method[want.name]}()"
    else:
        convert = f"x.astype({want.name!r})"
    if have.kind in "iub":
        return f"{text} Convert it with {convert}, and bytes of an image with {convert} / 255."
    if have.name in method:
        return f"{text} Pass {convert}, or build the model in {have} with model.{method[have.name]}()."
    return f"{text} Pass {convert}."
