"""Writing in place: legal computations, with the same gradients as in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

rng = np.random.default_rng(5)
X = rng.uniform(0.3, 1.2, (3, 4))


# ---------------------------------------------------------------------------------------------------------------------
# Legal computations: the same gradients as in PyTorch
# ---------------------------------------------------------------------------------------------------------------------
def _running_sum(lib, x, w):
    total = lib.zeros(4, dtype=lib.float64)
    for t in range(3):
        total += x[t] * w
    return total


def _rows_one_by_one(lib, x, w):
    out = lib.zeros((3, 4), dtype=lib.float64)
    for t in range(3):
        out[t] = x[t] * w
    return out


def _recurrence(lib, x, w):
    out = lib.zeros((3, 4), dtype=lib.float64)
    out[0] = x[0]
    for t in range(1, 3):
        out[t] += out[t - 1].clone() * w + x[t]
    return out


def _base_then_view(lib, x, w):
    y = x * 1
    v = y[1]
    y[1] = w * 2
    v *= 3
    y[1, 2] = 0.0
    return y + v


def _view_of_a_view(lib, x, w):
    y = x * 1
    v = y.view(12)[3:9]
    u = v.view(2, 3)
    u[0] += w[:3]
    v[4:] = w[:2] * w[2:]
    return y * 2 + u.sum()


def _siblings(lib, x, w):
    y = x * 1
    a, b = y[:2], y[1:]
    a += w
    b *= 2
    a[1] -= w * w
    return a.sum(0) * b.sum(0) + y[1]


def _transposed(lib, x, w):
    y = x * 1
    y.t()[0] = w[:3]
    y.t()[1] += w[1:]
    return y * y


def _branches(lib, x, w):
    y = x * 1
    z = y + 1
    y += w
    z = z * y
    return z + y


def _mask(lib, x, w):
    y = x * w
    y[y > 0.5] = 0
    return y * y


def _rows_by_index(lib, x, w):
    y = x * 1
    y[[2, 0]] = lib.stack([w, w * w])
    return y * x


def _exp_then_scale(lib, x, w):
    y = x * 1
    y = y.exp_()
    z = y.clone()
    z *= w
    return z


def _accumulate(lib, x, w):
    y = x.clone()
    for _ in range(5):
        y += w
        y[0] += y[1] * 0.5
    return y


def _chained(lib, x, w):
    return (x - w).mul_(3).add_(x).neg_().sub_(w * w)


def _split(lib, x, w):
    y = x * 1
    y[:, :2] = y[:, 2:] * 2
    y[:, 3] += w[:3]
    return y


def _diagonal(lib, x, w):
    y = (x * 1)[:, :3]
    y.diagonal().copy_(w[:3] * w[1:])
    return y * y


def _unsqueezed(lib, x, w):
    y = x * 1
    y.unsqueeze(0)[0, 1].copy_(w)
    y.squeeze()[2].zero_()
    return y * 3


def _written_twice(lib, x, w):
    y = x * 1
    y[0] = w
    y[0] = w * w
    return y


def _overwritten_all(lib, x, w):
    y = x * 1
    y[:] = w
    return y * y


def _detached(lib, x, w):
    y = x * 1
    d = y.detach().clone()
    d += 5
    return y * d


def _narrowed(lib, x, w):
    y = x * 1
    y.narrow(1, 1, 2).add_(w[:2])
    y.select(0, 1).mul_(w)
    return y


def _clamped(lib, x, w):
    y = x * w
    y.clamp_(0.2, 0.6)
    return y + w


def _scattered(lib, x, w):
    y = x * 1
    y.index_add_(0, lib.tensor([0, 2]), x[:2] * w)
    y.index_fill_(1, lib.tensor([3]), 0.0)
    y.masked_fill_(y < 0.5, 1.0)
    return y * y


def _filled_views(lib, x, w):
    y = x * 1
    views = [y[i] for i in range(3)]
    views[0].copy_(views[1])
    views[2] += views[0]
    return y


LEGAL = [
    _running_sum,
    _rows_one_by_one,
    _recurrence,
    _base_then_view,
    _view_of_a_view,
    _siblings,
    _transposed,
    _branches,
    _mask,
    _rows_by_index,
    _exp_then_scale,
    _accumulate,
    _chained,
    _split,
    _diagonal,
    _unsqueezed,
    _written_twice,
    _overwritten_all,
    _detached,
    _narrowed,
    _clamped,
    _scattered,
    _filled_views,
]


@pytest.mark.parametrize("computation", LEGAL)
def test_like_pytorch(computation):
    torch = pytest.importorskip("torch")
    w = np.array([0.9, 0.4, 1.1, 0.7])
    ours = [Tensor(X.copy(), requires_grad=True), Tensor(w.copy(), requires_grad=True)]
    theirs = [torch.tensor(X, requires_grad=True), torch.tensor(w, requires_grad=True)]
    y, z = computation(ag, *ours), computation(torch, *theirs)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-12)
    weights = np.random.default_rng(2).standard_normal(y.shape)
    y.backward(weights)
    z.backward(torch.tensor(weights))
    for a, b in zip(ours, theirs, strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            np.testing.assert_allclose(a.grad.data, b.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_the_second_derivative_through_writes():
    def function(x, w):
        y = x * x
        y[1] *= w
        v = y[:, 1]
        v += y[:, 0].clone() * y[:, 2].clone()
        return (y * y).sum()

    x = Tensor(X.copy(), requires_grad=True)
    w = Tensor(rng.uniform(0.5, 1, 4), requires_grad=True)
    assert ag.testing.gradcheck(function, [x, w])
    assert ag.testing.gradgradcheck(function, [x, w])


def test_a_loop_that_adds_up_in_place():
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    x = ag.zeros(5, 2)
    for t in range(5):
        x[t] += w * t
        x[t] += w
    (x * x).sum().backward()
    np.testing.assert_allclose(w.grad.data, 2 * w.data * sum((t + 1) ** 2 for t in range(5)))


def test_many_writes_and_no_deep_recursion():
    x = ag.ones(3, requires_grad=True)
    y = x * 1
    v = y[1:]
    for i in range(3000):
        y[i % 3] += 1.0
        v *= 1.0
    y.sum().backward()
    assert x.grad.tolist() == [1, 1, 1]
