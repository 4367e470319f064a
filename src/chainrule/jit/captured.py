"""What a function reads besides its arguments, and whether it is still the same.

A program holds the arrays and numbers that the function found in its globals, closure and defaults. When one of
them changes afterwards, the program's answer would be an old one.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import StaleRecording, at_user_line
from chainrule.jit.reach import PLAIN, reachable
from chainrule.jit.signature import RANDOM


@dataclass(eq=False, slots=True)
class Captured:
    """Something under a name: `now()` looks it up, `was` is what it was, `contents` what an array held."""

    name: str
    now: Callable[[], Any]
    was: Any
    contents: np.ndarray[Any, Any] | None

    def check(self) -> None:
        """Raises StaleRecording when it is another number, or an array of other contents."""
        now = self.now()
        if now is self.was and self.contents is None:
            return
        if self.contents is None or not isinstance(now, np.ndarray):
            if type(now) is type(self.was) and (now == self.was or now != now):
                return
        elif same(now, self.contents):
            return
        raise StaleRecording(
            at_user_line(
                f"{self.name!r}, which a jitted function reads besides its arguments, has changed since it was "
                "recorded. Pass it as an argument; or call .forget() on the jitted function to record it again"
            )
        )


def same(a: Any, b: np.ndarray[Any, Any]) -> bool:
    """Whether two arrays agree bit by bit, so that nan equals itself."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.nbytes <= 4096:
        return bool(a.tobytes() == b.tobytes())
    if a.dtype.itemsize == 8 and a.strides[-1] == 8:
        return bool(np.array_equal(a.view(np.int64), b.view(np.int64)))
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def unchanged(outside: list[Captured]) -> Callable[[], bool]:
    """Whether all of them are still the same objects of the same contents, as one expression: every call asks. Where it
    says no, `check` looks more closely."""
    names: dict[str, Any] = {"same": same}
    tests = []
    for k, x in enumerate(outside):
        names |= {f"now{k}": x.now, f"was{k}": x.was, f"contents{k}": x.contents}
        tests.append(f"now{k}() is was{k}" + (f" and same(was{k}, contents{k})" if x.contents is not None else ""))
    found: Callable[[], bool] = eval(f"lambda: {' and '.join(tests) or True}", names)
    return found


def captured(f: Any) -> list[Captured]:
    """Every array, number and string that `f` and the functions it calls can look up by a name."""
    found = {}
    for name, value, now in reachable(f):
        if isinstance(value, np.ndarray) and now is not None:
            found[name, id(value)] = Captured(name, now, value, np.array(value))
        elif isinstance(value, PLAIN) and now is not None:
            found[name, id(value)] = Captured(name, now, value, None)
    return list(found.values())


def random_state(f: Any) -> dict[str, Any]:
    """Where the generators of random numbers stand that `f` can reach, each under a name."""
    shared = np.random.get_state(legacy=False)  # noqa: NPY002 - the one that np.random's functions draw from
    states: dict[str, Any] = {"random": random.getstate(), "np.random": pickle.dumps(shared)}
    for name, value, _ in reachable(f):
        if isinstance(value, RANDOM):
            states[name] = pickle.dumps(value)
    return states


def array(name: str, x: np.ndarray[Any, Any]) -> Captured:
    """An array that was met while recording."""
    return Captured(name, lambda: x, x, np.array(x))
