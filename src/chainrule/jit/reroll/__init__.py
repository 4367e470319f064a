"""Repetition in long programs, found and written as loops."""

from chainrule.jit.reroll.rolled import Rolled
from chainrule.jit.reroll.rolling import build

__all__ = ["Rolled", "build"]
