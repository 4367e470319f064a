"""Blocks of rows that are read into columns, and written from them: squares of as many rows and columns as a vector has
lanes change sides in registers. One number at a time takes three times as long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import Lane, shuffled, vector
from chainrule.jit.emit.nest import strides
from chainrule.jit.plan.affine import Place, combined, through
from chainrule.jit.plan.kinds import Kind
from chainrule.jit.program import Step


@dataclass(frozen=True)
class Matrix:
    """Numbers in memory: the address of the first of a block, and how far apart neighbours are along each axis."""

    base: str
    strides: dict[int, int]

    def along(self, axis: int) -> int:
        return self.strides.get(axis, 0)


def located(function: Function, step: Step, place: Place, round_index: int, row: str) -> Matrix | None:
    """Where the numbers of `step` at `place` are in memory, for rows from `row` on; None if they are not there."""
    plan = function.plan
    while not plan.loaded(step, round_index):
        inner = through(step, place) if plan.kinds[step] is Kind.VIEW else None
        if inner is None:
            return None
        (step,), place = step.args, inner
    if not step.shape:
        return None
    padded = function.memory.padded.get(step)
    index = place[0] if len(place) != len(step.shape) else combined(zip(strides(step, padded), place, strict=True))
    found = dict(index.terms)
    base, shift = function.base(step), 0 if padded is not None else found.get(0, 0)
    if index.start:
        base = function.code.emit(0, f"getelementptr i8, ptr {base}, i64 {index.start * step.dtype.itemsize}")
    if shift:
        by = function.code.emit(0, f"mul i64 {row}, {shift * step.dtype.itemsize}")
        base = function.code.emit(0, f"getelementptr i8, ptr {base}, i64 {by}")
    return Matrix(base, found)


class Transpose:
    """For `rows` rows of `columns` numbers of a kind, in vectors of `width`."""

    def __init__(self, function: Function, kind: str, rows: int, columns: int, width: int) -> None:
        self.function, self.code = function, function.code
        self.kind, self.rows, self.columns, self.width = kind, rows, columns, width
        self.size = {"double": 8, "float": 4}[kind]

    def gather(self, rows: Matrix, columns: Matrix) -> None:
        """From rows into columns; what is after the last row becomes 0."""
        whole, last = vector(self.kind, self.width), self.rows // self.width * self.width
        if last < self.rows:
            with self.function.loop("0", str(self.columns), 1) as column:
                place = self._at(columns, str(last), column)
                self.code.run(0, f"store {whole} zeroinitializer, ptr {place}, align {self.size}")

        def square(row: str, column: str, high: int, wide: int) -> None:
            first, to = self._at(rows, row, column), self._at(columns, row, column)
            lines = [self._load(self._past(first, k * rows.along(0)), wide) for k in range(high)]
            for k, x in enumerate(self._turned(lines)[:wide]):
                self._store(x, self._past(to, k * columns.along(1)), self.width)

        self._squares(square)

    def scatter(self, columns: Matrix, rows: Matrix) -> None:
        """From columns into rows."""

        def square(row: str, column: str, high: int, wide: int) -> None:
            first, to = self._at(columns, row, column), self._at(rows, row, column)
            lines = [self._load(self._past(first, k * columns.along(1)), self.width) for k in range(wide)]
            for k, x in enumerate(self._turned(lines)[:high]):
                self._store(x, self._past(to, k * rows.along(0)), wide)

        self._squares(square)

    def _squares(self, square: Callable[[str, str, int, int], None]) -> None:
        """All squares: where they begin, and how many rows and columns of them are there."""
        with self._each(self.rows) as row, self._each(self.columns) as column:
            square(row, column, min(self.rows, self.width), min(self.columns, self.width))

    @contextmanager
    def _each(self, extent: int) -> Iterator[str]:
        """Where squares begin along an axis. The last one has some rows or columns of the one before again, so that
        all its lanes are in use."""
        if extent <= self.width:
            yield "0"
            return
        code, last = self.code, extent - self.width
        with self.function.loop("0", str(extent), self.width) as counter:
            if extent % self.width:
                within = code.emit(0, f"icmp ult i64 {counter}, {last}")
                counter = code.emit(0, f"select i1 {within}, i64 {counter}, i64 {last}")
            yield counter

    def _at(self, matrix: Matrix, row: str, column: str) -> str:
        """The address of an element."""
        place = matrix.base
        for counter, stride in ((row, matrix.along(0)), (column, matrix.along(1))):
            if counter != "0":
                by = counter if stride == 1 else self.code.emit(0, f"mul i64 {counter}, {stride}")
                place = self._past(place, by)
        return place

    def _past(self, place: str, by: int | str) -> str:
        return self.code.emit(0, f"getelementptr {self.kind}, ptr {place}, i64 {by}") if by else place

    def _turned(self, lines: list[Lane]) -> list[Lane]:
        """The first lanes of all lines, then the second, and so on."""
        zero = Lane(self.code, "zeroinitializer", self.kind, self.width, 0)
        square, bit = [*lines, *[zero] * (self.width - len(lines))], 1
        while bit < self.width:
            for k in range(self.width):
                if not k & bit:
                    square[k], square[k + bit] = self._exchanged(square[k], square[k + bit], bit)
            bit *= 2
        return square

    def _exchanged(self, x: Lane, y: Lane, bit: int) -> tuple[Lane, Lane]:
        n = self.width
        if x.name == y.name == "zeroinitializer":
            return x, y
        low = shuffled(x, y, [k if not k & bit else n + k - bit for k in range(n)])
        high = shuffled(x, y, [k + bit if not k & bit else n + k for k in range(n)])
        return Lane(self.code, low, self.kind, n, 0), Lane(self.code, high, self.kind, n, 0)

    def _mask(self, count: int) -> str:
        return "<" + ", ".join(f"i1 {'true' if k < count else 'false'}" for k in range(self.width)) + ">"

    def _load(self, place: str, count: int) -> Lane:
        whole = vector(self.kind, self.width)
        if count == self.width:
            name = self.code.emit(0, f"load {whole}, ptr {place}, align {self.size}")
        else:
            symbol = f"llvm.masked.load.v{self.width}f{8 * self.size}.p0"
            args = [("ptr", place), ("i32", str(self.size)), (f"<{self.width} x i1>", self._mask(count))]
            name = self.code.call(0, symbol, whole, [*args, (whole, "zeroinitializer")])
        return Lane(self.code, name, self.kind, self.width, 0)

    def _store(self, x: Lane, place: str, count: int) -> None:
        if count == self.width:
            self.code.run(0, f"store {x.type} {x.name}, ptr {place}, align {self.size}")
            return
        symbol, mask = f"llvm.masked.store.v{self.width}f{8 * self.size}.p0", f"<{self.width} x i1>"
        self.code.declare(symbol, "void", [x.type, "ptr", "i32", mask])
        line = f"{x.type} {x.name}, ptr {place}, i32 {self.size}, {mask} {self._mask(count)}"
        self.code.run(0, f"call void @{symbol}({line})")
