"""What is said of one call, by what is called."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

import numpy as np

from chainrule.carriers.functions.rules import PLAIN as ASKED
from chainrule.carriers.numpy import PLAIN_UFUNCS
from chainrule.doctor import libraries, probes
from chainrule.doctor.finding import ERROR, NOTE, WARNING
from chainrule.doctor.known import CONSTANT, REFUSED, UNKNOWN, answer, setting, thing
from chainrule.doctor.what import PLAIN, RECORDED, STEP

_MIXED = frozenset({"astype", "item", "tolist", "tobytes", "tofile", "dump", "dumps", "view", "__float__", "__int__"})
_NOTHING_OF_IT = frozenset({"isinstance", "issubclass", "hasattr", "callable", "type", "id", "print", "len", "input"})


class Told(NamedTuple):
    """What a call is, and what is said of it: a kind, a severity, what happens and what to write; "" for nothing."""

    level: int
    kind: str = ""
    severity: str = ""
    what: str = ""
    way: str = ""


def of_path(path: str, call: ast.Call, level: int, used: bool) -> Told:
    """A call of something imported, whose arguments are of a level; `used` tells whether its result is."""
    if path.startswith("chainrule."):
        return Told(PLAIN if path.endswith(".stop_gradient") else level)
    if path.startswith("statistics.") and level == RECORDED:
        found = probes.statistic(path.partition(".")[2])
        return Told(level, "plain number", ERROR, found.what, found.way) if found.state == REFUSED else Told(level)
    library = libraries.of(path)
    if library:
        if level < RECORDED or not used:
            return Told(level)
        what = f"{library} computes with numbers of its own and has no derivative rule here"
        return Told(level, "library", ERROR, what, libraries.way(library))
    known = answer(path)
    if known.state == UNKNOWN:
        return _of_type(path, level)
    if level < RECORDED:
        return Told(min(level, level_of(path, level)))
    if known.state == REFUSED:
        found = thing(path)
        subclass = isinstance(found, type) and issubclass(found, np.ndarray)
        subclass = subclass or path.startswith(("numpy.ma.", "numpy.matlib."))
        return Told(level, "subclass" if subclass else "refused", ERROR, known.what, known.way)
    if known.state == CONSTANT:
        return Told(STEP, "constant", WARNING, known.what, known.way)
    asked = setting(path, len(call.args), literal_settings(call))
    if asked.state == REFUSED:
        return Told(level, "setting", ERROR, asked.what, asked.way)
    return Told(level_of(path, level))


def _of_type(path: str, level: int) -> Told:
    found = thing(path)
    if isinstance(found, type) and issubclass(found, np.generic) and level == RECORDED:
        if issubclass(found, np.inexact):
            return Told(level)
        return Told(STEP, "constant", WARNING, f"{path} makes whole numbers: no derivative goes through")
    if isinstance(found, type) and not path.startswith("numpy."):
        return Told(level)
    return Told(PLAIN if path.startswith("numpy.") else level)


def level_of(path: str, level: int) -> int:
    """The level of the result of a function that is known."""
    found = thing(path)
    if isinstance(found, np.ufunc):
        compares = bool(found.types) and all(kind.endswith("?") for kind in found.types)
        return STEP if level and (found in PLAIN_UFUNCS or compares) else level
    if path in ("numpy.shape", "numpy.ndim", "numpy.size") or path.endswith("_like"):
        return level if path == "numpy.full_like" else PLAIN
    return min(level, STEP) if any(found is x for x in ASKED) else level


def of_builtin(name: str, call: ast.Call, level: int) -> Told:
    """A call of one of Python's own functions."""
    if name in _NOTHING_OF_IT:
        return Told(PLAIN)
    if level < RECORDED or (name == "round" and len(call.args) + len(call.keywords) > 1):
        return Told(level)
    found = probes.builtin(name)
    if found.state == REFUSED and name != "range":
        return Told(level, "plain number", ERROR, found.what, found.way)
    if found.state == CONSTANT:
        text = name in ("str", "repr", "format", "set", "hash")
        way = "" if text else "leave it out where a derivative is wanted"
        return Told(STEP, "plain number", NOTE if text else WARNING, found.what, way)
    return Told(STEP if name == "bool" else level)


def of_method(name: str, call: ast.Call) -> Told:
    """A call of a method of a recorded array or number."""
    argument = ""
    if name in ("astype", "round", "item", "view") and len(call.args) == 1:
        argument = _readable(call.args[0])
    found = probes.method(name, argument)
    if found.state == REFUSED:
        way = found.way
        return Told(RECORDED, "plain number" if name in _MIXED else "refused", ERROR, found.what, way)
    if found.state == CONSTANT:
        return Told(STEP, "constant", NOTE, found.what, found.way)
    return Told(STEP if name in ("any", "all") else RECORDED)


def _readable(node: ast.expr) -> str:
    """An argument such as int, np.int64, "float32" or 0, as it is written."""
    if isinstance(node, ast.Constant):
        return repr(node.value)
    text = ast.unparse(node)
    if text in ("int", "float", "bool", "complex", "str"):
        return text
    head, _, name = text.rpartition(".")
    return f"np.{name}" if head and isinstance(getattr(np, name, None), type) else ""


def literal_settings(call: ast.Call) -> dict[str, Any]:
    """The settings whose values are written in the call; arrays and lists as they are, to be told from the usual."""
    found: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            continue
        try:
            found[keyword.arg] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, MemoryError):
            if keyword.arg == "where":
                found[keyword.arg] = ...
    return found


_LATER = frozenset({
    "grad", "value_and_grad", "jacobian", "hessian", "jacfwd", "jacrev", "elementwise_grad", "holomorphic_grad",
    "make_hvp", "hessian_vector_product", "multigrad_dict", "deriv", "egrad", "grad_and_aux", "sparse_jacobian",
    "sparse_hessian", "make_jvp", "make_vjp", "make_ggnvp", "tensor_jacobian_product", "make_jvp_reversemode",
})  # fmt: skip
_NOW = frozenset({"vjp", "jvp", "hvp", "taylor", "jet", "check", "explain", "draw", "explore", "compare"})


def differentiates(path: str) -> str:
    """Whether a function of Chainrule's, autograd's or JAX's differentiates the function it is given: "later", when its
    result is called, or "now"; "" for none."""
    name = path.rpartition(".")[2]
    return "later" if name in _LATER else "now" if name in _NOW else ""


def positions(call: ast.Call) -> tuple[int, ...] | None:
    """Which arguments a derivative is asked by: those that `argnums` says, the first where nothing is said, None for
    all of them."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _NOW:
        return None
    given = next((k.value for k in call.keywords if k.arg in ("argnums", "argnum")), None)
    if given is None and len(call.args) > 1:
        given = call.args[1]
    if given is None:
        return (0,)
    try:
        found = ast.literal_eval(given)
    except ValueError:
        return None
    return found if isinstance(found, tuple) else (found,) if isinstance(found, int) else None


def whole(call: ast.Call) -> bool:
    """Whether a call that makes an array asks for whole numbers."""
    dtype = next((k.value for k in call.keywords if k.arg == "dtype"), None)
    if dtype is None and len(call.args) > 1:
        dtype = call.args[1]
    return dtype is not None and ast.unparse(dtype).rpartition(".")[2].strip("'\"").startswith(("int", "uint"))
