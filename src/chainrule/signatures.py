"""What functions say of themselves: their names, and their arguments, of which some in C say nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any

POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def parameters(f: Callable[..., Any]) -> list[Parameter] | None:
    """The parameters of `f`; None where it does not say them."""
    try:
        return list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return None


def needed(f: Callable[..., Any]) -> list[str]:
    """The arguments by position that a call needs; [] where that is not known.

    >>> needed(lambda a, b, c=1.0, *rest: a)
    ['a', 'b']
    """
    return [p.name for p in parameters(f) or () if p.default is p.empty and p.kind in POSITIONAL]


def accepts(f: Callable[..., Any], count: int) -> bool:
    """Whether a call with `count` arguments by position is possible, as far as is known."""
    try:
        inspect.signature(f).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def by_name(*functions: Callable[..., Any]) -> dict[str, Any]:
    """Functions by their names, without an underscore in front."""
    return {f.__name__.lstrip("_"): f for f in functions}


def in_module(module: Any, *functions: Callable[..., Any]) -> dict[Any, Any]:
    """Functions by those of the same names in a module."""
    return {getattr(module, name): f for name, f in by_name(*functions).items()}
