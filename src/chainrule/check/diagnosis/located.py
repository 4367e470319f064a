"""Where a backward pass goes wrong, when nothing says how: the step from which on all is right again.

What flows into a node of the recording is taken as unknown. If one choice of it explains the whole claim, at several
points and with fewer unknowns than numbers, then the steps below that node are right and the mistake lies above.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.paths import expression
from chainrule.check.diagnosis.recorded import Recorded
from chainrule.check.diagnosis.samples import ENOUGH, Sample
from chainrule.check.diagnosis.steps import recordings
from chainrule.check.subject import quiet
from chainrule.numbers import shape
from chainrule.values.located import place

MOST = 48  # unknowns
SPARE = 2  # numbers of the claim beyond the unknowns


def first_wrong_step(samples: list[Sample]) -> Iterator[str]:
    """The node nearest to the arguments that is sent something wrong, and below which all is right."""
    rows = recordings(samples)
    if len(rows) < ENOUGH:
        return
    nodes = rows[0][1].nodes
    with quiet():
        for k, node in enumerate(nodes[:-1]):
            size = int(np.prod(shape(node.stored), dtype=int))
            if node.op is None or not 1 < size <= min(MOST, samples[0].subject.n - SPARE):
                continue
            if all(_explains(s, r, k) for s, r in rows):
                line = place(node)
                at = f" ({line})" if line else ""
                yield f"what is sent back to {expression(node, 3)} is wrong, and from there on all is right{at}"
                return


def _explains(s: Sample, r: Recorded, k: int) -> bool:
    """Whether some cotangent of node k gives the claimed gradient."""
    node, adjoint = r.nodes[k], r.adjoints.get(k)
    if adjoint is None:
        return False
    size = shape(node.stored)
    units: Any = np.eye(int(np.prod(size, dtype=int)))
    columns = np.array([r.reaching(node, unit.reshape(size)) for unit in units]).T
    if np.linalg.matrix_rank(columns) + SPARE > len(s.yours[0]):
        return False
    base = s.truth[0] - columns @ np.ravel(np.broadcast_to(adjoint, size))
    found = np.linalg.lstsq(columns, s.yours[0] - base, rcond=None)[0]
    return s.fits((base + columns @ found)[None])
