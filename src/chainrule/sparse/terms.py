"""The entries of a sparse Jacobian by themselves: each element of a node as a sum of slopes times inputs.

A term of a node is an array of places, one for each element, that say which input it depends on (-1: on none), and its
slope by it. A stencil has as many terms as points, whatever the length; a pass for each color computes the slopes as
often as there are colors, and leaves them in the order of colors. Rows that move elements move terms, elementwise ones
multiply slopes, sums have a term for each of their elements.

Griewank and Walther, Evaluating Derivatives (2008), section 7.1: the propagation of sparse rows.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, NamedTuple

import numpy as np

from chainrule.numbers import Number, StandIn, shape
from chainrule.ops.compare import where
from chainrule.ops.kinds import Elementwise, Linear, PiecewiseConstant, Reduction
from chainrule.ops.row import TABLE, applied
from chainrule.ops.shape import broadcast_to, reshape
from chainrule.ops.slopes import product
from chainrule.recording import order
from chainrule.sparse.pattern import MOVES

MOST = 32
"""Terms of one node; more are computed in passes."""


class Term(NamedTuple):
    """slope   a number or an array that broadcasts to the node
    places  for each element of the node the input that it depends on, or -1: then the slope means nothing"""

    slope: Number
    places: Any


class Unknown(Exception):
    """A row that no terms are known for, or too many of them."""


def terms(recorded: Any) -> list[list[Term]] | None:
    """For each result of a recording of one input its terms, those further to the left first. None: unknown."""
    try:
        return _terms(recorded)
    except Unknown:
        return None


def _terms(recorded: Any) -> list[list[Term]]:
    (x,) = recorded.inputs
    found = {id(x): [Term(1.0, np.arange(math.prod(shape(x))).reshape(shape(x)))]}
    for node in order(*filter(recorded.mine, recorded.results)):
        if id(node) not in found:
            held = {i: found[id(p)] for i, p in zip(node.active, node.parents, strict=True) if found[id(p)]}
            found[id(node)] = _combined(node, held) if held else []
    return [_merged(_sorted(found[id(y)])) if recorded.mine(y) else [] for y in recorded.results]


def _combined(node: Any, held: dict[int, list[Term]]) -> list[Term]:
    """The terms of a node, from those of its operands."""
    op, args, settings, size = node.op, node.operands, node.settings, shape(node)
    if any(isinstance(part, StandIn) for setting in settings.values() for part in _parts(setting)):
        raise Unknown  # an index that is computed
    if isinstance(op, PiecewiseConstant):
        return []
    total: list[Term] = []
    if isinstance(op, Elementwise) or op.name == "where":
        for i, own in held.items():
            for term in own:
                slope = _through(op, i, term.slope, node.stored, args, settings)
                if slope is not None:
                    slope = float(slope) if type(slope) is int else slope
                    _add(total, Term(slope, np.broadcast_to(term.places, size)))
    elif op.name in ("concatenate", "stack"):
        total = _joined(op, args, settings, held)
    elif op.name in MOVES or op.name == "scatter":
        total = [_moved(op, term, settings, shape(args[0])) for term in held[0]]
    elif isinstance(op, Reduction) or op.name == "sum":
        for term in held[0]:
            slope = term.slope
            if isinstance(op, Reduction):
                slope = _times(slope, op.weights_of(node.stored, args[0], settings))
            _add_line(total, Term(slope, term.places), settings["axis"], size)
    elif op.name == "matmul" and len(held) == 1:
        _add_product(total, args, held, size)
    else:
        raise Unknown
    if len(total) > MOST:
        raise Unknown
    return total


def _through(op: Any, i: int, slope: Number, y: Number, args: Any, settings: Any) -> Number | None:
    """The slope behind an elementwise row. None: 0."""
    if op.name == "where":
        return where(args[0], *((slope, 0.0) if i == 1 else (0.0, slope)))
    partial = op.partials[i]
    if partial is None:
        return None
    if isinstance(slope, float) and callable(partial):
        return _times(slope, partial(y, *args, **settings))
    through: Number = op.scaled(slope, i, y, args, settings)
    return through


def _times(slope: Number, own: Number) -> Number:
    """The product of two slopes. Of a constant 0 too: it is no branch that was not taken."""
    if isinstance(slope, float):
        return own if slope == 1.0 else TABLE["multiply"](slope, own)
    return product(slope, own)


def _add(total: list[Term], term: Term) -> None:
    """One term more. Where it depends on the same inputs as others, its slopes are added to theirs; what is left of it
    joins one of these where that has no entries, so that a border is no term of its own."""
    slope, places, joined = term.slope, term.places, -1
    for k, other in enumerate(total):
        same = (places >= 0) & (places == other.places)
        if same.any():
            share = slope if np.array_equal(same, other.places >= 0) else where(same, slope, 0.0)
            total[k] = Term(TABLE["add"](other.slope, share), other.places)
            places, joined = np.where(same, -1, places), k
    left = places >= 0
    if not left.any():
        return
    if joined >= 0 and not (left & ((other := total[joined]).places >= 0)).any():
        total[joined] = Term(where(left, slope, other.slope), np.where(left, places, other.places))
    else:
        total.append(Term(slope, places))


def _moved(op: Any, term: Term, settings: Any, size: tuple[int, ...]) -> Term:
    """Its elements in other places: those of a row that moves elements."""
    if isinstance(op, Linear) and op.name == "scatter":
        places = np.full(settings["shape"], -1)
        if any(isinstance(k, np.ndarray) or not isinstance(k, (int, slice)) for k in _parts(settings["index"])):
            raise Unknown  # one that is named twice is a sum
        places[settings["index"]] = term.places
    else:
        places = np.asarray(op(term.places + 1.0, **settings)).astype(int) - 1
    slope = term.slope if shape(term.slope) == () else op(broadcast_to(term.slope, size), **settings)
    return Term(slope, places)


def _parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _joined(op: Any, args: Any, settings: Any, held: dict[int, list[Term]]) -> list[Term]:
    """Terms of the operands side by side. An operand with fewer takes those that leave no gap between its entries and
    the other operands': the last ones at the front, the first ones behind."""
    count = max(map(len, held.values()))
    columns = []
    for i, x in enumerate(args):
        own, none = _sorted(held.get(i, [])), [Term(0.0, np.full(shape(x), -1))]
        gap = none * (count - len(own))
        columns.append(gap + own if 2 * i < len(args) - 1 else own + gap)
    total = []
    for side in zip(*columns, strict=True):
        places = np.asarray(op(*[t.places + 1.0 for t in side], **settings)).astype(int) - 1
        slopes = [t.slope for t in side if (t.places >= 0).any()]
        if all(isinstance(s, float) for s in slopes) and len(set(slopes)) == 1:
            total.append(Term(slopes[0], places))
        else:
            wide = [broadcast_to(t.slope, shape(x)) for t, x in zip(side, args, strict=True)]
            total.append(Term(op(*wide, **settings), places))
    return total


def _add_line(total: list[Term], term: Term, axis: Any, size: tuple[int, ...]) -> None:
    """The terms of a sum: one for each element along the axes."""
    have = term.places.shape
    axes = range(len(have)) if axis is None else [a % len(have) for a in axis]
    if math.prod(have[a] for a in axes) + len(total) > MOST:
        raise Unknown
    for at in itertools.product(*[range(have[a]) for a in axes]):
        index: list[Any] = [slice(None)] * len(have)
        for a, k in zip(axes, at, strict=True):
            index[a] = k
        slope = term.slope
        if shape(slope) != ():
            slope = applied(TABLE["getitem"], (broadcast_to(slope, have),), {"index": tuple(index)})
            slope = reshape(slope, size)
        _add(total, Term(slope, term.places[tuple(index)].reshape(size)))


def _add_product(total: list[Term], args: Any, held: dict[int, list[Term]], size: tuple[int, ...]) -> None:
    """The terms of a constant matrix times a vector (or a single column), or of a vector (or a single row) times it:
    one for each number of a row that is not 0."""
    ((i, own),) = held.items()
    matrix = args[1 - i]
    single = shape(args[i])[:-1] if i == 0 else shape(args[i])[1:]
    if not (type(matrix) is np.ndarray and matrix.ndim == 2 and single in ((), (1,))):
        raise Unknown
    matrix = matrix if i == 1 else matrix.T
    row, column = np.nonzero(matrix)
    turn = np.arange(len(row)) - np.searchsorted(row, row)  # how many stand before it in its row
    if int(turn.max(initial=-1)) >= MOST:
        raise Unknown
    for k in range(int(turn.max(initial=-1)) + 1):
        places, weights = np.full(len(matrix), -1), np.zeros(len(matrix), matrix.dtype)
        here = turn == k
        places[row[here]], weights[row[here]] = column[here], matrix[row[here], column[here]]
        for term in own:
            slope = term.slope
            if shape(slope) != ():
                wide = reshape(broadcast_to(slope, term.places.shape), (-1,))
                slope = reshape(applied(TABLE["getitem"], (wide,), {"index": places}), size)
            inputs = np.where(places < 0, -1, term.places.ravel()[places]).reshape(size)
            _add(total, Term(_times(slope, weights.reshape(size)), inputs))


def _sorted(some: list[Term]) -> list[Term]:
    """By how far to the right of the diagonal most of their entries are."""

    def shift(term: Term) -> float:
        there = term.places.ravel() >= 0
        return float(np.median((term.places.ravel() - np.arange(term.places.size))[there])) if there.any() else 0.0

    return sorted(some, key=shift)


def _merged(some: list[Term]) -> list[Term]:
    """Terms side by side as one where no element has both, so that what is stored is the entries and in their order."""
    total: list[Term] = []
    for term in some:
        own = term.places >= 0
        if total and not (own & (total[-1].places >= 0)).any():
            slope, places = total[-1]
            term = Term(where(own, term.slope, slope), np.where(own, term.places, places))
            total.pop()
        total.append(term)
    return total
