"""A rolled program over arrays as a sequence of small programs: straight ones, and the bodies of loops. They hand
arrays to each other in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.roll.layout import SCRATCH, Layout, Place
from chainrule.jit.roll.loop import Carried, Each, Here, Loop, Operand, Same
from chainrule.jit.roll.storage import Storage, Stream, width


@dataclass(frozen=True, slots=True)
class Track:
    """Where a number or an array lies in turn b: at `first + stride * b` from where a pointer points to, in scratch
    counted in slots, else in elements.

    around      b counts in circles of so many turns, from `shift` on
    listed      or it lies at number b of these
    constants   or it is number b of these
    """

    pointer: int
    first: int = 0
    stride: int = 0
    around: int = 0
    shift: int = 0
    listed: tuple[int, ...] = ()
    constants: tuple[float, ...] = ()


@dataclass(eq=False, slots=True)
class Segment:
    """A program that runs `count` times: where it finds its inputs, and where it leaves its results."""

    program: Program
    reads: list[Track]
    writes: list[Track]
    count: int = 1


def pieces(parts: Sequence[Step | Loop], found: Layout) -> list[int]:
    """For each part the number of the segment that it belongs to. An array that was put together from its parts is
    complete when the segment ends."""
    numbers, number, ended = [], 0, True
    for part in parts:
        alone = isinstance(part, Loop)
        number += alone or ended
        numbers.append(number)
        ended = alone or id(part) in found.ready
    return numbers


def segments(parts: Sequence[Step | Loop], found: Layout, storage: Storage) -> list[Segment]:
    """The segments in the order of their work."""
    writer = _Segments(found, storage)
    straight: list[Step] = []
    for part in parts:
        if isinstance(part, Loop):
            writer.straight(straight)
            writer.loop(part)
            straight = []
            continue
        straight.append(part)
        if id(part) in found.ready:
            writer.straight(straight)
            straight = []
    writer.straight(straight)
    writer.given()
    return writer.done


class _Segments:
    """Segments under construction."""

    def __init__(self, found: Layout, storage: Storage) -> None:
        self.found, self.storage = found, storage
        self.done: list[Segment] = []
        self._computed = {id(step) for step in found.steps}

    def _end(self, body: _Body, count: int = 1) -> None:
        if body.outputs:
            program = Program(list(body.inputs.values()), body.outputs)
            self.done.append(Segment(program, list(body.tracks), body.writes, count))

    def _copied(self, copies: Iterable[tuple[Step, Track]]) -> None:
        body = _Body(self.found, self.storage)
        for step, track in copies:
            body.leave(body.value(step), [track])
        self._end(body)

    def straight(self, steps: list[Step]) -> None:
        """Steps that are computed once."""
        body = _Body(self.found, self.storage)
        for step in steps:
            if id(step) in self.found.ready:
                self._complete(body, step)
                continue
            new = body.made[id(step)] = _with(step, [body.value(a) for a in step.args])
            body.leave(new, self._wanted(step))
        self._end(body)

    def _wanted(self, step: Step) -> list[Track]:
        """Where others look for a step."""
        slot = self.storage.slots.get(id(step))
        tracks = [] if slot is None else [Track(SCRATCH, slot)]
        places = list(self.found.results.get(id(step), ()))
        if id(step) in self.found.given:
            places.append(self.found.given[id(step)])
        return tracks + [_at(place) for place in places]

    def _complete(self, body: _Body, step: Step) -> None:
        """The parts of an array that nobody has stored there yet, since they are not computed."""
        pointer = self.found.given[id(step)].pointer
        for a in dict.fromkeys(step.args):
            if id(a) not in self._computed:
                body.leave(body.value(a), [_at(p) for p in self.found.results[id(a)] if p.pointer == pointer])
        again = [_at(place) for place in self.found.results.get(id(step), ())]
        if again:
            self._end(body)
            body.__init__(self.found, self.storage)
            body.leave(body.value(step), again)

    def given(self) -> None:
        """Results that are not computed."""
        put = {self.found.given[i].pointer for i in self.found.ready}
        self._copied(
            (step, _at(place))
            for step in dict.fromkeys([*self.found.program.outputs, *(g.step for g in self.found.program.guards)])
            if id(step) not in self._computed
            for place in self.found.results.get(id(step), ())
            if place.pointer not in put
        )

    # -- loops --------------------------------------------------------------------------------------------

    def loop(self, loop: Loop) -> None:
        """A loop, with what has to be in memory before it begins, and what is wanted elsewhere after it."""
        storage, body = self.storage, _Body(self.found, self.storage)
        rings: dict[tuple[int, ...], Track] = {}
        before = [(step, Track(SCRATCH, storage.slot(step))) for step in storage.copies[loop]]
        before += [(step, Track(SCRATCH, bank.slot(turn, place))) for bank, turn, place, step in storage.margins[loop]]
        for operand in (operand for row in loop.operands for operand in row):
            if isinstance(operand, Carried):
                key = (operand.place, *map(id, operand.first))
                if key not in rings:
                    rings[key] = track = self._ring(operand)
                    before += [(step, _moment(track, k + 1)) for k, step in enumerate(operand.first)]
        self._copied(before)
        turn: list[Step] = []
        for step, row in zip(loop.body, loop.operands, strict=True):
            turn.append(_with(step, [self._operand(body, loop, operand, turn, rings) for operand in row]))
        for place, new in enumerate(turn):
            body.leave(new, self._kept(loop, place))
        for (place, *_), track in rings.items():
            body.leave(turn[place], [track])
        self._end(body, loop.count)
        last = len(loop.steps) - loop.period
        self._copied(
            (step, _at(place))
            for k, step in enumerate(loop.steps[:last])
            if k % loop.period not in storage.direct[loop]
            for place in self.found.results.get(id(step), ())
        )

    def _ring(self, operand: Carried) -> Track:
        """Memory for the last turns of a value: as many as it is carried over, and the one under way."""
        around, size = len(operand.first) + 1, width(operand.first[0])
        return Track(SCRATCH, self.storage.reserve(around * size), size, around)

    def _operand(
        self, body: _Body, loop: Loop, operand: Operand, turn: list[Step], rings: dict[tuple[int, ...], Track]
    ) -> Step:
        if isinstance(operand, Here):
            return turn[operand.place]
        if isinstance(operand, Same):
            return body.value(operand.step)
        if isinstance(operand, Each):
            return body.stream(operand, self.storage.streams[loop][tuple(map(id, operand.steps))])
        track = rings[operand.place, *map(id, operand.first)]
        first = operand.first[0]  # of d turns ago, in a ring of d + 1: where the next turn will be stored
        return body.read(Track(track.pointer, track.first, track.stride, track.around, 1), first)

    def _kept(self, loop: Loop, place: int) -> list[Track]:
        """Where a loop stores a step of its turns. What is wanted of the last turn only, every turn stores."""
        bank, direct = self.storage.banks[loop], self.storage.direct[loop].get(place)
        tracks = []
        if place in bank.columns:
            tracks.append(Track(SCRATCH, bank.slot(0, place), bank.record))
        if direct is not None and direct.at is not None:
            tracks.append(Track(direct.at.pointer, direct.at.offset, direct.stride))
        last = loop.steps[len(loop.steps) - loop.period + place]
        slot = self.storage.slots.get(id(last))
        if slot is not None:
            tracks.append(Track(SCRATCH, slot))
        return tracks + [_at(p) for p in self.found.results.get(id(last), ()) if direct is None]


class _Body:
    """A program under construction. `tracks` say where its `inputs` lie, `writes` where its `outputs` go."""

    def __init__(self, found: Layout, storage: Storage) -> None:
        self.found, self.storage = found, storage
        self.inputs: dict[tuple[Track, tuple[int, ...], np.dtype], Step] = {}  # type: ignore[type-arg]
        self.made: dict[int, Step] = {}
        self.outputs: list[Step] = []
        self.writes: list[Track] = []
        self._parts: dict[tuple[int, int], Step] = {}

    @property
    def tracks(self) -> list[Track]:
        return [track for track, _, _ in self.inputs]

    def leave(self, new: Step, tracks: list[Track]) -> None:
        self.outputs += [new] * len(tracks)
        self.writes += tracks

    def read(self, track: Track, like: Step) -> Step:
        """An input of the shape and type of `like`."""
        key = (track, like.shape, like.dtype)
        return self.inputs.setdefault(key, Step(INPUT, (), {}, like.shape, like.dtype, like.line))

    def value(self, step: Step) -> Step:
        """A step that was computed before, here or elsewhere, or is given."""
        if id(step) in self.made:
            return self.made[id(step)]
        if step.op == CONSTANT and not step.shape:
            return step
        if id(step) not in self.found.given:
            return self.read(Track(SCRATCH, self.storage.slot(step)), step)
        root = self.found.roots[id(step)]
        return self._part(step, root, self.made.get(id(root)) or self.read(_at(self.found.given[id(root)]), root))

    def _part(self, step: Step, root: Step, base: Step) -> Step:
        """The part of `base` that `step` is of `root`."""
        chain = []
        while step is not root:
            chain.append(step)
            (step,) = step.args
        for view in reversed(chain):
            base = self._parts.setdefault((id(view), id(base)), _with(view, [base]))
        return base

    def stream(self, operand: Each, stream: Stream) -> Step:
        """Another step in each turn."""
        first = operand.steps[0]
        if stream.constants:
            return self.read(Track(SCRATCH, constants=tuple(s.settings["value"] for s in stream.constants)), first)
        if stream.listed:
            return self.read(Track(SCRATCH, listed=tuple(map(self.storage.slot, stream.listed))), first)
        if stream.bank is not None:
            at, stride = stream.bank.slot(stream.first, stream.place), stream.stride * stream.bank.record
            return self.read(Track(SCRATCH, at, stride), first)
        root = self.found.roots[id(first)]
        pointer, offset, _ = self.found.given[id(root)]
        return self._part(first, root, self.read(Track(pointer, offset, stream.stride), root))


def _with(step: Step, args: list[Step]) -> Step:
    return Step(step.op, tuple(args), step.settings, step.shape, step.dtype, step.line)


def _at(place: Place) -> Track:
    return Track(place.pointer, place.offset)


def _moment(ring: Track, turn: int) -> Track:
    """Where a ring has what belongs to a turn."""
    return Track(ring.pointer, ring.first + ring.stride * (turn % ring.around))
