"""Operations one at a time, on arrays so small that only what surrounds the arithmetic counts, and on large ones.

Every elementwise operation of the registry has its rows by being declared, with inputs from its domain. For an own one,
call `declare_elementwise(my_operation.op)` in a module, and `python -m benchmarks ops --also my_module`. The others are
listed below.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable
from typing import Any

from autograd import functions as functions  # fills the registry
from autograd.op import Op, registry, ufuncs
from autograd.testing import samples_of

from ..row import AS_TWIN, BOTH, FORWARD, Draw, Missing, Work, row

SIZES = {"16x16": (16, 16), "1000x1000": (1000, 1000)}
FAMILIES = {"16x16": "small arrays", "1000x1000": "large arrays"}

# Steps of other operations, and what takes other arguments than float arrays. (clamp is below.)
LEFT_OUT = {"clamp", "clamp_max", "clamp_min", "masked_fill", "polygamma", "relu_gradient", "sinc_derivative"}
LEFT_OUT |= {"truncated_divide", "where"}
STEPS = {"floor_divide", "heaviside"}  # their gradient is 0, and PyTorch has none


def declare(name: str, make: Callable[..., Work], passes: Iterable[str]) -> None:
    """Rows of one operation in both sizes."""
    for case, shape in SIZES.items():
        row("ops", FAMILIES[case], {case: shape}, tiny=(4, 6), bound="copy", passes=passes, name=name)(make)


# --- Elementwise, from the registry ----------------------------------------------------------------------------------


def _function(lib: Any, op: Op) -> Callable[..., Any]:
    """Ours, or PyTorch's of the same name, which stands in one of three places."""
    if lib.peer.name == "ours":
        return op.call
    for place in (lib, lib.F, lib.special):
        with contextlib.suppress(Missing, AttributeError):
            return getattr(place, op.name)
    raise Missing(f"function {op.name}")


def _elementwise(op: Op, count: int) -> Callable[..., Work]:
    same = {ufunc.__name__: function for ufunc, function in ufuncs.items()}
    by_numpy = next((name for name, function in same.items() if function is op.call), None)

    def make(draw: Draw, *shape: int) -> Work:
        twin = (lambda np, *arrays: getattr(np, by_numpy)(*arrays)) if by_numpy else None
        return Work(
            {name: draw.between(*op.domain, *shape) for name in op.parameters[:count]},
            prepare=lambda lib, *tensors: _function(lib, op),
            run=lambda function, *tensors: function(*tensors),
            twin=twin,
            reference=op.reference,
        )

    return make


def _of_floats(op: Op, count: int) -> bool:
    """Whether it takes arrays of floats: the bitwise operations, gcd and polynomials of a degree do not."""
    dtypes = [getattr(value, "dtype", None) for value in samples_of(op)[0].args[:count]]
    return all(dtype is not None and dtype.kind == "f" for dtype in dtypes)


def declare_elementwise(op: Op) -> None:
    count = len([name for name in op.parameters if name not in op.defaults])
    if op.name in LEFT_OUT or count not in (1, 2) or op.variadic or not _of_floats(op, count):
        return
    differentiable = (op.inputs or op.kind == "composite") and op.name not in STEPS
    declare(op.name, _elementwise(op, count), (FORWARD, BOTH) if differentiable else (FORWARD,))


for _op in list(registry.values()):
    if _op.elementwise:
        declare_elementwise(_op)


# --- Others ----------------------------------------------------------------------------------------------------------


def one(
    name: str,
    run: Callable[..., Any],
    twin: Any,
    inputs: Any = None,
    passes: Any = (FORWARD, BOTH),
    jax: Any = AS_TWIN,
) -> None:
    """Rows of `run(lib, x)`; or with the inputs that `inputs(draw, N, D)` gives."""

    def make(draw: Draw, *shape: int) -> Work:
        arrays = {"x": draw(*shape)} if inputs is None else inputs(draw, *shape)
        return Work(arrays, run=run, twin=twin, jax=jax)

    declare(name, make, passes)


def _distinct(draw: Draw, *shape: int) -> dict[str, Any]:
    """Of equal elements each order would be right, and each has another gradient."""
    return {"x": draw.distinct(*shape)}


no_gradient = functools.partial(one, passes=(FORWARD,))


def _shifted(np: Any, x: Any) -> Any:
    return x - x.max(axis=1, keepdims=True)


def _log_softmax(np: Any, x: Any) -> Any:
    return _shifted(np, x) - np.log(np.exp(_shifted(np, x)).sum(axis=1, keepdims=True))


one("sum", lambda lib, x: x.sum(), lambda np, x: x.sum())
one("sum dim 0", lambda lib, x: x.sum(dim=0), lambda np, x: x.sum(axis=0))
one("sum dim 1", lambda lib, x: x.sum(dim=1), lambda np, x: x.sum(axis=1))
one("mean", lambda lib, x: x.mean(), lambda np, x: x.mean())
one("var", lambda lib, x: x.var(dim=1), lambda np, x: x.var(axis=1, ddof=1))
one("std", lambda lib, x: x.std(dim=1), lambda np, x: x.std(axis=1, ddof=1))
one("prod", lambda lib, x: x.prod(dim=1), lambda np, x: x.prod(axis=1), lambda d, *s: {"x": d.between(0.98, 1.02, *s)})
one("amax", lambda lib, x: x.amax(dim=1), lambda np, x: x.max(axis=1), _distinct)
one("max with indices", lambda lib, x: x.max(dim=1)[0], lambda np, x: x.max(axis=1), _distinct)
no_gradient("argmax", lambda lib, x: x.argmax(dim=1), lambda np, x: x.argmax(axis=1))
one("logsumexp", lambda lib, x: x.logsumexp(dim=1), lambda np, x: np.log(np.exp(x).sum(axis=1)))
one("norm", lambda lib, x: x.norm(), lambda np, x: np.sqrt((x * x).sum()))
one("softmax", lambda lib, x: x.softmax(dim=1), lambda np, x: np.exp(_log_softmax(np, x)))
one("log_softmax", lambda lib, x: x.log_softmax(dim=1), _log_softmax)
one("cumsum", lambda lib, x: x.cumsum(dim=1), lambda np, x: np.cumsum(x, axis=1))
one("sort", lambda lib, x: x.sort(dim=1)[0], lambda np, x: np.sort(x, axis=1), _distinct)
one("topk 4", lambda lib, x: x.topk(4, dim=1)[0], lambda np, x: np.sort(x, axis=1)[:, : -4 - 1 : -1], _distinct)
one("median", lambda lib, x: x.median(dim=1)[0], lambda np, x: np.sort(x, axis=1)[:, (x.shape[1] - 1) // 2], _distinct)

one("reshape", lambda lib, x: x.reshape(-1), lambda np, x: x.reshape(-1))
one("transpose", lambda lib, x: x.T.contiguous(), lambda np, x: np.array(x.T, order="C"), jax=lambda np, x: x.T)
one("slice", lambda lib, x: x[1:-1, 1:-1], lambda np, x: x[1:-1, 1:-1])
one("slice with a step", lambda lib, x: x[:, ::2], lambda np, x: x[:, ::2])
one("cat", lambda lib, x, y: lib.cat((x, y), 1), lambda np, x, y: np.concatenate((x, y), 1),
    lambda d, *s: {"x": d(*s), "y": d(*s)})  # fmt: skip
one("stack", lambda lib, x, y: lib.stack((x, y)), lambda np, x, y: np.stack((x, y)),
    lambda d, *s: {"x": d(*s), "y": d(*s)})  # fmt: skip
one("flip", lambda lib, x: x.flip(1), lambda np, x: np.flip(x, 1))
one("roll", lambda lib, x: x.roll(3, 1), lambda np, x: np.roll(x, 3, 1))
one("repeat", lambda lib, x: x.repeat(2, 1), lambda np, x: np.tile(x, (2, 1)))
one("pad", lambda lib, x: lib.F.pad(x, (1, 1, 1, 1)), lambda np, x: np.pad(x, 1))
one("tril", lambda lib, x: x.tril(), lambda np, x: np.tril(x))
one("clamp", lambda lib, x: x.clamp(-1.0, 1.0), lambda np, x: np.clip(x, -1.0, 1.0))
one("add a row", lambda lib, x, y: x + y, lambda np, x, y: x + y, lambda d, N, D: {"x": d(N, D), "y": d(D)})
one("mul by a column", lambda lib, x, y: x * y, lambda np, x, y: x * y, lambda d, N, D: {"x": d(N, D), "y": d(N, 1)})
one("mul by a number", lambda lib, x: x * 2.5, lambda np, x: x * 2.5)


def _indexed(draw: Draw, N: int, D: int) -> dict[str, Any]:
    return {"x": draw(N, D), "rows": draw.integers(N, N)}


def _indexed_each(draw: Draw, N: int, D: int) -> dict[str, Any]:
    return {"x": draw(N, D), "at": draw.integers(D, N, D)}


def _masked(draw: Draw, N: int, D: int) -> dict[str, Any]:
    return {"x": draw(N, D), "mask": draw.integers(2, N, D).astype(bool)}


one("rows by index", lambda lib, x, rows: x[rows], lambda np, x, rows: x[rows], _indexed)
one("index_select", lambda lib, x, rows: x.index_select(0, rows), lambda np, x, rows: x[rows], _indexed)
one("gather", lambda lib, x, at: x.gather(1, at), lambda np, x, at: np.take_along_axis(x, at, 1), _indexed_each)
one("elements by mask", lambda lib, x, mask: x[mask], lambda np, x, mask: x[mask], _masked, jax=None)
one("masked_fill", lambda lib, x, mask: x.masked_fill(mask, 0.5), lambda np, x, mask: np.where(mask, 0.5, x), _masked)

one("matmul", lambda lib, x, y: x @ y, lambda np, x, y: x @ y, lambda d, N, D: {"x": d(N, D), "y": d(D, N)})
one("matrix by vector", lambda lib, x, y: x @ y, lambda np, x, y: x @ y, lambda d, N, D: {"x": d(N, D), "y": d(D)})
one("dot", lambda lib, x, y: lib.dot(x, y), lambda np, x, y: np.dot(x, y),
    lambda d, N, D: {"x": d(N * D), "y": d(N * D)})  # fmt: skip
one("outer", lambda lib, x, y: lib.outer(x, y), lambda np, x, y: np.outer(x, y),
    lambda d, N, D: {"x": d(N), "y": d(D)})  # fmt: skip
one("einsum ij,kj->ik", lambda lib, x, y: lib.einsum("ij,kj->ik", x, y), lambda np, x, y: x @ y.T,
    lambda d, N, D: {"x": d(N, D), "y": d(N, D)})  # fmt: skip
one("linear", lambda lib, x, w, b: lib.F.linear(x, w, b), lambda np, x, w, b: x @ w.T + b,
    lambda d, N, D: {"x": d(N, D), "w": d(N, D), "b": d(N)})  # fmt: skip


def _pair(draw: Draw, *shape: int) -> dict[str, Any]:
    return {"x": draw(*shape), "y": draw(*shape)}


one("mse_loss", lambda lib, x, y: lib.F.mse_loss(x, y), lambda np, x, y: ((x - y) ** 2).mean(), _pair)
one("l1_loss", lambda lib, x, y: lib.F.l1_loss(x, y), lambda np, x, y: abs(x - y).mean(), _pair)
one("smooth_l1_loss", lambda lib, x, y: lib.F.smooth_l1_loss(x, y),
    lambda np, x, y: np.where(abs(x - y) < 1, 0.5 * (x - y) ** 2, abs(x - y) - 0.5).mean(), _pair)  # fmt: skip
one("binary_cross_entropy_with_logits", lambda lib, x, y: lib.F.binary_cross_entropy_with_logits(x, y),
    lambda np, x, y: (np.maximum(x, 0) - x * y + np.log1p(np.exp(-abs(x)))).mean(),
    lambda d, *s: {"x": d(*s), "y": d.between(0.0, 1.0, *s)})  # fmt: skip
one("layer_norm", lambda lib, x: lib.F.layer_norm(x, (x.shape[-1],)),
    lambda np, x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5))  # fmt: skip


# --- An operation of one's own ---------------------------------------------------------------------------------------


def _own(name: str) -> Callable[..., Any]:
    def run(lib: Any, x: Any) -> Any:
        from .. import by_hand

        return getattr(by_hand, name)(x) if lib.peer.name == "ours" else by_hand.composed(lib, x)

    return run


def _knee(np: Any, x: Any) -> Any:
    from .. import by_hand

    return by_hand.composed(np, x)


one("own, derived by @elementwise", _own("derived"), _knee)
one("own, by hand", _own("by_hand"), _knee)
