"""One run of a function on variables in the place of its arguments: what `transforms.py` is made of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .batched import Batched, Level, lowered, raised
from .calls import variable_at
from .gradients import grad as gradients_of
from .graph import Leaf, Node
from .modes import ModeSetting, modes
from .tensor import Tensor, to_array, wrap
from .trees import flatten, mapped


def variable(value: Any, name: str) -> Tensor:
    """A tensor with the values of another, at a place of its own in the graph, in front of that one.

    Its array is read-only: a write in place would change what the caller holds.
    """
    base = lowered(_as_tensor(value, name), modes.level)
    array = base.data.view()
    array.flags.writeable = False
    if base.node is None:
        return wrap(array).requires_grad_()
    with ModeSetting(recording=True):
        placed: Tensor = variable_at(base)
    placed._data = array
    return placed


def _as_tensor(value: Any, name: str) -> Any:
    if not isinstance(value, (Tensor, Batched)):
        if value is None or isinstance(value, (str, bytes)):
            raise TypeError(f"{name}: differentiates by tensors, not by {type(value).__name__}.")
        value = wrap(to_array(value))
    if value.dtype.kind not in "fc":
        raise TypeError(
            f"{name}: differentiates by floating-point tensors, and one of shape {value.shape} is {value.dtype}. "
            f"Convert it with x.float(), or leave it out of argnums."
        )
    return value


class Trace:
    """One run of a function on variables in the place of some of its arguments."""

    def __init__(
        self,
        func: Callable[..., Any],
        primals: Sequence[Any],
        name: str,
        run: Callable[[list[Any]], Any] | None = None,
        has_aux: bool = False,
    ) -> None:
        """run: calls the function with the primals in their place (default: as its only arguments)."""
        self.name = name
        self.level: Level | None = modes.level
        leaves, self.structure = flatten(tuple(primals))
        self.variables = [variable(leaf, name) for leaf in leaves]
        self.nodes = {tensor.node for tensor in self.variables}
        self.outer = modes.recording
        given = self.structure.rebuild([raised(tensor, self.level) for tensor in self.variables])
        with ModeSetting(recording=True):
            result = run(list(given)) if run is not None else func(*given)
        self.aux: Any = None
        if has_aux:
            if not isinstance(result, tuple) or len(result) != 2:
                raise TypeError(f"{name}: with has_aux the function returns a tuple of two, its result and the rest.")
            result, aux = result
            self.aux = mapped(lambda leaf: self.settled(leaf) if isinstance(leaf, (Tensor, Batched)) else leaf, aux)
        found, self.result_structure = flatten(result)
        for leaf in found:
            if not isinstance(leaf, (Tensor, Batched)):
                raise TypeError(
                    f"{name}: the function returned {type(leaf).__name__}. Return tensors, in tuples, lists or dicts; "
                    f"what is not to be differentiated is returned beside them, with has_aux=True."
                )
        self.results = found  # as the function sees them
        self.outputs: list[Tensor] = [lowered(leaf, self.level) for leaf in found]
        self.linked = self.outer and self._lead_outside([output.node for output in self.outputs])

    def _lead_outside(self, nodes: Sequence[Node | None]) -> bool:
        """Whether the graph behind some nodes has other ends than the variables."""
        seen: set[Node] = set()
        stack = [node for node in nodes if node is not None]
        while stack:
            one = stack.pop()
            if one in seen:
                continue
            seen.add(one)
            if type(one) is Leaf:
                if one not in self.nodes:
                    return True
            else:
                stack += [parent for parent in one.parents if parent is not None]
        return False

    def settled(self, value: Any) -> Any:
        """A tensor that was computed from the variables, as the outside sees it."""
        if isinstance(value, Batched):
            return Batched(value.level, self.settled(value.value))
        return value if self.outer and self._lead_outside([value.node]) else value.detach()

    def value(self) -> Any:
        """The result of the function, as the outside sees it."""
        # Where no result leads outside, there is no need to look behind each.
        settle = self.settled if self.linked else operator.methodcaller("detach")
        return self.result_structure.rebuild([settle(leaf) for leaf in self.results])

    def pull(
        self,
        starts: Sequence[Any],
        outputs: Sequence[Any] | None = None,
        inputs: Sequence[Tensor] | None = None,
        create_graph: bool = False,
        retain_graph: bool = True,
    ) -> list[Any]:
        """The gradients by the variables (or `inputs`) of the outputs that require one, zeros where there is none."""
        outputs = self.outputs if outputs is None else outputs
        inputs = self.variables if inputs is None else inputs
        pairs = [(o, s) for o, s in zip(outputs, starts, strict=True) if o.node is not None]
        create_graph = create_graph or self.linked
        found: Sequence[Any] = [None] * len(inputs)
        if pairs:
            found = gradients_of(
                [o for o, _ in pairs],
                inputs,
                [s for _, s in pairs],
                retain_graph=retain_graph or create_graph,
                create_graph=create_graph,
                allow_unused=True,
            )
        return [zeros_of(i) if g is None else g for i, g in zip(inputs, found, strict=True)]

    def check_results(self) -> None:
        """Raises where a result has no gradient."""
        for result in self.results:
            if result.dtype.kind not in "fc":
                raise TypeError(
                    f"{self.name}: the function returned {result.dtype} of shape {result.shape}, and integers have no "
                    f"gradient. Return it beside the result, with has_aux=True."
                )

    def depends(self) -> list[bool]:
        """Whether each output depends on a variable at all."""
        return [bool(self._reached_from([output]) & self.nodes) for output in self.outputs]

    def reached(self) -> list[bool]:
        """Whether some output depends on each variable."""
        found = self._reached_from(self.outputs)
        return [variable.node in found for variable in self.variables]

    def _reached_from(self, outputs: Sequence[Tensor]) -> set[Node | None]:
        seen: set[Node | None] = set()
        stack: list[Node | None] = [output.node for output in outputs]
        while stack:
            one = stack.pop()
            if one is not None and one not in seen:
                seen.add(one)
                stack += one.parents
        return seen

    def shown(self, tensors: Sequence[Any]) -> list[Any]:
        """Gradients, as the function sees them."""
        return [raised(tensor, self.level) for tensor in tensors]


def zeros_of(tensor: Tensor) -> Tensor:
    return wrap(np.zeros(tensor.shape, tensor.dtype))


def ones_of(tensor: Tensor) -> Tensor:
    return wrap(np.ones(tensor.shape, tensor.dtype))
