"""The same program in many spellings: each with its time over that of the quickest, compiled and not.

`python -m benchmarks.spellings [PROGRAM ...]` prints a table for each program.
"""

from __future__ import annotations

import argparse
import itertools
import math
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import chainrule as cr
from benchmarks.common import Contender, Run, Timing, Workload, duration, ratio, ready, time_in_turns

CLIFF = 2.0
"""Times the quickest spelling from which on a spelling is marked."""


@dataclass(frozen=True)
class Spelling:
    """A way to write a program: `call` gives its value and its gradient, flat, by the transform that it is given.

    eager  whether it is worth timing uncompiled
    """

    name: str
    call: Callable[[Callable[..., Any]], Run]
    eager: bool = True


def of(f: Callable[..., Any], *args: Any, argnums: Any = 0) -> Callable[[Callable[..., Any]], Run]:
    """How `f` of these arguments is differentiated: its value, and the gradients by arrays or lists of numbers."""
    alike = not isinstance(args[0], dict) and np.shape(args[0][0]) == np.shape(args[0][-1])
    several = isinstance(argnums, tuple) or not alike

    def prepared(wrap: Callable[..., Any]) -> Run:
        step = wrap(cr.value_and_grad(f, argnums))

        def run() -> list[Any]:
            value, gradient = step(*args)
            parts = [gradient["w"], gradient["v"]] if isinstance(gradient, dict) else gradient
            return [value, *parts] if several else [value, parts]

        return run

    return prepared


# -- a network of one hidden layer on one example ----------------------------------------------------------------


def network(n: int) -> list[Spelling]:
    draw = np.random.default_rng(0)
    w, v, x = draw.normal(size=(n, n)) / math.sqrt(n), draw.normal(size=n), draw.normal(size=n)

    def whole(w: Any, v: Any) -> Any:
        return np.sum(v * np.tanh(w @ x))

    def helper(row: Any, x: Any) -> Any:
        return np.tanh(np.dot(row, x))

    def by_rows(w: Any, v: Any) -> Any:
        return sum(v[i] * helper(w[i], x) for i in range(n))

    def by_elements(w: Any, v: Any) -> Any:
        total = 0.0
        for i in range(n):
            inner = 0.0
            for j in range(n):
                inner = inner + w[i, j] * x[j]
            total = total + v[i] * math.tanh(inner)
        return total

    def by_lists(w: Any, v: Any) -> Any:
        return sum(a * math.tanh(sum(b * c for b, c in zip(row, x, strict=True))) for a, row in zip(v, w, strict=True))

    def of_dict(p: Any) -> Any:
        return whole(p["w"], p["v"])

    def of_list(p: Any) -> Any:
        return whole(p[0], p[1])

    class Network:
        def __init__(self, w: Any, v: Any) -> None:
            self.w, self.v = w, v

        def hidden(self, x: Any) -> Any:
            return np.tanh(self.w @ x)

        def __call__(self, x: Any) -> Any:
            return np.sum(self.v * self.hidden(x))

    return [
        Spelling("whole arrays, argnums", of(whole, w, v, argnums=(0, 1))),
        Spelling("a dict of arrays", of(of_dict, {"w": w, "v": v})),
        Spelling("a list of arrays", of(of_list, [w, v])),
        Spelling("in a class", of(lambda w, v: Network(w, v)(x), w, v, argnums=(0, 1))),
        Spelling("sums of products", of(lambda w, v: np.sum(v * np.tanh(np.sum(w * x, axis=1))), w, v, argnums=(0, 1))),
        Spelling("einsum", of(lambda w, v: v @ np.tanh(np.einsum("ij,j->i", w, x)), w, v, argnums=(0, 1))),
        Spelling("row by row, a helper", of(by_rows, w, v, argnums=(0, 1))),
        Spelling("an array, element by element", of(by_elements, w, v, argnums=(0, 1))),
        Spelling("lists of lists", of(by_lists, w.tolist(), v.tolist(), argnums=(0, 1))),
    ]


# -- neighbours in a line ----------------------------------------------------------------------------------------


def chain(n: int) -> list[Spelling]:
    x = np.random.default_rng(0).normal(size=n)
    places = np.arange(n - 1)

    def by_elements(x: Any) -> Any:
        total = 0.0
        for i in range(n - 1):
            total = total + 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        return total

    def term(a: Any, b: Any) -> Any:
        return 100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2

    def rolled(x: Any) -> Any:
        return np.sum(term(x, np.roll(x, -1))[:-1])

    return [
        Spelling("slices", of(lambda x: np.sum(term(x[:-1], x[1:])), x)),
        Spelling("np.roll", of(rolled, x)),
        Spelling("arrays of indices", of(lambda x: np.sum(term(x[places], x[places + 1])), x)),
        Spelling("np.take", of(lambda x: np.sum(term(np.take(x, places), np.take(x, places + 1))), x)),
        Spelling("np.diff", of(lambda x: np.sum(term(x[:-1], np.diff(x) + x[:-1])), x)),
        Spelling("pairs, one by one", of(lambda x: sum(term(a, b) for a, b in itertools.pairwise(x)), x)),
        Spelling("element by element", of(by_elements, x)),
        Spelling("a list", of(by_elements, x.tolist())),
    ]


# -- means of every second number, running sums, and products with few columns --------------------------------------


def strided(n: int) -> list[Spelling]:
    x = np.random.default_rng(0).normal(size=2 * n)

    def folded(x: Any) -> Any:
        pairs = x.reshape(n, 2)
        return np.sum(np.sin(pairs[:, 0]) * pairs[:, 1])

    def split(x: Any) -> Any:
        a, b = x.reshape(n, 2).T
        return np.sum(np.sin(a) * b)

    even, odd = np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)
    return [
        Spelling("columns of pairs", of(folded, x)),
        Spelling("rows of the transposed", of(split, x)),
        Spelling("x[0::2]", of(lambda x: np.sum(np.sin(x[0::2]) * x[1::2]), x)),
        Spelling("arrays of indices", of(lambda x: np.sum(np.sin(x[even]) * x[odd]), x)),
    ]


def running(n: int) -> list[Spelling]:
    x = np.random.default_rng(0).normal(size=n)

    def loop(x: Any) -> Any:
        total, found = 0.0, 0.0
        for i in range(n):
            total = total + x[i]
            found = found + math.sin(total)
        return found

    def gathered(x: Any) -> Any:
        total, sums = 0.0, []
        for a in x:
            total = total + a
            sums.append(total)
        return np.sum(np.sin(np.stack(sums)))

    return [
        Spelling("np.cumsum", of(lambda x: np.sum(np.sin(np.cumsum(x))), x)),
        Spelling("np.add.accumulate", of(lambda x: np.sum(np.sin(np.add.accumulate(x))), x)),
        Spelling("a loop", of(loop, x), eager=n <= 1000),
        Spelling("a loop that stacks", of(gathered, x), eager=n <= 1000),
    ]


def skinny(n: int, columns: int = 16) -> list[Spelling]:
    draw = np.random.default_rng(0)
    x, w = draw.normal(size=(n, columns)), draw.normal(size=(columns, columns)) / 4.0
    parts = [np.ascontiguousarray(c) for c in x.T]

    def by_columns(w: Any) -> Any:
        total = 0.0
        for j in range(columns):
            total = total + np.sum(np.tanh(sum(parts[k] * w[k, j] for k in range(columns))))
        return total

    return [
        Spelling("X @ W", of(lambda w: np.sum(np.tanh(x @ w)), w)),
        Spelling("(W.T @ X.T).T", of(lambda w: np.sum(np.tanh((w.T @ x.T).T)), w)),
        Spelling("np.dot", of(lambda w: np.sum(np.tanh(np.dot(x, w))), w)),
        Spelling("einsum", of(lambda w: np.sum(np.tanh(np.einsum("ij,jk->ik", x, w))), w)),
        Spelling("column by column", of(by_columns, w)),
    ]


def chosen(n: int) -> list[Spelling]:
    x = np.random.default_rng(0).normal(size=n)

    def assigned(x: Any) -> Any:
        y, positive = x * x, x > 0
        y[positive] = np.sin(x[positive])
        return np.sum(y)

    def two_sides(x: Any) -> Any:
        y, positive = np.zeros_like(x), x > 0
        y[positive], y[~positive] = np.sin(x[positive]), x[~positive] ** 2
        return np.sum(y)

    def pieces(x: Any) -> Any:
        return np.sum(np.piecewise(x, [x > 0], [np.sin, np.square]))

    return [
        Spelling("np.where", of(lambda x: np.sum(np.where(x > 0, np.sin(x), x * x)), x)),
        Spelling("np.select", of(lambda x: np.sum(np.select([x > 0, x <= 0], [np.sin(x), x * x])), x)),
        Spelling("y[mask] = f(x[mask])", of(assigned, x)),
        Spelling("y[mask] and y[~mask]", of(two_sides, x)),
        Spelling("sums of x[mask]", of(lambda x: np.sum(np.sin(x[x > 0])) + np.sum(x[x <= 0] ** 2), x)),
        Spelling("np.piecewise", of(pieces, x)),
    ]


def branching(n: int) -> list[Spelling]:
    x = np.random.default_rng(0).normal(size=n)

    def side(a: Any) -> Any:
        if a > 0:
            return math.sin(a)
        return a * a

    def in_place(x: Any) -> Any:
        total = 0.0
        for a in x:
            if a > 0:
                total += math.sin(a)
            else:
                total += a * a
        return total

    def stored(x: Any) -> Any:
        y = np.zeros(n)
        for i in range(n):
            if x[i] > 0:
                y[i] = math.sin(x[i])
            else:
                y[i] = x[i] * x[i]
        return np.sum(y)

    return [
        Spelling("np.where", of(lambda x: np.sum(np.where(x > 0, np.sin(x), x * x)), x)),
        Spelling("a function of each", of(lambda x: sum(side(a) for a in x), x)),
        Spelling("np.vectorize", of(lambda x: np.sum(np.vectorize(side)(x)), x)),
        Spelling("map", of(lambda x: sum(map(side, x)), x)),
        Spelling("if and else in a loop", of(in_place, x)),
        Spelling("conditional expressions", of(lambda x: sum(math.sin(a) if a > 0 else a * a for a in x), x)),
        Spelling("stored one by one", of(stored, x)),
    ]


def pairs(n: int) -> list[Spelling]:
    p = np.random.default_rng(0).normal(size=(n, 2))
    first, second = np.triu_indices(n, 1)

    def potential(squared: Any) -> Any:
        return 1.0 / (squared + 0.1) ** 2 - 1.0 / (squared + 0.1)

    def gathered(p: Any) -> Any:
        d = p[first] - p[second]
        return np.sum(potential(np.sum(d * d, axis=1)))

    def by_coordinates(p: Any) -> Any:
        x, y = p[:, 0], p[:, 1]
        return np.sum(potential((x[first] - x[second]) ** 2 + (y[first] - y[second]) ** 2))

    def taken(p: Any) -> Any:
        return np.sum(potential(np.sum((np.take(p, first, axis=0) - np.take(p, second, axis=0)) ** 2, axis=1)))

    def one_by_one(p: Any) -> Any:
        total = 0.0
        for i in range(n):
            for j in range(i + 1, n):
                total += potential((p[i, 0] - p[j, 0]) ** 2 + (p[i, 1] - p[j, 1]) ** 2)
        return total

    def combined(p: Any) -> Any:
        return sum(potential(np.sum((a - b) ** 2)) for a, b in itertools.combinations(p, 2))

    return [
        Spelling("arrays of indices", of(gathered, p)),
        Spelling("of each coordinate", of(by_coordinates, p)),
        Spelling("np.take", of(taken, p)),
        Spelling("two loops", of(one_by_one, p)),
        Spelling("itertools.combinations", of(combined, p)),
    ]


PROGRAMS: dict[str, tuple[str, Callable[[], list[Spelling]], Callable[[], list[Spelling]]]] = {
    "network": ("one hidden layer of 30 on one example", lambda: network(30), lambda: network(3)),
    "chain": ("Rosenbrock's function of 1,000 numbers", lambda: chain(1000), lambda: chain(4)),
    "strided": ("every second of 100,000 numbers", lambda: strided(50_000), lambda: strided(3)),
    "running": ("running sums of 1,000 numbers", lambda: running(1000), lambda: running(4)),
    "chosen": ("one of two functions of 1,000 numbers", lambda: chosen(1000), lambda: chosen(5)),
    "branching": ("one of two functions of each of 1,000 numbers", lambda: branching(1000), lambda: branching(5)),
    "pairs": ("an energy of 1,770 pairs", lambda: pairs(60), lambda: pairs(4)),
    "skinny": ("10,000 examples of 16 columns", lambda: skinny(10_000), lambda: skinny(3, 2)),
}


LISTS = {"network": 930, "chain": 1000}
"""Numbers in the lists of a program: as many floats are read in a call as are made for its gradient."""


def handed_over(n: int, rounds: int = 50) -> float:
    """The least seconds in which Python reads n floats of a list and makes a list of as many: no call with lists can
    take less."""
    array = np.linspace(0.0, 1.0, n)
    numbers, pack = array.tolist(), struct.Struct(f"{n}d").pack

    def seconds(work: Run) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return sum(min(seconds(work) for _ in range(rounds)) for work in (lambda: pack(*numbers), array.tolist))


def plain(f: Callable[..., Any]) -> Callable[..., Any]:
    return f


def workload(title: str, spellings: list[Spelling], wrap: Callable[..., Any]) -> Workload:
    """The spellings as contenders; they have to agree."""
    return Workload(title, [Contender(s.name, lambda s=s: s.call(wrap)) for s in spellings])  # type: ignore[misc]


def timed(title: str, spellings: list[Spelling], wrap: Callable[..., Any], rounds: int) -> list[Timing]:
    present, _ = ready(workload(title, spellings, wrap))
    for _ in time_in_turns(present, rounds, at_least=0.02):
        pass
    return [timing for timing, _ in present]


def as_table(title: str, how: str, timings: list[Timing]) -> Table:
    """Times and their ratio to the quickest, marked from CLIFF on."""
    table = Table(title=f"{title}, {how}", title_justify="left", title_style="bold")
    table.add_column("spelling")
    for heading in ("first call", "min", "over the best"):
        table.add_column(heading, justify="right")
    best = min(timings, key=lambda t: min(t.rounds))
    for t in timings:
        times = ratio(t, best)
        mark = " !" if times > CLIFF else ""
        table.add_row(t.contender.name, duration(t.first), duration(min(t.rounds)), f"{times:.2f}{mark}")
    return table


def main(arguments: list[str] | None = None) -> int:
    """Time the programs named on the command line, or all."""
    parser = argparse.ArgumentParser("benchmarks.spellings", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="PROGRAM", help=f"some of {', '.join(PROGRAMS)}; all when left out")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--eager", action="store_true", help="without jit too")
    options = parser.parse_args(arguments)
    console = Console()
    for name in options.names or PROGRAMS:
        title, make, _ = PROGRAMS[name]
        console.print(as_table(title, "compiled", timed(title, make(), cr.jit, options.rounds)))
        if name in LISTS:
            console.print(
                f"Reading {LISTS[name]:,} floats of a list and making as many: {duration(handed_over(LISTS[name]))}"
            )
        if options.eager:
            spellings = [s for s in make() if s.eager]
            console.print(as_table(title, "not compiled", timed(title, spellings, plain, options.rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
