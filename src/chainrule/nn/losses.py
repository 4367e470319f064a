"""What is minimised: the mean over samples of a distance between what a model says and what is so.

Shapes must be the same: a column beside a row would be broadcast to a matrix, whose mean is another loss.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.numbers import Number, shape


def mse(predicted: Number, target: Number) -> Number:
    """The mean of (predicted - target)**2, over all elements.

    >>> from chainrule import nn
    >>> float(nn.mse(np.array([1.0, 2.0]), np.array([1.0, 4.0])))
    2.0
    """
    difference = _same("mse", predicted, target, "targets")
    return ops.mean(difference * difference)


def hinge(scores: Number, labels: Number) -> Number:
    """The mean of max(0, 1 - labels * scores), for labels of -1 and 1. Its slope at the kink is 0.

    >>> from chainrule import nn
    >>> float(nn.hinge(np.array([2.0, 0.5]), np.array([1.0, -1.0])))
    0.75
    """
    _same("hinge", scores, labels, "labels")
    _refuse_other_labels("hinge", labels, (-1, 1))
    return ops.mean(ops.relu(1.0 - _array(labels) * _array(scores)))


def cross_entropy(logits: Number, labels: Number, smoothing: float = 0.0) -> Number:
    """The mean of -log softmax(logits) at the right class, computed from the logits: no probability is formed that
    could round to 0.

    logits     (..., classes)
    labels     (...), whole numbers from 0; or probabilities of the shape of the logits
    smoothing  this much of each label is spread over all classes

    Raises ShapeError for other shapes, ArgumentError for labels that are no class.

    >>> from chainrule import nn
    >>> 2 * float(nn.cross_entropy(np.array([[1000.0, 0.0], [0.0, 0.0]]), np.array([0, 1])))
    0.6931471805599453
    """
    logits = _array(logits)
    return _picked("cross_entropy", ops.log_softmax(logits, axis=-1), labels, smoothing)


def nll(log_probabilities: Number, labels: Number) -> Number:
    """The mean of -log_probabilities at the right class. `cross_entropy(logits, y)` is nll(log_softmax(logits), y).

    log_probabilities  (..., classes), at most 0
    labels             (...), whole numbers from 0; or probabilities of the shape of the first argument

    >>> from chainrule import nn
    >>> float(nll(np.log(np.array([[0.5, 0.5], [0.25, 0.75]])), np.array([0, 0])).round(6))
    1.039721
    """
    return _picked("nll", _array(log_probabilities), labels, 0.0)


def binary_cross_entropy(logits: Number, labels: Number) -> Number:
    """The mean of -log(p) where the label is 1 and of -log(1 - p) where it is 0, with p = sigmoid(logits). Labels may
    lie in between.

    >>> from chainrule import nn
    >>> 2 * float(nn.binary_cross_entropy(np.array([0.0, 800.0]), np.array([1.0, 1.0])))
    0.6931471805599453
    """
    _same("binary_cross_entropy", logits, labels, "labels")
    logits, labels = _array(logits), _array(labels)
    return ops.mean(labels * ops.softplus(-logits) + (1 - labels) * ops.softplus(logits))


def _picked(name: str, logs: Number, labels: Any, smoothing: float) -> Number:
    labels = np.asarray(labels) if isinstance(labels, int) else _array(labels)
    whole = shape(labels) == shape(logs)[:-1] and getattr(labels, "dtype", np.dtype(float)).kind in "iub"
    if whole:
        _refuse_no_class(name, labels, shape(logs)[-1])
        rows = ops.reshape(logs, shape=(-1, shape(logs)[-1]))
        right = ops.mean(rows[np.arange(shape(rows)[0]), labels.reshape(-1)])
    elif shape(labels) == shape(logs) and shape(logs):
        right = ops.mean(ops.sum(labels * logs, axis=-1))
    else:
        raise ShapeError.here(
            f"{name}: for {'logits' if name == 'cross_entropy' else 'log-probabilities'} of shape {shape(logs)} "
            f"expected whole labels of shape {shape(logs)[:-1]} or probabilities of shape {shape(logs)}, got "
            f"{getattr(labels, 'dtype', type(labels).__name__)} of shape {shape(labels)}"
        )
    return -right if not smoothing else -((1 - smoothing) * right + smoothing * ops.mean(logs))


def _array(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def _same(name: str, a: Number, b: Number, what: str) -> Number:
    a, b = _array(a), _array(b)
    if shape(a) != shape(b):
        raise ShapeError.here(
            f"{name}: expected {what} of the shape of the predictions, {shape(a)}, got {shape(b)}; the predictions "
            "of a single output are model(x)[:, 0]"
        )
    return a - b


def _refuse_other_labels(name: str, labels: Any, allowed: tuple[int, int]) -> None:
    labels = _array(labels)
    if isinstance(labels, np.ndarray) and not np.isin(labels, allowed).all():
        other = labels[~np.isin(labels, allowed)].flat[0]
        raise ArgumentError.here(f"{name} expects labels of -1 and 1, got {other}; from 0 and 1: 2 * labels - 1")


def _refuse_no_class(name: str, labels: Any, classes: int) -> None:
    if isinstance(labels, np.ndarray) and labels.size and not 0 <= labels.min() <= labels.max() < classes:
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise ArgumentError.here(f"{name} expects labels from 0 to {classes - 1}, got {wrong}")
