"""The line on a terminal while kernels compile."""

from __future__ import annotations

import io
import types

import pytest

from autograd.kernels import notice


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    stream = Terminal()
    # Its own `sys`: pytest puts another stderr in place between a fixture and its test.
    monkeypatch.setattr(notice, "sys", types.SimpleNamespace(stderr=stream))
    monkeypatch.setattr(notice, "compiled", ["one"])
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_one_line_on_a_terminal_that_goes_away(terminal):
    with notice.compiling("gemm.product"):
        assert "compiling kernels" in terminal.getvalue()
        assert "2, gemm.product" in terminal.getvalue()
        assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\033[K")
    assert notice.compiled == ["one", "gemm.product"]


def test_the_line_goes_away_after_an_error_too(terminal):
    with pytest.raises(ZeroDivisionError), notice.compiling("gemm.product"):
        raise ZeroDivisionError
    assert terminal.getvalue().endswith("\r\033[K")
    assert notice.compiled == ["one"]


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nothing_where_there_is_no_terminal(monkeypatch, terminal, stream):
    monkeypatch.setattr(notice.sys, "stderr", stream)
    with notice.compiling("gemm.product"):
        pass
    assert stream is None or stream.getvalue() == ""


def test_a_listener_hears_of_it_instead(terminal):
    heard = []
    with notice.listen(heard.append), notice.compiling("gemm.product"):
        pass
    assert heard == ["gemm.product"]
    assert terminal.getvalue() == ""
