"""Objects of the classes of a program: arguments for their constructors by name, and what must be called before use."""

from __future__ import annotations

import contextlib
import copy
import inspect
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.backward.whole_step import WholeStep
from chainrule.signatures import needed, parameters

TRIED = 36  # guesses for a constructor
IN, OUT = 3, 3
CUBES: tuple[tuple[int, ...], ...] = ((4, 3), (4, 2), (3,), (2, 2, 4, 4), (2, 4, 4, 2), (2, 3, 3))
# What an argument of a constructor or a forward pass is by its name, the likeliest first.
NAMED: list[tuple[str, tuple[Any, ...]]] = [
    (r"training|train|is_train(ing)?|train_flg|train_flag", (True,)),
    (r"mode", ("train",)),
    (r"seed|f|g|(num_)?groups", (1,)),
    (r"rng|random_state|rs", (np.random.RandomState(0),)),
    (r"weight_(scale|decay)|std|init_std", (0.5,)),
    (r"(x|in|input|image)_(dim|shape)s?", ((2, 4, 4), (3,), IN)),
    (r"[hw](idth|eight)?_(filter|kernel)|(filter|kernel)_[hw]", (2, 3)),
    (r"strides?|stride_?[hw]?", (1, (1, 1))),
    (r"pad(ding)?_?[hw]?", (0, (0, 0))),
    (r"dilation", (1, 0)),
    (r"eps|epsilon", (1e-5,)),
    (r"momentum|beta\d?|decay", (0.9,)),
    (r"(dropout_?)?(p|prob|rate|ratio|keep_prob|drop_prob)|dropout", (0.5,)),
    (r"alpha|slope|scale|lam(bda)?_?|reg|c|l1_ratio|lr|learning_rate", (0.5,)),
    (r"act(ivation)?(_?fn|_function|_name)?|nonlinearity|name", ("tanh", "sigmoid", "relu")),
    (r"optimi[sz]er|opt", (WholeStep(),)),
    (r"(kernel|filter|pool)_?(shape|size)\d?|size|window|ks?", (2, (2, 2), 3, (3, 3))),
    (r"(kernel|filter|pool)_?[hw](idth|eight)?|(kernel|filter|pool)_(width|height)", (2,)),
    (r"\w*(sizes|size_list|dims|layers)", ([IN, 4, OUT], [4, 4])),
    (r"(n_|num_)?(in|inputs?|x)(_?(size|dim|features?|units|ch(annels)?|n))?|d_in|n_?in", (IN, 2)),
    (r"(n_|num_)?(out|outputs?|y)(_?(size|dim|features?|units|ch(annels)?|n|classes))?|d_out|n_?out", (OUT, 2)),
    (r"(n|num)_classes", (OUT,)),
    (r"(n_|num_|ch_)\w+|\w*_?(size|dim|features|units|channels|ch|hidden)|vocab\w*", (4, 2, 3)),
    (r"shape|\w+_shape", ((-1,), (3,))),
]  # fmt: skip
STARTERS = ("_setup", "initialize", "initialise", "init_weights", "init_params", "build", "setup", "compile")


def by_name(name: str) -> tuple[Any, ...]:
    """What an argument called `name` could be; () where nothing is known.

    >>> by_name("stride"), by_name("hidden_size"), by_name("foo")
    ((1, (1, 1)), (4, 2, 3), ())
    """
    return next((values for pattern, values in NAMED if re.fullmatch(pattern, name.lower())), ())


def guesses(cls: type) -> Iterator[tuple[Any, ...]]:
    """Arguments for a constructor: none, what their names say, weights and biases, numbers of features, rates."""
    names = needed(cls)
    if not names:
        yield from smaller(cls)
        yield ()
        return
    random = np.random.default_rng(0)
    for sizes in (((IN, 2), (2,)), ((2, 2, 3, 3), (2,)), ((IN,), ())):
        w, b = (random.uniform(0.2, 1.0, size) for size in sizes)
        arrays = {"w": w, "weight": w, "weights": w, "b": b, "bias": b, "biases": b, "gamma": w[0], "beta": w[0]}
        if all(n.lower() in arrays for n in names):
            yield tuple(arrays[n.lower()] for n in names)
    if {"wx", "wh"} <= {n.lower() for n in names}:  # of recurrent cells: one, four or three gates side by side
        for gates in (1, 4, 3):
            wide = {
                n: random.uniform(-0.8, 0.8, (gates * IN,) if n.lower().startswith("b") else (IN, gates * IN))
                for n in names
            }
            yield tuple(wide.values())
    known = [by_name(n) for n in names]
    if all(known):
        yield from itertools.islice(itertools.product(*known), TRIED)
    yield (IN, 2, 2, 2)[: len(names)]
    yield tuple(itertools.islice(itertools.cycle((0.5,)), len(names)))
    yield tuple(random.uniform(0.2, 1.0, size) for size in ((IN, 2), (2,), (2, 2), (2,))[: len(names)])


LARGE = 16  # units of one layer of a net that is made smaller
SMALL = {"in": 6, "input": 6, "hidden": 5, "out": 3, "output": 3, "num": 3, "n": 3}
SIZE = re.compile(r"(num|n|in|input|hidden|out|output)_?(dim|size|classes|class|features|units)")
WEIGHT_DECAY = re.compile(r"reg(_lambda|ulari[sz]ation)?|lam(b?da|bd)?_?|l2(_reg)?|weight_decay")


def smaller(cls: Any) -> Iterator[tuple[Any, ...]]:
    """Arguments for a constructor that by default makes a large net, for a small one with weight decay; none for
    others."""
    takes = parameters(cls) or []
    given = [_smaller(p.name.lower(), p.default) for p in takes]
    changed = [k for k, p in enumerate(takes) if given[k] is not p.default]
    kinds = {p.kind for p in takes[: max(changed, default=-1) + 1]}
    sizes = [k for k in changed if isinstance(given[k], int)]
    if sizes and kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD}:
        yield tuple(given[: changed[-1] + 1])


def _smaller(name: str, default: Any) -> Any:
    size = SIZE.fullmatch(name)
    if size and type(default) is int and default > LARGE:
        return SMALL[size[1]]
    return decay(name, default)


def decay(name: str, default: Any) -> Any:
    """A setting by its default, but a weight decay that is not 0: else nothing depends on it."""
    return 0.25 if WEIGHT_DECAY.fullmatch(name.lower()) and type(default) in (int, float) and not default else default


def made(
    namespace: Mapping[str, Any], cls: type, works: Callable[[Any], bool] | None = None, owners: Collection[Any] = ()
) -> Any:
    """An object of a class: the last the program made, a new one that `works`, or, where its constructor cannot be
    guessed, one whose constructor has not run. None for a class that has no objects."""
    mine = [x for x in (*owners, *_held(namespace)) if type(x) is cls]
    if mine:
        return mine[-1]
    first = None
    for args in itertools.chain(_named_alike(namespace, cls), guesses(cls)):
        for ready in built(cls, args):
            if works is None or works(ready):
                return ready
            first = ready if first is None else first
    if first is not None:
        return first
    with contextlib.suppress(TypeError):  # abstract
        return object.__new__(cls)
    return None


def _named_alike(namespace: Mapping[str, Any], cls: type) -> Iterator[tuple[Any, ...]]:
    """Arguments for a constructor that the program has by their names, as `args` and `config`; others by guess."""
    names = needed(cls)
    there = {n: namespace[n] for n in names if n in namespace and not callable(namespace[n])}
    if there:
        yield from itertools.islice(
            itertools.product(*([there[n]] if n in there else by_name(n) for n in names)), TRIED
        )


def _held(namespace: Mapping[str, Any]) -> Iterator[Any]:
    """The objects of a program: those of lists, such as the layers of a net, before those with a name."""
    for value in namespace.values():
        if isinstance(value, (list, tuple)) and len(value) <= TRIED:
            yield from value
    yield from namespace.values()


def built(cls: type, args: tuple[Any, ...]) -> Iterator[Any]:
    """Objects with these arguments; one for each shape of an input that it has to be told before use."""
    try:
        thing = cls(*copy.deepcopy(args))
    except Exception:  # another constructor
        return
    starters = [s for s in STARTERS if callable(getattr(thing, s, None))]
    if not starters and not hasattr(thing, "set_input_shape"):
        yield thing
        return
    for size in CUBES:
        told = copy.deepcopy(thing)
        try:
            if hasattr(told, "set_input_shape"):
                told.set_input_shape(size[1:])
            elif getattr(told, "input_shape", size) is None:
                told.input_shape = size[1:]
            for starter in starters[:1]:
                call = getattr(told, starter)
                call(*(by_name(n)[0] if by_name(n) else size[1:] for n in needed(call)))
            yield told
        except Exception:  # not for inputs of this shape
            continue
