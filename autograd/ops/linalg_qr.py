"""Orthogonal factors: QR, and the Householder reflections that LAPACK makes it of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..fused import fused
from ..gradients import grad
from ..modes import ModeSetting
from ..op import Sample
from ..tensor import Tensor
from .diagonal import tril, triu
from .joining import cat
from .linalg_lu import lu_factor_ex
from .linalg_matrices import absorb_matrices, adjoint_of, check_batches, check_matrices, flat, float_dtype, from_scipy
from .linalg_solve import solve_triangular
from .matmul import conjugate
from .order import flip
from .reduction import values_of


class Factors(NamedTuple):
    """What `linalg.qr` returns."""

    Q: Any
    R: Any


class Reflections(NamedTuple):
    """What `geqrf` returns: R and, below its diagonal, the vectors of the reflections; and their factors."""

    a: Any
    tau: Any


# ---------------------------------------------------------------------------------------------------------------------
# QR
# ---------------------------------------------------------------------------------------------------------------------
def _qr_reference(A, mode="reduced"):
    """By LAPACK's reflections, applied one after another."""
    a, tau = (np.asarray(part) for part in _reflections(A))
    m, n = A.shape[-2:]
    k = min(m, n)
    size = m if mode == "complete" else k
    Q = np.broadcast_to(np.eye(m, size, dtype=a.dtype), (*A.shape[:-2], m, size)).copy()
    for i in reversed(range(k)):
        v = np.concatenate([np.zeros((*A.shape[:-2], i)), np.ones((*A.shape[:-2], 1)), a[..., i + 1 :, i]], -1)
        Q -= tau[..., i, None, None] * v[..., :, None] * (v.conj()[..., None, :] @ Q)
    R = np.triu(a[..., :size, :])
    return (np.zeros(0), R) if mode == "r" else (Q, R)


@primitive(namespace="linalg", conjugates=True, reference=_qr_reference)
def qr(A, mode="reduced"):
    """A as Q R, with orthonormal columns in Q and R upper triangular.  A: (*, M, N) -> (Q: (*, M, K), R: (*, K, N))

    mode: "reduced" with K = min(M, N); "complete" with K = M; "r" for R alone, with an empty Q. The signs of the
    diagonal of R are LAPACK's. The gradient takes the first min(M, N) columns of A to be independent; what comes in by
    the columns of a complete Q beyond N, which are arbitrary, is refused.
    """
    check_matrices("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"linalg.qr: mode is {mode!r}. Give 'reduced', 'complete' or 'r'.")
    out: Any = np.linalg.qr(A, mode)
    return Factors(np.zeros(0, out.dtype), out) if mode == "r" else Factors(*out)


qr.op.fills = False  # Q and R each for itself: what is not used takes no part


def _symmetric(x: Any) -> Any:
    """x + x^H, with the real diagonal once.  x: upper triangular"""
    off = triu(x, 1)
    diagonal = x - off
    return off + adjoint_of(off) + (diagonal + conjugate(diagonal)) / 2


def _skew(x: Any) -> Any:
    """The lower triangle of x - x^H, with the imaginary diagonal once."""
    off = tril(x - adjoint_of(x), -1)
    diagonal = tril(triu(x))
    return off + (diagonal - conjugate(diagonal)) / 2


@qr.gradients("A")
def _(g, A, out, mode):
    gQ, gR = g
    Q, R = out
    m, n = A.shape[-2:]
    if mode == "r":
        Q, R = qr(A)
        gQ = None
    elif mode == "complete" and m > n:
        if gQ is not None:
            raise RuntimeError(
                f"linalg.qr: mode='complete' of {tuple(A.shape)} has no gradient by Q: its columns beyond {n} are "
                f"arbitrary. Use mode='reduced'."
            )
        Q, R, gR = Q[..., :n], R[..., :n, :], gR[..., :n, :]
    if gQ is None and gR is None:
        return (None,)
    inner: Any = 0
    if gR is not None:
        inner = gR @ adjoint_of(R)
    if gQ is not None:
        inner = inner - adjoint_of(Q) @ gQ
    if m >= n:
        found = Q @ _symmetric(triu(inner))
        if gQ is not None:
            found = found + gQ
        return (absorb_matrices(solve_triangular(adjoint_of(R), found, False, False), gQ, gR),)
    found = solve_triangular(adjoint_of(R[..., :m]), Q @ _skew(-inner), False, False)
    found = cat([found, np.zeros((*A.shape[:-1], n - m), found.dtype)], -1)
    return (absorb_matrices(found if gR is None else found + Q @ gR, gQ, gR),)


def _tall_and_wide(draw):
    yield Sample(draw(3, 3) + 2 * np.eye(3))
    yield Sample(draw(5, 3) + 2 * np.eye(5, 3))
    yield Sample(draw(3, 5) + 2 * np.eye(3, 5))
    yield Sample(draw(2, 4, 3) + 2 * np.eye(4, 3))
    yield Sample(draw(2, 1, 2, 3) + 2 * np.eye(2, 3))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 3, 2))
    yield Sample(draw(3, 0))
    yield Sample(draw.complex(3, 3) + 2 * np.eye(3))
    yield Sample(draw.complex(4, 2) + 2 * np.eye(4, 2))
    yield Sample(draw.complex(2, 2, 3) + 2 * np.eye(2, 3))


@qr.samples
def _(draw):
    yield from _tall_and_wide(draw)
    yield Sample(draw(3, 3) + 2 * np.eye(3), "complete")
    yield Sample(draw(3, 5) + 2 * np.eye(3, 5), mode="complete")
    yield Sample(draw.integers(5, 3), mode="complete")
    yield Sample(draw(4, 3) + 2 * np.eye(4, 3), mode="r")
    yield Sample(draw(3, 4) + 2 * np.eye(3, 4), mode="r")
    yield Sample(draw.complex(3, 3) + 2 * np.eye(3), mode="r")


@qr.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(draw(3, 3), "full"), ValueError, "'complete'"


@composite(name="qr", method=True, reference=lambda x, some=True: _qr_reference(x, "reduced" if some else "complete"))
def older_qr(x, some=True):
    """As `linalg.qr`, under an older name.  x: (*, M, N) -> (Q: (*, M, K), R: (*, K, N))

    some: K = min(M, N); with False, K = M.
    """
    return qr(x, "reduced" if some else "complete")


@older_qr.samples
def _(draw):
    yield from _tall_and_wide(draw)
    yield Sample(draw(3, 3) + 2 * np.eye(3), some=False)


# ---------------------------------------------------------------------------------------------------------------------
# Reflections
# ---------------------------------------------------------------------------------------------------------------------
def _reflections(x: np.ndarray) -> Reflections:
    dtype = float_dtype(x)
    a = np.array(x, dtype, order="C")
    tau = np.zeros((*x.shape[:-2], min(x.shape[-2:])), dtype)
    if a.size:
        geqrf = from_scipy("get_lapack_funcs")("geqrf", dtype=dtype)
        for matrix, factors in zip(flat(a), tau.reshape(-1, tau.shape[-1]), strict=True):
            matrix[...], factors[...] = geqrf(matrix)[:2]
    return Reflections(a, tau)


def _from_orthogonal(x):
    """The same by operations: below the diagonal lies the lower factor of Q - 1, and -tau is the diagonal of the upper.

    Since Q = 1 - V T V1^H, with T upper triangular (Ballard et al., Reconstructing Householder vectors, 2014).
    """
    Q, R = qr(x)
    packed = lu_factor_ex(Q - np.eye(*Q.shape[-2:], dtype=x.dtype), False)[0]
    below = tril(packed, -1)
    if x.shape[-1] > x.shape[-2]:
        below = cat([below, np.zeros((*x.shape[:-1], x.shape[-1] - x.shape[-2]), x.dtype)], -1)
        return Reflections(below + R, -packed.diagonal(0, -2, -1))
    zeros = np.zeros((*x.shape[:-2], x.shape[-2] - x.shape[-1], x.shape[-1]), x.dtype)
    return Reflections(below + cat([R, zeros], -2), -packed.diagonal(0, -2, -1))


@fused(conjugates=True, reference=lambda x: tuple(_from_orthogonal(x)))
def geqrf(x):
    """The QR factorization as LAPACK keeps it.  x: (*, M, N) -> (a: (*, M, N), tau: (*, K))

    a: R and, below its diagonal, the vectors of reflections; tau: their factors.
    Q is the product of 1 - tau_i v_i v_i^H over i < K = min(M, N), where v_i is 0 above i, 1 at i, and column i of `a`
    below: see `orgqr` and `ormqr`.
    """
    check_matrices("geqrf", x)
    return _from_orthogonal(x)


@geqrf.kernel
def _(x):
    check_matrices("geqrf", x)
    return _reflections(x)


@geqrf.backward("x")
def _(g, x):
    with ModeSetting(recording=True):
        place = Tensor(x, requires_grad=True)
        found = grad(list(_from_orthogonal(place)), place, list(g))
    return (values_of(found[0]),)


@geqrf.samples
def _(draw):
    yield Sample(draw(3, 3) + 2 * np.eye(3))
    yield Sample(draw(5, 3) + 2 * np.eye(5, 3))
    yield Sample(draw(3, 5) + 2 * np.eye(3, 5))
    yield Sample(draw(2, 4, 3) + 2 * np.eye(4, 3))
    yield Sample(draw(0, 0))
    yield Sample(draw.complex(3, 3) + 2 * np.eye(3))
    yield Sample(draw.complex(2, 4, 2) + 2 * np.eye(4, 2))


def _vectors(a: Any, k: int) -> Any:
    """The vectors of the reflections, with the ones and zeros that are not kept.  a: (*, M, N) -> (*, M, K)"""
    return tril(a[..., :k], -1) + np.eye(a.shape[-2], k, dtype=a.dtype)


def _reflected(v: Any, tau: Any, x: Any) -> Any:
    """H_1 ... H_K x, as one product 1 - V T V^H (Schreiber and Van Loan, 1989)."""
    inner = tau[..., None] * triu(adjoint_of(v) @ v, 1)
    factors = solve_triangular(inner, tau[..., None] * (adjoint_of(v) @ x), True, True, True)
    return x - v @ factors


def _check_reflections(name: str, a: Any, tau: Any) -> None:
    check_matrices(name, a)
    if tau.ndim != a.ndim - 1 or tuple(tau.shape[:-1]) != tuple(a.shape[:-2]) or tau.shape[-1] > a.shape[-1]:
        raise ValueError(
            f"{name}: tau {tuple(tau.shape)} does not belong to A {tuple(a.shape)}: it has a factor for each column, "
            f"or for the first ones."
        )


def _one_by_one(a, tau, x):
    """The product of the reflections and x."""
    for i in reversed(range(tau.shape[-1])):
        ones, zeros = np.ones((*a.shape[:-2], 1)), np.zeros((*a.shape[:-2], i))
        v = np.concatenate([zeros, ones, a[..., i + 1 :, i]], -1)[..., None]
        x = x - tau[..., i, None, None] * v @ (v.conj().mT @ x)
    return x


@composite(
    namespace="linalg",
    aliases=("orgqr",),
    reference=lambda A, tau: _one_by_one(A, tau, np.broadcast_to(np.eye(*A.shape[-2:]), A.shape)),
)
def householder_product(A, tau):
    """The first columns of the product of reflections that `geqrf` gives.  A: (*, M, N), tau: (*, K) -> (*, M, N)

    With M >= N >= K. `householder_product(*geqrf(x))` is Q.
    """
    _check_reflections("linalg.householder_product", A, tau)
    if A.shape[-2] < A.shape[-1]:
        raise ValueError(f"linalg.householder_product: A {tuple(A.shape)} has more columns than rows.")
    return _reflected(_vectors(A, tau.shape[-1]), tau, np.eye(*A.shape[-2:], dtype=A.dtype))


@householder_product.samples
def _(draw):
    yield Sample(draw(3, 3), draw(3))
    yield Sample(draw(5, 3), draw(3))
    yield Sample(draw(5, 3), draw(2))
    yield Sample(draw(2, 4, 2), draw(2, 2))
    yield Sample(draw(2, 4, 2), np.zeros((2, 2)))
    yield Sample(draw(0, 0), draw(0))
    yield Sample(draw.complex(4, 3), draw.complex(3))
    yield Sample(draw.complex(2, 3, 3), draw.complex(2, 2))


@householder_product.errors
def _(draw):
    yield Sample(draw(3, 4), draw(3)), ValueError, "more columns than rows"
    yield Sample(draw(4, 3), draw(4)), ValueError, "tau (4,) does not belong to A (4, 3)"
    yield Sample(draw(2, 4, 3), draw(3)), ValueError, "does not belong"


def _ormqr_reference(x, tau, other, left=True, transpose=False):
    m = x.shape[-2]
    Q = _one_by_one(x, tau, np.broadcast_to(np.eye(m), (*x.shape[:-2], m, m)))
    Q = Q.conj().mT if transpose else Q
    return Q @ other if left else other @ Q


@composite(reference=_ormqr_reference)
def ormqr(x, tau, other, left=True, transpose=False):
    """The square Q of the reflections that `geqrf` gives, times a matrix.  x: (*, M, N), tau: (*, K), other -> as other

    other: (*, M, L), or with `left=False` (*, L, M), and the product is other Q. transpose: take Q^H.
    """
    _check_reflections("ormqr", x, tau)
    check_matrices("ormqr", other)
    rows = other if left else adjoint_of(other)
    if rows.shape[-2] != x.shape[-2]:
        raise ValueError(
            f"ormqr: x {tuple(x.shape)} makes a Q of {x.shape[-2]} rows and columns, which does not fit other "
            f"{tuple(other.shape)}."
        )
    check_batches("ormqr", x.shape, other.shape)
    v = _vectors(x, tau.shape[-1])
    if bool(transpose) == bool(left):  # the adjoint of the product: the adjoints in opposite order
        v, tau = flip(v, -1), flip(conjugate(tau), -1)
    out = _reflected(v, tau, rows)
    return out if left else adjoint_of(out)


@ormqr.samples
def _(draw):
    for left in (True, False):
        for transpose in (True, False):
            yield Sample(draw(4, 3), draw(3), draw(4, 2) if left else draw(2, 4), left, transpose)
            other = draw.complex(4, 2) if left else draw.complex(2, 4)
            yield Sample(draw.complex(4, 3), draw.complex(3), other, left=left, transpose=transpose)
    yield Sample(draw(2, 3, 3), draw(2, 3), draw(2, 3, 1))
    yield Sample(draw(0, 0), draw(0), draw(0, 2))


@ormqr.errors
def _(draw):
    yield Sample(draw(4, 3), draw(3), draw(3, 2)), ValueError, "does not fit other (3, 2)"
    yield Sample(draw(4, 3), draw(4), draw(4, 2)), ValueError, "does not belong"
