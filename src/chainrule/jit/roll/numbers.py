"""Programs made of single numbers: what they read from arrays, compute one by one, and store into arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.kernel.rows import EMITTERS
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.replay import computation
from chainrule.jit.roll.loose import ARRAYS
from chainrule.jit.roll.storage import SCRATCH, Place

GIVEN, RESULTS, GUARDS = SCRATCH + 1, SCRATCH + 2, SCRATCH + 3  # pointers of the table; arrays come after them
SLOT = 8  # bytes of a number among those given and the results
_TYPES = tuple(map(np.dtype, (np.float64, np.float32, bool)))
_VIEWS = ("getitem", "reshape", "transpose", "flip", "squeeze", "expand_dims", "ravel")
_LARGEST = 10**6  # elements of an array whose reading is followed element by element


@dataclass
class Numbers:
    """A program of single numbers.

    steps     what is computed, arguments first
    arrays    the arrays, inputs and constants, whose elements are read; pointers GUARDS + 1, ...
    made      the results that are arrays; their pointers come next
    given     where steps lie that are not computed
    results   where steps are wanted
    """

    program: Program
    steps: list[Step] = field(default_factory=list)
    arrays: list[Step] = field(default_factory=list)
    made: list[Step] = field(default_factory=list)
    given: dict[int, Place] = field(default_factory=dict)
    results: dict[int, list[Place]] = field(default_factory=dict)


def numbers(program: Program) -> Numbers | None:
    """The program as one of single numbers; None where it computes with arrays."""
    found = Numbers(program)
    made = {id(s) for s in program.outputs if s.op in ARRAYS and s.shape}
    views: dict[int, tuple[Step, NDArray[np.int64]]] = {}
    for step in program.steps():
        if step.dtype not in _TYPES:
            return None
        if step.op in (INPUT, CONSTANT):
            if step.shape and prod(step.shape) <= _LARGEST:
                views[id(step)] = (step, np.arange(prod(step.shape)).reshape(step.shape))
        elif step.op in _VIEWS and id(step.args[0]) in views:
            base, offsets = views[id(step.args[0])]
            offsets = np.asarray(computation(step)(offsets))
            views[id(step)] = (base, offsets)
            if not step.shape:
                found.given[id(step)] = _element(found, base, int(offsets))
        elif id(step) in made:
            if not all(a.shape == () for a in step.args):
                return None
        elif step.shape or step.op not in EMITTERS or any(a.shape for a in step.args):
            return None
        else:
            found.steps.append(step)
    return _bound(found)


def _element(found: Numbers, base: Step, offset: int) -> Place:
    for k, known in enumerate(found.arrays):
        if known is base:
            return Place(GUARDS + 1 + k, offset)
    found.arrays.append(base)
    return Place(GUARDS + len(found.arrays), offset)


def _bound(found: Numbers) -> Numbers | None:
    """With places for inputs, results and guards."""
    program = found.program
    for k, step in enumerate(s for s in program.inputs if not s.shape):
        found.given[id(step)] = _slot(GIVEN, k, step)
    computed = {id(s) for s in found.steps} | found.given.keys()
    slots = 0
    for step in program.outputs:
        if not step.shape:
            found.results.setdefault(id(step), []).append(_slot(RESULTS, slots, step))
            slots += 1
        elif step.op in (INPUT, CONSTANT):
            continue
        elif step.op not in ARRAYS:
            return None
        elif step not in found.made:
            pointer = GUARDS + 1 + len(found.arrays) + len(found.made)
            found.made.append(step)
            for a, offset in zip(step.args, _offsets(step), strict=True):
                if a.dtype != step.dtype:
                    return None
                found.results.setdefault(id(a), []).append(Place(pointer, offset))
    for k, guard in enumerate(program.guards):
        if id(guard.step) in computed:
            found.results.setdefault(id(guard.step), []).append(Place(GUARDS, k))
    return found


def _slot(pointer: int, k: int, step: Step) -> Place:
    return Place(pointer, k * SLOT // step.dtype.itemsize)


def _offsets(step: Step) -> list[int]:
    """Where the arguments of a result that is an array are stored in it."""
    if step.op == "stack":
        return list(range(len(step.args)))
    return [int(np.ravel_multi_index(index, step.shape)) for index in step.settings["index"]]
