"""What code is no user's: of libraries that know carriers already, or never meet one, and our own."""

from __future__ import annotations

import os
import sys
import types
from typing import Any

_FOREIGN = {*sys.stdlib_module_names, "numpy", "scipy", "torch", "jax", "sympy", "mpmath", "optree"}
_FOREIGN -= {"__main__"}
OURS = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))


def foreign(module: str) -> bool:
    return module.partition(".")[0] in _FOREIGN


def foreign_function(f: types.FunctionType) -> bool:
    """Whether `f` is code of a library that knows carriers already, or never meets one. Functions that our
    transforms return go by the name of the user's module: their file tells."""
    return foreign(f.__module__ or "") or f.__code__.co_filename.startswith(OURS)


def contents(cell: types.CellType, nothing: Any = None) -> Any:
    """What a closure's cell holds; `nothing` for a name that is assigned later."""
    try:
        return cell.cell_contents
    except ValueError:
        return nothing
