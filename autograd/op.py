"""The one way to declare a differentiable operation.

    @primitive
    def tanh(x):
        \"\"\"Hyperbolic tangent of each element.  x: (*) -> (*)\"\"\"
        return np.tanh(x)

    tanh.gradient(x=lambda g, out: g * (1 - out * out))

A *primitive* is a forward on arrays with a gradient rule for each input beside it. A rule names what it needs as
parameters: `g`, the gradient of the result, comes first; then `out`, the result; any parameter of the forward;
`x_shape`, the shape of parameter x; `needed`, which of the inputs need a gradient; or an extra that the forward handed
over with `keep`. Only what a rule names stays alive until the backward pass, and only the rules of inputs that need a
gradient run. The backward pass undoes broadcasting and casts gradients to the dtype of their tensor: a rule never does.

Rules are written with operators and with operations of this package, which give arrays for arrays and tensors for
tensors. The backward pass hands them arrays, and under `create_graph` tensors: every higher derivative comes from the
same line.

A *composite* is a plain function of operations. A *fused* operation is a composite together with a kernel pair that
takes its place on the hot path.
"""

from __future__ import annotations

import copy
import functools
import inspect
import types
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .graph import Node, Pick, clock, note
from .modes import modes
from .tensor import wrap
from .walk import absorb_zero

_ndarray = np.ndarray
_FLOAT32 = np.dtype(np.float32)

registry: dict[str, Op] = {}  # the operations of this package, by name
functions: dict[str, Callable[..., Any]] = {}  # other public functions that the files of operations declare, by name
# A name with a dot stands in a namespace: linalg.solve is `autograd.linalg.solve`, and no method.
ufuncs: dict[Any, Callable[..., Any]] = {}  # by the NumPy function that does the same
every: weakref.WeakSet[Op] = weakref.WeakSet()  # the operations of this package and those of others


def public(namespace: str = "") -> dict[str, Callable[..., Any]]:
    """What is found in a namespace of the package, or in the package itself, by name."""
    named = {name: op.call for op in registry.values() for name in (op.name, *op.aliases)} | functions
    parts = {name: name.rpartition(".") for name in named}
    return {last: named[name] for name, (space, _, last) in parts.items() if space == namespace}


class keep:
    """What a forward returns that hands extras to its gradient rules: `return keep(out, indices=indices)`."""

    __slots__ = ("extras", "out")

    def __init__(self, out: Any, **extras: Any) -> None:
        self.out = out
        self.extras = extras


class Sample:
    """The arguments of one conformance case.  Arrays in it become tensors where the operation takes tensors."""

    __slots__ = ("args", "kwargs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs


def _parameters_of(function: Callable[..., Any]) -> tuple[list[str], dict[str, Any], bool]:
    """The names of the parameters, the defaults of those that have one, and whether the last one takes the rest.

    Hundreds of functions are looked at while the package is imported; `inspect.signature` is for what is not a plain
    Python function, and takes ten times as long.
    """
    if not isinstance(function, types.FunctionType) or function.__kwdefaults__:
        parameters = inspect.signature(function).parameters
        defaults = {key: p.default for key, p in parameters.items() if p.default is not p.empty}
        return list(parameters), defaults, any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    code = function.__code__
    variadic = bool(code.co_flags & inspect.CO_VARARGS)
    names = list(code.co_varnames[: code.co_argcount])
    given = function.__defaults__ or ()
    defaults = dict(zip(names[len(names) - len(given) :], given, strict=True))
    if variadic:
        names.append(code.co_varnames[code.co_argcount])
    return names, defaults, variadic


def _refuse_keywords(function: Any, kind: str, name: str | None = None) -> None:
    """TypeError for what has parameters that can not be given by their place."""
    name = name or getattr(function, "__name__", repr(function))
    if not callable(function):
        raise TypeError(f"{kind}: takes a function, not {name}.")
    if isinstance(function, types.FunctionType):
        code = function.__code__
        refused = bool(code.co_kwonlyargcount or code.co_flags & inspect.CO_VARKEYWORDS)
    else:
        kinds = {p.kind for p in inspect.signature(function).parameters.values()}
        refused = bool(kinds & {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD})
    if refused:
        raise TypeError(f"{name}: a {kind} has no keyword-only parameters. Leave the * or the ** away.")


def _shape_of(value: Any) -> Any:
    """The shape of an array or a number; of a list of arrays, theirs."""
    if type(value) is _ndarray:
        return value.shape
    return [np.shape(v) for v in value] if type(value) is list else np.shape(value)


class Op:
    """What is known of one operation: its forward, its gradient rules, and what it is called."""

    fills = True  # a result that no gradient has reached has one of zeros
    method: bool
    operators: tuple[str, ...]
    aliases: tuple[str, ...]

    def __init__(
        self,
        forward: Callable[..., Any],
        kind: str = "primitive",
        *,
        elementwise: bool = False,
        domain: tuple[float, float] = (-2.0, 2.0),
        view: bool = False,
        layout_matters: bool = False,
        sequence: str | None = None,
        sticky: bool = False,
        conjugates: bool = False,
        hermitian: str | None = None,
        in_place: bool | None = None,
        reference: Callable[..., Any] | None = None,
        name: str | None = None,
        namespace: str = "",
    ) -> None:
        """
        elementwise: each element of the result depends on the elements at the same place of the broadcast inputs.
        domain: the interval from which samples are drawn.
        view: the result may share the memory of the first parameter.
        layout_matters: the result depends on how the first parameter lies in memory, as that of as_strided does.
        sequence: the parameter that is a list of tensors.
        sticky: an infinite or undefined input always makes the result so; see `absorbing` in gradient().
        conjugates: the rules are right for complex numbers as they stand; see `conjugated`.
        hermitian: the parameter whose matrices are taken to be Hermitian, so that one triangle of them is read. The
            gradient by it is right along changes that keep it Hermitian.
        in_place: whether there is a method `name_` (default: for elementwise operations).
        reference: the same computed another way, on arrays: the oracle of the tests.
        namespace: "linalg", "fft" or "special" for what is found there, and not in the package itself.
        """
        if kind != "composite":
            _refuse_keywords(forward, kind, name)
        every.add(self)
        self.forward = forward
        self.run = forward  # what a call runs on arrays, looked up anew by each call
        self.kind = kind
        self.name = f"{namespace}.{name or forward.__name__}".lstrip(".")
        self.parameters, self.defaults, self.variadic = _parameters_of(forward)
        self.elementwise = elementwise
        self.domain = domain
        self.view = view
        self.layout_matters = layout_matters
        self.sticky = sticky
        self.conjugates = conjugates
        self.hermitian = None if hermitian is None else self.parameters.index(hermitian)
        self.sequence = None if sequence is None else self.parameters.index(sequence)
        self.in_place = elementwise and not namespace if in_place is None else in_place
        self.reference = reference
        self.samples: Callable[[Any], Iterable[Sample]] | None = None
        self.errors: Callable[[Any], Iterable[tuple[Sample, type[Exception], str]]] | None = None
        self.call: Callable[..., Any] = forward
        self.operator: Callable[[Any, Any], Any] | None = None  # the same for two operands, without keywords
        # What a node may save, in order: the parameters, the result, extras. `needs` says for each input that has a
        # rule which of those the rule names.
        self.layout = [*self.parameters, "out"]
        self.inputs: list[int] = []
        self.needs: list[tuple[int, ...]] = []
        self.absorbing = 0
        # What to save of (x, y, result) where the first, the second, or both of two inputs need a gradient.
        self.pair: tuple[Callable[[Any, Any, Any], tuple[Any, ...]], ...] | None = None
        self._savers: dict[tuple[bool, ...], Callable[..., tuple[Any, ...]]] = {}
        self.pull: Callable[[Any, Any, Sequence[Node | None], int], Sequence[Any]] = _no_rule

    @functools.cached_property
    def doc(self) -> str:
        """The documentation."""
        return inspect.getdoc(self.forward) or ""

    # -- declaring gradients ------------------------------------------------------------------------------------------
    def gradient(self, *, absorbing: bool | int | None = None, **rules: Callable[..., Any]) -> None:
        """Declares the gradient by each input: `mul.gradient(a=lambda g, b: g * b, b=lambda g, a: g * a)`.

        Without any rule it says that there is none, as of a comparison.

        absorbing: where the incoming gradient is exactly 0 so is the result, even if the derivative is infinite or
        NaN there. Default: for an elementwise operation whose rules name an array. `BEHIND_SELECTION` says that the
        derivative is finite for finite inputs. Then nothing can go wrong as long as all operations between this one
        and the end of the computation are sticky, and the check is left out.
        """
        self._check_inputs(rules)
        names = sorted(rules, key=self.parameters.index)
        self._savers.clear()
        self.inputs = [self.parameters.index(name) for name in names]
        self.needs = [self._positions(rules[name]) for name in names]
        self.absorbing = int((self.elementwise and any(self.needs)) if absorbing is None else absorbing)
        in_order = [rules[name] for name in names]
        if len(names) == 2 and all(len(need) == 1 for need in self.needs):
            self.pull = _pull_two(in_order, self.needs, self.absorbing)
        else:
            bound = [_bind_rule(rule, need) for rule, need in zip(in_order, self.needs, strict=True)]
            self.pull = _pull_each(bound, self.absorbing)
        if self.inputs == [0, 1] and len(self.layout) == 3:
            patterns = ((True, False), (False, True), (True, True))
            self.pair = tuple(_pair_saver(*self.kept(needed)) for needed in patterns)

    def expect_gradient(self) -> None:
        """Makes a backward pass raise that arrives before a gradient is declared; `gradient()` declares none."""
        self.inputs = list(range(len(self.parameters)))
        self.needs = [()] * len(self.inputs)
        self.pull = self._not_declared

    def _not_declared(self, g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
        raise RuntimeError(
            f"{self.name}: has no gradient. Declare one, {self.name}.gradient({self.parameters[0]}=...), or say that "
            f"nothing flows through it: {self.name}.gradient()."
        )

    def gradients(self, *inputs: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declares one rule for several inputs, which returns their gradients in that order.

        A parameter that is a list of tensors stands for all of them. For an input that does not need a gradient
        (`needed`) the rule may return None.
        """

        self._check_inputs(inputs)

        def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
            self._savers.clear()
            self.inputs = [self.parameters.index(name) for name in inputs]
            self.needs = [self._positions(rule)] * len(inputs)
            self.pull = _pull_together(_bind_rule(rule, self.needs[0]), self.name, inputs)
            return rule

        return declare

    def _check_inputs(self, names: Iterable[str]) -> None:
        unknown = [name for name in names if name not in self.parameters]
        if unknown:
            raise TypeError(f"{self.name}: a gradient by {unknown[0]}, but the parameters are {self.parameters}.")

    def _positions(self, rule: Callable[..., Any]) -> tuple[int, ...]:
        """Where in the layout lies what the rule names after `g`.  New names are extras and join the layout."""
        _refuse_keywords(rule, "gradient rule", self.name)
        names = _parameters_of(rule)[0]
        if names[:1] != ["g"]:
            raise TypeError(f"{self.name}: the first parameter of a gradient rule is g, the gradient of the result.")
        self.layout += [name for name in names[1:] if name not in self.layout]
        return tuple(self.layout.index(name) for name in names[1:])

    @functools.cached_property
    def conjugated(self) -> Op:
        """The operation as recorded where its result is complex.

        The gradient is that of PyTorch, g times the conjugate of the derivative, whereas a rule that is written for
        real numbers multiplies g by the derivative: so it gets the conjugate of g, and its result is conjugated.
        """
        if self.conjugates:
            return self
        op = copy.copy(self)
        op.pull = lambda g, saved, parents, absorb: [
            None if d is None else d.conj() for d in self.pull(_conjugate(g), saved, parents, absorb)
        ]
        return op

    # -- recording ----------------------------------------------------------------------------------------------------
    def kept(self, needed: tuple[bool, ...]) -> tuple[bool, ...]:
        """Which entries of the layout to save, given which inputs need a gradient."""
        named = {i for wanted, need in zip(needed, self.needs, strict=True) if wanted for i in need}
        return tuple(i in named for i in range(len(self.layout)))

    def needed_inputs(self, parents: Sequence[Node | None]) -> tuple[bool, ...]:
        """Which inputs need a gradient; a list does if any of its members does."""
        needed = [parent is not None for parent in parents]
        if self.sequence is not None and self.sequence in self.inputs:
            at = self.inputs.index(self.sequence)
            members = len(needed) - len(self.inputs) + 1
            needed[at : at + members] = [any(needed[at : at + members])]
        return tuple(needed)

    def record(
        self, parents: tuple[Node | None, ...], needed: tuple[bool, ...], values: Sequence[Any], out: Any, extras: Any
    ) -> Node:
        """A node that saves what the rules of the needed inputs name."""
        save = self._savers.get(needed)
        if save is None:
            self._savers[needed] = save = self._saver(needed)
        if extras is not None and not extras.keys().isdisjoint(self.parameters):
            name = next(name for name in extras if name in self.parameters)
            raise TypeError(f"{self.name}: its forward keeps {name}, which is a parameter. Give it another name.")
        node: Node = _new(Node)
        node.op = self
        node.parents = parents
        node.time = clock.now
        node.saved = save(values, out, parents, extras)
        if type(out) is _ndarray:
            node.shape = out.shape
            node.dtype = dtype = out.dtype
            if dtype is not _FLOAT32 and dtype.kind == "c":
                node.op = self.conjugated
        else:
            node.shape, node.dtype = tuple([o.shape for o in out]), tuple([o.dtype for o in out])
            if any(dtype.kind == "c" for dtype in node.dtype):
                node.op = self.conjugated
        node.extra = note(node) if modes.noting else None
        return node

    def _saver(self, needed: tuple[bool, ...]) -> Callable[..., tuple[Any, ...]]:
        """A function of (parameters, result, parents, extras) that picks what to save.

        Written out as source: a loop over the layout would take as long as a small operation.
        """
        kept = self.kept(needed)
        if not any(kept):
            return lambda values, out, parents, extras: ()
        picks = []
        for i, keeping in enumerate(kept):
            name = self.layout[i]
            parameter = name.removesuffix("_shape")
            if not keeping:
                picks.append("None")
            elif i < len(self.parameters):
                picks.append(f"values[{i}]")
            elif i == len(self.parameters):
                picks.append("out")
            elif name == "needed":
                picks.append("tuple([parent is not None for parent in parents])")
            elif parameter != name and parameter in self.parameters:
                picks.append(f"shape_of(values[{self.parameters.index(parameter)}])")
            else:
                picks.append(f"extra({name!r}, extras)")
        source = f"lambda values, out, parents, extras: ({', '.join(picks)},)"
        return eval(source, {"shape_of": _shape_of, "extra": self._extra})

    def _extra(self, name: str, extras: dict[str, Any] | None) -> Any:
        if extras is None or name not in extras:
            raise TypeError(f"{self.name}: a gradient rule names {name}, which the forward did not keep.")
        return extras[name]

    def saved_tensors(self, node: Node) -> tuple[Any, ...]:
        """What the node saved, with the inputs and the result as tensors in their place in the graph."""
        if not node.saved:
            return ()
        saved = list(node.saved)
        parents = list(node.parents)
        members = len(parents) - len(self.inputs) + 1  # of the list parameter, if there is one
        for i in self.inputs:
            if i == self.sequence:
                nodes, parents = parents[:members], parents[members:]
                if saved[i] is not None:
                    saved[i] = [placed(value, place) for value, place in zip(saved[i], nodes, strict=True)]
            else:
                saved[i] = placed(saved[i], parents.pop(0))
        i = len(self.parameters)
        if isinstance(saved[i], tuple):
            picks = [Pick(node, k, o.shape, o.dtype) if o.dtype.kind in "fc" else None for k, o in enumerate(saved[i])]
            saved[i] = tuple(placed(value, pick) for value, pick in zip(saved[i], picks, strict=True))
        else:
            saved[i] = placed(saved[i], node)
        return tuple(saved)


_new = object.__new__


def _pair_saver(x: bool, y: bool, result: bool) -> Callable[[Any, Any, Any], tuple[Any, ...]]:
    """Picks what is to be saved of two operands and their result; nothing, or a tuple with None for the others."""
    if not (x or y or result):
        return lambda a, b, out: ()
    if x and y and not result:
        return lambda a, b, out: (a, b, None)
    return lambda a, b, out: (a if x else None, b if y else None, out if result else None)


def _conjugate(g: Any) -> Any:
    return tuple(part.conj() for part in g) if isinstance(g, tuple) else g.conj()


def placed(value: Any, node: Node | None) -> Any:
    """An array as the tensor that stands at `node` of the graph."""
    if node is None or not isinstance(value, np.ndarray):
        return value
    tensor = wrap(value)
    tensor.node = node
    return tensor


# ---------------------------------------------------------------------------------------------------------------------
# From rules to what the backward pass calls: pull(g, saved, parents, absorb) gives a gradient for each parent
# ---------------------------------------------------------------------------------------------------------------------
BEHIND_SELECTION = 2  # see Op.gradient


def _no_rule(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
    raise AssertionError("an operation without gradient rules is never recorded")


def _bind_rule(rule: Callable[..., Any], positions: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    """The rule as a function of g and what was saved."""
    if not positions:
        return lambda g, saved: rule(g)
    if len(positions) == 1:
        (i,) = positions
        return lambda g, saved: rule(g, saved[i])
    if len(positions) == 2:
        i, j = positions
        return lambda g, saved: rule(g, saved[i], saved[j])
    return lambda g, saved: rule(g, *[saved[i] for i in positions])


def _pull_together(rule: Callable[[Any, Any], Any], name: str, inputs: Sequence[str]) -> Callable[..., Sequence[Any]]:
    def pull(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
        found: Sequence[Any] = rule(g, saved)
        if type(found) not in (tuple, list) or len(found) != len(parents):
            what = f"{len(found)} gradients" if isinstance(found, (tuple, list)) else type(found).__name__
            raise RuntimeError(
                f"{name}: its gradient rule returned {what} for {', '.join(inputs)}. Return a tuple of "
                f"{len(parents)}, one for each, None where none is needed."
            )
        return found

    return pull


def _pull_each(rules: Sequence[Callable[[Any, Any], Any]], absorbing: int) -> Callable[..., Sequence[Any]]:
    def pull(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
        gradients = [None if parent is None else rule(g, saved) for rule, parent in zip(rules, parents, strict=True)]
        if absorb >= absorbing > 0:
            return [None if d is None else absorb_zero(d, g) for d in gradients]
        return gradients

    return pull


def _pull_two(
    rules: Sequence[Callable[..., Any]], positions: Sequence[tuple[int, ...]], absorbing: int
) -> Callable[..., Sequence[Any]]:
    """The same for two rules that name one thing each: products, the case that small arithmetic spends its time in."""
    first, second = rules
    (i,), (j,) = positions

    def pull(g: Any, saved: Any, parents: Sequence[Node | None], absorb: int) -> Sequence[Any]:
        a, b = parents
        da = None if a is None else first(g, saved[i])
        db = None if b is None else second(g, saved[j])
        if absorb >= absorbing > 0:
            if da is not None:
                da = absorb_zero(da, g)
            if db is not None:
                db = absorb_zero(db, g)
        return da, db

    return pull
