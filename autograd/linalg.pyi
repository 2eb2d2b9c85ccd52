"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

from .functions import _FactorAndInfo, _Factors, _FactorsAndInfo, _InverseAndInfo, _SignAndLog, _SolutionAndInfo, _Unpacked
from numpy.linalg import LinAlgError as LinAlgError
def cholesky(A: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
    """The lower triangular L with L L^H = A, for Hermitian positive-definite A.  A: (*, N, N) -> (*, N, N)"""
def cholesky_ex(A: Any, upper: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _FactorAndInfo:
    """As `linalg.cholesky`, with NaN rather than an error where A is not positive-definite.  A -> (L: as A, info: (*))"""
def det(x: Any, **names: Any) -> Tensor:
    """The determinant of square matrices.  x: (*, N, N) -> (*)"""
def inv(A: Any, **names: Any) -> Tensor:
    """The inverse of square matrices.  A: (*, N, N) -> (*, N, N)"""
def inv_ex(A: Any, check_errors: builtins.bool = ..., **names: Any) -> _InverseAndInfo:
    """As `linalg.inv`, with NaN rather than an error for a singular matrix.  A -> (inverse: (*, N, N), info: (*))"""
def lu(A: Any, pivot: builtins.bool = ..., **names: Any) -> _Unpacked:
    """A as the product of a permutation P, a lower and an upper triangular matrix.  A: (*, M, N) -> (P, L, U)"""
def lu_factor(A: Any, pivot: builtins.bool = ..., **names: Any) -> _Factors:
    """A as P L U, both factors in one matrix.  A: (*, M, N) -> (LU: (*, M, N), pivots: (*, min(M, N)))"""
def lu_factor_ex(A: Any, pivot: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _FactorsAndInfo:
    """As `linalg.lu_factor`, with an info rather than an error.  A -> (LU: as A, pivots, info: (*))"""
def lu_solve(LU: Any, pivots: Any, B: Any, left: builtins.bool = ..., adjoint: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B, or with `left=False` of X A = B, given `linalg.lu_factor` of A.  B: (*, N, K) -> as B"""
def slogdet(x: Any, **names: Any) -> _SignAndLog:
    """The sign of the determinant, or its complex direction, and the logarithm of its size.  x: (*, N, N) -> (*), (*)"""
def solve(A: Any, B: Any, left: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) or (*, N) -> as B"""
def solve_ex(A: Any, B: Any, left: builtins.bool = ..., check_errors: builtins.bool = ..., **names: Any) -> _SolutionAndInfo:
    """As `linalg.solve`, with NaN rather than an error for a singular matrix.  A, B -> (result: as B, info: (*))"""
def solve_triangular(A: Any, B: Any, upper: Any, left: builtins.bool = ..., unitriangular: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = B for triangular A, or with `left=False` of X A = B.  A: (*, N, N), B: (*, N, K) -> as B"""
def tensorinv(A: Any, ind: Any = ..., **names: Any) -> Tensor:
    """The inverse of A as a map between tensors.  A: (I, J) with as many elements in the axes I as in J -> (J, I)"""
def tensorsolve(A: Any, B: Any, dims: Any = ..., **names: Any) -> Tensor:
    """X with tensordot(A, X, X.ndim) = B.  A: (*B, *X) with as many elements in B as in X, B: (*) -> X"""
