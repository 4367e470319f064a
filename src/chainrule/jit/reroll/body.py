"""The program of one segment under construction: its inputs, which stand for what lies in memory, and its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.jit.loops.loop import Streamed
from chainrule.jit.program import CONSTANT, INPUT, Step
from chainrule.jit.reroll.layout import SCRATCH, Layout, Place
from chainrule.jit.reroll.storage import Storage, Stream


@dataclass(frozen=True, slots=True)
class Track:
    """Where a number or an array lies in iteration b: at `first + stride * b` from where a pointer points to, in
    scratch counted in slots, else in elements.

    pointers    the numbers of the pointers that take turns with b, in place of one
    around      b counts in circles of so many iterations, from `shift` on
    listed      or it lies at number b of these
    constants   or it is number b of these
    """

    pointer: int
    first: int = 0
    stride: int = 0
    pointers: Sequence[int] = ()
    around: int = 0
    shift: int = 0
    listed: tuple[int, ...] = ()
    constants: tuple[float, ...] = ()

    def element(self, iteration: int) -> int:
        """Where it lies in that iteration, as `first` is counted."""
        if self.listed:
            return self.listed[iteration]
        return self.first + self.stride * ((iteration + self.shift) % self.around if self.around else iteration)


def at(place: Place) -> Track:
    """A reader of one place that does not change with the iteration."""
    return Track(place.pointer, place.offset)


def placed(place: Place, stream: Stream) -> Track:
    """A reader or writer of a place that changes as a stream does in the caller's memory."""
    if stream.moves:
        return Track(place.pointer, listed=tuple(place.offset + move for move in stream.moves))
    return Track(place.pointer, place.offset, stream.stride, stream.pointers)


def with_arguments(step: Step, args: list[Step]) -> Step:
    """`step` of other arguments."""
    return Step(step.op, tuple(args), step.settings, step.shape, step.dtype, step.line)


class Body:
    """A program under construction. `tracks` say where its `inputs` lie, `writes` where its `outputs` go."""

    def __init__(self, found: Layout, storage: Storage) -> None:
        self.found, self.storage = found, storage
        self.inputs: dict[tuple[Track, tuple[int, ...], np.dtype], Step] = {}
        self.made: dict[int, Step] = {}  # what is computed here, by the identity of the step it stands for
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
        return self._part(step, root, self.made.get(id(root)) or self.read(at(self.found.given[id(root)]), root))

    def _part(self, step: Step, root: Step, base: Step) -> Step:
        """The part of `base` that `step` is of `root`."""
        chain = []
        while step is not root:
            chain.append(step)
            (step,) = step.args
        for view in reversed(chain):
            base = self._parts.setdefault((id(view), id(base)), with_arguments(view, [base]))
        return base

    def stream(self, operand: Streamed, stream: Stream) -> Step:
        """Another step in each iteration."""
        first = operand.steps[0]
        if stream.constants:
            return self.read(Track(SCRATCH, constants=tuple(s.settings["value"] for s in stream.constants)), first)
        if stream.listed:
            return self.read(Track(SCRATCH, listed=tuple(map(self.storage.slot, stream.listed))), first)
        if stream.bank is not None:
            begin, stride = stream.bank.slot(stream.first, stream.place), stream.stride * stream.bank.stride
            return self.read(Track(SCRATCH, begin, stride), first)
        root = self.found.roots[id(first)]
        return self._part(first, root, self.read(placed(self.found.given[id(root)], stream), root))
