"""What does not hold for one sample of an operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..op import Op, Sample
from ..tensor import Tensor
from .cases import Broken, Case
from .close import show
from .properties import PROPERTIES, Property
from .samples import op_of


@dataclass
class Failure:
    """A property that does not hold for a sample."""

    op: Op
    name: str  # of the property
    sentence: str
    sample: Sample
    error: Exception
    also: int = 0  # other samples for which it does not hold

    @property
    def kind(self) -> tuple[str, str]:
        """What failures of one cause have in common: the error, and the words of it, or of its cause, that come first.

        Numbers are left out of them.
        """
        if isinstance(self.error, AssertionError):
            return "", re.split(r"[\d:.,]", self.cause)[0]
        return type(self.error).__name__, re.sub(r"[\d(),\s]+", " ", str(self.error))

    @property
    def text(self) -> str:
        """What is wrong, in one line."""
        if isinstance(self.error, AssertionError):
            return str(self.error)
        return f"{type(self.error).__name__}: {self.error}"

    @property
    def cause(self) -> str:
        """The likely cause, or an empty string."""
        return self.error.cause if isinstance(self.error, Broken) else ""

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.sentence}"]
        others = f", and {self.also} other{'s' * (self.also > 1)}" if self.also else ""
        lines.append(f"  sample  {self.op.name}({describe_sample(self.sample, values=True)}){others}")
        lines.append(f"  found   {self.text}")
        if isinstance(self.error, Broken) and isinstance(self.error.have, np.ndarray):
            lines.append(f"  have    {_indented(self.error.have)}")
            lines.append(f"  want    {_indented(self.error.want)}")
        if self.cause:
            lines.append(f"  cause   {self.cause}")
        return "\n".join(lines)


def _indented(value: Any) -> str:
    return show(value).replace("\n", "\n          ")


def as_sample(value: Any) -> Sample:
    """A sample as it stands; arguments, tensors among them, as a sample."""
    if isinstance(value, Sample):
        return value
    args = value if isinstance(value, (tuple, list)) else (value,)
    return Sample(*(a.data if isinstance(a, Tensor) else a for a in args))


def describe_sample(sample: Sample, values: bool = False) -> str:
    """`float64(2, 3), dim=1`; with `values` the numbers of small arrays too."""

    def show_one(value: Any) -> str:
        if isinstance(value, np.ndarray):
            numbers = (
                f" {np.array2string(value, precision=8, separator=', ')}" if values and 0 < value.size <= 8 else ""
            )
            return f"{value.dtype}{value.shape}{numbers}".replace("\n", "")
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(show_one(item) for item in value) + "]"
        return repr(value)

    return ", ".join([show_one(v) for v in sample.args] + [f"{k}={show_one(v)}" for k, v in sample.kwargs.items()])


def check(op: Op, sample: Sample, wanted: Iterable[Property] = tuple(PROPERTIES.values())) -> Iterator[Failure]:
    """The properties that do not hold for one sample, without those that follow from others among them."""
    case = Case(op, sample)
    failed: dict[str, bool] = {}

    def fails(promise: Property) -> Failure | None:
        try:
            promise.check(case)
        except Exception as error:
            failed[promise.name] = True
            return Failure(op, promise.name, promise.sentence, sample, error)
        failed[promise.name] = False
        return None

    for promise in wanted:
        if any(failed.get(name, False) for name in promise.follows_from):
            continue
        failure = fails(promise)
        if failure is None:
            continue
        earlier = [PROPERTIES[name] for name in promise.follows_from if name not in failed]
        if not any(fails(other) for other in earlier):
            yield failure


def failures(op: Any, sample: Sample) -> Iterator[str]:
    """The properties that do not hold for one sample, each with what was found."""
    for failure in check(op_of(op), sample):
        yield str(failure)


def wrong_use(op: Op, sample: Sample, kind: type[Exception], words: str) -> Failure | None:
    """What is wrong with the error for a wrong use, if anything is."""
    error = _wrong_use(op, sample, kind, words)
    sentence = "A wrong use does not give the error that was declared for it."
    return None if error is None else Failure(op, "wrong use", sentence, sample, error)


def _wrong_use(op: Op, sample: Sample, kind: type[Exception], words: str) -> Exception | None:

    def as_tensor(value: Any) -> Any:
        return Tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value

    args = [[as_tensor(v) for v in a] if isinstance(a, list) else as_tensor(a) for a in sample.args]
    try:
        op.call(*args, **{key: as_tensor(value) for key, value in sample.kwargs.items()})
    except kind as error:
        if words not in str(error):
            return Broken(f"The error does not say {words!r}: {error}")
        return None if op.name in str(error) else Broken(f"The error does not name {op.name}: {error}")
    except Exception as error:
        return Broken(f"It raises {type(error).__name__} instead of {kind.__name__}: {error}")
    return Broken(f"It raises nothing instead of {kind.__name__}.")
