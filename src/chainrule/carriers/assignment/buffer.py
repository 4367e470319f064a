"""`Buffer`: the memory of an array that is assigned to, as numbers that are never changed.

It holds one array, plain or a carrier, and puts another in its place with each assignment. Elements (or rows) that are
given one after the other wait until the array is asked for: they are joined to it in one step, and an element that
was given is read back as it is. So a loop that fills an array records what it computes, and one array.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.refusals import no_narrowing
from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.libraries import is_foreign
from chainrule.numbers import Number, StandIn, known, shape
from chainrule.ops.assign import Write, assigned, box_of, written
from chainrule.ops.cast import cast
from chainrule.ops.index import scattered

Key = tuple[int, ...]
Step = Callable[[Any], Any]
"""How a view is made of an array: a function of arrays and of carriers."""

SPARSE = 4
"""Elements are scattered into an array that has more than so many times as many; a smaller one is joined whole."""
_born = itertools.count(1)


class Buffer:
    """The memory of an array.

    whole     the array, but for what is pending; a plain one is changed in place
    pending   elements or rows given since, by their leading indices, all of one length
    version   how often it was assigned to
    born      when the first assignment was, in the order of all buffers
    """

    __slots__ = ("_read", "_version", "born", "dtype", "lent", "order", "pending", "shape", "version", "whole")

    def __init__(self, whole: Number, order: str = "C") -> None:
        self.whole, self.shape, self.order = whole, shape(whole), order
        self.dtype = getattr(whole, "dtype", np.dtype(np.float64))
        self.pending: dict[Key, Number] = {}
        self.version, self.born, self.lent = 0, next(_born), False
        self._read: Number = None
        self._version = -1

    @property
    def plain(self) -> bool:
        """Whether it holds plain numbers only."""
        return not self.pending and type(self.whole) is np.ndarray

    def content(self) -> Number:
        """The array now. A plain one is a copy that is never changed."""
        if self._version != self.version or self.lent:
            self._settle()
            if type(self.whole) is np.ndarray:
                self._read = self.whole.copy(order="K")
                self._read.flags.writeable = False
            else:
                self._read = self.whole
            self._version = self.version
        return self._read

    def memory(self) -> Any:
        """The plain array itself, for callers that need no copy but the array, and may write to it."""
        self.lent = True
        return self.whole

    def model(self, kind: Any = np.int8) -> Any:
        """An array that lies in memory as this one does, to see what is a view of it."""
        return np.empty(self.shape, kind, order="F" if self.order == "F" else "C")

    def same(self, a: tuple[Step, ...], b: tuple[Step, ...]) -> bool:
        """Whether two views have the same elements, in one order."""
        model = self.model()
        layouts = [_seen(model, steps).__array_interface__ for steps in (a, b)]
        return all(layouts[0][name] == layouts[1][name] for name in ("data", "shape", "strides"))

    # -- elements -----------------------------------------------------------------------------------------

    def key(self, index: Any) -> Key | None:
        """An index of integers for the first axes, counted from the front; None for any other index. Raises IndexError
        as NumPy does."""
        parts = index if type(index) is tuple else (index,)
        while parts and (parts[-1] is Ellipsis or _is_all(parts[-1])):
            parts = parts[:-1]
        if not parts or len(parts) > len(self.shape):
            return None
        found = []
        for k, part in enumerate(parts):
            if isinstance(part, (bool, np.bool_)) or not isinstance(part, (int, np.integer)):
                return None
            i, n = operator.index(part), self.shape[k]
            if not -n <= i < n:
                raise IndexError(f"index {i} is out of bounds for axis {k} with size {n}")
            found.append(i % n)
        return tuple(found)

    def at(self, key: Key) -> Number:
        """The element, or the row, with these leading indices; NotImplemented where the array has to be asked."""
        depth = len(next(iter(self.pending))) if self.pending else len(key)
        if len(key) < depth:
            return NotImplemented
        found = self.pending.get(key[:depth]) if self.pending else None
        if found is not None:
            return found[key[depth:]] if len(key) > depth else found
        return self.whole[key if len(key) > 1 else key[0]] if len(key) == len(self.shape) else NotImplemented

    # -- assignments --------------------------------------------------------------------------------------

    def assign(self, index: Any, value: Number, steps: tuple[Step, ...]) -> None:
        """The part that `steps` lead to is given `value` at `index`."""
        key = None if steps else self.key(index)
        if not isinstance(value, StandIn) and self._write_plain(key, index, value, steps):
            return
        value = self._typed(value)
        if key is not None:
            self._give(key, value)
        elif steps:
            region = np.broadcast_to(np.empty((), np.int8), shape(_seen(self.model(), steps)))[index].shape
            self.write(lambda part, values: part.__setitem__(index, values), value, steps, region)
        else:
            self._settle()
            self._replace(assigned(self.whole, index, value))

    def write(self, write: Write, value: Number, steps: tuple[Step, ...], region: Any = None) -> None:
        """Assign `value` by `write`, a function that moves its elements into the part."""
        if not isinstance(value, StandIn) and self.plain:
            write(_seen(self.whole, steps), value)
            self.version += 1
            return
        value = self._typed(value)
        self._settle()
        self._replace(written(self.whole, lambda m, v: write(_seen(m, steps), v), value, region))

    def _write_plain(self, key: Key | None, index: Any, value: Any, steps: tuple[Step, ...]) -> bool:
        """Whether plain numbers went into a plain array."""
        if type(self.whole) is not np.ndarray:
            return False
        if self.pending:
            if key is None or len(key) != len(next(iter(self.pending))):
                return False
            self.pending.pop(key, None)
        _seen(self.whole, steps)[index] = value
        self.version += 1
        return True

    def _give(self, key: Key, value: Number) -> None:
        """Keep an element or a row until the array is asked for."""
        rest = self.shape[len(key) :]
        if shape(value) != rest:
            empty: Any = np.broadcast_to(np.empty((), np.int8), rest)
            value = assigned(empty, ..., value) if rest else ops.reshape(value, ())
        if self.pending and len(next(iter(self.pending))) != len(key):
            self._settle()
        self.pending[key] = fresh(value)
        self.version += 1

    def _replace(self, new: Number) -> None:
        self.whole = fresh(self._of_type(new)) if isinstance(new, StandIn) else np.array(new)
        self.version += 1

    def _typed(self, value: Number) -> Number:
        """The value in the type of the array. Raises DroppedDerivative where that would drop its imaginary part."""
        if is_complex(value) or type(value) is COMPLEX_NUMBERS.kind:
            raise no_narrowing(self.dtype)
        if not isinstance(value, StandIn) and not isinstance(self.dtype, np.dtype):
            return value
        if self.dtype == np.float64 and (shape(value) == () or not isinstance(value, StandIn)):
            return value
        return self._of_type(value) if isinstance(value, StandIn) else self._as_assigned(value)

    def _of_type(self, x: Any) -> Any:
        """A carrier in the type of the array; whole numbers have no derivative. Other libraries' arrays stay."""
        if not isinstance(self.dtype, np.dtype) or is_foreign(known(x)):
            return x
        if getattr(x, "dtype", self.dtype) == self.dtype:
            return x
        return cast(x, self.dtype) if self.dtype.kind == "f" else x.astype(self.dtype)

    def _as_assigned(self, value: Any) -> Any:
        """Plain numbers in the type of the array. Raises what NumPy raises where they are none of it."""
        held = np.empty(np.shape(value), self.dtype)
        held[...] = value
        return held[()]

    def _settle(self) -> None:
        """Join what is pending to the array."""
        if not self.pending:
            return
        keys, depth = sorted(self.pending), len(next(iter(self.pending)))
        lead = self.shape[:depth]
        count = int(np.prod(lead, dtype=int))
        base = self.whole
        if len(keys) < count <= SPARSE * len(keys) and type(base) is np.ndarray:
            for key in itertools.product(*map(range, lead)):
                self.pending.setdefault(key, base[key])
            keys = sorted(self.pending)
        joined = ops.stack([self.pending[key] for key in keys])
        self.pending = {}
        if len(keys) == count:
            new = ops.reshape(joined, self.shape)
        else:
            index = tuple(np.array(axis) for axis in zip(*keys, strict=True))
            places = np.zeros(self.shape, bool)
            places[index] = True
            source = np.full(lead, -1)
            source[index] = np.arange(len(keys))
            if (box := box_of(source)) is not None:
                joined = ops.reshape(joined, (*source[box].shape, *self.shape[depth:]))
            new = scattered(joined, index if box is None else box, self.shape)
            if type(base) is not np.ndarray or np.where(places, 0, base).any():
                new = ops.where(places, new, base)
        self.whole = fresh(self._of_type(new)) if isinstance(new, StandIn) else np.array(new)


def _is_all(part: Any) -> bool:
    return isinstance(part, slice) and part.start is None and part.stop is None and part.step in (None, 1)


def _seen(x: Any, steps: tuple[Step, ...]) -> Any:
    for step in steps:
        x = step(x)
    return x


def fresh(x: Number) -> Number:
    """`x` as an object without other references, which no other assignment can reach."""
    carried: Any = x
    return carried.alias() if isinstance(x, StandIn) and shape(x) else x
