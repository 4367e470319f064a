"""Many more points than a check can judge, looked at in passing: where claim and rules differ, it is worth judging.

Drawn points find a claim that is wrong on a tenth of the axis; one that is wrong between 0.5 and 0.8 only is found by
looking where the functions themselves decide. Every comparison that f or the claim makes is brought to a tie by
Newton's method on the recorded difference of its two sides, and both sides of the tie are looked at, as are both sides
of the numbers that stand in their code. These places themselves are looked at where f is smooth: a claim may have
another formula there (`if x == 0`).
"""

from __future__ import annotations

import functools
import time
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import trees
from chainrule.check.claimed import Call
from chainrule.check.judging.kinks import Comparison, comparisons
from chainrule.check.points import PATIENCE
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector, flat, quiet
from chainrule.check.witness.by_rules import jacobian_of
from chainrule.check.witness.seen import is_value, run
from chainrule.numeric.patience import TimedOut, within
from chainrule.transforms.recorded import record

DENSE = 240  # points spread over the range, beside those that the functions' own decisions ask for
WATCHED = 16  # runs in which comparisons are noted
ASIDE = (1e-6, 1e-3, 3e-2)  # on both sides of a tie, relative
CONSTANTS = 40  # numbers of the code that are looked beside
FOUND = 3  # points handed to the judge
SECONDS = 0.5  # of a slow function fewer points are looked at, but never fewer than FEW
FEW = 24
EXACT = 60  # ties and numbers of the code
BLIND = 40  # points where f cannot be traced, at two calls for each number
SEEN, GUESSED = 1e-6, 1e-3  # relative gaps that are worth a judgement: to the rules, to a difference quotient


class Search:
    """Looks for points where the claim may be wrong."""

    def __init__(self, f: Any, claim: Any, kind: str, names: Any, argnums: Any, seed: int) -> None:
        self.f, self.claim, self.kind, self.names, self.argnums = f, claim, kind, names, argnums
        self.random = RandomNumbers(seed)

    def found(self, places: list[tuple[Any, ...]], low: Any = None, high: Any = None) -> list[tuple[Any, ...]]:
        """Points worth a judgement, at most three. `places` are points of the form that f takes, at which it is
        defined; between `low` and `high`, flat arguments, more are drawn."""
        if self.kind in ("hessian", "hvp"):  # second derivatives at hundreds of points are no look in passing
            return []
        self.origin = Subject(self.f, places[0], self.names, self.argnums)
        if self.origin.library or self.origin.n > 64:
            return []
        self.names = self.origin.names
        _ = self.origin._lifted, self.origin._moves  # once for all that are moved from it
        near = [Subject(self.f, p, self.names, self.argnums).x for p in places if _alike(p, places[0])]
        vectors = self._vectors(near, low, high)
        if self.origin.n == 1 and self.origin.shapes == [()] and self.kind in ("gradient", "jacobian"):
            everything = list(vectors)
            numbers = np.array([v[0] for v in everything])
            try:
                picked = within(PATIENCE, lambda: self._apart_in_one_run(numbers, len(near)))
            except TimedOut:
                picked = None
            vectors = iter(everything if picked is None else [everything[k] for k in picked])
        found = self._looked_at(vectors, len(near))
        return found or self._looked_at(self._exactly(near[0], low, high), EXACT, smooth=True)

    def _looked_at(self, vectors: Iterator[Vector], near: int, smooth: bool = False) -> list[tuple[Any, ...]]:
        found, start = [], time.perf_counter()
        self.traceable = True
        for tried, vector in enumerate(vectors):
            if tried > (FEW if time.perf_counter() - start > SECONDS else near + 400):
                break
            if not self.traceable and tried > BLIND + 2 * near:
                break
            try:
                differs = within(PATIENCE, functools.partial(self._differs, vector, smooth))
            except TimedOut:  # a loop that ends at other points only
                break
            if differs:
                found.append(self.origin.arguments(vector))
                if len(found) == FOUND:
                    break
        return found

    def _apart_in_one_run(self, xs: Vector, near: int) -> NDArray[np.intp] | None:
        """Where claim and truth differ, of a function that takes all the numbers at once as an array; None where it
        does not, or not so as one by one."""
        try:
            with quiet():
                recording = record(lambda x: self.origin._lifted(x), [xs], trees.flatten((xs,))[1])
                (y,) = recording.results
                value = np.asarray(recording.plain(y), dtype=float)
                if not recording.mine(y) or value.shape != xs.shape:
                    return None
                for k in range(-near - DENSE, -DENSE):  # as plain numbers?
                    due = float(self.origin.outputs(xs[k : k + 1])[0])
                    if not abs(value[k] - due) <= 1e-9 * abs(due):
                        return None
                truth = np.asarray(recording.pull(y, np.ones_like(value))[0], dtype=float)
                claimed = np.array([self._claimed(x) for x in xs])
                apart = np.abs(claimed - truth) > SEEN * np.abs(truth)
                return np.flatnonzero(apart & np.isfinite(truth))
        except Exception:  # made for one number at a time
            return None

    def _claimed(self, x: float) -> float:
        try:
            return float(np.asarray(self.claim(*self.origin.arguments(np.array([x])))).item())
        except Exception:  # undefined there
            return float("nan")

    # -- where to look --------------------------------------------------------------------------------------

    def _vectors(self, vectors: list[Vector], low: Any, high: Any) -> Iterator[Vector]:
        for vector in (*self._beside_ties(vectors[:8]), *self._beside_constants(vectors[0])):
            if low is None or np.all((vector >= low) & (vector <= high)):
                yield vector
        yield from vectors
        n = self.origin.n
        if low is not None:
            yield from low + (high - low) * self._strips(DENSE, n)
            return
        third = DENSE // 3  # over small ranges around 0, and over the scales of larger numbers
        yield from 2 * (2 * self._strips(third, n) - 1)
        yield from 12 * (2 * self._strips(third, n) - 1)
        yield from 10 ** (6 * self._strips(third, n) - 3) * self.random.choice([-1.0, 1.0], (third, n))

    def _strips(self, count: int, n: int) -> NDArray[np.float64]:
        """`count` points between 0 and 1 such that for each number every strip of that width has one of them (a Latin
        hypercube)."""
        order = np.array([self.random.permutation(count) for _ in range(n)]).T
        return np.asarray((order + self.random.uniform(size=(count, n))) / count)

    def _beside_constants(self, vector: Vector) -> Iterator[Vector]:
        for c in dict.fromkeys([*_numbers(self.claim), *_numbers(self.f)]):
            for step in (1e-3, 3e-2):
                for side in (-1.0, 1.0):
                    moved = vector.copy()
                    moved[int(self.random.integers(vector.size))] = c + side * step * max(abs(c), 0.1)
                    yield moved

    def _exactly(self, vector: Vector, low: Any, high: Any) -> Iterator[Vector]:
        """Where comparisons are ties, and where an argument is 0 or a number that stands in the code."""
        n = self.origin.n
        candidates = [*self.ties, np.zeros(n)]
        for c in dict.fromkeys([0.0, *_numbers(self.claim), *_numbers(self.f)]):
            moved = vector.copy()
            moved[int(self.random.integers(n))] = c
            candidates.append(moved)
        for tie in candidates[:EXACT]:
            if low is None or np.all((tie >= low) & (tie <= high)):
                yield tie

    def _beside_ties(self, vectors: list[Vector]) -> list[Vector]:
        """Both sides of every comparison that can be brought to a tie from one of the vectors."""
        beside: list[Vector] = []
        self.ties = []
        known: set[tuple[str, float]] = set()
        pending = list(vectors)
        for _ in range(WATCHED):
            if not pending:
                break
            vector = pending.pop(0)
            for function in (self.f, self.claim):
                for number, seen in enumerate(self._comparisons(function, vector)[:8]):
                    tie = self._tied(function, vector, number, seen)
                    if tie is None:
                        continue
                    key = (seen.line, float(f"{np.sum(tie):.6g}"))
                    if key in known:
                        continue
                    known.add(key)
                    self.ties.append(np.array([float(f"{x:.12g}") for x in tie]) + 0.0)
                    unit = seen.slope / np.linalg.norm(seen.slope)
                    size = max(float(np.max(np.abs(tie))), 1e-2)
                    sides = [tie + s * step * size * unit for step in ASIDE for s in (-1.0, 1.0)]
                    beside += sides
                    pending[:0] = sides[2:4]
        return beside

    def _comparisons(self, function: Any, vector: Vector) -> list[Comparison]:
        if self.kind in ("vjp", "jvp") and function is self.claim:
            return []
        try:
            return list(within(PATIENCE, lambda: comparisons(self.origin.moved(vector), function)))
        except (Exception, TimedOut):  # not traceable, or undefined there
            return []

    def _tied(self, function: Any, vector: Vector, number: int, seen: Comparison) -> Vector | None:
        """A point where comparison `number` is a tie; None where Newton's method does not get there."""
        for _ in range(6):
            size = float(seen.slope @ seen.slope)
            if not np.isfinite(size) or size == 0 or not np.isfinite(seen.gap):
                return None
            step = seen.gap / size * seen.slope
            vector = vector - step
            if np.linalg.norm(step) <= 1e-9 * max(float(np.linalg.norm(vector)), 1e-3):
                return vector
            again = self._comparisons(function, vector)
            if number >= len(again) or again[number].line != seen.line:
                return vector if np.linalg.norm(step) <= 1e-2 * max(float(np.linalg.norm(vector)), 1e-3) else None
            seen = again[number]
        return vector

    # -- a look ---------------------------------------------------------------------------------------------

    def _differs(self, vector: Vector, smooth: bool) -> bool:
        """Whether claim and truth seem to differ there. False where either is undefined. Where f is to be `smooth` by
        more than the truth differs on both sides."""
        try:
            subject = self.origin.moved(vector)
            with quiet():
                value, truth, close = self._truth(subject)
                if not np.all(np.isfinite(truth)):
                    return False
                call = Call(self.claim, self.kind, subject, value, 0)
                claimed = call.read(call.raw())
            if claimed.values is None:
                return False
            due = claimed.project(truth)
            scale = max(float(np.max(np.abs(due), initial=0.0)), float(np.max(np.abs(claimed.values), initial=0.0)))
            apart = ~(np.abs(claimed.values - due) <= close * np.abs(due) + 1e-3 * close * scale)
            if scale < 1e-200 or not np.any(apart):
                return False
            if smooth and not np.all(np.isfinite(claimed.values)):
                return False
            if smooth and not self._is_smooth(vector, call, claimed.values - due, due):
                return False
            return not self.traceable or is_value(subject, flat(value))
        except Exception:  # undefined here
            return False

    def _is_smooth(self, vector: Vector, call: Call, gap: Vector, due: Vector) -> bool:
        """Whether the truth differs little on both sides from that in between, beside the gap that was found."""
        for side in (-1e-6, 1e-6):
            subject = self.origin.moved(vector + side * np.maximum(np.abs(vector), 1e-2))
            with quiet():
                value, truth, _ = self._truth(subject)
                claimed = Call(self.claim, self.kind, subject, value, 0).read(call.raw())
            if not np.max(np.abs(claimed.project(truth) - due)) <= 0.05 * np.max(np.abs(gap)):
                return False
        return True

    def _truth(self, subject: Subject) -> tuple[Any, Any, float]:
        """f, its Jacobian, and how closely that is known; by one traced run, else by difference quotients."""
        if self.traceable:
            try:
                recording = run(subject)
                value = trees.unflatten(recording.out, [recording.plain(y) for y in recording.results])
                return value, jacobian_of(recording, subject), SEEN
            except Exception:  # not traceable
                self.traceable = not _is_defined(subject)
                raise
        columns = []
        for j in range(subject.n):
            step = np.zeros(subject.n)
            step[j] = 1e-6 * max(abs(float(subject.x[j])), 1e-2)
            right, left = subject.outputs(subject.x + step), subject.outputs(subject.x - step)
            columns.append((right - left) / (2 * step[j]))
        return subject.call(), np.array(columns).T, GUESSED


def _is_defined(subject: Subject) -> bool:
    try:
        return bool(np.all(np.isfinite(subject.outputs())))
    except Exception:  # undefined for plain numbers as well
        return False


def _alike(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return [np.shape(x) for x in a] == [np.shape(x) for x in b]


def _numbers(f: Any) -> list[float]:
    """The numbers that stand in the code of a function, in its defaults and closure, and in the functions there."""
    found: dict[float, None] = {}
    pending: list[Any] = [f]
    seen: set[int] = set()
    while pending and len(seen) < 200:
        x = pending.pop(0)
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, (int, float)) and not isinstance(x, bool) and abs(x) < 1e6:
            found[float(x)] = None
        elif isinstance(x, types.CodeType):
            pending += x.co_consts
        elif isinstance(x, tuple):
            pending += x
        elif isinstance(x, types.FunctionType):
            pending += [x.__code__, *(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values()]
            pending += [v for cell in x.__closure__ or () if (v := _contents(cell)) is not cell]
            pending += [v for name in x.__code__.co_names if _is_own(v := x.__globals__.get(name))]
        else:
            pending += [v for name in ("__func__", "func", "pyfunc") if (v := getattr(x, name, None)) is not None]
    return list(found)[:CONSTANTS]


def _is_own(x: Any) -> bool:
    """Whether a global of a function may hold numbers that it decides by."""
    return isinstance(x, (types.FunctionType, float, int)) and not isinstance(x, bool)


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return cell
