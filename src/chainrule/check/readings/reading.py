"""A reading: one way in which a claim may be meant, as a function and a derivative in a form that `judge` knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.claimed import Call, Claimed
from chainrule.check.subject import Subject, quiet
from chainrule.check.witness.witnesses import ask
from chainrule.records import record


@record(frozen=True)
class Reading:
    """`df` is the derivative of `f` of this `kind` by the arguments `argnums` (None: all with real numbers).

    says  how the claim is read, in words; "" for a claim taken as `check` documents it
    """

    f: Callable[..., Any]
    df: Callable[..., Any]
    kind: str = "gradient"
    argnums: tuple[int, ...] | None = None
    says: str = ""

    def at(self, args: tuple[Any, ...], names: Any) -> Call:
        """The claim at a point."""
        subject = Subject(self.f, args, names, self.argnums)
        return Call(self.df, self.kind, subject, subject.call(), 0)


def distance(call: Call, claimed: Claimed) -> float:
    """How far a claim is from the truth at a point, relative to the truth: inf where that is not known."""
    second = claimed.second
    evidence = ask("reverse AD", call.subject, second=second)
    if not evidence.speaks:
        evidence = ask("differences", call.subject, second=second, quick=not second)
    if evidence.value is None or claimed.values is None:
        return np.inf
    with quiet():
        truth = claimed.project(np.asarray(evidence.value, dtype=float))
        gap = np.max(np.abs(claimed.values - truth), initial=0.0)
        scale = max(float(np.max(np.abs(truth), initial=0.0)), 1e-300)
    return float(gap / scale) if np.isfinite(gap) else np.inf
