"""Pictures for teaching: tangents, gradient fields and descents, losses, Taylor polynomials, steps of differences.

Each function draws into `ax` (or into new Axes) and returns the Axes. Matplotlib is imported when one is called:
install it with `pip install 'chainrule[plot]'`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import numeric
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, MissingExtra
from chainrule.signatures import needed
from chainrule.transforms.gradient import grad
from chainrule.transforms.taylor import taylor as taylor_of

__all__ = ["descent", "gradient_field", "losses", "step_size", "tangent", "taylor"]

# A palette that stays apart for colour-blind readers (Okabe and Ito, 2008), and in print by its lightness.
BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#777777"
SIDES = 400
ROUNDING = float(np.finfo(float).eps)


def tangent(f: Callable[..., Any], x: float, *, span: float | None = None, ax: Any = None) -> Any:
    """`f` around `x` with its tangent line and slope.

    span   how far the picture reaches to each side; by default 2, or |x| where that is more

    >>> ax = tangent(lambda x: x**2, 1.0)
    >>> ax.get_legend().get_texts()[1].get_text()
    'tangent, slope 2'
    """
    if not callable(f):
        raise ArgumentError.here(f"tangent expects a function, got {type(f).__name__}; write tangent(f, 1.0)")
    ax = _axes(ax)
    x = float(x)
    reach = span or max(2.0, abs(x))
    y, slope = float(f(x)), float(grad(f)(x))
    xs = np.linspace(x - reach, x + reach, SIDES)
    values = _over(f, xs)
    ax.plot(xs, values, color=BLUE, linewidth=2, label=_name(f))
    ax.plot(xs, y + slope * (xs - x), color=RED, linewidth=1.5, linestyle="--", label=f"tangent, slope {slope:.6g}")
    ax.plot([x], [y], "o", color=RED, markersize=7)
    _frame_values(ax, values)
    return _finished(ax, "x", _name(f, "x"))


def gradient_field(
    f: Callable[..., Any],
    xlim: tuple[float, float] = (-2, 2),
    ylim: tuple[float, float] = (-2, 2),
    *,
    path: Any = None,
    arrows: int = 15,
    ax: Any = None,
) -> Any:
    """The level lines of a function of two numbers, with arrows against its gradient: the way down.

    f      takes two numbers, or one array of two
    path   points to draw over it, as `descent` gives them

    >>> ax = gradient_field(lambda x, y: x**2 + 3 * y**2, path=descent(lambda x, y: x**2 + 3 * y**2, (2, 1)))
    >>> ax.get_xlim() == (-2, 2)
    True
    """
    ax = _axes(ax)
    g, slope = _of_two(f)
    fine = np.stack(np.meshgrid(np.linspace(*xlim, 90), np.linspace(*ylim, 90)), axis=-1)
    heights = np.apply_along_axis(g, -1, fine).astype(float)
    levels = np.unique(np.quantile(heights[np.isfinite(heights)], np.linspace(0, 1, 19)))
    if len(levels) > 1:  # as much of the picture between any two levels
        ax.contourf(fine[..., 0], fine[..., 1], heights, levels=levels, cmap="Blues", alpha=0.75, norm=_ranks(levels))
        ax.contour(fine[..., 0], fine[..., 1], heights, levels=levels, colors="white", linewidths=0.6)
    margin_x, margin_y = ((b - a) / (2 * arrows) for a, b in (xlim, ylim))
    xs = np.linspace(xlim[0] + margin_x, xlim[1] - margin_x, arrows)
    ys = np.linspace(ylim[0] + margin_y, ylim[1] - margin_y, arrows)
    points = np.stack(np.meshgrid(xs, ys), axis=-1)
    down = -np.apply_along_axis(slope, -1, points).astype(float)
    length = np.hypot(down[..., 0], down[..., 1])
    # All arrows shortened by a root, so that steep places do not hide the flat ones.
    shown = (
        down
        / np.where(length == 0, 1, length)[..., None]
        * np.sqrt(length / max(float(length.max()), 1e-300))[..., None]
    )
    ax.quiver(
        points[..., 0], points[..., 1], shown[..., 0], shown[..., 1], color="#333333", width=0.0035, scale=arrows * 0.9
    )
    if path is not None:
        steps = np.asarray(path, dtype=float)
        ax.plot(
            steps[:, 0], steps[:, 1], "o-", color=RED, markersize=3.5, linewidth=1.4, label=f"{len(steps) - 1} steps"
        )
        ax.plot(*steps[0], "o", color="white", markeredgecolor=RED, markersize=8)
        ax.legend(loc="upper right", framealpha=0.9)
    ax.set_xlim(*xlim)
    ax.set_ylim(*ylim)
    ax.set_aspect("equal")
    ax.set(xlabel="x", ylabel="y", title=f"{_name(f)} and the way down")
    return ax


def descent(f: Callable[..., Any], start: Sequence[float], rate: float = 0.1, steps: int = 50) -> NDArray[np.float64]:
    """The points of gradient descent on a function of two numbers (or of one array), the start first.

    It ends early where a point is not finite.

    >>> descent(lambda x, y: x**2 + y**2, (1.0, -1.0), rate=0.25, steps=2)
    array([[ 1.  , -1.  ],
           [ 0.5 , -0.5 ],
           [ 0.25, -0.25]])
    """
    _, slope = _of_two(f)
    points = [np.array(start, dtype=float)]
    for _ in range(steps):
        with np.errstate(all="ignore"):
            following = points[-1] - rate * slope(points[-1])
        if not np.all(np.isfinite(following)):
            break
        points.append(following)
    return np.array(points)


def losses(values: Any, *, smooth: int = 0, log: bool | None = None, ax: Any = None) -> Any:
    """Losses over the steps of a training: a sequence, a dict of several by name, or `fit`'s history.

    smooth   draw the running mean of this many steps over each
    log      a logarithmic scale; by default where losses are positive and span more than a factor 100

    >>> losses({"train": [1.0, 0.5, 0.3], "test": [1.1, 0.7, 0.6]}).get_xlabel()
    'step'
    """
    if isinstance(smooth, bool) or not isinstance(smooth, int) or smooth < 0:
        raise ArgumentError.here(f"losses: smooth is a number of steps, such as 20, got {smooth!r}")
    if isinstance(values, str) or values is None:
        raise ArgumentError.here(f"losses expects numbers, or several by name, got {values!r}")
    ax = _axes(ax)
    values = getattr(values, "loss", values)  # the history of `fit`
    curves = values if isinstance(values, dict) else {"": values}
    everything = np.concatenate([np.ravel(np.asarray(c, dtype=float)) for c in curves.values()])
    good = everything[np.isfinite(everything)]
    for color, (name, curve) in zip(_cycle(len(curves)), curves.items(), strict=True):
        numbers = np.ravel(np.asarray(curve, dtype=float))
        few = {"marker": "o", "markersize": 3} if len(numbers) <= 30 else {}
        ax.plot(
            numbers,
            color=color,
            alpha=0.3 if smooth > 1 else 1.0,
            linewidth=1.6,
            label=None if smooth > 1 else name,
            **few,
        )
        if smooth > 1:
            means = np.convolve(numbers, np.ones(smooth) / smooth, mode="valid")
            ax.plot(
                np.arange(smooth - 1, len(numbers)), means, color=color, linewidth=2, label=name or f"mean of {smooth}"
            )
        bad = np.flatnonzero(~np.isfinite(numbers))
        if bad.size:
            ax.axvline(bad[0], color=RED, linestyle=":", label=f"not finite from step {bad[0]}")
    wide = good.size > 0 and good.min() > 0 and good.max() > 100 * good.min()
    if wide if log is None else log:
        ax.set_yscale("log")
    return _finished(ax, "step", "loss")


def taylor(
    f: Callable[..., Any],
    x0: float = 0.0,
    degrees: int | Sequence[int] = (1, 3, 5),
    *,
    span: float = 4.0,
    ax: Any = None,
) -> Any:
    """`f` and its Taylor polynomials at `x0`.

    >>> [line.get_label() for line in taylor(math.sin, 0.0, (1, 3)).get_lines()[:3]]
    ['sin', 'degree 1', 'degree 3']
    """
    degrees = (degrees,) if isinstance(degrees, int) else degrees
    ax = _axes(ax)
    xs = np.linspace(x0 - span, x0 + span, SIDES)
    values = _over(f, xs)
    ax.plot(xs, values, color="black", linewidth=2.2, label=_name(f), zorder=3)
    coefficients = np.asarray(taylor_of(f, float(x0), max(degrees)).coefficients, dtype=float)
    for color, degree in zip(_cycle(len(degrees)), degrees, strict=True):
        polynomial = np.polynomial.Polynomial(coefficients[: degree + 1])
        ax.plot(xs, polynomial(xs - x0), color=color, linewidth=1.5, label=f"degree {degree}")
    ax.plot([x0], [values[np.argmin(np.abs(xs - x0))]], "o", color="black", markersize=6, zorder=4)
    _frame_values(ax, values)
    return _finished(ax, "x", _name(f, "x"))


def step_size(f: Callable[..., Any], x: float, *, ax: Any = None) -> Any:
    """The error of the derivative of `f` at `x` against the step: the V of differences, and the complex step's floor.

    The truth is the derivative by automatic differentiation; errors are relative to it. To the right of its lowest
    point a difference suffers from truncation, to the left from rounding.

    >>> [line.get_label() for line in step_size(math.exp, 1.0).get_lines()[:3]]
    ['forward', 'central', 'complex step']
    """
    ax = _axes(ax)
    x = float(x)
    truth = float(grad(f)(x))
    scale = abs(truth) or 1.0
    steps = np.logspace(-18, 0, 109)
    rules: dict[str, tuple[Callable[..., Any], str, str]] = {
        "forward": (numeric.forward, BLUE, "o"),
        "central": (numeric.central, ORANGE, "s"),
    }
    if math.isfinite(_error(numeric.complex_step, f, x, None, truth)):  # not for what is not analytic
        rules["complex step"] = (_imaginary, GREEN, "^")
    for name, (rule, color, marker) in rules.items():
        errors = [_error(rule, f, x, float(h), truth) / scale for h in steps]
        found = np.maximum(errors, ROUNDING / 2)  # an error of 0 has no place on a logarithmic axis
        if np.any(np.isfinite(found)):
            ax.loglog(steps, found, color=color, marker=marker, markersize=3, linewidth=1, label=name)
    ax.axhline(ROUNDING, color=GREY, linewidth=0.9, linestyle=":")
    at = {
        "xy": (0.01, ROUNDING),
        "xycoords": ("axes fraction", "data"),
        "xytext": (4, 4),
        "textcoords": "offset points",
    }
    ax.annotate("rounding of one number", **at, color=GREY, fontsize=8)
    ax.set_title(f"derivative of {_name(f)} at {x:g}")
    ax.set_ylim(ROUNDING / 5, None)
    return _finished(ax, "step", "relative error")


# -- help ------------------------------------------------------------------------------------------------------


def _axes(ax: Any) -> Any:
    """The Axes to draw into: the given ones, or those of a new figure."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError:
        raise MissingExtra("chainrule.plots", "Matplotlib", "plot") from None
    return pyplot.subplots(figsize=(6.4, 4.4), layout="constrained")[1]


def _finished(ax: Any, xlabel: str, ylabel: str) -> Any:
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(True, color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(framealpha=0.9)
    return ax


def _frame_values(ax: Any, values: NDArray[np.float64]) -> None:
    """Show the function, not how far a line or a polynomial runs away from it."""
    good = values[np.isfinite(values)]
    if good.size and good.max() > good.min():
        low, high = np.quantile(good, [0.01, 0.99])
        margin = 0.25 * (high - low)
        ax.set_ylim(low - margin, high + margin)


def _over(f: Callable[..., Any], xs: NDArray[np.float64]) -> NDArray[np.float64]:
    """f at each of xs, nan where it is not defined."""
    values = np.full(len(xs), np.nan)
    with np.errstate(all="ignore"):
        for k, x in enumerate(xs):
            try:
                values[k] = float(f(float(x)))
            except (ArithmeticError, ValueError, TypeError):  # a complex power among them
                continue
    return values


def _of_two(f: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """f and its gradient as functions of one array."""
    count = len(needed(f))
    if count == 2:
        pair = grad(f, argnums=(0, 1))
        return lambda p: f(float(p[0]), float(p[1])), lambda p: np.array(pair(float(p[0]), float(p[1])), dtype=float)
    if count > 2:
        raise ArgumentError.here(f"expected a function of two numbers or of one array, this one takes {count}")
    return f, grad(f)


def _imaginary(f: Callable[..., Any], x: float, h: float) -> float:
    """The complex step without its guards."""
    return float(f(complex(x, h)).imag / h)


def _error(rule: Callable[..., Any], f: Callable[..., Any], x: float, h: float | None, truth: float) -> float:
    """The distance of an estimate from the truth; nan where there is none."""
    with np.errstate(all="ignore"):
        try:
            estimate = rule(lift(f), x, h)
            return abs(float(getattr(estimate, "value", estimate)) - truth)
        except Exception:  # a function of real numbers only, or outside of its domain
            return math.nan


def _ranks(levels: NDArray[np.float64]) -> Any:
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(levels, 256)


def _cycle(count: int) -> list[str]:
    colors = [BLUE, ORANGE, GREEN, RED, "#cc79a7", "#56b4e9"]
    return [colors[k % len(colors)] for k in range(count)]


def _name(f: Any, of: str = "") -> str:
    name = getattr(f, "__name__", "f")
    name = name if name.isidentifier() else "f"
    return f"{name}({of})" if of else name


def __dir__() -> list[str]:
    return __all__
