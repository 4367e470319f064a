"""How rows of the operator table are computed in a kernel: EMITTERS holds a function for each that can be."""

from chainrule.jit.emit.rows import arithmetic, choice, elementary, logistic, plane, powers
from chainrule.jit.emit.rows.computed import computed, writable
from chainrule.jit.emit.rows.table import EMITTERS, complete, cost

complete()

__all__ = [
    "EMITTERS", "arithmetic", "choice", "computed", "cost", "elementary", "logistic", "plane", "powers", "writable",
]  # fmt: skip
