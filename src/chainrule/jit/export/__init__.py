"""Jitted functions as C."""

from chainrule.jit.export.export import export_c

__all__ = ["export_c"]
