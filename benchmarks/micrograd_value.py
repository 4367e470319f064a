"""What programs need beyond micrograd's Value: functions in its own style, and a deeper recursion limit."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def sin(x: Any) -> Any:
    return _function("sin", x, math.sin(x.data), lambda: math.cos(x.data))


def exp(x: Any) -> Any:
    y = math.exp(x.data)
    return _function("exp", x, y, lambda: y)


def log(x: Any) -> Any:
    return _function("log", x, math.log(x.data), lambda: 1.0 / x.data)


def _function(name: str, x: Any, y: float, slope: Any) -> Any:
    from micrograd.engine import Value

    out = Value(y, (x,), name)

    def _backward() -> None:
        x.grad += slope() * out.grad

    out._backward = _backward
    return out


@contextmanager
def deep_recursion(depth: int) -> Iterator[None]:
    """micrograd sorts the graph by recursion, as deep as its longest chain of operations."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, depth))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
