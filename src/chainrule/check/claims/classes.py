"""Claims made by classes: layers with forward and backward, functions with a method for their gradient."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim, source_of
from chainrule.check.claims.outline import Possible

WHOLE = 3  # of features, for constructors that ask for a number of them


def class_claims(namespace: Mapping[str, Any], path: str, possible: Iterable[Possible]) -> tuple[Claim, ...]:
    """The claims of the classes of a program, each about an object of the class: one that the program made, or a new
    one."""
    found = []
    for p in possible:
        cls, _, method = p.name.rpartition(".")
        kind = namespace.get(p.name) if p.kind == "torch_function" else _class(namespace, cls)
        if not isinstance(kind, type) or getattr(kind, "__module__", "") != namespace.get("__name__"):
            continue
        if p.kind == "torch_function":
            found.append(Claim(p.name, kind.apply, kind, path, p.line, kind=p.kind))  # type: ignore[attr-defined]
            continue
        for name, some in ((cls, kind), *_heirs(namespace, kind, method)):
            thing = made(namespace, some)
            function = getattr(thing, p.function.rpartition(".")[2], None) or (thing if callable(thing) else None)
            derivative = getattr(thing, method, None)
            if not callable(function) or not callable(derivative):
                continue
            line = source_of(derivative)[1] or p.line
            found.append(Claim(f"{name}.{method}", function, derivative, path, line, kind=p.kind, loose=p.loose))
    return tuple(found)


def _heirs(namespace: Mapping[str, Any], cls: type, method: str) -> Iterator[tuple[str, type]]:
    """The classes that inherit a method, such as layers made of a function and its derivative."""
    for name, value in namespace.items():
        if isinstance(value, type) and issubclass(value, cls) and value is not cls and method not in vars(value):
            yield name, value


def _class(namespace: Mapping[str, Any], dotted: str) -> Any:
    first, *inner = dotted.split(".")
    found = namespace.get(first)
    for name in inner:
        found = getattr(found, name, None)
    return found


def made(namespace: Mapping[str, Any], cls: type) -> Any:
    """An object of a class: the last the program made, a new one, or, where its constructor cannot be guessed, one
    whose constructor has not run."""
    mine = [x for x in namespace.values() if type(x) is cls]
    if mine:
        return mine[-1]
    for args in _guesses(cls):
        try:
            return cls(*args)
        except Exception:  # another constructor
            continue
    return object.__new__(cls)


def _guesses(cls: type) -> Iterator[tuple[Any, ...]]:
    """Arguments for a constructor: none, weights and biases, numbers of features, rates."""
    try:
        parameters = list(inspect.signature(cls).parameters.values())
    except (TypeError, ValueError):
        return
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not needed:
        yield ()
        return
    random = np.random.default_rng(0)
    arrays = [random.uniform(0.2, 1.0, size) for size in ((WHOLE, 2), (2,), (2, 2), (2,))]
    named = {"w": arrays[0], "weight": arrays[0], "weights": arrays[0], "b": arrays[1], "bias": arrays[1]}
    if all(p.name.lower() in named for p in needed):
        yield tuple(named[p.name.lower()] for p in needed)
    yield (WHOLE, 2, 2, 2)[: len(needed)]
    yield tuple(itertools.islice(itertools.cycle((0.5,)), len(needed)))
    yield tuple(arrays[: len(needed)])
