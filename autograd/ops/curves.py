"""Functions given by points or by coefficients, under NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..declare import composite
from ..op import Sample
from ..tensor import Tensor, to_array
from .arithmetic import clamp
from .comparison import where
from .creation import as_tensor
from .division import remainder
from .joining import cat
from .splitting import unbind


def _known(value: Any) -> Any:
    return value if isinstance(value, (Tensor, np.ndarray)) else as_tensor(value)


def _in_fractions(*values: Any) -> list[Any]:
    """The values, with integers in the dtype that the others have together."""
    dtypes = [value.dtype for value in values if value.dtype.kind in "fc"]
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
    return [value if value.dtype.kind in "fc" else value.astype(dtype) for value in values]


def _interp_reference(x, xp, fp, left=None, right=None, period=None):
    return np.interp(x, xp, fp, left, right, period)


@composite(method=False, reference=_interp_reference)
def interp(x, xp, fp, left=None, right=None, period=None):
    """The piecewise linear function through the points (xp, fp), at each x.  x: (*), xp: (N) ascending, fp: (N) -> (*)

    left, right: what stands below the first and above the last point, by default fp there. period: of xp, which are
    then put into order, and x goes around. Has a gradient by x, xp and fp, in whose dtype the result is; at a point
    that by x is the slope on its right. ValueError if xp and fp are not of one length of 1 or more, or if xp does not
    ascend.

    >>> import autograd
    >>> autograd.interp(autograd.tensor([0.5, 1.5, 9.0]), [0.0, 1.0, 2.0], autograd.tensor([0.0, 4.0, 2.0]))
    tensor([2., 3., 2.])
    """
    x, xp, fp = _in_fractions(*map(_known, (x, xp, fp)))
    if xp.ndim != 1 or tuple(fp.shape) != tuple(xp.shape) or not xp.shape[0]:
        raise ValueError(
            f"interp: xp and fp are vectors of one length of 1 or more, not {tuple(xp.shape)} and {tuple(fp.shape)}."
        )
    if period is not None:
        if period == 0:
            raise ValueError("interp: a period of 0 goes nowhere.")
        period = abs(period)
        x, xp, left, right = remainder(x, period), remainder(xp, period), None, None
        order = np.argsort(to_array(xp), kind="stable")
        xp, fp = xp[order], fp[order]
        xp, fp = cat([xp[-1:] - period, xp, xp[:1] + period]), cat([fp[-1:], fp, fp[:1]])
    at, places = to_array(x), to_array(xp)
    if (np.diff(places) < 0).any():
        raise ValueError("interp: xp must ascend. Put both into order: order = xp.argsort(); xp[order], fp[order].")
    if len(places) == 1:
        inside = fp[0] + x * 0
    else:
        i = np.clip(np.searchsorted(places, at, "right") - 1, 0, len(places) - 2)
        # What lies outside is replaced before the division: what is not taken must not make the gradient NaN.
        within = clamp(x, places[0].item(), places[-1].item())
        inside = fp[i] + (within - xp[i]) / (xp[i + 1] - xp[i]) * (fp[i + 1] - fp[i])
    return where(
        at < places[0],
        fp[0] if left is None else left,
        where(at > places[-1], fp[-1] if right is None else right, inside),
    )


@interp.samples
def _(draw):
    xp = np.linspace(-1.5, 1.5, 6) + draw(6, low=-0.1, high=0.1)
    yield Sample(draw.away(7, points=xp), xp, draw(6))
    yield Sample(draw.away(2, 3, points=xp), xp, draw(6), -5.0, 5.0)
    yield Sample(draw.away(7, points=xp), xp, draw(6), left=0.0)
    yield Sample(draw.away(7, low=-1.4, high=1.3, points=xp), xp, draw(6), right=0.0)
    yield Sample(np.array([-3.1, 0.2, 5.3]), np.array([0.5, 1.5, 3.1]), draw(3), period=2.0)
    yield Sample(draw.away(3, points=(0.5,)), np.array([0.5]), draw(1))
    yield Sample(np.array(0.25), np.array([0.0, 1.0]), draw(2))
    yield Sample(draw(0), xp, draw(6))


@interp.errors
def _(draw):
    yield Sample(draw(3), draw.distinct(3), draw(4)), ValueError, "not (3,) and (4,)"
    yield Sample(draw(3), np.array([1.0, 0.0]), draw(2)), ValueError, "must ascend"
    yield Sample(draw(3), np.array([0.0, 1.0]), draw(2), period=0), ValueError, "period of 0"


@composite(method=False, reference=np.polyval)
def polyval(p, x):
    """The polynomial p[0] x**(N - 1) + ... + p[N - 2] x + p[N - 1] at each x, by Horner's rule.  p: (N), x: (*) -> (*)

    >>> import autograd
    >>> autograd.polyval(autograd.tensor([3.0, 0.0, 1.0]), autograd.tensor([2.0, -1.0]))
    tensor([13.,  4.])
    """
    p, x = _known(p), _known(x)
    if p.ndim != 1:
        raise ValueError(f"polyval: the coefficients are a vector, not of shape {tuple(p.shape)}.")
    y: Any = x * 0
    for coefficient in unbind(p):
        y = y * x + coefficient
    return y


@polyval.samples
def _(draw):
    yield Sample(draw(3), draw(4))
    yield Sample(draw(1), draw(2, 3))
    yield Sample(draw(5), draw())
    yield Sample(draw(4), draw(2, 0))
    yield Sample(draw(2), draw(2, 1, 2))
    yield Sample(np.array([2.0, 0.0, -1.0]), np.array([0.0, 1.0]))
    yield Sample(draw.integers(3), draw.integers(4))


@polyval.errors
def _(draw):
    yield Sample(draw(2, 2), draw(3)), ValueError, "the coefficients are a vector"
