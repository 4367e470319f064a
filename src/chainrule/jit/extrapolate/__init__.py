"""Long loops compiled by what becomes of a few of their iterations."""

from chainrule.jit.extrapolate.build import Known, build

__all__ = ["Known", "build"]
