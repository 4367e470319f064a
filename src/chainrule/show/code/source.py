"""`source(f, *at)`: what a function computes, as a plain Python function that runs alone.

The function is run once, recorded as `jit` records; the program, simplified and without what the result does not need,
is printed. A gradient is a function like any other: `source(grad(f), *at)` prints the sweep.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, ChainruleError, at_user_line, refuse_call
from chainrule.show.argument_paths import held_fixed, parameters_of, places_of
from chainrule.show.code.written import Writer
from chainrule.show.recorded import recorded
from chainrule.transforms.derived import Derived

AGREE = 1e-7
ROUNDINGS = 1000  # of what is computed in single precision
VERBS = {
    "grad": "grad_{}", "value_and_grad": "value_and_grad_{}", "jacobian": "jacobian_{}", "jacfwd": "jacobian_{}",
    "jacrev": "jacobian_{}",
}  # fmt: skip
"""How what our transforms return is called in source."""


class Source(str):
    """The text of a Python function; it shows itself, and `function()` makes the function."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    @property
    def name(self) -> str:
        """The name of the function."""
        return str(re.findall(r"^def (\w+)\(", self, flags=re.MULTILINE)[-1])

    def function(self) -> Callable[..., Any]:
        """The function, made from the text alone."""
        namespace: dict[str, Any] = {}
        exec(self, namespace)
        made: Callable[..., Any] = namespace[self.name]
        return made


def source(f: Callable[..., Any], *at: Any, name: str = "") -> Source:
    """What `f` computes, as a readable Python function that needs nothing but math or numpy.

    f     a function; `grad(f)`, `value_and_grad(f)` and the like give the source of the derivative
    at    its arguments. The way taken through branches and loops there is the way that is written; the docstring
          of the result says which comparisons that assumes. Strings, booleans, functions and None are held as they are
          given, and whole numbers where f raises otherwise: labels, indices, counts
    name  of the printed function; by default f's own, with grad_ before it for a gradient

    The result is text; before it is returned it is run and compared with `f`, which is called a few times for that.
    Raises UnsupportedFunction for an operator that neither math nor NumPy has, ArgumentError when `at` is missing.

    >>> import math, chainrule as cr
    >>> def f(a, b):
    ...     s = math.sin(3 * b)
    ...     return s * a**2
    >>> print(source(cr.grad(f, argnums=(0, 1)), 2.0, 3.0))
    import math
    <BLANKLINE>
    <BLANKLINE>
    def grad_f(a, b):
        t1 = 3 * b
        s = math.sin(t1)
        return (2 * s * a, 3 * a**2 * math.cos(t1))
    <BLANKLINE>
    """
    if not callable(f):
        raise ArgumentError.here(f"source expects a function and its arguments, got {type(f).__name__}")
    if not at:
        raise ArgumentError.here("source needs arguments to run the function on: source(f, 2.0, 3.0)")
    refuse_call(f, at, "give the arguments to run it at, source(f, 2.0, 3.0)")
    with np.errstate(all="ignore"):  # the source will warn, or raise, where f does
        run = recorded(f, at)
    parameters = parameters_of(f, len(at))
    title = f"{name or _name(f)}({', '.join(parameters)})"
    places = places_of(at, parameters)
    fixed = ", ".join(filter(None, [run.split.held(places), held_fixed(f, len(at))]))
    notes = [f"With {fixed}."] if fixed else []
    if run.trace.decided:
        notes.append("Places and counts that were found by comparing numbers stay as found.")
    for strong in (False, True):  # strong zeros only where they are needed: they are hard to read
        writer = Writer(run, run.split.of(places), strong)
        text = Source(writer.write(title, notes))
        if confirmed(text.function(), f, at):
            break
    else:
        raise ChainruleError(
            at_user_line("source: what was written does not give what the function gives; please report this function")
        )
    moved = run.split.filled([x * (1 + 1e-5) for x in run.split.numbers()])
    if run.trace.frozen or not confirmed(text.function(), f, moved):
        notes.append("Some constants in it were computed from the arguments: it holds at the traced ones only.")
        text = Source(writer.write(title, notes))
    return text


def confirmed(written: Callable[..., Any], f: Callable[..., Any], at: tuple[Any, ...]) -> bool:
    """Whether both functions give the same at `at`; True where `f` gives nothing to compare with."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = trees.flatten(f(*at))[0]
        except Exception:  # `at` may lie outside of what f accepts
            return True
        try:
            found = trees.flatten(written(*at))[0]
        except (ArithmeticError, ValueError):  # math raises where the table's operators give inf and nan
            return not all(np.all(np.isfinite(x)) for x in expected)
        except Exception:
            return False
    for a, b in zip(expected, found, strict=True):
        size, kind = np.max(np.abs(a), initial=1e-300), np.result_type(a)
        near = max(AGREE, ROUNDINGS * float(np.finfo(kind).eps)) if kind.kind == "f" else AGREE
        if np.isfinite(size) and not np.all(np.abs(np.subtract(a, b)) <= near * size):
            return False
    return True


def _name(f: Any) -> str:
    verb, inner = ("", f) if not isinstance(f, Derived) else (f.verb, f.f)
    known = getattr(inner, "__name__", "f")
    return VERBS.get(verb, "{}").format(known if known.isidentifier() else "f")
