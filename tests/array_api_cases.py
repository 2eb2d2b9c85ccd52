"""Arguments for every function of the array API standard.

An argument is an array of NumPy, which each namespace makes its own of, a `Dtype`, which stands for the namespace's, or
itself. What the strict namespace does not take, as dtypes that a function is not defined for, is no case.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

FLOATS = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
DTYPES = ("bool", *INTEGERS, *FLOATS, *COMPLEX)
SHAPES = ((), (5,), (2, 3), (0,), (2, 0, 3))

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class Dtype(NamedTuple):
    """A dtype of whichever namespace is asked."""

    name: str


def values(
    dtype: str, shape: tuple[int, ...] = (5,), seed: int = 0, low: float = -3.0, high: float = 4.0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.random(shape) > 0.4
    if dtype.startswith("complex"):
        return (rng.uniform(low, high, shape) + 1j * rng.uniform(low, high, shape)).astype(dtype)
    if dtype.startswith("float"):
        return rng.uniform(low, high, shape).astype(dtype)
    return rng.integers(0 if dtype[0] == "u" else int(low), int(high) + 1, shape).astype(dtype)


def call(*args: Any, **kwargs: Any) -> Arguments:
    return args, kwargs


# ---------------------------------------------------------------------------------------------------------------------
# Functions of elements
# ---------------------------------------------------------------------------------------------------------------------
UNARY_NAMES = """
    abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor imag isfinite isinf isnan
    log log10 log1p log2 logical_not negative positive real reciprocal round sign signbit sin sinh sqrt square tan
    tanh trunc
"""
BINARY_NAMES = """
    add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign divide equal
    floor_divide greater greater_equal hypot less less_equal logaddexp logical_and logical_or logical_xor maximum
    minimum multiply nextafter not_equal pow remainder subtract
"""
UNARY, BINARY = UNARY_NAMES.split(), BINARY_NAMES.split()
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 2.5, 3.5, -2.5])


def unary() -> Iterator[Arguments]:
    for dtype in DTYPES:
        for shape in SHAPES:
            yield call(values(dtype, shape))
    for dtype in FLOATS:
        yield call(SPECIAL.astype(dtype))
        yield call(values(dtype, (4, 6))[::2, ::-2])


def binary(name: str) -> Iterator[Arguments]:
    """Second operands are never 0 where integers are divided by them, and small where they count bits or powers."""
    small = name in ("bitwise_left_shift", "bitwise_right_shift", "pow")

    def second(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
        if dtype in INTEGERS:
            return values(dtype, shape, 1, 0 if small else 1, 3)
        return values(dtype, shape, 1)

    for dtype in DTYPES:
        for one, other in (((5,), (5,)), ((), (5,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0,), (1,)), ((), ())):
            yield call(values(dtype, one), second(dtype, other))
    for family in (INTEGERS[:4], INTEGERS[4:], FLOATS, COMPLEX, ("int32", "uint8"), (*FLOATS, *COMPLEX)):
        for one, other in itertools.permutations(family, 2):
            yield call(values(one), second(other, (5,)))
    for number, dtypes in ((2, INTEGERS + FLOATS + COMPLEX), (1.5, FLOATS + COMPLEX), (True, ("bool",)), (2j, COMPLEX)):
        for dtype in dtypes:
            yield call(values(dtype), number)
            yield call(number, second(dtype, (5,)))
    for dtype in FLOATS:
        yield call(SPECIAL.astype(dtype), SPECIAL[::-1].astype(dtype))
        yield call(SPECIAL.astype(dtype), np.asarray(2.0, dtype))


# ---------------------------------------------------------------------------------------------------------------------
# Reductions
# ---------------------------------------------------------------------------------------------------------------------
def reductions(**settings: Any) -> Iterator[Arguments]:
    for dtype in DTYPES:
        yield call(values(dtype, (2, 3)), **settings)
        yield call(values(dtype, (2, 3)), axis=0, **settings)
        yield call(values(dtype, (2, 3)), axis=-1, keepdims=True, **settings)
    for shape, axis in (((), None), ((2, 3, 4), (0, 2)), ((2, 3, 4), (-1, 0)), ((2, 3, 4), ()), ((3, 0, 2), 0)):
        for keepdims in (False, True):
            yield call(values("float64", shape), axis=axis, keepdims=keepdims, **settings)
    yield call(np.array([1.0, np.nan, -2.0]), **settings)


def of_nothing() -> Iterator[Arguments]:
    for dtype in ("bool", "int32", "uint8", "float32", "complex64"):
        yield call(values(dtype, (0,)))
        yield call(values(dtype, (2, 0)), axis=1, keepdims=True)


def with_dtype() -> Iterator[Arguments]:
    for dtype, to in (("float32", "float64"), ("int32", "int64"), ("uint8", "uint64"), ("float64", "complex128")):
        yield call(values(dtype, (2, 3)), dtype=Dtype(to))
        yield call(values(dtype, (2, 3)), axis=1, dtype=Dtype(to))


def along_one_axis() -> Iterator[Arguments]:
    for dtype in (*INTEGERS, *FLOATS, "bool"):
        yield call(values(dtype, (7,)))
        yield call(values(dtype, (2, 3)), axis=0)
        yield call(values(dtype, (2, 3)), axis=-1, keepdims=True)
    yield call(values("float64", (2, 3)))
    yield call(values("float64", (2, 3)), keepdims=True)
    yield call(np.array([1.0, 3.0, 3.0, -1.0, -1.0]))


def cumulative() -> Iterator[Arguments]:
    for dtype in (*INTEGERS, *FLOATS, *COMPLEX):
        yield call(values(dtype))
        yield call(values(dtype, (2, 3)), axis=0)
        yield call(values(dtype, (2, 3)), axis=-1, include_initial=True)
    yield call(values("float32"), dtype=Dtype("float64"))
    yield call(values("int8"), dtype=Dtype("int64"), include_initial=True)
    yield call(values("float64", (0,)), include_initial=True)


# ---------------------------------------------------------------------------------------------------------------------
# All others, one by one
# ---------------------------------------------------------------------------------------------------------------------
def every(shape: tuple[int, ...], *args: Any, dtypes: Any = DTYPES, **kwargs: Any) -> Iterator[Arguments]:
    for dtype in dtypes:
        yield call(values(dtype, shape), *args, **kwargs)


M, T, V = values("float64", (2, 3)), values("float32", (2, 3, 4)), values("float64")
TIES = np.array([3, 1, 2, 3, 1, 2, 0, 3])
REPEATED = np.array([2.0, 1.0, 2.0, np.nan, 1.0, 0.0, np.nan, -0.0])

OTHERS: dict[str, list[Arguments]] = {
    "asarray": [
        *every((2, 3)),
        *[call(data) for data in (1, 2.5, True, 3j, [1, 2], [1.0, 2], [[True]], [1j, 2], [], (1, (2)), [[1], [2]])],
        *[call([1, 2], dtype=Dtype(name)) for name in DTYPES],
        call(V, copy=True),
        call(V, copy=False),
        call(M, dtype=Dtype("float32")),
    ],
    "astype": [call(values(a), Dtype(b)) for a in DTYPES for b in DTYPES] + [call(V, Dtype("float64"), copy=False)],
    "arange": [
        *[call(*args) for args in ((5,), (2, 7), (1, 10, 3), (5, 0, -2), (0,), (3.5,), (0.0, 1.0, 0.25), (5, 2))],
        *[call(5, dtype=Dtype(name)) for name in (*INTEGERS, *FLOATS)],
        call(1, stop=4, step=2),
    ],
    "linspace": [
        *[call(0, 1, 5), call(2.0, -1.0, 4), call(0, 10, 5, endpoint=False), call(1, 2, num=1), call(0, 1, 0)],
        *[call(0, 1, 3, dtype=Dtype(name)) for name in FLOATS],
        call(1j, 2, 3),
    ],
    "eye": [call(3), call(2, 4), call(3, k=1), call(3, 4, k=-1), call(2, dtype=Dtype("int32")), call(0), call(3, k=9)],
    "empty": [call(0), call((2, 0)), call((0, 3), dtype=Dtype("int8"))],
    "zeros": [call(3), call((2, 3)), call(()), *[call((2,), dtype=Dtype(name)) for name in DTYPES]],
    "ones": [call(3), call((2, 3)), call(()), *[call((2,), dtype=Dtype(name)) for name in DTYPES]],
    "full": [
        *[call((2,), value) for value in (1, 1.5, True, 2j)],
        call(3, 2),
        call((), 4.0),
        *[call((2,), 1, dtype=Dtype(name)) for name in DTYPES],
    ],
    "empty_like": [*every((0, 2)), call(values("float32", (0,)), dtype=Dtype("int8"))],
    "zeros_like": [*every((2, 3)), call(V, dtype=Dtype("int8"))],
    "ones_like": [*every((2, 3)), call(V, dtype=Dtype("int8"))],
    "full_like": [*every((2,), 1), call(V, 2.5), call(V, 3, dtype=Dtype("int8"))],
    "from_dlpack": [*every((2, 3)), call(V, copy=True), call(values("float32", ()))],
    "meshgrid": [
        call(values("float64", (3,)), values("float64", (2,))),
        call(values("int32", (3,)), values("int32", (2,)), values("int32", (4,))),
        call(values("int32", (3,)), values("int32", (2,)), values("int32", (4,)), indexing="ij"),
        call(V),
        call(),
    ],
    "tril": [*every((3, 4)), *[call(M, k=k) for k in (-4, -1, 1, 4)], call(T), call(values("float64", (0, 3)))],
    "triu": [*every((3, 4)), *[call(M, k=k) for k in (-4, -1, 1, 4)], call(T), call(values("float64", (0, 3)))],
    "can_cast": [call(Dtype(a), Dtype(b)) for a in DTYPES for b in DTYPES] + [call(V, Dtype("float32"))],
    "finfo": [call(Dtype(name)) for name in FLOATS + COMPLEX] + [call(V)],
    "iinfo": [call(Dtype(name)) for name in INTEGERS] + [call(values("int8"))],
    "isdtype": [
        *[
            call(Dtype(name), kind)
            for name in DTYPES
            for kind in (
                *("bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating"),
                *("numeric", Dtype("float32"), ("bool", "integral"), (Dtype("int8"), "complex floating")),
            )
        ]
    ],
    "result_type": [
        *[call(Dtype(a), Dtype(b)) for a, b in itertools.product(FLOATS + COMPLEX, repeat=2)],
        *[call(Dtype(a), Dtype(b)) for a, b in itertools.product(INTEGERS, repeat=2)],
        *[call(Dtype("bool")), call(V, Dtype("float32")), call(V, 1.0), call(values("float32"), 2, 1.5)],
        *[call(values("int8"), 1), call(values("float32"), 2j), call(Dtype("float32"), 1j), call(values("bool"), True)],
    ],
    "broadcast_arrays": [
        call(values("float32", ()), V),
        call(M, values("float64", (3,))),
        call(V),
        call(values("int8", (2, 1)), T),
    ],
    "broadcast_to": [*every((3,), (2, 3)), call(M, (4, 2, 3)), call(values("float64", ()), (2,)), call(M, (2, 3))],
    "concat": [
        *[call([values(d, (2, 3)), values(d, (1, 3), 1)]) for d in DTYPES],
        *[call((M, M), axis=1), call([M, V], axis=None), call([M, M], axis=-2), call([values("float32"), V])],
        call([values("int8"), values("int32")]),
        call([values("float64", (0, 3)), M]),
    ],
    "expand_dims": [call(M, axis=axis) for axis in (0, 1, 2, -1, -3)] + [*every((2,), 0)],
    "flip": [*every((2, 3)), *[call(T, axis=axis) for axis in (0, -1, (0, 2), ())], call(values("float64", ()))],
    "moveaxis": [call(T, 0, -1), call(T, (0, 1), (2, 0)), call(T, 1, 0), call(T, -1, 0)],
    "permute_dims": [call(T, (2, 0, 1)), call(M, (1, 0)), call(V, (0,)), call(M, axes=(-1, 0))],
    "repeat": [
        *every((2, 3), 2),
        *[
            call(M, 2, axis=0),
            call(M, 3, axis=-1),
            call(V, np.array([0, 1, 2, 0, 3])),
            call(M, np.array([2, 0]), axis=0),
        ],
        call(V, 0),
    ],
    "reshape": [
        *every((2, 3), (3, 2)),
        *[call(T, (-1,)), call(T, (4, -1)), call(M, (6,), copy=True), call(M, shape=(1, 6), copy=False)],
        call(values("float64", (0, 3)), (0, 5)),
        call(values("float64", ()), (1, 1)),
    ],
    "roll": [
        *every((5,), 2),
        *[call(T, 1, axis=0), call(T, (1, -2), axis=(0, 2)), call(M, -1), call(M, 7, axis=-1), call(M, 1, axis=(0, 1))],
    ],
    "squeeze": [call(values("float64", (1, 3, 1)), axis) for axis in (0, -1, (0, 2), ())] + [*every((1, 2), 0)],
    "stack": [
        *[call([values(d), values(d, seed=1)]) for d in DTYPES],
        *[call([M, M], axis=1), call([M, M], axis=-1), call([values("float32"), V]), call([V])],
    ],
    "tile": [*every((2, 3), (2, 1)), call(V, (3,)), call(V, (2, 2)), call(M, (2,)), call(M, (0, 1)), call(T, ())],
    "unstack": [*every((2, 3)), call(T, axis=1), call(T, axis=-1), call(V)],
    "argsort": [
        *every((2, 5), dtypes=(*INTEGERS, *FLOATS)),
        *[
            call(TIES),
            call(TIES, descending=True),
            call(T, axis=0),
            call(T, axis=1, descending=True),
            call(V, stable=False),
        ],
        call(values("float64", (0,))),
    ],
    "sort": [
        *every((2, 5), dtypes=(*INTEGERS, *FLOATS)),
        *[
            call(TIES),
            call(TIES, descending=True),
            call(T, axis=0),
            call(T, axis=1, descending=True),
            call(V, stable=False),
        ],
        *[call(values("float64", (0,))), call(REPEATED), call(REPEATED, descending=True)],
    ],
    "searchsorted": [
        *[call(np.sort(values(d)), values(d, (2, 3), 1)) for d in (*INTEGERS, *FLOATS)],
        *[call(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 0.0, 9.0]), side=side) for side in ("left", "right")],
        call(np.array([2.0, 1.0, 3.0]), np.array([1.5]), sorter=np.array([1, 0, 2])),
        call(np.array([2.0, 3.0]), np.array(2.5)),
    ],
    "nonzero": [*every((2, 3)), call(V), call(values("int8", (0,)))],
    "count_nonzero": [
        *every((2, 3)),
        *[call(M, axis=0), call(T, axis=(0, 2), keepdims=True), call(values("int8", (0,))), call(values("bool", ()))],
        call(T, keepdims=True),
    ],
    "where": [
        *[call(values("bool"), values(a), values(b, seed=1)) for a, b in itertools.product(FLOATS + COMPLEX, repeat=2)],
        *[call(values("bool"), values(d), values(d, seed=1)) for d in DTYPES],
        *[call(values("bool", (2, 1)), values("float32", (3,)), values("float32", ()))],
        *[call(values("bool"), values("float32"), 0.5), call(values("bool"), 2, values("float64"))],
    ],
    "take": [
        *every((5,), np.array([1, 3, 3]), axis=0),
        *[call(V, np.array([0, 4])), call(M, np.array([2, 0]), axis=1), call(T, np.array([0]), axis=-2)],
        *[call(V, np.array([], int), axis=0), call(V, np.array([-1, -2])), call(V, np.array([1, 2], np.uint8))],
    ],
    "take_along_axis": [
        *every((2, 3), np.array([[0, 2, 1], [1, 1, 0]]), axis=-1),
        *[call(M, np.array([[1, 0, 1]]), axis=0), call(M, np.array([[0], [2]])), call(V, np.array([3, 0]), axis=0)],
        call(T, np.zeros((1, 3, 1), int), axis=1),
    ],
    "diff": [
        *every((4,), dtypes=(*INTEGERS, *FLOATS, *COMPLEX)),
        *[call(T, axis=0), call(T, n=2, axis=1), call(V, n=0), call(M, n=3, axis=-1)],
        *[call(V, prepend=np.array([1.0])), call(M, append=np.zeros((2, 2)), axis=1), call(V, n=9)],
    ],
    "clip": [
        *[call(values(d), 0, 2) for d in (*INTEGERS, *FLOATS)],
        *[call(V), call(V, min=0), call(V, max=1.5), call(V, -1.0, None), call(values("float32"), 0.5, 1)],
        *[call(V, np.zeros(5), np.ones(5)), call(M, np.array([[0.0], [1.0]])), call(np.array([np.nan, 1.0]), 0, 2)],
        call(values("float64", ()), 0.0, 1.0),
    ],
    **{
        name: [
            *every((2, 3)),
            *[call(data) for data in (TIES, REPEATED, values("float64", (0,)), values("int8", ()), T)],
        ]
        for name in ("unique_all", "unique_counts", "unique_inverse", "unique_values")
    },
    "matmul": [
        *[call(values(d, (2, 3)), values(d, (3, 4), 1)) for d in (*INTEGERS, *FLOATS, *COMPLEX)],
        *[
            call(V, V),
            call(M, values("float64", (3,))),
            call(values("float64", (2,)), M),
            call(T, values("float32", (4, 2))),
        ],
        *[call(values("float64", (5, 2, 3)), values("float64", (5, 3, 2))), call(values("float32", (2, 3)), M.T)],
        call(values("float64", (2, 0)), values("float64", (0, 3))),
    ],
    "matrix_transpose": [*every((2, 3)), call(T)],
    "tensordot": [
        call(T, T, axes=3),
        *[call(M, M.T, axes=1), call(M, M, axes=0), call(M, M, axes=((0,), (0,))), call(T, T, axes=((0, 2), (0, 2)))],
        call(T, values("float32", (3, 4, 2))),
        call(values("int32", (2, 3)), values("int32", (3, 2)), axes=1),
    ],
    "vecdot": [
        *[call(values(d, (2, 3)), values(d, (2, 3), 1)) for d in (*INTEGERS, *FLOATS, *COMPLEX)],
        *[
            call(M, values("float64", (3,))),
            call(M, M, axis=-1),
            call(values("complex64", (3,)), values("float32", (3,))),
        ],
    ],
}

S = values("float64", (3, 3)) + 4 * np.eye(3)
SYMMETRIC = S @ S.T
STACK = np.stack([SYMMETRIC, SYMMETRIC + np.eye(3)])
HERMITIAN = np.array([[3.0, 1 - 1j, 0.5j], [1 + 1j, 4.0, 0.2], [-0.5j, 0.2, 5.0]])
TALL, WIDE = values("float64", (4, 3)), values("float64", (3, 4))


def square() -> list[Arguments]:
    return [call(x) for x in (S, STACK, S.astype("float32"), S + 1j * values("float64", (3, 3), 2), S[:1, :1])]


def any_shape(**settings: Any) -> list[Arguments]:
    matrices = (S, TALL, WIDE, STACK, TALL.astype("float32"), TALL + 1j * WIDE.T, values("float64", (2, 4, 3)))
    return [call(x, **settings) for x in matrices]


LINALG: dict[str, list[Arguments]] = {
    **{name: OTHERS[name] for name in ("matmul", "matrix_transpose", "tensordot", "vecdot")},
    "cholesky": [
        call(x, upper=upper)
        for x in (SYMMETRIC, STACK, HERMITIAN, SYMMETRIC.astype("float32"), HERMITIAN.astype("complex64"))
        for upper in (False, True)
    ],
    "cross": [
        *[call(values(d, (2, 3)), values(d, (2, 3), 1)) for d in (*INTEGERS, *FLOATS, *COMPLEX)],
        *[call(S, S.T, axis=0), call(values("float64", (3,)), M), call(S, S + 1, axis=-2)],
    ],
    "det": square(),
    "diagonal": [*every((3, 4)), call(T), *[call(M, offset=k) for k in (-3, -1, 1, 2)], call(T, offset=1)],
    "eigh": [call(x) for x in (SYMMETRIC, STACK, HERMITIAN, SYMMETRIC.astype("float32"))],
    "eigvalsh": [call(x) for x in (SYMMETRIC, STACK, HERMITIAN, SYMMETRIC.astype("float32"))],
    "inv": square(),
    "matrix_norm": [
        *[call(x, ord=order) for x in (TALL, STACK, TALL.astype("float32")) for order in ("fro", "nuc", 1, -1, 2, -2)],
        *[call(x, ord=order) for x in (WIDE, TALL + 1j * WIDE.T) for order in (np.inf, -np.inf, "fro", 2)],
        *[call(STACK, keepdims=True), call(TALL, keepdims=True, ord=2), call(TALL, ord=1, keepdims=True)],
    ],
    "matrix_power": [call(x, n) for x in (S, STACK, S.astype("float32")) for n in (0, 1, 2, 3, 5, -1, -2)],
    "matrix_rank": [
        *any_shape(),
        call(np.ones((3, 3))),
        call(np.zeros((2, 2))),
        call(S, rtol=0.5),
        call(STACK, rtol=0.9),
    ],
    "outer": [call(values(d), values(d, (3,), 1)) for d in (*INTEGERS, *FLOATS, *COMPLEX)],
    "pinv": [*any_shape(), call(np.ones((3, 2))), call(S, rtol=0.5), call(TALL, rtol=1e-3)],
    "qr": [*any_shape(), *any_shape(mode="complete"), *any_shape(mode="reduced")],
    "slogdet": [*square(), call(-S), call(np.zeros((2, 2)))],
    "solve": [
        *[call(S, values("float64", (3,))), call(S, TALL[:3]), call(STACK, values("float64", (2, 3, 2)))],
        *[call(STACK, TALL[:3]), call(S.astype("float32"), values("float32", (3,))), call(S + 1j, WIDE)],
        call(STACK, values("float64", (3,))),
    ],
    "svd": [*any_shape(), *any_shape(full_matrices=False)],
    "svdvals": any_shape(),
    "trace": [*every((3, 3)), call(T), call(M, offset=1), call(M, offset=-1), call(T, dtype=Dtype("float64"))],
    "vector_norm": [
        *[call(x, ord=order) for x in (V, M, values("float32", (2, 3))) for order in (0, 1, 2, 3, 0.5, -1, -2)],
        *[call(x, ord=order) for x in (V, values("complex64", (2, 3))) for order in (np.inf, -np.inf, 1, 2)],
        *[call(T, axis=1), call(T, axis=(0, 2)), call(T, axis=-1, keepdims=True), call(T, keepdims=True)],
        *[call(T, axis=(0, 1), keepdims=True, ord=1), call(values("float64", ())), call(T, axis=())],
    ],
}


def transforms(dtypes: Any) -> list[Arguments]:
    return [
        *[call(values(d)) for d in dtypes],
        *[call(values(d, (3, 4)), axis=0, norm=norm) for d in dtypes for norm in ("backward", "ortho", "forward")],
        *[call(values(d), n=n) for d in dtypes for n in (3, 5, 8)],
    ]


def transforms_of_several(dtypes: Any) -> list[Arguments]:
    return [
        *[call(values(d, (3, 4))) for d in dtypes],
        *[call(values(d, (2, 3, 4)), axes=(0, 2), norm="ortho") for d in dtypes],
        *[call(values(d, (2, 3, 4)), s=(5, 2), axes=(1, 2), norm="forward") for d in dtypes],
        *[call(values(d, (2, 3, 4)), s=(2, 3, 6), axes=(0, 1, 2)) for d in dtypes],
    ]


FFT: dict[str, list[Arguments]] = {
    "fft": transforms(FLOATS + COMPLEX),
    "ifft": transforms(FLOATS + COMPLEX),
    "rfft": transforms(FLOATS),
    "irfft": transforms(COMPLEX),
    "hfft": transforms(COMPLEX),
    "ihfft": transforms(FLOATS),
    "fftn": transforms_of_several(FLOATS + COMPLEX),
    "ifftn": transforms_of_several(FLOATS + COMPLEX),
    "rfftn": transforms_of_several(FLOATS),
    "irfftn": transforms_of_several(COMPLEX),
    "fftfreq": [call(5), call(4, d=0.5), call(6, dtype=Dtype("float32")), call(1)],
    "rfftfreq": [call(5), call(4, d=0.5), call(6, dtype=Dtype("float32")), call(1)],
    "fftshift": [*every((5,), dtypes=FLOATS + COMPLEX), call(T), call(T, axes=1), call(T, axes=(0, -1))],
    "ifftshift": [*every((5,), dtypes=FLOATS + COMPLEX), call(T), call(T, axes=1), call(T, axes=(0, -1))],
}

MAIN: dict[str, list[Arguments]] = {
    **{name: list(unary()) for name in UNARY},
    **{name: list(binary(name)) for name in BINARY},
    **{name: [*reductions(), *of_nothing()] for name in ("all", "any")},
    **{name: [*reductions(), *of_nothing(), *with_dtype()] for name in ("sum", "prod")},
    **{name: list(reductions()) for name in ("max", "min", "mean")},
    **{name: [*reductions(), *reductions(correction=1), *reductions(correction=0.5)] for name in ("std", "var")},
    **{name: list(along_one_axis()) for name in ("argmax", "argmin")},
    **{name: list(cumulative()) for name in ("cumulative_sum", "cumulative_prod")},
    **OTHERS,
}
