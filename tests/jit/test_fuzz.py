"""Programs drawn from fixed seeds agree with themselves through jit; thousands more by `python -m tests.fuzz`."""

import numpy as np
import pytest
from fuzz.compare import AGREES, REFUSED, SKIPPED
from fuzz.minimise import minimised
from fuzz.programs import drawn
from fuzz.workers import outcomes

import chainrule as cr

PROGRAMS = 400


def test_programs_agree_with_themselves_through_jit():
    found = dict(outcomes(range(PROGRAMS), processes=1, limit=60.0))
    faults = {seed: text for seed, text in found.items() if not text.startswith((AGREES, REFUSED, SKIPPED))}
    assert not faults, "\n".join(f"# seed {s}: {text}\n{drawn(s).source()}" for s, text in faults.items())
    assert sum(text == AGREES for text in found.values()) > 0.8 * PROGRAMS


def test_a_process_that_dies_is_a_finding():
    assert dict(outcomes([-1, 3], processes=1, limit=60.0))[-1].startswith("the process ended")


@pytest.mark.parametrize("function", [np.nanmean, np.nansum, np.mean, np.nanmax, np.nanstd, np.nanvar, np.nanprod])
def test_statistics_of_a_single_number(function):
    f = lambda x: function(x) * x
    assert cr.jit(f)(2.0) == f(2.0)


@pytest.mark.parametrize("seed", [3, 17])
def test_a_failing_program_is_made_short(seed):
    program = drawn(seed)
    short = minimised(program, lambda p: bool(p.statements))
    assert len(short.statements) == 1
    assert short.transform == "value"
    assert not short.strict
    compile(short.source(), "a program", "exec")
