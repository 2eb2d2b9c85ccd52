"""Arithmetic on large arrays, on all cores; NumPy's loops are as fast, on one.

They pay where more than one thread is to be had, from some hundred thousand elements on.
"""

from __future__ import annotations

import math

from autograd.kernels.elementwise import choose, loop

__all__ = ["absolute", "add", "divide", "maximum", "minimum", "multiply", "sqrt", "square", "subtract"]


@loop
def add(x, y):
    """x + y."""
    return x + y


@loop
def subtract(x, y):
    """x - y."""
    return x - y


@loop
def multiply(x, y):
    """x y."""
    return x * y


@loop
def divide(x, y):
    """x / y."""
    return x / y


@loop
def maximum(x, y):
    """The larger one; NaN if one is."""
    return choose((x >= y) | (x != x), x, y)


@loop
def minimum(x, y):
    """The smaller one; NaN if one is."""
    return choose((x <= y) | (x != x), x, y)


@loop
def square(x):
    """x**2."""
    return x * x


@loop
def sqrt(x):
    """The square root; NaN below 0."""
    return math.sqrt(x)


@loop
def absolute(x):
    """The size of x."""
    return abs(x)
