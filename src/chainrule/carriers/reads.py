"""What a function's code looks up, asks and writes: read from its instructions, once for each code."""

from __future__ import annotations

import dis
import functools
import inspect
import types
from typing import NamedTuple

from chainrule.carriers.assignment.creators import NAMES
from chainrule.carriers.lifting.method_calls import attributes_of_objects, calls_of_objects, sees
from chainrule.carriers.questions import ASKING
from chainrule.carriers.replaced import SEES_LISTS, of_sequences
from chainrule.carriers.text import READERS
from chainrule.libraries import late

caught = late("chainrule.carriers.lifting.handlers.caught")


class Reads(NamedTuple):
    """What code looks up outside itself."""

    names: tuple[str, ...]  # as globals
    in_classes: tuple[str, ...]  # in the bodies of classes, which read globals past the lifted ones
    assigned: tuple[str, ...]  # `global name`
    nonlocals: tuple[str, ...]  # `nonlocal name`
    not_only_called: frozenset[str]  # also compared, passed on, asked for attributes
    makes_arrays: bool
    creates: bool  # new arrays, which could be assigned to
    assigns: bool  # to elements, or in place
    calls_methods: bool  # such as X.dot(w), in which a plain X would not see that w is recorded
    of_objects: frozenset[tuple[str, str | None]]  # methods of objects that it calls, and of which global
    attributes: frozenset[tuple[str, str | None]]  # of objects, methods among them, and of which global
    imports: bool
    asks: bool  # may ask what kind of number it is given, or catch what a call with it raises
    asks_unseen: bool  # the same with nothing to look up: `except:`, `case float():` and `x.__class__`
    caught: frozenset[str]  # names that an `except` looks up
    reads_text: bool  # perhaps, as a number
    writes_text: bool  # perhaps of numbers
    formats: bool  # with the operator %
    rebuildable: bool


@functools.lru_cache(maxsize=4096)
def reads_of(code: types.CodeType) -> Reads:
    inner = [reads_of(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    steps: dict[str, dict[str, None]] = {name: {} for name in _STEPS}
    instructions = list(dis.get_instructions(code))
    for step in instructions:
        if step.opname in steps:
            steps[step.opname][step.argval] = None

    def named(field: str, *opnames: str) -> tuple[str, ...]:
        own = [name for opname in opnames for name in steps[opname]]
        return tuple(dict.fromkeys([*own, *(name for part in inner for name in getattr(part, field))]))

    names = named("names", "LOAD_GLOBAL")
    assigned = named("assigned", "STORE_GLOBAL")
    handled = caught(code) if inner or code.co_exceptiontable or "suppress" in code.co_names else frozenset()
    formats = any(step.opname == "BINARY_OP" and step.argrepr in ("%", "%=") for step in instructions)
    formats = formats or any(part.formats for part in inner)
    mentioned = _not_only_called(instructions)
    later = bool(code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR))
    return Reads(
        names,
        named("in_classes", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"),
        assigned,
        named("nonlocals", "STORE_DEREF", "DELETE_DEREF"),
        mentioned.union(*(part.not_only_called for part in inner)),
        not SEES_LISTS.isdisjoint(code.co_names)
        or (bool(steps["BUILD_LIST"] or steps["LIST_APPEND"]) and of_sequences(code.co_names))
        or any(part.makes_arrays for part in inner),
        not NAMES.isdisjoint(code.co_names) or any(part.creates for part in inner),
        _assigns(code, instructions) or any(part.assigns for part in inner),
        sees(code),
        calls_of_objects(code),
        attributes_of_objects(code),
        bool(steps["IMPORT_NAME"]) or any(part.imports for part in inner),
        bool(handled) or not ASKING.isdisjoint(names) or any(part.asks for part in inner),
        bool(steps["MATCH_CLASS"])
        or None in handled
        or "__class__" in code.co_names
        or any(part.asks_unseen for part in inner),
        frozenset(filter(None, handled)),
        not READERS.keys().isdisjoint({*names} - mentioned) or any(part.reads_text for part in inner),
        bool(steps["FORMAT_VALUE"] or steps["FORMAT_SIMPLE"] or steps["FORMAT_WITH_SPEC"])
        or not _OF_TEXT.isdisjoint(code.co_names)
        or formats
        or any(part.writes_text for part in inner),
        formats,
        not steps["DELETE_GLOBAL"]
        and not (later and assigned)
        and {"globals", "eval", "exec"}.isdisjoint(names)
        and all(part.rebuildable for part in inner),
    )


def _assigns(code: types.CodeType, instructions: list[dis.Instruction]) -> bool:
    """Whether code assigns to elements, has in-place operators, or names something that writes into arrays."""
    if not _WRITING.isdisjoint(code.co_names) or any(type(c) is tuple and "out" in c for c in code.co_consts):
        return True
    for step in instructions:
        if step.opname == "STORE_SUBSCR" or (step.opname == "BINARY_OP" and step.argrepr.endswith("=")):
            return True
    return False


def _not_only_called(instructions: list[dis.Instruction]) -> frozenset[str]:
    """Names that some instruction loads other than to call them: a call pushes a NULL beside the callable."""
    found = set()
    for k, step in enumerate(instructions):
        if step.opname == "LOAD_GLOBAL" and not (step.arg or 0) & 1:
            found.add(step.argval)
        elif step.opname in ("LOAD_DEREF", "LOAD_FAST", "LOAD_CLOSURE", "LOAD_NAME"):
            beside = {i.opname for i in (*instructions[max(k - 1, 0) : k], *instructions[k + 1 : k + 2])}
            if "PUSH_NULL" not in beside:
                found.add(step.argval)
    return frozenset(found)


_STEPS = (
    "LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF",
    "DELETE_DEREF", "IMPORT_NAME", "MATCH_CLASS", "BUILD_LIST", "LIST_APPEND", "FORMAT_VALUE", "FORMAT_SIMPLE",
    "FORMAT_WITH_SPEC",
)  # fmt: skip
_OF_TEXT = frozenset({"str", "repr", "ascii", "format", "format_map", "join", "dumps", "write", "print"})
"""Names of what writes text of numbers."""


_WRITING = frozenset({
    "at", "copyto", "fill", "fill_diagonal", "partition", "place", "put", "put_along_axis", "putmask", "shuffle",
    "sort",
})  # fmt: skip
