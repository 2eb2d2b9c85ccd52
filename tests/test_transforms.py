"""Functions of functions: against PyTorch's torch.func and torch.autograd.functional, differences, and each other."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import func, functional
from autograd.batching import vmap
from autograd.trees import flatten

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((3, 4)), RNG.standard_normal((4,))


def ours(*arrays: np.ndarray) -> list[Any]:
    return [ag.Tensor(array.copy()) for array in arrays]


def close(have: Any, want: Any, tolerance: float = 1e-10) -> None:
    """Nested structures of tensors of either kind."""
    if isinstance(want, (tuple, list)):
        assert isinstance(have, (tuple, list))
        assert len(have) == len(want)
        for h, w in zip(have, want, strict=True):
            close(h, w, tolerance)
    elif isinstance(want, dict):
        assert have.keys() == want.keys()
        for key in want:
            close(have[key], want[key], tolerance)
    else:
        h, w = have.detach().numpy(), want.detach().numpy()
        assert h.shape == tuple(w.shape)
        assert h.dtype == w.dtype
        np.testing.assert_allclose(h, w, rtol=tolerance, atol=tolerance)


def both(test: Callable[..., Any], *arrays: np.ndarray) -> None:
    """The same code with our functions and with PyTorch's, on the same arrays."""
    torch = pytest.importorskip("torch")
    have = test(ag, func, functional, *ours(*arrays))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch warns of its own use of its own functions
        want = test(torch, torch.func, torch.autograd.functional, *[torch.tensor(array) for array in arrays])
    close(have, want)


def f(a: Any, b: Any) -> Any:
    return ((a @ b).sin() * (a * b).exp().sum(1)).sum() + (b**3).sum()


def g(a: Any, b: Any) -> Any:
    return (a * b).tanh().sum(1), {"products": a @ (b * b), "total": (a.sum() * b).exp() * 0.1}


CASES: list[Callable[..., Any]] = [
    lambda t, u, _, a, b: u.grad(f)(a, b),
    lambda t, u, _, a, b: u.grad(f, argnums=1)(a, b),
    lambda t, u, _, a, b: u.grad(f, argnums=(1, 0))(a, b),
    lambda t, u, _, a, b: u.grad(f, argnums=-1)(a, b),
    lambda t, u, _, a, b: u.grad(lambda p: f(p["a"], p["b"][0]))({"a": a, "b": [b]}),
    lambda t, u, _, a, b: u.grad(lambda p: f(*p))((a, b)),
    lambda t, u, _, a, b: u.grad(lambda a, scale: f(a, b) * scale)(a, scale=2.0),
    lambda t, u, _, a, b: u.grad_and_value(f, argnums=(0, 1))(a, b),
    lambda t, u, _, a, b: u.grad_and_value(lambda a: (f(a, b), {"aux": a * 2}), has_aux=True)(a),
    lambda t, u, _, a, b: u.grad(lambda a: (f(a, b), (a * 2, b)), has_aux=True)(a),
    lambda t, u, _, a, b: u.grad(lambda b: b.sum() * 0 + (a * a).sum())(b),
    lambda t, u, _, a, b: u.grad(lambda b: (a * a).sum())(b),
    lambda t, u, _, a, b: u.grad(lambda b: u.grad(f, argnums=1)(a, b).sum())(b),
    lambda t, u, _, a, b: u.grad(lambda b: u.grad(lambda a: u.grad(f, argnums=1)(a, b).sum())(a).sum())(b),
    lambda t, u, _, a, b: u.grad(lambda x: x * u.grad(lambda y: x * y * y)(x))(b[0]),
    lambda t, u, _, a, b: u.vjp(g, a, b)[0],
    lambda t, u, _, a, b: u.vjp(g, a, b)[1]((a[:, 0], {"products": a[:, 1], "total": b})),
    lambda t, u, _, a, b: u.vjp(lambda a: a.sin().sum(), a)[1](b[0]),
    lambda t, u, _, a, b: u.vjp(lambda a: (a.sin().sum(), a), a, has_aux=True)[2],
    lambda t, u, _, a, b: u.vmap(u.vjp(lambda b: (a @ b).sin(), b)[1])(t.eye(3, dtype=t.float64)),
    lambda t, u, _, a, b: u.vmap(lambda v: u.vjp(lambda b: (a @ b).sin(), b)[1](v))(t.eye(3, dtype=t.float64)),
    lambda t, u, _, a, b: u.jvp(g, (a, b), (a * 2, b.sin())),
    lambda t, u, _, a, b: u.jvp(lambda a: (f(a, b), a), (a,), (a,), has_aux=True),
    lambda t, u, _, a, b: u.jvp(lambda x: u.jvp(lambda y: f(a, y) * x.sum(), (x,), (b,))[1], (b,), (b,)),
    lambda t, u, _, a, b: u.jvp(u.grad(lambda b: f(a, b)), (b,), (b.cos(),)),
    lambda t, u, _, a, b: u.grad(lambda b: u.jvp(lambda b: f(a, b), (b,), (b.cos(),))[1])(b),
    lambda t, u, _, a, b: u.vmap(lambda v: u.jvp(lambda b: (a @ b).sin(), (b,), (v,))[1])(a),
    lambda t, u, _, a, b: u.linearize(g, a, b)[1](a, b * 2),
    lambda t, u, _, a, b: u.vmap(u.linearize(lambda b: (a @ b).sin(), b)[1])(a),
    lambda t, u, _, a, b: u.jacrev(lambda a: g(a, b))(a),
    lambda t, u, _, a, b: u.jacrev(g, argnums=(0, 1))(a, b),
    lambda t, u, _, a, b: u.jacrev(lambda p: g(p[0], p[1]["b"]))((a, {"b": b})),
    lambda t, u, _, a, b: u.jacrev(lambda b: (a @ b, b * 2), has_aux=True)(b),
    lambda t, u, _, a, b: u.jacrev(g, argnums=1, chunk_size=2)(a, b),
    lambda t, u, _, a, b: u.jacfwd(g, argnums=(0, 1))(a, b),
    lambda t, u, _, a, b: u.jacfwd(lambda b: (a @ b, b * 2), has_aux=True)(b),
    lambda t, u, _, a, b: u.hessian(f, argnums=1)(a, b),
    lambda t, u, _, a, b: u.hessian(f, argnums=(0, 1))(a, b),
    lambda t, u, _, a, b: u.jacrev(u.jacrev(f, argnums=1), argnums=1)(a, b),
    lambda t, u, _, a, b: u.jacfwd(u.jacfwd(f, argnums=1), argnums=0)(a, b),
    lambda t, u, _, a, b: u.jacrev(u.jacfwd(lambda b: (a @ b).sin()))(b),
    lambda t, u, _, a, b: u.jacrev(u.hessian(lambda b: (b**4).sum() + f(a, b)))(b),
    lambda t, u, _, a, b: u.vmap(u.grad(f, argnums=1), in_dims=(None, 0))(a, t.stack([b, b * 2, b.sin()])),
    lambda t, u, _, a, b: u.vmap(u.grad(f), in_dims=(None, 0))(a, t.stack([b, b * 2])),
    lambda t, u, _, a, b: u.vmap(u.hessian(lambda b: f(a, b)))(t.stack([b, b * 2])),
    lambda t, u, _, a, b: u.vmap(u.jacrev(lambda b: (a @ b).sin()))(t.stack([b, b * 2])),
    lambda t, u, _, a, b: u.vmap(u.jacfwd(lambda b: (a @ b).sin()))(t.stack([b, b * 2])),
    lambda t, u, _, a, b: u.grad(lambda b: u.vmap(u.grad(lambda r: (r * b).exp().sum()))(a).sum())(b),
    lambda t, u, _, a, b: u.jacrev(lambda b: u.vmap(lambda r: (r * b).exp().sum())(a))(b),
    lambda t, u, _, a, b: u.vmap(u.vmap(u.grad(lambda x: x.sin() * x)))(a),
    lambda t, u, _, a, b: u.vmap(lambda r: u.vmap(lambda s: u.grad(lambda x: (x * s).sin())(r.sum()))(b))(a),
    lambda t, u, _, a, b: u.vmap(lambda r: u.vmap(u.vjp(lambda x: (x * r).sin(), b)[1])(a))(a),
    lambda t, u, _, a, b: _.jacobian(lambda b: (a @ b).sin(), b),
    lambda t, u, _, a, b: _.jacobian(lambda a, b: ((a @ b).sin(), b * 2), (a, b)),
    lambda t, u, _, a, b: _.jacobian(lambda b: (a @ b).sin(), b, vectorize=True, strategy="forward-mode"),
    lambda t, u, _, a, b: _.jacobian(lambda b: (a @ b).sin(), b, vectorize=False),
    lambda t, u, _, a, b: _.hessian(f, (a, b)),
    lambda t, u, _, a, b: _.hessian(lambda b: f(a, b), b),
    lambda t, u, _, a, b: _.hessian(lambda b: f(a, b), b, vectorize=True, outer_jacobian_strategy="forward-mode"),
    lambda t, u, _, a, b: _.vjp(lambda a, b: a @ b, (a, b), a[:, 0]),
    lambda t, u, _, a, b: _.vjp(lambda a, b: (a @ b, b), (a, b), (a[:, 0], b)),
    lambda t, u, _, a, b: _.vjp(f, (a, b)),
    lambda t, u, _, a, b: _.jvp(lambda a, b: a @ b, (a, b), (a, b)),
    lambda t, u, _, a, b: _.jvp(lambda b: (b.sin(), b.sum()), b, b),
    lambda t, u, _, a, b: _.jvp(lambda x: x * b, b[0]),
    lambda t, u, _, a, b: _.vhp(f, (a, b), (a, b)),
    lambda t, u, _, a, b: _.hvp(f, (a, b), (a, b)),
    lambda t, u, _, a, b: _.hvp(lambda b: f(a, b), b, b.cos()),
]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_as_in_torch(case: Callable[..., Any]) -> None:
    both(case, A, B)


def test_against_differences() -> None:
    (a, b) = ours(A, B)
    v = ag.Tensor(RNG.standard_normal(4))
    eps = 1e-6
    along = lambda function: (function(b + v * eps) - function(b - v * eps)) / (2 * eps)  # noqa: E731
    close(func.jvp(lambda b: (a @ b).sin(), (b,), (v,))[1], along(lambda b: (a @ b).sin()), 1e-7)
    close((func.grad(f, 1)(a, b) * v).sum(), along(lambda b: f(a, b)), 1e-6)
    close(ag.hvp(lambda b: f(a, b), b, v)[1], along(lambda b: func.grad(f, 1)(a, b)), 1e-5)
    close(func.hessian(f, 1)(a, b) @ v, ag.vhp(lambda b: f(a, b), b, v)[1], 1e-9)


def test_results_are_in_the_graph_only_where_something_outside_is() -> None:
    a, b = ours(A, B)
    assert not func.grad(f)(a, b).requires_grad
    assert not any(leaf.requires_grad for leaf in flatten(func.vjp(g, a, b)[0])[0])
    w = ag.Tensor(B.copy(), requires_grad=True)
    out = func.grad(f)(a, w)
    out.sum().backward()
    expected = func.grad(lambda b: func.grad(f)(a, b).sum())(b)
    close(w.grad, expected)
    assert not func.jacrev(lambda b: a @ b)(b).requires_grad
    assert func.jacrev(lambda b: (a @ b).sin())(w).requires_grad
    assert func.jacrev(lambda x: (x * w).sin())(b).requires_grad
    with ag.no_grad():
        assert not func.grad(f, 1)(a, w).requires_grad
        close(func.grad(f, 1)(a, w), func.grad(f, 1)(a, b))
    gradient, value = func.grad_and_value(f)(a, w)
    assert value.requires_grad
    assert gradient.requires_grad
    assert w.grad is not None
    assert a.grad is None


def test_functional_create_graph() -> None:
    torch = pytest.importorskip("torch")
    for name, args in (
        ("jacobian", ()),
        ("vjp", (B[:3],)),
        ("jvp", (B,)),
        ("hessian", ()),
        ("hvp", (B,)),
        ("vhp", (B,)),
    ):
        grads = []
        for lib, space in ((ag, functional), (torch, torch.autograd.functional)):
            make = ag.Tensor if lib is ag else torch.tensor
            a, b = make(A.copy()), make(B.copy()).requires_grad_()
            one = (lambda b, a=a: (a @ b).sin()) if name in ("jacobian", "vjp", "jvp") else (lambda b, a=a: f(a, b))
            for create_graph in (False, True):
                result = getattr(space, name)(one, b, *[make(v.copy()) for v in args], create_graph=create_graph)
                last = result[-1] if isinstance(result, tuple) else result
                assert last.requires_grad == create_graph, name
            (last**2).sum().backward()
            grads.append(b.grad)
        close(grads[0], grads[1], 1e-9)


def test_strict() -> None:
    a, b = ours(A, B)
    for name in ("jacobian", "vjp", "jvp", "hessian", "vhp", "hvp"):
        args = (b,) if name in ("jvp", "vhp", "hvp") else ()
        with pytest.raises(RuntimeError, match="strict=True forbids"):
            getattr(functional, name)(lambda b: (a * a).sum(), b, *args, strict=True)
        args = ((a, b),) if args else ()
        with pytest.raises(RuntimeError, match="input 1"):
            getattr(functional, name)(lambda a, b: (a * a).sum(), (a, b), *args, strict=True)
    close(functional.jacobian(lambda b: a.sum(), b), ag.zeros_like(b))
    with pytest.raises(RuntimeError, match="does not depend on the inputs"):
        functional.hvp(lambda b: b.sum(), b, b, strict=True)
    with pytest.raises(RuntimeError, match="strict=True"):
        func.jvp(lambda b: a, (b,), (b,), strict=True)


def test_spellings() -> None:
    assert ag.vjp is func.vjp
    assert ag.jacobian is functional.jacobian
    assert ag.hvp is functional.hvp
    assert ag.func.grad is func.grad
    assert ag.functional is functional
    assert ag.vmap is func.vmap is vmap
    value, slope = ag.value_and_grad(lambda x: x * x)(ag.tensor(3.0))
    assert (value.item(), slope.item()) == (9.0, 6.0)
    assert ag.grad is not func.grad


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda a, b: func.grad(lambda b: b * 2)(b), RuntimeError, "only one without axes has a gradient"),
        (lambda a, b: func.grad(lambda b: (b.sum(), b.sum()))(b), RuntimeError, "2 tensors"),
        (lambda a, b: func.grad(lambda b: 3.0)(b), TypeError, "returned float"),
        (lambda a, b: func.grad(f, argnums=2)(a, b), IndexError, "names argument 2, and the function was given 2"),
        (lambda a, b: func.grad(f, argnums=())(a, b), ValueError, "argnums is empty"),
        (lambda a, b: func.grad(f, argnums=(0, -2))(a, b), ValueError, "names an argument twice"),
        (lambda a, b: func.grad(f, argnums="a")(a, b), TypeError, "an int or several"),
        (lambda a, b: func.grad(lambda n: n.sum())(ag.tensor([1, 2])), TypeError, "is int64"),
        (lambda a, b: func.grad(lambda n: n)(None), TypeError, "not by NoneType"),
        (lambda a, b: func.grad(lambda b: b.sum(), has_aux=True)(b), TypeError, "a tuple of two"),
        (lambda a, b: func.vjp(g, a, b)[1](a), ValueError, "the cotangent has the structure"),
        (lambda a, b: func.vjp(lambda b: b * 2, b)[1](a), ValueError, r"shape \(3, 4\) where \(4,\) is needed"),
        (lambda a, b: func.jvp(f, (a, b), (a,)), ValueError, "the tangent has the structure"),
        (lambda a, b: func.jvp(f, a, b), TypeError, "primals is a tuple"),
        (lambda a, b: func.grad(lambda b: b.mul_(2).sum())(b), RuntimeError, "mul_"),
        (lambda a, b: functional.hvp(lambda b: b * 2, b, b), RuntimeError, "must return one element"),
        (lambda a, b: functional.vjp(lambda b: b * 2, b), RuntimeError, "must return one element"),
        (lambda a, b: functional.jvp(lambda b: b * 2, b), RuntimeError, "v can be left out only"),
        (lambda a, b: functional.jacobian(lambda b: {"b": b}, b), TypeError, "a tensor or a tuple of tensors"),
        (lambda a, b: functional.jacobian(f, (a, "b")), TypeError, "not str"),
        (lambda a, b: functional.jacobian(f, (a, b), strategy="both"), ValueError, "reverse-mode"),
    ],
)
def test_wrong_use_is_named(wrong: Callable[..., Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        wrong(*ours(A, B))


def test_arguments_are_not_changed_and_functions_are_named() -> None:
    a, b = ours(A, B)
    func.hessian(f, 1)(a, b)
    np.testing.assert_array_equal(b.data, B)
    assert b.data.flags.writeable
    assert not b.requires_grad
    assert func.grad(f).__name__ == "f"
    x = ag.Tensor(B.copy(), requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        func.grad(lambda x: x.mul_(2).sum())(x)
    np.testing.assert_array_equal(x.data, B)


def test_complex_and_integers_beside() -> None:
    index = ag.tensor([2, 0])
    close(func.grad(lambda b, i: b[i].sum())(ag.Tensor(B), index), ag.Tensor(np.array([1.0, 0, 1, 0])))
    both(lambda t, u, _, z: u.grad(lambda z: (z * z.conj()).real.sum())(z), A + 1j * A[::-1])


def test_what_one_number_can_not_tell_of_complex_results_is_refused() -> None:
    """A row that starts with 1 gives the gradient of the real part alone, and the rest would be lost."""
    z, x = ag.Tensor(A[:, 0] + 1j * A[:, 1]), ag.Tensor(A[:, 0])
    for jacobian in (func.jacrev(lambda t: t * z), lambda t: functional.jacobian(lambda t: t * z, t)):
        with pytest.raises(TypeError, match=r"complex128 of shape .* real part.*view_as_real"):
            jacobian(x)
    with pytest.raises(TypeError, match=r"jacfwd: an argument of shape .* is complex128"):
        func.jacfwd(lambda t: t.abs())(z)
    close(func.jacfwd(lambda t: t * z)(x), z.diag())
    with pytest.raises(TypeError, match="grad: the function returned complex128, and only a real number"):
        func.grad(lambda t: (t * t).sum())(z)
    with pytest.raises(TypeError, match="vjp: the cotangent is complex128 where float64 is needed"):
        func.vjp(lambda t: t * 2, x)[1](z)
    with pytest.raises(TypeError, match="jvp: the tangent is complex128 where float64 is needed"):
        func.jvp(lambda t: t * 2, (x,), (z,))


def test_integer_results_have_no_gradient_and_no_slope() -> None:
    x = ag.Tensor(A[0])
    for name, transform in (("grad", func.grad), ("jacrev", func.jacrev), ("vjp", lambda f: lambda x: func.vjp(f, x))):
        with pytest.raises(TypeError, match=f"{name}: the function returned int64 of shape .*has_aux=True"):
            transform(lambda x: x.argmax())(x)
    both(lambda t, u, _, x: u.jvp(lambda x: (x * 2, x.argmax(), x > 0), (x,), (x,)), A[0])
    both(lambda t, u, _, x: u.jacfwd(lambda x: (x.argmax(), x > 0))(x), A[0])


def test_numbers_and_arrays_are_tensors() -> None:
    assert func.grad(lambda x: x**2)(3.0).item() == 6.0
    close(func.grad(lambda x: (x**2).sum())(B), ag.Tensor(2 * B))
    assert func.jacrev(lambda x: x * x)(ag.zeros(0)).shape == (0, 0)


def test_infinite_slopes_stay_where_they_are() -> None:
    """Forward mode takes what is not chosen for 0, as the backward pass does."""
    x = ag.tensor([0.0, 4.0])
    safe = lambda x: ag.where(x > 0, x.sqrt(), x)  # noqa: E731
    close(func.jvp(safe, (x,), (ag.ones(2),))[1], ag.tensor([1.0, 0.25]))
    close(func.jacfwd(safe)(x), ag.tensor([[1.0, 0.0], [0.0, 0.25]]))
    close(func.jacrev(safe)(x), ag.tensor([[1.0, 0.0], [0.0, 0.25]]))


# ---------------------------------------------------------------------------------------------------------------------
# Modules
# ---------------------------------------------------------------------------------------------------------------------
class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.norm = nn.LayerNorm(8)
        self.last = nn.Linear(8, 2)

    def forward(self, x: Any) -> Any:
        return self.last(self.norm(self.first(x)).tanh())


def test_functional_call() -> None:
    net = Net()
    x = ag.randn(5, 4)
    state = {name: p.detach() * 2 for name, p in net.named_parameters()}
    before = dict(net.named_parameters())
    doubled = func.functional_call(net, state, (x,))
    other = Net()
    other.load_state_dict(state)
    close(doubled, other(x))
    close(func.functional_call(net, [state, {}], x), doubled)
    assert all(p is before[name] for name, p in net.named_parameters())
    some = {"last.bias": ag.zeros(2)}
    close(func.functional_call(net, some, x), net(x) - net.last.bias, 1e-5)
    with pytest.raises(KeyError, match=r"no parameter or buffer 'last.biass'"):
        func.functional_call(net, {"last.biass": ag.zeros(2)}, x)
    with pytest.raises(KeyError, match=r"strict=True, and first\.weight"):
        func.functional_call(net, some, x, strict=True)
    with pytest.raises(ValueError, match="given twice"):
        func.functional_call(net, [some, some], x)
    with pytest.raises(ValueError, match=r"shape|sizes"):
        func.functional_call(net, {"last.bias": ag.zeros(3)}, x)
    assert net.last.bias is before["last.bias"]


def test_tied_weights() -> None:
    net = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    net[1].weight = net[0].weight
    x, w = ag.randn(2, 3), ag.randn(3, 3)
    close(func.functional_call(net, {"0.weight": w}, x), x @ w.T @ w.T)
    close(func.functional_call(net, {"0.weight": w}, x, tie_weights=False), x @ w.T @ net[1].weight.T)
    with pytest.raises(ValueError, match="tied"):
        func.functional_call(net, {"0.weight": w, "1.weight": w * 2}, x)


def test_gradients_by_parameters() -> None:
    net, x = Net(), ag.randn(6, 4)
    labels = ag.tensor([0, 1, 1, 0, 1, 0])
    parameters = {name: p.detach() for name, p in net.named_parameters()}

    def loss(parameters: Any, x: Any, label: Any) -> Any:
        return nn.functional.cross_entropy(func.functional_call(net, parameters, (x,)), label)

    nn.functional.cross_entropy(net(x), labels).backward()
    found = func.grad(loss)(parameters, x, labels)
    for name, p in net.named_parameters():
        close(found[name], p.grad, 1e-5)
    each = vmap(func.grad(loss), in_dims=(None, 0, 0))(parameters, x, labels)
    for name, gradients in each.items():
        assert gradients.shape == (6, *parameters[name].shape)
        close(gradients.mean(0), found[name], 1e-5)
        for i in range(6):
            close(gradients[i], func.grad(loss)(parameters, x[i], labels[i])[name], 1e-5)


def test_an_ensemble() -> None:
    models, x = [Net() for _ in range(3)], ag.randn(5, 4)
    parameters, buffers = func.stack_module_state(models)
    assert parameters["first.weight"].shape == (3, 8, 4)
    assert all(p.is_leaf and p.requires_grad for p in parameters.values())
    run = vmap(lambda p, b, x: func.functional_call(models[0], (p, b), (x,)), in_dims=(0, 0, None))
    out = run(parameters, buffers, x)
    close(out, ag.stack([model(x) for model in models]), 1e-5)
    out.sum().backward()
    for i, model in enumerate(models):
        model(x).sum().backward()
        for name, p in model.named_parameters():
            close(parameters[name].grad[i], p.grad, 1e-4)
    with pytest.raises(ValueError, match="no models"):
        func.stack_module_state([])
    with pytest.raises(ValueError, match="different kinds"):
        func.stack_module_state([Net(), nn.Linear(2, 2)])
    with pytest.raises(ValueError, match="training mode"):
        func.stack_module_state([Net(), Net().eval()])


def test_a_jacobian_of_nothing() -> None:
    with pytest.raises(TypeError, match="jacobian: the function returned no tensor"):
        ag.functional.jacobian(lambda x: (), ag.ones(3))


def test_dicts_with_defaults_are_structures() -> None:
    weights = defaultdict(list, a=ag.ones(2, 3))
    found = vmap(lambda w: defaultdict(list, b=w["a"].sum(), c=ag.ones(len(w["none"]) + 1)))(weights)
    assert found["b"].shape == (2,)
    assert found["nothing"] == []
