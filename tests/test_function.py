"""Functions with a backward of their author."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

import autograd as ag
from autograd.testing import assert_close, gradcheck, gradgradcheck
from tests.leaves import leaf


# -- Function ---------------------------------------------------------------------------------------------------------
class Cube(ag.Function):
    @staticmethod
    def forward(ctx, x, scale):
        y = x * x * x * scale
        ctx.save_for_backward(x, y)
        ctx.scale = scale
        return y

    @staticmethod
    def backward(ctx, g):
        x, _ = ctx.saved_tensors
        return g * x * x * (3 * ctx.scale), None


def test_function() -> None:
    x = leaf(2.0, 3.0)
    assert gradcheck(lambda x: Cube.apply(x, 2.0), [x])
    assert gradgradcheck(lambda x: Cube.apply(x, 2.0), [x])


def test_function_of_several_outputs_and_a_forgotten_gradient() -> None:
    class Both(ag.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y, x * 2.0

        @staticmethod
        def backward(ctx, g, h):
            return g + h * 2.0, g

    x, y = leaf(2.0), leaf(3.0)
    total, _ = Both.apply(x, y)
    (total * 5.0).sum().backward()
    assert_close(x.grad, [5.0])
    assert_close(y.grad, [5.0])

    class Wrong(ag.Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(RuntimeError, match="returned 1 gradients for 2 inputs"):
        Wrong.apply(x, y).sum().backward()


def test_a_function_frees_its_output() -> None:
    gc.disable()
    try:
        y = Cube.apply(leaf(2.0), 1.0)
        alive = weakref.ref(y)
        del y
        assert alive() is None
    finally:
        gc.enable()


def test_two_threads_go_through_one_graph():
    entered, done = threading.Event(), threading.Event()

    class Slow(ag.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            if not entered.is_set():  # the first waits inside until the second is through
                entered.set()
                done.wait(10)
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = ag.tensor([3.0], requires_grad=True)
    y = Slow.apply(x).sum()
    found = []
    first = threading.Thread(target=lambda: found.append(ag.grad(y, x, retain_graph=True)[0].item()))
    first.start()
    entered.wait(10)
    found.append(ag.grad(y, x, retain_graph=True)[0].item())
    done.set()
    first.join()
    assert found == [6.0, 6.0]
