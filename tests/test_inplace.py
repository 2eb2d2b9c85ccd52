"""Writing in place: the gradient is that of the same computation without it, or an error says what was overwritten."""

from __future__ import annotations

import gc
import itertools
import weakref

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

SHAPE = (3, 4)
rng = np.random.default_rng(5)
X = rng.uniform(0.3, 1.2, SHAPE)
WEIGHTS = [rng.standard_normal(SHAPE) for _ in range(3)]

# What is written, as a function of the part that is written to and a tensor `w` that requires a gradient: in place, and
# the same without. `w` has the shape of the part.
WRITES = {
    "add_": (lambda p, w: p.add_(w), lambda p, w: p + w),
    "+=": (lambda p, w: p.__iadd__(w), lambda p, w: p + w),
    "sub_": (lambda p, w: p.sub_(2.0), lambda p, w: p - 2),
    "*=": (lambda p, w: p.__imul__(w), lambda p, w: p * w),
    "mul_ by itself": (lambda p, w: p.mul_(p), lambda p, w: p * p),
    "div_": (lambda p, w: p.div_(w), lambda p, w: p / w),
    "div_ by itself": (lambda p, w: p.div_(p), lambda p, w: p / p),
    "pow_": (lambda p, w: p.pow_(w), lambda p, w: p**w),
    "neg_": (lambda p, w: p.neg_(), lambda p, w: -p),
    "exp_": (lambda p, w: p.exp_(), lambda p, w: p.exp()),
    "log_": (lambda p, w: p.log_(), lambda p, w: p.log()),
    "sqrt_": (lambda p, w: p.sqrt_(), lambda p, w: p.sqrt()),
    "sigmoid_": (lambda p, w: p.sigmoid_(), lambda p, w: p.sigmoid()),
    "tanh_ twice": (lambda p, w: p.tanh_().tanh_(), lambda p, w: p.tanh().tanh()),
    "relu_": (lambda p, w: p.relu_(), lambda p, w: p.relu()),
    "clamp_": (lambda p, w: p.clamp_(0.5, 0.9), lambda p, w: p.clamp(0.5, 0.9)),
    "masked_fill_": (lambda p, w: p.masked_fill_(_large(p), 0.4), lambda p, w: p.masked_fill(_large(p), 0.4)),
    "fill_": (lambda p, w: p.fill_(0.7), lambda p, w: p * 0 + 0.7),
    "fill_ with a tensor": (lambda p, w: p.fill_(w.reshape(-1)[0]), lambda p, w: p * 0 + w.reshape(-1)[0]),
    "zero_": (lambda p, w: p.zero_(), lambda p, w: p * 0),
    "copy_": (lambda p, w: p.copy_(w * w), lambda p, w: p * 0 + w * w),
    "normal_": (lambda p, w: _seeded(p).normal_(), lambda p, w: p * 0 + _seeded(ag.randn_like)(p)),
    "[0] =": (lambda p, w: _set(p, 0, w[0] * 2), lambda p, w: ag.cat([w[:1] * 2, p[1:]])),
    "[:, 1] =": (lambda p, w: _set(p, (slice(None), 1), 3.0), lambda p, w: _with_column(p, 1, 3.0)),
    "[mask] =": (lambda p, w: _set(p, _large(p), 0.5), lambda p, w: p.masked_fill(_large(p), 0.5)),
    "[[0, 0]] =": (lambda p, w: _set(p, [0, 0], w[:2]), lambda p, w: ag.cat([w[1:2], p[1:]])),
    "[0] +=": (lambda p, w: _set(p, 0, p[0].add_(w[0])), lambda p, w: ag.cat([p[:1] + w[:1], p[1:]])),
    "index_add_": (lambda p, w: p.index_add_(0, [0, 0], w[:2]), lambda p, w: p.index_add(0, [0, 0], w[:2])),
    "scatter_": (lambda p, w: p.scatter_(0, [[1, 0]], w), lambda p, w: p.scatter(0, [[1, 0]], w)),
}  # fmt: skip


def _large(p):
    return p.detach() > 0.6


def _seeded(thing):
    ag.manual_seed(3)
    return thing


def _set(part, index, value):
    part[index] = value


def _with_column(p, column, value):
    mask = np.zeros(p.shape, bool)
    mask[:, column] = True
    return p.masked_fill(mask, value)


# What reads the tensor before the write: the function, and whether its gradient needs the values that are overwritten.
READS = {
    "sum": (lambda y: y.sum(), False),
    "mean": (lambda y: y.mean(0), False),
    "times 2": (lambda y: y * 2, False),
    "reshape": (lambda y: y.reshape(4, 3).clone(), False),
    "cumsum": (lambda y: y.cumsum(1), False),
    "exp": (lambda y: y.exp(), False),  # needs its result, which has memory of its own
    "sigmoid": (lambda y: y.sigmoid(), False),
    "softmax": (lambda y: ag.softmax(y, 1), False),
    "tanh": (lambda y: y.tanh(), False),
    "square": (lambda y: y * y, True),
    "log": (lambda y: y.log(), True),
    "sin": (lambda y: y.sin(), True),
    "reciprocal": (lambda y: 1 / y, None),  # needs the input or the result, as the operation sees fit
    "power": (lambda y: y**3, True),
    "matmul": (lambda y: y @ y.mT, True),
    "norm": (lambda y: ag.norm(y), True),
    "amax": (lambda y: y.amax(1), True),
    "var": (lambda y: y.var(), True),
}

# Where is written to: the tensor itself, or a view of it.
PARTS = {
    "all": lambda y: y,
    "rows": lambda y: y[1:],
    "a view of a view": lambda y: y[1:][:, 1:],
    "every second, backwards": lambda y: y[::-2, ::2],
    "the transpose": lambda y: y.T,
    "another shape": lambda y: y.view(2, 6),
    "a new axis": lambda y: y.unsqueeze(0)[0],
}


def places_of(part):
    return part(Tensor(np.arange(12).reshape(SHAPE))).data


def in_place(read, part, write, x, w, early):
    """The computation with the write in place; `early`: the views are made before."""
    y = x * 1
    views = (part(y), y[:, 1], y[0]) if early else None
    before = read(y)
    write(part(y) if views is None else views[0], w)
    part_after, column, row = views or (part(y), y[:, 1], y[0])
    return before, y, part_after, column, row


def without(read, part, write, x, w):
    """The same computation, with copies."""
    y = x * 1
    before = read(y)
    places = places_of(part)
    after = y.reshape(-1).index_put((places.ravel(),), write(part(y), w).reshape(-1)).reshape(SHAPE)
    return before, after, part(after), after[:, 1], after[0]


def refusal(result):
    """What the backward pass is refused with, if it is."""
    try:
        result.backward()
    except RuntimeError as error:
        return str(error)
    return ""


def total(results):
    generator = np.random.default_rng(11)
    return sum((t * t * generator.standard_normal(t.shape)).sum() for t in results)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("write", WRITES)
def test_the_gradient_is_right_or_an_error_names_the_write(write, part):
    mutate, compute = WRITES[write]
    select = PARTS[part]
    shape = places_of(select).shape
    for (name, (read, needs)), early in itertools.product(READS.items(), (True, False)):
        weights = np.random.default_rng(1).uniform(0.4, 1.1, shape)
        x, w = Tensor(X.copy(), requires_grad=True), Tensor(weights.copy(), requires_grad=True)
        results = in_place(read, select, mutate, x, w, early)
        x2, w2 = Tensor(X.copy(), requires_grad=True), Tensor(weights.copy(), requires_grad=True)
        expected = without(read, select, compute, x2, w2)
        for have, want in zip(results, expected, strict=True):
            np.testing.assert_allclose(have.data, want.data, rtol=1e-12, atol=1e-12)
        refused = refusal(total(results))
        if refused:
            assert "overwritten by" in refused
            assert needs is not False, f"{name} needs nothing that was overwritten: {refused}"
            continue
        assert needs is not True, f"{name} before {write} was not refused"
        total(expected).backward()
        np.testing.assert_allclose(x.grad.data, x2.grad.data, rtol=1e-9, atol=1e-12, err_msg=name)
        if w2.grad is not None:
            np.testing.assert_allclose(w.grad.data, w2.grad.data, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("read", ["exp", "sigmoid", "tanh", "softmax"])
@pytest.mark.parametrize("part", PARTS)
def test_an_overwritten_result_that_the_gradient_needs(read, part):
    x = Tensor(X.copy(), requires_grad=True)
    y = READS[read][0](x)
    PARTS[part](y).mul_(2.0)
    with pytest.raises(RuntimeError, match=r"of shape \(3, 4\) that its gradient needs was overwritten by mul_"):
        y.sum().backward()


@pytest.mark.parametrize("part", PARTS)
def test_an_overwritten_operand_that_requires_no_gradient(part):
    x, c = Tensor(X.copy(), requires_grad=True), Tensor(X.copy())
    y = x * c
    PARTS[part](c).add_(1.0)
    with pytest.raises(RuntimeError, match="overwritten by add_"):
        y.sum().backward()


# ---------------------------------------------------------------------------------------------------------------------
# Who sees a write
# ---------------------------------------------------------------------------------------------------------------------
def test_a_write_to_the_base_is_seen_by_the_gradient_of_every_view():
    x = ag.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    first, last, all_of_it = y[:2], y[2:], y.view(2, 2)
    y *= x
    assert first.tolist() == [1, 4]
    (first.sum() * 10 + last.sum() * 100 + all_of_it.sum()).backward()
    np.testing.assert_allclose(x.grad.data, 2 * x.data * [11, 11, 101, 101])


def test_a_view_that_needs_nothing_of_the_write_keeps_its_gradient():
    x = ag.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = x * 1
    first = y[:2]
    y[2:] = 0.0
    (first * first).sum().backward()
    assert x.grad.tolist() == [2, 4, 0, 0]


def test_a_base_without_a_graph_gets_one_through_its_view():
    w = ag.tensor([3.0, 4.0], requires_grad=True)
    x = ag.zeros(2, 2)
    row, column = x[1], x[:, 1]
    row += w
    assert x.requires_grad
    assert column.requires_grad
    (x.sum() + column.sum()).backward()
    assert w.grad.tolist() == [1, 2]


def test_a_write_without_a_gradient_cuts_the_part():
    x = ag.ones(2, 2, requires_grad=True)
    y = x * 2
    y[0].copy_(ag.tensor([5.0, 6.0]))
    y[:, 1] = 0.0
    y.sum().backward()
    assert x.grad.tolist() == [[0, 0], [2, 0]]


def test_a_view_made_without_recording_still_reaches_the_base():
    x = ag.ones(3, requires_grad=True)
    y = x * 2
    with ag.no_grad():
        v = y[:2]
    v.zero_()
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 2]


def test_a_part_written_to_itself():
    x = ag.ones(2, requires_grad=True)
    y = x * 2
    y[0] = y[0]
    with ag.no_grad():
        v = y[1]
    y[1] = v
    y.sum().backward()
    assert x.grad.tolist() == [2, 0]


def test_dead_views_and_dead_bases_keep_nothing_alive():
    y = ag.ones(3, requires_grad=True) * 2
    data = weakref.ref(y.data)
    views = [y[i] for i in range(3)]
    views[0] += 1
    references = [weakref.ref(view) for view in views]
    enabled = gc.isenabled()
    gc.disable()
    try:
        del views
        assert all(reference() is None for reference in references)
        del y
        assert data() is None
    finally:
        if enabled:
            gc.enable()


def test_detached_tensors_share_memory_and_count_writes():
    x = ag.ones(3, requires_grad=True)
    y = x * 2
    z = y * y
    d = y.detach()
    d[0] = 100.0
    assert y.tolist() == [100, 2, 2]
    assert y._version == 1
    with pytest.raises(RuntimeError, match="overwritten by setitem"):
        z.sum().backward()


def test_memory_behind_strides_of_numpy_is_watched_too():
    values = np.arange(5.0)
    windows = np.lib.stride_tricks.sliding_window_view(values, 3)
    x = ag.ones(3, 3, dtype="float64", requires_grad=True)
    y = x * Tensor(windows)
    Tensor(values).add_(1.0)
    with pytest.raises(RuntimeError, match="overwritten by add_"):
        y.sum().backward()


# ---------------------------------------------------------------------------------------------------------------------
# What is refused, and what is not
# ---------------------------------------------------------------------------------------------------------------------
ANY_WRITE = {
    "add_": lambda t: t.add_(1.0),
    "+=": lambda t: t.__iadd__(1.0),
    "exp_": lambda t: t.exp_(),
    "setitem": lambda t: _set(t, 0, 1.0),
    "fill_": lambda t: t.fill_(1.0),
    "zero_": lambda t: t.zero_(),
    "copy_": lambda t: t.copy_(ag.zeros(3)),
    "uniform_": lambda t: t.uniform_(),
    "masked_fill_": lambda t: t.masked_fill_(ag.tensor([True, False, True]), 0.0),
    "index_add_": lambda t: t.index_add_(0, [0], ag.ones(1)),
}


@pytest.mark.parametrize("write", ANY_WRITE)
def test_leaves_are_not_written_to_while_gradients_are_recorded(write):
    x = ag.ones(3, requires_grad=True)
    for target in (x, x[:], x.view(3)):
        with pytest.raises(RuntimeError, match="leaf that requires a gradient") as caught:
            ANY_WRITE[write](target)
        assert str(caught.value).startswith(f"{'add_' if write == '+=' else write}: ")
    assert x.tolist() == [1, 1, 1]
    with ag.no_grad():
        ANY_WRITE[write](x)
        ANY_WRITE[write](x[:])
    assert x.requires_grad
    assert x.is_leaf


def test_a_leaf_written_to_without_recording_is_noticed_by_what_needs_it():
    x = ag.ones(3, requires_grad=True)
    y, z = x * x, x + x
    with ag.no_grad():
        x.add_(1.0)
    z.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="overwritten by add_"):
        y.sum().backward()


def test_a_view_that_is_a_leaf_of_its_own():
    base = ag.zeros(4)
    leaf = base[:2]
    leaf.requires_grad_()
    for write in (lambda: leaf.add_(1.0), lambda: _set(base, 0, 1.0), lambda: base[1:].zero_()):
        with pytest.raises(RuntimeError, match="leaf that requires a gradient"):
            write()
    base[2:].fill_(3.0)
    assert leaf.is_leaf
    assert leaf.requires_grad
    w = ag.tensor([1.0, 2.0], requires_grad=True)
    base[2:] += w
    assert leaf.is_leaf
    base.sum().backward()
    assert w.grad.tolist() == [1, 1]


@pytest.mark.parametrize("write", ANY_WRITE)
def test_read_only_memory_is_not_written_to(write):
    values = np.zeros(3, np.float32)
    values.flags.writeable = False
    for target in (Tensor(values), Tensor(values)[:], ag.ones(1).expand(3)):
        with pytest.raises(ValueError, match=r"read-only. Use x.clone\(\)"):
            ANY_WRITE[write](target)
    assert not values.any()
    assert ANY_WRITE["add_"](ag.ones(1).expand(3).clone()).tolist() == [2, 2, 2]


def test_a_result_of_another_shape_or_kind_is_refused():
    with pytest.raises(ValueError, match=r"add_: the result has shape \(2, 3\)"):
        ag.ones(3).add_(ag.ones(2, 3))
    with pytest.raises(TypeError, match="can not be written into a tensor of int64"):
        ag.arange(3).add_(0.5)
    x = ag.ones(3)
    x += np.ones(3)  # float64 into float32
    assert x.dtype == np.float32


def test_shared_numpy_memory():
    values = np.zeros((2, 3))
    x = ag.from_numpy(values)
    x[0] += 1.0
    x.T[2].fill_(7.0)
    np.testing.assert_array_equal(values, [[1, 1, 7], [0, 0, 7]])


def test_a_refused_write_changes_nothing():
    x = ag.ones(3, requires_grad=True)
    y = x * 2
    node = y.grad_fn
    for wrong in (
        lambda: y.add_(ag.ones(4)),
        lambda: _set(y, 5, 1.0),
        lambda: _set(y, slice(None), ag.ones(2)),
        lambda: y.copy_(ag.ones(2)),
        lambda: y.index_add_(0, [3], ag.ones(1)),
        lambda: _set(y, 0, "text"),
    ):
        with pytest.raises((ValueError, IndexError, TypeError)):
            wrong()
    assert y.tolist() == [2, 2, 2]
    assert y.grad_fn is node
    assert y._version == 0


def test_empty_parts():
    x = ag.ones(3, requires_grad=True)
    y = x * 2
    y[3:] += 1.0
    y[[]] = ag.zeros(0)
    y[np.zeros(3, bool)] = 5.0
    y[1:1].zero_()
    y.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_a_tensor_without_axes():
    x = ag.tensor(3.0, requires_grad=True)
    y = x * 1
    y += x
    y *= y
    y[...] = y + 1
    y[()] = y + 0
    assert y.item() == 37
    y.backward()
    assert x.grad.item() == 24
