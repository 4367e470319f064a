"""All rules for NumPy's functions. They are imported when the first is asked for: with those of complex numbers, which
many functions make of real ones, they are a fifth of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chainrule.carriers.complexes import FUNCTIONS
from chainrule.carriers.functions.plain import PLAIN
from chainrule.carriers.gate import COMPLEX

NAMES = frozenset(f.__name__ for f in FUNCTIONS) | {"reduce", "accumulate", "reduceat", "outer"}


def rule_of(function: Any) -> Callable[..., Any] | None:
    """The rule of one of NumPy's functions, if it has one."""
    return FUNCTIONS.get(function)


def complex_rules() -> dict[Any, Callable[..., Any] | None]:
    """The functions that take complex numbers."""
    return COMPLEX


def names_any(names: Iterable[str]) -> bool:
    """Whether one of the names is that of a function with a rule, or of a ufunc's method."""
    return not NAMES.isdisjoint(names)


__all__ = ["FUNCTIONS", "PLAIN", "complex_rules", "names_any", "rule_of"]
