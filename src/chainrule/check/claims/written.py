"""Arguments as they are written on a command line, with one meaning for every command."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
from typing import Any

import numpy as np

from chainrule.patterns import pattern

# What argparse takes for a number and not for an option; its own pattern knows neither -1e-3 nor -inf.
NEGATIVE = pattern(r"^-(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$|^-(?:inf|nan)$|^-[\[(].*$", re.IGNORECASE)


def knows_negatives(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a parser take `-1e-3` and `-inf` as arguments of an option."""
    parser._negative_number_matcher = NEGATIVE
    return parser


def argument(text: str) -> Any:
    """What is written after --at: a number, a list (as an array), a tuple or dict; anything else is a string.

    >>> argument("-2"), argument("[1, 2.5]"), argument("-inf"), argument("relu")
    (-2, array([1. , 2.5]), -inf, 'relu')
    """
    if text.strip().lower().lstrip("+-") in ("inf", "nan"):
        return float(text)
    try:
        found = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text
    return as_array(found)


def as_array(value: Any) -> Any:
    """Lists of numbers as arrays, also inside tuples and dicts."""
    if isinstance(value, dict):
        return {key: as_array(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(as_array, value))
    if isinstance(value, list):
        try:
            return np.array(value, dtype=float)
        except (ValueError, TypeError):
            return value
    return value


def points(written: list[list[str]]) -> list[Any]:
    """The points of `check`: each --at names one, by its arguments; a tuple alone holds them too, and a list of
    tuples several points.

    >>> points([["2"], ["3"]]), points([["1", "2.5"]]), points([["(1, 2)"]]), points([["[(1, 2), (3, 4)]"]])
    ([2.0, 3.0], [(1.0, 2.5)], [(1.0, 2.0)], [(1.0, 2.0), (3.0, 4.0)])
    """
    found: list[Any] = []
    for texts in written:
        values = [argument(text) for text in texts]
        wrong = [text for text, value in zip(texts, values, strict=True) if isinstance(value, str)]
        if wrong or any(isinstance(v, np.ndarray) and not v.size for v in values):
            raise ValueError(wrong[0] if wrong else texts[0])
        if len(values) > 1:
            found.append(tuple(map(_real, values)))
        elif isinstance(values[0], list):
            found += [tuple(map(_real, p)) if isinstance(p, tuple) else _real(p) for p in map(as_array, values[0])]
        elif isinstance(values[0], np.ndarray) and texts[0].replace(" ", "").startswith("[("):
            found += [tuple(map(float, row)) for row in values[0]]
        else:
            found.append(tuple(map(_real, values[0])) if isinstance(values[0], tuple) else _real(values[0]))
    return found


def written(point: Any) -> str:
    """A point as it is written after --at.

    >>> written((1.0, np.array([1.0, 2.0])))
    "1.0 '[1.0, 2.0]'"
    """
    values = point if isinstance(point, tuple) else (point,)
    return " ".join(shlex.quote(str(v.tolist() if isinstance(v, np.ndarray) else v)) for v in values)


def _real(value: Any) -> Any:
    """A number as it counts for a claim: a point that is differentiated by is real."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
