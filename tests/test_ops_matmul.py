"""Products of matrices where the conformance kit does not look: error texts, layouts, dtypes, sizes, who computes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def zeros(*shape: int, dtype: Any = np.float32) -> Tensor:
    return Tensor(np.zeros(shape, dtype))


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------
def test_matmul_says_what_differs_and_what_was_probably_meant():
    with pytest.raises(ValueError, match="matmul") as caught:
        zeros(32, 784) @ zeros(128, 784)
    assert str(caught.value) == (
        "matmul: inner sizes differ: (32, 784) @ (128, 784) has 784 against 128. "
        "Dense weights are (out, in): did you mean x @ w.T?"
    )


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ((32, 784), (128, 10), "has 784 against 128. Transpose or reshape one of them."),
        ((3, 4), (3,), "Did you mean x.T @ y?"),
        ((2, 3, 4), (2, 3, 5), "Did you mean x.mT @ y?"),
        ((2, 3, 4), (2, 3, 4), "Did you mean x @ y.mT?"),
        ((2, 3, 4), (3, 4, 5), "do not broadcast: (2, 3, 4) @ (3, 4, 5) has 2 against 3"),
        ((4,), (3,), "has 4 against 3"),
        ((), (3,), "without axes"),
    ],
)
def test_hints_only_where_they_help(left: tuple[int, ...], right: tuple[int, ...], words: str):
    with pytest.raises(ValueError, match="matmul") as caught:
        zeros(*left) @ zeros(*right)
    assert words in str(caught.value)


@pytest.mark.parametrize("shape", [(32, 1, 28, 28), (32, 28, 28)])
def test_linear_says_where_to_flatten(shape: tuple[int, ...]):
    with pytest.raises(ValueError, match="linear") as caught:
        ag.linear(zeros(*shape), zeros(10, 784), zeros(10))
    assert str(caught.value) == (
        f"linear: weight (10, 784) takes 784 features, and the last axis of x {shape} has 28. "
        f"Flatten it first: x.flatten(1), or a Flatten layer before."
    )


def test_linear_refuses_a_bias_that_would_broadcast():
    with pytest.raises(ValueError, match="bias has shape"):
        ag.linear(zeros(3, 4), zeros(5, 4), zeros(3, 1))


# ---------------------------------------------------------------------------------------------------------------------
# Sizes, layouts, dtypes
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("left", "right"), [((3, 5), (5, 4)), ((130, 70), (70, 90)), ((2, 130, 70), (70, 90)), ((3, 70, 65), (3, 65, 80))]
)
def test_small_and_large_products_with_any_strides(left: Any, right: Any, dtype: Any):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(left).astype(dtype), rng.standard_normal(right).astype(dtype)
    start = rng.standard_normal((a @ b).shape).astype(dtype)
    want = [np.einsum("...ij,...jk->...ik", a.astype(float), b.astype(float))]
    flat_a, flat_start = a.astype(float), start.astype(float)
    want.append(flat_start @ b.astype(float).mT)
    by_b = flat_a.mT @ flat_start
    want.append(by_b if by_b.ndim == b.ndim else by_b.sum(0))
    layouts = (
        lambda z: z,
        lambda z: np.ascontiguousarray(z.mT).mT,
        lambda z: np.repeat(z, 2, axis=-1)[..., ::2],
        lambda z: np.ascontiguousarray(z[..., ::-1, :])[..., ::-1, :],
    )
    for layout in layouts:
        x, y = Tensor(layout(a), requires_grad=True), Tensor(layout(b), requires_grad=True)
        out = x @ y
        found = [out, *ag.grad(out, [x, y], layout(start))]
        for have, expected in zip(found, want, strict=True):
            assert have.dtype == dtype
            np.testing.assert_allclose(have.data, expected, rtol=2e-4 if dtype == np.float32 else 1e-10, atol=1e-3)


def test_a_gradient_that_is_one_number_everywhere():
    x, y = (Tensor(np.random.default_rng(i).standard_normal((80, 80)), requires_grad=True) for i in range(2))
    (x @ y).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.broadcast_to(y.data.sum(1), (80, 80)))
    np.testing.assert_allclose(y.grad.data, np.broadcast_to(x.data.sum(0)[:, None], (80, 80)))


def test_float16_products_are_summed_in_float32():
    for size in (64, 4096):
        x = Tensor(np.full((2, size), 1.0, np.float16))
        y = Tensor(np.full((size, 70), 1.0, np.float16))
        out = x @ y
        assert out.dtype == np.float16
        assert (out.data == size).all()


def test_integers_and_mixed_dtypes():
    i = Tensor(np.arange(6).reshape(2, 3))
    assert (i @ i.T).dtype == np.int64
    assert (i @ i.T).tolist() == [[5, 14], [14, 50]]
    x = Tensor(np.ones((3, 2), np.float32), requires_grad=True)
    out = Tensor(np.ones((2, 3), np.float64)) @ x
    out.sum().backward()
    assert (out.dtype, x.grad.dtype) == (np.float64, np.float32)
    assert (np.ones((2, 3)) @ x).shape == (2, 2)
    assert isinstance(np.ones((2, 3)) @ x, Tensor)


def test_operators_of_numpy_and_aliases():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    for function, args in (
        (np.matmul, (x, x.T)),
        (np.inner, (x, x)),
        (np.kron, (x, x)),
        (np.tensordot, (x, x)),
        (np.outer, (x[0], x[1])),
    ):
        ours = function(*args)
        assert ours.requires_grad, function
        np.testing.assert_allclose(ours.data, function(*[a.data for a in args]))
    assert np.einsum("ij,kj->ik", x, x, optimize=True).tolist() == [[5.0, 14.0], [14.0, 50.0]]
    assert np.tensordot(x, x, axes=([0], [0])).shape == (3, 3)


def test_small_products_do_not_import_numba():
    code = (
        "import sys, numpy as np, autograd as ag\n"
        "x = ag.Tensor(np.ones((48, 48), np.float32), requires_grad=True)\n"
        "ag.linear(x @ x, x).sum().backward()\n"
        "(x[:, :1] @ x[:1]).sum().backward()\n"
        "assert x.grad.data.all() and 'numba' not in sys.modules and 'scipy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize(
    ("batch", "inputs", "outputs"), [((40,), 150, 90), ((3, 50), 70, 130), ((700,), 300, 7), ((4,), 9, 5)]
)
def test_linear_equals_pytorch(
    batch: tuple[int, ...], inputs: int, outputs: int, with_bias: bool, relu: bool, dtype: Any
):
    """With sizes on both sides of the crossover to kernels."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in ((*batch, inputs), (outputs, inputs), (outputs,))]
    arrays = arrays if with_bias else arrays[:2]
    ours = [Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a.astype(np.float64), requires_grad=True) for a in arrays]
    out = (ag.linear_relu if relu else ag.linear)(*ours)
    other = torch.nn.functional.linear(*theirs)
    other = other.relu() if relu else other
    start = rng.standard_normal(out.shape).astype(dtype)
    out.backward(Tensor(start))
    other.backward(torch.tensor(start.astype(np.float64)))
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(out.data, other.detach().numpy(), **tolerance)
    for x, t in zip(ours, theirs, strict=True):
        assert x.grad is not None
        assert x.grad.data.dtype == dtype
        np.testing.assert_allclose(x.grad.data, t.grad.numpy(), **tolerance)


def test_linear_relu_has_the_second_derivative_of_its_definition():
    rng = np.random.default_rng(0)
    x, w, b, v = (Tensor(rng.standard_normal(s), requires_grad=True) for s in ((30, 90), (60, 90), (60,), (30, 60)))

    def second(function: Any) -> list[np.ndarray]:
        gradients = ag.grad((function(x, w, b) * v).sum(), [x, w, b], create_graph=True)
        total = sum((g * g).sum() for g in gradients)
        return [g.data for g in ag.grad(total, [x, w, v])]

    for got, want in zip(second(ag.linear_relu), second(lambda *a: ag.relu(ag.linear(*a))), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


def test_gates_of_linear_relu_let_neither_nan_nor_infinity_through():
    x = Tensor(np.ones((40, 100), np.float32), requires_grad=True)
    w = Tensor(np.ones((80, 100), np.float32), requires_grad=True)
    b = Tensor(np.where(np.arange(80) % 2, -1000.0, 0.0).astype(np.float32), requires_grad=True)
    start = np.where(np.arange(80) % 2, np.nan, 1.0).astype(np.float32) * np.ones((40, 1), np.float32)
    ag.linear_relu(x, w, b).backward(Tensor(start))
    assert x.grad is not None
    assert (x.grad.data == 40).all()
    assert b.grad is not None
    assert b.grad.tolist() == [0.0 if i % 2 else 40.0 for i in range(80)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize(
    ("batch", "inputs", "outputs"),
    [((40,), 150, 90), ((3, 50), 70, 130), ((700,), 300, 7), ((4,), 9, 5), ((600,), 64, 600), ((65,), 600, 65)],
)
def test_linear_gelu_equals_pytorch(batch: tuple[int, ...], inputs: int, outputs: int, approximate: str, dtype: Any):
    """With sizes on both sides of the crossovers: to kernels, and to GELU in one pass."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape in ((*batch, inputs), (outputs, inputs), (outputs,))]
    arrays[1] /= inputs**0.5
    ours = [Tensor(a, requires_grad=True) for a in arrays]
    theirs = [torch.tensor(a.astype(np.float64), requires_grad=True) for a in arrays]
    out = ag.linear_gelu(*ours, approximate)
    other = torch.nn.functional.gelu(torch.nn.functional.linear(*theirs), approximate=approximate)
    start = rng.standard_normal(out.shape).astype(dtype)
    out.backward(Tensor(start))
    other.backward(torch.tensor(start.astype(np.float64)))
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(out.data, other.detach().numpy(), **tolerance)
    for x, t in zip(ours, theirs, strict=True):
        assert x.grad is not None
        np.testing.assert_allclose(x.grad.data, t.grad.numpy(), **tolerance)


def test_a_zero_gradient_of_linear_gelu_absorbs_nan():
    x = np.ones((40, 100), np.float32)
    x[3] = np.nan
    bias = Tensor(np.zeros(80, np.float32), requires_grad=True)
    start = np.ones((40, 80), np.float32)
    start[3] = 0
    ag.linear_gelu(Tensor(x), Tensor(np.full((80, 100), 0.01, np.float32)), bias).backward(Tensor(start))
    assert bias.grad is not None
    assert np.isfinite(bias.grad.data).all()
    start[3, 7] = np.nan
    bias.grad = None
    ag.linear_gelu(Tensor(np.ones_like(x)), Tensor(np.full((80, 100), 0.01, np.float32)), bias).backward(Tensor(start))
    assert np.isnan(bias.grad.data).tolist() == [j == 7 for j in range(80)]


def test_vectors_multiply_with_the_same_bits_on_any_number_of_threads():
    rng = np.random.default_rng(0)
    x, y, a = (Tensor(rng.standard_normal(shape)) for shape in (100_000, 100_000, (300, 100_000)))
    before = ag.get_num_threads()
    try:
        results = []
        for threads in (1, 2):
            ag.set_num_threads(threads)
            results.append([(x @ y).data.tobytes(), (a @ x).data.tobytes(), (x @ a.T).data.tobytes()])
    finally:
        ag.set_num_threads(before)
    assert results[0] == results[1]
    np.testing.assert_allclose((a @ x).data, a.data @ x.data, rtol=1e-9, atol=1e-9)
    assert (x @ y).shape == ()


# ---------------------------------------------------------------------------------------------------------------------
# einsum
# ---------------------------------------------------------------------------------------------------------------------
def test_einsum_equals_numpy_on_random_equations():
    rng = np.random.default_rng(0)
    sizes = dict(zip("abcde", (2, 3, 4, 1, 2), strict=True))
    for _ in range(200):
        terms = ["".join(rng.choice(list(sizes), rng.integers(0, 4))) for _ in range(rng.integers(1, 4))]
        letters = sorted(set("".join(terms)))
        out = "".join(rng.permutation(letters)[: rng.integers(0, len(letters) + 1)]) if letters else ""
        equation = ",".join(terms) + "->" + out
        operands = [rng.standard_normal([sizes[c] for c in term]) for term in terms]
        result = ag.einsum(equation, *[Tensor(operand) for operand in operands])
        np.testing.assert_allclose(result.data, np.einsum(equation, *operands), rtol=1e-9, atol=1e-12, err_msg=equation)


def test_einsum_takes_a_list_and_never_hands_out_its_operand():
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    assert ag.einsum("ij,ij->", [x, x]).item() == 6.0
    out = ag.einsum("ij->ji", x)
    assert not np.shares_memory(out.data, x.data)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda a, b: ag.einsum("ij,jk->ik", a, b), lambda a, b: a @ b),
        (ag.matmul, lambda a, b: a @ b),
        (lambda a, b: ag.linear(a, b.T), lambda a, b: a @ b),
        (lambda a, b: a @ b[0], lambda a, b: a @ b[0]),
        (ag.cross, lambda a, b: a.cross(b, dim=0)),
        (ag.linalg.cross, lambda a, b: a.cross(b, dim=-1)),
    ],
)
def test_gradients_of_complex_products_are_conjugated_as_in_pytorch(ours: Any, theirs: Any):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3)) for _ in range(2))
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    t, u = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    out, other = ours(x, y), theirs(t, u)
    start = rng.standard_normal(out.shape) + 1j * rng.standard_normal(out.shape)
    np.testing.assert_allclose(out.data, other.detach().numpy())
    wants = torch.autograd.grad(other, [t, u], torch.tensor(start))
    for have, want in zip(ag.grad(out, [x, y], start), wants, strict=True):
        np.testing.assert_allclose(have.data, want.numpy())


@pytest.mark.parametrize(
    ("left", "right"),
    [((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((2, 3, 4), (4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((4,), (2, 4, 3))],
)
def test_matmul_equals_pytorch(left: tuple[int, ...], right: tuple[int, ...]):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(left), rng.standard_normal(right)
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    t, u = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    out, other = x @ y, t @ u
    start = rng.standard_normal(out.shape)
    np.testing.assert_allclose(out.data, other.detach().numpy())
    wants = torch.autograd.grad(other, [t, u], torch.tensor(start))
    for have, want in zip(ag.grad(out, [x, y], start), wants, strict=True):
        np.testing.assert_allclose(have.data, want.numpy())
