"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

