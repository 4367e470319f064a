"""What each row offers: every service of the project, or the reason why not. A row that is in no list has them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy

from chainrule import ops
from chainrule.carriers import numpy as protocols
from chainrule.carriers.operators import Traced
from chainrule.jit.emit.rows import EMITTERS
from chainrule.jit.plan.relaxed_zeros import keeps_nan
from chainrule.ops.kinds import Elementwise, Linear, Reduction
from chainrule.ops.names import PYTHONS
from chainrule.ops.row import TABLE, Operator
from chainrule.ops.text import CannotWrite
from chainrule.scipy import special
from chainrule.show import readable
from chainrule.show.code.printed import formula
from chainrule.show.code.python_syntax import Text, infix, template
from chainrule.show.code.unparse import Printer
from chainrule.show.explanation.blame import saturates
from chainrule.show.page.rules import rule


def in_source(arrays: bool) -> Callable[[Operator], bool]:
    def written(row: Operator) -> bool:
        own = hasattr(Printer, f"_{row.name}") or row.name in (*readable.RULES, *readable.EXACT)
        written = template(row.name, arrays) or infix(row.name) or formula(row.name, [Text("x")] * row.arity, arrays)
        return own or bool(written)

    return written


def on_the_page(row: Operator) -> bool:
    try:
        return bool(rule(row, row.arity, {}))
    except CannotWrite:
        return False


def as_formula(row: Operator) -> bool:
    symbols = sympy.symbols("x y z", real=True)[: row.arity]
    return isinstance(row(*symbols, **SETTINGS.get(row.name, {})), sympy.Basic)


def as_method(row: Operator) -> bool:
    return not row.public or row.symbol in PYTHONS or hasattr(Traced, row.name)


def by_numpy(row: Operator) -> bool:
    theirs = getattr(np, row.name, None)
    return not row.public or not isinstance(theirs, np.ufunc) or protocols.UFUNCS.get(theirs) is row


SETTINGS: dict[str, dict[str, Any]] = {"polygamma": {"order": 1}}
COMPLEX = (
    "complex_cholesky complex_det complex_qr_q complex_qr_r complex_svd_left complex_svd_right complex_svd_values "
    "eig_values eig_vectors fourier hermitian_values hermitian_vectors"
)
FACTORS = "cholesky eigh_values eigh_vectors qr_q qr_r svd_left svd_right svd_values"
SYSTEMS = "det inv logdet sign_det solve"
FACES: dict[str, tuple[Callable[[Operator], bool], bool]] = {
    "source with math": (in_source(False), False),
    "source with numpy": (in_source(True), False),
    "page": (on_the_page, True),
    "formula": (as_formula, True),
    "machine code": (lambda row: row.name in EMITTERS, True),
    "method": (as_method, True),
    "numpy": (by_numpy, True),
    "decides": (lambda row: row.decides is not None or not turns(row), True),
}
"""Of each service whether a row has it, and whether only elementwise rows are asked."""
LACKS: dict[str, dict[str, str]] = {
    "source with math": {
        f"{SYSTEMS} {FACTORS} {COMPLEX}": "of arrays only",
    },
    "source with numpy": {
        FACTORS: "NumPy returns all factors in one tuple",
        COMPLEX: "of complex numbers, which are two real ones along a last axis here",
        "max min prod": "written by the printer",
    },
    "page": {"polygamma": "takes a setting that has no default"},
    "formula": {},
    "machine code": {"gamma gammaln digamma polygamma sinc": "an algorithm with loops, computed by NumPy"},
    "method": {},
    "numpy": {},
    "decides": {
        "copysign": "its jump is where b is 0, on a scale of its own",
        "heaviside0 max_weight fmax_weight in_interval is_less nonzero_sign": "slopes of rows that say so themselves",
    },
}


def turns(row: Operator) -> bool:
    """Whether its slope jumps although its value does not say where: it chooses, or is constant in pieces."""
    return row.selects or row.kind == "PiecewiseConstant" or "jumps at b" in row.kinks


@pytest.mark.parametrize("face", FACES)
def test_what_a_row_lacks_is_listed_with_a_reason(face: str) -> None:
    has, elementwise_only = FACES[face]
    rows = [row for row in TABLE.values() if row.elementwise or not elementwise_only]
    lacking = {row.name for row in rows if not has(row)}
    listed = [name for names in LACKS[face] for name in names.split()]
    assert lacking == set(listed)
    assert len(listed) == len(set(listed))


def test_names_elsewhere_lead_to_their_rows() -> None:
    for row in TABLE.values():
        for name in row.names.get("numpy", "").split():
            assert protocols.UFUNCS[getattr(np, name)] is row
        for name in row.names.get("scipy", "").split():
            found = special.UFUNCS[name]
            assert getattr(found, "real_rule", found) is row  # the rule for real arguments, where it takes complex ones
    for name in ops.PUBLIC:
        if isinstance(getattr(np, name, None), np.ufunc):
            assert protocols.UFUNCS[getattr(np, name)] is getattr(ops, name)


@pytest.mark.parametrize("row", [r for r in TABLE.values() if isinstance(r, (Linear, Reduction))], ids=lambda r: r.name)
def test_rows_of_arrays_keep_a_nan(row: Operator) -> None:
    """What `relaxed_zeros` takes for granted of their kinds."""
    x = np.linspace(0.5, 2.0, 6).reshape(2, 3)
    x[1, 1] = np.nan
    axes = {"axis": None, "keepdims": False}
    settings = {
        "reshape": {"shape": (6,)}, "transpose": {"axes": (1, 0)}, "broadcast_to": {"shape": (2, 2, 3)},
        "concatenate": {"axis": 0}, "stack": {"axis": 0}, "flip": {"axis": 0}, "roll": {"shift": (1,), "axis": (0,)},
        "getitem": {"index": (1,)}, "scatter": {"index": (slice(0, 2),), "shape": (4, 3)}, "cumsum": {"axis": 0},
        "einsum": {"subscripts": "ij,ij->i"}, "var": {**axes, "correction": 0}, "std": {**axes, "correction": 0},
        "matmul": {}, "astype": {"dtype": np.dtype(np.float32)}, "fourier": {"axes": (0,), "sign": -1, "real": True},
    }.get(row.name, axes)  # fmt: skip
    if row.name == "where":
        assert not keeps_nan("where")
        return
    operands = {"matmul": (x, x.T), "einsum": (x, np.ones((2, 3)))}.get(row.name, (x,))
    assert keeps_nan(row.name)
    assert np.isnan(row(*operands, **settings)).any()


@pytest.mark.parametrize(("name", "expected"), [("tanh", 1), ("relu", 1), ("erfc", 1), ("exp2", 1), ("clip", 1),
                                                ("sin", 0), ("log", 0), ("reciprocal", 0), ("maximum", 0)])  # fmt: skip
def test_what_settles_saturates(name: str, expected: int) -> None:
    assert saturates(TABLE[name]) is bool(expected)


@pytest.mark.parametrize("row", [r for r in TABLE.values() if r.decides is not None], ids=lambda r: r.name)
def test_what_decides_is_zero_where_a_side_changes(row: Elementwise) -> None:
    """Between two points where what decides has the same sign and is not 0, the slopes move no more than it does."""
    assert row.decides is not None
    rng = np.random.default_rng(7)
    at = rng.uniform(0.3, 3.0, (row.arity, 400)) if row.kind == "Elementwise" else rng.uniform(-3, 3, (row.arity, 400))
    if row.name == "clip":
        at = at[0], np.full(400, 0.8), np.full(400, 2.0)
    near = 1e-7
    gaps = row.decides(*at)
    clear = np.abs(gaps) > 1e-5
    moved = row(*(x + near for x in at)) - row(*at)
    assert np.all(np.abs(moved[clear]) < 1e-5)
