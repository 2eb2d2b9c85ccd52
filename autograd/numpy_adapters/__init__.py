"""NumPy's functions in terms of the operations of this package, with NumPy's parameters, order and defaults.

One file a family. An adapter runs where a tensor of floating-point or complex numbers is among the arguments; it may
return NotImplemented for options that have no gradient, and NumPy then runs on the arrays.
"""

from __future__ import annotations

from . import calculus as calculus
from . import complex_domain as complex_domain
from . import conversion as conversion
from . import fourier as fourier
from . import joining as joining
from . import linear_algebra as linear_algebra
from . import norms as norms
from . import polynomials as polynomials
from . import products as products
from . import reductions as reductions
from . import selecting as selecting
from . import shapes as shapes
from . import statistics as statistics
from . import ufunc_methods as ufunc_methods
from . import ufuncs as ufuncs
from .adapting import adapters as adapters
