"""Running sums written out, in NumPy's order of additions: neighbouring columns in the lanes of a vector."""

from __future__ import annotations

from math import prod

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, literal, vector
from chainrule.jit.program import Step


def emit(function: Function, step: Step, lanes: int) -> None:
    """The code of a running sum along an axis, with vectors of `lanes` numbers."""
    if 0 in step.shape:
        return
    axis = step.settings["axis"]
    outer, count, inner = prod(step.shape[:axis]), step.shape[axis], prod(step.shape[axis + 1 :])
    source, target, code = function.base(step.args[0]), function.base(step), function.code
    whole = inner // lanes * lanes
    with function.loop("0", str(outer), 1) as block:
        start = code.emit(0, f"mul i64 {block}, {count * inner}")
        for low, high, width in ((0, whole, lanes), (whole, inner, 1)):
            if low < high:
                with function.loop(str(low), str(high), width) as column:
                    at = code.emit(0, f"add i64 {start}, {column}")
                    _column(function, source, target, at, (count, inner, width), KIND[step.dtype])


def _column(function: Function, source: str, target: str, at: str, size: tuple[int, int, int], kind: str) -> None:
    """The sums of `count` numbers from `at` on, each `inner` behind the one before, of `width` columns."""
    (count, inner, width), code = size, function.code
    whole, align = vector(kind, width), 8 if kind == "double" else 4
    nothing = literal(-0.0, kind)  # what -0.0 is added to without becoming 0.0
    if width > 1:
        nothing = "<" + ", ".join([f"{kind} {nothing}"] * width) + ">"
    before, head, after = (function.label() for _ in range(3))
    k, total, following, more, found = (code.name() for _ in range(5))
    for line in (
        f"br label %{before}", f"{before}:", f"br label %{head}", f"{head}:",
        f"{k} = phi i64 [0, %{before}], [{following}, %{head}]",
        f"{total} = phi {whole} [{nothing}, %{before}], [{found}, %{head}]",
    ):  # fmt: skip
        code.sections[0].append(line if line.endswith(":") else f"  {line}")
    place = code.emit(0, f"add i64 {at}, {code.emit(0, f'mul i64 {k}, {inner}')}")
    x = code.emit(0, f"getelementptr {kind}, ptr {source}, i64 {place}")
    x = code.emit(0, f"load {whole}, ptr {x}" + (f", align {align}" if width > 1 else ""))
    y = code.emit(0, f"getelementptr {kind}, ptr {target}, i64 {place}")
    code.sections[0].append(f"  {found} = fadd {whole} {total}, {x}")
    code.run(0, f"store {whole} {found}, ptr {y}" + (f", align {align}" if width > 1 else ""))
    code.sections[0] += [
        f"  {following} = add i64 {k}, 1", f"  {more} = icmp ult i64 {following}, {count}",
        f"  br i1 {more}, label %{head}, label %{after}", f"{after}:",
    ]  # fmt: skip
