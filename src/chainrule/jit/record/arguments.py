"""How numbers are taken out of arguments of one structure: by code written for it, as walking through the containers
would cost more than a small program's work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Entry = Callable[..., Any]
"""What takes the numbers among a call's arguments, one by one; it returns NotImplemented where they are not those it
was made for."""


FEW = 8
"""Numbers of a list that have names of their own in the code; more are handed on as the list."""


class Arguments:
    """Arguments like `args` and `settings`: the same containers of lists, tuples and dicts, the same objects in the
    places of what is static. `inputs` are the numbers among them, in the order in which a program takes them.

    `entered(entry)` is a function of the arguments, which calls `entry` with the numbers.

    >>> taken = Arguments(([1.0, 2.0], 3.0), {"n": 4}, [1.0, 2.0, 3.0])
    >>> enter = taken.entered(lambda *numbers: numbers)
    >>> enter([5.0, 6.0], 7.0, n=4)
    (5.0, 6.0, 7.0)
    >>> enter([5.0], 7.0, n=4)
    NotImplemented
    """

    def __init__(self, args: tuple[Any, ...], settings: dict[str, Any], inputs: Sequence[Any]) -> None:
        self.entered: Callable[[Entry], Entry]
        if not settings and len(args) == len(inputs) and all(a is x for a, x in zip(args, inputs, strict=True)):
            self.entered = _itself
            return
        writer = _Writer(inputs)
        writer.open((args, settings), "(args, settings)")
        self.entered = writer.made() if writer.known and writer.complete else _unknown


def _itself(entry: Entry) -> Entry:
    return entry


def _unknown(entry: Entry) -> Entry:
    return _nothing


def _nothing(*args: Any, **settings: Any) -> Any:
    return NotImplemented


class _Writer:
    """Code that takes a container apart, part by part.

    known     False once a part was met that no code can be written for
    taken     the numbers met; `_given` are the arguments of `entry` that hold them
    """

    def __init__(self, inputs: Sequence[Any]) -> None:
        self.known = True
        self.taken: list[Any] = []
        self._given: list[str] = []
        self._inputs, self._dynamic = inputs, set(map(id, inputs))
        self._lines: list[str] = []
        self._names: dict[str, Any] = {}
        self._count = 0

    def open(self, part: Any, written: str) -> None:
        """`part`, which the code has as the expression `written`."""
        kind = type(part)
        if kind is tuple or kind is list:
            parts = [self._name() for _ in part]
            if written != "(args, settings)":
                self._unless(f"type({written}) is {kind.__name__} and len({written}) == {len(part)}")
            if len(part) > FEW and all(type(x) is float and id(x) in self._dynamic for x in part):
                self.taken += part
                self._given.append(f"*{written}")
                return
            if parts:
                self._lines.append(f"{', '.join(parts)}, = {written}")
            for x, name in zip(part, parts, strict=True):
                self.open(x, name)
        elif kind is dict and all(type(key) is str for key in part):
            self._unless(f"type({written}) is dict and len({written}) == {len(part)}")
            for key in sorted(part):  # the order in which a program takes them
                self._unless(f"{key!r} in {written}")
                name = self._name()
                self._lines.append(f"{name} = {written}[{key!r}]")
                self.open(part[key], name)
        elif id(part) in self._dynamic:
            self.taken.append(part)
            self._given.append(written)
        elif kind in (int, bool, str, bytes, type(None)) or callable(part):
            static = f"static_{written}"
            self._names[static] = part
            self._unless(f"{written} is {static}")
        else:
            self.known = False

    @property
    def complete(self) -> bool:
        """Whether the numbers met are the inputs, in their order."""
        same = (a is x for a, x in zip(self.taken, self._inputs, strict=False))
        return len(self._inputs) == len(self.taken) and all(same)

    def made(self) -> Callable[[Entry], Entry]:
        body = [*self._lines, f"return entry({', '.join(self._given)})"]
        source = "\n".join(
            ["def entered(entry):", " def enter(*args, **settings):", *(f"  {line}" for line in body), " return enter"]
        )
        exec(source, self._names)
        found: Callable[[Entry], Entry] = self._names["entered"]
        return found

    def _name(self) -> str:
        self._count += 1
        return f"x{self._count}"

    def _unless(self, test: str) -> None:
        self._lines.append(f"if not ({test}): return NotImplemented")
