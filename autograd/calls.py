"""What runs when an operation is called: tensors are unwrapped, the forward runs on arrays, and a node is recorded.

Operations of one and of two parameters have a path of their own, without any handling of keywords: on small arrays
that handling would take longer than the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import quiet
from .arguments import ALIASES, MISSING, arrays_of, bind, operand, rows_of, written_to
from .errors import describe, explain, named
from .graph import Node, Pick, clock, note, note_origins
from .modes import modes
from .op import Op, keep
from .stand_in import HandOver, StandIn, stand_in_among
from .tensor import Tensor, link_view, to_array, wrap

_ndarray = np.ndarray
_PLAIN = frozenset({np.ndarray, float, int, bool, complex})  # operands that NumPy takes as they are
_SETTINGS = frozenset({float, int, bool, complex, str, type(None), np.dtype, type})  # arguments that are no arrays
_PLAIN_SETTINGS = _SETTINGS | {tuple, slice, type(Ellipsis)}
_FIRST = [0]  # the inputs of an operation that has a gradient by its first parameter alone
_BOTH = [0, 1]
_ONE = (True,)
_ARRAYS = (np.ndarray, np.generic)
_FLOAT32 = np.dtype(np.float32)
_new = object.__new__


def make_call(op: Op) -> Callable[..., Any]:
    """The callable of a primitive."""
    simple = not (op.variadic or op.defaults or op.view or op.sequence is not None)
    if simple and len(op.parameters) == 1:
        return _call_of_one(op)
    if simple and len(op.parameters) == 2:
        return _call_of_two(op)
    return call_of_many(op)


def make_composite_call(op: Op) -> Callable[..., Any]:
    """The callable of a composite: the definition, with NumPy's names for PyTorch's parameters."""
    definition = op.forward

    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if "out" in kwargs and "out" not in op.parameters:
                return written_to(op, kwargs.pop("out"), call(*args, **kwargs))
            if not op.variadic:
                args, kwargs = (), dict(zip(op.parameters, bind(op, args, kwargs), strict=True))
        check = None if modes.level is None else modes.level.watch(args, kwargs)
        try:
            return definition(*args, **kwargs)
        except HandOver as handed:
            stand_in: StandIn | None = handed.stand_in
            if check is not None:
                check(op.name, handed)
        except Exception as error:
            # Where the definition looks at what a stand-in does not show; or an error, which is raised again.
            stand_in = stand_in_among((args, tuple(kwargs.values())))
            if stand_in is None:
                given = dict([*zip(op.parameters, args, strict=False), *kwargs.items()])
                stated = named(op.name, list(given), list(given.values()), error)
                if not hasattr(error, "__notes__"):  # no operation inside it has said where its operands are from
                    note_origins(stated, given.items())
                if stated is error:
                    raise
                raise stated from None
            if check is not None:
                check(op.name, error)
        assert stand_in is not None
        return stand_in.take_call(definition, args, kwargs)

    return call


def settle(op: Op, out: Any) -> tuple[Any, dict[str, Any] | None]:
    """The result as an array, or as a tuple of arrays, and the extras."""
    extras = None
    if type(out) is keep:
        out, extras = out.out, out.extras
    if isinstance(out, tuple):
        out = type(out)(*map(np.asarray, out)) if hasattr(out, "_fields") else tuple(map(np.asarray, out))
    elif type(out) is not _ndarray:
        out = np.asarray(out)
    for array in out if isinstance(out, tuple) else (out,):
        if array.dtype.kind not in "fciub":
            raise TypeError(f"{op.name}: its forward returned {describe(array)}. Return an array or a tuple of them.")
    return out, extras


def _explained(op: Op, values: Sequence[Any], arrays: Sequence[Any], error: Exception) -> Exception:
    """What the user is told when the forward has failed: what is wrong, and where the operands came from."""
    explained = explain(op.name, op.parameters, arrays, error)
    note_origins(explained, zip(op.parameters, values, strict=False))
    return explained


def _quietly(forward: Callable[..., Any]) -> Callable[..., Any]:
    """The forward with floating-point warnings off."""

    def run(*arrays: Any) -> Any:
        before = quiet.enter()
        try:
            return forward(*arrays)
        finally:
            quiet.leave(before)

    return run


def _call_of_one(op: Op) -> Callable[..., Any]:
    many = call_of_many(op)

    def call(x: Any = MISSING, **kwargs: Any) -> Any:
        if kwargs or not isinstance(x, Tensor):
            return many(*(() if x is MISSING else (x,)), **kwargs)
        a = x._data
        before = quiet.enter()
        try:
            out = op.run(a)
        except HandOver as handed:
            return handed.stand_in.take(op, (x,))
        except Exception as error:
            raise _explained(op, (x,), (a,), error) from None
        finally:
            quiet.leave(before)
        extras = None
        if type(out) is not _ndarray:
            out, extras = settle(op, out)
        p = x.node if modes.recording and op.inputs else None
        if isinstance(out, tuple):
            return place_outputs(out, None if p is None else op.record((p,), (True,), (a,), out, extras))
        t = _new(Tensor)
        t._data = out
        t._grad = t.sharing = None
        t.node = None if p is None else op.record((p,), (True,), (a,), out, extras)
        return t

    return call


def _call_of_two(op: Op) -> Callable[..., Any]:
    # Sums and products are left with the warnings that the user has set: turning them off takes as long as a small
    # sum, and a filter for this package keeps them silent (quiet.py).
    op.run = op.forward if op.sticky else _quietly(op.forward)
    many = call_of_many(op)

    def operator(x: Any, y: Any) -> Any:
        p = q = None
        if isinstance(x, Tensor):
            a, p = x._data, x.node
        elif isinstance(y, Tensor):
            if type(x) in _PLAIN:
                a = x if type(x) is not _ndarray or x.dtype.kind in "fcbiu" else operand(op, x)
            elif isinstance(x, StandIn):
                return x.take(op, (x, y))
            else:
                a = operand(op, x)
        else:
            return many(x, y)
        if isinstance(y, Tensor):
            b, q = y._data, y.node
        elif type(y) in _PLAIN:
            b = y if type(y) is not _ndarray or y.dtype.kind in "fcbiu" else operand(op, y)
        elif isinstance(y, StandIn):
            return y.take(op, (x, y))
        elif op.inputs and 1 not in op.inputs:
            b = y  # no operand but a setting, as the dtype of astype
        else:
            b = operand(op, y)
        try:
            out = op.run(a, b)
        except (RuntimeWarning, FloatingPointError):  # the user has made errors of warnings
            out = _quietly(op.run)(a, b)
        except Exception as error:
            raise _explained(op, (x, y), (a, b), error) from None
        t = _new(Tensor)
        if type(out) is _ndarray:
            t._data = out
        else:
            out, extras = settle(op, out)
            if op.pair is None:
                return place_outputs(out, record(op, (x, y), (a, b), out, extras) if modes.recording else None)
            t._data = out
        t._grad = t.sharing = t.node = None
        if (p is not None or q is not None) and modes.recording:
            pair = op.pair
            if pair is None:
                if op.inputs == _BOTH and out.dtype.kind in "fc":
                    t.node = op.record((p, q), (p is not None, q is not None), (a, b), out, None)
                else:
                    t.node = record(op, (x, y), (a, b), out, None)
                return t
            save = pair[0] if q is None else pair[2] if p is not None else pair[1]
            t.node = node = _new(Node)
            node.op = op
            node.parents = (p, q)
            node.saved = save(a, b, out)
            node.shape = out.shape
            node.dtype = dtype = out.dtype
            if dtype is not _FLOAT32 and dtype.kind == "c":
                node.op = op.conjugated
            node.time = clock.now
            node.extra = note(node) if modes.noting else None
        return t

    def call(x: Any = MISSING, y: Any = MISSING, **kwargs: Any) -> Any:
        if kwargs or y is MISSING:
            return many(*(value for value in (x, y) if value is not MISSING), **kwargs)
        return operator(x, y)

    op.operator = operator
    return call


def call_of_many(op: Op, definition: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """The callable of an operation with any parameters.

    definition: what runs instead, on the arguments as they were given, where the forward returns NotImplemented.
    """
    variadic = op.variadic
    count = len(op.parameters)
    sequence = op.sequence
    view = op.view
    first_default = count - len(op.defaults)
    defaults = tuple(op.defaults.values())
    places = {name: i for i, name in enumerate(op.parameters)}
    places |= {alias: places[name] for alias, name in ALIASES.items() if name in places and alias not in places}

    def arranged(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The value of each parameter, in order."""
        given = len(args)
        if variadic:
            # x.reshape(2, 3) and x.reshape((2, 3)), with all that comes before the numbers in its place
            if not kwargs and given >= count:
                rest = args[count - 1 :]
                if len(rest) == 1 and isinstance(rest[0], (tuple, list)):
                    rest = tuple(rest[0])
                return (*args[: count - 1], rest)
        elif first_default <= given <= count:
            values = (*args, *defaults[given - first_default :])
            if not kwargs:
                return values
            named = list(values)
            for key, value in kwargs.items():
                place = places.get(key)
                if place is None or place < given or (key in ALIASES and len(kwargs) > 1):
                    return bind(op, args, kwargs)
                named[place] = value
            return named
        return bind(op, args, kwargs)

    def of_first(values: Any) -> Any:
        """The case of one tensor, the first, and settings beside it."""
        x, *settings = values
        a = x._data
        before = None if view else quiet.enter()
        try:
            out = op.run(a, *settings) if not variadic else op.run(a, *settings[:-1], *settings[-1])
        except HandOver as handed:
            return handed.stand_in.take(op, values)
        except Exception as error:
            raise _explained(op, values, [a, *settings], error) from None
        finally:
            if before is not None:
                quiet.leave(before)
        extras = None
        if type(out) is not _ndarray:
            if out is NotImplemented and definition is not None:
                return definition(*values)
            out, extras = settle(op, out)
        p = x.node
        node = None
        if p is not None and modes.recording:
            if type(out) is not _ndarray or (out.dtype is not _FLOAT32 and out.dtype.kind not in "fc"):
                node = record(op, values, (a, *settings), out, extras)
            else:
                node = op.record((p,), _ONE, (a, *settings), out, extras)
        if type(out) is not _ndarray:
            result = place_outputs(out, node)
            if view:
                for t in result:
                    _link(t, x)
            return result
        t = _new(Tensor)
        t._data = out
        t._grad = t.sharing = None
        t.node = node
        if view:
            _link(t, x)
        return t

    def call(*args: Any, **kwargs: Any) -> Any:
        values: Any = args
        if len(args) != count or kwargs or variadic:
            if "out" in kwargs and "out" not in places:
                return written_to(op, kwargs.pop("out"), call(*args, **kwargs))
            values = arranged(args, kwargs)
        if sequence is None and op.inputs == _FIRST and isinstance(values[0], Tensor):
            for value in values[1:]:
                if type(value) not in _PLAIN_SETTINGS:
                    break
            else:
                return of_first(values)
        if sequence is not None and type(values[sequence]) not in (list, tuple):
            values = (*values[:sequence], rows_of(op, values[sequence]), *values[sequence + 1 :])
        arrays = list(values)
        tensors = plain = False
        for i, value in enumerate(values):
            kind = type(value)
            if kind in _SETTINGS:
                if value is None and i == 0 and 0 in op.inputs:
                    operand(op, value)  # raises
                continue
            if isinstance(value, Tensor):
                arrays[i] = value._data
                tensors = True
            elif i == sequence:
                arrays[i], among = arrays_of(value)
                if isinstance(arrays[i], StandIn):
                    return arrays[i].take(op, values)
                tensors |= among
                plain |= not among and any(isinstance(member, _ARRAYS) for member in value)
            elif kind is _ndarray or isinstance(value, np.generic):
                plain = True
                if value.dtype.kind not in "fcbiu":
                    operand(op, value)  # raises
            elif kind not in _PLAIN:
                stand_in = stand_in_among(value)
                if stand_in is not None:
                    return stand_in.take(op, values)
                if i in op.inputs:
                    arrays[i] = operand(op, value)
        if not (tensors or plain) and arrays and 0 in op.inputs and type(arrays[0]) in _PLAIN:
            arrays[0] = to_array(arrays[0])
        before = None if view else quiet.enter()
        try:
            out = op.run(*arrays) if not variadic else op.run(*arrays[:-1], *arrays[-1])
        except HandOver as handed:
            return handed.stand_in.take(op, values)
        except Exception as error:
            raise _explained(op, values, arrays, error) from None
        finally:
            if before is not None:
                quiet.leave(before)
        extras = None
        if type(out) is not _ndarray:
            if out is NotImplemented and definition is not None:
                return definition(*values)
            out, extras = settle(op, out)
        if plain and not tensors:
            return out  # arrays in, arrays out: this is how gradient rules call operations
        node = record(op, values, arrays, out, extras) if modes.recording and op.inputs else None
        if type(out) is not _ndarray:
            result = place_outputs(out, node)
            if view and isinstance(values[0], Tensor):
                for t in result:
                    _link(t, values[0])
            return result
        t = _new(Tensor)
        t._data = out
        t._grad = t.sharing = None
        t.node = node
        if view and isinstance(values[0], Tensor):
            _link(t, values[0])
        return t

    return call


def _link(view: Tensor, source: Tensor) -> None:
    """Notes that the result shares the memory of the argument, if it does."""
    base = view._data.base
    array = source._data
    if base is not None and (base is array or base is array.base or np.may_share_memory(view._data, array)):
        link_view(view, source)


def record(op: Op, values: Sequence[Any], arrays: Sequence[Any], out: Any, extras: Any) -> Node | None:
    """A node for the result, or None where none of the inputs needs a gradient."""
    inputs = op.inputs
    if op.sequence is None:
        parents = [value.node if isinstance(value, Tensor) else None for value in [values[i] for i in inputs]]
        needed = tuple([parent is not None for parent in parents])
        if True not in needed:
            return None
    else:
        parents = []
        for i in inputs:
            value = values[i]
            if isinstance(value, Tensor):
                parents.append(value.node)
            elif i == op.sequence:
                parents += [v.node if isinstance(v, Tensor) else None for v in value]
            else:
                parents.append(None)
        if not any(parents):
            return None
        needed = op.needed_inputs(parents)
    if type(out) is _ndarray:
        if out.dtype is not _FLOAT32 and out.dtype.kind not in "fc":
            return None
    elif not any(o.dtype.kind in "fc" for o in out):
        return None
    return op.record(tuple(parents), needed, arrays, out, extras)


def place_outputs(out: Any, node: Node | None) -> Any:
    """Tensors around the result, in their place in the graph."""
    if not isinstance(out, tuple):
        t = wrap(out)
        t.node = node
        return t
    tensors = [wrap(o) for o in out]
    if node is not None:
        for i, t in enumerate(tensors):
            if t.data.dtype.kind in "fc":
                t.node = Pick(node, i, t.data.shape, t.data.dtype)
    return type(out)(*tensors) if hasattr(out, "_fields") else tuple(tensors)


def _same(x: np.ndarray) -> np.ndarray:
    return x


_variable = Op(_same, name="variable", sticky=True)
_variable.gradient(x=lambda g: g)
# A tensor with the array of another, at a place of its own in the graph in front of that one: what is differentiated by
# it does not see other paths to where it comes from.
variable_at = make_call(_variable)
_variable.call = variable_at
