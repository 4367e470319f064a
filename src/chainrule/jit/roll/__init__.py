"""Repetition in long programs, found and written as loops."""

from chainrule.jit.roll.rolled import Rolled
from chainrule.jit.roll.rolling import build

__all__ = ["Rolled", "build"]
