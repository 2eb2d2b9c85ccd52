"""The gates of recurrent cells, forward and backward, one vector register of hidden units at a time.

Emitted as LLVM, since a loop over so many arrays, any two of which might overlap, is not vectorised.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.scalar_math import Number, exp_parts
from autograd.kernels.vectors import I64

__all__ = ["gru_backward", "gru_forward", "lstm_backward", "lstm_forward", "rnn_backward", "rnn_forward"]


# Shorter than those of `scalar_math`, by 4 % of an LSTM's forward pass: off by up to 3 units in the last place instead
# of 2, and no sigmoid is below exp(-87), or in float64 exp(-708).


def sigmoid(x: Number) -> Number:
    power, rest = exp_parts(-x.size())
    e = power.multiply_add(rest, power)
    return e.choose(x < 0.0, e.constant(1.0)) / (e + 1.0)


def tanh(x: Number) -> Number:
    power, rest = exp_parts(x.size() * -2.0)
    less = power.multiply_add(rest, power - 1.0)  # exp(-2|x|) - 1, without loss near 0
    return (less / (less + 2.0)).with_sign_of(x)


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

    def read(self, pointer: Any, slot: int = 0, stride: Any = None) -> Number:
        return Number(self.builder, self.builder.load(self._place(pointer, slot, stride), align=self.size))

    def write(self, value: Number, pointer: Any, slot: int = 0, stride: Any = None) -> None:
        self.builder.store(value.value, self._place(pointer, slot, stride), align=self.size)

    def add_to(self, value: Number, pointer: Any, slot: int, stride: Any) -> None:
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
        state = f.multiply_add(at.read(c_), i * g)
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
        by_c = (by_h * o).multiply_add(1.0 - turned * turned, at.read(dc_))
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
        new = tanh(reset.multiply_add(inner, new))
        hidden = update.multiply_add(at.read(before_) - new, new)
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
        hidden = total.constant(0.0).choose(total < 0.0, total) if relu.literal_value else tanh(total)
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
        value = by_h.choose(hidden > 0.0, 0.0) if relu.literal_value else by_h * (1.0 - hidden * hidden)
        at.write(value, result_)
        at.write(at.read(bias_) + value, bias_)
        return context.get_dummy_value()

    if not isinstance(relu, types.IntegerLiteral):
        return None
    return types.void(g, g, g, g, g, relu), codegen
