"""Every operation, on every one of its samples, keeps all that an operation promises (`autograd.testing`)."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
from autograd.op import Op, Sample, registry
from autograd.testing import Draw, describe_sample, failures, samples_of

CASES = [
    pytest.param(op, sample, id=f"{op.name}-{i}") for op in registry.values() for i, sample in enumerate(samples_of(op))
]
ERRORS = [
    pytest.param(op, *error, id=f"{op.name}-{i}")
    for op in registry.values()
    if op.errors is not None
    for i, error in enumerate(op.errors(Draw(op.name, op.domain)))
]


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_conformance(op: Op, sample: Sample) -> None:
    found = list(failures(op, sample))
    assert not found, f"{op.name}({describe_sample(sample)}):\n" + "\n".join(found)


@pytest.mark.parametrize(("op", "sample", "kind", "words"), ERRORS)
def test_wrong_use_is_named(op: Op, sample: Sample, kind: type[Exception], words: str) -> None:
    def as_tensor(value: Any) -> Any:
        return autograd.Tensor(value) if hasattr(value, "dtype") else value

    args = [[as_tensor(v) for v in a] if isinstance(a, list) else as_tensor(a) for a in sample.args]
    with pytest.raises(kind) as caught:
        op.call(*args, **{key: as_tensor(value) for key, value in sample.kwargs.items()})
    assert words in str(caught.value)
    assert op.name in str(caught.value)


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in registry.values()])
def test_every_operation_has_samples_and_documentation(op: Op) -> None:
    assert samples_of(op), f"{op.name} has no samples"
    assert op.doc, f"{op.name} has no documentation"
    assert "->" in op.doc, f"the documentation of {op.name} does not give its shapes"
