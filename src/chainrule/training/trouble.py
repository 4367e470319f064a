"""A loss or a gradient that is not finite, by the operation that made it so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ChainruleError, TrainingError
from chainrule.show import explain


def stopped(
    loss: Callable[..., Any], params: Any, batch: tuple[Any, ...], value: float, norm: float, where: str
) -> TrainingError:
    """The error that stops the training: what is not finite, where, and which operation of the loss is to blame."""
    what = f"the loss is {value}" if not np.isfinite(value) else f"the gradient has the norm {norm}"
    return TrainingError.here(f"fit: {what} {where}. {cause(loss, params, batch)}")


def cause(loss: Callable[..., Any], params: Any, batch: tuple[Any, ...]) -> str:
    """The first operation whose value, or gradient, is not finite."""
    for k, x in enumerate(batch):
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            return f"The data are not finite to begin with: array {k} of the batch holds nan or infinity"
    leaves, structure = trees.flatten(params)

    def of_leaves(*numbers: Any) -> Any:
        return loss(trees.unflatten(structure, list(numbers)), *batch)

    try:
        with np.errstate(all="ignore"):
            reasons = explain(of_leaves, *leaves).reasons
    except ChainruleError as error:
        return f"The loss raises {type(error).__name__}: {error}"
    if not reasons:
        return "Every operation is finite, but the squares of the gradient are too large for a float: lower the rate"
    return str(reasons[0])
