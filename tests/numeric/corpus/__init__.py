"""The calibration corpus: functions with random points and derivatives known to many digits.

A case is written once as a formula over a library `m` (math, or mpmath for the truth); where the computation differs
from the formula on purpose (float32 inside, noise) both are given. Cases marked `held` were written without looking
at them while thresholds were chosen: their coverage is reported separately.
"""

from .later import LATER
from .odd import BROKEN, ODD
from .smooth import SMOOTH
from .unseen import UNSEEN

CASES = SMOOTH + ODD + BROKEN + UNSEEN + LATER

__all__ = ["BROKEN", "CASES", "LATER", "ODD", "SMOOTH", "UNSEEN"]
