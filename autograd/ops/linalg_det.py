"""Determinants and their logarithms, with gradients that are right for singular matrices too."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .comparison import masked_fill
from .elementwise import log
from .linalg_matrices import LinAlgError, absorb_matrices, adjoint_of, check_square
from .linalg_solve import inv, inv_ex
from .matmul import conjugate
from .reduction import absorb, values_of


class SignAndLog(NamedTuple):
    """What `slogdet` returns."""

    sign: Any
    logabsdet: Any


# ---------------------------------------------------------------------------------------------------------------------
# The determinant
# ---------------------------------------------------------------------------------------------------------------------
def _by_permutations(x):
    """The sum over all permutations, by expanding along the first row."""
    n = x.shape[-1]
    if n == 0:
        return np.ones(x.shape[:-2], x.dtype)
    return sum(
        (-1) ** j * x[..., 0, j] * _by_permutations(x[..., 1:, [i for i in range(n) if i != j]]) for j in range(n)
    )


@primitive(conjugates=True, aliases=("linalg.det",), reference=_by_permutations)
def det(x):
    """The determinant of square matrices.  x: (*, N, N) -> (*)

    Its gradient is made of the cofactors, and so is right where the determinant is 0, where an inverse does not exist.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    >>> x.det().backward()
    >>> x.grad
    tensor([[ 4., -2.],
            [-2.,  1.]])
    """
    check_square("det", x)
    return np.linalg.det(x)


det.gradient(x=lambda g, x: g[..., None, None] * cofactors(x))


def _as_of_inverse(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The inverse adjoint times the conjugate determinant, and for which matrices that is precise."""
    try:
        inverse = np.linalg.inv(x)
    except LinAlgError:
        return np.zeros_like(x), np.zeros(x.shape[:-2], bool)
    condition = np.abs(x).sum(-2).max(-1, initial=0) * np.abs(inverse).sum(-2).max(-1, initial=0)
    out = adjoint_of(inverse) * conjugate(np.linalg.det(x))[..., None, None]
    return out, condition < np.finfo(x.dtype).eps ** (-1 / 3)


def _decomposed(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The singular values, NaN of what is not finite, between their unitary factors, and the determinant of those."""
    finite = np.isfinite(x).all((-2, -1))
    u, s, vh = np.linalg.svd(np.where(finite[..., None, None], x, x.dtype.type(0)))
    s[~finite] = np.nan
    return u, s, vh, np.linalg.det(u) * np.linalg.det(vh)


def _without(s: np.ndarray, number: int) -> np.ndarray:
    """The products of all of s but one (a vector), or but two (a matrix with zeros on its diagonal)."""
    n = s.shape[-1]
    left_out = np.eye(n, dtype=bool)
    if number == 2:
        left_out = left_out[:, None, :] | left_out[None, :, :]
    shape = s.shape[:-1] + (1,) * number + (n,)
    out = np.where(left_out, s.dtype.type(1), s.reshape(shape)).prod(-1)
    return out * ~np.eye(n, dtype=bool) if number == 2 else out


def _cofactors_by_minors(x):
    out = np.empty_like(x)
    n = x.shape[-1]
    for i in range(n):
        for j in range(n):
            minor = np.delete(np.delete(x, i, -2), j, -1)
            out[..., i, j] = (-1) ** (i + j) * conjugate(_by_permutations(minor))
    return out


@primitive(method=False, conjugates=True, reference=_cofactors_by_minors)
def cofactors(x):
    """The conjugate cofactors of square matrices, of which the gradient of `det` is made.  x: (*, N, N) -> (*, N, N)

    Through the inverse where that is precise, else through the singular value decomposition x = U S Vh: the cofactors
    of a diagonal matrix are products of all of its elements but one, and those of U and Vh are themselves.
    """
    check_square("cofactors", x)
    out, precise = _as_of_inverse(x)
    if not precise.all():
        u, s, vh, sign = _decomposed(x)
        by_values = (u * _without(s, 1)[..., None, :]) @ vh * conjugate(sign)[..., None, None]
        out = np.where(precise[..., None, None], out, by_values)
    return out


def _slope_by_inverse(x: Any, v: Any) -> Any:
    """The derivative of `cofactors` at x in the direction v, where x has an inverse."""
    inverse = inv(x)
    product = inverse @ v
    trace = product.diagonal(0, -2, -1).sum(-1)[..., None, None]
    return adjoint_of((trace * inverse - product @ inverse) * det(x)[..., None, None])


@primitive(method=False, conjugates=True, reference=_slope_by_inverse)
def cofactors_slope(x, v):
    """The derivative of `cofactors` at x in the direction v.  x, v: (*, N, N) -> (*, N, N)

    By x = U S Vh, as `cofactors`: for a diagonal matrix the derivative is made of products of all elements but two.
    """
    u, s, vh, sign = _decomposed(x)
    m = adjoint_of(u) @ v @ adjoint_of(vh)
    products = _without(s, 2).astype(s.dtype, copy=False)
    n = x.shape[-1]
    slope = -products * m
    diagonal = (products @ np.diagonal(m, 0, -2, -1)[..., None])[..., 0]
    slope[..., np.arange(n), np.arange(n)] += diagonal
    return adjoint_of(adjoint_of(vh) @ slope @ adjoint_of(u) * sign[..., None, None])


# Both are symmetric: the gradient is the derivative in the direction of what comes in.
cofactors.gradient(x=lambda g, x: cofactors_slope(x, g))


def _second_slope(x: Any, v: Any, w: Any) -> Any:
    """The second derivative of `cofactors` at x in the directions v and w; NaN where x has no inverse."""
    inverse = inv_ex(x)[0]
    a, b = inverse @ v, inverse @ w

    def trace(m: Any) -> Any:
        return m.diagonal(0, -2, -1).sum(-1)[..., None, None]

    ab = a @ b
    of_adjugate = (trace(a) * trace(b) - trace(ab)) * inverse - trace(a) * (b @ inverse) - trace(b) * (a @ inverse)
    slope = adjoint_of((of_adjugate + (ab + b @ a) @ inverse) * det(x)[..., None, None])
    return absorb_matrices(slope, w)


cofactors_slope.gradient(x=lambda g, x, v: _second_slope(x, v, g), v=lambda g, x: cofactors_slope(x, g))


def _some(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 3))
    yield Sample(draw(2, 1, 2, 2))
    yield Sample(draw(1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(draw.complex(3, 3))
    yield Sample(draw.complex(2, 2, 2))


cofactors.samples(_some)


@det.samples
def _(draw):
    yield from _some(draw)
    column = draw(4, 1)
    yield Sample(column @ draw(1, 4) + draw(4, 1) @ draw(1, 4) + draw(4, 1) @ draw(1, 4))
    yield Sample(column @ draw(1, 4) + draw(4, 1) @ draw(1, 4))
    yield Sample(np.zeros((2, 2)))
    yield Sample(np.stack([np.ones((3, 3)), np.eye(3), draw(3, 3)]))
    yield Sample(draw.complex(3, 1) @ draw.complex(1, 3))


@cofactors_slope.samples
def _(draw):
    yield Sample(draw(3, 3) + 4 * np.eye(3), draw(3, 3))
    yield Sample(draw(2, 2, 2) + 4 * np.eye(2), draw(2, 2, 2))
    yield Sample(draw.complex(3, 3) + 4 * np.eye(3), draw.complex(3, 3))


def _not_square(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(draw(3)), ValueError, "last two axes"


det.errors(_not_square)


# ---------------------------------------------------------------------------------------------------------------------
# Its logarithm
# ---------------------------------------------------------------------------------------------------------------------
def _slogdet_reference(x):
    value = _by_permutations(x)
    return value / np.abs(value), np.log(np.abs(value))


@primitive(conjugates=True, aliases=("linalg.slogdet",), reference=_slogdet_reference)
def slogdet(x):
    """The sign of the determinant, or its complex direction, and the logarithm of its size.  x: (*, N, N) -> (*), (*)

    The determinant is sign times exp(logabsdet), which may be out of range itself. Of a singular matrix they are 0 and
    minus infinity, and the derivative of logabsdet is NaN unless what comes in is 0.
    """
    check_square("slogdet", x)
    return SignAndLog(*np.linalg.slogdet(x))


@slogdet.gradients("x")
def _(g, x, out):
    by_sign, by_log = g
    if x.dtype.kind == "c":
        turn = conjugate(by_sign) * out[0]
        by_log = by_log - (turn - conjugate(turn)) / 2
    by_log = by_log[..., None, None]
    return (absorb(by_log * adjoint_of(inv_ex(x)[0]), by_log),)


slogdet.samples(_some)
slogdet.errors(_not_square)


@composite(
    conjugates=True,
    reference=lambda x: np.emath.log(_by_permutations(x)) if x.dtype.kind == "c" else np.log(_by_permutations(x)),
)
def logdet(x):
    """The logarithm of the determinant.  x: (*, N, N) -> (*)

    Of real matrices NaN where the determinant is negative, minus infinity where it is 0.
    """
    sign, logabsdet = slogdet(x)
    if sign.dtype.kind == "c":
        return log(sign) + logabsdet
    return masked_fill(logabsdet, values_of(sign) < 0, np.nan)


@logdet.samples
def _(draw):
    yield Sample(draw(3, 3) + 4 * np.eye(3))
    yield Sample(draw(2, 3, 3) + 4 * np.eye(3))
    yield Sample(draw(2, 1, 2, 2) + 4 * np.eye(2))
    yield Sample(draw(1, 1) + 4)
    yield Sample(draw(0, 0))
    yield Sample(draw.complex(3, 3))


logdet.errors(lambda draw: [(Sample(draw(3, 4)), ValueError, "needs square matrices")])
