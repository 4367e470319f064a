"""Witnesses that see values only: differences, complex step, 60 digits; and the formula that SymPy reads off."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import numeric, trees
from chainrule.carriers.lift import lift
from chainrule.check.subject import Subject
from chainrule.check.witness.evidence import FEW, MANY, NotApplicable
from chainrule.check.witness.seen import is_value, run, seen_by, terms
from chainrule.errors import AnotherFunction
from chainrule.numbers import Carrier, new_level, primal
from chainrule.numeric import Doubt
from chainrule.transforms.calling import called
from chainrule.values.value import Value

SINGLE = 1e-10  # a type with larger steps
WIDE = np.linspace(-1, 1, 16)  # where a slope over a wide range is measured
LOOKED_AT_AGAIN = 12  # of many numbers, how many get all the function values where a dozen did not suffice


def quick_differences(subject: Subject, second: bool) -> Any:
    """A dozen function values for each number: enough to support rules, not to stand alone."""
    return differences(subject, second, budget="cheap")


def differences(subject: Subject, second: bool, budget: Any = "default") -> Any:
    if subject.n > MANY:
        raise NotApplicable(f"{subject.n} numbers: differences are asked along directions only")
    g = subject.of_vector(lifted=False)
    if second:
        return _as_tables(numeric.hessian(g, subject.x), subject.n)
    if subject.n <= FEW:
        found = _as_tables(numeric.jacobian(g, subject.x, budget=budget), subject.n)
        return _not_between_steps(subject, g, found) if subject.result_eps > SINGLE else found
    value, bar, reasons = _as_tables(numeric.jacobian(g, subject.x, budget="cheap"), subject.n)
    doubted = np.flatnonzero([any(d is not None for d in column) for column in reasons.T])
    for j in doubted[:LOOKED_AT_AGAIN].tolist():

        def along(t: Any, j: int = j) -> Any:
            vector = subject.x.copy()
            vector[j] = t
            return g(vector)

        found = numeric.derivative(along, float(subject.x[j]), vectorized=False)
        value[:, j], bar[:, j], reasons[:, j] = (column[:, 0] for column in _as_tables(found, 1))
    return value, bar, reasons


def _not_between_steps(subject: Subject, g: Callable[..., Any], found: Any) -> Any:
    """The tables with bars that hold the slope over a wide range as well: a function that computes in single precision
    moves in steps, and within one of them its slope says nothing."""
    value, bar, reasons = found
    for j in range(subject.n):
        width = 0.03 * max(abs(float(subject.x[j])), 0.1)
        rows = []
        for t in WIDE:
            vector = subject.x.copy()
            vector[j] += t * width
            rows.append(np.ravel(g(vector)))
        wide = (_slope() @ np.array(rows, dtype=float)) / width
        bar[:, j] = np.where(np.isfinite(wide), np.maximum(bar[:, j], 1.5 * np.abs(wide - value[:, j])), bar[:, j])
    return value, bar, reasons


@functools.cache
def _slope() -> NDArray[np.float64]:
    """What takes values there to the slope of the polynomial of degree 4 through them."""
    return np.asarray(np.linalg.pinv(np.vander(WIDE, 5, increasing=True))[1])


def _as_tables(found: numeric.Estimate, n: int) -> Any:
    """Values, bars and doubts as tables with a row for each result and a column for each of n numbers."""
    value = np.array(found.value, dtype=float).reshape(-1, n)
    reasons = np.full(value.shape, found.reason, dtype=object) if found.reasons is None else found.reasons
    return value, np.array(found.error, dtype=float).reshape(-1, n), np.array(reasons, dtype=object).reshape(-1, n)


def complex_step(subject: Subject, second: bool) -> Any:
    if second or subject.n > 12:
        raise NotApplicable("the complex step is asked for first derivatives of at most 12 numbers")
    g = subject.of_vector(lifted=True)
    columns, bars, reasons = [], [], []
    seen_by(subject, [np.real(g(subject.x + 1e-30j))])  # the real part is f(x) up to the square of the step
    for j in range(subject.n):

        def along(t: Any, j: int = j) -> Any:
            vector = subject.x.astype(complex) if isinstance(t, complex) else subject.x.copy()
            vector[j] = t
            return g(vector)

        found = numeric.derivative(along, float(subject.x[j]), method="complex", budget="cheap")
        columns.append(np.ravel(found.value))
        bars.append(np.ravel(found.error))
        each = found.reasons if found.reasons is not None else np.full(columns[-1].shape, found.reason, dtype=object)
        reasons.append(np.ravel(each))
    doubts = np.array(reasons, dtype=object).T
    silent = [d for d in doubts.ravel() if d in (Doubt.NOT_ANALYTIC, Doubt.NOT_APPLICABLE)]
    if silent:
        raise NotApplicable(silent[0].explanation)
    return np.array(columns).T, np.array(bars).T, doubts


DIGITS = 60


def high_precision(subject: Subject, second: bool) -> Any:
    """Central differences with 60 digits: the step 1e-24 leaves about 36 of them right."""
    import mpmath

    if subject.n > MANY // 2 or second:
        raise NotApplicable("high precision is asked for first derivatives of at most 32 numbers")
    with mpmath.workdps(DIGITS):
        columns, doubts = [], []
        middle = precise(subject, np.array([mpmath.mpf(v) for v in subject.x], dtype=object))
        seen_by(subject, [float(v) for v in middle])
        size = terms(subject)
        largest = [abs(c) if size is None else max(abs(c), mpmath.mpf(float(s))) for c, s in _beside(middle, size)]
        for j in range(subject.n):
            h = mpmath.mpf(10) ** -24 * max(abs(mpmath.mpf(subject.x[j])), mpmath.mpf(10) ** -6)
            slopes = _sides(subject, middle, j, h)
            columns.append([float((right + left) / 2) for right, left in slopes])
            bent = [abs(right - left) for right, left in slopes]
            rounded = [mpmath.mpf(10) ** (3 - DIGITS) * c / h for c in largest]  # what rounding leaves of a slope of 0
            suspicious = [
                gap > 1e-10 * max(map(abs, pair)) + r for gap, pair, r in zip(bent, slopes, rounded, strict=True)
            ]
            if any(suspicious):  # a kink's gap stays when the step shrinks, that of a curve shrinks with it
                closer = [abs(right - left) for right, left in _sides(subject, middle, j, h / 1000)]
                suspicious = [s and near > gap / 30 for s, near, gap in zip(suspicious, closer, bent, strict=True)]
            doubts.append([Doubt.KINK if s else None for s in suspicious])
    value = np.array(columns, dtype=float).T
    # Beside rounding in the answer: of terms that cancel, 36 digits are left when they are divided by the step.
    lost = 1e-34 * size[:, None] / np.maximum(np.abs(subject.x), 1e-6)[None, :] if size is not None else 0.0
    bar = 4 * 2.0**-53 * np.abs(value) + lost + 5e-324
    for j in np.flatnonzero(np.abs(subject.x) < 1e-6).tolist():  # here the step is not small beside x itself
        with mpmath.workdps(DIGITS):
            nearer = [float((a + b) / 2) for a, b in _sides(subject, middle, j, mpmath.mpf(10) ** -40)]
        bar[:, j] += 2 * np.abs(value[:, j] - nearer)
    return value, bar, np.array(doubts, dtype=object).T


def _beside(middle: list[Any], size: Any) -> Any:
    return zip(middle, middle if size is None else np.ravel(size).tolist(), strict=True)


def _sides(subject: Subject, middle: list[Any], j: int, h: Any) -> list[tuple[Any, Any]]:
    """The slopes of all results to the right and to the left along number j."""
    import mpmath

    ends = []
    for sign in (1, -1):
        vector = np.array([mpmath.mpf(v) for v in subject.x], dtype=object)
        vector[j] += sign * h
        ends.append(precise(subject, vector))
    return [((right - c) / h, (c - left) / h) for right, c, left in zip(ends[0], middle, ends[1], strict=True)]


def precise(subject: Subject, vector: Any, function: Callable[..., Any] | None = None) -> list[Any]:
    """The results of f (or of another function of the same arguments) for mpmath or SymPy numbers.

    They travel inside Values: NumPy's functions refuse bare mpmath numbers, carriers reach the table."""
    level = new_level()
    moving = iter(subject._pieces(vector))
    whole = []
    for k, (part, structure) in enumerate(zip(subject.parts, subject.structures, strict=True)):
        if k in subject.argnums:
            part = [Value.leaf(next(moving), level) if any(x is leaf for leaf in subject.leaves) else x for x in part]
        whole.append(trees.unflatten(structure, part))
    result = called(subject._lifted if function is None else lift(function), whole)
    values: list[Any] = []
    for y in trees.flatten(result)[0]:
        y = primal(y)
        if isinstance(y, np.ndarray):
            values += [primal(v) for v in y.ravel()]
        else:
            values.append(y)
    if any(isinstance(v, Carrier) for v in values):
        raise NotApplicable("the result could not be read")
    return values


def sees_another_function(name: str, subject: Subject) -> bool:
    """Whether the witness sees another function than f a little beside the point, where the values part even if they
    happen to be the same at the point."""
    for step in BESIDE:
        moved = subject.arguments(subject.x + step * np.maximum(np.abs(subject.x), 1e-3))
        beside = Subject(subject.f, moved, subject.names, subject.argnums)
        beside.result_eps = subject.result_eps
        try:
            found = _values_seen(name, beside)
            if found is not None and not is_value(beside, found):
                return True
        except AnotherFunction:
            return True
        except Exception:  # undefined there, or out of the witness's reach
            continue
    return False


BESIDE = (1e-3, -1e-3, 1e-6, -1e-6)  # relative steps aside


def _values_seen(name: str, subject: Subject) -> Any:
    """f at the point of `subject` as the witness sees it, as floats; None for one that sees plain numbers."""
    import mpmath

    if name == "differences":
        return None
    if name == "complex step":
        return np.ravel(np.real(subject.of_vector(lifted=True)(subject.x + 1e-30j)))
    if name == "high precision":
        with mpmath.workdps(DIGITS):
            numbers = np.array([mpmath.mpf(v) for v in subject.x], dtype=object)
            return np.array([float(v) for v in precise(subject, numbers)])
    recording = run(subject)
    return np.concatenate([np.ravel(np.asarray(recording.plain(y), dtype=float)) for y in recording.results])


def formula(subject: Subject, second: bool) -> Any:
    import sympy

    if subject.n > 6 or second:
        raise NotApplicable("SymPy is asked for first derivatives by at most 6 numbers")
    symbols = np.array([sympy.Symbol(f"x{j}", real=True) for j in range(subject.n)], dtype=object)
    formulas = precise(subject, symbols)
    if sum(sympy.sympify(f).count_ops() for f in formulas) > 300 or len(formulas) > 16:
        raise NotApplicable("the formula is too long")
    point = {s: sympy.Float(v, 40) for s, v in zip(symbols, subject.x, strict=True)}
    values = [complex(sympy.sympify(f).evalf(30, subs=point)) for f in formulas]
    seen_by(subject, [v.real if not v.imag else np.nan for v in values])
    rows = []
    for formula in formulas:
        rows.append([complex(sympy.diff(formula, s).evalf(30, subs=point)) for s in symbols])
    table = np.array(rows, dtype=complex)
    if np.any(table.imag != 0) or not np.all(np.isfinite(table)):
        raise NotApplicable("the formula has no real value here")
    return table.real, 8 * 2.0**-53 * np.abs(table.real) + 5e-324, None
