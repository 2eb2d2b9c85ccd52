"""What nodes save, in the hands of the user: hooks, copies, edges (`autograd.graph`)."""

from __future__ import annotations

import contextlib
import gc
import weakref
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import graph
from autograd.modes import modes


def variable(*values: float) -> ag.Tensor:
    return ag.Tensor(np.array(values), requires_grad=True)


class _Log:
    """Hooks that count, and that keep copies."""

    def __init__(self) -> None:
        self.packed: list[ag.Tensor] = []
        self.unpacked = 0

    def pack(self, tensor: ag.Tensor) -> Any:
        self.packed.append(tensor)
        return ("kept", tensor.numpy().copy())

    def unpack(self, kept: Any) -> ag.Tensor:
        self.unpacked += 1
        return ag.Tensor(kept[1])


def test_hooks_see_what_is_saved_and_give_it_back() -> None:
    x, y, log = variable(1.0, 2.0), variable(3.0, 4.0), _Log()
    with graph.saved_tensors_hooks(log.pack, log.unpack):
        z = (x * y).exp()
    assert [t.shape for t in log.packed] == [(2,)] * 3  # x and y, and the result of exp
    after = z * 2
    assert len(log.packed) == 3
    after.sum().backward()
    assert log.unpacked == 3
    np.testing.assert_allclose(x.grad.data, 2 * y.data * np.exp(x.data * y.data))
    assert modes.noting is False
    assert modes.keeper is None


def test_hooks_see_every_operation() -> None:
    """Of one, two and many parameters, of lists of tensors, with several results, fused, and of Function."""

    class Square(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * g * x

    def function(x: ag.Tensor) -> ag.Tensor:
        a = ag.cat([x, x.exp()]).reshape(2, 3)
        b = a.max(1).values + ag.softmax(a, 1).sum(1)
        c = Square.apply(b)
        loss = ag.cross_entropy(a * c.unsqueeze(1), ag.tensor([0, 2]))
        return loss + a.std() + a[:, [0, 0, 1]].prod()

    for create_graph in (False, True):
        results = []
        for hooked in (False, True):
            x = variable(0.3, -0.7, 1.1)
            with graph.saved_tensors_hooks(_pack_other, _unpack_other) if hooked else contextlib.nullcontext():
                out = function(x)
            (g,) = ag.grad(out, x, create_graph=create_graph)
            if create_graph:
                (g,) = ag.grad((g * g).sum(), x)
            results.append(g.data)
        np.testing.assert_allclose(results[1], results[0], rtol=1e-12)


def _pack_other(tensor: ag.Tensor) -> tuple[bytes, Any, Any]:
    return tensor.numpy().tobytes(), tensor.dtype, tensor.shape


def _unpack_other(kept: tuple[bytes, Any, Any]) -> ag.Tensor:
    return ag.Tensor(np.frombuffer(kept[0], kept[1]).reshape(kept[2]))


def test_saved_arrays_are_let_go() -> None:
    x = variable(*np.ones(1000))
    with graph.saved_tensors_hooks(lambda t: t.numpy().astype(np.float32), lambda a: ag.Tensor(a.astype(np.float64))):
        y = x * 2
        z = y * y
        alive = weakref.ref(y.data)
        del y
        gc.collect()
        assert alive() is None
    z.sum().backward()
    np.testing.assert_array_equal(x.grad.data, 8.0)


def test_two_passes_unpack_twice_and_keep_nothing() -> None:
    x, log = variable(1.0, 2.0), _Log()
    with graph.saved_tensors_hooks(log.pack, log.unpack):
        y = x.exp()
    y.sum().backward(retain_graph=True)
    assert y.node.saved is graph.PACKED
    y.sum().backward()
    assert log.unpacked == 2
    np.testing.assert_allclose(x.grad.data, 2 * np.exp(x.data))
    with pytest.raises(RuntimeError, match="freed by an earlier backward pass"):
        y.sum().backward()


def test_the_innermost_hooks_count_and_hooks_are_not_recorded() -> None:
    x, outer, inner = variable(1.0, 2.0), _Log(), _Log()
    with graph.saved_tensors_hooks(outer.pack, outer.unpack):
        with graph.saved_tensors_hooks(lambda t: inner.pack(t * 1), inner.unpack):
            y = x.exp()
        z = y.exp()
    assert (len(outer.packed), len(inner.packed)) == (1, 1)
    assert not inner.packed[0].requires_grad
    z.sum().backward()
    np.testing.assert_allclose(x.grad.data, np.exp(np.exp(x.data) + x.data))


def test_overwritten_values_are_still_found_out() -> None:
    x = variable(1.0, 2.0)
    with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        y = x.exp()
        z = y.exp()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="overwritten by mul_"):
        (z + y).sum().backward()
    x = variable(1.0, 2.0)
    with graph.saved_tensors_hooks(lambda t: t.numpy().copy(), ag.Tensor):
        y = x.exp()
    y.detach().mul_(2)  # the copy does not see it
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, np.exp(x.data))


def test_wrong_unpacking_is_named() -> None:
    x = variable(1.0, 2.0)
    for unpack in (lambda kept: None, lambda kept: ag.zeros(3), lambda kept: ag.zeros(2)):
        with graph.saved_tensors_hooks(lambda t: t, unpack):
            y = x.exp()
        with pytest.raises(RuntimeError, match=r"what exp had saved as float64\(2,\)"):
            y.sum().backward()


def test_as_decorator_and_with_anomaly_mode() -> None:
    x, log = variable(-1.0, 2.0), _Log()

    @graph.saved_tensors_hooks(log.pack, log.unpack)
    def function(x: ag.Tensor) -> ag.Tensor:
        return x.exp()

    function(x)
    assert len(log.packed) == 1
    with ag.detect_anomaly(), graph.saved_tensors_hooks(log.pack, log.unpack):
        y = (x - x.detach()).sqrt() * 0.0
        with ag.detect_anomaly(False):
            x.exp()
        assert len(log.packed) >= 3
    with ag.strict_nan(), ag.detect_anomaly(), pytest.raises(RuntimeError, match="gradient of sqrt"):
        y.sum().backward()


def test_save_on_cpu_and_disabling() -> None:
    x = variable(1.0, 2.0)
    with graph.save_on_cpu(pin_memory=True):
        y = x.exp()
    y.sum().backward()
    np.testing.assert_allclose(x.grad.data, np.exp(x.data))
    refused = pytest.raises(RuntimeError, match="no hooks here")
    with graph.disable_saved_tensors_hooks("no hooks here"), refused, graph.save_on_cpu():
        pass


def test_allow_mutation_on_saved_tensors() -> None:
    x = variable(1.0, 2.0)
    with graph.allow_mutation_on_saved_tensors():
        y = x.exp()
        z = y.sin()
        y.zero_()
    (g,) = ag.grad(z.sum(), x)
    np.testing.assert_allclose(g.data, np.cos(np.exp(x.data)) * np.exp(x.data))


def test_increment_version() -> None:
    x = variable(1.0, 2.0)
    y = x.exp()
    before = y._version
    graph.increment_version(y)
    graph.increment_version([y])
    assert y._version == before + 2
    with pytest.raises(RuntimeError, match="overwritten by increment_version"):
        y.sum().backward()


def test_gradient_edges() -> None:
    x = variable(1.0, 2.0)
    y = x * x
    edge = graph.get_gradient_edge(y)
    z = y.exp().sum()
    expected = z.node is not None and np.exp(y.data)
    del y
    (g,) = ag.grad(z, edge, retain_graph=True)
    np.testing.assert_allclose(g.data, expected)
    assert ag.grad(z, [x, edge], retain_graph=True)[1].shape == (2,)
    ag.backward(graph.get_gradient_edge(z), inputs=[x])
    np.testing.assert_allclose(x.grad.data, expected * 2 * x.data)
    values, _ = variable(3.0, 1.0).max(0)
    assert graph.get_gradient_edge(values).output_nr == 0
    with pytest.raises(RuntimeError, match="does not require a gradient"):
        graph.get_gradient_edge(ag.zeros(2))


def test_multi_grad_hook() -> None:
    torch = pytest.importorskip("torch")
    for mode in ("all", "any"):
        calls: list[list[Any]] = []
        for lib in (ag, torch):
            seen: list[Any] = []

            def hook(grads: Any, seen: list[Any] = seen) -> None:
                grads = grads if isinstance(grads, (list, tuple)) else [grads]
                seen.append([None if g is None else np.array(g.tolist()) for g in grads])

            tensors = [lib.tensor([float(i), 2.0], requires_grad=True) for i in range(3)]
            a, b, c = tensors
            handle = (
                lib.autograd.graph.register_multi_grad_hook(tensors, hook, mode=mode)
                if lib is torch
                else (graph.register_multi_grad_hook(tensors, hook, mode=mode))
            )
            (a * b).sum().backward()  # c is not reached
            (a * b * c).sum().backward()
            ag_out = (a + b + c).sum()
            handle.remove()
            ag_out.backward()
            calls.append(seen)
        assert len(calls[0]) == len(calls[1]) == 2
        if mode == "all":
            for have, want in zip(calls[0], calls[1], strict=True):
                for h, w in zip(have, want, strict=True):
                    assert (h is None) == (w is None)
                    if h is not None:
                        np.testing.assert_allclose(h, w)
    with pytest.raises(ValueError, match="'all' or 'any'"):
        graph.register_multi_grad_hook([a], print, mode="some")
    with pytest.raises(RuntimeError, match="does not require a gradient"):
        graph.register_multi_grad_hook([ag.zeros(2)], print)
