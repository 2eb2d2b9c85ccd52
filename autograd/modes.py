"""Gradient modes, one set a thread: whether operations are recorded, and how strict the backward pass is."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class _Modes(threading.local):
    recording = True  # operations on tensors that need a gradient are put on the tape
    inference = False  # inside inference_mode()
    anomaly = False  # nodes remember where they were made, gradients are searched for NaN
    strict_nan = False  # an incoming gradient of zero no longer absorbs an infinite or undefined derivative
    noting = False  # something is noted of each node that is recorded (`graph.note`): one test for all that may be
    keeper: Any = None  # what takes care of the arrays that nodes save (`saved_tensors.py`)
    repeating = False  # what runs has run before (`recompute.py`), and is not to count twice
    ending: Any = None  # what to call at the end of the backward pass that is under way, by who asked for it
    level: Any = None  # the innermost vmap (`batching.py`)


modes = _Modes()


class ModeSetting:
    """Sets some of the modes for a `with` block or a decorated function; restores what was there before."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._stack: list[tuple[int, dict[str, Any]]] = []  # of all threads that are inside

    def __enter__(self) -> ModeSetting:
        self._stack.append((threading.get_ident(), {name: getattr(modes, name) for name in self._settings}))
        for name, value in self._settings.items():
            setattr(modes, name, value)
        return self

    def __exit__(self, *_: object) -> None:
        i = len(self._stack) - 1
        while self._stack[i][0] != threading.get_ident():
            i -= 1
        for name, value in self._stack.pop(i)[1].items():
            setattr(modes, name, value)

    def __call__(self, function: Function) -> Function:
        settings = self._settings
        if inspect.isgeneratorfunction(function):
            return _between_yields(function, settings)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            # A setting of its own for each call: the decorated function may recurse, or run in several threads.
            with ModeSetting(**settings):
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]


def _between_yields(function: Function, settings: dict[str, Any]) -> Function:
    """The generator function with the settings while it runs, and those of the caller while it waits."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        step: Callable[[], Any] = functools.partial(next, generator)
        try:
            while True:
                try:
                    with ModeSetting(**settings):
                        value = step()
                except StopIteration as end:
                    return end.value
                try:
                    step = functools.partial(generator.send, (yield value))
                except GeneratorExit:
                    raise
                except BaseException as error:  # thrown in by the caller: it is the generator's to handle
                    step = functools.partial(generator.throw, error)
        finally:
            with ModeSetting(**settings):
                generator.close()

    return wrapper  # type: ignore[return-value]


class no_grad(ModeSetting):
    """Nothing inside is recorded, so nothing inside can be differentiated.  A context manager and a decorator.

    >>> import autograd
    >>> x = autograd.tensor([1.0, 2.0], requires_grad=True)
    >>> with autograd.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __new__(cls, function: Any = None) -> Any:
        if function is not None:
            return cls()(function)  # `@no_grad` without parentheses
        return super().__new__(cls)

    def __init__(self, function: Any = None) -> None:
        super().__init__(recording=False)


class enable_grad(no_grad):
    """Records again inside a `no_grad()` block.  A context manager and a decorator."""

    def __init__(self, function: Any = None) -> None:
        ModeSetting.__init__(self, recording=True)


class inference_mode(ModeSetting):
    """Like `no_grad()`, and says by `is_inference_mode_enabled()` that no gradient will ever be asked for."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__(recording=not mode, inference=mode)


class set_grad_enabled(ModeSetting):
    """Recording on or off: at once when called as a function, and for a block when used with `with`."""

    def __init__(self, mode: bool) -> None:
        super().__init__(recording=bool(mode))
        self._before = modes.recording
        modes.recording = bool(mode)

    def __enter__(self) -> ModeSetting:
        modes.recording = self._before
        return super().__enter__()

    def __call__(self, function: Function) -> Function:
        modes.recording = self._before
        return super().__call__(function)


class strict_nan(ModeSetting):
    """An incoming gradient of exactly 0 no longer gives 0 where the local derivative is infinite or NaN.

    By default it does, so that `where(x > 0, sqrt(x), x)` has a finite gradient everywhere. Turn it off to hunt the
    place where a real NaN is made.
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__(strict_nan=mode)


class detect_anomaly(ModeSetting):
    """A gradient that turns NaN raises an error naming the operation and the line that recorded it.  Slow."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__(anomaly=mode, **({"noting": True} if mode else {}))


def is_grad_enabled() -> bool:
    """Whether operations are being recorded in this thread."""
    return modes.recording


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside `inference_mode()`."""
    return modes.inference
