"""What the code of a function names: globals, attributes, modules it imports; and which of these it only writes to."""

from __future__ import annotations

import dis
import functools
import itertools
import re
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from chainrule.carriers.lifting.handlers import caught

_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_CELLS = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"})
_STORES = frozenset({"STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "STORE_ATTR", "STORE_SUBSCR"})
_WRITERS = frozenset({"append", "appendleft", "extend", "add", "write", "writelines"})
_NOTHING = frozenset({
    "CACHE", "EXTENDED_ARG", "COPY", "SWAP", "NOP", "RESUME", "PRECALL", "PUSH_NULL", "NOT_TAKEN", "COPY_FREE_VARS",
})  # fmt: skip
_BY_COMPUTED_NAMES = frozenset({
    "getattr", "hasattr", "vars", "dir", "eval", "exec", "globals", "locals", "__dict__", "__getattribute__",
    "attrgetter", "methodcaller", "asdict", "astuple", "fields", "getmembers", "getattr_static", "__slots__",
})  # fmt: skip

_OF_A_FIELD = re.compile(r"\{\w*[.\[]")
"""An attribute or an element in a pattern of str.format: "{0.rate}"."""


class Mentions(NamedTuple):
    """Of a code object and those inside it.

    names        looked up as globals
    attributes   looked up on some object
    imports      modules that an import statement names
    logs         names and attributes that nothing but `append` and its like is asked of, or that are only counted up
    computed     whether attributes may be read whose names do not stand in the code
    bare         names of functions that are called without arguments
    caught       names of errors that are caught, as `handlers.caught` has them
    texts        strings in the code
    matches      whether there is a class pattern, which reads the attributes that the class lists
    """

    names: frozenset[str]
    attributes: frozenset[str]
    imports: frozenset[str]
    logs: frozenset[str]
    computed: bool
    matches: bool
    bare: frozenset[str]
    caught: frozenset[str | None]
    texts: frozenset[str]


@functools.lru_cache(maxsize=4096)
def mentions(code: types.CodeType) -> Mentions:
    """What `code` names.

    >>> def f(x): seen.append(x); return x * model.rate
    >>> found = mentions(f.__code__)
    >>> sorted(found.names), sorted(found.attributes), sorted(found.logs)
    (['model', 'seen'], ['append', 'rate'], ['seen'])
    """
    steps = [s for s in dis.get_instructions(code) if s.opname not in _NOTHING]
    names, attributes, imports = set[str](), set[str](), set[str]()
    read, logged = set[str](), set[str]()
    for k, step in enumerate(steps):
        op, name = step.opname, step.argval
        if op in _LOADS:
            names.add(name)
        elif op in _ATTRIBUTES:
            attributes.add(name)
        elif op == "IMPORT_NAME":
            imports.add(name)
        if op in _LOADS or op in _CELLS or op in _ATTRIBUTES:
            (logged if _is_log(steps, k) else read).add(name)
        elif op == "LOAD_CLOSURE":
            read.add(name)  # a function inside may do anything with it
    texts = [x for x in _constants(code.co_consts) if isinstance(x, str)]
    inner = [mentions(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    for part in inner:
        names |= part.names
        attributes |= part.attributes
        imports |= part.imports
        logged |= part.logs
        read |= (part.names | part.attributes) - part.logs
    return Mentions(
        frozenset(names),
        frozenset(attributes),
        frozenset(imports),
        frozenset(logged - read),
        not _BY_COMPUTED_NAMES.isdisjoint(names | attributes)
        or ("format" in attributes | names and any(map(_OF_A_FIELD.search, texts))),
        any(s.opname == "MATCH_CLASS" for s in steps) or any(part.matches for part in inner),
        frozenset(a.argval for a, b in itertools.pairwise(steps) if b.opname == "CALL" and not b.arg).union(
            *(part.bare for part in inner)
        ),
        caught(code),
        frozenset(texts).union(*(part.texts for part in inner)),
    )


def _constants(parts: tuple[Any, ...]) -> Iterator[Any]:
    for x in parts:
        if isinstance(x, tuple):
            yield from _constants(x)
        else:
            yield x


def _is_log(steps: list[dis.Instruction], k: int) -> bool:
    """Whether what instruction number k loads is only written to: `x.append(...)`, or `x += 1` as a statement."""
    after = steps[k + 1 : k + 6]
    if after and after[0].opname in ("LOAD_ATTR", "LOAD_METHOD") and after[0].argval in _WRITERS:
        return True
    if len(after) < 3 or after[0].opname not in ("LOAD_CONST", "LOAD_SMALL_INT"):
        return False
    if after[1].opname == "BINARY_SUBSCR" or (after[1].opname == "BINARY_OP" and after[1].argrepr == "[]"):
        after = after[2:]  # x[0] += 1
        if len(after) < 3 or after[0].opname not in ("LOAD_CONST", "LOAD_SMALL_INT"):
            return False
    counts = after[1].opname == "BINARY_OP" and after[1].argrepr.endswith("=")
    return counts and after[2].opname in _STORES and after[2].argval in (steps[k].argval, None)
