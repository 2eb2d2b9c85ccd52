"""Gradients against differences, for one function, and why they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..gradients import grad
from ..modes import ModeSetting
from ..tensor import Tensor
from .causes import likely_cause
from .close import float_results, show
from .jacobians import Block, Function, blocks, by_projection, evaluate, upcast

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(AssertionError, RuntimeError):
    """What gradcheck raises.  An AssertionError, and, as in PyTorch, a RuntimeError.

    cause: the likely cause, if one was found.
    """

    def __init__(self, text: str, cause: str = "") -> None:
        super().__init__(f"{text}\nLikely cause: {cause}" if cause else text)
        self.cause = cause


def gradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    fast_mode: bool = False,
) -> bool:
    """Whether the gradients of `function` agree with central differences, element by element.

    Tensors among `inputs` that require a gradient are checked, in float64 or complex128 whatever they are. Raises
    GradcheckError, which says where they differ and what the likely cause is, or returns False.

    eps: the step of the differences. atol, rtol: absolute and relative tolerance.
    nondet_tol: how much two runs may differ.
    check_undefined_grad: of several results, the gradient of each alone must add up to that of all.
    fast_mode: one random combination of the outputs along one random direction of each input instead of each element:
    two evaluations an input, however large it is.

    >>> import autograd as ag
    >>> x = ag.tensor([0.5, -1.0], requires_grad=True)
    >>> ag.testing.gradcheck(lambda x: x.exp() * x, x)
    True
    """
    arguments: list[Any] = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    checked = [i for i, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck: none of the inputs requires a gradient. Set requires_grad=True on one.")
    arguments = [upcast(x) for x in arguments]
    try:
        _check_repeatable(function, arguments, checked, nondet_tol)
        if fast_mode:
            _check_projection(function, arguments, checked, eps, atol, rtol)
        else:
            check_blocks(function, arguments, checked, eps, atol, rtol)
        if check_undefined_grad:
            _check_together(function, arguments, checked, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    function: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    fast_mode: bool = False,
) -> bool:
    """Whether the second derivatives of `function` agree with differences of its gradients.

    grad_outputs: what the gradients start with, one for each result; random numbers unless given. The others are as in
    `gradcheck`.
    """
    arguments: list[Any] = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    arguments = [upcast(x) for x in arguments]
    checked = [i for i, x in enumerate(arguments) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradgradcheck: none of the inputs requires a gradient. Set requires_grad=True on one.")
    outputs = float_results(function(*arguments))
    used = [k for k, output in enumerate(outputs) if output.requires_grad]
    if grad_outputs is None:
        rng = np.random.default_rng(0)
        starts = [_random_like(rng, outputs[k]) for k in used]
    else:
        given = list(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else [grad_outputs]
        starts = [upcast(start, requires_grad=True) for start in given]
    if not starts:
        raise ValueError("gradgradcheck: no result of the function requires a gradient. Use gradcheck first.")

    def gradients(*values: Any) -> tuple[Tensor, ...]:
        with ModeSetting(recording=True):  # even where only values are asked for: a gradient is needed to get them
            values = tuple(
                Tensor(v.data, requires_grad=True) if i in checked and not v.requires_grad else v
                for i, v in enumerate(values)
            )
            given, weights = values[: len(arguments)], values[len(arguments) :]
            results = float_results(function(*given))
            wanted = [given[i] for i in checked]
            found = grad(
                [results[k] for k in used],
                wanted,
                weights,
                create_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradients,
        [*arguments, *starts],
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        fast_mode=fast_mode,
    )


def _random_like(rng: np.random.Generator, output: Tensor) -> Tensor:
    values: Any = rng.standard_normal(output.shape)
    if output.is_complex():
        values = values + 1j * rng.standard_normal(output.shape)
    return Tensor(np.asarray(values), requires_grad=True)


def _check_repeatable(function: Function, arguments: Sequence[Any], checked: Sequence[int], tolerance: float) -> None:
    """Values and gradients must be the same each time, and the inputs left alone."""
    before = [arguments[i].data.copy() for i in checked]
    first, second = (evaluate(function, arguments) for _ in range(2))
    for i, array in zip(checked, before, strict=True):
        if not np.array_equal(arguments[i].data, array, equal_nan=True):
            raise GradcheckError(f"gradcheck: the function changes its input {i}. Let it work on a clone().")
    if len(first) != len(second) or any(_far(a, b, tolerance) for a, b in zip(first, second, strict=True)):
        raise GradcheckError(
            "gradcheck: the function gives other values when it is called again with the same inputs: it is not "
            "deterministic. Seed what is random inside it, as with manual_seed(0)."
        )
    passes = [_all_gradients(function, arguments, checked) for _ in range(2)]
    for i, a, b in zip(checked, *passes, strict=True):
        if a is not None and b is not None and _far(a, b, tolerance):
            raise GradcheckError(
                f"gradcheck: the values are the same each time, but two backward passes give other gradients by input "
                f"{i}: the backward pass is not deterministic. Does the rule draw random numbers of its own, or change "
                f"what it has saved?"
            )


def _far(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return a.shape != b.shape or not np.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True)


def _all_gradients(
    function: Function, arguments: Sequence[Any], checked: Sequence[int], one_by_one: bool = False
) -> list[np.ndarray | None]:
    """The gradients of all results together, or of one after the other, added."""
    rng = np.random.default_rng(0)
    outputs = [t for t in float_results(function(*arguments)) if t.requires_grad]
    starts = [_random_like(rng, output).data for output in outputs]
    targets = [arguments[i] for i in checked]
    total: list[np.ndarray | None] = [None] * len(targets)
    rounds = [([o], [s]) for o, s in zip(outputs, starts, strict=True)] if one_by_one else [(outputs, starts)]
    for some, begin in rounds:
        found = grad(some, targets, begin, retain_graph=True, allow_unused=True) if some else total
        for n, g in enumerate(found):
            if isinstance(g, Tensor):
                have = total[n]
                total[n] = g.data if have is None else have + g.data
    return total


def _check_together(
    function: Function, arguments: Sequence[Any], checked: Sequence[int], atol: float, rtol: float
) -> None:
    if len([t for t in float_results(function(*arguments)) if t.requires_grad]) < 2:
        return
    together = _all_gradients(function, arguments, checked)
    apart = _all_gradients(function, arguments, checked, one_by_one=True)
    for i, a, b in zip(checked, together, apart, strict=True):
        a, b = (np.zeros(arguments[i].shape) if g is None else g for g in (a, b))
        if not np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
            raise GradcheckError(
                f"gradcheck: the gradient by input {i} of all results together is not the sum of those of each alone\n"
                f"  together  {show(a)}\n  apart     {show(b)}",
                "the rule does not expect that no gradient reaches one of the results.",
            )


def check_blocks(
    function: Function, arguments: Sequence[Any], checked: Sequence[int], eps: float, atol: float, rtol: float
) -> None:
    """Raises GradcheckError where an entry differs, with a likely cause."""
    found = blocks(function, arguments, checked, eps)
    for block in found:
        wrong = block.wrong(atol, rtol)
        if wrong.any():
            cause = likely_cause(function, arguments, found, block, atol, rtol)
            raise GradcheckError(_where(block, wrong), cause)


def _where(block: Block, wrong: np.ndarray) -> str:
    row = int(np.argwhere(wrong)[0][0])
    shape = block.in_shape
    at = ", ".join(map(str, block.element(row)))
    imaginary = block.out_dtype.kind == "c" and row % 2
    part = f"{'the imaginary part of ' if imaginary else ''}element [{at}] of output {block.output}"
    return (
        f"gradcheck: the gradient of {part} by input {block.input}, of shape {shape}, is not what differences give\n"
        f"  gradient     {show(block.have[row].reshape(shape))}\n"
        f"  differences  {show(block.want[row].reshape(shape))}"
    )


_FEW = 10_000  # entries of Jacobians that are worth computing to explain what a projection has found


def _check_projection(
    function: Function, arguments: Sequence[Any], checked: Sequence[int], eps: float, atol: float, rtol: float
) -> None:
    rng = np.random.default_rng(0)
    for i, have, want, reach in by_projection(function, arguments, checked, eps, rng):
        if abs(have - want) <= atol * max(1.0, reach) + rtol * abs(want):
            continue
        outputs = sum(values.size for values in evaluate(function, arguments))
        if outputs * sum(arguments[n].data.size for n in checked) <= _FEW:
            check_blocks(function, arguments, checked, eps, atol, rtol)
        raise GradcheckError(
            f"gradcheck: along a random direction of input {i} the derivative of a random sum of the outputs is\n"
            f"  gradient     {have:.10g}\n  differences  {want:.10g}\n"
            f"Without fast_mode, and on smaller inputs, the check says which element is wrong, and the likely cause."
        )
