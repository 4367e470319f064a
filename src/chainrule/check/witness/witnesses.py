"""Witnesses: independent ways to the Jacobian (or Hessian) of a subject, each with an error bar.

Reverse and forward mode share the operator table's rules; high precision uses the table's values but none of its
rules; SymPy differentiates the formula itself; the complex step and differences see function values only; PyTorch
and JAX have rules and values of their own. Agreement within one family is weaker evidence than across families.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from typing import Any

from chainrule.check.subject import Subject, quiet
from chainrule.check.witness import by_rules, by_values
from chainrule.check.witness.evidence import AnotherValue, Evidence, NotApplicable
from chainrule.errors import AnotherFunction
from chainrule.libraries import late
from chainrule.numeric.patience import TimedOut, within

GRANTED, TIMES = 10.0, 10_000  # seconds, and times a plain call
WITNESSES: dict[str, tuple[str, Callable[[Subject, bool], Any]]] = {
    "reverse AD": ("rules", by_rules.reverse),
    "forward AD": ("rules", by_rules.forward),
    "high precision": ("high precision", by_values.high_precision),
    "SymPy": ("formula", by_values.formula),
    "complex step": ("complex step", by_values.complex_step),
    "differences": ("differences", by_values.differences),
    "PyTorch": ("PyTorch", late("chainrule.check.witness.by_libraries.pytorch")),
    "JAX": ("JAX", late("chainrule.check.witness.by_libraries.jax_rules")),
}
# Asked by `compare` alone: what they could tell a check beyond the others is not worth their time.
PEERS: dict[str, tuple[str, Callable[[Subject, bool], Any]]] = {
    "HIPS autograd": ("HIPS autograd", late("chainrule.check.witness.by_peers.hips_autograd")),
    "CasADi": ("CasADi", late("chainrule.check.witness.by_peers.casadi_expressions")),
}
MODULES = {
    "high precision": "mpmath",
    "SymPy": "sympy",
    "PyTorch": "torch",
    "JAX": "jax",
    "HIPS autograd": "autograd",
    "CasADi": "casadi",
}
HOME = {"torch": "PyTorch", "jax": "JAX"}  # the witness that knows a library's arrays


def ask(name: str, subject: Subject, *, second: bool = False, quick: bool = False) -> Evidence:
    """The evidence of one witness; never raises for what the user's function does with its numbers."""
    family, compute = WITNESSES.get(name) or PEERS[name]
    if quick and name == "differences":
        compute = by_values.quick_differences
    start = time.perf_counter()
    if subject.library and name not in (HOME[subject.library], "differences"):
        return Evidence(name, family, why=f"its arguments are {subject.library} arrays")
    try:
        with quiet():
            value, bar, reasons = (
                compute(subject, second)
                if name == "differences"  # which watches its calls itself
                else within(patience(subject), lambda: compute(subject, second))
            )
    except TimedOut:
        return Evidence(name, family, why="the function does not come to an end", seconds=time.perf_counter() - start)
    except (AnotherValue, AnotherFunction) as reason:
        told = str(reason).split(":")[0]
        return Evidence(name, family, why=told, seconds=time.perf_counter() - start)
    except NotApplicable as reason:
        return Evidence(name, family, why=str(reason), seconds=time.perf_counter() - start)
    except RecursionError:
        return Evidence(name, family, why="the function recurses too deeply", seconds=time.perf_counter() - start)
    except Exception as error:  # a witness that stumbles is a witness that does not speak
        return Evidence(name, family, why=_first_line(error), seconds=time.perf_counter() - start)
    return Evidence(name, family, value, bar, reasons=reasons, seconds=time.perf_counter() - start)


def patience(subject: Subject) -> float:
    """The seconds that a witness is granted: many, and many times what f takes for plain numbers. A loop until nothing
    changes any more ends for floats, and may never end for numbers of 60 digits."""
    start = time.perf_counter()
    with contextlib.suppress(Exception, TimedOut), quiet():
        within(GRANTED, subject.call)
    return GRANTED + TIMES * (time.perf_counter() - start)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:90]}" if text else type(error).__name__


def installed(name: str, *, imported_only: bool = False) -> bool:
    """Whether the library a witness needs is there (or, cheaper, already imported)."""
    module = MODULES.get(name)
    if module is None or module in sys.modules:
        return True
    if imported_only:
        return False
    from importlib.util import find_spec

    return find_spec(module) is not None
