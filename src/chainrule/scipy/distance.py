"""`scipy.spatial.distance` in lifted functions: each metric over the last axis of two arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial.distance

from chainrule import ops
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.signatures import by_name

Metric = Callable[..., Any]


def _weighted(x: Any, w: Any) -> Any:
    return x if w is None else x * w


def euclidean(u: Any, v: Any, w: Any = None) -> Any:
    return ops.norm(_weighted(u - v, None if w is None else ops.sqrt(number(w))), axis=-1)


def sqeuclidean(u: Any, v: Any, w: Any = None) -> Any:
    return ops.sum(_weighted((u - v) ** 2, w), axis=-1)


def cityblock(u: Any, v: Any, w: Any = None) -> Any:
    return ops.sum(_weighted(ops.absolute(u - v), w), axis=-1)


def chebyshev(u: Any, v: Any, w: Any = None) -> Any:
    return ops.max(_weighted(ops.absolute(u - v), None if w is None else np.asarray(w) > 0), axis=-1)


def minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
    if isinstance(p, (int, float)) and p == 2:
        return euclidean(u, v, w)
    if isinstance(p, (int, float)) and p == 1:
        return cityblock(u, v, w)
    if isinstance(p, (int, float)) and np.isinf(p):
        return chebyshev(u, v, w)
    return ops.sum(_weighted(ops.absolute(u - v) ** p, w), axis=-1) ** (1 / p)


def cosine(u: Any, v: Any, w: Any = None) -> Any:
    def dot(a: Any, b: Any) -> Any:
        return ops.sum(_weighted(a * b, w), axis=-1)

    return 1 - dot(u, v) / ops.sqrt(dot(u, u) * dot(v, v))


def correlation(u: Any, v: Any, w: Any = None, centered: bool = True) -> Any:
    if centered:
        weights = np.ones(shape(u)[-1]) if w is None else w
        weights = weights / ops.sum(weights)
        u = u - ops.sum(u * weights, axis=-1, keepdims=True)
        v = v - ops.sum(v * weights, axis=-1, keepdims=True)
    return cosine(u, v, w)


def canberra(u: Any, v: Any, w: Any = None) -> Any:
    below = ops.absolute(u) + ops.absolute(v)
    empty = primal(below) == 0
    return ops.sum(_weighted(ops.where(empty, 0.0, ops.absolute(u - v) / ops.where(empty, 1.0, below)), w), axis=-1)


def braycurtis(u: Any, v: Any, w: Any = None) -> Any:
    above, below = _weighted(ops.absolute(u - v), w), _weighted(ops.absolute(u + v), w)
    return ops.sum(above, axis=-1) / ops.sum(below, axis=-1)


def mahalanobis(u: Any, v: Any, VI: Any) -> Any:
    apart = u - v
    return ops.sqrt(ops.sum((apart @ number(VI)) * apart, axis=-1))


def seuclidean(u: Any, v: Any, V: Any) -> Any:
    return ops.sqrt(ops.sum((u - v) ** 2 / number(V), axis=-1))


def jensenshannon(p: Any, q: Any, base: Any = None, *, axis: int = 0, keepdims: bool = False) -> Any:
    p, q = number(p), number(q)
    p = p / ops.sum(p, axis=axis, keepdims=True)
    q = q / ops.sum(q, axis=axis, keepdims=True)
    middle = (p + q) / 2

    def part(x: Any) -> Any:
        empty = primal(x) == 0
        held = ops.where(empty, 1.0, x)
        return ops.where(empty, 0.0, held * ops.log(held / ops.where(primal(middle) == 0, 1.0, middle)))

    total = ops.sum(part(p) + part(q), axis=axis, keepdims=keepdims) / 2
    return ops.sqrt(total if base is None else total / ops.log(number(base)))


METRICS: dict[str, Metric] = by_name(
    euclidean, sqeuclidean, cityblock, chebyshev, minkowski, cosine, correlation, canberra, braycurtis, mahalanobis,
    seuclidean,
) | {"jensenshannon": functools.partial(jensenshannon, axis=-1)}  # fmt: skip
_ALSO = {"l2": "euclidean", "l1": "cityblock", "manhattan": "cityblock", "linf": "chebyshev", "pnorm": "minkowski"}


def _metric(name: str, metric: Any, settings: dict[str, Any], samples: Any) -> Metric:
    """The metric as a function of two arrays of rows."""
    if callable(metric):
        asked = getattr(metric, "__name__", "")
        if getattr(scipy.spatial.distance, asked, None) is not metric:
            raise UnsupportedFunction.here(f"scipy.spatial.distance.{name}: name the metric, or loop over the rows")
        metric = asked
    metric = _ALSO.get(metric, metric)
    if metric not in METRICS:
        raise UnsupportedFunction.here(
            f"scipy.spatial.distance.{name}: no derivative is known for the metric {metric!r}"
        )
    if metric == "seuclidean" and settings.get("V") is None:
        settings = {**settings, "V": ops.var(samples, axis=0, ddof=1)}
    if metric == "mahalanobis" and settings.get("VI") is None:
        centred = samples - ops.mean(samples, axis=0)
        settings = {**settings, "VI": ops.inv(ops.transpose(centred) @ centred / (shape(samples)[0] - 1))}
    return functools.partial(METRICS[metric], **{k: v for k, v in settings.items() if v is not None})


def cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, **settings: Any) -> Any:
    a, b = number(XA), number(XB)
    return _metric("cdist", metric, settings, ops.concatenate([a, b]))(a[:, None, :], b[None, :, :])


def pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **settings: Any) -> Any:
    x = number(X)
    rows, columns = np.triu_indices(shape(x)[0], 1)
    return _metric("pdist", metric, settings, x)(x[rows], x[columns])


def squareform(X: Any, force: str = "no", checks: bool = True) -> Any:
    x = number(X)
    places = scipy.spatial.distance.squareform(np.arange(1, np.size(primal(x)) + 1)) if len(shape(x)) == 1 else None
    if places is None:
        return x[np.triu_indices(shape(x)[0], 1)]
    return ops.where(places > 0, x[np.maximum(places - 1, 0).astype(int)], 0.0)


def _of_vectors(metric: Metric) -> Metric:
    @functools.wraps(metric)
    def between(u: Any, v: Any, *args: Any, **settings: Any) -> Any:
        return metric(number(u), number(v), *args, **settings)

    return between


RULES: dict[str, Metric] = {
    **{name: _of_vectors(metric) for name, metric in METRICS.items() if name != "jensenshannon"},
    "jensenshannon": jensenshannon,
    "cdist": cdist, "pdist": pdist, "squareform": squareform,
}  # fmt: skip
