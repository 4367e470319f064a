"""What a program calls while it runs: the arguments of functions that could belong to a claim, and the functions it
hands to optimisers with their derivatives."""

from __future__ import annotations

import contextlib
import copy
import inspect
import sys
from collections.abc import Iterator
from dataclasses import field, replace
from types import CodeType, FrameType
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.claims.claim import innermost
from chainrule.check.claims.handed import Use, handed
from chainrule.check.claims.syntax.calls import CHECKERS, INTEGRATORS, OPTIMISERS
from chainrule.records import record

KEPT = 3  # different arguments of a function
LARGEST = 200_000  # numbers in them
LOOKED_AT = 200  # calls of a function
GIVEN = OPTIMISERS | CHECKERS | INTEGRATORS


@record
class Seen:
    """`names` are the functions whose calls are noted if they were defined in one of the `files`."""

    names: set[str]
    files: set[str] = field(default_factory=set)
    calls: dict[CodeType, list[tuple[Any, ...]]] = field(default_factory=dict)
    owners: dict[CodeType, Any] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    looked: dict[CodeType, int] = field(default_factory=dict)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Note calls in this thread, unless another profiler watches them."""
        if sys.getprofile() is not None or not self.names:
            yield
            return
        wanted = self.names | GIVEN | {"<lambda>"}

        def look(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and frame.f_code.co_name in wanted:
                self.note(frame)

        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(None)

    def note(self, frame: FrameType) -> None:
        code = frame.f_code
        if code.co_filename not in self.files:
            if code.co_name in GIVEN:
                self._use(frame)
            return
        looked = self.looked.get(code, 0)
        self.looked[code] = looked + 1
        if looked > LOOKED_AT or len(self.calls.get(code, ())) >= KEPT:
            return
        given = frame.f_locals
        names = code.co_varnames[: code.co_argcount]
        args = [given[name] for name in names if name in given]
        if names[:1] == ("self",):
            self.owners[code] = args.pop(0)
        if code.co_flags & inspect.CO_VARARGS:
            args += given.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount], ())
        point = data(tuple(args))
        kept = self.calls.setdefault(code, [])
        if point is not None and not any(alike(point, other) for other in kept):
            kept.append(point)

    def _use(self, frame: FrameType) -> None:
        use = handed(frame)
        if use is None or any(use.like(other) for other in self.uses):
            return
        kept = data((use.point, *use.more))
        if kept is not None:
            self.uses.append(replace(use, point=kept[0], more=kept[1:]))

    def points(self, function: Any) -> list[tuple[Any, ...]]:
        """The different arguments that a function, an object that is called or a rule of PyTorch's was called with."""
        rule = getattr(getattr(function, "__self__", None), "forward", None) if _is_apply(function) else None
        called = rule or function if hasattr(innermost(function), "__code__") else type(function).__call__
        code = getattr(innermost(called), "__code__", None)
        seen = self.calls.get(code, []) if isinstance(code, CodeType) else []
        return [point[1:] for point in seen] if rule else seen


def _is_apply(function: Any) -> bool:
    return getattr(function, "__name__", "") == "apply" and isinstance(getattr(function, "__self__", None), type)


def data(args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """A copy of arguments that are data (numbers, arrays, texts, containers of them), with functions and objects beside
    them as they are; None where there are no data, or too many."""
    try:
        leaves = trees.flatten(args)[0]
        known = [x for x in leaves if _is_data(x)]
        if not known or sum(np.size(x) for x in known if _counts(x)) > LARGEST:
            return None
        whole: Any = args
        return tuple(trees.map(_kept, whole))
    except Exception:  # containers of other kinds
        return None


def _kept(x: Any) -> Any:
    if hasattr(x, "detach"):
        return x.detach().clone()
    return copy.deepcopy(x) if _is_data(x) else x


def _counts(x: Any) -> bool:
    return isinstance(x, (np.ndarray, list))


def _is_data(x: Any) -> bool:
    if x is None or isinstance(x, (bool, int, float, str, np.generic)):
        return True
    if isinstance(x, np.ndarray):
        return bool(x.dtype != object)
    return type(x).__module__.partition(".")[0] in ("torch", "jaxlib", "jax") and hasattr(x, "dtype")


def alike(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Whether two calls had the same arguments."""
    left, right = trees.flatten(a)[0], trees.flatten(b)[0]
    return len(left) == len(right) and all(
        x is y or (np.shape(x) == np.shape(y) and bool(np.all(np.asarray(x == y))))
        for x, y in zip(left, right, strict=True)
    )
