"""Plain functions written with `math`: rebuilt so that math's functions are rows of the operator table.

`math.sin` converts its argument to a C double, so no carrier can pass through it. `lift(f)` is f with other
globals, closure cells and defaults, in which math's functions (and the module) are replaced; functions that f
calls are lifted too. Everything else is looked up where f looks it up, so f sees its globals as they change.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.numbers import Carrier, Number, primal

# -- what math's functions become -----------------------------------------------------------------------------


def _as_math(function: Callable[..., Any], row: Callable[..., Number]) -> Callable[..., Any]:
    """`row` for carriers and other numbers than floats; for a result that is not finite, math's own opinion:
    where math raises (log 0), the lifted function raises the same."""

    @functools.wraps(function)
    def lifted(*args: Any) -> Any:
        if not any(isinstance(x, Carrier) for x in args):
            if all(isinstance(x, (int, float)) for x in args):
                return function(*args)
            if any(isinstance(x, np.ndarray) and x.ndim for x in args):
                return function(*args)  # math refuses arrays, and says so
            return row(*args)
        y = row(*args)
        value = primal(y)
        if type(value) is float and not math.isfinite(value):
            function(*(primal(x) for x in args))
        return y

    return lifted


def _log(x: Number, base: Any = None) -> Number:
    return ops.log(x) if base is None else ops.log(x) / ops.log(base)


def _sum_of(values: Any) -> Number:
    return functools.reduce(operator.add, values, 0.0)


def _dist(p: Any, q: Any) -> Number:
    return _hypot(*(a - b for a, b in zip(p, q, strict=True)))


def _hypot(*xs: Number) -> Number:
    return functools.reduce(ops.hypot, xs, 0.0) if len(xs) != 2 else ops.hypot(*xs)


def _prod(values: Any, *, start: Any = 1) -> Number:
    return functools.reduce(operator.mul, values, start)


def _sumprod(p: Any, q: Any) -> Number:
    return _sum_of(a * b for a, b in zip(p, q, strict=True))


def _modf(x: Number) -> tuple[Number, Number]:
    whole = ops.trunc(x)
    return x - whole, primal(whole)


_NAMES = {
    "sin": ops.sin, "cos": ops.cos, "tan": ops.tan, "asin": ops.arcsin, "acos": ops.arccos, "atan": ops.arctan,
    "atan2": ops.arctan2, "sinh": ops.sinh, "cosh": ops.cosh, "tanh": ops.tanh, "asinh": ops.arcsinh,
    "acosh": ops.arccosh, "atanh": ops.arctanh, "exp": ops.exp, "exp2": ops.exp2, "expm1": ops.expm1, "log": _log,
    "log2": ops.log2, "log10": ops.log10, "log1p": ops.log1p, "sqrt": ops.sqrt, "cbrt": ops.cbrt,
    "pow": ops.power, "hypot": _hypot, "fabs": ops.absolute, "fmod": ops.fmod, "copysign": ops.copysign,
    "erf": ops.erf, "erfc": ops.erfc, "lgamma": ops.gammaln, "gamma": ops.gamma, "degrees": ops.rad2deg,
    "radians": ops.deg2rad,
}  # fmt: skip
_PLAIN = ("isfinite", "isinf", "isnan", "isclose")


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def lifted(*args: Any, **settings: Any) -> Any:
        return function(*(primal(x) for x in args), **settings)

    return lifted


def _whole(function: Callable[[Any], int]) -> Callable[[Any], Any]:
    @functools.wraps(function)
    def lifted(x: Any) -> Any:
        return function(primal(x))

    return lifted


def _replacements() -> dict[int, tuple[Any, Any]]:
    table: dict[Any, Any] = {}
    lifted_math = types.ModuleType("math", math.__doc__)
    for name, value in vars(math).items():
        new = value
        if name in _NAMES:
            new = _as_math(value, _NAMES[name])
        elif name in _PLAIN:
            new = _plain(value)
        elif name in ("floor", "ceil", "trunc"):
            new = _whole(value)
        setattr(lifted_math, name, new)
        if new is not value:
            table[value] = new
    for name, new in (
        ("fsum", _sum_of),
        ("dist", _dist),
        ("prod", _prod),
        ("sumprod", _sumprod),
        ("modf", _modf),
    ):
        if hasattr(math, name):
            guarded = _only_for_carriers(getattr(math, name), new)
            table[getattr(math, name)] = guarded
            setattr(lifted_math, name, guarded)
    for function in (np.array, np.asarray, np.asanyarray):
        table[function] = _only_for_carriers(function, lambda values, dtype=None, **_: ops.array(values, dtype))
    found = {id(old): (old, new) for old, new in table.items()}
    found[id(math)] = (math, lifted_math)
    found[id(np)] = (np, _LiftedNumpy("numpy"))
    return found


def _only_for_carriers(function: Callable[..., Any], row: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def lifted(*args: Any, **settings: Any) -> Any:
        args = tuple(list(a) if isinstance(a, types.GeneratorType) else a for a in args)
        return (row if _contains_carrier(args) else function)(*args, **settings)

    return lifted


def _contains_carrier(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(_contains_carrier(v) for v in x)
    return isinstance(x, Carrier)


class _LiftedNumpy(types.ModuleType):
    """numpy, with np.array and np.asarray accepting nested lists of carriers."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(np, name)
        replaced = REPLACED.get(id(value))
        return value if replaced is None else replaced[1]


REPLACED: dict[int, tuple[Any, Any]] = {}
REPLACED.update(_replacements())

# -- rebuilding functions -------------------------------------------------------------------------------------

_FOREIGN = {
    *sys.stdlib_module_names,
    "numpy",
    "scipy",
    "chainrule",
    "torch",
    "jax",
    "sympy",
    "mpmath",
    "optree",
} - {"__main__"}


class _LiftedGlobals(dict[str, Any]):
    """A function's globals with some names replaced; the rest is looked up in the originals, each time."""

    def __init__(self, original: dict[str, Any], replaced: dict[str, Any]) -> None:
        super().__init__(replaced)
        self.original = original

    def __missing__(self, name: str) -> Any:
        return self.original[name]


def _lifted_import(name: str, *args: Any, **settings: Any) -> Any:
    module = builtins.__import__(name, *args, **settings)
    replaced = REPLACED.get(id(module))
    return module if replaced is None else replaced[1]


_BUILTINS = {**vars(builtins), "__import__": _lifted_import}


def lift(f: Any) -> Any:
    """`f` with math's functions replaced by operators of the table, in it and in what it calls.

    Functions without any are returned as they are. Not reached: functions called through objects that are
    looked up while f runs (attributes, containers); math inside those raises a TypeError that says so.

    >>> import math
    >>> lift(lambda x: math.sin(x) + x)(np.float64(0.0)).item()
    0.0
    """
    found = _lift(f, {})
    return f if found is None else found


def _lift(f: Any, busy: dict[int, Any]) -> Any:
    """The lifted form of `f`, or None when nothing in it needs lifting. `busy` holds the functions being
    lifted further up, so that recursion ends."""
    direct = REPLACED.get(id(f))
    if direct is not None and direct[0] is f:
        return direct[1]
    if isinstance(f, types.MethodType):
        inner = _lift(f.__func__, busy)
        return None if inner is None else types.MethodType(inner, f.__self__)
    if isinstance(f, functools.partial):
        parts = [_lift(x, busy) for x in (f.func, *f.args)]
        keywords = {k: _lift(v, busy) for k, v in f.keywords.items()}
        if all(p is None for p in (*parts, *keywords.values())):
            return None
        func, *args = (old if new is None else new for old, new in zip((f.func, *f.args), parts, strict=True))
        return functools.partial(func, *args, **{k: f.keywords[k] if v is None else v for k, v in keywords.items()})
    if not isinstance(f, types.FunctionType):
        return _lift_object(f, busy)
    if (f.__module__ or "").partition(".")[0] in _FOREIGN:
        return None
    if id(f) in busy:
        return busy[id(f)]
    return _lift_function(f, busy)


def _lift_object(f: Any, busy: dict[int, Any]) -> Any:
    """A callable object whose class defines `__call__` in Python."""
    call = getattr(type(f), "__call__", None)
    if isinstance(f, type) or not isinstance(call, types.FunctionType):
        return None
    inner = _lift(call, busy)
    return None if inner is None else types.MethodType(inner, f)


def _lift_function(f: types.FunctionType, busy: dict[int, Any]) -> Any:
    kept = f.__dict__.get(_KEPT)
    if kept is not None and kept.holds(f):
        return kept.lifted
    uses = _uses(f)
    new_globals = _LiftedGlobals(f.__globals__, {"__builtins__": _BUILTINS})
    draft = types.FunctionType(f.__code__, new_globals, f.__name__, f.__defaults__, f.__closure__)
    top = not busy
    busy[id(f)] = draft
    replaced = {n: new for n, v in uses.names.items() if (new := _lift(v, busy)) is not None}
    cells = [_lift(c, busy) for c in uses.cells]
    defaults = [_lift(d, busy) for d in uses.defaults]
    keywords = {k: _lift(v, busy) for k, v in (f.__kwdefaults__ or {}).items()}
    changed = [x for x in (*replaced.values(), *cells, *defaults, *keywords.values()) if x is not None]
    result: Any = None
    if any(x is not draft for x in changed) or _imports_math(f.__code__):
        new_globals.update(replaced)
        old_cells = f.__closure__ or ()
        closure = tuple(o if n is None else types.CellType(n) for o, n in zip(old_cells, cells, strict=True))
        result = draft
        if any(c is not None for c in cells):
            result = types.FunctionType(f.__code__, new_globals, f.__name__, f.__defaults__, closure)
        result.__defaults__ = tuple(o if n is None else n for o, n in zip(uses.defaults, defaults, strict=True)) or None
        result.__kwdefaults__ = {k: f.__kwdefaults__[k] if v is None else v for k, v in keywords.items()} or None
        result.__dict__.update({k: v for k, v in f.__dict__.items() if k != _KEPT})
        result.__module__, result.__qualname__, result.__doc__ = f.__module__, f.__qualname__, f.__doc__
    busy[id(f)] = result
    uses.seen(f, busy)
    if top:
        f.__dict__[_KEPT] = _Kept(f, result, busy.pop(_TREE))
    return result


_KEPT = "__chainrule_lifted__"
_TREE = -1


class _Uses:
    """What a function looks up: globals by name, closure cells, defaults."""

    def __init__(self, f: types.FunctionType) -> None:
        names = _global_names(f.__code__)
        array_made = not _ARRAY_MAKERS.isdisjoint(names)
        found = {n: f.__globals__[n] for n in names if n in f.__globals__}
        # np itself changes only where it is asked to make arrays: its functions know carriers already.
        self.names = {n: v for n, v in found.items() if v is not np or array_made}
        self.cells = [_cell_contents(c) for c in f.__closure__ or ()]
        self.cells = [None if c is np and not array_made else c for c in self.cells]
        self.defaults = list(f.__defaults__ or ())
        self.ids = (*map(id, self.names.values()), *map(id, self.cells), *map(id, self.defaults))

    def seen(self, f: types.FunctionType, busy: dict[int, Any]) -> None:
        """Note in the tree of functions being lifted what this one depended on."""
        busy.setdefault(_TREE, []).append((weakref.ref(f), self.ids))


_ARRAY_MAKERS = frozenset({"array", "asarray", "asanyarray"})


def _uses(f: types.FunctionType) -> _Uses:
    return _Uses(f)


class _Kept:
    """A lifted function, valid while everything it was made from is what it was."""

    def __init__(self, f: types.FunctionType, lifted: Any, tree: list[tuple[Any, tuple[int, ...]]]) -> None:
        self.owner, self.lifted, self.tree = weakref.ref(f), lifted, tree

    def holds(self, f: types.FunctionType) -> bool:
        if self.owner() is not f:  # functools.wraps copies attributes from one function to another
            return False
        for reference, ids in self.tree:
            function = reference()
            if function is None or _uses(function).ids != ids:
                return False
        return True


def _cell_contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is assigned later
        return None


@functools.lru_cache(maxsize=4096)
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """Names that the code and the functions defined in it may look up as globals."""
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return tuple(dict.fromkeys([*code.co_names, *(n for c in inner for n in _global_names(c))]))


@functools.lru_cache(maxsize=4096)
def _imports_math(code: types.CodeType) -> bool:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return "math" in code.co_names or any(_imports_math(c) for c in inner)
