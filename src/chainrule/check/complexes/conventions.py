"""Conventions: what is meant where a complex derivative is right in another one, and said to be WRONG for that."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import optree

from chainrule.check.complexes.in_parts import InParts
from chainrule.check.complexes.parts import Parts, is_parts
from chainrule.check.reports.report import Report
from chainrule.check.subject import is_real
from chainrule.check.verdict import Verdict
from chainrule.numbers import shape

CONJUGATE = (
    "{}the conjugate is claimed: df/dx - i df/dy is what JAX and HIPS autograd give; here, as in PyTorch, a gradient "
    "is df/dx + i df/dy"
)
CONJUGATE_OF_HOLOMORPHIC = "{}the conjugate of the derivative is claimed"
PULLED = (
    "{}the conjugate is missing, or there is one too many: a cotangent c is pulled back to conj(f'(z)) c (JAX and HIPS "
    "autograd: f'(z) c)"
)
WIRTINGER = "{}half is claimed, Wirtinger's derivative by conj(z), (df/dx + i df/dy)/2; here a gradient is twice that"
WIRTINGER_CONJUGATE = (
    "{}Wirtinger's derivative by z is claimed, (df/dx - i df/dy)/2; here a gradient is twice its conjugate, "
    "df/dx + i df/dy"
)
REAL_ONLY = "the imaginary part is dropped: only the derivative by the real part is claimed"
NOT_HOLOMORPHIC = (
    "f is not holomorphic here: its result is no complex-differentiable function of its argument, so that no single "
    "complex number is its derivative; claim a vjp or a jvp, or check a real function of it"
)


def conventions(kind: str, folded: bool) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What may be meant in place of the convention, each with what makes it the one here."""
    if kind == "jvp":
        return
    if folded and kind != "vjp":
        yield CONJUGATE_OF_HOLOMORPHIC, np.conj
        return
    yield PULLED if kind == "vjp" else CONJUGATE, np.conj
    yield WIRTINGER, lambda g: 2 * g
    yield WIRTINGER_CONJUGATE, lambda g: 2 * np.conj(g)


def explained(
    parts: InParts, df: Callable[..., Any], report: Report, names: list[str], judged: Callable[[Any], Report]
) -> list[str]:
    """What explains a wrong claim, if it is a matter of complex numbers."""
    form = any(j.claimed is None or j.claimed.values is None for j in report.points)
    if form:
        return []
    if parts.folded and parts.kind in ("gradient", "jacobian", "value_and_grad") and not is_holomorphic(report, parts):
        return [NOT_HOLOMORPHIC]
    if any(parts.complex) or parts.folded:
        meant = _meant(parts, df, names, lambda claim: _explains(parts, claim, report, judged))
        if meant:
            return [meant]
    return [REAL_ONLY] if drops_imaginary_parts(report) else []


def _explains(parts: InParts, claim: Callable[..., Any], report: Report, judged: Callable[[Any], Report]) -> bool:
    """Whether another claim is right where this one was judged: beside the references that are known, or anew."""
    known = [j for j in report.points if j.reference is not None and j.tolerance is not None and j.call is not None]
    for j in known:
        call = copy.copy(j.call)
        call.derivative = parts.claim(claim)
        values = call.read(call.raw()).values
        if values is None or not np.all(np.abs(values - j.reference) <= j.tolerance):
            return False
    return bool(known) or judged(claim).verdict is Verdict.CORRECT


def _meant(
    parts: InParts, df: Callable[..., Any], names: list[str], correct: Callable[[Callable[..., Any]], bool]
) -> str:
    """The convention that a wrong claim follows, if one explains it: for all complex arguments, or for one of them."""
    every = parts.complex if any(parts.complex) else [True] * len(parts.complex)
    which: list[tuple[str, list[bool]]] = [("", every)]
    if sum(every) > 1 and len(names) == len(every):
        which += [(f"argument {names[k]}: ", [j == k for j in range(len(every))]) for k, c in enumerate(every) if c]

    def paired(*args: Any, **settings: Any) -> Any:
        """A vjp of the pairing without a conjugate."""
        *given, cotangent = args
        return df(*given, optree.tree_map(np.conj, cotangent), **settings)

    claims = [df, paired] if parts.kind == "vjp" and parts.folded else [df]
    for text, repair in conventions(parts.kind, parts.folded):
        for where, chosen in which:
            if any(correct(_repaired(parts, claim, repair, chosen)) for claim in claims):
                return text.format(where)
    return ""


def _repaired(
    parts: InParts, df: Callable[..., Any], repair: Callable[[Any], Any], chosen: list[bool]
) -> Callable[..., Any]:
    def each(result: Any) -> Any:
        leaves, structure = optree.tree_flatten(result)
        if len(leaves) != len(chosen):
            return result
        return optree.tree_unflatten(structure, [repair(x) if c else x for x, c in zip(leaves, chosen, strict=True)])

    @functools.wraps(df)
    def repaired(*args: Any, **settings: Any) -> Any:
        result = df(*args, **settings)
        return (result[0], each(result[1])) if parts.kind == "value_and_grad" else each(result)

    return repaired


def drops_imaginary_parts(report: Report) -> bool:
    """Whether all that is wrong are derivatives by imaginary parts, which are 0 in the claim."""
    wrong = [f for j in report.points for f in j.findings if f.status == "wrong"]
    return bool(wrong) and all(".imag" in f.label and f.yours == 0 for f in wrong)


def is_holomorphic(report: Report, parts: InParts) -> bool:
    """Whether the reference at every judged point satisfies the equations of Cauchy and Riemann."""
    for j in report.points:
        if j.reference is None or j.bar is None:
            continue
        table = np.asarray(j.reference).reshape(-1, j.subject.n)
        bars = np.broadcast_to(np.asarray(j.bar), np.shape(j.reference)).reshape(table.shape)
        half = len(table) // 2
        start = 0
        for x, by_complex in zip(real_leaves(j.subject.args), parts.complex, strict=False):
            size = int(np.prod(shape(x.real if by_complex else x), dtype=int))
            if by_complex:
                rows = table[:, start : start + 2 * size]
                slack = 4 * np.max(bars) + 1e-9 * np.max(np.abs(rows), initial=0.0)
                by_x, by_y = rows[:, :size], rows[:, size:]
                gap = max(
                    np.max(np.abs(by_x[:half] - by_y[half:]), initial=0.0),
                    np.max(np.abs(by_x[half:] + by_y[:half]), initial=0.0),
                )
                if gap > slack:
                    return False
            start += size * (1 + by_complex)
    return True


def real_leaves(args: Any) -> list[Any]:
    """The numbers and arrays of the arguments, complex ones as their parts."""
    leaves = optree.tree_leaves(args, is_leaf=is_parts)
    return [x for x in leaves if type(x) is Parts or is_real(x)]
