"""A plausible call of each function of SciPy's: its derivative is right, or refused by its name at the call's line.

A third of the calls; with CHAINRULE_EVERY_POINT=1 in the environment all.
"""

import os

import pytest

pytest.importorskip("scipy")
from benchmarks.scipy_calls.survey import CALLS, calls, judged

SLOW = {"tplquad", "basinhopping", "dual_annealing", "differential_evolution", "shgo", "direct"}
STRIDE = 1 if os.environ.get("CHAINRULE_EVERY_POINT") else 3


@pytest.mark.parametrize("module", CALLS)
def test_right_or_refused(module):
    found = [
        (name, *judged(m, name, call)) for m, name, call in [*calls()][::STRIDE] if m == module and name not in SLOW
    ]
    assert found
    assert not [state for state in found if state[1] not in ("right", "refused", "left out")]
