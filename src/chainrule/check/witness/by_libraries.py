"""Witnesses with rules and values of their own: PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.check.subject import Subject, foreign, like_foreign, local
from chainrule.check.witness.by_rules import spread, with_bar
from chainrule.check.witness.evidence import NotApplicable
from chainrule.numbers import new_level, primal
from chainrule.values.value import Value


def pytorch(subject: Subject, second: bool) -> Any:
    import torch

    if second:
        raise NotApplicable("asked for first derivatives only")
    leaves = [
        like_foreign(x, local(x)).requires_grad_(True)
        if foreign(x)
        else torch.tensor(np.asarray(x, dtype=np.float64), requires_grad=True)
        for x in subject.leaves
    ]
    outputs = _foreign(subject, leaves)
    rows = []
    for y in outputs:
        if not isinstance(y, torch.Tensor):
            raise NotApplicable("the function leaves PyTorch's tensors")
        for scalar in y.reshape(-1):
            found = torch.autograd.grad(scalar, leaves, retain_graph=True, allow_unused=True)
            rows.append(
                np.concatenate(
                    [
                        np.ravel(np.zeros(s) if g is None else local(g))
                        for g, s in zip(found, subject.shapes, strict=True)
                    ]
                )
            )
    return with_bar(subject, np.array(rows, dtype=float))


def jax_rules(subject: Subject, second: bool) -> Any:
    import jax

    if second:
        raise NotApplicable("asked for first derivatives only")
    # A setting of this computation only: the user's own JAX code keeps its precision.
    enable = getattr(jax, "enable_x64", None)
    if enable is None:  # JAX before 0.9
        older: Any = jax.experimental
        enable = older.enable_x64
    with enable(not subject.library):
        leaves = [x if foreign(x) else jax.numpy.asarray(np.asarray(x, dtype=np.float64)) for x in subject.leaves]

        def g(*xs: Any) -> Any:
            return jax.numpy.concatenate([jax.numpy.ravel(y) for y in _foreign(subject, list(xs))])

        blocks = jax.jacrev(g, argnums=tuple(range(len(leaves))))(*leaves)
        return with_bar(
            subject,
            np.concatenate(
                [np.asarray(b, dtype=float).reshape(-1, s) for b, s in zip(blocks, subject.sizes, strict=True)], axis=1
            ),
        )


def _foreign(subject: Subject, leaves: list[Any]) -> list[Any]:
    """The results of f for another library's arrays. A function of such arrays gets them as they are; any other gets
    them inside Values, so that math's and NumPy's functions reach that library through the table, and a cast to float
    cannot drop a derivative in silence."""
    if subject.library:
        return spread(subject)(*leaves)
    level = new_level()
    return [primal(y) for y in spread(subject)(*(Value.leaf(x, level) for x in leaves))]
