"""A rolled program over arrays as a sequence of small programs: straight ones, and the bodies of loops. They hand
arrays to each other in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chainrule.jit.loops.loop import Invariant, Local, Loop, LoopCarried, Operand, Streamed
from chainrule.jit.program import Program, Step
from chainrule.jit.reroll.body import Body, Track, at, placed, with_arguments
from chainrule.jit.reroll.layout import SCRATCH, Layout
from chainrule.jit.reroll.storage import Storage, width


@dataclass(eq=False, slots=True)
class Segment:
    """A program, where it finds its inputs, and where it leaves its results. One that is not `native` runs by rows."""

    program: Program
    reads: list[Track]
    writes: list[Track]
    native: bool = True


@dataclass(eq=False, slots=True)
class Iterations:
    """Segments that run one after the other, all of them `count` times."""

    segments: list[Segment]
    count: int = 1

    @property
    def native(self) -> bool:
        return all(segment.native for segment in self.segments)


def pieces(parts: Sequence[Step | Loop], found: Layout) -> list[int]:
    """For each part the number of the segment that it belongs to. An array that was put together from its parts is
    complete when the segment ends."""
    numbers, number, ended = [], 0, True
    for part in parts:
        alone = isinstance(part, Loop) or id(part) in found.calls
        number += alone or ended
        numbers.append(number)
        ended = alone or id(part) in found.ready
    return numbers


def segments(parts: Sequence[Step | Loop], found: Layout, storage: Storage) -> list[Iterations]:
    """The segments in the order of their work."""
    writer = _Segments(found, storage)
    straight: list[Step] = []
    for part in parts:
        if isinstance(part, Loop):
            writer.straight(straight)
            writer.loop(part)
            straight = []
            continue
        if id(part) in found.calls:
            writer.straight(straight)
            straight = []
        straight.append(part)
        if id(part) in found.ready or id(part) in found.calls:
            writer.straight(straight)
            straight = []
    writer.straight(straight)
    writer.given()
    return writer.done


Rings = dict[tuple[int, ...], Track]  # by the place of what is carried, and the identities of what it is at first


class _Segments:
    """Segments under construction."""

    def __init__(self, found: Layout, storage: Storage) -> None:
        self.found, self.storage = found, storage
        self.done: list[Iterations] = []
        self._computed = {id(step) for step in found.steps}

    def _end(self, body: Body) -> None:
        if body.outputs:
            self.done.append(Iterations([_segment(body, native=self.found.calls.isdisjoint(body.made))]))

    def _copied(self, copies: Iterable[tuple[Step, Track]]) -> None:
        body = Body(self.found, self.storage)
        for step, track in copies:
            body.leave(body.value(step), [track])
        self._end(body)

    def straight(self, steps: list[Step]) -> None:
        """Steps that are computed once."""
        body = Body(self.found, self.storage)
        for step in steps:
            if id(step) in self.found.ready:
                self._complete(body, step)
                continue
            new = body.made[id(step)] = with_arguments(step, [body.value(a) for a in step.args])
            body.leave(new, self._wanted(step))
        self._end(body)
        for step in steps[-1:]:
            if id(step) in self.found.ready:
                self._copied((step, at(place)) for place in self.found.results.get(id(step), ()))

    def _wanted(self, step: Step) -> list[Track]:
        """Where others look for a step."""
        slot = self.storage.slots.get(id(step))
        tracks = [] if slot is None else [Track(SCRATCH, slot)]
        places = list(self.found.results.get(id(step), ()))
        if id(step) in self.found.given:
            places.append(self.found.given[id(step)])
        return tracks + [at(place) for place in places]

    def _complete(self, body: Body, step: Step) -> None:
        """The parts of an array that have not been stored there yet, since they are not computed."""
        pointer = self.found.given[id(step)].pointer
        for a in dict.fromkeys(step.args):
            if id(a) not in self._computed:
                body.leave(body.value(a), [at(p) for p in self.found.results[id(a)] if p.pointer == pointer])

    def given(self) -> None:
        """Results that are not computed."""
        put = {self.found.given[i].pointer for i in self.found.ready}
        self._copied(
            (step, at(place))
            for step in dict.fromkeys([*self.found.program.outputs, *(g.step for g in self.found.program.guards)])
            if id(step) not in self._computed
            for place in self.found.results.get(id(step), ())
            if place.pointer not in put
        )

    # -- loops --------------------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> None:
        """A loop, with what has to be in memory before it begins, and what is wanted elsewhere after it."""
        storage = self.storage
        rings: Rings = {}
        before = [(step, Track(SCRATCH, storage.slot(step))) for step in storage.copies[loop]]
        before += [
            (step, Track(SCRATCH, bank.slot(iteration, place)))
            for bank, iteration, place, step in storage.margins[loop]
        ]
        for operand in (operand for row in loop.operands for operand in row):
            if isinstance(operand, LoopCarried):
                key = (operand.place, *map(id, operand.first))
                if key not in rings:
                    rings[key] = track = self._ring(operand)
                    before += [(step, _moment(track, k + 1)) for k, step in enumerate(operand.first)]
        self._copied(before)
        self.done.append(Iterations(self._turn(loop, rings), loop.count))
        last = len(loop.steps) - loop.period
        self._copied(
            (step, at(place))
            for k, step in enumerate(loop.steps[:last])
            if k % loop.period not in storage.direct[loop]
            for place in self.found.results.get(id(step), ())
        )

    def _turn(self, loop: Loop, rings: Rings) -> list[Segment]:
        """A iteration of the loop: one segment, or several where NumPy computes some of its steps."""
        called = [id(step) in self.found.calls for step in loop.body]
        edges = [0, *(k for k in range(1, loop.period) if called[k] or called[k - 1]), loop.period]
        number = [bisect_right(edges, k) for k in range(loop.period)]
        cells: dict[int, Track] = {}  # what one segment of a iteration leaves for another
        for k, row in enumerate(loop.operands):
            for operand in row:
                if isinstance(operand, Local) and number[operand.place] != number[k] and operand.place not in cells:
                    size = width(loop.steps[operand.place])
                    cells[operand.place] = Track(SCRATCH, self.storage.reserve(size))
        found = []
        for first, end in pairwise(edges):
            body, made = Body(self.found, self.storage), dict[int, Step]()
            for k in range(first, end):
                args = [self._operand(body, loop, operand, made, cells, rings) for operand in loop.operands[k]]
                made[k] = with_arguments(loop.steps[k], args)
            for k, new in made.items():
                body.leave(new, self._kept(loop, k))
                body.leave(new, [cells[k]] if k in cells else [])
                body.leave(new, [track for (place, *_), track in rings.items() if place == k])
            if body.outputs:
                found.append(_segment(body, native=not called[first]))
        return found

    def _ring(self, operand: LoopCarried) -> Track:
        """Memory for the last iterations of a value: as many as it is carried over, and the one under way."""
        around, size = len(operand.first) + 1, width(operand.first[0])
        return Track(SCRATCH, self.storage.reserve(around * size), size, around=around)

    def _operand(
        self, body: Body, loop: Loop, operand: Operand, made: dict[int, Step], cells: dict[int, Track], rings: Rings
    ) -> Step:
        if isinstance(operand, Local):
            place = operand.place
            return made[place] if place in made else body.read(cells[place], loop.steps[place])
        if isinstance(operand, Invariant):
            return body.value(operand.step)
        if isinstance(operand, Streamed):
            return body.stream(operand, self.storage.streams[loop][tuple(map(id, operand.steps))])
        track = rings[operand.place, *map(id, operand.first)]
        first = operand.first[0]  # of d iterations ago, in a ring of d + 1: where the next iteration will be stored
        return body.read(Track(track.pointer, track.first, track.stride, around=track.around, shift=1), first)

    def _kept(self, loop: Loop, place: int) -> list[Track]:
        """Where a loop stores a step of its iterations. What is wanted of the last iteration only, every iteration
        stores."""
        bank, direct = self.storage.banks[loop], self.storage.direct[loop].get(place)
        tracks = []
        if place in bank.columns:
            tracks.append(Track(SCRATCH, bank.slot(0, place), bank.stride))
        tracks += [placed(stream.at, stream) for stream in direct or () if stream.at is not None]
        last = loop.steps[len(loop.steps) - loop.period + place]
        slot = self.storage.slots.get(id(last))
        if slot is not None:
            tracks.append(Track(SCRATCH, slot))
        return tracks + [at(p) for p in self.found.results.get(id(last), ()) if direct is None]


def _segment(body: Body, native: bool) -> Segment:
    return Segment(Program(list(body.inputs.values()), body.outputs), body.tracks, body.writes, native)


def _moment(ring: Track, iteration: int) -> Track:
    """Where a ring has what belongs to a iteration."""
    return Track(ring.pointer, ring.first + ring.stride * (iteration % ring.around))
