"""Moments that diverge and parameters that are not allowed: what is no number has no finite slope.

A third of the distributions; with CHAINRULE_EVERY_POINT=1 in the environment all.
"""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
import scipy.stats
from science import laws

import chainrule as cr
from chainrule.scipy.stats import LAWS
from chainrule.scipy.stats.discrete import Counts

pytestmark = pytest.mark.filterwarnings("ignore")
EVERY = bool(os.environ.get("CHAINRULE_EVERY_POINT"))
NAMES = sorted(LAWS)[:: 1 if EVERY else 3]
PARAMETERS = [0.0, -1.0, 0.5, 1.0, 2.0]


def cases(name):
    """(method, arguments, the number of the one to differentiate by)."""
    base = list(laws.shapes(LAWS[name]))
    for method in ("mean", "var", "std", "entropy"):
        if method.replace("std", "var") not in LAWS[name].moments:
            continue
        if method == "entropy" and isinstance(LAWS[name], Counts):
            continue  # a sum of many terms
        for k, shape in enumerate(LAWS[name].shapes):
            if shape not in LAWS[name].whole:
                yield from ((method, [*base[:k], x, *base[k + 1 :]], k) for x in PARAMETERS)
        yield method, [*base, 0.0, -1.0], len(base) + 1
        yield "logpdf" if hasattr(LAWS[name].dist, "logpdf") else "logpmf", [1.0, *base, 0.0, -1.0], len(base) + 2


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_has_no_finite_slope(name):
    for method, given, k in cases(name):
        f = getattr(getattr(scipy.stats, name), method)
        try:
            value, slope = cr.value_and_grad(f, k)(*given)
        except (cr.errors.ChainruleError, TypeError):
            continue
        undefined = math.isnan(value) or (math.isinf(value) and not method.startswith("log"))
        assert not (undefined and math.isfinite(slope)), (method, given, k, value, slope)


def test_elements_are_told_apart():
    found = cr.grad(lambda a: np.sum(scipy.stats.t.var(a)))(np.array([1.0, 2.0, 4.0, -1.0]))
    assert np.array_equal(np.isfinite(found), [False, False, True, False])
    assert math.isclose(found[2], -0.5)


@pytest.mark.parametrize("a", [1.0, 2.0, 4.0])
def test_programs_say_the_same(a):
    f = cr.grad(lambda a: scipy.stats.invgamma.var(a))
    assert np.isfinite(cr.jit(f)(a)) == np.isfinite(f(a)) == (a > 2)
