"""The order in which repetition is looked for: as recorded, and sums where their terms are."""

import numpy as np

from chainrule.jit.loops.order import repeating
from chainrule.jit.program import INPUT, Step

F64 = np.dtype(np.float64)
X = Step(INPUT, (), {}, (), F64)


def step(op, *args, at=0):
    return Step(op, args, {}, (), F64, "", at)


def turns(count):
    """Two steps of each turn as recorded, and the sum of the second ones, put together by a pass."""
    states, terms, sums = [X], [], []
    for k in range(count):
        states.append(step("sin", states[-1], at=2 * k + 1))
        terms.append(step("square", states[-1], at=2 * k + 2))
    for term in terms:
        sums.append(step("add", sums[-1] if sums else X, term))
    return states[1:], terms, sums


def test_a_sum_put_together_behind_all_turns_comes_back_to_them():
    states, terms, sums = turns(5)
    place = {s: k for k, s in enumerate(repeating([*states, *terms, *sums]))}
    for k in range(4):
        assert place[terms[k]] < place[sums[k]] < place[terms[k + 1]]


def test_recorded_steps_keep_their_order_however_they_are_listed():
    states, terms, _ = turns(5)
    expected = [s for iteration in zip(states, terms, strict=True) for s in iteration]
    assert repeating([*states, *reversed(terms)]) == expected


def test_a_step_waits_for_the_array_of_which_it_reads_a_part():
    part = step("getitem", X)
    late = step("exp", X, at=9)
    reader = step("cos", part, at=1)
    assert repeating([reader, late]) == [reader, late]
    assert repeating([reader, late], after={id(part): late}) == [late, reader]


def test_what_must_stay_is_not_moved_ahead():
    first, other = step("sin", X, at=1), step("less", X, at=2)
    call = step("solve", first, at=3)
    assert repeating([first, other, call]) == [first, call, other]
    assert repeating([first, other, call], still={id(call)}) == [first, other, call]
