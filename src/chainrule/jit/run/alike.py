"""One machine code for programs that differ in numbers only, as those of a function for many lengths of its arrays.

The texts of two such programs are compared number by number. What differs becomes a variable that a function loads from
a table when it begins, and each program gets its own copy of the code with its own table: it does what its own text
says, with some of its constants in memory. So nothing needs to be known of what the numbers mean.
"""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Sequence
from typing import Any

TABLE = "differing"
"""The name of the table in a program."""

OTHERWISE = "  ; in other programs another one"
"""Ends a line whose number differs in other programs, whether or not in the first few."""

EXAMPLES = 6
"""Programs from which it is learned what differs; where yet another one differs elsewhere, it is not learned at all."""

TEXTS = 64
"""Texts that are kept of one function, to be compared with those of other lengths."""

_NUMBER = re.compile(
    r"<(?P<kind>i64|double|float) (?P<items>[^<>]*)>"  # a vector: its type comes with its items
    r"|(?<![\w.%@$\"-])(?:-?\d+|0x[0-9A-F]+)(?![\w.\"])"
)
_TYPED = re.compile(r"\b(i64|double|float) $")
_PHI = re.compile(r"= phi (i64|double|float) ")
_FLAGS = r"(?:(?:nuw|nsw|exact|contract|reassoc) )*"
_PLAIN = re.compile(rf"= (?:[if]cmp \w+ |[a-z]+ {_FLAGS})(i64|double|float) ")
_ARRAY = re.compile(r"(@[\w.]+) = internal constant \[\d+ x i64\] \[")
_FUNCTION = re.compile(r"^define [^\n]*\{\n(?:[\w.]+:\n)?", re.MULTILINE)


def _operand_type(line: str) -> str | None:
    """The type of a number that follows the beginning of a line; None where it is no operand of an instruction."""
    if line.startswith(("declare", "define", "@")) or "alloca" in line or line.endswith("align "):
        return None
    explicit = _TYPED.search(line)
    if explicit:
        return explicit[1]
    known = _PHI.search(line) if line.endswith(("[", "[ ")) else _PLAIN.search(line) if line.endswith(", ") else None
    return known[1] if known else None


def _constant(code: str, at: int) -> str | None:
    """The name of the constant array of whole numbers that is written where a number stands; None elsewhere."""
    begin = code.rfind("\n", 0, at) + 1
    found = _ARRAY.match(code, begin) if code[begin : begin + 1] == "@" else None
    return None if found is None else found[1]


def _bits(literal: str) -> bytes:
    """A literal as the table has it: a whole number, or a float64 in LLVM's notation."""
    return struct.pack("<Q", int(literal, 16)) if literal.startswith("0x") else struct.pack("<q", int(literal))


class _Place:
    """A number in a text, or a vector of them, and the `kind` of one; None: no operand."""

    def __init__(self, code: str, found: re.Match[str]) -> None:
        self.vector, self.items = found["kind"] is not None, _items(found[0])
        line = code[code.rfind("\n", 0, found.start()) + 1 : found.start()]
        self.kind: str | None = found["kind"] or _operand_type(line)


class Text:
    """A program in LLVM's language: what stands between its numbers, and these."""

    def __init__(self, code: str) -> None:
        self.code = code
        matches = list(_NUMBER.finditer(code))
        ends = [0, *[m.end() for m in matches]]
        self.between = [code[a : m.start()] for a, m in zip(ends, matches, strict=False)] + [code[ends[-1] :]]
        self.matches = matches
        self.numbers = [m[0] for m in matches]
        self.key = "\0".join(self.between)


class Template:
    """Programs that differ in numbers only.

    code    of all of them, which loads from a table what differs; None where one of these is no operand
    """

    def __init__(self, first: Text) -> None:
        self.examples = [first.numbers]
        self.first = first
        self.code: str | None = first.code
        self.table: list[tuple[int, int]] = []  # of each entry: a place, and which item of it

    def fitted(self, text: Text) -> tuple[str, bytes]:
        """The common code and the table of one more program; its own where no common code can be written for it."""
        if not self._covers(text.numbers):
            self.examples.append(text.numbers)
            if len(self.examples) > EXAMPLES:
                self.code = None
            else:
                self._write()
        if self.code is None:
            return text.code, b""
        return self.code, b"".join([_bits(_items(text.numbers[k])[item]) for k, item in self.table])

    def _covers(self, numbers: Sequence[str]) -> bool:
        """Whether nothing differs in these numbers but what the table has, and what was one entry still is one."""
        if self.code is None:
            return True
        if len(self.examples) == 1:
            return numbers == self.examples[0]
        return all(
            numbers[k] == self.examples[0][k] if group is None else numbers[k] == numbers[group]
            for k, group in enumerate(self._groups)
        )

    def _write(self) -> None:
        first, columns = self.first, list(zip(*self.examples, strict=True))
        places: dict[tuple[str | None, tuple[str, ...]], int] = {}
        names: dict[int, str] = {}
        self._groups: list[int | None] = []
        self.table, self.code = [], None
        entries: list[str] = []
        constants: dict[str, int] = {}
        pieces = [first.between[0]]
        for k, column in enumerate(columns):
            end = first.matches[k].end()
            apart = first.code.startswith(OTHERWISE, end)
            name = _constant(first.code, end) if len(set(column)) > 1 else None
            if name is not None and name not in constants:
                constants[name] = self._whole(name)
            if (len(set(column)) == 1 and not apart) or name is not None:
                self._groups.append(None if name is None else k)
                pieces += [first.numbers[k], first.between[k + 1]]
                continue
            place = _Place(first.code, first.matches[k])
            if place.kind is None or len({len(_items(x)) for x in column}) > 1:
                return
            group = k if apart else places.setdefault((place.kind, column), k)
            if group == k:
                name, lines = self._loaded(k, place, column)
                names[k] = name
                entries += lines
            self._groups.append(group)
            pieces += [names[group], first.between[k + 1]]
        size = max(len(self.table), 1)
        loads = "".join(entries)  # in every function; LLVM drops those that one does not need
        body = _FUNCTION.sub(lambda m: m[0] + loads, "".join(pieces))
        for name, at in constants.items():
            body = re.sub(rf"{name}\b(?! =)", f"getelementptr (i64, ptr @{TABLE}, i64 {at})", body)
        self.code = f"@{TABLE} = global [{size} x i64] zeroinitializer\n{body}"

    def _whole(self, name: str) -> int:
        """Put all numbers of a constant array, as the shape of a result, into the table; where they begin."""
        at, first = len(self.table), self.first
        of_it = [k for k, m in enumerate(first.matches) if _constant(first.code, m.start()) == name]
        self.table += [(k, 0) for k in of_it[1:]]  # the first says how many there are
        return at

    def _loaded(self, k: int, place: _Place, column: Sequence[str]) -> tuple[str, list[str]]:
        """The name of an entry, and the lines that load it."""
        kind, name, count = place.kind, f"%d{k}", len(place.items)
        assert kind is not None
        if not place.vector:
            return name, self._entry(name, kind, k, 0)
        same = all(len(set(_items(x))) == 1 for x in column)
        lines, before = [], "poison"
        for item in range(1 if same else count):
            lines += self._entry(f"{name}.{item}", kind, k, item)
            following = f"{name}.v{item}" if same or item < count - 1 else name
            lines.append(
                f"  {following} = insertelement <{count} x {kind}> {before}, {kind} {name}.{item}, i64 {item}\n"
            )
            before = following
        if same:
            whole = f"<{count} x {kind}>"
            mask = f"<{count} x i32> zeroinitializer"
            lines.append(f"  {name} = shufflevector {whole} {before}, {whole} poison, {mask}\n")
        return name, lines

    def _entry(self, name: str, kind: str, k: int, item: int) -> list[str]:
        at = len(self.table)
        self.table.append((k, item))
        place = f"getelementptr (i64, ptr @{TABLE}, i64 {at})"
        if kind == "float":  # literals of float32 are written as float64
            return [f"  {name}.wide = load double, ptr {place}\n", f"  {name} = fptrunc double {name}.wide to float\n"]
        return [f"  {name} = load {kind}, ptr {place}\n"]


def _items(number: str) -> list[str]:
    return [item.rpartition(" ")[2] for item in number[1:-1].split(", ")] if number.startswith("<") else [number]


class Alike:
    """The programs of one function, by what stands between their numbers.

    lengths   in the shapes of the program that is compiled now, those that differ in other programs

    >>> texts = [f"define i64 @f(i64 %x) {{\\n  %y = add i64 %x, {k}\\n  ret i64 %y\\n}}" for k in (1, 2, 3)]
    >>> alike = Alike()
    >>> alike.shared(texts[0]) == (texts[0], b"")
    True
    >>> (code, table), (same, other) = alike.shared(texts[1]), alike.shared(texts[2])
    >>> code == same, table.hex()[:4], other.hex()[:4]
    (True, '0200', '0300')
    """

    def __init__(self) -> None:
        self.lengths: frozenset[int] = frozenset()
        self._templates: dict[str, Template] = {}
        self._images: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def shared(self, code: str) -> tuple[str, bytes]:
        """The text that a program shares with others, and its own table; its own text for the first of its kind."""
        text = Text(code)
        with self._lock:
            template = self._templates.get(text.key)
            if template is not None:
                return template.fitted(text)
            _add(self._templates, text.key, Template(text))
            return code, b""

    def image(self, code: str, vectorise: str) -> bytes | None:
        """The machine code of a shared text; None where it is not known."""
        return self._images.get((code, vectorise))

    def keep(self, code: str, vectorise: str, image: bytes) -> None:
        """Remember the machine code of a shared text."""
        with self._lock:
            _add(self._images, (code, vectorise), image)


def _add(kept: dict[Any, Any], key: Any, x: Any) -> None:
    """Keep `x` as well; of more than TEXTS the one that came first is forgotten."""
    kept[key] = x
    if len(kept) > TEXTS:
        del kept[next(iter(kept))]
