"""Tensors, gradients, and the operations between them.

>>> import autograd as ag
>>> x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> y = (x * x).sum()
>>> y.backward()
>>> x.grad
tensor([2., 4., 6.])

Every operation that is declared under `ops/` is a function here and, where it makes sense, a method of `Tensor`.
"""

from __future__ import annotations

import importlib as _importlib
from typing import TYPE_CHECKING as _TYPE_CHECKING

import numpy as _np

from . import array_object as array_object
from . import fft as fft
from . import linalg as linalg
from . import numpy_protocol as numpy_protocol
from . import special as special
from ._version import __version__ as __version__
from .declare import composite as composite
from .declare import primitive as primitive
from .dlpack import from_dlpack as from_dlpack
from .function import Function as Function
from .functions import *  # noqa: F403  (its names are known at run time; functions.pyi lists them)
from .fused import fused as fused
from .gradients import backward as backward
from .gradients import grad as grad
from .modes import detect_anomaly as detect_anomaly
from .modes import enable_grad as enable_grad
from .modes import inference_mode as inference_mode
from .modes import is_grad_enabled as is_grad_enabled
from .modes import is_inference_mode_enabled as is_inference_mode_enabled
from .modes import no_grad as no_grad
from .modes import set_grad_enabled as set_grad_enabled
from .modes import strict_nan as strict_nan
from .op import Sample as Sample
from .op import keep as keep
from .ops.windows import is_winograd_allowed as is_winograd_allowed
from .ops.windows import set_winograd as set_winograd
from .printing import set_printoptions as set_printoptions
from .tensor import Tensor as Tensor
from .tensor import get_default_dtype as get_default_dtype
from .tensor import is_tensor as is_tensor
from .tensor import set_default_dtype as set_default_dtype

if _TYPE_CHECKING:
    from . import func as func
    from . import functional as functional
    from . import testing as testing
    from .batching import vmap as vmap
    from .functional import hessian as hessian
    from .functional import hvp as hvp
    from .functional import jacobian as jacobian
    from .functional import vhp as vhp
    from .io import FormatError as FormatError
    from .io import load as load
    from .io import load_metadata as load_metadata
    from .io import save as save
    from .kernels.threads import get_num_threads as get_num_threads
    from .kernels.threads import set_num_threads as set_num_threads
    from .per_element import elementwise as elementwise
    from .profiler import profile as profile
    from .recompute import CheckpointError as CheckpointError
    from .recompute import checkpoint as checkpoint
    from .recompute import checkpoint_sequential as checkpoint_sequential
    from .testing import gradcheck as gradcheck
    from .testing import gradgradcheck as gradgradcheck
    from .transforms import grad_and_value as grad_and_value
    from .transforms import jacfwd as jacfwd
    from .transforms import jacrev as jacrev
    from .transforms import jvp as jvp
    from .transforms import linearize as linearize
    from .transforms import value_and_grad as value_and_grad
    from .transforms import vjp as vjp

float16, float32, float64 = (_np.dtype(name) for name in ("float16", "float32", "float64"))
half, float, double = float16, float32, float64
int8, int16, int32, int64, uint8 = (_np.dtype(name) for name in ("int8", "int16", "int32", "int64", "uint8"))
short, int, long = int16, int32, int64
complex64, complex128 = _np.dtype("complex64"), _np.dtype("complex128")
bool = _np.dtype("bool")

# Imported at first use: not every program tests operations, reads files, or needs Numba.
_LATE = {
    **dict.fromkeys(("FormatError", "load", "load_metadata", "save"), "autograd.io"),
    "elementwise": "autograd.per_element",
    "vmap": "autograd.batching",
    **dict.fromkeys(("CheckpointError", "checkpoint", "checkpoint_sequential"), "autograd.recompute"),
    **dict.fromkeys(("hessian", "hvp", "jacobian", "vhp"), "autograd.functional"),
    **dict.fromkeys(
        ("grad_and_value", "jacfwd", "jacrev", "jvp", "linearize", "value_and_grad", "vjp"), "autograd.transforms"
    ),
    "profile": "autograd.profiler",
    **dict.fromkeys(("gradcheck", "gradgradcheck"), "autograd.testing"),
    **dict.fromkeys(("get_num_threads", "set_num_threads"), "autograd.kernels.threads"),
}


def __getattr__(name: str) -> object:
    if name in ("func", "functional", "testing"):
        return _importlib.import_module(f"autograd.{name}")
    if name in _LATE:
        value = getattr(_importlib.import_module(_LATE[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")
