"""Functions of single numbers as terms, with derivatives, and as Python source again.

    y = divide(x, add(ONE, Term.of("exp", x)))    # x is Term.of("parameter", "x")
    derivative(y, "x")                            # another term

A term is what is computed of what; equal terms are one object, so that what occurs twice is computed once.

The derivative of a branch is the branch of the derivatives, so that what was not taken has no part in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

__all__ = ["FUNCTIONS", "PREFIX", "Term", "derivative", "statements"]


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
    """a to a constant power: whole numbers up to 64 and halves.

    A term of its own, as the derivative of what it is computed by (`_product`) is NaN where factors are 0 or infinite.
    """
    if 2 * exponent != int(2 * exponent) or abs(exponent) > 64:
        raise ValueError(f"has the power {exponent}, neither a whole number nor a half: write exp({exponent} * log(x))")
    if exponent in (0, 1):
        return a if exponent else ONE
    return Term.of("power", a, float(exponent))


def _product(a: str, exponent: float) -> str:
    """A power as Python source: products and a square root."""
    n, square, factors = int(abs(exponent)), a, []
    if n != abs(exponent):
        factors.append(f"sqrt({a})")
    while n:
        factors += [square] if n & 1 else []
        n >>= 1
        square = f"({square} * {square})"
    return ("" if exponent > 0 else "real(1.0) / ") + f"({' * '.join(factors)})"


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
CONDITIONS = frozenset({"less", "less_equal", "equal", "unequal", "and", "or", "not"})


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
    if op == "number" or op in CONDITIONS:
        return ZERO
    if op == "negative":
        return negative(by[args[0]])
    if op == "choose":
        return choose(args[0], by[args[1]], by[args[2]])
    if op == "power":
        slope = multiply(number(args[1]), power(args[0], args[1] - 1))
        return multiply(by[args[0]], slope)
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


def statements(
    results: Sequence[Term], constant: Callable[[float], str], products: bool = False
) -> tuple[list[str], list[str]]:
    """Python statements that compute terms, each once, and the names or constants that hold the results.

    constant: how a number is written. products: powers are written as such. Functions, and `choose` and `negate` (of
    a condition), are called by name.
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
        elif op == "power":
            text = _product(args[0], term.args[1]) if products else f"{args[0]} ** {term.args[1]!r}"
        else:
            text = f"{'negate' if op == 'not' else op}({', '.join(args)})"
        names[term] = f"step{len(lines)}"
        lines.append(f"{names[term]} = {text}")
    return lines, [names[result] for result in results]
