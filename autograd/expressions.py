"""Functions of single numbers, read from their Python source: as terms, with derivatives, and as source again.

    f = read(lambda x, beta: x / (1 + exp(-beta * x)))    # parameters and one term, the result
    derivative(f.result, "x")                             # another term

A term is what is computed of what; equal terms are one object, so that what occurs twice is computed once. Source that
is read may assign to names, branch with `if`, and call `exp`, `log` and so on (those of math, NumPy or this package
alike), `max`, `min`, `abs`, and other functions of its own kind. Numbers from outside count as constants.

The derivative of a branch is the branch of the derivatives, so that what was not taken has no part in it.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

__all__ = ["FUNCTIONS", "PREFIX", "Function", "Term", "derivative", "read", "statements"]


class Term:
    """An operation and its arguments; made by the functions below, which keep equal terms one object."""

    __slots__ = ("args", "op")
    _known: ClassVar[dict[tuple[Any, ...], Term]] = {}

    op: str  # "number", "parameter", "add", "less", "choose", ..., or the name of a function
    args: tuple[Any, ...]

    @classmethod
    def of(cls, op: str, *args: Any) -> Term:
        """The term of this operation on these arguments."""
        key = (op, *((id(a) if isinstance(a, Term) else (type(a), repr(a))) for a in args))
        term = cls._known.get(key)
        if term is None:
            term = cls._known[key] = object.__new__(cls)
            term.op, term.args = op, args
        return term

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(repr, self.args))})"


def number(value: float) -> Term:
    """A constant."""
    return Term.of("number", float(value))


ZERO, ONE, TWO = number(0), number(1), number(2)


def _value(term: Term) -> float | None:
    return term.args[0] if term.op == "number" else None


def add(a: Term, b: Term) -> Term:
    """a + b."""
    if a is ZERO or b is ZERO:
        return b if a is ZERO else a
    if b.op == "negative":
        return subtract(a, b.args[0])
    return _folded("add", a, b)


def subtract(a: Term, b: Term) -> Term:
    """a - b."""
    if b is ZERO:
        return a
    return negative(b) if a is ZERO else _folded("subtract", a, b)


def multiply(a: Term, b: Term) -> Term:
    """a b; 0 if one of them is, whatever the other may be."""
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE or b is ONE:
        return b if a is ONE else a
    if a.op == "negative":
        return negative(multiply(a.args[0], b))
    if b.op == "negative":
        return negative(multiply(a, b.args[0]))
    return _folded("multiply", a, b)


def divide(a: Term, b: Term) -> Term:
    """a / b."""
    if a is ZERO or b is ONE:
        return a
    return _folded("divide", a, b)


def negative(a: Term) -> Term:
    """-a."""
    if a.op == "negative":
        inner: Term = a.args[0]
        return inner
    value = _value(a)
    return Term.of("negative", a) if value is None else number(-value)


def choose(condition: Term, a: Term, b: Term) -> Term:
    """a where the condition holds, else b."""
    return a if a is b else Term.of("choose", condition, a, b)


def _folded(op: str, a: Term, b: Term) -> Term:
    x, y = _value(a), _value(b)
    if x is None or y is None or (op == "divide" and y == 0):
        return Term.of(op, a, b)
    return number({"add": x + y, "subtract": x - y, "multiply": x * y, "divide": x / y if y else 0.0}[op])


def power(a: Term, exponent: float) -> Term:
    """a to a constant power: products for whole numbers up to 64, square roots for halves."""
    if exponent == int(exponent) and abs(exponent) <= 64:
        n, result, square = abs(int(exponent)), ONE, a
        while n:
            result = multiply(result, square) if n & 1 else result
            n >>= 1
            square = multiply(square, square) if n else square
        return result if exponent >= 0 else divide(ONE, result)
    if 2 * exponent == int(2 * exponent) and abs(exponent) <= 64:
        whole = math.floor(exponent)
        root = Term.of("sqrt", a)
        return multiply(root, power(a, whole)) if whole >= 0 else divide(root, power(a, -whole))
    raise ValueError(f"the power {exponent} is neither a whole number nor a half. Write exp({exponent} * log(x)).")


def larger(a: Term, b: Term) -> Term:
    """The larger one; b if both are equal, and NaN if one is."""
    return choose(Term.of("or", Term.of("less", b, a), Term.of("unequal", a, a)), a, b)


# --- Derivatives -----------------------------------------------------------------------------------------------------


def _call(name: str) -> Callable[[Term], Term]:
    return lambda a: Term.of(name, a)


_exp, _sqrt = _call("exp"), _call("sqrt")
_BELL = number(2 / math.sqrt(math.pi))

# The derivative of each function of one number, given its argument and its result.
FUNCTIONS: dict[str, Callable[[Term, Term], Term]] = {
    "exp": lambda a, y: y,
    "expm1": lambda a, y: _exp(a),
    "log": lambda a, y: divide(ONE, a),
    "log1p": lambda a, y: divide(ONE, add(ONE, a)),
    "sqrt": lambda a, y: divide(number(0.5), y),
    "tanh": lambda a, y: subtract(ONE, multiply(y, y)),
    "sigmoid": lambda a, y: multiply(y, subtract(ONE, y)),
    "erf": lambda a, y: multiply(_BELL, _exp(negative(multiply(a, a)))),
    "erfc": lambda a, y: negative(multiply(_BELL, _exp(negative(multiply(a, a))))),
    "sin": lambda a, y: Term.of("cos", a),
    "cos": lambda a, y: negative(Term.of("sin", a)),
    "tan": lambda a, y: add(ONE, multiply(y, y)),
    "sinh": lambda a, y: Term.of("cosh", a),
    "cosh": lambda a, y: Term.of("sinh", a),
    "atan": lambda a, y: divide(ONE, add(ONE, multiply(a, a))),
    "asin": lambda a, y: divide(ONE, _sqrt(multiply(subtract(ONE, a), add(ONE, a)))),
    "acos": lambda a, y: divide(number(-1), _sqrt(multiply(subtract(ONE, a), add(ONE, a)))),
    "abs": lambda a, y: choose(
        Term.of("less", ZERO, a), ONE, choose(Term.of("less", a, ZERO), number(-1), Term.of("multiply", ZERO, a))
    ),
}
_CONDITIONS = frozenset({"less", "less_equal", "equal", "unequal", "and", "or", "not"})


def derivative(term: Term, name: str) -> Term:
    """The derivative of a term by a parameter."""
    done: dict[Term, Term] = {}
    for one in _in_order([term]):
        done[one] = _derivative(one, name, done)
    return done[term]


def _derivative(term: Term, name: str, by: Mapping[Term, Term]) -> Term:
    op, args = term.op, term.args
    if op == "parameter":
        return ONE if args[0] == name else ZERO
    if op == "number" or op in _CONDITIONS:
        return ZERO
    if op == "negative":
        return negative(by[args[0]])
    if op == "choose":
        return choose(args[0], by[args[1]], by[args[2]])
    if op in FUNCTIONS:
        inner = by[args[0]]
        return ZERO if inner is ZERO else multiply(inner, FUNCTIONS[op](args[0], term))
    a, b = args
    if op == "add":
        return add(by[a], by[b])
    if op == "subtract":
        return subtract(by[a], by[b])
    if op == "multiply":
        return add(multiply(by[a], b), multiply(a, by[b]))
    # a / b: (a' - (a / b) b') / b
    return divide(subtract(by[a], multiply(term, by[b])), b)


def _in_order(results: Iterable[Term]) -> list[Term]:
    """All terms that these need, each after its arguments."""
    order: dict[Term, None] = {}
    stack = list(results)[::-1]
    while stack:
        term = stack[-1]
        missing = [a for a in term.args if isinstance(a, Term) and a not in order]
        if missing and term not in order:
            stack += missing
        else:
            order.setdefault(stack.pop())
    return list(order)


# --- Reading source --------------------------------------------------------------------------------------------------


class Function(NamedTuple):
    """A function that was read."""

    name: str
    parameters: list[str]
    defaults: dict[str, Any]
    result: Term


_BINARY = {ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide}
_COMPARISONS = {
    ast.Lt: ("less", False),
    ast.Gt: ("less", True),
    ast.LtE: ("less_equal", False),
    ast.GtE: ("less_equal", True),
    ast.Eq: ("equal", False),
    ast.NotEq: ("unequal", False),
}


def read(function: Callable[..., Any]) -> Function:
    """The function of numbers that a Python function is.

    TypeError where it does something that has no derivative here, with the line.
    """
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"elementwise: takes a Python function, not {type(function).__name__}.")
    node = _definition(function)
    signature = inspect.signature(function)
    defaults = {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}
    env = {name: Term.of("parameter", name) for name in signature.parameters}
    return Function(function.__name__, list(signature.parameters), defaults, _Reader(function).run(node, env))


def _definition(function: types.FunctionType) -> Any:
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise TypeError(
            f"elementwise: the source of {function.__name__} is not to be found. Define it in a file or a notebook."
        ) from None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            return node
    raise TypeError(f"elementwise: {function.__name__} must be defined with def, so that its source can be read.")


class _Reader:
    """Turns statements of one function into terms."""

    def __init__(self, function: types.FunctionType, depth: int = 0) -> None:
        self.function, self.depth = function, depth
        self.scope = {**vars(builtins), **function.__globals__, **inspect.getclosurevars(function).nonlocals}

    def run(self, node: Any, env: dict[str, Any]) -> Term:
        """What the function returns."""
        result = self._statements(node.body, dict(env))
        if result is None:
            raise self._error(node, "ends without a return")
        return self._number(result, node)

    def _error(self, node: Any, what: str) -> TypeError:
        line = self.function.__code__.co_firstlineno + getattr(node, "lineno", 1) - 1
        return TypeError(f"elementwise: {self.function.__name__} {what} (line {line}).")

    def _number(self, value: Any, node: Any) -> Term:
        if isinstance(value, Term) and value.op not in _CONDITIONS:
            return value
        if isinstance(value, (bool, int, float, np.integer, np.floating)):
            return number(float(value))
        raise self._error(node, f"computes with {value if isinstance(value, Term) else type(value).__name__}")

    def _statements(self, body: Sequence[Any], env: dict[str, Any]) -> Any:
        for i, node in enumerate(body):
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
                condition = self._condition(node.test, env)
                rest = list(body[i + 1 :])
                if isinstance(condition, bool):
                    return self._statements([*(node.body if condition else node.orelse), *rest], env)
                yes = self._statements([*node.body, *rest], dict(env))
                no = self._statements([*node.orelse, *rest], dict(env))
                if yes is None or no is None:
                    raise self._error(node, "has a branch that returns nothing")
                return choose(condition, self._number(yes, node), self._number(no, node))
            elif not (
                isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            ):
                raise self._error(node, f"has a statement that can not be read: {ast.unparse(node).splitlines()[0]}")
        return None

    def _condition(self, node: Any, env: dict[str, Any]) -> Any:
        value = self._expression(node, env)
        if isinstance(value, Term):
            return value if value.op in _CONDITIONS else Term.of("unequal", value, ZERO)
        return bool(value)

    def _expression(self, node: Any, env: dict[str, Any]) -> Any:
        """A term, or an object from outside."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if node.id in env:
                return env[node.id]
            if node.id in self.scope:
                return self.scope[node.id]
            if node.id in FUNCTIONS:
                return node.id
            raise self._error(node, f"uses {node.id}, which is not defined")
        if isinstance(node, ast.Attribute):
            return getattr(self._expression(node.value, env), node.attr)
        if isinstance(node, ast.BinOp):
            return self._binary(node, env)
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                condition = self._condition(node.operand, env)
                return Term.of("not", condition) if isinstance(condition, Term) else not condition
            value = self._number(self._expression(node.operand, env), node)
            return negative(value) if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.IfExp):
            condition = self._condition(node.test, env)
            if isinstance(condition, bool):
                return self._expression(node.body if condition else node.orelse, env)
            return choose(condition, *(self._number(self._expression(n, env), n) for n in (node.body, node.orelse)))
        if isinstance(node, ast.Compare):
            return self._comparison(node, env)
        if isinstance(node, ast.BoolOp):
            name = "and" if isinstance(node.op, ast.And) else "or"
            parts = [self._condition(value, env) for value in node.values]
            fixed = [part for part in parts if isinstance(part, bool)]
            if (name == "or") in fixed:
                return name == "or"
            terms = [part for part in parts if not isinstance(part, bool)]
            result = terms[0] if terms else name == "and"
            for term in terms[1:]:
                result = Term.of(name, result, term)
            return result
        if isinstance(node, ast.Call):
            return self._application(node, env)
        raise self._error(node, f"has an expression that can not be read: {ast.unparse(node)}")

    def _binary(self, node: ast.BinOp, env: dict[str, Any]) -> Any:
        a, b = (self._number(self._expression(n, env), n) for n in (node.left, node.right))
        if isinstance(node.op, ast.Pow):
            exponent = _value(b)
            if exponent is None:
                raise self._error(node, "has a power that is not constant: write exp(y * log(x))")
            try:
                return power(a, exponent)
            except ValueError as error:
                raise self._error(node, str(error)) from None
        make = _BINARY.get(type(node.op))
        if make is None:
            raise self._error(node, f"has an operator without a derivative: {ast.unparse(node)}")
        return make(a, b)

    def _comparison(self, node: ast.Compare, env: dict[str, Any]) -> Any:
        values = [self._number(self._expression(n, env), n) for n in (node.left, *node.comparators)]
        result: Any = None
        for op, a, b in zip(node.ops, values, values[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise self._error(node, f"has a comparison that can not be read: {ast.unparse(node)}")
            name, swapped = _COMPARISONS[type(op)]
            one = Term.of(name, b, a) if swapped else Term.of(name, a, b)
            result = one if result is None else Term.of("and", result, one)
        return result

    def _application(self, node: ast.Call, env: dict[str, Any]) -> Any:
        target = self._expression(node.func, env)
        args = [self._expression(n, env) for n in node.args]
        name = _name_of(target)
        if name in ("max", "maximum", "min", "minimum") and len(args) >= 2 and not node.keywords:
            terms = [self._number(a, node) for a in args]
            result = terms[0]
            for term in terms[1:]:
                if name.startswith("max"):
                    result = larger(result, term)
                else:
                    result = negative(larger(negative(result), negative(term)))
            return result
        if name == "where" and len(args) == 3:
            condition = self._condition(node.args[0], env)
            return choose(condition, self._number(args[1], node), self._number(args[2], node))
        if name in FUNCTIONS and len(args) == 1 and not node.keywords:
            return Term.of(name, self._number(args[0], node))
        inner = getattr(target, "__wrapped__", target)
        own = (getattr(inner, "__module__", None) or "").split(".")[0] not in ("numpy", "scipy", "autograd")
        if isinstance(inner, types.FunctionType) and own and self.depth < 20:
            definition = _definition(inner)
            keywords = {k.arg: self._expression(k.value, env) for k in node.keywords if k.arg}
            bound = inspect.signature(inner).bind(*args, **keywords)
            bound.apply_defaults()
            return _Reader(inner, self.depth + 1).run(definition, bound.arguments)
        raise self._error(node, f"calls what has no derivative here: {ast.unparse(node.func)}")


_OTHER_NAMES = {
    "absolute": "abs",
    "fabs": "abs",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "expit": "sigmoid",
}


def _name_of(target: Any) -> str:
    """The name of a function of math, NumPy, SciPy, this package or Python, or ""."""
    if isinstance(target, str):
        return target
    op = getattr(target, "op", None)
    name = str(getattr(op, "name", None) or getattr(target, "__name__", ""))
    module = getattr(target, "__module__", None) or ""
    known = op is not None or isinstance(target, np.ufunc) or module.split(".")[0] in ("math", "numpy", "builtins")
    return _OTHER_NAMES.get(name, name) if known else ""


# --- Writing source --------------------------------------------------------------------------------------------------


PREFIX = "of_"  # of the names of parameters in source that is written: no other name begins with it

_SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "unequal": "!=",
    "and": "&",
    "or": "|",
}


def statements(results: Sequence[Term], constant: Callable[[float], str]) -> tuple[list[str], list[str]]:
    """Python statements that compute terms, each once, and the names or constants that hold the results.

    constant: how a number is written. Functions, and `choose` and `negate` (of a condition), are called by name.
    """
    names: dict[Term, str] = {}
    lines: list[str] = []
    for term in _in_order(results):
        op, args = term.op, [names[a] for a in term.args if isinstance(a, Term)]
        if op == "number":
            names[term] = constant(term.args[0])
            continue
        if op == "parameter":
            names[term] = f"{PREFIX}{term.args[0]}"
            continue
        if op in _SIGNS:
            text = f"{args[0]} {_SIGNS[op]} {args[1]}"
        elif op == "negative":
            text = f"-{args[0]}"
        else:
            text = f"{'negate' if op == 'not' else op}({', '.join(args)})"
        names[term] = f"step{len(lines)}"
        lines.append(f"{names[term]} = {text}")
    return lines, [names[result] for result in results]
