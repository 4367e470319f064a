"""A program in which numbers that are computed alike are arrays: what was written element by element, as it would be
written with arrays."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.packs.access import Affine, Shape, affine, common, divided, gathered, number, reshaped, seen
from chainrule.jit.packs.found import JOINS, LEAST, Pack, Packs, Term, found
from chainrule.jit.passes.rewrite import elementwise, spread, with_arguments
from chainrule.jit.passes.rewrite import number as value_of
from chainrule.jit.program import CONSTANT, Program, Step

MANY = 128
"""Single numbers that are computed, from which on packs are looked for."""

FEWER = 4
"""Steps that become one, on average; where fewer do, there is little to gain."""

IRREGULAR = 5
"""Numbers computed, for each that is taken from an irregular place: such moves are loops of their own."""

PARTS = 16
"""Pieces that are put side by side; more are gathered by their places."""


def packed(program: Program) -> Program:
    """The program with packs as arrays, in sums in any order; itself where too much of it is single numbers even then,
    as a recurrence is."""
    steps = program.steps()
    if _computed(steps) < MANY or not may_pack(program):
        return program
    packs = found(program)
    if packs is None:
        return program
    made = _Packed(program, packs)
    new = program.replaced(made.made)
    few = FEWER * len(new.steps()) <= len(steps) and IRREGULAR * made.irregular <= len(packs.place)
    return new if few else program


def may_pack(program: Program) -> bool:
    """Whether its numbers may lie in arrays: those of lists are arguments of their own."""
    return sum(not s.shape for s in program.inputs) <= LEAST


def _computed(steps: Sequence[Step]) -> int:
    return sum(not s.shape and bool(s.args) and s.op != "getitem" for s in steps)


class _Packed:
    """The program under construction: `made` is what becomes of a step.

    irregular  numbers that are taken by lists of their places
    """

    def __init__(self, program: Program, packs: Packs) -> None:
        self._packs, self.irregular = packs, 0
        self._arrays: dict[Pack, Step] = {}
        self._new: dict[Step, Step] = {}
        self._numbers: dict[Step, Step] = {}
        for step in program.steps():
            if step in packs.inner:
                continue
            source = packs.source.get(step)
            if isinstance(source, Pack):
                if source not in self._arrays:
                    self._arrays[source] = self._packed(source)
            elif step in packs.sums:
                self._new[step] = self._sum([packs.sums[step]], step)
            elif step.op in JOINS and len(step.args) >= LEAST and not any(a.shape for a in step.args):
                self._new[step] = self._joined(step)
            elif step.args:
                new = with_arguments(step, {a: self.made(a) for a in step.args})
                if new is not step:
                    self._new[step] = new

    def made(self, step: Step) -> Step:
        """What becomes of a step."""
        source = self._packs.source.get(step)
        if isinstance(source, Pack):
            if step not in self._numbers:
                self._numbers[step] = number(self._arrays[source], self._packs.place[step])
            return self._numbers[step]
        return self._new.get(step, step)

    # -- packs --------------------------------------------------------------------------------------------

    def _packed(self, pack: Pack) -> Step:
        if pack.terms:
            return spread(self._sum(pack.terms, pack.steps[0]), (len(pack.steps),))
        return self._running(pack, pack.start) if pack.start is not None else self._elementwise(pack)

    def _running(self, pack: Pack, start: Step) -> Step:
        like, n, first = pack.steps[0], len(pack.steps), pack.running[0]
        if self._packs.source[start] == self._packs.source[first] and start.op != CONSTANT:
            for two in ((start, first), (first, start)):
                stream = _Stream(self, [*two, *pack.running[1:]])
                if stream.rule is not None:
                    sums = self._sums_so_far(stream, n + 1, like)
                    settings = {"index": (slice(1, n + 1),)}
                    return Step("getitem", (sums,), settings, (n,), like.dtype, like.line, like.at)
        sums = self._sums_so_far(_Stream(self, pack.running), n, like)
        return sums if value_of(start) == 0.0 else elementwise("add", self.made(start), sums)

    def _sums_so_far(self, stream: _Stream, n: int, like: Step) -> Step:
        x = spread(stream.read((n,)), (n,))
        return Step("cumsum", (x,), {"axis": 0}, (n,), like.dtype, like.line, like.at)

    def _elementwise(self, pack: Pack) -> Step:
        like = pack.steps[0]
        streams = [_Stream(self, [s.args[k] for s in pack.steps]) for k in range(len(like.args))]
        shape = common([s.rule.shape for s in streams if s.rule is not None], len(pack.steps))
        args = tuple(s.read(shape) for s in streams)
        if not any(a.shape for a in args):
            return spread(Step(like.op, args, like.settings, (), like.dtype, like.line, like.at), shape)
        return Step(like.op, args, like.settings, shape, like.dtype, like.line, like.at)

    def _sum(self, sums: list[list[Term]], like: Step) -> Step:
        """The sums as an array, one after the other."""
        count = len(sums)
        own: dict[tuple[Hashable, bool, int], list[tuple[int, Step]]] = defaultdict(list)
        for k, terms in enumerate(sums):
            met: dict[Term, int] = defaultdict(int)
            for term in terms:
                own[self._packs.source[term.step], term.adds, met[term]].append((k, term.step))
                met[term] += 1  # what is added twice comes in two turns, each with places of its own
        total: Step | None = None
        for (_, adds, _), parts in sorted(own.items(), key=lambda item: not item[0][1]):
            part = self._added([k for k, _ in parts], [s for _, s in parts], count)
            if total is None:
                total = part if adds else elementwise("negative", part)
            else:
                total = elementwise("add" if adds else "subtract", total, part)
            total.line, total.at = like.line, like.at
        assert total is not None
        return total

    def _added(self, which: list[int], steps: list[Step], count: int) -> Step:
        """For each of `count` sums those of the steps that are its own, added."""
        stream, each, line = _Stream(self, steps), np.bincount(which, minlength=count), steps[0].line
        several = int(each[0])
        if (each != several).any():
            flat = stream.read((len(steps),))
            flat = spread(flat, (len(steps),))
            settings = {"index": np.array(which), "shape": (count,)}
            return Step("scatter", (flat,), settings, (count,), flat.dtype, line)
        if several == 1:
            return stream.read((count,))
        shape = common([(count, several), *([stream.rule.shape] if stream.rule else [])], len(steps))
        if count > 1 and count not in {prod(shape[:k]) for k in range(len(shape))}:
            shape = (count, several)
        x = spread(stream.read(shape), shape)
        lead = next(k for k in range(len(shape)) if prod(shape[:k]) == count)
        settings = {"axis": tuple(range(lead, len(shape))), "keepdims": False}
        total = Step("sum", (x,), settings, shape[:lead], x.dtype, line)
        return reshaped(total, (count,)) if lead else total

    # -- joins --------------------------------------------------------------------------------------------

    def _joined(self, step: Step) -> Step:
        """Numbers that are put together in an array: parts of arrays, put together."""
        keys = step.settings["index"] if step.op == "elements" else [(k,) for k in range(len(step.args))]
        if step.op == "stack" and len(step.shape) != 1:
            return with_arguments(step, {a: self.made(a) for a in step.args})
        at = tuple(np.array(keys, np.int64).reshape(len(keys), -1).T)
        places: NDArray[np.int64] = np.asarray(np.ravel_multi_index(at, step.shape), np.int64)
        order = np.argsort(places, kind="stable")
        by_source: dict[Hashable, list[tuple[int, Step]]] = defaultdict(list)
        for k in order.tolist():
            a = step.args[k]
            by_source[self._packs.source[a]].append((int(places[k]), a))
        parts: list[tuple[tuple[int | slice, ...], Step]] = []
        for several in by_source.values():
            parts += self._parts(several, step.shape)
            if len(parts) > PARTS:
                return self._gathered(step, places)
        if len(parts) == 1 and parts[0][1].shape == step.shape:
            return parts[0][1]
        settings = {"index": [key for key, _ in parts], "shape": step.shape}
        return Step("join", tuple(p for _, p in parts), settings, step.shape, step.dtype, step.line, step.at)

    def _parts(self, several: list[tuple[int, Step]], shape: Shape) -> list[tuple[tuple[int | slice, ...], Step]]:
        """Numbers of one source as parts of an array of that shape, each with its index."""
        places = np.array([p for p, _ in several])
        if len(several) >= LEAST:
            box = _box(places, shape)
            if box is not None:
                index, inner = box
                stream = _Stream(self, [a for _, a in several])
                own = [inner, *([stream.rule.shape] if stream.rule else [])]
                x = stream.read(common(own, len(several)))
                return [(index, spread(reshaped(x, inner) if x.shape else x, inner))]
        found: list[tuple[tuple[int | slice, ...], Step]] = []
        edges = [0, *(np.flatnonzero(np.diff(places) != 1) + 1).tolist(), len(several)]
        if len(several) >= LEAST and len(edges) <= PARTS and len(shape) == 1:
            for start, stop in itertools.pairwise(edges):
                if stop - start >= LEAST:
                    x = _Stream(self, [a for _, a in several[start:stop]]).read((stop - start,))
                    found.append(((slice(int(places[start]), int(places[stop - 1]) + 1),), spread(x, (stop - start,))))
                else:
                    found += [((p,), self.made(a)) for p, a in several[start:stop]]
            return found
        keys = [tuple(int(k) for k in np.unravel_index(p, shape)) for p, _ in several]
        return [(key, self.made(a)) for key, (_, a) in zip(keys, several, strict=True)]

    def _gathered(self, step: Step, places: NDArray[np.int64]) -> Step:
        """Numbers that are put together, taken by their places from one array of them all."""
        by_source: dict[Hashable, list[int]] = defaultdict(list)
        for k, a in enumerate(step.args):
            by_source[self._packs.source[a]].append(k)
        whole: list[Step] = []
        table = np.full(prod(step.shape), len(step.args))
        single: list[int] = []
        at = 0
        for numbers in by_source.values():
            if len(numbers) < LEAST:
                single += numbers
                continue
            x = _Stream(self, [step.args[k] for k in numbers]).read((len(numbers),))
            whole.append(spread(x, (len(numbers),)))
            table[places[numbers]] = np.arange(at, at + len(numbers))
            at += len(numbers)
        zero = Step(CONSTANT, (), {"value": step.dtype.type(0)}, (), step.dtype)
        last = (*(self.made(step.args[k]) for k in single), zero)
        table[places[single]] = np.arange(at, at + len(single))
        settings = {"shape": (len(last),), "index": [(k,) for k in range(len(last))], "dtype": step.dtype}
        whole.append(Step("elements", last, settings, (len(last),), step.dtype, step.line))
        size, self.irregular = at + len(last), self.irregular + len(table)
        x = Step("concatenate", tuple(whole), {"axis": 0}, (size,), step.dtype, step.line)
        return gathered(x, table, step.shape)


def _box(places: NDArray[np.int64], shape: Shape) -> tuple[tuple[int | slice, ...], Shape] | None:
    """The index of places that are a regular part of an array, and its shape; None for others."""
    at = np.stack(np.unravel_index(places, shape), axis=1)
    index: list[int | slice] = []
    inner: list[int] = []
    for k in range(len(shape)):
        own = np.unique(at[:, k])
        apart = int(own[1] - own[0]) if len(own) > 1 else 1
        if (np.diff(own) != apart).any():
            return None
        first = int(own[0])
        index.append(slice(first, int(own[-1]) + 1, apart) if len(own) > 1 else first)
        inner += [len(own)] if len(own) > 1 else []
    return (tuple(index), tuple(inner)) if prod(inner) == len(places) else None


class _Stream:
    """Numbers of one source, one after the other. `rule` is how their places go on, where they have a regular one."""

    def __init__(self, packed: _Packed, steps: list[Step]) -> None:
        self._packed, self._steps, packs = packed, steps, packed._packs
        source = packs.source[steps[0]]
        self.rule: Affine | None = None
        self._array: Step | None = None
        if isinstance(source, Pack):
            self._array = packed._arrays[source]
        elif isinstance(source, Step) and source.shape:
            self._array = packed.made(source)
        if self._array is not None:
            self._places = np.array([packs.place[s] for s in steps], np.int64)
            self.rule = affine(self._places)

    def read(self, shape: Shape) -> Step:
        """The numbers as an array of that shape, or as one for all."""
        first = self._steps[0]
        if self._array is None:
            if first.op != CONSTANT:
                return self._packed.made(first)
            values = np.array([s.settings["value"] for s in self._steps], first.dtype)
            if values.tobytes() == values[:1].tobytes() * len(values):
                return first
            return Step(CONSTANT, (), {"value": values.reshape(shape)}, shape, first.dtype, first.line)
        if self.rule is not None:
            if not self.rule.shape or not any(self.rule.strides):
                return number(self._array, self.rule.first)
            found = divided(self.rule, shape)
            view = None if found is None else seen(self._array, found)
            if view is not None:
                return view
        self._packed.irregular += len(self._places)
        return gathered(self._array, self._places, shape)
