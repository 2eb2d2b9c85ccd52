"""Singular values and vectors, and what is made of them: the pseudo-inverse and least squares."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from ..tensor import Tensor
from .diagonal import diag_embed
from .linalg_eig import check_phases, comes_in, decomposed, over_gaps
from .linalg_matrices import absorb_matrices, adjoint_of, check_matrices
from .matmul import conjugate
from .reduction import absorb, values_of


class Singular(NamedTuple):
    """What `linalg.svd` returns."""

    U: Any
    S: Any
    Vh: Any


class OlderSingular(NamedTuple):
    """What `svd` returns: V, not its adjoint."""

    U: Any
    S: Any
    V: Any


# ---------------------------------------------------------------------------------------------------------------------
# Singular values
# ---------------------------------------------------------------------------------------------------------------------
def _check_driver(driver: str | None) -> None:
    if driver not in (None, "gesdd", "gesvd", "gesvdj", "gesvda"):
        raise ValueError(f"linalg.svd: driver {driver!r} is not known. Leave it out: LAPACK's gesdd is used anyway.")


def _svd_reference(A, full_matrices=True, driver=None):
    from scipy.linalg import svd as by_scipy

    m, n = A.shape[-2:]
    k = min(m, n)
    rows, columns = (m, n) if full_matrices else (k, k)
    dtype = A.dtype if A.dtype.kind in "fc" else float
    U, S = np.zeros((*A.shape[:-2], m, rows), dtype), np.zeros((*A.shape[:-2], k))
    Vh = np.zeros((*A.shape[:-2], columns, n), dtype)
    for i in np.ndindex(*A.shape[:-2]):
        if k:
            U[i], S[i], Vh[i] = by_scipy(A[i], full_matrices=full_matrices)
        else:
            U[i], Vh[i] = np.eye(m, rows), np.eye(columns, n)
    return U, S, Vh


@primitive(namespace="linalg", conjugates=True, reference=_svd_reference)
def svd(A, full_matrices=True, driver=None):
    """A as U diag(S) Vh, S in descending order.  A: (*, M, N) -> (U: (*, M, M), S: (*, K), Vh: (*, N, N))

    full_matrices: with False, U has K = min(M, N) columns and Vh K rows. Else those beyond K are arbitrary, and have
    no gradient.
    The sign, or complex phase, of a pair of vectors is arbitrary: what depends on the phase has no gradient
    (RuntimeError). The gradient by S needs no gaps between singular values; that by the vectors of equal or zero ones
    is infinite or NaN. driver: taken for PyTorch's sake.

    >>> import autograd
    >>> autograd.linalg.svd(autograd.Tensor([[0.0, 2.0], [1.0, 0.0]])).S
    tensor([2., 1.])
    """
    check_matrices("linalg.svd", A)
    _check_driver(driver)
    return Singular(*decomposed("linalg.svd", A, lambda x: np.linalg.svd(x, bool(full_matrices))))


svd.op.fills = False  # where no gradient comes in by the vectors, gaps play no part


def _skew(x: Any) -> Any:
    return x - adjoint_of(x)


def _over_values(numerator: Any, S: Any, alive: np.ndarray) -> Any:
    """numerator / S, by columns; 0 in place of 0 / 0 where nothing comes in by the vector of a column."""
    quotient = numerator / S[..., None, :]
    incoming = np.broadcast_to(alive, quotient.shape).astype(np.float32)
    return absorb(quotient, Tensor(incoming) if isinstance(quotient, Tensor) else incoming)


def _outside(g: Any, V: Any, inner: Any, S: Any) -> Any:
    """What comes in by vectors that turn out of the space that they span, over the singular values."""
    return _over_values(g - V @ inner, S, comes_in(g))


@svd.gradients("A")
def _(g, A, out):
    gU, gS, gVh = g
    m, n = A.shape[-2:]
    k = min(m, n)
    U, S, V = out[0][..., :k], out[1], adjoint_of(out[2][..., :k, :])
    if gU is None and gVh is None:
        return (absorb_matrices((U * gS[..., None, :]) @ adjoint_of(V), gS),)
    gU = None if gU is None else gU[..., :k]
    gV = None if gVh is None else adjoint_of(gVh[..., :k, :])
    of_u = None if gU is None else adjoint_of(U) @ gU
    of_v = None if gV is None else adjoint_of(V) @ gV
    turning = sum(part for part in (of_u, of_v) if part is not None)
    alive = np.logical_or.reduce([comes_in(part) for part in (gU, gV) if part is not None])
    if U.dtype.kind == "c":
        turns = np.diagonal(values_of(turning), 0, -2, -1).imag
        incoming = np.concatenate([values_of(part) for part in (gU, gV) if part is not None], -2)
        check_phases("linalg.svd", turns, incoming, "singular vectors")
    both = alive | alive.mT
    left, right = (0 if part is None else _skew(part) / 2 for part in (of_u, of_v))
    # (left S_j + S_i right) / (S_j^2 - S_i^2), in the form that small gaps harm least.
    middle = over_gaps(left + right, S[..., None, :] - S[..., :, None], both)
    middle = middle + over_gaps(left - right, S[..., None, :] + S[..., :, None], both)
    if of_u is not None and U.dtype.kind == "c":
        diagonal = of_u.diagonal(0, -2, -1)
        phase = _over_values(((diagonal - conjugate(diagonal)) / 2)[..., None, :], S, comes_in(gU))
        middle = middle + diag_embed(phase[..., 0, :])
    if gS is not None:
        middle = middle + diag_embed(gS)
    found = U @ middle @ adjoint_of(V)
    if gU is not None and m > k:
        found = found + _outside(gU, U, of_u, S) @ adjoint_of(V)
    if gV is not None and n > k:
        found = found + U @ adjoint_of(_outside(gV, V, of_v, S))
    return (absorb_matrices(found, gU, gS, gV),)


def _apart(draw, *shape: int, complex: bool = False) -> np.ndarray:
    """Matrices with singular values that keep apart."""
    x = draw.complex(*shape) if complex else draw(*shape)
    U, _, Vh = np.linalg.svd(x, full_matrices=False)
    return (U * (1.0 + np.arange(min(shape[-2:])))) @ Vh


def _any_matrix(draw):
    yield Sample(_apart(draw, 3, 3))
    yield Sample(_apart(draw, 4, 3))
    yield Sample(_apart(draw, 3, 4))
    yield Sample(_apart(draw, 2, 3, 2))
    yield Sample(_apart(draw, 2, 1, 2, 3))
    yield Sample(_apart(draw, 1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 3, 2))


@svd.samples
def _(draw):
    for sample in _any_matrix(draw):
        yield Sample(*sample.args, full_matrices=False)
    yield Sample(_apart(draw, 3, 3))
    yield Sample(_apart(draw, 2, 3, 3), True)
    yield Sample(draw.integers(3, 2))
    yield Sample(draw.integers(2, 4))
    yield Sample(draw.integers(0, 3))


def _no_values(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(np.stack([np.eye(3), np.full((3, 3), np.nan)])), ValueError, "matrix 1 of the batch"


@svd.errors
def _(draw):
    yield from _no_values(draw)
    yield Sample(draw(3, 3), driver="qr"), ValueError, "gesdd"


@primitive(namespace="linalg", conjugates=True, reference=lambda A, driver=None: _svd_reference(A)[1])
def svdvals(A, driver=None):
    """The singular values, in descending order.  A: (*, M, N) -> (*, min(M, N))

    Equal ones share the gradient in a way that is up to LAPACK; it is finite, and right for what treats them alike.
    """
    check_matrices("linalg.svdvals", A)
    _check_driver(driver)
    return decomposed("linalg.svdvals", A, lambda x: np.linalg.svd(x, compute_uv=False))


@svdvals.gradients("A")
def _(g, A):
    U, _, Vh = svd(A, False)
    return (absorb_matrices((U * g[..., None, :]) @ Vh, g),)


@svdvals.samples
def _(draw):
    yield from _any_matrix(draw)
    yield Sample(_apart(draw, 3, 3, complex=True))
    yield Sample(_apart(draw, 2, 3, 2, complex=True))


svdvals.errors(_no_values)


@primitive(
    namespace="linalg", conjugates=True, reference=lambda A: (lambda U, S, Vh: U @ Vh)(*_svd_reference(A, False))
)
def polar(A):
    """The nearest matrix with orthonormal columns, or rows: U Vh.  A: (*, M, N) -> (*, M, N)

    Made of the singular value decomposition (Higham, Computing the polar decomposition, 1986). It is the gradient of
    the nuclear norm. Its own gradient needs no gaps between singular values.
    """
    check_matrices("linalg.polar", A)
    U, _, Vh = decomposed("linalg.polar", A, lambda x: np.linalg.svd(x, full_matrices=False))
    return U @ Vh


@polar.gradients("A")
def _(g, A):
    m, n = A.shape[-2:]
    U, S, Vh = svd(A, False)
    V = adjoint_of(Vh)
    inner = adjoint_of(U) @ g @ V
    middle = over_gaps(_skew(inner), S[..., None, :] + S[..., :, None], np.ones((1, 1), bool))
    if U.dtype.kind == "c":
        diagonal = inner.diagonal(0, -2, -1)
        middle = middle + diag_embed((diagonal - conjugate(diagonal)) / (S + S))
    found = U @ middle @ Vh
    if m > n:
        found = found + ((g @ V - U @ inner) / S[..., None, :]) @ Vh
    if n > m:
        found = found + U @ ((adjoint_of(U) @ g - inner @ Vh) / S[..., :, None])
    return (absorb_matrices(found, g),)


@polar.samples
def _(draw):
    yield from _any_matrix(draw)
    yield Sample(_apart(draw, 3, 3, complex=True))
    yield Sample(_apart(draw, 2, 3, 2, complex=True))
    yield Sample(_apart(draw, 2, 4, complex=True))


polar.errors(_no_values)


@composite(
    name="svd",
    method=True,
    reference=lambda x, some=True, compute_uv=True: _older_reference(x, some, compute_uv),
)
def older_svd(x, some=True, compute_uv=True):
    """As `linalg.svd`, under an older name, with V for Vh.  x: (*, M, N) -> (U: (*, M, K), S: (*, K), V: (*, N, K))

    some: K = min(M, N); with False, U and V are square. compute_uv: with False, U and V are square and 0.
    """
    if not compute_uv:
        values = svdvals(x)
        m, n = x.shape[-2:]
        zeros = [np.zeros((*x.shape[:-2], size, size), x.dtype) for size in (m, n)]
        U, V = (Tensor(part) if isinstance(x, Tensor) else part for part in zeros)
        return OlderSingular(U, values, V)
    U, S, Vh = svd(x, not some)
    return OlderSingular(U, S, adjoint_of(Vh))


def _older_reference(x, some, compute_uv):
    U, S, Vh = _svd_reference(x, not some or not compute_uv)
    return (U, S, Vh.conj().mT) if compute_uv else (U * 0, S, Vh * 0)


@older_svd.samples
def _(draw):
    yield from _any_matrix(draw)
    yield Sample(_apart(draw, 3, 3), some=False)
    yield Sample(_apart(draw, 3, 2), compute_uv=False)
    yield Sample(draw.integers(3, 2), False)
