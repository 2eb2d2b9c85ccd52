"""Random numbers: one generator for all, or one's own.

Every function takes `generator`; without it, the default generator serves, which `manual_seed` sets. The same seed
gives the same numbers in every process, for any number of threads. float32 numbers are drawn as such, not rounded from
float64.

The state of a generator is a dict of ints, to be saved as JSON.
"""

from __future__ import annotations

import contextlib
import operator
import secrets
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..modes import modes
from ..tensor import Tensor, get_default_dtype, to_array, wrap
from .creation import creation, dtype_of, lengths, on_cpu, per_example, tensor_of

_MASK = (1 << 64) - 1


class Generator:
    """A stream of random numbers with a seed and a state of its own.

    >>> import autograd
    >>> a = autograd.Generator().manual_seed(7)
    >>> b = autograd.Generator().manual_seed(7)
    >>> bool((autograd.rand(3, generator=a) == autograd.rand(3, generator=b)).all())
    True
    """

    device = "cpu"

    def __init__(self, device: Any = None) -> None:
        on_cpu(device)
        self.lock = threading.RLock()
        self._numpy: np.random.Generator | None = None  # made when first used
        self._seed = secrets.randbits(63)

    @property
    def numpy(self) -> np.random.Generator:
        """The NumPy generator that draws the numbers.  Hold `lock` while several draws belong together."""
        with self.lock:
            if self._numpy is None:
                self._numpy = np.random.Generator(np.random.PCG64(self._seed & _MASK))
            return self._numpy

    def manual_seed(self, seed: int) -> Generator:
        """Starts anew from a seed.  Returns the generator itself."""
        try:
            seed = operator.index(seed)
        except TypeError:
            raise TypeError(f"manual_seed: a seed is an int, not {seed!r}.") from None
        with self.lock:
            self._seed, self._numpy = seed, None
        return self

    def seed(self) -> int:
        """Starts anew from a seed that the system chooses, and returns it."""
        seed = secrets.randbits(63)
        self.manual_seed(seed)
        return seed

    def initial_seed(self) -> int:
        """The seed that the stream began with."""
        return self._seed

    def get_state(self) -> dict[str, int]:
        """Where the stream is: a dict of ints."""
        with self.lock:
            state: Any = self.numpy.bit_generator.state
            return {
                "seed": self._seed,
                "state": int(state["state"]["state"]),
                "inc": int(state["state"]["inc"]),
                "has_uint32": int(state["has_uint32"]),
                "uinteger": int(state["uinteger"]),
            }

    def set_state(self, state: dict[str, int]) -> Generator:
        """Continues where `get_state` was called.  Returns the generator itself."""
        try:
            values = {key: int(state[key]) for key in ("seed", "state", "inc", "has_uint32", "uinteger")}
        except (KeyError, TypeError, ValueError):
            raise ValueError("set_state: takes what get_state returned, a dict of five ints.") from None
        with self.lock:
            self._seed = values["seed"]
            self._numpy = np.random.Generator(np.random.PCG64(0))
            self._numpy.bit_generator.state = {
                "bit_generator": "PCG64",
                "state": {"state": values["state"], "inc": values["inc"]},
                "has_uint32": values["has_uint32"],
                "uinteger": values["uinteger"],
            }
        return self

    def __getstate__(self) -> dict[str, int]:
        return self.get_state()

    def __setstate__(self, state: dict[str, int]) -> None:
        self.__init__()  # type: ignore[misc]
        self.set_state(state)

    def __repr__(self) -> str:
        return f"Generator(seed={self._seed})"


creation(Generator)
default_generator = Generator()


@creation
def manual_seed(seed: int) -> Generator:
    """Starts the default generator anew from a seed, and returns it."""
    return default_generator.manual_seed(seed)


@creation
def seed() -> int:
    """Starts the default generator anew from a seed that the system chooses, and returns it."""
    return default_generator.seed()


@creation
def initial_seed() -> int:
    """The seed that the default generator began with."""
    return default_generator.initial_seed()


@creation
def get_rng_state() -> dict[str, int]:
    """Where the default generator is: a dict of ints."""
    return default_generator.get_state()


@creation
def set_rng_state(state: dict[str, int]) -> None:
    """Lets the default generator continue where `get_rng_state` was called."""
    default_generator.set_state(state)


@creation
@contextlib.contextmanager
def fork_rng(enabled: bool = True) -> Iterator[None]:
    """What is drawn inside the `with` block leaves the default generator as it was."""
    state = default_generator.get_state()
    try:
        yield
    finally:
        if enabled:
            default_generator.set_state(state)


# ---------------------------------------------------------------------------------------------------------------------
# On arrays
# ---------------------------------------------------------------------------------------------------------------------
DIRECT = (np.dtype(np.float32), np.dtype(np.float64))


def draws_of(generator: Generator | None) -> np.random.Generator:
    if modes.level is not None:
        modes.level.draw()
    if generator is None:
        return default_generator.numpy
    if isinstance(generator, Generator):
        return generator.numpy
    raise TypeError(f"generator: takes an autograd.Generator, not {type(generator).__name__}.")


def uniform_array(shape: tuple[int, ...], dtype: DTypeLike, generator: Generator | None = None) -> np.ndarray:
    """Numbers from 0 up to, and without, 1, drawn in their dtype."""
    dtype = np.dtype(dtype)
    rng: Any = draws_of(generator)
    if dtype in DIRECT:
        return np.asarray(rng.random(shape, dtype))
    if dtype.kind == "c":
        return (rng.random(shape) + 1j * rng.random(shape)).astype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"rand: {dtype} holds no numbers between 0 and 1. Use randint, or a floating-point dtype.")
    # As many bits as float16 has; rounding others would give 1.
    return (rng.integers(0, 1 << 11, shape) * 2.0**-11).astype(dtype)


def normal_array(shape: tuple[int, ...], dtype: DTypeLike, generator: Generator | None = None) -> np.ndarray:
    """Numbers from the standard normal distribution, drawn in their dtype."""
    dtype = np.dtype(dtype)
    rng: Any = draws_of(generator)
    if dtype in DIRECT:
        return np.asarray(rng.standard_normal(shape, dtype.type))
    if dtype.kind == "c":  # of variance 1, both parts together
        return ((rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) * 0.5**0.5).astype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"randn: {dtype} holds no normally distributed numbers. Use a floating-point dtype.")
    return np.asarray(rng.standard_normal(shape, np.float32)).astype(dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Uniform and normal
# ---------------------------------------------------------------------------------------------------------------------
@per_example
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Uniform numbers from 0 up to, and without, 1, in a shape given as ints or as one tuple."""
    on_cpu(device)
    return tensor_of(uniform_array(lengths(size, "rand"), dtype_of(dtype), generator), requires_grad)


@per_example
def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Numbers from the standard normal distribution, in a shape given as ints or as one tuple."""
    on_cpu(device)
    return tensor_of(normal_array(lengths(size, "randn"), dtype_of(dtype), generator), requires_grad)


@per_example
def rand_like(
    input: Any, generator: Generator | None = None, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Uniform numbers from 0 to 1 in the shape and dtype of another tensor."""
    like = to_array(input)
    return tensor_of(uniform_array(like.shape, like.dtype if dtype is None else dtype, generator), requires_grad)


@per_example
def randn_like(
    input: Any, generator: Generator | None = None, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """Standard normal numbers in the shape and dtype of another tensor."""
    like = to_array(input)
    return tensor_of(normal_array(like.shape, like.dtype if dtype is None else dtype, generator), requires_grad)


@per_example
def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers with a mean and a standard deviation: numbers, with a size, or tensors with one for each element.

    To differentiate by mean and std write `mean + std * randn_like(mean)`.
    """
    m, s = to_array(mean), to_array(std)
    if (s < 0).any():
        raise ValueError("normal: a standard deviation is 0 or more.")
    shape = np.broadcast_shapes(m.shape, s.shape)
    if size is not None:
        shape = lengths(size if isinstance(size, (tuple, list)) else (size,), "normal")
        np.broadcast_shapes(shape, m.shape, s.shape)
    if dtype is None:
        given = [
            a.dtype for a, value in ((m, mean), (s, std)) if not isinstance(value, (int, float)) and a.dtype.kind == "f"
        ]
        dtype = np.result_type(*given) if given else get_default_dtype()
    drawn = normal_array(shape, dtype, generator)
    return tensor_of(np.asarray(drawn * s + m).astype(drawn.dtype, copy=False), requires_grad)


# ---------------------------------------------------------------------------------------------------------------------
# Integers
# ---------------------------------------------------------------------------------------------------------------------
def integers_array(low: Any, high: Any, shape: tuple[int, ...], generator: Generator | None) -> np.ndarray:
    low, high = operator.index(low), operator.index(high)
    if low >= high:
        raise ValueError(f"randint: there is no integer from {low} up to, and without, {high}.")
    return np.asarray(draws_of(generator).integers(low, high, shape, np.int64))


@per_example
def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DTypeLike = np.int64,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Integers from low up to, and without, high: randint(high, size) or randint(low, high, size)."""
    on_cpu(device)
    if size is None and isinstance(high, (tuple, list)):
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if size is None:
        raise TypeError("randint: needs a size, a tuple of ints: randint(0, 10, (3,)).")
    shape = lengths(size if isinstance(size, (tuple, list)) else (size,), "randint")
    return tensor_of(integers_array(low, high, shape, generator).astype(dtype, copy=False), requires_grad)


@per_example
def randint_like(
    input: Any, low: int, high: int | None = None, generator: Generator | None = None, dtype: DTypeLike | None = None
) -> Tensor:
    """Integers from low (or 0) up to, and without, high, in the shape and dtype of another tensor."""
    like = to_array(input)
    low, high = (0, low) if high is None else (low, high)
    drawn = integers_array(low, high, like.shape, generator)
    return wrap(drawn.astype(like.dtype if dtype is None else dtype, copy=False))


@per_example
def randperm(n: int, generator: Generator | None = None, dtype: DTypeLike = np.int64) -> Tensor:
    """The integers from 0 to n - 1 in random order."""
    if not hasattr(n, "__index__") or operator.index(n) < 0:
        raise ValueError(f"randperm: n is an int of 0 or more, not {n!r}.")
    return wrap(draws_of(generator).permutation(n).astype(dtype, copy=False))


# ---------------------------------------------------------------------------------------------------------------------
# Counts and choices
# ---------------------------------------------------------------------------------------------------------------------
def checked_probabilities(p: np.ndarray, name: str) -> np.ndarray:
    if p.dtype.kind not in "biuf":
        raise TypeError(f"{name}: probabilities are real numbers, not {p.dtype}.")
    if not ((p >= 0) & (p <= 1)).all():  # False for NaN too
        raise ValueError(f"{name}: probabilities lie between 0 and 1.")
    return p


@per_example
def bernoulli(input: Any, p: float | None = None, generator: Generator | None = None) -> Tensor:
    """1 with the probability that each element gives (or p everywhere), else 0, in the dtype of input."""
    like = to_array(input)
    probability = checked_probabilities(like if p is None else np.asarray(p), "bernoulli")
    return wrap((draws_of(generator).random(like.shape) < probability).astype(like.dtype))


@per_example
def poisson(input: Any, generator: Generator | None = None) -> Tensor:
    """Poisson counts with the rate that each element gives, in the dtype of input."""
    rate = to_array(input)
    if not (rate >= 0).all():
        raise ValueError("poisson: rates are 0 or more.")
    return wrap(np.asarray(draws_of(generator).poisson(rate)).astype(rate.dtype))


@per_example
def binomial(count: Any, prob: Any, generator: Generator | None = None) -> Tensor:
    """How many of `count` trials succeed, each with probability `prob`, in the dtype of count.  count, prob: (*) -> (*)

    ValueError for a count that is negative or no whole number, or a probability outside 0 to 1.
    """
    trials, probability = to_array(count), checked_probabilities(to_array(prob), "binomial")
    if trials.dtype.kind not in "iuf" or not (trials >= 0).all() or (trials != np.floor(trials)).any():
        raise ValueError("binomial: counts are whole numbers of 0 or more.")
    drawn = draws_of(generator).binomial(trials.astype(np.int64), probability)
    return wrap(np.asarray(drawn).astype(trials.dtype))


@per_example
def multinomial(input: Any, num_samples: int, replacement: bool = False, generator: Generator | None = None) -> Tensor:
    """Places drawn with the weights in the last axis.  input: (N) or (rows, N) -> (samples) or (rows, samples)

    Without replacement no place is drawn twice. Weights need not add up to 1.
    """
    weights = to_array(input)
    if weights.ndim not in (1, 2) or weights.dtype.kind != "f":
        raise ValueError(
            f"multinomial: weights are floats of shape (N) or (rows, N), not {weights.dtype} of {weights.shape}."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("multinomial: weights are finite and 0 or more.")
    rows = np.atleast_2d(weights).astype(np.float64)
    enough = (rows > 0).sum(1).min(initial=rows.shape[1])
    if not enough or num_samples < 1 or (not replacement and num_samples > enough):
        raise ValueError(
            f"multinomial: can not draw {num_samples} places {'with' if replacement else 'without'} replacement where "
            f"{enough} weights are greater than 0."
        )
    rng: Any = draws_of(generator)
    if replacement:
        sums = np.cumsum(rows, 1)
        marks = rng.random((len(rows), num_samples)) * sums[:, -1:]
        drawn = np.stack([np.searchsorted(line, mark, "right") for line, mark in zip(sums, marks, strict=True)])
        # A mark that rounding has put on the end belongs to the last place that has a weight.
        last = rows.shape[1] - 1 - (rows[:, ::-1] > 0).argmax(1)
        drawn = np.minimum(drawn, last[:, None])
    else:
        # The first of exponential waiting times with these rates is drawn with these weights, and so on.
        with np.errstate(divide="ignore"):
            times = rng.standard_exponential(rows.shape) / rows
        drawn = np.argsort(times, axis=1, kind="stable")[:, :num_samples]
    drawn = drawn.astype(np.int64, copy=False)
    return wrap(drawn if weights.ndim == 2 else drawn[0])
