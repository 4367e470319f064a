"""A gradient of a function of probabilities, unit vectors or symmetric matrices, right along these and not across.

Where it is the gradient of f(P(x)), with P the projection onto what the argument is, and differs from that of f at such
points, it has been projected: no mistake does so by chance. Where both agree there, a factor that is 1 may be
missing; then f or its gradient has to speak of the kind.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from chainrule.check.claims.claim import innermost
from chainrule.check.readings.reading import Reading, distance
from chainrule.check.reports.report import Report
from chainrule.check.verdict import Conclusion, Reason, Verdict
from chainrule.patterns import pattern

NEAR = 1e-6  # relative: a projected gradient that is further off is not judged in full
POINTS = 4

Place = tuple[Any, ...]
Judge = Callable[..., Report]


class Manifold(NamedTuple):
    """`project` leaves its points where they are; `words` are those of a text that speaks of them."""

    says: str
    axes: tuple[int, ...]
    drawn: Callable[[Any], Any]
    project: Callable[[Any], Any]
    words: Any


SIMPLEX = pattern(r"add(s|ing)? up to|sums? to (1|one)|probabilit|simplex|distribution", 2)
SPHERE = pattern(r"unit[ _-]|normali[sz]ed|\bunit\b|sphere|quaternion", 2)
SYMMETRIC = pattern(r"symmetric|covariance|\bspd\b|\bpsd\b|positive[ -]definite|precision matri|hermitian", 2)
MANIFOLDS = (
    Manifold(
        "rows that add up to 1", (1, 2), lambda x: np.abs(x) / np.sum(np.abs(x), axis=-1, keepdims=True),
        lambda x: x - np.mean(x, axis=-1, keepdims=True) + 1.0 / np.shape(x)[-1], SIMPLEX,
    ),
    Manifold(
        "rows that add up to 1", (1, 2), lambda x: np.abs(x) / np.sum(np.abs(x), axis=-1, keepdims=True),
        lambda x: x / np.sum(x, axis=-1, keepdims=True), SIMPLEX,
    ),
    Manifold(
        "unit vectors", (1, 2), lambda x: x / np.sqrt(np.sum(x * x, axis=-1, keepdims=True)),
        lambda x: x / np.sqrt(np.sum(x * x, axis=-1, keepdims=True)), SPHERE,
    ),
    Manifold(
        "symmetric matrices", (2,), lambda x: x @ x.T + 0.1 * np.eye(len(x)),
        lambda x: (x + np.transpose(x)) / 2, SYMMETRIC,
    ),
)  # fmt: skip


def along(plain: Reading, forms: Iterable[list[Place]], names: Any, seed: int, judged: Judge) -> Report | None:
    """The report on a claim that is right along a manifold on which its argument lies; None where there is none.

    forms   points of the shapes that f takes
    """
    text = "".join(map(_text, (plain.f, plain.df)))
    for places in forms:
        for k, x in enumerate(places[0]):
            if plain.argnums not in (None, (k,)) or not isinstance(x, np.ndarray) or min(x.shape, default=1) < 2:
                continue
            for manifold in MANIFOLDS:
                square = manifold.words is not SYMMETRIC or x.shape[0] == x.shape[-1]
                if x.ndim in manifold.axes and square:
                    report = _judged(manifold, plain, places, k, names, seed, judged, text)
                    if report is not None:
                        return report
    return None


def _judged(
    manifold: Manifold, plain: Reading, places: list[Place], k: int, names: Any, seed: int, judged: Judge, text: str
) -> Report | None:
    random = np.random.default_rng(seed)
    there = [(*p[:k], manifold.drawn(random.normal(size=np.shape(p[k])) + 0.01), *p[k + 1 :]) for p in places[:POINTS]]

    def projected(*args: Any) -> Any:
        return plain.f(*args[:k], manifold.project(args[k]), *args[k + 1 :])

    projected.__wrapped__ = plain.f  # type: ignore[attr-defined]
    label = (names or list(inspect.signature(plain.f).parameters))[k]
    says = f"the gradient along {manifold.says}, where {label} holds them"
    reading = Reading(projected, plain.df, plain.kind, (k,), says)
    try:
        if not all(_gap(reading, p, names) <= NEAR for p in there):
            return None
        told = all(_gap(replace(plain, argnums=(k,)), p, names) > NEAR for p in there)
        found = judged(reading, there, False)
    except Exception:  # it does not take these
        return None
    if found.verdict is not Verdict.CORRECT:
        return None
    found = replace(found, reading=says)
    if told or manifold.words.search(text):
        return found
    if manifold.words is not SYMMETRIC:
        return None
    advice = f"it is right for {manifold.says} alone; give one: check(f, df, at=...)"
    return found.concluded(Conclusion(Verdict.UNDECIDED, Reason.AMBIGUOUS, advice=advice))


def _gap(reading: Reading, place: Place, names: Any) -> float:
    call = reading.at(place, names)
    return distance(call, call.read(call.raw()))


def _text(function: Any) -> str:
    """The source of a function, with its comments; "" where there is none."""
    try:
        return inspect.getsource(innermost(function))
    except (TypeError, OSError):
        return ""
