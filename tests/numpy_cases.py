"""What is asked of NumPy's functions: each case is a function of arrays, and the arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

V = np.array([0.3, -1.2, 0.8, 2.1, -0.4])
W = np.array([1.4, 0.7, -0.9, 0.2, 1.7])
U = np.array([0.5, -0.7, 1.1])
P = np.array([0.3, 1.2, 0.8, 2.1, 0.4])
A = np.array([[0.9, -1.3, 0.4], [2.2, 0.1, -0.6], [-0.8, 1.6, 1.0]])
B = np.array([[1.1, 0.3, -0.2], [0.3, 2.0, 0.5], [-0.2, 0.5, 1.7]])
M = np.array([[0.4, -1.1, 0.9, 1.8], [2.4, -0.3, 0.7, -1.6], [-0.5, 1.3, -2.1, 0.2]])
T = np.random.default_rng(0).permutation(np.linspace(-1.97, 2.06, 24)).reshape(2, 3, 4)
C = A + 1j * A[::-1]
Z = V + 1j * W
N = np.where(T > 1.2, np.nan, T)
MASK = T > 0
MASK2 = MASK | (np.arange(4) == 1)
ORDER = np.array([2, 0, 1])

CASES: dict[str, tuple[Any, ...]] = {}


def cases(family: str, *given: tuple[Any, ...]) -> None:
    for number, case in enumerate(given):
        CASES[f"{family}-{number}"] = case


for _name in [
    "exp",
    "exp2",
    "expm1",
    "sin",
    "cos",
    "tan",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "negative",
    "positive",
    "absolute",
    "fabs",
    "square",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "deg2rad",
    "rad2deg",
    "degrees",
    "radians",
    "reciprocal",
    "cbrt",
    "sinc",
    "fix",
    "nan_to_num",
    "real",
    "round",
    "around",
]:
    _f = getattr(np, _name)
    cases(_name, (_f, T))
for _name in ["log", "log2", "log10", "log1p", "sqrt", "arccosh"]:
    _f = getattr(np, _name)
    cases(_name, (_f, P + 1))
for _name in ["arcsin", "arccos", "arctanh"]:
    _f = getattr(np, _name)
    cases(_name, (_f, V / 3))
for _name in [
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "logaddexp",
    "logaddexp2",
    "hypot",
    "arctan2",
    "remainder",
    "mod",
    "fmod",
    "copysign",
]:
    _f = getattr(np, _name)
    cases(_name, (_f, V, W), (_f, A, U), (lambda x, f=_f: f(x, 0.65), V))
cases("power", (np.power, P, W), (lambda x: np.power(x, 3), V), (lambda x: np.power(2.0, x), V))
cases("float_power", (np.float_power, P, W))
cases("floor_divide", (np.floor_divide, V, W))
cases("divmod", (np.divmod, V, W))
cases("modf", (np.modf, V * 3))
cases("complex", (np.exp, Z), (np.abs, Z), (np.conj, Z), (np.real, Z), (np.imag, Z), (np.angle, Z), (np.sqrt, Z))
cases("angle", (lambda x: np.angle(x, deg=True), Z), (np.imag, V))
cases("clip", (lambda x: np.clip(x, -1, 1), T), (lambda x: np.clip(x, None, 0.5), T), (np.clip, V, W - 2, W))
cases("clip-named", (lambda x: np.clip(x, min=-1, max=1), T), (lambda x: np.clip(x, 1, -1), T))
cases("round", (lambda x: np.round(x, 1), T), (lambda x: np.round(x, 1), C))
cases("nan_to_num", (lambda x: np.nan_to_num(x, nan=2.0), N), (np.nan_to_num, Z))
cases("unwrap", (np.unwrap, V * 5), (lambda x: np.unwrap(x, axis=0, period=2.0), M * 3))

# Sums, products, extremes
for _name in [
    "sum",
    "prod",
    "mean",
    "var",
    "std",
    "max",
    "min",
    "amax",
    "amin",
    "ptp",
    "median",
    "nansum",
    "nanprod",
    "nanmean",
    "nanmax",
    "nanmin",
]:
    _f = getattr(np, _name)
    cases(
        _name,
        (_f, T),
        (lambda x, f=_f: f(x, axis=1), T),
        (lambda x, f=_f: f(x, -1, keepdims=True), T),
        (lambda x, f=_f: f(x, axis=(0, 2)), T),
    )
for _name in ["var", "std", "nanvar", "nanstd"]:
    _f = getattr(np, _name)
    cases(
        f"{_name}-ddof",
        (lambda x, f=_f: f(x, ddof=1), T),
        (lambda x, f=_f: f(x, axis=0, ddof=1, keepdims=True), M),
        (lambda x, f=_f: f(x, axis=1, where=MASK[0]), M),
        (lambda x, f=_f: f(x, axis=1, where=MASK[0], ddof=0.5), M),
        (lambda x, f=_f: f(x, axis=1, correction=1), M),
    )
for _name in ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian"]:
    _f = getattr(np, _name)
    cases(f"{_name}-nan", (_f, N), (lambda x, f=_f: f(x, axis=2), N))
for _name in ["nancumsum", "nancumprod"]:
    _f = getattr(np, _name)
    cases(_name, (_f, N), (lambda x, f=_f: f(x, axis=1), N))
for _name in ["sum", "prod", "mean"]:
    _f = getattr(np, _name)
    cases(f"{_name}-where", (lambda x, f=_f: f(x, where=MASK), T), (lambda x, f=_f: f(x, 2, where=MASK2), T))
    cases(f"{_name}-no-axis", (lambda x, f=_f: f(x, axis=()), T))
    cases(f"{_name}-dtype", (lambda x, f=_f: f(x, dtype=np.float64), T), (lambda x, f=_f: f(x, 1, np.float64), T))
for _name in ["sum", "prod", "max", "min"]:
    _f = getattr(np, _name)
    cases(f"{_name}-initial", (lambda x, f=_f: f(x, initial=0.5), T), (lambda x, f=_f: f(x, 0, initial=0.5), T))
    cases(f"{_name}-initial-where", (lambda x, f=_f: f(x, 1, initial=1.5, where=MASK), T))
cases("mean-complex", (np.mean, C), (np.var, C), (np.std, C))
cases("average", (np.average, T), (lambda x: np.average(x, 1), T), (lambda x, w: np.average(x, 0, w), A, P[:3]))
cases("average-weights", (lambda x, w: np.average(x, weights=w), V, P))
cases("average-returned", (lambda x, w: np.average(x, 1, w, returned=True, keepdims=True), A, P[:3]))
for _name in ["cumsum", "cumprod"]:
    _f = getattr(np, _name)
    cases(_name, (_f, T), (lambda x, f=_f: f(x, axis=1), T))
cases(
    "cumulative",
    (lambda x: np.cumulative_sum(x, axis=1), T),
    (lambda x: np.cumulative_sum(x, include_initial=True), V),
    (lambda x: np.cumulative_prod(x, axis=0, include_initial=True), M),
)
cases("trapezoid", (np.trapezoid, M), (lambda y, x: np.trapezoid(y, x), V, np.cumsum(P)))
cases("trapezoid-axis", (lambda y: np.trapezoid(y, dx=0.5, axis=0), M))
for _name in ["percentile", "nanpercentile"]:
    _f = getattr(np, _name)
    cases(_name, (lambda x, f=_f: f(x, 30), T), (lambda x, f=_f: f(x, [10, 55], axis=1), T))
for _name in ["quantile", "nanquantile"]:
    _f = getattr(np, _name)
    cases(
        _name,
        (lambda x, f=_f: f(x, 0.3, axis=(0, 2)), T),
        (lambda x, f=_f: f(x, [[0.1], [0.5]], axis=1, keepdims=True), T),
        (lambda x, f=_f: f(x, 0.4, method="lower"), T),
        (lambda x, f=_f: f(x, 0.4, axis=-1, method="midpoint"), T),
    )
cases("cov", (np.cov, M), (np.cov, V, W), (lambda x: np.cov(x, rowvar=False, bias=True), M), (np.cov, V), (np.cov, C))
cases("cov-weights", (lambda x, w: np.cov(x, aweights=w), A, P[:3]), (lambda x: np.cov(x, fweights=[1, 2, 3, 1]), M))
cases("cov-both", (lambda x, w: np.cov(x, fweights=[3, 1, 2], aweights=w, ddof=0), A, P[:3]))
cases("cov-both-ddof", (lambda x, w: np.cov(x, fweights=[3, 1, 2], aweights=w), A, P[:3]))
cases("corrcoef", (np.corrcoef, M), (np.corrcoef, V, W), (lambda x: np.corrcoef(x, rowvar=False), M))

# Shapes
cases("reshape", (lambda x: np.reshape(x, (4, 6)), T), (lambda x: np.reshape(x, -1), T))
cases("reshape-order", (lambda x: np.reshape(x, (4, -1), order="F"), T), (lambda x: np.reshape(x, 24, "F"), T))
cases("reshape-copy", (lambda x: np.reshape(x, (6, 4), copy=True), T))
cases("ravel", (np.ravel, T), (lambda x: np.ravel(x, "F"), T), (lambda x: np.ravel(x, "K"), M.T.copy().T))
cases(
    "transpose",
    (np.transpose, T),
    (lambda x: np.transpose(x, (1, 0, 2)), T),
    (lambda x: np.transpose(x, axes=[1, 0]), M),
)
cases("permute_dims", (lambda x: np.permute_dims(x, (2, 0, 1)), T), (np.matrix_transpose, T))
cases("swapaxes", (lambda x: np.swapaxes(x, 0, 2), T), (lambda x: np.moveaxis(x, [0, 1], [-1, 0]), T))
cases(
    "rollaxis",
    (lambda x: np.rollaxis(x, 2), T),
    (lambda x: np.rollaxis(x, 0, 3), T),
    (lambda x: np.rollaxis(x, 2, 1), T),
)
cases("expand_dims", (lambda x: np.expand_dims(x, 1), M), (lambda x: np.expand_dims(x, (0, -1)), M))
cases("squeeze", (lambda x: np.squeeze(x[:, :1]), M), (lambda x: np.squeeze(x[None, :, None], axis=(0,)), M))
cases("broadcast_to", (lambda x: np.broadcast_to(x, (4, 5)), V), (lambda x, y: np.broadcast_arrays(x, y), U, A))
cases("atleast", (np.atleast_1d, V), (np.atleast_2d, V, M), (np.atleast_3d, M), (np.atleast_2d, V))
cases(
    "flip",
    (np.flip, T),
    (lambda x: np.flip(x, 1), T),
    (lambda x: np.flip(x, (0, 2)), T),
    (np.flipud, M),
    (np.fliplr, M),
)
cases("rot90", (np.rot90, M), (lambda x: np.rot90(x, 3, (1, 2)), T))
cases("roll", (lambda x: np.roll(x, 3), T), (lambda x: np.roll(x, -1, 1), T), (lambda x: np.roll(x, (1, 2), (0, 2)), T))
cases("roll-broadcast", (lambda x: np.roll(x, 1, (0, 1)), T))
cases("tile", (lambda x: np.tile(x, 2), M), (lambda x: np.tile(x, (2, 1, 3)), M))
cases("repeat", (lambda x: np.repeat(x, 2), M), (lambda x: np.repeat(x, [1, 0, 3], axis=0), M))
cases("resize", (lambda x: np.resize(x, (3, 3)), V), (lambda x: np.resize(x, 2), V))
cases("pad", (lambda x: np.pad(x, 1), M), (lambda x: np.pad(x, ((1, 0), (2, 3))), M))
cases("pad-constant", (lambda x: np.pad(x, (1, 2), constant_values=3.0), V))
cases("pad-constants", (lambda x: np.pad(x, ((1, 1), (2, 1)), constant_values=((1, 2), (3, 4))), M))
cases("pad-tensor", (lambda x, c: np.pad(x, 1, constant_values=c[0]), M, U))
for _name in ["edge", "wrap", "reflect", "symmetric"]:
    cases(f"pad-{_name}", (lambda x, m=_name: np.pad(x, ((1, 2), (2, 1)), mode=m), M))
cases("tril", (np.tril, T), (lambda x: np.tril(x, 1), M), (np.triu, T), (lambda x: np.triu(x, k=-1), M), (np.tril, V))
cases("diag", (np.diag, V), (np.diag, M), (lambda x: np.diag(x, 1), M), (lambda x: np.diag(x, -2), V), (np.diagflat, M))
cases(
    "diagonal", (np.diagonal, T), (lambda x: np.diagonal(x, 1, 1, 2), T), (lambda x: np.linalg.diagonal(x, offset=1), T)
)
cases("vander", (np.vander, V), (lambda x: np.vander(x, 3, increasing=True), V))
cases("windows", (lambda x: np.lib.stride_tricks.sliding_window_view(x, 3), V))
cases("windows-2d", (lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)), M))

# Joined and split
cases(
    "concatenate", (lambda x, y: np.concatenate((x, y)), M, M * 2), (lambda x, y: np.concatenate([x, y], axis=1), M, A)
)
cases("concatenate-flat", (lambda x, y: np.concatenate([x, y], axis=None), M, V))
cases("concatenate-mixed", (lambda x: np.concatenate([x, [1.0, 2.0], W]), V))
cases("stack", (lambda x, y: np.stack([x, y]), V, W), (lambda x, y: np.stack([x, y], axis=-1), M, M + 1))
cases("vstack", (lambda x, y: np.vstack([x, y]), V, W), (lambda x, y: np.hstack([x, y]), V, U))
cases("hstack", (lambda x, y: np.hstack((x, y)), M, A), (lambda x, y: np.dstack((x, y)), M, M))
cases("column_stack", (lambda x, y: np.column_stack((x, y)), U, M))
cases("block", (lambda x, y: np.block([[x, y], [y, x]]), A, B), (lambda x: np.block([x, 1.0]), V))
cases("append", (lambda x, y: np.append(x, y), M, V), (lambda x, y: np.append(x, y, axis=1), M, A))
cases("insert", (lambda x, y: np.insert(x, 1, y[0]), V, U), (lambda x, y: np.insert(x, 1, y, axis=1), M, U))
cases("insert-several", (lambda x, y: np.insert(x, [0, 2, 2], y), V, U), (lambda x: np.insert(x, 2, 9.0), M))
cases(
    "delete",
    (lambda x: np.delete(x, 1, 0), M),
    (lambda x: np.delete(x, [0, -1]), V),
    (lambda x: np.delete(x, slice(1, 3)), V),
)
cases("meshgrid", (np.meshgrid, V, U), (lambda x, y: np.meshgrid(x, y, indexing="ij", sparse=True), V, U))
cases("meshgrid-three", (np.meshgrid, V, U, P))
cases(
    "split",
    (lambda x: np.split(x, 2), M[:2]),
    (lambda x: np.split(x, [1, 3]), V),
    (lambda x: np.split(x, [3, 2, 9]), V),
)
cases("array_split", (lambda x: np.array_split(x, 3), V), (lambda x: np.array_split(x, 3, axis=1), M))
cases("hsplit", (lambda x: np.hsplit(x, 2), M), (lambda x: np.vsplit(x, 3), M), (lambda x: np.dsplit(x, [1]), T))
cases("unstack", (lambda x: np.unstack(x, axis=1), T))

# Selected
cases(
    "take",
    (lambda x: np.take(x, [1, 3, 3]), M),
    (lambda x: np.take(x, ORDER, axis=1), T),
    (lambda x: np.take(x, 1, axis=0), T),
)
cases("take-mode", (lambda x: np.take(x, [7, -9], mode="wrap"), V), (lambda x: np.take(x, [7, -9], mode="clip"), V))
cases("take_along_axis", (lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1), M))
cases("take_along_axis-flat", (lambda x: np.take_along_axis(x, np.array([1, 1, 5]), axis=None), M))
cases("compress", (lambda x: np.compress([True, False, True], x, axis=0), M), (lambda x: np.extract(x > 0, x), M))
cases("where", (lambda x, y: np.where(x > 0, x, y), V, W), (lambda x: np.where(MASK, x, 0), T))
cases("where-array", (lambda x: np.where(x > 0, np.sqrt(np.abs(x)), W), V))
cases("select", (lambda x: np.select([x > 1, x < 0], [x**2, -x], default=0.5), T))
cases("choose", (lambda x, y: np.choose([0, 1, 1, 0, 1], [x, y]), V, W))
cases("piecewise", (lambda x: np.piecewise(x, [x < 0, x >= 1], [lambda v: v**2, 3.0, lambda v: -v]), V))
cases("unique", (np.unique, V), (lambda x: np.unique(np.round(x)), T))
cases(
    "sort", (np.sort, T), (lambda x: np.sort(x, axis=0), T), (lambda x: np.sort(x, axis=None), T), (np.sort_complex, V)
)
cases("partition", (lambda x: np.sort(np.partition(x, 2, axis=-1)[..., :3], axis=-1), T))
cases("trim_zeros", (lambda x: np.trim_zeros(x * np.array([0.0, 1, 0, 1, 0])), V))

cases("unique_all", (np.unique_all, T), (np.unique_counts, V), (np.unique_inverse, M), (np.unique_values, V))
cases("union1d", (np.union1d, V, W))
cases("emath", (np.emath.sqrt, V), (np.emath.sqrt, P), (np.emath.log, V), (np.emath.log2, V), (np.emath.log10, P))
cases("emath-power", (lambda x: np.emath.power(x, 1.5), V), (lambda x: np.emath.logn(2, x), V), (np.emath.power, P, W))
cases("emath-inverse", (np.emath.arcsin, V[:2] * 1.5), (np.emath.arccos, V / 3), (np.emath.arctanh, V / 3))

# Differences, interpolation, convolution
cases("diff", (np.diff, M), (lambda x: np.diff(x, 2, axis=0), M), (lambda x: np.diff(x, prepend=0.0, append=[1.0]), V))
cases("ediff1d", (np.ediff1d, M), (lambda x: np.ediff1d(x, to_end=[9.0], to_begin=5.0), V))
cases("gradient", (np.gradient, V), (np.gradient, M), (lambda f: np.gradient(f, 2.0, axis=1), M))
cases("gradient-coordinates", (lambda f, x: np.gradient(f, x), V, np.cumsum(P)))
cases("gradient-edge", (lambda f: np.gradient(f, 0.5, edge_order=2), V))
cases("gradient-edge-coordinates", (lambda f, x: np.gradient(f, x, edge_order=2), V, np.cumsum(P)))
cases(
    "interp",
    (np.interp, V, np.array([-1.0, 0.0, 1.0]), U),
    (lambda x, f: np.interp(x, [-1, 0.5, 1], f, left=9.0), V, U),
)
cases("interp-period", (lambda x, f: np.interp(x, [0.2, 0.9, 1.4], f, period=2.0), V, U))
for _mode in ("full", "same", "valid"):
    cases(
        f"convolve-{_mode}",
        *[
            (lambda x, y, m=_mode: np.convolve(x, y, m), x, y)
            for x, y in ((V, U), (U, V), (Z, U), (V, W[:2]), (Z, Z[:3]))
        ],
    )
    cases(
        f"correlate-{_mode}",
        *[
            (lambda x, y, m=_mode: np.correlate(x, y, m), x, y)
            for x, y in ((V, U), (U, V), (Z, U), (V, W[:2]), (Z[:2], Z))
        ],
    )

# Polynomials
cases("polyval", (np.polyval, U, V), (lambda x: np.polyval([1, 2, 3], x), M), (np.poly1d([2, 1]), V))
cases(
    "poly", (np.polyadd, V, U), (np.polysub, U, V), (np.polymul, V, U), (np.poly, V), (np.polyder, V), (np.polyint, V)
)
cases("polyint", (lambda p: np.polyint(p, 2, [1.0, 2.0]), U), (lambda p: np.polyder(p, 2), V))

# Products
cases("dot", (np.dot, V, W), (np.dot, A, U), (np.dot, A, B), (np.dot, T, T[0].T), (np.dot, T, T.transpose(0, 2, 1)))
cases("dot-numbers", (lambda x: np.dot(x, 2.0), V), (lambda x: np.dot([1.0, 2, 3], x), A))
cases("matmul", (np.matmul, A, B), (np.matmul, T, M.T), (np.matmul, A, U), (np.linalg.matmul, A, B))
cases("vdot", (np.vdot, V, W), (np.vdot, C, C.T), (np.inner, V, W), (np.inner, A, T[:, :, :3]), (np.outer, M, U))
cases(
    "vecdot",
    (np.vecdot, A, U),
    (np.vecdot, C, C.T),
    (np.linalg.vecdot, A, B),
    (lambda x, y: np.vecdot(x, y, axis=0), A, B),
)
cases("matvec", (np.matvec, T, M[0]), (np.vecmat, U, T), (np.vecmat, C[0], C))
cases(
    "tensordot",
    (np.tensordot, T, T.transpose(1, 2, 0)),
    (lambda x, y: np.tensordot(x, y, ([0, 1], [1, 0])), T, T.swapaxes(0, 1)),
)
cases(
    "tensordot-axis", (lambda x, y: np.tensordot(x, y, axes=(2, 1)), T, M), (lambda x, y: np.tensordot(x, y, 0), V, U)
)
cases("kron", (np.kron, A, U), (np.kron, V, U), (np.kron, M, A))
cases("cross", (np.cross, A, B), (lambda x, y: np.cross(x, y, axis=0), A, B), (np.cross, A, U), (np.linalg.cross, A, B))
cases("trace", (np.trace, A), (lambda x: np.trace(x, 1, 1, 2), T), (np.linalg.trace, T))
cases("einsum", (lambda x, y: np.einsum("ij,jk->ik", x, y), A, B), (lambda x: np.einsum("ii", x), A))
cases("einsum-optimized", (lambda x, y, z: np.einsum("ij,jk,k", x, y, z, optimize=True), A, B, U))
cases("einsum-numbers", (lambda x, y: np.einsum(x, [0, 1], y, [1, 2], [2, 0]), A, B))
cases("multi_dot", (lambda x, y, z: np.linalg.multi_dot([x, y, z]), U, A, M))

# Linear algebra
K = A @ A.T + np.eye(3)  # positive definite
STACK = np.stack([K, K + B @ B])


def symmetric(f: Any) -> Any:
    """What reads one triangle, of the symmetric part: so that differences can be taken in any direction."""
    return lambda x: f((x + np.conj(np.swapaxes(x, -1, -2))) / 2)


def sizes(f: Any) -> Any:
    """What does not depend on the signs that a decomposition may choose for its vectors."""
    return lambda *arrays: [np.abs(part) for part in f(*arrays)]


cases("solve", (np.linalg.solve, A, U), (np.linalg.solve, K, M), (np.linalg.solve, STACK, U), (np.linalg.solve, C, A))
cases("inv", (np.linalg.inv, A), (np.linalg.inv, STACK), (np.linalg.inv, C))
cases("tensorinv", (lambda x: np.linalg.tensorinv(x.reshape(3, 1, 3), ind=1), A))
cases("tensorsolve", (np.linalg.tensorsolve, A, U))
cases("det", (np.linalg.det, A), (np.linalg.det, STACK), (np.linalg.det, C), (np.linalg.slogdet, A))
cases("slogdet", (np.linalg.slogdet, STACK), (np.linalg.slogdet, C))
cases("matrix_power", *[(lambda x, n=n: np.linalg.matrix_power(x, n), A) for n in (0, 1, 2, 3, 6, -1, -2)])
cases("cholesky", (symmetric(np.linalg.cholesky), K), (symmetric(lambda x: np.linalg.cholesky(x, upper=True)), STACK))
cases("eigh", (symmetric(sizes(np.linalg.eigh)), K), (symmetric(sizes(lambda x: np.linalg.eigh(x, "U"))), STACK))
cases("eigvalsh", (symmetric(np.linalg.eigvalsh), K), (symmetric(np.linalg.eigvalsh), STACK))
cases("eig", (sizes(np.linalg.eig), K), (np.linalg.eigvals, K), (lambda x: np.sort(np.abs(np.linalg.eigvals(x))), A))
cases("qr", (sizes(np.linalg.qr), M.T), (lambda x: np.abs(np.linalg.qr(x, mode="r")), A), (sizes(np.linalg.qr), STACK))
cases("svd", (sizes(lambda x: np.linalg.svd(x, full_matrices=False)), M), (sizes(np.linalg.svd), A))
cases("svdvals", (np.linalg.svdvals, M), (lambda x: np.linalg.svd(x, compute_uv=False), STACK), (np.linalg.svdvals, C))

cases("norm", (np.linalg.norm, V), (np.linalg.norm, T), (np.linalg.norm, C), (lambda x: np.linalg.norm(x, axis=1), T))
for _p in (0.5, 1, 2, 3, -1, np.inf, -np.inf):
    cases(f"norm-{_p}", (lambda x, p=_p: np.linalg.norm(x, p), V), (lambda x, p=_p: np.linalg.norm(x, p, axis=0), T))
for _p in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    cases(
        f"matrix_norm-{_p}",
        (lambda x, p=_p: np.linalg.norm(x, p), M),
        (lambda x, p=_p: np.linalg.norm(x, p, axis=(2, 0), keepdims=True), T),
        (lambda x, p=_p: np.linalg.matrix_norm(x, ord=p), T),
        (lambda x, p=_p: np.linalg.cond(x, p), A),
    )
cases("vector_norm", (np.linalg.vector_norm, T), (lambda x: np.linalg.vector_norm(x, axis=(0, 2), keepdims=True), T))
cases(
    "vector_norm-complex",
    (lambda x: np.linalg.vector_norm(x, ord=3), C),
    (lambda x: np.linalg.norm(x, keepdims=True), T),
)
cases("cond", (np.linalg.cond, A), (np.linalg.cond, STACK))
cases(
    "pinv", (np.linalg.pinv, A), (np.linalg.pinv, M), (np.linalg.pinv, C), (lambda x: np.linalg.pinv(x, rtol=1e-3), M.T)
)
cases("lstsq", (lambda a, b: np.linalg.lstsq(a, b)[:2], M.T, V[:4]), (lambda a, b: np.linalg.lstsq(a, b)[0], M, A))
cases("lstsq-residuals", (lambda a, b: np.linalg.lstsq(a[:, :2], b, rcond=-1)[:2], M.T, M.T))
cases("lstsq-singular-values", (lambda a, b: np.linalg.lstsq(a, b)[3], M.T, V[:4]))
cases("solve-shapes-of-vectors", (np.linalg.solve, np.stack([A[:2, :2], A[1:, 1:]]), A[:2, :2]))
cases("polyfit", (lambda x, y: np.polyfit(x, y, 2), V, W), (lambda x, y, w: np.polyfit(x, y, 1, w=w), V, W, P))
cases("i0", (np.i0, V))
cases("roots", (np.roots, np.array([1.0, -6.0, 11.0, -6.0])), (lambda p: np.roots(p * [0, 1, 1, 1, 0]), V))

# Fourier transforms
for _name in ["fft", "ifft", "hfft"]:
    _f = getattr(np.fft, _name)
    cases(
        f"fft.{_name}",
        *[(_f, x) for x in (V, Z, M)],
        (lambda x, f=_f: f(x, 7), Z),
        (lambda x, f=_f: f(x, 2, axis=0, norm="ortho"), C),
        (lambda x, f=_f: f(x, norm="forward"), M),
    )
for _name in ["rfft", "ihfft"]:
    _f = getattr(np.fft, _name)
    cases(f"fft.{_name}", (_f, V), (_f, M), (lambda x, f=_f: f(x, 6, 0, "ortho"), M), (lambda x, f=_f: f(x, n=3), V))
cases("fft.irfft", (np.fft.irfft, Z), (np.fft.irfft, M), (lambda x: np.fft.irfft(x, 7, norm="forward"), Z))
for _name in ["fft2", "ifft2", "fftn", "ifftn"]:
    _f = getattr(np.fft, _name)
    cases(
        f"fft.{_name}",
        *[(_f, x) for x in (M, C, T)],
        (lambda x, f=_f: f(x, (4, 2), (0, 1), "ortho"), C),
        (lambda x, f=_f: f(x, axes=(0, 2)), T),
    )
for _name in ["rfft2", "rfftn", "irfft2", "irfftn"]:
    _f = getattr(np.fft, _name)
    cases(f"fft.{_name}", (_f, M), (_f, T), (lambda x, f=_f: f(x, (4, 3), (0, 1), "ortho"), M))
cases("fft.fftshift", (np.fft.fftshift, V), (np.fft.fftshift, T), (lambda x: np.fft.fftshift(x, axes=1), T))
cases("fft.ifftshift", (np.fft.ifftshift, V), (np.fft.ifftshift, T), (lambda x: np.fft.ifftshift(x, (0, 2)), T))

# Ranges between tensors, and what is applied
cases("linspace", (lambda x, y: np.linspace(x, y, 5), V, W), (lambda x: np.linspace(x[0], 3.0, 4, endpoint=False), V))
cases("linspace-step", (lambda x: np.linspace(0, x, 4, retstep=True, axis=-1), U))
cases("geomspace", (lambda x, y: np.geomspace(x, y, 5), P, P + 1), (lambda x: np.logspace(x, 1.0, 3), V))
cases("full_like", (lambda x, y: np.full_like(x, y[0]), V, W), (np.copy, M), (lambda x: np.astype(x, np.float64), V))
cases(
    "apply", (lambda x: np.apply_along_axis(np.sum, 1, x), M), (lambda x: np.apply_along_axis(lambda r: r * r, 0, x), M)
)
cases("apply-wider", (lambda x: np.apply_along_axis(lambda r: np.outer(r, r), 0, x), M))
cases("apply_over_axes", (lambda x: np.apply_over_axes(np.sum, x, [0, 2]), T))

# Methods of universal functions
for _name in ["add", "multiply", "maximum", "minimum", "logaddexp", "subtract", "hypot"]:
    _f = getattr(np, _name)
    cases(f"{_name}.reduce", (_f.reduce, M), (lambda x, f=_f: f.reduce(x, axis=1, keepdims=True), M))
    cases(f"{_name}.accumulate", (_f.accumulate, M), (lambda x, f=_f: f.accumulate(x, axis=1), M))
    cases(f"{_name}.outer", (_f.outer, V, U), (_f.outer, M, U))
    cases(
        f"{_name}.reduceat",
        (lambda x, f=_f: f.reduceat(x, [0, 3, 1]), V),
        (lambda x, f=_f: f.reduceat(x, [0, 2], axis=1), M),
    )
cases("add.reduce-where", (lambda x: np.add.reduce(x, axis=None, initial=2.0, where=MASK), T))

# out=, where=, dtype=
cases("ufunc-where", (lambda x: np.log(x, where=x > 0.5, out=np.zeros_like(x)), V))
cases(
    "ufunc-out",
    (lambda x, y: np.add(x, y, np.zeros_like(x)), V, W),
    (lambda x: np.sum(x, 0, None, np.zeros(4) + 0 * x[0]), M),
)
cases("ufunc-dtype", (lambda x, y: np.multiply(x, y, dtype=np.float64), V, W))
cases("ufunc-list", (lambda x: np.add(x, [1, 2, 3]), A))
