"""Numbers of a kernel: one value in each lane of a SIMD register, computed by LLVM instructions that Python's
operators write down."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.jit.run import mathlib

_KINDS = {"float64": "double", "float32": "float", "bool": "i1", "int64": "i64", "int32": "i32"}
KIND = {np.dtype(name): kind for name, kind in _KINDS.items()}  # to ask a type for its name takes a microsecond
_BITS = {"double": 64, "float": 32}
_DTYPE = {"double": "float64", "float": "float32"}


def literal(value: float, kind: str) -> str:
    """A constant in LLVM's notation, to the last bit.

    >>> literal(1.0, "double"), literal(True, "i1")
    ('0x3FF0000000000000', 'true')
    """
    if kind == "i1":
        return "true" if value else "false"
    if kind[0] == "i":
        return str(int(value))
    with np.errstate(over="ignore"):
        exact = float(np.float32(value)) if kind == "float" else float(value)
    return f"0x{struct.unpack('<Q', struct.pack('<d', exact))[0]:016X}"


def stored_kind(kind: str) -> str:
    """The type of an element in memory: a boolean takes a byte."""
    return "i8" if kind == "i1" else kind


MOST = 500_000
"""Instructions of one function. 20,000 steps, of which one kernel takes a minute, are some 100,000."""


class NoInstruction(TypeError):
    """Numbers of a type that an instruction is not made for: LLVM would end the process over some of them."""


class Code:
    """Instructions under construction, in sections: section d is executed inside d loops.

    contract   a product and a sum may become one instruction that rounds once
    negated    by the name of a number what it is the negative of
    """

    def __init__(self, contract: bool) -> None:
        self.contract = "contract " if contract else ""
        self.sections: list[list[str]] = [[]]
        self.declared: dict[str, str] = {}
        self._names = 0
        self._splats: dict[tuple[str, int, int], str] = {}
        self._parts: dict[tuple[str, str, int], Lane] = {}
        self.negated: dict[str, Lane] = {}

    def name(self) -> str:
        self._names += 1
        if self._names > MOST:
            raise ArgumentError(
                f"jit gives up on a function of more than {MOST:,} instructions, which would compile for minutes. "
                "Compute with arrays in place of their elements, or jit the part that repeats and call it in a loop"
            )
        return f"%v{self._names}"

    def emit(self, depth: int, instruction: str) -> str:
        name = self.name()
        self.sections[depth].append(f"  {name} = {instruction}")
        return name

    def run(self, depth: int, instruction: str) -> None:
        """An instruction without a result."""
        self.sections[depth].append(f"  {instruction}")

    def call(self, depth: int, symbol: str, result: str, args: list[tuple[str, str]]) -> str:
        self.declare(symbol, result, [kind for kind, _ in args])
        listed = ", ".join(f"{kind} {name}" for kind, name in args)
        return self.emit(depth, f"call {result} @{symbol}({listed})")

    def declare(self, symbol: str, result: str, kinds: list[str]) -> None:
        self.declared[symbol] = f"declare {result} @{symbol}({', '.join(kinds)})"

    def constant(self, value: float, kind: str) -> Lane:
        return Lane(self, literal(value, kind), kind, 1, 0, value)

    def splat(self, x: Lane, width: int, depth: int) -> str:
        """`x`, one number, in every lane of a vector."""
        if x.width == width:
            return x.name
        if x.value is not None:
            return "<" + ", ".join([f"{x.kind} {x.name}"] * width) + ">"
        known = self._splats.get((x.name, width, depth))
        if known is None:
            whole = vector(x.kind, width)
            first = self.emit(depth, f"insertelement {whole} poison, {x.kind} {x.name}, i64 0")
            mask = f"<{width} x i32> zeroinitializer"
            known = self.emit(depth, f"shufflevector {whole} {first}, {whole} poison, {mask}")
            self._splats[x.name, width, depth] = known
        return known

    def once(self, part: str, x: Lane, make: Callable[[Lane], Lane]) -> Lane:
        """`make(x)`, a part of what several rows compute from the same number, as tanh and its slope do."""
        if x.value is not None:
            return make(x)
        key = part, x.name, x.depth
        known = self._parts.get(key)
        if known is None:
            known = self._parts[key] = make(x)
        return known

    @contextlib.contextmanager
    def in_any_order(self, allowed: bool) -> Iterator[None]:
        """Whether sums written inside may be added up in another order."""
        before = self.contract
        self.contract = f"reassoc {before}" if allowed else before
        yield
        self.contract = before

    @contextlib.contextmanager
    def rounding_each(self) -> Iterator[None]:
        """Products and sums written inside become no instruction that rounds once."""
        before, self.contract = self.contract, ""
        yield
        self.contract = before

    def forget(self) -> None:
        """Splats and parts are known within one copy of a loop's body only."""
        self._splats.clear()
        self._parts.clear()


def vector(kind: str, width: int) -> str:
    return kind if width == 1 else f"<{width} x {kind}>"


class Lane:
    """A number in each of `width` lanes. `kind` is LLVM's type of one, `depth` the loop it is computed in, `value`
    what it is where that is known, `product` the operands where it is a product under a mask (see `accumulated`)."""

    __slots__ = ("code", "depth", "kind", "name", "product", "value", "width")

    def __init__(self, code: Code, name: str, kind: str, width: int, depth: int, value: float | None = None) -> None:
        self.code, self.name, self.kind, self.width, self.depth, self.value = code, name, kind, width, depth, value
        self.product: tuple[Lane, Lane, Lane] | None = None

    @property
    def type(self) -> str:
        return vector(self.kind, self.width)

    def __add__(self, other: Operand) -> Lane:
        return accumulated(self, self._of(other))

    def __radd__(self, other: Operand) -> Lane:
        return accumulated(self._of(other), self)

    def __sub__(self, other: Operand) -> Lane:
        return arithmetic("fsub", self, self._of(other))

    def __rsub__(self, other: Operand) -> Lane:
        return arithmetic("fsub", self._of(other), self)

    def __mul__(self, other: Operand) -> Lane:
        return arithmetic("fmul", self, self._of(other))

    def __rmul__(self, other: Operand) -> Lane:
        return arithmetic("fmul", self._of(other), self)

    def __truediv__(self, other: Operand) -> Lane:
        return arithmetic("fdiv", self, self._of(other))

    def __rtruediv__(self, other: Operand) -> Lane:
        return arithmetic("fdiv", self._of(other), self)

    def __neg__(self) -> Lane:
        _of_floats("fneg", self)
        found = apply("fneg {}", self.kind, self)
        self.code.negated[found.name] = self
        return found

    def __abs__(self) -> Lane:
        return intrinsic("fabs", self)

    def __lt__(self, other: Operand) -> Lane:
        return compare("olt", self, self._of(other))

    def __le__(self, other: Operand) -> Lane:
        return compare("ole", self, self._of(other))

    def __gt__(self, other: Operand) -> Lane:
        return compare("ogt", self, self._of(other))

    def __ge__(self, other: Operand) -> Lane:
        return compare("oge", self, self._of(other))

    def equals(self, other: Operand) -> Lane:
        return compare("oeq", self, self._of(other))

    def differs(self, other: Operand) -> Lane:
        return compare("une", self, self._of(other))

    def __and__(self, other: Lane) -> Lane:
        return _of_conditions("and", self, other)

    def __or__(self, other: Lane) -> Lane:
        return _of_conditions("or", self, other)

    def __xor__(self, other: Lane) -> Lane:
        return _of_conditions("xor", self, other)

    def __invert__(self) -> Lane:
        return self ^ self.code.constant(True, "i1")

    def _of(self, other: Operand) -> Lane:
        return other if isinstance(other, Lane) else self.code.constant(other, self.kind)


Operand = Lane | float


def apply(template: str, kind: str, *args: Lane) -> Lane:
    """One instruction on operands brought to a common number of lanes; braces stand for the type and name of the
    first operand and the names of the others."""
    code = args[0].code
    width = max(x.width for x in args)
    depth = max(x.depth for x in args)
    names = [code.splat(x, width, depth) if width > 1 else x.name for x in args]
    text = template.format(f"{vector(args[0].kind, width)} {names[0]}", *names[1:])
    return Lane(code, code.emit(depth, text), kind, width, depth)


def _of_floats(op: str, *args: Lane) -> None:
    kinds = {x.kind for x in args}
    if len(kinds) > 1 or not kinds <= set(_BITS):
        raise NoInstruction(f"{op} of {', '.join(x.kind for x in args)}")


def _of_conditions(op: str, a: Lane, b: Lane) -> Lane:
    if a.kind != "i1" or b.kind != "i1":
        raise NoInstruction(f"{op} of {a.kind}, {b.kind}")
    return apply(f"{op} {{}}, {{}}", "i1", a, b)


def arithmetic(op: str, a: Lane, b: Lane) -> Lane:
    _of_floats(op, a, b)
    return apply(f"{op} {a.code.contract}{{}}, {{}}", a.kind, a, b)


def compare(condition: str, a: Lane, b: Lane) -> Lane:
    _of_floats(condition, a, b)
    return apply(f"fcmp {condition} {{}}, {{}}", "i1", a, b)


def accumulated(a: Lane, b: Lane) -> Lane:
    """a + b. Where one is `x * y, but 0 where m does not hold`, the sum is made where m holds and left alone elsewhere:
    one instruction under a mask in place of three."""
    code = a.code
    if b.product is None:
        a, b = b, a
    if not code.contract or b.product is None:
        return arithmetic("fadd", a, b)
    mask, x, y = b.product
    return select(mask, fused(x, y, a), a)


def fused(x: Lane, y: Lane, z: Lane) -> Lane:
    """x * y + z in one instruction where the machine has it."""
    _of_floats("fma", x, y, z)
    width = max(x.width, y.width, z.width)
    depth = max(x.depth, y.depth, z.depth)
    code, whole = x.code, vector(x.kind, width)
    args = [(whole, code.splat(v, width, depth)) for v in (x, y, z)]
    return Lane(code, code.call(depth, f"llvm.fmuladd.{_suffix(x.kind, width)}", whole, args), x.kind, width, depth)


def select(mask: Lane, yes: Operand, no: Operand) -> Lane:
    """`yes` in the lanes where `mask` holds, `no` elsewhere."""
    like = yes if isinstance(yes, Lane) else no
    assert isinstance(like, Lane)
    a, b = like._of(yes), like._of(no)
    if mask.kind != "i1" or a.kind != b.kind:
        raise NoInstruction(f"select of {mask.kind}, {a.kind}, {b.kind}")
    code = like.code
    width = max(mask.width, a.width, b.width)
    depth = max(mask.depth, a.depth, b.depth)
    whole, names = vector(a.kind, width), [code.splat(v, width, depth) for v in (mask, a, b)]
    text = f"select {vector('i1', width)} {names[0]}, {whole} {names[1]}, {whole} {names[2]}"
    return Lane(code, code.emit(depth, text), a.kind, width, depth)


def intrinsic(name: str, *args: Lane) -> Lane:
    """A function that LLVM itself knows, such as "sqrt"."""
    _of_floats(name, *args)
    code, kind = args[0].code, args[0].kind
    width, depth = max(x.width for x in args), max(x.depth for x in args)
    whole = vector(kind, width)
    named = [(whole, code.splat(x, width, depth)) for x in args]
    return Lane(code, code.call(depth, f"llvm.{name}.{_suffix(kind, width)}", whole, named), kind, width, depth)


def _suffix(kind: str, width: int) -> str:
    scalar = f"f{_BITS[kind]}" if kind in _BITS else kind
    return scalar if width == 1 else f"v{width}{scalar}"


def library(name: str, *args: Lane) -> Lane:
    """A function of the C library: its variant for vectors where there is one, else called for each lane."""
    _of_floats(name, *args)
    code, kind = args[0].code, args[0].kind
    width, depth = max(x.width for x in args), max(x.depth for x in args)
    whole, dtype = vector(kind, width), _DTYPE[kind]
    names = [code.splat(x, width, depth) for x in args]
    symbol = mathlib.vector(name, dtype, width) if width > 1 else mathlib.scalar(name, dtype)
    if symbol is not None:
        return Lane(code, code.call(depth, symbol, whole, [(whole, n) for n in names]), kind, width, depth)
    if width == 1:
        raise LookupError(name)
    parts = [Lane(code, n, kind, width, depth) for n in names]
    halves = [library(name, *(half(x, k) for x in parts)) for k in (0, 1)]
    return both(*halves)


def half(x: Lane, k: int) -> Lane:
    """The lower (0) or upper (1) half of the lanes."""
    n = x.width // 2
    if n == 1:
        name = x.code.emit(x.depth, f"extractelement {x.type} {x.name}, i64 {k}")
    else:
        name = shuffled(x, x, range(k * n, (k + 1) * n))
    return Lane(x.code, name, x.kind, n, x.depth)


def both(low: Lane, high: Lane) -> Lane:
    """The lanes of both, one after the other."""
    code, n, kind, depth = low.code, low.width, low.kind, low.depth
    if n == 1:
        name = code.emit(depth, f"insertelement <2 x {kind}> poison, {kind} {low.name}, i64 0")
        name = code.emit(depth, f"insertelement <2 x {kind}> {name}, {kind} {high.name}, i64 1")
    else:
        name = shuffled(low, high, range(2 * n))
    return Lane(code, name, kind, 2 * n, depth)


def interleaved(lanes: Sequence[Lane]) -> Lane:
    """The first number of each, then the second of each, and so on."""
    count, width = len(lanes), lanes[0].width
    wide = [*lanes, *[lanes[-1]] * ((1 << (count - 1).bit_length()) - count)]
    while len(wide) > 1:
        wide = [both(low, high) for low, high in zip(wide[::2], wide[1::2], strict=True)]
    return picked(wide[0], [k * width + lane for lane in range(width) for k in range(count)])


def picked(x: Lane, places: Sequence[int]) -> Lane:
    """The lanes at these places."""
    return Lane(x.code, shuffled(x, x, places), x.kind, len(places), x.depth)


def shuffled(x: Lane, y: Lane, picked: Iterable[int]) -> str:
    """Lanes picked from those of x followed by those of y."""
    numbers = [f"i32 {k}" for k in picked]
    mask = f"<{len(numbers)} x i32> <{', '.join(numbers)}>"
    return x.code.emit(x.depth, f"shufflevector {x.type} {x.name}, {y.type} {y.name}, {mask}")


def converted(x: Lane, kind: str) -> Lane:
    """`x` as a number of another type; what is not 0 is true."""
    if x.kind == kind:
        return x
    if x.value is not None:
        return x.code.constant(x.value, kind)
    if kind == "i1":
        return x.differs(0.0) if x.kind in _BITS else apply("icmp ne {}, {}", "i1", x, x.code.constant(0, x.kind))
    if x.kind == "i1" and kind in _BITS:
        one = x.code.constant(1.0, kind)
        result = select(x, one, 0.0)  # a conversion would take three instructions
        result.product = (x, one, one)
        return result
    how = "sitofp"
    if x.kind in _BITS:
        how = ("fpext" if kind == "double" else "fptrunc") if kind in _BITS else "fptosi"
    elif kind not in _BITS:
        how = "zext" if x.kind == "i1" else "sext" if kind == "i64" else "trunc"
    return apply(f"{how} {{}} to {vector(kind, x.width)}", kind, x)


Emitter = Callable[..., Lane]
Settings = dict[str, Any]
