"""Results that a pass leaves in attributes of its object instead of returning them: `self.output`, `self.dinputs`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chainrule.check.backward.arrays import Path
from chainrule.check.backward.attributes import attributes
from chainrule.check.backward.passes import is_number

OUTPUTS = ("output", "outputs", "out", "y", "a", "z", "activation", "activations", "result", "probs", "predictions")
INPUT_GRADIENT = re.compile(
    r"d_?(inputs?|x|in|data|prev|a_?prev)|(grad|g|delta)_?(inputs?|x|in|prev)|(inputs?|x|in|prev)_?(grad|gradient|delta)",
    re.IGNORECASE,
)


def output_left(thing: Any) -> Any:
    """The result that a forward pass without a `return` left in its object; None where there is none.

    >>> class Double:
    ...     def forward(self, x): self.output = 2 * x
    >>> layer = Double()
    >>> result(layer, layer.forward(1.5))
    3.0
    """
    held = {name.strip("_").lower(): value for name, value in attributes(thing).items()}
    return next((held[name] for name in OUTPUTS if name in held and is_number(held[name])), None)


def result(thing: Any, returned: Any) -> Any:
    """What a pass of an object gave: what it returned, else what it left."""
    return output_left(thing) if returned is None else returned


def called(forward: Any, *args: Any) -> Any:
    """The result of a forward pass, a function or a method."""
    return result(getattr(forward, "__self__", None), forward(*args))


def gradient_left(arrays: Mapping[str, Path]) -> str:
    """The name of the attribute in which a backward pass left the gradient of its input; "" for none."""
    return next((n for n, path in arrays.items() if len(path) == 1 and INPUT_GRADIENT.fullmatch(n.strip("_"))), "")
