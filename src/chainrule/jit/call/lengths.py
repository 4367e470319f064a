"""The lengths for which a jitted function was compiled. From the third on its programs share machine code."""

from __future__ import annotations

import warnings
from typing import Any

from chainrule.errors import JitWarning, user_line
from chainrule.jit.extrapolate import Known
from chainrule.jit.program import Program
from chainrule.jit.run.alike import Alike
from chainrule.jit.run.machine import SHARED

FEW = 2
"""Lengths that each get machine code of their own, which knows all numbers: a hundredth faster than shared code."""

MANY = 8
"""Lengths with machine code of their own after which the user is told what that costs."""

KEPT = 256
"""Shapes that are remembered of each kind of arguments."""


class Lengths:
    """The shapes of arguments of one function, by what they have in common: their types and numbers of axes."""

    def __init__(self) -> None:
        self._shapes: dict[Any, dict[Any, bool]] = {}  # whether it has machine code of its own
        self._alike: dict[Any, Alike] = {}
        self._told: set[Any] = set()
        self._known: dict[Any, Known] = {}

    def alike(self, recorded: Program) -> Alike | None:
        """The programs that share machine code with one for other lengths; None for the first few lengths."""
        kinds, shape = _kinds(recorded)
        shapes = self._shapes.setdefault(kinds, {})
        shapes.setdefault(shape, False)
        if len(shapes) > KEPT:
            del shapes[next(iter(shapes))]
        if len(shapes) <= FEW:
            return None
        found = self._alike.setdefault(kinds, Alike())
        found.lengths = frozenset(
            n for k, size in enumerate(shape) for axis, n in enumerate(size) if len({s[k][axis] for s in shapes}) > 1
        )
        return found

    def known(self, recorded: Program) -> Known:
        """What is known of long programs for these and other lengths."""
        return self._known.setdefault(_kinds(recorded)[0], Known())

    def note(self, recorded: Program, origin: str, seconds: float) -> None:
        """Where the machine code of a program came from. Warns once where most lengths take code of their own."""
        kinds, shape = _kinds(recorded)
        shapes = self._shapes.setdefault(kinds, {})
        shapes[shape] = shapes.get(shape, False) or origin != SHARED
        own = [shape for shape, has in shapes.items() if has]
        if len(own) > MANY and 2 * len(own) > len(shapes) and kinds not in self._told:
            self._told.add(kinds)
            path, line = user_line()
            listed = "; ".join(", ".join(str(list(size)) for size in shape) for shape in own[-3:])
            warnings.warn_explicit(
                f"jit has compiled this function for {len(own)} different lengths of its arguments (shapes {listed}), "
                f"the last one in {seconds * 1e3:.0f} ms, and their programs are too different to share machine code. "
                "Pad the arrays to a few lengths, or compute with whole arrays where a loop goes over their elements",
                JitWarning,
                path or "jit",
                line,
            )


def _kinds(recorded: Program) -> tuple[Any, Any]:
    """What arguments of any length have in common, and what the shapes are."""
    inputs = recorded.inputs
    return tuple([(s.dtype, len(s.shape)) for s in inputs]), tuple([s.shape for s in inputs if s.shape])
