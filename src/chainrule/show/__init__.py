"""How a gradient came about: `draw` for pictures and text, `explore` for a page that steps through it."""

from chainrule.show.drawing import Drawing, draw
from chainrule.show.explorer import Explorer, explore

__all__ = ["Drawing", "Explorer", "draw", "explore"]
