"""The array API standard, checked case by case against its strict implementation."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import array_api as xp
from autograd.testing import assert_close, gradcheck
from tests.array_api_cases import FFT, LINALG, MAIN, Dtype

strict = pytest.importorskip("array_api_strict")

FAMILIES = {"main": MAIN, "linalg": LINALG, "fft": FFT}
# Of the strict module itself, and of the release that follows.
NOT_STANDARD = {"ArrayAPIStrictFlags", "Device", "__version__"} | {n for n in strict.__all__ if n.endswith("_flags")}
LATER = {"isin", "broadcast_shapes"}
CASES = [(family, name) for family, cases in FAMILIES.items() for name in cases]


@pytest.fixture(autouse=True)
def same_defaults() -> Iterator[None]:
    """The release that is promised, and the default dtype of the strict namespace."""
    strict.set_array_api_strict_flags(api_version="2024.12")
    before = ag.get_default_dtype()
    ag.set_default_dtype(np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    ag.set_default_dtype(before)
    strict.reset_array_api_strict_flags()


def found(module: ModuleType, family: str, name: str) -> Any:
    return getattr(module if family == "main" else getattr(module, family), name)


def given(module: ModuleType, value: Any) -> Any:
    """An argument in a namespace's own terms."""
    if isinstance(value, np.ndarray):
        return module.asarray(value.copy())
    if isinstance(value, Dtype):
        return getattr(module, value.name)
    if isinstance(value, (list, tuple)):
        return type(value)(given(module, member) for member in value)
    return value


def result_of(module: ModuleType, family: str, name: str, case: Any) -> Any:
    args, kwargs = case
    return found(module, family, name)(
        *[given(module, value) for value in args], **{key: given(module, value) for key, value in kwargs.items()}
    )


def plain(result: Any) -> Any:
    """A result in terms that can be compared: arrays of NumPy, dtypes by name."""
    if isinstance(result, ag.Tensor):
        return result.data
    if isinstance(result, strict._array_object.Array):
        return np.asarray(result._array)
    if isinstance(result, (list, tuple)):
        return [plain(member) for member in result]
    if isinstance(result, (np.dtype, strict._dtypes.DType)):
        return str(result if isinstance(result, np.dtype) else result._np_dtype)
    if type(result).__name__ in ("finfo_object", "iinfo_object"):
        names = ("bits", "eps", "max", "min", "smallest_normal", "dtype")
        return [plain(getattr(result, name)) for name in names if hasattr(result, name)]
    return result


def compare(have: Any, want: Any) -> None:
    if isinstance(want, list):
        assert len(have) == len(want)
        for one, other in zip(have, want, strict=True):
            compare(one, other)
    elif isinstance(want, np.ndarray):
        assert isinstance(have, np.ndarray)
        assert (have.dtype, have.shape) == (want.dtype, want.shape)
        tolerance = {"f": 1e-12, "c": 1e-12}.get(want.dtype.kind, 0.0)
        if want.dtype in (np.float32, np.complex64):
            tolerance = 2e-5
        scale = max(1.0, float(np.max(np.abs(want[np.isfinite(want)]), initial=0))) if tolerance else 1.0
        np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance * scale)
    else:
        assert have == want
        assert type(have) is type(want)


def invariant(name: str, result: Any) -> Any:
    """What does not depend on the signs of the vectors that a decomposition may choose."""
    parts = plain(result)
    if name == "eigh":
        w, v = parts
        return [w, (v * w[..., None, :]) @ np.conj(np.swapaxes(v, -1, -2)), np.abs(v)]
    if name == "qr":
        return [parts[0] @ parts[1], np.abs(parts[1])]
    if name == "svd":
        u, s, vh = parts
        k = s.shape[-1]
        return [s, (u[..., :k] * s[..., None, :]) @ vh[..., :k, :], np.abs(u[..., :k]), np.abs(vh[..., :k, :])]
    return parts


@pytest.mark.parametrize(("family", "name"), CASES)
def test_each_case_equals_the_strict_namespace(family, name):
    compared = 0
    for case in FAMILIES[family][name]:
        try:
            want = result_of(strict, family, name, case)
        except (AttributeError, TypeError, ValueError, NotImplementedError):
            continue  # no case of the standard, or one that the strict namespace stumbles over
        have = result_of(xp, family, name, case)
        try:
            assert [np.shape(p) for p in _parts(have)] == [np.shape(p) for p in _parts(want)]
            compare(invariant(name, have), invariant(name, want))
            compared += 1
        except AssertionError as error:
            raise AssertionError(f"{name}{case}: {error}") from None
    assert compared >= 3


def _parts(result: Any) -> list[Any]:
    parts = plain(result)
    return [part for part in (parts if isinstance(parts, list) else [parts]) if isinstance(part, np.ndarray)]


def test_every_name_of_the_standard_is_there_and_has_cases():
    main = set(strict.__all__) - NOT_STANDARD
    assert main <= set(xp.__all__)
    constants = {"e", "inf", "nan", "newaxis", "pi", "__array_api_version__"}
    dtypes = {str(dtype) for dtype in xp.__array_namespace_info__().dtypes()}
    functions = main - constants - dtypes - {"linalg", "fft", "__array_namespace_info__"} - LATER
    assert functions == set(MAIN)
    assert set(strict.linalg.__all__) == set(xp.linalg.__all__) == set(LINALG)
    assert set(strict.fft.__all__) == set(xp.fft.__all__) == set(FFT)
    assert xp.__array_api_version__ == "2024.12"
    for name in constants - {"nan", "__array_api_version__"}:
        assert getattr(xp, name) == getattr(strict, name)
    assert np.isnan(xp.nan)


def parameters_of(function: Any) -> list[Any]:
    """Names, kinds and defaults; a default that only stands for "not given" is like None."""
    found = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, None if type(p.default).__name__ == "Undef" else p.default) for p in found]


@pytest.mark.parametrize(("family", "name"), [*CASES, ("main", "isin"), ("main", "broadcast_shapes")])
def test_signatures_are_those_of_the_standard(family, name):
    assert parameters_of(found(xp, family, name)) == parameters_of(found(strict, family, name))


def test_the_info_object():
    ours, theirs = xp.__array_namespace_info__(), strict.__array_namespace_info__()
    assert ours.capabilities() == theirs.capabilities()
    assert ours.devices() == ["cpu"]
    assert ours.default_device() == "cpu"
    for kind in (None, "bool", "signed integer", "unsigned integer", "integral", "real floating", "numeric"):
        have, want = ours.dtypes(kind=kind), theirs.dtypes(kind=kind)
        assert {k: str(v) for k, v in have.items()} == {k: str(v._np_dtype) for k, v in want.items()}
    assert set(ours.dtypes(kind=("bool", "complex floating"))) == {"bool", "complex64", "complex128"}
    with pytest.raises(ValueError, match="no kind 'float'"):
        ours.dtypes(kind="float")
    with pytest.raises(ValueError, match="CPU only"):
        ours.dtypes(device="cuda")
    assert {k: str(v) for k, v in ours.default_dtypes().items()} == {
        k: str(v._np_dtype) for k, v in theirs.default_dtypes().items()
    }
    ag.set_default_dtype(np.float32)
    defaults = ours.default_dtypes()
    assert (defaults["real floating"], defaults["complex floating"]) == (np.float32, np.complex64)
    assert xp.zeros(2).dtype == xp.asarray([1.0]).dtype == xp.linspace(0, 1, 3).dtype == xp.fft.fftfreq(3).dtype
    assert xp.zeros(2).dtype == xp.float32


def test_the_later_names():
    x = xp.asarray([1, 2, 3])
    assert xp.isin(x, xp.asarray([2, 3])).tolist() == [False, True, True]
    assert xp.isin(x, 2, invert=True).tolist() == [True, False, True]
    assert xp.broadcast_shapes((2, 1), (3,)) == (2, 3)


# ---------------------------------------------------------------------------------------------------------------------
# Wrong use
# ---------------------------------------------------------------------------------------------------------------------
X = ag.Tensor(np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: xp.sum([1.0, 2.0]), TypeError, r"sum: takes arrays.*not list.*asarray"),
        (lambda: xp.add(1, 2), TypeError, "add: takes arrays.*not int"),
        (lambda: xp.where(X > 0, 1, 2), TypeError, "where: one of x1 and x2"),
        (lambda: xp.sum(X, 0), TypeError, "positional"),
        (lambda: xp.sum(x=X), TypeError, "positional-only"),
        (lambda: xp.max(xp.zeros(0)), ValueError, "zero-size|no elements|empty"),
        (lambda: xp.expand_dims(X, 4), IndexError, "axis 4 is out of range"),
        (lambda: xp.squeeze(X, 0), ValueError, "not of length 1"),
        (lambda: xp.astype(X + 1j, xp.float64), TypeError, "imaginary"),
        (lambda: xp.zeros(3, device="cuda"), ValueError, "CPU only"),
        (lambda: xp.asarray([1.0], copy=False), ValueError, "without a copy"),
        (lambda: xp.finfo(xp.int8), TypeError, "no floating-point dtype"),
        (lambda: xp.iinfo(xp.float32), TypeError, "no integer dtype"),
        (lambda: xp.nonzero(xp.asarray(1.0)), ValueError, "without axes"),
        (lambda: xp.unstack(xp.asarray(1.0)), ValueError, "without axes"),
        (lambda: xp.sort(xp.asarray(1.0)), ValueError, "without axes"),
        (lambda: xp.take(X, xp.asarray([0])), ValueError, "name an axis"),
        (lambda: xp.take(X, xp.asarray([5]), axis=0), IndexError, "out of range"),
        (lambda: xp.tril(xp.zeros(3)), ValueError, "takes matrices"),
        (lambda: xp.linalg.qr(X, mode="r"), ValueError, "mode 'r'"),
        (lambda: xp.result_type(1, 2.0), ValueError, "at least one array or dtype"),
        (lambda: xp.cumulative_sum(X), ValueError, "axis"),
        (lambda: xp.reshape(X, (4,)), ValueError, "reshape"),
        (lambda: xp.linalg.outer(X, X), ValueError, "two vectors"),
        (lambda: xp.meshgrid(xp.zeros(2), xp.zeros(2, dtype=xp.int8)), ValueError, "differ in dtype"),
        (lambda: xp.clip(X + 1j, 0, 1), TypeError, "real numbers"),
    ],
)
def test_wrong_use(call, error, message):
    with pytest.raises(error, match=message):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# The array object
# ---------------------------------------------------------------------------------------------------------------------
def test_the_namespace_of_a_tensor():
    assert X.__array_namespace__() is xp
    for release in ("2021.12", "2022.12", "2023.12", "2024.12"):
        assert X.__array_namespace__(api_version=release) is xp
    with pytest.raises(ValueError, match=r"no release '2030\.12'"):
        X.__array_namespace__(api_version="2030.12")


def test_every_attribute_of_the_standard_array_is_there():
    theirs = {name for name in dir(strict._array_object.Array) if not name.startswith("_")}
    assert not {name for name in theirs if not hasattr(ag.Tensor, name)}
    operators = {
        name
        for name in vars(strict._array_object.Array)
        if name.startswith("__") and callable(getattr(strict._array_object.Array, name))
    }
    ours = {name for name in operators if hasattr(ag.Tensor, name)}
    assert not operators - ours - {"__buffer__", "__imatmul__"}  # a @= b is a = a @ b without it


def test_attributes_and_conversions():
    assert (X.shape, X.ndim, X.dtype, X.device) == ((2, 3), 2, xp.float64, "cpu")
    assert X.T.shape == X.mT.shape == (3, 2)
    assert X.to_device("cpu") is X
    with pytest.raises(ValueError, match="CPU only"):
        X.to_device("cuda")
    one = xp.asarray(3)
    assert (int(one), float(one), complex(one), bool(one), [1, 2, 3, 4][one]) == (3, 3.0, 3 + 0j, True, 4)
    assert isinstance(complex(xp.asarray(1 + 2j)), complex)
    with pytest.raises(TypeError, match="can be an index"):
        range(xp.asarray(1.5))


def test_size_is_the_number_of_elements_and_can_be_called_as_in_pytorch():
    assert X.size == 6
    assert isinstance(X.size, int)
    assert X.size() == (2, 3)
    assert X.size(1) == X.size(-1) == 3
    assert X.size(dim=0) == 2
    assert xp.asarray(1.0).size == 1
    assert xp.zeros((0, 3)).size == 0
    assert X.size / 2 == 3
    assert f"{X.size}" == "6"


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "complex128", "bool"])
def test_operators_equal_the_strict_ones(dtype):
    a, b = np.array([[1, 2, 3], [0, 1, 1]]).astype(dtype), np.array([1, 3, 2]).astype(dtype)
    number = {"b": True, "f": 1.5, "c": 2j}.get(np.dtype(dtype).kind, 2)
    import operator as o

    compared = 0
    binary = "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift eq ne lt le gt ge"
    for name in binary.split(" "):
        function = getattr(o, name)
        pairs = [(a, b), (a, number), (number, b)] if name != "matmul" else [(a, b)]
        for one, other in pairs:
            try:
                want = function(given(strict, one), given(strict, other))
            except TypeError:
                continue
            have = function(given(xp, one), given(xp, other))
            assert isinstance(have, ag.Tensor)
            compare(plain(have), plain(want))
            compared += 1
    for name in ["neg", "pos", "abs", "invert"]:
        try:
            want = getattr(o, name)(given(strict, a))
        except TypeError:
            continue
        compare(plain(getattr(o, name)(given(xp, a))), plain(want))
        compared += 1
    assert compared > 8


def test_indexing_by_arrays_of_the_namespace():
    x = xp.reshape(xp.arange(12), (3, 4))
    assert x[xp.asarray([2, 0]), ...].shape == (2, 4)
    assert x[x > 5].tolist() == [6, 7, 8, 9, 10, 11]
    assert x[xp.asarray(1), 2].item() == 6
    assert x[:, None, 1:3].shape == (3, 1, 2)
    x[0, :] = xp.asarray([9, 9, 9, 9])
    x[x == 9] = 0
    assert xp.sum(x[0, :]).item() == 0


# ---------------------------------------------------------------------------------------------------------------------
# Gradients
# ---------------------------------------------------------------------------------------------------------------------
A = np.array([[0.9, -1.3, 0.4], [2.2, 0.1, -0.6]])
B = np.array([[1.1, 0.3, -0.2], [0.5, 2.0, 1.7]])

GRADIENTS: dict[str, Any] = {
    "sort": lambda x, y: xp.sort(x, axis=0, descending=True),
    "take": lambda x, y: xp.take(x, xp.argsort(y[0, :]), axis=1),
    "take_along_axis": lambda x, y: xp.take_along_axis(x, xp.argsort(y, axis=1), axis=1),
    "unique": lambda x, y: xp.unique_values(x),
    "where": lambda x, y: xp.where(x > y, x, 2 * y),
    "clip": lambda x, y: xp.clip(x, -0.5, y),
    "std": lambda x, y: xp.std(x, axis=1, correction=1, keepdims=True) * y,
    "var": lambda x, y: xp.var(x * y),
    "cumulative": lambda x, y: xp.cumulative_sum(x, axis=1, include_initial=True)[:, 1:] * y,
    "diff": lambda x, y: xp.diff(x, prepend=y[:, :1]),
    "concat": lambda x, y: xp.concat([x, y], axis=None) ** 2,
    "vecdot": lambda x, y: xp.vecdot(x, y),
    "matmul": lambda x, y: xp.matmul(x, xp.matrix_transpose(y)),
    "tensordot": lambda x, y: xp.tensordot(x, y, axes=((1,), (1,))),
    "outer": lambda x, y: xp.linalg.outer(x[0, :], y[1, :]),
    "cross": lambda x, y: xp.linalg.cross(x, y),
    "hypot": lambda x, y: xp.hypot(x, y),
    "atan2": lambda x, y: xp.atan2(x, y),
    "logaddexp": lambda x, y: xp.logaddexp(x, y),
    "prod": lambda x, y: xp.prod(x, axis=1) + xp.max(y, axis=1),
    "repeat": lambda x, y: xp.repeat(x, 2, axis=0)[1:3, :] * y,
    "tile": lambda x, y: xp.tile(x * y, (2, 2)),
    "roll": lambda x, y: xp.roll(x, 1, axis=1) * xp.flip(y, axis=0),
    "meshgrid": lambda x, y: xp.meshgrid(x[0, :], y[:, 0])[0] * 2,
    "asarray": lambda x, y: xp.asarray(xp.asarray(x), copy=True) * y,
    "asarray-list": lambda x, y: xp.asarray([xp.sum(x), xp.sum(y)]),
    "linspace": lambda x, y: xp.linspace(xp.sum(x), 3.0, 4),
    "full": lambda x, y: xp.full_like(x, xp.sum(y)),
    "trace": lambda x, y: xp.linalg.trace(x * y),
    "solve": lambda x, y: xp.linalg.solve(x @ xp.matrix_transpose(y), y),
    "inv": lambda x, y: xp.linalg.inv(x @ xp.matrix_transpose(x)) @ y,
    "cholesky": lambda x, y: xp.linalg.cholesky(x @ xp.matrix_transpose(x) + xp.eye(2)),
    "eigh": lambda x, y: xp.linalg.eigh(x @ xp.matrix_transpose(x)).eigenvalues,
    "eigvalsh": lambda x, y: xp.linalg.eigvalsh(x @ xp.matrix_transpose(x)),
    "qr": lambda x, y: xp.linalg.qr(xp.matrix_transpose(x)).R,
    "svd": lambda x, y: xp.linalg.svd(x, full_matrices=False).S,
    "svdvals": lambda x, y: xp.linalg.svdvals(x * y),
    "det": lambda x, y: xp.linalg.det(x @ xp.matrix_transpose(y)),
    "slogdet": lambda x, y: xp.linalg.slogdet(x @ xp.matrix_transpose(y)).logabsdet,
    "vector_norm": lambda x, y: xp.linalg.vector_norm(x, axis=1) * xp.linalg.vector_norm(y, ord=3),
    "matrix_norm": lambda x, y: xp.linalg.matrix_norm(x) * xp.linalg.matrix_norm(y, ord=2),
    "pinv": lambda x, y: xp.linalg.pinv(x) @ y,
    "matrix_power": lambda x, y: xp.linalg.matrix_power(x @ xp.matrix_transpose(y), 3),
    "fft": lambda x, y: xp.abs(xp.fft.fft(x * y)),
    "irfftn": lambda x, y: xp.fft.irfftn(xp.fft.rfftn(x, axes=(0, 1)), s=(2, 3), axes=(0, 1)) * y,
    "fftshift": lambda x, y: xp.fft.fftshift(x, axes=1) * y,
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_functions_are_differentiable(name):
    function = GRADIENTS[name]
    x, y = (ag.Tensor(array.copy(), requires_grad=True) for array in (A, B))
    result = function(x, y)
    assert isinstance(result, ag.Tensor)
    assert result.requires_grad
    used = [t for t in ag.grad(result.sum(), [x, y], allow_unused=True) if t is not None]
    assert used
    assert gradcheck(lambda x, y: function(x, y) + 0 * (x.sum() + y.sum()), (x, y))


def test_memory_is_shared_where_the_standard_allows():
    array = np.arange(3.0)
    assert xp.asarray(array).data_ptr() == array.ctypes.data
    assert xp.asarray(array, copy=True).data_ptr() != array.ctypes.data
    x = xp.asarray(array)
    assert xp.asarray(x) is x
    assert xp.astype(x, xp.float64, copy=False) is x
    assert_close(xp.astype(x, xp.float64).data, array)
