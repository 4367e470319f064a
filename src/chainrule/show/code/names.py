"""Names for what a text assigns."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Sequence

from chainrule.show.code.python_syntax import HELPERS

IMPORTS = {"math": "import math", "np": "import numpy as np"}
BUILTINS = ("abs", "float", "max", "min", "range", "round", "sum")


class Names:
    """Names for assignments: the user's where there is one, else t1, t2, ...; none twice.

    >>> names = Names(["x"], ["y"])
    >>> names.give("x"), names.give(""), names.give("y"), names.free("k")
    ('x1', 't1', 'y', 'k')
    """

    def __init__(self, taken: Sequence[str], wanted: Sequence[str]) -> None:
        self.used, self.wanted = {*taken, *IMPORTS, *HELPERS, *BUILTINS}, set(wanted)
        self.counts: Counter[str] = Counter()

    def give(self, wanted: str) -> str:
        name = wanted
        while not name.isidentifier() or keyword.iskeyword(name) or name in self.used:
            self.counts[wanted] += 1
            name = f"{wanted or 't'}{self.counts[wanted]}"
            if name in self.wanted:
                name = ""
        self.used.add(name)
        return name

    def plural(self, name: str) -> str:
        """A name for a list: xs for x, ts for t1."""
        return self.give(f"{name.rstrip('0123456789') or 't'}s")

    def free(self, name: str) -> str:
        """The name, lengthened until nothing has it or wants it."""
        while name in self.used or name in self.wanted:
            name += "_"
        return name
