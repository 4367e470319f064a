"""Repetition in long programs of single numbers, found and written as loops."""

from chainrule.jit.roll.rolled import Rolled, build

__all__ = ["Rolled", "build"]
