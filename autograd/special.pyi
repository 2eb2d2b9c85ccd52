"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

def airy_ai(x: Any, **names: Any) -> Tensor:
    """The function of Airy, the solution of y'' = x y that goes to 0 for large x.  x: (*) -> (*)"""
def bessel_j0(x: Any, **names: Any) -> Tensor:
    """The Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
def bessel_j1(x: Any, **names: Any) -> Tensor:
    """The Bessel function of the first kind, of order 1.  x: (*) -> (*)"""
def bessel_y0(x: Any, **names: Any) -> Tensor:
    """The Bessel function of the second kind, of order 0: minus infinity at 0, NaN below.  x: (*) -> (*)"""
def bessel_y1(x: Any, **names: Any) -> Tensor:
    """The Bessel function of the second kind, of order 1: minus infinity at 0, NaN below.  x: (*) -> (*)"""
def chebyshev_polynomial_t(x: Any, n: Any, **names: Any) -> Tensor:
    """The Chebyshev polynomial of the first kind of degree n, cos(n t) where x = cos(t).  x, n: (*) -> (*)"""
def chebyshev_polynomial_u(x: Any, n: Any, **names: Any) -> Tensor:
    """The Chebyshev polynomial of the second kind of degree n, sin((n + 1) t) / sin(t) at cos(t).  x, n: (*) -> (*)"""
def chebyshev_polynomial_v(x: Any, n: Any, **names: Any) -> Tensor:
    """The Chebyshev polynomial of the third kind, cos((n + 1/2) t) / cos(t/2) with x = cos(t).  x, n: (*) -> (*)"""
def chebyshev_polynomial_w(x: Any, n: Any, **names: Any) -> Tensor:
    """The Chebyshev polynomial of the fourth kind, sin((n + 1/2) t) / sin(t/2) with x = cos(t).  x, n: (*) -> (*)"""
def cosm1(x: Any, **names: Any) -> Tensor:
    """cos(x) - 1, without the loss of digits near 0.  x: (*) -> (*)"""
def digamma(x: Any, **names: Any) -> Tensor:
    """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
def entr(x: Any, **names: Any) -> Tensor:
    """-x log(x), the share of a probability in the entropy: 0 at 0, minus infinity below.  x: (*) -> (*)"""
def erf(x: Any, **names: Any) -> Tensor:
    """The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.  x: (*) -> (*)"""
def erfc(x: Any, **names: Any) -> Tensor:
    """1 - erf(x), exact also where it is tiny.  x: (*) -> (*)"""
def erfcx(x: Any, **names: Any) -> Tensor:
    """exp(x^2) erfc(x), which is above 0 where erfc rounds to 0.  x: (*) -> (*)"""
def erfinv(x: Any, **names: Any) -> Tensor:
    """The number whose error function is the element; infinite at -1 and 1.  x: (*) -> (*)"""
def exp2(x: Any, **names: Any) -> Tensor:
    """2 to the power of each element.  x: (*) -> (*)"""
def expit(x: Any, **names: Any) -> Tensor:
    """1 / (1 + exp(-x)) for each element, which is between 0 and 1.  x: (*) -> (*)"""
def expm1(x: Any, **names: Any) -> Tensor:
    """e**x - 1, exact also near x = 0.  x: (*) -> (*)"""
def gammainc(x: Any, y: Any, **names: Any) -> Tensor:
    """The regularized lower incomplete gamma function P(x, y), from 0 at y = 0 to 1.  x, y: (*) -> (*)"""
def gammaincc(x: Any, y: Any, **names: Any) -> Tensor:
    """The regularized upper incomplete gamma function 1 - igamma(x, y), exact where it is tiny.  x, y: (*) -> (*)"""
def gammaln(x: Any, **names: Any) -> Tensor:
    """The logarithm of the absolute value of the gamma function, infinite at 0, -1, -2, ...  x: (*) -> (*)"""
def hermite_polynomial_h(x: Any, n: Any, **names: Any) -> Tensor:
    """The polynomial of Hermite of degree n as physicists have it, orthogonal under exp(-x^2).  x, n: (*) -> (*)"""
def hermite_polynomial_he(x: Any, n: Any, **names: Any) -> Tensor:
    """The polynomial of Hermite of degree n as statisticians have it, orthogonal under exp(-x^2 / 2).  x, n: (*) -> (*)"""
def i0(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
def i0e(x: Any, **names: Any) -> Tensor:
    """exp(-|x|) i0(x), which is finite where i0 is not.  x: (*) -> (*)"""
def i1(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the first kind, of order 1.  x: (*) -> (*)"""
def i1e(x: Any, **names: Any) -> Tensor:
    """exp(-|x|) i1(x), which is finite where i1 is not.  x: (*) -> (*)"""
def laguerre_polynomial_l(x: Any, n: Any, **names: Any) -> Tensor:
    """The polynomial of Laguerre of degree n, orthogonal under exp(-x) above 0.  x, n: (*) -> (*)"""
def legendre_polynomial_p(x: Any, n: Any, **names: Any) -> Tensor:
    """The polynomial of Legendre of degree n, orthogonal between -1 and 1.  x, n: (*) -> (*)"""
def log1p(x: Any, **names: Any) -> Tensor:
    """log(1 + x), exact also near x = 0.  x: (*) -> (*)"""
def log_ndtr(x: Any, **names: Any) -> Tensor:
    """log(ndtr(x)), also where ndtr rounds to 0 or to 1.  x: (*) -> (*)"""
def log_softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """log(softmax(x, dim)), also where the softmax rounds to 0.  x: (*) -> (*)"""
def logit(x: Any, eps: Any = ..., **names: Any) -> Tensor:
    """log(x / (1 - x)), the inverse of `sigmoid`.  x: (*) -> (*)"""
def logsumexp(x: Any, dim: Any = ..., keepdim: builtins.bool = ..., **names: Any) -> Tensor:
    """The logarithm of the sum of exponentials, without overflow.  x: (*) -> (*) without the axes"""
def modified_bessel_i0(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
def modified_bessel_i1(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the first kind, of order 1.  x: (*) -> (*)"""
def modified_bessel_k0(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the second kind, of order 0: infinite at 0, NaN below.  x: (*) -> (*)"""
def modified_bessel_k1(x: Any, **names: Any) -> Tensor:
    """The modified Bessel function of the second kind, of order 1: infinite at 0, NaN below.  x: (*) -> (*)"""
def multigammaln(x: Any, p: Any, **names: Any) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension p.  x: (*) -> (*)"""
def ndtr(x: Any, **names: Any) -> Tensor:
    """The probability that a standard normal variable is below x.  x: (*) -> (*)"""
def ndtri(x: Any, **names: Any) -> Tensor:
    """The inverse of `ndtr`: minus infinity at 0, infinity at 1, NaN outside.  x: (*) -> (*)"""
def polygamma(n: Any, x: Any, **names: Any) -> Tensor:
    """The derivative of `digamma` of order n, 0 or more.  x: (*) -> (*)"""
def psi(x: Any, **names: Any) -> Tensor:
    """The derivative of `lgamma`: minus infinity at 0, NaN at -1, -2, ...  x: (*) -> (*)"""
def round(x: Any, decimals: Any = ..., **names: Any) -> Tensor:
    """The nearest number with so many decimals, for each element; halves go to the even neighbour.  x: (*) -> (*)"""
def scaled_modified_bessel_k0(x: Any, **names: Any) -> Tensor:
    """exp(x) modified_bessel_k0(x), which is above 0 where that rounds to 0.  x: (*) -> (*)"""
def scaled_modified_bessel_k1(x: Any, **names: Any) -> Tensor:
    """exp(x) modified_bessel_k1(x), which is above 0 where that rounds to 0.  x: (*) -> (*)"""
def shifted_chebyshev_polynomial_t(x: Any, n: Any, **names: Any) -> Tensor:
    """`chebyshev_polynomial_t` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
def shifted_chebyshev_polynomial_u(x: Any, n: Any, **names: Any) -> Tensor:
    """`chebyshev_polynomial_u` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
def shifted_chebyshev_polynomial_v(x: Any, n: Any, **names: Any) -> Tensor:
    """`chebyshev_polynomial_v` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
def shifted_chebyshev_polynomial_w(x: Any, n: Any, **names: Any) -> Tensor:
    """`chebyshev_polynomial_w` of 2 x - 1, for x between 0 and 1.  x, n: (*) -> (*)"""
def sinc(x: Any, **names: Any) -> Tensor:
    """sin(pi x) / (pi x), and 1 at x = 0.  x: (*) -> (*)"""
def softmax(x: Any, dim: Any, dtype: Any = ..., **names: Any) -> Tensor:
    """exp(x) divided by its sum along `dim`: positive numbers whose sum is 1.  x: (*) -> (*)"""
def spherical_bessel_j0(x: Any, **names: Any) -> Tensor:
    """sin(x) / x, and 1 at x = 0: the spherical Bessel function of the first kind, of order 0.  x: (*) -> (*)"""
def xlog1py(x: Any, y: Any, **names: Any) -> Tensor:
    """x log(1 + y), and 0 where x = 0, even if y <= -1.  x, y: (*) -> (*)"""
def xlogy(x: Any, y: Any, **names: Any) -> Tensor:
    """x log(y), and 0 where x = 0, even if y is 0 or negative.  x, y: (*) -> (*)"""
def zeta(x: Any, y: Any, **names: Any) -> Tensor:
    """The zeta function of Hurwitz: the sum of (k + y)**-x over k = 0, 1, ...  x, y: (*) -> (*)"""
