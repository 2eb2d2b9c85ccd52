"""Special functions: exact numbers by mpmath, special points, and far arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.special_functions import EXPECTED, INF, NAN, ONE, special


# ---------------------------------------------------------------------------------------------------------------------
# Exact numbers: mpmath, where it is installed
# ---------------------------------------------------------------------------------------------------------------------
def _exact() -> dict[str, tuple[Callable[..., Any], list[float]]]:
    mp = pytest.importorskip("mpmath")
    far = [1e-3, 0.5, 3.0, 30.0, 49.9, 50.1, 500.0]
    both = [-60.0, -7.0, -1e-3, *far]
    few = [0.5, 5.0, 50.1, 500.0]  # of K, which take mpmath long
    return {
        "bessel_j0": (lambda x: mp.besselj(0, x), [-7.0, 0.0, *far, 1e4]),
        "bessel_j1": (lambda x: mp.besselj(1, x), [-7.0, 0.0, *far, 1e4]),
        "bessel_y0": (lambda x: mp.bessely(0, x), far),
        "bessel_y1": (lambda x: mp.bessely(1, x), far),
        "i0": (lambda x: mp.besseli(0, x), [-7.0, 0.0, *far]),
        "i1": (lambda x: mp.besseli(1, x), [-7.0, 0.0, *far]),
        "i0e": (lambda x: mp.besseli(0, x) * mp.exp(-abs(x)), [*both, 1e5]),
        "i1e": (lambda x: mp.besseli(1, x) * mp.exp(-abs(x)), [*both, 1e5]),
        "modified_bessel_k0": (lambda x: mp.besselk(0, x), few),
        "modified_bessel_k1": (lambda x: mp.besselk(1, x), few),
        "scaled_modified_bessel_k0": (lambda x: mp.besselk(0, x) * mp.exp(x), [*few, 1e5]),
        "scaled_modified_bessel_k1": (lambda x: mp.besselk(1, x) * mp.exp(x), [*few, 1e5]),
        "airy_ai": (mp.airyai, [-50.0, -7.0, -1e-3, 0.0, 0.5, 3.0, 30.0]),
        "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), [-7.0, 0.0, 0.5, 3.0, 11.9, 12.1, 500.0, 1e5]),
        "log_ndtr": (lambda x: mp.log(mp.ncdf(x)), [-1e3, -17.0, -7.0, 0.0, 0.5, 3.0, 8.0]),
        "ndtr": (mp.ncdf, [-20.0, -7.0, -1e-3, 0.0, 0.5, 3.0]),
        "ndtri": (lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), [1e-3, 0.1, 0.5, 0.99]),
        "spherical_bessel_j0": (mp.sinc, [-1e3, -4.0, -1e-3, 0.0, 1e-9, 2.9, 3.1, 50.0]),
        "gammaln": (lambda x: mp.log(abs(mp.gamma(x))), [-2.5, 1e-2, 0.5, 3.3, 1e3]),
        "digamma": (mp.digamma, [-2.5, 1e-2, 0.5, 3.0, 1e3]),
    }


_EXACT = """
    bessel_j0 bessel_j1 bessel_y0 bessel_y1 i0 i1 i0e i1e modified_bessel_k0 modified_bessel_k1
    scaled_modified_bessel_k0 scaled_modified_bessel_k1 airy_ai erfcx log_ndtr ndtr ndtri spherical_bessel_j0
    gammaln digamma
"""
EXACT = _EXACT.split()


def derivatives(function: Callable[[ag.Tensor], ag.Tensor], x: float, count: int) -> list[float]:
    at = ag.Tensor(np.array(x), requires_grad=True)
    y: Any = function(at)
    found = [y.item()]
    for _ in range(count):
        (y,) = ag.grad(y, at, create_graph=True)
        found.append(y.item())
    return found


@pytest.mark.parametrize("name", EXACT)
def test_three_derivatives_are_exact(name: str) -> None:
    """To 1e-9 of their size, which is small where neighbours nearly cancel."""
    mp = pytest.importorskip("mpmath")
    function, points = _exact()[name]
    with mp.workdps(20):
        for x in points:
            for order, have in enumerate(derivatives(getattr(special, name), x, 3)):
                want = float(mp.diff(function, mp.mpf(x), order) if order else function(mp.mpf(x)))
                assert have == pytest.approx(want, rel=1e-9, abs=1e-20), (x, order)


@pytest.mark.parametrize("a", [0.01, 0.3, 1.0, 5.0, 50.0, 1000.0])
def test_derivatives_of_the_incomplete_gamma_functions_are_exact(a: float) -> None:
    """By the first argument, which PyTorch has not; by both; and of the complement."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(40):
        for x in (1e-6, 0.2, 1.0, a * 0.5, a * 1.2, 2 * a + 5):
            at = ag.Tensor(np.array(a), requires_grad=True)
            end = ag.Tensor(np.array(x), requires_grad=True)
            by_a, by_x = ag.grad(ag.igamma(at, end), [at, end], create_graph=True)
            (twice,) = ag.grad(by_a, at, retain_graph=True)
            (mixed,) = ag.grad(by_a, end)
            (turned,) = ag.grad(by_x, at)
            (complement,) = ag.grad(ag.igammac(at, end), at)

            def lower(t: Any, x: float = x) -> Any:  # or 1 - upper, where lower is all but 1
                if x < a:
                    return mp.gammainc(t, 0, mp.mpf(x), regularized=True)
                return -mp.gammainc(t, mp.mpf(x), mp.inf, regularized=True)

            def density(t: Any, x: float = x) -> Any:
                return mp.exp((t - 1) * mp.log(x) - x - mp.loggamma(t))

            exact, step = mp.mpf(a), mp.mpf(10) ** -9 * mp.mpf(a)
            slope = float(mp.diff(lower, exact, 1, h=step))
            assert by_a.item() == pytest.approx(slope, rel=1e-10, abs=1e-290), x
            assert complement.item() == pytest.approx(-slope, rel=1e-10, abs=1e-290), x
            assert by_x.item() == pytest.approx(float(density(exact)), rel=1e-10, abs=1e-290), x
            assert mixed.item() == pytest.approx(float(mp.diff(density, exact, 1, h=step)), rel=1e-10, abs=1e-290), x
            assert turned.item() == pytest.approx(mixed.item(), rel=1e-10, abs=1e-290), x
            assert twice.item() == pytest.approx(float(mp.diff(lower, exact, 2, h=step)), rel=1e-8, abs=1e-16), x


@pytest.mark.parametrize("q", [0.01, 1.0, 20.0, 1e4])
def test_derivatives_of_zeta_are_exact(q: float) -> None:
    mp = pytest.importorskip("mpmath")
    with mp.workdps(40):
        for s in (1.01, 1.5, 3.0, 10.0, 60.0):
            have = derivatives(lambda t: special.zeta(t, q), s, 3)
            by_q = derivatives(lambda t, s=s: special.zeta(s, t), q, 2)
            for order in range(4):
                want = float(mp.diff(lambda t: mp.zeta(t, mp.mpf(q)), mp.mpf(s), order, h=mp.mpf(10) ** -9))
                assert have[order] == pytest.approx(want, rel=1e-10), (s, order)
            for order in range(3):
                sign = (-1) ** order * float(mp.rf(mp.mpf(s), order))
                want = sign * float(mp.zeta(mp.mpf(s) + order, mp.mpf(q)))
                assert by_q[order] == pytest.approx(want, rel=1e-12), (s, order)


def test_the_derivative_of_zeta_by_both() -> None:
    x = ag.Tensor(np.array([1.5, 2.0, 7.0]), requires_grad=True)
    y = ag.Tensor(np.array([0.5, 3.0, 10.0]), requires_grad=True)
    assert ag.testing.gradgradcheck(special.zeta, [x, y])


# ---------------------------------------------------------------------------------------------------------------------
# Special points
# ---------------------------------------------------------------------------------------------------------------------
AT: list[tuple[str, float, float, float]] = [  # name, x, value, derivative
    ("entr", 0.0, 0.0, INF),
    ("entr", -1.0, -INF, NAN),
    ("erfcx", INF, 0.0, 0.0),
    ("erfcx", -INF, INF, -INF),
    ("erfcx", 1e8, 5.641895835477563e-9, -5.641895835477563e-17),
    ("log_ndtr", INF, 0.0, 0.0),
    ("log_ndtr", -INF, -INF, INF),
    ("log_ndtr", 50.0, 0.0, 0.0),
    ("log_ndtr", -1e8, -5e15, 1e8),
    ("ndtr", INF, 1.0, 0.0),
    ("ndtr", -INF, 0.0, 0.0),
    ("ndtri", 0.0, -INF, INF),
    ("ndtri", 1.0, INF, INF),
    ("ndtri", 1.5, NAN, NAN),
    ("sinc", 0.0, 1.0, 0.0),
    ("spherical_bessel_j0", 0.0, 1.0, 0.0),
    ("spherical_bessel_j0", INF, 0.0, 0.0),
    ("bessel_j0", 0.0, 1.0, 0.0),
    ("bessel_j0", INF, 0.0, 0.0),
    ("bessel_j1", 0.0, 0.0, 0.5),
    ("bessel_j1", -INF, 0.0, 0.0),
    ("bessel_y0", 0.0, -INF, INF),
    ("bessel_y0", -1.0, NAN, NAN),
    ("bessel_y1", INF, 0.0, 0.0),
    ("i0", 0.0, 1.0, 0.0),
    ("i0", INF, INF, INF),
    ("i0", -INF, INF, -INF),
    ("i1", 0.0, 0.0, 0.5),
    ("i1", -INF, -INF, INF),
    ("i0e", 0.0, 1.0, 0.0),
    ("i0e", INF, 0.0, 0.0),
    ("i0e", 1e6, 0.00039894233026924578, -1.9947121500246404e-10),
    ("i1e", -INF, 0.0, 0.0),
    ("i1e", 0.0, 0.0, 0.5),
    ("modified_bessel_k0", 0.0, INF, -INF),
    ("modified_bessel_k1", INF, 0.0, 0.0),
    ("modified_bessel_k0", -1.0, NAN, NAN),
    ("scaled_modified_bessel_k0", INF, 0.0, 0.0),
    ("scaled_modified_bessel_k1", 0.0, INF, -INF),
    ("airy_ai", INF, 0.0, 0.0),
    ("airy_ai", 200.0, 0.0, 0.0),
    ("gammaln", 0.0, INF, -INF),
    ("gammaln", -INF, INF, NAN),
    ("gammaln", INF, INF, INF),
    ("digamma", 0.0, -INF, INF),
    ("digamma", -2.0, NAN, INF),
    ("digamma", INF, INF, 0.0),
    ("erfinv", 1.0, INF, INF),
    ("logit", 0.0, -INF, INF),
]


@pytest.mark.parametrize(("name", "x", "value", "slope"), AT)
def test_special_points(name: str, x: float, value: float, slope: float) -> None:
    for dtype, tolerance in ((np.float64, 1e-10), (np.float32, 1e-5)):
        at = ag.Tensor(np.array(x, dtype), requires_grad=True)
        out = getattr(special, name)(at)
        (g,) = ag.grad(out, at)
        assert out.dtype == g.dtype == dtype
        np.testing.assert_allclose(out.item(), value, rtol=tolerance)
        np.testing.assert_allclose(g.item(), slope, rtol=tolerance)


@pytest.mark.parametrize("name", [*ONE, "gammaln"])
def test_nan_stays_nan_and_infects_nothing(name: str) -> None:
    x = ag.Tensor(np.array([NAN, 0.5]), requires_grad=True)
    out = getattr(special, name)(x)
    assert np.isnan(out.data[0])
    assert np.isfinite(out.data[1])
    if name != "round":
        (g,) = ag.grad(out.sum(), x)
        assert np.isnan(g.data[0])
        assert np.isfinite(g.data[1])


def test_what_is_not_selected_gives_no_nan() -> None:
    """Absorbing zero: a branch that is not taken has no say, whatever its derivative there is."""
    for name, x, instead in [
        ("entr", [0.0, 0.5], 0.1),
        ("entr", [-1.0, 0.5], 0.1),
        ("ndtri", [0.0, 0.5], 0.1),
        ("ndtri", [2.0, 0.5], 0.1),
        ("modified_bessel_k0", [0.0, 0.5], 0.1),
        ("bessel_y0", [-1.0, 0.5], 0.1),
        ("gammaln", [0.0, 0.5], 0.1),
        ("airy_ai", [-INF, 0.5], 0.1),
        ("i0", [INF, 0.5], 0.1),
    ]:
        leaf = ag.Tensor(np.array(x), requires_grad=True)
        chosen = ag.where(ag.Tensor(np.array([False, True])), getattr(special, name)(leaf), instead)
        (g,) = ag.grad(chosen.sum(), leaf, create_graph=True)
        (second,) = ag.grad(g.sum(), leaf)
        assert g.data[0] == 0, name
        assert np.isfinite(g.data[1]), name
        assert second.data[0] == 0, name


def test_a_factor_of_zero_absorbs() -> None:
    """xlog1py and xlogy are 0 where the factor is, and so are their gradients, even at the pole and beyond it."""
    for function, pole in ((special.xlog1py, -1.0), (special.xlogy, 0.0)):
        x = ag.Tensor(np.array([0.0, 0.0, 0.0, 2.0]), requires_grad=True)
        y = ag.Tensor(np.array([pole, pole - 1, 1.0, 1.0]), requires_grad=True)
        out = function(x, y)
        np.testing.assert_array_equal(out.data[:3], 0)
        by_x, by_y = ag.grad(out.sum(), [x, y])
        np.testing.assert_array_equal(by_x.data[:2], 0)
        np.testing.assert_array_equal(by_y.data[:3], 0)
        np.testing.assert_allclose(by_x.data[2:], np.log(1.0 - pole))
        np.testing.assert_allclose(by_y.data[3], 2 / (1.0 - pole))
        assert np.isnan(function(ag.Tensor(np.array(0.0)), NAN).item())


def test_airy_far_below_zero() -> None:
    """Where SciPy has NaN.  What float64 rounds off x is 4e-6 of the phase."""
    value, slope = derivatives(special.airy_ai, -1e7, 1)
    np.testing.assert_allclose([value, slope], [0.00541851494421060, -26.7017078117656], rtol=1e-4)
    value, slope = derivatives(special.airy_ai, -1e6 - 1.0, 1)
    near = derivatives(special.airy_ai, -1e6 + 1.0, 1)
    amplitude = (np.pi**-0.5) * 1e6**-0.25
    for v, s in ((value, slope), near):
        assert np.hypot(v, s / 1e3) == pytest.approx(amplitude, rel=1e-6)


def test_sinc_of_complex_numbers_equals_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for scale in (0.1, 1.0, 3.0):
        z = scale * (rng.standard_normal(6) + 1j * rng.standard_normal(6))
        x, tx = ag.Tensor(z.copy(), requires_grad=True), torch.tensor(z, requires_grad=True)
        out, want = ag.sinc(x), torch.sinc(tx)
        np.testing.assert_allclose(out.data, want.detach().numpy(), rtol=1e-10)
        (g,) = ag.grad((out.real * 2 + out.imag).sum(), x, create_graph=True)
        (tg,) = torch.autograd.grad((want.real * 2 + want.imag).sum(), tx, create_graph=True)
        np.testing.assert_allclose(g.data, tg.detach().numpy(), rtol=1e-10, atol=1e-10)
        (second,) = ag.grad((g.real * g.imag).sum(), x)
        (wanted,) = torch.autograd.grad((tg.real * tg.imag).sum(), tx)
        np.testing.assert_allclose(second.data, wanted.numpy(), rtol=1e-8, atol=1e-8)


def test_polygamma_at_its_poles_and_far_out() -> None:
    points = ag.Tensor(np.array([0.0, -1.0, INF, -INF, NAN]))
    for n, pole in ((1, INF), (3, INF)):
        np.testing.assert_array_equal(ag.polygamma(n, points).data, [pole, pole, 0, NAN, NAN])
    assert ag.polygamma(2, points[2]).item() == 0
    assert ag.polygamma(2, ag.Tensor(np.array(-0.5))).item() == pytest.approx(-0.8287966442343200)


def test_sinc_at_zero_to_the_fourth_derivative() -> None:
    at = derivatives(ag.sinc, 0.0, 4)
    np.testing.assert_allclose(at, [1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5], atol=1e-12)
    at = derivatives(special.spherical_bessel_j0, 0.0, 4)
    np.testing.assert_allclose(at, [1, 0, -1 / 3, 0, 1 / 5], atol=1e-12)


def test_incomplete_gamma_at_its_ends() -> None:
    a = ag.Tensor(np.array([2.0, 2.0, 1.0, 0.5, 0.0, -1.0, 2.0]), requires_grad=True)
    x = ag.Tensor(np.array([0.0, INF, 0.0, 0.0, 1.0, 1.0, -1.0]), requires_grad=True)
    out = ag.igamma(a, x)
    np.testing.assert_array_equal(out.data, [0, 1, 0, 0, 1, NAN, NAN])
    by_a, by_x = ag.grad(out.sum(), [a, x])
    np.testing.assert_array_equal(by_a.data, [0, 0, 0, 0, NAN, NAN, NAN])
    np.testing.assert_array_equal(by_x.data, [0, 0, 1, INF, NAN, NAN, NAN])


def test_many_elements_of_the_incomplete_gamma_function() -> None:
    """They are integrated block by block."""
    a = np.random.default_rng(0).uniform(0.5, 5, (3, 3001))
    at = ag.Tensor(a, requires_grad=True)
    (g,) = ag.grad(ag.igamma(at, 2.0).sum(), at)
    step = 1e-6
    want = (ag.igamma(ag.Tensor(a + step), 2.0) - ag.igamma(ag.Tensor(a - step), 2.0)).data / (2 * step)
    np.testing.assert_allclose(g.data, want, atol=1e-8)
    (empty,) = ag.grad(ag.igamma(at[:, :0], 2.0).sum(), at)
    assert not empty.data.any()


def test_polynomials_of_high_degree() -> None:
    """T_n(cos t) = cos(n t), and its derivative n sin(n t) / sin(t)."""
    t = np.linspace(0.3, 2.8, 7)
    for n in (50, 200):
        x = ag.Tensor(np.cos(t), requires_grad=True)
        out = special.chebyshev_polynomial_t(x, n)
        np.testing.assert_allclose(out.data, np.cos(n * t), atol=1e-11)
        (g,) = ag.grad(out.sum(), x)
        np.testing.assert_allclose(g.data, n * np.sin(n * t) / np.sin(t), atol=1e-8 * n)


@pytest.mark.parametrize(
    "name", [n for n in EXPECTED if "polynomial" in n and n[-1] not in "vw" and "shifted" not in n]
)
def test_polynomials_at_infinity(name: str) -> None:
    """The leading term decides; degree 0 is 1 everywhere, and has derivative 0."""
    points = np.array([INF, -INF, NAN])
    for n in (0, 1, 2, 3):
        sign = (-1) ** n if "laguerre" in name else 1
        x = ag.Tensor(points.copy(), requires_grad=True)
        out = getattr(special, name)(x, n)
        np.testing.assert_array_equal(out.data, [sign * INF, sign * (-1) ** n * INF, NAN] if n else [1, 1, 1])
        (g,) = ag.grad(out.sum(), x)
        assert not np.isnan(g.data[:2]).any()
        np.testing.assert_array_equal(np.isinf(g.data[:2]), n > 1)
        assert n or not g.data.any()


def test_zero_absorbs_at_infinity() -> None:
    """Where the value is 0 and the derivative undefined, a factor of 0 behind leaves no NaN."""
    x = ag.Tensor(np.array([-INF, 1.0]), requires_grad=True)
    (g,) = ag.grad((special.airy_ai(x) * np.array([0.0, 1.0])).sum(), x)
    assert g.data[0] == 0
    x = ag.Tensor(np.array([INF, 3.0]), requires_grad=True)
    y = ag.Tensor(np.array([2.0, 2.0]), requires_grad=True)
    for g in ag.grad((special.zeta(x, y) * np.array([0.0, 1.0])).sum(), [x, y]):
        assert g.data[0] == 0
        assert np.isfinite(g.data[1])
