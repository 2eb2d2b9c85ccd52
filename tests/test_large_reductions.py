"""Reductions of arrays so large that kernels serve, against PyTorch: values, gradients, and what is special."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag

torch = pytest.importorskip("torch")
SHAPE = (40, 50, 60)


def values(dtype, seed=0):
    return np.random.default_rng(seed).normal(size=SHAPE).astype(dtype)


def compare(ours_of, theirs_of, x, rtol):
    ours, theirs = ag.Tensor(x, requires_grad=True), torch.from_numpy(x.copy()).requires_grad_()
    out, expected = ours_of(ours), theirs_of(theirs)
    assert out.shape == tuple(expected.shape)
    scale = max(1.0, float(expected.detach().abs().max()))
    np.testing.assert_allclose(out.detach().numpy(), expected.detach().numpy(), rtol=rtol, atol=rtol * scale)
    g = np.random.default_rng(9).normal(size=out.shape).astype(x.dtype)
    out.backward(ag.tensor(g))
    expected.backward(torch.from_numpy(np.asarray(g)))
    scale = max(1.0, float(np.abs(theirs.grad.numpy()).max()))
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=10 * rtol, atol=rtol * scale)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-10)])
@pytest.mark.parametrize("dim", [0, 1, 2, (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "var", "std", "norm", "logsumexp"])
def test_over_axes(name, dim, dtype, rtol):
    for keepdim in (False, True):
        for turned in (False, True):

            def reduce(library, t, keepdim=keepdim, turned=turned):
                t = t.permute(2, 0, 1) if turned else t
                if name == "norm":
                    return (library.linalg.vector_norm if library is torch else library.norm)(
                        t, dim=dim, keepdim=keepdim
                    )
                return getattr(library, name)(t, dim=dim, keepdim=keepdim)

            compare(lambda t, of=reduce: of(ag, t), lambda t, of=reduce: of(torch, t), values(dtype), rtol)


@pytest.mark.parametrize("dim", [0, 1, 2])
@pytest.mark.parametrize("name", ["max", "min"])
def test_values_and_places(name, dim):
    x = np.random.default_rng(1).permutation(np.prod(SHAPE)).reshape(SHAPE).astype(np.float32)
    compare(lambda t: getattr(ag, name)(t, dim)[0], lambda t: getattr(torch, name)(t, dim)[0], x, 1e-6)
    for keepdim in (False, True):
        places = getattr(ag, f"arg{name}")(ag.tensor(x), dim, keepdim).numpy()
        expected = getattr(torch, f"arg{name}")(torch.from_numpy(x), dim, keepdim).numpy()
        np.testing.assert_array_equal(places, expected)


def test_equal_extremes_share_the_gradient():
    x = np.random.default_rng(2).integers(0, 4, SHAPE).astype(np.float32)
    for dim in (0, 1, 2, (0, 1, 2)):
        compare(lambda t, dim=dim: ag.amax(t, dim), lambda t, dim=dim: torch.amax(t, dim), x, 1e-5)


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_logsumexp_of_infinities(dim):
    x = values(np.float32)
    x[3] = -np.inf
    x[:, 4] = -np.inf
    x[:, :, 5] = -np.inf
    x[6, 7, 8], x[9, 10, 11] = np.inf, np.nan
    x[12, 13, 14], x[12, 20, 14] = np.inf, np.nan
    got, expected = ag.logsumexp(ag.tensor(x), dim).numpy(), torch.logsumexp(torch.from_numpy(x), dim).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    x = np.abs(values(np.float64)) * 1000
    got, expected = ag.logsumexp(ag.tensor(x), dim).numpy(), torch.logsumexp(torch.from_numpy(x), dim).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_second_derivatives():
    x = values(np.float64)
    for name in ("var", "norm", "logsumexp", "std"):
        for dim in (0, 2):
            ours, theirs = ag.Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
            out, expected = getattr(ag, name)(ours, dim=dim), getattr(torch, name)(theirs, dim=dim)
            (g,) = ag.grad((out * out).sum(), [ours], create_graph=True)
            (expected_g,) = torch.autograd.grad((expected * expected).sum(), [theirs], create_graph=True)
            (second,) = ag.grad((g * g).sum(), [ours])
            (expected_second,) = torch.autograd.grad((expected_g * expected_g).sum(), [theirs])
            np.testing.assert_allclose(second.numpy(), expected_second.numpy(), rtol=1e-8, atol=1e-10)
