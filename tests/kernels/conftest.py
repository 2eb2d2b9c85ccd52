"""Fixtures that tests of several kernels share."""

from __future__ import annotations

import pytest

from autograd.kernels import threads


@pytest.fixture
def keep_threads():
    """The number of threads is afterwards what it was before."""
    before = threads.get_num_threads()
    yield
    threads.set_num_threads(before)
