"""How often a check calls the function, and how long it may take."""

import math
import time

import numpy as np
import pytest

from chainrule.check import Reason, Verdict, check
from chainrule.errors import ArgumentError
from chainrule.transforms.custom import custom_jvp
from chainrule.transforms.gradient import grad

COUNTS = (1, 3, 5, 8, 10, 30, 60, 64, 65, 100, 300, 1000)


class Counted:
    """A smooth function of n numbers that counts its calls; `traced` says whether rules can run it."""

    def __init__(self, n, traced):
        self.A = np.random.default_rng(n).standard_normal((3, n)) / math.sqrt(n)
        self.traced, self.calls = traced, 0
        self.x = np.random.default_rng(n + 1).standard_normal(n)

    def __call__(self, x):
        self.calls += 1
        if not self.traced:
            x = np.array([float(v) for v in np.asarray(x, dtype=float).tolist()])
        return np.sum(np.sin(self.A @ x)) + 0.1 * np.sum(x**2)

    def slope(self, x):
        return self.A.T @ np.cos(self.A @ x) + 0.2 * x

    def wrong(self, x):
        d = self.slope(x)
        d[len(d) // 2] *= 1.1
        return d

    def checked(self, right):
        report = check(self, self.slope if right else self.wrong, at=self.x)
        assert report.verdict is (Verdict.CORRECT if right else Verdict.WRONG)
        return self.calls


@pytest.fixture(scope="module")
def table():
    return {
        (n, traced, right): Counted(n, traced).checked(right)
        for n in COUNTS for traced in (True, False) for right in (True, False)
    }  # fmt: skip


def test_the_cost_is_bounded(table):
    assert all(calls <= 450 for (n, _, right), calls in table.items() if right)
    assert all(calls <= 3000 for calls in table.values())


def test_there_is_no_cliff(table):
    for traced in (True, False):
        for right in (True, False):
            row = [table[n, traced, right] for n in COUNTS if n >= 10]
            assert all(more <= 2.5 * max(row[:k]) for k, more in enumerate(row) if k), row


def test_further_points_take_one_line_each():
    f = Counted(50, traced=True)
    report = check(f, f.slope, at=list(np.random.default_rng(0).standard_normal((20, 50))))
    assert report.verdict is Verdict.CORRECT
    assert all({"rules", "differences"} <= {e.family for e in j.evidence} for j in report.points)
    assert f.calls <= 700


@pytest.mark.parametrize("n", [5, 17, 50])
def test_rules_that_are_wrong_at_a_further_point_only_are_contradicted(n):
    """The claim is what the rules say, and one line through each point shows that f has another slope there."""

    @custom_jvp
    def cube(x):
        return x * x * x

    @cube.defjvp(verify=False)
    def wrong_far_away(primals, tangents):
        (x,), (v,) = primals, tangents
        return x * x * x, 3 * x * x * v * np.where(x > 5, 1.01, 1.0)

    def f(x):
        return np.sum(cube(x))

    near = np.linspace(0.5, 1.5, n)
    far = near + np.where(np.arange(n) == 3, 7.0, 0.0)
    report = check(f, grad(f), at=[near, near + 1, far])
    assert [bool(j.right) for j in report.points[:2]] == [True, True]
    assert report.verdict is not Verdict.CORRECT


def test_the_documented_table_is_true(table, request):
    text = (request.config.rootpath / "docs" / "check.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| n = ")]
    found = {int(row[0].split("=")[1]): [int(cell) for cell in row[1:]] for row in rows}
    assert list(found) == list(COUNTS)
    columns = [(True, True), (True, False), (False, True), (False, False)]
    for n, row in found.items():
        for stated, (traced, right) in zip(row, columns, strict=True):
            # Counts follow the last bits of the values, which differ between processors.
            assert table[n, traced, right] == pytest.approx(stated, rel=0.3, abs=20), (n, traced, right)


def test_a_product_with_the_jacobian_does_not_take_the_whole_of_it():
    calls = 0
    W = np.random.default_rng(0).standard_normal((30, 20))

    def layer(x):
        nonlocal calls
        calls += 1
        return np.tanh(W @ np.array([float(v) for v in np.asarray(x, float).tolist()]))

    def back(x, ct):
        return W.T @ (ct * (1 - np.tanh(W @ x) ** 2))

    start = time.perf_counter()
    assert check(layer, back, at=np.linspace(-1, 1, 20), kind="vjp").verdict is Verdict.CORRECT
    assert calls <= 450
    assert time.perf_counter() - start < 10


def slow(x):
    end = time.perf_counter() + 0.01
    while time.perf_counter() < end:
        pass
    return float(np.asarray(x, float) @ np.asarray(x, float))


def test_what_is_not_reached_in_time_is_undecided():
    start = time.perf_counter()
    report = check(slow, lambda x: 2 * x, at=[np.arange(1.0, 6.0) + k for k in range(50)], budget=0.5)
    assert time.perf_counter() - start < 5
    assert report.verdict is Verdict.UNDECIDED
    assert report.reason is Reason.OUT_OF_TIME
    assert "budget" in report.advice
    assert len(report.points) == 50


def test_what_is_wrong_before_the_time_is_over_stays_wrong():
    report = check(lambda x: x * x, lambda x: x, at=[1.0, *([2.0] * 3)], budget=60)
    assert report.verdict is Verdict.WRONG
    assert "budget=60" in report.replay


def endless(x):
    while x > 1.0:
        pass
    return x * x


@pytest.mark.parametrize("claim", [lambda x: 2 * x, endless])
def test_a_function_that_does_not_return_is_left(claim):
    start = time.perf_counter()
    report = check(endless, claim, at=2.0, budget=0.4)
    assert report.verdict is Verdict.UNDECIDED
    assert report.reason is Reason.OUT_OF_TIME
    assert time.perf_counter() - start < 5


def test_a_claim_that_does_not_return_is_left():
    report = check(lambda x: x * x, endless, at=2.0, budget=0.4)
    assert report.reason is Reason.OUT_OF_TIME


def test_a_loop_that_ends_only_where_it_converges_is_checked():
    """Plain iteration of Kepler's equation never ends for e > 1.2 or so, and is asked at e = 0.6."""

    def orbit(M, e):
        E, old = M, math.inf
        while abs(E - old) > 1e-10:
            old, E = E, M + e * math.sin(E)
        return E

    def slope(M, e):
        E = orbit(M, e)
        return 1 / (1 - e * math.cos(E)), math.sin(E) / (1 - e * math.cos(E))

    start = time.perf_counter()
    assert check(orbit, slope, at=(0.8, 0.6), budget=20).verdict is not Verdict.WRONG
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("n", [1, 3, 8, 80])
@pytest.mark.parametrize("right", [True, False])
def test_a_check_asks_near_its_point_only(n, right):
    x, seen = np.random.default_rng(n).uniform(0.3, 0.6, n), []

    def f(v):
        seen.append(np.array([float(t) for t in v]))
        return math.fsum(np.sin(seen[-1]) * seen[-1])

    check(f, lambda v: (np.sin(v) + v * np.cos(v)) * (1 if right else 1.01), at=x)
    assert np.max(np.abs(np.array(seen) - x)) <= 1 + 1e-9


@pytest.mark.parametrize("budget", [0, -1, math.inf, math.nan, "1", True])
def test_a_budget_is_a_positive_number(budget):
    with pytest.raises(ArgumentError, match="budget"):
        check(math.sin, math.cos, at=1.0, budget=budget)
