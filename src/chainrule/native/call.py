"""A call with settings. Compiled, `call.pxd` takes this file's place: the language has every such call copy the
settings, which is a tenth of what it costs to record an operation on a small array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_settings(function: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """function(*args, **settings)"""
    return function(*args, **settings)
