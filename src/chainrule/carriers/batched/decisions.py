"""What rules decide by the numbers of a batch: an answer for each example, or the one that all examples share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.functions import decided
from chainrule.errors import NeedsExamples

Answer = Callable[..., Any]


def chosen(answer: Answer, args: tuple[Any, ...], level: float) -> Any:
    """The answers for all examples, which have one shape, with the axis of the batch in front."""
    wholes, answers = _over_examples(answer, args, level)
    return decided.chosen(lambda *numbers: np.stack(answers(*numbers)), *wholes)


def settled(answer: Answer, args: tuple[Any, ...], level: float) -> Any:
    """The answer for the first example, where it is that for every other.

    Raises NeedsExamples where it is not."""
    wholes, answers = _over_examples(answer, args, level)
    first, *others = decided.settled(answers, *wholes)
    if not all(decided.same(first, other) for other in others):
        raise NeedsExamples.here("what numbers decide here is another thing for each example of a batch")
    return first


def _over_examples(answer: Answer, args: tuple[Any, ...], level: float) -> tuple[list[Any], Callable[..., list[Any]]]:
    """The numbers of all examples, and the function that answers for each of them."""
    held = [getattr(x, "level", None) == level for x in args]
    wholes = [x.whole if h else x for x, h in zip(args, held, strict=True)]

    def answers(*numbers: Any) -> list[Any]:
        count = next(len(x) for x, h in zip(numbers, held, strict=True) if h)
        if not count:
            raise NeedsExamples.here("a batch without examples, of a function that decides by numbers")
        return [answer(*[x[k] if h else x for x, h in zip(numbers, held, strict=True)]) for k in range(count)]

    return wholes, answers
