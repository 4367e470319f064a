"""The order of a program's work: in each round single numbers, then loops, then library calls.

A loop computes elementwise steps where they are needed, so that most arrays are never stored. A round ends where
something has to be complete before it can be read: a sum, the result of a library call, an array that would be too
costly to compute again for every place it is read from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from math import prod

from chainrule.jit.emit.rows import cost
from chainrule.jit.plan.affine import COUNTED, Place, broadcast, identity
from chainrule.jit.plan.diagonals import by_diagonals
from chainrule.jit.plan.grids import as_products
from chainrule.jit.plan.kinds import INLINE, TYPES, Kind, covers, kind_of, parts
from chainrule.jit.plan.lower import lowered, rebuilt
from chainrule.jit.plan.matvec import RowProducts, as_sum, is_row_product
from chainrule.jit.plan.places import OPS, by_places
from chainrule.jit.plan.relaxed_zeros import guarded, relaxed
from chainrule.jit.plan.signed_zeros import signed
from chainrule.jit.plan.strided import Layout, in_place
from chainrule.jit.plan.transposes import rows_first
from chainrule.jit.program import Program, Step

_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
_MOVED = ("reshape", "broadcast_to", "getitem", "transpose", "flip")
COSTLY = 12  # additions an element: more than it costs to store the element and load it again
FAR = 30  # the same where storing also means to end a loop and begin another
_NEAR, _LONG = 4, 32  # loops of nearly the same length become one when they are long


@dataclass(eq=False, slots=True)
class Root:
    """What a loop over `shape` leaves behind: the elements of `value` at `source`, stored in `target` at `place`, or
    combined with what is there by `reduction`."""

    value: Step
    source: Place
    target: Step
    place: Place
    shape: tuple[int, ...]
    reduction: str = ""


@dataclass(eq=False, slots=True)
class Loop:
    """A nest of loops over `shape`, in one pass over which all roots are computed."""

    shape: tuple[int, ...]
    roots: list[Root]


@dataclass(eq=False, slots=True)
class Round:
    """numbers   steps of shape (), and arrays made of such numbers only, in order
    zeroed    arrays that are filled with zeros first
    scans     running sums and moves by lists of places, after the loops
    """

    numbers: list[Step] = field(default_factory=list)
    zeroed: list[Step] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    scans: list[Step] = field(default_factory=list)
    calls: list[Step] = field(default_factory=list)


class Plan:
    """The rounds of a program.

    kinds    what each step is
    level    the round in which a step can be computed first; a stored array is stored in round `stored[step]`
    outputs  for each result of the program the array that holds it
    row_products   with `panels`, the products of matrices that go there (see `plan.panels`), and the products of
             numbers that they are sums of
    """

    free: frozenset[int] | None = None
    """The lengths in whose place there may be others (see `run.alike`): loops are written for any; None: for these."""

    def __init__(
        self,
        program: Program,
        strict: bool = False,
        careful: bool = False,
        pads: bool = True,
        layout: Layout = (),
        finite: bool = False,
        panels: bool = False,
    ) -> None:
        self.program = prepared(program, strict, panels)
        if not (strict or careful):
            self.program = relaxed(*by_diagonals(self.program), finite)
        elif finite and not careful:
            self.program = guarded(self.program)
        if layout:
            self.program = in_place(self.program, layout, strict)
        if panels:
            self.program = as_products(self.program)
        self.program = by_places(self.program)
        self._own_outputs(panels)
        self.steps = self.program.steps()
        self.kinds = {s: kind_of(s, strict, pads) for s in self.steps}
        self.level: dict[Step, int] = {}
        self.stored: dict[Step, int] = {}
        self.costs: dict[Step, int] = {}
        self.evaluated: dict[Step, set[int]] = {}
        self._uses: dict[Step, int] = defaultdict(int)
        for step in self.steps:
            for a in step.args:
                self._uses[a] += 1
        self.row_products = {s: s.args[0] for s in self.steps if panels and is_row_product(s)}
        self._factors = set(self.row_products.values())
        self._exact = self._compared_with_parts()
        for step in self.steps:
            self._place(step)
        self._share()
        self.rounds = self._rounds()

    def _own_outputs(self, panels: bool) -> None:
        """A result that is given (an input, a constant), part of another array, or asked for twice is copied; with
        `panels` also one whose columns are read, as they lie elsewhere."""
        seen: set[Step] = set()
        outputs = []
        steps = self.program.steps() if panels else []
        rows = {s.shape[0] for s in steps if is_row_product(s) and s.settings["axis"] == (1,)}
        read = {a for s in steps for a in s.args if len(a.shape) == 2 and a.shape[0] in rows} if rows else set()
        for s in self.program.outputs:
            kind = kind_of(s, False)
            by_columns = s in read or (panels and is_row_product(s))
            if (s.shape or s.dtype not in TYPES) and (s in seen or kind in (Kind.LEAF, Kind.ALIAS) or by_columns):
                s = Step("positive", (s,), {}, s.shape, s.dtype, s.line)
            seen.add(s)
            outputs.append(s)
        self.program = Program(self.program.inputs, outputs, self.program.guards)
        self.outputs = outputs

    def __str__(self) -> str:
        """Loops and library calls in the order of their work.

        A row is left to NumPy where it has no machine code, or moves elements by computed places."""
        lines = []
        for work in self.rounds:
            for loop in work.loops:
                stored = sum(not r.reduction for r in loop.roots)
                lines.append(
                    f"loop over {list(loop.shape)}: {stored} arrays stored, {len(loop.roots) - stored} reductions"
                )
            lines += [f"{scanned(s)} of {list(s.shape)}" for s in work.scans]
            lines += [f"NumPy: {c.op} {list(c.shape)} at {c.line or 'unknown line'}" for c in work.calls]
        numbers = sum(len(work.numbers) for work in self.rounds)
        return "\n".join([*lines, f"{numbers} single numbers"])

    # -- rounds of steps ----------------------------------------------------------------------------------

    def in_memory(self, step: Step) -> bool:
        return step in self.stored or self.kinds[step] not in INLINE

    def ready(self, step: Step) -> int:
        """The round in which readers find the step: computed where they need it, or in memory."""
        kind = self.kinds[step]
        if kind in (Kind.REDUCTION, Kind.SCAN, Kind.LIBRARY) or (kind is Kind.JOIN and not self.of_numbers(step)):
            return self.level[step] + 1
        return self.level[step]

    def of_numbers(self, step: Step) -> bool:
        return self.kinds[step] is Kind.JOIN and not any(a.shape for a in step.args)

    def _from_memory(self, step: Step) -> int:
        """The round in which `step` can be read from memory; from now on it is stored."""
        if self.kinds[step] in INLINE and step.shape:
            self.stored.setdefault(step, self.level[step])
            return self.stored[step] + 1
        return self.ready(step)

    def _place(self, step: Step) -> None:
        kind = self.kinds[step]
        if kind is Kind.LEAF:
            self.level[step], self.costs[step] = 0, 1 if step.shape else 0
            return
        if step in self._factors:
            bases = [(a, self.base(a)) for a in step.args]
            self.level[step] = max(self._from_memory(base if base.shape else a) for a, base in bases)
        elif kind is Kind.LIBRARY:
            self.level[step] = max((self._from_memory(self.base(a)) for a in step.args), default=0)
        elif kind in (Kind.ALIAS, Kind.SCAN):
            self.level[step] = self._from_memory(step.args[0])
        else:
            self.level[step] = max((self._read(a, step) for a in step.args), default=0)
        if step.op in _COMPARISONS and len(set(step.args)) == 2:
            self._exactly(step)
        inline = sum(1 if self.in_memory(a) else self.costs[a] for a in step.args if a.shape)
        self.costs[step] = min(inline + cost(step.op), 10**6) if kind in INLINE and step.shape else 1
        if step.shape and kind in INLINE and any(step is s for s in self.outputs):
            self.stored.setdefault(step, self.level[step])

    def _exactly(self, step: Step) -> None:
        """Numbers that are compared with the largest or smallest of them are stored: computed again, in another loop,
        they may differ from it in the last bit."""
        for a, other in (step.args, step.args[::-1]):
            while other.op in _MOVED:
                other = other.args[0]
            if other.op in ("max", "min") and other.args[0] is a and not self.in_memory(a):
                self.level[step] = max(self.level[step], self._from_memory(a))

    def _compared_with_parts(self) -> set[Step]:
        """Arrays that are compared with parts of themselves, which have to be the same numbers: they are stored."""
        found = set()
        for step in self.steps:
            if step.op in _COMPARISONS and len(set(step.args)) == 2:
                a, b = map(_whole, step.args)
                if a is b and a.shape:
                    found.add(a)
        return found

    def base(self, step: Step) -> Step:
        """The array that NumPy can take this view of."""
        while self.kinds[step] is Kind.VIEW and step not in self.stored:
            step = step.args[0]
        return step

    def _read(self, a: Step, reader: Step) -> int:
        """The round in which `reader` can read `a`, which is stored if it would be computed again for other places."""
        kind = self.kinds[reader]
        same = kind in (Kind.REDUCTION, Kind.JOIN) or (a.shape == reader.shape and kind is not Kind.VIEW)
        if same or not a.shape:
            return self.ready(a)
        if self.in_memory(a):
            return self._from_memory(a)
        base = self.base(a)
        grows = prod(reader.shape) > prod(a.shape)
        again = grows or self._uses[a] > 1 or (base is not a and self._uses[base] > 1)
        costly = (again and self.costs[base] > FAR) or base in self._exact
        if base.shape and not self.in_memory(base) and costly:
            return self._from_memory(base)
        return self.ready(a)

    def _share(self) -> None:
        """Which rounds compute each inline step; what several would is stored by the first if that is cheaper."""
        need: dict[Step, set[int]] = defaultdict(set)
        for step in [*self.outputs, *(g.step for g in self.program.guards)]:
            need[step].add(max(self.level.values()))
        for step in reversed(self.steps):
            kind = self.kinds[step]
            rounds = {self.level[step]}
            if kind in INLINE and step.shape:
                rounds = need[step] if step not in self.stored else {self.stored[step]}
                if len(rounds) > 1 and self._worth_storing(step):
                    self.stored[step] = min(rounds)
                    rounds = {min(rounds)}
            elif kind is Kind.VIEW:  # a number that is read from its array wherever it is needed
                rounds |= need[step]
            self.evaluated[step] = rounds
            for a in step.args:
                need[a] |= rounds

    def _worth_storing(self, step: Step) -> bool:
        arrays = sum(1 for a in step.args if a.shape)
        return self.costs[step] > COSTLY and (arrays > 1 or cost(step.op) > 4)

    # -- loops --------------------------------------------------------------------------------------------

    def _rounds(self) -> list[Round]:
        count = 1 + max(self.level.values(), default=0)
        rounds = [Round() for _ in range(count)]
        roots: list[list[Root]] = [[] for _ in range(count)]
        for step in self.steps:
            kind, level = self.kinds[step], self.level[step]
            if kind is Kind.LIBRARY:
                rounds[level].calls.append(step)
            elif kind is Kind.SCAN:
                rounds[level].scans.append(step)
            elif kind is Kind.JOIN:
                if not covers(step):
                    rounds[level].zeroed.append(step)
                if self.of_numbers(step):
                    rounds[level].numbers.append(step)
                else:
                    roots[level] += [_part(a, step, place, shape) for a, shape, place in parts(step)]
            elif kind is Kind.REDUCTION:
                roots[level].append(_reduction(step))
            elif step in self.stored:
                whole = identity(step.shape)
                roots[self.stored[step]].append(Root(step, whole, step, whole, step.shape))
            elif not step.shape and kind in INLINE:
                rounds[level].numbers.append(step)
        for work, found in zip(rounds, roots, strict=True):
            work.loops = _fused(found)
        return rounds

    def flatten(self, but: Container[Loop]) -> None:
        """Make one loop of each of several axes that can be, `but` for some."""
        for round_index, work in enumerate(self.rounds):
            for loop in work.loops:
                if loop not in but:
                    self._flatten(loop, round_index)

    def loaded(self, step: Step, round_index: int) -> bool:
        """Whether a loop of round `round_index` finds the step in memory."""
        return self.in_memory(step) and self.stored.get(step, -1) < round_index

    def _flatten(self, loop: Loop, round_index: int) -> None:
        """Make several loops one, over the elements in row-major order, if all of them are treated alike."""
        if len(loop.shape) < 2 or any(r.shape != loop.shape for r in loop.roots):
            return
        for r in loop.roots:
            whole = r.target.shape == loop.shape and r.place == identity(loop.shape)
            if not (whole or all(not i.terms for i in r.place)) or (r.reduction != "") == whole:
                return
        pending, seen = [r.value for r in loop.roots], set()
        while pending:
            step = pending.pop()
            if step in seen or not step.shape:
                continue
            seen.add(step)
            if step.shape != loop.shape:
                return
            if not self.loaded(step, round_index):
                spread = step.op == "broadcast_to" and not step.args[0].shape
                if self.kinds[step] is not Kind.ELEMENTWISE and not spread:
                    return
                pending += step.args
        loop.shape = (prod(loop.shape),)
        for r in loop.roots:
            r.shape, r.source = loop.shape, COUNTED
            r.place = r.place if r.reduction else COUNTED


def scanned(step: Step) -> str:
    """What a SCAN is called."""
    return "moves by a list of places" if step.op in OPS else "running sums"


def prepared(program: Program, strict: bool, panels: bool = False) -> Program:
    """The program in rows that loops can be made of."""
    of_rows = RowProducts() if panels else None

    def as_sums(step: Step, args: tuple[Step, ...]) -> Step | None:
        if step.op != "matmul":
            return None
        found = of_rows(step, *args) if of_rows is not None else None
        return found or as_sum(Step(step.op, args, step.settings, step.shape, step.dtype, step.line, step.at))

    program = lowered(program)
    return rebuilt(rows_first(program) if panels else program, signed if strict else as_sums)


def _reduction(step: Step) -> Root:
    (x,) = step.args
    axes = step.settings["axis"]
    reduced = set(range(len(x.shape))) if axes is None else set(axes)
    whole = identity(x.shape)
    if step.settings["keepdims"]:
        place = tuple(whole[k]._replace(terms=()) if k in reduced else whole[k] for k in range(len(whole)))
    else:
        place = tuple(whole[k] for k in range(len(whole)) if k not in reduced)
    return Root(x, whole, step, place, x.shape, step.op)


def _part(a: Step, target: Step, place: Place, shape: tuple[int, ...]) -> Root:
    return Root(a, broadcast(identity(shape), shape, a.shape), target, place, shape)


def _fused(roots: list[Root]) -> list[Loop]:
    """Roots over the same points in one loop; also over nearly the same when they are many."""
    loops: dict[tuple[int, ...], Loop] = {}
    for root in sorted(roots, key=lambda r: -prod(r.shape)):
        shape = next((s for s in loops if s == root.shape or _near(s, root.shape)), root.shape)
        loops.setdefault(shape, Loop(shape, [])).roots.append(root)
    return list(loops.values())


def _near(large: tuple[int, ...], small: tuple[int, ...]) -> bool:
    return len(large) == len(small) and all(
        a == b or (a >= _LONG and 0 <= a - b <= _NEAR) for a, b in zip(large, small, strict=True)
    )


def _whole(step: Step) -> Step:
    """The array that something is a part of, or a number read from."""
    while step.op in _MOVED:
        step = step.args[0]
    return step
