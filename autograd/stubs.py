"""Writes the stubs that let editors and type checkers see what is attached at run time: `python -m autograd.stubs`.

`methods.pyi` holds the methods of `Tensor`, `functions.pyi` the functions of the package, and `linalg.pyi`, `fft.pyi`
and `special.pyi` those of its namespaces.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .op import Op, public, registry
from .tensor import Tensor, to_array
from .testing import samples_of

_HEAD = '''"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

'''


NAMESPACES = ("fft", "linalg", "special")


def functions_stub(namespace: str = "") -> str:
    """The text of `functions.pyi`, or of the stub of a namespace."""
    parts = [_HEAD, _named_tuples() if not namespace else _import_of_named_tuples(namespace)]
    operations = {op.call: op for op in registry.values()}
    for name, function in sorted(public(namespace).items()):
        op = operations.get(function)
        if op is not None:
            parts.append(_define_operation(name, op, ""))
        elif inspect.isclass(function):
            module = function.__module__.replace("autograd", "", 1)
            parts.append(f"from {module} import {function.__name__} as {name}\n")
        else:
            parts.append(_define(name, function, "", ""))
    return _finish("".join(parts))


def methods_stub() -> str:
    """The text of `methods.pyi`: all that stands on `Tensor` and not in its class statement."""
    parts = [_HEAD, _import_of_named_tuples(), "class Methods:\n"]
    operations = {op.call: op for op in registry.values()}
    operators = {name: op for op in operations.values() for name in op.operators}
    operators |= {f"__i{name[2:]}": op for name, op in operators.items()}
    own = _names_in_source(Tensor)
    for name, attribute in sorted(vars(Tensor).items()):
        if name in own or name in ("__slots__", "__module__", "__doc__", "__dict__", "__weakref__", "__annotations__"):
            continue
        if isinstance(attribute, property):
            result = _builtin(_annotated(attribute.fget)) if attribute.fget else ""
            parts.append(f"    @property\n    def {name}(self) -> {result or 'Tensor'}: ...\n")
        elif callable(attribute):
            function = inspect.unwrap(attribute)
            op = operators.get(name) or getattr(attribute, "op", None)
            op = None if op is None else operations.get(op.call)
            if name.endswith("_") and not name.startswith("__"):
                parts.append(_define(name, function, "Tensor", "    ", op is not None))
            elif op is None or name.startswith("__"):
                of_operation = "Tensor" if hasattr(attribute, "op") else _annotated(function)
                result = of_operation if op is None else _returns(op)[0]
                parts.append(_define(name, function, result or "Any", "    "))
            else:
                parts.append(_define_operation(name, op, "    "))
    return _finish("".join(parts))


def _names_in_source(cls: type) -> set[str]:
    """The attributes that the class statement itself makes."""
    import ast

    tree = ast.parse(inspect.getsource(cls)).body[0]
    assert isinstance(tree, ast.ClassDef)
    names = set()
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
    return names


@functools.cache
def _returns(op: Op) -> tuple[str, str | None, str]:
    """What the operation returns.

    Two types, where one parameter decides: the one that is returned without it, its name, the one returned with it.
    """
    annotated = _annotated(op.forward)
    if annotated:
        return annotated, None, annotated
    found: list[tuple[str, set[str]]] = []  # the type of each sample's result, and what was given to it
    for sample in samples_of(op):
        given = dict(zip(op.parameters, sample.args, strict=False)) | sample.kwargs
        result = op.call(*map(_tensors, sample.args), **{k: _tensors(v) for k, v in sample.kwargs.items()})
        names = {
            name for name, value in given.items()
            if value is not op.defaults.get(name, _NOT_GIVEN) and not (name == "dim" and isinstance(value, np.ndarray))
        }  # fmt: skip
        found.append((_type(result), names))
    kinds = {kind for kind, _ in found}
    if len(kinds) == 1:
        kind = kinds.pop()
        return kind, None, kind
    flags = [name for name in op.defaults if name.startswith("return_")]
    for name in op.defaults if len(kinds) == 2 and len(flags) < 2 and not op.variadic else ():
        without, with_it = ({kind for kind, given in found if (name in given) == want} for want in (False, True))
        if len(without) == len(with_it) == 1:
            return without.pop(), name, with_it.pop()
    return "Any", None, "Any"


_NOT_GIVEN = object()


def _type(result: Any) -> str:
    if isinstance(result, Tensor):
        return "Tensor"
    if not isinstance(result, tuple) or not all(isinstance(part, Tensor) for part in result):
        return "Any"
    return f"_{type(result).__name__}" if hasattr(result, "_fields") else "tuple[Tensor, ...]"


def _named_tuples() -> str:
    """The classes of results that have names, as far as operations return them."""
    classes = {}
    for op in registry.values():
        for sample in samples_of(op) if any(kind.startswith("_") for kind in (_returns(op)[::2])) else ():
            result = op.call(*map(_tensors, sample.args), **{k: _tensors(v) for k, v in sample.kwargs.items()})
            if hasattr(result, "_fields"):
                classes[_type(result)] = "".join(f"    {field}: Tensor\n" for field in result._fields)
                break
    return "".join(f"class {name}(NamedTuple):\n{fields}" for name, fields in sorted(classes.items()))


def _import_of_named_tuples(namespace: str | None = None) -> str:
    """Those that a namespace, or that methods, return."""
    ops = [
        op for op in registry.values()
        if (op.method if namespace is None else any(n.startswith(f"{namespace}.") for n in (op.name, *op.aliases)))
    ]  # fmt: skip
    names = sorted({kind for op in ops for kind in _returns(op)[::2] if kind.startswith("_")})
    return f"from .functions import {', '.join(names)}\n" if names else ""


def _define_operation(name: str, op: Op, indent: str) -> str:
    """The operation as a function, or as two that are told apart by a parameter."""
    without, switch, with_it = _returns(op)
    if switch is None:
        return _define(name, op.forward, without, indent, other_names=True)
    flag = isinstance(op.defaults[switch], bool)
    off = f"{switch}: {'Literal[False]' if flag else 'Tensor | None' if switch == 'dim' else 'None'} = ..."
    on = f"{switch}: {'Literal[True]' if flag else _builtin('int') if switch == 'dim' else 'Any'}"
    return "".join(
        f"{indent}@overload\n{_define(name, op.forward, result, indent, True, {switch: text})}"
        for result, text in ((without, off), (with_it, on))
    )


def _annotated(function: Callable[..., Any]) -> str:
    annotation = inspect.signature(function).return_annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return text if text in ("Tensor", "bool", "int", "float", "tuple[Tensor, ...]", "None") else ""


def _tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return Tensor(to_array(value))
    return [_tensors(item) for item in value] if isinstance(value, list) else value


def _define(
    name: str,
    function: Callable[..., Any],
    result: str,
    indent: str,
    other_names: bool = False,
    changed: Mapping[str, str] | None = None,
) -> str:
    """The function as a stub has it. changed: parameters that are written in another way."""
    parameters = _parameters(function, bool(indent), changed or {})
    inside = ", ".join([*parameters, *(["**names: Any"] if other_names else [])])
    doc = (inspect.getdoc(function) or "").split("\n")[0].replace("\\", "\\\\").replace('"""', "'''")
    head = f"{indent}def {name}({inside}) -> {_builtin(result or _annotated(function)) or 'Any'}:"
    return f'{head}\n{indent}    """{doc}"""\n' if doc else f"{head} ...\n"


def _parameters(function: Callable[..., Any], method: bool, changed: Mapping[str, str]) -> Iterator[str]:
    """The parameters as text."""
    star = optional = False
    for i, parameter in enumerate(inspect.signature(function).parameters.values()):
        if method and i == 0:
            yield "self"
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        text = changed.get(parameter.name)
        required_late = text is not None and optional and "=" not in text
        if parameter.kind is parameter.VAR_POSITIONAL:
            star = True
            yield f"*{parameter.name}: Any"
        elif (parameter.kind is parameter.KEYWORD_ONLY or required_late) and not star:
            star = True
            yield "*"
        optional |= parameter.default is not parameter.empty
        if text is not None:
            yield text
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            default = "" if parameter.default is parameter.empty else " = ..."
            yield f"{parameter.name}: {_kind(parameter.default)}{default}"


def _kind(default: Any) -> str:
    return _builtin(type(default).__name__) if type(default) in (bool, str) else "Any"


def _builtin(name: str) -> str:
    """The name of a type as it can be written where a method has the same name, as `Tensor.bool` has."""
    return f"builtins.{name}" if name in ("bool", "int", "float", "str") else name


def _finish(text: str) -> str:
    return text.replace("\n\n\n\n", "\n\n\n")


def stubs() -> dict[str, str]:
    """The text of each stub, by the name of its file."""
    spaces = {f"{namespace}.pyi": functions_stub(namespace) for namespace in NAMESPACES}
    return {"functions.pyi": functions_stub(), "methods.pyi": methods_stub(), **spaces}


def main() -> int:
    """Writes the files; returns 1 with `--check` where they are not up to date."""
    folder = Path(__file__).parent
    stale = []
    for name, text in stubs().items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"not up to date: {', '.join(stale)}. Run python -m autograd.stubs")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
