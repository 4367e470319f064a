"""A claim: a function together with the derivative someone says it has."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from types import CodeType
from typing import Any, NamedTuple, TypeVar

from chainrule import trees
from chainrule.errors import ArgumentError
from chainrule.records import record

Derivative = TypeVar("Derivative", bound=Callable[..., Any])

MARK = "__chainrule_claim__"


@record(frozen=True)
class Claim:
    """`derivative` is said to be the derivative of `function`; `at` holds points, None means: draw some.

    noted  arguments with which the file itself called the function, the first points where `at` is None
    loose  whether the claim was found by a name that is weak evidence

    >>> claim = Claim("dcube", lambda x: x**3, lambda x: 3 * x**2, "cubes.py", 7)
    >>> claim.where
    'cubes.py:7'
    """

    name: str
    function: Callable[..., Any]
    derivative: Callable[..., Any]
    path: str = ""
    line: int = 0
    at: Any = None
    kind: str = "gradient"
    settings: Mapping[str, Any] = field(default_factory=dict)
    cell: int | None = None
    noted: tuple[Any, ...] = ()
    loose: bool = False

    @property
    def where(self) -> str:
        """The place of the derivative: a line of a file, or a cell of a notebook."""
        return f"{self.path}:{self.line}" if self.cell is None else f"{self.path} cell {self.cell}"

    @property
    def place(self) -> str:
        """Where the claim was found, without the file."""
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}"


def as_gradient(claim: Claim) -> Claim:
    """A claim of the kind `force`, which is minus the gradient, as one about a gradient; any other as it is."""
    if claim.kind != "force":
        return claim

    @functools.wraps(claim.derivative)
    def gradient(*args: Any) -> Any:
        return trees.map(lambda x: -x, claim.derivative(*args))

    return replace(claim, derivative=gradient, kind="gradient")


class Mark(NamedTuple):
    """What `gradient_of` writes on a derivative."""

    function: Callable[..., Any]
    at: Any
    kind: str
    settings: Mapping[str, Any]


def gradient_of(
    function: Callable[..., Any], at: Any = None, *, kind: str = "gradient", **settings: Any
) -> Callable[[Derivative], Derivative]:
    """Mark a hand-written derivative, so that it is found under any name and checked at the points `at`.

    `at` is one point (a number, an array, a tuple of arguments) or a list of points; `settings` are handed on
    to `check`. The marked function itself is returned unchanged.

    >>> import math
    >>> @gradient_of(math.log, at=[0.5, 2.0, 30.0])
    ... def slope(x):
    ...     return 1 / x
    >>> slope(4.0)
    0.25
    >>> claim_of(slope).at
    [0.5, 2.0, 30.0]
    """
    if not callable(function):
        raise ArgumentError(
            f"gradient_of expects the function that is differentiated, got {type(function).__name__}: "
            "write @gradient_of(f) above the derivative of f"
        )

    if callable(at):
        raise ArgumentError("gradient_of marks the function below it: write @gradient_of(f) above the derivative of f")

    def mark(derivative: Derivative) -> Derivative:
        setattr(derivative, MARK, Mark(function, at, kind, settings))
        return derivative

    return mark


def claim_of(derivative: Callable[..., Any]) -> Claim | None:
    """The claim that `gradient_of` wrote on `derivative`; None where there is none."""
    mark = getattr(derivative, MARK, None)
    if not isinstance(mark, Mark):
        return None
    path, line = source_of(derivative)
    return Claim(name_of(derivative), mark.function, derivative, path, line, mark.at, mark.kind, dict(mark.settings))


def innermost(function: Any) -> Any:
    """The function below wrappers, partial applications and `numpy.vectorize`.

    >>> innermost(functools.partial(claim_of, None)) is claim_of
    True
    """
    seen: set[int] = set()
    while id(function) not in seen:
        seen.add(id(function))
        if isinstance(function, functools.partial):
            function = function.func
        else:
            function = getattr(function, "__wrapped__", getattr(function, "pyfunc", function))
    return function


def name_of(function: Callable[..., Any]) -> str:
    """The name a function was defined under."""
    return str(getattr(innermost(function), "__name__", type(function).__name__))


def source_of(function: Callable[..., Any]) -> tuple[str, int]:
    """The file and the line where a function begins; ("", 0) for one written in C."""
    code = getattr(innermost(function), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if isinstance(code, CodeType) else ("", 0)
