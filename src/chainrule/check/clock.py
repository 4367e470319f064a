"""The seconds a check may take: what is not decided when they are over stays open."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from chainrule.numeric.patience import TimedOut, within

T = TypeVar("T")


class Clock:
    """Counts from its making on. `budget` None never ends."""

    def __init__(self, budget: float | None) -> None:
        self.end = None if budget is None else time.monotonic() + budget

    @property
    def over(self) -> bool:
        return self.end is not None and time.monotonic() >= self.end

    def within(self, call: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What `call()` gives; what `otherwise()` gives where the time is over, before the call or during it.

        A loop of Python is left when the time is over, a call into C when it returns.
        """
        if self.end is None:
            return call()
        if self.over:
            return otherwise()
        try:
            return within(self.end - time.monotonic(), call)  # type: ignore[no-any-return]
        except TimedOut:
            return otherwise()
