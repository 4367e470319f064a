"""`compare`: every derivative of a function that can be had, side by side."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check import points
from chainrule.check.complexes.in_parts import InParts
from chainrule.check.complexes.parts import any_in, apart
from chainrule.check.readings.forms import movable, whole
from chainrule.check.subject import Subject, flat
from chainrule.check.witness.evidence import Evidence
from chainrule.check.witness.witnesses import MODULES, PEERS, WITNESSES, ask, installed
from chainrule.errors import settings_named
from chainrule.records import record


@record(frozen=True)
class Comparison:
    """The derivatives all witnesses give at one point. `str()` is a table; `evidence` holds the numbers."""

    subject: Subject
    value: Any
    evidence: tuple[Evidence, ...]

    @property
    def best(self) -> Evidence | None:
        """The witness with the smallest error bar."""
        speaking = [e for e in self.evidence if e.speaks]
        return min(speaking, key=lambda e: float(np.max(np.nan_to_num(e.bar, nan=np.inf))), default=None)  # type: ignore[arg-type]

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        best = self.best
        table = []
        for e in self.evidence:
            if not e.speaks:
                table.append((e.name, f"({e.why})", "", "", ""))
                continue
            assert e.value is not None
            assert best is not None
            table.append((e.name, _shown(e.value), *_agreement(e, best), f"{e.seconds * 1e3:.2f} ms"))
        return table

    def __str__(self) -> str:
        head = ("witness", "derivative", "digits", "ulp", "time")
        rows = [head, *self.rows()]
        spoken = [r for r in rows if r[4]]
        widths = [max(len(r[k]) for r in spoken) for k in range(5)]
        lines = [f"at {self.subject.shown()}: value {_shown(flat(self.value))}"]
        for r in rows:
            cells = [c.ljust(w) if k < 2 else c.rjust(w) for k, (c, w) in enumerate(zip(r, widths, strict=True))]
            lines.append("  " + ("  ".join(cells) if r[4] else f"{r[0].ljust(widths[0])}  {r[1]}").rstrip())
        lines += [f"  {name} {kind}: {digits} digits are all that it can hold" for name, kind, digits in self.narrow()]
        return "\n".join(lines)

    def narrow(self) -> list[tuple[str, str, int]]:
        """The witnesses whose numbers have only the bits of a smaller type: (name, type, digits)."""
        found = []
        for e in self.evidence:
            if e.value is None or e.name not in ("PyTorch", "JAX"):
                continue
            value = np.ravel(e.value)
            for kind, digits in ((np.float16, 3), (np.float32, 7)):
                with np.errstate(all="ignore"):
                    if np.all(value == value.astype(kind)) and np.any(np.frexp(value)[0] * 2**9 % 1):
                        found.append((e.name, f"computed in {kind.__name__}", digits))
                        break
        if self.subject.eps > 1e-10:
            found.append(
                ("the argument's own type", f"rounds at {self.subject.eps:.0e}", int(-np.log10(self.subject.eps)))
            )
        return found

    __repr__ = __str__


def _shown(value: Any) -> str:
    flattened = np.ravel(value)
    if flattened.size == 1:
        return repr(float(flattened[0]))
    text = ", ".join(f"{v:.10g}" for v in flattened[:3])
    return f"[{text}{', ...' if flattened.size > 3 else ''}]"


def _agreement(e: Evidence, best: Evidence) -> tuple[str, str]:
    """Digits and units in the last place of agreement with the best witness, at the worst element."""
    if e is best:
        return "-", "-"
    a, b = np.ravel(e.value), np.ravel(best.value)  # type: ignore[arg-type]
    if a.shape != b.shape or not np.all(np.isfinite(a)):
        return "?", "?"
    scale = float(np.max(np.abs(b), initial=0.0)) or 1.0
    gap = float(np.max(np.abs(a - b), initial=0.0))
    digits = 16.0 if gap == 0 else min(16.0, -np.log10(gap / scale))
    ulp = float(np.max(np.abs(a - b) / np.spacing(np.maximum(np.abs(b), 1e-300)), initial=0.0))
    return f"{digits:.1f}", f"{ulp:.0f}" if ulp < 1e6 else f"{ulp:.0e}"


def differentiable(f: Callable[..., Any], args: tuple[Any, ...]) -> list[int] | None:
    """The arguments to differentiate by: without those that hold whole numbers if f does not take real ones there."""
    moving = movable(args)
    real = [k for k in moving if not whole(args[k])]
    try:
        Subject(f, args).call()
    except Exception:
        return real or moving
    return moving


@settings_named(x="at", x0="at", points="at", argnum="argnums")
def compare(f: Callable[..., Any], at: Any, *, argnums: int | Sequence[int] | None = None) -> Comparison:
    """All the derivatives of `f` at a point: by rules, by other libraries where they are installed, by high
    precision, by formula, by complex step and by differences, with digits and ulp of agreement, and times. Of complex
    numbers those of their real and imaginary parts. Labels and settings, and what is not among `argnums`, reach f as
    they are.

    >>> import math
    >>> table = compare(math.sin, 0.5)
    >>> all(abs(e.value.item() - math.cos(0.5)) < 1e-9 for e in table.evidence if e.speaks)
    True
    """
    (args,) = points.given(at, f)[:1]
    if any_in(args) or any_in(f(*args)):
        f, args = InParts(f, "gradient", args).function(), apart(args)
    wanted = differentiable(f, args) if argnums is None else trees.positions(argnums, len(args), "compare")
    subject = Subject(f, args, None, wanted)
    names = [name for name in (*WITNESSES, *PEERS) if installed(name)]
    for name in names:
        if name in MODULES:
            importlib.import_module(MODULES[name])  # which is not part of its time
    evidence = tuple(ask(name, subject) for name in names)
    return Comparison(subject, subject.call(), evidence)
