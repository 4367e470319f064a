"""The line that repeats a check: what can be pasted is written out, what cannot is named as such."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.claims.claim import innermost, name_of
from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import foreign, local

LONGEST = 12  # numbers of an array that are written out
WIDEST = 300  # characters of points that are written out


def replay(f: Any, df: Any, judged: list[Judgement], settings: dict[str, Any], seed: int, at: Any) -> str:
    """The call of check that gives this report again: with `f` and `df` in place of functions that have no name.

    Points that were drawn are drawn again from the seed; of points that were given and cannot be written out, the
    worst is named.
    """
    point = [] if at is None else [f"at={_points(judged, at)}"]
    functions = [named(f, "f")] + ([named(df, "df")] if df is not None else [])
    return call("check", functions, point, settings, seed)


def call(check: str, things: list[tuple[str, str]], inputs: list[str], settings: dict[str, Any], seed: int) -> str:
    """The line that calls one of our checks with things that are named, and what has to be said about their names."""
    given = [name for name, _ in things] + inputs
    given += [f"{name}={pasteable(value)}" for name, value in settings.items() if value is not None]
    text = f"chainrule.{check}({', '.join(given)}, seed={seed})"
    remarks = list(dict.fromkeys(remark for _, remark in things if remark))
    return text + (f"   # {'; '.join(remarks)}" if remarks else "")


def _points(judged: list[Judgement], at: Any) -> str:
    """The points that were given, as they were given, or the worst of them where all would be too long."""
    everything = pasteable(at)
    if len(everything) <= WIDEST and "<" not in everything:
        return everything
    worst = next((j for j in judged if j.wrong), None) or next((j for j in judged if j.undecided), judged[0])
    args = worst.subject.args
    return pasteable(args[0] if len(args) == 1 and not isinstance(args[0], (tuple, list)) else args)


def named(function: Any, otherwise: str) -> tuple[str, str]:
    """What a function is called in a line of Python, and what has to be said about that name."""
    owner = getattr(function, "__self__", None)
    if owner is not None and not isinstance(owner, (type, ModuleType)) and hasattr(function, "__func__"):
        own = type(owner).__name__.lower()
        return f"{own}.{name_of(function)}", f"{own}: an object of the class {type(owner).__name__}"
    if isinstance(owner, type):
        return f"{owner.__qualname__}.{name_of(function)}", ""
    name = name_of(function) if hasattr(innermost(function), "__name__") else ""
    if name.isidentifier():
        return name, ""
    kind = "lambda" if name == "<lambda>" else f"an object of the class {type(function).__name__}"
    return otherwise, f"{otherwise}: {kind}"


def pasteable(x: Any) -> str:
    """A point as Python code.

    >>> pasteable((np.array([1.0, 2.0]), 3.0))
    '(np.array([1.0, 2.0]), 3.0)'
    """
    library = foreign(x)
    if library:
        make = "torch.tensor" if library == "torch" else "jax.numpy.array"
        numbers = local(x)
        kind = "" if str(x.dtype).endswith("float32") else f", dtype={'torch.' if library == 'torch' else ''}{_kind(x)}"
        return (
            f"{make}({numbers.tolist()!r}{kind})" if numbers.size <= LONGEST else f"<{library} array {numbers.shape}>"
        )
    if isinstance(x, np.ndarray):
        kind = "" if x.dtype in (np.float64, np.int64) else f", dtype=np.{x.dtype}"
        return f"np.array({x.tolist()!r}{kind})" if x.size <= LONGEST else f"<array of shape {x.shape}>"
    if isinstance(x, np.generic):
        return f"np.{x.dtype}({x.item()!r})"
    if isinstance(x, float) and not np.isfinite(x):
        return f"float('{x}')"
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k!r}: {pasteable(v)}" for k, v in x.items()) + "}"
    if isinstance(x, tuple):
        return "(" + ", ".join(map(pasteable, x)) + ("," if len(x) == 1 else "") + ")"
    if isinstance(x, list):
        return "[" + ", ".join(map(pasteable, x)) + "]"
    return repr(x)


def _kind(x: Any) -> str:
    return str(x.dtype).rpartition(".")[2]
