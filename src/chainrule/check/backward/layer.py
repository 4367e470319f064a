"""A layer, an object with parameters and a backward pass, as two functions of its input and its parameters."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.backward.arrays import Path, array_at, arrays_of, every_way, with_arrays
from chainrule.check.backward.attributes import attributes
from chainrule.check.backward.left import gradient_left, result
from chainrule.check.backward.passes import BACK, Passes, first_run, following, is_number, same_random_numbers
from chainrule.check.backward.whole_step import WholeStep
from chainrule.check.subject import quiet
from chainrule.errors import ArgumentError
from chainrule.numbers import shape
from chainrule.signatures import POSITIONAL, parameters

RATES = ("learning_rate", "lr", "eta", "alpha", "rate", "step_size", "learn_rate", "l_rate", "lrate", "learningRate")
MOST_ARRAYS = 32  # of an object that are looked at one by one
RATE = 0.375
"""At which a layer is updated: no 1, so that a rate that is left out or there twice shows."""
COLLECTIONS = re.compile(r"^_?(d?params_?)?(grads?|gradients?|d_?params|grad_params|param_grads|derivatives)$")
CACHES = re.compile(r"cache|saved|memory|^_?(ctx|context|inputs?|outputs?|states?|mem|history)$", re.IGNORECASE)


class Layer:
    """The layer's parameters, by name, and its passes as functions of (inputs, then parameters).

    notes   what was seen of how it keeps its gradients
    """

    def __init__(self, layer: Any, inputs: tuple[Any, ...], update: str | None) -> None:
        self.layer, self.notes, self.given, self.step = layer, list[str](), inputs, RATE
        if isinstance(layer, type):
            raise ArgumentError(
                f"check_layer expects an object, got the class {layer.__name__}: write {layer.__name__}(...)"
            )
        call = getattr(layer, "forward", None) or (layer if callable(layer) else None)
        if call is None or not callable(getattr(layer, "backward", None)):
            raise ArgumentError(
                f"check_layer expects an object with forward(x) and backward(dout), got {type(layer).__name__}"
            )
        self.inputs = trees.argument_names(call, len(inputs))
        self.rows = shape(inputs[0])[0] if len(inputs) == 1 and len(shape(inputs[0])) > 1 else 0
        self.rate = update or next((p.name for p in (parameters(layer.backward) or [])[1:] if p.name in RATES), None)
        self.layer = layer = copy.deepcopy(layer)
        self.updates = bool(self.rate) or whole_steps(layer)
        worked = copy.deepcopy(layer)
        outputs, draws = first_run(_forward(worked), copy.deepcopy(inputs))
        if _late(arrays_of(layer), arrays_of(worked), worked):  # parameters made by the first forward pass
            self.layer = layer = _emptied(layer, copy.deepcopy(worked))
            worked = copy.deepcopy(layer)
            outputs, draws = first_run(_forward(worked), copy.deepcopy(inputs))
        arrays = arrays_of(layer)
        self.between = {n: np.array(array_at(worked, path)) for n, path in arrays.items()} if self.updates else {}
        with quiet(), same_random_numbers(draws, BACK):
            several = isinstance(outputs, (tuple, list)) and all(map(is_number, outputs)) and len(outputs) > 1
            count = len(outputs) if several else 1
            self.passes = Passes(self.forward, self.backward, count, True, False, _takes(layer, count), draws)
            ones = [np.ones_like(y) for y in (outputs if several else [outputs])]
            together = self.passes.takes == 1 and count > 1
            returned = self._called(worked, [tuple(ones)] if together else ones)
        self.parameters = self._parameters(arrays, worked, returned)

    def forward(self, *args: Any) -> tuple[Any, Any]:
        """The outputs and, as what backward is handed, the copy of the layer that computed them."""
        worked = self._with(args[len(self.inputs) :])
        outputs = _forward(worked, args)(*args[: len(self.inputs)])
        if self.passes.outputs > 1:
            return (*outputs, worked)
        return outputs, worked

    def backward(self, *given: Any) -> dict[str, Any]:
        """The gradients by name, of inputs as far as they are returned and of all parameters."""
        *cotangents, worked = given
        before = {name: np.array(array_at(worked, path)) for name, path in self.paths.items()}
        returned = self._called(worked, cotangents)
        found = self._returned(returned)
        if self.left and self.inputs[0] not in found:
            found[self.inputs[0]] = getattr(worked, self.left)
        for name, path in self.paths.items():
            if self.updates:
                found[name] = (before[name] - array_at(worked, path)) / (self.step if self.rate else 1.0)
            elif name not in found and name in self.sources:
                found[name] = sum((array_at(worked, p) for p in self.tied[name]), array_at(worked, self.sources[name]))
        return found

    def habits(self) -> list[str]:
        """What the numbers of one pass do not show of how the layer keeps its state: gradients that add up, a backward
        pass that works before any forward, a batch of one that fails."""
        found: list[str] = []
        inputs = copy.deepcopy(self.given)
        outputs = self.passes.run((*inputs, *self.parameters.values()))[0]
        cotangents = [np.ones_like(y) for y in outputs]
        if self.sources and not self.rate:
            once = self.forward(*inputs, *self.parameters.values())[-1]
            self._called(once, copy.deepcopy(cotangents))
            first = {name: np.array(array_at(once, path)) for name, path in self.sources.items()}
            _forward(once)(*copy.deepcopy(inputs))
            self._called(once, copy.deepcopy(cotangents))
            added = [
                n for n, p in self.sources.items() if np.any(first[n]) and np.allclose(array_at(once, p), 2 * first[n])
            ]
            if added:
                names = ", ".join(".".join(str(key) for _, key in self.sources[n]) for n in added)
                found.append(
                    f"gradients accumulate in {names} from call to call: set them to zero before each backward"
                )
        if self.passes.outputs == 1 and (unread := self.unread()):
            found.append(f"no gradient was found for {', '.join(unread)}: not checked")
        if not self._ran_before() and _works(
            lambda: self._called(copy.deepcopy(self.layer), copy.deepcopy(cotangents))
        ):
            found.append("backward answers before any forward: it needs nothing that forward saw")
        if isinstance(inputs[0], np.ndarray) and inputs[0].ndim > 1 and len(inputs[0]) > 1:
            one = tuple(a[:1] if isinstance(a, np.ndarray) and len(a) == len(inputs[0]) else a for a in inputs)
            if not _works(lambda: self._whole_pass(one)):
                found.append("a batch of one fails, where this one works")
        return found

    def updates_first(self) -> bool:
        """Whether the gradient of the input that a backward pass gives is another where nothing is updated: then it is
        computed with parameters that were updated before."""
        if not self.rate:
            return False
        args = (*self.given, *self.parameters.values())
        ones = [np.ones_like(y) for y in self.passes.run(copy.deepcopy(args))[0]]
        still = copy.copy(self)
        still.step = 0.0
        found: list[Any] = []
        for layer in (self, still):
            worked = layer.passes.run(copy.deepcopy(args))[1]
            found.append(layer._returned(layer._called(worked, copy.deepcopy(ones))).get(self.inputs[0]))
        return all(g is not None for g in found) and not np.allclose(found[0], found[1], rtol=1e-9, atol=0.0)

    def unread(self) -> list[str]:
        """The arrays on which the output depends and whose gradient was not found."""
        worked = copy.deepcopy(self.layer)
        out = np.ravel(_forward(worked)(*copy.deepcopy(self.given)))
        after = arrays_of(worked)
        found = []
        for name, path in list(arrays_of(self.layer).items())[:MOST_ARRAYS]:
            array = array_at(self.layer, path)
            if name in self.paths or is_gradient(path) or not array.size or name not in after:
                continue
            if np.array_equal(array, array_at(worked, path)):
                moved = with_arrays(
                    self.layer, [array], [array + 0.01 * np.cos(np.arange(array.size)).reshape(array.shape)]
                )
                other = np.ravel(_forward(moved)(*copy.deepcopy(self.given)))
                found += [name] if other.shape == out.shape and not np.array_equal(other, out) else []
        return found

    def _ran_before(self) -> bool:
        """Whether the layer holds arrays that a forward pass replaces: those of an earlier one."""
        worked = copy.deepcopy(self.layer)
        before = {name: array_at(worked, path) for name, path in arrays_of(worked).items()}
        _forward(worked)(*copy.deepcopy(self.given))
        after = {name: array_at(worked, path) for name, path in arrays_of(worked).items()}
        return any(after.get(name) is not array for name, array in before.items())

    def _whole_pass(self, inputs: tuple[Any, ...]) -> None:
        worked = copy.deepcopy(self.layer)
        outputs = _forward(worked)(*copy.deepcopy(inputs))
        several = outputs if self.passes.outputs > 1 else [outputs]
        self._called(worked, [np.ones_like(y) for y in several])

    def _called(self, worked: Any, cotangents: list[Any]) -> Any:
        given = cotangents if _takes(worked) else []
        return worked.backward(*given, **({self.rate: self.step} if self.rate else {}))

    def _returned(self, returned: Any) -> dict[str, Any]:
        if isinstance(returned, dict):
            return self._renamed(returned)
        names = [*self.inputs, *(self.returned or self.paths)]
        if returned is None:
            return {}
        values = list(_flat(returned)) if isinstance(returned, (tuple, list)) else [returned]
        if len(self.inputs) == 1 and self.rows == len(values) > 1 and not self.returned:  # one for each part of a list
            values = [np.stack(values)]
        return {name: v for name, v in zip(names, values, strict=False) if v is not None}

    def _renamed(self, returned: dict[Any, Any]) -> dict[Any, Any]:
        """Gradients by the names of their parameters, where their keys are those of the parameters."""
        whose = {key: next((n for n, path in self.paths.items() if key == path[-1][1]), key) for key in returned}
        return {whose[key]: value for key, value in returned.items()}

    def _parameters(self, arrays: dict[str, Path], worked: Any, returned: Any) -> dict[str, Any]:
        """The arrays that have a gradient after a backward pass, and where it is."""
        self.paths: dict[str, Path] = {}
        self.sources: dict[str, Path] = {}
        self.tied: dict[str, list[Path]] = {}
        self.returned = _returned_with(returned, self.inputs, arrays)
        self.paths = {name: arrays[name] for name in self.returned}
        after = arrays_of(worked)
        self.left = gradient_left(after) if returned is None else ""
        for name, path in arrays.items():
            if name in self.paths or name == self.left:
                continue
            if self.updates:
                if not np.array_equal(self.between[name], array_at(worked, path)):
                    self.paths[name] = path
                continue
            source = _source(name, path, arrays, after, worked)
            if source is not None:
                self.paths[name], self.sources[name] = path, source
                self.tied[name] = self._tied(name, arrays, after, worked)
        return {name: array_at(self.layer, path) for name, path in self.paths.items()}

    def _tied(self, name: str, arrays: dict[str, Path], after: dict[str, Path], worked: Any) -> list[Path]:
        """Further gradients of a parameter that several layers share, each with a gradient of its own: the whole is
        their sum."""
        found: dict[int, Path] = {id(array_at(worked, self.sources[name])): self.sources[name]}
        for way in every_way(self.layer, array_at(self.layer, self.paths[name])):
            source = _source(name, way, arrays, after, worked) if way != self.paths[name] else None
            if source is not None:
                found.setdefault(id(array_at(worked, source)), source)
        return list(found.values())[1:]

    def _with(self, parameters: tuple[Any, ...]) -> Any:
        """A copy of the layer that computes with these parameters, in all the places where one stands."""
        originals = [array_at(self.layer, path) for path in self.paths.values()]
        return with_arrays(self.layer, originals, list(parameters))


def _works(call: Any) -> bool:
    try:
        with quiet():
            call()
    except Exception:  # what a layer raises without what it needs
        return False
    return True


def whole_steps(layer: Any) -> bool:
    """Put whole steps in the place of the optimisers, known by update(w, gradient), that an object and those in it
    hold; whether there was one."""
    waiting, seen, found = [layer], set[int](), False
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        for name, value in attributes(thing).items():
            if _steps(value):
                setattr(thing, name, WholeStep())
                found = True
            elif type(value).__module__.partition(".")[0] not in ("numpy", "builtins", "random"):
                waiting.append(value)
    return found


def _steps(value: Any) -> bool:
    """Whether a value has a method update(w, gradient)."""
    if isinstance(value, (dict, set)) or not callable(getattr(value, "update", None)):
        return False
    return sum(p.default is p.empty for p in parameters(value.update) or ()) in (2, 4)


RESETS = ("flush_gradients", "zero_grad", "zero_grads", "zero_gradients", "clear_grads", "reset_grads")


def _late(before: dict[str, Path], after: dict[str, Path], worked: Any) -> bool:
    """Whether a forward pass made parameters: arrays that have a place for their gradient."""
    return any(n not in before and not is_gradient(p) and _source(n, p, after, after, worked) for n, p in after.items())


def _emptied(original: Any, worked: Any) -> Any:
    """A layer with the parameters that its first forward pass made, without what else that pass left."""
    for name in (n for n in RESETS if callable(getattr(worked, n, None))):
        with contextlib.suppress(Exception):
            getattr(worked, name)()
    for name, value in attributes(original).items():
        if isinstance(value, list) and not value:
            setattr(worked, name, [])
    return worked


def _forward(layer: Any, args: Any = ()) -> Any:
    call = following(getattr(layer, "forward", None) or layer, args)
    return lambda *inputs: result(getattr(call, "__self__", layer), call(*inputs))


def _returned_with(returned: Any, inputs: list[str], arrays: dict[str, Path]) -> list[str]:
    """The parameters whose gradients backward returns beside those of its inputs: by name, or in order."""
    own = {name: path for name, path in arrays.items() if not is_gradient(path)}
    if isinstance(returned, dict):
        named = [name for key in returned for name, path in own.items() if _same(key, name, path)]
        return list(dict.fromkeys(named))
    if isinstance(returned, (tuple, list)) and len(found := list(_flat(returned))) > len(inputs):
        return list(own)[: len(found) - len(inputs)]
    return []


def _flat(returned: Any) -> Iterator[Any]:
    """Gradients in order: those of the parameters may stand in a list of their own, `return dx, [dw, db]`."""
    for part in returned:
        yield from part if isinstance(part, (tuple, list)) and all(map(is_number, part)) else [part]


def _same(key: Any, name: str, path: Path) -> bool:
    """Whether an entry called `key` is the gradient of the parameter at `path`."""
    return key in (name, path[-1][1]) or _names(key, path[-1][1])


def _takes(layer: Any, outputs: int = 1) -> int:
    """How many cotangents backward takes: none, one (all in a tuple), or one for each of the outputs."""
    given = parameters(layer.backward)
    if given is None:
        return 1
    count = sum(p.kind in (*POSITIONAL, p.VAR_POSITIONAL) for p in given if p.name not in RATES)
    return outputs if count >= outputs else min(1, count)


def _source(name: str, path: Path, before: dict[str, Path], after: dict[str, Path], worked: Any) -> Path | None:
    """Where the gradient of the parameter at `path` is left."""
    kind, key = path[-1]
    holder = path[:-1]
    if is_gradient(path):
        return None
    size = shape(array_at(worked, path))
    for candidate in after.values():
        if _alike(candidate, path):
            return candidate
    for candidate in after.values():  # in a dict or list of gradients of the same object, or beside `params`
        inside = candidate[-2:-1] and candidate[-2][0] == "attribute" and COLLECTIONS.match(str(candidate[-2][1]))
        if not inside:
            continue
        own = [h for h in (holder, holder[:-1]) if candidate[:-2] == h]
        if not own:
            continue
        if isinstance(candidate[-1][1], str) and (candidate[-1][1] == key or _names(candidate[-1][1], key)):
            return candidate
        if isinstance(candidate[-1][1], int) and kind == "attribute" and shape(array_at(worked, candidate)) == size:
            listed = [p for p in before.values() if p[:-1] == holder and not is_gradient(p)]
            if listed.index(path) == candidate[-1][1]:
                return candidate
        if isinstance(candidate[-1][1], int) and kind == "item" and candidate[-1][1] == key and not _kept(holder):
            return candidate
    return None


def _alike(gradient: Path, path: Path) -> bool:
    """Whether two ways differ in one name, which says that the first leads to the gradient of what the second leads
    to: `dW` and `W`, `dW[0]` and `W[0]`."""
    if len(gradient) != len(path):
        return False
    others = [(g, p) for g, p in zip(gradient, path, strict=True) if g != p]
    return len(others) == 1 and others[0][0][0] == others[0][1][0] and _names(others[0][0][1], others[0][1][1])


def _kept(holder: Path) -> bool:
    """Whether what is held there was kept for the backward pass: it is no list of parameters."""
    return any(k == "attribute" and CACHES.search(str(name)) is not None for k, name in holder)


def _names(gradient: Any, key: Any) -> bool:
    """Whether an attribute of that name holds the gradient of the parameter `key`."""
    if not isinstance(gradient, str) or not isinstance(key, str):
        return False
    before = "d", "d_", "grad", "grad_", "g", "g_", "delta_", "nabla_", "_d", "_grad_"
    after = "_grad", "_gradient", "_d", "grad", "_delta"
    spelled = {key, key.lower(), key.upper(), key[:1].upper() + key[1:]}
    one = re.sub(r"(?<=s)es$|(?<=[^s])s$", "", key)  # weight_grads, bias_grads hold those of weights, of biases
    listed = {f"{one}{a}s" for a in after} if one != key else set[str]()
    return gradient in listed | {f"{b}{k}" for b in before for k in spelled} | {
        f"{k}{a}" for a in after for k in spelled
    }


def is_gradient(path: Path) -> bool:
    """Whether the array itself is a gradient, by its name or by that of what holds it."""
    return any(k == "attribute" and COLLECTIONS.match(str(name)) is not None for k, name in path)
