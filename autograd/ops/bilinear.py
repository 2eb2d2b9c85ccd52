"""A form that is linear in each of two inputs."""

from __future__ import annotations

import math

import numpy as np

from ..declare import composite
from ..op import Sample
from .matmul import matmul
from .shape import permute, reshape
from .windows import as_array


def _by_einsum(input1, input2, weight, bias=None):
    return np.einsum("...i,oij,...j->...o", input1, weight, input2) + (0.0 if bias is None else bias)


@composite(method=False, reference=_by_einsum)
def bilinear(input1, input2, weight, bias=None):
    """input1^T weight input2 + bias, for each output.

    input1: (*, D1), input2: (*, D2), weight: (O, D1, D2), bias: (O,) or None -> (*, O)
    """
    input1, input2, weight = as_array(input1), as_array(input2), as_array(weight)
    shapes = f"input1 {tuple(input1.shape)}, input2 {tuple(input2.shape)} and weight {tuple(weight.shape)}"
    if weight.ndim != 3 or not input1.ndim or input1.shape[:-1] != input2.shape[:-1]:
        raise ValueError(f"bilinear: {shapes} do not fit. They must be (*, D1), (*, D2) and (O, D1, D2).")
    if (input1.shape[-1], input2.shape[-1]) != tuple(weight.shape[1:]):
        raise ValueError(
            f"bilinear: {shapes} do not fit: {input1.shape[-1]} and {input2.shape[-1]} features against "
            f"{weight.shape[1]} and {weight.shape[2]}."
        )
    if bias is not None and tuple(as_array(bias).shape) != (weight.shape[0],):
        raise ValueError(
            f"bilinear: the bias has shape {tuple(as_array(bias).shape)}. It must be ({weight.shape[0]},)."
        )
    outputs, first, second = weight.shape
    count = math.prod(input1.shape[:-1])
    # (N, D1) (D1, O D2) is one product; what is left is one of D2 numbers for each row and output.
    half = matmul(reshape(input1, (count, first)), reshape(permute(weight, (1, 0, 2)), (first, outputs * second)))
    half = reshape(half, (count, outputs, second))
    out = matmul(half, reshape(input2, (count, second, 1)))
    out = reshape(out, (*input1.shape[:-1], outputs))
    return out if bias is None else out + bias


@bilinear.samples
def _(draw):
    yield Sample(draw(4, 3), draw(4, 2), draw(5, 3, 2), draw(5))
    yield Sample(draw(4, 3), draw(4, 2), draw(5, 3, 2))
    yield Sample(draw(2, 4, 3), draw(2, 4, 1), draw(2, 3, 1), bias=draw(2))
    yield Sample(draw(3), draw(2), draw(5, 3, 2), draw(5))
    yield Sample(draw(0, 3), draw(0, 2), draw(5, 3, 2), draw(5))
    yield Sample(draw(1, 3), draw(1, 3), draw(1, 3, 3), draw(1))


@bilinear.errors
def _(draw):
    yield Sample(draw(4, 3), draw(5, 2), draw(5, 3, 2)), ValueError, "(O, D1, D2)"
    yield Sample(draw(4, 3), draw(4, 2), draw(5, 2, 3)), ValueError, "3 and 2 features against 2 and 3"
    yield Sample(draw(4, 3), draw(4, 2), draw(5, 3, 2), draw(4)), ValueError, "must be (5,)"
