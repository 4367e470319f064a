"""Filters of `scipy.ndimage` that choose among neighbours, derivative filters, and measurements of labelled parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.ndimage

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.ndimage import correlate1d, each, gaussian_filter, moved
from chainrule.scipy.rows import no_partial
from chainrule.signatures import by_name

Rule = Callable[..., Any]


def _slopes(across: list[float]) -> Rule:
    """A difference along one axis, weighted sums along the others."""

    def rule(input: Any, axis: int = -1, output: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
        x = number(input)
        n = len(shape(x))
        modes = each(mode, n)
        axis = axis % n
        found = correlate1d(x, [-1.0, 0.0, 1.0], axis, None, modes[axis], cval)
        for k in range(n):
            if k != axis:
                found = correlate1d(found, across, k, None, modes[k], cval)
        return found

    return rule


def laplace(input: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    x = number(input)
    n = len(shape(x))
    total: Any = 0.0
    for k, m in enumerate(each(mode, n)):
        total = total + correlate1d(x, [1.0, -2.0, 1.0], k, None, m, cval)
    return total


def _by_axes(input: Any, sigma: Any, order: int, mode: Any, cval: Any) -> list[Any]:
    x = number(input)
    n = len(shape(x))
    return [gaussian_filter(x, sigma, [order * (j == k) for j in range(n)], None, mode, cval) for k in range(n)]


def gaussian_laplace(input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    total: Any = 0.0
    for part in _by_axes(input, sigma, 2, mode, cval):
        total = total + part
    return total


def gaussian_gradient_magnitude(
    input: Any, sigma: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    total: Any = 0.0
    for part in _by_axes(input, sigma, 1, mode, cval):
        total = total + part * part
    return ops.sqrt(total)


# -- among neighbours ---------------------------------------------------------------------------------------------


def neighbours(name: str, input: Any, size: Any, footprint: Any, mode: Any, cval: Any, turned: bool = False) -> Any:
    """The neighbours of every element, stacked along a new first axis."""
    x = number(input)
    n = len(shape(x))
    if footprint is None:
        if size is None:
            raise RuntimeError("no footprint or filter size provided")
        window = np.ones(each(size, n), dtype=bool)
    else:
        window = np.asarray(footprint, dtype=bool)
    if turned:
        if any(k % 2 == 0 for k in window.shape):
            raise no_rule(f"scipy.ndimage.{name} of an even size")
        window = window[(slice(None, None, -1),) * n]
    modes, parts = each(mode, n), []
    for place in zip(*np.nonzero(window), strict=True):
        part = x
        for axis, (at, length) in enumerate(zip(place, window.shape, strict=True)):
            part = moved(part, axis, int(at) - length // 2, modes[axis], cval)
        parts.append(part)
    return ops.stack(parts)


def _extreme(name: str, choose: Callable[..., Any], turned: bool = False) -> Rule:
    def rule(
        input: Any, size: Any = None, footprint: Any = None, output: Any = None, mode: Any = "reflect", cval: Any = 0.0
    ) -> Any:
        return choose(neighbours(name, input, size, footprint, mode, cval, turned), 0)

    return rule


def _extreme1d(choose: Callable[..., Any]) -> Rule:
    def rule(input: Any, size: int, axis: int = -1, output: Any = None, mode: str = "reflect", cval: Any = 0.0) -> Any:
        x = number(input)
        axis = axis % len(shape(x))
        return choose(ops.stack([moved(x, axis, k - size // 2, mode, cval) for k in range(size)]), 0)

    return rule


def rank_filter(
    input: Any, rank: int, size: Any = None, footprint: Any = None, output: Any = None, mode: Any = "reflect",
    cval: Any = 0.0,
) -> Any:  # fmt: skip
    return ops.sort(neighbours("rank_filter", input, size, footprint, mode, cval), 0)[rank]


def percentile_filter(
    input: Any, percentile: float, size: Any = None, footprint: Any = None, output: Any = None,
    mode: Any = "reflect", cval: Any = 0.0,
) -> Any:  # fmt: skip
    ranked = ops.sort(neighbours("percentile_filter", input, size, footprint, mode, cval), 0)
    percentile = percentile + 100.0 if percentile < 0 else percentile
    count = shape(ranked)[0]
    return ranked[count - 1 if percentile == 100.0 else int(count * percentile / 100.0)]


def median_filter(
    input: Any, size: Any = None, footprint: Any = None, output: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    ranked = ops.sort(neighbours("median_filter", input, size, footprint, mode, cval), 0)
    return ranked[shape(ranked)[0] // 2]


minimum_filter, maximum_filter = _extreme("minimum_filter", ops.min), _extreme("maximum_filter", ops.max)
grey_erosion, grey_dilation = minimum_filter, _extreme("grey_dilation", ops.max, True)


def grey_opening(input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    eroded = grey_erosion(input, size, footprint, None, mode, cval)
    return grey_dilation(eroded, size, footprint, None, mode, cval)


def grey_closing(input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    dilated = grey_dilation(input, size, footprint, None, mode, cval)
    return grey_erosion(dilated, size, footprint, None, mode, cval)


def white_tophat(input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    return number(input) - grey_opening(input, size, footprint, mode, cval)


def black_tophat(input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0) -> Any:
    return grey_closing(input, size, footprint, mode, cval) - number(input)


def morphological_gradient(
    input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    up = grey_dilation(input, size, footprint, None, mode, cval)
    return up - grey_erosion(input, size, footprint, None, mode, cval)


def morphological_laplace(
    input: Any, size: Any = None, footprint: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    up = grey_dilation(input, size, footprint, None, mode, cval)
    return up + grey_erosion(input, size, footprint, None, mode, cval) - 2.0 * number(input)


# -- parts --------------------------------------------------------------------------------------------------------


def _of_parts(measure: Callable[[Any], Any]) -> Rule:
    """A measurement of the whole, of what is labelled, or of the parts with the labels in `index`."""

    def rule(input: Any, labels: Any = None, index: Any = None) -> Any:
        x = number(input)
        if labels is None:
            return measure(ops.ravel(x))
        flat, named = ops.ravel(x), np.broadcast_to(np.asarray(labels), shape(x)).ravel()
        if index is None:
            return measure(flat[np.flatnonzero(named > 0)])
        found = [measure(flat[np.flatnonzero(named == k)]) for k in np.ravel(index).tolist()]
        return found[0] if np.ndim(index) == 0 else ops.stack(found)

    return rule


def extrema(input: Any, labels: Any = None, index: Any = None) -> Any:
    plain = scipy.ndimage.extrema(primal(number(input)), labels, index)
    return _of_parts(ops.min)(input, labels, index), _of_parts(ops.max)(input, labels, index), *plain[2:]


def center_of_mass(input: Any, labels: Any = None, index: Any = None) -> Any:
    x = number(input)
    whole = _of_parts(ops.sum)
    grids = np.indices(shape(x)).astype(float)
    total = whole(x, labels, index)
    centres = [whole(x * grid, labels, index) / total for grid in grids]
    if index is None or np.ndim(index) == 0:
        return tuple(centres)
    return [tuple([c[k] for c in centres]) for k in range(len(index))]


def _of_spectrum(name: str) -> Rule:
    original = getattr(scipy.ndimage, name)

    def rule(input: Any, by: Any, n: int = -1, axis: int = -1) -> Any:
        x = number(input)
        if holds([by]):
            raise no_partial(f"scipy.ndimage.{name}", "sigma" if "gauss" in name else "size")
        return x * original(np.ones(shape(x)), by, n, axis)

    return rule


_gaussian, _uniform = _of_spectrum("fourier_gaussian"), _of_spectrum("fourier_uniform")
RULES: dict[str, Rule] = {
    "sobel": _slopes([1.0, 2.0, 1.0]), "prewitt": _slopes([1.0, 1.0, 1.0]),
    "minimum_filter": minimum_filter, "maximum_filter": maximum_filter,
    "minimum_filter1d": _extreme1d(ops.min), "maximum_filter1d": _extreme1d(ops.max),
    "grey_erosion": grey_erosion, "grey_dilation": grey_dilation,
    **by_name(
        laplace, gaussian_laplace, gaussian_gradient_magnitude, rank_filter, percentile_filter, median_filter,
        grey_opening, grey_closing, white_tophat, black_tophat, morphological_gradient, morphological_laplace,
        extrema, center_of_mass,
    ),
    "sum": _of_parts(ops.sum), "sum_labels": _of_parts(ops.sum), "mean": _of_parts(ops.mean),
    "variance": _of_parts(ops.var), "standard_deviation": _of_parts(ops.std), "minimum": _of_parts(ops.min),
    "maximum": _of_parts(ops.max), "median": _of_parts(FUNCTIONS[np.median]),
    "fourier_gaussian": lambda input, sigma, n=-1, axis=-1: _gaussian(input, sigma, n, axis),
    "fourier_uniform": lambda input, size, n=-1, axis=-1: _uniform(input, size, n, axis),
}  # fmt: skip
