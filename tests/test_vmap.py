"""`vmap`: what it takes and gives, random numbers, writing in place, functions within functions, errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import func, vmap
from autograd.batched import Batched

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 4))


def tensor(array: np.ndarray, requires_grad: bool = False) -> ag.Tensor:
    return ag.Tensor(array.copy(), requires_grad=requires_grad)


def close(have: Any, want: Any, tolerance: float = 1e-10) -> None:
    have, want = (t.detach().numpy() if hasattr(t, "detach") else np.asarray(t) for t in (have, want))
    assert have.shape == tuple(want.shape)
    np.testing.assert_allclose(have, want, rtol=tolerance, atol=tolerance)


def loop(function: Callable[..., Any], *tensors: Any) -> Any:
    """The function on one example after the other."""
    return ag.stack([function(*row) for row in zip(*tensors, strict=True)])


# ---------------------------------------------------------------------------------------------------------------------
# Arguments and results
# ---------------------------------------------------------------------------------------------------------------------
def test_axes_as_in_torch() -> None:
    torch = pytest.importorskip("torch")
    x, y = RNG.standard_normal((2, 3, 4)), RNG.standard_normal((4, 3, 5))
    pairs = [
        (in_dims, out_dims)
        for in_dims in ((1, 1), (-2, 1), (2, 0), (None, 0), (1, None), (2, -3))
        for out_dims in (0, 1, -1)
    ]
    for in_dims, out_dims in pairs:
        results = []
        for lib, make in ((ag, tensor), (torch, torch.tensor)):
            run = lib.vmap(lambda a, b: (a.sum(0) * 2).unsqueeze(0) + b.mean(), in_dims=in_dims, out_dims=out_dims)
            results.append(run(make(x), make(y)))
        close(results[0], results[1])


def test_structures() -> None:
    a, b = tensor(A), tensor(A[:, 0])
    run = vmap(lambda p, x: {"sum": p["a"] * x, "pair": (p["b"][0], [x])}, in_dims=({"a": 0, "b": [None]}, 0))
    found = run({"a": a, "b": [b]}, b)
    close(found["sum"], A * A[:, :1])
    assert found["pair"][0].shape == (3, 3)
    close(found["pair"][1][0], b)
    close(vmap(lambda p, x: p[0] * x, in_dims=((0, None), None))((a, b), 2.0), A * 2)
    close(vmap(lambda x, scale: x * scale)(a, scale=b), A * A[:, :1])
    found = vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(a)
    assert (found[0].shape, found[1].shape) == ((4, 3), (3,))
    close(vmap(lambda x: x.sum())(A), A.sum(1))
    close(vmap(lambda x: 1.0)(a), np.ones(3))
    same = tensor(A[0])
    assert vmap(lambda x: same, out_dims=None)(a) is same


def test_chunks() -> None:
    a = tensor(A)
    sizes: list[int] = []

    def function(x: Any, y: Any) -> Any:
        sizes.append(x.value.shape[0])
        return x * y, {"sum": x.sum()}

    for chunk_size, expected in ((None, [3]), (2, [2, 1]), (1, [1, 1, 1]), (5, [3])):
        sizes.clear()
        found = vmap(function, in_dims=(0, None), out_dims=(1, 0), chunk_size=chunk_size)(a, tensor(A[0]))
        assert sizes == expected
        close(found[0], (A * A[0]).T)
        close(found[1]["sum"], A.sum(1))


def test_gradients_pass() -> None:
    a, w = tensor(A, True), tensor(A[0], True)
    out = vmap(lambda x, w: (x * w).sin().sum(), in_dims=(0, None))(a, w)
    out.sum().backward()
    close(a.grad, np.cos(A * A[0]) * A[0])
    close(w.grad, (np.cos(A * A[0]) * A).sum(0))
    (first,) = ag.grad(vmap(lambda x: (x**3).sum())(a).sum(), a, create_graph=True)
    (second,) = ag.grad(first.sum(), a)
    close(second, 6 * A)


# ---------------------------------------------------------------------------------------------------------------------
# What a tensor can do
# ---------------------------------------------------------------------------------------------------------------------
ROWS: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y - 2 * x / (y.abs() + 1) + 2.0**x - -x + (x % 1.5) + x // 2,
    lambda x, y: (x > y) & (x != 0) | ~(y >= x),
    lambda x, y: 1.0 - x + np.float64(2) * y + np.ones(4) * x,
    lambda x, y: x @ y + x.outer(y).sum() + x.outer(y) @ x,
    lambda x, y: x[1:3] + y[[0, 2]] + x[-1] + y[None, 1:3][0] + x[..., ::2],
    lambda x, y: x.reshape(2, 2).T @ y.view(2, -1).mT + x.reshape(-1, 2),
    lambda x, y: ag.cat([x, y, ag.zeros(1, dtype=x.dtype)]),
    lambda x, y: ag.stack([*x, y.sum()]) + x.size(0) + len(y) + x.ndim + x.numel(),
    lambda x, y: ag.where(x > 0, x.abs().sqrt(), y),
    lambda x, y: x.to(ag.float32).double() + y.float().type_as(x) + x.type(ag.float64),
    lambda x, y: x.new_zeros(4) + x.new_ones(4) * y + ag.zeros_like(x) + ag.ones_like(y) + ag.full_like(x, 2),
    lambda x, y: np.exp(x) + np.maximum(x, y) + np.concatenate([x[:2], y[2:]]),
    lambda x, y: x.T + x.real + y.conj() + x.contiguous() + x.detach(),
    lambda x, y: x.max() + y.min() + x.norm() + x.std() + (x.argmax() + y.argsort()[0]),
    lambda x, y: ag.einsum("i,j->ij", x, y).trace() + ag.einsum("i,i", x, x),
    lambda x, y: x.softmax(0) + ag.log_softmax(y, -1) + nn.functional.layer_norm(x, (4,)),
    lambda x, y: x.sort(descending=True).values + x.topk(4).values + y.flip(0) + x.roll(1, 0),
    lambda x, y: ag.linalg.solve(x.outer(x) + ag.eye(4, dtype=x.dtype) * 5, y),
    lambda x, y: sum(x.split(2)) + sum(y.unbind()),
    lambda x, y: nn.functional.pad(x, (1, 2)).diff(),
    lambda x, y: x.masked_fill(y > 0, 0.5) + x.clamp(-1, 1) + x.clamp(min=y),
    lambda x, y: x.cumsum(0) + x.expand(2, 4)[1] + x.repeat(2)[:4] + y.unsqueeze(0).squeeze(),
]


@pytest.mark.parametrize("function", ROWS, ids=range(len(ROWS)))
def test_what_tensors_can_do(function: Callable[[Any, Any], Any]) -> None:
    a, b = tensor(A), tensor(A[::-1])
    close(vmap(function)(a, b), loop(function, a, b))
    close(vmap(function, in_dims=(0, None))(a, b[0]), ag.stack([function(x, b[0]) for x in a]))
    close(vmap(function, in_dims=(None, 0))(a[0], b), ag.stack([function(a[0], y) for y in b]))
    nested = vmap(vmap(function, in_dims=(None, 0)), in_dims=(0, None))(a, b)
    close(nested, ag.stack([ag.stack([function(x, y) for y in b]) for x in a]))


INDICES = [
    lambda i, j: i,
    lambda i, j: (slice(None), i),
    lambda i, j: (i, slice(1, 3)),
    lambda i, j: (i, j),
    lambda i, j: (i, slice(None), j),
    lambda i, j: (0, slice(None), j),
    lambda i, j: (slice(None), 1, j),
    lambda i, j: (slice(None), i, j),
    lambda i, j: (Ellipsis, j),
    lambda i, j: (None, i, None, j),
    lambda i, j: (i[0], Ellipsis),
    lambda i, j: (i[0], j[1], 0),
    lambda i, j: (slice(None), [0, 1], j),
    lambda i, j: (slice(None), j.reshape(2, 1), i),
    lambda i, j: (np.array([True, False, True]), slice(None), j),
    lambda i, j: (slice(None, None, -1), j % 2, slice(0, 2)),
]


@pytest.mark.parametrize("index", INDICES, ids=range(len(INDICES)))
def test_indices(index: Callable[[Any, Any], Any]) -> None:
    x = tensor(RNG.standard_normal((3, 3, 3, 3)), True)
    i, j = ag.tensor([[0, 2], [1, 1], [-1, 0]]), ag.tensor([[1, 0], [2, -3], [0, 0]])
    for dims in itertools.product((0, None), repeat=3):
        if dims == (None, None, None):
            continue
        given = [t if dim == 0 else t[0] for t, dim in zip((x, i, j), dims, strict=True)]
        found = vmap(lambda x, i, j: x[index(i, j)], in_dims=dims)(*given)
        rows = [[t if dim is None else t[k] for t, dim in zip(given, dims, strict=True)] for k in range(3)]
        want = ag.stack([row[0][index(row[1], row[2])] for row in rows])
        close(found, want)
        weights = RNG.standard_normal(want.shape)
        slopes = [ag.grad((out * weights).sum(), x, retain_graph=True, allow_unused=True)[0] for out in (found, want)]
        close(*slopes)


def test_writing_in_place() -> None:
    def function(x: Any, y: Any) -> Any:
        z = x.clone()
        z += y
        z.mul_(2).relu_()
        z[1:3] = y[:2]
        z[0] += 1
        z[-1] = 7.0
        z[ag.tensor([1, 1])] = x[3]
        w = x.new_zeros(4)
        w.copy_(y)
        w.fill_(x[0]).add_(z)
        same = z
        z *= 2
        return same + w.zero_() + ag.zeros_like(x).index_add_(0, ag.tensor([0, 1]), y[:2])

    a, b = tensor(A, True), tensor(A[::-1], True)
    found, want = vmap(function)(a, b), loop(function, a, b)
    close(found, want)
    for have, expected in zip(ag.grad((found**2).sum(), [a, b]), ag.grad((want**2).sum(), [a, b]), strict=True):
        close(have, expected)
    written = tensor(A)
    vmap(lambda x: x.add_(1))(written)  # as in PyTorch, what comes in is written to
    close(written, A + 1)


# ---------------------------------------------------------------------------------------------------------------------
# Random numbers
# ---------------------------------------------------------------------------------------------------------------------
DRAWS: list[Callable[[Any], Any]] = [
    lambda x: ag.rand(5) + x.sum(),
    lambda x: ag.randn(5),
    lambda x: ag.rand_like(x),
    lambda x: nn.functional.dropout(ag.ones(50), 0.5),
    lambda x: nn.functional.dropout(x.expand(20, 4), 0.5),
    lambda x: nn.functional.dropout1d(x.abs().expand(30, 4) + 1, 0.5),
    lambda x: ag.randperm(30),
    lambda x: ag.bernoulli(ag.full((40,), 0.5)),
    lambda x: x.new_zeros(30).uniform_(),
    lambda x: nn.functional.dropout(vmap(lambda y: y * 2, randomness="same")(x.expand(30, 4)), 0.5),
]


@pytest.mark.parametrize("function", DRAWS, ids=range(len(DRAWS)))
def test_randomness(function: Callable[[Any], Any]) -> None:
    a = tensor(np.ones((3, 4)))
    ag.manual_seed(0)
    different = vmap(function, randomness="different")(a)
    assert len({row.numpy().tobytes() for row in different}) == 3
    same = vmap(function, randomness="same")(a)
    assert len({row.numpy().tobytes() for row in same}) == 1
    assert not np.array_equal(same[0].numpy(), different[0].numpy())
    with pytest.raises(RuntimeError, match="random numbers are drawn inside"):
        vmap(function)(a)
    assert ag.rand(2).shape == (2,)


def test_randomness_of_nested_vmaps() -> None:
    a = ag.ones(2, 3)

    def nested(outer: str, inner: str) -> Any:
        return vmap(lambda x: vmap(lambda y: ag.rand(8) + y * 0, randomness=inner)(x), randomness=outer)(a)

    found = nested("different", "different").reshape(6, 8)
    assert len({row.numpy().tobytes() for row in found}) == 6
    found = nested("same", "different")
    close(found[0], found[1])
    assert not np.array_equal(found[0, 0].numpy(), found[0, 1].numpy())
    found = nested("different", "same")
    close(found[0, 0], found[0, 1])
    assert not np.array_equal(found[0, 0].numpy(), found[1, 0].numpy())
    for modes in (("error", "same"), ("same", "error")):
        with pytest.raises(RuntimeError, match="random numbers"):
            nested(*modes)


# ---------------------------------------------------------------------------------------------------------------------
# Functions, modules, gradients inside
# ---------------------------------------------------------------------------------------------------------------------
class Cube(ag.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return 3 * g * x * x


class OnArrays(ag.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.array = x.detach().numpy()
        return ag.Tensor(ctx.array**2)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return ag.Tensor(2 * ctx.array * g.detach().numpy())


def test_functions_with_a_backward_of_their_own() -> None:
    a = tensor(A, True)
    for one, slope in ((Cube, 3 * A**2), (OnArrays, 2 * A)):
        out = vmap(lambda x, one=one: one.apply(x).sum())(a)
        close(ag.grad(out.sum(), a)[0], slope)
        close(vmap(func.grad(lambda x, one=one: one.apply(x).sum()))(tensor(A)), slope)
        close(func.jacrev(lambda x, one=one: one.apply(x))(tensor(A[0])), np.diag(slope[0]))
    close(func.jvp(Cube.apply, (tensor(A),), (tensor(A),))[1], 3 * A**3)
    close(func.hessian(lambda x: Cube.apply(x).sum())(tensor(A[0])), np.diag(6 * A[0]))
    for forward_mode in (
        lambda: func.jvp(OnArrays.apply, (tensor(A),), (tensor(A),)),
        lambda: func.jacfwd(OnArrays.apply)(tensor(A[0])),
        lambda: func.hessian(lambda x: OnArrays.apply(x).sum())(tensor(A[0])),
    ):
        with pytest.raises(RuntimeError, match=r"OnArrays\.backward: can not be differentiated"):
            forward_mode()


def test_once_differentiable() -> None:
    from autograd.function import once_differentiable

    class Square(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return ag.Tensor(2 * x.detach().numpy() * g.numpy())

    a = tensor(A, True)
    close(ag.grad(Square.apply(a).sum(), a)[0], 2 * A)
    (g,) = ag.grad(Square.apply(a).sum(), a, create_graph=True)
    with pytest.raises(RuntimeError, match="can not be differentiated"):
        g.sum().backward()


def test_networks() -> None:
    ag.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.GroupNorm(2, 4), nn.Flatten(), nn.Linear(16, 3)
    )
    parameters = {name: p.detach() for name, p in net.named_parameters()}
    x, y = ag.randn(5, 1, 4, 4), ag.tensor([0, 1, 2, 0, 1])

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        out = func.functional_call(net, parameters, (x.unsqueeze(0),))
        return nn.functional.cross_entropy(out, y.unsqueeze(0))

    found = vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    for i in range(5):
        one = func.grad(loss)(parameters, x[i], y[i])
        for name, gradient in one.items():
            close(found[name][i], gradient, 1e-4)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0)
    sequences = ag.randn(3, 2, 5, 8)
    close(vmap(layer)(sequences), loop(layer, sequences), 1e-5)
    lstm = nn.LSTM(3, 4, batch_first=True)
    sequences = ag.randn(3, 2, 5, 3)
    close(vmap(lambda x: lstm(x)[0])(sequences), loop(lambda x: lstm(x)[0], sequences), 1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda a: vmap(lambda x: x if x.sum() > 0 else -x)(a), RuntimeError, r"a condition .* needs the values"),
        (lambda a: vmap(lambda x: x.sum().item())(a), RuntimeError, r"item\(\) needs the values"),
        (lambda a: vmap(lambda x: x.numpy())(a), RuntimeError, r"numpy\(\)"),
        (lambda a: vmap(lambda x: np.asarray(x))(a), RuntimeError, "a NumPy array"),
        (lambda a: vmap(lambda x: x.data)(a), RuntimeError, r"\.data"),
        (lambda a: vmap(lambda x: float(x.sum()))(a), RuntimeError, r"float\(\)"),
        (lambda a: vmap(lambda x: list(range(x.sum().long())))(a), RuntimeError, "a position, a length"),
        (lambda a: vmap(lambda x: x[x > 0])(a), RuntimeError, "different shapes for different examples"),
        (lambda a: vmap(lambda x: x.sum().backward())(a), RuntimeError, r"func\.grad"),
        (lambda a: vmap(lambda x: ag.zeros(4).copy_(x))(a), RuntimeError, "the same for all examples"),
        (lambda a: vmap(lambda x: a[0].clone().add_(x))(a), RuntimeError, "the same for all examples"),
        (lambda a: vmap(lambda x: x + a.reshape(-1))(a), ValueError, "do not broadcast"),
        (lambda a: vmap(lambda x: x.foo)(a), AttributeError, "foo"),
        (lambda a: vmap(lambda x: "text")(a), TypeError, "returned str"),
        (lambda a: vmap(lambda x: None)(a), TypeError, "returned NoneType"),
        (lambda a: vmap(lambda x: x, in_dims=None)(a), ValueError, "no argument that has them"),
        (lambda a: vmap(lambda x: x, in_dims=(0, 0))(a), ValueError, "2 entries for 1 arguments"),
        (lambda a: vmap(lambda x: x, in_dims=2)(a), IndexError, "axis 2 of an argument of shape"),
        (lambda a: vmap(lambda x: x, in_dims="a")(a), TypeError, "ints or None"),
        (lambda a: vmap(lambda x, y: x)(a, 3.0), TypeError, "no tensor but float"),
        (lambda a: vmap(lambda x, y: x)(a, a.T), ValueError, "must be the same in all arguments"),
        (lambda a: vmap(lambda x: x, out_dims=2)(a), IndexError, "axis 2 of a result"),
        (lambda a: vmap(lambda x: x, out_dims=None)(a), ValueError, "out_dims is None for a result that differs"),
        (lambda a: vmap(lambda x: (x, x), out_dims=(0, 0, 0))(a), ValueError, "out_dims"),
        (lambda a: vmap(lambda x: x, randomness="some")(a), ValueError, "'error', 'different' or 'same'"),
        (lambda a: vmap(lambda x: x, chunk_size=0)(a), ValueError, "chunk_size"),
    ],
)
def test_wrong_use_is_named(wrong: Callable[[Any], Any], kind: type[Exception], words: str) -> None:
    a = tensor(A)
    with pytest.raises(kind, match=words):
        wrong(a)
    close(vmap(lambda x: x * 2)(a), A * 2)
    close(ag.rand(2) * 0, np.zeros(2))


def test_what_escapes_is_refused() -> None:
    kept: list[Any] = []
    vmap(lambda x: kept.append(x) or x)(tensor(A))
    with pytest.raises(RuntimeError, match="after its end"):
        kept[0] + 1
    assert isinstance(kept[0], Batched)
    assert "one of 3 examples: float64, shape (4,)" in repr(kept[0])


def test_empty_batches_of_what_has_rules() -> None:
    assert vmap(lambda x: (x * 2).sum())(ag.zeros(0, 4)).shape == (0,)
    with pytest.raises(RuntimeError, match="the batch is empty"):
        vmap(lambda x: ag.nonzero(x))(ag.zeros(0, 4))


def test_a_backward_that_takes_arrays_serves_for_the_first_derivative() -> None:
    class Plain(ag.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return ag.Tensor(g.numpy() * 2)

    class Same(Plain):
        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    a = tensor(A, True)
    (g,) = ag.grad(Plain.apply(a).sum(), a, create_graph=True)
    close(g, np.full((3, 4), 2.0))
    with pytest.raises(RuntimeError, match="can not be differentiated"):
        ag.grad(g.sum(), a)
    (g,) = ag.grad(Same.apply(a).sum(), a, create_graph=True)
    assert not g.requires_grad


def test_batch_norm() -> None:
    net, x = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), ag.randn(5, 6, 4)
    with pytest.raises(RuntimeError, match="would move running statistics"):
        vmap(net)(x)
    net.eval()
    close(vmap(net)(x), loop(net, x), 1e-5)
    net.train()
    assert func.replace_all_batch_norm_modules_(net) is net
    close(vmap(net)(x), loop(net, x), 1e-5)


def test_they_are_tensors_to_those_who_ask() -> None:
    assert vmap(lambda x: x * (2 if ag.is_tensor(x) else 0))(ag.ones(3)).tolist() == [2.0, 2.0, 2.0]
    y = tensor(A, True)
    z = y**3
    found = vmap(lambda v: ag.grad(z, y, v, retain_graph=True)[0])(ag.ones(2, 3, 4, dtype=ag.float64))
    close(found[1], 3 * A**2)


@ag.composite
def added_twice(total: Any, x: Any) -> Any:
    """total: (*), x: (*) -> (*)"""
    total += x
    return total if float(x.sum()) > 0 else -total


def test_what_wrote_into_its_argument_does_not_run_again() -> None:
    """On one example after the other it would write a second time, and no error would say so."""
    with pytest.raises(RuntimeError, match=r"added_twice wrote into an argument of shape \(3,\)"):
        ag.vmap(lambda x: added_twice(ag.zeros_like(x), x))(ag.ones(2, 3))


def test_an_empty_batch_that_needs_single_examples() -> None:
    with pytest.raises(RuntimeError, match="batch is empty"):
        ag.vmap(lambda x: x.reshape(7))(ag.zeros(0, 3))
    with pytest.raises((ValueError, IndexError), match="dim 5 is out of range"):
        ag.vmap(lambda x: x.softmax(5))(ag.zeros(0, 3))


def test_a_composite_with_the_name_of_another_function() -> None:
    @ag.composite
    def zeros_like(x: Any) -> Any:
        """x: (*) -> (*)"""
        return x * 0 if float(x.sum()) > 5 else x * 0 + 1

    x = ag.tensor([[0.0, 1.0], [3.0, 4.0]])
    np.testing.assert_array_equal(ag.vmap(zeros_like)(x).data, [[1, 1], [0, 0]])


def test_chunks_are_whole() -> None:
    with pytest.raises(ValueError, match="chunk_size is an int"):
        ag.vmap(ag.sin, chunk_size=1.5)
