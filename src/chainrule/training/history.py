"""What a training leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import plots

Array = NDArray[np.float64]


def _empty() -> Array:
    return np.zeros(0)


@dataclass(frozen=True)
class History:
    """Arrays with an element for each step, or for each epoch.

    loss        before each step, of its batch
    rate        of each step
    norm        of each step's gradient, before it was clipped
    validation  after each epoch; empty without validation data
    batches     how many steps an epoch has
    """

    loss: Array = field(default_factory=_empty)
    rate: Array = field(default_factory=_empty)
    norm: Array = field(default_factory=_empty)
    validation: Array = field(default_factory=_empty)
    batches: int = 1

    @property
    def epochs(self) -> Array:
        """The mean loss over the steps of each epoch."""
        ends = range(0, len(self.loss), self.batches)
        return np.array([np.mean(self.loss[k : k + self.batches]) for k in ends])

    def plot(self, ax: Any = None) -> Any:
        """The losses of epochs and their validation, drawn by `plots.losses`; of steps where there is one epoch."""
        several = len(self.epochs) > 1
        curves = {"training": self.epochs if several else self.loss}
        if len(self.validation):
            curves["validation"] = self.validation
        ax = plots.losses(curves, ax=ax)
        ax.set_xlabel("epoch" if several else "step")
        return ax

    def __repr__(self) -> str:
        if not len(self.loss):
            return "<History of 0 steps>"
        after = f", validation {self.validation[-1]:.6g}" if len(self.validation) else ""
        return f"<History of {len(self.loss):,} steps: loss {self.loss[0]:.6g} to {self.loss[-1]:.6g}{after}>"


@dataclass(frozen=True)
class Fit:
    """What `fit` gives.

    params   after the last step
    best     those of the epoch whose validation was lowest; without validation data `params`
    state    of the optimiser, with which one can go on
    history  losses, rates, norms of gradients
    epochs   how many were completed
    stopped  "epochs" where all were done, "patience" where validation had stopped falling
    """

    params: Any
    best: Any
    state: Any
    history: History
    epochs: int
    stopped: str

    def __repr__(self) -> str:
        plural = "s" * (self.epochs != 1)
        return f"<Fit of {self.epochs} epoch{plural}, {len(self.history.loss):,} steps: {self.history!r}>"
