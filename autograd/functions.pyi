"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

class _Eigen(NamedTuple):
    eigenvalues: Tensor
    eigenvectors: Tensor
class _FactorAndInfo(NamedTuple):
    L: Tensor
    info: Tensor
class _Factors(NamedTuple):
    Q: Tensor
    R: Tensor
class _FactorsAndInfo(NamedTuple):
    LU: Tensor
    pivots: Tensor
    info: Tensor
class _HistogramAndEdges(NamedTuple):
    hist: Tensor
    bin_edges: Tensor
class _InverseAndInfo(NamedTuple):
    inverse: Tensor
    info: Tensor
class _LeastSquares(NamedTuple):
    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor
class _MantissaAndExponent(NamedTuple):
    mantissa: Tensor
    exponent: Tensor
class _MinAndMax(NamedTuple):
    min: Tensor
    max: Tensor
class _OlderSingular(NamedTuple):
    U: Tensor
    S: Tensor
    V: Tensor
class _Reflections(NamedTuple):
    a: Tensor
    tau: Tensor
class _SignAndLog(NamedTuple):
    sign: Tensor
    logabsdet: Tensor
class _Singular(NamedTuple):
    U: Tensor
    S: Tensor
    Vh: Tensor
class _SolutionAndCoefficients(NamedTuple):
    solution: Tensor
    cloned_coefficient: Tensor
class _SolutionAndInfo(NamedTuple):
    result: Tensor
    info: Tensor
class _Unpacked(NamedTuple):
    P: Tensor
    L: Tensor
    U: Tensor
class _ValuesAndIndices(NamedTuple):
    values: Tensor
    indices: Tensor
from .ops.random import Generator as Generator
def abs(x: Any, **names: Any) -> Tensor:
    """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
def abs_(input: Any, *args: Any) -> Tensor:
    """`input.abs_(...)`: the result is written into the tensor itself, which is returned."""
def absolute(x: Any, **names: Any) -> Tensor:
    """The absolute value of each element.  x: (*) -> (*), real also where x is complex"""
def acos(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def acos_(input: Any, *args: Any) -> Tensor:
    """`input.acos_(...)`: the result is written into the tensor itself, which is returned."""
def acosh(x: Any, **names: Any) -> Tensor:
    """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
def acosh_(input: Any, *args: Any) -> Tensor:
    """`input.acosh_(...)`: the result is written into the tensor itself, which is returned."""
def adaptive_avg_pool(x: Any, output_size: Any, **names: Any) -> Tensor:
    """The mean of each of `output_size` windows that cover the input evenly.  x: (*, *size) -> (*, *output_size)"""
def adaptive_avg_pool1d(x: Any, output_size: Any, **names: Any) -> Tensor:
    """The means of `output_size` windows that cover the last axis evenly.  x: (N, C, W) -> (N, C, output_size)"""
def adaptive_avg_pool2d(x: Any, output_size: Any, **names: Any) -> Tensor:
    """The means of `output_size` windows that cover the last two axes evenly; 1 is the mean of each channel."""
def adaptive_avg_pool3d(x: Any, output_size: Any, **names: Any) -> Tensor:
    """The means of `output_size` windows that cover the last three axes evenly."""
def adaptive_avg_pool_gradient(x: Any, shape: Any, axes: Any, **names: Any) -> Tensor:
    """The gradient of `adaptive_avg_pool` over the last `axes` axes by its input, from x, the gradient of its result."""
def adaptive_max_pool(x: Any, output_size: Any, **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each of `output_size` windows that cover the input evenly, and its place."""
def adaptive_max_pool1d(x: Any, output_size: Any, return_indices: builtins.bool = ..., **names: Any) -> Tensor:
    """The largest elements of `output_size` windows that cover the last axis evenly."""
def adaptive_max_pool2d(x: Any, output_size: Any, return_indices: builtins.bool = ..., **names: Any) -> Tensor:
    """The largest elements of `output_size` windows that cover the last two axes evenly."""
def adaptive_max_pool3d(x: Any, output_size: Any, return_indices: builtins.bool = ..., **names: Any) -> Tensor:
    """The largest elements of `output_size` windows that cover the last three axes evenly."""
def add(x: Any, y: Any, **names: Any) -> Tensor:
    """The sum x + y.  x, y: (*) -> (*)"""
def addbmm(x: Any, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
    """beta x + alpha (the sum of batch1 batch2 over the batch)."""
def addcdiv(x: Any, tensor1: Any, tensor2: Any, value: Any = ..., **names: Any) -> Tensor:
    """x + value tensor1 / tensor2.  x, tensor1, tensor2: (*) -> (*)"""
def addcmul(x: Any, tensor1: Any, tensor2: Any, value: Any = ..., **names: Any) -> Tensor:
    """x + value tensor1 tensor2.  x, tensor1, tensor2: (*) -> (*)"""
def addmm(x: Any, mat1: Any, mat2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
    """beta x + alpha mat1 mat2.  x: broadcasts to (M, N), mat1: (M, K), mat2: (K, N) -> (M, N)"""
def addmv(x: Any, mat: Any, vec: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
    """beta x + alpha mat vec.  x: broadcasts to (M,), mat: (M, K), vec: (K,) -> (M,)"""
def addmv_(input: Any, *args: Any) -> Tensor:
    """`input.addmv_(...)`: the result is written into the tensor itself, which is returned."""
def addr(x: Any, vec1: Any, vec2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
    """beta x + alpha outer(vec1, vec2).  x: broadcasts to (M, N), vec1: (M,), vec2: (N,) -> (M, N)"""
def adjoint(x: Any, **names: Any) -> Tensor:
    """Each matrix in the last two axes conjugated and transposed; the same as x.mH.  x: (*, M, N) -> (*, N, M)"""
def affine_grid(theta: Any, size: Any, align_corners: Any = ..., **names: Any) -> Tensor:
    """The grid for `grid_sample` that turns, scales and moves images."""
def all(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """Whether all elements are true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
def allclose(x: Any, y: Any, rtol: Any = ..., atol: Any = ..., equal_nan: builtins.bool = ...) -> builtins.bool:
    """Whether all elements of x and y are close, as `isclose` has it.  x, y: (*) -> one bool"""
def alpha_dropout(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """Dropout for networks with SELU, which keeps mean 0 and variance 1.  x: (*) -> (*)"""
def amax(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The largest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def amin(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The smallest element of all, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def aminmax(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _MinAndMax:
    """The smallest and the largest element, as `(min, max)`.  x: (*) -> two of (*) without the axes"""
def angle(x: Any, **names: Any) -> Tensor:
    """The angle of each complex number with the positive real axis, in radians.  x: (*) -> real (*)"""
def any(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """Whether any element is true (not 0), over all or over the axes `dim`.  x: (*) -> (*) bool, without the axes"""
def append(x: Any, values: Any, axis: Any = ..., **names: Any) -> Tensor:
    """x with more values behind it along an axis; without one, both as one row.  x, values: (*) -> (*)"""
def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any) -> Tensor:
    """func1d(row, *args, **kwargs) of each row along an axis, its result in the place of the row."""
def arange(start: Any, end: Any = ..., step: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Numbers from start up to, and without, end; arange(n) counts from 0.  Ints give int64, floats float32."""
def arccos(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from 0 to pi, whose cosine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def arccos_(input: Any, *args: Any) -> Tensor:
    """`input.arccos_(...)`: the result is written into the tensor itself, which is returned."""
def arccosh(x: Any, **names: Any) -> Tensor:
    """The positive number whose hyperbolic cosine is the element; NaN below 1.  x: (*) -> (*)"""
def arccosh_(input: Any, *args: Any) -> Tensor:
    """`input.arccosh_(...)`: the result is written into the tensor itself, which is returned."""
def arcsin(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def arcsin_(input: Any, *args: Any) -> Tensor:
    """`input.arcsin_(...)`: the result is written into the tensor itself, which is returned."""
def arcsinh(x: Any, **names: Any) -> Tensor:
    """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
def arcsinh_(input: Any, *args: Any) -> Tensor:
    """`input.arcsinh_(...)`: the result is written into the tensor itself, which is returned."""
def arctan(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
def arctan2(x: Any, y: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
def arctan_(input: Any, *args: Any) -> Tensor:
    """`input.arctan_(...)`: the result is written into the tensor itself, which is returned."""
def arctanh(x: Any, **names: Any) -> Tensor:
    """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def arctanh_(input: Any, *args: Any) -> Tensor:
    """`input.arctanh_(...)`: the result is written into the tensor itself, which is returned."""
def argmax(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The index of the first largest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64"""
def argmin(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The index of the first smallest element, of all (flattened) or along axis `dim`.  x: (*) -> (*) int64"""
def argsort(x: Any, dim: Any = ..., descending: builtins.bool = ..., stable: builtins.bool = ..., **names: Any) -> Tensor:
    """The indices that sort x along axis `dim`.  x: (*) -> (*) int64"""
def argwhere(x: Any, **names: Any) -> Tensor:
    """Where the elements differ from 0, one place a row.  x: (*) -> (N, axes)"""
def as_strided(x: Any, size: Any, stride: Any, storage_offset: Any = ..., **names: Any) -> Tensor:
    """A view of the memory of x: element (i, j) is that at offset + i stride[0] + j stride[1].  x: (*) -> size"""
def as_strided_(input: Any, *args: Any) -> Tensor:
    """`input.as_strided_(...)`: the result is written into the tensor itself, which is returned."""
def as_strided_scatter(x: Any, src: Any, size: Any, stride: Any, storage_offset: Any = ..., **names: Any) -> Tensor:
    """A copy of x with src in place of `as_strided(x, size, stride, storage_offset)`.  x: (*), src: size -> (*)"""
def as_tensor(data: Any, dtype: Any = ..., device: Any = ...) -> Tensor:
    """`data` as a tensor: tensors as they are, NumPy arrays sharing their memory, all else copied."""
def asarray(data: Any, dtype: Any = ..., copy: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """`data` as a tensor, sharing memory where possible; copy=True always copies, copy=False never."""
def asin(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi/2 to pi/2, whose sine is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def asin_(input: Any, *args: Any) -> Tensor:
    """`input.asin_(...)`: the result is written into the tensor itself, which is returned."""
def asinh(x: Any, **names: Any) -> Tensor:
    """The number whose hyperbolic sine is the element.  x: (*) -> (*)"""
def asinh_(input: Any, *args: Any) -> Tensor:
    """`input.asinh_(...)`: the result is written into the tensor itself, which is returned."""
def astype(x: Any, dtype: Any, **names: Any) -> Tensor:
    """A copy with elements of another dtype; the gradient goes back in the dtype of x.  x: (*) -> (*)"""
def atan(x: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi/2 to pi/2, whose tangent is the element.  x: (*) -> (*)"""
def atan2(x: Any, y: Any, **names: Any) -> Tensor:
    """The angle in radians, from -pi to pi, of the point whose height is x and whose width is y.  x, y: (*) -> (*)"""
def atan_(input: Any, *args: Any) -> Tensor:
    """`input.atan_(...)`: the result is written into the tensor itself, which is returned."""
def atanh(x: Any, **names: Any) -> Tensor:
    """The number whose hyperbolic tangent is the element; NaN outside -1 to 1.  x: (*) -> (*)"""
def atanh_(input: Any, *args: Any) -> Tensor:
    """`input.atanh_(...)`: the result is written into the tensor itself, which is returned."""
def atleast_1d(*tensors: Any, **names: Any) -> Any:
    """Each tensor with at least one axis.  tensors: (*) each -> (*), a tuple for several"""
def atleast_2d(*tensors: Any, **names: Any) -> Any:
    """Each tensor with at least two axes, new ones in front.  tensors: (*) each -> (*), a tuple for several"""
def atleast_3d(*tensors: Any, **names: Any) -> Any:
    """Each tensor with at least three axes: (N) becomes (1, N, 1), (M, N) becomes (M, N, 1).  tensors: (*) -> (*)"""
def avg_pool(x: Any, window: Any, **names: Any) -> Tensor:
    """The mean of each window: what `avg_pool1d`, `avg_pool2d` and `avg_pool3d` call."""
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., ceil_mode: builtins.bool = ..., count_include_pad: builtins.bool = ..., **names: Any) -> Tensor:
    """The mean of each window along the last axis."""
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., ceil_mode: builtins.bool = ..., count_include_pad: builtins.bool = ..., divisor_override: Any = ..., **names: Any) -> Tensor:
    """The mean of each window of the last two axes."""
def avg_pool3d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., ceil_mode: builtins.bool = ..., count_include_pad: builtins.bool = ..., divisor_override: Any = ..., **names: Any) -> Tensor:
    """The mean of each window of the last three axes."""
def avg_pool_gradient(x: Any, shape: Any, window: Any, **names: Any) -> Tensor:
    """The gradient of `avg_pool` by its input, from x, the gradient of its result."""
def baddbmm(x: Any, batch1: Any, batch2: Any, beta: Any = ..., alpha: Any = ..., **names: Any) -> Tensor:
    """beta x + alpha batch1 batch2.  x: broadcasts to (N, M, L), batch1: (N, M, K), batch2: (N, K, L) -> (N, M, L)"""
def bartlett_window(window_length: Any, periodic: builtins.bool = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The triangle 1 - |2 t - 1| for t from 0 to 1.  -> (window_length,)"""
def batch_norm(x: Any, running_mean: Any, running_var: Any, weight: Any = ..., bias: Any = ..., training: builtins.bool = ..., momentum: Any = ..., eps: Any = ..., activation: Any = ..., **names: Any) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance of each channel."""
def bernoulli(input: Any, p: Any = ..., generator: Any = ...) -> Tensor:
    """1 with the probability that each element gives (or p everywhere), else 0, in the dtype of input."""
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = ..., **names: Any) -> Tensor:
    """input1^T weight input2 + bias, for each output."""
def binary_cross_entropy(x: Any, target: Any, weight: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """-target log(x) - (1 - target) log(1 - x) for probabilities x, averaged.  x, target: (*) -> () or (*)"""
def binary_cross_entropy_with_logits(x: Any, target: Any, weight: Any = ..., reduction: builtins.str = ..., pos_weight: Any = ..., **names: Any) -> Tensor:
    """`binary_cross_entropy` of sigmoid(x), computed so that nothing overflows or is cut off.  x, target: (*) -> ()"""
def bincount(x: Any, weights: Any = ..., minlength: Any = ..., **names: Any) -> Tensor:
    """How often each of 0, 1, 2, ... occurs, or the sum of the weights of its places.  x: (N,) int -> (K,)"""
def binomial(count: Any, prob: Any, generator: Any = ...) -> Tensor:
    """How many of `count` trials succeed, each with probability `prob`, in the dtype of count.  count, prob: (*) -> (*)"""
def bitwise_and(x: Any, y: Any, **names: Any) -> Tensor:
    """The bits that are set in both x and y; for booleans their logical and.  x, y: integer or bool (*) -> (*)"""
def bitwise_left_shift(x: Any, y: Any, **names: Any) -> Tensor:
    """x 2**y, by moving its bits y places up.  x, y: integer (*) -> (*)"""
def bitwise_not(x: Any, **names: Any) -> Tensor:
    """All bits reversed; for booleans their logical not.  x: integer or bool (*) -> (*)"""
def bitwise_or(x: Any, y: Any, **names: Any) -> Tensor:
    """The bits that are set in x or y; for booleans their logical or.  x, y: integer or bool (*) -> (*)"""
def bitwise_right_shift(x: Any, y: Any, **names: Any) -> Tensor:
    """x / 2**y rounded down, by moving its bits y places down.  x, y: integer (*) -> (*)"""
def bitwise_xor(x: Any, y: Any, **names: Any) -> Tensor:
    """The bits that are set in exactly one of x and y.  x, y: integer or bool (*) -> (*)"""
def blackman_window(window_length: Any, periodic: builtins.bool = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The window 0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t) for t from 0 to 1.  -> (window_length,)"""
def block_diag(*tensors: Any, **names: Any) -> Tensor:
    """Matrices along the diagonal of a larger one, zeros elsewhere.  tensors: (*) each -> (M, N)"""
def bmm(x: Any, y: Any, **names: Any) -> Tensor:
    """The products of two batches of matrices.  x: (N, M, K), y: (N, K, L) -> (N, M, L)"""
def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that tensors of these shapes broadcast to."""
def broadcast_tensors(*tensors: Any, **names: Any) -> tuple[Tensor, ...]:
    """All tensors stretched to their common shape.  tensors: (*) each -> a tuple of (*)"""
def broadcast_to(x: Any, shape: Any, **names: Any) -> Tensor:
    """x stretched to `shape` by the rules of broadcasting, without a copy.  x: (*) -> shape"""
def bucketize(x: Any, boundaries: Any, out_int32: builtins.bool = ..., right: builtins.bool = ..., **names: Any) -> Tensor:
    """The number of the interval between sorted `boundaries` that each element lies in.  x: (*) -> (*) int64"""
def can_cast(from_: Any, to: Any) -> builtins.bool:
    """Whether results of one dtype may be written to the other: not complex ones to real, nor fractions to integers."""
def cartesian_prod(*tensors: Any, **names: Any) -> Tensor:
    """All combinations of one element from each vector, one a row.  tensors: (N1), (N2), ... -> (N1 N2 ..., vectors)"""
def cat(tensors: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The tensors one after another along an axis that is there.  tensors: (*) each, equal but for axis dim -> (*)"""
def cdist(x: Any, y: Any, p: Any = ..., compute_mode: builtins.str = ..., **names: Any) -> Tensor:
    """The p-norm distance between each row of x and each row of y.  x: (..., M, D), y: (..., N, D) -> (..., M, N)"""
def ceil(x: Any, **names: Any) -> Tensor:
    """The smallest integer that is not below, for each element.  x: (*) -> (*)"""
def ceil_(input: Any, *args: Any) -> Tensor:
    """`input.ceil_(...)`: the result is written into the tensor itself, which is returned."""
def celu(x: Any, alpha: Any = ..., **names: Any) -> Tensor:
    """x where x > 0, else alpha (exp(x / alpha) - 1).  x: (*) -> (*)   Barron, 2017."""
def chain_matmul(*matrices: Any, **names: Any) -> Tensor:
    """The product of several matrices, in the order that takes the fewest steps.  (M, K), ..., (L, N) -> (M, N)"""
def channel_shuffle(x: Any, groups: Any, **names: Any) -> Tensor:
    """Channels of several groups take turns: one of each group, then the next of each.  x: (N, C, *) -> (N, C, *)"""
def cholesky(A: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
    """The lower triangular L with L L^H = A, for Hermitian positive-definite A.  A: (*, N, N) -> (*, N, N)"""
def cholesky_inverse(L: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
    """The inverse of A, given its Cholesky factor.  L: (*, N, N) -> (*, N, N)"""
def cholesky_solve(x: Any, L: Any, upper: builtins.bool = ..., **names: Any) -> Tensor:
    """The solution X of A X = x, given the Cholesky factor L of A.  x: (*, N, K), L: (*, N, N) -> (*, N, K)"""
def chunk(x: Any, chunks: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """At most `chunks` parts of equal size along axis dim, the last maybe smaller.  x: (*) -> a tuple of (*)"""
def clamp(x: Any, min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
    """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
def clamp_(input: Any, *args: Any) -> Tensor:
    """`input.clamp_(...)`: the result is written into the tensor itself, which is returned."""
def clamp_max(x: Any, max: Any, **names: Any) -> Tensor:
    """Each element, or `max` where it is above.  x, max: (*) -> (*)"""
def clamp_max_(input: Any, *args: Any) -> Tensor:
    """`input.clamp_max_(...)`: the result is written into the tensor itself, which is returned."""
def clamp_min(x: Any, min: Any, **names: Any) -> Tensor:
    """Each element, or `min` where it is below.  x, min: (*) -> (*)"""
def clamp_min_(input: Any, *args: Any) -> Tensor:
    """`input.clamp_min_(...)`: the result is written into the tensor itself, which is returned."""
def clip(x: Any, min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
    """Each element, or the nearer bound where it lies outside.  x, min, max: (*) -> (*)"""
def clip_(input: Any, *args: Any) -> Tensor:
    """`input.clip_(...)`: the result is written into the tensor itself, which is returned."""
def clone(x: Any, **names: Any) -> Tensor:
    """A copy with memory of its own, through which gradients pass.  x: (*) -> (*)"""
def cofactors(x: Any, **names: Any) -> Tensor:
    """The conjugate cofactors of square matrices, of which the gradient of `det` is made.  x: (*, N, N) -> (*, N, N)"""
def cofactors_slope(x: Any, v: Any, **names: Any) -> Tensor:
    """The derivative of `cofactors` at x in the direction v.  x, v: (*, N, N) -> (*, N, N)"""
def column_stack(tensors: Any, **names: Any) -> Tensor:
    """Side by side along the second axis; vectors are columns.  tensors: (*) each -> (*)"""
def combinations(x: Any, r: Any = ..., with_replacement: builtins.bool = ..., **names: Any) -> Tensor:
    """All choices of r elements of a vector, one a row, in the order of the vector.  x: (N) -> (choices, r)"""
def complex(real: Any, imag: Any, **names: Any) -> Tensor:
    """Complex numbers of real and imaginary parts.  real, imag: (*) of one dtype -> (*)"""
def concat(tensors: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The tensors one after another along an axis that is there.  tensors: (*) each, equal but for axis dim -> (*)"""
def concatenate(tensors: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The tensors one after another along an axis that is there.  tensors: (*) each, equal but for axis dim -> (*)"""
def conj(x: Any, **names: Any) -> Tensor:
    """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
def conj_physical(x: Any, **names: Any) -> Tensor:
    """The complex conjugate of each element; a real one is its own.  x: (*) -> (*)"""
def conj_physical_(input: Any, *args: Any) -> Tensor:
    """`input.conj_physical_(...)`: the result is written into the tensor itself, which is returned."""
def conv1d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ..., **names: Any) -> Tensor:
    """Slides kernels along the last axis and sums up what each covers, over all channels (cross-correlation)."""
def conv2d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ..., **names: Any) -> Tensor:
    """Slides kernels over the last two axes and sums up what each covers, over all channels (cross-correlation)."""
def conv3d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., dilation: Any = ..., groups: Any = ..., **names: Any) -> Tensor:
    """Slides kernels over the last three axes and sums up what each covers, over all channels (cross-correlation)."""
def conv_input_gradient(x: Any, weight: Any, shape: Any, geometry: Any, **names: Any) -> Tensor:
    """The gradient of a convolution by its input, from x, the gradient of its result."""
def conv_transpose1d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., output_padding: Any = ..., groups: Any = ..., dilation: Any = ..., **names: Any) -> Tensor:
    """The transpose of `conv1d`: each input element adds its kernel to the result."""
def conv_transpose2d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., output_padding: Any = ..., groups: Any = ..., dilation: Any = ..., **names: Any) -> Tensor:
    """The transpose of `conv2d`: each input element adds its kernel to the result, `stride` elements apart."""
def conv_transpose3d(x: Any, weight: Any, bias: Any = ..., stride: Any = ..., padding: Any = ..., output_padding: Any = ..., groups: Any = ..., dilation: Any = ..., **names: Any) -> Tensor:
    """The transpose of `conv3d`: each input element adds its kernel to the result."""
def conv_weight_gradient(x: Any, y: Any, kernel: Any, geometry: Any, **names: Any) -> Tensor:
    """The gradient of a convolution by its weights, from its input x and y, the gradient of its result."""
def convolution(x: Any, weight: Any, bias: Any, geometry: Any, **names: Any) -> Tensor:
    """The convolution that `conv1d`, `conv2d` and `conv3d` call once they have checked what they were given."""
def convolution_relu(x: Any, weight: Any, bias: Any, geometry: Any, **names: Any) -> Tensor:
    """`relu` of `convolution`, in one pass."""
def convolve(x: Any, y: Any, mode: builtins.str = ..., **names: Any) -> Tensor:
    """The convolution of two vectors: out[k] is the sum of x[i] y[k - i].  x: (N), y: (M) -> (N + M - 1)"""
def copysign(x: Any, y: Any, **names: Any) -> Tensor:
    """The size of x with the sign of y.  x, y: (*) -> (*)"""
def corrcoef(x: Any, **names: Any) -> Tensor:
    """Pearson's correlation of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()"""
def correlate(x: Any, y: Any, mode: builtins.str = ..., **names: Any) -> Tensor:
    """The cross-correlation of two vectors: out[k] is the sum of x[i + k] conj(y[i]).  x: (N), y: (M) -> (*)"""
def cos(x: Any, **names: Any) -> Tensor:
    """The cosine of each element, an angle in radians.  x: (*) -> (*)"""
def cos_(input: Any, *args: Any) -> Tensor:
    """`input.cos_(...)`: the result is written into the tensor itself, which is returned."""
def cosh(x: Any, **names: Any) -> Tensor:
    """The hyperbolic cosine of each element.  x: (*) -> (*)"""
def cosh_(input: Any, *args: Any) -> Tensor:
    """`input.cosh_(...)`: the result is written into the tensor itself, which is returned."""
def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, averaged."""
def cosine_similarity(x1: Any, x2: Any, dim: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """The cosine of the angle between vectors along `dim`.  x1, x2: (*), broadcast -> (*) without `dim`"""
def count_nonzero(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """How many elements are not 0, in all or over the axes `dim`.  x: (*) -> (*) int64, without the axes"""
def cov(x: Any, correction: Any = ..., fweights: Any = ..., aweights: Any = ..., **names: Any) -> Tensor:
    """The covariance of each two variables.  x: (variables, observations) -> (variables, variables); (N) -> ()"""
def cross(x: Any, y: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The vector product of vectors of 3 elements along axis `dim`.  x, y: (..., 3, ...) -> (..., 3, ...)"""
def cross_entropy(x: Any, target: Any, weight: Any = ..., ignore_index: Any = ..., reduction: builtins.str = ..., label_smoothing: Any = ..., **names: Any) -> Tensor:
    """Minus the logarithm of the target class' share in the softmax of x, averaged."""
def ctc_loss(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: Any = ..., reduction: builtins.str = ..., zero_infinity: builtins.bool = ..., **names: Any) -> Tensor:
    """Connectionist temporal classification: how unlikely it is that a sequence reads as its labels."""
def ctc_losses(x: Any, labels: Any, input_lengths: Any, target_lengths: Any, blank: Any, **names: Any) -> Tensor:
    """The loss of each sequence: what `ctc_loss` calls."""
def cummax(x: Any, dim: Any, **names: Any) -> _ValuesAndIndices:
    """The largest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)"""
def cummin(x: Any, dim: Any, **names: Any) -> _ValuesAndIndices:
    """The smallest of each element and all before it along axis `dim`, and its index.  x: (*) -> values, indices: (*)"""
def cumprod(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """The product of each element and all before it along axis `dim`.  x: (*) -> (*)"""
def cumsum(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """The sum of each element and all before it along axis `dim`.  x: (*) -> (*)"""
def cumulative_trapezoid(y: Any, x: Any = ..., dx: Any = ..., dim: Any = ..., **names: Any) -> Tensor:
    """The integral up to each sample but the first, by the trapezoidal rule.  y: (..., N, ...) -> (..., N - 1, ...)"""
def deg2rad(x: Any, **names: Any) -> Tensor:
    """Angles in degrees as angles in radians.  x: (*) -> (*)"""
def deg2rad_(input: Any, *args: Any) -> Tensor:
    """`input.deg2rad_(...)`: the result is written into the tensor itself, which is returned."""
def delete(x: Any, obj: Any, axis: Any = ..., **names: Any) -> Tensor:
    """x without the slices `obj` along an axis; without one, of x as one row.  x: (*) -> (*)"""
def det(x: Any, **names: Any) -> Tensor:
    """The determinant of square matrices.  x: (*, N, N) -> (*)"""
def detach(input: Any) -> Tensor:
    """The same data outside the graph.  Shares memory."""
def detach_(input: Any, *args: Any) -> Tensor:
    """`input.detach_(...)`: the result is written into the tensor itself, which is returned."""
def diag(x: Any, diagonal: Any = ..., **names: Any) -> Tensor:
    """A matrix with a vector as its diagonal, or the diagonal of a matrix.  x: (N) -> (N, N), or (M, N) -> (K)"""
def diag_embed(x: Any, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
    """Matrices with the last axis of x on a diagonal, zeros elsewhere.  x: (*, N) -> (*, N + |offset|, N + |offset|)"""
def diagflat(x: Any, offset: Any = ..., **names: Any) -> Tensor:
    """All elements on the diagonal of a matrix.  x: (*) -> (M, M)"""
def diagonal(x: Any, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
    """The diagonals in the planes of two axes, as the last axis; `offset` above the main one.  x: (*) -> (*)"""
def diagonal_scatter(x: Any, src: Any, offset: Any = ..., dim1: Any = ..., dim2: Any = ..., **names: Any) -> Tensor:
    """A copy of x with a diagonal replaced by src.  x, src: (*) -> (*)"""
def diff(x: Any, n: Any = ..., dim: Any = ..., prepend: Any = ..., append: Any = ..., **names: Any) -> Tensor:
    """The difference of each two neighbours along axis `dim`, taken n times.  x: (..., K, ...) -> (..., K - n, ...)"""
def digamma(x: Any, **names: Any) -> Tensor:
    """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
def digitize(x: Any, bins: Any, right: builtins.bool = ..., **names: Any) -> Tensor:
    """The number of the bin that each element lies in, by NumPy's name and rules.  x: (*), bins: (K) -> int64 (*)"""
def dist(x: Any, y: Any, p: Any = ..., **names: Any) -> Tensor:
    """The p-norm of the difference x - y.  x, y: (*) -> ()"""
def div(x: Any, y: Any, rounding_mode: Any = ..., **names: Any) -> Tensor:
    """The quotient x / y.  x, y: (*) -> (*)"""
def divide(x: Any, y: Any, rounding_mode: Any = ..., **names: Any) -> Tensor:
    """The quotient x / y.  x, y: (*) -> (*)"""
def dot(x: Any, y: Any, **names: Any) -> Tensor:
    """The sum of the products of two vectors' elements.  x, y: (K,) -> ()"""
def dropout(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """Each element is 0 with probability p, and otherwise divided by 1 - p, so that the mean stays.  x: (*) -> (*)"""
def dropout1d(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """`dropout` of whole channels.  x: (N, C, L) or (C, L) -> the same"""
def dropout2d(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """`dropout` of whole channels.  x: (N, C, H, W) or (C, H, W) -> the same"""
def dropout3d(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """`dropout` of whole channels.  x: (N, C, D, H, W) or (C, D, H, W) -> the same"""
def dsplit(x: Any, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
    """Equal parts along the third axis, or those between given places.  x: (L, M, N, *) -> a tuple of (*)"""
def dstack(tensors: Any, **names: Any) -> Tensor:
    """Behind each other along the third axis.  tensors: (*) each -> (*)"""
def einsum(equation: Any, *operands: Any, **names: Any) -> Tensor:
    """A sum of products in Einstein's notation.  operands: named by the equation -> what it says"""
def elu(x: Any, alpha: Any = ..., **names: Any) -> Tensor:
    """x where x > 0, else alpha (exp(x) - 1).  x: (*) -> (*)   Clevert, Unterthiner and Hochreiter, 2015."""
def embedding(x: Any, weight: Any, padding_idx: Any = ..., max_norm: Any = ..., norm_type: Any = ..., scale_grad_by_freq: builtins.bool = ..., sparse: builtins.bool = ..., **names: Any) -> Tensor:
    """The rows of `weight` whose numbers are in x.  x: (*) of integers, weight: (rows, D) -> (*, D)"""
def embedding_bag(x: Any, weight: Any, offsets: Any = ..., max_norm: Any = ..., norm_type: Any = ..., scale_grad_by_freq: builtins.bool = ..., mode: builtins.str = ..., sparse: builtins.bool = ..., per_sample_weights: Any = ..., include_last_offset: builtins.bool = ..., padding_idx: Any = ..., **names: Any) -> Tensor:
    """The sum, mean or maximum of the rows of `weight` in each bag."""
def embedding_gradient(x: Any, index: Any, rows: Any, factors: Any, padding: Any = ..., **names: Any) -> Tensor:
    """The gradient of `embedding` by its weights, from x, the gradient of its result."""
def empty(*size: Any, dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Whatever lies in memory, in a shape given as ints or as one tuple: to be written to before it is read."""
def empty_like(input: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Whatever lies in memory, in the shape and dtype of another tensor."""
def eq(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x and y are equal, for each element; NaN equals nothing.  x, y: (*) -> bool (*)"""
def equal(x: Any, y: Any) -> builtins.bool:
    """Whether x and y have the same shape and equal elements.  x, y: (*) -> one bool"""
def erf(x: Any, **names: Any) -> Tensor:
    """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
def erf_(input: Any, *args: Any) -> Tensor:
    """`input.erf_(...)`: the result is written into the tensor itself, which is returned."""
def erfc(x: Any, **names: Any) -> Tensor:
    """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
def erfc_(input: Any, *args: Any) -> Tensor:
    """`input.erfc_(...)`: the result is written into the tensor itself, which is returned."""
def erfinv(x: Any, **names: Any) -> Tensor:
    """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
def exp(x: Any, **names: Any) -> Tensor:
    """e to the power of each element.  x: (*) -> (*)"""
def exp2(x: Any, **names: Any) -> Tensor:
    """2 to the power of each element.  x: (*) -> (*)"""
def exp2_(input: Any, *args: Any) -> Tensor:
    """`input.exp2_(...)`: the result is written into the tensor itself, which is returned."""
def exp_(input: Any, *args: Any) -> Tensor:
    """`input.exp_(...)`: the result is written into the tensor itself, which is returned."""
def expand(x: Any, *sizes: Any, **names: Any) -> Tensor:
    """Axes of length 1 stretched to `sizes` without a copy; -1 keeps a length, new axes come in front.  x: (*) -> sizes"""
def expand_as(x: Any, other: Any, **names: Any) -> Tensor:
    """x stretched to the shape of another tensor.  x: (*), other: (**) -> (**)"""
def expand_dims(x: Any, dim: Any, **names: Any) -> Tensor:
    """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
def expm1(x: Any, **names: Any) -> Tensor:
    """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
def expm1_(input: Any, *args: Any) -> Tensor:
    """`input.expm1_(...)`: the result is written into the tensor itself, which is returned."""
def eye(n: Any, m: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Ones on the main diagonal of an (n, m) matrix, zeros elsewhere.  Square unless m is given."""
def feature_alpha_dropout(x: Any, p: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """`alpha_dropout` of whole channels.  x: (N, C, *) -> the same"""
def fill_(input: Any, *args: Any) -> Tensor:
    """`input.fill_(...)`: the result is written into the tensor itself, which is returned."""
def fix(x: Any, **names: Any) -> Tensor:
    """Each element without what stands after its decimal point.  x: (*) -> (*)"""
def fix_(input: Any, *args: Any) -> Tensor:
    """`input.fix_(...)`: the result is written into the tensor itself, which is returned."""
def flatnonzero(x: Any, **names: Any) -> Tensor:
    """Where the elements differ from 0, counted row by row: NumPy's name.  x: (*) -> int64 (N)"""
def flatten(x: Any, start_dim: Any = ..., end_dim: Any = ..., **names: Any) -> Tensor:
    """Joins the axes from start_dim to end_dim into one.  x: (*) -> (*)"""
def flip(x: Any, *dims: Any, **names: Any) -> Tensor:
    """The elements in reverse order along axes `dims`; without dims, along all.  A copy.  x: (*) -> (*)"""
def fliplr(x: Any, **names: Any) -> Tensor:
    """Left and right exchanged: the second axis in reverse order.  x: (M, N, *) -> (M, N, *)"""
def flipud(x: Any, **names: Any) -> Tensor:
    """Up and down exchanged: the first axis in reverse order.  x: (M, *) -> (M, *)"""
def float_power(x: Any, y: Any) -> Any:
    """x to the power of y, in float64 whatever the dtypes are.  x, y: (*) -> float64 (*)"""
def floor(x: Any, **names: Any) -> Tensor:
    """The largest integer that is not above, for each element.  x: (*) -> (*)"""
def floor_(input: Any, *args: Any) -> Tensor:
    """`input.floor_(...)`: the result is written into the tensor itself, which is returned."""
def floor_divide(x: Any, y: Any, **names: Any) -> Tensor:
    """The quotient x / y rounded down.  x, y: (*) -> (*)"""
def fmax(x: Any, y: Any, **names: Any) -> Tensor:
    """The larger of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
def fmin(x: Any, y: Any, **names: Any) -> Tensor:
    """The smaller of x and y, for each element; the other one if one is NaN.  x, y: (*) -> (*)"""
def fmod(x: Any, y: Any, **names: Any) -> Tensor:
    """x - y trunc(x / y): what is left after dividing, with the sign of x.  x, y: (*) -> (*)"""
def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = ..., padding: Any = ..., stride: Any = ..., **names: Any) -> Tensor:
    """Adds up columns at the places of their windows: where `unfold` took them from."""
def fork_rng(enabled: builtins.bool = ...) -> Any:
    """What is drawn inside the `with` block leaves the default generator as it was."""
def frac(x: Any, **names: Any) -> Tensor:
    """What stands after the decimal point of each element, with its sign.  x: (*) -> (*)"""
def frac_(input: Any, *args: Any) -> Tensor:
    """`input.frac_(...)`: the result is written into the tensor itself, which is returned."""
@overload
def fractional_max_pool2d(x: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: Literal[False] = ..., _random_samples: Any = ..., **names: Any) -> Tensor:
    """The largest element of each of output_size windows, whose steps differ by one element at random."""
@overload
def fractional_max_pool2d(x: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., *, return_indices: Literal[True], _random_samples: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each of output_size windows, whose steps differ by one element at random."""
@overload
def fractional_max_pool3d(x: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., return_indices: Literal[False] = ..., _random_samples: Any = ..., **names: Any) -> Tensor:
    """The largest element of each of output_size windows, whose steps differ by one element at random."""
@overload
def fractional_max_pool3d(x: Any, kernel_size: Any, output_size: Any = ..., output_ratio: Any = ..., *, return_indices: Literal[True], _random_samples: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each of output_size windows, whose steps differ by one element at random."""
def frexp(x: Any, **names: Any) -> _MantissaAndExponent:
    """Each element as mantissa * 2**exponent, with 0.5 <= |mantissa| < 1.  x: (*) -> two of (*)"""
def from_numpy(array: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array: a write to one is seen in the other."""
def frombuffer(buffer: Any, dtype: Any, count: Any = ..., offset: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """A tensor of one axis on the memory of bytes, a bytearray or any other buffer, read as elements of a dtype."""
def full(size: Any, fill_value: Any, dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """One value in a shape.  Without dtype that of the value: full((2,), 1) holds int64, full((2,), 1.0) float32."""
def full_like(input: Any, fill_value: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """One value in the shape and dtype of another tensor."""
def gather(x: Any, dim: Any, index: Any, **names: Any) -> Tensor:
    """Along axis dim the element that index says, for each place of index: out[i][j] = x[index[i][j]][j] for dim 0."""
def gaussian_nll_loss(x: Any, target: Any, var: Any, full: builtins.bool = ..., eps: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """The negative log-likelihood of `target` under normal distributions.  x, target, var: (*) -> () or (*)"""
def gcd(x: Any, y: Any, **names: Any) -> Tensor:
    """The greatest common divisor of x and y, for each element; 0 of 0 and 0.  x, y: integer (*) -> (*)"""
def gcd_(input: Any, *args: Any) -> Tensor:
    """`input.gcd_(...)`: the result is written into the tensor itself, which is returned."""
def ge(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
def gelu(x: Any, approximate: builtins.str = ..., **names: Any) -> Tensor:
    """x times the probability that a standard normal variable is below x.  x: (*) -> (*)"""
def geqrf(x: Any, **names: Any) -> _Reflections:
    """The QR factorization as LAPACK keeps it.  x: (*, M, N) -> (a: (*, M, N), tau: (*, K))"""
def ger(x: Any, y: Any, **names: Any) -> Tensor:
    """The product of each element of x with each of y.  x: (M,), y: (N,) -> (M, N)"""
def get_device(self: Any) -> Any:
    """-1, as for every tensor on the CPU."""
def get_rng_state() -> Any:
    """Where the default generator is: a dict of ints."""
def getitem(x: Any, index: Any, **names: Any) -> Tensor:
    """The elements at an index; the same as x[index].  x: (*) -> (*)"""
def glu(x: Any, dim: Any = ..., **names: Any) -> Tensor:
    """a sigmoid(b), where a and b are the halves of x along `dim`.  x: (..., 2 K, ...) -> (..., K, ...)"""
def gradient(x: Any, spacing: Any = ..., dim: Any = ..., edge_order: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The derivative of a sampled function along each axis, by central differences.  x: (*) -> a tuple of (*)"""
def greater(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
def greater_equal(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x >= y, for each element.  x, y: (*) -> bool (*)"""
def grid_sample(x: Any, grid: Any, mode: builtins.str = ..., padding_mode: builtins.str = ..., align_corners: Any = ..., **names: Any) -> Tensor:
    """The images at the places of a grid."""
def group_norm(x: Any, num_groups: Any, weight: Any = ..., bias: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias, over each group of channels of each image."""
def gru(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., batch_sizes: Any = ..., reverse: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
    """A layer of gated recurrent units in one direction: its hidden states, and the last one."""
def gru_cell(x: Any, hx: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., **names: Any) -> Tensor:
    """One step of gated recurrent units: the next hidden state.  See `gru`."""
def gru_gates(x: Any, y: Any, h: Any, **names: Any) -> Tensor:
    """The next hidden state of a GRU, from the sums over the inputs and over the state."""
def gt(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x > y, for each element.  x, y: (*) -> bool (*)"""
def gumbel_softmax(logits: Any, tau: Any = ..., hard: builtins.bool = ..., eps: Any = ..., dim: Any = ..., generator: Any = ..., **names: Any) -> Tensor:
    """Softmax of the logits with Gumbel noise: a random choice of a class, softened.  logits: (*) -> (*)"""
def hamming_window(window_length: Any, periodic: builtins.bool = ..., alpha: Any = ..., beta: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The window alpha - beta cos(2 pi t) for t from 0 to 1.  -> (window_length,)"""
def hann_window(window_length: Any, periodic: builtins.bool = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The window (1 - cos(2 pi t)) / 2 for t from 0 to 1.  -> (window_length,)"""
def hardshrink(x: Any, lambd: Any = ..., **names: Any) -> Tensor:
    """x where |x| > lambd, else 0.  x: (*) -> (*)"""
def hardsigmoid(x: Any, **names: Any) -> Tensor:
    """(x + 3) / 6 brought between 0 and 1.  x: (*) -> (*)"""
def hardswish(x: Any, **names: Any) -> Tensor:
    """x hardsigmoid(x).  x: (*) -> (*)   Howard et al., Searching for MobileNetV3, 2019."""
def hardtanh(x: Any, min_val: Any = ..., max_val: Any = ..., **names: Any) -> Tensor:
    """Each element, or the nearer bound where it lies outside.  x: (*) -> (*)"""
def heaviside(x: Any, values: Any, **names: Any) -> Tensor:
    """0 where x < 0, `values` where x = 0, 1 where x > 0.  x, values: (*) -> (*)"""
def hinge_embedding_loss(x: Any, target: Any, margin: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """x where the target is 1, max(0, margin - x) where it is -1, averaged; x is a distance.  x, target: (*) -> ()"""
def histc(x: Any, bins: Any = ..., min: Any = ..., max: Any = ..., **names: Any) -> Tensor:
    """How many elements lie in each of `bins` equal intervals from `min` to `max`.  x: (*) -> (bins,)"""
def histogram(x: Any, bins: Any, range: Any = ..., weight: Any = ..., density: builtins.bool = ..., **names: Any) -> _HistogramAndEdges:
    """How many elements lie in each of several intervals, and the edges of those.  x: (*) -> (K), (K + 1)"""
def histogramdd(x: Any, bins: Any, range: Any = ..., weight: Any = ..., density: builtins.bool = ..., **names: Any) -> Any:
    """How many points lie in each cell of a grid, and the edges of the grid.  x: (*, D) -> (K1, ..., KD), D of (K + 1)"""
def hsplit(x: Any, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
    """Equal parts along the second axis, or of a vector along its only one.  x: (*) -> a tuple of (*)"""
def hstack(tensors: Any, **names: Any) -> Tensor:
    """Vectors end to end, all else side by side along the second axis.  tensors: (*) each -> (*)"""
def huber_loss(x: Any, target: Any, reduction: builtins.str = ..., delta: Any = ..., weight: Any = ..., **names: Any) -> Tensor:
    """d ** 2 / 2 for differences d below delta, delta (|d| - delta / 2) above, averaged.  x, target: (*) -> () or (*)"""
def hypot(x: Any, y: Any, **names: Any) -> Tensor:
    """sqrt(x^2 + y^2), also where the squares leave the range of the numbers.  x, y: (*) -> (*)"""
def i0(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
def i0_(input: Any, *args: Any) -> Tensor:
    """`input.i0_(...)`: the result is written into the tensor itself, which is returned."""
def igamma(x: Any, y: Any, **names: Any) -> Tensor:
    """The regularized lower incomplete gamma function P(x, y), from 0 at y = 0 to 1.  x, y: (*) -> (*)"""
def igammac(x: Any, y: Any, **names: Any) -> Tensor:
    """The regularized upper incomplete gamma function 1 - igamma(x, y), exact where it is tiny.  x, y: (*) -> (*)"""
def imag(x: Any, **names: Any) -> Tensor:
    """The imaginary part of each element, sharing memory; 0 of a real one.  x: (*) -> (*)"""
def index_add(x: Any, dim: Any, index: Any, source: Any, alpha: Any = ..., **names: Any) -> Tensor:
    """x with alpha times the slices of source added to those that index names.  x, source: (*), index: (N) -> (*)"""
def index_copy(x: Any, dim: Any, index: Any, source: Any, **names: Any) -> Tensor:
    """x with the slices that index names replaced by those of source.  x, source: (*), index: (N) -> (*)"""
def index_fill(x: Any, dim: Any, index: Any, value: Any, **names: Any) -> Tensor:
    """x with one value in the slices that index names.  x: (*), index: (N) of integers -> (*)"""
def index_put(x: Any, indices: Any, values: Any, accumulate: builtins.bool = ..., **names: Any) -> Tensor:
    """x with values at an index, as by x[indices] = values; with accumulate, added there.  x: (*) -> (*)"""
def index_put_(input: Any, *args: Any) -> Tensor:
    """`input.index_put_(...)`: the result is written into the tensor itself, which is returned."""
def index_reduce(x: Any, dim: Any, index: Any, source: Any, reduce: Any, include_self: builtins.bool = ..., **names: Any) -> Tensor:
    """x with the slices of source combined into those that index names.  x, source: (*), index: (N) -> (*)"""
def index_select(x: Any, dim: Any, index: Any, **names: Any) -> Tensor:
    """The slices along axis dim that index names, in its order.  x: (*), index: (N) of integers -> (*)"""
def initial_seed() -> builtins.int:
    """The seed that the default generator began with."""
def inner(x: Any, y: Any, **names: Any) -> Tensor:
    """The sums of products over the last axis of both.  x: (..., K), y: (*, K) -> (..., *)"""
def insert(x: Any, obj: Any, values: Any, axis: Any = ..., **names: Any) -> Tensor:
    """x with values in front of the places `obj` along an axis; without one, of x as one row.  x: (*) -> (*)"""
def instance_norm(x: Any, running_mean: Any = ..., running_var: Any = ..., weight: Any = ..., bias: Any = ..., use_input_stats: builtins.bool = ..., momentum: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias, over each channel of each image."""
def interp(x: Any, xp: Any, fp: Any, left: Any = ..., right: Any = ..., period: Any = ..., **names: Any) -> Tensor:
    """The piecewise linear function through the points (xp, fp), at each x.  x: (*), xp: (N) ascending, fp: (N) -> (*)"""
def interpolate(x: Any, size: Any = ..., scale_factor: Any = ..., mode: builtins.str = ..., align_corners: Any = ..., recompute_scale_factor: Any = ..., antialias: builtins.bool = ..., **names: Any) -> Tensor:
    """The same images with another size.  x: (N, C, *size) -> (N, C, *places), with one, two or three axes of size"""
def inverse(A: Any, **names: Any) -> Tensor:
    """The inverse of square matrices.  A: (*, N, N) -> (*, N, N)"""
def is_complex(input: Any) -> builtins.bool:
    """Whether the dtype is complex."""
def is_conj(self: Any) -> Any:
    """False: conjugates are computed at once."""
def is_floating_point(input: Any) -> builtins.bool:
    """Whether the dtype is a real floating-point one."""
def is_inference(self: Any) -> Any:
    """False: tensors that inference_mode made may be used like others."""
def is_neg(self: Any) -> Any:
    """False: negatives are computed at once."""
def is_nonzero(input: Any) -> builtins.bool:
    """Whether the one element is not 0.  ValueError if there are several, or none."""
def is_same_size(input: Any, other: Any) -> builtins.bool:
    """Whether two tensors have the same shape."""
def is_signed(input: Any) -> builtins.bool:
    """Whether the dtype has negative numbers."""
def isclose(x: Any, y: Any, rtol: Any = ..., atol: Any = ..., equal_nan: builtins.bool = ..., **names: Any) -> Tensor:
    """Whether |x - y| <= atol + rtol |y|, for each element.  x, y: (*) -> bool (*)"""
def isfinite(x: Any, **names: Any) -> Tensor:
    """Whether each element is neither infinite nor NaN.  x: (*) -> bool (*)"""
def isin(elements: Any, test_elements: Any, assume_unique: builtins.bool = ..., invert: builtins.bool = ..., **names: Any) -> Tensor:
    """Whether each element is among the test elements.  elements: (*), test_elements: (**) -> bool (*)"""
def isinf(x: Any, **names: Any) -> Tensor:
    """Whether each element is infinite.  x: (*) -> bool (*)"""
def isnan(x: Any, **names: Any) -> Tensor:
    """Whether each element is NaN.  x: (*) -> bool (*)"""
def isneginf(x: Any, **names: Any) -> Tensor:
    """Whether each element is minus infinity.  x: (*) -> bool (*)"""
def isposinf(x: Any, **names: Any) -> Tensor:
    """Whether each element is plus infinity.  x: (*) -> bool (*)"""
def isreal(x: Any, **names: Any) -> Tensor:
    """Whether the imaginary part of each element is 0, as it is of real tensors.  x: (*) -> bool (*)"""
def istft(x: Any, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: builtins.bool = ..., normalized: builtins.bool = ..., onesided: Any = ..., length: Any = ..., return_complex: builtins.bool = ..., **names: Any) -> Tensor:
    """The signal whose short-time Fourier transform is nearest to x, in the sense of least squares."""
def kaiser_window(window_length: Any, periodic: builtins.bool = ..., beta: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """The window i0(beta sqrt(1 - (2 t - 1)^2)) / i0(beta) for t from 0 to 1.  -> (window_length,)"""
def kl_div(x: Any, target: Any, reduction: builtins.str = ..., log_target: builtins.bool = ..., **names: Any) -> Tensor:
    """The Kullback-Leibler divergence target (log(target) - x), of log-probabilities x.  x, target: (*) -> () or (*)"""
def kron(x: Any, y: Any, **names: Any) -> Tensor:
    """The Kronecker product: y times each element of x, side by side.  x: (M, N), y: (P, Q) -> (M P, N Q)"""
def kthvalue(x: Any, k: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The k-th smallest elements (k from 1) along axis `dim`, and their indices."""
def l1_loss(x: Any, target: Any, reduction: builtins.str = ..., weight: Any = ..., **names: Any) -> Tensor:
    """The absolute difference, averaged.  x, target: (*) -> () or, without reduction, (*)"""
def layer_norm(x: Any, normalized_shape: Any, weight: Any = ..., bias: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias, with mean and variance over the last axes."""
def lcm(x: Any, y: Any, **names: Any) -> Tensor:
    """The least common multiple of x and y, for each element; 0 where one is 0.  x, y: integer (*) -> (*)"""
def lcm_(input: Any, *args: Any) -> Tensor:
    """`input.lcm_(...)`: the result is written into the tensor itself, which is returned."""
def ldexp(x: Any, y: Any, **names: Any) -> Tensor:
    """x 2**y.  x, y: (*) -> (*)"""
def ldexp_(input: Any, *args: Any) -> Tensor:
    """`input.ldexp_(...)`: the result is written into the tensor itself, which is returned."""
def le(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
def leaky_relu(x: Any, negative_slope: Any = ..., **names: Any) -> Tensor:
    """x where x > 0, else negative_slope x.  x: (*) -> (*)"""
def lerp(x: Any, end: Any, weight: Any, **names: Any) -> Tensor:
    """x + weight (end - x): the point between x, at weight 0, and `end`, at weight 1.  x, end, weight: (*) -> (*)"""
def less(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
def less_equal(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x <= y, for each element.  x, y: (*) -> bool (*)"""
def lgamma(x: Any, **names: Any) -> Tensor:
    """The logarithm of the absolute value of the gamma function, infinite at 0, -1, -2, ...  x: (*) -> (*)"""
def linear(x: Any, weight: Any, bias: Any = ..., **names: Any) -> Tensor:
    """x weight^T + bias: what a dense layer computes.  x: (..., D), weight: (O, D), bias: (O,) or None -> (..., O)"""
def linear_cross_entropy(x: Any, linear_weight: Any, target: Any, linear_bias: Any = ..., weight: Any = ..., reduction: builtins.str = ..., ignore_index: Any = ..., label_smoothing: Any = ..., options: Any = ..., **names: Any) -> Tensor:
    """`cross_entropy` of `linear`: the loss behind the last layer of a classifier, from what comes before that layer."""
def linear_gelu(x: Any, weight: Any, bias: Any = ..., approximate: builtins.str = ..., **names: Any) -> Tensor:
    """gelu(linear(x, weight, bias), approximate), in one pass.  x: (..., D), weight: (O, D), bias: (O,) -> (..., O)"""
def linear_relu(x: Any, weight: Any, bias: Any = ..., **names: Any) -> Tensor:
    """relu(linear(x, weight, bias)), in one pass.  x: (..., D), weight: (O, D), bias: (O,) or None -> (..., O)"""
def linspace(start: Any, end: Any, steps: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """`steps` numbers at equal distances from start to end, both among them."""
def lobpcg(A: Any, k: Any = ..., B: Any = ..., X: Any = ..., n: Any = ..., iK: Any = ..., niter: Any = ..., tol: Any = ..., largest: Any = ..., method: Any = ..., tracker: Any = ..., ortho_iparams: Any = ..., ortho_fparams: Any = ..., ortho_bparams: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The k largest, or smallest, eigenvalues of A x = e B x, and their vectors.  A: (*, N, N) -> ((*, k), (*, N, k))"""
def local_response_norm(x: Any, size: Any, alpha: Any = ..., beta: Any = ..., k: Any = ..., **names: Any) -> Tensor:
    """x / (k + alpha * mean of x ** 2 over `size` neighbouring channels) ** beta.  x: (N, C, *) -> the same"""
def log(x: Any, **names: Any) -> Tensor:
    """The natural logarithm of each element; minus infinity at 0, NaN below.  x: (*) -> (*)"""
def log10(x: Any, **names: Any) -> Tensor:
    """The logarithm to base 10 of each element.  x: (*) -> (*)"""
def log10_(input: Any, *args: Any) -> Tensor:
    """`input.log10_(...)`: the result is written into the tensor itself, which is returned."""
def log1p(x: Any, **names: Any) -> Tensor:
    """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
def log1p_(input: Any, *args: Any) -> Tensor:
    """`input.log1p_(...)`: the result is written into the tensor itself, which is returned."""
def log2(x: Any, **names: Any) -> Tensor:
    """The logarithm to base 2 of each element.  x: (*) -> (*)"""
def log2_(input: Any, *args: Any) -> Tensor:
    """`input.log2_(...)`: the result is written into the tensor itself, which is returned."""
def log_(input: Any, *args: Any) -> Tensor:
    """`input.log_(...)`: the result is written into the tensor itself, which is returned."""
def log_softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """log(softmax(x, dim)), also where the softmax rounds to 0.  x: (*) -> (*)"""
def logaddexp(x: Any, y: Any, **names: Any) -> Tensor:
    """log(exp(x) + exp(y)), also where the exponentials leave the range of the numbers.  x, y: (*) -> (*)"""
def logaddexp2(x: Any, y: Any, **names: Any) -> Tensor:
    """log2(2**x + 2**y), also where the powers leave the range of the numbers.  x, y: (*) -> (*)"""
def logcumsumexp(x: Any, dim: Any, **names: Any) -> Tensor:
    """The logarithm of the sum of the exponentials of each element and all before it along `dim`.  x: (*) -> (*)"""
def logdet(x: Any, **names: Any) -> Tensor:
    """The logarithm of the determinant.  x: (*, N, N) -> (*)"""
def logical_and(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether both x and y are true, for each element.  x, y: (*) -> bool (*)"""
def logical_not(x: Any, **names: Any) -> Tensor:
    """Whether x is false, for each element.  x: (*) -> bool (*)"""
def logical_or(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x or y is true, for each element.  x, y: (*) -> bool (*)"""
def logical_xor(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether exactly one of x and y is true, for each element.  x, y: (*) -> bool (*)"""
def logit(x: Any, eps: Any = ..., **names: Any) -> Tensor:
    """log(x / (1 - x)), the inverse of `sigmoid`.  x: (*) -> (*)"""
def logit_(input: Any, *args: Any) -> Tensor:
    """`input.logit_(...)`: the result is written into the tensor itself, which is returned."""
def logsigmoid(x: Any, **names: Any) -> Tensor:
    """log(sigmoid(x)), also where the sigmoid rounds to 0.  x: (*) -> (*)"""
def logspace(start: Any, end: Any, steps: Any, base: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """`steps` powers of `base`, with exponents at equal distances from start to end."""
def logsumexp(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The logarithm of the sum of exponentials, without overflow.  x: (*) -> (*) without the axes"""
def lp_pool1d(x: Any, norm_type: Any, kernel_size: Any, stride: Any = ..., ceil_mode: builtins.bool = ..., **names: Any) -> Tensor:
    """(sum of x ** norm_type) ** (1 / norm_type) over each window along the last axis.  x: (N, C, W) -> (N, C, OW)"""
def lp_pool2d(x: Any, norm_type: Any, kernel_size: Any, stride: Any = ..., ceil_mode: builtins.bool = ..., **names: Any) -> Tensor:
    """(sum of x ** norm_type) ** (1 / norm_type) over each window.  x: (N, C, H, W) -> (N, C, OH, OW)"""
def lp_pool3d(x: Any, norm_type: Any, kernel_size: Any, stride: Any = ..., ceil_mode: builtins.bool = ..., **names: Any) -> Tensor:
    """(sum of x ** norm_type) ** (1 / norm_type) over each window.  x: (N, C, D, H, W) -> (N, C, OD, OH, OW)"""
def lstm(x: Any, h: Any, c: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., weight_hr: Any = ..., batch_sizes: Any = ..., reverse: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
    """A layer of long short-term memory in one direction: its hidden states, the last one, and the last cell state."""
def lstm_cell(x: Any, hx: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """One step of long short-term memory: the next hidden state and cell state.  See `lstm`."""
def lstm_gates(x: Any, y: Any, c: Any, **names: Any) -> tuple[Tensor, ...]:
    """The next hidden state and cell state of an LSTM, from the two sums of the gates that are to be added."""
def lt(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x < y, for each element.  x, y: (*) -> bool (*)"""
def lu(A: Any, pivot: builtins.bool = ..., get_infos: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
    """As `linalg.lu_factor`, under an older name.  A: (*, M, N) -> (LU, pivots)"""
def lu_solve(x: Any, LU_data: Any, LU_pivots: Any, **names: Any) -> Tensor:
    """As `linalg.lu_solve`, with the right sides first.  x: (*, N, K), LU_data: (*, N, N), LU_pivots: (*, N) -> as x"""
def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: builtins.bool = ..., unpack_pivots: builtins.bool = ..., **names: Any) -> _Unpacked:
    """The matrices P, L and U of `linalg.lu_factor`.  LU_data: (*, M, N), LU_pivots: (*, K) -> (P, L, U)"""
def manual_seed(seed: Any) -> Any:
    """Starts the default generator anew from a seed, and returns it."""
def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """max(0, margin - target (input1 - input2)), averaged.  input1, input2, target: (*) -> () or (*)"""
def masked_fill(x: Any, mask: Any, value: Any, **names: Any) -> Tensor:
    """x with `value` in the places where `mask` holds.  x, mask, value: (*) -> (*)"""
def masked_scatter(x: Any, mask: Any, source: Any, **names: Any) -> Tensor:
    """x with the first elements of source, row by row, where mask is True.  x, mask: (*), source: (**) -> (*)"""
def masked_select(x: Any, mask: Any, **names: Any) -> Tensor:
    """The elements where mask is True, as one row; x and mask broadcast.  x, mask: (*) -> (N)"""
def matmul(x: Any, y: Any, **names: Any) -> Tensor:
    """Matrix product over the last two axes.  x: (..., M, K), y: (..., K, N) -> (..., M, N)"""
def matrix_exp(x: Any, **names: Any) -> Tensor:
    """The exponential of square matrices: the sum of x^k / k!.  x: (*, N, N) -> (*, N, N)"""
def matrix_power(x: Any, n: Any, **names: Any) -> Tensor:
    """Square matrices multiplied n times; of negative n, their inverses.  x: (*, N, N) -> (*, N, N)"""
@overload
def max(x: Any, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The largest element; along axis `dim`, the largest elements and their indices."""
@overload
def max(x: Any, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The largest element; along axis `dim`, the largest elements and their indices."""
def max_pool(x: Any, window: Any, **names: Any) -> Tensor:
    """The largest element of each window: what `max_pool1d`, `max_pool2d` and `max_pool3d` call."""
@overload
def max_pool1d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., return_indices: Literal[False] = ..., **names: Any) -> Tensor:
    """The largest element of each window along the last axis."""
@overload
def max_pool1d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., *, return_indices: Literal[True], **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each window along the last axis."""
@overload
def max_pool2d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., return_indices: Literal[False] = ..., **names: Any) -> Tensor:
    """The largest element of each window of the last two axes; NaN where there is one in the window."""
@overload
def max_pool2d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., *, return_indices: Literal[True], **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each window of the last two axes; NaN where there is one in the window."""
@overload
def max_pool3d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., return_indices: Literal[False] = ..., **names: Any) -> Tensor:
    """The largest element of each window of the last three axes."""
@overload
def max_pool3d(x: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., dilation: Any = ..., ceil_mode: builtins.bool = ..., *, return_indices: Literal[True], **names: Any) -> tuple[Tensor, ...]:
    """The largest element of each window of the last three axes."""
def max_pool_gradient(x: Any, marks: Any, shape: Any, window: Any, **names: Any) -> Tensor:
    """The gradient of `max_pool` by its input, from x, the gradient of its result, and what `max_pool` has marked."""
def max_pool_with_indices(x: Any, window: Any, **names: Any) -> tuple[Tensor, ...]:
    """What `max_pool` gives, and the places of the largest elements, counted over all of size."""
def max_unpool1d(x: Any, indices: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., output_size: Any = ..., **names: Any) -> Tensor:
    """Puts what `max_pool1d` kept back to where it was, among zeros."""
def max_unpool2d(x: Any, indices: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., output_size: Any = ..., **names: Any) -> Tensor:
    """Puts what `max_pool2d` kept back to where it was, among zeros."""
def max_unpool3d(x: Any, indices: Any, kernel_size: Any, stride: Any = ..., padding: Any = ..., output_size: Any = ..., **names: Any) -> Tensor:
    """Puts what `max_pool3d` kept back to where it was, among zeros."""
def maximum(x: Any, y: Any, **names: Any) -> Tensor:
    """The larger of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
def mean(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The mean over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
@overload
def median(x: Any, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The median of all elements; along axis `dim`, the medians and their indices."""
@overload
def median(x: Any, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The median of all elements; along axis `dim`, the medians and their indices."""
def meshgrid(*tensors: Any, indexing: builtins.str = ..., **names: Any) -> tuple[Tensor, ...]:
    """For each vector, a grid over all that varies along its axis.  tensors: (N1), (N2), ... -> (N1, N2, ...) each"""
@overload
def min(x: Any, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The smallest element; along axis `dim`, the smallest elements and their indices."""
@overload
def min(x: Any, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The smallest element; along axis `dim`, the smallest elements and their indices."""
def minimum(x: Any, y: Any, **names: Any) -> Tensor:
    """The smaller of x and y, for each element; NaN if one of them is.  x, y: (*) -> (*)"""
def mish(x: Any, **names: Any) -> Tensor:
    """x tanh(softplus(x)).  x: (*) -> (*)   Misra, Mish: A Self Regularized Non-Monotonic Activation, 2019."""
def mm(x: Any, y: Any, **names: Any) -> Tensor:
    """The product of two matrices.  x: (M, K), y: (K, N) -> (M, N)"""
def mod(x: Any, y: Any, **names: Any) -> Tensor:
    """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
def mode(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The most frequent elements along axis `dim`, and the index of the last of them."""
def moveaxis(x: Any, source: Any, destination: Any, **names: Any) -> Tensor:
    """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
def movedim(x: Any, source: Any, destination: Any, **names: Any) -> Tensor:
    """Axes `source` (an int or several) at the places `destination`, the others in their order.  x: (*) -> (*)"""
def mse_loss(x: Any, target: Any, reduction: builtins.str = ..., weight: Any = ..., **names: Any) -> Tensor:
    """The squared difference, averaged.  x, target: (*) -> () or, without reduction, (*)"""
def msort(x: Any, **names: Any) -> Tensor:
    """The elements in order along the first axis.  x: (N, *) -> (N, *)"""
def mul(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
@overload
def multi_head_attention_forward(query: Any, key: Any, value: Any, embed_dim_to_check: Any, num_heads: Any, in_proj_weight: Any, in_proj_bias: Any, bias_k: Any, bias_v: Any, add_zero_attn: Any, dropout_p: Any, out_proj_weight: Any, out_proj_bias: Any, training: builtins.bool = ..., key_padding_mask: Any = ..., need_weights: Literal[False] = ..., attn_mask: Any = ..., use_separate_proj_weight: builtins.bool = ..., q_proj_weight: Any = ..., k_proj_weight: Any = ..., v_proj_weight: Any = ..., static_k: Any = ..., static_v: Any = ..., average_attn_weights: builtins.bool = ..., is_causal: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
    """Attention by several heads: what `nn.MultiheadAttention` computes, with its parameters given."""
@overload
def multi_head_attention_forward(query: Any, key: Any, value: Any, embed_dim_to_check: Any, num_heads: Any, in_proj_weight: Any, in_proj_bias: Any, bias_k: Any, bias_v: Any, add_zero_attn: Any, dropout_p: Any, out_proj_weight: Any, out_proj_bias: Any, training: builtins.bool = ..., key_padding_mask: Any = ..., *, need_weights: Literal[True], attn_mask: Any = ..., use_separate_proj_weight: builtins.bool = ..., q_proj_weight: Any = ..., k_proj_weight: Any = ..., v_proj_weight: Any = ..., static_k: Any = ..., static_v: Any = ..., average_attn_weights: builtins.bool = ..., is_causal: builtins.bool = ..., **names: Any) -> Any:
    """Attention by several heads: what `nn.MultiheadAttention` computes, with its parameters given."""
def multi_margin_loss(x: Any, target: Any, p: Any = ..., margin: Any = ..., weight: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """How far scores of other classes come within a margin of the target's: max(0, margin - x[target] + x[i]) ** p."""
def multilabel_margin_loss(x: Any, target: Any, reduction: builtins.str = ..., **names: Any) -> Tensor:
    """How far scores of classes that are no targets come within a margin of 1 of those that are."""
def multilabel_soft_margin_loss(x: Any, target: Any, weight: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """`binary_cross_entropy_with_logits` of each class, averaged over the classes and then over all rows."""
def multinomial(input: Any, num_samples: Any, replacement: builtins.bool = ..., generator: Any = ...) -> Tensor:
    """Places drawn with the weights in the last axis.  input: (N) or (rows, N) -> (samples) or (rows, samples)"""
def multiply(x: Any, y: Any, **names: Any) -> Tensor:
    """The product x y.  x, y: (*) -> (*)"""
def mv(x: Any, y: Any, **names: Any) -> Tensor:
    """The product of a matrix and a vector.  x: (M, K), y: (K,) -> (M,)"""
def mvlgamma(x: Any, p: Any, **names: Any) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension p.  x: (*) -> (*)"""
def nan_to_num(x: Any, nan: Any = ..., posinf: Any = ..., neginf: Any = ..., **names: Any) -> Tensor:
    """Each element, with other numbers in place of NaN and the infinities.  x: (*) -> (*)"""
def nan_to_num_(input: Any, *args: Any) -> Tensor:
    """`input.nan_to_num_(...)`: the result is written into the tensor itself, which is returned."""
def nanmean(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The mean of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
@overload
def nanmedian(x: Any, dim: Tensor | None = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The median of what is not NaN, of all elements or, with indices, along axis `dim`."""
@overload
def nanmedian(x: Any, dim: builtins.int, keepdim: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The median of what is not NaN, of all elements or, with indices, along axis `dim`."""
def nanquantile(x: Any, q: Any, dim: Any = ..., keepdim: builtins.bool = ..., interpolation: builtins.str = ..., **names: Any) -> Tensor:
    """As `quantile`, of what is not NaN.  x: (*), q: () or (Q,) -> (*) without the axis, after an axis for several q"""
def nansum(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The sum of what is not NaN, over all elements or over the axes `dim`.  x: (*) -> (*) without the axes"""
def narrow(x: Any, dim: Any, start: Any, length: Any, **names: Any) -> Tensor:
    """`length` slices along axis dim, from start on.  A view.  x: (*) -> (*)"""
def narrow_copy(x: Any, dim: Any, start: Any, length: Any, **names: Any) -> Tensor:
    """A copy of `narrow(x, dim, start, length)`.  x: (*) -> (*)"""
def ne(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
def neg(x: Any, **names: Any) -> Tensor:
    """The negative of each element.  x: (*) -> (*)"""
def neg_(input: Any, *args: Any) -> Tensor:
    """`input.neg_(...)`: the result is written into the tensor itself, which is returned."""
def negative(x: Any, **names: Any) -> Tensor:
    """The negative of each element.  x: (*) -> (*)"""
def negative_(input: Any, *args: Any) -> Tensor:
    """`input.negative_(...)`: the result is written into the tensor itself, which is returned."""
def nextafter(x: Any, y: Any, **names: Any) -> Tensor:
    """The number of the dtype that comes next after x in the direction of y.  x, y: (*) -> (*)"""
def nll_loss(x: Any, target: Any, weight: Any = ..., ignore_index: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """Minus the log-probability of the target class, averaged."""
@overload
def nonzero(x: Any, as_tuple: Literal[False] = ..., **names: Any) -> Tensor:
    """Where the elements differ from 0, one place a row; as_tuple: one vector for each axis.  x: (*) -> (N, axes)"""
@overload
def nonzero(x: Any, as_tuple: Literal[True], **names: Any) -> tuple[Tensor, ...]:
    """Where the elements differ from 0, one place a row; as_tuple: one vector for each axis.  x: (*) -> (N, axes)"""
def nonzero_static(x: Any, size: Any, fill_value: Any = ..., **names: Any) -> Tensor:
    """The first `size` places of elements that differ from 0, one a row.  x: (*) -> int64 (size, axes)"""
def norm(x: Any, p: builtins.str = ..., dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The p-norm of all elements, or over the axes `dim`: (sum of |x|^p)^(1/p).  x: (*) -> (*) without the axes"""
def normal(mean: Any = ..., std: Any = ..., size: Any = ..., generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Normal numbers with a mean and a standard deviation: numbers, with a size, or tensors with one for each element."""
def normalize(x: Any, p: Any = ..., dim: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """x divided by its p-norm along `dim`; vectors shorter than eps are divided by eps.  x: (*) -> (*)"""
def not_equal(x: Any, y: Any, **names: Any) -> Tensor:
    """Whether x and y differ, for each element.  x, y: (*) -> bool (*)"""
def numel(input: Any) -> builtins.int:
    """The number of elements."""
def one_hot(labels: Any, num_classes: Any = ..., dtype: Any = ...) -> Tensor:
    """Each label as a row of zeros with a 1 at the label.  labels: (*) of ints -> (*, num_classes)"""
def ones(*size: Any, dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Ones in a shape, given as ints or as one tuple."""
def ones_like(input: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Ones in the shape and dtype of another tensor."""
def orgqr(A: Any, tau: Any, **names: Any) -> Tensor:
    """The first columns of the product of reflections that `geqrf` gives.  A: (*, M, N), tau: (*, K) -> (*, M, N)"""
def ormqr(x: Any, tau: Any, other: Any, left: builtins.bool = ..., transpose: builtins.bool = ..., **names: Any) -> Tensor:
    """The square Q of the reflections that `geqrf` gives, times a matrix.  x: (*, M, N), tau: (*, K), other -> as other"""
def outer(x: Any, y: Any, **names: Any) -> Tensor:
    """The product of each element of x with each of y.  x: (M,), y: (N,) -> (M, N)"""
def pad(x: Any, pad: Any, mode: builtins.str = ..., value: Any = ..., **names: Any) -> Tensor:
    """More elements around the edges.  x: (*) -> (*)"""
def pairwise_distance(x1: Any, x2: Any, p: Any = ..., eps: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The p-norm of x1 - x2 + eps along the last axis.  x1, x2: (*, D), broadcast -> (*) or, with keepdim, (*, 1)"""
def pca_lowrank(A: Any, q: Any = ..., center: builtins.bool = ..., niter: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The first q principal components of the rows of A.  A: (*, M, N) -> ((*, M, q), (*, q), (*, N, q))"""
def pdist(x: Any, p: Any = ..., **names: Any) -> Tensor:
    """The p-norm of the difference of each pair of rows: 0 and 1, 0 and 2, ..., 1 and 2, ..."""
def percentile(x: Any, q: Any, dim: Any = ..., keepdim: builtins.bool = ..., interpolation: builtins.str = ..., **names: Any) -> Tensor:
    """`quantile`, with q from 0 to 100: NumPy's name.  x: (*) -> (*) without the axis, after an axis for several q"""
def permute(x: Any, *dims: Any, **names: Any) -> Tensor:
    """The axes in the order `dims`; without dims, in reverse.  Shares memory.  x: (*) -> (*)"""
def pinverse(x: Any, rcond: Any = ..., **names: Any) -> Tensor:
    """As `linalg.pinv`, under an older name.  x: (*, M, N) -> (*, N, M)"""
def pixel_shuffle(x: Any, upscale_factor: Any, **names: Any) -> Tensor:
    """Channels become pixels: r r channels of each pixel lie down as a square of r by r."""
def pixel_unshuffle(x: Any, downscale_factor: Any, **names: Any) -> Tensor:
    """Pixels become channels: the reverse of `pixel_shuffle`."""
def poisson(input: Any, generator: Any = ...) -> Tensor:
    """Poisson counts with the rate that each element gives, in the dtype of input."""
def poisson_nll_loss(x: Any, target: Any, log_input: builtins.bool = ..., full: builtins.bool = ..., eps: Any = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """The negative log-likelihood of counts `target` under a Poisson distribution.  x, target: (*) -> () or (*)"""
def polar(abs: Any, angle: Any, **names: Any) -> Tensor:
    """Complex numbers of absolute values and angles in radians.  abs, angle: (*) of one dtype -> (*)"""
def polygamma(n: Any, x: Any, **names: Any) -> Tensor:
    """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
def polyval(p: Any, x: Any, **names: Any) -> Tensor:
    """The polynomial p[0] x**(N - 1) + ... + p[N - 2] x + p[N - 1] at each x, by Horner's rule.  p: (N), x: (*) -> (*)"""
def pool_gather(x: Any, indices: Any, axes: Any, **names: Any) -> Tensor:
    """The elements at the places that pooling over the last `axes` axes has chosen."""
def pool_put(x: Any, indices: Any, shape: Any, axes: Any, **names: Any) -> Tensor:
    """Writes the elements of x into zeros at the places that pooling over the last `axes` axes has chosen."""
def pool_scatter(x: Any, indices: Any, shape: Any, axes: Any, **names: Any) -> Tensor:
    """Adds the elements of x to zeros at the places that pooling over the last `axes` axes has chosen."""
def positive(x: Any, **names: Any) -> Tensor:
    """Each element as it is.  x: (*) -> (*)"""
def pow(x: Any, y: Any, **names: Any) -> Tensor:
    """x to the power of y.  x, y: (*) -> (*)"""
def power(x: Any, y: Any, **names: Any) -> Tensor:
    """x to the power of y.  x, y: (*) -> (*)"""
def prelu(x: Any, weight: Any, **names: Any) -> Tensor:
    """x where x > 0, else weight x.  x: (N, C, *), weight: (C,) or one element -> (N, C, *)"""
def prod(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The product over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def promote_types(type1: Any, type2: Any) -> Any:
    """The smallest dtype that holds what both do, by NumPy's rules."""
def put(x: Any, index: Any, source: Any, accumulate: builtins.bool = ..., **names: Any) -> Tensor:
    """x with source at places counted row by row; with accumulate, added there.  x: (*), index, source: (**) -> (*)"""
def put_diagonal(x: Any, shape: Any, offset: Any, dim1: Any, dim2: Any, **names: Any) -> Tensor:
    """Zeros of a shape, with the last axis of x along a diagonal: what `diagonal` would read is x.  x: (*) -> shape"""
def qr(x: Any, some: builtins.bool = ..., **names: Any) -> _Factors:
    """As `linalg.qr`, under an older name.  x: (*, M, N) -> (Q: (*, M, K), R: (*, K, N))"""
def quantile(x: Any, q: Any, dim: Any = ..., keepdim: builtins.bool = ..., interpolation: builtins.str = ..., **names: Any) -> Tensor:
    """The value that a share q of all elements, or of those along axis `dim`, lies below."""
def rad2deg(x: Any, **names: Any) -> Tensor:
    """Angles in radians as angles in degrees.  x: (*) -> (*)"""
def rad2deg_(input: Any, *args: Any) -> Tensor:
    """`input.rad2deg_(...)`: the result is written into the tensor itself, which is returned."""
def rand(*size: Any, generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Uniform numbers from 0 up to, and without, 1, in a shape given as ints or as one tuple."""
def rand_like(input: Any, generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Uniform numbers from 0 to 1 in the shape and dtype of another tensor."""
def randint(low: Any, high: Any = ..., size: Any = ..., generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Integers from low up to, and without, high: randint(high, size) or randint(low, high, size)."""
def randint_like(input: Any, low: Any, high: Any = ..., generator: Any = ..., dtype: Any = ...) -> Tensor:
    """Integers from low (or 0) up to, and without, high, in the shape and dtype of another tensor."""
def randn(*size: Any, generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Numbers from the standard normal distribution, in a shape given as ints or as one tuple."""
def randn_like(input: Any, generator: Any = ..., dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Standard normal numbers in the shape and dtype of another tensor."""
def randperm(n: Any, generator: Any = ..., dtype: Any = ...) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
def ravel(x: Any, **names: Any) -> Tensor:
    """All elements along one axis, row by row.  x: (*) -> (elements)"""
def real(x: Any, **names: Any) -> Tensor:
    """The real part of each element, sharing memory.  x: (*) -> (*)"""
def reciprocal(x: Any, **names: Any) -> Tensor:
    """1 / x for each element.  x: (*) -> (*), of floating-point numbers also where x are integers"""
def reciprocal_(input: Any, *args: Any) -> Tensor:
    """`input.reciprocal_(...)`: the result is written into the tensor itself, which is returned."""
def relu(x: Any, **names: Any) -> Tensor:
    """The larger of x and 0, for each element; NaN stays NaN.  x: (*) -> (*)"""
def relu6(x: Any, **names: Any) -> Tensor:
    """Each element brought between 0 and 6.  x: (*) -> (*)"""
def relu_(input: Any, *args: Any) -> Tensor:
    """`input.relu_(...)`: the result is written into the tensor itself, which is returned."""
def relu_gradient(g: Any, out: Any, **names: Any) -> Tensor:
    """g where `out`, the result of relu, is above 0, else 0.  g, out: (*) -> (*)"""
def remainder(x: Any, y: Any, **names: Any) -> Tensor:
    """x - y floor(x / y): what is left after dividing, with the sign of y.  x, y: (*) -> (*)"""
def renorm(x: Any, p: Any, dim: Any, maxnorm: Any, **names: Any) -> Tensor:
    """The slices along axis `dim`, each scaled down so that its p-norm is at most `maxnorm`.  x: (*) -> (*)"""
def repeat(x: Any, *sizes: Any, **names: Any) -> Tensor:
    """The whole tensor as often along each axis as `sizes` say; further axes come in front.  x: (*) -> (*)"""
def repeat_interleave(x: Any, repeats: Any, dim: Any = ..., **names: Any) -> Tensor:
    """Each element, or slice along axis dim, several times in a row.  x: (*) -> (*)"""
def resample(x: Any, maps: Any, **names: Any) -> Tensor:
    """A sparse linear map along each of the last axes: what `interpolate` calls."""
def reshape(x: Any, *shape: Any, **names: Any) -> Tensor:
    """The elements in another shape; one length may be -1 and is worked out.  x: (*) -> shape"""
def reshape_as(x: Any, other: Any, **names: Any) -> Tensor:
    """The elements of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
def resize_as_(input: Any, *args: Any) -> Tensor:
    """`input.resize_as_(...)`: the result is written into the tensor itself, which is returned."""
def resolve_conj(self: Any, *args: Any) -> Tensor:
    """The tensor itself: conjugates are computed at once."""
def resolve_neg(self: Any, *args: Any) -> Tensor:
    """The tensor itself: negatives are computed at once."""
def result_type(tensor1: Any, tensor2: Any) -> Any:
    """The dtype that the two give together.  Python numbers take the dtype of a tensor of their kind beside them."""
def rms_norm(x: Any, normalized_shape: Any, weight: Any = ..., eps: Any = ..., **names: Any) -> Tensor:
    """x / sqrt(mean of x ** 2 + eps) * weight, with the mean over the last axes."""
def rnn(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., nonlinearity: builtins.str = ..., batch_sizes: Any = ..., reverse: builtins.bool = ..., **names: Any) -> tuple[Tensor, ...]:
    """A layer of plain recurrent units in one direction: its hidden states, and the last one."""
def rnn_relu_cell(x: Any, hx: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., **names: Any) -> Tensor:
    """One step of plain recurrent units: what of the sum is above 0.  See `rnn`."""
def rnn_tanh_cell(x: Any, hx: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = ..., bias_hh: Any = ..., **names: Any) -> Tensor:
    """One step of plain recurrent units: tanh of the sum.  See `rnn`."""
def roll(x: Any, shifts: Any, dims: Any = ..., **names: Any) -> Tensor:
    """The elements shifted along `dims`; those pushed out at the end come in at the front.  x: (*) -> (*)"""
def rollaxis(x: Any, axis: Any, start: Any = ..., **names: Any) -> Tensor:
    """One axis moved in front of axis `start`, or behind all with start = axes: NumPy's older `movedim`.  x: (*) -> (*)"""
def rot90(x: Any, k: Any = ..., dims: Any = ..., **names: Any) -> Tensor:
    """Turned by k quarter turns in the plane of two axes, from the first towards the second.  x: (*) -> (*)"""
def round(x: Any, decimals: Any = ..., **names: Any) -> Tensor:
    """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)"""
def round_(input: Any, *args: Any) -> Tensor:
    """`input.round_(...)`: the result is written into the tensor itself, which is returned."""
def row_stack(tensors: Any, **names: Any) -> Tensor:
    """On top of each other along the first axis; vectors are rows.  tensors: (*) each -> (*)"""
def rrelu(x: Any, lower: Any = ..., upper: Any = ..., training: builtins.bool = ..., generator: Any = ..., **names: Any) -> Tensor:
    """x where x > 0, else x times a slope, drawn for each element between `lower` and `upper`.  x: (*) -> (*)"""
def rsqrt(x: Any, **names: Any) -> Tensor:
    """1 / sqrt(x) for each element.  x: (*) -> (*)"""
def rsqrt_(input: Any, *args: Any) -> Tensor:
    """`input.rsqrt_(...)`: the result is written into the tensor itself, which is returned."""
def scale_channels(x: Any, mean: Any, var: Any, weight: Any, bias: Any, eps: Any, activation: Any = ..., **names: Any) -> Tensor:
    """(x - mean) / sqrt(var + eps) * weight + bias by channel: what `batch_norm` does once it has learnt."""
def scaled_dot_product_attention(query: Any, key: Any, value: Any, attn_mask: Any = ..., dropout_p: Any = ..., is_causal: builtins.bool = ..., scale: Any = ..., enable_gqa: builtins.bool = ..., **names: Any) -> Tensor:
    """softmax(scale * query @ key.mT + attn_mask) @ value: what each query finds among the values."""
def scatter(x: Any, dim: Any, index: Any, src: Any = ..., reduce: Any = ..., value: Any = ..., **names: Any) -> Tensor:
    """x with src written where index says along axis dim: out[index[i][j]][j] = src[i][j] for dim 0."""
def scatter_add(x: Any, dim: Any, index: Any, src: Any, **names: Any) -> Tensor:
    """x with src added where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
def scatter_extreme(x: Any, src: Any, key: Any, largest: Any, include_self: Any, **names: Any) -> Tensor:
    """x with the largest, or smallest, of what arrives at an index.  x: (*), src: (*) -> (*)"""
def scatter_reduce(x: Any, dim: Any, index: Any, src: Any, reduce: Any, include_self: builtins.bool = ..., **names: Any) -> Tensor:
    """x with src combined into it where index says along axis dim.  x: (*), index: (*) of integers, src: (*) -> (*)"""
def scatter_zeros(x: Any, dim: Any, index: Any, shape: Any, **names: Any) -> Tensor:
    """Zeros of a shape, with each element of x added where index says along axis dim: the transpose of gather."""
def searchsorted(x: Any, values: Any, out_int32: builtins.bool = ..., right: builtins.bool = ..., side: Any = ..., sorter: Any = ..., **names: Any) -> Tensor:
    """Where each of `values` would be inserted in the sorted x.  x: (..., K), values: (..., M) -> (..., M) int64"""
def seed() -> builtins.int:
    """Starts the default generator anew from a seed that the system chooses, and returns it."""
def segment_reduce(data: Any, reduce: Any, lengths: Any = ..., indices: Any = ..., offsets: Any = ..., axis: Any = ..., unsafe: builtins.bool = ..., initial: Any = ..., **names: Any) -> Tensor:
    """The sum, mean, maximum, minimum or product of each segment along an axis.  data: (*, N, **) -> (*, S, **)"""
def select(x: Any, dim: Any, index: Any, **names: Any) -> Tensor:
    """One slice along axis dim, without that axis.  A view.  x: (*) -> (*)"""
def select_scatter(x: Any, src: Any, dim: Any, index: Any, **names: Any) -> Tensor:
    """A copy of x with one slice along axis dim replaced by src.  x, src: (*) -> (*)"""
def selu(x: Any, **names: Any) -> Tensor:
    """1.0507 elu(x, 1.6733).  x: (*) -> (*)   Klambauer et al., Self-Normalizing Neural Networks, 2017."""
def set_rng_state(state: Any) -> None:
    """Lets the default generator continue where `get_rng_state` was called."""
def sgn(x: Any, **names: Any) -> Tensor:
    """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
def sigmoid(x: Any, **names: Any) -> Tensor:
    """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
def sigmoid_(input: Any, *args: Any) -> Tensor:
    """`input.sigmoid_(...)`: the result is written into the tensor itself, which is returned."""
def sign(x: Any, **names: Any) -> Tensor:
    """-1, 0 or 1: the sign of each element; of a complex one its direction x / |x|.  x: (*) -> (*)"""
def signbit(x: Any, **names: Any) -> Tensor:
    """Whether each element has a minus sign, as -0.0 has.  x: (*) -> bool (*)"""
def silu(x: Any, **names: Any) -> Tensor:
    """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
def sin(x: Any, **names: Any) -> Tensor:
    """The sine of each element, an angle in radians.  x: (*) -> (*)"""
def sin_(input: Any, *args: Any) -> Tensor:
    """`input.sin_(...)`: the result is written into the tensor itself, which is returned."""
def sinc(x: Any, **names: Any) -> Tensor:
    """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
def sinc_(input: Any, *args: Any) -> Tensor:
    """`input.sinc_(...)`: the result is written into the tensor itself, which is returned."""
def sinc_derivative(x: Any, order: Any, **names: Any) -> Tensor:
    """The derivative of `sinc` of the given order, 1 or more.  x: (*) -> (*)"""
def sinh(x: Any, **names: Any) -> Tensor:
    """The hyperbolic sine of each element.  x: (*) -> (*)"""
def sinh_(input: Any, *args: Any) -> Tensor:
    """`input.sinh_(...)`: the result is written into the tensor itself, which is returned."""
def slice_scatter(x: Any, src: Any, dim: Any = ..., start: Any = ..., end: Any = ..., step: Any = ..., **names: Any) -> Tensor:
    """A copy of x with the slices start:end:step along axis dim replaced by src.  x, src: (*) -> (*)"""
def sliding_window_view(x: Any, window_shape: Any, axis: Any = ..., **names: Any) -> Tensor:
    """All windows of a shape, one element apart, as a read-only view.  x: (*) -> (*, window_shape)"""
def slogdet(x: Any, **names: Any) -> _SignAndLog:
    """The sign of the determinant, or its complex direction, and the logarithm of its size.  x: (*, N, N) -> (*), (*)"""
def smooth_l1_loss(x: Any, target: Any, reduction: builtins.str = ..., beta: Any = ..., **names: Any) -> Tensor:
    """d ** 2 / (2 beta) for differences d below beta, |d| - beta / 2 above, averaged.  x, target: (*) -> () or (*)"""
def soft_margin_loss(x: Any, target: Any, reduction: builtins.str = ..., **names: Any) -> Tensor:
    """log(1 + exp(-target x)) for targets 1 and -1, averaged.  x, target: (*) -> () or, without reduction, (*)"""
def softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.  x: (*) -> (*)"""
def softmin(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """softmax(-x, dim): the smallest element gets the largest share.  x: (*) -> (*)"""
def softplus(x: Any, beta: Any = ..., threshold: Any = ..., **names: Any) -> Tensor:
    """log(1 + exp(beta x)) / beta, and x itself where beta x > threshold.  x: (*) -> (*)"""
def softshrink(x: Any, lambd: Any = ..., **names: Any) -> Tensor:
    """x moved towards 0 by lambd, and 0 where |x| <= lambd.  x: (*) -> (*)"""
def softsign(x: Any, **names: Any) -> Tensor:
    """x / (1 + |x|).  x: (*) -> (*)"""
def sort(x: Any, dim: Any = ..., descending: builtins.bool = ..., stable: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The elements in order along axis `dim`, and the indices that they had.  x: (*) -> values, indices: (*)"""
def split(x: Any, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
def split_with_sizes(x: Any, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
def sqrt(x: Any, **names: Any) -> Tensor:
    """The square root of each element; NaN for negative ones.  x: (*) -> (*)"""
def sqrt_(input: Any, *args: Any) -> Tensor:
    """`input.sqrt_(...)`: the result is written into the tensor itself, which is returned."""
def square(x: Any, **names: Any) -> Tensor:
    """The square of each element.  x: (*) -> (*)"""
def square_(input: Any, *args: Any) -> Tensor:
    """`input.square_(...)`: the result is written into the tensor itself, which is returned."""
def squeeze(x: Any, dim: Any = ..., **names: Any) -> Tensor:
    """Without the axes of length 1: all of them, or those among `dim` (an int or several).  x: (*) -> (*)"""
def stack(tensors: Any, dim: Any = ..., **names: Any) -> Tensor:
    """The tensors side by side along a new axis at place dim.  tensors: (*) each -> (*)"""
def standardize_channels(x: Any, weight: Any, bias: Any, eps: Any, running: Any = ..., activation: Any = ..., **names: Any) -> Tensor:
    """Each channel with mean 0 and variance 1 over all else, times weight, plus bias: what `batch_norm` learns with."""
def standardize_groups(x: Any, num_groups: Any, weight: Any, bias: Any, eps: Any, **names: Any) -> Tensor:
    """Each group of channels of each sample with mean 0 and variance 1, times weight, plus bias: see `group_norm`."""
def std(x: Any, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> Tensor:
    """The standard deviation over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def std_mean(x: Any, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The standard deviation and the mean: `(std(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
def stft(x: Any, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: builtins.bool = ..., pad_mode: builtins.str = ..., normalized: builtins.bool = ..., onesided: Any = ..., return_complex: Any = ..., align_to_window: Any = ..., **names: Any) -> Tensor:
    """The short-time Fourier transform: the spectrum of one stretch of a signal after the other, through a window."""
def sub(x: Any, y: Any, **names: Any) -> Tensor:
    """The difference x - y.  x, y: (*) -> (*)"""
def subtract(x: Any, y: Any, **names: Any) -> Tensor:
    """The difference x - y.  x, y: (*) -> (*)"""
def sum(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., dtype: Any = ..., **names: Any) -> Tensor:
    """The sum over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def sum_to_size(x: Any, *size: Any, **names: Any) -> Tensor:
    """Sums over the axes that broadcasting would stretch, so that `size` is left.  x: (*) -> size"""
def surround(x: Any, widths: Any, value: Any, **names: Any) -> Tensor:
    """One value around the edges.  widths: (before, after) for each axis.  x: (*) -> (*)"""
def svd(x: Any, some: builtins.bool = ..., compute_uv: builtins.bool = ..., **names: Any) -> _OlderSingular:
    """As `linalg.svd`, under an older name, with V for Vh.  x: (*, M, N) -> (U: (*, M, K), S: (*, K), V: (*, N, K))"""
def svd_lowrank(A: Any, q: Any = ..., niter: Any = ..., M: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The first q singular values and vectors, by a random subspace.  A: (*, M, N) -> ((*, M, q), (*, q), (*, N, q))"""
def swapaxes(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def swapdims(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def swish(x: Any, **names: Any) -> Tensor:
    """x sigmoid(x).  x: (*) -> (*)   Hendrycks and Gimpel, 2016; Ramachandran et al. as Swish, 2017."""
def t(x: Any, **names: Any) -> Tensor:
    """The transpose of a matrix; vectors stay as they are.  x: (M, N) -> (N, M)"""
def take(x: Any, index: Any, **names: Any) -> Tensor:
    """The elements at places counted row by row; negative ones from the end.  x: (*), index: (**) -> (**)"""
def take_along_axis(x: Any, index: Any, dim: Any = ..., **names: Any) -> Tensor:
    """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)"""
def take_along_dim(x: Any, index: Any, dim: Any = ..., **names: Any) -> Tensor:
    """`gather` with broadcasting between x and index, as of what argsort gives.  x: (*), index: (*) -> (*)"""
def tan(x: Any, **names: Any) -> Tensor:
    """The tangent of each element, an angle in radians.  x: (*) -> (*)"""
def tan_(input: Any, *args: Any) -> Tensor:
    """`input.tan_(...)`: the result is written into the tensor itself, which is returned."""
def tanh(x: Any, **names: Any) -> Tensor:
    """The hyperbolic tangent of each element, which is between -1 and 1.  x: (*) -> (*)"""
def tanh_(input: Any, *args: Any) -> Tensor:
    """`input.tanh_(...)`: the result is written into the tensor itself, which is returned."""
def tanhshrink(x: Any, **names: Any) -> Tensor:
    """x - tanh(x).  x: (*) -> (*)"""
def tensor(data: Any, dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """A tensor with a copy of `data`: numbers, nested lists, a NumPy array, a tensor."""
def tensor_split(x: Any, indices_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """Parts of nearly equal size along an axis, or the parts between given places.  x: (*) -> a tuple of (*)"""
def tensordot(x: Any, y: Any, dims: Any = ..., **names: Any) -> Tensor:
    """The sum of products over several axes.  x: (*), y: (*) -> the other axes of x, then those of y"""
def threshold(x: Any, threshold: Any, value: Any, **names: Any) -> Tensor:
    """x where x > threshold, else `value`.  x: (*) -> (*)"""
def tile(x: Any, *dims: Any, **names: Any) -> Tensor:
    """The whole tensor as often along each axis as `dims` say, counted from the last axis.  x: (*) -> (*)"""
def topk(x: Any, k: Any, dim: Any = ..., largest: builtins.bool = ..., sorted: builtins.bool = ..., **names: Any) -> _ValuesAndIndices:
    """The k largest (or smallest) elements along axis `dim`, in order, and their indices."""
def trace(x: Any, **names: Any) -> Tensor:
    """The sum of the diagonal of a matrix.  x: (M, N) -> ()"""
def transpose(x: Any, dim0: Any, dim1: Any, **names: Any) -> Tensor:
    """Two axes in each other's place.  Shares memory.  x: (*) -> (*)"""
def trapezoid(y: Any, x: Any = ..., dx: Any = ..., dim: Any = ..., **names: Any) -> Tensor:
    """The integral of samples along axis `dim` by the trapezoidal rule.  y: (..., N, ...) -> (...)"""
def trapz(y: Any, x: Any = ..., dx: Any = ..., dim: Any = ..., **names: Any) -> Tensor:
    """The integral of samples along axis `dim` by the trapezoidal rule.  y: (..., N, ...) -> (...)"""
def triangular_solve(x: Any, A: Any, upper: builtins.bool = ..., transpose: builtins.bool = ..., unitriangular: builtins.bool = ..., **names: Any) -> _SolutionAndCoefficients:
    """As `linalg.solve_triangular`, under an older name.  x: (*, N, K), A: (*, N, N) -> (solution: as x, A)"""
def tril(x: Any, diagonal: Any = ..., **names: Any) -> Tensor:
    """The matrices with zeros above a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
def tril_indices(row: Any, col: Any, offset: Any = ...) -> Tensor:
    """The places on and below a diagonal of a (row, col) matrix: rows in the first line, columns in the second."""
def triplet_margin_loss(anchor: Any, positive: Any, negative: Any, margin: Any = ..., p: Any = ..., eps: Any = ..., swap: builtins.bool = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), averaged, for distances d."""
def triplet_margin_with_distance_loss(anchor: Any, positive: Any, negative: Any, distance_function: Any = ..., margin: Any = ..., swap: builtins.bool = ..., reduction: builtins.str = ..., **names: Any) -> Tensor:
    """`triplet_margin_loss` with a distance of one's own."""
def triu(x: Any, diagonal: Any = ..., **names: Any) -> Tensor:
    """The matrices with zeros below a diagonal, counted upwards from the main one.  x: (*, M, N) -> (*, M, N)"""
def triu_indices(row: Any, col: Any, offset: Any = ...) -> Tensor:
    """The places on and above a diagonal of a (row, col) matrix: rows in the first line, columns in the second."""
def true_divide(x: Any, y: Any, **names: Any) -> Tensor:
    """The quotient x / y.  x, y: (*) -> (*), of floating-point numbers also where x and y are integers"""
def trunc(x: Any, **names: Any) -> Tensor:
    """Each element without what stands after its decimal point.  x: (*) -> (*)"""
def trunc_(input: Any, *args: Any) -> Tensor:
    """`input.trunc_(...)`: the result is written into the tensor itself, which is returned."""
def truncated_divide(x: Any, y: Any, **names: Any) -> Tensor:
    """The quotient x / y rounded towards 0: `div(x, y, rounding_mode="trunc")`.  x, y: (*) -> (*)"""
def unbind(x: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)"""
def unflatten(x: Any, dim: Any, sizes: Any, **names: Any) -> Tensor:
    """Axis `dim` split into several axes of lengths `sizes`, one of which may be -1.  x: (*) -> (*)"""
def unfold(x: Any, kernel_size: Any, dilation: Any = ..., padding: Any = ..., stride: Any = ..., **names: Any) -> Tensor:
    """The windows of each image as columns: what a convolution multiplies its weights with."""
def unfold_axis(x: Any, dimension: Any, size: Any, step: Any, **names: Any) -> Tensor:
    """All windows of `size` elements along an axis, `step` apart.  x: (..., N, ...) -> (..., W, ..., size)"""
def unique(x: Any, sorted: builtins.bool = ..., return_inverse: builtins.bool = ..., return_counts: builtins.bool = ..., dim: Any = ..., **names: Any) -> Any:
    """The distinct values, in order; with `dim` the distinct slices along that axis.  x: (*) -> (K,)"""
def unique_consecutive(x: Any, return_inverse: builtins.bool = ..., return_counts: builtins.bool = ..., dim: Any = ..., **names: Any) -> Any:
    """One element for each run of equal elements; with `dim` one slice for each run of slices.  x: (*) -> (K,)"""
def unravel_index(indices: Any, shape: Any, **names: Any) -> tuple[Tensor, ...]:
    """The index along each axis of elements that are counted row by row.  indices: int (*) -> a tuple of int (*)"""
def unsafe_chunk(x: Any, chunks: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """At most `chunks` parts of equal size along axis dim, the last maybe smaller.  x: (*) -> a tuple of (*)"""
def unsafe_split(x: Any, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
def unsafe_split_with_sizes(x: Any, split_size_or_sections: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """Parts of one size along an axis, the last maybe smaller; or of the sizes in a list.  x: (*) -> a tuple of (*)"""
def unsqueeze(x: Any, dim: Any, **names: Any) -> Tensor:
    """With one more axis, of length 1, at place `dim`.  x: (*) -> (*)"""
def unstack(x: Any, dim: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis.  x: (*) -> a tuple of (*)"""
def upsample(x: Any, size: Any = ..., scale_factor: Any = ..., mode: builtins.str = ..., align_corners: Any = ..., **names: Any) -> Tensor:
    """`interpolate`, under its former name.  x: (N, C, *size) -> (N, C, *places)"""
def vander(x: Any, N: Any = ..., increasing: builtins.bool = ..., **names: Any) -> Tensor:
    """The powers of each element, one a column: the Vandermonde matrix.  x: (M) -> (M, N)"""
def var(x: Any, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> Tensor:
    """The variance over all elements, or over the axes `dim`.  x: (*) -> (*) without the axes"""
def var_mean(x: Any, dim: Any = ..., correction: Any = ..., keepdim: builtins.bool = ..., unbiased: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """The variance and the mean: `(var(x, ...), mean(x, ...))`.  x: (*) -> two of (*) without the axes"""
def vdot(x: Any, y: Any, **names: Any) -> Tensor:
    """As `dot`, with the complex conjugate of x.  x, y: (K,) -> ()"""
def view(x: Any, *shape: Any, **names: Any) -> Tensor:
    """The elements in another shape, always sharing memory.  x: (*) -> shape"""
def view_as(x: Any, other: Any, **names: Any) -> Tensor:
    """A view of x in the shape of another tensor.  x: (*), other: (**) -> (**)"""
def view_as_complex(x: Any, **names: Any) -> Tensor:
    """Pairs (real part, imaginary part) along the last axis as complex numbers.  x: (*, 2) -> (*)"""
def view_as_real(x: Any, **names: Any) -> Tensor:
    """Complex numbers as pairs (real part, imaginary part) along a new last axis, sharing memory.  x: (*) -> (*, 2)"""
def vsplit(x: Any, indices_or_sections: Any, **names: Any) -> tuple[Tensor, ...]:
    """Equal parts along the first axis, or those between given places.  x: (M, N, *) -> a tuple of (*)"""
def vstack(tensors: Any, **names: Any) -> Tensor:
    """On top of each other along the first axis; vectors are rows.  tensors: (*) each -> (*)"""
@overload
def where(condition: Any, x: None = ..., y: Any = ..., **names: Any) -> tuple[Tensor, ...]:
    """x where `condition` holds, else y.  condition: bool (*), x, y: (*) -> (*)"""
@overload
def where(condition: Any, x: Any, y: Any = ..., **names: Any) -> Tensor:
    """x where `condition` holds, else y.  condition: bool (*), x, y: (*) -> (*)"""
def xlogy(x: Any, y: Any, **names: Any) -> Tensor:
    """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)"""
def xlogy_(input: Any, *args: Any) -> Tensor:
    """`input.xlogy_(...)`: the result is written into the tensor itself, which is returned."""
def zero_(input: Any, *args: Any) -> Tensor:
    """`input.zero_(...)`: the result is written into the tensor itself, which is returned."""
def zeros(*size: Any, dtype: Any = ..., requires_grad: builtins.bool = ..., device: Any = ...) -> Tensor:
    """Zeros in a shape, given as ints or as one tuple."""
def zeros_like(input: Any, dtype: Any = ..., requires_grad: builtins.bool = ...) -> Tensor:
    """Zeros in the shape and dtype of another tensor."""
