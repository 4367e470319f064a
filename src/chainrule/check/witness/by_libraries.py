"""Witnesses with rules and values of their own: PyTorch and JAX."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from chainrule.check.subject import Subject, foreign, like_foreign, local
from chainrule.check.witness.by_rules import with_bar
from chainrule.check.witness.evidence import NotApplicable
from chainrule.check.witness.seen import seen_by, spread
from chainrule.numbers import new_level, primal
from chainrule.transforms.calling import called
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
    seen_by(subject, outputs)
    by_hand = next((name for y in outputs if isinstance(y, torch.Tensor) for name in _backward_by_hand(y)), "")
    if by_hand:
        raise NotApplicable(f"PyTorch would answer with the backward of {by_hand}, which is the user's own")
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


def _backward_by_hand(y: Any) -> list[str]:
    """The torch.autograd.Functions in the history of `y` that do not come with PyTorch."""
    found, seen, pending = [], set(), [y.grad_fn]
    while pending:
        step = pending.pop()
        if step is None or step in seen:
            continue
        seen.add(step)
        by_class = getattr(type(step), "_forward_cls", None)  # of the class that a torch.autograd.Function is
        if by_class is not None and not by_class.__module__.startswith("torch."):
            found.append(by_class.__name__)
        pending += [before for before, _ in step.next_functions]
    return found


def _rules_by_hand(program: Any) -> list[str]:
    """The custom_vjp and custom_jvp functions in a JAX program that do not come with JAX."""
    found, pending = [], [program]
    while pending:
        inner = pending.pop()
        for step in inner.eqns:
            programs = [p for v in step.params.values() if (p := getattr(v, "jaxpr", v)) is not None]
            programs = [p for p in programs if hasattr(p, "eqns")]
            pending += programs
            if step.primitive.name.startswith(("custom_vjp", "custom_jvp")):
                source = str(getattr(getattr(programs[0], "debug_info", None), "func_src_info", "")) if programs else ""
                if not any(f"{slash}jax{slash}" in source for slash in "/\\"):
                    found.append(source.partition(" at ")[0] or step.primitive.name)
    return found


def jax_rules(subject: Subject, second: bool) -> Any:
    import jax

    if second:
        raise NotApplicable("asked for first derivatives only")
    # A setting of this computation only: the user's own JAX code keeps its precision.
    enable = getattr(jax, "enable_x64", None)
    if enable is None:  # JAX before 0.9
        older: Any = jax.experimental
        enable = older.enable_x64
    with contextlib.nullcontext() if subject.library else enable(True):
        leaves = [x if foreign(x) else jax.numpy.asarray(np.asarray(x, dtype=np.float64)) for x in subject.leaves]

        def g(*xs: Any) -> Any:
            return jax.numpy.concatenate([jax.numpy.ravel(y) for y in _foreign(subject, list(xs))])

        seen_by(subject, _foreign(subject, leaves))
        by_hand = _rules_by_hand(jax.make_jaxpr(g)(*leaves).jaxpr)
        if by_hand:
            raise NotApplicable(f"JAX would answer with the rule of {by_hand[0]}, which is the user's own")
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
    return [primal(y) for y in called(spread(subject), [Value.leaf(x, level) for x in leaves])]
