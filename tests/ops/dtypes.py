"""Every scenario of every row with each operand in every type of NumPy's and Python's, beside the same in float64.

`cases()` gives them; `MODES` says what is differentiated how. A compiler adds a mode of its own: a function of
(f, operands, active, direction) that gives a list of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ops.scenarios import SCENARIOS, Scenario

import chainrule as cr

KINDS: dict[str, Callable[[Any], Any]] = {
    **{
        name: lambda x, name=name: np.asarray(x).astype(name)[()]
        for name in (
            "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            "float16", "float32", "longdouble",
        )
    },
    "list": lambda x: np.asarray(x).tolist(),
    "list of int": lambda x: np.rint(x).astype(int).tolist(),
    "list of bool": lambda x: (np.asarray(x) != 0).tolist(),
}  # fmt: skip
"""How the numbers of an operand are spelled; a scalar becomes a scalar of that type, or Python's own."""


@dataclass(frozen=True)
class Case:
    """f of `operands`, where number `typed` is of another type; `same` are the same numbers as float64."""

    name: str
    f: Callable[..., Any]
    operands: tuple[Any, ...]
    same: tuple[Any, ...]
    typed: int

    @property
    def actives(self) -> list[int]:
        """The operands that may be differentiated by: what is a list is a constant."""
        return [i for i, x in enumerate(self.operands) if not isinstance(x, list)]

    def tolerance(self) -> float:
        """The rounding of the type that NumPy gives the result, times what a few operations make of it."""
        try:
            with np.errstate(all="ignore"):
                y = self.f(*(np.asarray(x) if isinstance(x, list) else x for x in self.operands))
        except (TypeError, ValueError):  # NumPy has no negative of a truth value
            return 1e-10
        dtype = np.result_type(y)
        return 1e-10 if dtype.kind != "f" else max(400 * float(np.finfo(dtype).eps), 1e-10)


def whole(scenario: Scenario, truth: bool) -> tuple[Any, ...] | None:
    """Operands of whole numbers (of 0 and 1) at which the function and its gradient are finite."""
    for turn in (lambda x: np.rint(3 * x), lambda x: np.rint(3 * abs(x)) + 1, np.ones_like, np.zeros_like):
        xs = tuple(np.asarray(turn(np.asarray(x, float)), float)[()] + 0.0 for x in scenario.args)
        if truth:
            xs = tuple(np.asarray(np.asarray(x) > 1, float)[()] for x in xs)
        elif any(np.any(abs(np.asarray(x)) > 100) for x in xs):
            continue
        if _smooth(scenario, xs):
            return xs
    return None


def _smooth(scenario: Scenario, xs: tuple[Any, ...]) -> bool:
    try:
        with np.errstate(all="ignore"):
            y, pullback = cr.vjp(scenario.f, *xs)
            found = [y, *pullback(np.ones_like(y)[()])]
    except np.linalg.LinAlgError:
        return False
    return all(np.all(np.isfinite(v)) and np.all(np.abs(v) < 1e4) for v in found)


def cases(scenarios: list[Scenario] = SCENARIOS) -> Iterator[Case]:
    """Each scenario with one operand of each kind; unsigned types hold the sizes of its numbers."""
    for scenario in scenarios:
        for truth in (False, True):
            numbers = whole(scenario, truth)
            if numbers is None:
                continue
            for kind, spell in KINDS.items():
                if truth != ("bool" in kind):
                    continue
                for i, x in enumerate(numbers):
                    if kind.startswith("uint") and np.any(np.asarray(x) < 0):
                        continue
                    if kind.startswith("list") and len(numbers) == 1:
                        continue
                    typed = spell(x)
                    operands = (*numbers[:i], typed, *numbers[i + 1 :])
                    yield Case(f"{scenario.name}: {kind} as operand {i}", scenario.f, operands, numbers, i)


def reverse(f: Callable[..., Any], operands: tuple[Any, ...], active: int, direction: Any) -> list[Any]:
    return [cr.grad(lambda *xs: cr.sum(f(*xs) * 0.75), active)(*operands)]


def forward(f: Callable[..., Any], operands: tuple[Any, ...], active: int, direction: Any) -> list[Any]:
    one = lambda x: f(*operands[:active], x, *operands[active + 1 :])
    return list(cr.jvp(one, (operands[active],), (direction,)))


def second(f: Callable[..., Any], operands: tuple[Any, ...], active: int, direction: Any) -> list[Any]:
    one = lambda x: cr.sum(f(*operands[:active], x, *operands[active + 1 :]) * 0.75)
    return [cr.hvp(one, operands[active], direction)]


def taylor(f: Callable[..., Any], operands: tuple[Any, ...], active: int, direction: Any) -> list[Any]:
    one = lambda x: f(*operands[:active], x, *operands[active + 1 :])
    return list(cr.jet(one, (operands[active],), ((direction,),))[1])


MODES = {"reverse": reverse, "forward": forward, "second": second, "taylor": taylor}


def fault(case: Case, mode: Callable[..., list[Any]]) -> str:
    """What is wrong with the derivatives of a case; nothing where all agree."""
    found = []
    tolerance = case.tolerance()
    for active in case.actives:
        direction = np.ones(np.shape(case.same[active]))[()]
        with np.errstate(all="ignore"):
            expected = mode(case.f, case.same, active, direction)
            try:
                ours = mode(case.f, case.operands, active, direction)
            except TypeError as error:
                if not _refused_by_numpy(case):
                    found.append(f"{case.name}, by {active}: {type(error).__name__}: {str(error)[:100]}")
                continue
            except Exception as error:
                found.append(f"{case.name}, by {active}: {type(error).__name__}: {str(error)[:100]}")
                continue
        own = np.asarray(case.operands[active]).dtype
        allowed = tolerance if own.kind != "f" else max(tolerance, 400 * float(np.finfo(own).eps))
        for a, b in zip(ours, expected, strict=True):
            a, b = np.asarray(a, float), np.asarray(b, float)
            scale = max(1.0, float(np.max(np.abs(b), initial=0.0)))
            if a.shape != b.shape or not np.allclose(a, b, rtol=allowed, atol=allowed * scale, equal_nan=True):
                found.append(f"{case.name}, by {active}: {a.ravel()[:3]} in place of {b.ravel()[:3]}")
    return "\n".join(found)


def _refused_by_numpy(case: Case) -> bool:
    """NumPy's linear algebra knows neither half nor long precision, and SciPy's functions not the latter."""
    try:
        case.f(*case.operands)
    except TypeError:
        return True
    return False
