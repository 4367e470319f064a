"""The code of a panel: its loops over a block of rows, by columns, for one block after the other."""

from __future__ import annotations

from math import prod

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, literal, stored_kind, vector
from chainrule.jit.emit.loops import Nest
from chainrule.jit.emit.nest import MOST
from chainrule.jit.emit.panels.tiles import Product, gathered
from chainrule.jit.emit.panels.transposes import Matrix, Transpose, located
from chainrule.jit.emit.reductions import START
from chainrule.jit.emit.subdomains import pieces
from chainrule.jit.plan.affine import identity
from chainrule.jit.plan.memory import Home
from chainrule.jit.plan.panels import Panel, of_whole_rows, staged
from chainrule.jit.plan.plan import Loop, Root
from chainrule.jit.plan.tiling import ROW, in_block
from chainrule.jit.program import Step


def emit_panel(function: Function, panel: Panel, lanes: int) -> None:
    """All blocks of a panel, and what their sums come to."""
    sums: dict[Step, Home] = {}
    for _, loop in panel.loops:
        for root in loop.roots:
            if _over_rows(function, root):
                size = prod(root.target.shape) * lanes * root.target.dtype.itemsize
                sums[root.target] = function.reserve(size)
                _zeros(function, function.address(sums[root.target]), size)
            elif root.reduction and root.target not in panel.columns:
                function.fill(root.target, START[root.reduction])
    blocks, rest = divmod(panel.rows, panel.block)
    if function.plan.free is not None:
        end = function.length(panel.rows, panel.rows)
        with function.loop("0", end, panel.block) as row:
            left = function.code.emit(0, f"sub i64 {end}, {row}")
            _Block(function, panel, row, panel.block, lanes, left).emit(sums)
        rest = 0
    elif blocks == 1:
        _Block(function, panel, "0", panel.block, lanes).emit(sums)
    else:
        with function.loop("0", str(blocks * panel.block), panel.block) as row:
            _Block(function, panel, row, panel.block, lanes).emit(sums)
    if rest:
        _Block(function, panel, str(blocks * panel.block), rest, lanes).emit(sums)
    for _, loop in panel.loops:
        for root in loop.roots:
            if root.target in sums:
                gathered(function, root, sums[root.target], lanes)


def _over_rows(function: Function, root: Root) -> bool:
    return root.target in function.plan.row_products and root.place[:1] != (ROW,)


class _Block:
    """The loops of a panel over the rows from `row` on. `left` is how many there are, if that is not known before."""

    def __init__(
        self, function: Function, panel: Panel, row: str, rows: int, lanes: int, left: str | None = None
    ) -> None:
        self.function, self.panel, self.row, self.rows, self.lanes = function, panel, row, rows, lanes
        self.left = left

    def emit(self, sums: dict[Step, Home]) -> None:
        """Sums over all rows are added to those in `sums`."""
        function, panel, columns = self.function, self.panel, self.panel.columns
        for round_index, loop in panel.loops:
            function.round_index, part = round_index, in_block(loop, self.rows)
            products = [r for r in part.roots if r.target in function.plan.row_products]
            others = [r for r in part.roots if r not in products and not self._read(r, round_index)]
            written = {r: self._source(r, round_index) for r in others if r.target in panel.staged}
            others = [r for r in others if r not in written]
            others += [staged(r, s) for r, s in written.items() if s is panel.staged[r.target]]
            for root in others:
                if root.reduction and root.target in columns:
                    _filled(function, root, panel.padded, self.lanes)
            for box, roots in pieces(function.plan, Loop(part.shape, others), round_index) if others else ():
                nest = Nest(function, box, roots, round_index, self.lanes, function.memory.padded)
                nest.points.row, nest.points.limit = self.row, self.left
                nest.emit(once=False)
            for root, source in written.items():
                self._write(root.target, source)
            for root in products:
                product = Product(function, root, round_index, self.row, self.rows, self.lanes, self.left)
                if root.target in sums:
                    product.backward(sums[root.target])
                else:
                    product.forward()

    def _columns(self, step: Step) -> Matrix:
        return Matrix(self.function.base(step), {0: 1, 1: self.panel.padded})

    def _transpose(self, step: Step) -> Transpose:
        return Transpose(self.function, KIND[step.dtype], self.rows, step.shape[1], self.lanes)

    def _read(self, root: Root, round_index: int) -> bool:
        """Copy rows from memory into columns, if this is such a copy, of many columns."""
        step = root.target
        if (
            self.left is not None
            or step not in self.panel.columns
            or not of_whole_rows(root)
            or step.op != "positive"
            or step.shape[1] <= MOST
        ):
            return False
        found = located(self.function, step.args[0], identity(step.shape), round_index, self.row)
        if found is None or found.along(1) != 1 or step.args[0].dtype != step.dtype:
            return False
        self._transpose(step).gather(found, self._columns(step))
        return True

    def _source(self, root: Root, round_index: int) -> Step:
        """The columns that rows are written from: those that they are a copy of, or of a block of their own."""
        x = root.value.args[0] if root.value.op == "positive" else None
        there = x in self.panel.columns and x is not None and self.function.plan.loaded(x, round_index)
        return x if x is not None and there and x.dtype == root.target.dtype else self.panel.staged[root.target]

    def _write(self, step: Step, source: Step) -> None:
        """Write the rows of an array to where they belong, from columns."""
        width, size = step.shape[1], step.dtype.itemsize
        by = self.function.code.emit(0, f"mul i64 {self.row}, {width * size}")
        base = self.function.code.emit(0, f"getelementptr i8, ptr {self.function.base(step)}, i64 {by}")
        self._transpose(step).scatter(self._columns(source), Matrix(base, {0: width, 1: 1}))


def _zeros(function: Function, base: str, size: int) -> None:
    function.code.declare("llvm.memset.p0.i64", "void", ["ptr", "i8", "i64", "i1"])
    function.code.run(0, f"call void @llvm.memset.p0.i64(ptr {base}, i8 0, i64 {size}, i1 false)")


def _filled(function: Function, root: Root, padded: int, lanes: int) -> None:
    """A reduction's first number in every row of a block."""
    step, code = root.target, function.code
    count, kind = padded * prod(step.shape[1:]), stored_kind(KIND[step.dtype])
    if not START[root.reduction]:
        _zeros(function, function.base(step), count * step.dtype.itemsize)
        return
    whole, number = vector(kind, lanes), literal(START[root.reduction], kind)
    line = ", ".join([f"{kind} {number}"] * lanes)
    with function.loop("0", str(count), lanes) as at:
        place = code.emit(0, f"getelementptr {kind}, ptr {function.base(step)}, i64 {at}")
        code.run(0, f"store {whole} <{line}>, ptr {place}, align {step.dtype.itemsize}")
