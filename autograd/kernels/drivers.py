"""How blocks run: one after another, or on a team of threads."""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from collections.abc import Callable

import numpy as np
from numba import types

from autograd.kernels.compile import compile_callback
from autograd.kernels.machine import FLUSH_DENORMALS, call_block, read_mxcsr, write_mxcsr
from autograd.kernels.memory import keep_freed_memory
from autograd.kernels.team import TEAM
from autograd.kernels.threads import MOST_THREADS


def _run_serial(address, words, blocks):
    saved = read_mxcsr()
    write_mxcsr(saved | np.int32(FLUSH_DENORMALS))
    for block in range(blocks):
        call_block(address, words, block, 0)
    write_mxcsr(saved)


class _Drivers:
    """The rule that chooses.  What runs is C, called through ctypes, which releases the interpreter lock."""

    def __init__(self) -> None:
        self.serial: Callable[[int, bytes, int], None] = self._first_serial
        self.has_team = True
        # Held while the team runs: it takes one job at a time, and another Python thread has the core it is on.
        self.turn = threading.Lock()

    def _first_serial(self, address: int, words: bytes, blocks: int) -> None:
        size, i64 = ctypes.c_ssize_t, types.int64
        address_of_driver, self._library = compile_callback(_run_serial, (i64, i64, i64))
        self.serial = ctypes.CFUNCTYPE(None, size, ctypes.c_char_p, size)(address_of_driver)
        self.serial(address, words, blocks)

    def run(self, address: int, words: bytes, blocks: int, workers: int) -> None:
        if blocks > 1 and workers > 1 and self.has_team and self.turn.acquire(blocking=False):
            try:
                TEAM.run(address, words, blocks, min(workers, blocks, MOST_THREADS))
                return
            except RuntimeError as error:
                self.has_team = False
                warnings.warn(f"kernels run on one thread: {error}", RuntimeWarning, stacklevel=4)
            finally:
                self.turn.release()
        if blocks > 0:
            self.serial(address, words, blocks)


def _after_fork_in_child() -> None:
    DRIVERS.turn = threading.Lock()  # the copy may be held by a thread that the child does not have
    TEAM.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


keep_freed_memory()
DRIVERS = _Drivers()
