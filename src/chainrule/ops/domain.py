"""Where a function of real numbers is defined."""

from __future__ import annotations

import math

from chainrule.records import record


@record(frozen=True)
class Domain:
    """An interval of real numbers on which an operand is defined; `holes` says what is missing inside.

    >>> Domain(0, math.inf, closed=(False, False)).contains(0.0)
    False
    >>> print(Domain(-1, 1))
    [-1, 1]
    """

    low: float = -math.inf
    high: float = math.inf
    closed: tuple[bool, bool] = (True, True)
    holes: str = ""

    def contains(self, x: float) -> bool:
        above = x >= self.low if self.closed[0] else x > self.low
        below = x <= self.high if self.closed[1] else x < self.high
        return above and below

    def __str__(self) -> str:
        if self.low == -math.inf and self.high == math.inf:
            return "all reals" + (f" but {self.holes}" if self.holes else "")
        left = "[" if self.closed[0] and self.low > -math.inf else "("
        right = "]" if self.closed[1] and self.high < math.inf else ")"
        shown = [f"{v:g}" for v in (self.low, self.high)]
        return f"{left}{shown[0]}, {shown[1]}{right}" + (f" but {self.holes}" if self.holes else "")


REALS = Domain()
POSITIVE = Domain(0, math.inf, closed=(False, True))
NONNEGATIVE = Domain(0, math.inf)
UNIT = Domain(-1, 1)
