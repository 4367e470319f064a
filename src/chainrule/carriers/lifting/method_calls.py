"""Calls of methods that NumPy's own arrays have: `X.dot(w)`, `X.copy()`, `np.float64(x)`.

A method written in C converts what it is given without asking it, so a plain X on the left would never see that w is
recorded. In a lifted function such a call goes to a function of this file first, which looks at both.

The instruction that looks up a method leaves room behind it for what the interpreter remembers about it. Two shorter
ones fit there: one that puts our function on the stack, and one that exchanges it with the object, which thus becomes
its first argument. Nothing else moves, so lines, jumps and handlers stay as they are. Where there is no such room the
code stays as it is, and the call is refused with what to write instead.
"""

from __future__ import annotations

import dis
import functools
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.assignment.array import made
from chainrule.carriers.casting import as_type
from chainrule.carriers.gate import holds
from chainrule.carriers.lifting import objects
from chainrule.carriers.text import reading
from chainrule.numbers import StandIn, shape


def _dot(x: Any, *args: Any, **settings: Any) -> Any:
    if isinstance(x, np.ndarray) and (holds(args) or any(map(holds, (*args, *settings.values())))):
        return np.dot(x, *args, **settings)
    return x.dot(*args, **settings)


def _of_plain(name: str) -> Callable[..., Any]:
    """A method of plain arrays, whose arguments may be recorded numbers."""
    function = getattr(np, name)

    def call(x: Any, *args: Any, **settings: Any) -> Any:
        if isinstance(x, np.ndarray) and (holds(args) or any(map(holds, (*args, *settings.values())))):
            return function(x, *args, **settings)
        return getattr(x, name)(*args, **settings)

    return call


def _making(name: str) -> Callable[..., Any]:
    """A method that makes an array of its own, to which recorded numbers may be assigned."""

    def make(x: Any, *args: Any, **settings: Any) -> Any:
        y = getattr(x, name)(*args, **settings)
        return made(y) if isinstance(x, np.ndarray) else y

    return make


def _shuffle(x: Any, *args: Any, **settings: Any) -> Any:
    """Of a generator of random numbers. NumPy's exchange rows of what is none of its arrays one by one, and a row
    that was written to is another one then."""
    y = args[0] if args else None
    numpys = x is np.random or isinstance(x, (np.random.Generator, np.random.RandomState))
    if not numpys or not isinstance(y, StandIn) or not shape(y):
        return x.shuffle(*args, **settings)
    axis = args[1] if len(args) > 1 else settings.get("axis", 0)
    order = np.arange(shape(y)[axis])
    x.shuffle(order)
    recorded: Any = y
    recorded[...] = np.take(recorded, order, axis)
    return None


def _drawing(name: str, place: int) -> Callable[..., Any]:
    """A method of a generator of random numbers that writes into `out`, also its argument number `place`. NumPy's does
    not look at what that is, and ends the process where it is no array: what is drawn is assigned to it instead."""

    def draw(x: Any, *args: Any, **settings: Any) -> Any:
        given = args[place] if len(args) > place else settings.get("out")
        if not isinstance(given, StandIn):
            return getattr(x, name)(*args, **settings)
        out: Any = given
        plain = np.empty(shape(out), getattr(out, "dtype", np.float64))
        getattr(x, name)(*args[:place], **{**settings, "out": plain})
        out[...] = plain
        return out

    return draw


def _casting(kind: Any) -> Callable[..., Any]:
    """A type of numbers, called with a number."""
    read = reading(kind)

    def convert(*args: Any, **settings: Any) -> Any:
        if len(args) == 1 and not settings and isinstance(args[0], StandIn):
            return args[0] if kind is np.float64 and shape(args[0]) == () else as_type(args[0], kind, copy=False)
        return read(*args, **settings)

    return convert


ALWAYS: dict[str, Callable[..., Any]] = {
    "dot": _dot,
    "choose": _of_plain("choose"),
    "clip": _of_plain("clip"),
    "shuffle": _shuffle,
    "random": _drawing("random", 2),
    "standard_normal": _drawing("standard_normal", 2),
    "standard_exponential": _drawing("standard_exponential", 3),
    "standard_gamma": _drawing("standard_gamma", 3),
}
"""What is called in place of methods of these names."""
ASSIGNING: dict[str, Callable[..., Any]] = {**ALWAYS, **{n: _making(n) for n in ("copy", "astype", "flatten")}}
"""The same in functions that assign to elements of arrays."""


TYPES: dict[str, Callable[..., Any]] = {
    f"call of {name}": _casting(getattr(np, name))
    for name in (
        "float64", "float32", "float16", "double", "single", "half", "longdouble", "complex128", "complex64",
        "cdouble", "csingle", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "intp",
        "int_", "bool_", "byte", "short", "intc", "long", "longlong", "bool",
    )
}  # fmt: skip
"""What a type of numbers is where it is called: an attribute of this name of the lifted numpy."""
_KNOWN = (
    sys.implementation.name == "cpython"
    and (3, 11) <= sys.version_info < (3, 15)
    and {"LOAD_CONST", "SWAP", "NOP"} <= dis.opmap.keys()
)
"""Whether the instructions of this Python are the ones described above."""
_STEPS = [step for step in dis.get_instructions(compile("a @ b", "", "eval")) if step.offset]
_AT = next((k for k, step in enumerate(_STEPS) if step.opname == "BINARY_OP"), 0)
_PRODUCT, _OPERATOR = _STEPS[_AT].arg or 0, (_STEPS[_AT + 1].offset - _STEPS[_AT].offset) // 2
"""The argument of the instruction `@`, and how many units it takes with what is remembered about it."""
CALLED = frozenset({*ASSIGNING, *(name.rpartition(" ")[2] for name in TYPES)})


@functools.lru_cache(maxsize=1024)
def seeing(
    code: types.CodeType,
    assigning: bool,
    numpy: frozenset[str],
    users: frozenset[tuple[str, str | None]],
    held: frozenset[str] = frozenset(),
) -> types.CodeType:
    """The code, with calls of such methods, also in the functions that are defined in it. `numpy`: what it calls
    numpy; `users`: methods of the user's objects, each with the global of which it is called; `held`: attributes in
    which they hold functions."""
    table = ASSIGNING if assigning else ALWAYS
    consts: list[Any] = [
        seeing(c, assigning, numpy, users, held) if isinstance(c, types.CodeType) else c for c in code.co_consts
    ]
    body, names = bytearray(code.co_code), list(code.co_names)
    if _KNOWN:
        _put_in(code, table, users, body, consts)
        if not held.isdisjoint(code.co_names):
            _look_up(code, held, body, consts)
    if _KNOWN and not CALLED.isdisjoint(code.co_names):
        _rename(code, numpy, body, names)
    same = len(consts) == len(code.co_consts) and all(a is b for a, b in zip(consts, code.co_consts, strict=True))
    if same and names == list(code.co_names):
        return code
    return code.replace(co_code=bytes(body), co_consts=tuple(consts), co_names=tuple(names))


def _put_in(
    code: types.CodeType,
    table: dict[str, Callable[..., Any]],
    users: frozenset[tuple[str, str | None]],
    body: bytearray,
    consts: list[Any],
) -> None:
    instructions = list(dis.get_instructions(code))
    places: dict[str, int] = {}
    for k, step in enumerate(instructions[:-1]):
        imported = _looks_up_in_imported(instructions, k)
        if not imported and not _looks_up_a_method(step):
            continue
        name = step.argval
        if (imported and name not in table) or (
            name not in table and (not users or (name, objects.root(instructions, k)) not in users)
        ):
            continue
        room = (instructions[k + 1].offset - step.offset) // 2
        place = places.get(name, len(consts))
        if room < 2 or place > 255 or (k and instructions[k - 1].opname == "EXTENDED_ARG"):
            continue
        if place == len(consts):
            consts.append(table[name] if name in table else objects.calling(name))
            places[name] = place
        new = [dis.opmap["LOAD_CONST"], place, dis.opmap["SWAP"], 2] + [dis.opmap["NOP"], 0] * (room - 2)
        body[step.offset : step.offset + 2 * room] = bytes(new)
        if imported and sys.version_info >= (3, 13):
            body[instructions[k + 1].offset] = dis.opmap["NOP"]  # the object takes the place of its NULL
        elif imported:
            body[instructions[k - 1].offset + 1] &= ~1


def _look_up(code: types.CodeType, held: frozenset[str], body: bytearray, consts: list[Any]) -> None:
    """Attributes that are looked up as values, by an operator of an object of ours: there is no room for a call."""
    instructions = list(dis.get_instructions(code))
    for k, step in enumerate(instructions[:-1]):
        if step.opname != "LOAD_ATTR" or _looks_up_a_method(step) or step.argval not in held:
            continue
        room = (instructions[k + 1].offset - step.offset) // 2
        if room < 2 + _OPERATOR or len(consts) > 255 or (k and instructions[k - 1].opname == "EXTENDED_ARG"):
            continue
        new = [dis.opmap["LOAD_CONST"], len(consts), dis.opmap["SWAP"], 2, dis.opmap["BINARY_OP"], _PRODUCT]
        new += [0, 0] * (_OPERATOR - 1) + [dis.opmap["NOP"], 0] * (room - 2 - _OPERATOR)
        body[step.offset : step.offset + 2 * room] = bytes(new)
        consts.append(objects.Held(step.argval))


def _rename(code: types.CodeType, numpy: frozenset[str], body: bytearray, names: list[str]) -> None:
    """Types of floats, where they are called as in `np.float64(x)`, by their other name."""
    later = sys.version_info >= (3, 12)
    instructions = list(dis.get_instructions(code))
    for before, step, after in zip(instructions, instructions[1:], instructions[2:], strict=False):
        name = f"call of {step.argval}"
        if name not in TYPES or before.opname != "LOAD_GLOBAL" or before.argval not in numpy or len(names) > 126:
            continue
        called = bool((before.arg or 0) & 1) or after.opname == "PUSH_NULL"
        if _looks_up_a_method(step) or (step.opname == "LOAD_ATTR" and called):
            if name not in names:
                names.append(name)
            place = names.index(name)
            body[step.offset + 1] = place << 1 | ((step.arg or 0) & 1) if later else place


def _looks_up_in_imported(instructions: list[dis.Instruction], k: int) -> bool:
    """Whether instruction k looks up what is called in a global that is imported, `from data import X; X.dot(w)`: the
    compiler takes that for a module, and puts a NULL where a method call has the object."""
    step, before = instructions[k], instructions[k - 1]
    if step.opname != "LOAD_ATTR" or _looks_up_a_method(step) or before.opname != "LOAD_GLOBAL":
        return False
    after = instructions[k + 1].opname
    if sys.version_info >= (3, 13):
        return after == "PUSH_NULL"
    return bool((before.arg or 0) & 1) and after != "LOAD_ATTR"  # `np.random.rand(*sizes)` calls what comes after


def _looks_up_a_method(step: dis.Instruction) -> bool:
    """Whether the instruction looks up a method that is called: Python 3.11 has one for that, later ones a flag."""
    if step.opname == "LOAD_METHOD":
        return True
    return step.opname == "LOAD_ATTR" and sys.version_info >= (3, 12) and bool((step.arg or 0) & 1)


@functools.lru_cache(maxsize=4096)
def calls_of_objects(code: types.CodeType) -> frozenset[tuple[str, str | None]]:
    """The methods that code, and functions that are defined in it, call of objects; and the global of which, if any."""
    if not _KNOWN:
        return frozenset()
    instructions = list(dis.get_instructions(code))
    found = {
        (step.argval, objects.root(instructions, k))
        for k, step in enumerate(instructions)
        if _looks_up_a_method(step) and step.argval not in objects.PLAIN_NAMES
    }
    return frozenset(found).union(*(calls_of_objects(c) for c in code.co_consts if isinstance(c, types.CodeType)))


@functools.lru_cache(maxsize=4096)
def attributes_of_objects(code: types.CodeType) -> frozenset[tuple[str, str | None]]:
    """The attributes, methods among them, that code, and functions that are defined in it, look up in objects; and the
    global in which, if any."""
    instructions = list(dis.get_instructions(code))
    found = {
        (step.argval, objects.root(instructions, k))
        for k, step in enumerate(instructions)
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD") and step.argval not in objects.PLAIN_NAMES
    }
    return frozenset(found).union(*(attributes_of_objects(c) for c in code.co_consts if isinstance(c, types.CodeType)))


def sees(code: types.CodeType) -> bool:
    """Whether code, or a function that is defined in it, names such a method."""
    return not CALLED.isdisjoint(code.co_names) or any(sees(c) for c in code.co_consts if isinstance(c, types.CodeType))
