"""Lists of what a loop computed in each of its iterations, and how others read them: element by element, or a run of
elements at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chainrule.jit.program import CONSTANT, Step
from chainrule.show.code.counting import Count, Counted, Counter
from chainrule.show.code.python_syntax import Text
from chainrule.show.readable import value_of

FEWEST = 4
"""Elements that are written as a run."""

_NUMBERS = re.compile(r"(?<=\[)\d+(?=\])")


@dataclass(eq=False)
class Kept:
    """A list in the text: `name`, and the steps that are its elements."""

    name: str
    steps: Sequence[Step]

    def __post_init__(self) -> None:
        self.at = {id(step): k for k, step in enumerate(self.steps)}

    def count(self, steps: Sequence[Step]) -> Count | None:
        """By which rule these are elements of the list; None where they are not."""
        places = [self.at.get(id(step), -1) for step in steps]
        return Count.of(places) if min(places) >= 0 else None


class Lists:
    """All lists so far, and the inputs, of which `places` say how they are reached.

    >>> Lists({}).numbers([1.0, 2.0, 3.0]).text(Counter("k", 0, 1, 3, False)).code
    '1 + k'
    """

    def __init__(self, places: dict[int, str]) -> None:
        self.places = places
        self._forms = {key: (tuple(_NUMBERS.split(p)), [*map(int, _NUMBERS.findall(p))]) for key, p in places.items()}
        self._holders: dict[int, list[Kept]] = {}

    def add(self, kept: Kept) -> None:
        for step in kept.steps:
            self._holders.setdefault(id(step), []).append(kept)

    # -- one of them in each iteration --------------------------------------------------------------------------

    def rule(self, steps: Sequence[Step]) -> Counted | None:
        """How these steps, one in each iteration, are read; None where there is no rule."""
        for kept in self._holders.get(id(steps[0]), ()):
            count = kept.count(steps)
            if count is not None:
                return Counted((f"{kept.name}[", "]"), (count,))
        if steps[0].op == CONSTANT:
            return self.numbers([value_of(s).item() for s in steps]) if all(map(_number, steps)) else None
        forms = [self._forms.get(id(step)) for step in steps]
        if forms[0] is None or any(form is None or form[0] != forms[0][0] for form in forms):
            return None
        counts = [Count.of(numbers) for numbers in zip(*(form[1] for form in forms if form), strict=True)]
        found = [count for count in counts if count is not None]
        return Counted(forms[0][0], tuple(found)) if len(found) == len(counts) else None

    def numbers(self, values: Sequence[float]) -> Counted | None:
        """How these numbers, one in each iteration, are counted; None where they are no whole numbers with a step."""
        if not all(float(x).is_integer() and 0 <= x < 1e15 for x in values):
            return None
        count = Count.of([int(x) for x in values])
        return None if count is None else Counted(("", ""), (count,))

    def regular(self, steps: Sequence[Step]) -> bool:
        """Whether nothing has to be listed to read these, one in each iteration."""
        if all(map(_number, steps)):
            values = [value_of(s).item() for s in steps]
            return len(repeated(values)) < len(values) or self.numbers(values) is not None
        return self.rule(steps) is not None

    # -- many of them at once -----------------------------------------------------------------------------------

    def runs(self, steps: Sequence[Step]) -> list[Sequence[Step]]:
        """The steps in pieces: runs of elements of one list, or of inputs that count, and single steps."""
        found: list[Sequence[Step]] = []
        k = 0
        while k < len(steps):
            n = self._run(steps, k)
            found.append(steps[k : k + n])
            k += n
        return found

    def _run(self, steps: Sequence[Step], start: int) -> int:
        """How many steps from `start` on are a run."""
        first = steps[start : start + FEWEST]
        if len(first) < FEWEST or first[0].op == CONSTANT:
            return 1
        begun = self.rule(first)
        if begun is None or not any(c.step for c in begun.counts):
            return 1
        low, high = FEWEST, len(steps) - start
        while low < high:  # what holds for a run holds for the beginning of it
            middle = (low + high + 1) // 2
            if self.rule(steps[start : start + middle]) is None:
                high = middle - 1
            else:
                low = middle
        return low

    def piece(self, run: Sequence[Step], name: str) -> tuple[str, bool]:
        """A run as a list, and whether it is one that exists already; `name` is free for a counter."""
        for kept in self._holders.get(id(run[0]), ()):
            count = kept.count(run)
            if count is not None:
                return kept.name + _slice(count, len(run), len(kept.steps)), True
        rule = self.rule(run)
        assert rule is not None
        counter = Counter.of(rule.counts, len(run), name)
        return f"[{rule.text(counter).code} for {name} in {counter.range}]", False

    def display(self, steps: Sequence[Step], text: Callable[[Step], Text], name: str) -> list[Text]:
        """The elements of a list display of these steps, runs with a star before them."""
        return [
            Text(f"*{self.piece(run, name)[0]}") if len(run) >= FEWEST else text(run[0]) for run in self.runs(steps)
        ]


def _number(step: Step) -> bool:
    return step.op == CONSTANT and step.shape == () and step.dtype.kind == "f"


def _slice(count: Count, length: int, whole: int) -> str:
    """The slice of a list of `whole` elements that counts so.

    >>> _slice(Count(0, 1), 5, 5), _slice(Count(4, -1), 5, 5), _slice(Count(1, 1), 4, 5), _slice(Count(3, -1), 3, 5)
    ('', '[::-1]', '[1:]', '[3:0:-1]')
    """
    begin, end = count.begin, count.begin + count.step * length
    if count.step == 1:
        return "" if length == whole else f"[{begin or ''}:{'' if end == whole else end}]"
    edge = whole - 1 if count.step < 0 else 0
    return f"[{'' if begin == edge else begin}:{'' if not 0 <= end < whole else end}:{count.step}]"


def repeated(values: Sequence[float]) -> Sequence[float]:
    """The shortest beginning of `values` that they repeat all along, `values` themselves where there is none.

    >>> repeated([1.0, 2.0, 1.0, 2.0, 1.0])
    [1.0, 2.0]
    """
    array = np.array(values, dtype=float).view(np.int64)
    for n in range(1, min(len(values) // 2, 16) + 1):
        if (array[n:] == array[:-n]).all():
            return values[:n]
    return values
