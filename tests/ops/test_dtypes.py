"""Derivatives do not depend on the type in which an operand comes: all rows, all types, in every mode."""

from __future__ import annotations

import pytest
from ops import dtypes

CASES = list(dtypes.cases())


@pytest.mark.parametrize("mode", dtypes.MODES)
def test_derivatives_are_those_of_float64(mode: str) -> None:
    faults = [fault for case in CASES if (fault := dtypes.fault(case, dtypes.MODES[mode]))]
    assert not faults, f"{len(faults)} of {len(CASES)}\n" + "\n".join(faults[:40])
