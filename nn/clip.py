"""Keeping the gradients of all parameters within bounds, between `backward()` and the optimizer's step."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from autograd import kernels
from autograd.graph import mark_all_written, mark_written
from autograd.tensor import Tensor, wrap


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[np.ndarray]:
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [parameter.grad.data for parameter in given if parameter.grad is not None]


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """The norm of all elements of all tensors together.

    norm_type: 2 for the root of the sum of squares, `inf` for the largest magnitude, or another power.

    >>> import autograd, nn
    >>> nn.utils.get_total_norm([autograd.tensor([3.0]), autograd.tensor([4.0])])
    tensor(5.)
    """
    arrays = [tensors.data] if isinstance(tensors, Tensor) else [tensor.data for tensor in tensors]
    with np.errstate(all="ignore"):
        total = kernels.clip.global_norm(arrays, float(norm_type))
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"get_total_norm: the norm is {total}. Look for the NaN or infinity with autograd.detect_anomaly()."
        )
    dtypes = {array.real.dtype for array in arrays} or {np.dtype(np.float32)}
    return wrap(np.asarray(total, np.result_type(*dtypes)))


def clip_grads_with_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float, total_norm: Tensor | float) -> None:
    """Scales the gradients by max_norm / total_norm where that is below 1."""
    # As in PyTorch: the small constant keeps a norm of zero from dividing, and a norm that is NaN makes all NaN.
    scale = float(max_norm) / (float(total_norm) + 1e-6)
    if scale >= 1.0:
        return
    arrays = _gradients(parameters)
    with np.errstate(all="ignore"):
        kernels.clip.scale_in_place(arrays, scale)
    mark_all_written(arrays, "clip_grads_with_norm_")


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scales the gradients down together so that their norm is at most `max_norm`.  Returns the norm before.

    parameters: whose `grad` to scale, in place; those without one are left out.
    error_if_nonfinite: raise RuntimeError where the norm is NaN or infinite.

    Pascanu, Mikolov and Bengio: On the difficulty of training recurrent neural networks (2013).

    >>> import autograd, nn
    >>> w = autograd.tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = autograd.tensor([3.0, 4.0])
    >>> nn.utils.clip_grad_norm_([w], max_norm=1.0)
    tensor(5.)
    >>> w.grad
    tensor([0.6000, 0.8000])
    """
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    total = get_total_norm([wrap(array) for array in _gradients(given)], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(given, max_norm, total)
    return total


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Limits each element of the gradients to the interval from -clip_value to clip_value, in place."""
    limit = abs(float(clip_value))
    for array in _gradients(parameters):
        np.clip(array, -limit, limit, out=array)
        mark_written(array, "clip_grad_value_")
