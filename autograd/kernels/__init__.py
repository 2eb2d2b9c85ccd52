"""Compiled kernels: arrays in, arrays out; nothing here knows a Tensor or a Module.

A submodule is imported when it is first named (``kernels.gemm.matmul(a, b)``), and Numba with it, so that
``from autograd import kernels`` costs nothing.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = [
    "activations",
    "arithmetic",
    "attention",
    "attention_lanes",
    "boxes",
    "cache",
    "cells",
    "choices",
    "clip",
    "compile",
    "conv",
    "conv_bias",
    "conv_layout",
    "conv_pixels",
    "corners",
    "cross_entropy",
    "crossover",
    "ctc",
    "distances",
    "drivers",
    "dropout",
    "elementwise",
    "gemm",
    "gemv",
    "jit",
    "lanes",
    "layer_norm",
    "linear",
    "losses",
    "machine",
    "memory",
    "norm",
    "norm_sweeps",
    "notice",
    "number",
    "pixel_tile",
    "pool",
    "recurrent",
    "reduce",
    "resample",
    "row_tile",
    "scalar_math",
    "scan",
    "scatter",
    "softmax",
    "softmax_sweeps",
    "sweeps",
    "tables",
    "team",
    "threads",
    "topk",
    "transpose",
    "update",
    "vectors",
    "window_sweeps",
    "winograd",
    "winograd_transforms",
]


def __getattr__(name: str) -> ModuleType:
    """Import a kernel module at its first use (PEP 562)."""
    if name in __all__:
        notice = importlib.import_module(f"{__name__}.notice")
        with notice.making_ready(f"import of kernels.{name}"):
            return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
