"""A few singular values or eigenvalues of a large matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample, functions
from .linalg_cholesky import cholesky
from .linalg_eig import eigh
from .linalg_matrices import adjoint_of, check_matrices, check_square
from .linalg_qr import qr
from .linalg_solve import solve_triangular
from .linalg_svd import svd
from .order import flip


def _basis(A: Any, q: int, niter: int) -> Any:
    """Orthonormal columns that span nearly what A does (Halko et al., 2009, algorithm 4.4)."""
    start = functions["randn"](A.shape[-1], q, dtype=np.float64).data.astype(A.dtype)  # alike in every dtype
    Q = qr(A @ start)[0]
    for _ in range(niter):
        Q = qr(adjoint_of(A) @ Q)[0]
        Q = qr(A @ Q)[0]
    return Q


def _check_few(name: str, A: Any, q: int, niter: int) -> None:
    check_matrices(name, A)
    if not 0 <= q <= min(A.shape[-2:]):
        raise ValueError(f"{name}: q is {q}. It goes from 0 to {min(A.shape[-2:])}, the smaller side of {A.shape}.")
    if niter < 0:
        raise ValueError(f"{name}: niter is {niter}. It can not be negative.")


def _low_rank(A: Any, q: int, niter: int) -> tuple[Any, Any, Any]:
    if A.shape[-2] < A.shape[-1]:
        V, S, U = _low_rank(adjoint_of(A), q, niter)
        return U, S, V
    Q = _basis(A, q, niter)
    U, S, Vh = svd(adjoint_of(Q) @ A, False)
    return Q @ U, S, adjoint_of(Vh)


@composite
def svd_lowrank(A, q=6, niter=2, M=None):
    """The first q singular values and vectors, by a random subspace.  A: (*, M, N) -> ((*, M, q), (*, q), (*, N, q))

    niter: how often the subspace is multiplied by A and its adjoint: the more, the nearer. M: is taken from A first.
    Returns U, S and V, not its adjoint. Exact if A has no larger rank than q (Halko et al., Finding structure with
    randomness, 2009, algorithm 5.1).
    """
    A = A if M is None else A - M
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    _check_few("svd_lowrank", A, q, niter)
    return _low_rank(A, q, niter)


@composite(method=False)
def pca_lowrank(A, q=None, center=True, niter=2):
    """The first q principal components of the rows of A.  A: (*, M, N) -> ((*, M, q), (*, q), (*, N, q))

    q: default 6, or the smaller side of A. center: take the mean of the rows from each first. Returns U, S and V, as
    `svd_lowrank`: V holds the components, A @ V the rows in terms of them, S^2 / (M - 1) their variances.
    """
    q = min(6, *A.shape[-2:]) if q is None else q
    _check_few("pca_lowrank", A, q, niter)
    return _low_rank(A - A.mean(-2, keepdims=True) if center else A, q, niter)


def _of_rank(draw, m: int, n: int, rank: int, *batch: int) -> np.ndarray:
    x = draw(*batch, m, n)
    U, _, Vh = np.linalg.svd(x, full_matrices=False)
    return (U[..., :rank] * (1.0 + np.arange(rank))) @ Vh[..., :rank, :]


@svd_lowrank.samples
def _(draw):
    yield Sample(_of_rank(draw, 4, 3, 3), 3)
    yield Sample(_of_rank(draw, 3, 4, 3), q=3)
    yield Sample(_of_rank(draw, 3, 3, 3, 2), 3, niter=1)
    yield Sample(_of_rank(draw, 3, 3, 3), 3, 0)
    yield Sample(_of_rank(draw, 4, 3, 3), 3, M=draw(4, 3) * 0.1)
    yield Sample(_of_rank(draw, 4, 3, 3), 1, 4)


@pca_lowrank.samples
def _(draw):
    yield Sample(_of_rank(draw, 5, 3, 3), 2)
    yield Sample(_of_rank(draw, 5, 3, 3), center=False)
    yield Sample(_of_rank(draw, 3, 3, 3, 2), 1, niter=5)
    yield Sample(_of_rank(draw, 5, 2, 2))


@svd_lowrank.errors
def _(draw):
    yield Sample(draw(4, 3), 4), ValueError, "from 0 to 3"
    yield Sample(draw(4, 3), 2, -1), ValueError, "niter is -1"


@pca_lowrank.errors
def _(draw):
    yield Sample(draw(4, 3), 4), ValueError, "from 0 to 3"


def _lobpcg_reference(A, k=None, B=None, X=None, n=None, iK=None, niter=None, tol=None, largest=None):
    from scipy.linalg import eigh as by_scipy

    k = (1 if X is None else X.shape[-1]) if k is None else k
    values, vectors = by_scipy(A, B, driver="evd" if B is None else "gvd")
    order = np.argsort(values)[::-1] if largest is None or largest else np.argsort(values)
    return values[order[:k]], vectors[:, order[:k]]


@composite(method=False, hermitian="A", reference=_lobpcg_reference)
def lobpcg(
    A,
    k=None,
    B=None,
    X=None,
    n=None,
    iK=None,
    niter=None,
    tol=None,
    largest=None,
    method=None,
    tracker=None,
    ortho_iparams=None,
    ortho_fparams=None,
    ortho_bparams=None,
):
    """The k largest, or smallest, eigenvalues of A x = e B x, and their vectors.  A: (*, N, N) -> ((*, k), (*, N, k))

    A: Hermitian. B: Hermitian positive-definite, default the identity; the vectors have X^H B X = 1.
    k: default the number of columns of X, or 1. largest: True if left out. The eigenvalues are all found, by
    `linalg.eigh`, rather than approached from a guess: what is left of the parameters is taken for PyTorch's sake and
    changes nothing.
    """
    check_square("lobpcg", A)
    k = (1 if X is None else X.shape[-1]) if k is None else k
    if not 0 <= k <= A.shape[-1]:
        raise ValueError(f"lobpcg: k is {k}, and a matrix of shape {tuple(A.shape)} has {A.shape[-1]} eigenvalues.")
    if B is None:
        values, vectors = eigh(A)
    else:
        check_square("lobpcg", B)
        L = cholesky(B)
        half = solve_triangular(L, A, False)
        values, vectors = eigh(solve_triangular(adjoint_of(L), half, True, False))
        vectors = solve_triangular(adjoint_of(L), vectors, True)
    if largest is None or largest:
        values, vectors = flip(values, -1), flip(vectors, -1)
    return values[..., :k], vectors[..., :k]


@lobpcg.samples
def _(draw):
    x = draw(4, 4)
    A = x + x.T + 4 * np.diag(np.arange(4.0))
    yield Sample(A)
    yield Sample(A, 2)
    yield Sample(A, k=2, largest=False)
    yield Sample(A, X=draw.integers(4, 3))
    yield Sample(np.stack([A, -A])[0], 4)
    yield Sample(np.diag([3, 1, 4, 2]), 2, np.diag(np.arange(1, 5)))


@lobpcg.errors
def _(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(draw(3, 3), 4), ValueError, "has 3 eigenvalues"
