"""What a compiled program consists of, as a graph: loops, single numbers and library calls, and what they read from
each other. It prints as text and is drawn as DOT or SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from chainrule.jit.emit.rows import EMITTERS
from chainrule.jit.plan.kinds import TYPES
from chainrule.jit.plan.plan import Loop, Plan, scanned
from chainrule.jit.program import CONSTANT, INPUT, Step

_WIDE, _GAP, _LINE, _FONT = 300, 70, 17, 12  # of a box and between boxes, in pixels
_SHADES = {"input": "#eef3fb", "numbers": "#f4f4f4", "loop": "#e6f4ea", "call": "#fdf0e3"}


@dataclass(eq=False)
class Box:
    """A piece of work, in the order in which it is done. `round` counts from 1; inputs stand in round 0."""

    kind: str
    lines: list[str]
    round: int
    reads: list[int] = field(default_factory=list)


class Partition:
    """The pieces of a compiled program; in notebooks a picture, as text one line for each piece."""

    def __init__(self, made: Any) -> None:
        self.text = str(made)
        if isinstance(made, Plan):
            self.boxes = _boxes(made)
        else:  # of single numbers only, one piece after the other
            lines = self.text.splitlines()
            self.boxes = [Box("loop", [x], k + 1, [k - 1] if k else []) for k, x in enumerate(lines)]

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    @property
    def dot(self) -> str:
        """The graph in Graphviz's language."""
        lines = ["digraph partition {", '  rankdir=LR; node [shape=box, style="rounded,filled", fontname=monospace];']
        for k, box in enumerate(self.boxes):
            label = "\\l".join(x.replace("\\", "\\\\").replace('"', '\\"') for x in box.lines) + "\\l"
            lines.append(f'  b{k} [label="{label}", fillcolor="{_SHADES[box.kind]}"];')
            lines += [f"  b{a} -> b{k};" for a in box.reads]
        return "\n".join([*lines, "}"])

    @property
    def svg(self) -> str:
        """A picture: a column for each round of work, from left to right."""
        places, below = [], Counter[int]()
        for box in self.boxes:
            height = _LINE * len(box.lines) + 10
            places.append((20 + box.round * (_WIDE + _GAP), 20 + below[box.round], height))
            below[box.round] += height + 16
        drawn = [_arrow(places[a], places[k]) for k, box in enumerate(self.boxes) for a in box.reads]
        drawn += [_drawn(box, place) for box, place in zip(self.boxes, places, strict=True)]
        width = max((x for x, _, _ in places), default=0) + _WIDE + 20
        size = f'width="{width}" height="{max(below.values(), default=0) + 30}"'
        style = f'font-family="monospace" font-size="{_FONT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(drawn)}</svg>'

    def _repr_svg_(self) -> str:
        return self.svg


def why(step: Step) -> str:
    """Why NumPy computes a step."""
    if step.op in ("gather", "scatter_at"):
        return "moves elements by computed places"
    if step.op in ("getitem", "scatter"):
        return "moves elements by a list of places"
    if step.op in EMITTERS and any(s.dtype not in TYPES for s in (step, *step.args)):
        return f"with numbers of {next(s.dtype for s in (step, *step.args) if s.dtype not in TYPES)}"
    if step.op == "sum":
        return "in NumPy's order of additions"
    return "has no machine code of its own" if step.op != "matmul" else "as NumPy's own is the fastest"


# -- the graph ------------------------------------------------------------------------------------------------


def _boxes(plan: Plan) -> list[Box]:
    """Inputs, then what each round does; each box knows the earlier boxes that it reads from."""
    boxes: list[Box] = []
    writers: dict[Step, int] = {}
    for k, step in enumerate(plan.program.inputs):
        writers[step] = len(boxes)
        boxes.append(Box("input", [f"input {k}: {step.kind}"], 0))
    for round_index, work in enumerate(plan.rounds, 1):
        pieces: list[tuple[str, list[str], list[Step], Iterable[Step]]] = []
        if work.numbers:
            operands = [a for s in work.numbers for a in s.args]
            pieces.append(("numbers", [_count(work.numbers)], work.numbers, operands))
        pieces += [("loop", _of_loop(loop), [r.target for r in loop.roots], _roots(loop)) for loop in work.loops]
        pieces += [("loop", [f"{scanned(s)} of {s.kind}"], [s], s.args) for s in work.scans]
        pieces += [("call", [f"NumPy: {c.op} {c.kind}", f"  {why(c)}"], [c], c.args) for c in work.calls]
        for kind, lines, written, needed in pieces:
            own = set(written)
            reads = {writers[s] for s in _read(plan, needed, own, writers)}
            writers |= dict.fromkeys(written, len(boxes))
            results = [k for k, s in enumerate(plan.outputs) if s in own]
            if results:
                lines.append(f"  result {', '.join(map(str, results))}")
            boxes.append(Box(kind, lines, round_index, sorted(reads - {len(boxes)})))
    return boxes


def _count(numbers: list[Step]) -> str:
    return f"{len(numbers)} single number{'s' * (len(numbers) != 1)}"


def _roots(loop: Loop) -> list[Step]:
    return [a for r in loop.roots for a in (r.value.args if r.value is r.target else (r.value,))]


def _read(plan: Plan, needed: Iterable[Step], own: set[Step], writers: dict[Step, int]) -> set[Step]:
    """What a piece of work finds in memory."""
    found: set[Step] = set()
    seen: set[Step] = set()
    pending = list(needed)
    while pending:
        step = pending.pop()
        if step in seen or step.op == CONSTANT:
            continue
        seen.add(step)
        if step in writers and step not in own and (not step.shape or step.op == INPUT or plan.in_memory(step)):
            found.add(step)
        else:
            pending += step.args
    return found


def _of_loop(loop: Loop) -> list[str]:
    """A loop in words: its size, and what it leaves behind."""
    kept = Counter((r.reduction or "store", r.target.kind) for r in loop.roots)
    return [
        f"loop over {list(loop.shape)}",
        *(f"  {what} {kind}{f' ({n} times)' if n > 1 else ''}" for (what, kind), n in kept.items()),
    ]


# -- the picture ----------------------------------------------------------------------------------------------


def _drawn(box: Box, place: tuple[int, int, int]) -> str:
    x, y, height = place
    shape = f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{height}" rx="5" fill="{_SHADES[box.kind]}" stroke="#888"/>'
    words = [
        f'<text x="{x + 8}" y="{y + _LINE * (k + 1)}" xml:space="preserve">{escape(line[:40])}</text>'
        for k, line in enumerate(box.lines)
    ]
    return shape + "".join(words)


def _arrow(a: tuple[int, int, int], b: tuple[int, int, int]) -> str:
    """From the right of a box to the left of another one; within a round along the left side."""
    x, y, to, at = a[0] + _WIDE, a[1] + a[2] // 2, b[0], b[1] + b[2] // 2
    if to <= x - _WIDE:
        x = a[0]
        path = f"M{x} {y} C{x - 30} {y} {to - 30} {at} {to} {at}"
    else:
        path = f"M{x} {y} C{x + 40} {y} {to - 40} {at} {to} {at}"
    return f'<path d="{path}" fill="none" stroke="#777"/><circle cx="{to}" cy="{at}" r="3" fill="#777"/>'
