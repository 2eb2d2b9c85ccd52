"""Elements by their place: what pooling has chosen, and putting it back where it came from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..declare import composite, primitive
from ..op import Sample
from .reduction import values_of
from .windows import as_array, check_layout, has_kernel, per_axis


@primitive(method=False)
def pool_gather(x, indices, axes):
    """The elements at the places that pooling over the last `axes` axes has chosen.

    x: (*, *size), indices: (*, *places), counted over all of size -> (*, *places). A place of -1 gives 0.
    """
    lead = x.shape[: x.ndim - axes]
    flat = x.reshape(*lead, math.prod(x.shape[x.ndim - axes :]))
    places = indices.reshape(*lead, math.prod(indices.shape[len(lead) :]))
    out = np.take_along_axis(flat, np.maximum(places, 0), -1)
    if places.size and places.min() < 0:
        out = np.where(places < 0, out.dtype.type(0), out)
    return out.reshape(indices.shape)


@primitive(method=False)
def pool_scatter(x, indices, shape, axes):
    """Adds the elements of x to zeros at the places that pooling over the last `axes` axes has chosen.

    x, indices: (*, *places) -> (*, *size), which is `shape`. What has the place -1 is left out.
    """
    lead, size = math.prod(shape[: len(shape) - axes]), math.prod(shape[len(shape) - axes :])
    if has_kernel(x.dtype):
        return kernels.boxes.scatter(x, indices, lead, shape)
    # One element more for what is left out.
    places = math.prod(x.shape[x.ndim - axes :])
    out = np.zeros((lead, size + 1), x.dtype)
    np.add.at(out, (np.arange(lead)[:, None], indices.reshape(lead, places)), x.reshape(lead, places))
    return out[:, :size].reshape(shape)


pool_gather.gradient(x=lambda g, indices, x_shape, axes: pool_scatter(g, indices, x_shape, axes))
pool_scatter.gradient(x=lambda g, indices, axes: pool_gather(g, indices, axes))


# ---------------------------------------------------------------------------------------------------------------------
# Undoing
# ---------------------------------------------------------------------------------------------------------------------
@primitive(method=False)
def pool_put(x, indices, shape, axes):
    """Writes the elements of x into zeros at the places that pooling over the last `axes` axes has chosen.

    x, indices: (*, *places) -> (*, *size), which is `shape`. Of elements with the same place the last one stays, and
    has a gradient.
    """
    lead, size = math.prod(shape[: len(shape) - axes]), math.prod(shape[len(shape) - axes :])
    places = indices.reshape(lead, -1) if indices.size else indices.reshape(lead, 0)
    out = np.zeros((lead, size), x.dtype)
    np.put_along_axis(out, places, x.reshape(places.shape), 1)
    return out.reshape(shape)


def _winners(indices: np.ndarray, shape: tuple[int, ...], axes: int) -> np.ndarray:
    """The places, with -1 for elements that a later one has overwritten."""
    numbers = np.arange(1, indices.size + 1).reshape(indices.shape)
    stay = pool_gather(pool_put(numbers, indices, shape, axes), indices, axes) == numbers
    return np.where(stay, indices, -1)


pool_put.gradient(x=lambda g, indices, shape, axes: pool_gather(g, _winners(indices, shape, axes), axes))


def _unpool(axes: int, x: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> Any:
    op = f"max_unpool{axes}d"
    x, indices = as_array(x), values_of(as_array(indices))
    check_layout(op, x.shape, axes)
    if indices.shape != x.shape or indices.dtype.kind not in "iu":
        raise ValueError(
            f"{op}: the indices must be whole numbers of the shape of the input {x.shape}, not {indices.dtype} of "
            f"{indices.shape}. Take those that max_pool{axes}d returns with return_indices=True."
        )
    kernel = per_axis(op, "kernel_size", kernel_size, axes, 1)
    steps = kernel if stride is None or stride == () else per_axis(op, "stride", stride, axes, 1)
    edges = per_axis(op, "padding", padding, axes, 0)
    usual = [(n - 1) * s - 2 * p + k for n, s, p, k in zip(x.shape[-axes:], steps, edges, kernel, strict=True)]
    if output_size is None:
        size = usual
    else:
        size = [int(n) for n in (output_size if isinstance(output_size, (tuple, list)) else (output_size,) * axes)]
        size = size[-axes:]  # the whole shape may be given
        if len(size) != axes or any(not u - s < n < u + s for n, u, s in zip(size, usual, steps, strict=True)):
            raise ValueError(
                f"{op}: output_size={output_size!r} does not fit: with this input, {x.shape}, and these windows it is "
                f"{tuple(usual)}, give or take less than the stride {steps}."
            )
    shape = (*x.shape[:-axes], *size)
    if indices.size and not 0 <= indices.min() <= indices.max() < math.prod(size):
        raise IndexError(
            f"{op}: the indices go from {indices.min()} to {indices.max()}, and the output of size {tuple(size)} has "
            f"the places 0 to {math.prod(size) - 1}. Give output_size, if the pooled input was larger."
        )
    return pool_put(x, indices, shape, axes)


@composite(method=False)
def max_unpool1d(x, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Puts what `max_pool1d` kept back to where it was, among zeros.

    x, indices: (N, C, W) or (C, W) -> (N, C, OW) or (C, OW). The options are those of `max_unpool2d`.
    """
    return _unpool(1, x, indices, kernel_size, stride, padding, output_size)


@composite(method=False)
def max_unpool2d(x, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Puts what `max_pool2d` kept back to where it was, among zeros.

    x, indices: (N, C, H, W) or (C, H, W) -> (N, C, OH, OW) or (C, OH, OW)
    with OH = (H - 1) stride - 2 padding + KH, and OW alike, unless `output_size` is given: the size of what was pooled,
    which the windows leave open. Where windows overlapped and an element was chosen twice, the last one stays.

    >>> import autograd as ag
    >>> out, indices = ag.max_pool2d(ag.tensor([[[1.0, 2.0], [4.0, 3.0]]]), 2, return_indices=True)
    >>> ag.max_unpool2d(out, indices, 2).tolist()
    [[[0.0, 0.0], [4.0, 0.0]]]
    """
    return _unpool(2, x, indices, kernel_size, stride, padding, output_size)


@composite(method=False)
def max_unpool3d(x, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Puts what `max_pool3d` kept back to where it was, among zeros.

    x, indices: (N, C, D, H, W) or (C, D, H, W) -> (N, C, OD, OH, OW) or (C, OD, OH, OW). See `max_unpool2d`.
    """
    return _unpool(3, x, indices, kernel_size, stride, padding, output_size)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
@pool_gather.samples
def _(draw):
    yield Sample(draw(2, 3, 4, 5), draw.integers(2, 3, 2, 2, low=-1, high=20), 2)
    yield Sample(draw(3, 6), draw.integers(3, 4, low=0, high=6), 1)
    yield Sample(draw(0, 6), draw.integers(0, 4, low=0, high=6), 1)


@pool_scatter.samples
def _(draw):
    yield Sample(draw(2, 3, 2, 2), draw.integers(2, 3, 2, 2, low=-1, high=20), (2, 3, 4, 5), 2)
    yield Sample(draw(3, 9), draw.integers(3, 9, low=0, high=6), (3, 6), 1)
    yield Sample(draw(0, 4), draw.integers(0, 4, low=0, high=6), (0, 6), 1)


@pool_put.samples
def _(draw):
    yield Sample(draw(2, 3, 2, 2), np.array([0, 5, 7, 19]).reshape(2, 2) * np.ones((2, 3, 1, 1), int), (2, 3, 4, 5), 2)
    yield Sample(draw(3, 4), draw.integers(3, 4, low=0, high=6), (3, 6), 1)
    yield Sample(draw(0, 4), draw.integers(0, 4, low=0, high=6), (0, 6), 1)


def _put_by_loop(x, indices, shape, axes):
    out = np.zeros(shape, x.dtype)
    lead = shape[: len(shape) - axes]
    for at in np.ndindex(*lead):
        for place, value in zip(indices[at].reshape(-1), x[at].reshape(-1), strict=True):
            out[at].reshape(-1)[place] = value
    return out


pool_put.op.reference = _put_by_loop


@max_unpool1d.samples
def _(draw):
    yield Sample(draw(2, 3, 4), np.arange(0, 8, 2) * np.ones((2, 3, 1), int), 2)
    yield Sample(draw(3, 4), np.array([8, 0, 3, 5]) * np.ones((3, 1), int), 3, 2, output_size=10)


@max_unpool2d.samples
def _(draw):
    places = np.array([[0, 3], [9, 14]])
    yield Sample(draw(2, 3, 2, 2), places * np.ones((2, 3, 1, 1), int), 2)
    yield Sample(draw(3, 2, 2), places * np.ones((3, 1, 1), int), 2, output_size=(5, 4))
    yield Sample(draw(1, 1, 2, 2), places[None, None], (3, 2), 2, (1, 0), (1, 1, 4, 4))


@max_unpool3d.samples
def _(draw):
    yield Sample(draw(2, 1, 2, 1, 2), np.array([0, 3, 17, 30]).reshape(2, 1, 2) * np.ones((2, 1, 1, 1, 1), int), 2)


@max_unpool2d.errors
def _(draw):
    indices = draw.integers(2, 3, 2, 2, low=0, high=16)
    yield Sample(draw(2, 3, 2, 3), indices, 2), ValueError, "shape of the input"
    yield Sample(draw(2, 3, 2, 2), indices + 20, 2), IndexError, "Give output_size"
    yield Sample(draw(2, 3, 2, 2), indices, 2, output_size=7), ValueError, "does not fit"
    yield Sample(draw(2, 2), indices, 2), ValueError, "x.unsqueeze(1)"
