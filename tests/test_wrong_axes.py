"""A wrong axis is an error of the operation that was called, and not of one that it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.op import registry
from autograd.testing import Draw

NAMES = {"dim", "dims", "axis", "dim0", "dim1", "dim2", "start_dim", "end_dim", "dimension"}
OPERATIONS = [name for name, op in sorted(registry.items()) if op.samples and NAMES & set(op.parameters)]


def tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ag.Tensor(value)
    return type(value)(tensors(member) for member in value) if isinstance(value, (list, tuple)) else value


def wrong_calls(name: str) -> Any:
    """Samples of the operation, with 99 for an axis."""
    op = registry[name]
    assert op.samples is not None
    for sample in op.samples(Draw(op.name, op.domain)):
        for parameter in sorted(NAMES & set(op.parameters)):
            args, kwargs = list(sample.args), dict(sample.kwargs)
            place = list(op.parameters).index(parameter)
            if place < len(args):
                args[place:] = [99] if op.variadic else [99, *args[place + 1 :]]
            else:
                kwargs[parameter] = 99
            yield args, kwargs


def refusal(name: str, args: Any, kwargs: Any) -> str:
    """The words of the error; none where 99 is no wrong axis, as of what takes any number of axes."""
    try:
        registry[name].call(*tensors(args), **tensors(kwargs))
    except (IndexError, TypeError, ValueError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_wrong_axis_is_named_by_the_operation(name):
    found = [words for words in (refusal(name, *call) for call in wrong_calls(name)) if words]
    assert [words for words in found if not words.startswith(f"{name}: ")] == []


def test_most_operations_refuse_the_axis():
    refused = [name for name in OPERATIONS if refusal(name, *next(iter(wrong_calls(name))))]
    assert len(refused) > 0.85 * len(OPERATIONS) > 85


def test_the_two_ways_to_name_axes_of_tensordot():
    x = ag.ones(2, 3)
    for dims, kind in ((99, IndexError), (-1, IndexError), (1.5, TypeError), ((0,), ValueError)):
        with pytest.raises(kind, match=r"^tensordot: "):
            ag.tensordot(x, x, dims)
