"""einsum, tensordot and the Kronecker product: sums of products named by their axes.

Every sum of products is cut into pairs, and every pair into one matrix product: axes that both have and the result
keeps are its batch, axes that are summed its inner size. NumPy leaves pairs with a batch to a plain loop.
"""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..declare import composite, primitive
from ..op import Sample
from .broadcasting import expand
from .matmul import conjugate, product
from .shape import axis_of


class Plan(NamedTuple):
    """An equation for given shapes, with letters for what the ellipsis stood for."""

    terms: tuple[str, ...]
    out: str
    sizes: dict[str, int]
    pairs: tuple[tuple[int, int], ...]  # which two operands to multiply next; the product goes to the end


@functools.lru_cache(maxsize=512)
def plan_of(equation: str, shapes: tuple[tuple[int, ...], ...]) -> Plan:
    """Reads an equation.  ValueError where it does not fit the shapes."""
    inputs, arrow, out = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum: {equation!r} names {len(terms)} operands, and {len(shapes)} are given.")
    unused = [letter for letter in string.ascii_letters if letter not in equation]
    hidden = [len(shape) - len(term.replace("...", "", 1)) for term, shape in zip(terms, shapes, strict=True)]
    ellipsis = "".join(unused[: max([n for n, term in zip(hidden, terms, strict=True) if "..." in term], default=0)])
    for k, (term, n, shape) in enumerate(zip(terms, hidden, shapes, strict=True)):
        if n < 0 or (n and "..." not in term):
            raise ValueError(f"einsum: {term!r} in {equation!r} does not name the axes of operand {k}, shape {shape}.")
        terms[k] = term.replace("...", ellipsis[len(ellipsis) - n :], 1)
    every = "".join(terms)
    out = (
        out.replace("...", ellipsis, 1)
        if arrow
        else ellipsis + "".join(sorted(c for c in set(every) - set(ellipsis) if every.count(c) == 1))
    )
    for part in (*terms, out):
        wrong = [c for c in part if c not in string.ascii_letters]
        if wrong:
            raise ValueError(f"einsum: {wrong[0]!r} in {equation!r} can not name an axis. Use letters.")
    for c in out:
        if c not in every:
            raise ValueError(f"einsum: the result of {equation!r} has {c!r}, which no operand has.")
        if out.count(c) > 1:
            raise ValueError(f"einsum: the result of {equation!r} has {c!r} twice.")
    sizes: dict[str, int] = {}
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        for c, length in zip(term, shape, strict=True):
            have = sizes.get(c, 1)
            if have != length and 1 not in (have, length):
                name = f"{c!r}" if c in inputs else "an axis of '...'"
                raise ValueError(f"einsum: {name} in {equation!r} has size {length} in operand {k} and {have} before.")
            sizes[c] = length if have == 1 else have
        repeated = [c for c in term if len({n for d, n in zip(term, shape, strict=True) if d == c}) > 1]
        if repeated:
            raise ValueError(f"einsum: {repeated[0]!r} in {equation!r} has two sizes in operand {k}, shape {shape}.")
    return Plan(tuple(terms), out, sizes, _order(terms, out, shapes))


def _order(terms: Sequence[str], out: str, shapes: Sequence[tuple[int, ...]]) -> tuple[tuple[int, int], ...]:
    """In which order to multiply the operands."""
    if len(terms) < 3:
        return ((0, 1),) * (len(terms) - 1)
    empty = [np.broadcast_to(np.float64(0), shape) for shape in shapes]
    path = np.einsum_path(",".join(terms) + "->" + out, *empty, optimize="greedy")[0][1:]
    pairs = []
    left = len(terms)
    for step in path:
        # A step may take several operands at once: two by two then, each product at the end of the list.
        now = sorted(step)
        while len(now) > 1:
            i, j = now[:2]
            pairs.append((i, j))
            left -= 1
            now = [k - (k > i) - (k > j) for k in now[2:]] + [left - 1]
    return tuple(pairs)


def contract(plan: Plan, operands: Sequence[np.ndarray]) -> np.ndarray:
    """The value of an equation."""
    named = [_alone(array, term, k, plan) for k, (array, term) in enumerate(zip(operands, plan.terms, strict=True))]
    for i, j in plan.pairs:
        b, a = named.pop(j), named.pop(i)
        needed = set(plan.out).union(*(labels for _, labels in named))
        named.append(_multiply(*a, *b, needed))
    array, labels = named[0]
    return array.transpose([labels.index(c) for c in plan.out])


def _alone(array: np.ndarray, term: str, k: int, plan: Plan) -> tuple[np.ndarray, str]:
    """An operand without repeated axes, axes that are stretched, and axes that only it has and that are summed."""
    while len(set(term)) < len(term):
        c = next(c for c in term if term.count(c) > 1)
        i = term.index(c)
        j = term.index(c, i + 1)
        array = np.diagonal(array, 0, i, j)
        term = term[:i] + term[i + 1 : j] + term[j + 1 :] + c
    stretched = [i for i, c in enumerate(term) if array.shape[i] == 1 != plan.sizes[c]]
    if stretched:
        array = array.squeeze(tuple(stretched))
        term = "".join(c for i, c in enumerate(term) if i not in stretched)
    elsewhere = plan.out + "".join(other for n, other in enumerate(plan.terms) if n != k)
    summed = tuple(i for i, c in enumerate(term) if c not in elsewhere)
    if summed:
        array = np.add.reduce(array, summed, array.dtype)
        term = "".join(c for c in term if c in elsewhere)
    return array, term


def _multiply(a: np.ndarray, of_a: str, b: np.ndarray, of_b: str, needed: set[str]) -> tuple[np.ndarray, str]:
    """Two operands as one, over the axes that are needed later."""
    batch = [c for c in of_a if c in of_b and c in needed]
    inner = [c for c in of_a if c in of_b and c not in needed]
    left, right = [c for c in of_a if c not in of_b], [c for c in of_b if c not in of_a]
    gone_left, gone_right = ([c for c in part if c not in needed] for part in (left, right))
    if gone_left or gone_right:  # what stretching has left to one operand alone
        a = np.add.reduce(a, tuple(of_a.index(c) for c in gone_left), a.dtype) if gone_left else a
        b = np.add.reduce(b, tuple(of_b.index(c) for c in gone_right), b.dtype) if gone_right else b
        of_a = "".join(c for c in of_a if c not in gone_left)
        of_b = "".join(c for c in of_b if c not in gone_right)
        return _multiply(a, of_a, b, of_b, needed)
    first = a.transpose([of_a.index(c) for c in batch + left + inner])
    second = b.transpose([of_b.index(c) for c in batch + inner + right])
    batch_shape = first.shape[: len(batch)]
    left_shape = first.shape[len(batch) : len(batch) + len(left)]
    right_shape = second.shape[len(batch) + len(inner) :]
    if inner:
        m, k, n = (math.prod(part) for part in (left_shape, first.shape[len(batch) + len(left) :], right_shape))
        out = product(first.reshape(*batch_shape, m, k), second.reshape(*batch_shape, k, n))
    else:
        ones_left, ones_right = (1,) * len(left), (1,) * len(right)
        out = first.reshape(first.shape + ones_right) * second.reshape(batch_shape + ones_left + right_shape)
    return out.reshape(batch_shape + left_shape + right_shape), "".join(batch + left + right)


@primitive(
    conjugates=True,
    method=False,
    sequence="operands",
    reference=lambda equation, *operands: np.einsum(equation, *operands),
)
def einsum(equation, *operands):
    """A sum of products in Einstein's notation.  operands: named by the equation -> what it says

    equation: a letter for each axis of each operand, as in "ij,jk->ik". Axes that are not in the result are summed. A
    letter that an operand has twice means its diagonal; "..." stands for any axes, which are broadcast. Without "->"
    the result has the letters that occur once, in alphabetical order. ValueError where the equation does not fit.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.einsum("ii", x), autograd.einsum("ij,ij->i", x, x)
    (tensor(5.), tensor([ 5., 25.]))
    """
    out = contract(plan_of(equation, tuple(operand.shape for operand in operands)), operands)
    return out.copy() if len(operands) == 1 else out


def equation_of(terms: Sequence[str], out: str) -> str:
    """The equation of these operands and this result."""
    return ",".join(terms) + "->" + out


def _einsum_gradient(g, equation, operands, needed):
    plan = plan_of(equation, tuple(operand.shape for operand in operands))
    return [
        _by_operand(g, plan, k, operands) if wanted else None
        for k, wanted in zip(range(len(operands)), needed, strict=True)
    ]


def _by_operand(g: Any, plan: Plan, k: int, operands: Sequence[Any]) -> Any:
    """The gradient by operand k: the sum of products with g in its place."""
    term, shape = plan.terms[k], operands[k].shape
    distinct = "".join(dict.fromkeys(term))
    others = [conjugate(operand) for operand in (*operands[:k], *operands[k + 1 :])]
    other_terms = [*plan.terms[:k], *plan.terms[k + 1 :]]
    reached = "".join(c for c in distinct if c in plan.out or any(c in other for other in other_terms))
    d = einsum(equation_of([plan.out, *other_terms], reached), g, *others)
    # Axes that only this operand has: each of their elements went into the same sums.
    lengths = [max(shape[term.index(c)], 1 if c not in reached else d.shape[reached.index(c)]) for c in distinct]
    lengths = [0 if shape[term.index(c)] == 0 else length for c, length in zip(distinct, lengths, strict=True)]
    with_all = tuple(d.shape[reached.index(c)] if c in reached else 1 for c in distinct)
    if with_all != d.shape:
        d = d.reshape(with_all)
    if with_all != tuple(lengths):
        d = expand(d, tuple(lengths))
    return d if distinct == term else _on_diagonal(d, distinct, term)


def _on_diagonal(d: Any, distinct: str, term: str) -> Any:
    """d, with an axis for each letter of `distinct`, put on the diagonal where `term` repeats a letter."""
    unused = iter(c for c in string.ascii_letters if c not in term)
    terms, arrays, out = [distinct], [d], ""
    for c in term:
        if c in out:
            fresh = next(unused)
            terms.append(c + fresh)
            arrays.append(np.eye(d.shape[distinct.index(c)], dtype=d.dtype))
            c = fresh
        out += c
    return einsum(equation_of(terms, out), *arrays)


einsum.gradients("operands")(_einsum_gradient)


@einsum.samples
def _(draw):
    yield Sample("ij,jk->ik", draw(3, 4), draw(4, 2))
    yield Sample("ij,jk", draw(3, 4), draw(4, 2))
    yield Sample("ba,ca", draw(3, 4), draw(2, 4))
    yield Sample("ij->ji", draw(3, 4))
    yield Sample("ij->", draw(3, 4))
    yield Sample("ij->j", draw(3, 4))
    yield Sample("ii", draw(3, 3))
    yield Sample("ii->i", draw(3, 3))
    yield Sample("iij->j", draw(3, 3, 2))
    yield Sample("iii->i", draw(3, 3, 3))
    yield Sample("i,i", draw(4), draw(4))
    yield Sample("i,j->ij", draw(3), draw(4))
    yield Sample("i,i->i", draw(4), draw(4))
    yield Sample("bij,bjk->bik", draw(2, 3, 4), draw(2, 4, 5))
    yield Sample("bhqd,bhkd->bhqk", draw(2, 2, 3, 4), draw(2, 2, 5, 4))
    yield Sample("...ij,...jk->...ik", draw(2, 3, 4), draw(4, 5))
    yield Sample("...ij,...jk", draw(2, 1, 3, 4), draw(5, 4, 2))
    yield Sample("i...,i...->...", draw(3, 2), draw(3, 4, 2))
    yield Sample("...i->...", draw(2, 3))
    yield Sample("ij,kj,kl->il", draw(2, 3), draw(4, 3), draw(4, 5))
    yield Sample("i,ij,j", draw(2), draw(2, 3), draw(3))
    yield Sample("ijk,jil,kl->", draw(2, 3, 4), draw(3, 2, 2), draw(4, 2))
    yield Sample("ii,ij->j", draw(3, 3), draw(3, 2))
    yield Sample("ij,k->k", draw(2, 3), draw(4))
    yield Sample("i,ij->j", draw(1), draw(3, 2))
    yield Sample("i,i->", draw(3), draw(1))
    yield Sample(" i j , j k -> k i ", draw(3, 4), draw(4, 2))
    yield Sample(",i->i", draw(), draw(3))
    yield Sample("ij,jk->ik", draw(3, 0), draw(0, 2))
    yield Sample("ij,jk->ik", draw(0, 3), draw(3, 2))


@einsum.errors
def _(draw):
    yield Sample("ij,jk->ik", draw(2, 3)), ValueError, "names 2 operands, and 1 are given"
    yield Sample("ij,jk->ik", draw(2, 3), draw(4, 5)), ValueError, "has size 4 in operand 1 and 3 before"
    yield Sample("ijk->i", draw(2, 3)), ValueError, "does not name the axes of operand 0"
    yield Sample("ij->ik", draw(2, 3)), ValueError, "which no operand has"
    yield Sample("ij->ii", draw(2, 3)), ValueError, "twice"
    yield Sample("i1->i", draw(2, 3)), ValueError, "Use letters"
    yield Sample("ii->i", draw(2, 3)), ValueError, "'i'"


# ---------------------------------------------------------------------------------------------------------------------
# tensordot
# ---------------------------------------------------------------------------------------------------------------------
@composite(reference=lambda x, y, dims=2: np.tensordot(x, y, dims))
def tensordot(x, y, dims=2):
    """The sum of products over several axes.  x: (*), y: (*) -> the other axes of x, then those of y

    dims: how many of the last axes of x meet the first of y; or two lists, the axes of x and those of y.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.tensordot(x, x, dims=([0], [0]))
    tensor([[10., 14.],
            [14., 20.]])
    """
    if isinstance(dims, (tuple, list)):
        if len(dims) != 2:
            raise ValueError(f"tensordot: dims are a number, or two lists of axes, not {dims!r}.")
        of_x, of_y = (list(part) if isinstance(part, (tuple, list)) else [part] for part in dims)
    else:
        if not hasattr(dims, "__index__"):
            raise TypeError(f"tensordot: dims are a number, or two lists of axes, not {dims!r}.")
        if not 0 <= dims <= min(x.ndim, y.ndim):
            raise IndexError(f"tensordot: dims {dims} are more axes than {tuple(x.shape)} or {tuple(y.shape)} has.")
        of_x, of_y = list(range(x.ndim - dims, x.ndim)), list(range(dims))
    if len(of_x) != len(of_y):
        raise ValueError(f"tensordot: dims {dims} name {len(of_x)} axes of x and {len(of_y)} of y.")
    of_x, of_y = [axis_of(i, x.ndim, "tensordot") for i in of_x], [axis_of(j, y.ndim, "tensordot") for j in of_y]
    wrong = [(i, j) for i, j in zip(of_x, of_y, strict=True) if x.shape[i] != y.shape[j]]
    if wrong:
        i, j = wrong[0]
        raise ValueError(
            f"tensordot: axis {i} of {tuple(x.shape)} and axis {j} of {tuple(y.shape)} are summed together and differ: "
            f"{x.shape[i]} against {y.shape[j]}."
        )
    letters = string.ascii_letters
    term_x = letters[: x.ndim]
    rest = iter(letters[x.ndim :])
    term_y = "".join(term_x[of_x[of_y.index(j)]] if j in of_y else next(rest) for j in range(y.ndim))
    out = [c for c in term_x if c not in term_y] + [c for c in term_y if c not in term_x]
    return einsum(equation_of([term_x, term_y], "".join(out)), x, y)


@tensordot.samples
def _(draw):
    yield Sample(draw(2, 3, 4), draw(3, 4, 5))
    yield Sample(draw(3, 4), draw(4, 2), 1)
    yield Sample(draw(3, 4), draw(2), 0)
    yield Sample(draw(2, 3, 4), draw(4, 5, 2), dims=([2, 0], [0, -1]))
    yield Sample(draw(2, 3), draw(3, 2), dims=(1, 0))
    yield Sample(draw(0, 3), draw(3, 0), dims=1)


@tensordot.errors
def _(draw):
    yield Sample(draw(2, 3), draw(2, 3), 1), ValueError, "3 against 2"
    yield Sample(draw(2, 3), draw(2, 3), ([0], [0, 1])), ValueError, "1 axes of x and 2 of y"


@composite(reference=np.kron)
def kron(x, y):
    """The Kronecker product: y times each element of x, side by side.  x: (M, N), y: (P, Q) -> (M P, N Q)

    For any number of axes; the one with fewer gets leading axes of length 1.
    """
    ndim = max(x.ndim, y.ndim)
    of_x, of_y = ((1,) * (ndim - z.ndim) + tuple(z.shape) for z in (x, y))
    left = x.reshape(tuple(n for length in of_x for n in (length, 1)))
    right = y.reshape(tuple(n for length in of_y for n in (1, length)))
    return (left * right).reshape(tuple(m * n for m, n in zip(of_x, of_y, strict=True)))


@kron.samples
def _(draw):
    yield Sample(draw(2, 3), draw(3, 2))
    yield Sample(draw(2), draw(3))
    yield Sample(draw(2), draw(2, 3))
    yield Sample(draw(2, 1, 3), draw(2, 2))
    yield Sample(draw(), draw(2))
    yield Sample(draw(0, 2), draw(2, 2))
