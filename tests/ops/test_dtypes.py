"""Derivatives do not depend on the type in which an operand comes: all rows, all types, in every mode."""

from __future__ import annotations

import os

import pytest
from ops import dtypes

CASES = list(dtypes.cases())


@pytest.mark.parametrize("mode", dtypes.MODES)
def test_derivatives_are_those_of_float64(mode: str) -> None:
    cases = CASES[::2] if mode == "second" and not os.environ.get("CHAINRULE_EVERY_POINT") else CASES
    faults = [fault for case in cases if (fault := dtypes.fault(case, dtypes.MODES[mode]))]
    assert not faults, f"{len(faults)} of {len(cases)}\n" + "\n".join(faults[:40])
