"""Reductions, scans and sorting where the conformance kit does not look: ties, zeros, infinities, NaN, overflow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.op import registry
from tests.torch_oracle import close, compare, normal

INF, NAN = math.inf, math.nan


def gradient(function: Any, x: Any, start: Any = None) -> np.ndarray:
    """The gradient of function(x), or of its values where it also returns indices, in float64."""
    tensor = Tensor(np.array(x, float), requires_grad=True)
    out = function(tensor)
    out = out[0] if isinstance(out, tuple) else out
    (found,) = ag.grad(out, tensor, np.ones(out.shape) if start is None else np.array(start, float))
    return found.data


# ---------------------------------------------------------------------------------------------------------------------
# Sums
# ---------------------------------------------------------------------------------------------------------------------
def test_a_long_float32_sum_over_the_first_axis_keeps_its_digits():
    rows = np.ones((20_000_000, 2), np.float32)  # added one by one they stop at 2**24
    assert ag.sum(Tensor(rows), 0).tolist() == [2e7, 2e7]
    assert ag.mean(Tensor(rows), 0).tolist() == [1.0, 1.0]


def test_float16_is_summed_in_float32():
    x = Tensor(np.ones((5000, 2), np.float16))
    for out in (x.sum(0), x.cumsum(0)[-1]):
        assert out.dtype == np.float16
        assert out.tolist() == [5000.0, 5000.0]
    assert x.mean().item() == 1.0


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint8, np.int32, np.int64])
def test_integers_are_summed_in_int64_and_averaged_in_float64(dtype: Any):
    x = Tensor(np.ones((300,), dtype))
    assert (x.sum().dtype, x.sum().item()) == (np.int64, 300)
    assert (x.prod().dtype, x.cumsum(0).dtype) == (np.int64, np.int64)
    assert (x.mean().dtype, x.mean().item()) == (np.float64, 1.0)


def test_the_dtype_of_a_sum_can_be_chosen():
    x = Tensor(np.full(3, 0.1, np.float32), requires_grad=True)
    total = x.sum(dtype=np.float64)
    total.backward()
    assert total.dtype == np.float64
    assert x.grad.dtype == np.float32


def test_no_dims_at_all_means_all_of_them_as_in_pytorch():
    assert ag.sum(Tensor(np.ones((2, 3))), dim=()).shape == ()


def test_numpy_names_and_numpy_functions():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    plain = x.data
    assert np.array_equal(ag.sum(x, axis=0, keepdims=True).data, plain.sum(axis=0, keepdims=True))
    for function in (np.sum, np.mean, np.prod, np.max, np.min, np.std, np.var, np.median, np.cumsum, np.sort):
        ours = function(x, axis=1)
        assert isinstance(ours, Tensor), function
        assert ours.requires_grad, function
        np.testing.assert_allclose(ours.data, function(plain, axis=1))
    np.testing.assert_allclose(np.std(x, axis=1, ddof=1).data, np.std(plain, axis=1, ddof=1))
    np.testing.assert_allclose(np.percentile(x, 30).data, np.percentile(plain, 30))
    np.testing.assert_allclose(np.cumprod(x).data, np.cumprod(plain))


# ---------------------------------------------------------------------------------------------------------------------
# Zeros, ties, infinities, NaN
# ---------------------------------------------------------------------------------------------------------------------
def test_the_gradient_of_a_product_is_right_at_zeros_and_out_of_range():
    assert gradient(ag.prod, [2.0, 0.0, 3.0]).tolist() == [0.0, 6.0, 0.0]
    assert gradient(ag.prod, [2.0, 0.0, 0.0]).tolist() == [0.0, 0.0, 0.0]
    # The product of all underflows to 0, that of the others does not.
    np.testing.assert_allclose(gradient(ag.prod, [1e-200, 1e-200]), [1e-200, 1e-200])
    np.testing.assert_allclose(gradient(lambda x: x.cumprod(0), [2.0, 0.0, 3.0]), [1.0, 8.0, 0.0])


def test_the_second_derivative_of_a_product_with_zeros():
    x = Tensor(np.array([2.0, 0.0, 3.0]), requires_grad=True)
    (first,) = ag.grad(x.prod(), x, create_graph=True)
    rows = [ag.grad(first[i], x, retain_graph=True)[0].tolist() for i in range(3)]
    assert rows == [[0.0, 3.0, 0.0], [3.0, 0.0, 2.0], [0.0, 2.0, 0.0]]


def test_equal_extremes_share_the_gradient_unless_an_index_is_returned():
    ties = [1.0, 3.0, 3.0, 0.0]
    for function in (ag.amax, ag.max, lambda x: ag.aminmax(x).max):
        assert gradient(function, ties).tolist() == [0.0, 0.5, 0.5, 0.0]
    assert gradient(lambda x: x.max(0), ties).tolist() == [0.0, 1.0, 0.0, 0.0]
    assert gradient(lambda x: x.norm(INF), [-2.0, 2.0, 1.0]).tolist() == [-0.5, 0.5, 0.0]
    assert gradient(ag.median, [1.0, 2.0, 2.0, 2.0, 5.0]).tolist() == [0.0, 1 / 3, 1 / 3, 1 / 3, 0.0]


def test_extremes_return_named_tuples():
    x = Tensor(np.array([[1.0, 5.0], [7.0, 3.0]]))
    assert x.max(dim=1).values.tolist() == [5.0, 7.0]
    assert x.min(dim=1).indices.tolist() == [0, 1]
    assert x.sort(descending=True).values.tolist() == [[5.0, 1.0], [7.0, 3.0]]
    assert ag.aminmax(x).min.item() == 1.0


def test_max_of_two_tensors_is_their_maximum():
    x, y = Tensor([1.0, 5.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    out = ag.max(x, y)
    out.sum().backward()
    assert (out.tolist(), x.grad.tolist(), y.grad.tolist()) == ([3.0, 5.0], [0.0, 1.0], [1.0, 0.0])


def test_nan_wins_every_comparison():
    x = Tensor(np.array([1.0, NAN, 3.0]))
    for out in (x.max(), x.min(), x.amax(), x.median(), x.quantile(0.5), x.max(0).values, x.median(0).values):
        assert math.isnan(out.item())
    assert x.argmax().item() == x.argmin().item() == x.max(0).indices.item() == 1
    assert x.nanmedian().item() == 1.0
    assert x.nanquantile(0.5).item() == 2.0
    assert x.sort().indices.tolist() == [0, 2, 1]
    assert x.sort(descending=True).indices.tolist() == [1, 2, 0]
    assert x.topk(2).indices.tolist() == [1, 2]
    long = Tensor(np.where(np.arange(300) == 200, NAN, np.arange(300.0)))
    assert long.topk(3).indices.tolist() == [200, 299, 298]
    assert long.topk(3, largest=False).indices.tolist() == [0, 1, 2]


def test_means_of_nothing_are_nan_and_sums_of_nothing_zero():
    nothing = Tensor(np.full(3, NAN), requires_grad=True)
    assert nothing.nansum().item() == 0.0
    assert math.isnan(nothing.nanmean().item())
    nothing.nanmean().backward()
    assert nothing.grad.tolist() == [0.0, 0.0, 0.0]
    assert math.isnan(ag.var(Tensor(np.ones(1))).item())


def test_the_gradient_of_std_and_norm_is_zero_where_it_has_no_direction():
    assert gradient(ag.std, [2.0, 2.0, 2.0]).tolist() == [0.0, 0.0, 0.0]
    for p in (0.5, 1, 1.5, 2, 3, INF):
        assert gradient(lambda x, p=p: x.norm(p), [0.0, 0.0]).tolist() == [0.0, 0.0]
    for p in (-1, -2, -0.5):
        assert gradient(lambda x, p=p: x.norm(p), [1.0, 0.0, -2.0]).tolist() == [0.0, 0.0, 0.0]
    assert gradient(lambda x: x.norm(dim=1), [[0.0, 0.0], [3.0, 4.0]]).tolist() == [[0.0, 0.0], [0.6, 0.8]]


@pytest.mark.parametrize("name", ["std", "var", "norm", "prod", "logsumexp"])
def test_a_gradient_of_zero_absorbs_what_is_not_finite(name: str):
    x = [[1.0, 2.0, 4.0], [INF, 1.0, NAN]]
    found = gradient(lambda t: registry[name].call(t, dim=1), x, [1.0, 0.0])
    assert np.isfinite(found[0]).all()
    assert found[0].any()
    assert found[1].tolist() == [0.0, 0.0, 0.0]


def test_norms_neither_overflow_nor_underflow():
    for size in (1e-200, 1.0, 1e200):
        x = np.array([3.0, 4.0]) * size
        for p in (2, 3, 0.5, -2):
            np.testing.assert_allclose(Tensor(x).norm(p).item(), size * Tensor(x / size).norm(p).item(), rtol=1e-12)
        np.testing.assert_allclose(gradient(ag.norm, x), [0.6, 0.8])
    assert Tensor(np.array([3e30, 4e30], np.float32)).norm().item() == pytest.approx(5e30)
    assert Tensor(np.array([INF, 1.0])).norm().item() == INF
    assert math.isnan(Tensor(np.array([INF, NAN])).norm().item())


def test_logsumexp_at_infinity():
    x = [[-INF, -INF], [INF, 0.0], [INF, INF], [-INF, 2.0]]
    assert ag.logsumexp(Tensor(np.array(x)), 1).tolist() == [-INF, INF, INF, 2.0]
    assert gradient(lambda t: t.logsumexp(1), x).tolist() == [[0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    assert ag.logsumexp(Tensor(np.empty(0))).item() == -INF
    running = Tensor(np.array([-INF, 0.0, 1000.0, INF]), requires_grad=True).logcumsumexp(0)
    assert running.tolist() == [-INF, 0.0, 1000.0, INF]
    assert np.isfinite(gradient(lambda t: t.logcumsumexp(0), [-INF, 0.0, 1000.0, INF])).all()


# ---------------------------------------------------------------------------------------------------------------------
# Order
# ---------------------------------------------------------------------------------------------------------------------
def test_equal_elements_keep_their_order():
    x = Tensor(np.tile(np.array([1.0, 0.0, 1.0]), 200))
    assert x.argsort().tolist() == [*range(1, 600, 3), *(i for i in range(600) if i % 3 != 1)]
    assert x.argsort(descending=True).tolist() == [*(i for i in range(600) if i % 3 != 1), *range(1, 600, 3)]
    assert x.topk(4).indices.tolist() == [0, 2, 3, 5]
    assert x.topk(3, largest=False).indices.tolist() == [1, 4, 7]


def test_running_extremes_take_the_last_of_equal_ones():
    values, indices = ag.cummax(Tensor(np.array([1.0, 1.0, 0.0, 2.0, NAN, 3.0])), 0)
    assert values.tolist()[:4] == [1.0, 1.0, 1.0, 2.0]
    assert np.isnan(values.data[4:]).all()
    assert indices.tolist() == [0, 1, 1, 3, 4, 4]
    assert gradient(lambda x: x.cummin(0), [3.0, 2.0, 5.0, 2.0]).tolist() == [1.0, 2.0, 0.0, 1.0]


def test_the_median_of_an_even_number_is_the_lower_one_in_the_middle():
    x = Tensor(np.array([4.0, 1.0, 3.0, 2.0]))
    assert (x.median().item(), x.quantile(0.5).item()) == (2.0, 2.5)
    assert [part.item() for part in x.median(0)] == [2.0, 3]


def test_quantiles_at_infinity():
    x = Tensor(np.array([-INF, 0.0, 1.0, INF]))
    assert x.quantile(np.array([0.0, 1 / 3, 0.5, 1.0])).tolist() == [-INF, 0.0, 0.5, INF]


def test_older_spellings_of_the_correction():
    x = Tensor(np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 1.0]]))
    plain = x.data
    for out, want in (
        (x.var(), plain.var(ddof=1)),
        (x.var(False), plain.var()),
        (x.std(1, False), plain.std(1)),
        (x.std(dim=0, correction=0), plain.std(0)),
        (x.var(unbiased=True, dim=1, keepdim=True), plain.var(1, ddof=1, keepdims=True)),
    ):
        np.testing.assert_allclose(out.data, want)


def test_unique_keeps_each_nan_and_counts():
    values, inverse, counts = ag.unique(
        Tensor(np.array([[2.0, 1.0], [2.0, NAN]])), return_inverse=True, return_counts=True
    )
    assert values.tolist()[:2] == [1.0, 2.0]
    assert inverse.tolist() == [[1, 0], [1, 2]]
    assert counts.tolist() == [1, 2, 1]


# ---------------------------------------------------------------------------------------------------------------------
# PyTorch
# ---------------------------------------------------------------------------------------------------------------------
WITH_PYTORCH = {
    "amax": ({}, {"dim": 0}, {"dim": (0, 1)}),
    "amin": ({}, {"dim": 1}),
    "max": ({}, {"dim": 1}),
    "min": ({}, {"dim": 0}),
    "median": ({}, {"dim": 1}),
    "prod": ({}, {"dim": 0}),
    "var": ({}, {"dim": 0}, {"correction": 2}),
    "std": ({"dim": 1}, {"dim": (0, 1), "correction": 0}),
    "logsumexp": ({"dim": 1}, {"dim": (0, 1)}),
    "cumprod": ({"dim": 0}, {"dim": 1}),
    "logcumsumexp": ({"dim": 1},),
    "cummax": ({"dim": 0}, {"dim": 1}),
    "cummin": ({"dim": 1},),
    "norm": ({}, {"p": 1}, {"p": 3, "dim": 1}, {"p": INF, "dim": 0}, {"p": -INF, "dim": 1}),
}
TABLES = {
    "random": np.random.default_rng(0).standard_normal((4, 5)),
    "zeros": np.array([[0.0, 2.0, 0.0], [1.0, -1.0, 0.5], [0.0, 3.0, -2.0]]),
    "ties": np.array([[1.0, 2.0, 2.0], [1.0, 1.0, 0.0], [2.0, 2.0, 2.5]]),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(("name", "options"), [(name, o) for name, many in WITH_PYTORCH.items() for o in many])
def test_values_gradients_and_ties_equal_pytorch(name: str, options: dict[str, Any], table: str):
    torch = pytest.importorskip("torch")
    if name == "median" and options and table != "random":
        return  # which of several equal elements PyTorch takes there is not defined
    ours, theirs = Tensor(TABLES[table], requires_grad=True), torch.tensor(TABLES[table], requires_grad=True)
    out = registry[name].call(ours, **options)
    other = torch.linalg.vector_norm(theirs, options.get("p", 2), options.get("dim")) if name == "norm" else None
    other = getattr(torch, name)(theirs, **options) if other is None else other
    if isinstance(out, tuple):
        out, other = out[0], other[0]
    start = np.random.default_rng(1).standard_normal(out.shape)
    np.testing.assert_allclose(out.data, other.detach().numpy(), rtol=1e-12)
    (found,), (want,) = ag.grad(out, ours, start), torch.autograd.grad(other, theirs, torch.tensor(start))
    np.testing.assert_allclose(found.data, want.numpy(), rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# As in PyTorch
# ---------------------------------------------------------------------------------------------------------------------
_PLACES = np.cumsum(np.random.default_rng(5).uniform(0.5, 1.5, 6))
_WEIGHTS = np.random.default_rng(6).uniform(0.5, 1.5, 6)

AS_IN_PYTORCH = [
    ("gradient", {"x": normal(6)}, {}),
    ("gradient", {"x": normal(4, 6)}, {"spacing": 0.5, "edge_order": 2}),
    ("gradient", {"x": normal(4, 6)}, {"spacing": [0.5, 2.0]}),
    ("gradient", {"x": normal(3, 4, 6)}, {"dim": (-1, 0), "edge_order": 2}),
    ("gradient", {"x": normal(2, 6)}, {"dim": 1}),
    ("trapezoid", {"y": normal(6)}, {}),
    ("trapezoid", {"y": normal(2, 6), "x": _PLACES}, {}),
    ("trapezoid", {"y": normal(2, 6), "x": normal(2, 6, seed=1)}, {"dim": 0}),
    ("trapezoid", {"y": normal(3, 2, 6), "x": normal(2, 6, seed=1)}, {"dim": 2}),
    ("trapezoid", {"y": normal(2, 6)}, {"dx": 0.5, "dim": -2}),
    ("trapezoid", {"y": normal(2, 1)}, {}),
    ("cumulative_trapezoid", {"y": normal(6)}, {}),
    ("cumulative_trapezoid", {"y": normal(2, 6), "x": _PLACES}, {}),
    ("cumulative_trapezoid", {"y": normal(2, 6), "x": normal(2, 6, seed=1)}, {"dim": 0}),
    ("cumulative_trapezoid", {"y": normal(3, 2, 6), "x": normal(2, 6, seed=1)}, {"dim": 2}),
    ("cumulative_trapezoid", {"y": normal(2, 6)}, {"dx": 0.5, "dim": -2}),
    ("cov", {"x": normal(3, 6)}, {}),
    ("cov", {"x": normal(6)}, {}),
    ("cov", {"x": normal(3, 6)}, {"correction": 0}),
    ("cov", {"x": normal(2, 9)}, {"correction": 3}),
    ("cov", {"x": normal(1, 6)}, {}),
    ("corrcoef", {"x": normal(3, 6)}, {}),
    ("corrcoef", {"x": normal(2, 3)}, {}),
    ("corrcoef", {"x": normal(4, 9)}, {}),
    ("corrcoef", {"x": normal(6)}, {}),
    ("corrcoef", {"x": normal(5, 20)}, {}),
    ("renorm", {"x": normal(3, 6)}, {"p": 2, "dim": 0, "maxnorm": 1.0}),
    ("renorm", {"x": normal(3, 6)}, {"p": 1, "dim": 1, "maxnorm": 1.5}),
    ("renorm", {"x": normal(2, 3, 4)}, {"p": 2.5, "dim": -2, "maxnorm": 0.5}),
    ("renorm", {"x": normal(3, 6)}, {"p": 2, "dim": 0, "maxnorm": 100.0}),
    ("renorm", {"x": normal(3, 6)}, {"p": 3, "dim": 0, "maxnorm": 0.0}),
    ("histogram", {"x": normal(40)}, {"bins": 7}),
    ("histogram", {"x": normal(5, 8)}, {"bins": 4, "range": (-1.0, 1.0), "density": True}),
    ("histogram", {"x": np.array([1.5, 1.5])}, {"bins": 3}),
    ("histogram", {"x": normal(1)}, {"bins": 2, "range": (-3.0, 3.0)}),
    ("histogram", {"x": np.array([0.0, 0.5, 1.0])}, {"bins": 2, "range": (0.0, 1.0)}),
]


@pytest.mark.parametrize(("name", "arrays", "options"), AS_IN_PYTORCH)
def test_as_in_pytorch(name: str, arrays: dict[str, np.ndarray], options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    if name == "histogram":  # which has no gradient there
        for dtype in (np.float32, np.float64):
            x = arrays["x"].astype(dtype)
            ours, theirs = ag.histogram(Tensor(x), **options), torch.histogram(torch.tensor(x), **options)
            for have, want in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(have.data, want.numpy(), rtol=1e-5 if dtype is np.float32 else 1e-12)
        return
    compare(name, arrays, getattr(torch, name), **options)


def test_gradients_by_places_and_weights_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    counts = np.array([1, 0, 2, 1, 3, 1])
    for others, ours, theirs in (
        (
            _PLACES,
            lambda x, p: ag.gradient(x, spacing=[p], dim=1, edge_order=2)[0],
            lambda x, p: torch.gradient(x, spacing=[p], dim=1, edge_order=2)[0],
        ),
        (
            _WEIGHTS,
            lambda x, w: ag.cov(x, fweights=counts, aweights=w),
            lambda x, w: torch.cov(x, fweights=torch.tensor(counts), aweights=w),
        ),
    ):
        given = [normal(3, 6), others]
        a, b = [Tensor(v, requires_grad=True) for v in given], [torch.tensor(v, requires_grad=True) for v in given]
        have, want = ours(*a), theirs(*b)
        close(have.data, want.detach().numpy(), 1e-10, "value")
        (have * have).sum().backward()
        (want * want).sum().backward()
        for x, y in zip(a, b, strict=True):
            assert x.grad is not None
            close(x.grad.data, y.grad.numpy(), 1e-10, "gradient")


def test_histogramdd_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    points, weight = normal(30, 2), np.abs(normal(30, seed=1))
    edges = [np.array([-2.0, 0.0, 0.5, 2.0]), np.array([-1.0, 0.0, 1.0])]
    for bins, options in (
        ([3, 4], {}),
        (3, {"range": (-1.0, 1.0, -2.0, 2.0)}),
        ([2, 5], {"weight": weight, "density": True}),
        (edges, {}),
        (edges, {"weight": weight}),
    ):
        have = ag.histogramdd(Tensor(points), bins, **options)
        theirs = [torch.tensor(e) if isinstance(e, np.ndarray) else e for e in bins] if isinstance(bins, list) else bins
        want = torch.histogramdd(
            torch.tensor(points),
            theirs,
            **{k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()},
        )
        np.testing.assert_allclose(have.hist.data, want.hist.numpy(), rtol=1e-12)
        for a, b in zip(have.bin_edges, want.bin_edges, strict=True):
            np.testing.assert_allclose(a.data, b.numpy(), rtol=1e-12)


def test_renorm_in_place() -> None:
    x = ag.tensor([[3.0, 4.0], [0.0, 1.0]], requires_grad=True)
    y = x * 1
    assert y.renorm_(2, 0, 1.0) is y
    np.testing.assert_allclose(y.data, [[0.6, 0.8], [0.0, 1.0]], rtol=1e-5)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, [[0.032, -0.024], [1.0, 1.0]], atol=1e-6)


def test_the_density_of_nothing_is_nan() -> None:
    points = Tensor(np.full((3, 2), 5.0))
    assert np.isnan(ag.histogramdd(points, 2, range=(0.0, 1.0, 0.0, 1.0), density=True).hist.data).all()
    assert np.isnan(ag.histogram(points, 2, range=(0.0, 1.0), density=True).hist.data).all()
