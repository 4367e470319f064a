"""Products of a panel's rows with small matrices, and of rows with rows, in tiles: a few columns by a few vectors of
rows of the result are in registers while the sums go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass

from chainrule.jit.emit.function import Function
from chainrule.jit.emit.lanes import KIND, Lane, fused, vector
from chainrule.jit.emit.panels.transposes import Matrix, located
from chainrule.jit.emit.reductions import across
from chainrule.jit.plan.affine import broadcast, identity
from chainrule.jit.plan.memory import LINE, Home
from chainrule.jit.plan.plan import Root

WIDE = 20  # accumulators where there are 32 registers
SLIM = 10  # and where there are 16
ALONG = 4  # columns of a tile

Sums = dict[tuple[int, int], Lane]
Factors = Callable[[str], tuple[list[Lane], list[Lane]]]
"""What is multiplied for the counter of a sum: each of the former with each of the latter."""


@dataclass(frozen=True)
class Tile:
    """From `low` on, `count` times, `size` points."""

    low: int
    count: int
    size: int


def cut(extent: int, sizes: tuple[int, ...], most: int = 8) -> list[Tile]:
    """All of `extent` in tiles of one size, if one of these divides it, or of the first and what is left.

    >>> cut(13, (4, 3)), cut(6, (4, 3))
    ([Tile(low=0, count=3, size=4), Tile(low=12, count=1, size=1)], [Tile(low=0, count=2, size=3)])
    """
    fitting = [size for size in (*sizes, 1) if size <= min(most, extent)]
    size = next((s for s in fitting[:-1] if extent % s == 0), fitting[0])
    count, rest = divmod(extent, size)
    return [t for t in (Tile(0, count, size), Tile(count * size, int(rest > 0), rest)) if t.count]


class Product:
    """A product for a block of `rows` rows, from `row` on, in vectors of `width` rows; of a block that has room for so
    many, if `limit` says how many it has."""

    def __init__(
        self, function: Function, root: Root, round_index: int, row: str, rows: int, width: int, limit: str | None
    ) -> None:
        self.function, self.code, self.root = function, function.code, root
        self.row, self.rows, self.width, self.end = row, rows, width, limit
        self.kind = KIND[root.target.dtype]
        self.vectors = -(-rows // width)
        self.limit = WIDE if width * root.target.dtype.itemsize == LINE else SLIM
        product = function.plan.row_products[root.target]
        place = identity(product.shape)
        self.shape = product.shape
        self.factors: list[Matrix] = []
        for a in product.args:
            found = located(function, a, broadcast(place, product.shape, a.shape), round_index, row)
            assert found is not None
            self.factors.append(found)

    # -- rows times a matrix ------------------------------------------------------------------------------

    def forward(self) -> None:
        """x @ w: for some columns of w and some vectors of rows at a time, over the columns of x."""
        padded = self.function.memory.padded[self.root.target]
        self._apart(
            ("forward", padded), self.function.base(self.root.target), lambda own, base: own._forward(base, padded)
        )

    def _forward(self, base: str, padded: int) -> None:
        target = Matrix(base, {0: 1, 2: padded})
        x, w = self.factors
        _, inner, columns = self.shape
        for high in cut(columns, (ALONG, 5, 3)):
            fit = max(self.limit // high.size, 1)
            for wide in cut(self.vectors, (3, 2, 5, 4), fit):
                with self._each(high, 1) as column, self._each(wide, self.width) as lane:
                    left = [self._at(x.base, lane, k * self.width) for k in range(wide.size)]
                    first = self._at(w.base, self._times(column, w.along(2)))
                    right = [self._at(first, k * w.along(2)) for k in range(high.size)]

                    def factors(
                        k: str, left: list[str] = left, right: list[str] = right
                    ) -> tuple[list[Lane], list[Lane]]:
                        ahead, across = self._times(k, x.along(1)), self._times(k, w.along(1))
                        return self._loads(left, ahead), self._splats(right, across)

                    sums = self._sums(inner, 1, wide.size, high.size, factors)
                    place = self._at(self._at(target.base, lane), self._times(column, target.along(2)))
                    for (k, j), total in self._of_rows(sums, lane).items():
                        self._store(total, self._at(place, k * self.width + j * target.along(2)))
        if self.rows % self.width and self.end is None:
            self._clear(target.base, columns, target.along(2))

    def _of_rows(self, sums: Sums, lane: str) -> Sums:
        """Numbers where there are rows, and zeros after the last."""
        if self.end is None:
            return sums
        code, width = self.code, self.width
        counts, whole = f"<{width} x i64>", vector(self.kind, width)
        left = code.splat(Lane(code, code.emit(0, f"sub i64 {self.end}, {lane}"), "i64", 1, 0), width, 0)
        masks = []
        for k in range(1 + max(k for k, _ in sums)):
            places = ", ".join(f"i64 {k * width + n}" for n in range(width))
            masks.append(code.emit(0, f"icmp sgt {counts} {left}, <{places}>"))
        chosen = {
            (k, j): code.emit(0, f"select <{width} x i1> {masks[k]}, {whole} {x.name}, {whole} zeroinitializer")
            for (k, j), x in sums.items()
        }
        return {pair: Lane(code, name, self.kind, width, 0) for pair, name in chosen.items()}

    def _clear(self, base: str, columns: int, along: int) -> None:
        """Zeros after the last row, where a matrix with infinite numbers has left nan."""
        last, rest = self.rows // self.width * self.width, self.rows % self.width
        mask = ", ".join(f"i1 {'true' if k < rest else 'false'}" for k in range(self.width))
        whole = vector(self.kind, self.width)
        with self._each(Tile(0, columns, 1), 1) as column:
            place = self._at(self._at(base, last), self._times(column, along))
            x = self._load(place)
            name = self.code.emit(0, f"select <{self.width} x i1> <{mask}>, {whole} {x.name}, {whole} zeroinitializer")
            self._store(Lane(self.code, name, self.kind, self.width, 0), place)

    # -- rows times rows ----------------------------------------------------------------------------------

    def backward(self, sums: Home) -> None:
        """x.T @ y: vectors of sums over the rows, added to what earlier blocks have left in `sums`."""
        self._apart(("backward",), self.function.address(sums), Product._backward)

    def _backward(self, places: str) -> None:
        x, y = self.factors
        _, left, right = self.shape
        for high in cut(left, (ALONG, 5, 3, 2)):
            fit = max(self.limit // high.size, 1)
            for wide in cut(right, (4, 5, 3, 2), fit):
                with self._each(high, 1) as i, self._each(wide, 1) as j:
                    a = [self._at(x.base, self._times(i, x.along(1)), k * x.along(1)) for k in range(high.size)]
                    b = [self._at(y.base, self._times(j, y.along(2)), k * y.along(2)) for k in range(wide.size)]

                    def factors(k: str, a: list[str] = a, b: list[str] = b) -> tuple[list[Lane], list[Lane]]:
                        return self._loads(a, k), self._loads(b, k)

                    found = self._sums(self.vectors * self.width, self.width, high.size, wide.size, factors)
                    first = self.code.emit(0, f"add i64 {self._times(i, right)}, {j}")
                    place = self._at(places, self._times(first, self.width))
                    for (p, q), total in found.items():
                        where = self._at(place, (p * right + q) * self.width)
                        self._store(self._load(where) + total, where)

    def _apart(self, key: tuple[object, ...], base: str, write: Callable[[Product, str], None]) -> None:
        """Have it done by a function of its own, which other products of its size call too."""
        places = [*(("ptr", factor.base) for factor in self.factors), ("ptr", base)]
        if self.end is not None:
            places.append(("i64", self.end))
        lie = tuple(tuple(sorted(factor.strides.items())) for factor in self.factors)

        def written(function: Function, names: list[str]) -> None:
            own = copy(self)
            own.function, own.code, own.end = function, function.code, names[3] if names[3:] else None
            own.factors = [Matrix(n, f.strides) for n, f in zip(names, self.factors, strict=False)]
            write(own, names[2])

        self.function.call((*key, self.kind, self.width, self.rows, self.shape[1:], lie), places, written)

    # -- parts --------------------------------------------------------------------------------------------

    @contextmanager
    def _each(self, tile: Tile, grain: int) -> Iterator[str]:
        low, size = tile.low * grain, tile.size * grain
        if tile.count == 1:
            yield str(low)
            return
        with self.function.loop(str(low), str(low + tile.count * size), size) as counter:
            yield counter

    def _sums(self, extent: int, step: int, m: int, n: int, factors: Factors) -> Sums:
        """The sums over a loop of the products of `m` by `n` factors, which are made for its counter."""
        code, whole = self.code, vector(self.kind, self.width)
        before, head, after = (self.function.label() for _ in range(3))
        counter, following, more = (code.name() for _ in range(3))
        pairs = [(k, j) for k in range(m) for j in range(n)]
        old = {pair: code.name() for pair in pairs}
        outside, code.sections[0] = code.sections[0], []
        a, b = factors(counter)
        new = {(k, j): fused(a[k], b[j], Lane(code, old[k, j], self.kind, self.width, 0)) for k, j in pairs}
        body, code.sections[0] = code.sections[0], outside
        code.sections[0] += [
            f"  br label %{before}", f"{before}:", f"  br label %{head}", f"{head}:",
            f"  {counter} = phi i64 [0, %{before}], [{following}, %{head}]",
            *(f"  {old[p]} = phi {whole} [zeroinitializer, %{before}], [{new[p].name}, %{head}]" for p in pairs),
            *body, f"  {following} = add i64 {counter}, {step}", f"  {more} = icmp ult i64 {following}, {extent}",
            f"  br i1 {more}, label %{head}, label %{after}", f"{after}:",
        ]  # fmt: skip
        code.forget()
        return new

    def _times(self, counter: str, factor: int) -> str:
        if counter.isdigit():
            return str(int(counter) * factor)
        return counter if factor == 1 else self.code.emit(0, f"mul i64 {counter}, {factor}")

    def _at(self, base: str, *by: str | int) -> str:
        for k in by:
            if str(k) != "0":
                base = self.code.emit(0, f"getelementptr {self.kind}, ptr {base}, i64 {k}")
        return base

    def _loads(self, bases: list[str], by: str) -> list[Lane]:
        return [self._load(self._at(base, by)) for base in bases]

    def _splats(self, bases: list[str], by: str) -> list[Lane]:
        places = [self._at(base, by) for base in bases]
        numbers = [Lane(self.code, self.code.emit(0, f"load {self.kind}, ptr {p}"), self.kind, 1, 0) for p in places]
        return [Lane(self.code, self.code.splat(x, self.width, 0), self.kind, self.width, 0) for x in numbers]

    def _load(self, place: str) -> Lane:
        whole, size = vector(self.kind, self.width), self.root.target.dtype.itemsize
        name = self.code.emit(0, f"load {whole}, ptr {place}, align {size}")
        return Lane(self.code, name, self.kind, self.width, 0)

    def _store(self, x: Lane, place: str) -> None:
        self.code.run(0, f"store {x.type} {x.name}, ptr {place}, align {self.root.target.dtype.itemsize}")


def gathered(function: Function, root: Root, sums: Home, width: int) -> None:
    """What the vectors in `sums` come to, as the numbers of the result."""
    code, target = function.code, root.target
    kind, size = KIND[target.dtype], target.dtype.itemsize
    whole, count = vector(kind, width), target.shape[0] * target.shape[1]
    base, places = function.base(target), function.address(sums)

    def some(at: str, many: int) -> None:
        first = code.emit(0, f"getelementptr {whole}, ptr {places}, i64 {at}")
        vectors = []
        for k in range(many):
            place = code.emit(0, f"getelementptr {whole}, ptr {first}, i64 {k}")
            vectors.append(Lane(code, code.emit(0, f"load {whole}, ptr {place}, align {size}"), kind, width, 0))
        totals = across(vectors, "sum")
        place = code.emit(0, f"getelementptr {kind}, ptr {base}, i64 {at}")
        if many == width:
            code.run(0, f"store {whole} {totals.name}, ptr {place}, align {size}")
            return
        for k in range(many):
            x = code.emit(0, f"extractelement {whole} {totals.name}, i64 {k}")
            code.run(0, f"store {kind} {x}, ptr {code.emit(0, f'getelementptr {kind}, ptr {place}, i64 {k}')}")

    if count >= width:
        with function.loop("0", str(count // width * width), width) as at:
            some(at, width)
    if count % width:
        some(str(count // width * width), count % width)
    code.forget()
