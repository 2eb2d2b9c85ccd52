"""Sums, products, quotients and powers, element by element with broadcasting."""

from __future__ import annotations

import numpy as np

from ..declare import primitive
from ..op import BEHIND_SELECTION


@primitive(elementwise=True, sticky=True, operators=("__add__", "__radd__"), numpy=(np.add,))
def add(x, y):
    """The sum x + y.  x, y: (*) -> (*)"""
    return np.add(x, y)


add.gradient(x=lambda g: g, y=lambda g: g)


@primitive(elementwise=True, sticky=True, operators=("__mul__", "__rmul__"), aliases=("multiply",), numpy=(np.multiply,))
def mul(x, y):
    """The product x y.  x, y: (*) -> (*)"""
    return np.multiply(x, y)


mul.gradient(x=lambda g, y: g * y, y=lambda g, x: g * x, absorbing=BEHIND_SELECTION)
