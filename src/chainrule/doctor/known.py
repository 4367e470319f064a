"""What becomes of a call of a function of NumPy's, SciPy's or math's: asked of the tables that hold the rules."""

from __future__ import annotations

import functools
import importlib
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule.carriers.assignment.writing import WRITERS
from chainrule.carriers.functions.rules import FUNCTIONS, PLAIN
from chainrule.carriers.gate import entry, full_name
from chainrule.carriers.math_rows import ROW_OF
from chainrule.carriers.numpy import PLAIN_UFUNCS, UFUNCS
from chainrule.carriers.refusals import no_float, no_rule, no_setting
from chainrule.carriers.replaced import of_scipy, replacement
from chainrule.doctor.said import said
from chainrule.errors import UnsupportedFunction, forgiven
from chainrule.ops.kinds import PiecewiseConstant

LIBRARIES = frozenset({"numpy", "scipy", "math", "cmath"})
"""Whose functions are known one by one."""
SUPPORTED, CONSTANT, REFUSED, UNKNOWN = "supported", "constant", "refused", "unknown"


class Answer(NamedTuple):
    """What becomes of a call, in a word and in a sentence, and what to write instead."""

    state: str
    what: str = ""
    way: str = ""


@functools.lru_cache(maxsize=4096)
def thing(path: str) -> Any:
    """What a dotted name is, of the libraries that are known; None for what there is not.

    >>> thing("numpy.linalg.norm") is np.linalg.norm, thing("numpy.nothing")
    (True, None)
    """
    parts = path.split(".")
    if parts[0] not in LIBRARIES:
        return None
    try:
        found: Any = importlib.import_module(parts[0])
    except ImportError:
        return None
    for k, name in enumerate(parts[1:], start=1):
        inner = getattr(found, name, None)
        if inner is None and isinstance(found, types.ModuleType):
            try:
                inner = importlib.import_module(".".join(parts[: k + 1]))
            except ImportError:
                return None
        if inner is None:
            return None
        found = inner
    return found


def answer(path: str) -> Answer:
    """What becomes of a call of the function with that dotted name.

    >>> answer("numpy.sin").state, answer("numpy.floor").state, answer("scipy.optimize.milp").state
    ('supported', 'constant', 'refused')
    """
    found = thing(path)
    if found is None:
        return Answer(UNKNOWN)
    name = path.replace("numpy", "np", 1) if path.startswith("numpy.") else path
    if path.startswith(("math.", "cmath.")):
        return _of_math(found, name)
    if path.startswith("scipy.") and (of_scipy(found) or callable(found)):
        return _of_scipy(found, name)
    if isinstance(found, np.ufunc):
        return _of_ufunc(found, name)
    return _of_numpy(found, name)


def _of_math(found: Any, name: str) -> Answer:
    short = name.partition(".")[2]
    if name.startswith("cmath."):
        return _refused(name)
    if replacement(found) is found:
        if not callable(found):
            return Answer(SUPPORTED)
        return Answer(REFUSED, *said(lambda: no_float(0.0), f"{name} makes a plain float of a recorded number"))
    if short in ROW_OF or short not in ("isfinite", "isinf", "isnan", "isclose", "floor", "ceil", "trunc"):
        return Answer(SUPPORTED)
    return _constant() if short in ("floor", "ceil", "trunc") else Answer(SUPPORTED)


def _of_ufunc(ufunc: np.ufunc, name: str) -> Answer:
    if ufunc in PLAIN_UFUNCS:
        return Answer(SUPPORTED)  # truth values: what asks them is told as a branch
    rule = UFUNCS.get(ufunc)
    if rule is None:
        return _refused(name)
    compares = ufunc.types and all(kind.endswith("?") for kind in ufunc.types)
    return _constant() if isinstance(rule, PiecewiseConstant) and not compares else Answer(SUPPORTED)


def _of_numpy(function: Any, name: str) -> Answer:
    if function in PLAIN:
        return _constant(whole=True) if _depends_on_values(function) else Answer(SUPPORTED)
    known = FUNCTIONS.get(function)
    if known is not None:
        return _constant() if isinstance(known, PiecewiseConstant) else Answer(SUPPORTED)
    if function in WRITERS or replacement(function) is not function:
        refuses = getattr(replacement(function), "refuses", False)
        return _refused(name) if refuses else Answer(SUPPORTED)
    if isinstance(function, type):
        return _of_class(function, name)
    if hasattr(function, "_implementation"):  # asks its arguments, which then refuse
        return _refused(name)
    if name.startswith(("np.random.", "np.polynomial.", "np.ma.", "np.lib.", "np.matlib.")):
        what = f"{name} computes with plain numbers"
        way = "mu + sigma * z with a drawn z in place of a draw from N(mu, sigma)" if "random" in name else ""
        return Answer(REFUSED, what, way or _instead())
    return Answer(UNKNOWN)


def _of_class(kind: type, name: str) -> Answer:
    if issubclass(kind, np.ndarray) and kind is not np.ndarray:
        return Answer(REFUSED, f"arrays of {name} have an arithmetic of their own", "a plain array: np.asarray(x)")
    return Answer(UNKNOWN)


def _of_scipy(found: Any, name: str) -> Answer:
    if isinstance(found, types.ModuleType):
        return Answer(UNKNOWN)
    if isinstance(found, types.MethodType):
        return _of_method(found, name)
    new = replacement(found)
    if new is found:
        return Answer(UNKNOWN) if isinstance(found, type) or not callable(found) else _refused(name)
    if getattr(new, "refuses", False):
        return _refused(name)
    return Answer(SUPPORTED)


def _of_method(found: types.MethodType, name: str) -> Answer:
    """A method of a distribution: its rule, called without arguments, refuses it or misses them."""
    owner = replacement(found.__self__)
    call, law = (getattr(owner, part, None) for part in ("_call", "_law"))
    if owner is found.__self__ or call is None:
        return Answer(UNKNOWN)
    if law is None:
        return _refused(name)
    try:
        with forgiven():
            call(law, found.__name__, (), {})
    except UnsupportedFunction:
        return _refused(name)
    except Exception:
        pass
    return Answer(SUPPORTED)


def setting(path: str, positional: int, given: dict[str, Any]) -> Answer:
    """Whether a call has a setting for which there is no rule. `given` holds the settings whose values are written in
    the call; the first `positional` arguments were given by place."""
    function = thing(path)
    if isinstance(function, np.ufunc) and not of_scipy(function):
        name = full_name(function)
        if "where" in given and given["where"] is not True:
            return Answer(REFUSED, f"{name}: no derivative rule for the setting where=", "np.where(condition, a, b)")
        return Answer(SUPPORTED)
    if not isinstance(function, (types.FunctionType, types.BuiltinFunctionType)) and not callable(function):
        return Answer(SUPPORTED)
    if not _hashable(function) or function not in FUNCTIONS or function in PLAIN:
        return Answer(SUPPORTED)
    row = entry(function)
    known = {spelled for _, spelled, _ in row.layout}
    unknown = [k for k, x in given.items() if k not in known and k in row.usual and not row._is_usual(k, x)]
    unknown = [k for k in unknown if k not in ("dtype", "out")]
    if unknown and not row.free:
        return Answer(REFUSED, *said(lambda: no_setting(row.name, unknown)))
    return Answer(SUPPORTED)


def _hashable(x: Any) -> bool:
    try:
        hash(x)
    except TypeError:
        return False
    return True


def _constant(whole: bool = False) -> Answer:
    what = "whole numbers or truth values" if whole else "a step function: its derivative is 0"
    way = "" if whole else "a smooth function in its place, or keep it where no derivative is wanted"
    return Answer(CONSTANT, f"{what}; no derivative goes through", way)


def _refused(name: str) -> Answer:
    return Answer(REFUSED, *said(lambda: no_rule(name)))


def _instead() -> str:
    return said(lambda: no_rule(""))[1]


_SAMPLES = (np.array([0.31, 0.62, 0.87]), np.array([0.9, 0.2, 0.4]))


@functools.lru_cache(maxsize=256)
def _depends_on_values(function: Callable[..., Any]) -> bool:
    """Whether a function with plain answers answers otherwise for other values, and not only for other shapes."""
    try:
        first, second = (function(x) for x in _SAMPLES)
        return not np.array_equal(np.asarray(first), np.asarray(second))
    except Exception:
        return False
