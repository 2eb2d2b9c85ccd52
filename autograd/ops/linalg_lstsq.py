"""What singular values decide: ranks, pseudo-inverses, and solutions of equations that have none or many."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .diagonal import tril
from .linalg_eig import decomposed
from .linalg_matrices import (
    LinAlgError,
    absorb_matrices,
    adjoint_of,
    check_batches,
    check_matrices,
    check_square,
    name_matrix,
)
from .linalg_solve import of_vectors
from .linalg_svd import svd


class LeastSquares(NamedTuple):
    """What `linalg.lstsq` returns."""

    solution: Any
    residuals: Any
    rank: Any
    singular_values: Any


def _cut(A: np.ndarray, sizes: np.ndarray, atol: Any, rtol: Any) -> np.ndarray:
    """The value at and below which singular values count as 0, as a column beside them."""
    if rtol is None:
        rtol = max(A.shape[-2:]) * np.finfo(sizes.dtype).eps if atol is None else 0.0
    most = sizes.max(-1, initial=0)
    return np.asarray(np.maximum(0.0 if atol is None else atol, np.asarray(rtol) * most))[..., None]


def _singular_values(name: str, A: np.ndarray, hermitian: bool) -> np.ndarray:
    if hermitian:
        check_square(name, A)
        return np.abs(decomposed(name, A, np.linalg.eigvalsh))
    check_matrices(name, A)
    return decomposed(name, A, lambda x: np.linalg.svd(x, compute_uv=False))


def _rank_reference(A, tol=None, hermitian=False, atol=None, rtol=None):
    atol = tol if atol is None else atol
    if atol is not None and rtol is None:
        rtol = 0.0
    top = np.linalg.norm(A, 2, (-2, -1)) if A.size else np.zeros(A.shape[:-2])
    rtol = max(A.shape[-2:]) * np.finfo(float).eps if rtol is None else rtol
    limit = np.maximum(0 if atol is None else atol, rtol * top)
    return np.linalg.matrix_rank(A, limit) if A.size else np.zeros(A.shape[:-2], int)


@primitive(namespace="linalg", reference=_rank_reference)
def matrix_rank(A, tol=None, hermitian=False, atol=None, rtol=None):
    """How many singular values are above max(atol, rtol times the largest).  A: (*, M, N) -> (*) of int64

    atol: default 0. rtol: default max(M, N) times the machine epsilon, or 0 where atol is given. Numbers, or arrays
    with one for each matrix. tol: another name of atol. hermitian: A is, and its lower triangle alone is read.
    """
    sizes = _singular_values("linalg.matrix_rank", A, hermitian)
    return (sizes > _cut(A, sizes, tol if atol is None else atol, rtol)).sum(-1)


@matrix_rank.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(2, 3, 1) @ draw(2, 1, 4))
    yield Sample(draw(4, 3), 0.5)
    yield Sample(draw(2, 3, 3), atol=np.array([0.1, 5.0]))
    yield Sample(draw(3, 3), rtol=0.5)
    yield Sample(np.diag([3.0, -1.0, 0.0]), hermitian=True)
    yield Sample(np.zeros((2, 0, 3)))
    yield Sample(draw.complex(3, 4))


matrix_rank.errors(lambda draw: [(Sample(draw(3, 4), hermitian=True), ValueError, "needs square matrices")])


# ---------------------------------------------------------------------------------------------------------------------
# Pseudo-inverses
# ---------------------------------------------------------------------------------------------------------------------
def _pinv(name: str, A: np.ndarray, atol: Any, rtol: Any, hermitian: bool) -> np.ndarray:
    if hermitian:
        check_square(name, A)
        values, V = decomposed(name, A, np.linalg.eigh)
        sizes = np.abs(values)
        U = V
    else:
        check_matrices(name, A)
        U, values, Vh = decomposed(name, A, lambda x: np.linalg.svd(x, full_matrices=False))
        sizes, V = values, adjoint_of(Vh)
    inverse = np.where(sizes > _cut(A, sizes, atol, rtol), 1 / np.where(sizes > 0, values, 1), 0).astype(values.dtype)
    return (V * inverse[..., None, :]) @ adjoint_of(U)


def _pinv_reference(A, rcond=None, hermitian=False, atol=None, rtol=None):
    from scipy.linalg import pinv as by_scipy

    rtol = rcond if rtol is None else rtol
    if rtol is None:
        rtol = max(A.shape[-2:]) * np.finfo(float).eps if atol is None else 0.0
    out = np.zeros((*A.shape[:-2], A.shape[-1], A.shape[-2]), np.result_type(A, float))
    for i in np.ndindex(*A.shape[:-2]):
        if A[i].size:
            top = np.linalg.norm(A[i], 2)
            out[i] = by_scipy(A[i], atol=max(0.0 if atol is None else atol, rtol * top), rtol=0.0)
    return out


@primitive(namespace="linalg", conjugates=True, reference=_pinv_reference)
def pinv(A, rcond=None, hermitian=False, atol=None, rtol=None):
    """The pseudo-inverse of Moore and Penrose: the inverse on what A reaches, 0 elsewhere.  A: (*, M, N) -> (*, N, M)

    Singular values count as 0 up to max(atol, rtol times the largest); rcond is another name of rtol. atol: default 0.
    rtol: default max(M, N) times the machine epsilon, or 0 where atol is given. hermitian: A is, and its lower triangle
    alone is read. The gradient is that along changes that keep the rank.
    """
    return _pinv("linalg.pinv", A, atol, rcond if rtol is None else rtol, hermitian)


def _by_pinv(g: Any, A: Any, P: Any) -> Any:
    """The gradient by A, given that by its pseudo-inverse P (Golub and Pereyra, 1973)."""
    adjoint = adjoint_of(P)
    K = adjoint_of(g) @ P
    KP = K @ adjoint
    return -adjoint_of(P @ K) + KP - A @ (P @ KP) + adjoint @ (P @ (adjoint_of(g) - K @ A))


@pinv.gradients("A")
def _(g, A, out, hermitian):
    whole = tril(A) + adjoint_of(tril(A, -1)) if hermitian else A
    return (absorb_matrices(_by_pinv(g, whole, out), g),)


def _of_any_rank(draw):
    yield Sample(draw(3, 3) + 3 * np.eye(3))
    yield Sample(draw(4, 2) + 3 * np.eye(4, 2))
    yield Sample(draw(2, 2, 4) + 3 * np.eye(2, 4))
    yield Sample(np.diag([2, 0, 3]))
    yield Sample(draw(0, 3))
    yield Sample(draw(2, 0, 0))
    yield Sample(draw.complex(3, 2) + 3 * np.eye(3, 2))
    yield Sample(draw.complex(2, 2, 2) + 3 * np.eye(2))


@pinv.samples
def _(draw):
    yield from _of_any_rank(draw)
    yield Sample(draw(3, 3) + 3 * np.eye(3), 1e-3)
    yield Sample(draw.integers(3, 3), rtol=0.5)
    yield Sample(draw.integers(3, 3), atol=1.0)
    x = draw.integers(3, 3)
    yield Sample(x + x.mT, hermitian=True)


@pinv.errors
def _(draw):
    yield Sample(draw(3)), ValueError, "last two axes"
    yield Sample(draw(3, 4), hermitian=True), ValueError, "needs square matrices"


@composite(reference=lambda x, rcond=1e-15: _pinv_reference(x, rcond))
def pinverse(x, rcond=1e-15):
    """As `linalg.pinv`, under an older name.  x: (*, M, N) -> (*, N, M)"""
    return pinv(x, rcond)


pinverse.samples(_of_any_rank)


# ---------------------------------------------------------------------------------------------------------------------
# Least squares
# ---------------------------------------------------------------------------------------------------------------------
_DRIVERS = ("gelsy", "gels", "gelsd", "gelss")


def _lstsq_reference(A, B, rcond=None, driver=None):
    vectors = of_vectors(A.shape, B.shape)
    inverse = _pinv_reference(A, rcond)
    B = B[..., None] if vectors else B
    X = inverse @ B
    rank = _rank_reference(A, rtol=rcond)
    residuals = singular = np.zeros(0)
    if driver in ("gels", "gelsd", "gelss") and A.shape[-2] > A.shape[-1] and (rank == A.shape[-1]).all():
        residuals = (np.abs(A @ X - B) ** 2).sum(-2)
    if driver in ("gelsd", "gelss"):
        singular = np.sqrt(np.maximum(np.linalg.eigvalsh(A.conj().mT @ A)[..., ::-1], 0))[..., : min(A.shape[-2:])]
    return X[..., 0] if vectors else X, residuals, rank if driver != "gels" else np.zeros(0, int), singular


@primitive(namespace="linalg", conjugates=True, reference=_lstsq_reference)
def lstsq(A, B, rcond=None, driver=None):
    """X with the least |A X - B|, and of those the least |X|.  A: (*, M, N), B: (*, M, K) or (*, M) -> (X, ...)

    Returns solution, residuals, rank and singular_values, by the singular value decomposition; of these PyTorch's
    drivers give: "gelsy", the default, the rank; "gels", for matrices of full rank, the residuals |A X - B|^2 where
    M > N; "gelsd" and "gelss" all, the residuals where M > N = rank. What a driver does not give is empty.
    rcond: singular values count as 0 up to rcond times the largest; default max(M, N) times the machine epsilon.
    LinAlgError, a ValueError, if driver is "gels" and a matrix is not of full rank.
    """
    check_matrices("linalg.lstsq", A)
    if driver not in (None, *_DRIVERS):
        raise ValueError(f"linalg.lstsq: driver is {driver!r}. Give one of {', '.join(_DRIVERS)}.")
    vectors = of_vectors(A.shape, B.shape)
    b = B[..., None] if vectors else B
    check_matrices("linalg.lstsq", b)
    if A.shape[-2] != b.shape[-2]:
        raise ValueError(
            f"linalg.lstsq: numbers of rows differ: {A.shape} has {A.shape[-2]} and {B.shape} has {b.shape[-2]}."
        )
    check_batches("linalg.lstsq", A.shape, b.shape)
    m, n = A.shape[-2:]
    U, S, Vh = decomposed("linalg.lstsq", A, lambda x: np.linalg.svd(x, full_matrices=False))
    kept = _cut(A, S, None, rcond) < S
    rank = kept.sum(-1)
    inverse = np.where(kept, 1 / np.where(kept, S, 1), 0).astype(S.dtype)
    X = (adjoint_of(Vh) * inverse[..., None, :]) @ (adjoint_of(U) @ b)
    if driver == "gels" and (rank < min(m, n)).any():
        which = name_matrix(A, int(np.argmax(rank.reshape(-1) < min(m, n))))
        raise LinAlgError(
            f"linalg.lstsq: {which} is not of full rank, which driver='gels' needs. Leave the driver out."
        )
    residuals = np.zeros(0, S.dtype)
    if driver not in (None, "gelsy") and m > n and (rank == n).all():
        off = A @ X - b
        residuals = (off.real**2 + off.imag**2).sum(-2)
    return LeastSquares(
        X[..., 0] if vectors else X,
        residuals,
        rank if driver != "gels" else np.zeros(0, rank.dtype),
        S if driver in ("gelsd", "gelss") else np.zeros(0, S.dtype),
    )


lstsq.op.fills = False


@lstsq.gradients("A", "B")
def _(g, A, B, out, rcond):
    X, vectors = out[0], of_vectors(A.shape, B.shape)
    by_x, by_residuals = g[:2]
    B = B[..., None] if vectors else B
    X = X[..., None] if vectors else X
    by_a: Any = 0
    by_b: Any = 0
    if by_x is not None:
        by_x = by_x[..., None] if vectors else by_x
        P = pinv(A, rcond)
        by_a, by_b = _by_pinv(by_x @ adjoint_of(B), A, P), adjoint_of(P) @ by_x
    if by_residuals is not None and by_residuals.size:
        off = (A @ X - B) * (2 * by_residuals[..., None, :])  # X is where a small change of it makes no difference
        by_a, by_b = by_a + off @ adjoint_of(X), by_b - off
    if g[3] is not None and g[3].size:
        U, _, Vh = svd(A, False)
        by_a = by_a + (U * g[3][..., None, :]) @ Vh
    if type(by_b) is int:
        by_b = B * 0
    return by_a, by_b[..., 0] if vectors else by_b


@lstsq.samples
def _(draw):
    eye = 3 * np.eye(4, 2)
    yield Sample(draw(4, 2) + eye, draw(4, 3))
    yield Sample(draw(2, 4) + eye.T, draw(2, 3))
    yield Sample(draw(3, 3) + 3 * np.eye(3), draw(3, 1))
    yield Sample(draw(4, 2) + eye, draw(4))
    yield Sample(draw(2, 4, 2) + eye, draw(2, 4, 2))
    yield Sample(draw(2, 4, 2) + eye, draw(2, 4), driver="gelsd")
    yield Sample(draw(4, 2) + eye, draw(4, 3), driver="gelsd")
    yield Sample(draw(4, 2) + eye, draw(4, 3), None, "gels")
    yield Sample(draw(2, 4) + eye.T, draw(2, 3), driver="gelss")
    yield Sample(draw.integers(3, 3), draw.integers(3, 2), 0.5)
    yield Sample(np.diag([2, 0, 3]), draw.integers(3, 2))
    yield Sample(draw.complex(4, 2) + eye, draw.complex(4, 3), driver="gelsd")
    yield Sample(draw.complex(2, 4) + eye.T, draw.complex(2))
    yield Sample(draw(0, 2), draw(0, 3))


@lstsq.errors
def _(draw):
    yield Sample(draw(4, 2), draw(3, 2)), ValueError, "(4, 2) has 4 and (3, 2) has 3"
    yield Sample(draw(4, 2), draw(4, 2), driver="svd"), ValueError, "gelsy"
    yield Sample(np.ones((4, 2)), draw(4, 2), driver="gels"), ValueError, "not of full rank"
