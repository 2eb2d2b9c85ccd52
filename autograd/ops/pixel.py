"""Channels and pixels that change places."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from .shape import permute, reshape
from .windows import as_array


def _factor(op: str, name: str, value: Any) -> int:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{op}: {name} must be an integer above 0, not {value!r}.")
    return int(value)


def _images(op: str, x: Any) -> Any:
    x = as_array(x)
    if x.ndim < 3:
        raise ValueError(f"{op}: the input has shape {x.shape}. It must be (*, C, H, W): add axes with x.unsqueeze(0).")
    return x


def _shuffle_reference(x: Any, upscale_factor: int) -> np.ndarray:
    *lead, channels, height, width = x.shape
    r = upscale_factor
    out = np.zeros((*lead, channels // r**2, height * r, width * r), x.dtype)
    for i in range(r):
        for j in range(r):
            out[..., i::r, j::r] = x[..., i * r + j :: r * r, :, :]
    return out


def _unshuffle_reference(x: Any, downscale_factor: int) -> np.ndarray:
    r = downscale_factor
    parts = [x[..., i::r, j::r] for i in range(r) for j in range(r)]
    out = np.stack(parts, axis=-3)  # (*, C, r * r, H, W)
    return out.reshape(*x.shape[:-3], x.shape[-3] * r * r, x.shape[-2] // r, x.shape[-1] // r)


@composite(reference=_shuffle_reference)
def pixel_shuffle(x, upscale_factor):
    """Channels become pixels: r r channels of each pixel lie down as a square of r by r.

    x: (*, C r r, H, W) -> (*, C, H r, W r), where r is `upscale_factor`. ValueError if r r is no divisor of the
    channels.
    Source: Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel convolutional
    neural network, 2016.

    >>> import autograd as ag
    >>> ag.pixel_shuffle(ag.tensor([1, 2, 3, 4]).reshape(4, 1, 1), 2).tolist()
    [[[1, 2], [3, 4]]]
    """
    x, r = _images("pixel_shuffle", x), _factor("pixel_shuffle", "upscale_factor", upscale_factor)
    *lead, channels, height, width = x.shape
    if channels % (r * r):
        raise ValueError(
            f"pixel_shuffle: the input {x.shape} has {channels} channels, which is no multiple of {r} * {r}. Each "
            f"pixel becomes a square of {r} by {r}."
        )
    n = len(lead)
    split = reshape(x, (*lead, channels // (r * r), r, r, height, width))
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return reshape(permute(split, order), (*lead, channels // (r * r), height * r, width * r))


@composite(reference=_unshuffle_reference)
def pixel_unshuffle(x, downscale_factor):
    """Pixels become channels: the reverse of `pixel_shuffle`.

    x: (*, C, H r, W r) -> (*, C r r, H, W), where r is `downscale_factor`. ValueError if r does not divide the sizes.
    """
    x, r = _images("pixel_unshuffle", x), _factor("pixel_unshuffle", "downscale_factor", downscale_factor)
    *lead, channels, height, width = x.shape
    if height % r or width % r:
        raise ValueError(
            f"pixel_unshuffle: the input {x.shape} has {height} x {width} pixels, and {r} must divide both. Cut or pad "
            f"it first."
        )
    n = len(lead)
    split = reshape(x, (*lead, channels, height // r, r, width // r, r))
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return reshape(permute(split, order), (*lead, channels * r * r, height // r, width // r))


@composite(
    reference=lambda x, groups: np.concatenate(
        [x[:, k :: x.shape[1] // groups] for k in range(x.shape[1] // groups)], 1
    )
)
def channel_shuffle(x, groups):
    """Channels of several groups take turns: one of each group, then the next of each.  x: (N, C, *) -> (N, C, *)

    ValueError if `groups` does not divide the channels.
    Source: Zhang et al., ShuffleNet, 2018.

    >>> import autograd as ag
    >>> ag.channel_shuffle(ag.arange(6).reshape(1, 6, 1), 2).flatten().tolist()
    [0, 3, 1, 4, 2, 5]
    """
    x, groups = as_array(x), _factor("channel_shuffle", "groups", groups)
    if x.ndim < 3:
        raise ValueError(f"channel_shuffle: the input has shape {x.shape}. It must be (N, C, *) with 3 axes or more.")
    count, channels, *size = x.shape
    if channels % groups:
        raise ValueError(
            f"channel_shuffle: the input {x.shape} has {channels} channels, no multiple of {groups} groups."
        )
    split = reshape(x, (count, groups, channels // groups, *size))
    return reshape(permute(split, (0, 2, 1, *range(3, 3 + len(size)))), tuple(x.shape))


@pixel_shuffle.samples
def _(draw):
    yield Sample(draw(2, 8, 3, 2), 2)
    yield Sample(draw(9, 2, 2), 3)
    yield Sample(draw(2, 3, 4, 2, 3), upscale_factor=2)
    yield Sample(draw(2, 3, 2, 2), 1)
    yield Sample(draw(0, 4, 2, 2), 2)
    yield Sample(draw(1, 4, 0, 3), 2)


@pixel_unshuffle.samples
def _(draw):
    yield Sample(draw(2, 2, 6, 4), 2)
    yield Sample(draw(1, 3, 6), 3)
    yield Sample(draw(2, 3, 1, 4, 2), downscale_factor=2)
    yield Sample(draw(2, 3, 2, 2), 1)
    yield Sample(draw(0, 4, 2, 2), 2)
    yield Sample(draw(1, 4, 0, 4), 2)


@channel_shuffle.samples
def _(draw):
    yield Sample(draw(2, 6, 2, 2), 2)
    yield Sample(draw(2, 6, 3), 3)
    yield Sample(draw(1, 4, 2, 1, 2), groups=4)
    yield Sample(draw(2, 5, 2, 2), 1)
    yield Sample(draw(0, 4, 2), 2)
    yield Sample(draw(2, 12, 3, 1), 4)


@pixel_shuffle.errors
def _(draw):
    yield Sample(draw(2, 6, 2, 2), 2), ValueError, "no multiple of 2 * 2"
    yield Sample(draw(4, 2), 2), ValueError, "(*, C, H, W)"
    yield Sample(draw(4, 2, 2), 0), ValueError, "above 0"


@pixel_unshuffle.errors
def _(draw):
    yield Sample(draw(2, 6, 3, 2), 2), ValueError, "must divide both"
    yield Sample(draw(4, 2), 2), ValueError, "(*, C, H, W)"
    yield Sample(draw(4, 2, 2), 1.5), ValueError, "above 0"


@channel_shuffle.errors
def _(draw):
    yield Sample(draw(2, 6, 3, 2), 4), ValueError, "no multiple of 4"
    yield Sample(draw(4, 2), 2), ValueError, "(N, C, *)"
