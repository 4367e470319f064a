"""The line that repeats a check: what can be pasted is written out, what cannot is named as such."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.check.claims.claim import name_of
from chainrule.check.judging.judgement import Judgement
from chainrule.check.subject import foreign, local

LONGEST = 12  # numbers of an array that are written out


def replay(f: Any, df: Any, judged: list[Judgement], settings: dict[str, Any]) -> str:
    """A call of check that repeats the worst point: with `f` and `df` in place of functions that have no name."""
    worst = next((j for j in judged if j.wrong), None) or next((j for j in judged if j.undecided), judged[0])
    args = worst.subject.args
    point = pasteable(args[0] if len(args) == 1 and not isinstance(args[0], (tuple, list)) else args)
    extra = "".join(f", {name}={value!r}" for name, value in settings.items())
    second = _named(df, "df") if df is not None else "None"
    text = f"chainrule.check({_named(f, 'f')}, {second}, at={point}{extra})"
    unnamed = [n for n, g in (("f", f), ("df", df)) if g is not None and not _named(g, "").isidentifier()]
    return text + (f"   # {' and '.join(unnamed)}: lambda" + "s" * (len(unnamed) > 1) if unnamed else "")


def _named(function: Any, otherwise: str) -> str:
    name = name_of(function)
    return name if name.isidentifier() else otherwise


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
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k!r}: {pasteable(v)}" for k, v in x.items()) + "}"
    if isinstance(x, tuple):
        return "(" + ", ".join(map(pasteable, x)) + ("," if len(x) == 1 else "") + ")"
    if isinstance(x, list):
        return "[" + ", ".join(map(pasteable, x)) + "]"
    return repr(x)


def _kind(x: Any) -> str:
    return str(x.dtype).rpartition(".")[2]
