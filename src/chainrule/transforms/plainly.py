"""The value of a function for plain numbers, beside the one that it gave while it was traced."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.identity import Identity
from chainrule.carriers.questions import plain_number
from chainrule.errors import AnotherFunction, ArgumentError, ChainruleError
from chainrule.libraries import is_foreign, library
from chainrule.numbers import StandIn, primal


def compare(f: Callable[..., Any], args: Any, y: Any, settings: Any = None) -> None:
    """Call `f`, which gave `y` for traced numbers, with the plain ones they stand for.

    Raises AnotherFunction where the values differ, unless f, called once more, gives a third: its values are drawn."""
    given: Any = list(args)
    plain: Any = trees.map(plain_number, given)
    settings = trees.map(plain_number, settings) if settings else {}
    try:
        expected = called_plainly(f, plain, settings)
    except ChainruleError:
        raise
    except Exception as error:
        raise AnotherFunction.here(
            f"f raises {type(error).__name__} ({error}) for plain numbers and gives {y!r} while it is "
            f"differentiated: {_WAY}"
        ) from error
    if not alike(y, expected):
        again = f(*plain, **settings)
        if alike(expected, again):
            raise _another(y, expected)


def called_plainly(f: Callable[..., Any], args: Any, settings: dict[str, Any]) -> Any:
    """f of plain numbers. Where NumPy's functions in it do not take another library's array, rows compute with it."""
    try:
        return f(*args, **settings)
    except TypeError:
        given: Any = list(args)
        if not any(map(is_foreign, trees.flatten(given)[0])):
            raise
        return f(*trees.map(lambda x: Identity(x) if is_foreign(x) else x, given), **settings)


def same_as_plain(f: Callable[..., Any], args: Any, settings: dict[str, Any], value: Any, has_aux: bool) -> None:
    """Raise AnotherFunction unless f gives for these plain numbers the value that it gave for traced ones."""
    plain = called_plainly(f, args, settings)
    value, plain = (value[0], plain[0]) if has_aux else (value, plain)
    if not alike(primal(value), plain):
        raise _another(primal(value), plain)


def alike(y: Any, expected: Any) -> bool:
    """Whether numbers, or containers of them, agree to half of their digits."""
    (found, structure), (others, shape) = _leaves(y), _leaves(expected)
    return structure == shape and all(map(_near, found, others))


def _leaves(y: Any) -> tuple[list[Any], Any]:
    """The plain numbers in a result, and how they belong together."""
    if isinstance(y, (np.ndarray, StandIn)):
        return [y], trees.SINGLE
    try:
        return trees.in_parts(y)  # of complex numbers
    except (ArgumentError, TypeError):
        return [], None


def _near(x: Any, y: Any) -> bool:
    if is_foreign(plain_number(x)):
        return _near_there(plain_number(x), plain_number(y))
    try:
        a, b = np.asarray(_of_objects(x)), np.asarray(_of_objects(y))
        if a.dtype.kind not in "fiubc" or b.dtype.kind not in "fiubc":
            return True
        kind: Any = a.dtype if a.dtype.kind in "fc" else np.float64
        return a.shape == b.shape and bool(
            np.allclose(a, b, rtol=math.sqrt(np.finfo(kind).eps), atol=0, equal_nan=True)
        )
    except (TypeError, ValueError):
        return True


def _near_there(a: Any, b: Any) -> bool:
    """`_near` of arrays of another library, where they lie."""
    xp = library(a).xp
    if not is_foreign(b) or a.shape != b.shape or not xp.isdtype(a.dtype, ("real floating", "complex floating")):
        return True
    close = abs(a - b) <= math.sqrt(xp.finfo(a.dtype).eps) * abs(b)
    return bool(xp.all(close | (a == b) | ((a != a) & (b != b))))


def _of_objects(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype == object:
        return np.array([plain_number(v) for v in x.flat]).reshape(x.shape)
    return plain_number(x)


def _another(value: Any, plain: Any) -> AnotherFunction:
    found = trees.map(plain_number, value)
    return AnotherFunction.here(f"f gives {plain} for plain numbers, and {found} while it is differentiated: {_WAY}")


_WAY = (
    "it asks what kind of number it is given\n  (type(x) is float, a set or dict, a try around float(x), isinstance in "
    "a method)\n  and goes another way, whose derivative this is"
)
