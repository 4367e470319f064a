"""What a rule decides by plain numbers: places, counts, conditions. No derivative goes through it.

A rule that turned a recorded number into an array would freeze it at what it is now. So it asks here: while a function
is recorded, the answer is a step of the program (`chosen`), or the recording holds where it is the same (`settled`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.functions.elsewhere import foreign_among
from chainrule.libraries import library
from chainrule.numbers import StandIn, primal


def below(x: Any) -> Any:
    """The number below all carriers, after all assignments to its elements."""
    x = primal(x)
    while isinstance(x, StandIn) and (then := primal(x.now())) is not x:
        x = then
    return x


def chosen(answer: Callable[..., Any], *args: Any) -> Any:
    """The array of whole numbers, conditions or constants that `answer` gives for plain arrays. Its shape depends on
    their shapes alone."""
    return _asked("chosen", answer, args)


def settled(answer: Callable[..., Any], *args: Any) -> Any:
    """What `answer` gives for plain arrays, plain itself: an array, or several, of any shape."""
    return _asked("settled", answer, args)


def _asked(how: str, answer: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    def of_arrays(*numbers: Any) -> Any:
        return answer(*[x if x is None or isinstance(x, str) else np.asarray(x) for x in numbers])

    plain = tuple(below(x) for x in args)
    like = foreign_among(plain)
    if like is not None:
        raise TypeError(f"its rule decides by numbers, and those of {library(like).name} are not copied to the host")
    for x in plain:
        if hasattr(x, how):  # it is recorded for a program
            return getattr(x, how)(of_arrays, plain)
    return of_arrays(*plain)


def same(a: Any, b: Any) -> bool:
    """Whether two answers, arrays or several of them, are equal; nan equals nan."""
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    floats = np.asarray(a).dtype.kind == "f"
    return bool(np.array_equal(a, b, equal_nan=floats))


def kind_of(x: Any) -> np.dtype[Any]:
    """The type of the numbers of `x`, which is not turned into an array for it."""
    found = getattr(primal(x), "dtype", None)
    return found if isinstance(found, np.dtype) else np.asarray(primal(x)).dtype
