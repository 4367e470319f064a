"""Elements moved by a list of places, written out: each block of the list after the other."""

from __future__ import annotations

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, vector
from chainrule.jit.program import Step

SHORT = 16
"""Elements of a block that are moved as one vector."""


def emit(function: Function, step: Step, lanes: int) -> None:
    """The code of a move by places, with vectors of `lanes` numbers in long blocks."""
    x, places = step.args
    block, count, code = step.settings["block"], places.shape[0], function.code
    adds = step.op == "add_places"
    if adds:
        function.fill(step, 0.0)
    source, target, table = function.base(x), function.base(step), function.base(places)
    many = block // lanes * lanes
    pieces = [(0, block, block)] if block <= SHORT else [(0, many, lanes), (many, block, 1)]
    with function.loop("0", str(count), 1) as k:
        entry = code.emit(0, f"getelementptr i64, ptr {table}, i64 {k}")
        place = code.emit(0, f"load i64, ptr {entry}")
        row = code.emit(0, f"mul i64 {k}, {block}")
        old, new = (row, place) if adds else (place, row)
        for low, high, width in pieces:
            whole = vector(KIND[step.dtype], width)
            if low + width == high:
                _piece(function, (source, target), (old, new), low, whole, adds)
            elif low < high:
                with function.loop(str(low), str(high), width) as at:
                    ends = code.emit(0, f"add i64 {old}, {at}"), code.emit(0, f"add i64 {new}, {at}")
                    _piece(function, (source, target), ends, 0, whole, adds)


def _piece(function: Function, bases: tuple[str, str], ends: tuple[str, str], low: int, whole: str, adds: bool) -> None:
    """Move `whole`, some elements, `low` behind these ends of two arrays."""
    code = function.code
    kind = "double" if "double" in whole else "float"
    align = 8 if kind == "double" else 4
    old, new = (
        code.emit(0, f"getelementptr {kind}, ptr {base}, i64 {at}") for base, at in zip(bases, ends, strict=True)
    )
    if low:
        old, new = (code.emit(0, f"getelementptr {kind}, ptr {at}, i64 {low}") for at in (old, new))
    x = code.emit(0, f"load {whole}, ptr {old}, align {align}")
    if adds:
        before = code.emit(0, f"load {whole}, ptr {new}, align {align}")
        x = code.emit(0, f"fadd {whole} {before}, {x}")
    code.run(0, f"store {whole} {x}, ptr {new}, align {align}")
