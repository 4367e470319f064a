"""What each entry of the output contributes to a gradient: a backward pass is linear, so that it can be asked entry by
entry, and entries that are lost or exchanged stand out."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.check.backward.gradients import matched
from chainrule.check.subject import Subject, flat, local
from chainrule.check.witness.witnesses import ask
from chainrule.numbers import shape

MOST = 64  # entries of the output, and numbers of an argument, up to which each is asked for
NAMED = 4

Table = NDArray[np.float64]


def explained_by_contributions(pairing: Any, seed: int) -> list[str]:
    """What distinguishes the Jacobian that backward pulls back through from that of forward: entries that are lost, or
    rows that are exchanged. Looked at for each argument whose gradient is wrong, at two points."""
    outputs, _ = pairing.passes.run(copy.deepcopy(pairing.args))
    shapes = [shape(y) for y in outputs]
    if sum(int(np.prod(s, dtype=int)) for s in shapes) > MOST:
        return []
    random = np.random.default_rng(seed)
    points = [list(pairing.at), [_mixed(x, random) for x in pairing.at]]
    claimed = [_claimed(pairing, at, outputs) for at in points]
    causes = []
    for k, name in enumerate(pairing.found.names or []):
        tables = []
        for at, rows in zip(points, claimed, strict=True):
            due = _due(pairing, at, k) if rows is not None and np.size(local(at[k])) <= MOST else None
            if rows is None or due is None or due[0].shape != rows[k].shape:
                break
            tables.append((rows[k], *due))
        if len(tables) == len(points) and any(np.any(_differs(*t)) for t in tables):
            text = _lost(name, shapes, tables) or _exchanged(shapes, tables) or _elsewhere(name, tables)
            if text:
                causes.append(f"argument {name}: {text}")
    return causes


def unused_outputs(pairing: Any) -> list[str]:
    """Of several outputs those whose cotangents change nothing, though the function needs them."""
    outputs, _ = pairing.passes.run(copy.deepcopy(pairing.args))
    if len(outputs) < 2:
        return []
    found = []
    for k in range(len(outputs)):
        only = [c if i == k else c * 0 for i, c in enumerate(pairing.cotangents)]
        values = matched(pairing.passes.gradients(pairing.args, only), pairing.args, pairing.names).values
        if not any(np.any(local(v)) for v in values) and _matters(pairing, only):
            found.append(f"the cotangent of output {k + 1} of {len(outputs)} is not used")
    return found


def _matters(pairing: Any, cotangents: list[Any]) -> bool:
    def value(*numbers: Any) -> Any:
        ys, _ = pairing.passes.run(pairing.whole(numbers))
        return sum(np.sum(c * y) for c, y in zip(cotangents, ys, strict=True))

    random = np.random.default_rng(0)
    moved = [_near(x, random) for x in pairing.at]
    return bool(abs(float(local(value(*moved))) - float(local(value(*pairing.at)))) > 1e-6)


def _near(x: Any, random: np.random.Generator) -> Any:
    size = shape(x)
    step = 0.1 * random.standard_normal(size)
    if size == ():
        return type(x)(float(x) + float(step))
    return (np.asarray(local(x)) + step).astype(local(x).dtype)


def _mixed(x: Any, random: np.random.Generator) -> Any:
    """The numbers of `x` in other places, and a little moved: a mask would be another there, an index the same."""
    near = _near(x, random)
    return near if shape(x) == () else random.permutation(np.ravel(near)).reshape(shape(x))


def _claimed(pairing: Any, at: list[Any], outputs: list[Any]) -> list[Table] | None:
    """For each gradient the table that backward pulls back through, a row for each entry of the outputs."""
    whole = pairing.whole(tuple(at))
    rows: list[list[Any]] = []
    for k, y in enumerate(outputs):
        for i in range(int(np.prod(shape(y), dtype=int))):
            cotangents = [c * 0 for c in pairing.cotangents]
            if shape(y) == ():
                cotangents[k] = cotangents[k] + 1
            else:
                cotangents[k].flat[i] = 1
            values = matched(pairing.passes.gradients(whole, cotangents), whole, pairing.names).values
            rows.append([np.ravel(np.asarray(local(v), dtype=float)) for v in values])
    if not rows or len({tuple(v.size for v in row) for row in rows}) != 1:
        return None
    return [np.array([row[k] for row in rows]) for k in range(len(rows[0]))]


def _due(pairing: Any, at: list[Any], k: int) -> tuple[Table, float] | None:
    """The Jacobian of forward by its argument number k, and how far it is known."""

    def outputs(x: Any) -> Any:
        ys, _ = pairing.passes.run(pairing.whole((*at[:k], x, *at[k + 1 :])))
        return tuple(ys)

    subject = Subject(outputs, (at[k],))
    for witness in ("reverse AD", "differences"):
        found = ask(witness, subject, quick=True)
        if found.speaks:
            value: Any = found.value
            bar = 4 * float(np.max(found.bar)) if found.bar is not None else 0.0
            size = float(np.max(np.abs(value), initial=0.0))
            known = np.all(np.isfinite(value)) and bar <= 1e-6 * size
            return (value.reshape(flat(outputs(at[k])).size, -1), bar + 1e-9 * size) if known else None
    return None


def _differs(claimed: Table, due: Table, slack: float) -> NDArray[np.bool_]:
    return np.abs(claimed - due) > slack


def _lost(name: str, shapes: list[Any], tables: list[tuple[Table, Table, float]]) -> str:
    """Every entry is right, or 0 where it should not be."""
    lost, kept = (np.zeros(tables[0][0].shape, dtype=bool) for _ in range(2))
    for claimed, due, slack in tables:
        wrong, needed = _differs(claimed, due, slack), np.abs(due) > slack
        if np.any(wrong & (claimed != 0)) or np.any(kept & wrong) or np.any(lost & needed & ~wrong):
            return ""
        lost |= wrong
        kept |= needed & ~wrong
    if np.any(lost & kept) or not np.any(lost) or not np.any(kept):
        return ""
    rows, others = np.asarray(lost.any(axis=1)), np.asarray(kept.any(axis=1))
    every = np.all(kept.any(axis=0) | ~lost.any(axis=0))  # each entry of the argument keeps some of its uses
    apart = not np.any(rows & others)
    if apart and len(_said(rows, others, shapes).split("], ")) == 1:
        why = ": = in place of +=, or an index that repeats (np.add.at)?" if every else ""
        return f"what {_said(rows, others, shapes)} contributes is missing{why}"
    if every:
        which = "the last" if _last_kept(lost, kept) else "some"
        return (
            f"where several outputs use the same entry of {name} only {which} count: = in place of +=, or an index "
            "that repeats (np.add.at)?"
        ).replace("the last count", "the last counts")
    if apart:
        return f"what {_said(rows, others, shapes)} contributes is missing"
    return ""


def _last_kept(lost: NDArray[np.bool_], kept: NDArray[np.bool_]) -> bool:
    columns = np.flatnonzero(lost.any(axis=0))
    return all(np.flatnonzero(kept[:, j])[0] > np.flatnonzero(lost[:, j])[-1] for j in columns)


def _exchanged(shapes: list[Any], tables: list[tuple[Table, Table, float]]) -> str:
    """The rows are those of other entries of the output."""
    if len(shapes) == 1 and (turned := _turned(shapes[0], tables)):
        return turned
    order: list[int] = []
    for i in range(len(tables[0][0])):
        hits = set(range(len(tables[0][0])))
        for claimed, due, slack in tables:
            hits &= set(np.flatnonzero(np.all(np.abs(due - claimed[i]) <= slack, axis=1)).tolist())
        if len(hits) != 1:
            return ""
        order.append(hits.pop())
    if len(set(order)) != len(order) or order == sorted(order) or len(shapes) != 1:
        return ""
    return "the entries of the cotangent are taken in another order (reshaped or transposed otherwise?)"


def _turned(size: Any, tables: list[tuple[Table, Table, float]]) -> str:
    """The cotangent is taken in reverse order, or rolled, along an axis."""
    places = np.arange(int(np.prod(size, dtype=int))).reshape(size)

    def fits(order: Any) -> bool:
        rows, there = np.ravel(order), np.ravel(order)[:, None] >= 0
        return all(bool(np.all(np.abs(claimed - due[rows] * there) <= slack)) for claimed, due, slack in tables)

    for axis, n in enumerate(size):
        if fits(np.flip(places, axis)):
            return f"the cotangent is taken in reverse order along axis {axis}"
        for k in range(1, n):
            if fits(np.roll(places, k, axis)):
                return f"the cotangent is taken rolled by {k if k <= n // 2 else k - n} along axis {axis}"
        for k in (1, -1) if n > 2 else ():
            order = np.roll(places, k, axis)
            order[(slice(None),) * axis + (0 if k > 0 else -1,)] = -1  # from there nothing comes
            if fits(order):
                return f"the cotangent is taken shifted by {-k} along axis {axis} (an index that is one off?)"
    return ""


def _elsewhere(name: str, tables: list[tuple[Table, Table, float]]) -> str:
    """Each output contributes the right numbers, at entries of the argument that are not the right ones."""
    for claimed, due, slack in tables:
        if np.any(np.abs(np.sort(claimed, axis=1) - np.sort(due, axis=1)) > slack) or claimed.shape[1] < 3:
            return ""
        few = max(len(np.unique(np.round(row, 9))) for row in due)
        if few < 2:
            return ""
    text = "each output contributes the right numbers in other places of"
    return f"{text} {name}: an index, a slice or a reshape is not that of forward"


def _said(rows: NDArray[np.bool_], others: NDArray[np.bool_], shapes: list[Any]) -> str:
    """The entries of the outputs in `rows`: as one slice if they are one, else the first of them."""
    start, names = 0, []
    for k, size in enumerate(shapes):
        count = int(np.prod(size, dtype=int))
        inside, right = rows[start : start + count].reshape(size), others[start : start + count].reshape(size)
        start += count
        name = "out" if len(shapes) == 1 else f"output {k + 1}"
        if not inside.any():
            continue
        if not right.any():
            names.append(name)
            continue
        names += _slices(name, inside, right) or [
            f"{name}[{', '.join(map(str, i))}]" for i in np.argwhere(inside).tolist()
        ]
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")


def _slices(name: str, inside: NDArray[np.bool_], right: NDArray[np.bool_]) -> list[str]:
    """The indices along one axis at which nothing is right, if all that is wrong lies there."""
    for axis in range(inside.ndim):
        rest = tuple(a for a in range(inside.ndim) if a != axis)
        at, fine = np.flatnonzero(inside.any(axis=rest)), np.flatnonzero(right.any(axis=rest))
        if not set(at.tolist()) & set(fine.tolist()):
            steps = list(range(int(at[0]), int(at[-1]) + 1))
            where = (
                str(at[0]) if len(at) == 1 else f"{at[0]}:{at[-1] + 1}" if at.tolist() == steps else str(at.tolist())
            )
            return [f"{name}[{', '.join(where if a == axis else ':' for a in range(inside.ndim))}]"]
    return []
