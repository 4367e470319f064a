"""Loops written out: the nest over each piece of a loop, and what reductions collect."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.jit.emit.columns import store, whole_columns
from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, Lane, converted, literal, select, vector
from chainrule.jit.emit.long_sums import TURNS, Folds, folding
from chainrule.jit.emit.nest import Key, Points, Values
from chainrule.jit.emit.reductions import COMBINE, START, across, groups, lane
from chainrule.jit.emit.schedule import scheduled
from chainrule.jit.emit.subdomains import pieces
from chainrule.jit.plan.affine import Box
from chainrule.jit.plan.kinds import INLINE
from chainrule.jit.plan.memory import Home
from chainrule.jit.plan.plan import Loop, Plan, Root
from chainrule.jit.plan.tiling import Band, in_block
from chainrule.jit.program import Step

REGISTERS = 12  # accumulators kept in registers; more would be moved to and fro
LARGE = 60  # steps in a body that is not worth repeating


def emit(function: Function, loop: Loop, round_index: int, lanes: int) -> None:
    """The code of a loop in round `round_index`, with vectors of up to `lanes` numbers."""
    found = pieces(function.plan, loop, round_index) if 0 not in loop.shape else []
    nests = [Nest(function, box, roots, round_index, lanes) for box, roots in found]
    once = len(nests) == 1 and not nests[0].points.outer
    for root in loop.roots:
        if root.reduction and not (once and not root.target.shape):
            function.fill(root.target, START[root.reduction])
    for nest in nests:
        nest.emit(once)


def emit_band(function: Function, band: Band, lanes: int) -> None:
    """The code of a band: its loops over a block of rows, for one block after the other."""
    for _, loop in band.loops:
        for root in loop.roots:
            if root.reduction:
                function.fill(root.target, START[root.reduction])
    blocks, rest = divmod(band.rows, band.block)
    with function.loop("0", str(blocks * band.block), band.block) as row:
        emit_block(function, band, row, band.block, lanes)
    if rest:
        emit_block(function, band, str(blocks * band.block), rest, lanes)


def emit_block(function: Function, band: Band, row: str, rows: int, lanes: int) -> None:
    """The loops of a band over the rows from `row` on."""
    for round_index, loop in band.loops:
        function.round_index, part = round_index, in_block(loop, rows)
        for box, roots in pieces(function.plan, part, round_index):
            nest = Nest(function, box, roots, round_index, lanes)
            nest.points.row = row
            nest.emit(once=False)


class Nest:
    """The loops over one box."""

    def __init__(
        self,
        function: Function,
        box: Box,
        roots: list[Root],
        round_index: int,
        lanes: int,
        columns: Mapping[Step, int] | None = None,
    ) -> None:
        """With `columns` of a panel the lanes are rows, however many there are."""
        by_rows = columns is not None
        self.function, self.code, self.roots = function, function.code, roots
        extents = [high - low for low, high in box]
        fixed = {a: box[a][0] for a in range(len(box)) if extents[a] == 1 and not (by_rows and a == 0)}
        free = [a for a in range(len(box)) if a not in fixed]
        axis = 0 if by_rows else free[-1] if free else -1
        if free and extents[axis] < lanes and not by_rows:
            axis = max(free, key=lambda a: (extents[a], a))
        self.extent = extents[axis] if free else 1
        width = lanes if by_rows else min(lanes, 1 << (self.extent - 1).bit_length())
        self.points = Points(box, fixed, [a for a in free if a != axis], axis, width, columns=columns or {})
        self.body = _body(function.plan, roots, round_index)
        self.values = Values(function, self.points, round_index, late=self.body > LARGE)
        across = [r for r in roots if r.reduction and not self._along(r)]
        self.kept = across[:REGISTERS] if len(across) <= REGISTERS else []
        self.several = 1 if self.body > LARGE // 2 or not self.kept or by_rows else 4  # copies of the body
        # the last iteration of some lanes only
        self.masked = self.body > LARGE and self.extent > width and self.extent % width > 0
        several = self.several * width * 2 * TURNS
        folds = any(map(folding, self.kept)) and self.extent > several
        self.free = function.plan.free is not None and len(free) > 0 and width == lanes and not folds and not by_rows
        self.folds: Folds | None = None
        self.spilled = sorted((r for r in across if r not in self.kept), key=self._home)
        self.columns = {r: some for some in whole_columns(self.values, roots) for r in some}

    def _home(self, root: Root) -> tuple[str, int, int]:
        home = self.function.memory.home(root.target)
        return home.area, home.at, home.offset

    def _along(self, root: Root) -> bool:
        """Whether neighbouring lanes belong to different elements of the result."""
        return any(a == self.points.axis for index in root.place for a, _ in index.terms)

    def grain(self, axis: int) -> int:
        """How many points along an axis have to stay together, so that the nest can be divided."""
        if axis != self.points.axis:
            return 1
        return self.points.width * (1 if self.masked else self.several)

    # -- the nest -----------------------------------------------------------------------------------------

    def emit(self, once: bool) -> None:
        """`once`: each number that the nest reduces to is complete after it."""
        self.once = once
        code, points, function = self.code, self.points, self.function
        depth = points.depth
        while len(code.sections) <= depth:
            code.sections.append([])
        labels = {a: (function.label(), function.label(), function.label()) for a in points.outer}
        for a in points.outer:
            points.counters[a] = code.name()
        inner = self._inner()
        after: dict[int, list[str]] = {}
        for d in range(1, depth):
            after[d], code.sections[d] = code.sections[d], []
        # `inner` holds the innermost loop; sections 1 .. depth - 1 what comes before it inside the loops around it
        lines: list[str] = []
        for d, a in enumerate(points.outer, start=1):
            before, head, _ = labels[a]
            low, following = points.ends(a, *points.box[a])[0], f"{points.counters[a]}n"
            lines += [f"  br label %{before}", f"{before}:", f"  br label %{head}", f"{head}:"]
            latch = f"{head}l"
            lines.append(f"  {points.counters[a]} = phi i64 [{low}, %{before}], [{following}, %{latch}]")
            lines += after[d]
        lines += inner
        for a in reversed(points.outer):
            _, head, end = labels[a]
            counter = points.counters[a]
            lines += [
                f"  br label %{head}l", f"{head}l:", f"  {counter}n = add i64 {counter}, 1",
                f"  {counter}m = icmp ult i64 {counter}n, {points.ends(a, *points.box[a])[1]}",
                f"  br i1 {counter}m, label %{head}, label %{end}", f"{end}:",
            ]  # fmt: skip
        code.sections[0] += lines
        code.forget()

    def _inner(self) -> list[str]:
        """The innermost loop: in steps of several vectors, then of one, then the lanes that are left."""
        points, width = self.points, self.points.width
        self.vectors, self.folds = self._spill(), None
        sums = {r: literal(START[r.reduction], KIND[r.target.dtype]) for r in self.kept}
        state = {r: self.code.splat(self._start(r), width, 0) for r in sums}
        blocks, rest = divmod(self.extent, width)
        low = points.box[points.axis][0] if points.axis >= 0 else 0
        lines: list[str] = []
        if self.free:
            begin = str(low)
            for end, copies in self._stretches(low):
                high = self.function.length(end, self.extent)
                state = self._any_number(lines, begin, high, copies, state)
                begin = high
        elif points.limit is not None:
            state = self._copies(lines, low, -(-self.extent // width), 1, state, width)
        elif self.masked:
            state = self._copies(lines, low, blocks + 1, 1, state, rest)
        else:
            at = low
            several = self.several
            for count, copies in ((blocks // several, several), (blocks % several if several > 1 else 0, 1)):
                if count:
                    state = self._copies(lines, at, count, copies, state, 0)
                    at += count * copies * width
            if rest:
                state = self._copies(lines, at, 1, 1, state, rest)
        lines += self._collect(state)
        return lines

    def _stretches(self, low: int) -> list[tuple[int, int]]:
        """Where loops for any length end, and how many copies of the body they have; 0: one, under a mask."""
        width, high = self.points.width, low + self.extent
        if self.body > LARGE:
            return [(high, 0)]
        sizes = {copies: width * copies for copies in (self.several, 1)}
        return [*[(low + self.extent // size * size, copies) for copies, size in sizes.items()], (high, 0)]

    def _any_number(
        self, lines: list[str], low: str, high: str, copies: int, state: dict[Root, str]
    ) -> dict[Root, str]:
        """A loop of any number of iterations, also of none: its text is the same but for `low` and `high`. The sums
        are those of `_copies`, in the same order."""
        code, points, width = self.code, self.points, self.points.width
        depth, kinds = points.depth, {r: vector(KIND[r.target.dtype], width) for r in state}
        before, head, after, past = (self.function.label() for _ in range(4))
        counter, following, more, some = (code.name() for _ in range(4))
        code.sections[depth] = []
        points.counters[points.axis] = counter
        points.mask = None if copies else self._mask(counter, Lane(code, high, "i64", 1, 0))
        copies = copies or 1
        sets = [{r: code.name() for r in state} for _ in range(copies)]
        ends = [self._body(k, sets[k]) for k in range(copies)]
        body, code.sections[depth] = code.sections[depth], []
        lines += [
            f"  br label %{before}", f"{before}:", f"  {some} = icmp ult i64 {low}, {high}",
            f"  br i1 {some}, label %{head}, label %{past}", f"{head}:",
            f"  {counter} = phi i64 [{low}, %{before}], [{following}, %{head}]",
        ]  # fmt: skip
        for k in range(copies):
            for r, kind in kinds.items():
                first = state[r] if k == 0 else code.splat(self._start(r), width, 0)
                lines.append(f"  {sets[k][r]} = phi {kind} [{first}, %{before}], [{ends[k][r]}, %{head}]")
        lines += body
        lines += [
            f"  {following} = add i64 {counter}, {copies * width}", f"  {more} = icmp ult i64 {following}, {high}",
            f"  br i1 {more}, label %{head}, label %{after}", f"{after}:",
        ]  # fmt: skip
        code.forget()
        totals = {r: self._total(r, [e[r] for e in ends]) for r in state}
        lines += [*code.sections[depth], f"  br label %{past}", f"{past}:"]
        code.sections[depth], found = [], {r: code.name() for r in state}
        for r, kind in kinds.items():
            lines.append(f"  {found[r]} = phi {kind} [{state[r]}, %{before}], [{totals[r]}, %{after}]")
        code.forget()
        return found

    def _start(self, root: Root) -> Lane:
        return self.code.constant(START[root.reduction], KIND[root.target.dtype])

    def _copies(
        self, lines: list[str], low: int, count: int, copies: int, state: dict[Root, str], rest: int
    ) -> dict[Root, str]:
        """A loop of `count` iterations with `copies` bodies each; `rest` lanes take part in the last one (0: all)."""
        code, points, width = self.code, self.points, self.points.width
        depth = points.depth
        code.sections[depth] = []
        if count == 1:
            points.counters[points.axis] = str(low)
            points.mask = _first(rest, width) if rest else None
            parts = []
            for k in range(copies):
                own = {r: code.splat(self._start(r), width, 0) for r in state} if k else state
                parts.append(self._body(k, own))
            state = {r: self._total(r, [part[r] for part in parts]) for r in state}
            lines += code.sections[depth]
            return state
        before, head, after = (self.function.label() for _ in range(3))
        counter, following, more = (code.name() for _ in range(3))
        points.counters[points.axis] = counter
        last = code.constant(low + (count - 1) * width + rest, "i64")
        if points.limit is not None:
            last = Lane(code, points.limit, "i64", 1, 0)
        points.mask = self._mask(counter, last) if rest else None
        sets = [{r: code.name() for r in state} for _ in range(copies)]
        ends = [self._body(k, sets[k]) for k in range(copies)]
        body, stride = code.sections[depth], copies * width
        begin, end = high = points.ends(points.axis, low, low + count * stride)
        firsts = [
            {r: state[r] if k == 0 else code.splat(self._start(r), width, 0) for r in state} for k in range(copies)
        ]
        folds, origin, left = None, before, after
        if count > 2 * TURNS and any(map(folding, state)):
            labels = before, self.function.label(), self.function.label()
            folds = self.folds = Folds(code, labels, list(state), width, depth)
            kinds = {r: KIND[r.target.dtype] for r in state}
            opened, firsts = folds.head((begin, end), stride, firsts, list(ends), kinds)
            lines += opened
            begin, end, origin, left = folds.begin, folds.limit, folds.origin, folds.fold
        else:
            lines += [f"  br label %{before}", f"{before}:"]
        lines += [f"  br label %{head}", f"{head}:"]
        lines.append(f"  {counter} = phi i64 [{begin}, %{origin}], [{following}, %{head}]")
        for k in range(copies):
            for r in state:
                kind = vector(KIND[r.target.dtype], width)
                lines.append(f"  {sets[k][r]} = phi {kind} [{firsts[k][r]}, %{origin}], [{ends[k][r]}, %{head}]")
        lines += body
        lines += [
            f"  {following} = add i64 {counter}, {stride}", f"  {more} = icmp ult i64 {following}, {end}",
            f"  br i1 {more}, label %{head}, label %{left}", f"{left}:",
        ]  # fmt: skip
        code.sections[depth] = []
        code.forget()
        found = {r: self._total(r, [e[r] for e in ends]) for r in state}
        if folds is not None:
            lanes = {r: Lane(code, found[r], KIND[r.target.dtype], width, depth) for r in folds.roots}
            lines += folds.tail(lanes, high[1], after)
            found |= {r: code.splat(self._start(r), width, 0) for r in folds.roots}
        lines += code.sections[depth]
        return found

    def _total(self, root: Root, names: list[str]) -> str:
        width, kind = self.points.width, KIND[root.target.dtype]
        total, *others = [Lane(self.code, n, kind, width, self.points.depth) for n in names]
        with self.code.rounding_each():  # also a product that one copy has found, whether or not in a loop
            for x in others:
                total = COMBINE[root.reduction](total, x)
        return total.name

    def _mask(self, counter: str, end: Lane) -> str:
        """The lanes before the end of a loop."""
        code, depth, width = self.code, self.points.depth, self.points.width
        whole = f"<{width} x i64>"
        here = code.splat(Lane(code, counter, "i64", 1, depth), width, depth)
        each = ", ".join(f"i64 {k}" for k in range(width))
        index = code.emit(depth, f"add {whole} {here}, <{each}>")
        return code.emit(depth, f"icmp ult {whole} {index}, {code.splat(end, width, depth)}")

    # -- the body -----------------------------------------------------------------------------------------

    def _body(self, copy: int, state: dict[Root, str]) -> dict[Root, str]:
        """All roots at one vector of points; what the accumulators in registers are afterwards."""
        points, depth = self.points, self.points.depth
        points.shift = copy * points.width
        self.values.restart()
        ends: dict[Root, str] = {}
        waiting: dict[Root, Lane] = {}
        for round_index in self._order():
            if not isinstance(round_index, int):
                self.values.at(*round_index)
                continue
            root = self.roots[round_index]
            x = self.values.at(root.value, root.source)
            if root in self.columns and points.mask is None:
                waiting[root], some = x, self.columns[root]
                if all(r in waiting for r in some):
                    store(self.values, some, [waiting[r] for r in some])
            elif not root.reduction:
                self.values.store(x, root.target, root.place)
            elif root in state:
                kind = KIND[root.target.dtype]
                ends[root] = self._combined(root, Lane(self.code, state[root], kind, points.width, depth), x)
            elif root in self.vectors:
                self._accumulate(root, x)
            else:
                old = self._current(root)
                self.values.store(COMBINE[root.reduction](old, x), root.target, root.place)
        return ends

    def _order(self) -> list[Key | int]:
        """Steps to compute and numbers of roots to finish, in turn."""
        if self.body <= LARGE:
            return list(range(len(self.roots)))
        return scheduled(self.values, [(r.value, r.source) for r in self.roots])

    def _current(self, root: Root) -> Lane:
        return self.values.load(root.target, root.place)

    def _combined(self, root: Root, total: Lane, x: Lane) -> str:
        result = COMBINE[root.reduction](total, converted(x, total.kind))
        if self.points.mask is not None:
            mask = Lane(self.code, self.points.mask, "i1", self.points.width, self.points.depth)
            result = select(mask, result, total)
        return self.code.splat(result, self.points.width, self.points.depth)

    # -- accumulators -------------------------------------------------------------------------------------

    def _spill(self) -> dict[Root, Home]:
        """Accumulators in memory, each a vector: where they are in the scratch memory."""
        if not self.spilled:
            return {}
        size = self.points.width * 8
        first = self.function.reserve(size * len(self.spilled))
        found = {r: first.moved(k * size) for k, r in enumerate(self.spilled)}
        for r, where in found.items():
            whole = vector(_kept_as(r), self.points.width)
            start = self.code.splat(self.code.constant(START[r.reduction], _kept_as(r)), self.points.width, 0)
            name = self.function.address(where)
            self.code.run(self.points.depth - 1, f"store {whole} {start}, ptr {name}, align 8")
        return found

    def _accumulate(self, root: Root, x: Lane) -> None:
        whole, depth = vector(_kept_as(root), self.points.width), self.points.depth
        place = self.function.address(self.vectors[root])
        # volatile: LLVM would make one masked store of the load, the choice and the store, and the next iteration's
        # load of what a masked store has written waits until that is in the cache
        old = self.code.emit(depth, f"load volatile {whole}, ptr {place}, align 8")
        total = Lane(self.code, old, _kept_as(root), self.points.width, depth)
        self.code.run(depth, f"store {whole} {self._combined(root, total, x)}, ptr {place}, align 8")

    def _collect(self, state: dict[Root, str]) -> list[str]:
        """Each accumulator's lanes combined, and that with the element of the result."""
        code, points = self.code, self.points
        depth = points.depth
        code.sections[depth] = []
        code.forget()
        self.values.restart()
        points.mask, points.shift = None, 0
        wide = self.folds.wide if self.folds is not None else {}
        for root, name in wide.items():
            rest = converted(self._collected(root, state), "double")
            total = rest + Lane(code, name, "double", points.width, depth)
            self._deposit(root, converted(lane(across([total], "sum"), 0), KIND[root.target.dtype]))
        kept = [r for r in state if r not in wide]
        for group in [*groups(kept, points.width), *groups(list(self.vectors), points.width)]:
            totals = across([self._collected(r, state) for r in group], group[0].reduction)
            totals = converted(totals, KIND[group[0].target.dtype])
            if self._neighbours(group):
                place = self.function.base(group[0].target)
                size = group[0].target.dtype.itemsize
                code.run(depth, f"store {totals.type} {totals.name}, ptr {place}, align {size}")
                continue
            for k, root in enumerate(group):
                self._deposit(root, lane(totals, k))
        lines, code.sections[depth] = code.sections[depth], []
        return lines

    def _collected(self, root: Root, state: dict[Root, str]) -> Lane:
        """An accumulator; one in memory is loaded just before it is used, as it would else go through the stack."""
        code, width, depth, kind = self.code, self.points.width, self.points.depth, KIND[root.target.dtype]
        name = state.get(root)
        if name is None:
            kind = _kept_as(root)
            place = self.function.address(self.vectors[root])
            name = code.emit(depth, f"load volatile {vector(kind, width)}, ptr {place}, align 8")
        return Lane(code, name, kind, width, depth)

    def _neighbours(self, group: list[Root]) -> bool:
        """Whether the results are numbers next to each other in memory, one for each lane."""
        if not self.once or len(group) < max(self.points.width, 2) or any(r.target.shape for r in group):
            return False
        home = self.function.memory.home
        first, size = home(group[0].target), group[0].target.dtype.itemsize
        return all(home(r.target) == first.moved(k * size) for k, r in enumerate(group))

    def _deposit(self, root: Root, total: Lane) -> None:
        """Combine the element of the result with what this loop has found. It is loaded here, after the loop."""
        code, depth, kind = self.code, self.points.depth, total.kind
        place, _, _ = self.values.address(root.target, root.place)
        if not (self.once and not root.target.shape):
            old = code.emit(depth, f"load {kind}, ptr {place}")
            total = COMBINE[root.reduction](Lane(code, old, kind, 1, depth), total)
        code.run(depth, f"store {kind} {total.name}, ptr {place}")


def _kept_as(root: Root) -> str:
    """The type of an accumulator in memory: sums of float32 are added up in float64 there."""
    return "double" if folding(root) else KIND[root.target.dtype]


def _first(count: int, width: int) -> str:
    return "<" + ", ".join(f"i1 {'true' if k < count else 'false'}" for k in range(width)) + ">"


def _body(plan: Plan, roots: list[Root], round_index: int) -> int:
    """How many elementwise steps the body of a loop computes."""
    seen: set[Step] = set()
    pending = [r.value for r in roots]
    while pending:
        step = pending.pop()
        if (
            step in seen
            or not step.shape
            or plan.kinds[step] not in INLINE
            or plan.stored.get(step, round_index) < round_index
        ):
            continue
        seen.add(step)
        pending += step.args
    return len(seen)
