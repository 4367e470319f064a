"""Nests of loops: one pass over a box of points, `width` neighbours at a time along one axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Protocol

from chainrule.jit.emit.lanes import KIND, Code, Lane, converted, picked, stored_kind, vector
from chainrule.jit.emit.rows import computed
from chainrule.jit.plan.affine import Box, Index, Place, broadcast, combined, inside, padded, through
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import Step


@dataclass
class Points:
    """Where a nest is at: the names of the loop counters, and the lanes along the vector axis.

    fixed   counters that have one value only
    outer   the axes of the loops around the innermost one, in order
    axis    the vector axis
    shift   how far this copy of the body is from the innermost counter
    mask    which lanes take part; None for all of them
    row     where the block of rows begins that axis 0 goes over; None for all rows
    limit   how many rows the block under way has, where that is known only then; None: all that it has room for
    columns how far apart the columns are of arrays that are kept so, for the block of rows under way only
    share   an axis, and the names of where it begins and ends, for a share of the box; None for all of it
    """

    box: Box
    fixed: dict[int, int]
    outer: list[int]
    axis: int
    width: int
    counters: dict[int, str] = field(default_factory=dict)
    shift: int = 0
    mask: str | None = None
    row: str | None = None
    limit: str | None = None
    columns: Mapping[Step, int] = field(default_factory=dict)
    share: tuple[int, str, str] | None = None

    @property
    def depth(self) -> int:
        return len(self.outer) + 1

    def depth_of(self, axes: list[int]) -> int:
        """The innermost loop whose counter is among `axes`; 0 for none."""
        depths = [self.depth if a == self.axis else self.outer.index(a) + 1 for a in axes]
        return max(depths, default=0)

    def ends(self, axis: int, low: int, high: int) -> tuple[str, str]:
        """Where a loop from `low` to `high` along an axis begins and ends."""
        if self.share is not None and self.share[0] == axis:
            return self.share[1:]
        return str(low), str(high)


BETWEEN = 64
MOST = 8
"""How far apart lanes may lie whose numbers are put in order in registers; beyond, they are gathered one by one."""

Key = tuple[Step, Place]
"""A step, and the place at which it is read."""


class Host(Protocol):
    """What Values need of the function they are computed in: its code, and where arrays and numbers are."""

    code: Code
    plan: Plan

    def base(self, step: Step) -> str: ...
    def element(self, step: Step, at: int, depth: int = 0) -> Lane: ...
    def loaded(self, place: str, kind: str, depth: int) -> Lane: ...
    def number(self, step: Step) -> Lane: ...


class Walk:
    """What a step's value at a place of a box is computed from."""

    def __init__(self, plan: Plan, points: Points, round_index: int) -> None:
        self.plan, self.points, self.round_index = plan, points, round_index
        self._found: dict[Key, list[Key]] = {}

    def operands(self, step: Step, place: Place) -> list[Key]:
        """Steps and the places they are read at; none for what is in memory, a number, or zeros. Raises Uncut."""
        known = self._found.get((step, place))
        if known is None:
            known = self._found[step, place] = self._operands(step, place)
        return known

    def _operands(self, step: Step, place: Place) -> list[Key]:
        kind = self.plan.kinds[step]
        if self.plan.loaded(step, self.round_index) or (not step.shape and kind is not Kind.VIEW):
            return []
        if kind is Kind.VIEW:
            inner = through(step, place)
            assert inner is not None
            return [(step.args[0], inner)]
        if kind is Kind.PAD:
            inner = padding(step, place, self.points.box)
            return [] if inner is None else [(step.args[0], inner)]
        return [(a, broadcast(place, step.shape, a.shape)) for a in step.args]


class Values(Walk):
    """The values of steps at the points of a nest, each computed once for every place it is read at."""

    def __init__(self, function: Host, points: Points, round_index: int, late: bool) -> None:
        super().__init__(function.plan, points, round_index)
        self.function, self.code = function, function.code
        self.late = late  # load numbers where they are used: there are too many to keep
        self._kept: dict[Key, Lane] = {}
        self._here: dict[Key, Lane] = {}
        self._offsets: dict[tuple[tuple[int, int], ...], str] = {}
        self._shifted: dict[tuple[str, int], str] = {}
        self._late: list[Key] = []
        self._loaded: set[Lane] = set()  # numbers that may be loaded again
        self._loads = 0

    def restart(self) -> None:
        """Another copy of the innermost body begins."""
        self._here.clear()
        self._late.clear()
        self._loaded.clear()
        self.code.forget()

    def at(self, step: Step, place: Place) -> Lane:
        """The value of `step` at `place`. No recursion: programs may be many thousands of steps deep.

        A caller that waits for an operand holds those that it has, as what is known may be dropped meanwhile.
        """
        known = self._known((step, place))
        if known is not None:
            return known
        waiting: list[tuple[Key, list[Key], list[Lane]]] = [((step, place), self.operands(step, place), [])]
        while True:
            key, operands, args = waiting[-1]
            while len(args) < len(operands):
                found = self._known(operands[len(args)])
                if found is None:
                    break
                args.append(found)
            if len(args) < len(operands):
                needed = operands[len(args)]
                waiting.append((needed, self.operands(*needed), []))
                continue
            waiting.pop()
            lane = self._computed(*key, args)
            self._remember(key, lane)
            if not waiting:
                return lane
            waiting[-1][2].append(lane)

    def _known(self, key: Key) -> Lane | None:
        return self._here.get(key) or self._kept.get(key)

    def _remember(self, key: Key, lane: Lane) -> None:
        if lane in self._loaded:
            self._late.append(key)
        (self._here if lane.depth == self.points.depth else self._kept)[key] = lane

    def _computed(self, step: Step, place: Place, args: list[Lane]) -> Lane:
        kind = self.plan.kinds[step]
        if self.plan.loaded(step, self.round_index):
            return self.load(step, place) if step.shape else self.function.number(step)
        if not step.shape and kind is not Kind.VIEW:
            return self.function.number(step)
        if kind is Kind.VIEW:
            return args[0]
        if kind is Kind.PAD:
            return args[0] if args else self.code.constant(0.0, KIND[step.dtype])
        return computed(step, args)

    # -- memory -------------------------------------------------------------------------------------------

    def _whole(self, step: Step, place: Place) -> Index:
        """The place counted in elements from the first one."""
        if len(place) != len(step.shape):
            return place[0]
        return combined(zip(strides(step, self.points.columns.get(step)), place, strict=True))

    def flat(self, step: Step, place: Place) -> Index:
        """The place of a step among all elements, with 0 for the counters that have one value only."""
        index, fixed = self._whole(step, place), self.points.fixed
        start = index.start + sum(k * fixed[a] for a, k in index.terms if a in fixed)
        return Index(tuple((a, k) for a, k in index.terms if a not in fixed), start)

    def address(self, step: Step, place: Place) -> tuple[str, int, int]:
        """The address of the first lane, the distance of the lanes in elements, and the loop it is known in."""
        points, flat = self.points, self.flat(step, place)
        along = dict(flat.terms).get(points.axis, 0)
        kind = stored_kind(KIND[step.dtype])
        rest = tuple(sorted(t for t in flat.terms if t[0] != points.axis))
        depth = points.depth_of([a for a, _ in rest])
        base = self._base(step, dict(self._whole(step, place).terms).get(0, 0))
        if rest:
            base = self.code.emit(depth, f"getelementptr {kind}, ptr {base}, i64 {self._offset(rest, depth)}")
        if along:
            depth = points.depth
            counter = points.counters[points.axis]
            if along != 1:
                counter = self.code.emit(depth, f"mul i64 {counter}, {along}")
            base = self.code.emit(depth, f"getelementptr {kind}, ptr {base}, i64 {counter}")
        start = flat.start + along * points.shift
        if start:
            base = self.code.emit(depth, f"getelementptr {kind}, ptr {base}, i64 {start}")
        return base, along, depth

    def _base(self, step: Step, along_rows: int) -> str:
        """The address of the first element, or of the first in the block of rows under way."""
        base = self.function.base(step)
        if self.points.row is None or not along_rows or step in self.points.columns:
            return base
        known = self._shifted.get((base, along_rows))
        if known is None:
            by = self.code.emit(0, f"mul i64 {self.points.row}, {along_rows}")
            kind = stored_kind(KIND[step.dtype])
            known = self._shifted[base, along_rows] = self.code.emit(0, f"getelementptr {kind}, ptr {base}, i64 {by}")
        return known

    def _offset(self, terms: tuple[tuple[int, int], ...], depth: int) -> str:
        known = self._offsets.get(terms)
        if known is None:
            for axis, k in terms:
                counter = self.points.counters[axis]
                part = self.code.emit(depth, f"mul i64 {counter}, {k}") if k != 1 else counter
                known = part if known is None else self.code.emit(depth, f"add i64 {known}, {part}")
            assert known is not None
            self._offsets[terms] = known
        return known

    def load(self, step: Step, place: Place) -> Lane:
        code, width = self.code, self.points.width
        kind = KIND[step.dtype]
        flat = self.flat(step, place)
        of_block = self.points.row is not None and any(axis == 0 for axis, _ in self._whole(step, place).terms)
        if self.late and not flat.terms and not of_block:
            return self._refreshed(step, flat.start)
        base, along, depth = self.address(step, place)
        if along == 0 or width == 1:
            return self.function.loaded(base, kind, depth)
        whole = vector(stored_kind(kind), width)
        if along != 1 and self._near(kind, along):
            return self._picked(step, place, base, along)
        name = self._gathered(base, along, whole, kind) if along != 1 else self._neighbours(base, whole, kind)
        if kind == "i1":
            name = code.emit(depth, f"icmp ne {whole} {name}, zeroinitializer")
        return Lane(code, name, kind, width, depth)

    def _refreshed(self, step: Step, at: int) -> Lane:
        """A number loaded where it is used. After some loads LLVM is told that memory may have changed: it then reads
        a number again, as an operand of the instruction that uses it, rather than keep a vector of it on the stack."""
        self._loads += 1
        if self._loads % BETWEEN == 0:
            self.code.run(self.points.depth, 'call void asm sideeffect "", "~{memory}"()')
            for key in self._late:
                self._here.pop(key, None)
            self._late.clear()
            self._loaded.clear()
            self.code.forget()
        found = self.function.element(step, at, self.points.depth)
        self._loaded.add(found)
        return found

    def _neighbours(self, base: str, whole: str, kind: str) -> str:
        points, size = self.points, _align(kind)
        if points.mask is None:
            return self.code.emit(points.depth, f"load {whole}, ptr {base}, align {size}")
        args = [("ptr", base), ("i32", str(size)), (f"<{points.width} x i1>", points.mask), (whole, "zeroinitializer")]
        symbol = f"llvm.masked.load.v{points.width}{_short(kind)}.p0"
        return self._masked(symbol, whole, args)

    def _near(self, kind: str, along: int) -> bool:
        return self.points.mask is None and kind in ("double", "float") and abs(along) <= MOST

    def _picked(self, step: Step, place: Place, base: str, along: int) -> Lane:
        """Lanes that lie `along` apart, out of all numbers in between; those that would lie outside are left out."""
        points, kind, depth = self.points, KIND[step.dtype], self.points.depth
        low, high = self._whole(step, place).bounds(points.box)
        reach = abs(along)
        first, count = low % reach, reach * points.width
        inside_array = (
            points.row is None and "strides" not in step.settings and high - first + reach <= prod(step.shape)
        )
        first = first if inside_array else 0
        start = -first + min(along, 0) * (points.width - 1)
        if start:
            base = self.code.emit(depth, f"getelementptr {kind}, ptr {base}, i64 {start}")
        places = range(first, count, reach)
        whole, size = vector(kind, count), _align(kind)
        if inside_array:
            name = self.code.emit(depth, f"load {whole}, ptr {base}, align {size}")
        else:
            mask = "<" + ", ".join(f"i1 {'true' if k in places else 'false'}" for k in range(count)) + ">"
            args = [("ptr", base), ("i32", str(size)), (f"<{count} x i1>", mask), (whole, "zeroinitializer")]
            name = self._masked(f"llvm.masked.load.v{count}{_short(kind)}.p0", whole, args)
        return picked(Lane(self.code, name, kind, count, depth), places[:: -1 if along < 0 else 1])

    def _masked(self, symbol: str, result: str, args: list[tuple[str, str]]) -> str:
        return self.code.call(self.points.depth, symbol, result, args)

    def _pointers(self, base: str, along: int, kind: str) -> str:
        width = self.points.width
        steps = ", ".join(f"i64 {along * k}" for k in range(width))
        element = stored_kind(kind)
        return self.code.emit(self.points.depth, f"getelementptr {element}, ptr {base}, <{width} x i64> <{steps}>")

    def _gathered(self, base: str, along: int, whole: str, kind: str) -> str:
        width = self.points.width
        pointers = self._pointers(base, along, kind)
        mask = self.points.mask or _every(width)
        args = [(f"<{width} x ptr>", pointers), ("i32", str(_align(kind))), (f"<{width} x i1>", mask)]
        symbol = f"llvm.masked.gather.v{width}{_short(kind)}.v{width}p0"
        return self._masked(symbol, whole, [*args, (whole, "zeroinitializer")])

    def widened(self, x: Lane, target: Step) -> Lane:
        """A number in every lane, as `target` holds it."""
        x = converted(x, KIND[target.dtype])
        width, depth = self.points.width, self.points.depth
        return Lane(self.code, self.code.splat(x, width, depth), x.kind, width, depth)

    def store_all(self, x: Lane, target: Step, place: Place) -> None:
        """Store lanes side by side, from `place` on."""
        base, _, _ = self.address(target, place)
        self.code.run(self.points.depth, f"store {x.type} {x.name}, ptr {base}, align {_align(x.kind)}")

    def store(self, x: Lane, target: Step, place: Place) -> None:
        """Store lanes where `place` says."""
        code, points = self.code, self.points
        x = self.widened(x, target)
        base, along, _ = self.address(target, place)
        depth, width, name, kind = points.depth, points.width, x.name, x.kind
        if along == -1 and width > 1 and self._near(kind, along):
            name, along = picked(x, range(width)[::-1]).name, 1
            base = code.emit(depth, f"getelementptr {kind}, ptr {base}, i64 {1 - width}")
        whole = vector(stored_kind(kind), width)
        if kind == "i1":
            name = code.emit(depth, f"zext {vector('i1', width)} {name} to {whole}")
        if points.mask is not None and target in points.columns:  # what is after the last row stays 0
            name = code.emit(depth, f"select <{width} x i1> {points.mask}, {whole} {name}, {whole} zeroinitializer")
        if width == 1 or (along == 1 and (points.mask is None or target in points.columns)):
            code.run(depth, f"store {whole} {name}, ptr {base}, align {_align(kind)}")
            return
        mask = points.mask or _every(width)
        where, pointers = ("store", ("ptr", base)) if along == 1 else ("scatter", (f"<{width} x ptr>", ""))
        if along != 1:
            pointers = (f"<{width} x ptr>", self._pointers(base, along, kind))
        symbol = f"llvm.masked.{where}.v{width}{_short(kind)}." + ("p0" if along == 1 else f"v{width}p0")
        args = [(whole, name), pointers, ("i32", str(_align(kind))), (f"<{width} x i1>", mask)]
        code.declare(symbol, "void", [k for k, _ in args])
        code.run(depth, f"call void @{symbol}({', '.join(f'{k} {n}' for k, n in args)})")


def strides(step: Step, padded: int | None) -> list[int]:
    """How far apart neighbours are along each axis of an array in memory, in elements: row by row, or by columns that
    are `padded` numbers apart."""
    after = [prod(step.shape[k + 1 :]) for k in range(len(step.shape))]
    return after if padded is None else [1, *(k * padded for k in after[1:])]


def _align(kind: str) -> int:
    return {"double": 8, "float": 4}.get(kind, 1)


def _short(kind: str) -> str:
    return {"double": "f64", "float": "f32"}.get(kind, "i8")


def _every(width: int) -> str:
    return "<" + ", ".join(["i1 true"] * width) + ">"


def padding(step: Step, place: Place, box: Box) -> Place | None:
    """Where a PAD reads its operand for its own elements at `place`; None where they are zeros, all over the box."""
    selected = inside(step.settings["index"], step.shape)
    assert selected is not None
    for axis, start, _, count in selected:
        if axis is None or (start, count) == (0, step.shape[axis]):
            continue  # nothing is outside, also where a block has room for more rows than there are
        low, high = place[axis].bounds(box)
        end = start + max(count, 1 if count == 0 else 0)
        if high < start or low >= end:
            return None
        if low < start or high >= end:
            raise Uncut(step, axis, start, end, place[axis])
    return padded(step, place)


class Uncut(Exception):
    """A box of points that is partly inside and partly outside of a PAD; `cuts` are pairs of loop axis and counter
    where it has to be cut, none if that cannot be."""

    def __init__(self, step: Step, axis: int, start: int, end: int, index: Index) -> None:
        super().__init__(step)
        self.step = step
        self.cuts: list[tuple[int, int]] = []
        if len(index.terms) == 1 and abs(index.terms[0][1]) == 1:
            loop, k = index.terms[0]
            ends = (start - index.start, end - index.start)
            self.cuts = [(loop, e) if k == 1 else (loop, 1 - e) for e in ends]
