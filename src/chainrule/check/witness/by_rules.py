"""Witnesses that follow the operator table's rules: reverse and forward mode, and one over the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.subject import Subject
from chainrule.check.witness.evidence import MANY, Matrix, NotApplicable
from chainrule.check.witness.seen import run, seen_by, spread
from chainrule.transforms.jvp_vjp import jvp
from chainrule.transforms.recorded import Recorded, record

BATCHED = 16  # numbers from which on forward mode is worth the import of what runs many examples at once


def reverse(subject: Subject, second: bool) -> Any:
    if second:
        return _hessian_rows(subject)
    recording = run(subject)
    seen_by(subject, [recording.plain(y) for y in recording.results])
    return with_bar(subject, jacobian_of(recording, subject))


def jacobian_of(recording: Recorded, subject: Subject) -> Matrix:
    """The derivatives of all results of a recorded run by all numbers."""
    rows = []
    for y in recording.results:
        value = np.asarray(recording.plain(y), dtype=float)
        for i in range(value.size):
            unit = np.zeros(value.size)
            unit[i] = 1.0
            ct = unit.reshape(value.shape) if value.shape else 1.0
            rows.append(np.concatenate([np.ravel(np.asarray(p, dtype=float)) for p in recording.pull(y, ct)]))
    return np.array(rows).reshape(len(rows), subject.n)


def with_bar(subject: Subject, value: Matrix) -> Any:
    """Rules are exact; what is left is rounding, here allowed on the scale of the largest entry of each row."""
    scale = np.max(np.abs(np.where(np.isfinite(value), value, 0)), axis=1, keepdims=True, initial=0)
    return value, 32 * subject.eps * (np.abs(value) + 0.1 * scale), None


def forward(subject: Subject, second: bool) -> Any:
    if second or subject.n > MANY:
        raise NotApplicable("forward mode is asked for at most 64 numbers" if not second else "see reverse mode")
    g, leaves = spread(subject), tuple(subject.leaves)
    if subject.n > BATCHED:
        return with_bar(subject, _all_at_once(subject, g, leaves))
    columns: list[Matrix] = []
    for k, unit in _units(subject):
        direction = tuple(unit if j == k else _zero(x) for j, x in enumerate(leaves))
        values, moved = jvp(g, leaves, direction)
        if not columns:
            seen_by(subject, values)
        columns.append(np.concatenate([np.ravel(np.asarray(t, dtype=float)) for t in moved]))
    return with_bar(subject, np.array(columns).T.reshape(-1, subject.n))


def _all_at_once(subject: Subject, g: Any, leaves: tuple[Any, ...]) -> Matrix:
    """The derivatives along all coordinates, as many examples of one run in forward mode."""
    from chainrule.transforms.vmap import vmap

    units, start = [], 0
    for x, size, s in zip(leaves, subject.sizes, subject.shapes, strict=True):
        table = np.zeros((subject.n, size))
        table[start : start + size] = np.eye(size)
        units.append(table.reshape(subject.n, *s).astype(x.dtype if isinstance(x, np.ndarray) else float))
        start += size
    values, moved = vmap(lambda *unit: jvp(g, leaves, unit))(*units)
    seen_by(subject, [np.asarray(y)[0] for y in values])
    return np.concatenate([np.asarray(t, dtype=float).reshape(subject.n, -1) for t in moved], axis=1).T


def _units(subject: Subject) -> Any:
    for k, (x, size, s) in enumerate(zip(subject.leaves, subject.sizes, subject.shapes, strict=True)):
        for i in range(size):
            unit = np.zeros(size)
            unit[i] = 1.0
            yield k, (unit.reshape(s).astype(x.dtype) if isinstance(x, np.ndarray) else 1.0)


def _zero(x: Any) -> Any:
    return np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0


def _hessian_rows(subject: Subject) -> Any:
    """Forward over reverse, a column for each number."""
    g, leaves = spread(subject), tuple(subject.leaves)

    def gradient(*xs: Any) -> list[Any]:
        recording = record(g, list(xs), trees.flatten(xs)[1])
        seen_by(subject, [recording.plain(recording.results[0])])
        return recording.pull(recording.results[0], 1.0)

    columns = []
    for k, unit in _units(subject):
        direction = tuple(unit if j == k else _zero(x) for j, x in enumerate(leaves))
        _, moved = jvp(gradient, leaves, direction)
        columns.append(np.concatenate([np.ravel(np.asarray(t, dtype=float)) for t in moved]))
    return with_bar(subject, np.array(columns).T)


def scatter(subject: Subject) -> Matrix | None:
    """How far reverse mode strays between nearby floats: the bend of three values 3 to 2**32 ulp apart, which a
    smooth derivative does not have. None where it cannot be run there."""
    worst: Matrix | None = None
    for k in (3, 2**8, 2**14, 2**20, 2**26, 2**32):
        step = k * np.spacing(np.abs(subject.x)) * (subject.eps * 2.0**52)
        try:
            three = [_rows_at(subject, subject.x + s * step) for s in (-1, 0, 1)]
        except Exception:  # undefined nearby
            continue
        bend = np.abs(three[0] - 2 * three[1] + three[2])
        worst = bend if worst is None else np.maximum(worst, bend)
    return None if worst is None else np.nan_to_num(worst)


def _rows_at(subject: Subject, x: Any) -> Matrix:
    moved = Subject(subject.f, subject.arguments(x), subject.names, subject.argnums)
    return np.asarray(reverse(moved, False)[0])
