"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

from .functions import _Eigen, _FactorAndInfo, _Factors, _FactorsAndInfo, _HistogramAndEdges, _InverseAndInfo, _LeastSquares, _MantissaAndExponent, _MinAndMax, _OlderSingular, _Reflections, _SignAndLog, _Singular, _SolutionAndCoefficients, _SolutionAndInfo, _Unpacked, _ValuesAndIndices
class Methods:
    @property
    def H(self) -> Tensor: ...
    @property
    def T(self) -> Tensor: ...
    def __abs__(self) -> Tensor:
        """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
    def __add__(self, y: Any) -> Tensor: ...
    def __and__(self, y: Any) -> Tensor: ...
    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any: ...
    def __array_namespace__(self, *, api_version: Any = ...) -> Any:
        """The module with the functions of the array API standard.  api_version: a release of it, up to 2024.12."""
    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any) -> Any: ...
    def __divmod__(self, other: Any) -> Any:
        """The quotient rounded down, and what is left."""
    def __dlpack__(self, *, stream: Any = ..., max_version: Any = ..., dl_device: Any = ..., copy: Any = ...) -> Any:
        """The capsule that `from_dlpack` of another library takes.  It shares the memory of the tensor."""
    def __dlpack_device__(self) -> Any:
        """The kind and the number of the device: (1, 0), the CPU."""
    def __eq__(self, other: Any) -> Any: ...
    def __floordiv__(self, y: Any) -> Tensor: ...
    def __ge__(self, y: Any) -> Tensor: ...
    def __getitem__(self, index: Any) -> Tensor:
        """The elements at an index; see `getitem`, of which this is the short way for the operator."""
    def __gt__(self, y: Any) -> Tensor: ...
    def __iadd__(self, y: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def __iand__(self, y: Any) -> Tensor:
        """The bits that are set in both x and y; for booleans their logical and.  x, y: integer or bool (*) -> (*)"""
    def __ifloordiv__(self, y: Any) -> Tensor:
        """The quotient x / y rounded down.  x, y: (*) -> (*)"""
    def __ilshift__(self, y: Any) -> Tensor:
        """x 2**y, by moving its bits y places up.  x, y: integer (*) -> (*)"""
    def __imod__(self, y: Any) -> Tensor:
        """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
    def __imul__(self, y: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def __invert__(self) -> Tensor:
        """All bits reversed; for booleans their logical not.  x: integer or bool (*) -> (*)"""
    def __ior__(self, y: Any) -> Tensor:
        """The bits that are set in x or y; for booleans their logical or.  x, y: integer or bool (*) -> (*)"""
    def __ipow__(self, y: Any) -> Tensor:
        """x to the power of y.  x, y: (*) -> (*)"""
    def __irshift__(self, y: Any) -> Tensor:
        """x / 2**y rounded down, by moving its bits y places down.  x, y: integer (*) -> (*)"""
    def __isub__(self, y: Any) -> Tensor:
        """The difference x - y.  x, y: (*) -> (*)"""
    def __itruediv__(self, y: Any) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*), of floating-point numbers also where x and y are integers"""
    def __ixor__(self, y: Any) -> Tensor:
        """The bits that are set in exactly one of x and y.  x, y: integer or bool (*) -> (*)"""
    def __le__(self, y: Any) -> Tensor: ...
    def __lshift__(self, y: Any) -> Tensor: ...
    def __lt__(self, y: Any) -> Tensor: ...
    def __matmul__(self, y: Any) -> Tensor: ...
    def __mod__(self, y: Any) -> Tensor: ...
    def __mul__(self, y: Any) -> Tensor: ...
    def __ne__(self, other: Any) -> Any: ...
    def __neg__(self) -> Tensor:
        """The negative of each element.  x: (*) -> (*)"""
    def __or__(self, y: Any) -> Tensor: ...
    def __pos__(self) -> Tensor:
        """Each element as it is.  x: (*) -> (*)"""
    def __pow__(self, y: Any) -> Tensor: ...
    def __radd__(self, other: Any) -> Tensor: ...
    def __rand__(self, other: Any) -> Tensor: ...
    def __rdivmod__(self, other: Any) -> Any:
        """The same with the operands in the other order."""
    def __rfloordiv__(self, other: Any) -> Tensor: ...
    def __rlshift__(self, other: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any) -> Tensor: ...
    def __rmod__(self, other: Any) -> Tensor: ...
    def __rmul__(self, other: Any) -> Tensor: ...
    def __ror__(self, other: Any) -> Tensor: ...
    def __rpow__(self, other: Any) -> Tensor: ...
    def __rrshift__(self, other: Any) -> Tensor: ...
    def __rshift__(self, y: Any) -> Tensor: ...
    def __rsub__(self, other: Any) -> Tensor: ...
    def __rtruediv__(self, other: Any) -> Tensor: ...
    def __rxor__(self, other: Any) -> Tensor: ...
    def __setitem__(self, index: Any, value: Any) -> Any:
        """Writes into x in place: x[index] = value.  The graph of x, of what it is a view of, and of its views follows."""
    def __sub__(self, y: Any) -> Tensor: ...
    def __truediv__(self, y: Any) -> Tensor: ...
    def __xor__(self, y: Any) -> Tensor: ...
    def abs(self, **names: Any) -> Tensor:
        """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
    def abs_(self) -> Tensor:
        """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
    def absolute(self, **names: Any) -> Tensor:
        """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
    def absolute_(self) -> Tensor:
        """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
    def acos(self, **names: Any) -> Tensor:
        """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def acos_(self) -> Tensor:
        """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def acosh(self, **names: Any) -> Tensor:
        """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
    def acosh_(self) -> Tensor:
        """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
    def add(self, y: Any, **names: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def add_(self, y: Any) -> Tensor:
        """The sum x + y.  x, y: (*) -> (*)"""
    def addbmm(self, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
        """beta x + alpha (the sum of batch1 batch2 over the batch)."""
    def addbmm_(self, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ...) -> Tensor:
        """beta x + alpha (the sum of batch1 batch2 over the batch)."""
    def addcdiv(self, tensor1: Any, tensor2: Any, value: Any = ..., **names: Any) -> Tensor:
        """x + value tensor1 / tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    def addcdiv_(self, tensor1: Any, tensor2: Any, value: Any = ...) -> Tensor:
        """x + value tensor1 / tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    def addcmul(self, tensor1: Any, tensor2: Any, value: Any = ..., **names: Any) -> Tensor:
        """x + value tensor1 tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    def addcmul_(self, tensor1: Any, tensor2: Any, value: Any = ...) -> Tensor:
        """x + value tensor1 tensor2.  x, tensor1, tensor2: (*) -> (*)"""
    def addmm(self, mat1: Any, mat2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
        """beta x + alpha mat1 mat2.  x: broadcasts to (M, N), mat1: (M, K), mat2: (K, N) -> (M, N)"""
    def addmm_(self, mat1: Any, mat2: Any, beta: Any = ..., alpha: Any = ...) -> Tensor:
        """beta x + alpha mat1 mat2.  x: broadcasts to (M, N), mat1: (M, K), mat2: (K, N) -> (M, N)"""
    def addmv(self, mat: Any, vec: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
        """beta x + alpha mat vec.  x: broadcasts to (M,), mat: (M, K), vec: (K,) -> (M,)"""
    def addmv_(self, mat: Any, vec: Any, beta: Any = ..., alpha: Any = ...) -> Tensor:
        """beta x + alpha mat vec.  x: broadcasts to (M,), mat: (M, K), vec: (K,) -> (M,)"""
    def addr(self, vec1: Any, vec2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
        """beta x + alpha outer(vec1, vec2).  x: broadcasts to (M, N), vec1: (M,), vec2: (N,) -> (M, N)"""
    def addr_(self, vec1: Any, vec2: Any, beta: Any = ..., alpha: Any = ...) -> Tensor:
        """beta x + alpha outer(vec1, vec2).  x: broadcasts to (M, N), vec1: (M,), vec2: (N,) -> (M, N)"""
    def adjoint(self, **names: Any) -> Tensor:
        """Each matrix in the last two axes conjugated and transposed; the same as x.mH.  x: (*, M, N) -> (*, N, M)"""
    def all(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """Whether all elements are true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
    def allclose(self, y: Any, rtol: Any = ..., atol: Any = ..., equal_nan: builtins.bool = ...) -> builtins.bool:
        """Whether all elements of x and y are close, as `isclose` has it.  x, y: (*) -> one bool"""
    def amax(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The largest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def amin(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The smallest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def aminmax(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _MinAndMax:
        """The smallest and the largest element, as `(min, max)`.  x: (*) -> two of (*) without the axes"""
    def angle(self, **names: Any) -> Tensor:
        """The angle of each complex number with the positive real axis, in radians.  x: (*) -> real (*)"""
    def any(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """Whether any element is true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
    def apply_(self, callable: Any) -> Tensor:
        """Writes callable(a) into each element a.  Slow: it runs Python for each."""
    def arccos(self, **names: Any) -> Tensor:
        """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def arccos_(self) -> Tensor:
        """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def arccosh(self, **names: Any) -> Tensor:
        """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
    def arccosh_(self) -> Tensor:
        """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
    def arcsin(self, **names: Any) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def arcsin_(self) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def arcsinh(self, **names: Any) -> Tensor:
        """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    def arcsinh_(self) -> Tensor:
        """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    def arctan(self, **names: Any) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
    def arctan2(self, y: Any, **names: Any) -> Tensor:
        """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
    def arctan2_(self, y: Any) -> Tensor:
        """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
    def arctan_(self) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
    def arctanh(self, **names: Any) -> Tensor:
        """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def arctanh_(self) -> Tensor:
        """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def argmax(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The index of the first largest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64"""
    def argmin(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The index of the first smallest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64"""
    def argsort(self, dim: Any = ..., descending: builtins.bool = ..., stable: builtins.bool = ..., **names: Any) -> Tensor:
        """The indices that sort x along axis `dim`.  x: (*) -> (*) int64"""
    def argwhere(self, **names: Any) -> Tensor:
        """Where the elements differ from 0, one place a row.  x: (*) -> (N, axes)"""
    def as_strided(self, size: Any, stride: Any, storage_offset: Any = ..., **names: Any) -> Tensor:
        """A view of the memory of x: element (i, j) is that at offset + i stride[0] + j stride[1].  x: (*) -> size"""
    def as_strided_(self, *args: Any) -> Tensor:
        """`as_strided`, of the tensor itself: no element moves, and it has another shape from now on."""
    def as_strided_scatter(self, src: Any, size: Any, stride: Any, storage_offset: Any = ..., **names: Any) -> Tensor:
        """A copy of x with src in place of `as_strided(x, size, stride, storage_offset)`.  x: (*), src: size -> (*)"""
    def asin(self, **names: Any) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def asin_(self) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def asinh(self, **names: Any) -> Tensor:
        """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    def asinh_(self) -> Tensor:
        """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
    def astype(self, dtype: Any, **names: Any) -> Tensor:
        """A copy with elements of another dtype; the gradient goes back in the dtype of x.  x: (*) -> (*)"""
    def atan(self, **names: Any) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
    def atan2(self, y: Any, **names: Any) -> Tensor:
        """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
    def atan2_(self, y: Any) -> Tensor:
        """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
    def atan_(self) -> Tensor:
        """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
    def atanh(self, **names: Any) -> Tensor:
        """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def atanh_(self) -> Tensor:
        """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
    def backward(self, gradient: Any = ..., retain_graph: Any = ..., create_graph: builtins.bool = ..., inputs: Any = ...) -> None:
        """Adds to the `grad` of every leaf that this tensor was computed from the gradient of this tensor by it."""
    def baddbmm(self, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
        """beta x + alpha batch1 batch2.  x: broadcasts to (N, M, L), batch1: (N, M, K), batch2: (N, K, L) -> (N, M, L)"""
    def baddbmm_(self, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ...) -> Tensor:
        """beta x + alpha batch1 batch2.  x: broadcasts to (N, M, L), batch1: (N, M, K), batch2: (N, K, L) -> (N, M, L)"""
    def bernoulli(self, p: Any = ..., generator: Any = ...) -> Tensor:
        """1 with the probability that each element gives (or p everywhere), else 0, in the dtype of input."""
    def bernoulli_(self, p: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with ones of probability p, a number or a tensor, and zeros."""
    def bincount(self, weights: Any = ..., minlength: Any = ..., **names: Any) -> Tensor:
        """How often each of 0, 1, 2, ... occurs, or the sum of the weights of its places.  x: (N,) int -> (K,)"""
    def bitwise_and(self, y: Any, **names: Any) -> Tensor:
        """The bits that are set in both x and y; for booleans their logical and.  x, y: integer or bool (*) -> (*)"""
    def bitwise_and_(self, y: Any) -> Tensor:
        """The bits that are set in both x and y; for booleans their logical and.  x, y: integer or bool (*) -> (*)"""
    def bitwise_left_shift(self, y: Any, **names: Any) -> Tensor:
        """x 2**y, by moving its bits y places up.  x, y: integer (*) -> (*)"""
    def bitwise_left_shift_(self, y: Any) -> Tensor:
        """x 2**y, by moving its bits y places up.  x, y: integer (*) -> (*)"""
    def bitwise_not(self, **names: Any) -> Tensor:
        """All bits reversed; for booleans their logical not.  x: integer or bool (*) -> (*)"""
    def bitwise_not_(self) -> Tensor:
        """All bits reversed; for booleans their logical not.  x: integer or bool (*) -> (*)"""
    def bitwise_or(self, y: Any, **names: Any) -> Tensor:
        """The bits that are set in x or y; for booleans their logical or.  x, y: integer or bool (*) -> (*)"""
    def bitwise_or_(self, y: Any) -> Tensor:
        """The bits that are set in x or y; for booleans their logical or.  x, y: integer or bool (*) -> (*)"""
    def bitwise_right_shift(self, y: Any, **names: Any) -> Tensor:
        """x / 2**y rounded down, by moving its bits y places down.  x, y: integer (*) -> (*)"""
    def bitwise_right_shift_(self, y: Any) -> Tensor:
        """x / 2**y rounded down, by moving its bits y places down.  x, y: integer (*) -> (*)"""
    def bitwise_xor(self, y: Any, **names: Any) -> Tensor:
        """The bits that are set in exactly one of x and y.  x, y: integer or bool (*) -> (*)"""
    def bitwise_xor_(self, y: Any) -> Tensor:
        """The bits that are set in exactly one of x and y.  x, y: integer or bool (*) -> (*)"""
    def bmm(self, y: Any, **names: Any) -> Tensor:
        """The products of two batches of matrices.  x: (N, M, K), y: (N, K, L) -> (N, M, L)"""
    def bool(self) -> Tensor:
        """The tensor as bool."""
    def broadcast_to(self, shape: Any, **names: Any) -> Tensor:
        """x stretched to `shape` by the rules of broadcasting, without a copy.  x: (*) -> shape"""
    def bucketize(self, boundaries: Any, out_int32: builtins.bool = ..., right: builtins.bool = ..., **names: Any) -> Tensor:
        """The number of the interval between sorted `boundaries` that each element lies in.  x: (*) -> (*) int64"""
    def byte(self) -> Tensor:
        """The tensor as uint8."""
    def cauchy_(self, median: Any = ..., sigma: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with Cauchy numbers."""
    def cdouble(self) -> Tensor:
        """The tensor as complex128."""
    def ceil(self, **names: Any) -> Tensor:
        """The smallest integer that is not below, for each element.  x: (*) -> (*)"""
    def ceil_(self) -> Tensor:
        """The smallest integer that is not below, for each element.  x: (*) -> (*)"""
    def celu(self, alpha: Any = ..., **names: Any) -> Tensor:
        """x where x > 0, else alpha (exp(x / alpha) - 1).  x: (*) -> (*)   Barron, 2017."""
    def celu_(self, alpha: Any = ...) -> Tensor:
        """x where x > 0, else alpha (exp(x / alpha) - 1).  x: (*) -> (*)   Barron, 2017."""
    def cfloat(self) -> Tensor:
        """The tensor as complex64."""
    def channel_shuffle(self, groups: Any, **names: Any) -> Tensor:
        """Channels of several groups take turns: one of each group, then the next of each.  x: (N, C, *) -> (N, C, *)"""
    def char(self) -> Tensor:
        """The tensor as int8."""
    def cholesky(self, upper: builtins.bool = ..., **names: Any) -> Tensor:
        """The lower triangular L with L L^H = A, for Hermitian positive-definite A.  A: (*, N, N) -> (*, N, N)"""
    def cholesky_inverse(self, upper: builtins.bool = ..., **names: Any) -> Tensor:
        """The inverse of A, given its Cholesky factor.  L: (*, N, N) -> (*, N, N)"""
    def cholesky_solve(self, L: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
        """The solution X of A X = x, given the Cholesky factor L of A.  x: (*, N, K), L: (*, N, N) -> (*, N, K)"""
    def chunk(self, chunks: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """At most `chunks` parts of equal size along axis dim, the last maybe smaller.  x: (*) -> a tuple of (*)"""
    def clamp(self, min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
    def clamp_(self, min: Any = ..., max: Any = ...) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
    def clamp_max(self, max: Any, **names: Any) -> Tensor:
        """Each element, or `max` where it is above.  x, max: (*) -> (*)"""
    def clamp_max_(self, max: Any) -> Tensor:
        """Each element, or `max` where it is above.  x, max: (*) -> (*)"""
    def clamp_min(self, min: Any, **names: Any) -> Tensor:
        """Each element, or `min` where it is below.  x, min: (*) -> (*)"""
    def clamp_min_(self, min: Any) -> Tensor:
        """Each element, or `min` where it is below.  x, min: (*) -> (*)"""
    def clip(self, min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
    def clip_(self, min: Any = ..., max: Any = ...) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
    def clone(self, **names: Any) -> Tensor:
        """A copy with memory of its own, through which gradients pass.  x: (*) -> (*)"""
    def combinations(self, r: Any = ..., with_replacement: builtins.bool = ..., **names: Any) -> Tensor:
        """All choices of r elements of a vector, one a row, in the order of the vector.  x: (N) -> (choices, r)"""
    def conj(self, **names: Any) -> Tensor:
        """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    def conj_(self) -> Tensor:
        """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    def conj_physical(self, **names: Any) -> Tensor:
        """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    def conj_physical_(self) -> Tensor:
        """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
    def contiguous(self) -> Tensor:
        """The tensor itself if it lies row by row in memory without gaps, otherwise such a copy."""
    def copy_(self, source: Any) -> Tensor:
        """Writes the values of `source`, which broadcasts to the shape of x and is cast to its dtype, into x."""
    def copysign(self, y: Any, **names: Any) -> Tensor:
        """The size of x with the sign of y.  x, y: (*) -> (*)"""
    def copysign_(self, y: Any) -> Tensor:
        """The size of x with the sign of y.  x, y: (*) -> (*)"""
    def corrcoef(self, **names: Any) -> Tensor:
        """Pearson's correlation of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()"""
    def cos(self, **names: Any) -> Tensor:
        """The cosine of each element, an angle in radians.  x: (*) -> (*)"""
    def cos_(self) -> Tensor:
        """The cosine of each element, an angle in radians.  x: (*) -> (*)"""
    def cosh(self, **names: Any) -> Tensor:
        """The hyperbolic cosine of each element.  x: (*) -> (*)"""
    def cosh_(self) -> Tensor:
        """The hyperbolic cosine of each element.  x: (*) -> (*)"""
    def count_nonzero(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """How many elements are not 0, in all or over the axes `dim`.  x: (*) -> (*) int64, without the axes"""
    def cov(self, correction: Any = ..., fweights: Any = ..., aweights: Any = ..., **names: Any) -> Tensor:
        """The covariance of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()"""
    def cpu(self) -> Tensor:
        """The tensor itself: it is on the CPU."""
    def cross(self, y: Any, dim: Any = ..., **names: Any) -> Tensor:
        """The vector product of vectors of 3 elements along axis `dim`.  x, y: (..., 3, ...) -> (..., 3, ...)"""
    def cuda(self, device: Any = ...) -> Tensor:
        """Raises a ValueError: tensors live on the CPU only."""
    def cummax(self, dim: Any, **names: Any) -> _ValuesAndIndices:
        """The largest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)"""
    def cummin(self, dim: Any, **names: Any) -> _ValuesAndIndices:
        """The smallest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)"""
    def cumprod(self, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
        """The product of each element and all before it along axis `dim`.  x: (*) -> (*)"""
    def cumprod_(self, dim: Any, dtype: Any = ...) -> Tensor:
        """The product of each element and all before it along axis `dim`.  x: (*) -> (*)"""
    def cumsum(self, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
        """The sum of each element and all before it along axis `dim`.  x: (*) -> (*)"""
    def cumsum_(self, dim: Any, dtype: Any = ...) -> Tensor:
        """The sum of each element and all before it along axis `dim`.  x: (*) -> (*)"""
    def deg2rad(self, **names: Any) -> Tensor:
        """Angles in degrees as angles in radians.  x: (*) -> (*)"""
    def deg2rad_(self) -> Tensor:
        """Angles in degrees as angles in radians.  x: (*) -> (*)"""
    def det(self, **names: Any) -> Tensor:
        """The determinant of square matrices.  x: (*, N, N) -> (*)"""
    def diag(self, diagonal: Any = ..., **names: Any) -> Tensor:
        """A matrix with a vector as its diagonal, or the diagonal of a matrix.  x: (N) -> (N, N), or (M, N) -> (K)"""
    def diag_embed(self, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
        """Matrices with the last axis of x on a diagonal, zeros elsewhere.  x: (*, N) -> (*, N + |offset|, N + |offset|)"""
    def diagflat(self, offset: Any = ..., **names: Any) -> Tensor:
        """All elements on the diagonal of a matrix.  x: (*) -> (M, M)"""
    def diagonal(self, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
        """The diagonals in the planes of two axes, as the last axis; `offset` above the main one.  x: (*) -> (*)"""
    def diagonal_scatter(self, src: Any, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
        """A copy of x with a diagonal replaced by src.  x, src: (*) -> (*)"""
    def diff(self, n: Any = ..., dim: Any = ..., prepend: Any = ..., append: Any = ..., **names: Any) -> Tensor:
        """The difference of each two neighbours along axis `dim`, taken n times.  x: (..., K, ...) -> (..., K - n, ...)"""
    def digamma(self, **names: Any) -> Tensor:
        """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
    def digamma_(self) -> Tensor:
        """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
    def dim_order(self) -> Any:
        """The axes, from that with the largest steps in memory to that with the smallest."""
    def dist(self, y: Any, p: Any = ..., **names: Any) -> Tensor:
        """The p-norm of the difference x - y.  x, y: (*) -> ()"""
    def div(self, y: Any, rounding_mode: Any = ..., **names: Any) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*)"""
    def div_(self, y: Any, rounding_mode: Any = ...) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*)"""
    def divide(self, y: Any, rounding_mode: Any = ..., **names: Any) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*)"""
    def divide_(self, y: Any, rounding_mode: Any = ...) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*)"""
    def dot(self, y: Any, **names: Any) -> Tensor:
        """The sum of the products of two vectors' elements.  x, y: (K,) -> ()"""
    def double(self) -> Tensor:
        """The tensor as float64."""
    def dsplit(self, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
        """Equal parts along the third axis, or those between given places.  x: (L, M, N, *) -> a tuple of (*)"""
    def elu(self, alpha: Any = ..., **names: Any) -> Tensor:
        """x where x > 0, else alpha (exp(x) - 1).  x: (*) -> (*)   Clevert, Unterthiner and Hochreiter, 2015."""
    def elu_(self, alpha: Any = ...) -> Tensor:
        """x where x > 0, else alpha (exp(x) - 1).  x: (*) -> (*)   Clevert, Unterthiner and Hochreiter, 2015."""
    def eq(self, y: Any, **names: Any) -> Tensor:
        """Whether x and y are equal, for each element; NaN equals nothing.  x, y: (*) -> bool (*)"""
    def eq_(self, y: Any) -> Tensor:
        """Whether x and y are equal, for each element; NaN equals nothing.  x, y: (*) -> bool (*)"""
    def equal(self, y: Any) -> builtins.bool:
        """Whether x and y have the same shape and equal elements.  x, y: (*) -> one bool"""
    def erf(self, **names: Any) -> Tensor:
        """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
    def erf_(self) -> Tensor:
        """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
    def erfc(self, **names: Any) -> Tensor:
        """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
    def erfc_(self) -> Tensor:
        """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
    def erfinv(self, **names: Any) -> Tensor:
        """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
    def erfinv_(self) -> Tensor:
        """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
    def exp(self, **names: Any) -> Tensor:
        """e to the power of each element.  x: (*) -> (*)"""
    def exp2(self, **names: Any) -> Tensor:
        """2 to the power of each element.  x: (*) -> (*)"""
    def exp2_(self) -> Tensor:
        """2 to the power of each element.  x: (*) -> (*)"""
    def exp_(self) -> Tensor:
        """e to the power of each element.  x: (*) -> (*)"""
    def expand(self, *sizes: Any, **names: Any) -> Tensor:
        """Axes of length 1 stretched to `sizes` without a copy; -1 keeps a length, new axes come in front.  x: (*) -> sizes"""
    def expand_as(self, other: Any, **names: Any) -> Tensor:
        """x stretched to the shape of another tensor.  x: (*), other: (**) -> (**)"""
    def expand_dims(self, dim: Any, **names: Any) -> Tensor:
        """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
    def expm1(self, **names: Any) -> Tensor:
        """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
    def expm1_(self) -> Tensor:
        """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
    def exponential_(self, lambd: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with exponential numbers of rate `lambd`."""
    def fill_(self, value: Any) -> Tensor:
        """Writes one value, a number or a tensor without axes, into all of x."""
    def fill_diagonal_(self, fill_value: Any, wrap: builtins.bool = ...) -> Tensor:
        """Writes one value, a number or a tensor without axes, into the main diagonal."""
    def fix(self, **names: Any) -> Tensor:
        """Each element without what stands after its decimal point.  x: (*) -> (*)"""
    def fix_(self) -> Tensor:
        """Each element without what stands after its decimal point.  x: (*) -> (*)"""
    def flatten(self, start_dim: Any = ..., end_dim: Any = ..., **names: Any) -> Tensor:
        """Joins the axes from start_dim to end_dim into one.  x: (*) -> (*)"""
    def flip(self, *dims: Any, **names: Any) -> Tensor:
        """The elements in reverse order along axes `dims`; without dims, along all.  A copy.  x: (*) -> (*)"""
    def fliplr(self, **names: Any) -> Tensor:
        """Left and right exchanged: the second axis in reverse order.  x: (M, N, *) -> (M, N, *)"""
    def flipud(self, **names: Any) -> Tensor:
        """Up and down exchanged: the first axis in reverse order.  x: (M, *) -> (M, *)"""
    def float(self) -> Tensor:
        """The tensor as float32."""
    def float_power(self, y: Any) -> Any:
        """x to the power of y, in float64 whatever the dtypes are.  x, y: (*) -> float64 (*)"""
    def float_power_(self, y: Any) -> Tensor:
        """`float_power`, written into the tensor itself in its own dtype."""
    def floor(self, **names: Any) -> Tensor:
        """The largest integer that is not above, for each element.  x: (*) -> (*)"""
    def floor_(self) -> Tensor:
        """The largest integer that is not above, for each element.  x: (*) -> (*)"""
    def floor_divide(self, y: Any, **names: Any) -> Tensor:
        """The quotient x / y rounded down.  x, y: (*) -> (*)"""
    def floor_divide_(self, y: Any) -> Tensor:
        """The quotient x / y rounded down.  x, y: (*) -> (*)"""
    def fmax(self, y: Any, **names: Any) -> Tensor:
        """The larger of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    def fmax_(self, y: Any) -> Tensor:
        """The larger of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    def fmin(self, y: Any, **names: Any) -> Tensor:
        """The smaller of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    def fmin_(self, y: Any) -> Tensor:
        """The smaller of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
    def fmod(self, y: Any, **names: Any) -> Tensor:
        """x - y trunc(x / y): what is left after dividing, with the sign of x.  x, y: (*) -> (*)"""
    def fmod_(self, y: Any) -> Tensor:
        """x - y trunc(x / y): what is left after dividing, with the sign of x.  x, y: (*) -> (*)"""
    def frac(self, **names: Any) -> Tensor:
        """What stands after the decimal point of each element, with its sign.  x: (*) -> (*)"""
    def frac_(self) -> Tensor:
        """What stands after the decimal point of each element, with its sign.  x: (*) -> (*)"""
    def frexp(self, **names: Any) -> _MantissaAndExponent:
        """Each element as mantissa * 2**exponent, with 0.5 <= |mantissa| < 1.  x: (*) -> two of (*)"""
    def gather(self, dim: Any, index: Any, **names: Any) -> Tensor:
        """Along axis dim the element that index says, for each place of index: out[i][j] = x[index[i][j]][j] for dim 0."""
    def gcd(self, y: Any, **names: Any) -> Tensor:
        """The greatest common divisor of x and y, for each element; 0 of 0 and 0.  x, y: integer (*) -> (*)"""
    def gcd_(self, y: Any) -> Tensor:
        """The greatest common divisor of x and y, for each element; 0 of 0 and 0.  x, y: integer (*) -> (*)"""
    def ge(self, y: Any, **names: Any) -> Tensor:
        """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
    def ge_(self, y: Any) -> Tensor:
        """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
    def gelu(self, approximate: builtins.str = ..., **names: Any) -> Tensor:
        """x times the probability that a standard normal variable is below x.  x: (*) -> (*)"""
    def gelu_(self, approximate: builtins.str = ...) -> Tensor:
        """x times the probability that a standard normal variable is below x.  x: (*) -> (*)"""
    def geometric_(self, p: Any, generator: Any = ...) -> Tensor:
        """Fills the tensor with the number of trials until the first success of probability p."""
    def geqrf(self, **names: Any) -> _Reflections:
        """The QR factorization as LAPACK keeps it.  x: (*, M, N) -> (a: (*, M, N), tau: (*, K))"""
    def ger(self, y: Any, **names: Any) -> Tensor:
        """The product of each element of x with each of y.  x: (M,), y: (N,) -> (M, N)"""
    def get_device(self) -> Any:
        """-1, as for every tensor on the CPU."""
    def getitem(self, index: Any, **names: Any) -> Tensor:
        """The elements at an index; the same as x[index].  x: (*) -> (*)"""
    def glu(self, dim: Any = ..., **names: Any) -> Tensor:
        """a sigmoid(b), where a and b are the halves of x along `dim`.  x: (..., 2 K, ...) -> (..., K, ...)"""
    def greater(self, y: Any, **names: Any) -> Tensor:
        """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
    def greater_(self, y: Any) -> Tensor:
        """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
    def greater_equal(self, y: Any, **names: Any) -> Tensor:
        """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
    def greater_equal_(self, y: Any) -> Tensor:
        """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
    def gt(self, y: Any, **names: Any) -> Tensor:
        """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
    def gt_(self, y: Any) -> Tensor:
        """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
    def half(self) -> Tensor:
        """The tensor as float16."""
    def hardshrink(self, lambd: Any = ..., **names: Any) -> Tensor:
        """x where |x| > lambd, else 0.  x: (*) -> (*)"""
    def hardshrink_(self, lambd: Any = ...) -> Tensor:
        """x where |x| > lambd, else 0.  x: (*) -> (*)"""
    def hardsigmoid(self, **names: Any) -> Tensor:
        """(x + 3) / 6 brought between 0 and 1.  x: (*) -> (*)"""
    def hardsigmoid_(self) -> Tensor:
        """(x + 3) / 6 brought between 0 and 1.  x: (*) -> (*)"""
    def hardswish(self, **names: Any) -> Tensor:
        """x hardsigmoid(x).  x: (*) -> (*)   Howard et al., Searching for MobileNetV3, 2019."""
    def hardswish_(self) -> Tensor:
        """x hardsigmoid(x).  x: (*) -> (*)   Howard et al., Searching for MobileNetV3, 2019."""
    def hardtanh(self, min_val: Any = ..., max_val: Any = ..., **names: Any) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x: (*) -> (*)"""
    def hardtanh_(self, min_val: Any = ..., max_val: Any = ...) -> Tensor:
        """Each element, or the nearer bound where it lies outside.  x: (*) -> (*)"""
    def heaviside(self, values: Any, **names: Any) -> Tensor:
        """0 where x < 0, `values` where x = 0, 1 where x > 0.  x, values: (*) -> (*)"""
    def heaviside_(self, values: Any) -> Tensor:
        """0 where x < 0, `values` where x = 0, 1 where x > 0.  x, values: (*) -> (*)"""
    def histc(self, bins: Any = ..., min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
        """How many elements lie in each of `bins` equal intervals from `min` to `max`.  x: (*) -> (bins,)"""
    def histogram(self, bins: Any, range: Any = ..., weight: Any = ..., density: builtins.bool = ..., **names: Any) -> _HistogramAndEdges:
        """How many elements lie in each of several intervals, and the edges of those.  x: (*) -> (K), (K + 1)"""
    def hsplit(self, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
        """Equal parts along the second axis, or of a vector along its only one.  x: (*) -> a tuple of (*)"""
    def hypot(self, y: Any, **names: Any) -> Tensor:
        """sqrt(x^2 + y^2), also where the squares leave the range of the numbers.  x, y: (*) -> (*)"""
    def hypot_(self, y: Any) -> Tensor:
        """sqrt(x^2 + y^2), also where the squares leave the range of the numbers.  x, y: (*) -> (*)"""
    def i0(self, **names: Any) -> Tensor:
        """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
    def i0_(self) -> Tensor:
        """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
    def igamma(self, y: Any, **names: Any) -> Tensor:
        """The regularized lower incomplete gamma function P(x, y), from 0 at y = 0 to 1.  x, y: (*) -> (*)"""
    def igamma_(self, y: Any) -> Tensor:
        """The regularized lower incomplete gamma function P(x, y), from 0 at y = 0 to 1.  x, y: (*) -> (*)"""
    def igammac(self, y: Any, **names: Any) -> Tensor:
        """The regularized upper incomplete gamma function 1 - igamma(x, y), exact where it is tiny.  x, y: (*) -> (*)"""
    def igammac_(self, y: Any) -> Tensor:
        """The regularized upper incomplete gamma function 1 - igamma(x, y), exact where it is tiny.  x, y: (*) -> (*)"""
    @property
    def imag(self) -> Tensor: ...
    def index_add(self, dim: Any, index: Any, source: Any, alpha: Any = ..., **names: Any) -> Tensor:
        """x with alpha times the slices of source added to those that index names.  x, source: (*), index: (N) -> (*)"""
    def index_add_(self, dim: Any, index: Any, source: Any, alpha: Any = ...) -> Tensor:
        """x with alpha times the slices of source added to those that index names.  x, source: (*), index: (N) -> (*)"""
    def index_copy(self, dim: Any, index: Any, source: Any, **names: Any) -> Tensor:
        """x with the slices that index names replaced by those of source.  x, source: (*), index: (N) -> (*)"""
    def index_copy_(self, dim: Any, index: Any, source: Any) -> Tensor:
        """x with the slices that index names replaced by those of source.  x, source: (*), index: (N) -> (*)"""
    def index_fill(self, dim: Any, index: Any, value: Any, **names: Any) -> Tensor:
        """x with one value in the slices that index names.  x: (*), index: (N) of integers -> (*)"""
    def index_fill_(self, dim: Any, index: Any, value: Any) -> Tensor:
        """x with one value in the slices that index names.  x: (*), index: (N) of integers -> (*)"""
    def index_put(self, indices: Any, values: Any, accumulate: builtins.bool = ..., **names: Any) -> Tensor:
        """x with values at an index, as by x[indices] = values; with accumulate, added there.  x: (*) -> (*)"""
    def index_put_(self, indices: Any, values: Any, accumulate: builtins.bool = ...) -> Tensor:
        """x with values at an index, as by x[indices] = values; with accumulate, added there.  x: (*) -> (*)"""
    def index_reduce(self, dim: Any, index: Any, source: Any, reduce: Any, include_self: builtins.bool = ..., **names: Any) -> Tensor:
        """x with the slices of source combined into those that index names.  x, source: (*), index: (N) -> (*)"""
    def index_reduce_(self, dim: Any, index: Any, source: Any, reduce: Any, include_self: builtins.bool = ...) -> Tensor:
        """x with the slices of source combined into those that index names.  x, source: (*), index: (N) -> (*)"""
    def index_select(self, dim: Any, index: Any, **names: Any) -> Tensor:
        """The slices along axis dim that index names, in its order.  x: (*), index: (N) of integers -> (*)"""
    def inner(self, y: Any, **names: Any) -> Tensor:
        """The sums of products over the last axis of both.  x: (..., K), y: (*, K) -> (..., *)"""
    def int(self) -> Tensor:
        """The tensor as int32."""
    def inverse(self, **names: Any) -> Tensor:
        """The inverse of square matrices.  A: (*, N, N) -> (*, N, N)"""
    def is_conj(self) -> Any:
        """False: conjugates are computed at once."""
    @property
    def is_cpu(self) -> builtins.bool: ...
    @property
    def is_cuda(self) -> builtins.bool: ...
    def is_inference(self) -> Any:
        """False: tensors that inference_mode made may be used like others."""
    @property
    def is_meta(self) -> builtins.bool: ...
    @property
    def is_mps(self) -> builtins.bool: ...
    def is_neg(self) -> Any:
        """False: negatives are computed at once."""
    @property
    def is_nested(self) -> builtins.bool: ...
    def is_nonzero(self) -> builtins.bool:
        """Whether the one element is not 0.  ValueError if there are several, or none."""
    def is_pinned(self) -> Any:
        """False: there is no device to copy from memory of this kind."""
    @property
    def is_quantized(self) -> builtins.bool: ...
    def is_same_size(self, other: Any) -> builtins.bool:
        """Whether two tensors have the same shape."""
    def is_signed(self) -> builtins.bool:
        """Whether the dtype has negative numbers."""
    @property
    def is_sparse(self) -> builtins.bool: ...
    @property
    def is_xpu(self) -> builtins.bool: ...
    def isclose(self, y: Any, rtol: Any = ..., atol: Any = ..., equal_nan: builtins.bool = ..., **names: Any) -> Tensor:
        """Whether |x - y| <= atol + rtol |y|, for each element.  x, y: (*) -> bool (*)"""
    def isfinite(self, **names: Any) -> Tensor:
        """Whether each element is neither infinite nor NaN.  x: (*) -> bool (*)"""
    def isinf(self, **names: Any) -> Tensor:
        """Whether each element is infinite.  x: (*) -> bool (*)"""
    def isnan(self, **names: Any) -> Tensor:
        """Whether each element is NaN.  x: (*) -> bool (*)"""
    def isneginf(self, **names: Any) -> Tensor:
        """Whether each element is minus infinity.  x: (*) -> bool (*)"""
    def isposinf(self, **names: Any) -> Tensor:
        """Whether each element is plus infinity.  x: (*) -> bool (*)"""
    def isreal(self, **names: Any) -> Tensor:
        """Whether the imaginary part of each element is 0, as it is of real tensors.  x: (*) -> bool (*)"""
    def istft(self, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: builtins.bool = ..., normalized: builtins.bool = ..., onesided: Any = ..., length: Any = ..., return_complex: builtins.bool = ..., **names: Any) -> Tensor:
        """The signal whose short-time Fourier transform is nearest to x, in the sense of least squares."""
    def kron(self, y: Any, **names: Any) -> Tensor:
        """The Kronecker product: y times each element of x, side by side.  x: (M, N), y: (P, Q) -> (M P, N Q)"""
    def kthvalue(self, k: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The k-th smallest elements (k from 1) along axis `dim`, and their indices."""
    def lcm(self, y: Any, **names: Any) -> Tensor:
        """The least common multiple of x and y, for each element; 0 where one is 0.  x, y: integer (*) -> (*)"""
    def lcm_(self, y: Any) -> Tensor:
        """The least common multiple of x and y, for each element; 0 where one is 0.  x, y: integer (*) -> (*)"""
    def ldexp(self, y: Any, **names: Any) -> Tensor:
        """x 2**y.  x, y: (*) -> (*)"""
    def ldexp_(self, y: Any) -> Tensor:
        """x 2**y.  x, y: (*) -> (*)"""
    def le(self, y: Any, **names: Any) -> Tensor:
        """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
    def le_(self, y: Any) -> Tensor:
        """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
    def leaky_relu(self, negative_slope: Any = ..., **names: Any) -> Tensor:
        """x where x > 0, else negative_slope x.  x: (*) -> (*)"""
    def leaky_relu_(self, negative_slope: Any = ...) -> Tensor:
        """x where x > 0, else negative_slope x.  x: (*) -> (*)"""
    def lerp(self, end: Any, weight: Any, **names: Any) -> Tensor:
        """x + weight (end - x): the point between x, at weight 0, and `end`, at weight 1.  x, end, weight: (*) -> (*)"""
    def lerp_(self, end: Any, weight: Any) -> Tensor:
        """x + weight (end - x): the point between x, at weight 0, and `end`, at weight 1.  x, end, weight: (*) -> (*)"""
    def less(self, y: Any, **names: Any) -> Tensor:
        """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
    def less_(self, y: Any) -> Tensor:
        """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
    def less_equal(self, y: Any, **names: Any) -> Tensor:
        """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
    def less_equal_(self, y: Any) -> Tensor:
        """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
    def lgamma(self, **names: Any) -> Tensor:
        """The logarithm of the absolute value of the gamma function, infinite at 0, -1, -2, ...  x: (*) -> (*)"""
    def lgamma_(self) -> Tensor:
        """The logarithm of the absolute value of the gamma function, infinite at 0, -1, -2, ...  x: (*) -> (*)"""
    def log(self, **names: Any) -> Tensor:
        """The natural logarithm of each element; minus infinity at 0, NaN below.  x: (*) -> (*)"""
    def log10(self, **names: Any) -> Tensor:
        """The logarithm to base 10 of each element.  x: (*) -> (*)"""
    def log10_(self) -> Tensor:
        """The logarithm to base 10 of each element.  x: (*) -> (*)"""
    def log1p(self, **names: Any) -> Tensor:
        """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
    def log1p_(self) -> Tensor:
        """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
    def log2(self, **names: Any) -> Tensor:
        """The logarithm to base 2 of each element.  x: (*) -> (*)"""
    def log2_(self) -> Tensor:
        """The logarithm to base 2 of each element.  x: (*) -> (*)"""
    def log_(self) -> Tensor:
        """The natural logarithm of each element; minus infinity at 0, NaN below.  x: (*) -> (*)"""
    def log_normal_(self, mean: Any = ..., std: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with numbers whose logarithms are normal."""
    def log_softmax(self, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
        """log(softmax(x, dim)), also where the softmax rounds to 0.  x: (*) -> (*)"""
    def logaddexp(self, y: Any, **names: Any) -> Tensor:
        """log(exp(x) + exp(y)), also where the exponentials leave the range of the numbers.  x, y: (*) -> (*)"""
    def logaddexp2(self, y: Any, **names: Any) -> Tensor:
        """log2(2**x + 2**y), also where the powers leave the range of the numbers.  x, y: (*) -> (*)"""
    def logaddexp2_(self, y: Any) -> Tensor:
        """log2(2**x + 2**y), also where the powers leave the range of the numbers.  x, y: (*) -> (*)"""
    def logaddexp_(self, y: Any) -> Tensor:
        """log(exp(x) + exp(y)), also where the exponentials leave the range of the numbers.  x, y: (*) -> (*)"""
    def logcumsumexp(self, dim: Any, **names: Any) -> Tensor:
        """The logarithm of the sum of the exponentials of each element and all before it along `dim`.  x: (*) -> (*)"""
    def logdet(self, **names: Any) -> Tensor:
        """The logarithm of the determinant.  x: (*, N, N) -> (*)"""
    def logical_and(self, y: Any, **names: Any) -> Tensor:
        """Whether both x and y are true, for each element.  x, y: (*) -> bool (*)"""
    def logical_and_(self, y: Any) -> Tensor:
        """Whether both x and y are true, for each element.  x, y: (*) -> bool (*)"""
    def logical_not(self, **names: Any) -> Tensor:
        """Whether x is false, for each element.  x: (*) -> bool (*)"""
    def logical_not_(self) -> Tensor:
        """Whether x is false, for each element.  x: (*) -> bool (*)"""
    def logical_or(self, y: Any, **names: Any) -> Tensor:
        """Whether x or y is true, for each element.  x, y: (*) -> bool (*)"""
    def logical_or_(self, y: Any) -> Tensor:
        """Whether x or y is true, for each element.  x, y: (*) -> bool (*)"""
    def logical_xor(self, y: Any, **names: Any) -> Tensor:
        """Whether exactly one of x and y is true, for each element.  x, y: (*) -> bool (*)"""
    def logical_xor_(self, y: Any) -> Tensor:
        """Whether exactly one of x and y is true, for each element.  x, y: (*) -> bool (*)"""
    def logit(self, eps: Any = ..., **names: Any) -> Tensor:
        """log(x / (1 - x)), the inverse of `sigmoid`.  x: (*) -> (*)"""
    def logit_(self, eps: Any = ...) -> Tensor:
        """log(x / (1 - x)), the inverse of `sigmoid`.  x: (*) -> (*)"""
    def logsigmoid(self, **names: Any) -> Tensor:
        """log(sigmoid(x)), also where the sigmoid rounds to 0.  x: (*) -> (*)"""
    def logsigmoid_(self) -> Tensor:
        """log(sigmoid(x)), also where the sigmoid rounds to 0.  x: (*) -> (*)"""
    def logsumexp(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The logarithm of the sum of exponentials, without overflow.  x: (*) -> (*) without the axes"""
    def long(self) -> Tensor:
        """The tensor as int64."""
    def lt(self, y: Any, **names: Any) -> Tensor:
        """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
    def lt_(self, y: Any) -> Tensor:
        """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
    def lu(self, pivot: builtins.bool = ..., get_infos: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
        """As `linalg.lu_factor`, under an older name.  A: (*, M, N) -> (LU, pivots)"""
    def lu_solve(self, LU_data: Any, LU_pivots: Any, **names: Any) -> Tensor:
        """As `linalg.lu_solve`, with the right sides first.  x: (*, N, K), LU_data: (*, N, N), LU_pivots: (*, N) -> as x"""
    @property
    def mH(self) -> Tensor: ...
    @property
    def mT(self) -> Tensor: ...
    def map2_(self, x: Any, y: Any, callable: Any) -> Tensor:
        """Writes callable(a, b, c) into each element a, with b and c at the same place of two other tensors."""
    def map_(self, tensor: Any, callable: Any) -> Tensor:
        """Writes callable(a, b) into each element a, with b at the same place of another tensor, which broadcasts."""
    def masked_fill(self, mask: Any, value: Any, **names: Any) -> Tensor:
        """x with `value` in the places where `mask` holds.  x, mask, value: (*) -> (*)"""
    def masked_fill_(self, mask: Any, value: Any) -> Tensor:
        """x with `value` in the places where `mask` holds.  x, mask, value: (*) -> (*)"""
    def masked_scatter(self, mask: Any, source: Any, **names: Any) -> Tensor:
        """x with the first elements of source, row by row, where mask is True.  x, mask: (*), source: (**) -> (*)"""
    def masked_scatter_(self, mask: Any, source: Any) -> Tensor:
        """x with the first elements of source, row by row, where mask is True.  x, mask: (*), source: (**) -> (*)"""
    def masked_select(self, mask: Any, **names: Any) -> Tensor:
        """The elements where mask is True, as one row; x and mask broadcast.  x, mask: (*) -> (N)"""
    def matmul(self, y: Any, **names: Any) -> Tensor:
        """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
    def matrix_exp(self, **names: Any) -> Tensor:
        """The exponential of square matrices: the sum of x^k / k!.  x: (*, N, N) -> (*, N, N)"""
    def matrix_power(self, n: Any, **names: Any) -> Tensor:
        """Square matrices multiplied n times; of negative n, their inverses.  x: (*, N, N) -> (*, N, N)"""
    @overload
    def max(self, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The largest element; along axis `dim`, the largest elements and their indices."""
    @overload
    def max(self, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The largest element; along axis `dim`, the largest elements and their indices."""
    def maximum(self, y: Any, **names: Any) -> Tensor:
        """The larger of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
    def maximum_(self, y: Any) -> Tensor:
        """The larger of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
    def mean(self, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The mean over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    @overload
    def median(self, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The median of all elements; along axis `dim`, the medians and their indices."""
    @overload
    def median(self, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The median of all elements; along axis `dim`, the medians and their indices."""
    @overload
    def min(self, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The smallest element; along axis `dim`, the smallest elements and their indices."""
    @overload
    def min(self, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The smallest element; along axis `dim`, the smallest elements and their indices."""
    def minimum(self, y: Any, **names: Any) -> Tensor:
        """The smaller of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
    def minimum_(self, y: Any) -> Tensor:
        """The smaller of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
    def mish(self, **names: Any) -> Tensor:
        """x tanh(softplus(x)).  x: (*) -> (*)   Misra, Mish: A Self Regularized Non-Monotonic Activation, 2019."""
    def mish_(self) -> Tensor:
        """x tanh(softplus(x)).  x: (*) -> (*)   Misra, Mish: A Self Regularized Non-Monotonic Activation, 2019."""
    def mm(self, y: Any, **names: Any) -> Tensor:
        """The product of two matrices.  x: (M, K), y: (K, N) -> (M, N)"""
    def mod(self, y: Any, **names: Any) -> Tensor:
        """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
    def mod_(self, y: Any) -> Tensor:
        """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
    def mode(self, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The most frequent elements along axis `dim`, and the index of the last of them."""
    def moveaxis(self, source: Any, destination: Any, **names: Any) -> Tensor:
        """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
    def movedim(self, source: Any, destination: Any, **names: Any) -> Tensor:
        """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
    def msort(self, **names: Any) -> Tensor:
        """The elements in order along the first axis.  x: (N, *) -> (N, *)"""
    def mul(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def mul_(self, y: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def multinomial(self, num_samples: Any, replacement: builtins.bool = ..., generator: Any = ...) -> Tensor:
        """Places drawn with the weights in the last axis.  input: (N) or (rows, N) -> (samples) or (rows, samples)"""
    def multiply(self, y: Any, **names: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def multiply_(self, y: Any) -> Tensor:
        """The product x y.  x, y: (*) -> (*)"""
    def mv(self, y: Any, **names: Any) -> Tensor:
        """The product of a matrix and a vector.  x: (M, K), y: (K,) -> (M,)"""
    def mvlgamma(self, p: Any, **names: Any) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension p.  x: (*) -> (*)"""
    def mvlgamma_(self, p: Any) -> Tensor:
        """The logarithm of the multivariate gamma function of dimension p.  x: (*) -> (*)"""
    def nan_to_num(self, nan: Any = ..., posinf: Any = ..., neginf: Any = ..., **names: Any) -> Tensor:
        """Each element, with other numbers in place of NaN and the infinities.  x: (*) -> (*)"""
    def nan_to_num_(self, nan: Any = ..., posinf: Any = ..., neginf: Any = ...) -> Tensor:
        """Each element, with other numbers in place of NaN and the infinities.  x: (*) -> (*)"""
    def nanmean(self, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The mean of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
    @overload
    def nanmedian(self, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
        """The median of what is not NaN, of all elements or, with indices, along axis `dim`."""
    @overload
    def nanmedian(self, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The median of what is not NaN, of all elements or, with indices, along axis `dim`."""
    def nanquantile(self, q: Any, dim: Any = ..., keepdim: builtins.bool = ..., interpolation: builtins.str = ..., **names: Any) -> Tensor:
        """As `quantile`, of what is not NaN.  x: (*), q: () or (Q,) -> (*) without the axis, after an axis for several q"""
    def nansum(self, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The sum of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def narrow(self, dim: Any, start: Any, length: Any, **names: Any) -> Tensor:
        """`length` slices along axis dim, from start on.  A view.  x: (*) -> (*)"""
    def narrow_copy(self, dim: Any, start: Any, length: Any, **names: Any) -> Tensor:
        """A copy of `narrow(x, dim, start, length)`.  x: (*) -> (*)"""
    def ndimension(self) -> builtins.int:
        """The number of axes."""
    def ne(self, y: Any, **names: Any) -> Tensor:
        """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
    def ne_(self, y: Any) -> Tensor:
        """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
    def neg(self, **names: Any) -> Tensor:
        """The negative of each element.  x: (*) -> (*)"""
    def neg_(self) -> Tensor:
        """The negative of each element.  x: (*) -> (*)"""
    def negative(self, **names: Any) -> Tensor:
        """The negative of each element.  x: (*) -> (*)"""
    def negative_(self) -> Tensor:
        """The negative of each element.  x: (*) -> (*)"""
    def nelement(self) -> builtins.int:
        """The number of elements."""
    def new(self, *args: Any) -> Tensor:
        """`new_tensor` of data, or `new_empty` of a shape given as ints."""
    def new_empty(self, *size: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
        """Whatever lies in memory, in a shape, in the dtype of this tensor."""
    def new_full(self, size: Any, fill_value: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
        """One value in a shape, in the dtype of this tensor."""
    def new_ones(self, *size: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
        """Ones in a shape, in the dtype of this tensor."""
    def new_tensor(self, data: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
        """A copy of `data` in the dtype of this tensor."""
    def new_zeros(self, *size: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
        """Zeros in a shape, in the dtype of this tensor."""
    def nextafter(self, y: Any, **names: Any) -> Tensor:
        """The number of the dtype that comes next after x in the direction of y.  x, y: (*) -> (*)"""
    def nextafter_(self, y: Any) -> Tensor:
        """The number of the dtype that comes next after x in the direction of y.  x, y: (*) -> (*)"""
    @overload
    def nonzero(self, as_tuple: Literal[False] = ..., **names: Any) -> Tensor:
        """Where the elements differ from 0, one place a row; as_tuple: one vector for each axis.  x: (*) -> (N, axes)"""
    @overload
    def nonzero(self, as_tuple: Literal[True], **names: Any) -> tuple[Tensor, ...]:
        """Where the elements differ from 0, one place a row; as_tuple: one vector for each axis.  x: (*) -> (N, axes)"""
    def nonzero_static(self, size: Any, fill_value: Any = ..., **names: Any) -> Tensor:
        """The first `size` places of elements that differ from 0, one a row.  x: (*) -> int64 (size, axes)"""
    def norm(self, p: builtins.str = ..., dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The p-norm of all elements, or over the axes `dim`: (sum of |x|^p)^(1/p).  x: (*) -> (*) without the axes"""
    def normal_(self, mean: Any = ..., std: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with normal numbers."""
    def not_equal(self, y: Any, **names: Any) -> Tensor:
        """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
    def not_equal_(self, y: Any) -> Tensor:
        """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
    def orgqr(self, tau: Any, **names: Any) -> Tensor:
        """The first columns of the product of reflections that `geqrf` gives.  A: (*, M, N), tau: (*, K) -> (*, M, N)"""
    def ormqr(self, tau: Any, other: Any, left: builtins.bool = ..., transpose: builtins.bool = ..., **names: Any) -> Tensor:
        """The square Q of the reflections that `geqrf` gives, times a matrix.  x: (*, M, N), tau: (*, K), other -> as other"""
    def outer(self, y: Any, **names: Any) -> Tensor:
        """The product of each element of x with each of y.  x: (M,), y: (N,) -> (M, N)"""
    def pad(self, pad: Any, mode: builtins.str = ..., value: Any = ..., **names: Any) -> Tensor:
        """More elements around the edges.  x: (*) -> (*)"""
    def pdist(self, p: Any = ..., **names: Any) -> Tensor:
        """The p-norm of the difference of each pair of rows: 0 and 1, 0 and 2, ..., 1 and 2, ..."""
    def permute(self, *dims: Any, **names: Any) -> Tensor:
        """The axes in the order `dims`; without dims, in reverse.  Shares memory.  x: (*) -> (*)"""
    def pin_memory(self, *args: Any) -> Tensor:
        """The tensor itself: there is no device to copy it to."""
    def pinverse(self, rcond: Any = ..., **names: Any) -> Tensor:
        """As `linalg.pinv`, under an older name.  x: (*, M, N) -> (*, N, M)"""
    def pixel_shuffle(self, upscale_factor: Any, **names: Any) -> Tensor:
        """Channels become pixels: r r channels of each pixel lie down as a square of r by r."""
    def pixel_unshuffle(self, downscale_factor: Any, **names: Any) -> Tensor:
        """Pixels become channels: the reverse of `pixel_shuffle`."""
    def polygamma(self, n: Any) -> Tensor:
        """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
    def polygamma_(self, n: Any) -> Tensor:
        """`polygamma`, written into the tensor itself."""
    def positive(self, **names: Any) -> Tensor:
        """Each element as it is.  x: (*) -> (*)"""
    def pow(self, y: Any, **names: Any) -> Tensor:
        """x to the power of y.  x, y: (*) -> (*)"""
    def pow_(self, y: Any) -> Tensor:
        """x to the power of y.  x, y: (*) -> (*)"""
    def power(self, y: Any, **names: Any) -> Tensor:
        """x to the power of y.  x, y: (*) -> (*)"""
    def power_(self, y: Any) -> Tensor:
        """x to the power of y.  x, y: (*) -> (*)"""
    def prelu(self, weight: Any, **names: Any) -> Tensor:
        """x where x > 0, else weight x.  x: (N, C, *), weight: (C,) or one element -> (N, C, *)"""
    def prod(self, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The product over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def put(self, index: Any, source: Any, accumulate: builtins.bool = ..., **names: Any) -> Tensor:
        """x with source at places counted row by row; with accumulate, added there.  x: (*), index, source: (**) -> (*)"""
    def put_(self, index: Any, source: Any, accumulate: builtins.bool = ...) -> Tensor:
        """x with source at places counted row by row; with accumulate, added there.  x: (*), index, source: (**) -> (*)"""
    def qr(self, some: builtins.bool = ..., **names: Any) -> _Factors:
        """As `linalg.qr`, under an older name.  x: (*, M, N) -> (Q: (*, M, K), R: (*, K, N))"""
    def quantile(self, q: Any, dim: Any = ..., keepdim: builtins.bool = ..., interpolation: builtins.str = ..., **names: Any) -> Tensor:
        """The value that a share q of all elements, or of those along axis `dim`, lies below."""
    def rad2deg(self, **names: Any) -> Tensor:
        """Angles in radians as angles in degrees.  x: (*) -> (*)"""
    def rad2deg_(self) -> Tensor:
        """Angles in radians as angles in degrees.  x: (*) -> (*)"""
    def random_(self, from_: Any = ..., to: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with integers: random_(to), random_(from, to), or all that the dtype can hold exactly."""
    def ravel(self, **names: Any) -> Tensor:
        """All elements along one axis, row by row.  x: (*) -> (elements)"""
    @property
    def real(self) -> Tensor: ...
    def reciprocal(self, **names: Any) -> Tensor:
        """1 / x for each element.  x: (*) -> (*), of floating-point numbers also where x are integers"""
    def reciprocal_(self) -> Tensor:
        """1 / x for each element.  x: (*) -> (*), of floating-point numbers also where x are integers"""
    def relu(self, **names: Any) -> Tensor:
        """The larger of x and 0, for each element; NaN stays NaN.  x: (*) -> (*)"""
    def relu6(self, **names: Any) -> Tensor:
        """Each element brought between 0 and 6.  x: (*) -> (*)"""
    def relu6_(self) -> Tensor:
        """Each element brought between 0 and 6.  x: (*) -> (*)"""
    def relu_(self) -> Tensor:
        """The larger of x and 0, for each element; NaN stays NaN.  x: (*) -> (*)"""
    def remainder(self, y: Any, **names: Any) -> Tensor:
        """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
    def remainder_(self, y: Any) -> Tensor:
        """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
    def renorm(self, p: Any, dim: Any, maxnorm: Any, **names: Any) -> Tensor:
        """The slices along axis `dim`, each scaled down so that its p-norm is at most `maxnorm`.  x: (*) -> (*)"""
    def renorm_(self, p: Any, dim: Any, maxnorm: Any) -> Tensor:
        """The slices along axis `dim`, each scaled down so that its p-norm is at most `maxnorm`.  x: (*) -> (*)"""
    def repeat(self, *sizes: Any, **names: Any) -> Tensor:
        """The whole tensor as often along each axis as `sizes` say; further axes come in front.  x: (*) -> (*)"""
    def repeat_interleave(self, repeats: Any, dim: Any = ..., **names: Any) -> Tensor:
        """Each element, or slice along axis dim, several times in a row.  x: (*) -> (*)"""
    def reshape(self, *shape: Any, **names: Any) -> Tensor:
        """The elements in another shape; one length may be -1 and is worked out.  x: (*) -> shape"""
    def reshape_as(self, other: Any, **names: Any) -> Tensor:
        """The elements of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
    def resize_(self, *size: Any) -> Tensor:
        """The tensor in another shape, row by row: elements that are too many go, and those that are missing are 0."""
    def resize_as_(self, other: Any) -> Tensor:
        """`resize_` to the shape of another tensor."""
    def resolve_conj(self, *args: Any) -> Tensor:
        """The tensor itself: conjugates are computed at once."""
    def resolve_neg(self, *args: Any) -> Tensor:
        """The tensor itself: negatives are computed at once."""
    def roll(self, shifts: Any, dims: Any = ..., **names: Any) -> Tensor:
        """The elements shifted along `dims`; those pushed out at the end come in at the front.  x: (*) -> (*)"""
    def rot90(self, k: Any = ..., dims: Any = ..., **names: Any) -> Tensor:
        """Turned by k quarter turns in the plane of two axes, from the first towards the second.  x: (*) -> (*)"""
    def round(self, decimals: Any = ..., **names: Any) -> Tensor:
        """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)"""
    def round_(self, decimals: Any = ...) -> Tensor:
        """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)"""
    def rrelu(self, lower: Any = ..., upper: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
        """x where x > 0, else x times a slope, drawn for each element between `lower` and `upper`.  x: (*) -> (*)"""
    def rrelu_(self, lower: Any = ..., upper: Any = ..., training: builtins.bool = ..., generator: Any = ...) -> Tensor:
        """x where x > 0, else x times a slope, drawn for each element between `lower` and `upper`.  x: (*) -> (*)"""
    def rsqrt(self, **names: Any) -> Tensor:
        """1 / sqrt(x) for each element.  x: (*) -> (*)"""
    def rsqrt_(self) -> Tensor:
        """1 / sqrt(x) for each element.  x: (*) -> (*)"""
    def scatter(self, dim: Any, index: Any, src: Any = ..., reduce: Any = ..., value: Any = ..., **names: Any) -> Tensor:
        """x with src written where index says along axis dim: out[index[i][j]][j] = src[i][j] for dim 0."""
    def scatter_(self, dim: Any, index: Any, src: Any = ..., reduce: Any = ..., value: Any = ...) -> Tensor:
        """x with src written where index says along axis dim: out[index[i][j]][j] = src[i][j] for dim 0."""
    def scatter_add(self, dim: Any, index: Any, src: Any, **names: Any) -> Tensor:
        """x with src added where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
    def scatter_add_(self, dim: Any, index: Any, src: Any) -> Tensor:
        """x with src added where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
    def scatter_reduce(self, dim: Any, index: Any, src: Any, reduce: Any, include_self: builtins.bool = ..., **names: Any) -> Tensor:
        """x with src combined into it where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
    def scatter_reduce_(self, dim: Any, index: Any, src: Any, reduce: Any, include_self: builtins.bool = ...) -> Tensor:
        """x with src combined into it where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
    def searchsorted(self, values: Any, out_int32: builtins.bool = ..., right: builtins.bool = ..., side: Any = ..., sorter: Any = ..., **names: Any) -> Tensor:
        """Where each of `values` would be inserted in the sorted x.  x: (..., K), values: (..., M) -> (..., M) int64"""
    def select(self, dim: Any, index: Any, **names: Any) -> Tensor:
        """One slice along axis dim, without that axis.  A view.  x: (*) -> (*)"""
    def select_scatter(self, src: Any, dim: Any, index: Any, **names: Any) -> Tensor:
        """A copy of x with one slice along axis dim replaced by src.  x, src: (*) -> (*)"""
    def selu(self, **names: Any) -> Tensor:
        """1.0507 elu(x, 1.6733).  x: (*) -> (*)   Klambauer et al., Self-Normalizing Neural Networks, 2017."""
    def selu_(self) -> Tensor:
        """1.0507 elu(x, 1.6733).  x: (*) -> (*)   Klambauer et al., Self-Normalizing Neural Networks, 2017."""
    def sgn(self, **names: Any) -> Tensor:
        """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
    def sgn_(self) -> Tensor:
        """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
    def short(self) -> Tensor:
        """The tensor as int16."""
    def sigmoid(self, **names: Any) -> Tensor:
        """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
    def sigmoid_(self) -> Tensor:
        """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
    def sign(self, **names: Any) -> Tensor:
        """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
    def sign_(self) -> Tensor:
        """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
    def signbit(self, **names: Any) -> Tensor:
        """Whether each element has a minus sign, as -0.0 has.  x: (*) -> bool (*)"""
    def silu(self, **names: Any) -> Tensor:
        """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
    def silu_(self) -> Tensor:
        """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
    def sin(self, **names: Any) -> Tensor:
        """The sine of each element, an angle in radians.  x: (*) -> (*)"""
    def sin_(self) -> Tensor:
        """The sine of each element, an angle in radians.  x: (*) -> (*)"""
    def sinc(self, **names: Any) -> Tensor:
        """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
    def sinc_(self) -> Tensor:
        """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
    def sinh(self, **names: Any) -> Tensor:
        """The hyperbolic sine of each element.  x: (*) -> (*)"""
    def sinh_(self) -> Tensor:
        """The hyperbolic sine of each element.  x: (*) -> (*)"""
    def slice_scatter(self, src: Any, dim: Any = ..., start: Any = ..., end: Any = ..., step: Any = ..., **names: Any) -> Tensor:
        """A copy of x with the slices start:end:step along axis dim replaced by src.  x, src: (*) -> (*)"""
    def slogdet(self, **names: Any) -> _SignAndLog:
        """The sign of the determinant, or its complex direction, and the logarithm of its size.  x: (*, N, N) -> (*), (*)"""
    def softmax(self, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
        """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.  x: (*) -> (*)"""
    def softmin(self, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
        """softmax(-x, dim): the smallest element gets the largest share.  x: (*) -> (*)"""
    def softplus(self, beta: Any = ..., threshold: Any = ..., **names: Any) -> Tensor:
        """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold.  x: (*) -> (*)"""
    def softplus_(self, beta: Any = ..., threshold: Any = ...) -> Tensor:
        """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold.  x: (*) -> (*)"""
    def softshrink(self, lambd: Any = ..., **names: Any) -> Tensor:
        """x moved towards 0 by lambd, and 0 where |x| <= lambd.  x: (*) -> (*)"""
    def softshrink_(self, lambd: Any = ...) -> Tensor:
        """x moved towards 0 by lambd, and 0 where |x| <= lambd.  x: (*) -> (*)"""
    def softsign(self, **names: Any) -> Tensor:
        """x / (1 + |x|).  x: (*) -> (*)"""
    def softsign_(self) -> Tensor:
        """x / (1 + |x|).  x: (*) -> (*)"""
    def sort(self, dim: Any = ..., descending: builtins.bool = ..., stable: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The elements in order along axis `dim`, and the indices that they had.  x: (*) -> values, indices: (*)"""
    def split(self, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
    def split_with_sizes(self, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
    def sqrt(self, **names: Any) -> Tensor:
        """The square root of each element; NaN for negative ones.  x: (*) -> (*)"""
    def sqrt_(self) -> Tensor:
        """The square root of each element; NaN for negative ones.  x: (*) -> (*)"""
    def square(self, **names: Any) -> Tensor:
        """The square of each element.  x: (*) -> (*)"""
    def square_(self) -> Tensor:
        """The square of each element.  x: (*) -> (*)"""
    def squeeze(self, dim: Any = ..., **names: Any) -> Tensor:
        """Without the axes of length 1: all of them, or those among `dim` (an int or several).  x: (*) -> (*)"""
    def squeeze_(self, *args: Any) -> Tensor:
        """`squeeze`, of the tensor itself: no element moves, and it has another shape from now on."""
    def std(self, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> Tensor:
        """The standard deviation over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def std_mean(self, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """The standard deviation and the mean: `(std(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
    def stft(self, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: builtins.bool = ..., pad_mode: builtins.str = ..., normalized: builtins.bool = ..., onesided: Any = ..., return_complex: Any = ..., align_to_window: Any = ..., **names: Any) -> Tensor:
        """The short-time Fourier transform: the spectrum of one stretch of a signal after the other, through a window."""
    def storage_offset(self) -> builtins.int:
        """The place of the first element of a tensor in the memory that it lies in, counted in elements."""
    def sub(self, y: Any, **names: Any) -> Tensor:
        """The difference x - y.  x, y: (*) -> (*)"""
    def sub_(self, y: Any) -> Tensor:
        """The difference x - y.  x, y: (*) -> (*)"""
    def subtract(self, y: Any, **names: Any) -> Tensor:
        """The difference x - y.  x, y: (*) -> (*)"""
    def subtract_(self, y: Any) -> Tensor:
        """The difference x - y.  x, y: (*) -> (*)"""
    def sum(self, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
        """The sum over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def sum_to_size(self, *size: Any, **names: Any) -> Tensor:
        """Sums over the axes that broadcasting would stretch, so that `size` is left.  x: (*) -> size"""
    def svd(self, some: builtins.bool = ..., compute_uv: builtins.bool = ..., **names: Any) -> _OlderSingular:
        """As `linalg.svd`, under an older name, with V for Vh.  x: (*, M, N) -> (U: (*, M, K), S: (*, K), V: (*, N, K))"""
    def svd_lowrank(self, q: Any = ..., niter: Any = ..., M: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """The first q singular values and vectors, by a random subspace.  A: (*, M, N) -> ((*, M, q), (*, q), (*, N, q))"""
    def swapaxes(self, dim0: Any, dim1: Any, **names: Any) -> Tensor:
        """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
    def swapaxes_(self, *args: Any) -> Tensor:
        """`swapaxes`, of the tensor itself: no element moves, and it has another shape from now on."""
    def swapdims(self, dim0: Any, dim1: Any, **names: Any) -> Tensor:
        """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
    def swapdims_(self, *args: Any) -> Tensor:
        """`swapdims`, of the tensor itself: no element moves, and it has another shape from now on."""
    def swish(self, **names: Any) -> Tensor:
        """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
    def swish_(self) -> Tensor:
        """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
    def t(self, **names: Any) -> Tensor:
        """The transpose of a matrix; vectors stay as they are.  x: (M, N) -> (N, M)"""
    def t_(self, *args: Any) -> Tensor:
        """`t`, of the tensor itself: no element moves, and it has another shape from now on."""
    def take(self, index: Any, **names: Any) -> Tensor:
        """The elements at places counted row by row; negative ones from the end.  x: (*), index: (**) -> (**)"""
    def take_along_axis(self, index: Any, dim: Any = ..., **names: Any) -> Tensor:
        """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)"""
    def take_along_dim(self, index: Any, dim: Any = ..., **names: Any) -> Tensor:
        """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)"""
    def tan(self, **names: Any) -> Tensor:
        """The tangent of each element, an angle in radians.  x: (*) -> (*)"""
    def tan_(self) -> Tensor:
        """The tangent of each element, an angle in radians.  x: (*) -> (*)"""
    def tanh(self, **names: Any) -> Tensor:
        """The hyperbolic tangent of each element, which is between -1 and 1.  x: (*) -> (*)"""
    def tanh_(self) -> Tensor:
        """The hyperbolic tangent of each element, which is between -1 and 1.  x: (*) -> (*)"""
    def tanhshrink(self, **names: Any) -> Tensor:
        """x - tanh(x).  x: (*) -> (*)"""
    def tanhshrink_(self) -> Tensor:
        """x - tanh(x).  x: (*) -> (*)"""
    def tensor_split(self, indices_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """Parts of nearly equal size along an axis, or the parts between given places.  x: (*) -> a tuple of (*)"""
    def tensordot(self, y: Any, dims: Any = ..., **names: Any) -> Tensor:
        """The sum of products over several axes.  x: (*), y: (*) -> the other axes of x, then those of y"""
    def threshold(self, threshold: Any, value: Any, **names: Any) -> Tensor:
        """x where x > threshold, else `value`.  x: (*) -> (*)"""
    def threshold_(self, threshold: Any, value: Any) -> Tensor:
        """x where x > threshold, else `value`.  x: (*) -> (*)"""
    def tile(self, *dims: Any, **names: Any) -> Tensor:
        """The whole tensor as often along each axis as `dims` say, counted from the last axis.  x: (*) -> (*)"""
    def to(self, *args: Any, dtype: Any = ..., device: Any = ..., copy: builtins.bool = ...) -> Tensor:
        """The tensor in another dtype: x.to(dtype), x.to(other_tensor), x.to("cpu"), x.to("cpu", dtype)."""
    def to_device(self, device: Any, *, stream: Any = ...) -> Tensor:
        """The tensor itself, which is on the CPU, the only device."""
    def topk(self, k: Any, dim: Any = ..., largest: builtins.bool = ..., sorted: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
        """The k largest (or smallest) elements along axis `dim`, in order, and their indices."""
    def trace(self, **names: Any) -> Tensor:
        """The sum of the diagonal of a matrix.  x: (M, N) -> ()"""
    def transpose(self, dim0: Any, dim1: Any, **names: Any) -> Tensor:
        """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
    def transpose_(self, *args: Any) -> Tensor:
        """`transpose`, of the tensor itself: no element moves, and it has another shape from now on."""
    def triangular_solve(self, A: Any, upper: builtins.bool = ..., transpose: builtins.bool = ..., unitriangular: builtins.bool = ..., **names: Any) -> _SolutionAndCoefficients:
        """As `linalg.solve_triangular`, under an older name.  x: (*, N, K), A: (*, N, N) -> (solution: as x, A)"""
    def tril(self, diagonal: Any = ..., **names: Any) -> Tensor:
        """The matrices with zeros above a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    def tril_(self, diagonal: Any = ...) -> Tensor:
        """The matrices with zeros above a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    def triu(self, diagonal: Any = ..., **names: Any) -> Tensor:
        """The matrices with zeros below a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    def triu_(self, diagonal: Any = ...) -> Tensor:
        """The matrices with zeros below a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
    def true_divide(self, y: Any, **names: Any) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*), of floating-point numbers also where x and y are integers"""
    def true_divide_(self, y: Any) -> Tensor:
        """The quotient x / y.  x, y: (*) -> (*), of floating-point numbers also where x and y are integers"""
    def trunc(self, **names: Any) -> Tensor:
        """Each element without what stands after its decimal point.  x: (*) -> (*)"""
    def trunc_(self) -> Tensor:
        """Each element without what stands after its decimal point.  x: (*) -> (*)"""
    def type(self, dtype: Any = ...) -> Any:
        """The tensor in another dtype; without one, the name of its own."""
    def type_as(self, other: Any) -> Tensor:
        """The tensor in the dtype of another."""
    def unbind(self, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)"""
    def unflatten(self, dim: Any, sizes: Any, **names: Any) -> Tensor:
        """Axis `dim` split into several axes of lengths `sizes`, one of which may be -1.  x: (*) -> (*)"""
    def unfold(self, dimension: Any, size: Any, step: Any, **names: Any) -> Tensor:
        """All windows of `size` elements along an axis, `step` apart.  x: (..., N, ...) -> (..., W, ..., size)"""
    def uniform_(self, from_: Any = ..., to: Any = ..., generator: Any = ...) -> Tensor:
        """Fills the tensor with uniform numbers from `from` up to `to`."""
    def unique(self, sorted: builtins.bool = ..., return_inverse: builtins.bool = ..., return_counts: builtins.bool = ..., dim: Any = ..., **names: Any) -> Any:
        """The distinct values, in order; with `dim` the distinct slices along that axis.  x: (*) -> (K,)"""
    def unique_consecutive(self, return_inverse: builtins.bool = ..., return_counts: builtins.bool = ..., dim: Any = ..., **names: Any) -> Any:
        """One element for each run of equal elements; with `dim` one slice for each run of slices.  x: (*) -> (K,)"""
    def unsafe_chunk(self, chunks: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """At most `chunks` parts of equal size along axis dim, the last maybe smaller.  x: (*) -> a tuple of (*)"""
    def unsafe_split(self, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
    def unsafe_split_with_sizes(self, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
    def unsqueeze(self, dim: Any, **names: Any) -> Tensor:
        """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
    def unsqueeze_(self, *args: Any) -> Tensor:
        """`unsqueeze`, of the tensor itself: no element moves, and it has another shape from now on."""
    def unstack(self, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)"""
    def var(self, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> Tensor:
        """The variance over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
    def var_mean(self, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> tuple[Tensor, ...]:
        """The variance and the mean: `(var(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
    def vdot(self, y: Any, **names: Any) -> Tensor:
        """As `dot`, with the complex conjugate of x.  x, y: (K,) -> ()"""
    def view(self, *shape: Any, **names: Any) -> Tensor:
        """The elements in another shape, always sharing memory.  x: (*) -> shape"""
    def view_as(self, other: Any, **names: Any) -> Tensor:
        """A view of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
    def view_as_complex(self, **names: Any) -> Tensor:
        """Pairs (real part, imaginary part) along the last axis as complex numbers.  x: (*, 2) -> (*)"""
    def view_as_real(self, **names: Any) -> Tensor:
        """Complex numbers as pairs (real part, imaginary part) along a new last axis, sharing memory.  x: (*) -> (*, 2)"""
    def vsplit(self, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
        """Equal parts along the first axis, or those between given places.  x: (M, N, *) -> a tuple of (*)"""
    def where(self, condition: Any, y: Any) -> Tensor:
        """This tensor where `condition` holds, else y."""
    def xlogy(self, y: Any, **names: Any) -> Tensor:
        """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)"""
    def xlogy_(self, y: Any) -> Tensor:
        """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)"""
    def zero_(self) -> Tensor:
        """Writes 0 into all of x."""
