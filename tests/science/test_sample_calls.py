"""A plausible call of each function of SciPy's: its derivative is right, or refused by its name at the call's line.

Under jit it is machine code or a call of the library that computes the same, or refused. A third of the calls, fewer
under jit; with CHAINRULE_EVERY_POINT=1 in the environment all.
"""

import os

import numpy as np
import pytest

import chainrule as cr

pytest.importorskip("scipy")
from benchmarks.scipy_calls.survey import CALLS, calls, judged

SLOW = {"tplquad", "basinhopping", "dual_annealing", "differential_evolution", "shgo", "direct"}
STRIDE = 1 if os.environ.get("CHAINRULE_EVERY_POINT") else 3


def of(module):
    """The calls of a module that take no minutes."""
    return [call for call in calls() if call[0] == module and call[1] not in SLOW and np.size(call[2][1])]


@pytest.mark.parametrize("module", CALLS)
def test_compiled_or_refused(module):
    pytest.importorskip("llvmlite")
    found = [
        (name, *judged(m, name, call, compile=True))
        for m, name, call in of(module)[:: 8 * STRIDE + 1 if STRIDE > 1 else 1]
    ]
    assert not [state for state in found if state[1] not in ("compiled", "refused", "left out")]


@pytest.mark.parametrize("module", CALLS)
def test_right_or_refused(module):
    found = [
        (name, *judged(m, name, call)) for m, name, call in [*calls()][::STRIDE] if m == module and name not in SLOW
    ]
    assert found
    assert not [state for state in found if state[1] not in ("right", "refused", "left out")]


@pytest.mark.parametrize("module", [m for m in CALLS if m != "optimize"])
def test_series_along_a_line_begin_like_the_derivatives(module):
    compared = 0
    for _, name, (f, x) in of(module)[1 :: 7 * STRIDE if STRIDE > 1 else 1]:
        at = np.asarray(x, float)
        way = np.cos(np.arange(at.size) + 0.5).reshape(at.shape)

        def along(s, f=f, at=at, way=way):
            y = f(at + s * way) if at.ndim else f(float(at) + s)
            y = cr.array(y) if isinstance(y, (list, tuple)) else y
            return np.sum(y * np.cos(np.arange(np.size(y)) * 1.7).reshape(np.shape(y)))

        with np.errstate(all="ignore"):
            try:
                slope = cr.grad(along)(0.0)
                found = cr.taylor(along, 0.0, 1).coefficients
            except cr.ChainruleError:
                continue
        assert found[1] == pytest.approx(slope, rel=1e-8, abs=1e-10), name
        compared += 1
    assert compared
