"""exp, log, tanh, erf and their kin on single numbers, without branches: LLVM makes vectors of them in any loop.

Call them in a kernel as if they were Python's::

    from autograd.kernels.scalar_math import exp

    for i in range(n):
        out[i] = exp(x[i])

Numba would call the C library for each element instead. These take 1 to 3 cycles an element with AVX-512, are off by
at most 2 units in the last place (`softplus` by 3, `erfc` and the normal distribution by 7), and are right for NaN, the
infinities and signed zeros. Results that would be denormal may be 0, as they are everywhere inside kernels.

Each is written once, as the code to emit, on `Number`s: for float32 or float64, and for scalars or vectors of LLVM.
Intrinsics that emit vector code call `emit(exp, builder, value)`. Written so they cost next to nothing to compile:
Numba sees one call, where Python code would be forty statements to type.

They lean on the order in which they add: do not call them in an `inline` function that reassociates.

Coefficients of polynomials, highest power first, are minimax fits; those of float32 are rounded one after the other,
each time fitting the rest anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from numba import types

from autograd.kernels.jit import intrinsic
from autograd.kernels.number import Number

__all__ = [
    "Number",
    "emit",
    "erf",
    "erfc",
    "exp",
    "exp_below_zero",
    "exp_parts",
    "expm1",
    "gelu",
    "gelu_slope",
    "gelu_tanh",
    "gelu_tanh_slope",
    "log",
    "log1p",
    "normal_cdf",
    "normal_pdf",
    "sigmoid",
    "softplus",
    "tanh",
]


# --- From code to emit to what kernels call --------------------------------------------------------------------------


def _function(code: Callable[[Number], Number]) -> Any:
    """What kernels call: an intrinsic of a number that emits the code."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return code(Number(builder, args[0])).value

    def describe(typingctx, x):
        return (x(x), codegen) if isinstance(x, types.Float) else None

    describe.__name__ = describe.__qualname__ = code.__name__.removeprefix("_")
    describe.__doc__ = code.__doc__
    function = intrinsic(describe)
    _CODE[function] = code
    return function


_CODE: dict[Any, Callable[[Number], Number]] = {}


def emit(function: Any, builder: Any, value: Any) -> Any:
    """Emit the code of one of these functions for a value of LLVM, a scalar or a vector; returns the result."""
    return _CODE[function](Number(builder, value)).value


# --- Formats ---------------------------------------------------------------------------------------------------------


class _Format(NamedTuple):
    """What depends on the width of the numbers."""

    mantissa: int  # bits
    bias: int
    magic: float  # 1.5 * 2**mantissa: what is added to it is rounded to an integer, which the lowest bits hold
    ln2: tuple[float, float]  # ln 2 in two parts, the first of so few bits that its multiples are exact
    smallest: float  # exp is normal above ...
    largest: float  # ... and finite below
    minus_one: float  # expm1 is -1 below
    tiny: float  # below, expm1 and tanh are x itself, and steps on the way may be denormal
    exp: tuple[float, ...]  # (exp(r) - 1 - r) / r**2 for |r| <= ln 2 / 2
    expm1: tuple[float, ...]  # the same with the error relative to expm1
    tanh: tuple[tuple[float, ...], tuple[float, ...]]  # (tanh(x) / x - 1) / x**2, in x**2, for |x| <= 9/16, a quotient
    log_from: int  # the bits of the smallest number whose logarithm is taken without an exponent
    log: tuple[float, ...]
    log_above: tuple[float, ...]  # the same for s up to 1/3
    erf: tuple[float, ...]  # erf(x) / x - 1, in x**2, for |x| <= 15/16
    far: float  # erfc is 0 beyond
    tail: tuple[tuple[float, ...], tuple[float, ...]]  # exp(x**2) erfc(x) for x >= 0, as a quotient


_SINGLE = _Format(
    mantissa=23,
    bias=127,
    magic=1.5 * 2.0**23,
    ln2=(0.693359375, -2.12194440e-4),
    smallest=-87.33654022216797,
    largest=88.72283935546875,
    minus_one=-18.0,
    tiny=1e-9,
    exp=(1.9747074e-04, 1.3935433e-03, 8.333563e-03, 4.166646e-02, 1.6666666e-01, 5.0e-01),
    expm1=(1.9955997e-04, 1.3933023e-03, 8.333195e-03, 4.1666485e-02, 1.6666667e-01, 5.0e-01),
    tanh=((-6.1746347e-03, 2.1003364e-02, -5.3836305e-02, 1.333244e-01, -3.3333313e-01), (1.0,)),
    log_from=0x3F2AAAAB,  # 2/3
    # (log(1 + f) - f + f**2 / 2) / f**3 for |f| <= 1/3
    log=(
        *(-1.3139847e-01, 1.3970461e-01, -1.2127315e-01, 1.4009094e-01),
        *(-1.6684562e-01, 2.0010173e-01, -2.499971e-01, 3.333322e-01),
    ),
    log_above=(2.802646e-01, 2.7998656e-01, 4.0021735e-01, 6.666641e-01),
    erf=(8.259755e-05, -8.115768e-04, 5.198558e-03, -2.6858337e-02, 1.1283674e-01, -3.7612632e-01, 1.2837917e-01),
    far=10.25,
    tail=(
        (0.03215831289146089, 0.22617154063800307, 0.7252013678275491, 1.2322843109192478, 1.0),
        (*(0.0569983150702348, 0.40090815074838343, 1.3134175006604836), *(2.3889172194614634, 2.360663974922164, 1.0)),
    ),
)
_DOUBLE = _Format(
    mantissa=52,
    bias=1023,
    magic=1.5 * 2.0**52,
    ln2=(6.93145751953125e-1, 1.42860682030941723212e-6),
    smallest=-708.3964185322640,
    largest=709.7827128933841,
    minus_one=-38.0,
    tiny=1e-17,
    exp=(
        *(2.08264911434722e-09, 2.5112150702963117e-08, 2.7557582982213224e-07, 2.7557234538510085e-06),
        *(2.4801586924314548e-05, 0.00019841269896704575, 0.0013888888889117472, 0.008333333333316905),
        *(0.04166666666666609, 0.16666666666666682, 0.5),
    ),
    expm1=(
        *(2.092447746619005e-09, 2.510915109312685e-08, 2.7557242647888594e-07, 2.755724390012401e-06),
        *(2.480158736069058e-05, 0.00019841269886413762, 0.0013888888888866765, 0.008333333333321525),
        *(0.0416666666666667, 0.16666666666666677, 0.5),
    ),
    tanh=(
        (-0.00019922321306920437, -0.02049981834048467, -0.3333333333333333),
        (0.00020658212020149537, 0.023292689743137158, 0.4614994550214487, 1.0),
    ),
    log_from=0x3FE6A09E667F3BCD,  # sqrt(1/2)
    # (log((1 + s) / (1 - s)) / s - 2) / s**2, in s**2
    log=(
        *(0.1481158804619811, 0.153125646105072, 0.18183619218292663, 0.2222219758230507),
        *(0.28571428751360395, 0.39999999999377667, 0.666666666666674),
    ),
    log_above=(
        *(0.17019587532715422, 0.08339563220650496, 0.12106207907190893, 0.13300958355273165, 0.15386561077275626),
        *(0.18181743870621916, 0.22222223971294666, 0.2857142854782784, 0.40000000000157465, 0.6666666666666631),
    ),
    erf=(
        *(6.28433758083408e-11, -1.1549694012585797e-09, 1.4701576950788687e-08, -1.6355985046495118e-07),
        *(1.646148817684675e-06, -1.4925622930514195e-05, 0.00012055332156937213, -0.0008548327006788277),
        *(0.00522397762522567, -0.026866170645114474, 0.11283791670955058, -0.37612638903183754, 0.1283791670955126),
    ),
    far=27.5,
    tail=(
        (
            *(1.4308829891267261e-05, 0.00031496691391479255, 0.0034036055371556417, 0.023486753302981587),
            *(0.11380630808409976, 0.40306988947584427, 1.0553977596898758, 2.0200399091847117),
            *(2.717139486079769, 2.341134218005489, 1.0),
        ),
        (
            *(2.5361740642722584e-05, 0.0005582643194770865, 0.006045414611542586, 0.04190831850022201),
            *(0.20472011491707742, 0.7349582411727378, 1.968517331744929, 3.9175227115899145),
            *(5.657885368135743, 5.632066109786754, 3.469513385101002, 1.0),
        ),
    ),
)


def _format(x: Number) -> _Format:
    return _SINGLE if x.single else _DOUBLE


_LOG2_E = 1.4426950408889634


# --- Exponentials ----------------------------------------------------------------------------------------------------


def _reduce(x: Number) -> tuple[Number, Number]:
    """x = n ln 2 + r with |r| <= ln 2 / 2: r, and an integer whose lowest bits are n."""
    form = _format(x)
    shifted = x.multiply_add(_LOG2_E, form.magic)
    n = shifted - form.magic
    high, low = form.ln2
    return n.multiply_add(-low, n.multiply_add(-high, x)), shifted.bits()


def _exp(x: Number) -> Number:
    """e to the power of x."""
    form = _format(x)
    r, n = _reduce(x)
    y = r.multiply_add(r * r.polynomial(form.exp), r) + 1.0
    y = (y.bits() + (n << form.mantissa)).from_bits()  # times 2**n
    # Outside the range: x * inf is infinite, or NaN, or -inf, for which 0 comes.
    infinite = x * math.inf
    beyond = infinite.constant(0.0).choose(infinite < 0.0, infinite)
    inside = x.builder.and_(x > form.smallest, x < form.largest)
    return y.choose(inside, beyond)


def _exp_below_zero(x: Number) -> Number:
    """e to the power of a number that is 0 or less, or NaN: a fifth less to do."""
    form = _format(x)
    lowest = -(form.bias + 0.2) * math.log(2)  # where n is -bias, and the power 0
    x = x.constant(lowest).choose(x < lowest, x)
    r, n = _reduce(x)
    y = r.multiply_add(r * r.polynomial(form.exp), r) + 1.0
    return y * ((n + form.bias) << form.mantissa).from_bits()


def exp_parts(x: Number) -> tuple[Number, Number]:
    """(p, q) with exp(x) = p + p * q, for x that is 0 or less, or NaN: what is exact also of exp(x) - 1."""
    form = _format(x)
    x = x.constant(form.smallest).choose(x < form.smallest, x)
    r, n = _reduce(x)
    q = r.multiply_add(r * r.polynomial(form.expm1), r)
    return ((n + form.bias) << form.mantissa).from_bits(), q


def _expm1(x: Number) -> Number:
    """e to the power of x, minus 1, exact also near 0."""
    form = _format(x)
    inside = x.constant(form.minus_one).choose(x < form.minus_one, x)
    inside = x.constant(form.largest + 0.1).choose(inside > form.largest + 0.1, inside)
    r, n = _reduce(inside)
    y = r.multiply_add(r * r.polynomial(form.expm1), r)
    half = ((n + (form.bias - 1)) << form.mantissa).from_bits()  # 2**(n - 1): 2**n may be too large
    y = y.multiply_add(half, half - 0.5)
    return x.choose(x.size() < form.tiny, y + y)


def _sigmoid(x: Number) -> Number:
    """1 / (1 + exp(-x))."""
    e = _exp(-x.size())
    most = e.choose(x < 0.0, e.constant(1.0))
    return most - most * e / (e + 1.0)  # exacter than most / (e + 1): the rounding of e + 1 counts little


def _tanh(x: Number) -> Number:
    """The hyperbolic tangent."""
    form = _format(x)
    over, under = form.tanh
    size = x.size()
    near = size < 0.5625
    # 1 - 2 / (exp(2 x) + 1), or a quotient near 0: with one division for both
    e = _exp(size * -2.0)
    square = size * size
    numerator = (size * square * square.polynomial(over)).choose(near, e * -2.0)
    denominator = square.polynomial(under).choose(near, e + 1.0)
    y = size.choose(near, size.constant(1.0)) + numerator / denominator
    return x.choose(size < form.tiny, y.with_sign_of(x))


# --- Logarithms ------------------------------------------------------------------------------------------------------


def _log_parts(bits: Number) -> tuple[Number, Number]:
    """f and k of a positive number 2**k (1 + f) that is not denormal, given by its bits."""
    form = _format(bits)
    k = (bits - form.log_from) >> form.mantissa
    return (bits - (k << form.mantissa)).from_bits() - 1.0, k


def _log_of(f: Number, k: Number, rest: Number | None = None) -> Number:
    """k ln 2 + log(1 + f), plus a small rest."""
    form = _format(f)
    high, low = form.ln2
    tail = k * low if rest is None else k.multiply_add(low, rest)
    if f.single:
        square = f * f
        tail = (f * square).multiply_add(f.polynomial(form.log), square.multiply_add(-0.5, tail))
        return k.multiply_add(high, f + tail)
    # log(1 + f) = f - f**2 / 2 + s (f**2 / 2 + R(s**2)), with s = f / (2 + f)
    s = f / (f + 2.0)
    z = s * s
    half_square = f * f * 0.5
    tail = s.multiply_add(z.multiply_add(z.polynomial(form.log), half_square), tail)
    return k.multiply_add(high, f - (half_square - tail))


def _log_special(x: Number, bits: Number, y: Number) -> Number:
    """The logarithm y of x, or what it is at 0, below 0, at infinity and at NaN; by the bits, of which none is lost."""
    form = _format(x)
    infinity = ((1 << (63 - form.mantissa if form.mantissa > 23 else 31 - form.mantissa)) - 1) << form.mantissa
    beyond = x.constant(math.nan).choose(bits < 0, x)
    beyond = x.constant(-math.inf).choose((bits << 1).equals(0), beyond)
    return y.choose((bits - 1).below_unsigned(infinity - 1), beyond)


def _log(x: Number) -> Number:
    """The natural logarithm."""
    form = _format(x)
    bits = x.bits()
    # A denormal number is its bits, as an integer, times 2**(1 - bias - mantissa).
    denormal = bits < (1 << form.mantissa)
    f, k = _log_parts(bits.as_float().bits().choose(denormal, bits))
    k = (k - (form.bias + form.mantissa - 1)).choose(denormal, k)
    return _log_special(x, bits, _log_of(f, k.as_float()))


def _log1p(x: Number) -> Number:
    """log(1 + x), exact also near 0."""
    u = x + 1.0
    rest = (1.0 - (u - x)).choose(x > 1.0, x - (u - 1.0)) / u  # what rounding 1 + x has lost
    bits = u.bits()
    f, k = _log_parts(bits)
    return x.choose(x.equals(0.0), _log_special(u, bits, _log_of(f, k.as_float(), rest)))


def _softplus(x: Number) -> Number:
    """log(1 + exp(x))."""
    e = _exp_below_zero(-x.size())
    # log(1 + e) = log((1 + s) / (1 - s)) with s = e / (2 + e), which needs neither an exponent nor care near 0; by 2 s
    # and its square, since s may be denormal where e is not.
    twice = (e + e) / (e + 2.0)
    square = twice * twice
    terms = _format(x).log_above
    terms = tuple(term * 0.5 * 0.25 ** (len(terms) - i) for i, term in enumerate(terms))
    above = twice.multiply_add(square * square.polynomial(terms), twice)
    return x.constant(0.0).choose(x < 0.0, x) + above


# --- The normal distribution -----------------------------------------------------------------------------------------


def _near(x: Number, limit: float) -> Number:
    """The size of x, or the limit where it is larger: there the tail of the bell has long been 0."""
    size = x.size()
    return x.constant(limit).choose(size > limit, size)


def _bell(x: Number, factor: float) -> Number:
    """exp(-factor x**2), for a factor that is a power of 2; exact also where the rounding of x**2 counts."""
    square = x * x
    lost = x.multiply_add(x, -square)
    y = _exp(square * -factor)
    return y.multiply_add(lost * -factor, y).size()  # not -0


def _tail(x: Number) -> Number:
    """exp(x**2) erfc(x) for x >= 0."""
    over, under = _format(x).tail
    return x.polynomial(over) / x.polynomial(under)


def _erf(x: Number) -> Number:
    """The error function."""
    form = _format(x)
    size = _near(x, form.far)
    near = x.multiply_add((x * x).polynomial(form.erf), x)
    far = 1.0 - _exp(-(size * size)) * _tail(size)
    return far.with_sign_of(x).choose(size > 0.9375, near)


def _erfc(x: Number) -> Number:
    """1 - erf(x), exact also where it is tiny."""
    size = _near(x, _format(x).far)
    y = _bell(size, 1.0) * _tail(size)
    return (2.0 - y).choose(x < 0.0, y)


def _normal_cdf(x: Number) -> Number:
    """The probability that a standard normal variable is below x, exact also where it is tiny."""
    size = _near(x, _format(x).far * math.sqrt(2.0))
    y = _bell(size, 0.5) * (_tail(size * math.sqrt(0.5)) * 0.5)
    return (1.0 - y).choose(x > 0.0, y)


def _normal_pdf(x: Number) -> Number:
    """The density of a standard normal variable."""
    return _bell(_near(x, _format(x).far * math.sqrt(2.0)), 0.5) * math.sqrt(0.5 / math.pi)


# GELU in single precision: 2**f - 1 over f for |f| <= 1/2; exp(x**2 / 2) times the probability to be above x, for
# 0 <= x <= 13.1, as a quotient. The latter is off by 1e-7 below 1.5, and by 1e-6 further out, where it counts little:
# only as a part of the result that is itself small.
_EXP2 = (1.3273804e-03, 9.671596e-03, 5.5507015e-02, 2.4022241e-01, 6.931470e-01)
_ABOVE = (
    (0.01474865563681559, 0.10986934338616292, 0.34526392801545647, 0.5),
    (0.03697893732363068, 0.275063291476857, 0.9073566249040251, 1.4884085103398974, 1.0),
)


def _bell_and_tail(x: Number) -> tuple[Number, Number, Number]:
    """|x|, or 13 where that is larger; exp(-x**2 / 2); and the probability that a normal variable is above |x|."""
    if not x.single:
        size = _near(x, _DOUBLE.far * math.sqrt(2.0))
        bell = _bell(size, 0.5)
        return size, bell, bell * (_tail(size * math.sqrt(0.5)) * 0.5)
    size = _near(x, 13.0)
    square = size * size
    shifted = square.multiply_add(-0.5 * _LOG2_E, _SINGLE.magic)
    f = square.multiply_add(-0.5 * _LOG2_E, -(shifted - _SINGLE.magic))
    bell = f.multiply_add(f.polynomial(_EXP2), 1.0)
    bell = (bell.bits() + (shifted.bits() << _SINGLE.mantissa)).from_bits()
    over, under = _ABOVE
    return size, bell, bell * size.polynomial(over) / size.polynomial(under)


def _gelu(x: Number) -> Number:
    """x times the probability that a standard normal variable is below x."""
    size, _, above = _bell_and_tail(x)
    return x.constant(0.0).choose(x < 0.0, x) - size * above


def _gelu_slope(x: Number) -> Number:
    """The derivative of `gelu`."""
    size, bell, above = _bell_and_tail(x)
    below = (1.0 - above).choose(x > 0.0, above)
    return (size * bell).with_sign_of(x).multiply_add(math.sqrt(0.5 / math.pi), below)


_LINEAR = 2 * math.sqrt(2 / math.pi)
_CUBIC = _LINEAR * 0.044715


def _gelu_tanh_parts(x: Number) -> tuple[Number, Number, Number]:
    """x between -20 and 20: beyond, the result is 0 or x in every dtype; its square; and 1 + exp(-2 u)."""
    near = x.constant(-20.0).choose(x < -20.0, x)
    near = x.constant(20.0).choose(near > 20.0, near)
    square = near * near
    return near, square, _exp(-near * square.multiply_add(_CUBIC, square.constant(_LINEAR))) + 1.0


def _gelu_tanh(x: Number) -> Number:
    """x (1 + tanh(u)) / 2, which is x sigmoid(2 u), with u = sqrt(2 / pi) (x + 0.044715 x**3)."""
    near, _, whole = _gelu_tanh_parts(x)
    return x.choose(x > 20.0, near / whole)


def _gelu_tanh_slope(x: Number) -> Number:
    """The derivative of `gelu_tanh`."""
    near, square, whole = _gelu_tanh_parts(x)
    s = 1.0 / whole
    return (near * (s * (1.0 - s))).multiply_add(square.multiply_add(3 * _CUBIC, square.constant(_LINEAR)), s)


# --- What kernels call -----------------------------------------------------------------------------------------------

exp, expm1, sigmoid, tanh = map(_function, (_exp, _expm1, _sigmoid, _tanh))
exp_below_zero, softplus = map(_function, (_exp_below_zero, _softplus))
log, log1p = map(_function, (_log, _log1p))
erf, erfc, normal_cdf, normal_pdf = map(_function, (_erf, _erfc, _normal_cdf, _normal_pdf))
gelu, gelu_slope, gelu_tanh, gelu_tanh_slope = map(_function, (_gelu, _gelu_slope, _gelu_tanh, _gelu_tanh_slope))
