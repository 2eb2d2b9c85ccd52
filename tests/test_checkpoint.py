"""`checkpoint`: the same values and gradients with less memory, in every company."""

from __future__ import annotations

import copy
import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import graph
from autograd.modes import modes

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 5))
W = ag.Tensor(RNG.standard_normal((5, 5)), requires_grad=True)


def block(x: Any, scale: float = 1.0, *, shift: Any = None) -> Any:
    y = (x @ W).tanh() * scale
    return y if shift is None else y + shift.exp()


def compare(function: Callable[..., Any], build: Callable[[Callable[..., Any], Any], Any]) -> None:
    """The value, the gradient, and the gradient of its square, with the function and with it checkpointed."""
    results = []
    for wrapper in (lambda f: f, ag.checkpoint):
        ag.manual_seed(0)
        x = ag.Tensor(X.copy(), requires_grad=True)
        out = build(wrapper(function), x)
        after = ag.rand(3).tolist()  # the stream goes on as if nothing had been
        first = ag.grad(out.sum(), [x, W], create_graph=True, allow_unused=True)
        total = sum((g * g).sum() for g in first if g is not None)
        second = ag.grad(total, [x, W], allow_unused=True) if total.requires_grad else ()
        (plain,) = ag.grad(build(wrapper(function), x).sum(), x)
        results.append([out, *first, *second, plain, after, ag.rand(3).tolist()])
    for have, want in zip(results[1], results[0], strict=True):
        if want is None or isinstance(want, list):
            assert have == want
        else:
            np.testing.assert_array_equal(have.data, want.data)


@pytest.mark.parametrize(
    ("function", "build"),
    [
        (block, lambda f, x: f(x)),
        (block, lambda f, x: f(f(x), 2.0)),
        (block, lambda f, x: f(x, shift=x).exp()),
        (
            lambda p: {"a": p["x"].exp(), "b": [p["x"].sum(), W.sum()]},
            lambda f, x: f({"x": x})["b"][0] * f({"x": x})["a"],
        ),
        (lambda x: (x.sin(), x.cos(), x), lambda f, x: f(x)[0] * f(x)[1] + f(x)[2]),
        (lambda x: (x.sin(), x.exp()), lambda f, x: f(x)[1]),
        (lambda x: nn.functional.dropout(x @ W, 0.5).exp(), lambda f, x: f(f(x))),
        (lambda x: nn.functional.dropout(x, 0.5) * ag.rand(5), lambda f, x: f(x)),
        (lambda x: ag.checkpoint(block, ag.checkpoint(block, x) * 2).exp(), lambda f, x: f(x)),
        (lambda x: ag.checkpoint(lambda y: ag.checkpoint(block, y.sin()).cos(), x.tanh()) @ W, lambda f, x: f(f(x))),
        (lambda x: x.detach() * W.sum() + x.max(1).values.unsqueeze(1), lambda f, x: f(x)),
        (lambda x: x.clone().relu_().mul_(2) + x[:, [0, 0, 1, 2, 3]], lambda f, x: f(x)),
        (lambda x, n: x**n, lambda f, x: f(x, 3)),
        (lambda x: x.reshape(-1).sort().values.cumsum(0), lambda f, x: f(x)),
        (lambda x: x + 0, lambda f, x: f(x) * x),
    ],
)
def test_it_is_the_function(function: Callable[..., Any], build: Callable[[Callable[..., Any], Any], Any]) -> None:
    compare(function, build)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 5))
        self.head = nn.Linear(5, 2)

    def forward(self, x: Any) -> Any:
        return self.head(self.body(x) + x)


def test_modules() -> None:
    results = []
    for part in ("none", "body", "whole", "call", "layers"):
        ag.manual_seed(3)
        net = Net()
        names = list(net.state_dict())
        if part == "body":
            assert ag.checkpoint(net.body) is net.body
        elif part == "whole":
            ag.checkpoint(net)
        elif part == "layers":
            for layer in net.body:
                ag.checkpoint(layer)
        assert list(net.state_dict()) == names
        assert isinstance(net, Net)
        assert isinstance(net.body, nn.Sequential)
        x = ag.Tensor(X.astype(np.float32), requires_grad=True)
        ag.manual_seed(4)
        out = ag.checkpoint(net, x) if part == "call" else net(x)
        (out**2).sum().backward()
        results.append([out, x.grad, *[p.grad for p in net.parameters()], *net.buffers()])
    for other in results[1:]:
        for have, want in zip(other, results[0], strict=True):
            np.testing.assert_allclose(have.data, want.data, rtol=1e-6, atol=1e-7)


def test_a_checkpointed_module_is_copied_and_printed() -> None:
    net = ag.checkpoint(nn.Linear(3, 2))
    assert repr(net) == repr(nn.Linear(3, 2))
    other = copy.deepcopy(net)
    x = ag.ones(1, 3)
    np.testing.assert_array_equal(other(x).data, net(x).data)
    assert other(x).grad_fn.saved is graph.PACKED
    assert type(ag.checkpoint(net)) is type(net)


def test_decorators() -> None:
    @ag.checkpoint
    def function(x: Any) -> Any:
        """Doc."""
        return x.exp()

    @ag.checkpoint(preserve_rng_state=False, use_reentrant=False)
    def other(x: Any) -> Any:
        return x.exp()

    assert (function.__name__, function.__doc__) == ("function", "Doc.")
    x = ag.Tensor(X.copy(), requires_grad=True)
    for one in (function, other):
        (g,) = ag.grad(one(x).sum(), x)
        np.testing.assert_array_equal(g.data, np.exp(X))


def test_it_runs_again_once_for_each_backward_pass_and_not_without() -> None:
    runs = []

    def function(x: Any) -> Any:
        runs.append(modes.recording)
        return x.exp().sin().exp()

    x = ag.Tensor(X.copy(), requires_grad=True)
    y = ag.checkpoint(function, x)
    assert len(runs) == 1
    y.sum().backward(retain_graph=True)
    assert runs == [True] * 2
    y.sum().backward()
    assert len(runs) == 3
    with pytest.raises(RuntimeError, match="freed by an earlier backward pass"):
        y.sum().backward()
    with ag.no_grad():
        assert not ag.checkpoint(function, x).requires_grad
    assert len(runs) == 4
    y = ag.checkpoint(function, ag.Tensor(X))
    assert not y.requires_grad


def test_deep_networks_take_half_the_memory_or_less() -> None:
    layers = [nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.GELU()) for _ in range(16)]
    x = ag.Tensor(RNG.standard_normal((512, 64)).astype(np.float32), requires_grad=True)

    def peak(run: Callable[[], Any]) -> tuple[int, Any]:
        gc.collect()
        x.grad = None
        tracemalloc.start()
        run().sum().backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, x.grad.data

    def straight() -> Any:
        y = x
        for layer in layers:
            y = layer(y)
        return y

    def each() -> Any:
        y = x
        for layer in layers:
            y = ag.checkpoint(layer, y)
        return y

    peak(straight)  # what is allocated once
    plain, expected = peak(straight)
    for run in (each, lambda: ag.checkpoint_sequential(layers, 4, x)):
        memory, gradient = peak(run)
        assert memory < plain / 2, (memory, plain)
        np.testing.assert_array_equal(gradient, expected)


def test_checkpoint_sequential() -> None:
    net = nn.Sequential(*[nn.Sequential(nn.Linear(5, 5), nn.Tanh()) for _ in range(5)])
    x = ag.Tensor(X.astype(np.float32), requires_grad=True)
    (want,) = ag.grad(net(x).sum(), x)
    for segments in range(1, 6):
        (have,) = ag.grad(ag.checkpoint_sequential(net, segments, x).sum(), x)
        np.testing.assert_array_equal(have.data, want.data)
    for segments in (0, 6):
        with pytest.raises(ValueError, match=f"5 functions can not make {segments} segments"):
            ag.checkpoint_sequential(net, segments, x)


def test_functions_that_differ_the_second_time() -> None:
    for second, words in (
        (lambda x: x.exp().exp(), "operation 1 was sin"),
        (lambda x: x.exp(), "recorded 2 operations that save something, and 1"),
        (lambda x: x.exp().sum(0).sin(), r"operation 1 was sin .* and is sum of"),
    ):
        runs: list[int] = []

        def function(x: Any, runs: list[int] = runs, second: Any = second) -> Any:
            runs.append(1)
            return x.exp().sin() if len(runs) == 1 else second(x)

        x = ag.Tensor(X.copy(), requires_grad=True)
        with pytest.raises(ag.CheckpointError, match=words):
            ag.checkpoint(function, x).sum().backward()
        assert modes.keeper is None
        assert modes.recording
        assert not modes.noting
    with pytest.raises(ValueError, match="determinism_check"):
        ag.checkpoint(block, x, determinism_check="some")


def test_inputs_that_were_overwritten() -> None:
    x = ag.Tensor(X.copy(), requires_grad=True)
    y = x * 1
    z = ag.checkpoint(lambda y: y.sin(), y)
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"an input of shape .* was overwritten in place"):
        z.sum().backward()


def test_contexts() -> None:
    log: list[str] = []

    class Note:
        def __init__(self, name: str) -> None:
            self.name = name

        def __enter__(self) -> None:
            log.append(self.name)

        def __exit__(self, *_: object) -> None:
            log.append(f"end of {self.name}")

    x = ag.Tensor(X.copy(), requires_grad=True)
    y = ag.checkpoint(lambda x: x.exp(), x, context_fn=lambda: (Note("first"), Note("second")))
    assert log == ["first", "end of first"]
    y.sum().backward()
    assert log[2:] == ["second", "end of second"]


def test_with_hooks_and_with_other_savers() -> None:
    x = ag.Tensor(X.copy(), requires_grad=True)
    kept = []

    def pack(tensor: Any) -> Any:
        kept.append(tensor.shape)
        return tensor.numpy().copy()

    with graph.saved_tensors_hooks(pack, ag.Tensor):
        y = ag.checkpoint(lambda x: x.exp().sin(), x)
    assert kept == [X.shape]  # the input of the function, and nothing that it computes
    seen: list[Any] = []
    y.register_hook(seen.append)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, np.cos(np.exp(X)) * np.exp(X))
    assert len(seen) == 1
    with ag.detect_anomaly(), pytest.raises(RuntimeError, match="gradient of sqrt"), ag.strict_nan():
        (ag.checkpoint(lambda x: (x - x.detach()).sqrt() * 0.0, x)).sum().backward()


def test_with_transforms() -> None:
    x = ag.Tensor(X.copy())
    plain = lambda x: (x.exp() * W.detach()[0]).sin().sum()  # noqa: E731
    again = ag.checkpoint(plain)
    for make in (ag.func.grad, ag.func.hessian, ag.func.jacrev):
        np.testing.assert_allclose(make(again)(x).data, make(plain)(x).data)
    np.testing.assert_allclose(ag.vmap(ag.func.grad(again))(x).data, ag.vmap(ag.func.grad(plain))(x).data)


def test_graphs_die_without_the_collector() -> None:
    import weakref

    gc.disable()
    try:
        x = ag.Tensor(X.copy(), requires_grad=True)
        y = ag.checkpoint(lambda x: x.exp().sin(), x)
        node = weakref.ref(y.node)
        y.sum().backward()
        del y
        assert node() is None
        y = ag.checkpoint(lambda x: x.exp().sin(), x)
        node = weakref.ref(y.node)
        del y
        assert node() is None
    finally:
        gc.enable()
