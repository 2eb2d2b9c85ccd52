"""Operations whose large arrays go to compiled loops: the same values and gradients as in small pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd

PIECE = 4000  # elements: fewer than any loop takes

UNARY: dict[str, Callable[[Any], Any]] = {
    "relu": autograd.relu,
    "relu6": autograd.relu6,
    "hardtanh": lambda x: autograd.hardtanh(x, -0.5, 1.5),
    "leaky_relu": lambda x: autograd.leaky_relu(x, 0.2),
    "leaky_relu of slope 2": lambda x: autograd.leaky_relu(x, 2),
    "hardsigmoid": autograd.hardsigmoid,
    "hardswish": autograd.hardswish,
    "hardshrink": lambda x: autograd.hardshrink(x, 0.5),
    "softshrink": lambda x: autograd.softshrink(x, 0.5),
    "threshold": lambda x: autograd.threshold(x, 0.5, -2.0),
    "elu": lambda x: autograd.elu(x, 0.7),
    "celu": lambda x: autograd.celu(x, 0.7),
    "selu": autograd.selu,
    "silu": autograd.silu,
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "logsigmoid": autograd.logsigmoid,
    "softplus": autograd.softplus,
    "softplus of beta 2": lambda x: autograd.softplus(x, 2.0, 3.0),
    "mish": autograd.mish,
    "softsign": autograd.softsign,
    "tanhshrink": autograd.tanhshrink,
    "gelu": autograd.gelu,
    "gelu of tanh": lambda x: autograd.gelu(x, "tanh"),
    "erf": autograd.erf,
    "erfc": autograd.erfc,
    "exp": autograd.exp,
    "log": autograd.log,
}


def values_everywhere(dtype: str) -> np.ndarray:
    """Of all sizes; with kinks and their neighbours, zeros and what is no number."""
    rng = np.random.default_rng(0)
    n = 70_000
    x = np.concatenate([rng.standard_normal(n // 2), rng.uniform(-30, 30, n // 2)]).astype(dtype)
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.5, 3.0, -3.0, 6.0, 20.0, 100.0, -100.0, 1e-30, -1e-30]
    x[: len(special)] = special
    return x


def with_gradient(f: Callable[[Any], Any], x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    t = autograd.tensor(x, requires_grad=True)
    out = f(t)
    out.backward(autograd.tensor(g))
    return out.detach().numpy(), t.grad.numpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNARY)
def test_as_in_small_pieces(name: str, dtype: str) -> None:
    f = UNARY[name]
    x = values_everywhere(dtype)
    g = np.random.default_rng(1).standard_normal(x.shape).astype(dtype)
    g[20:40] = 0
    out, gradient = with_gradient(f, x, g)
    pieces = [with_gradient(f, x[i : i + PIECE], g[i : i + PIECE]) for i in range(0, len(x), PIECE)]
    expected, expected_gradient = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    assert out.dtype == gradient.dtype == np.dtype(dtype)
    tolerance = 2e-6 if dtype == "float32" else 1e-14
    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=tolerance, atol=tolerance)
    ordinary = slice(16, None)
    assert np.isfinite(out[ordinary]).all() or name == "log"


@pytest.mark.parametrize("name", UNARY)
def test_a_gradient_of_zero_stays_zero(name: str) -> None:
    x = np.full(70_000, np.nan, np.float32)
    x[::2] = np.inf
    t = autograd.tensor(x, requires_grad=True)
    autograd.where(autograd.isfinite(t), UNARY[name](t), 0.0).sum().backward()
    np.testing.assert_array_equal(t.grad.numpy(), 0)


@pytest.mark.parametrize("name", ["gelu", "gelu of tanh", "silu", "mish", "sigmoid", "softplus", "elu", "erf"])
def test_second_derivatives_of_large_arrays(name: str) -> None:
    """Recorded rules take the place of the loops, and agree with them."""
    f = UNARY[name]
    x = np.random.default_rng(0).uniform(-3, 3, 20_000)
    x = x[np.abs(x) > 1e-3]
    t = autograd.tensor(x, requires_grad=True)
    (first,) = autograd.grad(f(t).sum(), [t], create_graph=True)
    np.testing.assert_allclose(first.detach().numpy(), with_gradient(f, x, np.ones_like(x))[1], rtol=1e-12, atol=1e-13)
    (second,) = autograd.grad(first.sum(), [t])
    step = 1e-5
    above, below = (with_gradient(f, x + d, np.ones_like(x))[1] for d in (step, -step))
    np.testing.assert_allclose(second.detach().numpy(), (above - below) / (2 * step), rtol=1e-6, atol=1e-8)


def test_arrays_that_no_loop_takes() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(70_000).astype("float32")
    for other in (x.astype("float16"), x.astype(">f4")):
        for f in (autograd.gelu, autograd.silu, autograd.exp, autograd.relu):
            out = f(autograd.tensor(other)).numpy()
            np.testing.assert_allclose(out.astype("f"), f(autograd.tensor(x)).numpy(), rtol=0.01, atol=0.01)
    integers = rng.integers(-3, 3, 70_000)
    np.testing.assert_allclose(autograd.silu(integers), autograd.silu(integers.astype("d")))


LOSSES: dict[str, Callable[..., Any]] = {
    "mse": autograd.mse_loss,
    "l1": autograd.l1_loss,
    "smooth_l1": lambda x, t, r: autograd.smooth_l1_loss(x, t, r, 0.7),
    "huber": lambda x, t, r: autograd.huber_loss(x, t, r, 0.7),
    "bce": lambda x, t, r: autograd.binary_cross_entropy_with_logits(x, t, reduction=r),
}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_as_their_definition(name: str, dtype: str, reduction: str) -> None:
    """Without reduction the definition runs; what it gives is reduced here."""
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((300, 301)).astype(dtype), rng.random((300, 301)).astype(dtype)
    x[0, :3] = target[0, :3]
    results = []
    for reduce in (
        lambda a, b: LOSSES[name](a, b, reduction),
        lambda a, b: getattr(LOSSES[name](a, b, "none"), reduction)(),
    ):
        a, b = (autograd.tensor(v, requires_grad=True) for v in (x, target))
        loss = reduce(a, b)
        (loss * 3.0).backward()
        results.append((loss.detach().numpy(), a.grad.numpy(), b.grad.numpy()))
    for ours, expected in zip(*results, strict=True):
        assert ours.dtype == expected.dtype == np.dtype(dtype)
        scale = np.abs(expected).max()
        tolerance = 2e-6 if dtype == "float32" else 1e-14
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("n", [100, 100_000])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_what_is_no_number(name: str, n: int) -> None:
    x = np.zeros(n, np.float32)
    x[3] = np.nan
    t = autograd.tensor(x, requires_grad=True)
    loss = LOSSES[name](t, autograd.tensor(np.full(n, 0.25, np.float32)), "mean")
    assert np.isnan(loss.item())
    loss.backward()
    assert np.isnan(t.grad.numpy()[3])
    assert np.isfinite(np.delete(t.grad.numpy(), 3)).all()
    loss = LOSSES[name](t, autograd.zeros(n), "mean")
    t.grad = None
    autograd.where(autograd.isnan(loss), 0.0, loss).backward()
    np.testing.assert_array_equal(t.grad.numpy(), 0)


@pytest.mark.parametrize("name", LOSSES)
def test_second_derivatives_of_losses(name: str) -> None:
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal(20_000), rng.random(20_000)
    t = autograd.tensor(x, requires_grad=True)
    loss = LOSSES[name](t, autograd.tensor(target), "sum")
    (first,) = autograd.grad(loss, [t], create_graph=True)
    (second,) = autograd.grad(first.sum(), [t])

    def slope(x: np.ndarray) -> np.ndarray:
        t = autograd.tensor(x, requires_grad=True)
        LOSSES[name](t, autograd.tensor(target), "sum").backward()
        return t.grad.numpy()

    np.testing.assert_allclose(first.detach().numpy(), slope(x), rtol=1e-12, atol=1e-13)
    d = np.abs(x - target)
    smooth = (d > 1e-4) & (np.abs(d - 0.7) > 1e-4)
    difference = (slope(x + 1e-5) - slope(x - 1e-5)) / 2e-5
    np.testing.assert_allclose(second.numpy()[smooth], difference[smooth], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("name", ["dropout", "alpha_dropout"])
def test_dropout(name: str, dtype: str) -> None:
    """What is left out is the same for all dtypes, forward, backward and recorded; and for the same seed again."""
    x = np.random.default_rng(0).standard_normal((200, 300)).astype(dtype) + np.array(9, dtype)
    g = np.random.default_rng(1).standard_normal(x.shape).astype(dtype)
    single = autograd.Generator().manual_seed(5)
    ones = autograd.dropout(autograd.ones(200, 300), 0.3, True, single).numpy() != 0
    assert 0.69 < ones.mean() < 0.71
    generator = autograd.Generator().manual_seed(5)
    state = generator.get_state()
    results = []
    for recorded in (False, True):
        generator.set_state(state)
        t = autograd.tensor(x, requires_grad=True)
        out = getattr(autograd, name)(t, 0.3, True, generator)
        (gradient,) = autograd.grad(out, [t], [autograd.tensor(g)], create_graph=recorded)
        results.append((out.detach().numpy(), gradient.detach().numpy()))
    assert generator.get_state() != state
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=0.01 if dtype == "float16" else 1e-6)
    out, gradient = results[0]
    dropped = 0 if name == "dropout" else out[~ones].flat[0]
    np.testing.assert_array_equal(out[~ones], dropped)
    np.testing.assert_array_equal(gradient == 0, ~ones)
    scale = gradient[ones].astype("d") / g[ones].astype("d")
    np.testing.assert_allclose(scale, scale[0], rtol=0.01 if dtype == "float16" else 1e-5)
    if name == "dropout":
        np.testing.assert_allclose(out[ones], x[ones] / np.array(0.7, dtype), rtol=0.01 if dtype == "float16" else 1e-6)


def test_dropout_of_turned_arrays() -> None:
    """The gradient falls on what was kept, however the arrays lie in memory."""
    x = autograd.tensor(np.ones((300, 200), np.float32), requires_grad=True)
    out = autograd.dropout(x.T, 0.5)
    g = np.ones((300, 200), np.float32).T
    out.backward(autograd.tensor(g))
    np.testing.assert_array_equal(x.grad.numpy().T, out.detach().numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "weights"), [((20, 5, 40, 30), 5), ((20, 5, 40, 30), 1), ((300, 200), 200)])
def test_prelu(shape: tuple[int, ...], weights: int, dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, weight, g = (rng.standard_normal(s).astype(dtype) for s in (shape, weights, shape))
    x.flat[:3] = 0
    a, b = autograd.tensor(x, requires_grad=True), autograd.tensor(weight, requires_grad=True)
    out = autograd.prelu(a, b)
    out.backward(autograd.tensor(g))
    slope = weight.reshape((-1,) + (1,) * (len(shape) - 2))
    np.testing.assert_array_equal(out.detach().numpy(), np.where(x > 0, x, x * slope))
    np.testing.assert_array_equal(a.grad.numpy(), np.where(x > 0, g, g * slope))
    axes = tuple(i for i in range(len(shape)) if i != 1 or weights == 1)
    expected = np.where(x > 0, 0, g.astype("d") * x).sum(axes).reshape(weight.shape)
    np.testing.assert_allclose(b.grad.numpy(), expected, rtol=1e-4 if dtype == "float32" else 1e-12, atol=1e-3)
    single = autograd.tensor(x, requires_grad=True)
    autograd.prelu(single, autograd.tensor(weight)).backward(autograd.tensor(g))
    np.testing.assert_array_equal(single.grad.numpy(), a.grad.numpy())
    only = autograd.tensor(weight, requires_grad=True)
    autograd.prelu(autograd.tensor(x), only).backward(autograd.tensor(g))
    np.testing.assert_allclose(only.grad.numpy(), b.grad.numpy(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("wrong", [-1, 100])
def test_an_index_out_of_range_among_many_is_named(wrong: int) -> None:
    index = np.random.default_rng(0).integers(0, 100, (40, 64))
    index[3, 5] = wrong
    with pytest.raises(IndexError, match=rf"index {wrong} at \(3, 5\) is out of range for the 100 rows"):
        autograd.embedding(autograd.tensor(index), autograd.ones(100, 128))
