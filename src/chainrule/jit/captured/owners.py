"""Whose a class, a module or a function is: the user's, whose code is looked into, or a library's."""

from __future__ import annotations

import sys
from typing import Any

from chainrule.carriers.lifting.objects import foreign

_LIBRARIES = frozenset({
    "chainrule", "pandas", "polars", "xarray", "sklearn", "statsmodels", "matplotlib", "networkx", "numba", "cupy",
    "PIL", "tensorflow", "autograd", "astropy", "pint", "dask", "pyarrow", "tqdm", "rich", "IPython", "pytest",
    "_pytest",
})  # fmt: skip
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: the class was made by a class statement


def library(module: Any) -> bool:
    """Whether a module is part of Python or of a library whose code need not be looked into."""
    if not isinstance(module, str):
        return False
    return foreign(module) or module.partition(".")[0] in _LIBRARIES


def ours(cls: type) -> bool:
    return (cls.__module__ or "").partition(".")[0] == "chainrule"


def users(cls: type) -> bool:
    """Whether a class is the user's, or of a library that we know nothing about."""
    module = cls.__module__ or ""
    if module == "builtins":
        return bool(cls.__flags__ & _HEAP)  # of a module that has no name
    return not library(module)


def installed(cls: type) -> bool:
    """Whether a class is of some library."""
    path = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
    return not users(cls) or "site-packages" in path or "dist-packages" in path
