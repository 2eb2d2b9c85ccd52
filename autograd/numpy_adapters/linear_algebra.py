"""`np.linalg`, by the operations of `autograd.linalg`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import functions as ag
from .. import linalg
from ..tensor import Tensor
from .adapting import adapts, as_tensor


class EigResult(NamedTuple):
    """What `eig` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Tensor
    R: Tensor


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    logabsdet: Tensor


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Tensor
    S: Tensor
    Vh: Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Solved
# ---------------------------------------------------------------------------------------------------------------------
@adapts("linalg.solve")
def _solve(a: Any, b: Any) -> Any:
    a, b = as_tensor(a), as_tensor(b)
    if b.ndim == 1:  # NumPy: one vector, also for a stack of matrices
        return linalg.solve(a, b[:, None])[..., 0]
    return linalg.solve(a, ag.unsqueeze(b, 0) if b.ndim == a.ndim - 1 else b)  # matrices, and never a stack of vectors


@adapts("linalg.inv")
def _inv(a: Any) -> Any:
    return linalg.inv(as_tensor(a))


@adapts("linalg.tensorinv")
def _tensorinv(a: Any, ind: int = 2) -> Any:
    return linalg.tensorinv(as_tensor(a), ind)


@adapts("linalg.tensorsolve")
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    return linalg.tensorsolve(as_tensor(a), as_tensor(b), axes)


@adapts("linalg.matrix_power")
def _matrix_power(a: Any, n: int) -> Any:
    return linalg.matrix_power(as_tensor(a), n)


# ---------------------------------------------------------------------------------------------------------------------
# Decomposed
# ---------------------------------------------------------------------------------------------------------------------
@adapts("linalg.cholesky")
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return linalg.cholesky(as_tensor(a), upper)


@adapts("linalg.qr")
def _qr(a: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete", "r"):
        return NotImplemented
    result = QRResult(*linalg.qr(as_tensor(a), "reduced" if mode == "r" else mode))
    return result.R if mode == "r" else result


@adapts("linalg.svd")
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    a = as_tensor(a)
    return SVDResult(*linalg.svd(a, full_matrices)) if compute_uv else linalg.svdvals(a)


@adapts("linalg.svdvals")
def _svdvals(x: Any, /) -> Any:
    return linalg.svdvals(as_tensor(x))


@adapts("linalg.eigh")
def _eigh(a: Any, UPLO: str = "L") -> Any:
    return EighResult(*linalg.eigh(as_tensor(a), UPLO))


@adapts("linalg.eigvalsh")
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return linalg.eigvalsh(as_tensor(a), UPLO)


@adapts("linalg.eig")
def _eig(a: Any) -> Any:
    a = as_tensor(a)
    values, vectors = linalg.eig(a)
    if not a.is_complex() and not np.any(values.data.imag):  # NumPy: real where all eigenvalues are
        values, vectors = ag.real(values), ag.real(vectors)
    return EigResult(values, vectors)


@adapts("linalg.eigvals")
def _eigvals(a: Any) -> Any:
    a = as_tensor(a)
    values = linalg.eigvals(a)
    return values if a.is_complex() or np.any(values.data.imag) else ag.real(values)


# ---------------------------------------------------------------------------------------------------------------------
# Measured
# ---------------------------------------------------------------------------------------------------------------------
@adapts("linalg.det")
def _det(a: Any) -> Any:
    return linalg.det(as_tensor(a))


@adapts("linalg.slogdet")
def _slogdet(a: Any) -> Any:
    return SlogdetResult(*linalg.slogdet(as_tensor(a)))
