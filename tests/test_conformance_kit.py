"""The conformance kit finds what is wrong with an operation, names it, and shows the smallest sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Function, Sample
from autograd.op import functions
from autograd.testing import ConformanceError, Report, conformance

SAMPLES = [
    Sample(np.random.default_rng(0).uniform(0.5, 2.0, (3, 4))),
    Sample(np.random.default_rng(1).uniform(0.5, 2.0, 5)),
]
PAIRS = [
    Sample(np.random.default_rng(0).uniform(0.5, 2.0, (4, 3)), np.random.default_rng(1).uniform(0.5, 2.0, (4, 3))),
    Sample(np.random.default_rng(0).uniform(0.5, 2.0, (4, 3)), np.random.default_rng(1).uniform(0.5, 2.0, 3)),
]


def unary(forward: Callable[..., Any], rule: Callable[..., Any], **facts: Any) -> Any:
    """A primitive of one input."""

    def planted(x: Any) -> Any:
        """Planted.  x: (*) -> (*)"""
        return forward(x)

    op = ag.primitive(planted, method=False, **facts)
    op.gradient(x=rule)
    return op


def found_in(op: Any, samples: Any = SAMPLES, **options: Any) -> Report:
    """The report on an operation that is wrong."""
    with pytest.raises(ConformanceError) as caught:
        conformance(op, samples, **options)
    assert str(caught.value) == str(caught.value.report)
    return caught.value.report


def only(report: Report, name: str) -> str:
    """That this property alone is broken; the text about it."""
    assert report.broken == [name], str(report)
    return str(report.failures[0])


# ---------------------------------------------------------------------------------------------------------------------
# Planted faults
# ---------------------------------------------------------------------------------------------------------------------
def test_a_wrong_factor() -> None:
    report = found_in(unary(lambda x: x * x, lambda g, x: g * x))
    text = only(report, "gradient")
    assert "a wrong factor: the gradient is 0.5 times what it should be" in text
    assert "planted(float64() " in text  # shrunk to a single number
    assert ", and 1 other" in text


def test_a_wrong_sign() -> None:
    assert "a wrong sign" in only(found_in(unary(lambda x: -x, lambda g: g)), "gradient")


def test_a_missing_term() -> None:
    report = found_in(unary(lambda x: x * np.sin(x), lambda g, x: g * ag.sin(x)), [Sample(SAMPLES[0].args[0])])
    only(report, "gradient")
    assert "By x (input 0)" in report.failures[0].text


class BiasPerChannel(Function):
    """A bias (C) for each channel of (N, C, L), whose backward leaves the sum over N and L out."""

    @staticmethod
    def forward(ctx: Any, x: ag.Tensor, bias: ag.Tensor) -> ag.Tensor:
        return x + bias.reshape(-1, 1)

    @staticmethod
    def backward(ctx: Any, g: ag.Tensor) -> Any:
        return g, g


def test_a_missing_sum_over_what_is_broadcast() -> None:
    """Silently wrong where the sizes fit by chance, and an error of the backward pass where they do not."""
    rng = np.random.default_rng(0)
    report = found_in(BiasPerChannel, [Sample(rng.standard_normal((2, 3, 3)), rng.standard_normal(3))])
    text = only(report, "gradient")
    assert "By bias (input 1)" in text
    assert "wrong places" in text
    report = found_in(BiasPerChannel, [Sample(rng.standard_normal((2, 3, 4)), rng.standard_normal(3))])
    assert "its gradient rule made a gradient of shape" in only(report, "runs")


def test_a_missing_reduction() -> None:
    """The rule hands on the first row of the incoming gradient instead of the sum over rows."""

    def planted(x: Any, y: Any) -> Any:
        """Planted.  x: (N, K), y: (K) -> (N, K)"""
        return x + y

    op = ag.primitive(planted, method=False)
    op.gradient(x=lambda g: g, y=lambda g: g[0] if g.ndim > 1 else g)
    text = only(found_in(op, PAIRS[1:]), "gradient")
    assert "a missing sum: of axis 0 of the incoming gradient only index 0 reaches this input" in text
    assert "float64(2, 1)" in text  # the smallest that shows it
    assert "float64(1,)" in text


def test_an_input_that_is_changed() -> None:
    def forward(x: Any) -> Any:
        x *= 2
        return x + 0

    text = only(found_in(unary(forward, lambda g: g * 2)), "inputs unchanged")
    assert "Copy it first" in text


def test_an_incoming_gradient_that_is_changed() -> None:
    def rule(g: Any) -> Any:
        g *= 2
        return g + 0

    only(found_in(unary(lambda x: x * 2, rule), skip=["second derivative"]), "incoming gradient unchanged")


def test_a_wrong_dtype_of_the_result() -> None:
    op = unary(lambda x: x * np.float64(2), lambda g: g * 2)
    text = only(found_in(op), "dtype")
    assert "The result of float32 inputs is float64" in text
    low = unary(lambda x: (x * 2).astype(np.float32), lambda g: g * 2)
    assert "dtype" in found_in(low).broken


def test_a_wrong_dtype_of_the_gradient() -> None:
    text = only(found_in(unary(lambda x: x * 2, lambda g: g * 2 * np.float64(1))), "dtype of the gradient")
    assert "Of float32 inputs a rule makes a gradient of float64" in text
    digits = unary(lambda x: x * 2, lambda g: (g * 2).astype(np.float32))
    assert "Of float64 inputs a rule makes a gradient of float32" in only(found_in(digits), "dtype of the gradient")


def test_strides_that_are_ignored() -> None:
    """What a kernel does that gets the address of an array, and takes its elements to lie in order."""

    def forward(x: Any) -> Any:
        in_order = x if min(x.strides, default=1) >= 0 else x[::-1]
        flat = np.lib.stride_tricks.as_strided(in_order, (x.size,), (x.itemsize,))
        return flat.reshape(x.shape) * 2

    text = only(found_in(unary(forward, lambda g: g * 2)), "layout")
    assert "np.ascontiguousarray" in text


def test_strides_that_are_ignored_in_the_gradient() -> None:
    def rule(g: Any) -> Any:
        if isinstance(g, ag.Tensor):
            return g * 2
        return g.ravel(order="K").reshape(g.shape) * 2

    text = only(found_in(unary(lambda x: x * 2, rule)), "layout")
    assert "Where the incoming gradient is not contiguous" in text


def test_memory_that_is_shared_and_not_said() -> None:
    text = only(found_in(unary(lambda x: x[::-1], lambda g: g[::-1])), "memory")
    assert "declare view=True" in text
    assert conformance(unary(lambda x: x[::-1], lambda g: g[::-1], view=True), SAMPLES)


def test_a_gradient_that_is_what_was_saved() -> None:
    op = ag.primitive(lambda x, y: (x * y).sum(), name="planted", method=False)
    op.gradient(x=lambda g, y: y if not isinstance(g, ag.Tensor) else g * y, y=lambda g, x: g * x)
    report = found_in(op, PAIRS[:1], skip=["gradient", "what is asked for", "reuse", "second derivative", "layout"])
    assert "the rule returns what was saved" in str(report)


def test_a_gradient_that_depends_on_what_is_asked_for() -> None:
    op = ag.primitive(lambda x, y: x * y, name="planted", method=False)

    @op.gradients("x", "y")
    def _(g: Any, x: Any, y: Any, needed: Any) -> Any:
        first = g * y if needed[0] else None
        return first, g * x if needed[0] else g * x * 2

    text = only(found_in(op, PAIRS[:1]), "what is asked for")
    assert "By y alone" in text


def test_a_second_derivative_that_is_cut_off() -> None:
    op = unary(lambda x: x**3, lambda g, x: g * 3 * np.asarray(getattr(x, "data", x)) ** 2)
    text = only(found_in(op), "second derivative")
    assert "no path of the graph" in text
    assert conformance(op, SAMPLES, skip=["second derivative"])
    not_at_all = unary(lambda x: x**3, lambda g, x: ag.Tensor(g.data * 3) if isinstance(g, ag.Tensor) else g * 3 * x**2)
    assert "with NumPy, .data or detach()" in only(found_in(not_at_all), "second derivative")


def test_nan_where_a_zero_comes_in() -> None:
    op = unary(lambda x: np.sqrt(x), lambda g, out: g / (2 * out), elementwise=True)
    op.gradient(x=lambda g, out: g / (2 * out), absorbing=False)
    text = only(found_in(op), "absorbing zero")
    assert "At 0.0, by x." in text
    op.gradient(x=lambda g, out: g / (2 * out))
    assert conformance(op, SAMPLES)


class Root(Function):
    """The square root, whose backward divides by 0."""

    @staticmethod
    def forward(ctx: Any, x: ag.Tensor) -> ag.Tensor:
        y = x.sqrt()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: ag.Tensor) -> ag.Tensor:
        (y,) = ctx.saved_tensors
        return g * (0.5 / y)


def test_nan_where_a_zero_comes_into_a_function() -> None:
    text = only(found_in(Root), "absorbing zero")
    assert "where(g == 0, 0, ...)" in text


class Cycle(Function):
    """Its context holds itself, and so all that it saved."""

    @staticmethod
    def forward(ctx: Any, x: ag.Tensor) -> ag.Tensor:
        ctx.itself = ctx
        return x * 2

    @staticmethod
    def backward(ctx: Any, g: ag.Tensor) -> ag.Tensor:
        return g * 2


def test_a_cycle() -> None:
    text = only(found_in(Cycle), "freed")
    assert "Its context outlives it" in text


def test_a_cache_that_keeps_arrays() -> None:
    kept = []

    def forward(x: Any) -> Any:
        out = np.exp(x)
        kept.append(out)
        return out

    assert "An array that it saved outlives it" in only(found_in(unary(forward, lambda g, out: g * out)), "freed")


def test_no_determinism() -> None:
    rng = np.random.default_rng(0)
    text = only(found_in(unary(lambda x: x * rng.standard_normal(x.shape), lambda g: g)), "determinism")
    assert "manual_seed" in text
    rule = unary(lambda x: x * 2, lambda g: g * 2 + rng.standard_normal(g.shape))
    assert "By the gradients" in only(found_in(rule), "determinism")


def test_read_only_arrays_that_are_refused() -> None:
    def forward(x: Any) -> Any:
        if not x.flags.writeable:
            raise ValueError("buffer source array is read-only")
        return x * 2

    report = found_in(unary(forward, lambda g: g * 2))
    assert "read-only" in only(report, "read-only")


def test_a_crash_on_what_is_empty() -> None:
    def forward(x: Any) -> Any:
        return x - x.max() * 0

    elementwise = unary(forward, lambda g: g * 1, elementwise=True, in_place=False)
    text = only(found_in(elementwise), "runs")  # none of the samples is empty: the kit adds one
    assert "float64(0" in text
    assert "zero-size array" in text
    only(found_in(unary(forward, lambda g: g * 1), [*SAMPLES, Sample(np.zeros((0, 2)))]), "runs")


def test_broadcasting_is_tried_though_no_sample_does() -> None:
    op = ag.primitive(lambda x, y: x[: len(y)] * y, name="planted", elementwise=True, in_place=False, method=False)
    op.gradient(x=lambda g, y: g * y, y=lambda g, x: g * x)
    assert "float64(1, 1)" in only(found_in(op, [PAIRS[0]]), "runs")


def test_a_wrong_form_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def plant_double(x: Any) -> Any:
        """Planted.  x: (*) -> (*)"""
        return x * 2

    for name in ("plant_double", "plant_double_"):
        monkeypatch.setattr(ag.Tensor, name, None, raising=False)  # so that they are gone afterwards
    op = ag.primitive(plant_double, elementwise=True, method=True)
    op.gradient(x=lambda g: g * 2)
    assert conformance(op, SAMPLES)

    def wrong(self: ag.Tensor) -> ag.Tensor:
        self.data[...] *= 2.5
        return self

    monkeypatch.setattr(ag.Tensor, "plant_double_", wrong)
    only(found_in(op), "in place")
    monkeypatch.setattr(ag.Tensor, "plant_double_", lambda self: self * 2)
    assert "does not return the tensor itself" in only(found_in(op), "in place")
    monkeypatch.undo()


def test_a_wrong_method(monkeypatch: pytest.MonkeyPatch) -> None:
    op = ag.exp.op
    monkeypatch.setattr(ag.Tensor, "exp", lambda self: self * 2)
    assert "By exp: " in only(found_in(op, SAMPLES, skip=["in place"]), "method")


def test_a_wrong_value() -> None:
    report = found_in(unary(lambda x: x * 2, lambda g: g * 2, reference=lambda x: x * 3))
    only(report, "value")
    op = unary(lambda x: x * 2, lambda g: g * 2)
    assert found_in(op, reference=lambda x: x * 3).broken == ["value"]


def test_a_kernel_that_differs_from_its_definition() -> None:
    @ag.fused(method=False)
    def planted(x: Any) -> Any:
        """Planted.  x: (*) -> (*)"""
        return x * x

    planted.kernel(lambda x: x * x * 1.001)
    planted.backward("x")(lambda g, x: (g * 2 * x,))
    assert "definition" in found_in(planted).broken


def test_low_precision() -> None:
    op = unary(lambda x: (x + 1e4) - 1e4 if x.dtype == np.float32 else x + 0, lambda g: g)
    only(found_in(op), "float32")


def test_recording_where_nothing_needs_it() -> None:
    def planted(x: Any) -> Any:
        return (x if isinstance(x, ag.Tensor) else ag.Tensor(x)) * ag.ones(1, requires_grad=True, dtype=ag.float64)

    assert "recording" in found_in(planted).broken


def test_a_wrong_use_that_is_not_named() -> None:
    def planted(x: Any) -> Any:
        """Planted.  x: (*) -> (*)"""
        return x * 2

    op = ag.primitive(planted, method=False)
    op.gradient(x=lambda g: g * 2)

    @op.errors
    def _(draw: Any) -> Iterator[Any]:
        yield Sample(draw(3)), ValueError, "a matrix"

    assert "It raises nothing instead of ValueError" in only(found_in(op), "wrong use")
    assert conformance(op, SAMPLES, skip=["wrong use"])


# ---------------------------------------------------------------------------------------------------------------------
# What can be checked
# ---------------------------------------------------------------------------------------------------------------------
class Exp(Function):
    """The exponential."""

    @staticmethod
    def forward(ctx: Any, x: ag.Tensor) -> ag.Tensor:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, g: ag.Tensor) -> ag.Tensor:
        (y,) = ctx.saved_tensors
        return g * y


@ag.composite(method=False)
def both(x: Any, y: Any) -> Any:
    """Sum and product.  x, y: (*) -> (*), (*)"""
    return x + y, x * y


@ag.elementwise
def softclip(x: Any, limit: float = 2.0) -> Any:
    """x, kept below the limit."""
    return x / (1 + abs(x) / limit)


@pytest.mark.parametrize(
    ("op", "samples"),
    [
        (Exp, SAMPLES),
        (both, PAIRS),
        (softclip, SAMPLES),
        (lambda x: x.tanh().sum(0), SAMPLES),
        (ag.linear, None),
        (ag.Tensor.softmax, [Sample(np.ones((2, 3)), dim=1)]),
        (Exp, [ag.rand(3), (ag.rand(2, 2),)]),
    ],
)
def test_what_is_right_passes(op: Any, samples: Any) -> None:
    report = conformance(op, samples)
    assert report
    assert not report.broken
    assert "properties hold" in str(report)


def test_a_wrong_function() -> None:
    def halved(x: Any) -> Any:
        return x.detach() * x

    report = found_in(halved)
    assert report.broken[0] == "gradient"
    text = str(report.failures[0])
    assert "0.5 times" in text
    assert "halved(float64()" in text


def test_the_report_without_an_exception() -> None:
    report = conformance(unary(lambda x: x * x, lambda g, x: g * x), SAMPLES, raise_exception=False)
    assert not report
    assert report.broken == ["gradient"]
    assert report.samples == 2
    assert report.failures[0].cause.startswith("a wrong factor")


def test_samples_and_documentation_are_missing() -> None:
    undocumented = ag.primitive(lambda x: x * 2, name="planted", method=False)
    undocumented.gradient(x=lambda g: g * 2)
    assert "no docstring" in str(found_in(undocumented))
    assert "has no samples" in str(found_in(undocumented, None))


def test_what_is_no_operation() -> None:
    with pytest.raises(TypeError, match="is no operation"):
        conformance(3, SAMPLES)
    with pytest.raises(ValueError, match="no property 'speed'"):
        conformance(Exp, SAMPLES, skip=["speed"])


def test_a_module() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    samples = [Sample(np.random.default_rng(0).standard_normal((5, 4)))]
    assert conformance(model.double(), samples, skip=["dtype", "float32", "dtype of the gradient"])


def test_complex_samples() -> None:
    z = Sample(np.array([1 + 2j, -0.5 + 1j, 2 - 1j]))
    square = unary(lambda x: x * x, lambda g, x: g * 2 * x)
    assert conformance(square, [z])
    wrong = unary(lambda x: x * x, lambda g, x: g * 2 * x, conjugates=True)
    assert "the conjugate of what it should be" in str(found_in(wrong, [z]))


def test_the_seed_is_set_for_each_run() -> None:
    assert "manual_seed" in functions
    assert conformance(lambda x: x * ag.rand(x.shape, dtype=x.dtype), SAMPLES, skip=["layout", "float32"])
