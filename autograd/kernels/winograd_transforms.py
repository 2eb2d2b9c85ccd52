"""The transforms of Winograd's convolution F(4x4, 3x3), as vector code: one tile of pixels in each lane.

A tile of 6x6 input pixels gives 4x4 output pixels of a 3x3 convolution by 36 multiplications for each pair of channels
instead of 144: ``out = At [(G w Gt) * (Bt x B)] A``, where the product is one of elements, summed over channels. The
matrices come from evaluating polynomials at the points 0, a, -a, b, -b and infinity (Cook and Toom; Lavin and Gray,
"Fast Algorithms for Convolutional Neural Networks", 2015). The usual points 1 and 2 lose four times the precision of a
direct sum; 5/8 and 3/2 lose half as much (`winograd` gives the figures), and cost the same.

Turned round, the same matrices give the gradient by weight: ``Gt [(A g At) * (Bt x B)] G``, summed over tiles.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from autograd.kernels.jit import VECTOR_BYTES, intrinsic
from autograd.kernels.vectors import I64, constant, splat

__all__ = [
    "FREQUENCIES",
    "OUTPUT",
    "transform_gradient",
    "transform_input",
    "transform_output",
    "weight_matrix",
]

INPUT, OUTPUT = 6, 4  # pixels along each axis of a tile
FREQUENCIES = INPUT * INPUT

_A, _B = 0.625, 1.5  # exact in float32, and so are their squares and cubes
_A2, _B2 = _A * _A, _B * _B
# 1 / (product of the differences to the other points), for 0, a and b
_AT_0, _AT_A, _AT_B = 1 / (_A2 * _B2), 1 / (2 * _A2 * (_A2 - _B2)), 1 / (2 * _B2 * (_B2 - _A2))


class _Vectors:
    """Arithmetic on vectors of float32."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.lanes = VECTOR_BYTES // 4
        self.type = ir.VectorType(ir.FloatType(), self.lanes)

    def number(self, value: float) -> Any:
        return constant(ir.FloatType(), [value] * self.lanes)

    def multiply_add(self, a: Any, factor: float, c: Any) -> Any:
        """a * factor + c"""
        function = cgutils.get_or_insert_function(
            self.builder.module, ir.FunctionType(self.type, [self.type] * 3), f"llvm.fmuladd.v{self.lanes}f32"
        )
        return self.builder.call(function, [a, self.number(factor), c])

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b)

    def scale(self, a: Any, factor: float) -> Any:
        return self.builder.fmul(a, self.number(factor))

    def rows(self, base: Any, stride: Any, count: int) -> list[Any]:
        """Pointers to vectors, ``stride`` elements apart."""
        pointers = [base]
        for _ in range(1, count):
            pointers.append(self.builder.gep(pointers[-1], [stride]))
        return [self.builder.bitcast(pointer, self.type.as_pointer()) for pointer in pointers]

    def square(self, base: Any, row_stride: Any, size: int) -> list[list[Any]]:
        """Pointers to a square of vectors: those of a row stand side by side."""
        return [
            [self.builder.gep(row, [ir.Constant(I64, j)]) for j in range(size)]
            for row in self.rows(base, row_stride, size)
        ]

    def frequencies(self, base: Any, stride: Any) -> list[list[Any]]:
        """Pointers to the vectors of 36 frequencies."""
        places = self.rows(base, stride, FREQUENCIES)
        return [places[i : i + INPUT] for i in range(0, FREQUENCIES, INPUT)]

    def load(self, places: list[list[Any]]) -> list[list[Any]]:
        return [[self.builder.load(place, align=4) for place in row] for row in places]

    def store(self, values: list[list[Any]], places: list[list[Any]]) -> None:
        for row, row_places in zip(values, places, strict=True):
            for value, place in zip(row, row_places, strict=True):
                self.builder.store(value, place, align=4)


Line = list[Any]  # vectors along one axis of a tile
Transform = Callable[[_Vectors, Line], Line]


def _bt(v: _Vectors, d: Line) -> Line:
    """Bt: 6 input pixels to 6 frequencies."""
    even_a, odd_a = v.multiply_add(d[2], -_B2, d[4]), v.multiply_add(d[1], -_B2, d[3])
    even_b, odd_b = v.multiply_add(d[2], -_A2, d[4]), v.multiply_add(d[1], -_A2, d[3])
    return [
        v.multiply_add(d[0], _A2 * _B2, v.multiply_add(d[2], -(_A2 + _B2), d[4])),
        v.multiply_add(odd_a, _A, even_a),
        v.multiply_add(odd_a, -_A, even_a),
        v.multiply_add(odd_b, _B, even_b),
        v.multiply_add(odd_b, -_B, even_b),
        v.multiply_add(d[1], _A2 * _B2, v.multiply_add(d[3], -(_A2 + _B2), d[5])),
    ]


def _at(v: _Vectors, m: Line) -> Line:
    """At: 6 frequencies to 4 output pixels."""
    even_a, odd_a = v.add(m[1], m[2]), v.subtract(m[1], m[2])
    even_b, odd_b = v.add(m[3], m[4]), v.subtract(m[3], m[4])
    return [
        v.add(m[0], v.add(even_a, even_b)),
        v.multiply_add(odd_a, _A, v.scale(odd_b, _B)),
        v.multiply_add(even_a, _A2, v.scale(even_b, _B2)),
        v.multiply_add(odd_a, _A * _A2, v.multiply_add(odd_b, _B * _B2, m[5])),
    ]


def _a(v: _Vectors, y: Line) -> Line:
    """A: 4 output pixels to 6 frequencies."""
    even_a, odd_a = v.multiply_add(y[2], _A2, y[0]), v.multiply_add(y[3], _A2, y[1])
    even_b, odd_b = v.multiply_add(y[2], _B2, y[0]), v.multiply_add(y[3], _B2, y[1])
    return [
        y[0],
        v.multiply_add(odd_a, _A, even_a),
        v.multiply_add(odd_a, -_A, even_a),
        v.multiply_add(odd_b, _B, even_b),
        v.multiply_add(odd_b, -_B, even_b),
        y[3],
    ]


def _both_axes(v: _Vectors, transform: Transform, square: list[Line]) -> list[Line]:
    """Along the columns of a square of vectors, and then along its rows."""
    columns = [transform(v, list(column)) for column in zip(*square, strict=True)]
    return [transform(v, list(row)) for row in zip(*columns, strict=True)]


def _to_frequencies(name: str, transform: Transform, size: int, doc: str) -> Any:
    def function(typingctx, pixels, out, row_stride, frequency_stride):
        def codegen(context, builder, signature, args):
            v = _Vectors(builder)
            from_, to, row, frequency = args
            square = v.load(v.square(from_, row, size))
            v.store(_both_axes(v, transform, square), v.frequencies(to, frequency))
            return context.get_dummy_value()

        if pixels.dtype is not types.float32:
            return None
        return types.void(pixels, out, types.int64, types.int64), codegen

    function.__name__, function.__doc__ = name, doc
    return intrinsic(function)


transform_input = _to_frequencies("transform_input", _bt, INPUT, "6x6 input pixels to 36 frequencies.")
transform_gradient = _to_frequencies("transform_gradient", _a, OUTPUT, "4x4 output pixels to 36 frequencies.")


@intrinsic
def transform_output(typingctx, frequencies, out, row_stride, frequency_stride, bias, floor, watch):
    """36 frequencies to 4x4 output pixels: each plus ``bias`` (a vector), and at least ``floor`` (a number).

    Where one of them is infinite or NaN, that lane of the vector ``watch`` becomes NaN.
    """

    def codegen(context, builder, signature, args):
        v = _Vectors(builder)
        from_, to, row, frequency, bias_pointer, floor_value, watch_pointer = args
        ((added,),) = v.load([v.rows(bias_pointer, row, 1)])
        watch_place = [v.rows(watch_pointer, row, 1)]
        least = splat(builder, floor_value, v.lanes)

        def finish(value: Any) -> Any:
            value = v.add(value, added)
            return builder.select(builder.fcmp_ordered("<", value, least), least, value)  # a NaN is not, and stays

        square = _both_axes(v, _at, v.load(v.frequencies(from_, frequency)))
        v.store([[finish(value) for value in line] for line in square], v.square(to, row, OUTPUT))
        ((watched,),) = v.load(watch_place)
        for value in itertools.chain(*square):
            watched = v.multiply_add(value, 0.0, watched)
        v.store([[watched]], watch_place)
        return context.get_dummy_value()

    if frequencies.dtype is not types.float32:
        return None
    return types.void(frequencies, out, types.int64, types.int64, out, types.float32, out), codegen


def weight_matrix() -> np.ndarray:
    """G on both axes at once: (36, 9), from the taps of a kernel, row by row, to the frequencies."""
    points = ((0.0, _AT_0), (_A, _AT_A), (-_A, _AT_A), (_B, _AT_B), (-_B, _AT_B))
    g = np.array([*([factor, factor * point, factor * point**2] for point, factor in points), [0.0, 0.0, 1.0]])
    return np.kron(g, g)
