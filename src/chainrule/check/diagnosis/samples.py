"""What a diagnosis looks at: claimed and true numbers at several points, and how far both are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.claimed import Call
from chainrule.check.judging.confirm import rounding
from chainrule.check.judging.judgement import Judgement
from chainrule.check.judging.reference import HOME
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector, is_real
from chainrule.check.witness.evidence import FEW, undoubted
from chainrule.check.witness.witnesses import ask
from chainrule.numbers import shape
from chainrule.records import record

ENOUGH = 3  # points a hypothesis must fit at
FIT = 1e-8  # relative to each number
ROUNDING = 1e-13  # relative to the largest number at the point
EXTRA = 6
MOST_BY_DIFFERENCES = 50  # numbers up to which differences, a dozen values each, give the truth at two more points
BIG, HUGE = 1000, 20_000  # numbers beyond which fewer points are taken, and paths are not searched

Table = NDArray[np.float64]


@record
class Sample:
    """Claimed and true numbers at one point, as tables with a row for each result, and how far both are known.

    weights   the cotangent of a vjp claim, None for other kinds
    jacobian  the whole Jacobian behind a vjp or jvp claim
    """

    subject: Subject
    yours: Table
    truth: Table
    slack: float
    kind: str = "gradient"
    weights: Vector | None = None
    vector: Vector | None = None
    jacobian: Table | None = None

    def fits(self, predicted: Any, part: NDArray[np.bool_] | None = None) -> bool:
        """Whether the claim is `predicted`, to the last digits."""
        gap = np.abs(self.yours - predicted)
        gap = gap if part is None else gap[part]
        scale = float(np.max(np.abs(self.yours if part is None else self.yours[part]), initial=0.0))
        size = np.abs(self.yours) if part is None else np.abs(self.yours[part])
        return bool(np.all(gap <= FIT * size + ROUNDING * scale + self.slack))

    def close(self, predicted: Any) -> NDArray[np.bool_]:
        """Which numbers of the claim are the predicted ones, to the last digits."""
        size = np.abs(self.yours)
        allowed = FIT * size + ROUNDING * float(np.max(size, initial=0.0)) + self.slack
        return np.asarray(np.abs(self.yours - predicted) <= allowed)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which numbers of the claim are right."""
        scale = np.max(np.abs(self.truth), initial=0.0)
        close: NDArray[np.bool_] = (
            np.abs(self.yours - self.truth) <= 1e-9 * np.abs(self.truth) + 1e-13 * scale + self.slack
        )
        return close

    @property
    def clear(self) -> bool:
        """Whether claim and truth are known well enough to tell a hypothesis from its neighbours, or as well as single
        precision allows."""
        enough = max(1e-6, 256 * max(self.subject.eps, self.subject.result_eps))
        return self.slack <= enough * float(np.max(np.abs(self.yours), initial=0.0))

    @property
    def telling(self) -> bool:
        """Whether something is wrong that stands clear of what rounding of the largest number leaves: below that any
        hypothesis fits."""
        scale = float(np.max(np.abs(self.yours), initial=0.0))
        return bool(np.any(np.abs(self.yours - self.truth) > 100 * (self.slack + ROUNDING * scale)))

    @property
    def plain(self) -> bool:
        """Whether this is a gradient of a function with one result."""
        return self.kind in ("gradient", "jacobian", "value_and_grad") and self.yours.shape == (1, self.subject.n)


def collect(f: Any, df: Any, points: list[Judgement], seed: int, kind: str) -> list[Sample]:
    """The judged points with numbers, and more points near the wrong ones."""
    found = []
    judged = [j for j in points if j.claimed is not None and j.claimed.values is not None and j.reference is not None]
    for j in judged:
        sample = _sample(j, j.call, kind)
        if sample is not None and np.any(sample.truth != 0):
            found.append(sample)
    wrong = [j for j in judged if j.wrong and np.any(j.reference)]
    if getattr(df, "of_one_point", False):  # numbers that were computed once: elsewhere nothing is claimed
        return found
    random = RandomNumbers(seed)
    wanted = max(2 * ENOUGH, len(judged)) if not wrong or wrong[0].subject.n <= BIG else ENOUGH
    for _ in range(4 * EXTRA):
        if len(found) >= wanted or not wrong or wrong[0].subject.n > 20 * HUGE:
            break
        if len(found) >= ENOUGH and wrong[0].chosen == "differences" and wrong[0].subject.n > FEW:
            break
        origin = wrong[int(random.integers(len(wrong)))].subject
        moved = origin.x * (1 + 0.2 * random.standard_normal(origin.n)) + 0.02 * random.standard_normal(origin.n)
        extra = _fresh(f, df, origin, moved, kind, seed)
        if extra is not None:
            found.append(extra)
    return found


def _fresh(f: Any, df: Any, origin: Subject, moved: Vector, kind: str, seed: int) -> Sample | None:
    """Claim and truth at another point."""
    try:
        subject = Subject(f, origin.arguments(moved), origin.names, origin.argnums)
        call = Call(df, kind, subject, subject.call(), seed)
        claimed = call.read(call.raw())
        second = claimed.second
        for name in HOME[subject.library]:
            if name == "differences" and subject.n > MOST_BY_DIFFERENCES:
                return None
            evidence = ask(name, subject, second=second, quick=not second)
            if evidence.speaks:
                break
        if evidence.reasons is not None and not undoubted(evidence.reasons).all():
            return None
        if not evidence.speaks or not np.all(np.isfinite(evidence.value)):  # type: ignore[arg-type]
            return None
        reference = claimed.project(evidence.value)  # type: ignore[arg-type]
        bar = np.full(reference.shape, float(np.max(evidence.bar)))  # type: ignore[arg-type]
        return _sample(Judgement(subject, claimed, reference, bar, evidence=(evidence,)), call, kind)
    except Exception:  # undefined there
        return None


def _sample(j: Judgement, call: Any, kind: str) -> Sample | None:
    yours: Any = j.claimed.values  # type: ignore[union-attr]
    truth: Any = j.reference
    bar: Any = j.bar
    n = j.subject.n
    width = yours.size if yours.size % n else n
    if not np.all(np.isfinite(truth)):
        return None
    slack = 4 * float(np.max(bar[np.isfinite(bar)], initial=0.0))
    if call is not None and n <= BIG:
        slack += 4 * float(np.max(rounding(call), initial=0.0))
    folded = kind in ("vjp", "jvp", "hvp")
    whole = next((e.value for e in j.evidence if e.speaks), None) if folded else None
    weights = call.weights if kind == "vjp" else None
    return Sample(
        j.subject, yours.reshape(-1, width), truth.reshape(-1, width), slack, kind, weights,
        call.vector if folded else None, whole,
    )  # fmt: skip


def of_elements(s: Sample) -> Sample | None:
    """The claim about a function of each element of an array alone, whose Jacobian is a diagonal, as one about the
    gradient of the sum; None for another."""
    n = s.subject.n
    square = s.yours.shape == s.truth.shape == (n, n) and n > 1 and s.kind in ("gradient", "jacobian")
    if not square or s.subject.library or any(np.any(t - np.diag(np.diag(t))) for t in (s.yours, s.truth)):
        return None

    def summed(*args: Any) -> Any:
        return np.sum(s.subject.f(*args))

    whole = type(s.subject)(summed, s.subject.args, s.subject.names, s.subject.argnums)
    whole.result_eps = s.subject.result_eps
    return Sample(whole, np.diag(s.yours)[None], np.diag(s.truth)[None], s.slack)


def parts_of(subject: Subject) -> list[tuple[str, slice]]:
    """The numbers that belong together, by name: each argument, and each entry of a dict or of a list of arrays."""
    found, start = [], 0
    for k, (name, whole) in zip(subject.argnums, subject.slices(), strict=True):
        leaves = [x for x in subject.parts[k] if is_real(x)]
        split = len(leaves) > 1 and (isinstance(subject.args[k], dict) or any(shape(x) for x in leaves))
        for x in leaves if split else ():
            size = int(np.prod(shape(x), dtype=int))
            label = subject.label(start)
            found.append((label.rpartition("[")[0] if shape(x) else label, slice(start, start + size)))
            start += size
        if not split:
            found.append((name, whole))
        start = whole.stop
    return found


def coefficient(a: Any, b: Any) -> float | None:
    """k in a = k b, by least squares, without overflow; None where b is 0."""
    size = float(np.max(np.abs(b), initial=0.0))
    if not size or not np.isfinite(size):
        return None
    unit = np.ravel(b) / size
    return float((np.ravel(a) / size) @ unit / (unit @ unit))


def everywhere(samples: list[Sample], predicted: Any) -> bool:
    """Whether the claim is what `predicted(sample)` says at all points, and the truth is not."""
    return (
        len(samples) >= ENOUGH
        and all(s.fits(predicted(s)) for s in samples)
        and any(not s.fits(s.truth) for s in samples)
    )
