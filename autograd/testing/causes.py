"""Why a gradient is wrong, told from how it is wrong."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .close import float_results
from .jacobians import Block, Function, evaluate, reals

_CLOSE = 1e-3  # relative: what differences are good for


def likely_cause(
    function: Function, arguments: Sequence[Any], found: Sequence[Block], block: Block, atol: float, rtol: float
) -> str:
    """One sentence on why `block`, one of `found`, has wrong entries; the most telling sign wins."""
    have, want, wrong = block.have, block.want, block.wrong(atol, rtol)
    precision = _too_coarse(function, arguments, block, wrong)
    if precision:
        return precision
    kinks = _kinks(block, wrong, atol, rtol)
    if kinks is not None and not (wrong & ~kinks).any():
        return _at_kink(block, kinks, arguments)
    if kinks is not None:  # the rest has another cause
        have, want = np.where(kinks, 0, have), np.where(kinks, 0, want)
        wrong &= ~kinks
    same = _Comparison(want, atol, rtol)
    undefined = np.isnan(have) & np.isfinite(want)
    if undefined.any():
        column = int(np.argwhere(undefined)[0][1])
        return (
            f"it is NaN where the difference is finite, as at {_place(block, column, arguments)}: the rule divides by "
            f"0, or computes inf - inf or 0 * inf. Where the incoming gradient is 0 the result has to be 0."
        )
    if not block.connected:
        return (
            "no path of the graph leads from the result to this input. Was it taken out of the graph on the way, by "
            "detach(), .data, .numpy(), item() or no_grad(), or has it no gradient rule?"
        )
    if np.all(have[wrong] == 0) and np.all(have == 0):
        return "the gradient is zero: the rule has lost this input."
    for sign in (
        _of_complex_numbers(have, want, block, same),
        _factor(have, want, block),
        _swapped(block, found, same, have),
        _transposed(have, block, same),
        _not_summed(have, want, wrong, block),
        _same_elsewhere(have, want, block),
        _constant_along(have, want, block),
        _off_by_constant(have, want, block),
    ):
        if sign:
            return sign
    return (
        "no factor, sign, transposition or missing sum explains it: a term of the derivative is wrong or missing. "
        "Look at each place where the input is used."
    )


class _Comparison:
    """Whether an array has the right entries."""

    def __init__(self, want: np.ndarray, atol: float, rtol: float) -> None:
        self.want, self.atol, self.rtol = want, atol, max(rtol, _CLOSE)

    def __call__(self, have: np.ndarray) -> bool:
        return have.shape == self.want.shape and np.allclose(have, self.want, rtol=self.rtol, atol=self.atol * 10)


def _place(block: Block, column: int, arguments: Sequence[Any]) -> str:
    """`x[0, 2] = 0.5`, the element of the input that a column belongs to."""
    at = tuple(int(i) for i in np.unravel_index(column, block.in_shape))
    value = arguments[block.input].data.reshape(-1)[column]
    inside = ", ".join(map(str, at))
    return f"input {block.input}{f'[{inside}]' if at else ''} = {value:.10g}"


def _too_coarse(function: Function, arguments: Sequence[Any], block: Block, wrong: np.ndarray) -> str | None:
    """Whether the values have fewer digits than float64, so that small differences mean nothing."""
    if block.out_dtype.char in "fFe":
        return (
            f"the result is {block.out_dtype}, although the inputs are in double precision: something on the way casts "
            f"to fewer digits, and differences of such values mean nothing."
        )
    column = int(np.argwhere(wrong)[0][1])
    base = arguments[block.input].data
    steps = (1e-3, -1e-3)
    values = []
    for step in steps:
        moved = base.copy()
        moved.reshape(-1)[column] += step
        replaced = [*arguments[: block.input], type(arguments[block.input])(moved), *arguments[block.input + 1 :]]
        values.append(evaluate(function, replaced)[block.output])
    rough = (values[0] - values[1]) / 2e-3
    have = block.have[:, column].real
    rows = wrong[:, column]
    small_steps = np.abs(block.want[:, column].real - have)[rows]
    close = np.allclose(rough[rows], have[rows], rtol=2e-2, atol=1e-3) and np.all(small_steps > 0)
    if close or _is_rounded(function, arguments, block):
        return (
            "a step of 0.001 gives other differences than a small one: somewhere in the middle values have float32's "
            "digits. Look for a cast, or for an array that is made in float32."
        )
    return None


def _is_rounded(function: Function, arguments: Sequence[Any], block: Block) -> bool:
    """Whether all values are float32 numbers, which those of a float64 function rarely are."""
    values = reals(float_results(function(*arguments))[block.output].data)
    values = values[np.isfinite(values)]
    with np.errstate(all="ignore"):
        uncommon = values[values * 1024 != np.round(values * 1024)]  # 0.5 and 3 are numbers of both
        return uncommon.size > 0 and bool(np.all(uncommon.astype(np.float32) == uncommon))


def _kinks(block: Block, wrong: np.ndarray, atol: float, rtol: float) -> np.ndarray | None:
    """The wrong entries at which steps to the right and to the left give different derivatives."""
    with np.errstate(all="ignore"):
        gap = np.abs(block.right - block.left)
        kinks = wrong & ~(gap <= 10 * atol + 0.01 * (np.abs(block.right) + np.abs(block.left)))
    return kinks if kinks.any() else None


def _at_kink(block: Block, kinks: np.ndarray, arguments: Sequence[Any]) -> str:
    row, column = (int(i) for i in np.argwhere(kinks)[0])
    right, left, have = (float(np.real(a[row, column])) for a in (block.right, block.left, block.have))
    if max(abs(right), abs(left)) > 1e4 * max(1.0, abs(have)):
        return (
            f"the function jumps at {_place(block, column, arguments)}, where it has no derivative. Check at other "
            f"points."
        )
    return (
        f"a kink: at {_place(block, column, arguments)} the derivative is {left:.6g} to the left and {right:.6g} to "
        f"the right, and differences mean nothing; the gradient is {have:.6g}. Check at other points, away from ties "
        f"and from where the function switches branches."
    )


def _ratio(have: np.ndarray, want: np.ndarray) -> complex | None:
    """What `have` is times `want`, if it is the same everywhere."""
    with np.errstate(all="ignore"):
        big = np.abs(want) > 1e-4 * max(1e-2, float(np.abs(want).max(initial=0)))
        if not big.any() or np.any(np.abs(have[~big]) > 1e-2 * np.abs(have).max(initial=0)):
            return None
        ratios = have[big] / want[big]
    r = ratios[np.argmax(np.abs(want[big]))]
    return r if np.all(np.abs(ratios - r) <= 5e-3 * abs(r)) else None


def _factor(have: np.ndarray, want: np.ndarray, block: Block) -> str | None:
    r = _ratio(have, want)
    if r is None or abs(r) < 1e-6 or abs(r - 1) < _CLOSE:
        return None
    if abs(np.imag(r)) > 1e-3 * abs(r):
        return f"a wrong factor: the gradient is {r:.4g} times what it should be."
    r = float(np.real(r))
    if abs(r + 1) < _CLOSE:
        return "a wrong sign: the gradient is -1 times what it should be."
    text = f"a wrong factor: the gradient is {r:.6g} times what it should be."
    for n, what in _counts(block):
        if abs(r / n - 1) < _CLOSE:
            return f"{text} {n} is {what}: is a division by it missing (a mean), or is a sum taken twice?"
        if abs(r * n - 1) < _CLOSE:
            return f"{text} That is 1/{n}, and {n} is {what}: a mean where a sum is needed?"
    return text


def _counts(block: Block) -> Iterator[tuple[int, str]]:
    """The numbers that a forgotten or superfluous mean multiplies or divides by, and what they count."""
    for shape, whose in ((block.in_shape, "the input"), (block.out_shape, "the result")):
        if math.prod(shape) > 2:
            yield math.prod(shape), f"the number of elements of {whose}"
        for axis, n in enumerate(shape):
            if n > 2:
                yield n, f"the length of axis {axis} of {whose}"
    elements: int = math.prod(block.in_shape)
    results: int = math.prod(block.out_shape)
    if results > elements > 0 and results % elements == 0:
        yield results // elements, "how often the input is repeated in the result"


def _of_complex_numbers(have: np.ndarray, want: np.ndarray, block: Block, same: _Comparison) -> str | None:
    if have.dtype.kind != "c":
        return None
    turned = have.conj()
    if block.out_dtype.kind == "c":
        turned[1::2] *= -1  # the rows of imaginary parts start with i, which is not conjugated
    if same(turned) or same(have.conj()):
        return (
            "it is the conjugate of what it should be: PyTorch's convention, which holds here, is the incoming "
            "gradient times the conjugate of the derivative."
        )
    if np.all(have.imag == 0) and np.allclose(have.real, want.real, rtol=_CLOSE, atol=1e-4):
        return "only its real part is right, and the imaginary part is lost."
    return None


def _swapped(block: Block, found: Sequence[Block], same: _Comparison, have: np.ndarray) -> str | None:
    for other in found:
        alike = other.output == block.output and other.input != block.input and other.in_shape == block.in_shape
        crossed = _Comparison(block.want, same.atol, same.rtol)
        if alike and _Comparison(other.want, same.atol, same.rtol)(have) and crossed(other.have):
            return f"it is the gradient by input {other.input}: have the rules of the two inputs been swapped?"
    return None


def _transposed(have: np.ndarray, block: Block, same: _Comparison) -> str | None:
    rows = have.shape[0]
    for shape, whose, before in ((block.in_shape, "gradient", True), (block.out_shape, "incoming gradient", False)):
        if not before and len(block.in_shape) < len(shape):  # then it is summed over the wrong axes
            continue
        for a, b in itertools.combinations(range(len(shape)), 2):
            if shape[a] == 1 or shape[b] == 1:
                continue
            flipped = [*shape]
            flipped[a], flipped[b] = flipped[b], flipped[a]
            for form in {tuple(flipped), tuple(shape)}:  # handed over in the other shape, or put into the right one
                if before:
                    turned = have.reshape(rows, *form).swapaxes(a + 1, b + 1).reshape(rows, -1)
                elif math.prod(shape) == rows:
                    turned = have.reshape(*form, -1).swapaxes(a, b).reshape(rows, -1)
                else:
                    continue
                if same(turned):
                    return f"the {whose} is transposed: axes {a} and {b} stand in each other's place."
    return None


def _not_summed(have: np.ndarray, want: np.ndarray, wrong: np.ndarray, block: Block) -> str | None:
    """A rule that forgets to sum lets through only some elements of the incoming gradient."""
    if not np.all(np.abs(have[wrong]) <= 1e-9) or math.prod(block.out_shape) != have.shape[0]:
        return None
    by_element = wrong.any(axis=1).reshape(block.out_shape)
    for axis, n in enumerate(block.out_shape):
        lost = np.array([by_element.take(i, axis).any() for i in range(n)])
        if n > 1 and lost.sum() == n - 1:
            return (
                f"a missing sum: of axis {axis} of the incoming gradient only index {int(np.argmin(lost))} reaches "
                f"this input, and the others are lost. Sum over that axis."
            )
    return "a part of it is missing: it is right or 0. Are some elements of the incoming gradient lost, or overwritten?"


def _same_elsewhere(have: np.ndarray, want: np.ndarray, block: Block) -> str | None:
    ordered = np.sort_complex(have), np.sort_complex(want)
    if have.shape[1] > 1 and np.allclose(*ordered, rtol=_CLOSE, atol=1e-5):
        return (
            "the right numbers stand in the wrong places: a sum over other axes than the input is broadcast along (a "
            "missing sum, undone by position), a wrong permutation, or wrong indices."
        )
    return None


def _constant_along(have: np.ndarray, want: np.ndarray, block: Block) -> str | None:
    """A gradient that was summed, or averaged, where each element has one of its own."""
    shaped = have.reshape(-1, *block.in_shape)
    target = want.reshape(-1, *block.in_shape)
    for axis, n in enumerate(block.in_shape):
        if n < 2 or not np.abs(shaped).max() > 0:
            continue
        spread, right_spread = (np.ptp(np.abs(a), axis=axis + 1).max(initial=0) for a in (shaped, target))
        if spread < 1e-9 and right_spread > 1e-3:
            total = np.allclose(shaped.take(0, axis + 1), target.sum(axis + 1), rtol=_CLOSE, atol=1e-5)
            what = "the sum of the right ones" if total else "one number"
            return f"along axis {axis} of the input it is {what} in each place: summed where it must not be."
    return None


def _off_by_constant(have: np.ndarray, want: np.ndarray, block: Block) -> str | None:
    """A gradient through a mean or a sum of the input that is missing."""
    off = (want - have).real.reshape(-1, *block.in_shape)
    for axis, n in enumerate(block.in_shape):
        if n > 1 and np.ptp(off, axis=axis + 1).max() < 1e-4 * max(1.0, float(np.abs(off).max())):
            return (
                f"a missing term: what is missing is the same along axis {axis} of the input, so that the gradient "
                f"through a sum or mean over that axis was left out."
            )
    return None
