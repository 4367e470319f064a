"""A minimisation from many starting points, each a task."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.cluster.tasks import one_by_one
from chainrule.errors import SolutionError
from chainrule.optim.minimisers import Minimum
from chainrule.optim.minimisers import minimize as from_one


@dataclass(frozen=True)
class Minima:
    """What the minimisers found, in the order of their starting points; a TaskError where one failed."""

    found: list[Any]

    @property
    def best(self) -> Minimum:
        """The one with the lowest value. Raises SolutionError where all failed."""
        values = [m for m in self.found if isinstance(m, Minimum) and not math.isnan(m.value)]
        if not values:
            raise SolutionError.here(f"cluster.minimize: all starts failed; the first: {self.found[0]}")
        return min(values, key=lambda m: m.value)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, k: int) -> Any:
        return self.found[k]


def minimize(
    f: Callable[..., Any],
    starts: Sequence[Any],
    *args: Any,
    client: Any = None,
    workers: int | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Minima:
    """Minimise f(params, *args) from each of `starts`, with `optim.minimize` and its options, each as a task.

    A start that fails costs no other. Further settings as for `one_by_one`.

    >>> import numpy as np
    >>> from chainrule import cluster
    >>> def wells(x):
    ...     return np.sum((x * x - 1.0) ** 2 + 0.3 * x)
    >>> found = cluster.minimize(wells, [np.array([1.0]), np.array([-1.0])], client="here")
    >>> [m.params.round(2).tolist() for m in found.found], found.best.params.round(2)
    ([[0.96], [-1.04]], array([-1.04]))
    """
    task = functools.partial(_from, f, args, options)
    functools.update_wrapper(task, f)
    ready = dict(one_by_one(task, starts, client=client, workers=workers, progress=progress))
    return Minima([ready[k] for k in sorted(ready)])


def _from(f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any], start: Any) -> Minimum:
    return from_one(f, start, *args, **options)
