"""Which lines of a user's code have no derivative here, and what to write instead."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.doctor.function import doctor

__all__ = ["doctor"]


def __getattr__(name: str) -> Any:
    if name != "doctor":
        raise AttributeError(f"module 'chainrule.doctor' has no attribute {name!r}")
    found = globals()[name] = import_module("chainrule.doctor.function").doctor
    return found
