"""One run of a function on fresh Values, and the sweeps of what it recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import chainrule.values.residuals as residuals
from chainrule import trees
from chainrule.carriers.assignment.in_place import let_go
from chainrule.inputs import result_number
from chainrule.libraries import late, zeros_like
from chainrule.numbers import Number, call_level
from chainrule.ops.reuse import unshared
from chainrule.recording import order
from chainrule.sweeps.reverse import Sweep, adjoints
from chainrule.transforms.calling import called, settled
from chainrule.values.value import Value

can_be_rescaled = late("chainrule.sweeps.rescaled.can_be")


class Recorded:
    """One run of a function on fresh Values: its inputs, its results, and their ordered nodes. What is `kept` can be
    swept again."""

    def __init__(self, inputs: list[Value], results: list[Any], out: Any, level: float) -> None:
        self.inputs, self.results, self.out, self.level = inputs, results, out, level
        self._orders: dict[int, list[Value]] = {}
        self.kept = False
        self.left = False  # whether a share left the range of floats in `pull_last`

    def mine(self, y: Any) -> bool:
        return isinstance(y, Value) and y.level == self.level

    def plain(self, y: Any) -> Number:
        return y.stored if self.mine(y) else result_number(y)

    def own(self, y: Any) -> Number:
        """The number under a result, without arrays that may be the caller's."""
        return unshared(y.stored) if self.mine(y) else y

    def pull(self, result: Any, ct: Number) -> list[Number]:
        """The cotangent of each input when `result` has cotangent `ct`."""
        if not self.mine(result):
            return [zeros_like(v.stored) for v in self.inputs]
        if id(result) not in self._orders:
            self._orders[id(result)] = order(result)
        return self._taken(adjoints(result, ct, self._orders[id(result)]))

    def pull_last(self, ct: Number) -> list[Number]:
        """The cotangents of the inputs for the only result of a recording that is not needed any more: its memory is
        freed on the way, unless it is `kept`."""
        if self.kept or not self.mine(self.results[0]):
            return self.pull(self.results[0], ct)
        found = Sweep(order(self.results.pop()), True)
        found.run(ct)
        self.left = found.left and can_be_rescaled(ct)
        return self._taken(found)

    def _taken(self, found: Sweep) -> list[Number]:
        """The adjoints of the inputs, 0 where nothing was sent."""
        return [zeros_like(v.stored) if (ct := found.take(v)) is None else ct for v in self.inputs]


def record(f: Callable[..., Any], points: list[Number], structure: Any, lent: bool = False) -> Recorded:
    """Run `f`, which is lifted, on Values of a new level. The arrays among the points may be `lent` by the caller."""
    level = call_level()
    inputs = [Value.lent(x, level) if lent else Value.leaf(x, level) for x in points]
    if lent:
        residuals.begin(level)
    try:
        y = called(f, trees.unflatten(structure, inputs), level)
        if isinstance(y, Value):
            return Recorded(inputs, [settled(y, level)], trees.SINGLE, level)
        results, out = trees.in_parts(y)
        return Recorded(inputs, [settled(r, level) for r in results], out, level)
    finally:
        if lent:
            residuals.end(level)
        let_go(inputs)
