"""Where to look: points as given, or drawn where the function is defined and alive."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from chainrule.check.claimed import Call
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import UNDEFINED, Subject, flat, quiet
from chainrule.check.witness.seen import run
from chainrule.errors import ArgumentError
from chainrule.numeric.patience import TimedOut, within
from chainrule.signatures import POSITIONAL, needed, parameters

WANTED = 8  # points of a drawn check
SPARE = 40  # drawn points at which rules alone are asked, to find those worth judging
PATIENCE = 2.0  # seconds that f is granted at a point that was not asked for
ENDLESS = 3  # calls that did not return, after which no more points of a form are drawn
SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (2,), (4,), (2, 2), (3, 3), (5,))


def given(at: Any, f: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """The points that `at` names: one point (a number, an array, a dict, a tuple of arguments), or a list of
    points.

    >>> given(2.0, abs), given([1.0, 2.0], abs), given((1.0, 2.0), pow)
    ([(2.0,)], [(1.0,), (2.0,)], [(1.0, 2.0)])
    """
    if isinstance(at, list):
        if not at:
            raise ArgumentError("check: at=[] names no point; give at least one, or leave `at` out to have some drawn")
        return [p if isinstance(p, tuple) else (p,) for p in at]
    if isinstance(at, range) or inspect.isgenerator(at):
        return [(p,) for p in at]
    return [at if isinstance(at, tuple) else (at,)]


def in_box(f: Callable[..., Any], box: Any, seed: int, names: Any, argnums: Any) -> list[tuple[Any, ...]]:
    """Points drawn inside a box: (low, high) for every argument, each a number or an array."""
    low, high = box
    lows = low if isinstance(low, tuple) else (low,)
    highs = high if isinstance(high, tuple) else (high,)
    if any(np.any(np.asarray(a) > np.asarray(b)) for a, b in zip(lows, highs, strict=False)):
        raise ArgumentError(f"check: expected box=(low, high) with no low above its high, got {box!r}")
    random = RandomNumbers(seed)
    points, endless = [], 0
    for _ in range(200):
        args = tuple(_between(random, a, b) for a, b in zip(lows, highs, strict=True))
        try:
            if _is_defined(f, args):
                points.append(args)
        except TimedOut:
            endless += 1
            if endless == ENDLESS:
                break
        if len(points) == 4 * WANTED:
            break
    return _lively_first(f, points, names, argnums)


def corners(box: Any) -> tuple[Any, ...]:
    """The two corners of a box as flat vectors; () without one."""
    if box is None:
        return ()
    sides = [side if isinstance(side, tuple) else (side,) for side in box]
    return tuple(np.concatenate([np.ravel(np.asarray(x, dtype=float)) for x in side]) for side in sides)


def _between(random: Any, low: Any, high: Any) -> Any:
    x = random.uniform(np.asarray(low, float), np.asarray(high, float))
    return float(x) if np.ndim(x) == 0 else x


def drawn(
    f: Callable[..., Any],
    df: Callable[..., Any] | None,
    seed: int,
    kind: str = "gradient",
    names: Any = None,
    argnums: Any = None,
) -> list[tuple[Any, ...]]:
    """Points over several scales and both signs at which f is defined and, if any can be found, not flat: up to
    SPARE of them, of which a check judges the first WANTED thoroughly.

    What f takes is found out by trying: numbers first, then vectors and matrices.
    """
    best: list[tuple[Any, ...]] = []
    rank = -1
    for form in _forms(f, df if kind in ("gradient", "jacobian", "hessian", "value_and_grad") else None):
        points = _defined(f, form, seed)
        first = list(itertools.islice(points, 3))
        if not first:
            continue
        fits = FITS if df is None else _fits(f, df, first, kind, names, argnums)
        if 2 * fits + 1 <= rank:
            continue
        ordered = _lively_first(f, itertools.chain(first, points), names, argnums)
        found = 2 * fits + is_alive(f, ordered[0], names, argnums)
        if found > rank:
            best, rank = ordered, found
        if rank == 2 * FITS + 1:
            break
    return best


RAISES, ANOTHER, FITS = range(3)  # how a claim answers to arguments of a form: not at all, in another form, as is due


def of_other_forms(
    f: Callable[..., Any], places: list[tuple[Any, ...]], seed: int, most: int = 4
) -> Iterator[list[tuple[Any, ...]]]:
    """Points whose arguments have other shapes than those of `places`, for the forms that f takes."""
    found = 0
    tried = {tuple(np.shape(a) for a in places[0])}
    for form in _forms(f, None):
        if form in tried or "list" in form:
            continue
        points = list(itertools.islice(_defined(f, form, seed), WANTED))
        if points:
            found += 1
            yield points
        if found == most:
            return


def _forms(f: Callable[..., Any], df: Callable[..., Any] | None) -> Iterator[tuple[Any, ...]]:
    """Shapes to try, one for each required argument: all alike first, then mixtures. The string "list" stands
    for a list of three numbers."""
    count = arity(df) if df is not None and any(p.kind is p.VAR_POSITIONAL for p in parameters(f) or ()) else arity(f)
    for s in (*SHAPES, "list"):
        yield (s,) * count
    if 1 < count <= 4:
        mixtures = [m for m in itertools.product(((), (3,), (3, 3)), repeat=count) if len(set(m)) > 1]
        yield from sorted(mixtures, key=lambda m: sum(map(len, m)))


def arity(f: Callable[..., Any]) -> int:
    """How many positional arguments a call of `f` needs."""
    given = parameters(f)
    takes_one = given is None or any(p.kind in (*POSITIONAL, p.VAR_POSITIONAL) for p in given)
    return len(needed(f)) or int(takes_one)


def _scales(random: Any) -> Iterator[tuple[float, float]]:
    """(magnitude, sign): small, ordinary and large numbers, each with both signs, then a wide even search."""
    for _ in range(4):
        for low, high in ((-0.5, 0.5), (-1.5, -0.3), (0.3, 1.2)):
            for sign in (1.0, -1.0):
                yield 10 ** random.uniform(low, high), sign
    for _ in range(150):
        yield random.uniform(0, 100), random.choice([-1.0, 1.0])
    for _ in range(60):
        yield 10 ** random.uniform(-8, 6), random.choice([-1.0, 1.0])


def _defined(f: Callable[..., Any], form: tuple[Any, ...], seed: int) -> Iterator[tuple[Any, ...]]:
    """Drawn points of a form at which f is defined, as many as are asked for; none where f does not take the form."""
    random = RandomNumbers(seed)
    found = endless = 0
    for tried, (size, sign) in enumerate(_scales(random)):
        signs = (0.7, 1.3) if tried % 3 else (-1.3, 1.3)  # of one sign, and every third point of both
        args = tuple(_make(random, s, size, sign, signs) for s in form)
        try:
            if not _is_defined(f, args):
                continue
        except TimedOut:  # a loop that ends at other points only
            endless += 1
            if endless == ENDLESS:
                return
            continue
        except Exception:  # f does not take arguments of this form
            if not found and tried >= 3:
                return
            continue
        found += 1
        yield args


def _make(random: Any, form: Any, size: float, sign: float, signs: tuple[float, float]) -> Any:
    if form == ():
        return float(sign * size * random.uniform(0.7, 1.3)) if signs[0] > 0 else float(size * random.uniform(*signs))
    if form == "list":
        return [float(sign * size * random.uniform(*signs)) for _ in range(3)]
    return sign * size * random.uniform(*signs, form)


def _is_defined(f: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    with quiet():
        try:
            values = flat(within(PATIENCE, lambda: f(*Subject(f, args).arguments())))
        except UNDEFINED as error:
            if isinstance(error, ValueError) and _is_about_shape(error):
                raise
            return False
    return bool(values.size and np.all(np.isfinite(values)))


def _is_about_shape(error: ValueError) -> bool:
    text = str(error)
    return any(word in text for word in ("shape", "dimension", "broadcast", "unpack", "aligned", "truth value", "axis"))


def _fits(
    f: Callable[..., Any], df: Callable[..., Any], points: list[tuple[Any, ...]], kind: str, names: Any, argnums: Any
) -> int:
    """How the claim answers at the first of the points at which it answers at all."""
    for args in points:
        try:
            subject = Subject(f, args, names, argnums)
            call = Call(df, kind, subject, subject.call(), 0)
            return FITS if call.read(call.raw()).values is not None else ANOTHER
        except Exception:  # not at this point, or not for such arguments
            continue
    return RAISES


def _lively_first(
    f: Callable[..., Any], points: Iterable[tuple[Any, ...]], names: Any, argnums: Any
) -> list[tuple[Any, ...]]:
    """Points where the function moves, before those where it is flat; the ordinary order otherwise. As many are asked
    as are judged, and those after them are taken as they come."""
    lively: list[tuple[Any, ...]] = []
    dull: list[tuple[Any, ...]] = []
    remaining = iter(points)
    for args in remaining:
        (lively if is_alive(f, args, names, argnums) else dull).append(args)
        if len(lively) == WANTED:
            lively += itertools.islice(remaining, SPARE - WANTED)
            break
    return lively if len(lively) >= 3 else [*lively, *dull]


def is_alive(f: Callable[..., Any], args: tuple[Any, ...], names: Any = None, argnums: Any = None) -> bool:
    """Whether the function moves with its arguments here: by its recording, or by looking a little aside."""
    return liveliness(f, args, names, argnums) > 1e-300


def liveliness(f: Callable[..., Any], args: tuple[Any, ...], names: Any = None, argnums: Any = None) -> float:
    """The size of the largest slope here; 0.0 where f is flat or undefined."""
    try:
        return float(within(PATIENCE, lambda: _slope(Subject(f, args, names, argnums))))
    except (Exception, TimedOut):  # undefined here
        return 0.0


def _slope(subject: Subject) -> float:
    with quiet():
        try:
            recording = run(subject)
            slopes = [
                g
                for y in recording.results
                if recording.mine(y)
                for g in recording.pull(y, np.ones_like(np.asarray(recording.plain(y), dtype=float))[()])
            ]
            return max((float(np.max(np.abs(np.asarray(g, dtype=float)), initial=0.0)) for g in slopes), default=0.0)
        except Exception:  # not traceable
            aside = subject.outputs(subject.x * (1 + 1e-4) + 1e-6)
            return float(np.max(np.abs(aside - subject.outputs()), initial=0.0)) * 1e4


def alive_nearby(
    f: Callable[..., Any], args: tuple[Any, ...], seed: int, names: Any = None, argnums: Any = None
) -> tuple[Any, ...] | None:
    """A point where the function is not flat, for advice; None when none was found."""
    subject = Subject(f, args, names, argnums)
    random = RandomNumbers(seed)
    best: tuple[float, tuple[Any, ...] | None] = (1e-300, None)
    for size in (1.0, 10.0, 100.0, 0.1, 1000.0):
        for _ in range(60):
            moved = subject.arguments(subject.x + random.uniform(-size, size, subject.n))
            best = max(best, (liveliness(f, moved, names, argnums), moved), key=lambda pair: pair[0])
        if best[0] > 1e-6:
            break
    return best[1]
