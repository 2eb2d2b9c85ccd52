"""Linear algebra of the standard."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..numpy_adapters.linear_algebra import EighResult, QRResult, SlogdetResult, SVDResult
from ..tensor import Tensor
from .arguments import array

_np: Any = np  # its stubs do not know tensors


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------
def matmul(x1: Any, x2: Any, /) -> Tensor:
    """The matrix product over the last two axes; of a vector, with it as row or column."""
    return _np.matmul(array(x1, "matmul"), array(x2, "matmul"))


def matrix_transpose(x: Any, /) -> Tensor:
    """The last two axes exchanged."""
    x = array(x, "matrix_transpose")
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose: takes matrices, and {x.shape} has {x.ndim} axes.")
    return _np.matrix_transpose(x)


def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Tensor:
    """The sum of products over axes of both."""
    return _np.tensordot(array(x1, "tensordot"), array(x2, "tensordot"), axes)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The inner product along an axis, with the conjugate of x1."""
    return _np.linalg.vecdot(array(x1, "vecdot"), array(x2, "vecdot"), axis=axis)


def outer(x1: Any, x2: Any, /) -> Tensor:
    """Each element of a vector by each of another."""
    return _np.linalg.outer(array(x1, "outer"), array(x2, "outer"))


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three elements."""
    x1, x2 = array(x1, "cross"), array(x2, "cross")
    return _np.linalg.cross(x1, x2, axis=axis)


def matrix_power(x: Any, n: int, /) -> Tensor:
    """Square matrices, n times by themselves."""
    return _np.linalg.matrix_power(array(x, "matrix_power"), n)


# ---------------------------------------------------------------------------------------------------------------------
# Parts and sizes
# ---------------------------------------------------------------------------------------------------------------------
def diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """A diagonal of matrices."""
    return _np.linalg.diagonal(array(x, "diagonal"), offset=offset)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """The sum of a diagonal of matrices."""
    return _np.linalg.trace(array(x, "trace"), offset=offset, dtype=dtype)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """The norm of matrices."""
    return _np.linalg.matrix_norm(array(x, "matrix_norm"), keepdims=keepdims, ord=ord)


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """The norm of vectors; of all elements as one vector if axis is None."""
    return _np.linalg.vector_norm(array(x, "vector_norm"), axis=axis, keepdims=keepdims, ord=ord)


def det(x: Any, /) -> Tensor:
    """The determinant."""
    return _np.linalg.det(array(x, "det"))


def slogdet(x: Any, /) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its size."""
    return _np.linalg.slogdet(array(x, "slogdet"))


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Tensor:
    """How many singular values are not negligible."""
    return _np.linalg.matrix_rank(array(x, "matrix_rank"), rtol=rtol)


# ---------------------------------------------------------------------------------------------------------------------
# Solved and decomposed
# ---------------------------------------------------------------------------------------------------------------------
def solve(x1: Any, x2: Any, /) -> Tensor:
    """What x1 multiplies to x2: one vector if x2 has one axis, else matrices."""
    return _np.linalg.solve(array(x1, "solve"), array(x2, "solve"))


def inv(x: Any, /) -> Tensor:
    """The inverse."""
    return _np.linalg.inv(array(x, "inv"))


def pinv(x: Any, /, *, rtol: Any = None) -> Tensor:
    """The pseudo-inverse, in which singular values below rtol of the greatest count as zero."""
    x = array(x, "pinv")
    if rtol is None:  # the standard's default, which is not NumPy's
        rtol = max(x.shape[-2:]) * float(np.finfo(x.dtype).eps)
    return _np.linalg.pinv(x, rtol=rtol)


def cholesky(x: Any, /, *, upper: bool = False) -> Tensor:
    """The triangle that gives a positive definite matrix, multiplied by its transpose."""
    return _np.linalg.cholesky(array(x, "cholesky"), upper=upper)


def eigh(x: Any, /) -> EighResult:
    """Eigenvalues, in rising order, and eigenvectors of symmetric matrices."""
    return _np.linalg.eigh(array(x, "eigh"))


def eigvalsh(x: Any, /) -> Tensor:
    """Eigenvalues of symmetric matrices, in rising order."""
    return _np.linalg.eigvalsh(array(x, "eigvalsh"))


def qr(x: Any, /, *, mode: Any = "reduced") -> QRResult:
    """An orthonormal matrix and a triangle, of which matrices are the product."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr: mode {mode!r}. Use 'reduced' or 'complete'.")
    return _np.linalg.qr(array(x, "qr"), mode)


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """Two orthonormal matrices, and the singular values between them."""
    return _np.linalg.svd(array(x, "svd"), full_matrices=full_matrices)


def svdvals(x: Any, /) -> Tensor:
    """The singular values, in falling order."""
    return _np.linalg.svdvals(array(x, "svdvals"))


__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]
