"""Backpropagation written out line by line, as a table: each gradient against the true one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

HEAD = ("gradient", "verdict", "largest gap", "digits", "first that differs: yours, true")


def tables(outcomes: Sequence[Any]) -> Iterator[str]:
    """A table for each file that computes `d<name>` for the names of its values, in the order in which they stand.

    The gap is the largest difference among the numbers that the report lists, 0 where all agree to their last digits.
    """
    for path in dict.fromkeys(o.claim.path for o in outcomes if o.claim.kind == "inline"):
        own = [o for o in outcomes if o.claim.path == path and o.claim.kind == "inline"]
        rows = [HEAD, *map(_row, own)]
        widths = [max(len(row[k]) for row in rows) for k in range(len(HEAD))]
        right = sum(o.verdict == "CORRECT" for o in own)
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        yield "\n".join([f"{path}: {right} of {len(own)} gradients are right", *(f"  {line}" for line in lines)])


def _row(outcome: Any) -> tuple[str, ...]:
    report = outcome.document
    found = [f for point in report["points"] for f in point["findings"] if f["status"] == "wrong"]
    gap = max((abs(f["yours"] - f["reference"]) for f in found), default=0.0)
    first = f"{found[0]['element']}: {found[0]['yours']:.7g}, {found[0]['reference']:.7g}" if found else ""
    return outcome.claim.name, outcome.verdict, f"{gap:.2g}" if found else "", f"{report['digits']}", first
