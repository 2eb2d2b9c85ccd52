"""The libraries that are compared: ours, and each peer that is installed.

A peer makes a `Candidate` of a `Work`. To add one, derive from `Peer` and name it in PEERS.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import time
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .measure import Candidate
from .row import AS_TWIN, Draw, Missing, Work
from .training import CHECKED_RATE, CHECKED_STEPS, TIMED_RATE, Training, weights


class NotForThisRow(Exception):
    """A peer has no fair way to run a row; it is left out there."""


class Peer:
    """A library that runs rows."""

    name: ClassVar[str]
    module: ClassVar[str]  # what must be installed

    @classmethod
    def installed(cls) -> bool:
        return importlib.util.find_spec(cls.module) is not None

    def set_threads(self, threads: int) -> None:
        """Called once, before anything runs."""

    def candidate(self, work: Work | Training, backward: bool) -> Candidate:
        raise NotImplementedError


class _Names:
    """The names of some modules; a name that none of them has is a missing feature."""

    def __init__(self, *modules: Any) -> None:
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        for module in self._modules:
            if hasattr(module, name):
                value = getattr(module, name)
                setattr(self, name, value)  # found at once the next time: no part of what is timed
                return value
        raise Missing(f"{self._modules[0].__name__}.{name}")


class Library(_Names):
    """What rows call `lib`: the package's functions, and its layers, optimizers and functions of layers."""

    def __init__(self, peer: Peer, package: Any, layers: Any, optimizers: Any, functional: Any) -> None:
        super().__init__(package)
        self.peer = peer
        self.nn, self.optim, self.F = _Names(layers), _Names(optimizers), _Names(functional)


class Eager(Peer):
    """Ours and PyTorch: tensors, and a graph that is recorded as they are computed with."""

    def __init__(self) -> None:
        self.lib = Library(self, *self.packages())

    def packages(self) -> tuple[Any, Any, Any, Any]:
        """The package, its layers, its optimizers, and its functions of layers."""
        raise NotImplementedError

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        """A leaf with a copy of the array."""
        raise NotImplementedError

    def array(self, tensor: Any) -> np.ndarray:
        return np.array(tensor.detach().numpy())

    def assign(self, parameter: Any, array: np.ndarray) -> None:
        """Gives a parameter its first values."""
        raise NotImplementedError

    def parameter(self, tensor: Any) -> Any:
        """The tensor as a module's parameter."""
        return self.lib.nn.Parameter(tensor, requires_grad=tensor.requires_grad)

    def compiled(self, run: Callable[..., Any]) -> Callable[..., Any]:
        return run

    def candidate(self, work: Work | Training, backward: bool) -> Candidate:
        if isinstance(work, Training):
            step, _ = self.training(work, TIMED_RATE, dropout=0.5)
            return Candidate(step, lambda: self.trained(work, np.float32))
        run, tensors = self.computation(work, backward)
        return self.timed(work, backward, run, tensors)

    def results(self, work: Work | Training, backward: bool, dtype: Any) -> dict[str, np.ndarray]:
        """What a row results in, computed in this precision."""
        if isinstance(work, Training):
            return self.trained(work, dtype)
        return self.timed(work, backward, *self.computation(work, backward, dtype)).results()

    # -- one function -------------------------------------------------------------------------------------------------
    def computation(
        self, work: Work, backward: bool, dtype: Any = np.float32
    ) -> tuple[Callable[[], Any], dict[str, Any]]:
        """The forward pass without arguments, and the tensors it uses by name."""
        wanted = work.differentiable() if backward else []
        tensors = {}
        for name, array in work.inputs.items():
            if array.dtype == np.float32:
                array = array.astype(dtype)
            tensors[name] = self.tensor(array, name in wanted)
            if name in work.parameters:
                tensors[name] = self.parameter(tensors[name])
        first = work.prepare(self.lib, *tensors.values()) if work.prepare else self.lib
        return functools.partial(self.compiled(work.run), first, *tensors.values()), tensors

    def timed(self, work: Work, backward: bool, run: Callable[[], Any], tensors: dict[str, Any]) -> Candidate:
        if not backward:
            return Candidate(run, lambda: {"value": self.array(run())})
        leaves = {name: tensors[name] for name in work.differentiable()}
        g = self.tensor(gradient_of(self.array(run())))
        listed = list(leaves.values())

        def forward_and_backward() -> Any:
            for leaf in listed:
                leaf.grad = None
            out = run()
            out.backward(g)
            return out

        def results() -> dict[str, np.ndarray]:
            value = self.array(forward_and_backward())
            return {"value": value} | {f"gradient by {name}": self.array(leaf.grad) for name, leaf in leaves.items()}

        return Candidate(forward_and_backward, results)

    # -- training -----------------------------------------------------------------------------------------------------
    def training(
        self, work: Training, rate: float, dropout: float, dtype: Any = np.float32
    ) -> tuple[Callable[[], Any], Any]:
        """A step of training without arguments, and the model."""
        model = work.model(self.lib, dropout)
        for name, parameter in model.named_parameters():
            self.assign(parameter, weights(name, tuple(parameter.shape)))
        if dtype == np.float64:
            model.double()
        batch = [self.tensor(a.astype(dtype) if a.dtype == np.float32 else a) for a in work.batch.values()]
        optimizer = self.lib.optim.Adam(model.parameters(), lr=rate)
        called = self.compiled(model)

        def step() -> Any:
            optimizer.zero_grad()
            loss = work.loss(self.lib, called, *batch)
            loss.backward()
            optimizer.step()
            return loss

        return step, model

    def trained(self, work: Training, dtype: Any) -> dict[str, np.ndarray]:
        """The losses of the first steps and the gradients of the first one, without dropout."""
        step, model = self.training(work, CHECKED_RATE, 0.0, dtype)
        losses = [self.array(step())]
        found = {f"gradient by {name}": self.array(p.grad) for name, p in model.named_parameters()}
        losses += [self.array(step()) for _ in range(CHECKED_STEPS - 1)]
        return {"value": np.stack(losses)} | found


def gradient_of(result: np.ndarray) -> np.ndarray:
    """The gradient that a backward pass starts from: random, the same for every library and precision."""
    return np.asarray(Draw("gradient")(*result.shape), np.float32).astype(result.dtype)


class Ours(Eager):
    name = "ours"
    module = "autograd"

    def packages(self) -> tuple[Any, Any, Any, Any]:
        import autograd
        import nn
        import optim

        return autograd, nn, optim, nn.functional

    def set_threads(self, threads: int) -> None:
        import autograd

        autograd.set_num_threads(threads)

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        return self.lib.tensor(array.copy(), requires_grad=requires_grad)

    def assign(self, parameter: Any, array: np.ndarray) -> None:
        parameter.data[...] = array

    def loss_of(self, work: Training) -> Callable[[dict[str, np.ndarray]], float]:
        """The loss in float64 as a function of the parameters' values by name, for numerical derivatives."""
        _, model = self.training(work, CHECKED_RATE, 0.0, np.float64)
        batch = [self.tensor(a.astype(np.float64) if a.dtype == np.float32 else a) for a in work.batch.values()]

        def loss(arrays: dict[str, np.ndarray]) -> float:
            for name, parameter in model.named_parameters():
                self.assign(parameter, arrays[name])
            with self.lib.no_grad():
                return float(work.loss(self.lib, model, *batch).item())

        return loss


class Torch(Eager):
    """PyTorch as it is used by most: eager."""

    name = "torch"
    module = "torch"

    def packages(self) -> tuple[Any, Any, Any, Any]:
        torch = importlib.import_module("torch")
        return torch, torch.nn, torch.optim, torch.nn.functional

    def set_threads(self, threads: int) -> None:
        self.lib.set_num_threads(threads)

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        return self.lib.tensor(array, requires_grad=requires_grad)

    def assign(self, parameter: Any, array: np.ndarray) -> None:
        parameter.data.copy_(self.lib.from_numpy(array))


class TorchCompile(Torch):
    """PyTorch with the forward pass, and so the backward pass, compiled by `torch.compile`."""

    name = "torch-compile"

    def compiled(self, run: Callable[..., Any]) -> Callable[..., Any]:
        return self.lib.compile(run, dynamic=False)


class Jax(Peer):
    """JAX: the row's twin, compiled as a whole."""

    name = "jax"
    module = "jax"

    def candidate(self, work: Work | Training, backward: bool) -> Candidate:
        jax = importlib.import_module("jax")
        if isinstance(work, Training):
            raise NotForThisRow
        twin = work.twin if work.jax is AS_TWIN else work.jax
        if twin is None:
            raise NotForThisRow
        jnp = importlib.import_module("jax.numpy")
        arrays = [jnp.asarray(array) for array in work.inputs.values()]
        # XLA computes on threads of its own.
        clock = time.process_time
        forward = jax.jit(lambda *args: twin(jnp, *args))
        if not backward:
            return Candidate(
                lambda: forward(*arrays).block_until_ready(), lambda: {"value": np.asarray(forward(*arrays))}, clock
            )
        g = jnp.asarray(gradient_of(np.asarray(forward(*arrays))))
        names = work.differentiable()
        at = [list(work.inputs).index(name) for name in names]

        def both(*args: Any) -> Any:
            def by_floats(*floats: Any) -> Any:
                merged = list(args)
                for i, one in zip(at, floats, strict=True):
                    merged[i] = one
                return twin(jnp, *merged)

            out, pull = jax.vjp(by_floats, *(args[i] for i in at))
            return out, pull(g)

        both = jax.jit(both)

        def results() -> dict[str, np.ndarray]:
            out, gradients = both(*arrays)
            named = zip(names, gradients, strict=True)
            return {"value": np.asarray(out)} | {f"gradient by {name}": np.asarray(d) for name, d in named}

        return Candidate(lambda: jax.block_until_ready(both(*arrays)), results, clock)


class NumPy(Peer):
    """NumPy: the row's twin as it stands, forward only."""

    name = "numpy"
    module = "numpy"

    def candidate(self, work: Work | Training, backward: bool) -> Candidate:
        if isinstance(work, Training) or backward or work.twin is None:
            raise NotForThisRow
        run = functools.partial(work.twin, np, *(array.copy() for array in work.inputs.values()))
        return Candidate(run, lambda: {"value": np.asarray(run())})


PEERS: dict[str, type[Peer]] = {peer.name: peer for peer in (Torch, TorchCompile, Jax, NumPy)}


def choose(names: str) -> tuple[list[str], list[str]]:
    """The peers of a comma-separated list (or "all") that are installed, and those that are not."""
    wanted = list(PEERS) if names == "all" else [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        raise ValueError(f"no such peer: {unknown[0]}. There are {', '.join(PEERS)}.")
    return [n for n in wanted if PEERS[n].installed()], [n for n in wanted if not PEERS[n].installed()]
