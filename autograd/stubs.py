"""Writes the stubs that let editors and type checkers see what is attached at run time: `python -m autograd.stubs`.

`methods.pyi` holds the methods of `Tensor`, `functions.pyi` the functions of the package, and `linalg.pyi`, `fft.pyi`
and `special.pyi` those of its namespaces.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .op import Op, public, registry
from .tensor import Tensor, to_array
from .testing import samples_of

_HEAD = '''"""Written by `python -m autograd.stubs`; do not edit."""

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .tensor import Tensor

'''


NAMESPACES = ("fft", "linalg", "special")


def functions_stub(namespace: str = "") -> str:
    """The text of `functions.pyi`, or of the stub of a namespace."""
    parts = [_HEAD]
    results = {op.call: (op.forward, _result(op)) for op in registry.values()}
    for name, call in sorted(public(namespace).items()):
        function, result = results.get(call, (call, ""))
        if inspect.isclass(function):
            module = function.__module__.replace("autograd", "", 1)
            parts.append(f"from {module} import {function.__name__} as {name}\n")
        else:
            parts.append(_define(name, function, result, "", other_names=bool(result)))
    return _finish("".join(parts))


def methods_stub() -> str:
    """The text of `methods.pyi`: all that stands on `Tensor` and not in its class statement."""
    parts = [_HEAD, "class Methods:\n"]
    results = {op.call: _result(op) for op in registry.values()}
    own = _names_in_source(Tensor)
    for name, attribute in sorted(vars(Tensor).items()):
        if name in own or name in ("__slots__", "__module__", "__doc__", "__dict__", "__weakref__", "__annotations__"):
            continue
        if isinstance(attribute, property):
            parts.append(f"    @property\n    def {name}(self) -> Tensor: ...\n")
        elif callable(attribute):
            function = inspect.unwrap(attribute)
            op = getattr(attribute, "op", None)
            result = results.get(op.call, "Tensor") if op is not None else ""
            if name.endswith("_") and not name.startswith("__"):
                result = "Tensor"
            names = op is not None and not name.startswith("__")
            parts.append(_define(name, function, result or _annotated(function) or "Any", "    ", names))
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


def _result(op: Op) -> str:
    """What the operation returns, seen on its first sample."""
    annotated = _annotated(op.forward)
    if annotated:
        return annotated
    for sample in samples_of(op)[:1]:
        result = op.call(
            *[_tensors(value) for value in sample.args], **{k: _tensors(v) for k, v in sample.kwargs.items()}
        )
        if isinstance(result, Tensor):
            return "Tensor"
        if isinstance(result, tuple) and all(isinstance(part, Tensor) for part in result):
            return "tuple[Tensor, ...]" if not hasattr(result, "_fields") else "Any"
    return "Any"


def _annotated(function: Callable[..., Any]) -> str:
    annotation = inspect.signature(function).return_annotation
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return text if text in ("Tensor", "bool", "int", "float", "tuple[Tensor, ...]", "None") else ""


def _tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return Tensor(to_array(value))
    return [_tensors(item) for item in value] if isinstance(value, list) else value


def _define(name: str, function: Callable[..., Any], result: str, indent: str, other_names: bool = False) -> str:
    parameters = ", ".join([*_parameters(function, bool(indent)), *(["**names: Any"] if other_names else [])])
    doc = (inspect.getdoc(function) or "").split("\n")[0].replace("\\", "\\\\").replace('"""', "'''")
    head = f"{indent}def {name}({parameters}) -> {_builtin(result or _annotated(function)) or 'Any'}:"
    return f'{head}\n{indent}    """{doc}"""\n' if doc else f"{head} ...\n"


def _parameters(function: Callable[..., Any], method: bool) -> Iterator[str]:
    """The parameters as text."""
    star = False
    for i, parameter in enumerate(inspect.signature(function).parameters.values()):
        if method and i == 0:
            yield "self"
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            star = True
            yield f"*{parameter.name}: Any"
        elif parameter.kind is parameter.KEYWORD_ONLY and not star:
            star = True
            yield "*"
        if parameter.kind is not parameter.VAR_POSITIONAL:
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
