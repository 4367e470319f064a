"""Chainrule in 200 lines: rows, levels, reverse and forward mode, their nesting, and a check by differences.

Each part names the files that do the same in earnest. It runs as it stands, on floats and arrays of NumPy:

>>> float(grad(lambda x: x * sin(x))(2.0)), float(sin(2.0) + 2.0 * cos(2.0))
(0.077003753731..., 0.077003753731...)
"""

import functools
import itertools

import numpy as np

# ---- 1. Rows: src/chainrule/ops/kinds.py has the kinds, its neighbours the rows ------------------------------------
# A row says how an operator is computed and what its derivative is, once. Its kind says what forward mode (`push`)
# and reverse mode (`pull`) make of that. Derivatives are written with operators, so they can be differentiated again.


class Operator:
    def __init__(self, name, compute):
        self.name, self.compute = name, compute

    def __call__(self, *args):
        carriers = [x for x in args if isinstance(x, Carrier)]
        if not carriers:
            return self.compute(*args)
        return max(carriers, key=lambda x: x.level).apply(self, args)  # the highest level takes over


class Elementwise(Operator):
    """`partials` are functions (y, *operands) -> dy/d(operand), None where there is no derivative. An operator that
    `selects` has partials of 0 where it took another operand: there nothing is sent, whatever the partials are."""

    def __init__(self, name, compute, *partials, selects=False):
        super().__init__(name, compute)
        self.partials, self.selects = partials, selects

    def slopes(self, y, args):
        found = [None if p is None else p(y, *args) for p in self.partials]
        return [None if self.selects and s is not None and np.all(primal(s) == 0) else s for s in found]

    def push(self, y, args, tangents):
        pairs = zip(tangents, self.slopes(y, args), strict=True)
        terms = [t * s for t, s in pairs if t is not None and s is not None]
        return functools.reduce(add, terms) if terms else None

    def pull(self, ct, y, args):
        pairs = zip(self.slopes(y, args), args, strict=True)
        return [None if s is None else unbroadcast(ct * s, x) for s, x in pairs]


class Linear(Operator):
    """Linear in its one operand: forward mode applies it to the tangent, reverse mode applies `adjoint`."""

    def __init__(self, name, compute, adjoint):
        super().__init__(name, compute)
        self.adjoint = adjoint

    def push(self, y, args, tangents):
        return None if tangents[0] is None else self(tangents[0])

    def pull(self, ct, y, args):
        return [self.adjoint(ct, *args)]


def unbroadcast(ct, x):
    """The adjoint of broadcasting a single number: its cotangents are summed."""
    return total(ct) if np.shape(primal(x)) == () and np.shape(primal(ct)) != () else ct


# src/chainrule/ops/arithmetic.py, exponential.py, trigonometric.py, compare.py, reduce.py
add = Elementwise("add", np.add, lambda y, a, b: 1.0, lambda y, a, b: 1.0)
multiply = Elementwise("multiply", np.multiply, lambda y, a, b: b, lambda y, a, b: a)
divide = Elementwise("divide", np.divide, lambda y, a, b: divide(1.0, b), lambda y, a, b: -divide(y, b))
sin = Elementwise("sin", np.sin, lambda y, x: cos(x))
cos = Elementwise("cos", np.cos, lambda y, x: -sin(x))
exp = Elementwise("exp", np.exp, lambda y, x: y)
log = Elementwise("log", np.log, lambda y, x: divide(1.0, x))
greater = Elementwise("greater", np.greater, None, None)
where = Elementwise("where", np.where, None, lambda y, c, a, b: 1.0 * c, lambda y, c, a, b: 1.0 - c, selects=True)
total = Linear("sum", np.sum, lambda ct, x: ct * np.ones(np.shape(primal(x))))


# ---- 2. Carriers and levels: src/chainrule/numbers.py, carriers/operators.py, carriers/dual.py, values/value.py ------
# What travels through a function in place of a number. Each transform draws a level of its own, larger than all before;
# a carrier takes apart those of its own level and leaves all others as they are, so transforms nest without a stack.

LEVELS = itertools.count(1)


class Carrier:
    __array_ufunc__ = None  # NumPy's arrays leave `array * carrier` to the carrier
    __add__ = lambda self, other: add(self, other)
    __radd__ = lambda self, other: add(other, self)
    __mul__ = lambda self, other: multiply(self, other)
    __rmul__ = lambda self, other: multiply(other, self)
    __truediv__ = lambda self, other: divide(self, other)
    __rtruediv__ = lambda self, other: divide(other, self)
    __neg__ = lambda self: multiply(self, -1.0)
    __sub__ = lambda self, other: add(self, -other)
    __rsub__ = lambda self, other: add(other, -self)


class Value(Carrier):
    """Reverse mode: a number that remembers what it was computed from."""

    def __init__(self, number, level, row=None, operands=(), parents=()):
        self.number, self.level, self.row, self.operands, self.parents = number, level, row, operands, parents

    def apply(self, row, args):
        parents = [x if isinstance(x, Value) and x.level == self.level else None for x in args]
        operands = [x if parent is None else x.number for x, parent in zip(args, parents, strict=True)]
        return Value(row(*operands), self.level, row, operands, parents)


class Dual(Carrier):
    """Forward mode: a number and its tangent."""

    def __init__(self, number, tangent, level):
        self.number, self.tangent, self.level = number, tangent, level

    def apply(self, row, args):
        mine = [isinstance(x, Dual) and x.level == self.level for x in args]
        operands = [x.number if own else x for x, own in zip(args, mine, strict=True)]
        y = row(*operands)
        tangents = [x.tangent if own else None for x, own in zip(args, mine, strict=True)]
        tangent = row.push(y, operands, tangents)
        return y if tangent is None else Dual(y, tangent, self.level)


def primal(x):
    """The plain number below all levels."""
    return primal(x.number) if isinstance(x, Carrier) else x


# ---- 3. The sweep: src/chainrule/recording.py and sweeps/reverse.py --------------------------------------------------
def order(result):
    """The nodes that led to a result, operands first, without recursion."""
    listed, seen, pending = [], set(), [(result, False)]
    while pending:
        node, entered = pending.pop()
        if entered:
            listed.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            pending += [(node, True), *((p, False) for p in node.parents if p is not None)]
    return listed


def sweep(result, ct):
    """The cotangents of the inputs that led to a result, by the id of their nodes. They live here, not in the nodes."""
    adjoints = {id(result): ct}
    for node in reversed(order(result)):
        if node.row is None or id(node) not in adjoints:
            continue  # an input, or a node that nothing has arrived at
        ct = adjoints.pop(id(node))
        shares = node.row.pull(ct, node.number, node.operands)
        for parent, share in zip(node.parents, shares, strict=True):
            if parent is not None and share is not None:
                adjoints[id(parent)] = adjoints[id(parent)] + share if id(parent) in adjoints else share
    return adjoints


# ---- 4. Transforms: src/chainrule/transforms/gradient.py and jvp_vjp.py ------------------------------------------
def grad(f):
    def gradient(x):
        level = next(LEVELS)
        with np.errstate(all="ignore"):
            node = Value(x, level)
            y = f(node)
            depends = isinstance(y, Value) and y.level == level
            return (sweep(y, 1.0) if depends else {}).get(id(node), 0.0 * primal(x))

    return gradient


def jvp(f, x, tangent):
    """f(x), and its derivative in the direction `tangent`."""
    level = next(LEVELS)
    y = f(Dual(x, tangent, level))
    moved = isinstance(y, Dual) and y.level == level
    return (y.number, y.tangent) if moved else (y, 0.0 * primal(y))


# ---- 5. The check: src/chainrule/check, with witnesses of its own in src/chainrule/numeric ---------------------------
def difference(f, x, h=1e-3):
    """The slope by central differences of two steps, and an error bar: what the steps disagree by, and rounding."""
    wide, narrow = ((f(x + step) - f(x - step)) / (2 * step) for step in (h, h / 2))
    best = (4 * narrow - wide) / 3
    return best, abs(best - narrow) + 4 * np.finfo(float).eps * abs(f(x)) / h


def check(f, df, x, rtol=1e-8):
    """Is df the derivative of f? Two witnesses that share no code must agree before a claim is judged."""
    (slope, bar), (_, rule) = difference(f, x), jvp(f, x, 1.0)
    if not abs(slope - rule) <= bar:  # also where one of them is nan
        return f"UNDECIDED: the rules say {rule:.6g}, differences {slope:.6g} within {bar:.1g}"
    return "CORRECT" if abs(df(x) - rule) <= rtol * abs(rule) else f"WRONG: {df(x):.6g}, not {rule:.6g}"
