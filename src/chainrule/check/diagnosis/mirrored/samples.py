"""Samples of a claim about a function of another library's arrays, with the function on NumPy's in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.diagnosis.mirrored import jax_runs, torch_runs
from chainrule.check.diagnosis.samples import Sample
from chainrule.check.subject import Subject, foreign, like_foreign, local
from chainrule.check.witness.by_rules import jacobian_of
from chainrule.check.witness.seen import run

CLOSE = 1e-2  # relative: what is computed in single precision, and differenced
UNITS = 64  # of rounding, in which a claim in the library's precision may be off


def in_numpy(samples: list[Sample]) -> list[Sample]:
    """The samples with a function that can be recorded and its derivatives by rules; those that were handed in where
    an operation of it is not known."""
    try:
        return [_mirrored(s) for s in samples]
    except Exception:  # an operation that is not known, or other code for other numbers
        return samples


def _mirrored(s: Sample) -> Sample:
    subject = s.subject
    leaves, structure = trees.flatten(subject.args)
    moving = [bool(foreign(x)) and "float" in str(x.dtype) for x in leaves]

    def given(*numbers: Any) -> tuple[Any, ...]:
        return tuple(
            like_foreign(x, np.asarray(n)) if moves else x for n, x, moves in zip(numbers, leaves, moving, strict=True)
        )

    def of_leaves(*arrays: Any) -> Any:
        return subject.f(*trees.unflatten(structure, list(arrays)))

    flat = (torch_runs if subject.library == "torch" else jax_runs).mirror(of_leaves, given)

    def f(*args: Any) -> Any:
        return flat(*trees.flatten(args)[0])

    numbers = [np.asarray(local(x), dtype=float) if moves else x for x, moves in zip(leaves, moving, strict=True)]
    here = Subject(f, tuple(trees.unflatten(structure, numbers)), subject.names, subject.argnums)
    truth = jacobian_of(run(here), here)
    if not np.allclose(truth, s.truth, rtol=CLOSE, atol=CLOSE * float(np.max(np.abs(s.truth)))):
        raise ValueError("another function of recorded numbers")
    here.result_eps = subject.eps
    slack = UNITS * subject.eps * float(np.max(np.abs(s.yours), initial=0.0))
    return Sample(here, s.yours, truth, slack, s.kind, s.weights, s.vector, s.jacobian)
