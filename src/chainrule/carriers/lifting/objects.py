"""What a lifted function meets: methods of the user's objects, called as `self.score(w)`, `net.forward(x)`,
`Model.loss(w)`; lists and dicts of functions; frames of pandas; what is code of a library; and branches that are taken
apart (`if_conversion`).

Which function such a call reaches is known when it is called. It goes to a function of this file, which looks up the
method and calls it lifted, so that it sees recorded numbers as the function does that calls it.
"""

from __future__ import annotations

import functools
import itertools
import os
import sys
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.libraries import late

PLAIN_NAMES = frozenset(
    name for kind in (np.ndarray, list, tuple, dict, set, str, bytes, complex, float, int) for name in dir(kind)
)
"""Names of methods that objects of Python's and NumPy's have: calls of these stay as they are."""
_FOREIGN = {*sys.stdlib_module_names, "numpy", "scipy", "torch", "jax", "sympy", "mpmath", "optree"}
_FOREIGN -= {"__main__"}
OURS = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))

LIFT: list[Callable[[Any], Any]] = []
"""What lifts a function that is met while another one runs; `lift` puts it here."""
_contained = late("chainrule.carriers.lifting.containers.lifted")


def root(instructions: Sequence[Any], k: int) -> str | None:
    """The global in whose attribute, or one of it, the method at instruction k is looked up; None for other objects."""
    k -= 1
    while k > 0 and instructions[k].opname == "LOAD_ATTR":
        k -= 1
    found = instructions[k]
    return found.argval if found.opname in ("LOAD_GLOBAL", "LOAD_NAME") else None


class Globals(dict[str, Any]):
    """The globals of a lifted function, in which names are looked up in the user's `original`."""

    original: dict[str, Any]


KNOWN: dict[types.FunctionType, Any] = {}
"""What was lifted so far, as objects whose `lifted()` gives it."""


@functools.lru_cache(maxsize=1024)
def calling(name: str) -> Callable[..., Any]:
    """A function that calls the method of that name of its first argument, lifted where it is the user's."""

    def call(x: Any, /, *args: Any, **settings: Any) -> Any:
        found = getattr(x, name)
        kind = type(found)
        if kind is types.MethodType:
            known = KNOWN.get(found.__func__)
            if known is not None:
                return known.lifted()(found.__self__, *args, **settings)
            if type(found.__func__) is types.FunctionType:
                found = LIFT[0](found)
        elif type(x) is not types.ModuleType:
            found = LIFT[0](found)
        return found(*args, **settings)

    return call


BY_EACH_WAY = "by each way"
"""What the code of a converted function knows `by_each_way` as: no name that a user can have written."""
RECORDINGS = [0]
"""How many recordings there are: functions are lifted otherwise while there is one."""
RUNNING = threading.local()
"""`explore`, in a thread that records: what calls a function of branches by each way."""


def by_each_way(kinds: Any, block: Callable[..., Any], *args: Any) -> Any:
    """A function of branches, by each way through it where this thread records.

    kinds   for each result: "" for a number, "+" for one that is added (... on a way where nothing is), "append", or
            what looks up the number that is there where none is stored; None where all is one number, or a tuple
    """
    explore = getattr(RUNNING, "explore", None)
    return block(*args) if explore is None else explore(kinds, block, args)


class Held:
    """What looks up the attribute of that name of an object, `Held(name) @ x`, and lifts functions that it holds."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __matmul__(self, x: Any) -> Any:
        found = getattr(x, self.name)
        if isinstance(found, FUNCTIONS):
            return LIFT[0](found)
        kind = type(found)
        if kind is list or kind is dict:
            return _contained(found, LIFT[0]) if with_functions(found) else found
        return tuple([LIFT[0](v) if isinstance(v, FUNCTIONS) else v for v in found]) if kind is tuple else found


FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial, np.ufunc)
FUNCTIONS_OF_CLASSES = (types.BuiltinFunctionType, functools.partial, np.ufunc)
"""Those of them that are no methods where a class holds them."""
LOOKED_AT = 16  # elements: lists of data are long


def with_functions(x: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> bool:
    """Whether functions are among the first elements."""
    first = itertools.islice(x.values() if isinstance(x, dict) else x, LOOKED_AT)
    return any(isinstance(v, FUNCTIONS) for v in first)


def is_dispatched(f: Any) -> bool:
    """Whether `f` is a function of functools' that chooses among functions by type."""
    return type(f) is types.FunctionType and {"registry", "dispatch"} <= vars(f).keys()


def is_frame(x: Any) -> bool:
    """Whether `x` is a Series or a DataFrame of pandas's own classes."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and type(x) in (getattr(pandas, "Series", None), getattr(pandas, "DataFrame", None))


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
