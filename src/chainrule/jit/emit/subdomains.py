"""A loop's points cut into boxes where zeros begin."""

from __future__ import annotations

from chainrule.jit.emit.nest import Points, Uncut, Walk
from chainrule.jit.plan.affine import Box
from chainrule.jit.plan.plan import Loop, Plan, Root

PIECES = 64


class TooManyPieces(Exception):
    """A loop would be cut into more than PIECES."""


def pieces(plan: Plan, loop: Loop, round_index: int) -> list[tuple[Box, list[Root]]]:
    """The loop's points in boxes such that each PAD is either inside or outside of one, with the roots it has."""
    whole: Box = tuple((0, n) for n in loop.shape)
    found: list[tuple[Box, list[Root]]] = []
    pending = [whole]
    while pending:
        box = pending.pop()
        cut = _first_cut(plan, loop, round_index, box)
        if cut is None:
            found.append((box, [r for r in loop.roots if _covers(r, box)]))
            continue
        axis, at = cut
        low, high = box[axis]
        pending += [(*box[:axis], half, *box[axis + 1 :]) for half in ((at, high), (low, at))]
        if len(pending) + len(found) > PIECES:
            raise TooManyPieces(loop)
    return found


def _covers(root: Root, box: Box) -> bool:
    return all(low < n for (low, _), n in zip(box, root.shape, strict=True))


def _first_cut(plan: Plan, loop: Loop, round_index: int, box: Box) -> tuple[int, int] | None:
    """An axis, and where on it the box has to be cut; None if it is in one piece."""
    for root in loop.roots:
        for axis, ((low, high), n) in enumerate(zip(box, root.shape, strict=True)):
            if low < n < high:
                return axis, n
    seen = set()
    walk = Walk(plan, Points(box, {}, [], -1, 1), round_index)
    pending = [(r.value, r.source) for r in loop.roots if _covers(r, box)]
    while pending:
        key = pending.pop()
        if key in seen:
            continue
        seen.add(key)
        try:
            pending += walk.operands(*key)
        except Uncut as found:
            for axis, at in found.cuts:
                if box[axis][0] < at < box[axis][1]:
                    return axis, at
            raise
    return None
