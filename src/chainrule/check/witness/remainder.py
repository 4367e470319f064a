"""A second opinion without any tolerance: the order of the Taylor remainder that the claim leaves.

R(h) = |f(x + h v) - f(x) - h c.v| shrinks like h^2 if c is the gradient, and like h if it is not.
"""

from __future__ import annotations

import numpy as np

from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import Subject, Vector
from chainrule.records import record

STEPS = 0.5 ** np.arange(4, 40)


@record(frozen=True)
class Remainder:
    """What a claim leaves of f(x + h v) - f(x) - h claim.v.

    order      of the remainder in h, where it stands clear of rounding
    direction  v
    first      the remainder over h at the smallest step that is clear: no smaller error of first order is there
    rest       the remainder itself at that step
    straight   whether the remainder over h is the same at all of the last steps: then it is an error of first order
    """

    order: float
    direction: Vector
    first: float
    rest: float
    straight: bool


def remainder(subject: Subject, slope: Vector, seed: int) -> Remainder | None:
    """The remainder that the gradient `slope` (of one result, as a vector) leaves; None where it never stands clear of
    rounding.

    >>> import numpy as np
    >>> at = Subject(lambda x: np.sum(x**4), (np.array([1.0, 2.0]),))
    >>> [round(remainder(at, np.array(c), 0).order) for c in ([4.0, 32.0], [4.0, 31.0])]
    [2, 1]
    """
    if not np.all(np.isfinite(slope)):
        return None
    v = RandomNumbers(seed).standard_normal(subject.n) * np.maximum(np.abs(subject.x), 1e-3)
    try:
        base = float(subject.outputs()[0])
        values = np.array([float(subject.outputs(subject.x + h * v)[0]) for h in STEPS])
    except Exception:  # undefined nearby
        return None
    rest = np.abs(values - base - STEPS * float(slope @ v))
    eps = max(subject.eps, subject.result_eps)
    noise = 32 * eps * (abs(base) + np.abs(values) + STEPS * float(np.abs(slope) @ np.abs(v)))
    if eps > 1e-10:  # the arguments are rounded to that type as well
        noise = noise + subject.eps * float(np.abs(slope) @ np.abs(subject.x))
    clear = np.flatnonzero(~(rest > 30 * noise))
    count = int(clear[0]) if clear.size else len(STEPS)
    if count < 5:
        return None
    last = slice(count - 4, count)  # the smallest steps that can still be seen
    order = float(np.polyfit(np.log(STEPS[last]), np.log(rest[last]), 1)[0])
    quotients = rest[last] / STEPS[last]
    return Remainder(
        order, v, float(quotients[-1]), float(rest[last][-1]), bool(np.ptp(quotients) <= 0.05 * np.max(quotients))
    )
