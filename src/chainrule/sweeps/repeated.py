"""A sweep that is done again in another way where it leaves nan or the range of floats.

Nan may come from a branch that was not taken, and of carriers it may be seen later only: `by_branches`. Where a share
leaves the range of floats: `rescaled`. Both need the recording; of one that is forgotten on the way, `left` is all that
is known.
"""

from __future__ import annotations

import chainrule.native.libm as libm
from chainrule.libraries import late
from chainrule.numbers import Number
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.cotangents import NOTED, nested, spoiled

run_by_branches = late("chainrule.sweeps.by_branches.run_by_branches")
told_apart = late("chainrule.sweeps.by_branches.told_apart")
back_in_range = late("chainrule.sweeps.rescaled.back_in_range")


def begun(found: Adjoints, cotangent: Number) -> int:
    """How often elements had left the range before; -1 where this is no plain sweep, and has been done."""
    libm.forget_range()
    if not nested(found, cotangent):
        return NOTED[0]
    before = NOTED[0]
    run_by_branches(found, cotangent)
    look_again(found, cotangent, before)
    return -1


def look_again(found: Adjoints, cotangent: Number, before: int) -> None:
    """After a sweep: whether its adjoints stay."""
    if not found.masks and not found.last and spoiled(found):
        told_apart(found, cotangent)
    found.left = found.left or NOTED[0] != before
    if found.left and not found.last:
        back_in_range(found, found.nodes, cotangent, not found.masks)
