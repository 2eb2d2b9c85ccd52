"""What operations are on the tensors of all examples: rules for `vmap` (`batched.py`).

A rule gets the level, the operation, and the value of each parameter; what differs from example to example is a
`Batched`. It returns what the operation gives for all examples, with the examples along axis 0, or NotImplemented: then
the operation runs on one example after the other. Most rules only name axes from the end, where the axis of the
examples does not count.
"""

from __future__ import annotations

import operator
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import functions as ops
from .batched import Level, Rule, has_batched, is_batched, of_all, rules
from .calls import make_call
from .modes import ModeSetting
from .op import Op
from .ops.matmul import product
from .stand_in import StandIn
from .tensor import Tensor
from .trees import mapped


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Makes a function the rule of operations."""

    def declare(function: Rule) -> Rule:
        rules.update(dict.fromkeys(names, function))
        return function

    return declare


def only_first(level: Level, values: Sequence[Any]) -> bool:
    """Whether nothing but the first value differs from example to example."""
    return is_batched(level, values[0]) and not has_batched(level, list(values[1:]))


def run(op: Any, values: Sequence[Any]) -> Any:
    """The operation on these values of its parameters."""
    return op.call(*values[:-1], *values[-1]) if op.variadic else op.call(*values)


def padded(value: Any, ndim: int) -> Any:
    """The tensor of all examples with axes of length 1 behind the first, so that each example has `ndim` axes."""
    missing = ndim - (value.ndim - 1)
    return value.reshape((value.shape[0], *(1,) * missing, *value.shape[1:])) if missing > 0 else value


def from_end(dim: Any, ndim: int) -> int:
    """The axis counted from the last, as a negative number."""
    dim = operator.index(dim)
    if not -ndim <= dim < ndim:
        raise IndexError(f"dim {dim} is out of range: with {ndim} axes it goes from {-ndim} to {ndim - 1}")
    return dim if dim < 0 else dim - ndim


def _tensor(value: Any) -> Any:
    return value if _is_tensor(value) else ops.as_tensor(value)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, (Tensor, StandIn, np.ndarray))


# ---------------------------------------------------------------------------------------------------------------------
# Element by element
# ---------------------------------------------------------------------------------------------------------------------
@rule("elementwise", "astype", "conj", "real", "imag", "angle", "isreal", "complex", "clone", "frexp", "view_as_real")
def _elementwise(level: Level, op: Any, values: list[Any]) -> Any:
    ndim = 0
    for value in values:
        if isinstance(value, (list, tuple)):
            if has_batched(level, value):
                return NotImplemented
        elif _is_tensor(value) and value.ndim > ndim:
            ndim = value.ndim
    return run(op, [padded(value.value, ndim) if is_batched(level, value) else value for value in values])


@rule("where")
def _where(level: Level, op: Any, values: list[Any]) -> Any:
    return NotImplemented if any(value is None for value in values) else _elementwise(level, op, values)


@rule("fused")
def _by_definition(level: Level, op: Any, values: list[Any]) -> Any:
    """A fused operation is what its definition says, and that is made of operations."""
    with ModeSetting(level=level):
        result = op.forward(*values)
    return mapped(lambda leaf: of_all(level, leaf) if _is_tensor(leaf) else leaf, result)


@rule("scale_channels")
def _scale_channels(level: Level, op: Any, values: list[Any]) -> Any:
    """Its kernel takes mean and variance for constants."""
    x, mean, var, *rest = values
    return _by_definition(level, op, [x, mean.detach(), var.detach(), *rest])


# ---------------------------------------------------------------------------------------------------------------------
# Along axes
# ---------------------------------------------------------------------------------------------------------------------
def _named_axes(*names: str, several: bool = False) -> Rule:
    """The rule of operations of one tensor, whose parameters `names` are axes of it, or tuples of axes."""

    def apply(level: Level, op: Any, values: list[Any]) -> Any:
        if not only_first(level, values):
            return NotImplemented
        x, values = values[0].value, list(values)
        ndim = x.ndim - 1
        lone = ndim == 0
        if lone:  # a tensor without axes counts as having one
            x, ndim = x.unsqueeze(-1), 1
        values[0] = x
        for name in names:
            i = op.parameters.index(name)
            dims = values[i]
            if dims is None:
                if not several:
                    return NotImplemented
                dims = tuple(range(-ndim, 0))
                values[i] = dims[0] if ndim == 1 else dims
            elif isinstance(dims, (tuple, list)):
                if not dims:
                    return NotImplemented
                values[i] = tuple(from_end(dim, ndim) for dim in dims)
            else:
                values[i] = from_end(dims, ndim)
        if lone and ("keepdim" in op.parameters):
            values[op.parameters.index("keepdim")] = False
            return run(op, values)
        result = run(op, values)
        if not lone:
            return result
        if isinstance(result, tuple):
            parts = [part.squeeze(-1) for part in result]
            return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
        return result.squeeze(-1)

    return apply


for _name in ("max", "min", "median", "nanmedian"):
    rules[f"{_name}(x, dim, keepdim)"] = _named_axes("dim")
_over_several = _named_axes("dim", several=True)
for _name in ("sum", "mean", "nansum", "nanmean", "all", "any", "count_nonzero", "amax", "amin", "logsumexp"):
    rules[_name] = _over_several
for _name in ("var", "std", "norm"):
    rules[_name] = _over_several
_along_one = _named_axes("dim")
for _name in ("softmax", "log_softmax", "cumsum", "cumprod", "logcumsumexp", "cummax", "cummin", "sort", "argsort"):
    rules[_name] = _along_one
for _name in ("kthvalue", "mode", "topk", "fft.fft", "fft.ifft", "fft.rfft", "fft.irfft", "fft.hfft", "fft.ihfft"):
    rules[_name] = _along_one
for _name in ("fft.fft2", "fft.ifft2", "fft.rfft2", "fft.irfft2", "fft.hfft2", "fft.ihfft2"):
    rules[_name] = _along_one


@rule("argmax", "argmin", "prod")
def _over_one_or_all(level: Level, op: Any, values: list[Any]) -> Any:
    x, dim, keepdim, *rest = values
    if not only_first(level, values):
        return NotImplemented
    if dim is not None:
        return _along_one(level, op, values)
    found = op.call(x.value.reshape(level.size, x.numel()), -1, False, *rest)
    return found.reshape(level.size, *(1,) * x.ndim) if keepdim else found


# ---------------------------------------------------------------------------------------------------------------------
# Shapes
# ---------------------------------------------------------------------------------------------------------------------
@rule("reshape", "view")
def _reshape(level: Level, op: Any, values: list[Any]) -> Any:
    x, shape = values
    if not only_first(level, values) or any(not hasattr(n, "__index__") for n in shape):
        return NotImplemented
    known = [operator.index(n) for n in shape]
    if known.count(-1) == 1:
        rest = -int(np.prod(known, dtype=np.int64))
        if rest == 0 or x.numel() % rest:
            return NotImplemented  # an error, which it raises for each example
        known[known.index(-1)] = x.numel() // rest
    return NotImplemented if np.prod(known, dtype=np.int64) != x.numel() else op.call(x.value, level.size, *known)


@rule("flatten")
def _flatten(level: Level, op: Any, values: list[Any]) -> Any:
    x, start, end = values
    if not x.ndim:
        return x.value.reshape(level.size, 1)
    return op.call(x.value, from_end(start, x.ndim), from_end(end, x.ndim))


@rule("squeeze")
def _squeeze(level: Level, op: Any, values: list[Any]) -> Any:
    x, dim = values
    dims = range(-x.ndim, 0) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
    if not x.ndim:
        return x.value
    among = [from_end(dim, x.ndim) for dim in dims]
    return op.call(x.value, tuple(dim for dim in among if x.shape[dim] == 1))


@rule("unsqueeze")
def _unsqueeze(level: Level, op: Any, values: list[Any]) -> Any:
    return op.call(values[0].value, from_end(values[1], values[0].ndim + 1))


@rule("permute")
def _permute(level: Level, op: Any, values: list[Any]) -> Any:
    x, dims = values
    order = [from_end(dim, x.ndim) + x.ndim for dim in dims] if dims else list(range(x.ndim))[::-1]
    return op.call(x.value, 0, *(dim + 1 for dim in order)) if sorted(order) == list(range(x.ndim)) else NotImplemented


@rule("transpose")
def _transpose(level: Level, op: Any, values: list[Any]) -> Any:
    x, *dims = values
    return op.call(x.value, *(from_end(dim, x.ndim) for dim in dims)) if x.ndim else x.value


@rule("expand")
def _expand(level: Level, op: Any, values: list[Any]) -> Any:
    x, sizes = values
    sizes = tuple(operator.index(n) for n in sizes)
    if len(sizes) < x.ndim:
        return NotImplemented
    return op.call(padded(x.value, len(sizes)), level.size, *sizes)


@rule("repeat")
def _repeat(level: Level, op: Any, values: list[Any]) -> Any:
    x, sizes = values
    return op.call(padded(x.value, len(sizes)), 1, *sizes) if len(sizes) >= x.ndim else NotImplemented


@rule("diagonal")
def _diagonal(level: Level, op: Any, values: list[Any]) -> Any:
    x, offset, *dims = values
    return op.call(x.value, offset, *(from_end(dim, x.ndim) for dim in dims)) if x.ndim > 1 else NotImplemented


@rule("flip")
def _flip(level: Level, op: Any, values: list[Any]) -> Any:
    x, dims = values
    among = dims or range(-x.ndim, 0)
    return op.call(x.value, *(from_end(dim, x.ndim) for dim in among)) if x.ndim else x.value


@rule("roll")
def _roll(level: Level, op: Any, values: list[Any]) -> Any:
    x, shifts, dims = values
    if dims is None or not x.ndim:
        return NotImplemented
    among = dims if isinstance(dims, (tuple, list)) else (dims,)
    return op.call(x.value, shifts, tuple(from_end(dim, x.ndim) for dim in among))


@rule("tril", "triu", "trace", "det", "slogdet", "linalg.inv", "linalg.inv_ex", "cofactors", "linalg.cholesky")
@rule("linalg.cholesky_ex", "linalg.eigh", "linalg.eigvalsh", "linalg.eig", "linalg.lu_factor", "linalg.lu_factor_ex")
@rule("linalg.lu", "linalg.qr", "linalg.svd", "linalg.svdvals", "linalg.polar", "linalg.pinv", "linalg.matrix_rank")
def _matrices(level: Level, op: Any, values: list[Any]) -> Any:
    if not only_first(level, values) or values[0].ndim < 2:
        return NotImplemented
    if op.name == "trace":
        return ops.diagonal(values[0].value, 0, -2, -1).sum(-1)
    found = op.call(values[0].value, *values[1:])
    parts = found if isinstance(found, tuple) else (found,)  # some have an empty tensor for what was not asked for
    return found if all(part.shape[:1] == (level.size,) for part in parts) else NotImplemented


@rule("linalg.solve", "linalg.solve_ex", "linalg.solve_triangular")
def _solve(level: Level, op: Any, values: list[Any]) -> Any:
    a, b, *rest = values
    if a.ndim != 2 or b.ndim not in (1, 2) or has_batched(level, rest):
        return NotImplemented
    a, column = of_all(level, a), of_all(level, b)
    if b.ndim == 2:
        return op.call(a, column, *rest)
    if op.name == "linalg.solve_triangular" or rest[0] is not True:
        return NotImplemented
    found = op.call(a, column.unsqueeze(-1), *rest)
    if not isinstance(found, tuple):
        return found.squeeze(-1)
    return type(found)(found[0].squeeze(-1), *found[1:])


@rule("split", "tensor_split", "unbind")
def _parts(level: Level, op: Any, values: list[Any]) -> Any:
    if not only_first(level, values) or not values[0].ndim:
        return NotImplemented
    return op.call(values[0].value, *values[1:-1], from_end(values[-1], values[0].ndim))


@rule("surround")
def _surround(level: Level, op: Any, values: list[Any]) -> Any:
    x, widths, value = values
    return op.call(x.value, ((0, 0), *widths), value) if only_first(level, values) else NotImplemented


@rule("cat", "stack")
def _join(level: Level, op: Any, values: list[Any]) -> Any:
    tensors, dim = values
    ndims = {np.ndim(tensor) if not _is_tensor(tensor) else tensor.ndim for tensor in tensors}
    if len(ndims) > 1 or (ndims == {0} and op.name == "cat"):
        return NotImplemented
    dim = from_end(dim, ndims.pop() + (op.name == "stack"))
    return op.call([of_all(level, tensor) for tensor in tensors], dim)


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------
@rule("matmul")
def matmul(level: Level, op: Any, values: list[Any]) -> Any:
    """Of vectors as of matrices with one row or one column."""
    x, y = (_tensor(value) for value in values)
    if not x.ndim or not y.ndim:
        return NotImplemented
    by_row, by_column = x.ndim == 1, y.ndim == 1
    a, b = (value.value if is_batched(level, value) else value for value in (x, y))
    if not is_batched(level, y) and y.ndim <= 2 and (x.ndim > 1 or y.ndim == 2):
        return ops.matmul(a, b)  # one matrix for all: the examples are more rows
    if not is_batched(level, x) and x.ndim == 2 and by_column:
        return ops.matmul(b, a.mT)
    a, b = a.unsqueeze(-2) if by_row else a, b.unsqueeze(-1) if by_column else b
    ndim = max(x.ndim + by_row, y.ndim + by_column)
    out = ops.matmul(*(padded(m, ndim) if is_batched(level, v) else m for m, v in ((a, x), (b, y))))
    out = out.squeeze(-1) if by_column else out
    return out.squeeze(-1 if by_column else -2) if by_row else out


def _linear_of_each_forward(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if y.strides[0] == 0 and x.flags.c_contiguous:  # the same weights for all, expanded to take a gradient for each
        return product(x.reshape(-1, x.shape[-1]), y[0].T).reshape(*x.shape[:2], y.shape[1])
    return product(x, y.mT)


# x: (B, R, in), y: (B, out, in) -> (B, R, out)
_linear_of_each = Op(_linear_of_each_forward, name="linear_of_each", sticky=True)
_linear_of_each.call = make_call(_linear_of_each)
_linear_of_each.gradient(x=lambda g, y: ops.matmul(g, y), y=lambda g, x: ops.matmul(g.mT, x))


@rule("linear_of_each(x, y)")
def _linear_of_each_of_all(level: Level, op: Any, values: list[Any]) -> Any:
    x, y = (of_all(level, value) for value in values)
    return ops.matmul(x, y.mT)


@rule("linear", "linear_relu", "linear_gelu")
def _linear(level: Level, op: Any, values: list[Any]) -> Any:
    x, weight, bias, *rest = values
    if only_first(level, values):
        return op.call(x.value, weight, bias, *rest)
    if weight.ndim != 2:
        return NotImplemented
    # (B, rows, in) @ (B, in, out)
    if not x.shape[-1]:
        return NotImplemented
    rows = of_all(level, x).reshape(level.size, -1, x.shape[-1])
    out = _linear_of_each.call(rows, weight.value) if is_batched(level, weight) else ops.matmul(rows, weight.mT)
    out = out.reshape(level.size, *x.shape[:-1], weight.shape[0])
    if bias is not None:
        out = out + (padded(bias.value, x.ndim) if is_batched(level, bias) else bias)
    if op.name == "linear_gelu":
        return ops.gelu(out, *rest)
    return out.relu() if op.name == "linear_relu" else out


@rule("einsum")
def _einsum(level: Level, op: Any, values: list[Any]) -> Any:
    equation, operands = values
    equation = equation.replace(" ", "")
    if "." in equation:
        return NotImplemented
    terms, arrow, result = equation.partition("->")
    inputs = terms.split(",")
    if not arrow:
        result = "".join(sorted(letter for letter in set(terms) - {","} if terms.count(letter) == 1))
    free = next((letter for letter in string.ascii_letters if letter not in equation), None)
    if free is None or len(inputs) != len(operands):
        return NotImplemented
    batched = [is_batched(level, operand) for operand in operands]
    named = [free + term if mark else term for term, mark in zip(inputs, batched, strict=True)]
    tensors = [operand.value if mark else operand for operand, mark in zip(operands, batched, strict=True)]
    return op.call(f"{','.join(named)}->{free}{result}", *tensors)
