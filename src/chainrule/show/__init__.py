"""How a gradient came about: `draw` for pictures and text, `explore` for a page that steps through it, `explain` for
both passes with the numbers filled in, `derive` for the formula, `source` for Python to paste."""

from chainrule.show.derive import Derivation, derive
from chainrule.show.drawing import Drawing, draw
from chainrule.show.explain import Explanation, explain
from chainrule.show.explorer import Explorer, explore
from chainrule.show.source import Source, source

__all__ = [
    "Derivation", "Drawing", "Explanation", "Explorer", "Source", "derive", "draw", "explain", "explore", "source",
]  # fmt: skip
