"""Eigenvalues and eigenvectors, of Hermitian matrices and of all square ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..modes import modes
from ..op import Sample
from ..tensor import Tensor
from .diagonal import diag_embed
from .linalg_matrices import LinAlgError, absorb_matrices, adjoint_of, check_square, flat, name_matrix
from .linalg_solve import solve
from .matmul import conjugate
from .reduction import absorb, values_of


class Eigen(NamedTuple):
    """What `linalg.eigh` and `linalg.eig` return."""

    eigenvalues: Any
    eigenvectors: Any


def check_phases(name: str, turns: np.ndarray, g: np.ndarray, what: str) -> None:
    """Raises where the gradients ask for the phase of complex vectors, which is arbitrary.

    turns: (*, K), how much the function of the results changes when the phase of each vector does.
    """
    limit = 1e-2 if turns.dtype.char in "fF" else 1e-6
    scale = np.maximum(np.abs(g).max(initial=0), 1)
    if turns.size and np.abs(turns).max() > limit * scale:
        raise RuntimeError(
            f"{name}: the gradient depends on the phase of complex {what}, which is arbitrary: multiplied by any "
            f"number of size 1 they are as good. Differentiate what does not change then, as abs or an outer product."
        )


def comes_in(g: Any) -> np.ndarray:
    """Whether anything comes in by each vector, as a row.  g: (*, M, K) -> (*, 1, K)"""
    return np.any(values_of(g), -2, keepdims=True)


def over_gaps(numerator: Any, gaps: Any, alive: np.ndarray) -> Any:
    """numerator / gaps off the diagonal, 0 on it; 0 also in place of 0 / 0 where nothing comes in: not `alive`.

    Two equal values have a gap of 0: what comes in by their vectors has an infinite gradient, or NaN.
    """
    n = gaps.shape[-1]
    off = 1 - np.eye(n, dtype=values_of(gaps).real.dtype)
    quotient = numerator * off / (gaps + np.eye(n, dtype=gaps.dtype))
    incoming = np.broadcast_to(alive, quotient.shape).astype(np.float32)
    return absorb(quotient, Tensor(incoming) if isinstance(quotient, Tensor) else incoming)


# ---------------------------------------------------------------------------------------------------------------------
# Hermitian matrices
# ---------------------------------------------------------------------------------------------------------------------
def decomposed(name: str, A: np.ndarray, compute: Any) -> Any:
    """What LAPACK finds; LinAlgError for matrices with NaN or infinity, of which it may find anything."""
    finite = np.isfinite(A)
    if not finite.all():
        i = int(np.argmin(flat(finite).all((-2, -1))))
        raise LinAlgError(f"{name}: {name_matrix(A, i)} holds NaN or infinity. Look where they come from first.")
    try:
        return compute(A)
    except LinAlgError:
        raise LinAlgError(f"{name}: the iteration does not converge, for {A.dtype}{A.shape}. Try float64.") from None


def _check_triangle(name: str, UPLO: str) -> str:
    if UPLO not in ("L", "U", "l", "u"):
        raise ValueError(f"{name}: UPLO is {UPLO!r}. Give 'L' for the lower triangle, 'U' for the upper.")
    return UPLO.upper()


def _eigh_reference(A, UPLO="L"):
    from scipy.linalg import eigh as by_scipy

    values, vectors = np.zeros(A.shape[:-1]), np.zeros_like(A)
    for i in np.ndindex(*A.shape[:-2]):
        if A.shape[-1]:
            values[i], vectors[i] = by_scipy(A[i], lower=UPLO in "lL", driver="evd")
    return values, vectors


@primitive(namespace="linalg", conjugates=True, hermitian="A", reference=_eigh_reference)
def eigh(A, UPLO="L"):
    """The eigenvalues, in ascending order, and eigenvectors of Hermitian matrices.  A: (*, N, N) -> ((*, N), (*, N, N))

    UPLO: the triangle of A that is read, "L" or "U". The eigenvectors are the columns; their sign, or complex phase, is
    arbitrary: what depends on the phase has no gradient (RuntimeError). The gradient by eigenvalues needs no gaps
    between them. That by the vectors of equal eigenvalues is infinite or NaN.

    >>> import autograd
    >>> autograd.linalg.eigh(autograd.Tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    tensor([1., 3.])
    """
    check_square("linalg.eigh", A)
    UPLO = _check_triangle("linalg.eigh", UPLO)
    return Eigen(*decomposed("linalg.eigh", A, lambda x: np.linalg.eigh(x, UPLO)))


eigh.op.fills = False  # where no gradient comes in by the vectors, gaps play no part


@eigh.gradients("A")
def _(g, out):
    by_values, by_vectors = g
    values, V = out
    if by_vectors is None:
        return (absorb_matrices((V * by_values[..., None, :]) @ adjoint_of(V), by_values),)
    inner = adjoint_of(V) @ by_vectors
    if V.dtype.kind == "c":
        turns = np.diagonal(values_of(inner), 0, -2, -1).imag
        check_phases("linalg.eigh", turns, values_of(by_vectors), "eigenvectors")
    alive = comes_in(by_vectors)
    skew = (inner - adjoint_of(inner)) / 2  # orthonormal vectors can only turn
    middle = over_gaps(skew, values[..., None, :] - values[..., :, None], alive | alive.mT)
    if by_values is not None:
        middle = middle + diag_embed(by_values)
    return (absorb_matrices(V @ middle @ adjoint_of(V), by_values, by_vectors),)


def _hermitian(draw, *shape: int, complex: bool = False) -> np.ndarray:
    """Matrices with eigenvalues that keep apart."""
    x = draw.complex(*shape) if complex else draw(*shape)
    return (x + x.conj().mT) / 4 + 3 * np.diag(np.arange(shape[-1]))


@eigh.samples
def _(draw):
    yield Sample(_hermitian(draw, 3, 3))
    yield Sample(_hermitian(draw, 2, 3, 3))
    yield Sample(_hermitian(draw, 3, 3), "U")
    yield Sample(_hermitian(draw, 2, 1, 2, 2), UPLO="U")
    yield Sample(_hermitian(draw, 1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))


def _not_square(draw):
    yield Sample(draw(3, 4)), ValueError, "needs square matrices"
    yield Sample(np.stack([np.eye(3), np.full((3, 3), np.nan)])), ValueError, "matrix 1 of the batch"


@eigh.errors
def _(draw):
    yield from _not_square(draw)
    yield Sample(draw(3, 3), "X"), ValueError, "'L' for the lower triangle"


@primitive(
    namespace="linalg", conjugates=True, hermitian="A", reference=lambda A, UPLO="L": _eigh_reference(A, UPLO)[0]
)
def eigvalsh(A, UPLO="L"):
    """The eigenvalues of Hermitian matrices, in ascending order.  A: (*, N, N) -> (*, N)

    UPLO: the triangle of A that is read, "L" or "U". Equal eigenvalues share the gradient in a way that is up to
    LAPACK; it is finite, and right for what treats them alike.
    """
    check_square("linalg.eigvalsh", A)
    UPLO = _check_triangle("linalg.eigvalsh", UPLO)
    return decomposed("linalg.eigvalsh", A, lambda x: np.linalg.eigvalsh(x, UPLO))


@eigvalsh.gradients("A")
def _(g, A, UPLO):
    V = eigh(A, UPLO)[1]
    return (absorb_matrices((V * g[..., None, :]) @ adjoint_of(V), g),)


@eigvalsh.samples
def _(draw):
    yield Sample(_hermitian(draw, 3, 3))
    yield Sample(_hermitian(draw, 2, 3, 3))
    yield Sample(_hermitian(draw, 3, 3), "U")
    yield Sample(_hermitian(draw, 2, 1, 2, 2), UPLO="U")
    yield Sample(_hermitian(draw, 1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(_hermitian(draw, 3, 3, complex=True))
    yield Sample(_hermitian(draw, 2, 2, 2, complex=True), "U")


eigvalsh.errors(_not_square)


# ---------------------------------------------------------------------------------------------------------------------
# All square matrices
# ---------------------------------------------------------------------------------------------------------------------
def _complex(x: np.ndarray) -> np.ndarray:
    return x if x.dtype.kind == "c" else x.astype(np.result_type(x.dtype, np.complex64), copy=False)


def _eig_reference(A):
    from scipy.linalg import eig as by_scipy

    values, vectors = np.zeros(A.shape[:-1], complex), np.zeros(A.shape, complex)
    for i in np.ndindex(*A.shape[:-2]):
        if A.shape[-1]:
            values[i], vectors[i] = by_scipy(A[i])
    return values, vectors


@primitive(namespace="linalg", conjugates=True, reference=_eig_reference)
def eig(A):
    """The eigenvalues and eigenvectors of square matrices, always complex.  A: (*, N, N) -> ((*, N), (*, N, N))

    The eigenvalues are in no order. The eigenvectors are the columns, of length 1; their phase is arbitrary: what
    depends on it has no gradient (RuntimeError). The gradient by the vectors of equal eigenvalues is infinite or NaN.
    """
    check_square("linalg.eig", A)
    values, vectors = decomposed("linalg.eig", A, np.linalg.eig)
    return Eigen(_complex(values), _complex(vectors))


eig.op.fills = False


@eig.gradients("A")
def _(g, out):
    by_values, by_vectors = g
    values, V = out
    adjoint = adjoint_of(V)
    middle: Any = 0
    if by_vectors is not None:
        inner = adjoint @ by_vectors
        diagonal = inner.diagonal(0, -2, -1)
        check_phases("linalg.eig", values_of(diagonal).imag, values_of(by_vectors), "eigenvectors")
        # The vectors keep their length.
        inner = inner - adjoint @ (V * ((diagonal + conjugate(diagonal)) / 2)[..., None, :])
        middle = over_gaps(inner, conjugate(values[..., None, :] - values[..., :, None]), comes_in(by_vectors))
    if by_values is not None:
        middle = middle + diag_embed(by_values)
    return (absorb_matrices(solve(adjoint, middle @ adjoint), by_values, by_vectors),)


@eig.samples
def _(draw):
    # No gradients: what comes in at random depends on the phase of the vectors.
    yield Sample(draw.integers(3, 3, low=-4))
    yield Sample(draw.integers(2, 3, 3, low=-4))
    yield Sample(np.diag([1, 2, 3]))
    yield Sample(draw.integers(1, 1, low=1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))


eig.errors(_not_square)


@composite(namespace="linalg", reference=lambda A: _eig_reference(A)[0])
def eigvals(A):
    """The eigenvalues of square matrices, complex also for real ones, in no order.  A: (*, N, N) -> (*, N)"""
    if isinstance(A, Tensor):
        return eig(A)[0] if A.requires_grad and modes.recording else Tensor(_eigvals(A.data))
    return _eigvals(A)


def _eigvals(A: np.ndarray) -> np.ndarray:
    check_square("linalg.eigvals", A)
    return _complex(decomposed("linalg.eigvals", A, np.linalg.eigvals))


@eigvals.samples
def _(draw):
    yield Sample(draw(3, 3))
    yield Sample(draw(4, 4))
    yield Sample(draw(2, 3, 3))
    yield Sample(draw(2, 1, 2, 2))
    yield Sample(draw(1, 1))
    yield Sample(draw(0, 0))
    yield Sample(draw(0, 2, 2))
    yield Sample(draw.complex(3, 3))
    yield Sample(draw.complex(2, 2, 2))


eigvals.errors(_not_square)
