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
both_ways = late("chainrule.sweeps.enlarged.both_ways")
enlarge = late("chainrule.sweeps.enlarged.enlarge")
reduce = late("chainrule.sweeps.enlarged.reduce")
back_in_range = late("chainrule.sweeps.rescaled.back_in_range")


def begun(found: Adjoints, cotangent: Number) -> bool:
    """Whether this is to be a plain sweep; any other has been done."""
    libm.forget_range()
    found.noted = NOTED[0]
    if not nested(found, cotangent):
        found.watched = found.last
        return True
    run_by_branches(found, cotangent)
    look_again(found, cotangent)
    return False


def went_on(found: Adjoints, k: int) -> bool:
    """After the shares of number k were sent: whether some have left the range, and the rest was done in another way.
    The first time that happens it is only enlarged."""
    if not found.watched:
        return False
    found.left = found.left or libm.left_range()
    if not found.left and NOTED[0] == found.noted:
        return False
    found.watched = not found.enlarged and enlarge(found, found.nodes, k)
    if found.watched:
        found.enlarged, found.left = k, False
    elif found.enlarged:
        found.left = not both_ways(found, found.nodes, k)
    else:
        found.left = True
    libm.forget_range()
    found.noted = NOTED[0]
    return not found.watched and found.enlarged > 0


def look_again(found: Adjoints, cotangent: Number) -> None:
    """After a sweep: whether its adjoints stay."""
    found.left = found.left or NOTED[0] != found.noted
    if found.enlarged:
        reduce(found, found.nodes, found.enlarged)
    if not found.masks and not found.last and spoiled(found):
        told_apart(found, cotangent)
    if found.left and not found.last:
        back_in_range(found, found.nodes, cotangent, not found.masks)
