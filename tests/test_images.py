"""Operations on images, against PyTorch: pixels, windows, interpolation, sampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.op import Sample, registry
from autograd.testing import describe_sample, samples_of
from tests.torch_oracle import close, compare, normal

SAME_AS_PYTORCH = [
    "unfold",
    "fold",
    "pixel_shuffle",
    "pixel_unshuffle",
    "channel_shuffle",
    "interpolate",
    "upsample",
    "grid_sample",
    "affine_grid",
]
CASES = [
    pytest.param(name, sample, id=f"{name}({describe_sample(sample)})")
    for name in SAME_AS_PYTORCH
    for sample in samples_of(registry[name])
    # PyTorch fails on some that are empty, and can not do integers.
    if all(a.size and a.dtype.kind == "f" for a in sample.args if isinstance(a, np.ndarray))
]


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_samples_equal_pytorch(name: str, sample: Sample) -> None:
    parameters = registry[name].parameters
    arrays: dict[str, Any] = dict(zip(parameters, sample.args, strict=False))
    compare(name, arrays, **sample.kwargs)


def layer_equals_pytorch(name: str, x: np.ndarray, *args: Any, **options: Any) -> None:
    """The layer of the same name and options gives the same, and shows the same."""
    torch = pytest.importorskip("torch")
    layer, theirs = getattr(nn, name)(*args, **options), getattr(torch.nn, name)(*args, **options)
    assert repr(layer).replace("2D(", "2d(").replace("3D(", "3d(") == repr(theirs)
    close(layer(ag.Tensor(x)).data, theirs(torch.tensor(x)).numpy(), 1e-10, name)


def test_layers_equal_pytorch() -> None:
    layer_equals_pytorch("PixelShuffle", normal(2, 8, 3, 2), 2)
    layer_equals_pytorch("PixelUnshuffle", normal(2, 2, 6, 4), 2)
    layer_equals_pytorch("ChannelShuffle", normal(2, 6, 3, 2), 3)
    layer_equals_pytorch("Unfold", normal(2, 3, 5, 4), (2, 3), padding=1, stride=2)
    layer_equals_pytorch("Fold", normal(2, 12, 12), (4, 5), kernel_size=2)
    layer_equals_pytorch("FractionalMaxPool2d", normal(2, 3, 5, 4), 2, 1)
    layer_equals_pytorch("FractionalMaxPool3d", normal(2, 3, 5, 4, 6), 2, (1, 1, 1))
    layer_equals_pytorch("Upsample", normal(2, 3, 5, 4), scale_factor=2)
    layer_equals_pytorch("Upsample", normal(2, 3, 5, 4), scale_factor=(2, 1.5), mode="bicubic")
    layer_equals_pytorch("Upsample", normal(2, 3, 5), 7, mode="linear", align_corners=True)
    layer_equals_pytorch("UpsamplingNearest2d", normal(2, 3, 5, 4), (3, 8))
    layer_equals_pytorch("UpsamplingBilinear2d", normal(2, 3, 5, 4), scale_factor=3)


def test_unfolded_windows_times_weights_are_a_convolution() -> None:
    x, weight = ag.Tensor(normal(2, 3, 6, 5)), ag.Tensor(normal(4, 3, 3, 2))
    columns = ag.unfold(x, (3, 2), padding=1, stride=2)
    out = ag.fold(weight.reshape(4, -1) @ columns, (3, 3), 1)
    close(out.data, ag.conv2d(x, weight, stride=2, padding=1).data, 1e-12, "conv2d")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nearest_places_round_as_those_of_pytorch_do(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    for n in (3, 7, 10, 49, 100):
        x = np.arange(n, dtype=dtype).reshape(1, 1, n)
        for mode in ("nearest", "nearest-exact"):
            for m in range(1, 3 * n, 2):
                want = torch.nn.functional.interpolate(torch.tensor(x), m, mode=mode).numpy()
                np.testing.assert_array_equal(ag.interpolate(x, m, mode=mode), want)
            for factor in (0.4, 0.7, 1.1, 1.3, 2.6):
                want = torch.nn.functional.interpolate(torch.tensor(x), scale_factor=factor, mode=mode).numpy()
                np.testing.assert_array_equal(ag.interpolate(x, scale_factor=factor, mode=mode), want)


@pytest.mark.parametrize(
    ("mode", "axes"),
    [
        *[("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 2)],
        *[("linear", 1), ("bilinear", 2), ("bicubic", 2), ("trilinear", 3)],
    ],
)
def test_factors_that_leave_a_size_as_it_is_or_double_it_do_as_those_of_pytorch(mode: str, axes: int) -> None:
    """Only values: the gradient of PyTorch 2.13 is not that of its own values here."""
    torch = pytest.importorskip("torch")
    x = normal(2, 3, *(5, 4, 6)[:axes])
    for factors in ([1.1] * 3, [2.1, 1.1, 1.2], [1.1, 2.0, 1.1], [0.7, 1.05, 2.05]):
        for antialias in (False, True) if mode in ("bilinear", "bicubic") else (False,):
            options: dict[str, Any] = {"scale_factor": tuple(factors[:axes]), "mode": mode, "antialias": antialias}
            want = torch.nn.functional.interpolate(torch.tensor(x), **options).numpy()
            np.testing.assert_allclose(ag.interpolate(x, **options), want, atol=1e-12)


def test_interpolation_leaves_alone_what_it_does_not_look_at() -> None:
    x = np.array([[[1.0, np.nan, 3.0, np.inf]]])
    np.testing.assert_array_equal(ag.interpolate(x, 2, mode="linear", align_corners=True), [[[1.0, np.inf]]])


def test_large_images_are_the_same_on_one_thread() -> None:
    x = normal(4, 16, 60, 50).astype(np.float32)
    threads = ag.get_num_threads()
    results = []
    try:
        for count in (1, 2):
            ag.set_num_threads(count)
            t = ag.Tensor(x, requires_grad=True)
            out = ag.interpolate(t, (91, 77), mode="bicubic")
            out.backward(ag.Tensor(normal(*out.shape, seed=1).astype(np.float32)))
            results.append((out.data, t.grad.data))
    finally:
        ag.set_num_threads(threads)
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_places_far_away_and_no_places() -> None:
    x = ag.Tensor(normal(1, 2, 3, 4), requires_grad=True)
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding_mode in ("zeros", "border", "reflection"):
            far = ag.Tensor(np.array([[[[1e30, -np.inf], [np.nan, 0.0], [-1.0, 0.0]]]]), requires_grad=True)
            out = ag.grid_sample(x, far, mode, padding_mode)
            assert np.isfinite(out.data).all()
            close(out.data[..., 1], out.data[..., 2], 1e-12, "NaN is not taken for -1")
            if padding_mode == "zeros":
                assert not out.data[..., 0].any()
            out.sum().backward()
            assert np.isfinite(far.grad.data).all()


def test_grid_of_an_affine_map_finds_the_image_again() -> None:
    x = normal(2, 3, 5, 4)
    for corners in (False, True):
        turn = np.tile(np.array([[[-1.0, 0, 0], [0, 1, 0]]]), (2, 1, 1))
        grid = ag.affine_grid(turn, x.shape, corners)
        for mode in ("bilinear", "nearest", "bicubic"):
            close(ag.grid_sample(x, grid, mode, "border", corners), x[..., ::-1], 1e-12, mode)


@pytest.mark.parametrize("axes", [2, 3])
def test_fractional_pooling_equals_pytorch(axes: int) -> None:
    torch = pytest.importorskip("torch")
    name = f"fractional_max_pool{axes}d"
    for seed, (size, kernel, options) in enumerate(
        [
            ((7, 6, 8), 2, {"output_size": 3}),
            ((9, 5, 6), (3, 2, 1), {"output_size": (4, 3, 5)}),
            ((8, 9, 7), 2, {"output_ratio": 0.5}),
            ((8, 9, 7), 3, {"output_ratio": (0.4, 0.6, 0.5), "return_indices": True}),
            ((5, 5, 5), 2, {"output_size": 1, "return_indices": True}),
        ]
    ):
        given = {key: value[:axes] if isinstance(value, tuple) else value for key, value in options.items()}
        window = kernel[:axes] if isinstance(kernel, tuple) else kernel
        if axes == 3 and isinstance(given.get("output_ratio"), float):
            given["output_ratio"] = (given["output_ratio"],) * 3
        elif axes == 2 and isinstance(given.get("output_ratio"), float):
            given["output_ratio"] = (given["output_ratio"],) * 2
        drawn = np.random.default_rng(seed).random((2, 3, axes))

        def theirs(x: Any, drawn: np.ndarray = drawn, window: Any = window, given: Any = given) -> Any:
            chosen = torch.tensor(drawn).to(x.dtype)
            return getattr(torch.nn.functional, name)(x, window, **given, _random_samples=chosen)

        def ours(x: Any, drawn: np.ndarray = drawn, window: Any = window, given: Any = given) -> Any:
            return getattr(ag, name)(x, window, **given, _random_samples=drawn.astype(x.dtype))

        compare(ours, {"x": normal(2, 3, *size[:axes])}, theirs)


def test_fractional_pooling_draws() -> None:
    x = normal(4, 8, 12, 12)
    ag.manual_seed(0)
    one, other = ag.fractional_max_pool2d(x, 2, 5), ag.fractional_max_pool2d(x, 2, 5)
    assert (one != other).any()
    ag.manual_seed(0)
    np.testing.assert_array_equal(ag.fractional_max_pool2d(x, 2, 5), one)
    assert (one >= ag.fractional_max_pool2d(x, 1, 5, _random_samples=np.zeros((4, 8, 2)))).mean() > 0.6


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_padding_equals_pytorch(axes: int, mode: str) -> None:
    """With elements added on both sides, on one side, and cut off on the other."""
    rng = np.random.default_rng(axes)
    for trial in range(6):
        shape = ((2, 3), (3,))[trial % 2] + (5, 6, 4)[:axes]
        pad = rng.integers(-1, 4, 2 * axes).tolist()
        if trial == 0:
            pad[:2] = [-1, 3]  # of the last axis
        compare("pad", {"x": normal(*shape)}, pad=pad, mode=mode, **({"value": 1.5} if mode == "constant" else {}))


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding_by_nothing_is_a_copy(mode: str) -> None:
    x = ag.Tensor(normal(2, 3, 4))
    out = ag.pad(x, (0, 0), mode)
    out.zero_()
    assert x.data.all()


def test_grids_are_sampled_the_same_on_one_thread() -> None:
    x, grid = normal(4, 8, 40, 50), np.random.default_rng(0).uniform(-1.1, 1.1, (4, 60, 70, 2))
    threads, results = ag.get_num_threads(), []
    try:
        for count in (1, 2):
            ag.set_num_threads(count)
            t, places = ag.Tensor(x, requires_grad=True), ag.Tensor(grid, requires_grad=True)
            out = ag.grid_sample(t, places)
            out.backward(ag.Tensor(normal(*out.shape, seed=1)))
            results.append((out.data, t.grad.data, places.grad.data))
    finally:
        ag.set_num_threads(threads)
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:.*upsample.*deprecated:UserWarning")
def test_functions_with_indices_equal_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    there, here = torch.nn.functional, nn.functional
    calls: list[tuple[str, tuple[Any, ...], tuple[int, ...]]] = [
        ("max_pool1d_with_indices", (3, 2, 1), (2, 3, 9)),
        ("max_pool2d_with_indices", (2,), (2, 3, 6, 8)),
        ("max_pool3d_with_indices", ((1, 2, 2),), (2, 3, 4, 5, 6)),
        ("adaptive_max_pool1d_with_indices", (4,), (2, 3, 9)),
        ("adaptive_max_pool2d_with_indices", ((2, 3),), (2, 3, 6, 8)),
        ("adaptive_max_pool3d_with_indices", (2,), (2, 3, 4, 5, 6)),
        ("fractional_max_pool2d_with_indices", (5, 1), (2, 3, 6, 6)),
        ("fractional_max_pool3d_with_indices", (3, 1), (2, 3, 4, 4, 4)),
    ]
    for name, args, shape in calls:
        x = normal(*shape)
        have, want = getattr(here, name)(ag.Tensor(x), *args), getattr(there, name)(torch.tensor(x), *args)
        for h, w in zip(have, want, strict=True):
            np.testing.assert_array_equal(h.data, w.numpy(), err_msg=name)
    x = normal(2, 3, 4, 5)
    for name in ("upsample_nearest", "upsample_bilinear"):
        want = getattr(there, name)(torch.tensor(x), scale_factor=2).numpy()
        close(getattr(here, name)(ag.Tensor(x), scale_factor=2).data, want, 1e-12, name)
