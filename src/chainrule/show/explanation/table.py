"""A recording with its sweep, as an account can be given of it: names, numbers, who sends how much to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from chainrule.errors import ArgumentError, refuse_call
from chainrule.numbers import Number, primal, shape
from chainrule.recording import order
from chainrule.show.argument_paths import parameters_of, places_of
from chainrule.show.printable import printable
from chainrule.show.traced_run import Run, Stop, watch
from chainrule.show.used import used
from chainrule.sweeps.reverse import pull, sweep
from chainrule.values.value import Value

ROOTS = ("y", "L", "result")
"""What the result is called when the user has no name for it: the first one that is free."""


class Share(NamedTuple):
    """What `consumer` sends back: `weight` is the gradient by the consumer, `slope` its local derivative (None for
    arrays), `amount` their product."""

    consumer: Any
    weight: Number
    slope: Number
    amount: Number


class Account:
    """The recording that led to `root`: `nodes` in order, their names, their adjoints and who consumes them.

    stop    why the run ended before there was a root; then `nodes` holds what was recorded, and nothing has an adjoint
    """

    def __init__(
        self,
        root: Any,
        inputs: Sequence[Any],
        names: dict[int, str],
        nodes: Sequence[Any] = (),
        stop: Stop | None = None,
    ) -> None:
        self.root, self.inputs, self.stop = root, list(inputs), stop
        self.nodes: list[Any] = list(nodes) or order(root)
        self.names = _all_names([*self.nodes, *self.inputs], root, names)
        self.present = {id(node) for node in self.nodes}
        self.used = {} if stop is not None or hasattr(root, "trail") else used(self.nodes)
        self.adjoints: dict[int, Number] = {}
        if stop is None:
            ones = np.ones(shape(root.stored)) if shape(root.stored) else 1.0
            self.adjoints = {id(node): ct for node, ct in sweep(root, ones, self.nodes)}

    @cached_property
    def consumers(self) -> dict[int, list[Any]]:
        """For each value, the operations it goes into, the last one first: the order in which they send back."""
        found: dict[int, list[Any]] = {}
        for node in reversed(self.nodes):
            for parent in {id(p): p for p in node.parents}.values():
                found.setdefault(id(parent), []).append(node)
        return found

    def value(self, node: Any) -> Number:
        """The number of a node: of an input the one that it was used with first."""
        return self.used[id(node)][0] if id(node) in self.used else node.stored

    def adjoint(self, node: Any) -> Number:
        """The gradient of the root by `node`; None where nothing was sent."""
        return self.adjoints.get(id(node))

    def shares(self, node: Any) -> Iterator[Share]:
        """What each consumer of `node` sends to it; several uses in one consumer are added."""
        for consumer in self.consumers.get(id(node), []):
            ct = self.adjoint(consumer)
            amount = None if ct is None else self.sent(consumer, node, ct)
            if amount is not None:
                scalar = shape(consumer.stored) == () == shape(node.stored)
                yield Share(consumer, ct, self.sent(consumer, node, 1.0) if scalar else None, amount)

    @staticmethod
    def sent(consumer: Any, node: Any, ct: Number) -> Number:
        """The part of a cotangent on `consumer` that reaches `node`; None where there is no derivative."""
        with np.errstate(all="ignore"):
            parts = [share for parent, share in pull(consumer, ct) if parent is node]
        return sum(parts[1:], parts[0]) if parts else None

    # -- words --------------------------------------------------------------------------------------------------

    def name(self, node: Any) -> str:
        return self.names[id(node)]

    def formula(self, node: Any, write: Callable[[Any, Any], str] | None = None) -> str:
        """The operation of `node`, its operands written by `write(parent or None, number)`: by default their names."""
        parents = dict(zip(node.active, node.parents, strict=True))
        write = write or (lambda parent, x: brief(x) if parent is None else self.name(parent))
        parts = [write(parents.get(i), x) for i, x in enumerate(node.operands)]
        op = node.op
        if op.name == "getitem":
            return f"{parts[0]}[{_index(node.settings.get('index'))}]"
        if "{" in op.printed:
            if op.name in ("power", "square", "matmul") or op.printed.startswith("-"):
                parts = [f"({p})" if p.startswith("-") else p for p in parts]
            return str(op.printed.format(*parts))
        if len(parts) == 2 and op.symbol in ("+", "-", "*", "/", "**", "@"):
            return f"{parts[0]} {op.symbol} {parts[1]}"
        return f"{op.name}({', '.join(parts)})"

    def numbers(self, node: Any) -> str:
        """The operation of `node` with numbers in place of names; "" for arrays."""
        if shape(node.stored) or any(shape(x) for x in node.operands):
            return ""
        return self.formula(node, lambda parent, x: brief(x))

    def given(self, node: Any) -> str:
        """`t1 = 12, b = 3`: what the operation of `node` was given."""
        said = [f"{self.name(p)} = {brief(node.operands[i])}" for i, p in zip(node.active, node.parents, strict=True)]
        return ", ".join(dict.fromkeys(said))


def account_of(x: Any, at: tuple[Any, ...], argnums: int | Sequence[int] | None = None) -> Account:
    """The account of a Value, or of a function at its arguments."""
    if isinstance(x, Value):
        if at:
            raise ArgumentError.here("explain: a Value has its numbers already; write explain(value)")
        if x.primal is None:
            raise ArgumentError.here("explain: this expression has no value yet; call .forward(x) first")
        nodes = order(x)
        return Account(x, [v for v in nodes if v.op is None], {id(v): v.label for v in nodes if v.label})
    if not callable(x):
        raise ArgumentError.here(f"explain expects a Value or a function, got {type(x).__name__}")
    if not at:
        raise ArgumentError.here("explain needs arguments to run the function on: explain(f, 2.0, 3.0)")
    refuse_call(x, at, "give the arguments to run it at, explain(f, 2.0, 3.0)")
    with np.errstate(all="ignore"):  # nan and infinity are to be explained, not to be warned of
        run = watch(x, at, partly=True, argnums=argnums)
        if run.stop is None and not run.found:
            raise ArgumentError.here(f"explain: the result does not depend on the arguments{_constant(run)}")
        root = None if run.stop else run.total()
    nodes = [*run.inputs, *run.log.recorded] if run.stop else order(root)
    places = run.split.of(places_of(at, parameters_of(x, len(at))))
    names = dict(zip(map(id, run.inputs), places, strict=True))
    taken = set(names.values())
    for node in nodes:
        name = node.label or run.log.name(node) or run.place(node)
        if name and id(node) not in names and name not in taken:
            names[id(node)] = name
            taken.add(name)
    return Account(root, run.inputs, names, nodes, run.stop)


def _constant(run: Run) -> str:
    if len(run.results) != 1:
        return ""
    (y,) = run.results
    return f", it is the constant {y!r}" if isinstance(y, str) else f", it is the constant {brief(y)}"


def _all_names(nodes: Sequence[Any], root: Any, known: dict[int, str]) -> dict[int, str]:
    """A name for every node: the known ones, then t1, t2, ... (x1, x2, ... for inputs); y or so for the root."""
    names: dict[int, str] = {}
    taken = set(map(printable, known.values()))
    counts = {"t": 0, "x": 0}
    for node in nodes:
        name = printable(known.get(id(node), "")) or names.get(id(node), "")
        if not name and node is root and node.op is not None:
            name = next((n for n in ROOTS if n not in taken), "")
        while not name:
            letter = "x" if node.op is None else "t"
            counts[letter] += 1
            name = f"{letter}{counts[letter]}" if f"{letter}{counts[letter]}" not in taken else ""
        names[id(node)] = name
    return names


def number(x: Any) -> str:
    """Six significant digits.

    >>> number(-6.0), number(1 / 3), number(float("nan"))
    ('-6', '0.333333', 'nan')
    """
    return f"{float(x) + 0.0:.6g}"


def brief(x: Number) -> str:
    """A number; an array by its shape, range and norm.

    >>> brief(np.array([3.0, -4.0]))
    'shape (2,), -4 to 3, norm 5'
    """
    x = primal(x)
    if shape(x) == ():
        return str(x) if isinstance(x, (bool, np.bool_)) else number(x)
    array = np.asarray(x)
    if array.dtype == bool:
        return f"shape {array.shape}, {np.count_nonzero(array)} true"
    good = array[np.isfinite(array)].astype(float)
    said = f"shape {array.shape}"
    if good.size:
        low, high = number(good.min()), number(good.max())
        said += f", {f'all {low}' if low == high else f'{low} to {high}'}, norm {number(np.sqrt(np.sum(good**2)))}"
    return f"{said}, {array.size - good.size} not finite" if good.size < array.size else said


def _index(index: Any) -> str:
    if isinstance(index, tuple):
        return ", ".join(map(_index, index))
    if isinstance(index, slice):
        ends = ["" if x is None else str(x) for x in (index.start, index.stop, index.step)]
        return ":".join(ends[: 3 if ends[2] else 2])
    return f"array{index.shape}" if isinstance(index, np.ndarray) else str(index)
