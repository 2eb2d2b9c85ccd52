"""Profiles: time, calls, bytes and FLOPs by operation, and nothing left behind."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.function import Function
from autograd.op import every
from autograd.profiler import Row, profile, record_function


def row(p: profile, name: str, phase: str = "forward") -> Row:
    found = [one for one in p.rows if (one.name, one.phase) == (name, phase)]
    assert len(found) == 1, [(one.name, one.phase) for one in p.rows]
    return found[0]


def everything() -> dict[int, tuple[Any, Any]]:
    return {id(op): (op.run, op.pull) for op in every}


# ---------------------------------------------------------------------------------------------------------------------
# What it counts
# ---------------------------------------------------------------------------------------------------------------------
def test_calls_and_bytes() -> None:
    x = ag.ones(10, 20, dtype=ag.float64, requires_grad=True)
    with ag.profile() as p:
        for _ in range(3):
            y = x.exp() + x
        y.sum().backward()
    assert row(p, "exp").calls == 3
    assert row(p, "exp").bytes == 3 * 2 * 8 * 200
    assert row(p, "add").bytes == 3 * 3 * 8 * 200
    assert row(p, "exp", "backward").calls == 1
    assert row(p, "exp", "backward").bytes == 3 * 8 * 200  # the gradient, the saved result, the gradient by x
    assert not [one for one in p.rows if one.name == "mul" and one.phase == "forward"]


def test_flops_of_a_network_by_hand() -> None:
    N, D, H, K = 32, 20, 16, 5
    model = nn.Sequential(nn.Linear(D, H), nn.Tanh(), nn.Linear(H, K, bias=False))
    x = ag.ones(N, D)
    with ag.profile() as p:
        model(x).sum().backward()
    first, second = 2 * N * D * H, 2 * N * H * K
    assert row(p, "linear").flops == first + second
    assert row(p, "tanh").flops == N * H
    assert row(p, "sum").flops == N * K
    assert row(p, "linear", "backward").flops == first + 2 * second  # the first has no gradient by x
    assert row(p, "tanh", "backward").flops == N * H
    assert row(p, "sum", "backward").flops == 0
    assert p.flops == first + second + N * H + N * K + first + 2 * second + N * H


def test_flops_of_a_convolution_by_hand() -> None:
    x = ag.rand(2, 6, 9, 11, requires_grad=True)
    conv = nn.Conv2d(6, 8, (3, 5), stride=2, padding=1, groups=2)
    with ag.profile() as p:
        out = conv(x)
        out.sum().backward()
    assert out.shape == (2, 8, 5, 5)
    once = 2 * (2 * 8 * 5 * 5) * (3 * 3 * 5)
    assert row(p, "convolution").flops == once
    assert row(p, "convolution", "backward").flops == 2 * once
    nested = [one for one in p.rows if one.name.startswith("conv_") and one.phase == "backward"]
    assert all(one.flops == 0 for one in nested)  # counted in the convolution's own


def test_flops_of_a_transposed_convolution() -> None:
    x = ag.rand(2, 6, 5, 5)
    with ag.profile() as p:
        nn.ConvTranspose2d(6, 3, 3)(x)
    assert p.flops >= 2 * (2 * 6 * 5 * 5) * (3 * 3 * 3)
    assert p.flops < 1.2 * 2 * (2 * 6 * 5 * 5) * (3 * 3 * 3)


@pytest.mark.parametrize(
    ("x", "y", "flops"),
    [
        ((3, 4), (4, 5), 120),
        ((2, 3, 4), (4, 5), 240),
        ((7, 2, 3, 4), (2, 4, 5), 7 * 240),
        ((4,), (4,), 8),
        ((3, 4), (4,), 24),
    ],
)
def test_flops_of_products(x: Any, y: Any, flops: float) -> None:
    a, b = ag.ones(*x, requires_grad=True), ag.ones(*y, requires_grad=True)
    with ag.profile() as p:
        out = a @ b
        out.sum().backward()
        ag.matmul(a, b.detach()).sum().backward()
    assert row(p, "matmul").flops == 2 * flops
    assert row(p, "matmul", "backward").flops == 3 * flops


def test_flops_of_attention_and_recurrent_layers() -> None:
    q = ag.rand(2, 3, 8, 4, requires_grad=True)
    with ag.profile() as p:
        nn.functional.scaled_dot_product_attention(q, q, q).sum().backward()
    products = 2 * (2 * 3) * 8 * 8 * (4 + 4)
    assert row(p, "scaled_dot_product_attention").flops == products
    assert row(p, "scaled_dot_product_attention", "backward").flops == 2 * products
    with ag.profile() as p:
        nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
    assert row(p, "scaled_dot_product_attention").flops == products * (8 * 9 / 2) / 64
    T, N, D, H = 5, 2, 3, 4
    with ag.profile() as p:
        nn.LSTM(D, H)(ag.rand(T, N, D))[0].sum().backward()
    assert row(p, "lstm").flops == 2 * T * N * 4 * H * (D + H)
    assert row(p, "lstm", "backward").flops == 2 * row(p, "lstm").flops


def test_flops_of_einsum() -> None:
    with ag.profile() as p:
        ag.einsum("bij,bjk->bik", ag.ones(2, 3, 4), ag.ones(2, 4, 5))
    assert p.flops == 2 * 2 * 3 * 4 * 5


def test_what_is_not_known_is_not_zero() -> None:
    x = ag.rand(3, 3, requires_grad=True)
    with ag.profile() as p:
        ag.linalg.inv(x)
        x.reshape(9)
    assert row(p, "linalg.inv").flops is None
    assert row(p, "reshape").flops == 0
    line = next(line for line in str(p).splitlines() if line.startswith("linalg.inv "))
    assert "unknown" in line


def test_a_function() -> None:
    class Twice(Function):
        @staticmethod
        def forward(ctx: Any, x: ag.Tensor) -> ag.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: ag.Tensor) -> ag.Tensor:
            return g * 2

    with ag.profile() as p:
        Twice.apply(ag.ones(3, requires_grad=True)).sum().backward()
    assert row(p, "Twice").calls == row(p, "Twice", "backward").calls == 1
    assert row(p, "mul").calls == 1
    assert row(p, "mul", "backward").calls == 1  # called by the rule
    assert row(p, "Twice").total_time >= row(p, "Twice").self_time + row(p, "mul").total_time


def test_an_operation_of_ones_own() -> None:
    @ag.primitive(elementwise=True)
    def thrice(x):
        """Thrice.  x: (*) -> (*)"""
        return x * 3

    thrice.gradient(x=lambda g: g * 3)
    with ag.profile() as p:
        thrice(ag.ones(5, requires_grad=True)).sum().backward()
    assert row(p, "thrice").flops == 5
    assert row(p, "thrice", "backward").calls == 1


def test_where_a_kernel_declines_its_definition_is_seen() -> None:
    x = ag.rand(4, 6, requires_grad=True)
    with ag.profile() as p:
        nn.functional.layer_norm(x.half(), (6,))
    assert any(one.name == "layer_norm" for one in p.rows) != any(one.name in ("mean", "var", "sub") for one in p.rows)


def test_second_derivatives() -> None:
    x = ag.rand(3, requires_grad=True)
    with ag.profile() as p:
        (g,) = ag.grad((x**3).sum(), x, create_graph=True)
        g.sum().backward()
    assert row(p, "pow", "backward").calls >= 1
    assert not any(one.self_time < 0 for one in p.rows)


# ---------------------------------------------------------------------------------------------------------------------
# Time
# ---------------------------------------------------------------------------------------------------------------------
def test_the_parts_make_up_the_whole() -> None:
    x = ag.rand(200, 200, requires_grad=True)
    (x @ x).tanh().sum().backward()
    with ag.profile() as p:
        for _ in range(20):
            (x @ x).tanh().sum().backward()
        time.sleep(0.02)
    assert p.in_operations + p.compiling + p.profiling + p.outside == pytest.approx(p.seconds, rel=1e-6)
    assert sum(one.self_time for one in p.rows) == pytest.approx(p.in_operations + p.compiling, rel=1e-6)
    assert 0 < p.in_operations < p.seconds
    assert p.outside >= 0.02


def test_self_time_is_without_what_is_inside() -> None:
    @ag.primitive
    def slow(x):
        """Slow.  x: (*) -> (*)"""
        time.sleep(0.01)
        inner(ag.Tensor(x))
        return x + 1

    @ag.primitive
    def inner(x):
        """Slow too.  x: (*) -> (*)"""
        time.sleep(0.03)
        return x + 1

    with ag.profile() as p:
        slow(ag.ones(2))
    assert 0.01 <= row(p, "slow").self_time < 0.03
    assert row(p, "slow").total_time >= 0.04
    assert row(p, "inner").self_time >= 0.03
    assert {event.name: event.depth for event in p.events} == {"slow": 0, "inner": 1}


def test_kernels_that_are_made_ready_stand_apart() -> None:
    from numba import njit

    @njit
    def doubled(x):
        return x * 2

    @ag.primitive
    def by_numba(x):
        """Doubled.  x: (*) -> (*)"""
        return doubled(x)

    with ag.profile() as p:
        by_numba(ag.ones(3, dtype=ag.float64))
    assert row(p, "doubled", "compile").self_time > 0.001
    assert row(p, "by_numba").self_time < row(p, "doubled", "compile").total_time
    assert row(p, "by_numba").total_time < row(p, "doubled", "compile").total_time
    assert p.compiling == pytest.approx(row(p, "doubled", "compile").total_time, rel=0.01)
    text = str(p)
    assert not any(line.startswith("doubled") for line in text.splitlines())
    assert "made ready, the first time only: doubled " in text
    with ag.profile() as p:
        by_numba(ag.ones(3, dtype=ag.float64))
    assert p.compiling == 0


def test_blocks_with_a_name() -> None:
    x = ag.ones(3)
    with record_function("nobody looks"):
        x.exp()
    with ag.profile() as p, record_function("data"):
        time.sleep(0.01)
        x.exp()
    assert row(p, "data", "user").total_time >= 0.01
    assert next(event for event in p.events if event.name == "exp").depth == 1


# ---------------------------------------------------------------------------------------------------------------------
# In and out
# ---------------------------------------------------------------------------------------------------------------------
def test_nothing_is_left_behind() -> None:
    before = everything()
    apply = Function.__dict__["apply"]
    with ag.profile():
        assert everything() != before
        ag.ones(2).exp()
    assert everything() == before
    assert Function.__dict__["apply"] is apply


def test_an_exception_leaves_nothing_behind() -> None:
    before = everything()
    p = ag.profile()
    with pytest.raises(ValueError, match="matmul"), p:
        ag.ones(2, 3) @ ag.ones(2, 3)
    assert everything() == before
    assert p.seconds > 0
    with pytest.raises(ZeroDivisionError), record_function("a"), ag.profile() as q, record_function("b"):
        _ = 1 / 0
    assert [event.name for event in q.events] == ["b"]
    with ag.profile() as p:
        ag.ones(2).exp()
    assert p.events[0].depth == 0  # the stack is empty again


def test_an_error_in_the_block_keeps_its_words() -> None:
    with ag.profile(), pytest.raises(ValueError, match=r"matmul: inner sizes differ: \(2, 3\) @ \(2, 3\)"):
        ag.ones(2, 3) @ ag.ones(2, 3)


def test_values_and_gradients_are_the_same() -> None:
    def run() -> list[Any]:
        ag.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.LayerNorm(108), nn.Linear(108, 2))
        x = ag.rand(4, 1, 8, 8)
        loss = nn.functional.cross_entropy(model(x), ag.tensor([0, 1, 0, 1]))
        loss.backward()
        return [loss.item(), *(p.grad.data for p in model.parameters())]

    plain = run()
    with ag.profile():
        watched = run()
    for a, b in zip(plain, watched, strict=True):
        np.testing.assert_array_equal(a, b)


def test_profiles_may_be_nested() -> None:
    x = ag.ones(2)
    before = everything()
    with ag.profile() as outer:
        x.exp()
        with ag.profile() as inner:
            x.log()
        x.sin()
        assert everything() != before
    assert [event.name for event in outer.events] == ["exp", "log", "sin"]
    assert [event.name for event in inner.events] == ["log"]
    assert everything() == before
    with pytest.raises(RuntimeError, match="used already"), outer:
        pass


def test_threads() -> None:
    barrier = threading.Barrier(3)

    def work() -> None:
        x = ag.rand(20, 20, requires_grad=True)
        barrier.wait()
        for _ in range(20):
            (x @ x).sum().backward()

    threads = [threading.Thread(target=work, name=f"worker {i}") for i in range(2)]
    with ag.profile() as p:
        for thread in threads:
            thread.start()
        barrier.wait()
        ag.ones(2).exp()
        for thread in threads:
            thread.join()
    assert row(p, "matmul").calls == 40
    assert row(p, "matmul", "backward").calls == 40
    assert len({event.thread for event in p.events}) == 3
    assert all(
        event.self_time >= 0 and event.depth == 0
        for event in p.events
        if event.name == "matmul" and event.phase == "forward"
    )
    assert p.in_operations < p.seconds
    assert "2 other threads" in str(p)


# ---------------------------------------------------------------------------------------------------------------------
# What it shows
# ---------------------------------------------------------------------------------------------------------------------
def test_the_table_can_be_sorted_and_cut() -> None:
    x = ag.rand(50, 50, requires_grad=True)
    with ag.profile() as p:
        for _ in range(3):
            y = x.exp()
        (y @ x).sum().backward()
    names = [line.split()[0] for line in p.table(sort_by="name").splitlines()[2:]]
    operations = [name for name in names if name in ("exp", "matmul", "sum")]
    assert operations == sorted(operations)
    assert p.table(sort_by="calls").splitlines()[2].startswith("exp ")
    assert p.table(sort_by="flops").splitlines()[2].startswith("matmul ")
    assert "... and 4 more" in p.table(row_limit=2)
    with pytest.raises(ValueError, match="can not sort by 'speed'"):
        p.table(sort_by="speed")


def test_an_empty_profile() -> None:
    with ag.profile() as p:
        pass
    assert p.rows == []
    assert "in all" in str(p)
    assert repr(p).startswith("<profile of ")


def test_memory() -> None:
    ag.zeros(1_000_000, dtype=ag.float64).exp()  # its kernel is there
    with ag.profile(memory=True) as p:
        kept = ag.zeros(1_000_000, dtype=ag.float64).exp()
        (kept + 1).sum()
    assert 8_000_000 <= row(p, "exp").memory < 8_100_000
    assert 16_000_000 <= p.peak < 24_000_000
    assert "most memory allocated at a time" in str(p)
    assert "memory" in p.table().splitlines()[0]
    with ag.profile() as p:
        kept.exp()
    assert "memory" not in str(p)
    assert row(p, "exp").memory == 0


def test_chrome_trace(tmp_path: Path) -> None:
    x = ag.rand(10, 10, requires_grad=True)
    with ag.profile() as p:
        with record_function("step"):
            (x @ x).exp().sum().backward()
        ag.linalg.inv(x)
    p.export_chrome_trace(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text("utf8"))
    events = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    named = [event for event in trace["traceEvents"] if event["ph"] == "M"]
    assert {event["name"] for event in named} == {"process_name", "thread_name"}
    assert any(event["args"]["name"] == "MainThread" for event in named)
    assert {event["cat"] for event in events} >= {"forward", "backward", "user"}
    assert len({event["tid"] for event in events}) == 1
    step = next(event for event in events if event["name"] == "step")
    product = next(event for event in events if event["name"] == "matmul" and event["cat"] == "forward")
    assert product["args"] == {"shapes": [[10, 10], [10, 10]], "bytes": 3 * 400, "FLOPs": 2000}
    assert next(event for event in events if event["name"] == "linalg.inv")["args"]["FLOPs"] == "unknown"
    assert step["ts"] <= product["ts"]
    assert product["ts"] + product["dur"] <= step["ts"] + step["dur"] + 0.001
    assert all(0 <= event["ts"] <= event["ts"] + event["dur"] <= p.seconds * 1e6 for event in events)
    assert [event["ts"] for event in events] == sorted(event["ts"] for event in events)
