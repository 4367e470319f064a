"""Whether what a function reads besides its arguments is still the same: asked at every call, so it is quick.

Things are compared as objects. Where another object has come, a number or a string that equals the old one will do.
Compiled, `watch.pxd` says which of the containers are C's.
"""

from __future__ import annotations

import itertools
import weakref
from typing import Any

import numpy as np

import chainrule.native.arrays as arrays
from chainrule.carriers.lifting.namespaces import plain
from chainrule.jit.captured import places

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "nothing"})()
PLAIN = frozenset({float, int, bool, complex, str, bytes, type(None), np.float64, np.float32, np.int64, np.bool_})


class Watch:
    """What is looked at, one thing after the other."""

    def __init__(self, kinds: bytes, holders: list[Any], keys: list[Any], were: list[Any]) -> None:
        self.kinds, self.holders, self.keys, self.were = kinds, holders, keys, were
        self.count = len(kinds)
        self.versions: list[Any] = [0] * len(kinds)  # of the dicts of modules, when they were last looked into

    def holds(self) -> bool:
        """Whether everything is the same."""
        return self.first(0) < 0

    def first(self, start: int) -> int:
        """The place of the first thing from `start` on that is not the same; -1: there is none."""
        for k in range(start, self.count):
            if not self.same(k):
                return k
        return -1

    def same(self, k: int) -> bool:
        """Whether thing number k is."""
        kind, holder, key, was = self.kinds[k], self.holders[k], self.keys[k], self.were[k]
        if kind == places.ENTRY:
            if type(holder) is not dict:
                return plain(holder, key, MISSING) is was
            return entry_same(self, k, holder, key, was)
        if kind == places.CELL:
            try:
                now = holder.cell_contents
            except ValueError:
                now = MISSING
        elif kind == places.ATTRIBUTE or kind == places.METHOD or kind == places.REFERENT:
            if type(holder) is weakref.ref:
                holder = holder()
            now = getattr(holder, key, MISSING)
            if kind == places.METHOD:
                now = getattr(now, "__func__", now)
            elif kind == places.REFERENT:
                was = was()
        elif kind == places.ELEMENTS:
            return elements_same(holder, was)
        elif kind == places.PAIRS:
            if type(holder) is not dict:
                return tuple_same(tuple(itertools.chain.from_iterable(holder.items())), was)
            return pairs_same(holder, was)
        elif kind == places.MODULE:
            return module_same(self, k, holder, was)
        elif kind == places.CODE:
            return places.code_same(holder, was)
        elif kind == places.CONTENTS:
            return contents_same(holder, was)
        elif kind == places.FINGERPRINT:
            return bool(fingerprint(holder) == was)
        else:
            return bool(key(holder) == was)
        return now is was or self.renewed(k, now, was)

    def renewed(self, k: int, now: Any, was: Any) -> bool:
        """Whether `now` is a number or a string like the last one; it is the one to compare with from now on."""
        if not equal(now, was):
            return False
        self.were[k] = now
        return True


def entry_same(watch: Watch, k: int, holder: dict[Any, Any], key: Any, was: Any) -> bool:
    now = holder.get(key, MISSING)
    return now is was or watch.renewed(k, now, was) or plain(holder, key, MISSING) is was


def elements_same(holder: Any, was: tuple[Any, ...]) -> bool:
    if type(holder) is list:
        return list_same(holder, was)
    return tuple_same(tuple(holder), was)


def list_same(now: list[Any], was: tuple[Any, ...]) -> bool:
    if len(now) != len(was):
        return False
    for k in range(len(was)):
        x = now[k]
        if x is not was[k] and not equal(x, was[k]):
            return False
    return True


def tuple_same(now: tuple[Any, ...], was: tuple[Any, ...]) -> bool:
    if len(now) != len(was):
        return False
    for k in range(len(was)):
        x = now[k]
        if x is not was[k] and not equal(x, was[k]):
            return False
    return True


def pairs_same(now: dict[Any, Any], was: tuple[Any, ...]) -> bool:
    if 2 * len(now) != len(was):
        return False
    k = 0
    for key, value in now.items():
        if key is not was[k] and not equal(key, was[k]):
            return False
        if value is not was[k + 1] and not equal(value, was[k + 1]):
            return False
        k += 2
    return True


def module_same(watch: Watch, k: int, holder: dict[Any, Any], was: tuple[Any, ...]) -> bool:
    version, seen = places.version(holder), watch.versions[k]
    if version != 0 and version == seen:
        return True
    for n in range(0, len(was), 2):
        if holder.get(was[n]) is not was[n + 1] and plain(holder, was[n]) is not was[n + 1]:
            return False
    watch.versions[k] = version
    return True


def contents_same(now: Any, was: Any) -> bool:
    if type(was) is tuple:  # of objects
        return tuple_same(tuple(now.ravel().tolist()), was)
    if now.flags.c_contiguous:
        return arrays.same(now, was)
    return bool(now.shape == was.shape and now.dtype == was.dtype and now.tobytes() == was.tobytes())


def fingerprint(x: Any) -> tuple[Any, ...]:
    """Of an array: what is another one after a change of its numbers or of its form."""
    return arrays.fingerprint(x), x.shape, x.dtype.str


def equal(now: Any, was: Any) -> bool:
    """Whether both are the same number or string, to the last bit and of one type."""
    kind = type(was)
    if type(now) is not kind or kind not in PLAIN:
        return False
    if now == was:
        return bool(now != 0) or str(now) == str(was)  # 0.0 is not -0.0
    return bool(now != now and was != was)


arrays.start()
