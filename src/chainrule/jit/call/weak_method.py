"""A function as the method of an object that it does not keep alive."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


class Bound:
    """`function` bound to what `there()` returns, for as long as it does."""

    __slots__ = ("function", "there")

    def __init__(self, function: Callable[..., Any], there: Callable[[], Any]) -> None:
        self.function, self.there = function, there

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self.function(self.there(), *args, **settings)


def plain(f: Any) -> Any:
    """A function as Python binds it."""
    return types.MethodType(f.function, f.there()) if isinstance(f, Bound) else f
