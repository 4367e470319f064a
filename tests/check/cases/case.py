"""One case of the corpus: a function, a claimed derivative, and what the checker should say."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """`df` is claimed to be the derivative of `f`.

    right     whether it is
    named     words one of which the diagnosis of a mistake must hold; () when it cannot be named exactly
    open      the reasons for which UNDECIDED would be true here
    settings  further arguments of `check`
    """

    name: str
    f: Callable[..., Any]
    df: Callable[..., Any]
    at: Any = None
    right: bool = False
    named: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.name.encode()) % 2 == 1

    def __repr__(self) -> str:
        return self.name


def wrong(name: str, f: Any, df: Any, at: Any = None, named: str | tuple[str, ...] = (), **settings: Any) -> Case:
    """A planted mistake."""
    return Case(name, f, df, at, named=(named,) if isinstance(named, str) else named, settings=settings)


def right(name: str, f: Any, df: Any, at: Any = None, open: str | tuple[str, ...] = (), **settings: Any) -> Case:
    """A correct derivative."""
    return Case(name, f, df, at, right=True, open=(open,) if isinstance(open, str) else open, settings=settings)


def opaque(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as compiled code would be: it takes plain floats only, so that nothing can be traced through it."""

    def plain(x: Any) -> Any:
        return np.array([float(v) for v in x]) if np.ndim(x) else float(x)

    def call(*args: Any) -> Any:
        return f(*map(plain, args))

    return call


def numbers(*shape: int, seed: int = 0) -> Any:
    """Standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def gauss(x: float) -> float:
    return math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


__all__ = ["Case", "gauss", "numbers", "opaque", "right", "sigmoid", "wrong"]
