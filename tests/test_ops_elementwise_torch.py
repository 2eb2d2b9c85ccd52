"""Elementwise operations against PyTorch, at kinks and ties and far out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.ops.references import PAIRS
from tests.leaves import leaf
from tests.torch_oracle import close, compare, normal

# ---------------------------------------------------------------------------------------------------------------------
# Against PyTorch, at kinks and ties and far out
# ---------------------------------------------------------------------------------------------------------------------
POINTS = [-1000, -100, -20.5, -6, -3, -2.5, -2, -1, -0.5, -0.25, -1e-3, 0, 1e-3, 0.25, 0.5, 1, 1.5, 2, 3, 6, 20.5, 1000]
TWO_INPUTS = (
    "add sub mul div remainder fmod pow maximum minimum fmax fmin logaddexp logaddexp2 copysign xlogy atan2 hypot eq "
    "ne lt le gt ge isclose"
)
ONE_INPUT = (
    "abs acos asin asinh atan ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac lgamma log log10 log1p log2 "
    "nan_to_num neg positive rad2deg reciprocal round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc celu elu "
    "gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu silu softplus "
    "softshrink softsign tanhshrink"
)
UNARY: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in ONE_INPUT.split()] + [
    ("celu", {"alpha": 2.0}),
    ("clamp", {"min": -1.0, "max": 2.0}),
    ("clamp", {"min": 2.0, "max": -1.0}),
    ("clamp", {"min": 0.5}),
    ("clamp_max", {"max": 0.5}),
    ("clamp_min", {"min": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": "tanh"}),
    ("hardshrink", {"lambd": 1.0}),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("round", {"decimals": 1}),
    ("softplus", {"beta": 2.0, "threshold": 3.0}),
    ("softshrink", {"lambd": 1.0}),
    ("threshold", {"threshold": 0.5, "value": 7.0}),
    *(("pow", {"exponent": e}) for e in (0, 1, 2, 3, 4, 5, -1, -2, 0.5, -0.5, 1.5, 2.5)),
]


@pytest.mark.parametrize(("name", "options"), UNARY, ids=lambda value: value if isinstance(value, str) else str(value))
def test_one_input_against_pytorch(name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    x = np.array(POINTS, np.float64)
    theirs = torch.tensor(x, requires_grad=True)
    ours = ag.Tensor(x, requires_grad=True)
    if "exponent" in options:
        expected, result = torch.pow(theirs, options["exponent"]), ag.pow(ours, options["exponent"])
    else:
        expected = getattr(torch, name, None) or getattr(torch.nn.functional, name)
        expected, result = expected(theirs, **options), getattr(ag, name)(ours, **options)
    np.testing.assert_allclose(result.data, expected.detach().numpy(), 1e-9, 1e-13)
    weights = np.linspace(1, 2, len(x))
    (g,) = ag.grad(result, ours, weights)
    (want,) = torch.autograd.grad(expected, theirs, torch.tensor(weights))
    # PyTorch's hardsigmoid has 1/6 in float32.
    np.testing.assert_allclose(g.data, want.numpy(force=True), 1e-7 if name == "hardsigmoid" else 1e-9, 1e-13)


@pytest.mark.parametrize(
    "name",
    TWO_INPUTS.split(),
)
def test_two_inputs_against_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    values = [-np.inf, -1000.0, -2.5, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 1000, np.inf, np.nan]
    pairs = [np.array([p, q]) for p in values for q in values]
    # hypot and xlogy have a finite gradient at 0 where PyTorch's is NaN; its copysign has NaN at infinity.
    if name in ("hypot", "xlogy"):
        pairs = [p for p in pairs if p[0] != 0]
    if name == "copysign":
        pairs = [p for p in pairs if not np.isinf(p[0])]
    x, y = np.array(pairs).T.copy()
    theirs = [torch.tensor(v, requires_grad=True) for v in (x, y)]
    ours = [ag.Tensor(v, requires_grad=True) for v in (x, y)]
    expected, result = getattr(torch, name)(*theirs), getattr(ag, name)(*ours)
    np.testing.assert_allclose(result.data, expected.detach().numpy(), 1e-9, 1e-13)
    assert result.requires_grad == expected.requires_grad
    if result.requires_grad:
        weights = np.linspace(1, 2, len(x))
        for g, want in zip(
            ag.grad(result, ours, weights), torch.autograd.grad(expected, theirs, torch.tensor(weights)), strict=True
        ):
            np.testing.assert_allclose(g.data, want.numpy(force=True), 1e-9, 1e-13)


def test_ties_share_the_gradient() -> None:
    x, y = leaf(1.0, 2.0, 3.0), leaf(2.0, 2.0, 2.0)
    for name, share_of_x in (("maximum", [0, 0.5, 1]), ("minimum", [1, 0.5, 0]), ("fmax", [0, 1, 1])):
        gx, gy = ag.grad(getattr(ag, name)(x, y).sum(), [x, y])
        np.testing.assert_array_equal(gx.data, share_of_x)
        np.testing.assert_array_equal(gy.data, 1 - np.array(share_of_x))


def test_halves_round_to_the_even_neighbour() -> None:
    np.testing.assert_array_equal(ag.round(ag.Tensor([-1.5, -0.5, 0.5, 1.5, 2.5])).data, [-2, 0, 0, 2, 2])


def test_sinc_has_every_derivative_at_zero() -> None:
    x = leaf(0.0)
    y = ag.sinc(x)
    found = [y.item()]
    for _ in range(4):
        (y,) = ag.grad(y.sum(), x, create_graph=True)
        found.append(y.item())
    np.testing.assert_allclose(found, [1, 0, -(math.pi**2) / 3, 0, math.pi**4 / 5], atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# As in PyTorch
# ---------------------------------------------------------------------------------------------------------------------
_WHOLE = np.arange(-4, 8).reshape(3, 4)

AS_IN_PYTORCH = [
    *(
        ("frexp", {"x": x})
        for x in (normal(3, 4), normal(5) * 1e6, normal(2, 0), normal(), np.array([0.0, -0.5, 1024.0]))
    ),
    *(("nextafter", {"x": normal(*a), "y": normal(*b, seed=1)}) for a, b in PAIRS),
    *(("ldexp", {"x": normal(*a), "y": normal(*b, seed=1)}) for a, b in PAIRS),
    *(("gcd", {"x": 6 * _WHOLE, "y": y}) for y in (_WHOLE, _WHOLE[0], np.array(4), _WHOLE[:, :1], _WHOLE * 0)),
    *(("lcm", {"x": 6 * _WHOLE, "y": y}) for y in (_WHOLE, _WHOLE[0], np.array(4), _WHOLE[:, :1], _WHOLE * 0)),
    *(
        ("linalg.vander", {"x": x})
        for x in (normal(4), normal(2, 3), normal(2, 1, 3), np.array([0.0, 1.0, -2.0]), normal(0, 2))
    ),
]


@pytest.mark.parametrize(("name", "arrays"), AS_IN_PYTORCH)
def test_as_in_pytorch(name: str, arrays: dict[str, np.ndarray]) -> None:
    torch = pytest.importorskip("torch")
    if name == "linalg.vander":
        x, y = ag.Tensor(arrays["x"], requires_grad=True), torch.tensor(arrays["x"], requires_grad=True)
        for count in (None, 2, 5):
            have, want = ag.linalg.vander(x, N=count), torch.linalg.vander(y, N=count)
            close(have.data, want.detach().numpy(), 1e-12, name)
            g, expected = ag.grad((have * have).sum(), x)[0], torch.autograd.grad((want * want).sum(), y)[0]
            close(g.data, expected.numpy(), 1e-10, name)
        return
    if arrays["x"].dtype.kind == "i":
        have, want = getattr(ag, name)(*arrays.values()), getattr(torch, name)(*map(torch.tensor, arrays.values()))
        np.testing.assert_array_equal(have, want.numpy())
        return
    compare(name, arrays, getattr(torch, name))


def test_ldexp_by_integers() -> None:
    x = leaf(1.5, -3.0, 0.75, dtype=np.float32)
    y = ag.ldexp(x, ag.tensor([-2, 3, -1]))
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y.data, [0.375, -24.0, 0.375])
    np.testing.assert_array_equal(ag.grad(y.sum(), x)[0].data, [0.25, 8.0, 0.5])  # PyTorch 2.13 has 0 for negative ones
    huge = ag.ldexp(ag.tensor(2.0**-140), 200)
    assert huge.item() == 2.0**60
    assert ag.ldexp(ag.tensor(1.0), 1 << 40).item() == math.inf
