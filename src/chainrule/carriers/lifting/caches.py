"""Functions with a cache, called with recorded numbers: these go past it."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from typing import Any

from chainrule.numbers import StandIn


def through_cache(cached: Any, inner: Any) -> Any:
    """A cached function: carriers go past the cache; other arguments give the very object that the cache holds."""

    def call(*args: Any, **settings: Any) -> Any:
        if _any_stand_in(args) or _any_stand_in(tuple(settings.values())):
            return inner(*args, **settings)
        found = cached(*args, **settings)
        notes = getattr(_noted, "results", None)
        if notes is not None:
            notes.append(found)
        return found

    return functools.update_wrapper(call, cached, updated=())


def _any_stand_in(args: tuple[Any, ...]) -> bool:
    return any(isinstance(x, StandIn) or (type(x) is tuple and _any_stand_in(x)) for x in args)


_noted = threading.local()


@contextlib.contextmanager
def noting() -> Iterator[list[Any]]:
    """Collects what lifted functions take out of caches: others hold it as well, and may change it."""
    before = getattr(_noted, "results", None)
    results: list[Any] = []
    _noted.results = results
    try:
        yield results
    finally:
        _noted.results = before
