"""Functions made of functions: gradients, products with the Jacobian from either side, Jacobians and Hessians.

They follow `torch.func` (which `autograd.func` spells) and work on nested structures of tensors, within each other, and
with `vmap` in either order. A function runs on *variables*, fresh tensors in the place of its arguments, so that what
is differentiated here and what is recorded outside do not meet; a result keeps its graph only where something outside
requires a gradient.

Forward mode is two backward passes: the product with the transposed Jacobian is linear in the vector it is given, and
its derivative by that vector is the product with the Jacobian. Every rule can be differentiated, so this is exact; it
is not available for a `Function` whose backward can not be differentiated.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import functions as ops
from .batched import Batched, Level, deepest, lowered, of_all, raised
from .batching import vmap
from .modes import ModeSetting, modes
from .tensor import Tensor, to_array, wrap
from .tracing import Trace, ones_of, zeros_of
from .trees import Structure, flatten


def _chosen(argnums: int | Sequence[int], count: int, name: str) -> list[int]:
    """The positions that argnums names, counted from the first."""
    numbers = [argnums] if isinstance(argnums, int) else list(argnums)
    if not numbers:
        raise ValueError(f"{name}: argnums is empty. Name the arguments to differentiate by.")
    for number in numbers:
        if not isinstance(number, int):
            raise TypeError(f"{name}: argnums is an int or several, not {number!r}.")
        if not -count <= number < count:
            raise IndexError(f"{name}: argnums names argument {number}, and the function was given {count}.")
    positions = [number % count for number in numbers]
    if len(set(positions)) < len(positions):
        raise ValueError(f"{name}: argnums {tuple(numbers)} names an argument twice.")
    return positions


def _traced(
    func: Callable[..., Any],
    argnums: int | Sequence[int],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    name: str,
    has_aux: bool,
) -> Trace:
    """The function, run on variables in the place of the arguments that argnums names."""
    positions = _chosen(argnums, len(args), name)

    def run(given: list[Any]) -> Any:
        whole = list(args)
        for position, value in zip(positions, given, strict=True):
            whole[position] = value
        return func(*whole, **kwargs)

    return Trace(func, [args[position] for position in positions], name, run, has_aux)


def _by_argument(trace: Trace, leaves: Sequence[Any], argnums: int | Sequence[int]) -> Any:
    """Something for each variable, in the structure of the arguments."""
    found = trace.structure.rebuild(leaves)
    return found[0] if isinstance(argnums, int) else found


# ---------------------------------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------------------------------
def grad_and_value(
    func: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the gradient of `func`, and its value, as (gradient, value).

    func: returns one element, or with has_aux a tuple of that and anything else; then the result is
    (gradient, (value, rest)).
    argnums: the argument to differentiate by, or several; then the gradient is a tuple. An argument may be a tuple,
    list or dict of tensors, and so is its gradient.

    >>> import autograd
    >>> slope, value = autograd.func.grad_and_value(lambda x: x**3)(autograd.tensor(2.0))
    >>> slope.item(), value.item()
    (12.0, 8.0)
    """

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        trace = _traced(func, argnums, args, kwargs, "grad", has_aux)
        if len(trace.results) != 1 or trace.results[0].shape != ():
            shapes = ", ".join(str(result.shape) for result in trace.results)
            raise RuntimeError(
                f"grad: the function returned {len(trace.results)} tensors of shape {shapes}, and only one without "
                f"axes has a gradient. Reduce it, as with .sum(); or use vjp or jacrev."
            )
        trace.check_results()
        if trace.results[0].dtype.kind == "c":
            raise TypeError(
                f"grad: the function returned {trace.results[0].dtype}, and only a real number has one gradient. "
                f"Return its real part or abs(), or use vjp."
            )
        found = trace.pull([ones_of(trace.outputs[0])], retain_graph=False)
        gradient = _by_argument(trace, trace.shown(found), argnums)
        return gradient, ((trace.value(), trace.aux) if has_aux else trace.value())

    return differentiated


def value_and_grad(
    func: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`grad_and_value` in the other order: (value, gradient).

    >>> import autograd
    >>> value, slope = autograd.value_and_grad(lambda x: x**3)(autograd.tensor(2.0))
    >>> value.item(), slope.item()
    (8.0, 12.0)
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return value, gradient

    return differentiated


def grad(func: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of `func`; see `grad_and_value`.  With has_aux, (gradient, rest).

    (`autograd.grad` is another thing: the gradients of tensors by tensors.)

    >>> import autograd
    >>> cube = lambda x: x**3
    >>> autograd.func.grad(autograd.func.grad(cube))(autograd.tensor(2.0)).item()
    12.0
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return differentiated


# ---------------------------------------------------------------------------------------------------------------------
# Products with the Jacobian
# ---------------------------------------------------------------------------------------------------------------------
def matched(vectors: Any, tensors: Sequence[Any], structure: Structure, name: str, what: str) -> list[Any]:
    """The leaves of what a Jacobian is to be multiplied by, checked against what they belong to."""
    leaves, given = flatten(vectors)
    if given != structure:
        raise ValueError(f"{name}: {what} has the structure {given!r}, and must have {structure!r}.")
    found = []
    for leaf, tensor in zip(leaves, tensors, strict=True):
        if not isinstance(leaf, (Tensor, Batched)):
            leaf = wrap(to_array(leaf))
        if leaf.shape != tensor.shape:
            raise ValueError(f"{name}: {what} has shape {leaf.shape} where {tensor.shape} is needed.")
        if leaf.dtype.kind == "c" and tensor.dtype.kind != "c":
            raise TypeError(
                f"{name}: {what} is {leaf.dtype} where {tensor.dtype} is needed, and its imaginary part would be lost. "
                f"Take the real and the imaginary part one after the other."
            )
        found.append(leaf if leaf.dtype == tensor.dtype else leaf.to(tensor.dtype))
    return found


def _levels_since(level: Level | None) -> list[Level]:
    """The vmaps that have begun since, innermost first."""
    levels = []
    current: Level | None = modes.level
    while current is not None and current is not level:
        levels.append(current)
        current = current.outer
    return levels


def _through(trace: Trace, vectors: Sequence[Any], pull: Callable[[list[Any]], list[Any]]) -> list[Any]:
    """`pull` on vectors that may differ from example to example of vmaps that have begun since the function ran.

    Those examples are carried side by side through the one graph that there is.
    """
    level = trace.level
    since = _levels_since(level)
    apart = deepest(vectors)
    if not since or apart is None or apart not in since:
        with ModeSetting(level=None):
            lower = [lowered(vector, level) for vector in vectors]
            return trace.shown(pull(lower))
    sizes = tuple(one.size for one in reversed(since))
    inner = Level(math.prod(sizes), "error", None)
    depth = 0 if level is None else level.depth
    with ModeSetting(level=level):
        wide = [lowered(vector, since[0], level) for vector in vectors]
        flat = [one.reshape((inner.size, *one.shape[len(sizes) :])) for one in wide]
    with ModeSetting(level=None):
        found = pull([Batched(inner, lowered(one, level).movedim(depth, 0)) for one in flat])
        whole = [raised(of_all(inner, one).movedim(0, depth), level) for one in found]
    with ModeSetting(level=level):
        apart_again = [one.reshape((*sizes, *one.shape[1:])) for one in whole]
    return [raised(one, since[0], level) for one in apart_again]


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The result of func(*primals), and a function that multiplies vectors by its Jacobian, from the left.

    That function takes a cotangent in the structure of the result, and returns a tuple with one gradient for each of
    primals; it can be called any number of times. With has_aux: (result, function, rest).

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> y, pull = autograd.vjp(lambda x: x * x, x)
    >>> pull(autograd.tensor([1.0, 10.0]))
    (tensor([ 2., 40.]),)
    """
    trace = Trace(func, primals, "vjp", None, has_aux)
    trace.check_results()

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool = False) -> tuple[Any, ...]:
        vectors = matched(cotangents, trace.results, trace.result_structure, "vjp", "the cotangent")
        linked = create_graph or (modes.recording and any(_needs_gradient(vector) for vector in vectors))
        found = _through(trace, vectors, lambda starts: trace.pull(starts, None, None, linked, retain_graph))
        if not (linked or trace.linked) or not modes.recording:
            found = [g.detach() for g in found]
        return tuple(trace.structure.rebuild(found))

    return (trace.value(), vjp_fn, trace.aux) if has_aux else (trace.value(), vjp_fn)


def _needs_gradient(value: Any) -> bool:
    return bool(value.requires_grad)


class Linearized:
    """The product with the Jacobian at a point, as a function that can be called again and again."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        # Any vector will do, as the product is linear in it; ones are no gradient that absorbs what is not finite.
        self.dummies = [_slope_like(output).requires_grad_() for output in trace.outputs]
        self.products = trace.pull(self.dummies, create_graph=True)

    def push(self, tangents: list[Any], create_graph: bool = False) -> list[Any]:
        """One product for each output."""
        found = self.trace.pull(tangents, self.products, self.dummies, create_graph)
        return [
            slope if output.dtype.kind in "fc" else zeros_of(output)
            for slope, output in zip(found, self.trace.outputs, strict=True)
        ]


def _slope_like(output: Tensor) -> Tensor:
    """A vector that an output can be multiplied by; that of integers, whose slopes are 0, is never used."""
    return ones_of(output) if output.dtype.kind in "fc" else wrap(np.ones(output.shape, np.float32))


def jvp(
    func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """The result of func(*primals), and its Jacobian times the tangents: the slope in their direction.

    primals, tangents: tuples of the arguments, and of a direction for each.
    strict: raises where the result does not depend on the primals, rather than giving 0.
    With has_aux: (result, product, rest). Two backward passes, see the head of the module.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0])
    >>> autograd.jvp(lambda x: x * x, (x,), (autograd.tensor([1.0, 10.0]),))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    for given, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(given, (tuple, list)):
            raise TypeError(f"jvp: {what} is a tuple with one entry for each argument, not {type(given).__name__}.")
    trace = Trace(func, tuple(primals), "jvp", None, has_aux)
    if strict and not all(trace.depends()):
        raise RuntimeError("jvp: a result does not depend on the primals, and strict=True forbids it.")
    found = _pushed(Linearized(trace), tangents)
    product = trace.result_structure.rebuild(found)
    return (trace.value(), product, trace.aux) if has_aux else (trace.value(), product)


def _pushed(linear: Linearized, tangents: Any) -> list[Any]:
    trace = linear.trace
    shapes = trace.shown(trace.variables)
    vectors = matched(tuple(tangents), shapes, trace.structure, trace.name, "the tangent")
    linked = modes.recording and (trace.linked or any(_needs_gradient(vector) for vector in vectors))
    found = _through(trace, vectors, lambda given: linear.push(given, linked))
    return found if linked else [g.detach() for g in found]


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The result of func(*primals), and the product with its Jacobian there, as a function of a tangent for each.

    The function runs once, and the product can be taken any number of times.

    >>> import autograd
    >>> y, push = autograd.func.linearize(lambda x: x * x, autograd.tensor([1.0, 2.0]))
    >>> push(autograd.tensor([1.0, 0.0])), push(autograd.tensor([0.0, 1.0]))
    (tensor([2., 0.]), tensor([0., 4.]))
    """
    trace = Trace(func, primals, "linearize")
    linear = Linearized(trace)

    def jvp_fn(*tangents: Any) -> Any:
        return trace.result_structure.rebuild(_pushed(linear, tangents))

    return trace.value(), jvp_fn


# ---------------------------------------------------------------------------------------------------------------------
# Jacobians
# ---------------------------------------------------------------------------------------------------------------------
def _basis(shapes: Sequence[tuple[int, ...]], dtypes: Sequence[Any]) -> list[Tensor]:
    """For each tensor a batch of vectors: one vector for each element of all of them, 1 there and 0 elsewhere."""
    sizes = [math.prod(shape) for shape in shapes]
    total = sum(sizes)
    basis, start = [], 0
    for shape, size, dtype in zip(shapes, sizes, dtypes, strict=True):
        rows = np.zeros((total, size), dtype)
        rows[np.arange(start, start + size), np.arange(size)] = 1
        basis.append(wrap(rows.reshape(total, *shape)))
        start += size
    return basis


def jacrev(
    func: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that gives the Jacobian of `func`, row by row: quick where it has fewer results than arguments.

    argnums: the argument to differentiate by, or several. The Jacobian of a result of shape S by an argument of shape
    T has shape S + T; it comes in the structure of the results, and within that in that of the arguments.
    chunk_size: how many rows to compute at once (default: all).

    >>> import autograd
    >>> autograd.func.jacrev(lambda x: x * x)(autograd.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        trace = _traced(func, argnums, args, kwargs, "jacrev", has_aux)
        trace.check_results()
        rows = jacobian_rows(trace, chunk_size)
        found = trace.result_structure.rebuild([_by_argument(trace, row, argnums) for row in rows])
        return (found, trace.aux) if has_aux else found

    return jacobian


def jacobian_rows(trace: Trace, chunk_size: int | None = None, create_graph: bool = False) -> list[list[Any]]:
    """For each result its Jacobian by each variable."""
    for result in trace.results:
        if result.dtype.kind == "c":
            raise TypeError(
                f"{trace.name}: the function returned {result.dtype} of shape {result.shape}, and a row of a Jacobian "
                f"can not tell its real part from its imaginary part. Return view_as_real(result)."
            )
    shapes = [result.shape for result in trace.results]
    basis = _basis(shapes, [result.dtype for result in trace.results])

    def pull(*vectors: Any) -> list[Any]:
        return _through(trace, vectors, lambda starts: trace.pull(starts, create_graph=create_graph))

    found = _all_of(pull, basis, chunk_size, trace.shown(trace.variables))
    if not trace.linked and not create_graph:
        found = [g.detach() for g in found]
    rows, start = [], 0
    for shape in shapes:
        size = math.prod(shape)
        rows.append([g[start : start + size].reshape((*shape, *g.shape[1:])) for g in found])
        start += size
    return rows


def _all_of(pull: Callable[..., Any], basis: list[Tensor], chunk_size: int | None, like: Sequence[Any]) -> list[Any]:
    """`pull` on each vector of a basis; like: what it gives."""
    if not basis or not len(basis[0]):
        return [ops.zeros((0, *tensor.shape), dtype=tensor.dtype) for tensor in like]
    return list(vmap(pull, chunk_size=chunk_size)(*basis))


def jacfwd(
    func: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    *,
    chunk_size: int | None = None,
    randomness: str = "error",
) -> Callable[..., Any]:
    """The function that gives the Jacobian of `func`, column by column; see `jacrev`.

    randomness: accepted and ignored, as the function runs only once.

    >>> import autograd
    >>> autograd.func.jacfwd(lambda x: (x * x).sum())(autograd.tensor([1.0, 2.0]))
    tensor([2., 4.])
    """

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        trace = _traced(func, argnums, args, kwargs, "jacfwd", has_aux)
        columns = jacobian_columns(trace, chunk_size)
        found = trace.result_structure.rebuild([_by_argument(trace, row, argnums) for row in columns])
        return (found, trace.aux) if has_aux else found

    return jacobian


def jacobian_columns(trace: Trace, chunk_size: int | None = None, create_graph: bool = False) -> list[list[Any]]:
    """For each result its Jacobian by each variable, from products with the Jacobian."""
    variables = trace.shown(trace.variables)
    for one in variables:
        if one.dtype.kind == "c":
            raise TypeError(
                f"{trace.name}: an argument of shape {one.shape} is {one.dtype}, and a column of the Jacobian can not "
                f"tell its real part from its imaginary part. Give view_as_real(x), and view_as_complex it inside."
            )
    basis = _basis([v.shape for v in variables], [v.dtype for v in variables])
    linear = Linearized(trace)
    linked = create_graph or trace.linked

    def push(*vectors: Any) -> list[Any]:
        return _through(trace, vectors, lambda given: linear.push(given, linked))

    found = _all_of(push, basis, chunk_size, trace.results)
    if not linked:
        found = [g.detach() for g in found]
    rows = []
    for columns in found:  # (elements of all variables, *S)
        row, start = [], 0
        for v in variables:
            size = math.prod(v.shape)
            part = columns[start : start + size].movedim(0, -1)
            row.append(part.reshape((*columns.shape[1:], *v.shape)))
            start += size
        rows.append(row)
    return rows


def hessian(func: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The function that gives the second derivatives of `func`: the Jacobian of the Jacobian.

    >>> import autograd
    >>> autograd.func.hessian(lambda x: (x**3).sum())(autograd.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
