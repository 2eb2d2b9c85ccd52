"""Reads functions of single numbers from their Python source, as terms (`expressions`).

    f = read(function)             # its parameters, their defaults, and one term, the result

Source that is read may assign to names, branch with `if`, and call `exp`, `log` and so on (those of math, NumPy or this
package alike), `max`, `min`, `abs`, and other functions of its own kind. Numbers from outside count as constants, and
what depends on constants alone is computed as Python does.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import math
import operator
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .expressions import (
    CONDITIONS,
    FUNCTIONS,
    ZERO,
    Term,
    add,
    choose,
    divide,
    larger,
    multiply,
    negative,
    number,
    power,
    subtract,
)

__all__ = ["ScalarFunction", "read"]

_LONGEST = 20_000  # statements read for one function: each path through branches that return is read on its own


class ScalarFunction(NamedTuple):
    """A function of numbers that was read."""

    name: str
    parameters: list[str]
    defaults: dict[str, Any]
    result: Term


def _times(a: Term, b: Term) -> Term:
    """a b as it is written: 0 x is NaN where x is infinite."""
    return Term.of("multiply", a, b) if ZERO in (a, b) else multiply(a, b)


def _over(a: Term, b: Term) -> Term:
    """a / b as it is written: 0 / x is NaN where x is 0."""
    return Term.of("divide", a, b) if a is ZERO else divide(a, b)


_BINARY = {ast.Add: add, ast.Sub: subtract, ast.Mult: _times, ast.Div: _over}
_OF_CONSTANTS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.LtE: operator.le,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_COMPARISONS = {
    ast.Lt: ("less", False),
    ast.Gt: ("less", True),
    ast.LtE: ("less_equal", False),
    ast.GtE: ("less_equal", True),
    ast.Eq: ("equal", False),
    ast.NotEq: ("unequal", False),
}
_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


def read(function: Callable[..., Any]) -> ScalarFunction:
    """The function of numbers that a Python function is.

    TypeError where it does something that has no derivative here, with the line.
    """
    node = _definition(function)
    signature = inspect.signature(function, follow_wrapped=False)
    defaults = {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}
    reader = _Reader(function)
    result = reader.run(node, {name: Term.of("parameter", name) for name in signature.parameters})
    return ScalarFunction(function.__name__, list(signature.parameters), defaults, reader.as_term(result, node))


def _definition(function: Any) -> Any:
    """The syntax tree of a function: of this one, and not of another that a decorator has put it around."""
    code, name = function.__code__, function.__name__
    if code.co_name == "<lambda>":
        raise TypeError(f"elementwise: {name} must be defined with def, so that its source can be read.")
    try:
        source = "".join(inspect.findsource(code)[0])
    except (OSError, TypeError):
        raise TypeError(
            f"elementwise: the source of {name} is not to be found. Define it in a file or a notebook."
        ) from None
    place = code.co_name, code.co_firstlineno
    for node, compiled in _functions_of(source):
        if (compiled.co_name, compiled.co_firstlineno) == place and _essence(compiled) == _essence(code):
            return node
    raise TypeError(
        f"elementwise: the source of {name} has changed since it was loaded. Load it again, as by restarting Python."
    )


def _essence(code: types.CodeType) -> Any:
    """What tells a function from the same one after an edit of its file."""
    constants = [repr(value) for value in code.co_consts if not isinstance(value, types.CodeType)]
    return code.co_code, code.co_names, code.co_freevars, constants


@functools.lru_cache(maxsize=16)
def _functions_of(source: str) -> list[tuple[ast.FunctionDef, types.CodeType]]:
    """The functions in the source of a file, as written and as compiled.

    All of it is compiled: the code of a function depends on what is imported around it.
    """
    try:
        tree = ast.parse(source)
        codes = [compile(tree, "<source>", "exec", dont_inherit=True)]
    except SyntaxError:
        return []
    for code in codes:  # grows
        codes += [inner for inner in code.co_consts if isinstance(inner, types.CodeType)]
    by_place = {(code.co_name, code.co_firstlineno): code for code in codes}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    places = [(n.name, min([n.lineno, *(d.lineno for d in n.decorator_list)])) for n in nodes]
    return [(node, by_place[place]) for node, place in zip(nodes, places, strict=True) if place in by_place]


class _Reader:
    """Turns statements of one function into terms."""

    def __init__(self, function: Any, depth: int = 0, left: list[int] | None = None) -> None:
        self.function, self.depth = function, depth
        self.scope = {**vars(builtins), **function.__globals__, **inspect.getclosurevars(function).nonlocals}
        self.local = frozenset(function.__code__.co_varnames)
        self.left = [_LONGEST] if left is None else left

    def run(self, node: Any, env: dict[str, Any]) -> Any:
        """What the function returns: a term or a number."""
        result = self._statements(node.body, dict(env))
        if result is None:
            raise self._error(node, "ends without a return")
        return self._number(result, node)

    def _error(self, node: Any, what: str) -> TypeError:
        return TypeError(f"elementwise: {self.function.__name__} {what} (line {node.lineno}).")

    def _number(self, value: Any, node: Any) -> Any:
        """A term or a number, or an error."""
        if isinstance(value, Term):
            if value.op in CONDITIONS:
                raise self._error(node, "computes with a condition: write 1.0 if condition else 0.0")
            return value.args[0] if value.op == "number" else value
        if isinstance(value, _NUMBERS):
            return value
        raise self._error(node, f"computes with {type(value).__name__}")

    def as_term(self, value: Any, node: Any) -> Term:
        """A term, of a number a constant."""
        value = self._number(value, node)
        if isinstance(value, Term):
            return value
        try:
            return number(float(value))
        except OverflowError:
            raise self._error(node, "computes with a number that is too large for a float") from None

    def _choice(self, condition: Term, a: Any, b: Any, node: Any) -> Any:
        return a if a is b else choose(condition, self.as_term(a, node), self.as_term(b, node))

    def _constant(self, node: Any, function: Callable[..., Any], *values: Any) -> Any:
        """What Python computes of constants."""
        try:
            value = function(*values)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self._error(node, f"can not compute {ast.unparse(node)}: {error}") from None
        return self._number(value, node)

    def _statements(self, body: Sequence[Any], env: dict[str, Any]) -> Any:
        """What is returned, or None; names are assigned in env."""
        for i, node in enumerate(body):
            self.left[0] -= 1
            if self.left[0] < 0:
                raise self._error(node, "has too many paths through its branches")
            if isinstance(node, ast.Return):
                if node.value is None:
                    raise self._error(node, "returns nothing")
                return self._expression(node.value, env)
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                env[node.targets[0].id] = self._expression(node.value, env)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                env[node.target.id] = self._expression(node.value, env)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                left = ast.Name(node.target.id, ast.Load(), lineno=node.lineno)
                whole = ast.BinOp(left, node.op, node.value, lineno=node.lineno)
                env[node.target.id] = self._expression(whole, env)
            elif isinstance(node, ast.If):
                rest = list(body[i + 1 :])
                condition = self._condition(node.test, env)
                if isinstance(condition, bool):
                    return self._statements([*(node.body if condition else node.orelse), *rest], env)
                if any(isinstance(inner, ast.Return) for inner in ast.walk(node)):
                    yes = self._statements([*node.body, *rest], dict(env))
                    no = self._statements([*node.orelse, *rest], dict(env))
                    if yes is None or no is None:
                        raise self._error(node, "has a branch that returns nothing")
                    return self._choice(condition, yes, no, node)
                self._assign_either(condition, node, env)
            elif not (
                isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            ):
                raise self._error(node, f"has a statement that can not be read: {ast.unparse(node).splitlines()[0]}")
        return None

    def _assign_either(self, condition: Term, node: ast.If, env: dict[str, Any]) -> None:
        """Each name gets what the branch that is taken assigns to it."""
        yes, no = dict(env), dict(env)
        self._statements(node.body, yes)
        self._statements(node.orelse, no)
        env.clear()
        for name in [name for name in yes if name in no]:
            a, b = yes[name], no[name]
            if a is not b and any(isinstance(v, bool) or (isinstance(v, Term) and v.op in CONDITIONS) for v in (a, b)):
                env[name] = Term.of("unequal", choose(condition, self._truth(a), self._truth(b)), ZERO)
            else:
                env[name] = self._choice(condition, a, b, node)

    def _truth(self, value: Any) -> Term:
        """1 for what holds, else 0."""
        condition = self._holds(value)
        if isinstance(condition, bool):
            return number(condition)
        return choose(condition, number(1), ZERO)

    def _holds(self, value: Any) -> Any:
        if isinstance(value, Term):
            return value if value.op in CONDITIONS else Term.of("unequal", value, ZERO)
        return bool(value)

    def _condition(self, node: Any, env: dict[str, Any]) -> Any:
        """A term that holds or does not, or True or False."""
        if not isinstance(node, ast.BoolOp):
            return self._holds(self._expression(node, env))
        ends = isinstance(node.op, ast.Or)
        result: Any = None
        for value in node.values:
            part = self._condition(value, env)
            if part is ends:
                return ends
            if not isinstance(part, bool):
                result = part if result is None else Term.of("or" if ends else "and", result, part)
        return (not ends) if result is None else result

    def _expression(self, node: Any, env: dict[str, Any]) -> Any:
        """A term, or an object from outside."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self._named(node, env)
        if isinstance(node, ast.Attribute):
            owner = self._expression(node.value, env)
            if isinstance(owner, Term):
                raise self._error(node, f"uses {ast.unparse(node)}, but {ast.unparse(node.value)} is a number")
            if not hasattr(owner, node.attr):
                raise self._error(node, f"uses {ast.unparse(node)}, which does not exist")
            return getattr(owner, node.attr)
        if isinstance(node, ast.BinOp):
            return self._binary(node, env)
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                condition = self._condition(node.operand, env)
                return Term.of("not", condition) if isinstance(condition, Term) else not condition
            value = self._number(self._expression(node.operand, env), node)
            if not isinstance(value, Term):
                return self._constant(node, _OF_CONSTANTS[type(node.op)], value)
            if isinstance(node.op, ast.Invert):
                raise self._error(node, f"has an operator without a derivative: {ast.unparse(node)}")
            return negative(value) if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.IfExp):
            condition = self._condition(node.test, env)
            if isinstance(condition, bool):
                return self._expression(node.body if condition else node.orelse, env)
            a, b = self._expression(node.body, env), self._expression(node.orelse, env)
            return self._choice(condition, a, b, node)
        if isinstance(node, ast.Compare):
            return self._comparison(node, env)
        if isinstance(node, ast.BoolOp):
            return self._either(node, node.values, env)
        if isinstance(node, ast.Call):
            return self._application(node, env)
        raise self._error(node, f"has an expression that can not be read: {ast.unparse(node)}")

    def _named(self, node: ast.Name, env: dict[str, Any]) -> Any:
        if node.id in env:
            return env[node.id]
        if node.id in self.local:
            raise self._error(node, f"uses {node.id}, which is not assigned on every way there")
        if node.id in self.scope:
            return self.scope[node.id]
        if node.id in FUNCTIONS:
            return node.id
        raise self._error(node, f"uses {node.id}, which is not defined")

    def _either(self, node: ast.BoolOp, values: Sequence[Any], env: dict[str, Any]) -> Any:
        """`a or b`, `a and b`: one of the two, as in Python; of conditions a condition."""
        first = self._expression(values[0], env)
        if len(values) == 1:
            return first
        ends = isinstance(node.op, ast.Or)
        condition = self._holds(first)
        if isinstance(condition, bool):
            return first if condition is ends else self._either(node, values[1:], env)
        rest = self._either(node, values[1:], env)
        if condition is first and isinstance(rest, bool):
            return rest if rest is ends else first
        if condition is first and isinstance(rest, Term) and rest.op in CONDITIONS:
            return Term.of("or" if ends else "and", first, rest)
        return self._choice(condition, first, rest, node) if ends else self._choice(condition, rest, first, node)

    def _binary(self, node: ast.BinOp, env: dict[str, Any]) -> Any:
        a, b = (self._number(self._expression(n, env), n) for n in (node.left, node.right))
        if not (isinstance(a, Term) or isinstance(b, Term)) and type(node.op) in _OF_CONSTANTS:
            if isinstance(node.op, (ast.Pow, ast.LShift)) and abs(b) > 10_000:
                raise self._error(node, f"can not compute {ast.unparse(node)}: it is too large")
            return self._constant(node, _OF_CONSTANTS[type(node.op)], a, b)
        if isinstance(node.op, ast.Pow):
            if isinstance(b, Term):
                raise self._error(node, "has a power that is not constant: write exp(y * log(x))")
            return self._power(node, a, b)
        make = _BINARY.get(type(node.op))
        if make is None:
            raise self._error(node, f"has an operator without a derivative: {ast.unparse(node)}")
        return make(self.as_term(a, node), self.as_term(b, node))

    def _power(self, node: Any, a: Term, exponent: Any) -> Term:
        try:
            return power(a, float(exponent))
        except (ValueError, OverflowError) as error:
            raise self._error(node, str(error)) from None

    def _comparison(self, node: ast.Compare, env: dict[str, Any]) -> Any:
        result: Any = True
        left = self._expression(node.left, env)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARISONS:
                raise self._error(node, f"has a comparison that can not be read: {ast.unparse(node)}")
            right = self._expression(comparator, env)
            a, b = self._number(left, node), self._number(right, node)
            if isinstance(a, Term) or isinstance(b, Term):
                a, b = self.as_term(a, node), self.as_term(b, node)
                name, swapped = _COMPARISONS[type(op)]
                one: Any = Term.of(name, b, a) if swapped else Term.of(name, a, b)
            else:
                one = bool(_OF_CONSTANTS[type(op)](a, b))
            if one is False:
                return False
            result = one if result is True else result if one is True else Term.of("and", result, one)
            left = right
        return result

    def _application(self, node: ast.Call, env: dict[str, Any]) -> Any:
        target = self._expression(node.func, env)
        if any(isinstance(n, ast.Starred) for n in node.args) or any(k.arg is None for k in node.keywords):
            raise self._error(node, f"has arguments that can not be read: {ast.unparse(node)}")
        name = _name_of(target)
        if name == "where" and len(node.args) == 3 and not node.keywords:
            condition = self._condition(node.args[0], env)
            a, b = (self._expression(n, env) for n in node.args[1:])
            return (a if condition else b) if isinstance(condition, bool) else self._choice(condition, a, b, node)
        args = [self._expression(n, env) for n in node.args]
        known = name and not node.keywords
        if known and name in ("max", "maximum", "min", "minimum") and len(args) >= 2:
            return functools.reduce(functools.partial(self._extreme, node, name[:3]), args)
        if known and name == "pow" and len(args) == 2:
            base, exponent = (self._number(a, node) for a in args)
            if isinstance(base, Term) and not isinstance(exponent, Term):
                return self._power(node, base, exponent)
        if known and name in FUNCTIONS and len(args) == 1:
            value = self._number(args[0], node)
            return Term.of(name, value) if isinstance(value, Term) else self._constant(node, _of_constant(name), value)
        inner = _own(target)
        if isinstance(inner, types.FunctionType) and self.depth < 20:
            keywords = {str(k.arg): self._expression(k.value, env) for k in node.keywords}
            try:
                bound = inspect.signature(inner, follow_wrapped=False).bind(*args, **keywords)
            except TypeError as error:
                raise self._error(node, f"calls {ast.unparse(node)}: {error}") from None
            bound.apply_defaults()
            return _Reader(inner, self.depth + 1, self.left).run(_definition(inner), bound.arguments)
        raise self._error(node, f"calls what has no derivative here: {ast.unparse(node.func)}")

    def _extreme(self, node: Any, name: str, a: Any, b: Any) -> Any:
        a, b = self._number(a, node), self._number(b, node)
        if not (isinstance(a, Term) or isinstance(b, Term)):
            return max(a, b) if name == "max" else min(a, b)
        a, b = self.as_term(a, node), self.as_term(b, node)
        return larger(a, b) if name == "max" else negative(larger(negative(a), negative(b)))


def _of_constant(name: str) -> Callable[[float], float]:
    if name == "sigmoid":
        return lambda x: 1 / (1 + math.exp(-x))
    function: Callable[[float], float] = getattr(math, name, abs)
    return function


_OTHER_NAMES = {
    "absolute": "abs",
    "fabs": "abs",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "expit": "sigmoid",
}


def _of_this_package(function: Any) -> bool:
    return (getattr(function, "__module__", None) or "").split(".")[0] == "autograd"


def _name_of(target: Any) -> str:
    """The name of a function of math, NumPy, SciPy, this package or Python, or ""."""
    if isinstance(target, str):
        return target
    op = getattr(target, "op", None)
    name = str(getattr(op, "name", None) or getattr(target, "__name__", ""))
    module = (getattr(target, "__module__", None) or "").split(".")[0]
    if op is not None:
        known = _of_this_package(op.forward)
    else:
        known = isinstance(target, np.ufunc) or module in ("math", "numpy", "builtins")
    return _OTHER_NAMES.get(name, name) if known else ""


def _own(target: Any) -> Any:
    """The Python function to read instead of what is called, or None."""
    op = getattr(target, "op", None)
    if op is not None:
        # A primitive has rules of its own, which are not to be derived.
        inner = None if op.kind == "primitive" else getattr(target, "__wrapped__", None)
    elif isinstance(target, types.FunctionType):
        inner = target
    else:  # of Numba, or with a cache
        inner = getattr(target, "__wrapped__", None)
    outside = (getattr(inner, "__module__", None) or "").split(".")[0] in ("numpy", "scipy", "autograd")
    return None if outside else inner
