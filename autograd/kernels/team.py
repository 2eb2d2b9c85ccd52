"""A team of threads that runs the blocks of a kernel: whoever is free takes the next.

The calling thread takes blocks like all others, and at the end waits for those who are at work, never for a thread that
has yet to wake up: on cores that other programs hold, that would cost a time slice, thousands of times what a kernel
takes. (The barrier of OpenMP waits so, and its threads do not survive a fork, where these start anew.)

A thread looks for work for some tenths of a millisecond after the last, since kernels come in bursts; then it sleeps on
a lock of Python's C interface, which every system has and for which no thread needs the interpreter.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import threading
from collections.abc import Callable

import numpy as np
from numba import extending, types

from autograd.kernels.compile import compile_callback
from autograd.kernels.machine import (
    FLUSH_DENORMALS,
    WORDS,
    add_shared,
    and_shared,
    call_block,
    call_c,
    change_shared,
    pause,
    read_mxcsr,
    read_shared,
    swap_shared,
    write_mxcsr,
    write_shared,
)
from autograd.kernels.threads import MOST_THREADS

__all__ = ["TEAM"]

# What the threads share, in int64 numbers; what one thread waits for while others write stands 8 numbers (a line of the
# cache) from the rest.
GATE = 0  # who may take part: job number << 32 | members << 17 | open << 16 | members at work; below 0: all go home
COUNTER = 8  # the next block
JOB = 16  # address of the block function, address of its words, number of blocks, how many are taken at a time
CALLS = 24  # addresses of functions of C: acquire a lock, release it, let another thread run
SLEEPING = 32  # of each member, at 8 times its number: 1 while it sleeps or is about to, and beside it its lock

_OPEN = 1 << 16
_AT_WORK = _OPEN - 1
_MEMBERS = 1 << 17
_SHARES = 16  # that a member takes of a job, at least, if there are as many blocks: so that all are done together
_JOBS = 1 << 32
_LOOKS = 20000  # how often a thread looks for work before it sleeps: some tenths of a millisecond
_WAITS = 1000  # how often the caller looks whether the others are done before it lets another thread run
_MOST = 1 << 14  # members that the gate has room for


@extending.register_jitable
def _work(shared, member):
    """Take blocks until there are none left."""
    saved = read_mxcsr()
    write_mxcsr(saved | np.int32(FLUSH_DENORMALS))
    blocks, taken = shared[JOB + 2], shared[JOB + 3]
    block = add_shared(shared, COUNTER, taken)
    while block < blocks:
        for _ in range(min(taken, blocks - block)):
            call_block(shared[JOB], shared[JOB + 1], block, member)
            block += 1
        block = add_shared(shared, COUNTER, taken)
    write_mxcsr(saved)


def _serve(shared, member):
    """What each thread but the first does, until it is sent home."""
    done = np.int64(0)
    while True:
        looks = 0
        gate = read_shared(shared, GATE)
        while gate >= 0 and (gate & _OPEN == 0 or gate // _JOBS == done):
            looks += 1
            pause()
            if looks > _LOOKS:
                looks = 0
                write_shared(shared, SLEEPING + 8 * member, 1)
                gate = read_shared(shared, GATE)
                idle = gate >= 0 and (gate & _OPEN == 0 or gate // _JOBS == done)
                # Who wakes a member takes the 1 away, and releases its lock once for it.
                if idle or swap_shared(shared, SLEEPING + 8 * member, 0) == 0:
                    call_c(shared[CALLS], shared[SLEEPING + 8 * member + 1], 1)
            gate = read_shared(shared, GATE)
        if gate < 0:
            return
        if member >= (gate // _MEMBERS) % _MOST:
            done = gate // _JOBS
        elif change_shared(shared, GATE, gate, gate + 1):
            done = gate // _JOBS
            _work(shared, member)
            add_shared(shared, GATE, -1)


def _run(shared, address, words, blocks, members):
    """Run a job with so many members, of which the caller is one."""
    shared[JOB], shared[JOB + 1], shared[JOB + 2] = address, words, blocks
    # Of many small blocks several at a time: neighbours mostly write to neighbouring memory.
    shared[JOB + 3] = max(1, blocks // (_SHARES * members))
    shared[COUNTER] = 0
    number = (shared[GATE] // _JOBS + 1) % (1 << 30)
    write_shared(shared, GATE, number * _JOBS + members * _MEMBERS + _OPEN)
    for member in range(1, members):
        if read_shared(shared, SLEEPING + 8 * member) and swap_shared(shared, SLEEPING + 8 * member, 0):
            call_c(shared[CALLS + 1], shared[SLEEPING + 8 * member + 1], 0)
    _work(shared, 0)
    and_shared(shared, GATE, ~_OPEN)
    looks = 0
    while read_shared(shared, GATE) & _AT_WORK:
        looks += 1
        pause()
        if looks > _WAITS:
            looks = 0
            call_c(shared[CALLS + 2], 0, 0)


class Team:
    """The threads of this process, started when first needed."""

    def __init__(self) -> None:
        self._shared = np.zeros(8, np.int64)
        self._threads: list[threading.Thread] = []
        self._locks: list[int] = []
        self._run: Callable[[int, int, bytes, int, int], None] | None = None
        self._serve: Callable[[int, int], None]
        self._libraries: list[object] = []

    def run(self, address: int, words: bytes, blocks: int, members: int) -> None:
        """Run blocks 0 to ``blocks - 1`` of the block function at an address, on so many threads.

        Raises RuntimeError where a thread can not be started. To be called by one thread at a time.
        """
        run = self._run or self._prepare()
        while len(self._threads) < members - 1:
            self._enlist()
        run(self._place, address, words, blocks, members)

    def _prepare(self) -> Callable[[int, int, bytes, int, int], None]:
        size, i64 = ctypes.c_ssize_t, types.int64
        serve, serve_library = compile_callback(_serve, (WORDS, i64))
        run, run_library = compile_callback(_run, (WORDS, i64, i64, i64, i64))
        self._libraries = [serve_library, run_library]
        self._serve = ctypes.CFUNCTYPE(None, size, size)(serve)
        self._start_anew()
        self._run = ctypes.CFUNCTYPE(None, size, size, ctypes.c_char_p, size, size)(run)
        return self._run

    def _start_anew(self) -> None:
        """Without threads: at the beginning, and in a forked child, which has none of its parent's."""
        python = ctypes.pythonapi
        python.PyThread_allocate_lock.restype = ctypes.c_void_p
        if sys.platform == "win32":
            give_way = ctypes.windll.kernel32.SwitchToThread
        else:
            give_way = ctypes.CDLL(None).sched_yield
        self._threads, self._locks = [], []
        calls = (python.PyThread_acquire_lock, python.PyThread_release_lock, give_way)
        # From the beginning of a line of the cache.
        room = np.zeros(SLEEPING + 8 * (MOST_THREADS + 2), np.int64)
        start = -(room.ctypes.data // 8) % 8
        self._shared = room[start:]
        self._shared[CALLS : CALLS + 3] = [ctypes.cast(function, ctypes.c_void_p).value or 0 for function in calls]
        self._place: int = self._shared.ctypes.data

    def _enlist(self) -> None:
        """One more thread."""
        member = len(self._threads) + 1
        lock = ctypes.pythonapi.PyThread_allocate_lock()
        ctypes.pythonapi.PyThread_acquire_lock(ctypes.c_void_p(lock), 1)
        self._shared[SLEEPING + 8 * member : SLEEPING + 8 * member + 2] = 0, lock
        thread = threading.Thread(
            target=self._serve, args=(self._place, member), name=f"autograd-{member}", daemon=True
        )
        thread.start()
        self._threads.append(thread)
        self._locks.append(lock)

    def dismiss(self) -> None:
        """Send all threads home: compiled code goes when the interpreter does."""
        self._shared[GATE] = -1
        for member, (thread, lock) in enumerate(zip(self._threads, self._locks, strict=True), 1):
            for _ in range(100):
                if self._shared[SLEEPING + 8 * member]:
                    self._shared[SLEEPING + 8 * member] = 0
                    ctypes.pythonapi.PyThread_release_lock(ctypes.c_void_p(lock))
                thread.join(0.01)
                if not thread.is_alive():
                    break
        if self._run is not None:
            self._start_anew()

    def after_fork_in_child(self) -> None:
        """The child has no threads but the one that forked."""
        if self._run is not None:
            self._start_anew()


TEAM = Team()
atexit.register(TEAM.dismiss)
