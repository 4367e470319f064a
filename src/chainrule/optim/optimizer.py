"""What all optimisers share: a state beside the parameters, and a step that gives both anew."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from chainrule import trees
from chainrule.complex_numbers import is_complex
from chainrule.errors import ArgumentError, ShapeError
from chainrule.libraries import plain_array
from chainrule.numbers import Number, shape

Rate = Any
"""A number, or a schedule: a function of the number of steps already taken."""


@dataclass(frozen=True)
class Optimizer:
    """A rule that moves parameters against their gradient.

    A subclass is a frozen dataclass of its settings, `lr` among them. It names in `slots` the numbers that it remembers
    for each parameter, which start at zero, and states in `update` what becomes of one parameter.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            _refuse_setting(type(self).__name__, field.name, getattr(self, field.name))

    def __getattr__(self, name: str) -> Any:
        said = f"{type(self).__name__!r} object has no attribute {name!r}"
        if name in ("zero_grad", "param_groups", "update", "init"):
            said += "; write state = opt.start(params), then params, state = opt.step(params, grads, state)"
        raise AttributeError(said, name=name, obj=self)

    def start(self, params: Any) -> dict[str, Any]:
        """The state before the first step: `count` (steps taken, as a float) and, for each slot, zeros like `params`.

        Raises ArgumentError where a parameter is no real number.

        >>> from chainrule import optim
        >>> optim.SGD(0.1, momentum=0.9).start({"w": 2.0})
        {'count': 0.0, 'velocity': {'w': 0.0}}
        """
        leaves, structure = trees.numbers(params)
        if trees.in_parts(params)[1] != trees.flatten(params)[1]:
            raise ArgumentError.here(
                f"{type(self).__name__}.start: complex parameters have no order of their own to step in; hold "
                "their real and imaginary parts as two parameters"
            )
        zeros = [0.0 * x if shape(x) == () else np.zeros_like(x) for x in leaves]
        return {"count": 0.0, **{slot: trees.unflatten(structure, zeros) for slot in self.slots}}

    def step(self, params: Any, grads: Any, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The parameters after one step, and the state that belongs to them. Neither argument is changed.

        Raises ShapeError where `grads` has another structure or other shapes than `params`, and ArgumentError for a
        state that another optimiser started.

        >>> from chainrule import optim
        >>> opt = optim.SGD(0.1)
        >>> opt.step({"w": 2.0}, {"w": 4.0}, opt.start({"w": 2.0}))
        ({'w': 1.6}, {'count': 1.0, 'velocity': {'w': 4.0}})
        """
        name = type(self).__name__
        if not isinstance(state, dict) or set(state) != {"count", *self.slots}:
            raise ArgumentError.here(
                f"{name}.step expects (params, grads, state) with the state that {name}.start(params) gives, got "
                f"{_shown(state)}"
            )
        leaves, structure = trees.flatten(params)
        slopes = trees.same_structure(params, grads, f"{name}.step: the gradients")
        for x, g in zip(leaves, slopes, strict=True):
            _refuse_own_rules(x)
            _refuse_own_rules(g)
            if shape(x) != shape(g):
                raise ShapeError.here(
                    f"{name}.step: a parameter of shape {shape(x)} got a gradient of shape {shape(g)}"
                )
        kept = [trees.same_structure(params, state[slot], f"{name}.step: {slot} in the state") for slot in self.slots]
        lr = self.rate(state["count"])
        moved, remembered = [], []
        for x, g, *slots in zip(leaves, slopes, *kept, strict=True):
            new, now = self.update(x, g, slots, lr, state["count"] + 1.0)
            moved.append(like(x, new))
            remembered.append([like(s, n) for s, n in zip(slots, now, strict=True)])
        after = {"count": state["count"] + 1.0}
        for k, slot in enumerate(self.slots):
            after[slot] = trees.unflatten(structure, [slots[k] for slots in remembered])
        return trees.unflatten(structure, moved), after

    def rate(self, count: Number) -> Number:
        """The rate of the step that follows `count` others.

        >>> from chainrule import optim
        >>> optim.SGD(optim.Step(0.1, every=10)).rate(10)
        0.010000000000000002
        """
        lr = getattr(self, "lr")  # noqa: B009  (each subclass has it, with a default of its own)
        return weak(lr(count)) if callable(lr) else lr

    def update(
        self, x: Number, g: Number, slots: list[Number], lr: Number, count: Number
    ) -> tuple[Number, list[Number]]:
        """One parameter after the step number `count` (from 1), and its slots."""
        raise NotImplementedError


def weak(x: Number) -> Number:
    """A number of NumPy's as Python's, beside which arrays of float32 stay so."""
    return float(x) if isinstance(x, np.floating) else x


def like(x: Number, new: Number) -> Number:
    """`new` with the dtype of `x`: the rate and the count are of double precision."""
    wanted, got = getattr(x, "dtype", None), getattr(new, "dtype", None)
    if wanted is None:
        return weak(new)
    if wanted == got or getattr(wanted, "kind", "f") != "f":
        return new
    return new.astype(wanted) if got is not None else wanted.type(new)


def _refuse_own_rules(x: Any) -> None:
    if type(x) is not np.ndarray and isinstance(x, np.ndarray):
        plain_array(x)


def _refuse_setting(owner: str, name: str, value: Any) -> None:
    values = value if isinstance(value, tuple) else (value,)
    for x in values:
        if callable(x) or not isinstance(x, (int, float, np.number)) or is_complex(x):
            if callable(x) and name == "lr" and not hasattr(x, "parameters"):
                continue
            if hasattr(x, "level") or hasattr(x, "dtype"):  # a rate that is differentiated, or recorded
                continue
            way = f"; parameters are for {owner}(...).start(params)" if name == "lr" else ""
            raise ArgumentError.here(f"{owner}: {name} expects a number, got a {type(x).__name__}{way}")
        below_one = name in ("betas", "alpha", "momentum")
        if not (0 <= x < 1 if below_one else x >= 0):
            wanted = "in [0, 1)" if below_one else "of at least 0"
            raise ArgumentError.here(f"{owner}: {name} expects a number {wanted}, got {x!r}")


def _shown(state: Any) -> str:
    return f"a dict with {sorted(map(str, state))}" if isinstance(state, dict) else f"a {type(state).__name__}"
