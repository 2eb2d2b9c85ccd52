"""Convolution over one, two or three axes, and its transpose.

A convolution is linear in its input and in its weights, so three primitives are enough for every derivative: the
convolution, its gradient by the input (which is also the transposed convolution) and its gradient by the weights. The
gradient rules of each are the other two.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..declare import composite, primitive
from ..fused import fused
from ..op import Sample
from ..tensor import wrap
from .activation import relu
from .windows import (
    AXES,
    Geometry,
    as_array,
    bias_gradient,
    check_layout,
    common,
    convolve,
    convolve_input_gradient,
    convolve_weight_gradient,
    geometry_of,
    has_kernel,
    hashable,
    per_axis,
    relu_and_bias_gradient,
)

_WEIGHTS = {1: "(O, C / groups, KW)", 2: "(O, C / groups, KH, KW)", 3: "(O, C / groups, KD, KH, KW)"}


# ---------------------------------------------------------------------------------------------------------------------
# The three primitives.  Without a batch axis in x there is none in the results.
# ---------------------------------------------------------------------------------------------------------------------
def _by_scipy(x, weight, bias, geometry):
    """The oracle of the tests: one output channel of one image after the other."""
    from scipy.signal import correlate

    if x.ndim == weight.ndim - 1:
        return _by_scipy(x[None], weight, bias, geometry)[0]
    x = np.pad(x, [(0, 0), (0, 0), *geometry.padding])
    sizes = zip(geometry.dilation, weight.shape[2:], strict=True)
    spread = np.zeros((*weight.shape[:2], *(d * (k - 1) + 1 for d, k in sizes)))
    taps: list[Any] = [slice(None, None, d) for d in geometry.dilation]
    spread[(..., *taps)] = weight
    steps = tuple(slice(None, None, s) for s in geometry.stride)
    per_group, channels = len(weight) // geometry.groups, weight.shape[1]
    out = []
    for image in x:
        for o, kernel in enumerate(spread):
            first = o // per_group * channels
            pairs = zip(image[first : first + channels], kernel, strict=True)
            total = sum(correlate(a, k, "valid", "direct")[steps] for a, k in pairs)
            out.append(total + (0 if bias is None else bias[o]))
    return np.array(out).reshape(len(x), len(weight), *out[0].shape)


@primitive(method=False, reference=_by_scipy)
def convolution(x, weight, bias, geometry):
    """The convolution that `conv1d`, `conv2d` and `conv3d` call once they have checked what they were given.

    x: (N, C, *size), weight: (O, C / groups, *kernel), bias: (O,) or None -> (N, O, *places)
    """
    if x.ndim == weight.ndim - 1:
        return convolution.op.forward(x[None], weight, bias, geometry)[0]
    x, weight, bias, dtype = common(x, weight, bias)
    return convolve(x, weight, bias, geometry).astype(dtype, copy=False)


@primitive(method=False)
def conv_input_gradient(x, weight, shape, geometry):
    """The gradient of a convolution by its input, from x, the gradient of its result.

    x: (N, O, *places), weight: (O, C / groups, *kernel) -> (N, C, *size), which is `shape`
    """
    if x.ndim == weight.ndim - 1:
        return conv_input_gradient.op.forward(x[None], weight, (1, *shape), geometry)[0]
    x, weight, _, dtype = common(x, weight)
    return convolve_input_gradient(x, weight, shape, geometry).astype(dtype, copy=False)


@primitive(method=False)
def conv_weight_gradient(x, y, kernel, geometry):
    """The gradient of a convolution by its weights, from its input x and y, the gradient of its result.

    x: (N, C, *size), y: (N, O, *places) -> (O, C / groups, *kernel)
    """
    if x.ndim == len(kernel) + 1:
        x, y = x[None], y[None]
    x, y, _, dtype = common(x, y)
    return convolve_weight_gradient(y, x, kernel, geometry).astype(dtype, copy=False)


def _bias_gradient(g, geometry):
    """g: (N, O, *places) -> (O,)"""
    channel = g.ndim - len(geometry.stride) - 1
    if channel == 1 and isinstance(g, np.ndarray):
        return bias_gradient(g)
    return g.sum(tuple(axis for axis in range(g.ndim) if axis != channel))


convolution.gradient(
    x=lambda g, weight, x_shape, geometry: conv_input_gradient(g, weight, x_shape, geometry),
    weight=lambda g, x, weight_shape, geometry: conv_weight_gradient(x, g, weight_shape[2:], geometry),
    bias=_bias_gradient,
)
conv_input_gradient.gradient(
    x=lambda g, weight, geometry: convolution(g, weight, None, geometry),
    weight=lambda g, x, weight_shape, geometry: conv_weight_gradient(g, x, weight_shape[2:], geometry),
)
conv_weight_gradient.gradient(
    x=lambda g, y, x_shape, geometry: conv_input_gradient(y, g, x_shape, geometry),
    y=lambda g, x, geometry: convolution(x, g, None, geometry),
)


@fused(method=False)
def convolution_relu(x, weight, bias, geometry):
    """`relu` of `convolution`, in one pass.

    x: (N, C, *size), weight: (O, C / groups, *kernel), bias: (O,) or None -> (N, O, *places)
    """
    return relu(convolution(x, weight, bias, geometry))


@convolution_relu.kernel
def _(x, weight, bias, geometry):
    if x.ndim == weight.ndim - 1:
        return NotImplemented
    x, weight, bias, dtype = common(x, weight, bias)
    return convolve(x, weight, bias, geometry, floor=0.0) if has_kernel(dtype) else NotImplemented


@convolution_relu.backward("x", "weight", "bias")
def _(g, out, x, weight, bias, geometry, needed):
    g, by_bias = relu_and_bias_gradient(g, out)
    return (
        conv_input_gradient(g, weight, x.shape, geometry) if needed[0] else None,
        conv_weight_gradient(x, g, weight.shape[2:], geometry) if needed[1] else None,
        by_bias if needed[2] else None,
    )


# ---------------------------------------------------------------------------------------------------------------------
# What users call
# ---------------------------------------------------------------------------------------------------------------------
Shape = tuple[int, ...]


def _check(op: str, axes: int, x: Shape, weight: Shape, bias: Shape | None, groups: int, transposed: bool) -> None:
    """Raises where input, weights and bias do not belong together."""
    names = _WEIGHTS[axes] if not transposed else "(C, O / groups, " + _WEIGHTS[axes].split(", ", 2)[2]
    if len(weight) != axes + 2:
        raise ValueError(f"{op}: the weights have shape {weight}. They must be {names}.")
    check_layout(op, x, axes)
    channels = x[-axes - 1]
    wanted = weight[0] if transposed else weight[1] * groups
    if channels != wanted:
        text = f"{op}: the input {x} has {channels} channels, and the weights {weight}, which are {names},"
        if groups != 1:
            text += f" with groups={groups}"
        text += f" want {wanted}; the layout is {AXES[axes]}"
        if x[-1] == wanted:
            order = (0, len(x) - 1, *range(1, len(x) - 1)) if len(x) == axes + 2 else (len(x) - 1, *range(len(x) - 1))
            raise ValueError(f"{text}: did you mean x.permute{order}?")
        raise ValueError(f"{text}.")
    if weight[0] % groups:
        what = "input" if transposed else "output"
        raise ValueError(
            f"{op}: {weight[0]} {what} channels, from the weights {weight}, can not be split into "
            f"groups={groups}. Choose a divisor."
        )
    outputs = weight[1] * groups if transposed else weight[0]
    if bias is not None and bias != (outputs,):
        raise ValueError(f"{op}: the bias has shape {bias}. It must be ({outputs},), one for each output channel.")


def _arrays(*values):
    """Lists and numbers as arrays; tensors, arrays and None as they are."""
    return [v if v is None else as_array(v) for v in values]


@functools.lru_cache(maxsize=1024)
def _plan(axes: int, x: Shape, weight: Shape, bias: Shape | None, stride, padding, dilation, groups) -> Geometry:
    """How the kernel moves, once all shapes and options are checked: the same for every step of a training."""
    op = f"conv{axes}d"
    geometry = geometry_of(op, weight[2:], stride, padding, dilation, groups, axes)
    _check(op, axes, x, weight, bias, geometry.groups, transposed=False)
    if min(geometry.output_size(x[-axes:], weight[2:])) < 1:
        padded = tuple(n + sum(pair) for n, pair in zip(x[-axes:], geometry.padding, strict=True))
        reach = tuple(d * (k - 1) + 1 for k, d in zip(weight[2:], geometry.dilation, strict=True))
        raise ValueError(
            f"{op}: the kernel reaches over {reach} elements, and the padded input has only {padded} (input "
            f"{x}, weights {weight}). Give a larger input, more padding or a smaller kernel."
        )
    return geometry


def _conv(axes: int, x, weight, bias, stride, padding, dilation, groups, activation=None):
    x, weight, bias = _arrays(x, weight, bias)
    options = hashable(stride), hashable(padding), hashable(dilation), groups
    geometry = _plan(axes, x.shape, weight.shape, None if bias is None else bias.shape, *options)
    return (convolution_relu if activation == "relu" else convolution)(x, weight, bias, geometry)


def convolve_and_relu(x, weight, bias, stride, padding, dilation, groups):
    """`relu` of `conv1d`, `conv2d` or `conv3d`, whichever the weights are for, in one pass: for layers side by side."""
    return _conv(len(weight.shape) - 2, x, weight, bias, stride, padding, dilation, groups, "relu")


@composite(method=False)
def conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slides kernels along the last axis and sums up what each covers, over all channels (cross-correlation).

    x: (N, C, W) or (C, W), weight: (O, C / groups, KW), bias: (O,) -> (N, O, OW) or (O, OW)
    The options are those of `conv2d`.
    """
    return _conv(1, x, weight, bias, stride, padding, dilation, groups)


@composite(method=False)
def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slides kernels over the last two axes and sums up what each covers, over all channels (cross-correlation).

    x: (N, C, H, W) or (C, H, W), weight: (O, C / groups, KH, KW), bias: (O,) -> (N, O, OH, OW) or (O, OH, OW)
    with OH = (H + 2 padding - dilation (KH - 1) - 1) // stride + 1, and OW alike.
    stride, padding, dilation: one integer, or one for each axis. Padding is with zeros, on both sides; "same" pads so
    that the size stays (stride 1 only; the odd element at the end), "valid" does not pad.
    groups: input and output channels are split into this many groups that do not see each other.

    >>> import autograd as ag
    >>> ag.conv2d(ag.ones((1, 1, 3, 3)), ag.ones((1, 1, 2, 2))).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    return _conv(2, x, weight, bias, stride, padding, dilation, groups)


@composite(method=False)
def conv3d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Slides kernels over the last three axes and sums up what each covers, over all channels (cross-correlation).

    x: (N, C, D, H, W) or (C, D, H, W), weight: (O, C / groups, KD, KH, KW), bias: (O,) -> (N, O, OD, OH, OW)
    The options are those of `conv2d`.
    """
    return _conv(3, x, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(axes: int, x, weight, bias, stride, padding, output_padding, groups, dilation):
    op = f"conv_transpose{axes}d"
    x, weight, bias = _arrays(x, weight, bias)
    kernel = tuple(weight.shape[2:])
    geometry = geometry_of(op, kernel, stride, padding, dilation, groups, axes)
    _check(op, axes, x.shape, weight.shape, None if bias is None else bias.shape, geometry.groups, transposed=True)
    extra = per_axis(op, "output_padding", output_padding, axes, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, geometry.stride, geometry.dilation, strict=True)):
        raise ValueError(
            f"{op}: output_padding={output_padding!r} must be smaller than stride={stride!r} or dilation={dilation!r}: "
            f"it chooses among the sizes that a convolution with this stride maps to the size of the input."
        )
    size = tuple(
        (n - 1) * s - before - after + d * (k - 1) + e + 1
        for n, s, (before, after), d, k, e in zip(
            x.shape[-axes:], geometry.stride, geometry.padding, geometry.dilation, kernel, extra, strict=True
        )
    )
    if min(size) < 1:
        raise ValueError(
            f"{op}: the result would have size {size} (input {x.shape}, weights {weight.shape}, padding={padding!r}). "
            f"Use less padding or a larger input."
        )
    shape = (*x.shape[: -axes - 1], weight.shape[1] * geometry.groups, *size)
    places = geometry.output_size(size, kernel)
    if places != x.shape[-axes:]:  # a long output_padding leaves room for the kernel where the input has ended
        wide: Any = np.zeros((*x.shape[:-axes], *places), x.dtype)
        wide = wide if isinstance(x, np.ndarray) else wrap(wide)
        wide[(..., *(slice(n) for n in x.shape[-axes:]))] = x
        x = wide
    out = conv_input_gradient(x, weight, shape, geometry)
    return out if bias is None else out + bias.reshape(-1, *(1,) * axes)


@composite(method=False)
def conv_transpose1d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv1d`: each input element adds its kernel to the result.

    x: (N, C, W) or (C, W), weight: (C, O / groups, KW), bias: (O,) -> (N, O, OW) or (O, OW)
    The options are those of `conv_transpose2d`.
    """
    return _conv_transpose(1, x, weight, bias, stride, padding, output_padding, groups, dilation)


@composite(method=False)
def conv_transpose2d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv2d`: each input element adds its kernel to the result, `stride` elements apart.

    x: (N, C, H, W) or (C, H, W), weight: (C, O / groups, KH, KW), bias: (O,) -> (N, O, OH, OW) or (O, OH, OW)
    with OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1, and OW alike.
    padding: cut off from both sides of the result. output_padding: added to the size of the result at the end.
    """
    return _conv_transpose(2, x, weight, bias, stride, padding, output_padding, groups, dilation)


@composite(method=False)
def conv_transpose3d(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv3d`: each input element adds its kernel to the result.

    x: (N, C, D, H, W) or (C, D, H, W), weight: (C, O / groups, KD, KH, KW), bias: (O,) -> (N, O, OD, OH, OW)
    The options are those of `conv_transpose2d`.
    """
    return _conv_transpose(3, x, weight, bias, stride, padding, output_padding, groups, dilation)


# ---------------------------------------------------------------------------------------------------------------------
# Samples
# ---------------------------------------------------------------------------------------------------------------------
_CASES: list[tuple[Any, ...]] = [  # shapes of x and of the weights, stride, padding, dilation, groups
    ((2, 3, 5, 6), (4, 3, 3, 2), (1, 1), ((0, 0), (0, 0)), (1, 1), 1),
    ((2, 3, 7, 6), (4, 3, 3, 3), (2, 1), ((1, 1), (2, 2)), (1, 2), 1),
    ((1, 4, 6, 5), (6, 2, 2, 3), (2, 2), ((0, 1), (1, 1)), (1, 1), 2),
    ((2, 3, 5, 5), (3, 1, 3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1), 3),
    ((3, 4, 4), (2, 3, 1, 1), (3, 2), ((0, 0), (0, 0)), (1, 1), 1),
    ((2, 3, 9), (4, 3, 3), (2,), ((1, 1),), (2,), 1),
    ((2, 2, 4, 3, 4), (3, 2, 2, 2, 2), (1, 2, 1), ((1, 1), (0, 0), (0, 1)), (1, 1, 2), 1),
]


def _places(x: tuple[int, ...], weight: tuple[int, ...], geometry: Geometry) -> tuple[int, ...]:
    axes = len(weight) - 2
    return (*x[: -axes - 1], weight[0], *geometry.output_size(x[-axes:], weight[2:]))


@convolution.samples
def _(draw):
    for x, weight, *options in _CASES:
        yield Sample(draw(*x), draw(*weight), draw(weight[0]), Geometry(*options))
        yield Sample(draw(*x), draw(*weight), None, Geometry(*options))


@convolution_relu.samples
def _(draw):
    for x, weight, *options in _CASES:
        # The channels lie far from 0, on either side: a difference quotient across the kink would be no gradient.
        bias = 100.0 * (np.arange(weight[0]) % 2) - 50.0
        yield Sample(draw(*x), draw(*weight), bias, Geometry(*options))


@conv_input_gradient.samples
def _(draw):
    for x, weight, *options in _CASES:
        geometry = Geometry(*options)
        yield Sample(draw(*_places(x, weight, geometry)), draw(*weight), x, geometry)


@conv_weight_gradient.samples
def _(draw):
    for x, weight, *options in _CASES:
        geometry = Geometry(*options)
        yield Sample(draw(*x), draw(*_places(x, weight, geometry)), weight[2:], geometry)


@conv1d.samples
def _(draw):
    yield Sample(draw(2, 3, 8), draw(4, 3, 3))
    yield Sample(draw(2, 3, 8), draw(4, 3, 3), draw(4), stride=2, padding=1)
    yield Sample(draw(4, 8), draw(6, 2, 2), draw(6), padding="same", groups=2)
    yield Sample(draw(2, 2, 9), draw(2, 2, 3), None, 1, 2, 2)
    yield Sample(draw(0, 2, 9), draw(2, 2, 3))


@conv2d.samples
def _(draw):
    yield Sample(draw(2, 3, 5, 6), draw(4, 3, 3, 3))
    yield Sample(draw(2, 3, 5, 6), draw(4, 3, 3, 3), draw(4), stride=2, padding=1)
    yield Sample(draw(2, 3, 7, 6), draw(4, 3, 3, 2), draw(4), 1, (1, 0), (2, 1))
    yield Sample(draw(2, 3, 5, 6), draw(4, 3, 2, 4), draw(4), padding="same")
    yield Sample(draw(2, 3, 5, 6), draw(4, 3, 2, 4), padding="valid", stride=(2, 3))
    yield Sample(draw(2, 4, 5, 5), draw(8, 1, 3, 3), draw(8), padding=1, groups=4)
    yield Sample(draw(1, 5, 5), draw(2, 1, 3, 3), draw(2))
    yield Sample(draw(0, 1, 5, 5), draw(2, 1, 3, 3), draw(2))
    yield Sample(draw(2, 17, 3, 4), draw(5, 17, 1, 1), draw(5))


@conv3d.samples
def _(draw):
    yield Sample(draw(2, 2, 3, 4, 4), draw(3, 2, 2, 2, 2), draw(3))
    yield Sample(draw(2, 2, 3, 4, 4), draw(2, 1, 2, 3, 2), None, (1, 2, 1), (0, 1, 1), 1, 2)
    yield Sample(draw(1, 3, 3, 3), draw(1, 1, 3, 3, 3), padding="same")


@conv_transpose1d.samples
def _(draw):
    yield Sample(draw(2, 3, 5), draw(3, 4, 3), draw(4))
    yield Sample(draw(3, 5), draw(3, 4, 3), None, 3, 1, 2)


@conv_transpose2d.samples
def _(draw):
    yield Sample(draw(2, 3, 4, 5), draw(3, 4, 3, 3))
    yield Sample(draw(2, 3, 4, 5), draw(3, 4, 3, 3), draw(4), stride=2, padding=1, output_padding=1)
    yield Sample(draw(2, 4, 4, 3), draw(4, 2, 2, 3), draw(4), stride=(1, 2), groups=2, dilation=(2, 1))
    yield Sample(draw(3, 4, 5), draw(3, 1, 2, 2), draw(1), stride=2)
    yield Sample(draw(0, 3, 4, 5), draw(3, 1, 2, 2))


@conv_transpose3d.samples
def _(draw):
    yield Sample(draw(2, 3, 2, 3, 2), draw(3, 2, 2, 2, 3), draw(2), stride=2, padding=1, output_padding=1)


@conv2d.errors
def _(draw):
    yield Sample(draw(2, 28, 28, 1), draw(8, 1, 3, 3)), ValueError, "did you mean x.permute(0, 3, 1, 2)"
    yield Sample(draw(28, 28, 3), draw(8, 3, 3, 3)), ValueError, "did you mean x.permute(2, 0, 1)"
    yield Sample(draw(2, 3, 5, 5), draw(8, 4, 3, 3)), ValueError, "has 3 channels"
    yield Sample(draw(2, 4, 5, 5), draw(8, 4, 3, 3), groups=2), ValueError, "want 8"
    yield Sample(draw(2, 4, 5, 5), draw(9, 2, 3, 3), groups=2), ValueError, "Choose a divisor"
    yield Sample(draw(28, 28), draw(8, 1, 3, 3)), ValueError, "(N, C, H, W)"
    yield Sample(draw(2, 1, 2, 5), draw(8, 1, 3, 3)), ValueError, "padded input"
    yield Sample(draw(2, 1, 5, 5), draw(8, 1, 3)), ValueError, "KH, KW"
    yield Sample(draw(2, 1, 5, 5), draw(8, 1, 3, 3), draw(7)), ValueError, "must be (8,)"
    yield Sample(draw(2, 1, 5, 5), draw(8, 1, 3, 3), stride=0), ValueError, "at least 1"
    yield Sample(draw(2, 1, 5, 5), draw(8, 1, 3, 3), stride=2, padding="same"), ValueError, "stride=1"
    yield Sample(draw(2, 1, 5, 5), draw(8, 1, 3, 3), padding=1.5), ValueError, "integer"


@conv_transpose2d.errors
def _(draw):
    yield Sample(draw(2, 3, 4, 4), draw(4, 3, 2, 2)), ValueError, "(C, O / groups, KH, KW)"
    yield Sample(draw(2, 3, 4, 4), draw(3, 3, 2, 2), output_padding=1), ValueError, "output_padding"
    yield Sample(draw(2, 3, 1, 1), draw(3, 3, 2, 2), padding=1), ValueError, "Use less padding"
