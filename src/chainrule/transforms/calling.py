"""How a function of the user's is called with numbers that carry derivatives, and what is made of its results.

Nothing here differentiates: NumPy hides some errors in others, a function may catch a refusal, or look at its
arguments, or return what an earlier call has left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.assignment.in_place import now
from chainrule.carriers.gate import joined
from chainrule.carriers.lift import Lifted, given, lift
from chainrule.carriers.questions import ASKED
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import (
    REFUSALS,
    ArgumentError,
    ChainruleError,
    ShapeError,
    swallowed,
)
from chainrule.inputs import OPEN, refuse_ended
from chainrule.numbers import Carrier, primal
from chainrule.tracebacks import explained
from chainrule.transforms.plainly import compare


def called(f: Callable[..., Any], args: Any, level: int = 0) -> Any:
    """f(*args) for carriers, with our own explanation where NumPy hides it in another error. A refusal that f has
    caught is raised: the value that f then gave is not what it gives for plain numbers; and where f may have told its
    numbers from plain ones, it is called with these too, and AnotherFunction raised where the value differs. The level
    has ended then."""
    before, questions = REFUSALS[0], ASKED[0]
    if level:
        OPEN.add(level)
    try:
        y = f(*args)
        if len(OPEN) > 1 and level:  # what is written to and stacked belongs to this level, which is about to end
            y = trees.map(_whole, y)
    except Exception as error:
        if REFUSALS[0] != before and not isinstance(error, (ChainruleError, ValueError)):
            refusal = swallowed(before)
            if refusal is not None:  # struct.pack hides it in its own error
                raise explained(refusal) from error
        error = explained(error)
        raise error
    finally:
        if level:
            OPEN.discard(level)
    if REFUSALS[0] != before:
        refusal = swallowed(before)
        if refusal is not None:
            raise refusal
    if ASKED[0] != questions:
        compare(f, args, y)
    return y


def _whole(y: Any) -> Any:
    """A result with all that was assigned to it, and an array of carriers as one carrier."""
    return joined(y) if isinstance(y, np.ndarray) else now(y)


def settled(y: Any, level: float) -> Any:
    """A result as a number or a carrier of `level` or below: arrays of carriers joined, Values made inside the
    function (with Value(x), or left over from an inner derivative) opened.

    Raises ArgumentError for what an earlier call has left."""
    y = _whole(y)
    if isinstance(y, Carrier):
        if type(y) is COMPLEX_NUMBERS.kind:
            raise ArgumentError.here(
                "an array of objects holds complex numbers with derivatives; join them with cr.stack"
            )
        if int(y.level) != level:
            refuse_ended(y.level, always=True)
        while isinstance(y, Carrier) and y.level > level:
            y = y.primal
    return y


def of_arguments(
    f: Callable[..., Any] | Lifted, wanted: Sequence[int], args: Sequence[Any], settings: dict[str, Any]
) -> Callable[..., Any]:
    """`f` as a function of its arguments at the positions `wanted` only, the others fixed."""
    lifted: Callable[..., Any] = f.lifted() if isinstance(f, Lifted) else lift(f)
    if not settings and len(wanted) == len(args) and all(n == k for k, n in enumerate(wanted)):
        return lifted
    fixed = [given(x) for x in args]
    settings = {name: given(x) for name, x in settings.items()}

    def of_wanted(*chosen: Any) -> Any:
        full = list(fixed)
        for n, x in zip(wanted, chosen, strict=True):
            full[n] = x
        return lifted(*full, **settings)

    return of_wanted


def apart(f: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[[], Any]]:
    """For an f that returns (result, anything): a function of the result alone, and one that tells the last
    anything, as plain numbers."""
    lifted = lift(f)
    kept: list[Any] = [None]

    def result_only(*args: Any, **settings: Any) -> Any:
        whole = lifted(*args, **settings)
        if not isinstance(whole, tuple) or len(whole) != 2:
            raise ShapeError.here("has_aux=True expects f to return (value, anything)")
        kept[0] = trees.map(primal, whole[1])
        return whole[0]

    return result_only, lambda: kept[0]
