"""What the functions of `cmath` become inside a lifted function: NumPy's, for traced and recorded numbers."""

from __future__ import annotations

import cmath
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.gate import holds

_NAMES = {
    name: name for name in ("exp", "log", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")
} | {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}  # fmt: skip


def _complex(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda z: function(z + 0j)


def _polar(z: Any) -> tuple[Any, Any]:
    return abs(z), np.angle(z + 0j)


def _log(z: Any, base: Any = None) -> Any:
    return np.log(z + 0j) if base is None else np.log(z + 0j) / np.log(base + 0j)


_RULES: dict[str, Callable[..., Any]] = {
    **{name: _complex(getattr(np, numpys)) for name, numpys in _NAMES.items()},
    "log": _log,
    "phase": _complex(np.angle),
    "polar": _polar,
    "rect": lambda r, phi: r * (np.cos(phi) + 1j * np.sin(phi)),
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "isclose": np.isclose,
}


def _lifted(name: str) -> Callable[..., Any]:
    function, rule = getattr(cmath, name), _RULES[name]

    @functools.wraps(function)
    def lifted(*args: Any, **settings: Any) -> Any:
        return (rule if any(map(holds, args)) else function)(*args, **settings)

    return lifted


def replacements() -> dict[int, tuple[Any, Any]]:
    """The module and its functions, each with what it becomes."""
    new = {name: _lifted(name) if name in _RULES else value for name, value in vars(cmath).items()}
    module = types.ModuleType("cmath", cmath.__doc__)
    vars(module).update(new)
    pairs = [(cmath, module), *((value, new[name]) for name, value in vars(cmath).items() if callable(value))]
    return {id(old): (old, lifted) for old, lifted in pairs}
