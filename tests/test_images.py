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

SAME_AS_PYTORCH = ["unfold", "fold", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle"]
CASES = [
    pytest.param(name, sample, id=f"{name}({describe_sample(sample)})")
    for name in SAME_AS_PYTORCH
    for sample in samples_of(registry[name])
    if all(a.size for a in sample.args if isinstance(a, np.ndarray))  # PyTorch fails on some that are empty
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
    assert repr(layer) == repr(theirs)
    close(layer(ag.Tensor(x)).data, theirs(torch.tensor(x)).numpy(), 1e-10, name)


def test_layers_equal_pytorch() -> None:
    layer_equals_pytorch("PixelShuffle", normal(2, 8, 3, 2), 2)
    layer_equals_pytorch("PixelUnshuffle", normal(2, 2, 6, 4), 2)
    layer_equals_pytorch("ChannelShuffle", normal(2, 6, 3, 2), 3)
    layer_equals_pytorch("Unfold", normal(2, 3, 5, 4), (2, 3), padding=1, stride=2)
    layer_equals_pytorch("Fold", normal(2, 12, 12), (4, 5), kernel_size=2)


def test_unfolded_windows_times_weights_are_a_convolution() -> None:
    x, weight = ag.Tensor(normal(2, 3, 6, 5)), ag.Tensor(normal(4, 3, 3, 2))
    columns = ag.unfold(x, (3, 2), padding=1, stride=2)
    out = ag.fold(weight.reshape(4, -1) @ columns, (3, 3), 1)
    close(out.data, ag.conv2d(x, weight, stride=2, padding=1).data, 1e-12, "conv2d")
