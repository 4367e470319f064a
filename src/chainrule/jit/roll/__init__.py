"""Repetition in long programs, found and written as loops."""

from chainrule.jit.roll.rolled import Rolled, build

__all__ = ["Rolled", "build"]
