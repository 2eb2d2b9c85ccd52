"""Unmodified NumPy code on tensors: the values of NumPy on arrays, and gradients checked by differences."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.numpy_adapters import adapters
from autograd.op import ufuncs
from autograd.testing import assert_close, gradgradcheck
from tests.numpy_cases import CASES, A, B, U, V, W


def parts(result: Any) -> list[Any]:
    if isinstance(result, (list, tuple)):
        return [part for member in result for part in parts(member)]
    return [result]


def values(result: Any) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(part, complex)) for part in parts(result)])


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients(case):
    function, *arrays = CASES[case]
    tensors = [ag.Tensor(array.copy(), requires_grad=True) for array in arrays]
    with np.errstate(all="ignore"):
        want = parts(function(*[array.copy() for array in arrays]))
    have = parts(function(*tensors))
    assert len(have) == len(want)
    for h, w in zip(have, want, strict=True):
        assert isinstance(h, ag.Tensor)
        assert h.shape == np.shape(w)
        assert h.dtype == np.asarray(w).dtype
        np.testing.assert_allclose(h.data, w, rtol=1e-11, atol=1e-12)

    rng = np.random.default_rng(1)
    total: Any = 0.0
    weights = [rng.standard_normal(h.shape) + 1j * rng.standard_normal(h.shape) for h in have]
    for h, weight in zip(have, weights, strict=True):
        h = ag.where(np.isnan(h.data), 0.0, h)  # and no NaN comes back
        total = ag.real(h * weight).sum() + total if h.is_complex() else (h * weight.real).sum() + total
    weights = [w if h.is_complex() else w.real for h, w in zip(have, weights, strict=True)]
    factors = np.concatenate([np.ravel(w) for w in weights])
    if total.requires_grad:
        total.backward()
    for i, tensor in enumerate(tensors):
        gradient = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.data
        direction = rng.standard_normal(tensor.shape)
        if tensor.is_complex():
            direction = direction + 1j * rng.standard_normal(tensor.shape)
        step = 1e-6
        with np.errstate(all="ignore"):
            ends = [
                values(function(*[a + sign * step * direction if k == i else a for k, a in enumerate(arrays)]))
                for sign in (1, -1)
            ]
        slope = np.nansum(((ends[0] - ends[1]) * factors).real) / (2 * step)
        along = np.sum((gradient * np.conj(direction)).real[~np.isnan(arrays[i])])
        np.testing.assert_allclose(along, slope, rtol=1e-6, atol=1e-7)


HALF = {"f": np.float32, "c": np.complex64}


@pytest.mark.parametrize("case", CASES)
def test_single_precision_has_the_dtypes_of_numpy(case):
    function, *arrays = CASES[case]
    arrays = [array.astype(HALF[array.dtype.kind]) for array in arrays]
    with np.errstate(all="ignore"):
        want = parts(function(*[array.copy() for array in arrays]))
    have = parts(function(*[ag.Tensor(array.copy()) for array in arrays]))
    assert [h.dtype for h in have] == [np.asarray(w).dtype for w in want]
    for h, w in zip(have, want, strict=True):
        np.testing.assert_allclose(h.data, w, rtol=1e-3, atol=1e-3)


def test_of_nothing_comes_what_comes_of_it_in_numpy():
    nothing = np.zeros((2, 0, 3))
    for function in (np.sum, np.prod, np.cumsum, np.sort, np.concatenate, np.median, np.linalg.norm, np.ravel, np.flip):
        for options in ({}, {"axis": 1}):
            if options and function in (np.ravel, np.median, np.concatenate):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                want = function(nothing, **options)
                have = function(ag.Tensor(nothing, requires_grad=True), **options)
            assert have.shape == np.shape(want)
            assert_close(have.data, want)
    for function in (np.max, np.argmax):
        with pytest.raises(ValueError, match=r"empty|zero-size"):
            function(ag.Tensor(nothing, requires_grad=True))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_stays_where_it_is(value):
    row = np.array([1.0, 2.0, value, 3.0, 4.0])
    for mode in ("full", "same", "valid"):
        for other in (U, np.ones(200)):
            for function in (np.convolve, np.correlate):
                assert_close(function(ag.Tensor(row), other, mode).data, function(row, other, mode))
    assert_close(np.sort(ag.Tensor(row)).data, np.sort(row))
    assert_close(np.max(ag.Tensor(row)).data, np.max(row))
    assert_close(np.median(ag.Tensor(row)).data, np.median(row))
    long, short = np.random.default_rng(0).standard_normal((2, 200))
    for mode in ("full", "same", "valid"):
        assert_close(np.convolve(ag.Tensor(long), short[:150], mode).data, np.convolve(long, short[:150], mode))
        assert_close(np.correlate(ag.Tensor(long), short * 1j, mode).data, np.correlate(long, short * 1j, mode))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("function", [np.convolve, np.correlate])
def test_long_rows_take_the_kernel_of_conv1d_to_the_same_result(function, mode):
    rng = np.random.default_rng(0)
    for lengths in ((1500, 1499), (1499, 1500), (30_000, 80)):
        a, v = (rng.standard_normal(n) for n in lengths)
        x, y = ag.Tensor(a, requires_grad=True), ag.Tensor(v, requires_grad=True)
        out = function(x, y, mode)
        assert_close(out.data, function(a, v, mode))
        weights = rng.standard_normal(out.shape)
        (out * weights).sum().backward()
        along = rng.standard_normal(a.shape), rng.standard_normal(v.shape)
        assert x.grad is not None
        assert y.grad is not None
        np.testing.assert_allclose(np.vdot(x.grad.data, along[0]), np.vdot(weights, function(along[0], v, mode)))
        np.testing.assert_allclose(np.vdot(y.grad.data, along[1]), np.vdot(weights, function(a, along[1], mode)))
        a[7] = np.inf
        assert_close(function(ag.Tensor(a), y.detach(), mode).data, function(a, v, mode))


def test_the_dtype_of_a_result_that_no_gradient_passes():
    x = ag.Tensor(V, requires_grad=True)
    assert np.less(x, 0.5, dtype=bool).tolist() == np.less(V, 0.5, dtype=bool).tolist()
    assert np.add(x, 1, dtype=np.float32, casting="same_kind").dtype == np.float32


def test_more_than_sixty_functions_are_checked():
    assert len({case.partition("-")[0] for case in CASES}) > 150


# ---------------------------------------------------------------------------------------------------------------------
# NumPy's own names and defaults
# ---------------------------------------------------------------------------------------------------------------------
def test_adapters_have_the_parameters_of_numpy():
    wrong = []
    for function, adapter in adapters.items():
        if not isinstance(function, np.ufunc):
            want = list(inspect.signature(function).parameters)
            have = list(inspect.signature(adapter).parameters)
            # Newer releases of NumPy may have grown a parameter, or older ones not had it yet.
            if [name for name in want if name in have] != [name for name in have if name in want] or have[:1] != want[
                :1
            ]:
                wrong.append((function.__name__, want, have))
    assert not wrong
    assert len(adapters) > 170


def test_no_function_is_left_to_the_parameters_of_pytorch():
    from autograd.numpy_protocol import _NO_GRADIENT

    left = {f for f in ufuncs if not isinstance(f, np.ufunc)} - set(adapters) - _NO_GRADIENT
    left = {f for f in left if list(inspect.signature(f).parameters) != ufuncs[f].op.parameters}
    assert not {f.__name__ for f in left}


def test_dtypes_are_those_of_numpy():
    for array in (np.arange(6, dtype=np.int32), np.arange(6, dtype=np.uint8), np.arange(6) > 2):
        for function in (np.sum, np.mean, np.exp, np.cumsum, np.prod, np.sort, np.square, np.diff, np.var):
            if array.dtype == bool and function in (np.diff, np.square):
                continue
            have, want = function(ag.Tensor(array)), function(array)
            assert isinstance(have, ag.Tensor)
            assert have.dtype == want.dtype, function
            assert_close(have.data, want)
    x = np.arange(6, dtype=np.float32)
    for function in (np.sum, np.mean, np.exp, np.cumsum, np.prod, np.median, np.var, np.percentile):
        args = (30,) if function is np.percentile else ()
        assert function(ag.Tensor(x), *args).dtype == function(x, *args).dtype
    assert np.sum(ag.Tensor(x), dtype=np.float64).dtype == np.float64
    assert np.concatenate([ag.Tensor(x), [1.5]]).dtype == np.float64
    assert np.concatenate([ag.Tensor(x), [1.5]], dtype=np.float32).dtype == np.float32


WRONG = {
    "a negative order": (lambda x: np.diff(x, -1), ValueError),
    "no exponent": (lambda x: np.linalg.matrix_power(x, 1.5), TypeError),
    "no vector": (np.vander, ValueError),
    "broken counts": (lambda x: np.cov(x, fweights=[1, 2.5, 0]), TypeError),
    "negative counts": (lambda x: np.cov(x, fweights=[1, -2, 0]), ValueError),
    "a matrix of weights": (lambda x: np.cov(x, aweights=x), (ValueError, RuntimeError)),
    "a broken correction": (lambda x: np.cov(x, ddof=1.5), ValueError),
    "a scalar to correlate with": (lambda x: np.correlate(x[0], 2.0), ValueError),
    "a complex value among real ones": (lambda x: np.insert(x[0], 0, 1j), TypeError),
    "parts that are not equal": (lambda x: np.split(x, 2), ValueError),
    "rows that are not equal": (lambda x: np.vsplit(x, 2), ValueError),
    "no rows": (lambda x: np.vsplit(x[0], 3), ValueError),
    "no third axis": (lambda x: np.dsplit(x, 3), ValueError),
    "places for an axis too many": (lambda x: np.rollaxis(x, 0, 4), IndexError),
    "vectors that do not fit": (lambda x: np.linalg.solve(np.stack([x, x]), x[:2]), ValueError),
    "no axis for a norm": (lambda x: np.linalg.norm(x, axis=()), ValueError),
    "vectors of one element beside three": (lambda x: np.linalg.vecdot(x, x[:, :1]), ValueError),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_numpy_refuses_is_refused(case):
    function, kind = WRONG[case]
    with pytest.raises(kind):
        function(A)
    with pytest.raises(kind):
        function(ag.Tensor(A, requires_grad=True))


def test_covariance_in_single_precision_on_request():
    x = A.astype(np.float32)
    for function in (np.cov, np.corrcoef):
        for options in ({}, {"dtype": np.float32}, {"rowvar": False}):
            for rows in (x, x[0]):
                have, want = function(ag.Tensor(rows), **options), function(rows, **options)
                assert have.dtype == want.dtype
                np.testing.assert_allclose(have.data, want, rtol=1e-4, atol=1e-6)


def test_windows_are_a_view():
    x = ag.Tensor(V.copy())
    windows = np.lib.stride_tricks.sliding_window_view(x, 3)
    assert np.shares_memory(windows.data, x.data)


def test_what_no_gradient_passes_runs_on_the_values():
    x = ag.Tensor(V.copy(), requires_grad=True)
    assert np.argmax(x).item() == 3
    assert np.argsort(x).tolist() == np.argsort(V).tolist()
    assert np.allclose(x, V) is True
    assert np.array_equal(x, x) is True
    assert np.count_nonzero(x > 0) == 3
    assert np.nonzero(x > 0)[0].tolist() == [0, 2, 3]
    assert np.searchsorted(np.sort(x), 0.5).item() == 3
    assert np.isnan(x).any().item() is False
    assert np.shape(x) == (5,)
    assert np.result_type(x, np.float32) == np.float64
    assert np.array_repr(x.detach()).startswith("array")
    assert not np.zeros_like(x).requires_grad
    assert isinstance(np.ones_like(x), ag.Tensor)


def test_what_has_no_gradient_is_refused_only_where_one_is_required():
    x = ag.Tensor(V.copy(), requires_grad=True)
    for call in (
        lambda t: np.histogram(t),
        lambda t: np.pad(t, 1, mode="mean"),
        lambda t: np.add(t, t, signature="dd->d"),
    ):
        with pytest.raises(TypeError, match=r"has no gradient here, and a tensor of shape \(5,\) requires one.*detach"):
            call(x)
        want = call(V)
        for h, w in zip(parts(call(x.detach())), parts(want), strict=True):
            assert isinstance(h, ag.Tensor)
            assert_close(h.data, w)
        with ag.no_grad():
            call(x)


def test_other_libraries_are_asked_too():
    class Other:
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return "theirs"

        def __array_function__(self, function, types, args, kwargs):
            return "theirs"

    x = ag.Tensor(V)
    assert np.add(x, Other()) == "theirs"
    assert np.concatenate([x, Other()]) == "theirs"


# ---------------------------------------------------------------------------------------------------------------------
# Written results
# ---------------------------------------------------------------------------------------------------------------------
def test_out_as_a_tensor_takes_its_place_in_the_graph():
    x = ag.Tensor(V.copy(), requires_grad=True)
    out = ag.Tensor(np.zeros(5))
    assert np.multiply(x, 3.0, out=out) is out
    out.sum().backward()
    assert_close(x.grad, np.full(5, 3.0))

    total = ag.Tensor(np.zeros(()))
    assert np.sum(x, out=total) is total
    assert total.requires_grad
    y = x * 2
    np.multiply(y, y, out=y)  # the old values are needed by the gradient
    assert_close(ag.grad(y.sum(), [x])[0], 8 * V)
    whole, rest = ag.Tensor(np.zeros(5)), ag.Tensor(np.zeros(5))
    np.divmod(x, 0.65, out=(whole, rest))
    assert_close(whole.data * 0.65 + rest.data, V)


def test_out_as_a_tensor_is_checked():
    x = ag.Tensor(V.copy(), requires_grad=True)
    with pytest.raises(RuntimeError, match=r"np\.add: .*a leaf"):
        np.add(x, 1, out=x)
    with pytest.raises(TypeError, match=r"np\.add"):
        np.add(x, 1, out=ag.Tensor(np.zeros(5, int)))
    with pytest.raises(TypeError, match="out takes a tensor or an array, not list"):
        np.sum(x, out=[0.0])
    with ag.no_grad():
        np.add(x, 1, out=x)
    assert_close(x.data, V + 1)


def test_an_array_that_a_tensor_is_added_to():
    array = V.copy()
    before = array
    array += ag.Tensor(W)
    assert array is before
    assert_close(array, V + W)
    with pytest.raises(TypeError, match=r"np\.add: the result requires a gradient.*a = a \+ t instead of a \+= t"):
        array += ag.Tensor(W, requires_grad=True)
    assert_close(array, V + W)
    array = array + ag.Tensor(W, requires_grad=True)
    assert array.requires_grad
    with ag.no_grad():
        plain = V.copy()
        plain *= ag.Tensor(W, requires_grad=True)
    assert_close(plain, V * W)


def test_a_write_by_numpy_is_noticed():
    x = ag.Tensor(V.copy(), requires_grad=True)
    factor = ag.Tensor(W.copy())
    y = x * factor
    np.add(factor, 1.0, out=factor)
    with pytest.raises(RuntimeError, match="in place"):
        y.sum().backward()


def test_where_leaves_elements_out():
    x = ag.Tensor(V.copy(), requires_grad=True)
    y = np.log(x, where=V > 0)
    assert_close(y.data, np.where(V > 0, np.log(np.abs(V)), 0.0))
    start = ag.Tensor(W.copy(), requires_grad=True)
    out = start * 1
    np.sqrt(x, out=out, where=V > 0)
    assert_close(out.data, np.where(V > 0, np.sqrt(np.abs(V)), W))
    out.sum().backward()
    assert_close(x.grad, np.where(V > 0, 0.5 / np.sqrt(np.abs(V)), 0.0))
    assert_close(start.grad, (V <= 0).astype(float))


WRITERS = {
    "copyto": lambda a, v: np.copyto(a, v[:3]),
    "copyto-where": lambda a, v: np.copyto(a, v[:3], where=A > 0),
    "copyto-number": lambda a, v: np.copyto(a, 0.5),
    "putmask": lambda a, v: np.putmask(a, A > 0, v),
    "place": lambda a, v: np.place(a, A > 0, v[:2]),
    "put": lambda a, v: np.put(a, [0, 4, -1, 4], v),
    "put_along_axis": lambda a, v: np.put_along_axis(a, np.array([[1], [0], [2]]), v[0], 1),
    "fill_diagonal": lambda a, v: np.fill_diagonal(a, v[:3]),
    "add.at": lambda a, v: np.add.at(a, ([0, 2, 0, 1, 0], [1, 1, 1, 0, 2]), v),
    "subtract.at": lambda a, v: np.subtract.at(a, [0, 0, 2], v[1]),
}


@pytest.mark.parametrize("name", WRITERS)
def test_functions_that_write_to_their_argument(name):
    write = WRITERS[name]
    want = A.copy()
    write(want, V)
    a, v = ag.Tensor(A.copy(), requires_grad=True), ag.Tensor(V.copy(), requires_grad=True)
    weights = np.random.default_rng(0).standard_normal((3, 3))

    target = a * 1
    assert write(target, v) is None
    assert_close(target.data, want)
    if target.requires_grad:
        (target * weights).sum().backward()
    for tensor, of in ((a, lambda x: (x, V)), (v, lambda x: (A, x))):
        source = tensor.data
        numeric = np.zeros(source.shape)
        for place in np.ndindex(source.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = source.copy()
                moved[place] += step
                array, vector = of(moved)
                array = array.copy()
                write(array, vector)
                ends.append((array * weights).sum())
            numeric[place] = (ends[0] - ends[1]) / 2e-6
        grad = np.zeros(source.shape) if tensor.grad is None else tensor.grad.data
        np.testing.assert_allclose(grad, numeric, atol=1e-7)

    plain = ag.Tensor(A.copy())
    write(plain, v.detach())
    assert_close(plain.data, want)
    with pytest.raises(RuntimeError, match=r"np\..*leaf"):
        write(a, v)
    if name != "copyto-number":
        with pytest.raises((TypeError, RuntimeError), match=r"has no gradient here|requires a gradient"):
            write(A.copy(), v)


def test_a_program_of_numpy_is_differentiable():
    def program(m, np=np):
        """Power iteration, as written for arrays."""
        v = np.ones(m.shape[0]) / np.sqrt(m.shape[0])
        for _ in range(60):
            w = np.dot(m, v)
            v = w / np.sqrt(np.sum(np.square(w)))
        return np.dot(v, np.dot(m, v))

    m = ag.Tensor(B, requires_grad=True)
    largest = program(m)
    values_, vectors = np.linalg.eigh(B)
    assert_close(largest.data, values_[-1])
    largest.backward()
    symmetric = (m.grad.data + m.grad.data.T) / 2
    np.testing.assert_allclose(symmetric, np.outer(vectors[:, -1], vectors[:, -1]), atol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.var(x, axis=0, ddof=1),
        lambda x: np.cov(x),
        lambda x: np.convolve(x[0], x[1]),
        lambda x: np.gradient(np.sin(x), axis=1),
        lambda x: np.linalg.solve(x, np.exp(x)),
        lambda x: np.interp(x[0], [-2.0, 0.0, 3.0], x[1] ** 2),
        lambda x: np.kron(x, x[:1]),
        lambda x: np.insert(x**2, 1, x[0] ** 3, axis=0),
        lambda x: np.logaddexp.reduce(x, axis=1),
        lambda x: np.percentile(x**2, 30, axis=1),
        lambda x: np.log(np.abs(x), where=np.greater(x, 0), out=x * x),
    ],
)
def test_second_derivatives(function):
    assert gradgradcheck(function, (ag.Tensor(A.copy(), requires_grad=True),))


def test_like_makes_tensors():
    x = ag.Tensor(V.copy(), requires_grad=True)
    assert isinstance(np.ones(3, like=x), ag.Tensor)
    assert np.asarray(x, like=x) is x
    assert np.array(x, like=x, ndmin=2).shape == (1, 5)
    assert isinstance(np.asarray([1.0, 2.0], like=x), ag.Tensor)


@pytest.mark.parametrize("name", ["var", "std", "nanvar", "nanstd"])
def test_two_names_of_one_thing_are_refused_by_the_function_that_was_called(name: str) -> None:
    with pytest.raises(ValueError, match=rf"np\.{name}: ddof and correction"):
        getattr(np, name)(ag.ones(3), ddof=1, correction=1)
