"""Scalarised indexing: numbers read from an array one by one, and gradients stored one by one.

`W[j, i]` of an input stays the load of one number, however it was reached: through rows of W, reshaped and transposed
views, parts that were stacked. Its adjoint spreads one number into an array of zeros; a sum of many such arrays
becomes one step "elements" that stores every number where it belongs.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from chainrule.jit.passes.rewrite import elementwise, with_arguments
from chainrule.jit.program import CONSTANT, Guard, Program, Step, parts_of

SMALL = 4096
"""Elements of the largest array that is taken apart into numbers."""

MANY = 64
"""Numbers from which on their sum is better a loop's than that of an array."""

TURNS = 4
"""Of the same thing, from which on they are worth a loop of their own."""

Place = tuple[int, ...]
_MOVES = frozenset({"getitem", "scatter", "stack", "concatenate"})


def by_elements(program: Program, strict: bool) -> Program:
    """The program with loads of single numbers traced to where they come from, and their adjoints joined."""
    made: dict[Step, Step] = {}
    steps = program.steps()
    if not any(step.op in _MOVES for step in steps):
        return program
    inner = _inside_sums(steps, program)
    sums: set[int] = set()
    for step in steps:
        new = with_arguments(step, made)
        if new.op == "getitem":
            new = read(new)
        elif new.op == "scatter":
            new = _stored(new)
        elif id(step) in inner:
            sums.add(id(new))
        elif new.op == "add":
            new = _joined(new, sums, strict)
        elif new.op in ("stack", "concatenate", "reshape"):
            new = _moved(new)
        elif new.op == "sum" and not (new.shape or strict):
            new = _added(new)
        new.at = new.at or step.at
        if new is not step:
            made[step] = new
    guards = [Guard(made.get(g.step, g.step), g.holds, g.line) for g in program.guards]
    return Program(program.inputs, [made.get(s, s) for s in program.outputs], guards)


# -- reading ------------------------------------------------------------------------------------------------


def read(step: Step) -> Step:
    """A basic getitem, read from the array that its operand is a part of; any other step as it is."""
    if step.op != "getitem":
        return step
    (x,), index = step.args, step.settings["index"]
    spans = _spans(index, x.shape)
    if spans is None:
        return step
    if not step.shape:
        return _number_at(x, tuple(s if isinstance(s, int) else s[0] for s in spans), step)
    if x.op != "getitem":
        return step
    outer = _spans(x.settings["index"], x.args[0].shape)
    if outer is None:
        return step
    return Step("getitem", x.args, {"index": _composed(outer, spans)}, step.shape, step.dtype, step.line)


def _number_at(x: Step, place: Place, step: Step) -> Step:
    """One element of `x`, from where `x` has it."""
    while True:
        if x.op == "getitem":
            outer = _spans(x.settings["index"], x.args[0].shape)
            if outer is None:
                break
            rest = iter(place)
            place = tuple(s if isinstance(s, int) else s[next(rest)] for s in outer)
        elif x.op == "reshape":
            place = _unravelled(_flat(place, x.shape), x.args[0].shape)
        elif x.op == "transpose":
            axes = x.settings["axes"]
            place = tuple(place[axes.index(k)] for k in range(len(axes)))
        elif x.op == "broadcast_to":
            lead = len(x.shape) - len(x.args[0].shape)
            place = tuple(k if n > 1 else 0 for k, n in zip(place[lead:], x.args[0].shape, strict=True))
        elif x.op == "stack":
            axis = x.settings["axis"]
            part = x.args[place[axis]]
            x, place = part, place[:axis] + place[axis + 1 :]
            if not place:
                return x
            continue
        elif x.op == "elements":
            found = x.settings["index"].index(place) if place in x.settings["index"] else -1
            zero = Step(CONSTANT, (), {"value": x.dtype.type(0)}, (), x.dtype)
            return x.args[found] if found >= 0 else zero
        else:
            break
        x = x.args[0]
        if not place:
            return x
    return Step("getitem", (x,), {"index": place}, (), step.dtype, step.line)


def _added(step: Step) -> Step:
    """A sum of numbers that were put together, one by one: `np.sum` of a list is the loop that adds them up."""
    (x,) = step.args
    while x.op == "reshape":
        (x,) = x.args
    numbers = x.args
    if x.op not in ("stack", "elements") or numbers[0].shape or x.dtype != step.dtype or len(numbers) < MANY:
        return step
    return functools.reduce(lambda a, b: Step("add", (a, b), {}, (), step.dtype, step.line), numbers)


# -- storing ------------------------------------------------------------------------------------------------


def _elements(numbers: dict[Place, Step], like: Step) -> Step:
    if () in numbers:
        return numbers[()]  # a single number
    settings = {"shape": like.shape, "index": list(numbers), "dtype": like.dtype}
    return Step("elements", tuple(numbers.values()), settings, like.shape, like.dtype, like.line)


def _stored(step: Step) -> Step:
    """A basic scatter of numbers as elements."""
    (ct,) = step.args
    spans = _spans(step.settings["index"], step.shape)
    if spans is None or 0 in step.shape:
        return step
    if not ct.shape:
        if all(isinstance(s, int) or len(s) == 1 for s in spans):
            return _elements({tuple(s if isinstance(s, int) else s[0] for s in spans): ct}, step)
        return step
    if ct.op == "scatter":
        inner = _spans(ct.settings["index"], ct.shape)
        if inner is None or len(ct.shape) != sum(not isinstance(s, int) for s in spans):
            return step
        settings = {"index": _composed(spans, inner), "shape": step.shape}
        return Step("scatter", ct.args, settings, step.shape, step.dtype, step.line)
    if ct.op != "elements" or len(ct.shape) != sum(not isinstance(s, int) for s in spans):
        return step
    numbers = {}
    for place, number in zip(ct.settings["index"], ct.args, strict=True):
        rest = iter(place)
        numbers[tuple(s if isinstance(s, int) else s[next(rest)] for s in spans)] = number
    return _elements(numbers, step)


def _joined(step: Step, sums: set[int], strict: bool) -> Step:
    """A sum in which some terms are elements, or arrays stored into the same part: those added first."""
    terms = _terms(step, sums)
    spread = [t for t in terms if t.op == "elements" and t.shape == step.shape]
    if spread:
        terms = [_few(t) if t.op == CONSTANT and t.shape == step.shape else t for t in terms]
        spread = [t for t in terms if t.op == "elements" and t.shape == step.shape]
    rest = [t for t in terms if not (t.op == "elements" and t.shape == step.shape)]
    if strict:
        places = [p for t in spread for p in t.settings["index"]]
        if rest and len(set(places)) < len(places):
            return step
    else:
        rest = _by_part(rest)
    if len(spread) + len(rest) == len(terms) and len(spread) < 2:
        return step
    if spread:
        numbers: dict[Place, Step] = {}
        for t in spread:
            for place, number in zip(t.settings["index"], t.args, strict=True):
                numbers[place] = elementwise("add", numbers[place], number) if place in numbers else number
        rest.append(_elements(numbers, step))
    total = rest[0]
    for t in rest[1:]:
        total = elementwise("add", total, t)
    return total


def _few(step: Step) -> Step:
    """A constant array of zeros but for a few numbers as elements, as the adjoint of a number that was read once is one
    where its cotangent is a constant: 1.0, say, for the last term of a sum."""
    values = np.asarray(step.settings["value"])
    places = np.argwhere(values)
    if len(places) > TURNS or values.dtype.kind != "f":
        return step
    numbers = {tuple(p): Step(CONSTANT, (), {"value": values[tuple(p)]}, (), step.dtype) for p in places.tolist()}
    return _elements(numbers, step)


def _by_part(terms: list[Step]) -> list[Step]:
    """The terms of a sum with those that are stored into the same part of the array as one."""
    parts: dict[Any, list[Step]] = {}
    order: dict[Any, list[Any]] = {}
    for k, t in enumerate(terms):
        key: Any = k
        if t.op == "scatter" and (spans := _spans(t.settings["index"], t.shape)) is not None:
            key = tuple(spans)
            order.setdefault((t.args[0].shape, t.args[0].dtype), []).append(key)
        parts.setdefault(key, []).append(t)
    totals: dict[Any, Step] = {}
    for (shape, _), keys in order.items():
        if shape and len(keys) >= MANY and not _in_turn(keys):
            own = list(dict.fromkeys(keys))
            totals |= zip(own, _totals([[t.args[0] for t in parts[key]] for key in own]), strict=True)
    found: list[Step] = []
    for key, several in parts.items():
        t = several[0]
        if len(several) > 1:
            both = totals.get(key) or functools.reduce(
                functools.partial(elementwise, "add"), [s.args[0] for s in several]
            )
            t = Step("scatter", (both,), t.settings, t.shape, t.dtype, t.line)
        found.append(t)
    return found


def _in_turn(keys: list[Any]) -> bool:
    """Whether things come by turns, but for the first and last ones, or each as often as it does without a break."""
    if sum(a != b for a, b in itertools.pairwise(keys)) < len(keys) // TURNS:
        return True
    middle = keys[len(keys) // 4 : -(len(keys) // 4)]
    return any(middle[period:] == middle[:-period] for period in range(1, min(len(middle) // 2, 256)))


def _totals(groups: list[list[Step]]) -> list[Step]:
    """The sum of each group of arrays, all of one shape, which are put side by side for it: a loop that computes them
    in no order of groups could not add them up."""
    arrays, like = [a for several in groups for a in several], groups[0][0]
    whole = Step("stack", tuple(arrays), {"axis": 0}, (len(arrays), *like.shape), like.dtype, like.line)
    found: list[Step] = []
    start = 0
    for several in groups:
        part = {"index": slice(start, start + len(several), None)}
        rows = Step("getitem", (whole,), part, (len(several), *like.shape), like.dtype, like.line)
        found.append(Step("sum", (rows,), {"axis": (0,), "keepdims": False}, like.shape, like.dtype, like.line))
        start += len(several)
    return found


def _terms(step: Step, sums: set[int]) -> list[Step]:
    """What a sum adds up, from left to right. `sums` are the ones that are used by another sum only."""
    found, pending = [], list(reversed(step.args))
    while pending:
        term = pending.pop()
        if id(term) in sums and all(a.shape == term.shape == step.shape for a in term.args):
            pending += reversed(term.args)
        else:
            found.append(term)
    return found


def _inside_sums(steps: list[Step], program: Program) -> set[int]:
    """The sums that are used once, by another sum of arrays."""
    uses: dict[int, int] = {}
    for used in (*(a for s in steps for a in s.args), *program.outputs, *(g.step for g in program.guards)):
        uses[id(used)] = uses.get(id(used), 0) + 1
    return {id(a) for s in steps if s.op == "add" and s.shape for a in s.args if a.op == "add" and uses[id(a)] == 1}


def _moved(step: Step) -> Step:
    """Numbers stacked, and elements joined or in another shape, as elements."""
    if math.prod(step.shape) > SMALL:
        return step
    if step.op == "stack":
        if any(a.shape for a in step.args):
            return step
        return _elements({(k,): a for k, a in enumerate(step.args)}, step)
    if any(a.op != "elements" for a in step.args):
        return step
    numbers: dict[Place, Step] = {}
    if step.op == "reshape":
        (x,) = step.args
        for place, number in zip(x.settings["index"], x.args, strict=True):
            numbers[_unravelled(_flat(place, x.shape), step.shape)] = number
        return _elements(numbers, step)
    axis, start = step.settings["axis"], 0
    for x in step.args:
        for place, number in zip(x.settings["index"], x.args, strict=True):
            numbers[(*place[:axis], place[axis] + start, *place[axis + 1 :])] = number
        start += x.shape[axis]
    return _elements(numbers, step)


# -- places -------------------------------------------------------------------------------------------------


def _spans(index: Any, shape: tuple[int, ...]) -> list[int | range] | None:
    """The positions along each axis that a basic index names: one, or a range of them; None for other indices."""
    parts = parts_of(index, len(shape))
    if any(type(p) not in (int, slice) and not isinstance(p, np.integer) for p in parts):
        return None
    parts += [slice(None)] * (len(shape) - len(parts))
    return [range(n)[p] if isinstance(p, slice) else range(n)[int(p)] for p, n in zip(parts, shape, strict=True)]


def _composed(outer: list[int | range], inner: list[int | range]) -> tuple[int | slice, ...]:
    """The index that names the part `inner` of the part `outer`."""
    rest = iter(inner)
    joined = [s if isinstance(s, int) else _within(s, next(rest)) for s in outer]
    return tuple(s if isinstance(s, int) else _slice(s) for s in joined)


def _within(span: range, part: int | range) -> int | range:
    """The positions of `part` of `span`; element k is span.start + span.step * part[k], beyond the ends of span too."""
    if isinstance(part, int):
        return span[part]
    first, last = span.start + span.step * part.start, span.start + span.step * part.stop
    return range(first, last, span.step * part.step) if part else range(0)


def _slice(span: range) -> slice:
    if span.step > 0:
        return slice(span.start, span.stop, span.step)
    return slice(span.start, span.stop if span.stop >= 0 else None, span.step)


def _flat(place: Place, shape: tuple[int, ...]) -> int:
    flat = 0
    for k, n in zip(place, shape, strict=True):
        flat = flat * n + k
    return flat


def _unravelled(flat: int, shape: tuple[int, ...]) -> Place:
    place = []
    for n in reversed(shape):
        flat, k = divmod(flat, n)
        place.append(k)
    return tuple(reversed(place))
