"""Names that belong together: `f` and `grad_f`, `cube` and `cube_grad`, `sigmoid` and `sigmoid_prime`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

# How people name the derivative of f. Tried from top to bottom: longer affixes stand above their parts.
NAMES = {
    "gradient_of_{f}": "gradient",
    "gradient_{f}": "gradient",
    "grad_{f}": "gradient",
    "grad{f}": "gradient",
    "{f}_gradient": "gradient",
    "{f}_grad": "gradient",
    "{f}grad": "gradient",
    "jacobian_{f}": "jacobian",
    "jac_{f}": "jacobian",
    "{f}_jacobian": "jacobian",
    "{f}_jac": "jacobian",
    "derivative_of_{f}": "gradient",
    "derivative_{f}": "gradient",
    "deriv_{f}": "gradient",
    "{f}_derivative": "gradient",
    "{f}_deriv": "gradient",
    "diff_{f}": "gradient",
    "{f}_diff": "gradient",
    "{f}diff": "gradient",
    "{f}_prime": "gradient",
    "{f}prime": "gradient",
    "d{f}_dx": "slope",
    "d{f}dx": "slope",
    "d_{f}": "gradient",
    "d{f}": "gradient",
    "{f}_p": "gradient",
    "{f}p": "gradient",
}

# sigmoid_grad_manual is the gradient of sigmoid; numerical_grad_f is no formula that anybody derived.
BY_HAND = re.compile(r"_(by_hand|manual|analytic|analytical)$|^(manual|analytic|analytical)_")
NUMERICAL = re.compile(r"numeric|finite_?diff|approx", re.IGNORECASE)

PATTERNS = [(re.compile(name.format(f="(.+)")), kind) for name, kind in NAMES.items()]


Function = Callable[..., Any]


class Pair(NamedTuple):
    """A function that a derivative may belong to, and the kind of derivative its name announces."""

    function: str
    kind: str


def pairs(derivative: str) -> Iterator[Pair]:
    """The functions whose derivative would be called `derivative`, the likeliest first.

    >>> next(pairs("grad_f_5_1")).function
    'f_5_1'
    >>> next(pairs("sigmoid_grad_manual")).function
    'sigmoid'
    >>> list(pairs("numerical_f_grad"))
    []
    """
    if NUMERICAL.search(derivative):
        return
    name = BY_HAND.sub("", derivative)
    for pattern, kind in PATTERNS:
        found = pattern.fullmatch(name)
        if found and found[1].isidentifier() and not found[1].endswith("_"):
            yield Pair(found[1], kind)


def partner(derivative: str, known: Collection[str]) -> Pair | None:
    """The pair of `derivative` among the `known` names.

    >>> partner("fdiff", {"f", "x"})
    Pair(function='f', kind='gradient')
    >>> partner("step", {"f", "x"}) is None
    True
    """
    return next((pair for pair in pairs(derivative) if pair.function in known), None)


def mismatch(function: Function, derivative: Function, kind: str = "gradient") -> str | None:
    """Why `derivative` cannot be called where `function` is; None when it can.

    >>> def relu(x): ...
    >>> def relu_grad(x, upstream): ...
    >>> mismatch(relu, relu_grad)
    'relu_grad needs 2 arguments, relu takes 1'
    """
    try:
        least, most = arguments(function)
        least_df, most_df = arguments(derivative)
    except (TypeError, ValueError):  # a function written in C need not have a signature
        return None
    f, df = (getattr(g, "__name__", "it") for g in (function, derivative))
    if most == 0:
        return f"{f} takes no argument to differentiate by"
    if kind == "slope" and least > 1:
        return f"{df} speaks of one argument, {f} takes {least}"
    if least_df > most:
        return f"{df} needs {least_df} arguments, {f} takes {most:g}"
    if most_df < least:
        return f"{df} takes {most_df:g} arguments, {f} needs {least}"
    return None


def arguments(function: Function) -> tuple[int, float]:
    """How many positional arguments a function needs, and how many it takes at most.

    >>> arguments(lambda x, s=3: x * s)
    (1, 2)
    """
    least, most = 0, 0.0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            most = float("inf")
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            most += 1
            least += parameter.default is parameter.empty
    return least, most if most == float("inf") else int(most)
