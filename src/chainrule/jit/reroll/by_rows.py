"""Iterations in which NumPy computes something."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from chainrule.jit.program import Step
from chainrule.jit.replay import Replay
from chainrule.jit.reroll.body import Track
from chainrule.jit.reroll.layout import SCRATCH, SLOT
from chainrule.jit.reroll.segments import Iterations, Segment


class ByRows:
    """Runs iterations of which some segments are native functions, `called` with the table of pointers and the number
    of the iteration, and others are computed by rows."""

    def __init__(self, iterations: Iterations, called: Mapping[Segment, Callable[[Any, int], None]]) -> None:
        self.count = iterations.count
        self._segments = [(s, called.get(s), None if s.native else Replay(s.program)) for s in iterations.segments]

    def run(self, table: Any) -> None:
        """All iterations, with the memory that the pointers of the table point to."""
        work = [self._bound(table, *segment) for segment in self._segments]
        with np.errstate(all="ignore"):
            for iteration in range(self.count):
                for go in work:
                    go(iteration)

    def _bound(self, table: Any, segment: Segment, native: Any, replay: Replay | None) -> Callable[[int], None]:
        if replay is None:
            return lambda iteration: native(table, iteration)
        program = segment.program
        reads = [self._places(table, track, s) for track, s in zip(segment.reads, program.inputs, strict=True)]
        writes = [self._places(table, track, s) for track, s in zip(segment.writes, program.outputs, strict=True)]

        def go(iteration: int) -> None:
            for place, result in zip(writes, replay.results([place[iteration] for place in reads]), strict=True):
                place[iteration][...] = result

        return go

    def _places(self, table: Any, track: Track, step: Step) -> Sequence[Any]:
        """The memory of a step in each iteration."""
        if track.constants:
            return track.constants
        unit = SLOT if track.pointer == SCRATCH else step.dtype.itemsize
        size = prod(step.shape) * step.dtype.itemsize
        if track.pointers:
            alone = [replace(track, pointer=number, pointers=()) for number in track.pointers]
            return [self._places(table, one, step)[0] for one in alone]
        places = [track.element(iteration) for iteration in range(self.count)]
        low, high = min(places), max(places)
        memory = (ctypes.c_char * ((high - low) * unit + size)).from_address(table[track.pointer] + low * unit)
        strides = (unit, *np.empty(step.shape, step.dtype).strides)
        whole = np.ndarray((high - low + 1, *step.shape), step.dtype, memoryview(memory), strides=strides)
        return [whole[place - low, ...] for place in places]
