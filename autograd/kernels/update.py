"""Optimizer steps, in place, over all parameters of a group in one call.

The recurrences are PyTorch's; each is written out in the docstring of its function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd.kernels.jit import Doubles, Ints, Reals, inline, kernel, offset, real
from autograd.kernels.tables import BLOCK, Table, data_of, piece_of

__all__ = ["adagrad", "adam", "rmsprop", "sgd"]

# --- Steps -----------------------------------------------------------------------------------------------------------
# Constants of a variant: whether there is weight decay (0 times an infinite weight would be NaN), and so on.
DECAY, MOMENTUM, NESTEROV, AMSGRAD, CENTERED = 0, 0, 0, 0, 0


@inline
def gradient_of(g, p, sign, weight_decay):
    """The gradient to descend along, with weight decay."""
    if DECAY:
        return sign * g + weight_decay * p
    return sign * g


@kernel
def sgd_block(
    block: int, like: Reals, starts: Ints, first: Ints, tensors: int, params: Ints, grads: Ints, buffers: Ints,
    fresh: Ints, lr: float, momentum: float, rate: float, weight_decay: float, sign: float,
) -> None:  # fmt: skip
    """See `sgd`; ``rate`` is 1 - dampening."""
    tensor = first[block]
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        p, g = offset(data_of(like, params[tensor]), begin), offset(data_of(like, grads[tensor]), begin)
        if MOMENTUM:
            buffer = offset(data_of(like, buffers[tensor]), begin)
            own_rate = real(1) if fresh[tensor] else rate
            if fresh[tensor]:  # the first buffer is the gradient, whatever the array holds
                for i in range(n):
                    buffer[i] = real(0)
            for i in range(n):
                gradient = gradient_of(g[i], p[i], sign, weight_decay)
                buffer[i] = momentum * buffer[i] + own_rate * gradient
                if NESTEROV:
                    p[i] -= lr * (gradient + momentum * buffer[i])
                else:
                    p[i] -= lr * buffer[i]
        else:
            for i in range(n):
                p[i] -= lr * gradient_of(g[i], p[i], sign, weight_decay)
        tensor += 1


@kernel
def adam_block(
    block: int, like: Reals, starts: Ints, first: Ints, tensors: int, params: Ints, grads: Ints, means: Ints,
    squares: Ints, largest: Ints, step_sizes: Doubles, roots: Doubles, rate1: float, beta2: float, rate2: float,
    eps: float, weight_decay: float, shrink: float, sign: float,
) -> None:  # fmt: skip
    """See `adam`; rates are 1 - beta, ``shrink`` is 1 - lr * weight_decay where that is decoupled, else 1."""
    tensor = first[block]
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        p, g = offset(data_of(like, params[tensor]), begin), offset(data_of(like, grads[tensor]), begin)
        mean, square = offset(data_of(like, means[tensor]), begin), offset(data_of(like, squares[tensor]), begin)
        step_size, root = real(step_sizes[tensor]), real(roots[tensor])
        most = offset(data_of(like, largest[tensor]), begin) if AMSGRAD else square
        for i in range(n):
            weight = p[i] * shrink
            gradient = gradient_of(g[i], weight, sign, weight_decay)
            m = mean[i] + rate1 * (gradient - mean[i])
            v = beta2 * square[i] + rate2 * gradient * gradient
            mean[i], square[i] = m, v
            if AMSGRAD:
                v = most[i] if v <= most[i] or most[i] != most[i] else v  # a NaN stays
                most[i] = v
            p[i] = weight - step_size * (m / (math.sqrt(v) * root + eps))
        tensor += 1


@kernel
def adagrad_block(
    block: int, like: Reals, starts: Ints, first: Ints, tensors: int, params: Ints, grads: Ints, sums: Ints,
    step_sizes: Doubles, weight_decay: float, eps: float, sign: float,
) -> None:  # fmt: skip
    """See `adagrad`."""
    tensor = first[block]
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        p, g = offset(data_of(like, params[tensor]), begin), offset(data_of(like, grads[tensor]), begin)
        total = offset(data_of(like, sums[tensor]), begin)
        step_size = real(step_sizes[tensor])
        for i in range(n):
            gradient = gradient_of(g[i], p[i], sign, weight_decay)
            total[i] += gradient * gradient
            p[i] -= step_size * (gradient / (math.sqrt(total[i]) + eps))
        tensor += 1


@kernel
def rmsprop_block(
    block: int, like: Reals, starts: Ints, first: Ints, tensors: int, params: Ints, grads: Ints, squares: Ints,
    buffers: Ints, means: Ints, lr: float, alpha: float, rate: float, eps: float, weight_decay: float,
    momentum: float, sign: float,
) -> None:  # fmt: skip
    """See `rmsprop`; ``rate`` is 1 - alpha."""
    tensor = first[block]
    while tensor < tensors and starts[tensor] < (block + 1) * BLOCK:
        begin, n = piece_of(block, starts, tensor)
        p, g = offset(data_of(like, params[tensor]), begin), offset(data_of(like, grads[tensor]), begin)
        square = offset(data_of(like, squares[tensor]), begin)
        mean = offset(data_of(like, means[tensor]), begin) if CENTERED else square
        buffer = offset(data_of(like, buffers[tensor]), begin) if MOMENTUM else square
        for i in range(n):
            gradient = gradient_of(g[i], p[i], sign, weight_decay)
            v = alpha * square[i] + rate * gradient * gradient
            square[i] = v
            if CENTERED:
                m = mean[i] + rate * (gradient - mean[i])
                mean[i] = m
                v -= m * m
                if v < 0:  # by rounding, as for a constant gradient
                    v = real(0)
            change = gradient / (math.sqrt(v) + eps)
            if MOMENTUM:
                change = momentum * buffer[i] + change
                buffer[i] = change
            p[i] -= lr * change
        tensor += 1


Arrays: TypeAlias = Sequence[np.ndarray]
Run: TypeAlias = Callable[[np.ndarray, tuple[Any, ...], list[np.ndarray], list[np.ndarray], int], None]


def _all_reached(columns: Sequence[Arrays]) -> bool:
    """Whether a kernel reaches all arrays as they are: one dtype, C-contiguous and writable, the shapes in order."""
    if all(type(column) is Table for column in columns):
        return True
    dtype = columns[0][0].dtype if columns[0] else None
    if dtype != np.float32 and dtype != np.float64:
        return False
    shapes = [array.shape for array in columns[0]]
    return all(
        [array.shape for array in column] == shapes
        and all(array.dtype is dtype and array.flags.carray for array in column)
        for column in columns
    )


def _parts(function: str, lists: Sequence[Arrays], names: Sequence[str]) -> list[list[np.ndarray]]:
    """The lists, checked, with complex arrays as real and imaginary parts, each of which is updated alone."""
    params = lists[0]
    for name, arrays in zip(names, lists, strict=True):
        if len(arrays) != len(params):
            raise ValueError(f"{function}: {len(params)} parameters need as many {name}, got {len(arrays)}.")
        for i, (param, array) in enumerate(zip(params, arrays, strict=True)):
            if array.shape != param.shape:
                raise ValueError(
                    f"{function}: {name}[{i}] has shape {array.shape}, but its parameter has {param.shape}."
                )
    if not any(param.dtype.kind == "c" for param in params):
        return [list(arrays) for arrays in lists]
    split: list[list[np.ndarray]] = [[] for _ in lists]
    for tensors in zip(*lists, strict=True):
        for part, array in zip(split, tensors, strict=True):
            part.extend((array.real, array.imag) if tensors[0].dtype.kind == "c" else (array,))
    return split


def _step(
    function: str,
    lists: dict[str, Arrays],
    numbers: Sequence[Sequence[float] | np.ndarray],
    run: Run,
) -> None:
    """Run a kernel once for each dtype. Arrays that it cannot reach (strides, half precision) go through a copy.

    ``lists``: parameters, gradients, then state, by name; all but the gradients are written. ``numbers``: lists with a
    number for each parameter. ``run`` is called with an array of the dtype, the plan (starts, first, tensors), the
    tables of the lists, the arrays of the numbers, and the number of blocks.
    """
    names = list(lists)
    if _all_reached(list(lists.values())):  # as a rule: the checks below take longer than a small step
        _run_tables([_as_table(arrays) for arrays in lists.values()], numbers, run)
        return
    columns = _parts(function, list(lists.values()), names)
    if len(columns[0]) != len(lists["params"]):  # complex: a number for each part
        counts = [2 if param.dtype.kind == "c" else 1 for param in lists["params"]]
        numbers = [np.repeat(row, counts) for row in numbers]
    groups: dict[np.dtype, list[int]] = {}
    for i, param in enumerate(columns[0]):
        groups.setdefault(param.dtype, []).append(i)
    for dtype, members in groups.items():
        if dtype.kind != "f" or dtype.itemsize > 8:
            raise TypeError(f"{function}: parameters are floating-point or complex, got {dtype}.")
        own = np.dtype(np.float32) if dtype.itemsize < 8 else dtype
        copied: list[tuple[np.ndarray, np.ndarray]] = []
        reached = []
        for name, column in zip(names, columns, strict=True):
            arrays = []
            for i in members:
                array = column[i]
                flags = array.flags
                if array.dtype != own or not (
                    flags.carray if name != "grads" else flags.c_contiguous and flags.aligned
                ):
                    if name != "grads" and not flags.writeable:
                        raise ValueError(f"{function}: {name}[{i}] of shape {array.shape} is read-only.")
                    array = np.array(array, own, order="C")
                    if name != "grads":
                        copied.append((column[i], array))
                arrays.append(array)
            reached.append(arrays)
        _run_tables([Table(arrays) for arrays in reached], [[row[i] for i in members] for row in numbers], run)
        for original, copy in copied:
            original[...] = copy


def _as_table(arrays: Arrays) -> Table:
    return arrays if type(arrays) is Table else Table(arrays)


def _run_tables(tables: Sequence[Table], numbers: Sequence[Sequence[float] | np.ndarray], run: Run) -> None:
    starts, first, blocks = tables[0].plan
    if blocks:
        rows = [np.array(row, np.float64) for row in numbers]
        run(tables[0][0], (starts, first, len(tables[0])), [table.identities for table in tables], rows, blocks)


def sgd(
    params: Arrays,
    grads: Arrays,
    momentum_buffers: Arrays | None,
    first_step: Sequence[bool] | None = None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """Stochastic gradient descent, in place (Sutskever et al. 2013, in PyTorch's form).

    g += weight_decay * p;  b = momentum * b + (1 - dampening) * g, in the first step b = g;
    p -= lr * b, with nesterov p -= lr * (g + momentum * b).
    ``momentum_buffers`` may be None if momentum is 0. ``first_step`` says for each parameter whether its buffer is new
    (its contents do not matter then); None means that none is. ``maximize`` turns the sign of the gradients.
    """
    if momentum != 0 and momentum_buffers is None:
        raise ValueError("sgd: momentum needs momentum_buffers, one for each parameter.")
    has_momentum = momentum != 0
    lists = {"params": params, "grads": grads}
    if has_momentum and momentum_buffers is not None:
        lists["momentum_buffers"] = momentum_buffers
    variant = sgd_block.with_constants(
        DECAY=int(weight_decay != 0), MOMENTUM=int(has_momentum), NESTEROV=int(nesterov and has_momentum)
    )

    def run(like, plan, tables, numbers, blocks):
        buffers = tables[2] if has_momentum else None
        fresh = numbers[0].astype(np.int64)
        sign = -1.0 if maximize else 1.0
        variant(
            like, *plan, tables[0], tables[1], buffers, fresh, lr, momentum, 1 - dampening, weight_decay, sign,
            blocks=blocks,
        )  # fmt: skip

    _step("sgd", lists, [first_step if first_step is not None else [False] * len(params)], run)


def adam(
    params: Arrays,
    grads: Arrays,
    exp_avg: Arrays,
    exp_avg_sq: Arrays,
    max_exp_avg_sq: Arrays | None,
    steps: Sequence[float],
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    maximize: bool = False,
) -> None:
    """Adam (Kingma and Ba 2015), AdamW if ``decoupled`` (Loshchilov and Hutter 2019), in place.

    g += weight_decay * p, or if decoupled p *= 1 - lr * weight_decay;  m += (1 - beta1) * (g - m);
    v = beta2 * v + (1 - beta2) * g**2;
    p -= lr / (1 - beta1**step) * m / (sqrt(v) / sqrt(1 - beta2**step) + eps).
    With ``max_exp_avg_sq`` (AMSGrad, Reddi et al. 2018) the largest v so far takes the place of v. ``steps`` has the
    number of this step for each parameter, from 1.
    """
    lists = {"params": params, "grads": grads, "exp_avg": exp_avg, "exp_avg_sq": exp_avg_sq}
    if max_exp_avg_sq is not None:
        lists["max_exp_avg_sq"] = max_exp_avg_sq
    factors = {step: (lr / (1 - beta1**step), 1 / math.sqrt(1 - beta2**step)) for step in set(steps)}
    variant = adam_block.with_constants(
        DECAY=int(weight_decay != 0 and not decoupled), AMSGRAD=int(max_exp_avg_sq is not None)
    )

    def run(like, plan, tables, numbers, blocks):
        largest = tables[4] if max_exp_avg_sq is not None else None
        shrink = 1 - lr * weight_decay if decoupled else 1.0
        variant(
            like, *plan, *tables[:4], largest, *numbers, 1 - beta1, beta2, 1 - beta2, eps, weight_decay, shrink,
            -1.0 if maximize else 1.0, blocks=blocks,
        )  # fmt: skip

    _step("adam", lists, [[factors[step][i] for step in steps] for i in range(2)], run)


def adagrad(
    params: Arrays,
    grads: Arrays,
    state_sum: Arrays,
    steps: Sequence[float],
    *,
    lr: float,
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    eps: float = 1e-10,
    maximize: bool = False,
) -> None:
    """Adagrad (Duchi et al. 2011), in place.

    g += weight_decay * p;  s += g**2;  p -= lr / (1 + (step - 1) * lr_decay) * g / (sqrt(s) + eps).
    ``steps`` has the number of this step for each parameter, from 1.
    """
    lists = {"params": params, "grads": grads, "state_sum": state_sum}
    variant = adagrad_block.with_constants(DECAY=int(weight_decay != 0))

    def run(like, plan, tables, numbers, blocks):
        sign = -1.0 if maximize else 1.0
        variant(like, *plan, *tables, *numbers, weight_decay, eps, sign, blocks=blocks)

    _step("adagrad", lists, [[lr / (1 + (step - 1) * lr_decay) for step in steps]], run)


def rmsprop(
    params: Arrays,
    grads: Arrays,
    square_avg: Arrays,
    momentum_buf: Arrays | None = None,
    grad_avg: Arrays | None = None,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    maximize: bool = False,
) -> None:
    """RMSprop (Hinton's lecture 6 of 2012; centered: Graves 2013), in place.

    g += weight_decay * p;  v = alpha * v + (1 - alpha) * g**2;
    with ``grad_avg`` (centered) a += (1 - alpha) * (g - a) and u = max(v - a**2, 0), otherwise u = v;
    with momentum b = momentum * b + g / (sqrt(u) + eps) and p -= lr * b, otherwise p -= lr * g / (sqrt(u) + eps).
    ``momentum_buf`` may be None if momentum is 0.
    """
    if momentum > 0 and momentum_buf is None:
        raise ValueError("rmsprop: momentum needs momentum_buf, one for each parameter.")
    lists = {"params": params, "grads": grads, "square_avg": square_avg}
    if momentum > 0 and momentum_buf is not None:
        lists["momentum_buf"] = momentum_buf
    if grad_avg is not None:
        lists["grad_avg"] = grad_avg
    variant = rmsprop_block.with_constants(
        DECAY=int(weight_decay != 0), MOMENTUM=int(momentum > 0), CENTERED=int(grad_avg is not None)
    )

    def run(like, plan, tables, numbers, blocks):
        named = dict(zip(lists, tables, strict=True))
        variant(
            like, *plan, *tables[:3], named.get("momentum_buf"), named.get("grad_avg"), lr, alpha, 1 - alpha, eps,
            weight_decay, momentum, -1.0 if maximize else 1.0, blocks=blocks,
        )  # fmt: skip

    _step("rmsprop", lists, [], run)
