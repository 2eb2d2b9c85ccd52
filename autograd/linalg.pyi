"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

from .functions import _Eigen, _FactorAndInfo, _Factors, _FactorsAndInfo, _InverseAndInfo, _LeastSquares, _SignAndLog, _Singular, _SolutionAndInfo, _Unpacked
from numpy.linalg import LinAlgError as LinAlgError
def cholesky(A: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
    """The lower triangular L with L L^H = A, for Hermitian positive-definite A.  A: (*, N, N) -> (*, N, N)"""
def cholesky_ex(A: Any, upper: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _FactorAndInfo:
    """As `linalg.cholesky`, with NaN rather than an error where A is not positive-definite.  A -> (L: as A, info: (*))"""
def cond(A: Any, p: Any = ..., **names: Any) -> Tensor:
    """How much a relative error grows when equations are solved: |A| |A^-1|.  A: (*, M, N) -> (*)"""
def cross(x: Any, y: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The vector product of vectors of 3 elements along axis `dim`.  x, y: (..., 3, ...) -> (..., 3, ...)"""
def det(x: Any, **names: Any) -> Tensor:
    """The determinant of square matrices.  x: (*, N, N) -> (*)"""
def diagonal(A: Any, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
    """The diagonals of matrices, as the last axis; `offset` above the main one.  A: (*, M, N) -> (*, K)"""
def eig(A: Any, **names: Any) -> _Eigen:
    """The eigenvalues and eigenvectors of square matrices, always complex.  A: (*, N, N) -> ((*, N), (*, N, N))"""
def eigh(A: Any, UPLO: builtins.str = ..., **names: Any) -> _Eigen:
    """The eigenvalues, in ascending order, and eigenvectors of Hermitian matrices.  A: (*, N, N) -> ((*, N), (*, N, N))"""
def eigvals(A: Any, **names: Any) -> Tensor:
    """The eigenvalues of square matrices, complex also for real ones, in no order.  A: (*, N, N) -> (*, N)"""
def eigvalsh(A: Any, UPLO: builtins.str = ..., **names: Any) -> Tensor:
    """The eigenvalues of Hermitian matrices, in ascending order.  A: (*, N, N) -> (*, N)"""
def householder_product(A: Any, tau: Any, **names: Any) -> Tensor:
    """The first columns of the product of reflections that `geqrf` gives.  A: (*, M, N), tau: (*, K) -> (*, M, N)"""
def inv(A: Any, **names: Any) -> Tensor:
    """The inverse of square matrices.  A: (*, N, N) -> (*, N, N)"""
def inv_ex(A: Any, check_errors: builtins.bool = ..., **names: Any) -> _InverseAndInfo:
    """As `linalg.inv`, with NaN rather than an error for a singular matrix.  A -> (inverse: (*, N, N), info: (*))"""
def ldl_factor(A: Any, hermitian: builtins.bool = ..., **names: Any) -> _Factors:
    """A as P L D L^T P^T, packed as LAPACK does.  A: (*, N, N), symmetric -> (LD: (*, N, N), pivots: (*, N))"""
def ldl_factor_ex(A: Any, hermitian: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _FactorsAndInfo:
    """As `linalg.ldl_factor`, with an info rather than an error.  A -> (LD: as A, pivots: (*, N), info: (*))"""
def ldl_solve(LD: Any, pivots: Any, B: Any, hermitian: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B, given `linalg.ldl_factor` of A.  LD: (*, N, N), pivots: (*, N), B: (*, N, K) -> as B"""
def lstsq(A: Any, B: Any, rcond: Any = ..., driver: Any = ..., **names: Any) -> _LeastSquares:
    """X with the least |A X - B|, and of those the least |X|.  A: (*, M, N), B: (*, M, K) or (*, M) -> (X, ...)"""
def lu(A: Any, pivot: builtins.bool = ..., **names: Any) -> _Unpacked:
    """A as the product of a permutation P, a lower and an upper triangular matrix.  A: (*, M, N) -> (P, L, U)"""
def lu_factor(A: Any, pivot: builtins.bool = ..., **names: Any) -> _Factors:
    """A as P L U, both factors in one matrix.  A: (*, M, N) -> (LU: (*, M, N), pivots: (*, min(M, N)))"""
def lu_factor_ex(A: Any, pivot: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _FactorsAndInfo:
    """As `linalg.lu_factor`, with an info rather than an error.  A -> (LU: as A, pivots, info: (*))"""
def lu_solve(LU: Any, pivots: Any, B: Any, left: builtins.bool = ..., adjoint: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B, or with `left=False` of X A = B, given `linalg.lu_factor` of A.  B: (*, N, K) -> as B"""
def matmul(x: Any, y: Any, **names: Any) -> Tensor:
    """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
def matrix_exp(x: Any, **names: Any) -> Tensor:
    """The exponential of square matrices: the sum of x^k / k!.  x: (*, N, N) -> (*, N, N)"""
def matrix_norm(A: Any, ord: builtins.str = ..., dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The norm of matrices, in the axes `dim`.  A: (*) -> (*) without the axes"""
def matrix_power(x: Any, n: Any, **names: Any) -> Tensor:
    """Square matrices multiplied n times; of negative n, their inverses.  x: (*, N, N) -> (*, N, N)"""
def matrix_rank(A: Any, tol: Any = ..., hermitian: builtins.bool = ..., atol: Any = ..., rtol: Any = ..., **names: Any) -> Tensor:
    """How many singular values are above max(atol, rtol times the largest).  A: (*, M, N) -> (*) of int64"""
def multi_dot(tensors: Any, **names: Any) -> Tensor:
    """The product of several matrices, in the order that takes the fewest steps.  [(M, K), ..., (L, N)] -> (M, N)"""
def norm(A: Any, ord: Any = ..., dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The norm of all elements, of vectors along one axis `dim`, or of matrices in two.  A: (*) -> (*) without the axes"""
def pinv(A: Any, rcond: Any = ..., hermitian: builtins.bool = ..., atol: Any = ..., rtol: Any = ..., **names: Any) -> Tensor:
    """The pseudo-inverse of Moore and Penrose: the inverse on what A reaches, 0 elsewhere.  A: (*, M, N) -> (*, N, M)"""
def polar(A: Any, **names: Any) -> Tensor:
    """The nearest matrix with orthonormal columns, or rows: U Vh.  A: (*, M, N) -> (*, M, N)"""
def qr(A: Any, mode: builtins.str = ..., **names: Any) -> _Factors:
    """A as Q R, with orthonormal columns in Q and R upper triangular.  A: (*, M, N) -> (Q: (*, M, K), R: (*, K, N))"""
def slogdet(x: Any, **names: Any) -> _SignAndLog:
    """The sign of the determinant, or its complex direction, and the logarithm of its size.  x: (*, N, N) -> (*), (*)"""
def solve(A: Any, B: Any, left: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) or (*, N) -> as B"""
def solve_ex(A: Any, B: Any, left: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _SolutionAndInfo:
    """As `linalg.solve`, with NaN rather than an error for a singular matrix.  A, B -> (result: as B, info: (*))"""
def solve_triangular(A: Any, B: Any, upper: Any, left: builtins.bool = ..., unitriangular: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B for triangular A, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) -> as B"""
def svd(A: Any, full_matrices: builtins.bool = ..., driver: Any = ..., **names: Any) -> _Singular:
    """A as U diag(S) Vh, S in descending order.  A: (*, M, N) -> (U: (*, M, M), S: (*, K), Vh: (*, N, N))"""
def svdvals(A: Any, driver: Any = ..., **names: Any) -> Tensor:
    """The singular values, in descending order.  A: (*, M, N) -> (*, min(M, N))"""
def tensorinv(A: Any, ind: Any = ..., **names: Any) -> Tensor:
    """The inverse of A as a map between tensors.  A: (I, J) with as many elements in the axes I as in J -> (J, I)"""
def tensorsolve(A: Any, B: Any, dims: Any = ..., **names: Any) -> Tensor:
    """X with tensordot(A, X, X.ndim) = B.  A: (*B, *X) with as many elements in B as in X, B: (*) -> X"""
def vander(x: Any, N: Any = ..., **names: Any) -> Tensor:
    """The powers 0 to N - 1 of each element along a new last axis.  x: (*, M) -> (*, M, N)"""
def vecdot(x: Any, y: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The sums of products along an axis, with the complex conjugate of x.  x, y: (*) -> (*) without the axis"""
def vector_norm(x: Any, ord: Any = ..., dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """(sum of |x|^ord)^(1/ord) of all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
