"""Operators by name: those of the table, of users and of SciPy. Pickles and copies find them again here."""

from __future__ import annotations

from chainrule.errors import UnsupportedFunction
from chainrule.libraries import late
from chainrule.ops.row import TABLE, Operator

USERS: dict[str, Operator] = {}  # made with `chainrule.operator`
SPECIAL: dict[str, Operator] = {}  # of SciPy's functions, filled when one of them meets a carrier

_row_of_scipy = late("chainrule.scipy.lifted.row_named")


def operator_named(name: str) -> Operator:
    """The row of that name. Raises UnsupportedFunction where there is none."""
    found = TABLE.get(name, USERS.get(name))
    if found is None and name.startswith("scipy."):
        found = _row_of_scipy(name)
    if found is None:
        raise UnsupportedFunction(
            f"there is no operator {name!r} here; import the module that makes it with chainrule.operator"
        )
    return found
