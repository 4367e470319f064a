"""Which errors a function's code catches."""

from __future__ import annotations

import dis
import functools
import types

_CLASS_OF_ERROR = ("LOAD_GLOBAL", "LOAD_ATTR", "BUILD_TUPLE", "NOP", "CACHE")


@functools.lru_cache(maxsize=4096)
def caught(code: types.CodeType) -> frozenset[str | None]:
    """The names that the `except` clauses of `code`, and of the code inside it, look up as globals to see whether an
    error is theirs; None for clauses without such a name: `except:`, a class that is a local variable, `suppress`.

    >>> def f(x):
    ...     try:
    ...         return 1 / x
    ...     except (ZeroDivisionError, OverflowError):
    ...         return x
    >>> sorted(caught(f.__code__))
    ['OverflowError', 'ZeroDivisionError']
    """
    found: set[str | None] = {None} if "suppress" in code.co_names else set()
    instructions = list(dis.get_instructions(code))
    for k, step in enumerate(instructions):
        if step.opname == "CHECK_EXC_MATCH":
            begin = k - 1
            while instructions[begin].opname in _CLASS_OF_ERROR and not instructions[begin].is_jump_target:
                begin -= 1
            loads = instructions[begin:k]
            known = all(i.opname in (*_CLASS_OF_ERROR, "PUSH_EXC_INFO") for i in loads)
            found.update([i.argval for i in loads if i.opname == "LOAD_GLOBAL"] if known else [None])
        elif step.opname == "PUSH_EXC_INFO" and instructions[k + 1].opname == "POP_TOP":
            found.add(None)
    return frozenset(found).union(*(caught(c) for c in code.co_consts if isinstance(c, types.CodeType)))
