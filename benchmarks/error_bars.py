"""How often does the true derivative lie within the reported error bar?

One row per family of the calibration corpus and method: `cover` is the share of accepted answers whose true error is
within the bar (plus 4e-16 of the truth), `accept` the share of points answered at all, `digits` the median of the
significant digits the bars of those answers leave, `evals` the median of function values. A point without a derivative
counts against a method that accepts it. Peers answer whenever they return finite numbers, and SciPy when it also
reports success. Then functions drawn at random are asked at ordinary points, roots, tiny and huge ones, for derivatives
of orders 1 to 4: how many bars do not hold the truth, by more than 100 bars (gross), and how many calls raised.
Run: python benchmarks/error_bars.py [points per function, default 6] [functions drawn, default 2000]
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "numeric"))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from corpus import CASES
from corpus.drawn import KINDS, drawn

from chainrule import numeric

PATIENCE = 1000  # function values after which a method counts as having refused
Answer = tuple[float, float] | None  # value and error, None where the method refuses
Method = Callable[[Callable[[float], float], float], Answer]


def ours(budget: str) -> Method:
    def answer(f: Callable[[float], float], x: float) -> Answer:
        found = numeric.derivative(f, x, budget=budget)  # type: ignore[arg-type]
        return (found.value, found.error) if found.trusted else None

    return answer


def plain(f: Callable[[float], float]) -> Callable[[float], float]:
    """f for peers: a float in, a float out, NaN where undefined."""

    def call(x: float) -> float:
        try:
            return float(f(float(np.asarray(x).reshape(()))))
        except (ArithmeticError, ValueError):
            return math.nan

    return call


def methods() -> dict[str, Method]:
    found = {"chainrule": ours("default"), "chainrule cheap": ours("cheap")}
    try:
        import numdifftools

        def by_numdifftools(f: Callable[[float], float], x: float) -> Answer:
            found = numdifftools.Derivative(plain(f), full_output=True)(x)
            value, info = found if isinstance(found, tuple) and len(found) == 2 else (found.estimate, found)
            return float(np.ravel(value)[0]), float(np.ravel(info.error_estimate)[0])

        found["numdifftools"] = by_numdifftools
    except ImportError:
        print("numdifftools is not installed: left out")
    try:
        import jacobi

        def by_jacobi(f: Callable[[float], float], x: float) -> Answer:
            # Its least squares (LAPACK) may never return where powers of its steps leave float64.
            if abs(x) > 1e20 or 0 < abs(x) < 1e-20 or abs(f(x)) > 1e60:
                return None
            value, error = jacobi.jacobi(plain(f), x)
            return float(np.ravel(value)[0]), float(np.ravel(error)[0])

        found["jacobi"] = by_jacobi
    except ImportError:
        print("jacobi is not installed: left out")
    try:
        from scipy.differentiate import derivative

        def by_scipy(f: Callable[[float], float], x: float) -> Answer:
            result = derivative(np.vectorize(plain(f), otypes=[float]), x)
            return (float(result.df), float(result.error)) if result.success else None

        found["scipy"] = by_scipy
    except ImportError:
        print("scipy.differentiate is not installed: left out")
    return found


@dataclass
class Score:
    asked: int = 0
    accepted: int = 0
    covered: int = 0
    digits: list[float] | None = None
    evaluations: list[int] | None = None

    def add(self, answer: Answer, truth: float | None, evaluations: int) -> None:
        self.asked += 1
        self.evaluations = [*(self.evaluations or []), evaluations]
        if answer is None or not all(map(math.isfinite, answer)):
            return
        value, error = answer
        self.accepted += 1
        self.covered += truth is not None and abs(value - truth) <= error + 4e-16 * abs(truth)
        left = 16.0 if error == 0 else -math.log10(error / abs(value)) if value else 0.0
        self.digits = [*(self.digits or []), min(max(left, 0.0), 16.0)]

    def row(self) -> str:
        cover = f"{100 * self.covered / self.accepted:5.1f} %" if self.accepted else "      -"
        digits = f"{median(self.digits):5.1f}" if self.digits else "    -"
        return f"{cover}  {100 * self.accepted / self.asked:5.1f} %  {digits}  {median(self.evaluations or [0]):5.0f}"


def answered(method: Method, f: Callable[[float], float], x: float) -> tuple[Answer, int]:
    count = 0

    def counted(t: float) -> float:
        nonlocal count
        count += np.size(t)
        if count > PATIENCE:
            raise RuntimeError("too many function values")
        return f(t)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return method(counted, x), count
        except Exception:  # a peer that fails has refused
            return None, count


def main(points: int) -> None:
    start = time.perf_counter()
    found = methods()
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for case in CASES:
        for x in case.sample(points, seed=2024):
            truth = case.truth(x)
            for name, method in found.items():
                answer, count = answered(method, case.compute, x)
                total = "TOTAL, held out" if case.held else "TOTAL, tuned on"
                for family in (case.family, total, "TOTAL"):
                    scores[family, name].add(answer, truth, count)
    print(f"{'family':<22}{'method':<17}  cover   accept  digits  evals")
    families = sorted({family for family, _ in scores}, key=lambda f: (f.startswith("TOTAL"), f))
    for family in families:
        for name in found:
            print(f"{family:<22}{name:<17}{scores[family, name].row()}")
        print()
    asked = scores["TOTAL", "chainrule"].asked
    print(f"{len(CASES)} functions, {asked} points, {time.perf_counter() - start:.0f} s")


def at_random(count: int, seed: int = 2024) -> None:
    """The table of the functions drawn at random, and every gross miss."""
    start = time.perf_counter()
    counts: Counter[tuple[str, int, str]] = Counter()
    for case in drawn(count, seed):
        truths = case.truths()
        for order in (1, 2, 3, 4):
            counts[case.kind, order, "asked"] += 1
            try:
                found = numeric.derivative(case.compute, case.x, order=order)
            except Exception as error:
                counts[case.kind, order, "raised"] += 1
                print(f"raised {type(error).__name__}: {case}")
                continue
            counts[case.kind, order, "refused"] += not found.trusted
            if found.trusted and not found.agrees_with(truths[order]):
                gross = abs(found.value - truths[order]) > 100 * found.error
                counts[case.kind, order, "missed"] += 1
                counts[case.kind, order, "gross"] += gross
                if gross:
                    print(f"gross: order {order}, {case}: {found}, truth {truths[order]!r}")
    columns = ("asked", "refused", "missed", "gross", "raised")
    print(f"{'kind':<10}{'order':>6}" + "".join(f"{c:>9}" for c in columns))
    for kind in KINDS:
        for order in (1, 2, 3, 4):
            print(f"{kind:<10}{order:>6}" + "".join(f"{counts[kind, order, c]:>9}" for c in columns))
    total = {c: sum(n for (_, _, name), n in counts.items() if name == c) for c in columns}
    held = 1 - total["missed"] / (total["asked"] - total["refused"] - total["raised"])
    print(f"all       {'':>6}" + "".join(f"{total[c]:>9}" for c in columns))
    print(f"{count} functions: {100 * held:.2f} % of the bars hold, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
    at_random(int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
