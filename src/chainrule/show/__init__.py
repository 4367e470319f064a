"""How a gradient came about: `draw` for pictures and text, `explore` for a page that steps through it, `explain` for
both passes with the numbers filled in, `derive` for the formula, `source` for Python to paste."""

from chainrule.show.code.source import Source, source
from chainrule.show.explanation.explain import Explanation, explain
from chainrule.show.formula.derive import Derivation, derive
from chainrule.show.page.explorer import Explorer, explore
from chainrule.show.page.playground import playground
from chainrule.show.picture.drawing import Drawing, draw

__all__ = [
    "Derivation", "Drawing", "Explanation", "Explorer", "Source", "derive", "draw", "explain", "explore", "playground",
    "source",
]  # fmt: skip
