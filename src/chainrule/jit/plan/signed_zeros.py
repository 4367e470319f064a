"""Products with a strong zero as NumPy computes them for arrays: a zero keeps the sign of the product, and only what
would be nan becomes 0. Where both signs will do, a zero without a sign takes one instruction less."""

from __future__ import annotations

from chainrule.jit.plan.lower import BOOL, Maker
from chainrule.jit.program import Step


def signed(step: Step, args: tuple[Step, ...]) -> Step | None:
    """Products of arrays with strong zeros, in plain rows; None for other steps. Of single numbers 0 has no sign."""
    if not step.shape or step.op not in ("scale", "strong_zero_product"):
        return None
    make = Maker(step.line)
    product, zero = make("multiply", *args, dtype=step.dtype), make.number(0.0, step)
    strong = make("equal", args[0], zero, dtype=BOOL)
    if step.op == "strong_zero_product":
        strong = make("logical_or", strong, make("equal", args[1], zero, dtype=BOOL), dtype=BOOL)
    gone = make("logical_and", strong, make("isnan", product, dtype=BOOL), dtype=BOOL)
    return make("where", gone, zero, product, dtype=step.dtype)
