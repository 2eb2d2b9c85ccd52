"""Optimizer steps against loops over single elements and against PyTorch; norms and scaling of gradients."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from autograd.kernels import clip, jit, update

# empty, single and shared blocks; one tensor over several blocks
SHAPES = [(3, 5), (0, 4), (), (40_000,), (17,), (2, 0), (130, 131), (1,)]
TOLERANCE = {np.float32: 1e-6, np.float64: 1e-12}
DTYPES = [np.float32, np.float64]


def arrays(seed, dtype, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def zeros(params):
    return [np.zeros_like(param) for param in params]


# One element at a time, in float64: (parameter, gradient, state, options) -> parameter; state is changed.


def naive_sgd(p, g, state, step, lr, momentum=0.0, dampening=0.0, nesterov=False, weight_decay=0.0, maximize=False):
    g = (-g if maximize else g) + weight_decay * p
    if momentum:
        state["b"] = g if step == 1 else momentum * state["b"] + (1 - dampening) * g
        g = g + momentum * state["b"] if nesterov else state["b"]
    return p - lr * g


def naive_adam(
    p, g, state, step, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, decoupled=False, maximize=False,
    amsgrad=False,
):  # fmt: skip
    g = -g if maximize else g
    if decoupled:
        p *= 1 - lr * weight_decay
    else:
        g += weight_decay * p
    state["m"] = beta1 * state.get("m", 0.0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0.0) + (1 - beta2) * g * g
    state["max"] = max(state.get("max", 0.0), state["v"])
    v = state["max"] if amsgrad else state["v"]
    return p - lr / (1 - beta1**step) * state["m"] / (math.sqrt(v / (1 - beta2**step)) + eps)


def naive_adagrad(p, g, state, step, lr, lr_decay=0.0, weight_decay=0.0, eps=1e-10, maximize=False):
    g = (-g if maximize else g) + weight_decay * p
    state["s"] = state.get("s", 0.0) + g * g
    return p - lr / (1 + (step - 1) * lr_decay) * g / (math.sqrt(state["s"]) + eps)


def naive_rmsprop(
    p, g, state, step, lr, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False, maximize=False
):
    g = (-g if maximize else g) + weight_decay * p
    state["v"] = alpha * state.get("v", 0.0) + (1 - alpha) * g * g
    state["a"] = alpha * state.get("a", 0.0) + (1 - alpha) * g
    change = g / (math.sqrt(state["v"] - (state["a"] ** 2 if centered else 0)) + eps)
    state["b"] = momentum * state.get("b", 0.0) + change
    return p - lr * (state["b"] if momentum else change)


class Rule:
    """One optimizer: its kernel on lists of arrays, its loop, and PyTorch's, with the same options."""

    def __init__(self, name, **options):
        self.name, self.options = name, options

    def __repr__(self):
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.options.items())})"

    def state(self, params):
        return [[np.full_like(param, np.nan if self.name == "sgd" else 0) for param in params] for _ in range(3)]

    def run(self, params, grads, state, step):
        options, steps = dict(self.options), [step] * len(params)
        if self.name == "sgd":
            update.sgd(params, grads, state[0] if "momentum" in options else None, [step == 1] * len(params), **options)
        elif self.name == "adam":
            largest = state[2] if options.pop("amsgrad", False) else None
            update.adam(params, grads, state[0], state[1], largest, steps, **options)
        elif self.name == "adagrad":
            update.adagrad(params, grads, state[0], steps, **options)
        else:
            means = state[2] if options.pop("centered", False) else None
            update.rmsprop(params, grads, state[0], state[1] if "momentum" in options else None, means, **options)

    def naive(self, p, g, state, step):
        return globals()[f"naive_{self.name}"](p, g, state, step, **self.options)

    def pytorch(self, torch, tensors):
        options = dict(self.options)
        kind = {"sgd": "SGD", "adam": "Adam", "adagrad": "Adagrad", "rmsprop": "RMSprop"}[self.name]
        if options.pop("decoupled", False):
            kind = "AdamW"
        if "beta1" in options:
            options["betas"] = (options.pop("beta1"), options.pop("beta2"))
        return getattr(torch.optim, kind)(tensors, **options)


RULES = [
    Rule("sgd", lr=0.1),
    Rule("sgd", lr=0.1, weight_decay=0.1, maximize=True),
    Rule("sgd", lr=0.1, momentum=0.9, dampening=0.3),
    Rule("sgd", lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05),
    Rule("adam", lr=0.01),
    Rule("adam", lr=0.01, weight_decay=0.1, amsgrad=True),
    Rule("adam", lr=0.01, weight_decay=0.1, decoupled=True, beta1=0.8, beta2=0.99, eps=1e-6),
    Rule("adam", lr=0.01, maximize=True, amsgrad=True, weight_decay=0.1, decoupled=True),
    Rule("adagrad", lr=0.05),
    Rule("adagrad", lr=0.05, lr_decay=0.1, weight_decay=0.1, eps=1e-6, maximize=True),
    Rule("rmsprop", lr=0.01),
    Rule("rmsprop", lr=0.01, momentum=0.9, centered=True, weight_decay=0.1),
    Rule("rmsprop", lr=0.01, momentum=0.5, alpha=0.9, eps=1e-5, maximize=True),
    Rule("rmsprop", lr=0.01, centered=True),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_ten_steps_against_a_loop(rule, dtype):
    params = arrays(0, dtype, [(2, 3), (), (4,)])
    expected = [param.astype(np.float64) for param in params]
    states = [[{} for _ in range(param.size)] for param in params]
    state = rule.state(params)
    for step in range(1, 11):
        grads = arrays(step, dtype, [(2, 3), (), (4,)])
        rule.run(params, grads, state, step)
        for values, grad, own in zip(expected, grads, states, strict=True):
            for i in range(values.size):
                values.flat[i] = rule.naive(float(values.flat[i]), float(grad.flat[i]), own[i], step)
    for got, values in zip(params, expected, strict=True):
        # The variance of a centered step is a difference: relative to the changes, not to what is left of a parameter.
        np.testing.assert_allclose(got, values, rtol=100 * TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_ten_steps_against_pytorch(rule, dtype):
    torch = pytest.importorskip("torch")
    params = arrays(0, dtype)
    tensors = [torch.tensor(param, requires_grad=True) for param in params]
    theirs = rule.pytorch(torch, tensors)
    state = rule.state(params)
    for step in range(1, 11):
        grads = arrays(step, dtype)
        for tensor, grad in zip(tensors, grads, strict=True):
            tensor.grad = torch.tensor(grad)
        theirs.step()
        rule.run(params, grads, state, step)
    for got, tensor in zip(params, tensors, strict=True):
        expected = tensor.detach().numpy()
        scale = 1 + np.abs(expected)
        loose = 30 if rule.options.get("centered") else 1  # sqrt(v - a**2) magnifies the last bits of v
        assert np.all(np.abs(got - expected) <= loose * TOLERANCE[dtype] * scale)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_layout_dtype_and_threads_do_not_matter(rule):
    dense, grads = arrays(0, np.float64), arrays(1, np.float64)
    state = rule.state(dense)
    wide = [np.zeros((*param.shape, 2)) for param in dense]
    strided = [array[..., 1] for array in wide]
    for view, param in zip(strided, dense, strict=True):
        view[...] = param
    strided_state = copy.deepcopy(state)
    strided_grads = [np.repeat(grad[..., None], 3, -1)[..., 0] for grad in grads]
    before = jit.get_num_threads()
    for step in (1, 2):
        jit.set_num_threads(1)
        rule.run(dense, grads, state, step)
        jit.set_num_threads(2)
        rule.run(strided, strided_grads, strided_state, step)
    jit.set_num_threads(before)
    for got, expected, whole in zip(strided, dense, wide, strict=True):
        np.testing.assert_array_equal(got, expected)
        assert not whole[..., 0].any()
    for got, expected in zip(strided_state, state, strict=True):
        for one, other in zip(got, expected, strict=True):
            np.testing.assert_array_equal(one, other)

    mixed = [param.astype((np.float32, np.float64, np.float16)[i % 3]) for i, param in enumerate(arrays(0, np.float64))]
    state = [list(one) for one in rule.state(mixed)]
    for step in (1, 2):
        rule.run(mixed, [grad.astype(param.dtype) for grad, param in zip(grads, mixed, strict=True)], state, step)
    for got, expected in zip(mixed, dense, strict=True):
        np.testing.assert_allclose(got, expected, rtol=2e-2 if got.dtype == np.float16 else 1e-4, atol=2e-2)


def test_complex_parameters_are_two_real_ones():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    param = rng.normal(size=5) + 1j * rng.normal(size=5)
    tensor = torch.tensor(param, requires_grad=True)
    theirs = torch.optim.Adam([tensor], lr=0.1)
    state = [[np.zeros_like(param)] for _ in range(2)]
    for step in (1, 2, 3):
        grad = rng.normal(size=5) + 1j * rng.normal(size=5)
        tensor.grad = torch.tensor(grad)
        theirs.step()
        update.adam([param], [grad], *state, None, [step], lr=0.1)
    np.testing.assert_allclose(param, tensor.detach().numpy(), rtol=1e-12)


def test_steps_may_differ_between_parameters():
    together, alone, grads = arrays(0, np.float64), arrays(0, np.float64), arrays(1, np.float64)
    steps = [*range(1, len(together) + 1)]
    update.adam(together, grads, zeros(together), zeros(together), None, steps, lr=0.1)
    for param, grad, step in zip(alone, grads, steps, strict=True):
        update.adam([param], [grad], zeros([param]), zeros([param]), None, [step], lr=0.1)
    for got, expected in zip(together, alone, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_nan_and_infinity_stay_where_they_are():
    params, grads = [np.array([1.0, np.inf, 2.0])], [np.array([np.nan, 1.0, 0.0])]
    m, v, most = zeros(params), zeros(params), zeros(params)
    for step in (1, 2):
        update.adam(params, grads, m, v, most, [step], lr=0.1)
    np.testing.assert_array_equal(params[0], [np.nan, np.inf, 2.0])
    np.testing.assert_array_equal(np.isnan(most[0]), [True, False, False])
    assert np.isfinite(m[0][1])  # 0 weight decay times infinity would be NaN
    update.adam(params, [np.zeros(3)], m, v, most, [3], lr=0.1)
    assert np.isnan(most[0][0])


@pytest.mark.parametrize("p", [1, 2, 3.5, math.inf])
def test_global_norm(p):
    grads = [*arrays(0, np.float32), *arrays(1, np.float64), arrays(2, np.float64, [(6, 7)])[0].T]
    values = np.concatenate([np.abs(grad.astype(np.float64)).ravel() for grad in grads]).tolist()
    expected = max(values) if p == math.inf else math.fsum(value**p for value in values) ** (1 / p)
    before = jit.get_num_threads()
    jit.set_num_threads(1)
    alone = clip.global_norm(grads, p)
    jit.set_num_threads(2)
    assert clip.global_norm(grads, p) == alone
    jit.set_num_threads(before)
    assert alone == pytest.approx(expected, rel=1e-6)
    assert clip.global_norm([], p) == 0
    assert clip.global_norm([np.full(3, 1e30, np.float32)]) == pytest.approx(math.sqrt(3) * 1e30)
    assert math.isnan(clip.global_norm([*grads, np.array([np.nan, np.inf])], p))
    assert clip.global_norm([*grads, np.array([-np.inf], np.float32)], p) == math.inf


def test_scale_in_place():
    grads = [*arrays(0, np.float32), *arrays(1, np.float64), arrays(2, np.float64, [(6, 7)])[0].T, np.ones(3, "f2")]
    before = [grad.copy() for grad in grads]
    clip.scale_in_place(grads, 0.25)
    for got, old in zip(grads, before, strict=True):
        np.testing.assert_array_equal(got, old * old.dtype.type(0.25))


def test_wrong_use_gets_one_clear_error():
    one = [np.ones(3)]
    with pytest.raises(ValueError, match=r"sgd: grads\[0\] has shape \(2,\), but its parameter has \(3,\)"):
        update.sgd(one, [np.ones(2)], None, lr=0.1)
    with pytest.raises(ValueError, match="sgd: 1 parameters need as many grads, got 2"):
        update.sgd(one, one * 2, None, lr=0.1)
    with pytest.raises(ValueError, match="sgd: momentum needs momentum_buffers"):
        update.sgd(one, one, None, lr=0.1, momentum=0.9)
    with pytest.raises(TypeError, match="sgd: parameters are floating-point or complex, got int64"):
        update.sgd([np.ones(3, int)], one, None, lr=0.1)
    fixed = np.ones(3)
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match=r"sgd: params\[0\] of shape \(3,\) is read-only"):
        update.sgd([fixed], one, None, lr=0.1)
