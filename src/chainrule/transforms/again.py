"""Transforms that look again: where a derivative came out nan, or something left the range of floats on the way.

The first pass is the plain one, and forgets its recording. These run the function once more and ask whether nan comes
from a branch that was not taken, what the limits along a line are, and how large what left the range is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.libraries import late
from chainrule.numbers import Number, StandIn, known, shape
from chainrule.ops import scaled
from chainrule.sweeps.cotangents import missing
from chainrule.transforms.recorded import record
from chainrule.transforms.results import only_result, split_aux

tangents_by_limits = late("chainrule.sweeps.limits.tangents_by_limits")

Push = Callable[[list[Number], bool], Any]
"""(tangents, whether branches are told apart) -> (values, tangents of the results, their structure, what left)."""


def same_number(a: Number, b: Number) -> bool:
    """Whether two numbers are the same, below all carriers; nan is nan."""
    a, b = known(a), known(b)
    return shape(a) == shape(b) and bool(np.all(np.equal(a, b) | np.not_equal(a, a) & np.not_equal(b, b)))


def same_numbers(a: list[Number], b: list[Number]) -> bool:
    return len(a) == len(b) and all(map(same_number, a, b))


def gradient_again(recording: Any, has_aux: bool, verb: str, value: Number, ct: Number) -> list[Number] | None:
    """The gradient by another recording of the function, which is kept until all is known. None where the function
    gave another value this time."""
    if has_aux:
        split_aux(recording)
    if not same_number(only_result(recording, verb), value):
        return None
    found: list[Number] = recording.pull(recording.results[0], ct)
    return found


def tangents_again(
    push: Push,
    f: Any,
    points: list[Number],
    tangents: list[Number],
    structure: Any,
    values: list[Number],
    moved: list[Number],
    left: bool,
) -> list[Number]:
    """Tangents that came out as `moved`, of a lifted function of `points` that gives `values`. Where the function gives
    other values this time they stay."""
    told_apart = any(map(missing, moved))
    if told_apart:  # of a branch that was not taken, perhaps
        again, masked, *_ = push(tangents, True)
        moved = masked if same_numbers(values, again) else moved

    def larger(exponent: int) -> Any:
        same, found, _, lost = push([scaled.times_power(t, exponent) for t in tangents], told_apart)
        return (found, lost) if same_numbers(values, same) else None

    if left:
        moved = scaled.brought_back(moved, scaled.exponents(tangents, points), larger)
    if not told_apart or not any(map(missing, moved)) or any(isinstance(x, StandIn) for x in (*points, *tangents)):
        return moved
    recording = record(f, points, structure)
    plain = [recording.plain(y) for y in recording.results]
    limits: list[Number] = tangents_by_limits(moved, recording, tangents) if same_numbers(values, plain) else moved
    return limits
