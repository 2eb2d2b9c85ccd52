"""Numbers whose operators emit instructions: formulas written as such, for float32 and float64, scalars and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils

__all__ = ["Number"]


class Number:
    """A value of LLVM, a float or an integer, scalar or vector, whose operators emit instructions.

    Comparisons are false for NaN, as in Python, and give a truth value for `choose`.
    """

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    @property
    def element(self) -> Any:
        """The type of one element."""
        return self.value.type.element if isinstance(self.value.type, ir.VectorType) else self.value.type

    @property
    def single(self) -> bool:
        """Whether this is float32 or int32, and not the same in 64 bits."""
        return isinstance(self.element, ir.FloatType) or self.element == ir.IntType(32)

    def _shaped(self, element: Any) -> Any:
        """A type of that element, scalar or vector as this is."""
        kind = self.value.type
        return ir.VectorType(element, kind.count) if isinstance(kind, ir.VectorType) else element

    def constant(self, value: Any) -> Number:
        """A number of this type."""
        kind = self.value.type
        if isinstance(kind, ir.VectorType):
            return Number(self.builder, ir.Constant(kind, [value] * kind.count))
        return Number(self.builder, ir.Constant(kind, value))

    def _other(self, value: Any) -> Any:
        return value.value if isinstance(value, Number) else self.constant(value).value

    def _emit(self, name: str, *operands: Any) -> Number:
        return Number(self.builder, getattr(self.builder, name)(self.value, *map(self._other, operands)))

    def _whole(self) -> bool:
        return isinstance(self.element, ir.IntType)

    def __add__(self, other: Any) -> Number:
        return self._emit("add" if self._whole() else "fadd", other)

    def __sub__(self, other: Any) -> Number:
        return self._emit("sub" if self._whole() else "fsub", other)

    def __rsub__(self, other: Any) -> Number:
        return self.constant(other) - self

    def __mul__(self, other: Any) -> Number:
        return self._emit("mul" if self._whole() else "fmul", other)

    def __truediv__(self, other: Any) -> Number:
        return self._emit("fdiv", other)

    def __rtruediv__(self, other: Any) -> Number:
        return self.constant(other) / self

    def __neg__(self) -> Number:
        return self._emit("fneg")

    def __and__(self, other: Any) -> Number:
        return self._emit("and_", other)

    def __xor__(self, other: Any) -> Number:
        return self._emit("xor", other)

    def __lshift__(self, bits: int) -> Number:
        return self._emit("shl", bits)

    def __rshift__(self, bits: int) -> Number:
        return self._emit("ashr", bits)

    def unsigned_shift(self, bits: int) -> Number:
        """This, an integer without a sign, divided by 2**bits."""
        return self._emit("lshr", bits)

    def _compare(self, operator: str, other: Any) -> Any:
        compare = self.builder.icmp_signed if self._whole() else self.builder.fcmp_ordered
        return compare(operator, self.value, self._other(other))

    def __lt__(self, other: Any) -> Any:
        return self._compare("<", other)

    def __gt__(self, other: Any) -> Any:
        return self._compare(">", other)

    def equals(self, other: Any) -> Any:
        """Whether both are the same number."""
        return self._compare("==", other)

    def below_unsigned(self, other: Any) -> Any:
        """Whether this, an integer without a sign, is less."""
        return self.builder.icmp_unsigned("<", self.value, self._other(other))

    def choose(self, condition: Any, other: Any) -> Number:
        """This where the condition holds, else the other."""
        return Number(self.builder, self.builder.select(condition, self.value, self._other(other)))

    def bits(self) -> Number:
        """The bits of a float as an integer."""
        kind = self._shaped(ir.IntType(32 if self.single else 64))
        return Number(self.builder, self.builder.bitcast(self.value, kind))

    def _float(self) -> Any:
        return self._shaped(ir.FloatType() if self.single else ir.DoubleType())

    def from_bits(self) -> Number:
        """The float that has these bits."""
        return Number(self.builder, self.builder.bitcast(self.value, self._float()))

    def as_float(self) -> Number:
        """An integer as a float."""
        return Number(self.builder, self.builder.sitofp(self.value, self._float()))

    def _call(self, name: str, *operands: Any) -> Number:
        kind = self.value.type
        suffix = "f32" if self.single else "f64"
        suffix = f"v{kind.count}{suffix}" if isinstance(kind, ir.VectorType) else suffix
        function_type = ir.FunctionType(kind, [kind] * (1 + len(operands)))
        function = cgutils.get_or_insert_function(self.builder.module, function_type, f"llvm.{name}.{suffix}")
        return Number(self.builder, self.builder.call(function, [self.value, *map(self._other, operands)]))

    def multiply_add(self, factor: Any, term: Any) -> Number:
        """This times a factor, plus a term; rounded once where the CPU can, and never a call of the C library."""
        return self._call("fmuladd", factor, term)

    def size(self) -> Number:
        """The absolute value."""
        return self._call("fabs")

    def with_sign_of(self, other: Number) -> Number:
        """The absolute value, with the sign of another number."""
        return self._call("copysign", other)

    def polynomial(self, coefficients: Sequence[float]) -> Number:
        """The value at this of a polynomial, whose coefficients come highest power first."""
        total = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            total = total.multiply_add(self, coefficient)
        return total
