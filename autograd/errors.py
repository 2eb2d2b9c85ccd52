"""What a user reads when an operation fails: one sentence what is wrong, the shapes, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np


def _array_of(value: Any) -> Any:
    """The array under a tensor; everything else as it is."""
    return value if isinstance(value, (np.ndarray, np.generic)) else getattr(value, "data", value)


def describe(value: Any) -> str:
    """`float32(32, 10)` for an array, the value itself for a number."""
    data = _array_of(value)
    if isinstance(data, np.ndarray):
        return f"{data.dtype}{data.shape}"
    if isinstance(value, (list, tuple)) and any(hasattr(item, "shape") for item in value):
        return "[" + ", ".join(describe(item) for item in value) + "]"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def explain(name: str, parameters: Sequence[str], values: Sequence[Any], error: Exception) -> Exception:
    """The error to raise instead of `error`, which the forward of operation `name` raised.

    An error that names the operation already was written for the user and stays as it is.
    """
    text = str(error)
    if text.startswith((name, "vmap: ")) or isinstance(error, (MemoryError, ImportError)):
        return error
    shapes = [np.shape(_array_of(value)) for value in values if _is_array(value)]
    apart = "could not be broadcast" in text or "cannot be broadcast" in text
    if apart and "indexing arrays" not in text and len(shapes) >= 2:
        listed = " and ".join(str(shape) for shape in shapes)
        return ValueError(
            f"{name}: shapes {listed} do not broadcast. Counted from the last, axes must be equal or 1: "
            f"reshape or unsqueeze one of them."
        )
    if isinstance(error, TypeError) and "ufunc" in text:  # what NumPy says of loops and casting rules helps nobody
        text = "does not work with arguments of these types, give tensors, arrays or numbers"
    given = ", ".join(f"{key}={describe(value)}" for key, value in zip(parameters, values, strict=False))
    kind = type(error) if isinstance(error, (ValueError, TypeError, IndexError, ZeroDivisionError)) else ValueError
    first_line = text.strip().splitlines()[0] if text.strip() else type(error).__name__
    message = f"{name}: {first_line.rstrip('.')}. Given: {given}."
    try:
        return kind(message)
    except TypeError:  # some errors of NumPy are made of more than a message
        return (TypeError if isinstance(error, TypeError) else ValueError)(message)


_PLAIN = (TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError, OverflowError)
_NAMED = re.compile(r"[\w.]+: ")


def named(name: str, parameters: Sequence[str], values: Sequence[Any], error: Exception) -> Exception:
    """An error in the definition of composite `name`, which says so unless it names an operation already.

    It stays the same one, with the place where it was raised, but for what NumPy makes of more than a message.
    """
    if _NAMED.match(str(error)):
        return error
    explained = explain(name, parameters, values, error)
    if type(error) in _PLAIN:
        error.args = explained.args
    elif isinstance(error, _PLAIN) and type(error).__module__.startswith("numpy"):
        return explained
    return error


def _is_array(value: Any) -> bool:
    return isinstance(_array_of(value), (np.ndarray, np.generic)) or type(value) in (int, float)
