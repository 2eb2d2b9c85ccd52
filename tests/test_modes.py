"""Gradient modes: as context and decorator, after an error, and in threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.leaves import leaf


# -- modes ------------------------------------------------------------------------------------------------------------
def test_modes_as_context_and_decorator() -> None:
    x = leaf(1.0)
    with ag.no_grad():
        assert not (x * 2).requires_grad
        with ag.enable_grad():
            assert (x * 2).requires_grad
        assert not ag.is_grad_enabled()
    assert (x * 2).requires_grad

    @ag.no_grad()
    def without(depth: int) -> bool:
        return (x * 2).requires_grad or (depth > 0 and without(depth - 1))

    @ag.no_grad
    def bare() -> bool:
        return (x * 2).requires_grad

    assert not without(3)
    assert not bare()
    with ag.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert ag.is_grad_enabled()
    ag.set_grad_enabled(False)
    try:
        assert not ag.is_grad_enabled()
    finally:
        ag.set_grad_enabled(True)
    with ag.inference_mode():
        assert ag.is_inference_mode_enabled()
        assert not (x * 2).requires_grad


def test_a_mode_is_restored_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), ag.no_grad():
        raise ValueError("inside")
    assert ag.is_grad_enabled()


def test_modes_belong_to_a_thread() -> None:
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append(ag.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_two_threads_train_like_one() -> None:
    def train(seed: int, result: dict[int, np.ndarray]) -> None:
        rng = np.random.default_rng(seed)
        w = Tensor(rng.standard_normal((10, 10)), requires_grad=True)
        x = Tensor(rng.standard_normal((5, 10)))
        for _ in range(200):
            loss = ag.tanh(x @ w).sum()
            loss.backward()
            with ag.no_grad():
                w -= 0.01 * w.grad
                w.grad = None
        result[seed] = w.data

    serial: dict[int, np.ndarray] = {}
    parallel: dict[int, np.ndarray] = {}
    for seed in (1, 2):
        train(seed, serial)
    threads = [threading.Thread(target=train, args=(seed, parallel)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (1, 2):
        assert np.array_equal(serial[seed], parallel[seed])
