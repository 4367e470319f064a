"""What a check was asked for: its settings, looked over before anything is called."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

from chainrule import trees
from chainrule.check.claimed import KINDS
from chainrule.check.readings.callers import all_needed
from chainrule.errors import ArgumentError
from chainrule.records import record
from chainrule.signatures import accepts

RTOL = 1e-8
SEED = 20260807


@record(frozen=True)
class Asked:
    """The settings of `check`, as they were given (None where left out) and as they count."""

    rtol: float | None = None
    seed: int | None = None
    names: Sequence[str] | None = None
    argnums: int | Sequence[int] | None = None
    kind: str = "gradient"
    kink: str = "avoid"
    box: Any = None
    budget: float | None = None

    def __post_init__(self) -> None:
        if self.kink not in ("avoid", "subgradient"):
            raise ArgumentError(f"check: expected kink='avoid' or 'subgradient', got {self.kink!r}")
        if self.kind not in KINDS:
            raise ArgumentError(f"check: expected kind to be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.rtol is not None and not (_is_number(self.rtol) and 0 <= self.rtol < math.inf):
            raise ArgumentError(f"check: expected rtol to be a number that is not negative, got {self.rtol!r}")
        if self.budget is not None and not (_is_number(self.budget) and 0 < self.budget < math.inf):
            raise ArgumentError(f"check: expected budget to be a positive number of seconds, got {self.budget!r}")
        if self.seed is not None and not (isinstance(self.seed, numbers.Integral) and self.seed >= 0):
            raise ArgumentError(f"check: expected seed to be a whole number from 0 on, got {self.seed!r}")
        if isinstance(self.names, str):
            raise ArgumentError(
                f"check: expected names to be a list of names, got {self.names!r}: write [{self.names!r}]"
            )
        if self.box is not None and not (isinstance(self.box, (tuple, list)) and len(self.box) == 2):
            raise ArgumentError(f"check: expected box=(low, high), got {self.box!r}")
        if self.box is not None and any(isinstance(x, str) for side in self.box for x in trees.flatten(side)[0]):
            raise ArgumentError(f"check: expected numbers in box=(low, high), got {self.box!r}")
        if isinstance(self.argnums, (str, float)):
            raise ArgumentError(f"check: expected argnums to be positions, 0 or (0, 2), got {self.argnums!r}")

    @property
    def tolerance(self) -> float:
        return RTOL if self.rtol is None else float(self.rtol)

    @property
    def start(self) -> int:
        """The seed that counts."""
        return SEED if self.seed is None else int(self.seed)

    @property
    def by(self) -> tuple[int, ...] | None:
        if self.argnums is None:
            return None
        return (int(self.argnums),) if isinstance(self.argnums, numbers.Integral) else tuple(self.argnums)  # type: ignore[arg-type]

    def given(self) -> dict[str, Any]:
        """The settings that differ from the usual ones, for a call that repeats the check."""
        usual = Asked()
        return {
            k: v for k, v in vars(self).items() if k != "seed" and v is not getattr(usual, k) and v != getattr(usual, k)
        }


def _is_number(x: Any) -> bool:
    return isinstance(x, numbers.Real) and not isinstance(x, bool)


def look_over(f: Callable[..., Any], at: Any, places: list[tuple[Any, ...]], names: Any) -> None:
    """Raise ArgumentError where f cannot be called at a point that was given."""
    for place in places:
        texts = [x for x in place if isinstance(x, (str, bytes))]
        if len(texts) == len(place):
            raise ArgumentError(f"check: expected a point of numbers, got the text {texts[0]!r}: write at=1.0")
        if not accepts(f, len(place)):
            raise ArgumentError(_another_count(f, at, place))
        if names is not None and len(names) != len(place):
            raise ArgumentError(f"check: expected a name for each of {_counted(len(place))}, got names={list(names)!r}")


def _another_count(f: Callable[..., Any], at: Any, place: tuple[Any, ...]) -> str:
    wanted = all_needed(f) or []
    takes = f"{_counted(len(wanted))} ({', '.join(wanted)})" if wanted else "no argument to differentiate by"
    text = f"check: the function takes {takes}, the point has {_counted(len(place))}"
    if isinstance(at, list) and len(place) == 1 and len(at) == len(wanted) > 1:
        text += f": a list holds points; one point of {_counted(len(wanted))} is at=({', '.join(map(repr, at))})"
    elif len(place) == 1 and len(wanted) > 1:
        text += f": write one point of {_counted(len(wanted))} as a tuple, at=(..., ...)"
    elif len(wanted) == 1 and len(place) > 1:
        text += ": several points stand in a list, at=[..., ...], and a point that is a tuple is at=((..., ...),)"
    return text


def _counted(number: int) -> str:
    return f"{number} argument{'s' * (number != 1)}"


def unlike(df: Callable[..., Any], count: int) -> str:
    """What to say about a claim that cannot be called where its function is; "" where it can."""
    if accepts(df, count):
        return ""
    wanted = all_needed(df)
    takes = f"{_counted(len(wanted))} ({', '.join(wanted)})" if wanted is not None else "others"
    return (
        f"check: the derivative is called as the function is, with {_counted(count)}, and takes {takes}; "
        "none of its arguments is a gradient from above or the function's value that would make it right. Write "
        "df=lambda ...: ... in the arguments of f, or say with kind='vjp' that it takes a cotangent last"
    )
