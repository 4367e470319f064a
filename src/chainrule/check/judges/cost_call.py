"""A call that gives a cost with gradients, as a function of the parameters that the gradients belong to."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from chainrule.check.backward.arrays import Path, array_at, arrays_of, put_at, with_arrays
from chainrule.check.backward.attributes import attributes
from chainrule.check.backward.checking import check_backward
from chainrule.check.backward.gradients import bare
from chainrule.check.claims.syntax.pairs import names_of
from chainrule.check.claims.syntax.returning import COST
from chainrule.check.judges.said import codes, read_by
from chainrule.check.readings.by_name import returned_names
from chainrule.check.subject import is_real

Arrays = dict[str, Any]
WEIGHT = re.compile(r"(w|weights?|b|bias(es)?|theta)_?\w{0,3}", re.IGNORECASE)
NUMBER = re.compile(r"_?(w|weight|b|bias|theta|intercept)_?\d?", re.IGNORECASE)  # a parameter that is one number
GENERIC = ("grad", "grads", "gradient", "gradients", "g")


class Place(NamedTuple):
    """Where a parameter stands: in the arguments, in the object of a method, or among the names of the module."""

    roof: str
    path: Path


class CostCall:
    """What a function returns at `args`: a cost, and gradients by parameters that are found by their names.

    derivative  what gives the gradients, where the function gives the cost alone: another method of its object
    gradients   for each parameter, by name, which part of the result it is: its position, and None, a key in a dict
                there, or a slice of an array of all numbers
    """

    def __init__(self, function: Any, args: tuple[Any, ...], derivative: Any = None) -> None:
        self.function, self.args, self.derivative = function, args, derivative
        self.owner = getattr(function, "__self__", None)
        self.space: Arrays = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__globals__", {})
        self.names = names_of(function)[: len(args)]
        self.places = self._places()
        result = self._call({})
        parts = list(result) if isinstance(result, (tuple, list)) else [result]
        names = returned_names(function) if derivative is None else ["cost", *returned_names(derivative)]
        names = names if len(names) == len(parts) else [""] * len(parts)
        costs = [k for k, p in enumerate(parts) if COST.fullmatch(names[k]) and np.size(p) == 1]
        self.cost = costs[0] if costs else next(k for k, p in enumerate(parts) if is_real(p) and np.size(p) == 1)
        self.gradients: dict[str, tuple[int, Any]] = {}
        self.guessed = False  # by nothing but their shapes
        self._match(parts, names)

    def _places(self) -> dict[str, Place]:
        """Every array and number that it may be differentiated by, as it is written."""
        found = {}
        given = dict(zip(self.names, self.args, strict=False))
        for name, arg in given.items():
            if is_real(arg) and not isinstance(arg, (int, np.integer)):
                found[name] = Place("arguments", (("item", name),))
            elif isinstance(arg, (dict, list)):
                inner = arrays_of(arg)
                found |= {f"{name}{key}": Place("arguments", (("item", name), *path)) for key, path in inner.items()}
        if self.owner is not None:
            mine = arrays_of(self.owner)
            found |= {key: Place("object", mine[key]) for key in read_by(self.function) if key not in found}
            numbers = {n: x for n, x in attributes(self.owner).items() if NUMBER.fullmatch(n)}
            own = {n: Place("object", (("attribute", n),)) for n, x in numbers.items() if _is_number(x)}
            found |= {n: place for n, place in own.items() if n not in found}
        for name in dict.fromkeys(n for code in codes(self.function) for n in code.co_names):
            value = self.space.get(name)
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and name not in found:
                found[name] = Place("module", (("item", name),))
            elif isinstance(value, (dict, list)) and name not in given:
                inner = arrays_of(value)
                found |= {f"{name}{key}": Place("module", (("item", name), *path)) for key, path in inner.items()}
        return found

    def _match(self, parts: list[Any], names: list[str]) -> None:
        entries: list[tuple[str, tuple[int, Any], Any]] = []
        for k, (name, part) in enumerate(zip(names, parts, strict=True)):
            if isinstance(part, dict):
                entries += [(str(key), (k, key), g) for key, g in part.items() if is_real(g)]
            elif k != self.cost and is_real(part):
                entries.append((name, (k, None), part))
        marked = [e for e in entries if bare(e[0]) != e[0] or e[0].lower() in GENERIC]
        for exact in (True, False):
            for name, where, g in marked:
                if where in self.gradients.values():
                    continue
                free = [p for p in self.places if p not in self.gradients and self._shape(p) == np.shape(g)]
                wanted = bare(name).lower()
                alike = [p for p in free if _alike(wanted, _last(p), exact=exact)]
                if not alike and not exact and len(free) == 1:
                    alike = free
                if alike:
                    self.gradients[alike[0]] = where

        if self.derivative is not None and not self.gradients and not any(names[1:]):
            self._by_shapes(parts[1:])
        if self.derivative is None or self.gradients or len(parts) != 2 or np.ndim(parts[1]) != 1:
            return
        if not any(np.shape(x) == np.shape(parts[1]) for x in self.args):  # else by that argument
            self._cut(np.size(parts[1]))

    def _by_shapes(self, parts: list[Any]) -> None:
        """Gradients without names, by the weights of the object whose shapes they have, if these are all different."""
        mine = [p for p, place in self.places.items() if place.roof == "object" and WEIGHT.fullmatch(_last(p))]
        shapes = list(map(np.shape, parts))
        alike = [[p for p in mine if self._shape(p) == due] for due in shapes]
        given = {np.shape(x) for x in self.args if is_real(x)}
        told_apart = len(set(shapes)) == len(shapes) and any(shapes) and not set(shapes) & given
        if told_apart and all(len(found) == 1 for found in alike):
            self.gradients = {found[0]: (k + 1, None) for k, found in enumerate(alike)}
            self.guessed = True

    def _cut(self, size: int) -> None:
        """The gradient by all weights of the object, one after the other in one array."""
        mine = [p for p, place in self.places.items() if place.roof == "object" and WEIGHT.fullmatch(_last(p))]
        start = 0
        for name in mine if sum(int(np.prod(self._shape(p), dtype=int)) for p in mine) == size else ():
            stop = start + int(np.prod(self._shape(name), dtype=int))
            self.gradients[name] = (1, slice(start, stop))
            start = stop

    def _shape(self, name: str) -> tuple[int, ...]:
        return np.shape(self._now(name))

    def _now(self, name: str) -> Any:
        roof, path = self.places[name]
        within = {
            "arguments": dict(zip(self.names, self.args, strict=False)),
            "object": self.owner,
            "module": self.space,
        }[roof]
        return array_at(within, path)

    def _call(self, new: Arrays) -> Any:
        """What the function returns with some parameters replaced; nothing that the file holds is changed."""
        named = copy.deepcopy(dict(zip(self.names, self.args, strict=False)))
        rest = copy.deepcopy(self.args[len(named) :])
        mine: dict[str, list[Any]] = {"object": [], "module": []}
        for name, value in new.items():
            place = self.places[name]
            if place.roof == "arguments":
                put_at(named, place.path, value)
            else:
                mine[place.roof].append((name, value))
        function = self.function
        if self.owner is not None:
            arrays = [(self._now(n), value) for n, value in mine["object"] if not _is_number(self._now(n))]
            thing = with_arrays(self.owner, [x for x, _ in arrays], [value for _, value in arrays])
            for name, value in mine["object"]:
                if _is_number(self._now(name)):
                    put_at(thing, self.places[name].path, value)
            function = getattr(thing, function.__name__)
        with self._module(dict(mine["module"])):
            found = function(*named.values(), *rest)
            if self.derivative is None:
                return found
            given = copy.deepcopy((*named.values(), *rest))
            slopes = getattr(function.__self__, self.derivative.__name__)(*given)
            slopes = _left(function.__self__) if slopes is None else slopes
            return (found, *slopes) if isinstance(slopes, (tuple, list)) else (found, slopes)

    @contextmanager
    def _module(self, new: Arrays) -> Iterator[None]:
        """The names of the module with some arrays replaced, and copies of those that could be written into."""
        roots = {self.places[name].path[0][1] for name in self.places if self.places[name].roof == "module"}
        before = {name: self.space[name] for name in roots}
        try:
            self.space.update({name: copy.deepcopy(value) for name, value in before.items()})
            for name, value in new.items():
                put_at(self.space, self.places[name].path, value)
            yield
        finally:
            self.space.update(before)

    def agrees(self) -> bool:
        """Whether the slope along a direction is that of the gradients, by a difference."""
        random = np.random.default_rng(2)
        here = {n: _floats(self._now(n)) for n in self.gradients}
        moves = {n: random.normal(size=np.shape(x)) for n, x in here.items()}
        result = self._call(here)
        up, down = (
            float(np.squeeze(self._call({n: here[n] + h * moves[n] for n in here})[self.cost])) for h in (1e-5, -1e-5)
        )
        slopes = [np.sum(moves[n] * self._gradient(result, n)) for n in here]
        return abs(float(np.sum(slopes)) - (up - down) / 2e-5) <= 1e-4 * float(np.sum(np.abs(slopes))) + 1e-9

    def _gradient(self, result: Any, name: str) -> Any:
        part, key = self.gradients[name]
        if isinstance(key, slice):
            return np.reshape(np.ravel(result[part])[key], self._shape(name))
        return np.asarray(result[part] if key is None else result[part][key], dtype=float)

    def check(self, name: str, settings: Mapping[str, Any]) -> Any:
        """The report on the cost as a forward pass from the parameters, and the gradients as its backward pass."""
        labels = list(self.gradients)

        def parts(arrays: tuple[Any, ...]) -> Any:
            return self._call(dict(zip(labels, arrays, strict=True)))

        def forward(*arrays: Any) -> Any:
            return np.squeeze(parts(arrays)[self.cost]), arrays  # no float: what is traced has to get through

        def backward(dout: Any, arrays: Any) -> Any:
            result = parts(arrays)
            return {n: dout * self._gradient(result, n) for n in labels}

        backward.__name__ = name
        place = tuple(_floats(self._now(n)) for n in labels)
        return check_backward(forward, backward, at=place, names=labels, **settings)


def _left(thing: Any) -> Arrays:
    """The gradients that a method left in its object, by their names."""
    found: Arrays = {}
    for name, value in attributes(thing).items():
        if isinstance(value, dict) and name.strip("_").lower() in GENERIC:
            found |= value
        elif is_real(value) and bare(name) != name:
            found[name] = value
    return found


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, np.number)) and not isinstance(x, bool)


def _floats(x: Any) -> Any:
    return np.array(x, dtype=float) if np.ndim(x) else float(x)


def _last(name: str) -> str:
    """The last name in the way a parameter is written: "W1" of "params['W1']"."""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in name).split()
    return words[-1].lower().strip("_") if words else ""


def _alike(wanted: str, name: str, *, exact: bool) -> bool:
    wanted = wanted.strip("_")
    if exact or len(min(wanted, name, key=len)) < 2:
        return wanted == name
    return name.startswith(wanted) or wanted.startswith(name)
