"""A layer and the ReLU or GELU behind it in `Sequential`: one pass, and nobody can tell the difference."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import autograd as ag
import nn

LAYERS = {
    "dense": (lambda: nn.Dense(5, 7), (4, 5)),
    "dense, more axes": (lambda: nn.Dense(5, 7, bias=False), (2, 3, 5)),
    "dense, by kernels": (lambda: nn.Dense(130, 70), (65, 130)),
    "convolution": (lambda: nn.Conv2D(3, 20, 3, padding=1), (2, 3, 9, 9)),
    "convolution of many channels": (lambda: nn.Conv2D(32, 32, 3, padding=1, bias=False), (2, 32, 12, 12)),
    "convolution, reflected": (lambda: nn.Conv2D(3, 4, 3, padding=1, padding_mode="reflect"), (2, 3, 9, 9)),
    "convolution along one axis": (lambda: nn.Conv1D(3, 4, 3, stride=2), (2, 3, 20)),
    "batch norm": (lambda: nn.BatchNorm2D(3), (4, 3, 20, 20)),
    "batch norm of features": (lambda: nn.BatchNorm1D(6), (9, 6)),
}


def apart(model, x):
    for module in model:
        x = module(x)
    return x


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_same_bits_as_one_after_the_other(name, dtype):
    make, shape = LAYERS[name]
    data = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    together = nn.Sequential(make(), nn.ReLU()).to(dtype)
    separate = copy.deepcopy(together)
    results = []
    for model, run in ((together, lambda m, x: m(x)), (separate, apart)):
        x = ag.from_numpy(data.copy()).requires_grad_()
        out = run(model, x)
        (out * out).sum().backward()
        assert ("relu" in out.node.name or "standardize" in out.node.name) or model is separate
        results.append([out.detach().numpy(), x.grad.numpy(), *[p.grad.numpy() for p in model.parameters()]])
        results[-1] += [buffer.numpy() for buffer in model.buffers()]
    assert (results[0][0] >= 0).all()
    assert np.array_equal(results[0][0], results[1][0])
    tolerance = 2e-5 if dtype == "float32" else 1e-12
    for one, other in zip(results[0][1:], results[1][1:], strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * max(1, np.abs(other).max()))


@pytest.mark.parametrize("name", LAYERS)
def test_second_derivative(name):
    make, shape = LAYERS[name]
    model = nn.Sequential(make(), nn.ReLU()).double()
    x = ag.from_numpy(np.random.default_rng(1).standard_normal(shape)).requires_grad_()
    found = []
    for run in (lambda: model(x), lambda: apart(model, x)):
        (slope,) = ag.grad((run() ** 3).sum(), x, create_graph=True)
        found.append(ag.grad((slope * slope).sum(), x)[0].numpy())
    np.testing.assert_allclose(*found, rtol=1e-9, atol=1e-9 * np.abs(found[1]).max())


def test_hooks_see_what_lies_between():
    model = nn.Sequential(nn.Dense(3, 4), nn.ReLU())
    x = ag.from_numpy(np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32))
    for part in model:
        seen = []
        handle = part.register_forward_hook(lambda module, args, out, seen=seen: seen.append((args[0], out)))
        out = model(x)
        handle.remove()
        ((given, result),) = seen
        between = model[0](x)
        assert np.array_equal(given.detach().numpy(), x.numpy() if part is model[0] else between.detach().numpy())
        assert np.array_equal(result.detach().numpy(), (between if part is model[0] else out).detach().numpy())
    assert (between.detach().numpy() < 0).any()


def test_a_forward_of_ones_own_runs():
    class Doubled(nn.Dense):
        def forward(self, x):
            return 2 * super().forward(x)

    class Leaky(nn.ReLU):
        def forward(self, x):
            return ag.leaky_relu(x, 0.1)

    x = ag.from_numpy(np.random.default_rng(0).standard_normal((8, 3)).astype(np.float32))
    for model in (nn.Sequential(Doubled(3, 4), nn.ReLU()), nn.Sequential(nn.Dense(3, 4), Leaky())):
        assert np.array_equal(model(x).detach().numpy(), apart(model, x).detach().numpy())
    model = nn.Sequential(nn.Dense(3, 4), nn.ReLU())
    model[0].forward = lambda x: x + 100
    assert np.array_equal(model(x).detach().numpy(), np.maximum(x.numpy() + 100, 0))
    model = nn.Sequential(nn.Dense(3, 4), nn.ReLU())
    model[1].forward = lambda x: x - 100
    assert (model(x).detach().numpy() < 0).all()


def test_an_error_names_the_layer():
    model = nn.Sequential(nn.Flatten(), nn.Dense(5, 7), nn.ReLU())
    with pytest.raises(ValueError, match=r"Dense\(3, 7\)(.|\n)*in 1 \(Dense"):
        model(ag.ones(2, 3))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [name for name in LAYERS if name.startswith("dense")])
def test_dense_and_gelu(name, dtype, approximate):
    make, shape = LAYERS[name]
    data = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    together = nn.Sequential(make(), nn.GELU(approximate)).to(dtype)
    separate = copy.deepcopy(together)
    results = []
    for model, run in ((together, lambda m, x: m(x)), (separate, apart)):
        x = ag.from_numpy(data.copy()).requires_grad_()
        out = run(model, x)
        (out * out).sum().backward()
        assert (out.node.name == "linear_gelu") == (model is together and name == "dense, by kernels")
        results.append([out.detach().numpy(), x.grad.numpy(), *[p.grad.numpy() for p in model.parameters()]])
        with ag.no_grad():
            np.testing.assert_array_equal(run(model, x).numpy(), results[-1][0])
    tolerance = 2e-6 if dtype == "float32" else 1e-14
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * max(1, np.abs(other).max()))


def test_a_layer_that_takes_no_gelu_is_followed_by_it():
    model = nn.Sequential(nn.BatchNorm1D(6), nn.GELU(), nn.Dense(6, 3), nn.Tanh())
    x = ag.from_numpy(np.random.default_rng(0).standard_normal((9, 6)).astype(np.float32))
    assert np.array_equal(model(x).detach().numpy(), apart(model, x).detach().numpy())
    seen = []
    model = nn.Sequential(nn.Dense(6, 3), nn.GELU())
    model[1].register_forward_hook(lambda module, args, out: seen.append(args[0]))
    out = model(x)
    assert np.array_equal(out.detach().numpy(), ag.gelu(seen[0]).detach().numpy())


def test_a_transformer_knows_relu_by_each_of_its_names() -> None:
    for given in ("relu", ag.relu, nn.functional.relu):
        assert nn.TransformerEncoderLayer(8, 2, activation=given).activation is nn.functional.relu
