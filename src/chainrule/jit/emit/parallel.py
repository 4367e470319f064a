"""Loops divided among threads: each computes its share of the points, by one axis, into sums of its own, which are then
combined in order. What belongs to whom depends on the shapes and on the number of threads only, and so do results."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import prod

import numpy as np

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, Lane, literal, vector
from chainrule.jit.emit.loops import Nest, emit_block
from chainrule.jit.emit.reductions import COMBINE, START
from chainrule.jit.emit.subdomains import pieces
from chainrule.jit.plan.affine import Box
from chainrule.jit.plan.memory import LINE, Home
from chainrule.jit.plan.parallel import Found, apart
from chainrule.jit.plan.plan import Loop, Root
from chainrule.jit.plan.tiling import Band
from chainrule.jit.program import Guard, Step


@dataclass(frozen=True)
class Region:
    """Sums, or maxima, or minima, of one type, side by side in the memory of each thread."""

    reduction: str
    dtype: str
    at: int
    size: int

    @property
    def kind(self) -> str:
        return KIND[np.dtype(self.dtype)]

    @property
    def whole(self) -> str:
        """LLVM's type of a line of them."""
        return vector(self.kind, self.width)

    @property
    def width(self) -> int:
        return LINE * 8 // (64 if self.dtype == "float64" else 32)


class Share(Function):
    """What every thread calls, with the number of its share. Targets in `homes` are in memory of its own."""

    parameters = f"{Function.parameters}, i64 %part"

    def __init__(self, like: Function, threads: int) -> None:
        super().__init__(like.name, like.memory, like.cells, bool(like.code.contract))
        self.threads = threads
        self.homes: dict[Step, Home] = {}
        self.size = self.first = 0

    def base(self, step: Step) -> str:
        home = self.homes.get(step)
        return super().base(step) if home is None else self.address(home)

    def reserve(self, size: int) -> Home:
        home = Home("own", self.size)
        self.size += -(-size // LINE) * LINE
        return home

    def ends(self, low: int, grain: int, count: int) -> tuple[str, str]:
        """Where the share begins and ends of `count` times `grain` points from `low`."""
        names = []
        for part in ("%part", self.enter("add i64 %part, 1")):
            grains = self.enter(f"udiv i64 {self.enter(f'mul i64 {part}, {count}')}, {self.threads}")
            names.append(self.enter(f"add i64 {self.enter(f'mul i64 {grains}, {grain}')}, {low}"))
        return names[0], names[1]

    def text(self, guards: list[tuple[int, Guard]], contiguous: list[Step], calls: list[str]) -> str:
        self.size += LINE  # threads do not write to neighbouring lines, which processors fetch in pairs
        self.first = self.memory.reserve(self.size * self.threads)
        entry, self.entry = self.entry, []
        at = self.enter(f"add i64 {self.enter(f'mul i64 %part, {self.size}')}, {self.first}")
        self.entry += [f"  %own = getelementptr i8, ptr %scratch, i64 {at}", *entry]
        return super().text(guards, contiguous, calls)


class Shared:
    """A loop, or a band of them, as three functions: what comes before, the shares, and the rest."""

    def __init__(self, work: Band | tuple[int, Loop], axis: int, threads: int, lanes: int) -> None:
        self.band = work if isinstance(work, Band) else None
        self.found: Found = work.loops if isinstance(work, Band) else (work,)
        self.axis, self.threads, self.lanes = axis, threads, lanes
        self.apart = set(apart(self.found, axis))

    @property
    def roots(self) -> list[Root]:
        return [root for _, loop in self.found for root in loop.roots]

    # -- before -------------------------------------------------------------------------------------------

    def before(self, function: Function) -> None:
        """Let reductions begin whose elements belong to one thread each."""
        for root in self.roots:
            if root.reduction and root.target not in self.apart:
                function.fill(root.target, START[root.reduction])

    # -- a share ------------------------------------------------------------------------------------------

    def share(self, like: Function) -> Share:
        """The function of a thread, in place of a function of the program."""
        function = self.function = Share(like, self.threads)
        self.regions = self._regions(function)
        for region in self.regions:
            line = ", ".join([f"{region.kind} {literal(START[region.reduction], region.kind)}"] * region.width)
            base = function.address(Home("own", region.at))
            with function.loop("0", str(region.size), LINE) as at:
                place = function.code.emit(0, f"getelementptr i8, ptr {base}, i64 {at}")
                function.code.run(0, f"store {region.whole} <{line}>, ptr {place}, align {LINE}")
        if self.band is not None:
            block = self.band.block
            with function.loop(*function.ends(0, block, self.band.rows // block), block) as row:
                emit_block(function, self.band, row, block, self.lanes)
            return function
        for nest, grain, whole, _ in self._nests(function):
            if whole is not None:
                low, high = whole[self.axis]
                nest.points.share = self.axis, *function.ends(low, grain, -(-(high - low) // grain))
                nest.emit(once=False)
        return function

    def _regions(self, function: Share) -> list[Region]:
        """Memory for the sums that a thread has of its own."""
        mine = {root.target: root for root in self.roots if root.target in self.apart}
        regions = []
        kinds = sorted(mine.values(), key=_of_region)
        for (reduction, dtype), roots in itertools.groupby(kinds, key=_of_region):
            sizes = {root.target: prod(root.target.shape) * root.target.dtype.itemsize for root in roots}
            home = function.reserve(sum(sizes.values()))
            regions.append(Region(reduction, dtype, home.at, function.size - home.at))
            for step, size in sizes.items():
                function.homes[step] = home
                home = home.moved(size)
        return regions

    def _nests(self, function: Function) -> list[tuple[Nest, int, Box | None, Box | None]]:
        """For each piece of the loop the nest over the points that are divided, how many stay together, the box of
        them, and the box of what is left."""
        ((round_index, loop),) = self.found
        found: list[tuple[Nest, int, Box | None, Box | None]] = []
        for box, roots in pieces(function.plan, loop, round_index):
            nest = Nest(function, box, roots, round_index, self.lanes)
            grain = nest.grain(self.axis)
            low, high = box[self.axis]
            count = (high - low) // grain
            if count < self.threads:
                found.append((nest, grain, None, box))
                continue
            middle = high if nest.masked and self.axis == nest.points.axis else low + count * grain
            whole, rest = (_cut(box, self.axis, *ends) for ends in ((low, middle), (middle, high)))
            if middle < high:
                nest = Nest(function, whole, roots, round_index, self.lanes)
            found.append((nest, grain, whole, rest if middle < high else None))
        return found

    # -- the rest -----------------------------------------------------------------------------------------

    def rest(self, function: Function) -> None:
        """Combine what the threads have found, and compute what did not divide evenly."""
        for region in self.regions:
            self._combine(function, region)
        for step, home in self.function.homes.items():
            self._deposit(function, step, function.address(Home("scratch", self.function.first + home.at)))
        if self.band is not None:
            blocks, rest = divmod(self.band.rows, self.band.block)
            if rest:
                emit_block(function, self.band, str(blocks * self.band.block), rest, self.lanes)
            return
        for nest, _, _, box in self._nests(function):
            if box is not None:
                Nest(function, box, nest.roots, self.found[0][0], self.lanes).emit(once=False)

    def _combine(self, function: Function, region: Region) -> None:
        """The first thread's sums and those of the others, one thread after the other."""
        code, size, first = function.code, self.function.size, self.function.first
        mine = function.address(Home("scratch", first + region.at))
        with function.loop(str(size), str(size * self.threads), size) as other:
            theirs = code.emit(0, f"getelementptr i8, ptr {mine}, i64 {other}")
            with function.loop("0", str(region.size), LINE) as at:
                places = [code.emit(0, f"getelementptr i8, ptr {p}, i64 {at}") for p in (mine, theirs)]
                loaded = [code.emit(0, f"load {region.whole}, ptr {p}, align {LINE}") for p in places]
                a, b = (Lane(code, x, region.kind, region.width, 0) for x in loaded)
                total = COMBINE[region.reduction](a, b)
                code.run(0, f"store {region.whole} {total.name}, ptr {places[0]}, align {LINE}")
        code.forget()

    def _deposit(self, function: Function, step: Step, place: str) -> None:
        code, base = function.code, function.base(step)
        if not step.shape:
            kind = KIND[step.dtype]
            code.run(0, f"store {kind} {code.emit(0, f'load {kind}, ptr {place}')}, ptr {base}")
            return
        code.declare("llvm.memcpy.p0.p0.i64", "void", ["ptr", "ptr", "i64", "i1"])
        size = prod(step.shape) * step.dtype.itemsize
        code.run(0, f"call void @llvm.memcpy.p0.p0.i64(ptr {base}, ptr {place}, i64 {size}, i1 false)")


def _of_region(root: Root) -> tuple[str, str]:
    return root.reduction, root.target.dtype.name


def _cut(box: Box, axis: int, low: int, high: int) -> Box:
    return (*box[:axis], (low, high), *box[axis + 1 :])
