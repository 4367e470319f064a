"""np.emath: functions whose answer is complex where that of a real number would be nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.casting import as_complex
from chainrule.carriers.functions.decided import settled
from chainrule.carriers.gate import complex_number, operand


def _where(row: Callable[..., Any], outside: Callable[[Any], Any]) -> Callable[..., Any]:
    """`row`, of complex numbers where one of the real ones is outside its domain."""

    def function(x: Any) -> Any:
        if complex_number(x):
            return row(x)
        return row(as_complex(x) if settled(lambda value: np.any(outside(value)), x) else x)

    return function


_log = _where(ops.log, lambda x: x < 0)


def _power(x: Any, p: Any) -> Any:
    x, p = operand(x, "np.emath.power"), operand(p, "np.emath.power")
    if not complex_number(x) and settled(lambda value: np.any(value < 0), x):
        x = as_complex(x if hasattr(x, "alias") else x * np.ones(1)[0])
    return ops.power(x, p)


RULES: dict[Any, Callable[..., Any]] = {
    np.emath.sqrt: _where(ops.sqrt, lambda x: x < 0),
    np.emath.log: _log,
    np.emath.log2: _where(ops.log2, lambda x: x < 0),
    np.emath.log10: _where(ops.log10, lambda x: x < 0),
    np.emath.logn: lambda n, x: _log(operand(x, "")) / _log(operand(n, "")),
    np.emath.power: _power,
    np.emath.arcsin: _where(ops.arcsin, lambda x: np.abs(x) > 1),
    np.emath.arccos: _where(ops.arccos, lambda x: np.abs(x) > 1),
    np.emath.arctanh: _where(ops.arctanh, lambda x: np.abs(x) > 1),
}
