"""A failing program made shorter while it fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from .programs import STATICS, Program, names


def minimised(program: Program, fails: Callable[[Program], bool], tries: int = 150) -> Program:
    """The shortest program found that fails too."""
    again = True
    while again and tries > 0:
        again = False
        for smaller in _smaller(program):
            tries -= 1
            if fails(smaller):
                program, again = smaller, True
                break
            if tries <= 0:
                break
    return program


def _smaller(program: Program) -> Iterator[Program]:
    if len(program.result) > 1:
        for r in program.result:
            yield replace(program, result=(r,)).needed()
    for k, (name, text) in enumerate(program.statements):
        others = [v for v in dict.fromkeys(names(text)) if v not in STATICS]
        for other in [*others, "x"]:
            changed = tuple(
                (n, re.sub(rf"\b{name}\b", other, t)) for n, t in program.statements[:k] + program.statements[k + 1 :]
            )
            result = tuple(other if r == name else r for r in program.result)
            if changed:
                yield replace(program, statements=changed, result=result).needed()
    for transform in ("value", "grad"):
        if program.transform not in ("value", transform):
            yield replace(program, transform=transform)
    if program.place != "jit around":
        yield replace(program, place="jit around")
    if program.strict:
        yield replace(program, strict=False)
    for k, argument in enumerate(program.arguments):
        for simpler in (
            replace(argument, layout=""),
            replace(argument, dtype="float64") if "float" in argument.dtype else argument,
        ):
            if simpler != argument:
                yield replace(program, arguments=(*program.arguments[:k], simpler, *program.arguments[k + 1 :]))
