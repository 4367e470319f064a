"""Where a program finds in memory what it reads, and where it leaves its results."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule.jit.loops.periods import TURNS
from chainrule.jit.loops.rows import kind
from chainrule.jit.plan.affine import basic
from chainrule.jit.program import CONSTANT, INPUT, Program, Step
from chainrule.jit.replay import computation

SCRATCH, GIVEN, RESULTS, GUARDS = range(4)  # pointers of the table; those of arrays come after them
SLOT = 8  # bytes of a number among those given and the results
_TYPES = tuple(map(np.dtype, (np.float64, np.float32, bool)))
_VIEWS = ("getitem", "reshape", "transpose", "flip", "squeeze", "expand_dims", "ravel", "broadcast_to")
_JOINS = ("elements", "stack", "concatenate", "join")
_LARGEST = 1 << 31  # elements of an array


class Place(NamedTuple):
    """The element `offset` of the array that pointer number `pointer` points to; for an array its first one, and how
    many elements the next one along each axis is away."""

    pointer: int
    offset: int
    strides: tuple[int, ...] = ()


@dataclass(eq=False)
class Layout:
    """A program and its memory, a table of pointers.

    steps     what is computed, arguments first
    arrays    inputs and constants that are arrays; their pointers follow GUARDS
    made      arrays with a pointer of their own, which come next: the array results in their order, then arrays that
              are put together from many parts, or taken apart into many
    given     where steps lie that have a place from the beginning: numbers and arrays that are given, what is `made`,
              and parts of them
    roots     for what is given the whole array of which it is a part
    results   where steps are wanted
    ready     arrays that are put together by those who compute the parts
    calls     steps that NumPy computes
    """

    program: Program
    steps: list[Step] = field(default_factory=list)
    arrays: list[Step] = field(default_factory=list)
    made: list[Step] = field(default_factory=list)
    given: dict[int, Place] = field(default_factory=dict)
    roots: dict[int, Step] = field(default_factory=dict)
    results: dict[int, list[Place]] = field(default_factory=lambda: defaultdict(list))
    ready: set[int] = field(default_factory=set)
    calls: set[int] = field(default_factory=set)

    @functools.cached_property
    def single(self) -> bool:
        """Whether only single numbers are computed, and arrays put together from them."""
        own = (s for s in self.steps if id(s) not in self.ready)
        return not any(s.shape or any(a.shape for a in s.args) for s in own)

    @property
    def numbers(self) -> list[Step]:
        """The single numbers that are computed."""
        return [s for s in self.steps if not s.shape]

    @property
    def after(self) -> dict[int, Step]:
        """What has to be computed before a part of it is there."""
        computed = {id(s) for s in self.steps}
        return {part: root for part, root in self.roots.items() if part not in computed and id(root) in computed}


def single(program: Program) -> bool:
    """Whether a program computes single numbers only, and puts its results together from them."""
    outputs = set(program.outputs)
    arrays = (s for s in program.steps() if s.op not in _VIEWS and any(x.shape for x in (s, *s.args)) and s.args)
    return all(s in outputs and s.op in _JOINS and not any(a.shape for a in s.args) for s in arrays)


def layout(program: Program) -> Layout | None:
    """The layout of a program; None where it holds numbers that are neither floats nor conditions."""
    steps = program.steps()
    if any(s.dtype not in _TYPES or prod(s.shape) > _LARGEST for s in steps):
        return None
    found = Layout(program)
    _pointers(found, steps)
    for k, step in enumerate(s for s in program.inputs if not s.shape):
        found.given[id(step)] = _slot(GIVEN, k, step)
        found.roots[id(step)] = step
    views: dict[int, NDArray[np.int8]] = {i: np.empty(root.shape, np.int8) for i, root in found.roots.items()}
    for step in steps:
        if step.op in (INPUT, CONSTANT):
            continue
        if step.op in _VIEWS and id(step.args[0]) in views and _view(found, step, views):
            continue
        found.steps.append(step)
    _wanted(found)
    return found


def _pointers(found: Layout, steps: list[Step]) -> None:
    """Gives each array in memory its pointer."""
    outputs = set(found.program.outputs)
    apart = Counter(s.args[0] for s in steps if s.op == "getitem")
    order = {s: k for k, s in enumerate(found.program.inputs)}  # and not that of their first use
    found.arrays = sorted([s for s in steps if s.shape and not s.args], key=lambda s: order.get(s, len(order)))
    kept = {s for s in steps if s.shape and (apart[s] >= TURNS or _joins(s, outputs)) and _source(s).args}
    if not single(found.program):
        rows = {s.op for s in kept}
        alike = Counter(kind(s) for s in steps if s.op in rows)
        kept = {s for s in kept if alike[kind(s)] < TURNS}  # the others belong to the iterations of a loop
    found.made = [s for s in found.program.outputs if s.shape]
    found.made += [s for s in steps if s in kept and s not in outputs]
    for k, s in enumerate([*found.arrays, *found.made], start=GUARDS + 1):
        if id(s) not in found.given and (s in kept or not s.args):
            found.given[id(s)] = Place(k, 0, _strides(s.shape))
            found.roots[id(s)] = s


def _source(step: Step) -> Step:
    """The array of which a step is a view."""
    while step.op in _VIEWS:
        step = step.args[0]
    return step


def _joins(step: Step, outputs: set[Step]) -> bool:
    return step.op in _JOINS and (len(step.args) >= TURNS or step in outputs)


def _strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[k + 1 :]) for k in range(len(shape)))


def _view(found: Layout, step: Step, views: dict[int, NDArray[np.int8]]) -> bool:
    """Whether a step is a part of an array in memory, as it then is noted."""
    root = found.roots[id(step.args[0])]
    if not root.shape or (step.op == "getitem" and not basic(step.settings["index"])):
        return False
    if id(step) in found.given or any(step is s for s in found.program.outputs):
        return False
    part, whole = _seen(step, views[id(step.args[0])]), views[id(root)]
    if part.size and not np.may_share_memory(part, whole):
        return False
    offset = _offset(part, whole) if part.size else 0
    views[id(step)], found.roots[id(step)] = part, root
    found.given[id(step)] = Place(found.given[id(root)].pointer, offset, part.strides)
    return True


def _seen(step: Step, x: NDArray[np.int8]) -> NDArray[np.int8]:
    """What a view shows of an array, be it a single element."""
    if step.op != "getitem":
        return np.asarray(computation(step)(x))
    index = step.settings["index"]
    index = index if type(index) is tuple else (index,)
    return x[index if any(p is Ellipsis for p in index) else (*index, ...)]


def _offset(part: NDArray[np.int8], whole: NDArray[np.int8]) -> int:
    return part.ctypes.data - whole.ctypes.data


def _slot(pointer: int, k: int, step: Step) -> Place:
    return Place(pointer, k * SLOT // step.dtype.itemsize)


# -- results ------------------------------------------------------------------------------------------------


def _wanted(found: Layout) -> None:
    """Places for results, guards and the parts of arrays that are put together."""
    program, computed = found.program, {id(s) for s in found.steps}
    pointer, slots = GUARDS + 1 + len(found.arrays), 0
    for step in program.outputs:
        if not step.shape:
            found.results[id(step)].append(_slot(RESULTS, slots, step))
            slots += 1
            continue
        place = Place(pointer, 0, _strides(step.shape))
        if found.given.get(id(step)) != place:
            found.results[id(step)].append(place)
        pointer += 1
    for k, guard in enumerate(program.guards):
        if id(guard.step) in computed or id(guard.step) in found.given:
            found.results[id(guard.step)].append(Place(GUARDS, k))
    for step in found.made:
        if id(step) in computed and id(step) in found.given and id(step) not in found.ready:
            _parts(found, step)


def _parts(found: Layout, step: Step) -> None:
    """The places of the parts of a step that puts an array together, if each lies in one piece."""
    if step.op not in _JOINS or not prod(step.shape):
        return
    pointer, whole = found.given[id(step)].pointer, np.empty(step.shape, np.int8)
    places = []
    for a, key in zip(step.args, _keys(step), strict=True):
        part = whole[(*(key if type(key) is tuple else (key,)), None)]  # an array even where it is one element
        fits = part.size and part.flags.c_contiguous and part.size == prod(a.shape) and a.dtype == step.dtype
        if not fits:
            return
        places.append(Place(pointer, _offset(part, whole), _strides(a.shape)))
    found.ready.add(id(step))
    for a, place in zip(step.args, places, strict=True):
        found.results[id(a)].append(place)


def _keys(step: Step) -> list[Any]:
    """The indices of the parts."""
    if "index" in step.settings:
        return list(step.settings["index"])
    axis = step.settings["axis"] % len(step.shape)
    if step.op == "stack":
        return [(slice(None),) * axis + (k,) for k in range(len(step.args))]
    ends = np.cumsum([a.shape[axis] for a in step.args]).tolist()
    return [(slice(None),) * axis + (slice(end - a.shape[axis], end),) for a, end in zip(step.args, ends, strict=True)]
