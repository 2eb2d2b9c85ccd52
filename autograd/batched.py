"""What stands for one example's part of a tensor while `vmap` runs a function on all examples at once.

Inside, each tensor that differs from example to example is a `Batched`: it shows the shape of one example and holds the
tensor of all of them, with the examples along axis 0. Operations hand over to it (`stand_in.py`), and a *rule*
(`batching_rules.py`) says what the operation is on the tensors of all examples. What has no rule runs on one example
after the other: the same answer, only slower. What is recorded are operations on ordinary tensors, so the gradient of
all this needs nothing of its own.

vmap within vmap: the tensor that a `Batched` holds may be a `Batched` of the outer one.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np

from . import functions as ops
from .element_count import ElementCount
from .graph import version
from .inplace import write
from .modes import ModeSetting, modes
from .op import functions, registry
from .stand_in import HandOver, StandIn, handing_over
from .tensor import Tensor
from .trees import flatten, mapped

Rule = Callable[["Level", Any, list[Any]], Any]
# By the name of the operation, with its parameters where it has no public name. A rule gives NotImplemented for what it
# can not do.
rules: dict[str, Rule] = {}


def _rule_name(op: Any) -> str:
    name: str = op.name
    return name if registry.get(name) is op else f"{name}({', '.join(op.parameters)})"


# Of all examples the same as of one.
_LIKE = {inspect.unwrap(functions[name]) for name in ("zeros_like", "ones_like", "empty_like", "full_like")}


class Level(StandIn):
    """One vmap while its function runs."""

    __slots__ = ("alive", "depth", "outer", "randomness", "size")

    depth: int

    def __init__(self, size: int, randomness: str, outer: Level | None) -> None:
        self.size = size
        self.randomness = randomness
        self.outer = outer
        self.depth = 1 if outer is None else outer.depth + 1
        self.alive = True

    # -- operations on what belongs to this level ---------------------------------------------------------------------
    def take(self, op: Any, values: Sequence[Any]) -> Any:
        """What the operation gives for each example, where some of the values differ from example to example."""
        level = deepest(values) or self
        if level.depth < self.depth:
            level = self
        if not level.alive:
            raise RuntimeError(f"{op.name}: a tensor of a vmap is used after its end. Return it from the function.")
        rule = rules.get(_rule_name(op))
        if rule is None and op.elementwise:
            rule = rules["elementwise"]
        elif rule is None and op.kind == "fused":
            rule = rules["fused"]
        if rule is not None and has_batched(level, values):
            before, modes.level = modes.level, level.outer
            try:
                result = rule(level, op, list(values))
            except Exception:  # an error of the user, which has its own words for one example, or of the rule
                if not level.size:  # there is none that could say it
                    raise
                result = NotImplemented
            finally:
                modes.level = before
            if isinstance(result, (Tensor, Batched)):
                return Batched(level, result)
            if result is not NotImplemented:
                return mapped(functools.partial(_of_level, level), result)
        if op.variadic:
            values = (*values[:-1], *values[-1])
        return level.one_by_one(op.call, values, {})

    def take_call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """What the function gives for each example."""
        level = deepest((args, kwargs)) or self
        of_shape = function in _LIKE and len(args) > 0 and is_batched(level, args[0])
        if of_shape and not has_batched(level, (args[1:], kwargs)):
            with ModeSetting(level=level.outer):
                return Batched(level, function(args[0].value, *args[1:], **kwargs))
        return (self if level.depth < self.depth else level).one_by_one(function, args, kwargs)

    def watch(self, args: Any, kwargs: Any) -> Callable[[str, Exception], None]:
        """Called before a function runs that may have to run again: what is returned raises if it wrote to them."""
        given = [leaf for leaf in flatten((args, kwargs))[0] if isinstance(leaf, (Tensor, Batched))]
        before = [(leaf, _memory(leaf), version(_memory(leaf))) for leaf in given]

        def check(name: str, error: Exception) -> None:
            for leaf, memory, count in before:
                if _memory(leaf) is not memory or version(memory) != count:
                    raise RuntimeError(
                        f"vmap: {name} wrote into an argument of shape {leaf.shape}, and then had to run again, on one "
                        f"example after the other, which would write twice. Let it write into a clone() of it."
                    ) from error

        return check

    def one_by_one(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """The function on one example after the other."""
        if not self.size:
            name = getattr(function, "__name__", "this function")
            raise RuntimeError(
                f"vmap: {name} would have to run on one example after the other, and the batch is empty. Leave empty "
                f"batches out."
            )
        found: list[Any] = []
        run = handing_over(function)  # to a vmap around this one
        state = functions["get_rng_state"]() if self.randomness == "same" else None
        # With "error" the level stays, so that whoever draws meets it.
        with ModeSetting(level=self if self.randomness == "error" else self.outer):
            for i in range(self.size):
                if state is not None:
                    functions["set_rng_state"](state)
                found.append(run(*example(self, args, i), **example(self, kwargs, i)))
        return self.joined(found, getattr(function, "__name__", "the function"))

    def joined(self, found: list[Any], name: str) -> Any:
        """What was found for each example as one structure of tensors that differ from example to example."""
        parts, structures = zip(*(flatten(result) for result in found), strict=True)
        if any(structure != structures[0] for structure in structures):
            raise RuntimeError(f"vmap: {name} gives results of different structures for different examples.")
        joint = []
        for leaves in zip(*parts, strict=True):
            if not isinstance(leaves[0], (Tensor, Batched)):
                if any(type(leaf) is not type(leaves[0]) or leaf != leaves[0] for leaf in leaves):
                    raise RuntimeError(f"vmap: {name} gives {leaves[0]!r} for one example and not for all.")
                joint.append(leaves[0])
                continue
            if len({leaf.shape for leaf in leaves}) > 1:
                raise RuntimeError(
                    f"vmap: {name} gives results of different shapes for different examples ({leaves[0].shape}, ...), "
                    f"which one tensor can not hold. Use what keeps the shape, as where(mask, x, 0) does."
                )
            joint.append(Batched(self, ops.stack(list(leaves), 0)))
        return structures[0].rebuild(joint)

    # -- random numbers -----------------------------------------------------------------------------------------------
    def draw(self) -> NoReturn:
        """Called where random numbers are about to be drawn inside this vmap."""
        if self.randomness == "error":
            raise RuntimeError(
                "vmap: random numbers are drawn inside, and it has to be said what for: randomness='different' draws "
                "anew for each example, randomness='same' once for all."
            )
        raise HandOver(
            self, "vmap: random numbers can not be drawn here. Draw them outside, and give them as argument."
        )


class Batched(StandIn):
    """One example's part of a tensor that differs from example to example.

    It has the shape, the dtype and the methods of a tensor, and no values: Python can not branch on them.
    """

    __slots__ = ("__weakref__", "level", "value")

    def __init__(self, level: Level, value: Any) -> None:
        self.level = level
        self.value = value  # of all examples, along axis 0: a tensor, or a Batched of an outer level

    def take(self, op: Any, values: Sequence[Any]) -> Any:
        """What the operation gives for each example."""
        return self.level.take(op, values)

    def take_call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """What the function gives for each example."""
        return self.level.take_call(function, args, kwargs)

    # -- what is known of an example ----------------------------------------------------------------------------------
    shape = property(lambda self: self.value.shape[1:], doc="The length of each axis of one example.")
    ndim = property(lambda self: self.value.ndim - 1, doc="The number of axes of one example.")
    dtype = property(lambda self: self.value.dtype, doc="The NumPy dtype of the elements.")
    itemsize = property(lambda self: self.value.itemsize, doc="Bytes of one element.")
    device = "cpu"
    size = property(lambda self: ElementCount.of(self.shape), doc="The number of elements of one example; see Tensor.")
    requires_grad = property(lambda self: self.value.requires_grad, doc="Whether operations on it are recorded.")
    is_leaf = property(lambda self: self.value.is_leaf, doc="Whether it was made by the user.")
    grad_fn = property(lambda self: self.value.grad_fn, doc="The node of the operation that made it.")

    def dim(self) -> int:
        """The number of axes of one example."""
        return self.ndim

    def numel(self) -> int:
        """The number of elements of one example."""
        return int(np.prod(self.shape, dtype=np.int64))

    def element_size(self) -> int:
        """Bytes of one element."""
        return self.value.element_size()

    def is_floating_point(self) -> bool:
        """Whether the dtype is a real floating-point one."""
        return self.dtype.kind == "f"

    def is_complex(self) -> bool:
        """Whether the dtype is complex."""
        return self.dtype.kind == "c"

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len: a tensor without axes has no length.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.unbind(0))

    def __repr__(self) -> str:
        return f"<one of {self.level.size} examples: {self.dtype}, shape {self.shape}>"

    __hash__ = object.__hash__

    def detach(self) -> Batched:
        """The same data outside the graph."""
        return Batched(self.level, self.value.detach())

    def requires_grad_(self, requires_grad: bool = True) -> Batched:
        """Starts recording operations on the tensor of all examples."""
        self.value.requires_grad_(requires_grad)
        return self

    def without_nan(self, incoming: Any) -> Any:
        """This gradient, with each NaN replaced by 0 where the incoming gradient is exactly 0."""
        spoiled = ops.isnan(self.detach())
        if isinstance(incoming, tuple):
            return self
        return self.masked_fill(spoiled & (_as_tensor(incoming).detach() == 0), 0)

    # -- what is not known --------------------------------------------------------------------------------------------
    def refuse(self, what: str) -> NoReturn:
        """Raises, which hands the operation that is running over to this."""
        raise HandOver(
            self,
            f"vmap: {what} needs the values of a single example, and inside vmap there are those of all at once. "
            f"Use an operation: where(condition, a, b) in place of a branch; or a loop in place of vmap.",
        )

    @property
    def data(self) -> Any:
        """Refused: there is no array of one example."""
        self.refuse(".data, or a write into a tensor that is the same for all examples,")

    _data = data

    @property
    def node(self) -> Any:
        """Refused: one example stands nowhere in the graph."""
        self.refuse(".node")

    @property
    def sharing(self) -> Any:
        """Refused: see node."""
        self.refuse(".sharing")

    @property
    def grad(self) -> Any:
        """The gradient that was accumulated for this example."""
        grad = self.value.grad
        return None if grad is None else Batched(self.level, grad)

    def __bool__(self) -> bool:
        self.refuse("a condition (if, while, and, or, bool())")

    def __float__(self) -> float:
        self.refuse("float()")

    def __int__(self) -> int:
        self.refuse("int()")

    def __complex__(self) -> complex:
        self.refuse("complex()")

    def __index__(self) -> int:
        self.refuse("a position, a length or an end of a slice")

    def __contains__(self, value: Any) -> bool:
        self.refuse("in")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        self.refuse("a NumPy array, or a write into a tensor that is the same for all examples,")

    def item(self) -> Any:
        """Refused: there is no number of one example."""
        self.refuse("item()")

    def tolist(self) -> Any:
        """Refused: there are no numbers of one example."""
        self.refuse("tolist()")

    def numpy(self) -> Any:
        """Refused: there is no array of one example."""
        self.refuse("numpy()")

    def backward(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: `func.grad` differentiates inside vmap."""
        self.refuse("backward(), in whose place func.grad differentiates inside vmap,")

    # -- what tensors can do ------------------------------------------------------------------------------------------
    def __getattr__(self, name: str) -> Any:
        attribute = getattr(Tensor, name, None)
        if attribute is None or name.startswith("__"):
            raise AttributeError(f"a tensor inside vmap has no attribute {name!r}.", name=name, obj=self)
        if isinstance(attribute, property):
            assert attribute.fget is not None
            return handing_over(attribute.fget)(self)
        if name.endswith("_") and name != "type_":
            return functools.partial(_in_place, self, name)
        if hasattr(attribute, "op"):
            return functools.partial(attribute, self)
        if name.startswith("new_"):
            return functools.partial(self._new, attribute)
        return functools.partial(handing_over(attribute), self)

    def _new(self, make: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """A tensor of this dtype that is to be written to: one for each example."""
        made = make(self, *args, **kwargs)
        return Batched(self.level, made.unsqueeze(0).repeat(self.level.size, *(1,) * made.ndim))

    def __setitem__(self, index: Any, value: Any) -> None:
        rule = rules["x[index] = value"]
        with ModeSetting(level=self.level.outer):
            if rule(self.level, None, [self, index, value]) is not NotImplemented:
                return
        self.level.one_by_one(Tensor.__setitem__, (self, index, value), {})

    def written(self, result: Any, name: str) -> Batched:
        """Takes the values of `result`.  Returns itself."""
        level = deepest((result,))
        if level is not None and level.depth > self.level.depth:
            self.refuse(f"{name}, a write into a tensor that is the same for all examples,")
        if result.shape != self.shape:
            raise ValueError(
                f"{name}: the result has shape {result.shape} and can not be written into a tensor of shape "
                f"{self.shape}. Use the operation that is not in place."
            )
        value = of_all(self.level, result)
        if isinstance(self.value, Batched):
            self.value.written(value, name)
        elif isinstance(value, Batched):
            self.value = value
        else:
            write(self.value, value, name)
        return self


def _in_place(x: Batched, name: str, *args: Any, **kwargs: Any) -> Any:
    """The method `name` that writes into the tensor itself."""
    if name == "copy_":
        return x.written(_as_tensor(args[0] if args else kwargs["src"]).expand(x.shape), name)
    if name in ("zero_", "fill_"):
        return x.written(ops.full(x.shape, 0, dtype=x.dtype) + (args[0] if args else 0), name)
    twin = getattr(Tensor, name)
    plain = getattr(Tensor, name[:-1], None)
    if hasattr(plain, "op"):
        assert plain is not None
        # The gradient may need what is about to be overwritten.
        first = x.clone() if modes.recording else x
        return x.written(plain(first, *args, **kwargs), name)

    def on_one(one: Tensor, *args: Any, **kwargs: Any) -> None:
        twin(one, *args, **kwargs)

    x.level.one_by_one(on_one, (x, *args), kwargs)
    return x


def _as_tensor(value: Any) -> Any:
    return value if isinstance(value, (Tensor, Batched)) else ops.as_tensor(value)


for _name, _attribute in list(vars(Tensor).items()):
    if _name.startswith("__") and _name not in vars(Batched) and callable(_attribute):
        if _name.startswith("__i") and hasattr(Tensor, f"__{_name[3:]}") and hasattr(Tensor, f"__r{_name[3:]}"):
            _twin = _attribute.__name__
            setattr(Batched, _name, lambda self, other, _twin=_twin: _in_place(self, _twin, other))
        elif _attribute.__module__.startswith("autograd.") and _name not in ("__init__", "__reduce__", "__setstate__"):
            setattr(Batched, _name, _attribute)
for _name in ("__eq__", "__deepcopy__", "__format__", "__array_priority__"):
    setattr(Batched, _name, vars(Tensor)[_name])


# ---------------------------------------------------------------------------------------------------------------------
# Between one example and all
# ---------------------------------------------------------------------------------------------------------------------
def _memory(value: Any) -> np.ndarray:
    """The array of all examples."""
    while isinstance(value, Batched):
        value = value.value
    array: np.ndarray = value.data
    return array


def _of_level(level: Level, result: Any) -> Any:
    return Batched(level, result) if isinstance(result, (Tensor, Batched)) else result


_PLAIN = frozenset({Tensor, np.ndarray, int, float, bool, str, type(None), type(Ellipsis)})  # what holds no stand-ins


def _inside(value: Any) -> Any:
    """The members of a list, tuple, dict or slice; None for all else."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return value.values()
    return (value.start, value.stop, value.step) if isinstance(value, slice) else None


def deepest(value: Any) -> Level | None:
    """The innermost level among those of the stand-ins in a nested structure."""
    if type(value) is Batched:
        return value.level
    found: Level | None = None
    for item in _inside(value) or ():
        if type(item) not in _PLAIN:
            level = deepest(item)
            if level is not None and (found is None or level.depth > found.depth):
                found = level
    return found


def is_batched(level: Level, value: Any) -> bool:
    """Whether `value` differs from example to example of this level."""
    return type(value) is Batched and value.level is level


def has_batched(level: Level, value: Any) -> bool:
    """Whether something in a nested structure does."""
    if type(value) is Batched:
        return value.level is level
    return any(type(item) not in _PLAIN and has_batched(level, item) for item in _inside(value) or ())


def example(level: Level, value: Any, i: int) -> Any:
    """A nested structure with the values of one example of this level."""
    if is_batched(level, value):
        return value.value[i]
    if isinstance(value, dict):
        return {key: example(level, item, i) for key, item in value.items()}
    if isinstance(value, slice):
        return slice(*(example(level, item, i) for item in (value.start, value.stop, value.step)))
    if isinstance(value, (list, tuple)):
        items = [example(level, item, i) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


def of_all(level: Level, value: Any) -> Any:
    """The tensor of all examples, where `value` is that of one."""
    if is_batched(level, value):
        return value.value
    value = _as_tensor(value)
    return value.unsqueeze(0).expand((level.size, *value.shape))


def lowered(value: Any, level: Level | None, stop: Level | None = None) -> Any:
    """A tensor with an axis for each vmap between `stop` and `level`, outermost first, in place of one that hides them.

    Without `stop` those are all that are running.
    """
    if level is stop:
        return value
    assert level is not None
    return lowered(of_all(level, value), level.outer, stop)


def raised(tensor: Any, level: Level | None, stop: Level | None = None) -> Any:
    """The other way round."""
    if level is stop:
        return tensor
    assert level is not None
    return Batched(level, raised(tensor, level.outer, stop))
