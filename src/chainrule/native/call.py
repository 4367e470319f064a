"""A call with settings. Compiled, `call.pxd` takes this file's place: the language has every such call copy the
settings, which is a tenth of what it costs to record an operation on a small array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_settings(function: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """function(*args, **settings)"""
    return function(*args, **settings)


def blank(base: Any, kind: Any) -> Any:
    """An object of a class, made as `base`, one of its bases, makes them: without its own `__new__` and `__init__`."""
    return base.__new__(kind)
