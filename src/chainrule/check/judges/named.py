"""Arguments by their names, for functions that need more than arrays of real numbers: labels beside predictions,
settings in a dict, modes."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.backward.left import called
from chainrule.check.judges.objects import by_name
from chainrule.check.subject import quiet
from chainrule.signatures import needed

LABELS = re.compile(
    r"(y|t|labels?|targets?|truth|gt|actuals?|expected|desired|one_?hot(_?\w+)?)|(y|t|labels?|targets?)_?(true|train|batch|real)"
    r"|(target|true|actual|expected|desired)_?(y|labels?|outputs?|values?)?",
    re.IGNORECASE,
)
FIRM = re.compile(r"\w\w+", re.IGNORECASE)  # a label that is called so in words
SETTINGS = re.compile(
    r"(\w+_)?(params?|hyper_?param(eter)?s|h_?params|config|cfg|options|opts|settings)", re.IGNORECASE
)
PREDICTIONS = re.compile(
    r"(y_?)?(p|pred\w*|hat|prob\w*|scores?|logits|output\w*)|a\d?|al|z|h|values|dvalues", re.IGNORECASE
)
DATA = re.compile(r"x|inputs?|data|features|x_?(train|batch)", re.IGNORECASE)
HELD = re.compile(
    r"(is_)?train(ing|_fla?g)?|mode|strides?|pad(ding)?|dilation|eps(ilon)?|act(ivation)?(_fn|_name)?|reg|lam(b?da|bd)?_?"
    r"|keep_prob|(num_)?groups|seed|temperature|delta|margin|axis"
)
ROWS, CLASSES = 4, 3
TRIED = 400  # choices of arguments
WANTED, EACH = 6, 2  # of those that a function takes, in all and with labels of one form
SHAPES: tuple[tuple[int, ...], ...] = ((3, 3), (3,), (3, 1), (1, 3), (4, 3), (3, 4), (), (1, 1), (4,))


class Guessed(dict[str, Any]):
    """Settings that are guessed by their names when they are asked for.

    >>> settings = Guessed()
    >>> settings["stride"], settings.get("mode"), settings.get("eps", 1e-3), sorted(settings)
    (1, 'train', 0.001, ['mode', 'stride'])
    """

    def __missing__(self, key: str) -> Any:
        guess = by_name(str(key))
        if not guess:
            raise KeyError(key)
        self[key] = guess[0]
        return guess[0]

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self or (default is None and by_name(str(key))) else default


def is_label(name: str) -> bool:
    """Whether an argument of that name holds what is to be predicted.

    >>> [is_label(n) for n in ("y", "y_true", "labels", "y_pred", "x")]
    [True, True, True, False, False]
    """
    return LABELS.fullmatch(name) is not None


def speaks_of_labels(names: list[str]) -> bool:
    """Whether one argument is a label by its name beyond doubt: by a word, or by a letter beside predictions."""
    beside = any(PREDICTIONS.fullmatch(n) or (DATA.fullmatch(n) and n != "x") for n in names)
    return any(is_label(n) and (beside or FIRM.fullmatch(n)) for n in names)


def held(name: str) -> Any:
    """What an argument of that name is that is not differentiated by: settings, modes, labels; None for others.

    >>> held("stride"), held("conv_param"), held("x")
    (1, {}, None)
    """
    if HELD.fullmatch(name.lower()):
        return by_name(name)[0] if by_name(name) else 0.5
    return Guessed() if SETTINGS.fullmatch(name) and name.lower() not in ("params", "parameters") else None


def labelled(function: Any) -> Iterator[tuple[Any, ...]]:
    """Predictions, data and weights with labels that a function takes: labels as whole numbers, as rows with a one, as
    0 and 1, as -1 and 1."""
    names = needed(function)
    random = np.random.default_rng(0)
    if not any(map(is_label, names)):
        return
    found: dict[int, int] = {}  # by the labels
    which = next(k for k, n in enumerate(names) if is_label(n))
    for values in itertools.islice(itertools.product(*(_values(n, random) for n in names)), TRIED):
        form = id(values[which])
        if found.get(form, 0) < EACH and _fit(names, values) and takes(function, values):
            yield values
            found[form] = found.get(form, 0) + 1
            if sum(found.values()) == WANTED:
                return


def _values(name: str, random: Any) -> list[Any]:
    if is_label(name):
        whole = np.array([0, 2, 1, 1])
        ones, two = np.eye(CLASSES, dtype=int)[whole], np.array([0, 1, 1, 0])
        single = np.eye(ROWS, dtype=int)[1]
        return [whole, ones, two, two[:, None], two[None], ones.T, 2 * two - 1, single[:, None], single, 1]
    if (kept := held(name)) is not None:
        return [kept]
    if PREDICTIONS.fullmatch(name):
        rows = random.uniform(0.2, 1.0, (ROWS, CLASSES))
        rows /= rows.sum(axis=1, keepdims=True)
        one = random.uniform(0.1, 0.9, ROWS)
        return [rows, one, one[:, None], one[None], rows.T]
    if DATA.fullmatch(name):
        return [random.uniform(-1, 1, size) for size in ((ROWS, CLASSES), (CLASSES, ROWS), (ROWS,))]
    return [random.uniform(-1, 1, size) if size else float(random.uniform(0.2, 1.0)) for size in SHAPES]


def _fit(names: list[str], values: tuple[Any, ...]) -> bool:
    """Whether labels have the form of the predictions beside them: the same shape, or one whole number for a row, or
    for all of a single one; and as many as there are rows or columns of data."""
    given = dict(zip(names, values, strict=True))
    y = next(v for n, v in given.items() if is_label(n))
    others = [v for n, v in given.items() if not is_label(n) and isinstance(v, np.ndarray)]
    if np.ndim(y) == 0:  # the class of a single example
        return bool(others) and others[0].ndim == 1
    whole = bool(y.ndim == 1 and y.max() > 1)
    if len(others) == 1 and len(names) == 2:
        x = others[0]
        return bool(x.shape == ((ROWS, CLASSES) if whole else y.shape))
    data = next((v for n, v in given.items() if DATA.fullmatch(n) or PREDICTIONS.fullmatch(n)), None)
    return data is None or bool(data.shape[0] == len(y) or (y.ndim == 2 and data.shape[-1] == y.shape[-1]))


def differentiated(function: Any) -> tuple[int, ...]:
    """The arguments that a loss is differentiated by, as far as names tell: neither labels nor settings, and data only
    where there is nothing else."""
    names = needed(function)
    free = [k for k, n in enumerate(names) if not is_label(n) and held(n) is None]
    return tuple([k for k in free if not DATA.fullmatch(names[k])] or free)


class Identity:
    """An activation that changes nothing, for a gradient that goes through one."""

    def __call__(self, z: Any) -> Any:
        return z

    fn = forward = function = __call__

    def grad(self, z: Any, *_: Any) -> Any:
        return np.ones_like(z)

    gradient = derivative = prime = deriv = backward = grad


def links(predictions: Any) -> Iterator[tuple[str, Any, Any]]:
    """What makes such predictions of scores: (its name, the function, the scores)."""
    if np.ndim(predictions) == 2 and min(np.shape(predictions)) > 1:
        for axis in (1, 0):
            if np.allclose(np.sum(predictions, axis=axis), 1.0):

                def softmax(z: Any, axis: int = axis) -> Any:
                    e = np.exp(z)
                    return e / np.sum(e, axis=axis, keepdims=True)

                yield "softmax", softmax, np.log(predictions)
    yield "sigmoid", lambda z: 1 / (1 + np.exp(-z)), np.log(predictions / (1 - predictions))


def takes(function: Any, args: tuple[Any, ...]) -> bool:
    """Whether a function gives finite numbers there; it is called on a copy of its object and of the arguments."""
    try:
        with quiet():
            thing = getattr(function, "__self__", None)
            mine = function if thing is None else getattr(copy.deepcopy(thing), function.__name__)
            out = called(mine, *copy.deepcopy(args))
            out = out[0] if isinstance(out, tuple) else out
            return bool(np.all(np.isfinite(np.asarray(out, dtype=float))))
    except Exception:  # not these shapes or kinds
        return False
