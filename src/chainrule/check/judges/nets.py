"""Nets that keep their parameters in a dict: `loss(x, t)`, and `gradient(x, t)` that gives a dict by the same names."""

from __future__ import annotations

import copy
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.backward.arrays import with_arrays
from chainrule.check.backward.attributes import attributes
from chainrule.check.backward.checking import check_backward
from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.pairs import names_of
from chainrule.check.judges.objects import by_name, decay
from chainrule.check.subject import quiet

PARAMETERS = ("params", "parameters", "weights", "theta", "_params", "w", "model")
ROWS = 4
LARGEST = 1_000_000  # parameters of a net that is made to be checked


def parameters_of(thing: Any) -> tuple[str, dict[str, Any]]:
    """The attribute of an object that holds its parameters by name, and they; ("", {}) where there is none."""
    for name, value in attributes(thing).items():
        if name.lower() in PARAMETERS and isinstance(value, dict):
            floats = {k: x for k, x in value.items() if isinstance(x, np.ndarray) and x.dtype.kind == "f"}
            if floats:
                return name, floats
    return "", {}


def by_parameters(claim: Claim, at: Any, settings: Mapping[str, Any]) -> Any:
    """The report on a claim about the parameters that its object holds by name; None where it is about others."""
    place = _inputs(claim, at) if parameters_of(claim.function.__self__)[0] else None  # type: ignore[attr-defined]
    if place is None:
        return None
    forward, backward = passes_of(claim.function, claim.derivative)
    parameters = aside(claim.function)
    named = ["params", *names_of(claim.function)][: 1 + len(place)]
    settings = {**claim.settings, **settings}
    return check_backward(forward, backward, (parameters, *place), names=named, **settings)


def _inputs(claim: Claim, at: Any) -> tuple[Any, ...] | None:
    """The first inputs and labels, given, seen or made, at which a method gives gradients by name."""
    given = claim.at if claim.at is not None else at
    places = (given if isinstance(given, list) else [given]) if given is not None else claim.noted
    for place in itertools.chain(places, inputs_of(claim.function)):
        place = place if isinstance(place, tuple) else (place,)
        if gives_a_dict(claim.derivative, place):
            return place
    return None


def aside(loss: Any) -> dict[str, Any]:
    """The parameters of a net, moved a little: biases of 0 may sit on a kink."""
    random = np.random.default_rng(0)
    return {k: x + 0.05 * random.normal(size=x.shape) for k, x in parameters_of(loss.__self__)[1].items()}


def passes_of(loss: Any, gradient: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The loss and its gradient, both methods of one net, as a forward pass from the parameters and its backward pass.
    Where both are one method it gives the two together."""
    net, (_, kept) = loss.__self__, parameters_of(loss.__self__)
    arrays = list(kept.values())

    def changed(parameters: dict[str, Any]) -> Any:
        return with_arrays(net, arrays, [parameters[k] for k in kept])

    def forward(parameters: dict[str, Any], *inputs: Any) -> Any:
        value = getattr(changed(parameters), loss.__name__)(*inputs)
        return value[0] if isinstance(value, tuple) else value

    def backward(dout: Any, parameters: dict[str, Any], *inputs: Any) -> Any:
        found = getattr(changed(parameters), gradient.__name__)(*inputs)
        found = found[1] if isinstance(found, tuple) else found
        return {k: dout * np.asarray(g) for k, g in found.items()}

    backward.__name__ = gradient.__name__
    return forward, backward


def gives_a_dict(gradient: Any, place: tuple[Any, ...]) -> bool:
    """Whether a method gives gradients by name there, alone or beside a value."""
    try:
        with quiet():
            found = getattr(copy.deepcopy(gradient.__self__), gradient.__name__)(*copy.deepcopy(place))
        return isinstance(found[1] if isinstance(found, tuple) else found, dict)
    except Exception:  # it takes other inputs
        return False


def inputs_of(loss: Any) -> Iterator[tuple[Any, ...]]:
    """Inputs and labels that the loss of a net takes: rows as wide as its first matrix, images of the size that it was
    made for, words; labels as whole numbers, as rows with a one, as numbers."""
    net, (_, kept) = loss.__self__, parameters_of(loss.__self__)
    random = np.random.default_rng(0)
    if sum(x.size for x in kept.values()) > LARGEST:
        return
    matrices = [x for x in kept.values() if x.ndim == 2]
    widths = [x.shape[0] for x in matrices[:1]] + [x.shape[1] for x in matrices[:1]] + [3]
    sizes = [(ROWS, n) for n in dict.fromkeys(widths)]
    sizes += [(2, *size) for size in (getattr(net, "input_dim", None), _default_size(net)) if size]
    outs = [x.shape[-1] for x in reversed(kept.values()) if x.ndim] + [x.shape[0] for x in reversed(matrices)]
    rest = _settings(loss)
    for size, out in itertools.product(sizes, dict.fromkeys(outs[:3])):
        labels = random.integers(0, out, size[0])
        whole = random.integers(0, out, size)
        x = random.normal(size=size)
        numbers = random.normal(size=(size[0], out))
        for place in ((x, labels), (x, np.eye(out)[labels]), (x, numbers), (whole, labels), (whole, whole)):
            if _is_loss(loss, (*place, *rest)):
                yield (*place, *rest)


def _settings(loss: Any) -> list[Any]:
    """What a loss takes after inputs and labels: what it needs by name, and weight decay that is not 0."""
    parameters = list(inspect.signature(loss).parameters.values())[2:]
    values = [
        decay(p.name, p.default) if p.default is not p.empty else (*by_name(p.name), 0.0)[0]
        for p in parameters
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    given = [k for k, p in enumerate(parameters[: len(values)]) if values[k] is not p.default]
    return values[: max(given, default=-1) + 1]


def _default_size(net: Any) -> Any:
    parameter = inspect.signature(type(net)).parameters.get("input_dim")
    return parameter.default if parameter is not None and isinstance(parameter.default, tuple) else None


def _is_loss(loss: Any, place: tuple[Any, ...]) -> bool:
    try:
        with quiet():
            value = getattr(copy.deepcopy(loss.__self__), loss.__name__)(*copy.deepcopy(place))
        value = value[0] if isinstance(value, tuple) else value
        return bool(np.size(value) == 1 and np.isfinite(float(value)) and not isinstance(value, (bool, np.bool_)))
    except Exception:  # of other shapes
        return False
