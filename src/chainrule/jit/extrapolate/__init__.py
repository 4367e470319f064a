"""Long loops compiled by what becomes of a few of their iterations."""

from chainrule.jit.extrapolate.build import build

__all__ = ["build"]
