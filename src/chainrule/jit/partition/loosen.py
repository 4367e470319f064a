"""Strong zeros at the price of plain products: `scale(ct, p)` is 0 where ct is, whatever p is; `ct * p` is nan there if
p is infinite or nan, and the same otherwise. So compute products, and see in the end whether a result is nan."""

from __future__ import annotations

from chainrule.jit.partition.lower import BOOL, Maker, rebuilt
from chainrule.jit.program import CONSTANT, Guard, Program, Step

# nan where an operand is nan: no nan that a product brings in is lost on its way to the results
_KEEPS_NAN = frozenset(
    {
        "add", "subtract", "multiply", "divide", "negative", "positive", "square", "reciprocal", "absolute",
        "scale", "sqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arctan",
        "sinh", "cosh", "tanh", "sech2", "lorentz", "sigmoid", "softplus", "relu", "astype", "deg2rad",
        "rad2deg", "erf", "erfc", "cbrt", "maximum", "minimum", "winner", "heaviside0", "divide_db",
        "not_negative", "sum", "max", "min", "matmul", "reshape", "transpose", "broadcast_to", "getitem",
        "flip", "scatter", "elements", "join", "stack", "concatenate",
    }
)  # fmt: skip


def loosened(program: Program) -> Program:
    """The program with products in place of `scale` wherever a nan would show in a result, and one more guard, the
    last one: that no result is nan. The program itself if there is nothing to gain."""
    steps = program.steps()
    shows = _shows(program, steps)
    loose = {s for s in steps if s.op == "scale" and s.args[0].op != CONSTANT and shows[s]}
    if not loose:
        return program

    def replace(step: Step, args: tuple[Step, ...]) -> Step | None:
        return Step("multiply", args, {}, step.shape, step.dtype, step.line) if step in loose else None

    found = rebuilt(program, replace)
    found.guards.append(Guard(_no_nan(found), True))
    return found


def _shows(program: Program, steps: list[Step]) -> dict[Step, bool]:
    """For each step whether a nan in it makes a result nan, or no difference at all."""
    shows = dict.fromkeys(steps, True)
    for guard in program.guards:
        shows[guard.step] = False
    for step in reversed(steps):
        for k, a in enumerate(step.args):
            keeps = step.op in _KEEPS_NAN or (step.op == "where" and k > 0)
            shows[a] = shows[a] and keeps and shows[step]
    return shows


def _no_nan(program: Program) -> Step:
    make = Maker("")
    wrong: Step | None = None
    for y in dict.fromkeys(s for s in program.outputs if s.dtype.kind == "f" and s.args):
        found = make("isnan", y, dtype=BOOL)
        if y.shape:
            count = make("astype", found, dtype=y.dtype)
            total = Step("sum", (count,), {"axis": None, "keepdims": False}, (), y.dtype)
            found = make("greater", total, make.number(0.0, y), dtype=BOOL)
        wrong = found if wrong is None else make("logical_or", wrong, found, dtype=BOOL)
    assert wrong is not None
    return make("logical_not", wrong, dtype=BOOL)
