"""Functions drawn at random, at ordinary points, roots, tiny and huge ones: the bars of four derivatives hold."""

import pytest
from numeric.corpus.drawn import KINDS, drawn

from chainrule import numeric

CASES = list(drawn(120, seed=11))


@pytest.fixture(scope="module")
def outcomes():
    """(case, order, estimate, truth) for every case and the orders 1 to 4."""
    found = []
    for case in CASES:
        truths = case.truths()
        found += [(case, k, numeric.derivative(case.compute, case.x, order=k), truths[k]) for k in (1, 2, 3, 4)]
    return found


def test_bars_hold_the_truth(outcomes):
    trusted = [o for o in outcomes if o[2].trusted]
    missed = [o for o in trusted if not o[2].agrees_with(o[3])]
    assert len(missed) <= 0.005 * len(trusted), missed
    gross = [o for o in missed if abs(o[2].value - o[3]) > 100 * o[2].error]
    assert not gross


@pytest.mark.parametrize("kind", KINDS)
def test_hardly_anything_is_refused(outcomes, kind):
    first = [o for o in outcomes if o[0].kind == kind and o[1] == 1]
    assert sum(o[2].trusted for o in first) >= 0.9 * len(first) > 0


def test_a_planted_fault_is_seen(outcomes):
    """Bars shrunk a hundredfold do not hold the truth."""
    held = [abs(e.value - t) <= e.error / 100 + 1e-16 * abs(t) for _, _, e, t in outcomes if e.trusted]
    assert sum(held) / len(held) < 0.95


@pytest.mark.parametrize("at", [1.0, 2.0, 3.0, 0.5, 1024.0, 1e-3, 1e5])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_terms_that_cancel_leave_their_rounding(at, order):
    """At a root the values say nothing about how they were rounded, nor do arguments at which all terms are exact."""
    for power in (1, 2, 3, 4):
        truth = 1.0
        for k in range(order):
            truth *= power - k
        truth *= at ** (power - order) if power >= order else 0.0
        found = numeric.derivative(lambda x, p=power: x**p - at**p, at, order=order)
        assert found.trusted
        assert found.agrees_with(truth), (power, found, truth)
