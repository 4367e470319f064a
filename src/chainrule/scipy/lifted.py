"""What SciPy's modules, functions and distributions become in a lifted function."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special

from chainrule.carriers.replaced import is_function, owner
from chainrule.libraries import late
from chainrule.ops.registry import SPECIAL
from chainrule.scipy import families, special
from chainrule.scipy.called import Ufunc, function
from chainrule.scipy.naming import under_name
from chainrule.scipy.special import orthogonal

OPERANDS = frozenset({"a", "b", "x", "y", "z", "n", "q", "v", "d", "N", "k"})
"""What `scipy.special` calls the arguments that are numbers, in its functions that are written in Python."""
_PLAIN_ARGUMENTS = {"multigammaln": {"a"}, "lambertw": {"z"}, "polygamma": {"x"}, "diric": {"x"}}
_ANGLES = frozenset({"z", "theta", "phi"})
_seeing = late("chainrule.scipy.sparse.seeing")
PREFIX = "scipy.special."
_MODULES = frozenset({
    "scipy", "scipy.special", "scipy.stats", "scipy.stats.distributions", "scipy.stats.mstats", "scipy.stats.qmc",
    "scipy.stats.contingency", "scipy.stats.sampling", *families.MODULES,
})  # fmt: skip
_STATS = "scipy.stats"
_of_stats = late("chainrule.scipy.stats.replacement")


def _functions() -> dict[int, tuple[Any, Any]]:
    """The functions of `scipy.special`: id -> (it, what it becomes)."""
    found: dict[int, tuple[Any, Any]] = {}
    for name in dir(scipy.special):
        original = getattr(scipy.special, name)
        title = PREFIX + name
        if name.startswith("_") or original is getattr(np, name, None):
            continue
        known = getattr(original, "__name__", name)
        if isinstance(original, np.ufunc):
            rule = special.UFUNCS.get(known)
            if id(original) not in found or known == name:
                found[id(original)] = (original, Ufunc(title, original, rule))
        elif isinstance(original, types.FunctionType) and original.__module__.startswith("scipy"):
            numbers = frozenset(_PLAIN_ARGUMENTS.get(name, OPERANDS))
            held = special.HELD.get(name, ())
            call = under_name(title, original, function(title, original, special.RULES.get(name), numbers, held))
            found[id(original)] = (original, orthogonal.maker(call) if name in orthogonal.OBJECTS else call)
        elif type(original).__name__ == "MultiUFunc":
            rule = special.RULES.get(name)
            signed = (
                original if rule is None else functools.wraps(rule)(lambda *args, f=original, **how: f(*args, **how))
            )
            call = function(title, signed, rule, _ANGLES, special.HELD.get(name, ()))
            found[id(original)] = (original, under_name(title, original, call))
    return found


FUNCTIONS = _functions()


def ufunc(original: Any) -> tuple[str, Callable[..., Any] | None] | None:
    """The name of a ufunc of SciPy's and its rule; None where it is not SciPy's."""
    if getattr(scipy.special, original.__name__, None) is not original and id(original) not in FUNCTIONS:
        return None
    return PREFIX + original.__name__, special.UFUNCS.get(original.__name__)


def row_named(name: str) -> Any:
    """The row of that name; None where there is none. Those of distributions are made when they are asked for."""
    if name.startswith(_STATS):
        _, _, dist, method = name.split(".")
        late("chainrule.scipy.stats.row")(dist, method)
    elif name.startswith("scipy.fft.") and name not in SPECIAL:
        families.table("scipy.fft")
    return SPECIAL.get(name)


@functools.lru_cache(maxsize=len(_MODULES))
def _module(original: types.ModuleType) -> Any:
    return late("chainrule.carriers.replaced.LiftedNumpy")(original)


def replacement(value: Any) -> Any:
    """What an object of SciPy's becomes; itself where it stays as it is."""
    if type(value) is types.ModuleType:
        return _module(value) if value.__name__ in _MODULES else value
    found = FUNCTIONS.get(id(value))
    if found is not None and found[0] is value:
        return found[1]
    if type(value) is orthogonal.KIND:
        return orthogonal.seeing(value)
    if isinstance(value, types.MethodType):
        return _of_stats(value) if str(getattr(type(value.__self__), "__module__", None)).startswith(_STATS) else value
    whose = owner(value)
    if str(whose).startswith(_STATS):
        return _of_stats(value)
    if str(whose).startswith("scipy.sparse") and not isinstance(value, type) and not is_function(value):
        return _seeing(value)
    name = families.family(value)
    return value if name is None else families.replacement(name, value)
