"""Backward passes in the convention of courses, forward(...) -> out, cache and backward(dout, cache): each right, with
mistakes that people make. A mistake is a change of the text, so that it differs from the right pass in nothing else."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

import numpy as np

random = np.random.default_rng(2026)


def n(*shape, scale=1.0):
    return scale * random.standard_normal(shape)


@dataclass
class Layer:
    """A pair of functions as text, its arguments, and mistakes: (what is replaced, by what, words of the cause)."""

    name: str
    text: str
    at: tuple
    mistakes: list = field(default_factory=list)

    def functions(self, change=None):
        """(forward, backward), with a change (old, new) of the text of backward."""
        text = textwrap.dedent(self.text)
        if change is not None:
            head, backward, tail = text.partition("def backward")
            assert change[0] in tail, f"{self.name}: {change[0]!r} is not in the text"
            text = head + backward + tail.replace(change[0], change[1])
        space = {"np": np}
        exec(compile(text, self.name, "exec"), space)
        return space["forward"], space["backward"]
