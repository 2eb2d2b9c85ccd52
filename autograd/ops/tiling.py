"""Elements repeated, padded and laid out as grids."""

from __future__ import annotations

import itertools
import math
import operator

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .broadcasting import expand
from .gathering import index_select
from .joining import cat, stack
from .shape import axis_of, clone, rearranged, reshape


def _counts(counts):
    counts = tuple(counts[0]) if len(counts) == 1 and isinstance(counts[0], (tuple, list)) else tuple(counts)
    return tuple(operator.index(n) for n in counts)


def _repeat_reference(x, *sizes):
    sizes = _counts(sizes)
    shape = (1,) * (len(sizes) - x.ndim) + x.shape
    return rearranged(
        x.reshape(shape),
        tuple(n * r for n, r in zip(shape, sizes, strict=True)),
        lambda *i: tuple(k % n for k, n in zip(i, shape, strict=True)),
    )


@primitive(sticky=True, reference=_repeat_reference)
def repeat(x, *sizes):
    """The whole tensor as often along each axis as `sizes` say; further axes come in front.  x: (*) -> (*)

    >>> import autograd
    >>> autograd.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    sizes = _counts(sizes)
    if len(sizes) < x.ndim or any(n < 0 for n in sizes):
        raise ValueError(f"repeat: needs a count of 0 or more for each axis of shape {x.shape}, not {sizes}.")
    return np.tile(x, sizes)


def _repeat_gradient(g, sizes, x_shape):
    """g: (r0 n0, r1 n1, ...) summed over the r's."""
    sizes = _counts(sizes)
    shape = (1,) * (len(sizes) - len(x_shape)) + x_shape
    if 0 in g.shape:
        return expand(g.sum(), x_shape)
    split = tuple(itertools.chain(*zip(sizes, shape, strict=True)))
    return g.reshape(split).sum(tuple(range(0, len(split), 2))).reshape(x_shape)


repeat.gradient(x=_repeat_gradient)


@repeat.samples
def _(draw):
    yield Sample(draw(2, 3), 2, 1)
    yield Sample(draw(2, 3), (3, 1, 2))
    yield Sample(draw(), 2)
    yield Sample(draw(3), 1)
    yield Sample(draw(2), 0)
    yield Sample(draw(0, 2), 2, 2)


@repeat.errors
def _(draw):
    yield Sample(draw(2, 3), 2), ValueError, "for each axis of shape (2, 3)"


@composite
def tile(x, *dims):
    """The whole tensor as often along each axis as `dims` say, counted from the last axis.  x: (*) -> (*)"""
    dims = _counts(dims)
    return repeat(x, (1,) * (len(x.shape) - len(dims)) + dims)


@tile.samples
def _(draw):
    yield Sample(draw(2, 3), 2)
    yield Sample(draw(2, 3), (2, 2))
    yield Sample(draw(3), 2, 1, 2)
    yield Sample(draw(), 3)
    yield Sample(draw(2, 3), 1, 2)
    yield Sample(draw(2, 1, 2), (2, 2))
    yield Sample(draw(0), 2)
    yield Sample(draw(3), (2, 1))
    yield Sample(draw(1, 2), (3,))
    yield Sample(draw(), (2,))


@composite
def repeat_interleave(x, repeats, dim=None):
    """Each element, or slice along axis dim, several times in a row.  x: (*) -> (*)

    repeats: an int, or one count for each slice. Without dim, the elements of x as one row.
    """
    if dim is None:
        x, dim = reshape(x, math.prod(x.shape)), 0
    dim = axis_of(dim, x.ndim, "repeat_interleave")
    counts = repeats.data if isinstance(repeats, Tensor) else np.asarray(repeats)
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ValueError(f"repeat_interleave: repeats are counts of 0 or more, not {repeats!r}.")
    if counts.size == 1:
        n, count = x.shape[dim], int(counts.reshape(()))
        between = expand(
            reshape(x, (*x.shape[: dim + 1], 1, *x.shape[dim + 1 :])),
            (*x.shape[: dim + 1], count, *x.shape[dim + 1 :]),
        )
        return clone(reshape(between, (*x.shape[:dim], n * count, *x.shape[dim + 1 :])))
    if counts.shape != (x.shape[dim],):
        raise ValueError(
            f"repeat_interleave: {counts.size} counts for {x.shape[dim]} slices along dim {dim} of shape {x.shape}."
        )
    return index_select(x, dim, np.repeat(np.arange(x.shape[dim]), counts))


@repeat_interleave.samples
def _(draw):
    yield Sample(draw(2, 3), 2)
    yield Sample(draw(2, 3), 2, 0)
    yield Sample(draw(2, 3), repeats=3, dim=-1)
    yield Sample(draw(3, 2), np.array([1, 0, 2]), 0)
    yield Sample(draw(3), 0)
    yield Sample(draw(2, 3, 2), np.array([2, 0, 1]), -2)


# ---------------------------------------------------------------------------------------------------------------------
# Padding
# ---------------------------------------------------------------------------------------------------------------------
def _widths(pad, ndim):
    """PyTorch's list, last axis first, as (before, after) for each axis."""
    pad = [operator.index(n) for n in pad]
    if len(pad) % 2 or len(pad) > 2 * ndim:
        raise ValueError(f"pad: {tuple(pad)} must be pairs (before, after), last axis first, for at most {ndim} axes.")
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


def _pad_reference(x, pad, mode="constant", value=0.0):
    widths = _widths(pad, x.ndim)
    if mode == "reflect":
        grown = [(max(0, before), max(0, after)) for before, after in widths]
        x = np.pad(x, grown, mode)
    cut = x[
        tuple(slice(max(0, -before), n - max(0, -after)) for n, (before, after) in zip(x.shape, widths, strict=True))
    ]
    if mode == "reflect":
        return cut
    grown = [(max(0, before), max(0, after)) for before, after in widths]
    if mode == "constant":
        return np.pad(cut, grown, constant_values=0 if value is None else value)
    return np.pad(cut, grown, {"replicate": "edge", "circular": "wrap"}.get(mode, mode))


@composite(reference=_pad_reference)
def pad(x, pad, mode="constant", value=0.0):
    """More elements around the edges.  x: (*) -> (*)

    pad: (before, after) of the last axis, then of the one before it, and so on; negative numbers cut elements off.
    mode: "constant" (filled with `value`), "reflect" (mirrored at the edge element, which is not repeated), "replicate"
    (the edge element again), "circular" (the other end).

    >>> import autograd
    >>> autograd.pad(autograd.tensor([1, 2, 3]), (1, 2), value=0)
    tensor([0, 1, 2, 3, 0, 0])
    >>> autograd.pad(autograd.tensor([1, 2, 3]), (1, 2), mode="reflect")
    tensor([2, 1, 2, 3, 2, 1])
    """
    widths = _widths(pad, x.ndim)
    if mode == "reflect":  # what is cut off on one side may still be seen in the mirror of the other
        for dim, (before, after) in enumerate(widths):
            if before or after or dim == x.ndim - 1:  # the last one in any case: the result is a new tensor
                places = _mirrored(x.shape[dim], max(0, before), max(0, after))
                x = index_select(x, dim, places[max(0, -before) : len(places) - max(0, -after)])
        return x
    x = x[tuple([slice(max(0, -b), n - max(0, -a)) for n, (b, a) in zip(x.shape, widths, strict=True)])]
    grown = tuple([(max(0, before), max(0, after)) for before, after in widths])
    if mode == "constant":
        return surround(x, grown, 0.0 if value is None else value)
    if mode not in _SOURCES:
        raise ValueError(f"pad: mode {mode!r} is none of 'constant', 'reflect', 'replicate' and 'circular'.")
    for dim, (before, after) in enumerate(grown):
        if before or after or dim == x.ndim - 1:
            x = index_select(x, dim, _SOURCES[mode](x.shape[dim], before, after))
    return x


def _mirrored(length, before, after):
    if max(before, after) >= length:
        raise ValueError(
            f"pad: reflection gives at most {length - 1} elements on either side of an axis of length {length}, not "
            f"({before}, {after})."
        )
    places = np.abs(np.arange(-before, length + after))
    return np.where(places < length, places, 2 * (length - 1) - places)


def _repeated(length, before, after):
    if not length:
        raise ValueError("pad: an axis of length 0 has no edge element to repeat.")
    return np.clip(np.arange(-before, length + after), 0, length - 1)


def _wrapped(length, before, after):
    if max(before, after) > length:
        raise ValueError(
            f"pad: going round gives at most {length} elements on either side of an axis of length {length}, not "
            f"({before}, {after})."
        )
    return np.arange(-before, length + after) % max(length, 1)


_SOURCES = {"replicate": _repeated, "circular": _wrapped}


@primitive(method=False, reference=lambda x, widths, value: np.pad(x, widths, constant_values=value))
def surround(x, widths, value):
    """One value around the edges.  widths: (before, after) for each axis.  x: (*) -> (*)"""
    if isinstance(value, float) and x.dtype.kind in "biu" and value != int(value):
        raise TypeError(f"surround: {value} can not stand in a tensor of {x.dtype}. Convert it first: x.float().")
    out = np.full([n + sum(width) for n, width in zip(x.shape, widths, strict=True)], value, x.dtype)
    out[_inside(x.shape, widths)] = x
    return out


def _inside(shape, widths):
    return tuple([slice(before, before + n) for n, (before, _) in zip(shape, widths, strict=True)])


surround.gradient(x=lambda g, x_shape, widths: g[_inside(x_shape, widths)] if x_shape else g)


@surround.samples
def _(draw):
    yield Sample(draw(2, 3), ((1, 0), (2, 1)), 0.5)
    yield Sample(draw(3), ((0, 2),), 0.0)
    yield Sample(draw(1), ((0, 0),), 0.0)
    yield Sample(draw(0, 2), ((1, 1), (0, 0)), 1.0)
    yield Sample(draw(2, 2, 2), ((1, 0), (0, 2), (1, 1)), -1.0)
    yield Sample(draw(2, 0), ((1, 0), (0, 0)), 0.5)


@pad.samples
def _(draw):
    yield Sample(draw(2, 3), (1, 2))
    yield Sample(draw(2, 3), (1, 0, 2, 1), value=1.5)
    yield Sample(draw(3, 4), (-1, 1, 2, -2))
    yield Sample(draw(2, 3, 4), (2, 3), "reflect")
    yield Sample(draw(1, 3, 4), [1, 2, 2, 0], mode="reflect")
    yield Sample(draw(2, 3, 4), (1, 5, 0, 2), mode="replicate")
    yield Sample(draw(2, 3, 4), (1, 4, 3, 0), mode="circular")
    yield Sample(draw(2, 3, 4), (-1, 2, 0, 1), mode="circular")
    yield Sample(draw(2, 3), ())
    yield Sample(draw(0, 3), (1, 1))


@pad.errors
def _(draw):
    yield Sample(draw(3), (1,)), ValueError, "pairs (before, after)"
    yield Sample(draw(3), (3, 0), "reflect"), ValueError, "at most 2 elements"
    yield Sample(draw(3), (4, 0), "circular"), ValueError, "at most 3 elements"
    yield Sample(draw(3), (1, 0), "mirror"), ValueError, "none of"


# ---------------------------------------------------------------------------------------------------------------------
# Grids
# ---------------------------------------------------------------------------------------------------------------------
@composite(method=False)
def meshgrid(*tensors, indexing="ij"):
    """For each vector, a grid over all that varies along its axis.  tensors: (N1), (N2), ... -> (N1, N2, ...) each

    indexing: "ij", or "xy" with the first two axes exchanged (columns first, as in plots).
    """
    tensors = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing is 'ij' or 'xy', not {indexing!r}.")
    if any(x.ndim > 1 for x in tensors):
        raise ValueError("meshgrid: takes vectors, and one of the tensors has more than one axis.")
    order = list(range(len(tensors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = [1, 0]
    shape = [1] * len(tensors)
    for axis, k in enumerate(order):
        shape[axis] = math.prod(tensors[k].shape)
    grids = []
    for k, x in enumerate(tensors):
        axis = order.index(k)
        grids.append(expand(reshape(x, [n if i == axis else 1 for i, n in enumerate(shape)]), shape))
    return tuple(grids)


@meshgrid.samples
def _(draw):
    yield Sample(draw(2), draw(3))
    yield Sample(draw(2), draw(), draw(4))
    yield Sample(draw(2), draw(3), indexing="xy")
    yield Sample(draw(4))
    yield Sample(draw(1), draw(3), draw(2))
    yield Sample(draw(2), draw(3), draw(2), indexing="xy")
    yield Sample(draw(2), draw(0))


@composite(method=False)
def cartesian_prod(*tensors):
    """All combinations of one element from each vector, one a row.  tensors: (N1), (N2), ... -> (N1 N2 ..., vectors)"""
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(grid, -1) for grid in meshgrid(*tensors)], 1)


@cartesian_prod.samples
def _(draw):
    yield Sample(draw(2), draw(3))
    yield Sample(draw(2), draw(1), draw(2))
    yield Sample(draw(4))
    yield Sample(draw(1), draw(3))
    yield Sample(draw(2), draw(0))
    yield Sample(draw(2), draw(2), draw(3))


@composite
def combinations(x, r=2, with_replacement=False):
    """All choices of r elements of a vector, one a row, in the order of the vector.  x: (N) -> (choices, r)"""
    if x.ndim != 1:
        raise ValueError(f"combinations: takes a vector, not shape {x.shape}.")
    if r < 0:
        raise ValueError(f"combinations: r must not be negative, and is {r}.")
    return x[_choices(x.shape[0], r, 0 if with_replacement else 1)]


def _choices(n, r, step):
    """All choices of r numbers below n, each at least `step` above the one before, in order.  -> (choices, r)"""
    places, lowest = np.zeros((1, 0), np.int64), np.zeros(1, np.int64)
    for _ in range(r):
        counts = n - lowest
        begins = np.cumsum(counts) - counts
        added = np.arange(counts.sum()) + (lowest - begins).repeat(counts)
        places = np.column_stack([places.repeat(counts, 0), added])
        lowest = added + step
    return places


@combinations.samples
def _(draw):
    yield Sample(draw(4))
    yield Sample(draw(3), 2, True)
    yield Sample(draw(4), r=3)
    yield Sample(draw(2), 3)
    yield Sample(draw(5), 2)
    yield Sample(draw(3), r=3, with_replacement=True)
    yield Sample(draw(4), 1)
    yield Sample(draw(0), 2)


@combinations.errors
def _(draw):
    yield Sample(draw(2, 3)), ValueError, "takes a vector"
    yield Sample(draw(3), -1), ValueError, "not be negative"


@composite(method=False)
def block_diag(*tensors):
    """Matrices along the diagonal of a larger one, zeros elsewhere.  tensors: (*) each -> (M, N)"""
    blocks = [reshape(x, (1,) * (2 - x.ndim) + tuple(x.shape)) for x in tensors]
    width = sum(block.shape[1] for block in blocks)
    rows, before = [], 0
    for block in blocks:
        n = block.shape[1]
        rows.append(surround(block, ((0, 0), (before, width - before - n)), 0.0))
        before += n
    return cat(rows)


@block_diag.samples
def _(draw):
    yield Sample(draw(2, 3), draw(1, 2))
    yield Sample(draw(), draw(2), draw(2, 1))
    yield Sample(draw(2, 2))
    yield Sample(draw(1, 3), draw(2, 1), draw(3, 2))
    yield Sample(draw(), draw())
    yield Sample(draw(0, 2), draw(2, 2))
