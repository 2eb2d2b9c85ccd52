"""Products of matrices and vectors under the names that BLAS and PyTorch give them."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .einsum import tensordot
from .matmul import conjugate, matmul
from .shape import axis_of


def _need(name: str, x: Any, ndim: int, what: str) -> None:
    if x.ndim != ndim:
        axes = {1: "a vector (1 axis)", 2: "a matrix (2 axes)", 3: "a batch of matrices (3 axes)"}[ndim]
        raise ValueError(f"{name}: {what} must be {axes}, and has shape {tuple(x.shape)}. Use matmul for other shapes.")


def _need_sizes(name: str, x: Any, y: Any, m: int, n: int) -> None:
    if m != n:
        raise ValueError(f"{name}: sizes differ: {tuple(x.shape)} and {tuple(y.shape)} have {m} against {n}.")


# ---------------------------------------------------------------------------------------------------------------------
# Products of two
# ---------------------------------------------------------------------------------------------------------------------
@composite(reference=lambda x, y: np.einsum("mk,kn->mn", x, y))
def mm(x, y):
    """The product of two matrices.  x: (M, K), y: (K, N) -> (M, N)"""
    _need("mm", x, 2, "x")
    _need("mm", y, 2, "y")
    _need_sizes("mm", x, y, x.shape[1], y.shape[0])
    return matmul(x, y)


@mm.samples
def _(draw):
    yield Sample(draw(3, 4), draw(4, 2))
    yield Sample(draw(0, 4), draw(4, 2))


@composite(reference=lambda x, y: np.einsum("bmk,bkn->bmn", x, y))
def bmm(x, y):
    """The products of two batches of matrices.  x: (N, M, K), y: (N, K, L) -> (N, M, L)"""
    _need("bmm", x, 3, "x")
    _need("bmm", y, 3, "y")
    _need_sizes("bmm", x, y, x.shape[0], y.shape[0])
    _need_sizes("bmm", x, y, x.shape[2], y.shape[1])
    return matmul(x, y)


@bmm.samples
def _(draw):
    yield Sample(draw(2, 3, 4), draw(2, 4, 2))
    yield Sample(draw(0, 3, 4), draw(0, 4, 2))


@composite(reference=lambda x, y: np.einsum("mk,k->m", x, y))
def mv(x, y):
    """The product of a matrix and a vector.  x: (M, K), y: (K,) -> (M,)"""
    _need("mv", x, 2, "x")
    _need("mv", y, 1, "y")
    _need_sizes("mv", x, y, x.shape[1], y.shape[0])
    return matmul(x, y)


@mv.samples
def _(draw):
    yield Sample(draw(3, 4), draw(4))
    yield Sample(draw(3, 0), draw(0))


def _sum_of_products(x, y):
    return math.fsum(a * b for a, b in zip(x, y, strict=True))


@composite(reference=_sum_of_products)
def dot(x, y):
    """The sum of the products of two vectors' elements.  x, y: (K,) -> ()"""
    _need("dot", x, 1, "x")
    _need("dot", y, 1, "y")
    _need_sizes("dot", x, y, x.shape[0], y.shape[0])
    return matmul(x, y)


@composite(reference=_sum_of_products)
def vdot(x, y):
    """As `dot`, with the complex conjugate of x.  x, y: (K,) -> ()"""
    _need("vdot", x, 1, "x")
    _need("vdot", y, 1, "y")
    _need_sizes("vdot", x, y, x.shape[0], y.shape[0])
    return matmul(conjugate(x), y)


for _op in (dot, vdot):

    @_op.samples
    def _(draw):
        yield Sample(draw(4), draw(4))
        yield Sample(draw(0), draw(0))


@composite(reference=np.inner)
def inner(x, y):
    """The sums of products over the last axis of both.  x: (..., K), y: (*, K) -> (..., *)

    A tensor without axes multiplies the other.
    """
    if not x.ndim or not y.ndim:
        return x * y
    _need_sizes("inner", x, y, x.shape[-1], y.shape[-1])
    return matmul(x, y) if x.ndim == y.ndim == 1 else tensordot(x, y, ([-1], [-1]))


@inner.samples
def _(draw):
    yield Sample(draw(4), draw(4))
    yield Sample(draw(3, 4), draw(2, 4))
    yield Sample(draw(2, 3, 4), draw(4))
    yield Sample(draw(), draw(2, 3))


@composite(aliases=("ger",), reference=np.outer)
def outer(x, y):
    """The product of each element of x with each of y.  x: (M,), y: (N,) -> (M, N)"""
    return matmul(x.reshape((x.shape[0], 1)), y.reshape((1, y.shape[0]))) if x.ndim == y.ndim == 1 else _flat(x, y)


def _flat(x: Any, y: Any) -> Any:
    raise ValueError(
        f"outer: takes two vectors, and the shapes are {tuple(x.shape)} and {tuple(y.shape)}. Flatten them."
    )


@outer.samples
def _(draw):
    yield Sample(draw(3), draw(4))
    yield Sample(draw(0), draw(4))


def _cross_by_loop(x, y, dim=None):
    x, y = np.broadcast_arrays(x, y)
    dim = x.shape.index(3) if dim is None else dim
    a, b = np.moveaxis(x, dim, 0), np.moveaxis(y, dim, 0)
    return np.stack([a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3] for i in range(3)], dim)


@primitive(conjugates=True, reference=_cross_by_loop)
def cross(x, y, dim=None):
    """The vector product of vectors of 3 elements along axis `dim`.  x, y: (..., 3, ...) -> (..., 3, ...)

    dim: default the first axis of length 3, as in PyTorch. `linalg.cross` takes the last.
    """
    axis = _axis_of_three(np.broadcast_shapes(x.shape, y.shape), dim)
    if any(z.ndim < -axis or z.shape[axis] != 3 for z in (x, y)):
        along = "some axis" if dim is None else f"dim {dim}"
        raise ValueError(f"cross: both must have 3 elements along {along}: {x.shape} and {y.shape}.")
    shape = np.broadcast_shapes(x.shape, y.shape)
    out = np.empty(shape, np.result_type(x, y))
    a, b, c = (np.moveaxis(z, axis, 0) for z in (x, y, out))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        c[i] = a[j] * b[k] - a[k] * b[j]
    return out


def _axis_of_three(shape: Sequence[int], dim: int | None) -> int:
    """The axis along which the vectors lie, counted from the end."""
    ndim = len(shape)
    if dim is None:
        return list(shape).index(3) - ndim if 3 in shape else -1
    return axis_of(dim, ndim) - ndim


cross.gradient(
    x=lambda g, y, dim: cross(conjugate(y), g, _axis_of_three(g.shape, dim)),
    y=lambda g, x, dim: cross(g, conjugate(x), _axis_of_three(g.shape, dim)),
)


@cross.samples
def _(draw):
    yield Sample(draw(3), draw(3))
    yield Sample(draw(4, 3), draw(4, 3))
    yield Sample(draw(3, 4), draw(3, 4), dim=0)
    yield Sample(draw(2, 3, 4), draw(2, 3, 4), dim=-2)
    yield Sample(draw(4, 3), draw(3))
    yield Sample(draw(3), draw(2, 4, 3))
    yield Sample(draw(0, 3), draw(0, 3))
    yield Sample(draw(3, 3), draw(3, 3))
    yield Sample(draw(2, 3, 3), draw(2, 3, 3))
    yield Sample(draw.complex(2, 3), draw.complex(2, 3))


@cross.errors
def _(draw):
    yield Sample(draw(4), draw(4)), ValueError, "3 elements along some axis"
    yield Sample(draw(4), draw(4), -1), ValueError, "3 elements along dim -1"


# ---------------------------------------------------------------------------------------------------------------------
# Products added to something
# ---------------------------------------------------------------------------------------------------------------------
def _added(x: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """beta x + alpha product; with beta 0 whatever is in x plays no part."""
    product = product if alpha == 1 else alpha * product
    return product if beta == 0 else product + (x if beta == 1 else beta * x)


def _added_reference(equation: str) -> Any:
    def reference(x, y, z, beta=1, alpha=1):
        product = alpha * np.einsum(equation, y, z)
        return product if beta == 0 else beta * x + product

    return reference


@composite(in_place=True, reference=_added_reference("mk,kn->mn"))
def addmm(x, mat1, mat2, beta=1, alpha=1):
    """beta x + alpha mat1 mat2.  x: broadcasts to (M, N), mat1: (M, K), mat2: (K, N) -> (M, N)"""
    return _added(x, mm(mat1, mat2), beta, alpha)


@addmm.samples
def _(draw):
    yield Sample(draw(3, 2), draw(3, 4), draw(4, 2))
    yield Sample(draw(2), draw(3, 4), draw(4, 2), beta=0.5, alpha=2.0)
    yield Sample(np.full((3, 2), np.nan), draw.integers(3, 4), draw.integers(4, 2), beta=0)


@composite(in_place=True, reference=_added_reference("mk,k->m"))
def addmv(x, mat, vec, beta=1, alpha=1):
    """beta x + alpha mat vec.  x: broadcasts to (M,), mat: (M, K), vec: (K,) -> (M,)"""
    return _added(x, mv(mat, vec), beta, alpha)


@addmv.samples
def _(draw):
    yield Sample(draw(3), draw(3, 4), draw(4))
    yield Sample(draw(), draw(3, 4), draw(4), beta=0.5, alpha=2.0)


@composite(in_place=True, reference=_added_reference("m,n->mn"))
def addr(x, vec1, vec2, beta=1, alpha=1):
    """beta x + alpha outer(vec1, vec2).  x: broadcasts to (M, N), vec1: (M,), vec2: (N,) -> (M, N)"""
    return _added(x, outer(vec1, vec2), beta, alpha)


@addr.samples
def _(draw):
    yield Sample(draw(3, 2), draw(3), draw(2))
    yield Sample(draw(2), draw(3), draw(2), beta=0.5, alpha=2.0)


@composite(in_place=True, reference=_added_reference("bmk,bkn->bmn"))
def baddbmm(x, batch1, batch2, beta=1, alpha=1):
    """beta x + alpha batch1 batch2.  x: broadcasts to (N, M, L), batch1: (N, M, K), batch2: (N, K, L) -> (N, M, L)"""
    return _added(x, bmm(batch1, batch2), beta, alpha)


@baddbmm.samples
def _(draw):
    yield Sample(draw(2, 3, 2), draw(2, 3, 4), draw(2, 4, 2))
    yield Sample(draw(2), draw(2, 3, 4), draw(2, 4, 2), beta=0.5, alpha=2.0)


@composite(in_place=True, reference=_added_reference("bmk,bkn->mn"))
def addbmm(x, batch1, batch2, beta=1, alpha=1):
    """beta x + alpha (the sum of batch1 batch2 over the batch).

    x: broadcasts to (M, L), batch1: (N, M, K), batch2: (N, K, L) -> (M, L)
    """
    return _added(x, bmm(batch1, batch2).sum(0), beta, alpha)


@addbmm.samples
def _(draw):
    yield Sample(draw(3, 2), draw(2, 3, 4), draw(2, 4, 2))
    yield Sample(draw(2), draw(2, 3, 4), draw(2, 4, 2), beta=0.5, alpha=2.0)


# ---------------------------------------------------------------------------------------------------------------------
# Products of many
# ---------------------------------------------------------------------------------------------------------------------
@functools.lru_cache(maxsize=256)
def _best_split(sizes: tuple[int, ...]) -> tuple[int, Any]:
    """The fewest multiplications for a chain of matrices of sizes[i] x sizes[i + 1], and where to cut it in two.

    The usual recursion over cuts (Cormen et al., Introduction to Algorithms, 15.2).
    """
    if len(sizes) == 2:
        return 0, None
    costs = [
        _best_split(sizes[: cut + 1])[0] + _best_split(sizes[cut:])[0] + sizes[0] * sizes[cut] * sizes[-1]
        for cut in range(1, len(sizes) - 1)
    ]
    best = int(np.argmin(costs))
    return costs[best], best + 1


def _chain(matrices: Sequence[Any]) -> Any:
    if len(matrices) == 1:
        return matrices[0]
    cut = _best_split((*(x.shape[0] for x in matrices), matrices[-1].shape[1]))[1]
    return matmul(_chain(matrices[:cut]), _chain(matrices[cut:]))


@composite(method=False, reference=lambda *matrices: functools.reduce(np.dot, matrices))
def chain_matmul(*matrices):
    """The product of several matrices, in the order that takes the fewest steps.  (M, K), ..., (L, N) -> (M, N)

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 1.0]])
    >>> autograd.chain_matmul(x, x.T, x)
    tensor([[2., 2.]])
    """
    if len(matrices) == 1 and isinstance(matrices[0], (tuple, list)):
        matrices = tuple(matrices[0])
    if not matrices:
        raise ValueError("chain_matmul: needs at least one matrix.")
    for i, x in enumerate(matrices):
        _need("chain_matmul", x, 2, f"matrix {i}")
    for x, y in itertools.pairwise(matrices):
        _need_sizes("chain_matmul", x, y, x.shape[1], y.shape[0])
    return _chain(matrices)


@chain_matmul.samples
def _(draw):
    yield Sample(draw(2, 3), draw(3, 4))
    yield Sample(draw(2, 3), draw(3, 4), draw(4, 1), draw(1, 5))
    yield Sample(draw(1, 5), draw(5, 2), draw(2, 6), draw(6, 3), draw(3, 2))


@mm.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3, 4)), ValueError, "4 against 3"
    yield Sample(draw(2, 3, 4), draw(4, 3)), ValueError, "Use matmul"


@bmm.errors
def _(draw):
    yield Sample(draw(2, 3, 4), draw(1, 4, 3)), ValueError, "2 against 1"


@mv.errors
def _(draw):
    yield Sample(draw(3, 4), draw(4, 3)), ValueError, "a vector"


@dot.errors
def _(draw):
    yield Sample(draw(3), draw(4)), ValueError, "3 against 4"


@outer.errors
def _(draw):
    yield Sample(draw(3), draw(2, 4)), ValueError, "two vectors"


@chain_matmul.errors
def _(draw):
    yield Sample(draw(3, 4), draw(4, 5), draw(4, 5)), ValueError, "5 against 4"
