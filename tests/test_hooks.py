"""Hooks on tensors and on what is added to a gradient, and retained gradients."""

from __future__ import annotations

import pytest

from autograd.testing import assert_close
from tests.leaves import leaf


# -- hooks ------------------------------------------------------------------------------------------------------------
def test_hooks_see_and_replace_gradients() -> None:
    x = leaf(1.0, 2.0)
    y = x * 3.0
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.data.copy()))
    x.register_hook(lambda g: g * 10.0)
    y.sum().backward()
    assert_close(seen[0], [1.0, 1.0])
    assert_close(x.grad, [30.0, 30.0])
    handle.remove()
    y = x * 3.0
    y.sum().backward()
    assert len(seen) == 1


def test_a_handle_that_is_removed_again_leaves_other_hooks_alone() -> None:
    x = leaf(1.0, 2.0)
    seen = []
    first = x.register_hook(lambda g: None)
    first.remove()
    x.register_hook(lambda g: seen.append(g.shape))
    first.remove()
    (x * 2.0).sum().backward()
    assert seen == [(2,)]


def test_a_hook_of_wrong_shape_is_refused() -> None:
    x = leaf(1.0, 2.0)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(RuntimeError, match=r"shape \(\) for a tensor of shape \(2,\)"):
        (x * 1.0).sum().backward()


def test_hook_after_accumulation() -> None:
    x = leaf(1.0, 2.0)
    seen = []
    x.register_post_accumulate_grad_hook(lambda t: seen.append(t.grad.data.copy()))
    (x * x).sum().backward()
    assert_close(seen[0], [2.0, 4.0])
    with pytest.raises(RuntimeError, match="only leaves"):
        (x * 1.0).register_post_accumulate_grad_hook(lambda t: None)


def test_retain_grad() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    y.retain_grad()
    assert y.retains_grad
    (y * 2.0).sum().backward()
    assert_close(y.grad, [2.0, 2.0])
    assert_close(x.grad, [4.0, 8.0])
