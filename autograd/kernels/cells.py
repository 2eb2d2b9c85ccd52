"""The gates of recurrent cells, forward and backward, one vector register of hidden units at a time.

Emitted as LLVM, since a loop over so many arrays, any two of which might overlap, is not vectorised. The formulas are
written with the operators of `Lanes`.

Sigmoid and tanh come from one exponential of a number that is not positive, e = exp(-|x|) or exp(-2|x|) - 1: nothing
overflows, and both keep their relative precision near 0 and far from it (3 ulp; below exp(-87), in float64
exp(-708), a sigmoid is no longer told from the bound).
"""

from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I64, constant

__all__ = ["gru_backward", "gru_forward", "lstm_backward", "lstm_forward", "rnn_backward", "rnn_forward"]

_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first of so few bits that its multiples are exact; (exp(r) - 1 - r) / r**2 for |r| <= ln 2 / 2,
# highest power first; the exponent below which the result is cut off; bits of the mantissa, and the exponent's bias.
_SINGLE: Any = (
    (0.693359375, -2.12194440e-4),
    (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1),  # Cephes
    -87.0,
    (23, 127),
)
_DOUBLE: Any = (
    (6.93145751953125e-1, 1.42860682030941723212e-6),
    tuple(1 / math.factorial(k) for k in range(13, 1, -1)),  # Taylor: the next term is below 5e-18
    -708.0,
    (52, 1023),
)


class Lanes:
    """A vector in a register, with operators that emit code."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def number(self, value: float) -> Lanes:
        """The same number in all lanes."""
        return Lanes(self.builder, constant(self.value.type.element, [value] * self.value.type.count))

    def _other(self, other: Any) -> Any:
        return other.value if isinstance(other, Lanes) else self.number(other).value

    def __add__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fadd(self.value, self._other(other)))

    def __sub__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fsub(self.value, self._other(other)))

    def __rsub__(self, other: float) -> Lanes:
        return self.number(other) - self

    def __mul__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fmul(self.value, self._other(other)))

    def __truediv__(self, other: Any) -> Lanes:
        return Lanes(self.builder, self.builder.fdiv(self.value, self._other(other)))

    def times_plus(self, factor: Any, summand: Any) -> Lanes:
        """self * factor + summand, rounded once where the CPU can."""
        return Lanes(self.builder, self._call("fmuladd", self.value, self._other(factor), self._other(summand)))

    def magnitude(self) -> Lanes:
        return Lanes(self.builder, self._call("fabs", self.value))

    def with_sign_of(self, other: Lanes) -> Lanes:
        return Lanes(self.builder, self._call("copysign", self.value, other.value))

    def _call(self, name: str, *args: Any) -> Any:
        kind = args[0].type
        bits = 32 if isinstance(kind.element, ir.FloatType) else 64
        function = cgutils.get_or_insert_function(
            self.builder.module, ir.FunctionType(kind, [kind] * len(args)), f"llvm.{name}.v{kind.count}f{bits}"
        )
        return self.builder.call(function, args)

    def where_below(self, other: Any, yes: Any, no: Any) -> Lanes:
        """``yes`` where self < other, else, and where self is NaN, ``no``."""
        below = self.builder.fcmp_ordered("<", self.value, self._other(other))
        return Lanes(self.builder, self.builder.select(below, self._other(yes), self._other(no)))


def _power(x: Lanes) -> tuple[Lanes, Lanes]:
    """(t, q) with exp(x) = t + t * q, for x <= 0."""
    single = isinstance(x.value.type.element, ir.FloatType)
    (high, low), coefficients, smallest, (mantissa, bias) = _SINGLE if single else _DOUBLE
    x = x.where_below(smallest, smallest, x)
    # The integer next to x / ln 2 stands in the last bits of this sum.
    magic = 1.5 * 2.0**mantissa
    shifted = x.times_plus(_LOG2_E, magic)
    n = shifted - magic
    r = n.times_plus(-low, n.times_plus(-high, x))
    p = r.number(coefficients[0])
    for coefficient in coefficients[1:]:
        p = p.times_plus(r, coefficient)
    q = (p * r).times_plus(r, r)
    builder, lanes = x.builder, x.value.type.count
    integer = ir.IntType(32 if single else 64)
    bits = builder.bitcast(shifted.value, ir.VectorType(integer, lanes))
    bits = builder.shl(bits, constant(integer, [mantissa] * lanes))
    bits = builder.add(bits, constant(integer, [bias << mantissa] * lanes))
    return Lanes(builder, builder.bitcast(bits, x.value.type)), q


def sigmoid(x: Lanes) -> Lanes:
    t, q = _power(0.0 - x.magnitude())
    e = t.times_plus(q, t)
    return x.where_below(0.0, e, 1.0) / (e + 1.0)


def tanh(x: Lanes) -> Lanes:
    t, q = _power(x.magnitude() * -2.0)
    m = t.times_plus(q, t - 1.0)  # exp(-2|x|) - 1, without loss near 0
    return (m / (m + 2.0)).with_sign_of(x)


class _Vectors:
    """Reads and writes vectors behind pointers."""

    def __init__(self, context: Any, builder: Any, pointer: types.CPointer) -> None:
        real = context.get_data_type(pointer.dtype)
        self.builder = builder
        self.size = context.get_abi_sizeof(real)
        self.kind = ir.VectorType(real, VECTOR_BYTES // self.size)

    def _place(self, pointer: Any, slot: int, stride: Any) -> Any:
        if slot:
            pointer = self.builder.gep(pointer, [self.builder.mul(stride, ir.Constant(I64, slot))])
        return self.builder.bitcast(pointer, self.kind.as_pointer())

    def read(self, pointer: Any, slot: int = 0, stride: Any = None) -> Lanes:
        return Lanes(self.builder, self.builder.load(self._place(pointer, slot, stride), align=self.size))

    def write(self, value: Lanes, pointer: Any, slot: int = 0, stride: Any = None) -> None:
        self.builder.store(value.value, self._place(pointer, slot, stride), align=self.size)

    def add_to(self, value: Lanes, pointer: Any, slot: int, stride: Any) -> None:
        self.write(self.read(pointer, slot, stride) + value, pointer, slot, stride)


_I = types.int64


@intrinsic
def lstm_forward(typingctx, sums, width, bias, padded, c, gates, gate_stride, cells, h, out):
    """Input, forget, cell and output gate from their sums; the next cell state and hidden state.

    The four gates lie ``width`` apart in ``sums``, ``padded`` in ``bias``, ``gate_stride`` in ``gates``. ``c`` is
    overwritten; the new state goes to ``cells``, the hidden state to ``h`` and ``out``.
    """

    def codegen(context, builder, signature, args):
        sums_, width_, bias_, padded_, c_, gates_, gate_stride_, cells_, h_, out_ = args
        at = _Vectors(context, builder, sums)
        i, f, g, o = (at.read(sums_, k, width_) + at.read(bias_, k, padded_) for k in range(4))
        i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
        state = f.times_plus(at.read(c_), i * g)
        hidden = o * tanh(state)
        for k, gate in enumerate((i, f, g, o)):
            at.write(gate, gates_, k, gate_stride_)
        at.write(state, c_)
        at.write(state, cells_)
        at.write(hidden, h_)
        at.write(hidden, out_)
        return context.get_dummy_value()

    p = sums
    return types.void(p, _I, p, _I, p, p, _I, p, p, p), codegen


@intrinsic
def lstm_backward(typingctx, g, dh, gates, padded, cells, before, dc, result, bias):
    """The gradient by the four sums, to ``result`` and added to ``bias``; ``dc`` becomes that of the state before.

    g + dh: the gradient by the hidden state; dc: that by the cell state ``cells``, whose predecessor is ``before``.
    """

    def codegen(context, builder, signature, args):
        g_, dh_, gates_, padded_, cells_, before_, dc_, result_, bias_ = args
        at = _Vectors(context, builder, g)
        i, f, new, o = (at.read(gates_, k, padded_) for k in range(4))
        by_h = at.read(g_) + at.read(dh_)
        turned = tanh(at.read(cells_))
        by_c = (by_h * o).times_plus(1.0 - turned * turned, at.read(dc_))
        at.write(by_c * f, dc_)
        sums = (
            by_c * new * (i * (1.0 - i)),
            by_c * at.read(before_) * (f * (1.0 - f)),
            by_c * i * (1.0 - new * new),
            by_h * turned * (o * (1.0 - o)),
        )
        for k, value in enumerate(sums):
            at.write(value, result_, k, padded_)
            at.add_to(value, bias_, k, padded_)
        return context.get_dummy_value()

    p = g
    return types.void(p, p, p, _I, p, p, p, p, p), codegen


@intrinsic
def gru_forward(typingctx, sums, width, bias, padded, before, gates, gate_stride, h, out):
    """New, reset and update gate from their sums, and the next hidden state from the one ``before``.

    The order of the sums: the new gate's by the input; reset; update; the new gate's by the hidden state. The gates
    are written in that order, the last of them as its sum.
    """

    def codegen(context, builder, signature, args):
        sums_, width_, bias_, padded_, before_, gates_, gate_stride_, h_, out_ = args
        at = _Vectors(context, builder, sums)
        new, reset, update, inner = (at.read(sums_, k, width_) + at.read(bias_, k, padded_) for k in range(4))
        reset, update = sigmoid(reset), sigmoid(update)
        new = tanh(reset.times_plus(inner, new))
        hidden = update.times_plus(at.read(before_) - new, new)
        for k, gate in enumerate((new, reset, update, inner)):
            at.write(gate, gates_, k, gate_stride_)
        at.write(hidden, h_)
        at.write(hidden, out_)
        return context.get_dummy_value()

    p = sums
    return types.void(p, _I, p, _I, p, p, _I, p, p), codegen


@intrinsic
def gru_backward(typingctx, g, dh, gates, padded, before, direct, result, bias):
    """The gradient by the four sums, to ``result`` and added to ``bias``.

    g + dh: the gradient by the hidden state. The part that goes straight to the state before goes to ``direct``.
    """

    def codegen(context, builder, signature, args):
        g_, dh_, gates_, padded_, before_, direct_, result_, bias_ = args
        at = _Vectors(context, builder, g)
        new, reset, update, inner = (at.read(gates_, k, padded_) for k in range(4))
        by_h = at.read(g_) + at.read(dh_)
        at.write(by_h * update, direct_)
        by_new = by_h * (1.0 - update) * (1.0 - new * new)
        by_inner = by_new * reset
        sums = (
            by_new,
            by_inner * inner * (1.0 - reset),
            by_h * (at.read(before_) - new) * (update * (1.0 - update)),
            by_inner,
        )
        for k, value in enumerate(sums):
            at.write(value, result_, k, padded_)
            at.add_to(value, bias_, k, padded_)
        return context.get_dummy_value()

    p = g
    return types.void(p, p, p, _I, p, p, p, p), codegen


@intrinsic
def rnn_forward(typingctx, sums, bias, h, out, relu):
    """The next hidden state: tanh of the sum, or what of it is above 0."""

    def codegen(context, builder, signature, args):
        sums_, bias_, h_, out_, _ = args
        at = _Vectors(context, builder, sums)
        total = at.read(sums_) + at.read(bias_)
        hidden = total.where_below(0.0, 0.0, total) if relu.literal_value else tanh(total)
        at.write(hidden, h_)
        at.write(hidden, out_)
        return context.get_dummy_value()

    if not isinstance(relu, types.IntegerLiteral):
        return None
    return types.void(sums, sums, sums, sums, relu), codegen


@intrinsic
def rnn_backward(typingctx, g, dh, out, result, bias, relu):
    """The gradient by the sum, to ``result`` and added to ``bias``.  g + dh: the gradient by the hidden state."""

    def codegen(context, builder, signature, args):
        g_, dh_, out_, result_, bias_, _ = args
        at = _Vectors(context, builder, g)
        by_h, hidden = at.read(g_) + at.read(dh_), at.read(out_)
        if relu.literal_value:
            value = hidden.number(0.0).where_below(hidden, by_h, 0.0)
        else:
            value = by_h * (1.0 - hidden * hidden)
        at.write(value, result_)
        at.write(at.read(bias_) + value, bias_)
        return context.get_dummy_value()

    if not isinstance(relu, types.IntegerLiteral):
        return None
    return types.void(g, g, g, g, g, relu), codegen
