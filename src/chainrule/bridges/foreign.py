"""What both bridges share: what of a call crosses, and the rule by which derivatives do.

Of the arguments, floating-point numbers in whatever containers cross as what can be differentiated; whole numbers,
booleans, None and text are handed on as they are. Pullbacks give the cotangents of all numbers in one row, so that each
function has one result and the pullback of a pullback is made as any other.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import ops, trees
from chainrule.carriers.gate import joined
from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.errors import AnotherFunction, ArgumentError, CannotRecord, DroppedDerivative
from chainrule.inputs import as_number
from chainrule.numbers import StandIn, known, primal, shape
from chainrule.transforms.custom import custom_vjp
from chainrule.transforms.derived import AsMethod
from chainrule.transforms.jvp_vjp import vjp

Function = Callable[..., Any]
NAMES = ("__module__", "__name__", "__qualname__", "__doc__")


class Crossing(AsMethod):
    """A function that crosses: `f`, in the kinds of number of the other side."""

    def __init__(self, f: Function) -> None:
        if not callable(f):
            raise ArgumentError.here(f"expected a function, got {type(f).__name__}")
        self.f = f
        self.__name__ = type(f).__name__
        me: Any = self
        functools.update_wrapper(me, f, assigned=NAMES, updated=())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.__name__}>"

    def __reduce__(self) -> Any:
        return type(self), (self.f,)


class Arguments:
    """The arguments of a call as a list of leaves; those in `moving` are numbers that may be differentiated by."""

    def __init__(self, leaves: list[Any], fill: Callable[[list[Any]], Any], moves: Callable[[Any], bool]) -> None:
        self.leaves, self.fill = leaves, fill
        self.moving = [k for k, x in enumerate(leaves) if moves(x)]

    @property
    def numbers(self) -> list[Any]:
        return [self.leaves[k] for k in self.moving]

    def still(self, given: Callable[[Any], Any]) -> None:
        """Put given(x) in the place of each leaf that does not move."""
        moving = set(self.moving)
        self.leaves = [x if k in moving else given(x) for k, x in enumerate(self.leaves)]

    def of_numbers(self, crossing: Crossing) -> Function:
        """The function as one of the numbers that move."""
        f = crossing.f

        def of(*numbers: Any) -> Any:
            leaves = list(self.leaves)
            for k, x in zip(self.moving, numbers, strict=True):
                leaves[k] = x
            args, settings = self.fill(leaves)
            return f(*args, **settings)

        of.__name__ = crossing.__name__
        return of


def of_ours(args: Any, settings: Any) -> Arguments:
    """The arguments of a call on our side: Values, floats and arrays move."""
    leaves, structure = trees.flatten((args, settings))
    leaves = [_settled(x) for x in leaves]
    return Arguments(leaves, lambda leaves: trees.unflatten(structure, leaves), floating)


def _settled(x: Any) -> Any:
    x = joined(x) if isinstance(x, np.ndarray) else x.now() if isinstance(x, StandIn) else x
    if is_complex(x) or isinstance(primal(x), COMPLEX_NUMBERS.kind):
        raise refused_complex("an argument")
    return x


def floating(x: Any) -> bool:
    """Whether a leaf may be differentiated by."""
    return isinstance(x, (StandIn, float, np.floating)) or getattr(getattr(x, "dtype", None), "kind", "") == "f"


def without_floats(arguments: Arguments) -> None:
    """Where no leaf is a floating-point number, whole numbers are the numbers, and move."""
    if not arguments.moving:
        arguments.moving = [k for k, x in enumerate(arguments.leaves) if _whole(x)]


def _whole(x: Any) -> bool:
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    return kind in ("i", "u") if kind else isinstance(x, int) and not isinstance(x, bool)


def refused_complex(what: str) -> ArgumentError:
    return ArgumentError.here(
        f"derivatives cross by real numbers, and {what} is complex (frameworks differ by a conjugate);\n"
        "  cross with its real and its imaginary part, and join them on the other side"
    )


def pullback_of(f: Function, active: Sequence[bool], seen: Any = None) -> Function:
    """(*numbers, cotangent) -> the cotangents of the active numbers in one row.

    seen   the value that f had, which it should have again
    """

    def pullback(*given: Any) -> Any:
        *args, ct = given
        wanted = [x for x, moves in zip(args, active, strict=True) if moves]

        def of_active(*some: Any) -> Any:
            rest = iter(some)
            return one_number(f(*[next(rest) if moves else x for x, moves in zip(args, active, strict=True)]))

        y, pull = vjp(of_active, *wanted)
        refuse_another(f, known(y), seen)
        if shape(y) != shape(ct):
            raise ArgumentError.here(f"expected a cotangent of shape {shape(y)}, got {shape(ct)}")
        return ops.concatenate([ops.reshape(as_number(found), (-1,)) for found in pull(ct)])

    return pullback


def refuse_another(f: Any, y: Any, seen: Any) -> None:
    """Raises AnotherFunction where f gives something else when it is computed a second time, for its derivative."""
    if seen is None or y is None:
        return
    y, seen = np.asarray(y), np.asarray(seen)
    room = 1e-3 * np.abs(seen[np.isfinite(seen)]).max(initial=0.0)
    if y.shape != seen.shape or not np.allclose(y, seen, rtol=1e-3, atol=room, equal_nan=True):
        raise AnotherFunction.here(
            f"{getattr(f, '__name__', 'the function')} gives another value when it is computed again for its "
            "derivative;\n  draw random numbers outside of it and pass them as arguments (a network with dropout: "
            ".eval())"
        )


def parted(row: Any, sizes: list[tuple[int, ...]]) -> list[Any]:
    """A row cut into parts of these shapes."""
    found, start = [], 0
    for size in sizes:
        n = math.prod(size)
        found.append(row[start : start + n].reshape(size) if size else row[start])
        start += n
    return found


class FromElsewhere(Crossing):
    """A function of another library's arrays as one of numbers and arrays of ours."""

    library = ""

    def still(self, x: Any) -> Any:
        """What of the arguments is held fixed, as that library has it."""
        raise NotImplementedError

    def ruled(self, f: Function, name: str) -> Function:
        """f, a function of that library's arrays of floating-point numbers alone, as one of ours with a rule."""
        raise NotImplementedError

    def __call__(self, *args: Any, **settings: Any) -> Any:
        given = of_ours(args, settings)
        without_floats(given)
        given.still(self.still)
        try:
            return self.ruled(given.of_numbers(self), self.__name__)(*given.numbers)
        except CannotRecord:
            said = (
                f"jit records no function of {self.library}'s ({self.__name__}); call it outside of the jitted function"
            )
            raise CannotRecord.here(said) from None


def with_rule(name: str, value: Function, pullback: Callable[[int, Any], Function]) -> Function:
    """`value`, a function of plain arrays, with a reverse rule: pullback(n, y), where it has the value y, is a function
    with a rule of its own that takes n numbers and a cotangent and gives their cotangents in one row, so derivatives of
    every order follow."""
    seen: list[Any] = [None]

    def call(*args: Any) -> Any:
        seen[0] = value(*args)
        return seen[0]

    call.__name__ = call.__qualname__ = name
    rule = custom_vjp(call)

    def backward(saved: tuple[Any, ...], ct: Any) -> tuple[Any, ...]:
        one_number(ct)
        return tuple(parted(pullback(len(saved), seen[0])(*saved, ct), [shape(x) for x in saved]))

    rule.defvjp(lambda *args: (None, args), backward, verify=False)
    return rule


def one_number(y: Any) -> Any:
    """A result on our side, one number or array. Raises ArgumentError for containers, None and complex numbers."""
    y = joined(y) if isinstance(y, np.ndarray) else y.now() if isinstance(y, StandIn) else y
    if not (isinstance(y, (StandIn, float, int, np.generic)) or hasattr(y, "shape")):
        raise refused_result(y)
    if is_complex(y) or isinstance(primal(y), COMPLEX_NUMBERS.kind):
        raise refused_complex("the result")
    return y


def refused_result(y: Any) -> Exception:
    """What to raise for a result that is no number of the side it comes from."""
    kind = type(y).__name__
    if isinstance(y, StandIn):
        said = "reads a number that is differentiated from outside, not from its arguments; pass it as an argument"
        return DroppedDerivative.here(f"the function of the other framework {said}")
    if y is None:
        said = "it has no return"
    elif isinstance(y, (tuple, list)):
        said = "write one for each, or join them into one array"
    else:
        said = "return one"
    return ArgumentError.here(f"expected one number or one array as the result, got {kind}; {said}")


def plain(x: Any) -> Any:
    """A number of another framework as a float or a NumPy array of its own."""
    y = np.array(x)
    return y.item() if y.ndim == 0 and y.dtype == np.float64 else y


def still(x: Any) -> Any:
    """An array of another framework that does not move, as an argument on our side: a single one as Python's number."""
    y = np.array(x)
    return y.item() if y.ndim == 0 else y
