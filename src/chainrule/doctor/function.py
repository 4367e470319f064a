"""`doctor(f)`: the lines of a function, and of what it calls, that have no derivative here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chainrule.doctor.examination import Examination
from chainrule.doctor.examine import examine
from chainrule.errors import ArgumentError


def doctor(f: Callable[..., Any], severity: str = "note") -> Examination:
    """What is found in the lines of `f` and of the functions of its file that it calls, as it would be differentiated;
    nothing is run. `chainrule doctor FILE:FUNCTION` tells the same, and what a run adds.

    f          a function or method of a file
    severity   "error", "warning" or "note": tell what is of this severity and above

    The answer is true where no line loses a derivative, prints as text, and has `findings`, each with file, line,
    column, kind, severity, what happens and what to write. Raises ArgumentError for what has no file.

    >>> from textwrap import shorten
    >>> bool(doctor(shorten, "error"))
    True
    """
    found: Any = f
    while isinstance(found, functools.partial):
        found = found.func
    found = inspect.unwrap(found)
    if not inspect.isroutine(found) and not isinstance(found, type) and hasattr(type(found), "__call__"):  # noqa: B004
        found = type(found).__call__
    title = getattr(found, "__qualname__", "")
    try:
        path = inspect.getsourcefile(found)
    except TypeError:
        path = None
    if path is None or not Path(path).exists() or "<" in title:
        raise ArgumentError.here(
            f"doctor: expected a function that a file defines by its name, got {title or f!r}; "
            "write it into a file,\n  or give the file: chainrule doctor FILE"
        )
    return examine(f"{path}:{title}", severity)
