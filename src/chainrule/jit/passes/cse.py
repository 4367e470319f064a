"""Common subexpressions: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from chainrule.jit.program import CONSTANT, INPUT, Step

SMALL = 4096
"""Bytes up to which constant arrays are compared."""


class Seen:
    """The steps met so far, by what they compute."""

    def __init__(self) -> None:
        self._steps: dict[Hashable, Step] = {}
        self._known: set[Step] = set()

    def same(self, step: Step) -> Step:
        """The first step that computes the same as `step`."""
        if step.op == INPUT:
            return step
        if step.op == CONSTANT:
            settings = settings_key(step.settings["value"])
        elif step.settings:
            settings = settings_key(step.settings)
        else:
            settings = None
        found = self._steps.setdefault((step.op, step.args, settings, step.dtype.num), step)
        self._known.add(found)
        return found

    def written(self, step: Step, made: Step) -> Step:
        """What computes `made`, which a rule wrote in place of `step`; what that is computed from may be known, too."""
        if made in self._known or made.op == INPUT:
            return made
        if made is not step:
            args = tuple([self.written(step, a) for a in made.args])
            if args != made.args:
                made = Step(made.op, args, made.settings, made.shape, made.dtype, made.line, made.at)
            made.at = made.at or step.at
        return self.same(made)


def settings_key(x: Any) -> Hashable:
    """Settings as something to compare: equal keys mean equal settings."""
    kind = type(x)
    if kind is dict:
        return tuple([(name, settings_key(part)) for name, part in x.items()])
    if kind in (tuple, list):
        return (kind, *[settings_key(part) for part in x])
    if kind is slice:
        return ("slice", settings_key(x.start), settings_key(x.stop), settings_key(x.step))
    if kind is np.ndarray:
        return (x.shape, x.dtype, x.tobytes()) if x.nbytes <= SMALL else ("array", id(x))
    if isinstance(x, (float, np.generic)):
        return (kind, x.hex() if isinstance(x, float) else x.tobytes())  # 0.0 and -0.0 differ, nan is nan
    try:
        hash(x)
    except TypeError:
        return ("object", id(x))
    return (kind, x)
