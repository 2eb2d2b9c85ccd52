"""Views by steps in memory, and methods that give a tensor another shape in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.ops.strided import Layout

torch = pytest.importorskip("torch")

X = np.random.default_rng(0).standard_normal((4, 6))

VIEWS: dict[str, Callable[[Any], Any]] = {
    "contiguous": lambda x: x.as_strided((3, 4), (6, 1), 1),
    "overlapping": lambda x: x.as_strided((5, 3), (2, 1)),
    "transposed": lambda x: x.t().as_strided((3, 4), (4, 1)),
    "sliced": lambda x: x[1:, 2:5].as_strided((2, 2), (6, 2)),
    "stepped": lambda x: x[:, ::2].as_strided((4, 3), (6, 2)),
    "by its own strides": lambda x: x.t().as_strided((2, 3), (x.t().stride(0), x.t().stride(1))),
    "with the offset of x": lambda x: x[2].as_strided((2, 2), (2, 1)),
    "beyond x": lambda x: x[2:].as_strided((2, 3), (1, 6), 3),
    "expanded": lambda x: x[0].expand(3, 6).as_strided((2, 3), (0, 2)),
    "all in one": lambda x: x.as_strided((3,), (0,), 5),
    "number": lambda x: x.as_strided((), (), 5),
    "unfold": lambda x: x.unfold(1, 3, 1),
    "unfold with steps": lambda x: x.unfold(-1, 3, 2).unfold(0, 2, 1),
    "unfold transposed": lambda x: x.t().unfold(0, 4, 1),
    "unfold apart": lambda x: x.unfold(1, 2, 3),
    "scatter": lambda x: type(x).as_strided(x * 2, (2, 2), (6, 1), 3),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_views_are_pytorchs(name: str, dtype: Any) -> None:
    view = VIEWS[name]
    x, y = Tensor(X.astype(dtype), requires_grad=True), torch.tensor(X.astype(dtype), requires_grad=True)
    have, want = view(x * 1), view(y * 1)
    np.testing.assert_array_equal(have.data, want.detach().numpy())
    (first,) = ag.grad((have * have * have).sum(), x, create_graph=True)
    (expected,) = torch.autograd.grad((want * want * want).sum(), y, create_graph=True)
    np.testing.assert_allclose(first.data, expected.detach().numpy(), rtol=1e-5 if dtype is np.float32 else 1e-12)
    (first * first).sum().backward()
    (expected * expected).sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, y.grad.numpy(), rtol=2e-5 if dtype is np.float32 else 1e-12)


def test_as_strided_scatter_gives_src_its_gradient() -> None:
    x, src = Tensor(X, requires_grad=True), Tensor(np.ones((2, 3)), requires_grad=True)
    out = ag.as_strided_scatter(x, src, (2, 3), (6, 1), 7)
    want = torch.as_strided_scatter(torch.tensor(X), torch.ones(2, 3, dtype=torch.float64), (2, 3), (6, 1), 7)
    np.testing.assert_array_equal(out.data, want.numpy())
    (out * out).sum().backward()
    assert x.grad is not None
    assert src.grad is not None
    np.testing.assert_array_equal(src.grad.data, np.full((2, 3), 2.0))
    inside = np.zeros((4, 6), bool)
    inside[1:3, 1:4] = True
    np.testing.assert_array_equal(x.grad.data, np.where(inside, 0, 2 * X))


def test_writes_pass_through_a_strided_view() -> None:
    def write(x: Any) -> Any:
        y = x * 1
        v = y.as_strided((2, 3), (6, 2), 1)
        v *= 3
        w = y.unfold(1, 2, 2)
        w[0].mul_(2)
        return (y * y * y).sum()

    x, y = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    write(x).backward()
    write(y).backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, y.grad.numpy(), rtol=1e-12)


def test_overlapping_views_are_read_only() -> None:
    x = ag.arange(6.0)
    for view in (x.unfold(0, 3, 1), x.as_strided((2, 3), (1, 1))):
        with pytest.raises(ValueError, match="read-only"):
            view.mul_(2)
    x.unfold(0, 3, 3).mul_(2)
    np.testing.assert_array_equal(x.data, [0, 2, 4, 6, 8, 10])


def test_storage_offset() -> None:
    x, y = ag.zeros(4, 6), torch.zeros(4, 6)
    for view in (lambda x: x, lambda x: x[1:, 2:], lambda x: x.t()[3], lambda x: x[2, 3:].expand(2, 3)):
        assert view(x).storage_offset() == view(y).storage_offset()
        assert view(x).stride() == view(y).stride()
    assert ag.from_numpy(np.arange(6).reshape(2, 3).T).storage_offset() == 0
    assert ag.from_numpy(np.arange(6)[::-1]).storage_offset() == 5


def test_memory_of_a_buffer() -> None:
    x = ag.from_numpy(np.frombuffer(bytes(range(8)), np.uint8)[2:])
    np.testing.assert_array_equal(x.as_strided((2, 2), (2, 1), 0).data, [[0, 1], [2, 3]])
    assert not x.as_strided((2,), (1,)).data.flags.writeable
    with pytest.raises(ValueError, match="reach from element 2 to 8 of a memory of 8"):
        x.as_strided((7,), (1,))


# ---------------------------------------------------------------------------------------------------------------------
# In place
# ---------------------------------------------------------------------------------------------------------------------
SHAPES_IN_PLACE: dict[str, Callable[[Any], Any]] = {
    "t_": lambda x: x.t_(),
    "transpose_": lambda x: x.transpose_(0, -1),
    "swapaxes_": lambda x: x.swapaxes_(1, 0),
    "swapdims_": lambda x: x.swapdims_(0, 1),
    "unsqueeze_": lambda x: x.unsqueeze_(1),
    "squeeze_": lambda x: x.unsqueeze_(0).unsqueeze_(-1).squeeze_(0),
    "squeeze_ all": lambda x: x.unsqueeze_(0).unsqueeze_(-1).squeeze_(),
    "as_strided_": lambda x: x.as_strided_((2, 3), (6, 2), 1),
    "several": lambda x: x.t_().unsqueeze_(0).transpose_(1, 2),
}


@pytest.mark.parametrize("name", SHAPES_IN_PLACE)
def test_shapes_change_in_place(name: str) -> None:
    change = SHAPES_IN_PLACE[name]

    def run(x: Any) -> tuple[Any, Any]:
        y = x * 2
        part = y[1]
        assert change(y) is y
        y.mul_(3)
        part[2:] = 7.0
        return y, (y * y * y).sum() + (part * part).sum()

    x, z = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    (have, total), (want, expected) = run(x), run(z)
    assert have.shape == tuple(want.shape)
    assert have.stride() == want.stride()
    np.testing.assert_allclose(have.data, want.detach().numpy(), rtol=1e-15)
    total.backward()
    expected.backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.data, z.grad.numpy(), rtol=1e-12)


def test_a_view_changes_its_shape_alone() -> None:
    x = Tensor(X, requires_grad=True)
    y = x * 1
    part = y[:, :2]
    part.t_()
    part *= 2
    assert (part.shape, y.shape) == ((2, 4), (4, 6))
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.data, np.where(np.arange(6) < 2, 2.0, 1.0) * np.ones((4, 6)))


def test_a_leaf_keeps_its_shape() -> None:
    x = Tensor(X, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"transpose_: the tensor of shape \(4, 6\) is a leaf"):
        x.transpose_(0, 1)
    with ag.no_grad():
        x.t_()
    assert x.requires_grad
    (x * 1).sum().backward()
    assert x.grad is not None
    assert x.grad.shape == (6, 4)


def test_resize() -> None:
    for sizes in ((2, 3), (4,), (3, 4), (0,)):
        x = ag.arange(6.0)
        assert x.resize_(*sizes) is x
        want = torch.arange(6.0).resize_(*sizes)
        count = min(6, want.numel())
        assert x.shape == tuple(want.shape)
        np.testing.assert_array_equal(x.data.ravel()[:count], want.ravel()[:count].numpy())
    assert ag.arange(6).resize_as_(ag.zeros(3, 2)).shape == (3, 2)
    x = ag.arange(6.0)
    part = x[:3]
    for wrong in (x, part, Tensor(X, requires_grad=True), Tensor(X.T)):
        with pytest.raises(RuntimeError, match="resize_"):
            wrong.resize_(2)


@pytest.mark.parametrize(
    ("shape", "wrap"), [((3, 3), False), ((2, 4), False), ((7, 3), False), ((7, 3), True), ((3, 3, 3), False)]
)
def test_fill_diagonal(shape: tuple[int, ...], wrap: bool) -> None:
    x, y = ag.zeros(*shape, dtype="float64", requires_grad=True), torch.zeros(*shape, dtype=torch.float64)
    z = x * 1
    z.fill_diagonal_(2.5, wrap)
    np.testing.assert_array_equal(z.data, y.fill_diagonal_(2.5, wrap).numpy())
    z.sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.data, z.data == 0)


def test_fill_diagonal_refuses() -> None:
    with pytest.raises(ValueError, match="two axes"):
        ag.zeros(3).fill_diagonal_(1.0)
    with pytest.raises(ValueError, match="one length"):
        ag.zeros(3, 2, 3).fill_diagonal_(1.0)


def test_python_functions_of_each_element() -> None:
    x = ag.arange(4.0)
    assert x.apply_(lambda a: a * a + 1) is x
    np.testing.assert_array_equal(x.data, [1, 2, 5, 10])
    x.reshape(2, 2).map_(ag.tensor([1.0, 2.0]), lambda a, b: a - b)
    np.testing.assert_array_equal(x.data, [0, 0, 4, 8])
    x.map2_(ag.ones(4), ag.arange(4.0), lambda a, b, c: a + b + c)
    np.testing.assert_array_equal(x.data, [1, 2, 7, 12])
    with pytest.raises(RuntimeError, match="@autograd"):
        Tensor(X, requires_grad=True).apply_(float)


# ---------------------------------------------------------------------------------------------------------------------
# Views of views, written to in any order
# ---------------------------------------------------------------------------------------------------------------------
_STEPS: dict[str, Callable[[Any, Any, int], Any]] = {
    "rows": lambda m, t, k: t[k % t.shape[0] :] if t.ndim and t.shape[0] else t,
    "every second": lambda m, t, k: t[..., ::2] if t.ndim else t,
    "turned": lambda m, t, k: t.transpose(0, -1) if t.ndim else t,
    "first": lambda m, t, k: t[0] if t.ndim and t.shape[0] else t,
    "pairs": lambda m, t, k: t.unfold(-1, 2, 2) if t.ndim and t.shape[-1] > 1 else t,
    "part": lambda m, t, k: m.view_as_real(m.complex(t, t * 2))[..., 1],
    "mul_": lambda m, t, k: t.mul_(1 + 0.1 * k),
    "tanh_": lambda m, t, k: t.tanh_(),
    "transpose_": lambda m, t, k: t.transpose_(0, -1) if t.ndim else t,
    "unsqueeze_": lambda m, t, k: t.unsqueeze_(k % (t.ndim + 1)) if t.ndim < 4 else t,
    "squeeze_": lambda m, t, k: t.squeeze_(),
    "setitem": lambda m, t, k: t.__setitem__(k % t.shape[0], 0.3 * k) if t.ndim and t.shape[0] else None,
}


def _run(m: Any, x: Any, steps: list[tuple[str, int, int]]) -> Any:
    tensors = [x * 1.5]
    for name, which, k in steps:
        found = _STEPS[name](m, tensors[which % len(tensors)], k)
        if found is not None and not name.endswith("_"):
            tensors.append(found)
    return sum((t * t * (i + 1)).sum() for i, t in enumerate(tensors))


def test_programs_of_views_and_writes_have_pytorchs_gradients() -> None:
    rng = np.random.default_rng(0)
    names = list(_STEPS)
    compared = 0
    for _ in range(500):
        steps = [(names[rng.integers(len(names))], int(rng.integers(9)), int(rng.integers(5))) for _ in range(8)]
        start = rng.standard_normal((3, 4))
        x, y = Tensor(start.copy(), requires_grad=True), torch.tensor(start, requires_grad=True)
        try:
            expected = _run(torch, y, steps)
            expected.backward()
        except RuntimeError:  # where it refuses what is right here
            continue
        total = _run(ag, x, steps)
        total.backward()
        assert x.grad is not None
        np.testing.assert_allclose(total.item(), expected.item(), rtol=1e-9, err_msg=str(steps))
        np.testing.assert_allclose(x.grad.data, y.grad.numpy(), rtol=1e-8, atol=1e-9, err_msg=str(steps))
        compared += 1
    assert compared > 150


def test_what_overlaps_is_known_for_any_steps() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        axes = rng.integers(0, 4)
        shape, steps = tuple(rng.integers(0, 5, axes).tolist()), tuple(rng.integers(-6, 7, axes).tolist())
        layout = Layout(shape, steps, 60)
        assert layout.overlaps() == (np.unique(layout.places()).size < math.prod(shape)), layout
