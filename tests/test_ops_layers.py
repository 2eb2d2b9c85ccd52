"""Convolution, pooling, normalization, dropout and embedding, against PyTorch and against loops."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.ops import windows
from autograd.ops.windows import Geometry
from tests.torch_oracle import close, compare, normal


# --- Convolution -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("groups", "options"),
    [
        (1, {}),
        (1, {"stride": 2, "padding": 1}),
        (2, {"padding": 2, "dilation": 2}),
        (4, {"stride": 3, "padding": 1}),
        (2, {"padding": "same"}),
        (1, {"padding": "valid"}),
    ],
)
def test_convolution_equals_pytorch(axes: int, groups: int, options: dict[str, Any]) -> None:
    for size, kernel in itertools.product(((5, 7, 6), (9, 6, 5)), ((2, 3, 2), (3, 1, 3))):
        x, weight = normal(2, 4, *size[:axes]), normal(8, 4 // groups, *kernel[:axes], seed=1)
        compare(f"conv{axes}d", {"x": x, "weight": weight, "bias": normal(8)}, groups=groups, **options)
        compare(f"conv{axes}d", {"x": x[0], "weight": weight}, groups=groups, **options)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    ("groups", "options"),
    [
        (1, {}),
        (1, {"stride": 2, "padding": 1, "output_padding": 1}),
        (2, {"padding": 1, "dilation": 2, "output_padding": 1}),
        (4, {"stride": 3}),
    ],
)
def test_transposed_convolution_equals_pytorch(axes: int, groups: int, options: dict[str, Any]) -> None:
    x, weight = normal(2, 4, *(4, 5, 3)[:axes]), normal(4, 3, *(3, 2, 3)[:axes], seed=1)
    bias = normal(3 * groups)
    compare(f"conv_transpose{axes}d", {"x": x, "weight": weight, "bias": bias}, groups=groups, **options)
    compare(f"conv_transpose{axes}d", {"x": x[0], "weight": weight}, groups=groups, **options)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_convolution_by_numpy_equals_the_kernels(axes: int) -> None:
    # Whole numbers as complex ones: NumPy convolves them, and exactly.
    rng = np.random.default_rng(2)
    for stride, dilation, groups in itertools.product((1, 2), (1, 2), (1, 2)):
        geometry = Geometry((stride,) * axes, ((0, 1), (2, 2), (1, 0))[:axes], (dilation,) * axes, groups)
        x = rng.integers(-5, 6, (2, 4, *(6, 7, 5)[:axes])).astype(float)
        weight = rng.integers(-5, 6, (6, 4 // groups, *(3, 2, 2)[:axes])).astype(float)
        out = windows.convolve(x, weight, None, geometry)
        g = rng.integers(-5, 6, out.shape).astype(float)
        for function, *arguments in (
            (windows.convolve, x, weight, None),
            (windows.convolve_input_gradient, g, weight, x.shape),
            (windows.convolve_weight_gradient, g, x, weight.shape[2:]),
        ):
            by_kernel = function(*arguments, geometry)
            arguments[:2] = [a.astype(complex) for a in arguments[:2]]
            by_numpy = function(*arguments, geometry)
            assert by_numpy.dtype == complex
            np.testing.assert_array_equal(by_numpy.real, by_kernel)


def test_convolution_keeps_other_dtypes() -> None:
    x, weight = np.arange(32).reshape(2, 1, 4, 4), np.ones((1, 1, 2, 2), np.int64)
    out = ag.conv2d(ag.Tensor(x), ag.Tensor(weight))
    assert out.dtype == np.int64
    assert out.tolist()[0][0][0] == [0 + 1 + 4 + 5, 1 + 2 + 5 + 6, 2 + 3 + 6 + 7]
    half = ag.conv2d(ag.Tensor(x.astype(np.float16)), ag.Tensor(weight.astype(np.float16)))
    assert half.dtype == np.float16
    assert half.tolist() == out.tolist()
    assert ag.conv2d(ag.Tensor(x.astype(np.float32)), ag.Tensor(weight.astype(np.float64))).dtype == np.float64


# --- Pooling ---------------------------------------------------------------------------------------------------------
def distinct(*shape: int) -> np.ndarray:
    size = int(np.prod(shape))
    return np.random.default_rng(4).permutation(size).reshape(shape) / size


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_pooling_equals_pytorch(axes: int) -> None:
    options: list[dict[str, Any]] = [
        {},
        {"stride": 1},
        {"stride": 2, "padding": 1},
        {"stride": 3, "ceil_mode": True},
        {"stride": 2, "padding": 1, "ceil_mode": True},
    ]
    for size, kernel in (((7, 6, 5), 2), ((8, 7, 5), (3, 2, 3)[:axes])):
        x = distinct(2, 3, *size[:axes])
        for option in options:
            for given in (x, x[0]):
                compare(f"max_pool{axes}d", {"x": given}, kernel_size=kernel, return_indices=True, **option)
                compare(f"avg_pool{axes}d", {"x": given}, kernel_size=kernel, **option)
            compare(f"avg_pool{axes}d", {"x": x}, kernel_size=kernel, count_include_pad=False, **option)
            if axes > 1:
                compare(f"avg_pool{axes}d", {"x": x}, kernel_size=kernel, divisor_override=5, **option)
            if axes < 3 and "padding" not in option:
                compare(
                    f"lp_pool{axes}d", {"x": x + 0.1}, norm_type=2.0, kernel_size=kernel if axes > 1 else 3, **option
                )
        compare(f"max_pool{axes}d", {"x": x}, kernel_size=2, stride=2, padding=1, dilation=2, return_indices=True)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_adaptive_pooling_equals_pytorch(axes: int) -> None:
    for size, wanted in (((7, 6, 5), 2), ((8, 7, 5), (3, 5, 2)[:axes]), ((4, 6, 5), 1), ((3, 2, 4), 5)):
        x = distinct(2, 3, *size[:axes])
        for given in (x, x[0]):
            compare(f"adaptive_avg_pool{axes}d", {"x": given}, output_size=wanted)
            compare(f"adaptive_max_pool{axes}d", {"x": given}, output_size=wanted, return_indices=True)
    if axes == 2:
        compare("adaptive_avg_pool2d", {"x": x}, output_size=(None, 1))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8])
def test_pooling_by_numpy_equals_the_kernels(axes: int, dtype: Any) -> None:
    x = np.random.default_rng(0).permutation(2 * 3 * 7 * 6 * 5).reshape(2, 3, 7, 6, 5) % 251
    x = x[(..., *(0,) * (3 - axes))] if axes < 3 else x
    expected, places = ag.max_pool3d(
        ag.Tensor(x.astype(np.float64).reshape(2, 3, *(1,) * (3 - axes), *x.shape[2:])),
        (*(1,) * (3 - axes), *(3,) * axes),
        (*(1,) * (3 - axes), *(2,) * axes),
        (*(0,) * (3 - axes), *(1,) * axes),
        return_indices=True,
    )
    out, indices = getattr(ag, f"max_pool{axes}d")(ag.Tensor(x.astype(dtype)), 3, 2, 1, return_indices=True)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out.data.ravel(), expected.data.ravel())
    np.testing.assert_array_equal(indices.data.ravel(), places.data.ravel())


def test_pooling_keeps_nan_and_infinity() -> None:
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 1, 1], x[0, 0, 3, 3], x[0, 0, 0, 2:] = np.nan, -np.inf, -np.inf
    x[0, 0, 1, 2:] = -np.inf
    for dtype in (np.float64, np.float16):
        out = ag.max_pool2d(ag.Tensor(x.astype(dtype)), 2)
        np.testing.assert_array_equal(out.data[0, 0], [[np.nan, -np.inf], [0, 0]])
        mean = ag.avg_pool2d(ag.Tensor(x.astype(dtype)), 2)
        np.testing.assert_array_equal(mean.data[0, 0], [[np.nan, -np.inf], [0, -np.inf]])
    assert np.isnan(ag.adaptive_max_pool2d(ag.Tensor(x), 1).item())


def test_the_gradient_of_a_maximum_goes_to_the_first_of_equals() -> None:
    x = ag.tensor([[[2.0, 2.0], [2.0, 2.0]]], requires_grad=True)
    ag.max_pool2d(x, 2).sum().backward()
    assert x.grad.tolist() == [[[1, 0], [0, 0]]]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_unpooling_equals_pytorch(axes: int) -> None:
    torch = pytest.importorskip("torch")
    x = distinct(2, 3, *(7, 6, 5)[:axes])
    for kernel, stride, padding in ((2, None, 0), (3, 3, 1), (2, 3, 0)):
        ours, theirs = ag.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        pooled = getattr(ag, f"max_pool{axes}d")(ours, kernel, stride, padding, return_indices=True)
        expected = getattr(torch.nn.functional, f"max_pool{axes}d")(
            theirs, kernel, stride, padding, return_indices=True
        )
        size = x.shape[2:]
        have = getattr(nn, f"MaxUnpool{axes}D")(kernel, stride, padding)(*pooled, output_size=size)
        want = getattr(torch.nn, f"MaxUnpool{axes}d")(kernel, stride, padding)(*expected, output_size=size)
        np.testing.assert_array_equal(have.data, want.detach().numpy())
        g = normal(*x.shape, seed=3)
        have.backward(g)
        want.backward(torch.tensor(g))
        np.testing.assert_array_equal(ours.grad.data, theirs.grad.numpy())


def test_of_elements_put_to_one_place_the_last_stays_and_has_the_gradient() -> None:
    x = ag.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    out = ag.max_unpool1d(x, ag.tensor([[1, 4, 1]]), 2)
    assert out.tolist() == [[0, 3, 0, 0, 2, 0]]
    (out * ag.tensor([1.0, 10, 100, 1000, 10000, 100000])).sum().backward()
    assert x.grad.tolist() == [[0, 10000, 10]]


def test_powers_of_windows_with_a_sum_below_zero() -> None:
    x = ag.tensor([[-1.0, -2.0, 0.5, 1.0]])
    assert ag.lp_pool1d(x, 1, 2).tolist() == [[-3, 1.5]]
    assert np.isnan(ag.lp_pool1d(x, 3, 2).data).tolist() == [[True, False]]


def test_a_window_of_zeros_has_no_slope() -> None:
    x = ag.zeros(1, 1, 4, requires_grad=True)
    ag.lp_pool1d(x, 2, 2).sum().backward()
    assert x.grad.tolist() == [[[0, 0, 0, 0]]]


# --- Embedding -------------------------------------------------------------------------------------------------------
def test_embedding_equals_pytorch() -> None:
    weight, index = normal(7, 3), np.random.default_rng(0).integers(0, 7, (4, 5))
    for options in ({}, {"padding_idx": 2}, {"padding_idx": -1}, {"scale_grad_by_freq": True}):
        compare("embedding", {"x": index, "weight": weight}, **options)
    compare("embedding", {"x": index, "weight": weight}, padding_idx=3, scale_grad_by_freq=True)


def test_embedding_shortens_the_rows_it_takes() -> None:
    torch = pytest.importorskip("torch")
    weight, index = normal(7, 3), np.array([1, 5, 1])
    for norm_type in (1.0, 2.0):
        ours, theirs = ag.Tensor(weight.copy()), torch.tensor(weight)
        have = ag.embedding(index, ours, max_norm=1.0, norm_type=norm_type)
        want = torch.nn.functional.embedding(torch.tensor(index), theirs, max_norm=1.0, norm_type=norm_type)
        np.testing.assert_allclose(have.data, want.numpy(), rtol=1e-6)
        np.testing.assert_allclose(ours.data, theirs.numpy(), rtol=1e-6)
        assert ours.data[0].tolist() == weight[0].tolist()


def test_embedding_with_padding_has_second_derivatives() -> None:
    weight = ag.Tensor(normal(5, 2), requires_grad=True)
    index = np.array([[0, 3], [3, 1]])
    out = ag.embedding(index, weight, padding_idx=0).square().sum()
    (first,) = ag.grad(out, weight, create_graph=True)
    assert first.data[0].tolist() == [0, 0]
    (second,) = ag.grad(first.sum(), weight)
    assert second.tolist() == [[0, 0], [2, 2], [0, 0], [4, 4], [0, 0]]


# --- Dropout ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_leaves_out_the_share_it_is_told(p: float) -> None:
    x = ag.ones(200, 500, requires_grad=True)
    out = ag.dropout(x, p, generator=ag.Generator().manual_seed(1))
    share = float((out.data == 0).mean())
    assert abs(share - p) < 5 * (p * (1 - p) / 100_000) ** 0.5  # five standard deviations
    np.testing.assert_allclose(np.unique(out.data), [0, 1 / (1 - p)], rtol=1e-6)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad.data, out.data)


def test_dropout_is_the_same_for_the_same_seed() -> None:
    x = np.random.default_rng(0).random((7, 9))
    masks = []
    for seed, dtype in ((3, np.float64), (3, np.float32), (3, np.float64), (4, np.float64)):
        ag.manual_seed(seed)
        masks.append(ag.dropout(ag.Tensor(x.astype(dtype))).data != 0)
    np.testing.assert_array_equal(masks[0], masks[1])
    np.testing.assert_array_equal(masks[0], masks[2])
    assert (masks[0] != masks[3]).any()
    assert (ag.dropout(ag.Tensor(x)).data != ag.dropout(ag.Tensor(x)).data).any()


def test_what_dropout_leaves_out_is_zero_whatever_it_was() -> None:
    x = ag.tensor([np.inf, -np.inf, np.nan], requires_grad=True)
    for function in (ag.dropout, lambda x, p: ag.alpha_dropout(x, p, training=True)):
        out = function(x, 1.0)
        out.backward(ag.tensor([np.inf, np.nan, 1.0]))
        assert out.tolist() == [0, 0, 0]
        assert x.grad.tolist() == [0, 0, 0]


def test_dropout_of_channels_leaves_out_all_of_one() -> None:
    ag.manual_seed(0)
    for axes in (1, 2, 3):
        x = ag.ones(8, 16, *(3,) * axes)
        for given, lead in ((x, 2), (x[0], 1)):
            out = getattr(ag, f"dropout{axes}d")(given).data
            planes = out.reshape(*out.shape[:lead], -1)
            assert (planes == planes[..., :1]).all()
            assert set(np.unique(planes)) == {0, 2}


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = ag.Tensor(normal(400, 500))
    for p in (0.1, 0.5):
        out = ag.alpha_dropout(x, p, training=True, generator=ag.Generator().manual_seed(0)).data
        assert abs(out.mean()) < 0.02
        assert abs(out.var() - 1) < 0.02
    channels = ag.feature_alpha_dropout(x.reshape(400, 100, 5), 0.5, training=True).data
    assert (channels == channels[:, :, :1]).all(-1).mean() == pytest.approx(0.5, abs=0.02)


def test_dropout_that_does_nothing_shares_memory_and_follows_writes() -> None:
    x = ag.ones(3, requires_grad=True) * 1.0
    out = ag.dropout(x, training=False)
    x += 1
    assert out.tolist() == [2, 2, 2]


# --- Normalization ---------------------------------------------------------------------------------------------------
def affine(channels: int) -> dict[str, np.ndarray]:
    return {"weight": normal(channels, seed=1), "bias": normal(channels, seed=2)}


def test_normalization_over_features_equals_pytorch() -> None:
    x = normal(3, 4, 5)
    for shape in ((5,), (4, 5), (3, 4, 5)):
        arrays = {"x": x, "shape": shape, "weight": normal(*shape, seed=1), "bias": normal(*shape, seed=2)}
        compare("layer_norm", arrays)
        compare("layer_norm", {"x": x, "shape": shape}, eps=0.1)
        del arrays["bias"]
        compare("rms_norm", arrays)
        compare("rms_norm", {"x": x, "shape": shape}, eps=0.1)


@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5), (2, 4, 3, 5), (2, 4, 2, 3, 2), (1, 4, 3)])
def test_batch_normalization_equals_pytorch(shape: tuple[int, ...]) -> None:
    x = normal(*shape) * 2 + 3
    for parameters in (affine(4), {"weight": None, "bias": None}):
        arrays = {"x": x, "mean": None, "var": None, **parameters}
        compare("batch_norm", arrays, training=True)
        compare("batch_norm", arrays, training=True, eps=0.1)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics_equal_pytorch(name: str, training: bool, dtype: Any) -> None:
    torch = pytest.importorskip("torch")
    x, mean, var = normal(3, 4, 5).astype(dtype), normal(4, seed=3).astype(dtype), distinct(4).astype(dtype) + 1
    ours = [ag.Tensor(a.copy(), requires_grad=i == 0) for i, a in enumerate((x, mean, var))]
    theirs = [torch.tensor(a, requires_grad=i == 0) for i, a in enumerate((x, mean, var))]
    switch = {"training" if name == "batch_norm" else "use_input_stats": training}
    have = getattr(ag, name)(*ours, momentum=0.3, **switch)
    want = getattr(torch.nn.functional, name)(*theirs, momentum=0.3, **switch)
    (have * x).sum().backward()
    (want * torch.tensor(x)).sum().backward()
    tolerance = 1e-10 if dtype == np.float64 else 1e-5
    pairs = [(have, want), (ours[0].grad, theirs[0].grad), *zip(ours[1:], theirs[1:], strict=True)]
    for a, b in pairs:
        close(a.data, b.detach().numpy(), tolerance, name)
        assert a.dtype == dtype


def test_running_statistics_are_written_once_and_not_by_derivatives() -> None:
    x = ag.Tensor(normal(5, 2), requires_grad=True)
    mean = ag.zeros(2, dtype=ag.float64)
    out = ag.batch_norm(x, mean, None, training=True, momentum=0.5)
    written = mean.data.copy()
    np.testing.assert_allclose(written, x.data.mean(0) / 2)
    (first,) = ag.grad((out**3).sum(), x, create_graph=True)
    ag.grad(first.square().sum(), x)
    np.testing.assert_array_equal(mean.data, written)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(40, 19), (6, 5, 7, 9)])
def test_relu_within_batch_normalization_changes_no_bit(shape: tuple[int, ...], training: bool) -> None:
    results = []
    for within in (True, False):
        x = ag.Tensor(normal(*shape).astype(np.float32), requires_grad=True)
        weight, bias = (ag.Tensor(normal(shape[1], seed=i).astype(np.float32), requires_grad=True) for i in (1, 2))
        mean, var = ag.Tensor(normal(shape[1]).astype(np.float32)), ag.ones(shape[1])
        out = ag.batch_norm(x, mean, var, weight, bias, training, activation="relu" if within else None)
        out = out if within else out.relu()
        out.backward(normal(*shape, seed=3).astype(np.float32))
        results.append([t.data for t in (out, mean, var, x.grad, weight.grad, bias.grad)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    assert 0 < np.count_nonzero(results[0][0]) < results[0][0].size


def test_normalization_over_groups_equals_pytorch() -> None:
    for shape in ((2, 6, 5), (2, 6, 3, 4), (3, 6)):
        for groups in (1, 2, 3):
            compare("group_norm", {"x": normal(*shape), "groups": groups, **affine(6)})
            compare("group_norm", {"x": normal(*shape), "groups": groups}, eps=0.1)
    for shape in ((2, 4, 5), (2, 4, 3, 2)):
        compare("instance_norm", {"x": normal(*shape), "mean": None, "var": None, **affine(4)})
        compare("instance_norm", {"x": normal(*shape)}, eps=0.1)


def test_local_response_normalization_equals_pytorch() -> None:
    for shape in ((2, 7, 4), (2, 7, 3, 2)):
        for size in (1, 2, 3, 5):
            compare("local_response_norm", {"x": normal(*shape)}, size=size, alpha=0.5, k=2.0)


def test_normalization_of_large_numbers_keeps_its_digits() -> None:
    x = normal(8, 64)
    far = (x + 1000).astype(np.float32)
    expected = (far.astype(np.float64) - far.astype(np.float64).mean(1, keepdims=True)) / far.astype(np.float64).std(
        1, keepdims=True
    )
    np.testing.assert_allclose(ag.layer_norm(ag.Tensor(far), 64, eps=0).data, expected, atol=1e-3)
    np.testing.assert_allclose(
        ag.batch_norm(ag.Tensor(far.T.copy()), None, None, training=True, eps=0).data.T, expected, atol=1e-3
    )


# --- Similarity ------------------------------------------------------------------------------------------------------
def test_similarities_equal_pytorch() -> None:
    for dim in (0, 1, -1):
        compare("normalize", {"x": normal(3, 4, 5)}, dim=dim)
        compare("normalize", {"x": normal(3, 4, 5)}, dim=dim, p=3.0)
        compare("normalize", {"x": normal(3, 4, 5)}, dim=dim, p=1.0)
        compare("cosine_similarity", {"x": normal(3, 4, 5), "y": normal(3, 4, 5, seed=1)}, dim=dim)
    compare("cosine_similarity", {"x": normal(3, 4, 5), "y": normal(4, 5, seed=1)}, dim=-1)
    for p in (1.0, 2.0, 3.0):
        compare("pairwise_distance", {"x": normal(3, 4), "y": normal(3, 4, seed=1)}, p=p)
        compare("pairwise_distance", {"x": normal(3, 4), "y": normal(4, seed=1)}, p=p, keepdim=True)


def test_vectors_of_zeros_have_finite_gradients() -> None:
    x = ag.zeros(2, 3, requires_grad=True)
    (ag.normalize(x).sum() + ag.cosine_similarity(x, ag.ones(2, 3)).sum() + ag.pairwise_distance(x, x).sum()).backward()
    assert np.isfinite(x.grad.data).all()
