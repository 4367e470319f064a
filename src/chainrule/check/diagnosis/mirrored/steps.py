"""What the operations of PyTorch (ATen) and JAX (lax) compute, written with NumPy's functions, by their names there.

An operation is handed the shape of its result first, then its operands and settings as its library writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.ops import erf, log_softmax, logsumexp, sigmoid, softmax, softplus

Step = Callable[..., Any]


def _axes(dim: Any) -> Any:
    return None if dim is None or dim == [] else tuple(dim) if isinstance(dim, (list, tuple)) else dim


def _reduced(function: Callable[..., Any]) -> Step:
    """A reduction, as ATen's `x, dim, keepdim` and as lax's `x, axes=`."""

    def step(_: Any, x: Any, dim: Any = None, keepdim: bool = False, **settings: Any) -> Any:
        return function(x, axis=_axes(settings.get("axes", dim)), keepdims=keepdim)

    return step


def _extreme(function: Callable[..., Any]) -> Step:
    """ATen's `max` of one array, along an axis (with indices beside it), or of two."""

    def step(_: Any, x: Any, dim: Any = None, keepdim: bool = False, **settings: Any) -> Any:
        if isinstance(dim, int) and not isinstance(dim, bool):
            return function(x, axis=dim, keepdims=keepdim)
        if dim is None or isinstance(dim, list):
            return function(x, axis=_axes(settings.get("axes", dim)), keepdims=keepdim)
        return (np.maximum if function is np.max else np.minimum)(x, dim)

    return step


def _variance(_: Any, x: Any, dim: Any = None, correction: Any = 1, keepdim: bool = False) -> Any:
    return np.var(x, axis=_axes(dim), ddof=1 if correction is None else correction, keepdims=keepdim)


def _norm(_: Any, x: Any, order: Any = 2, dim: Any = None, keepdim: bool = False, **rest: Any) -> Any:
    if order != 2:
        raise NotImplementedError("norms but the Euclidean one")
    return np.sqrt(np.sum(x * x, axis=_axes(dim), keepdims=keepdim))


def _clamped(_: Any, x: Any, low: Any = None, high: Any = None) -> Any:
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _scaled(sign: int) -> Step:
    return lambda _, a, b, alpha=1: (
        a + b if sign * alpha == 1 else a - b if sign * alpha == -1 else a + sign * alpha * b
    )


def _sliced(_: Any, x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return x[(slice(None),) * (dim % np.ndim(x)) + (slice(start, end, step),)]


def _gelu(_: Any, x: Any, approximate: str = "none") -> Any:
    if approximate == "none":
        return 0.5 * x * (1 + erf(x / np.sqrt(2.0)))
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def _broadcast_in_dim(size: Any, x: Any, broadcast_dimensions: Any = (), **rest: Any) -> Any:
    spread = [1] * len(size)
    for axis, there in enumerate(broadcast_dimensions):
        spread[there] = np.shape(x)[axis]
    return np.broadcast_to(np.reshape(x, tuple(spread)), size)


def _dot_general(_: Any, a: Any, b: Any, dimension_numbers: Any = None, **rest: Any) -> Any:
    (of_a, of_b), (batch_a, batch_b) = dimension_numbers
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left, right = [next(letters) for _ in np.shape(a)], [next(letters) for _ in np.shape(b)]
    for i, j in zip((*of_a, *batch_a), (*of_b, *batch_b), strict=True):
        right[j] = left[i]
    both = [left[i] for i in batch_a]
    rest_a = [x for i, x in enumerate(left) if i not in (*of_a, *batch_a)]
    rest_b = [x for j, x in enumerate(right) if j not in (*of_b, *batch_b)]
    return np.einsum(f"{''.join(left)},{''.join(right)}->{''.join(both + rest_a + rest_b)}", a, b)


def _cut(_: Any, x: Any, start_indices: Any, limit_indices: Any, strides: Any = None) -> Any:
    steps = strides or (1,) * len(start_indices)
    return x[tuple(map(slice, start_indices, limit_indices, steps))]


STEPS: dict[str, Step] = {
    "add": _scaled(1), "sub": _scaled(-1), "rsub": lambda _, a, b, alpha=1: b - a, "mul": lambda _, a, b: a * b,
    "div": lambda _, a, b, rounding_mode=None: a / b, "neg": lambda _, a: -a, "reciprocal": lambda _, a: 1.0 / a,
    "pow": lambda _, a, b: a**b, "integer_pow": lambda _, a, y: a**y, "square": lambda _, a: a * a,
    "exp2": lambda _, a: 2.0**a, "rsqrt": lambda _, a: 1.0 / np.sqrt(a), "sigmoid": lambda _, a: sigmoid(a),
    "logistic": lambda _, a, **rest: sigmoid(a), "relu": lambda _, a: np.maximum(a, 0.0), "erf": lambda _, a: erf(a),
    "silu": lambda _, a: a * sigmoid(a), "gelu": _gelu, "softplus": lambda _, a: softplus(a),
    "leaky_relu": lambda _, a, slope=0.01: np.where(a > 0, a, slope * a), "atan": lambda _, a: np.arctan(a),
    "sum": _reduced(np.sum), "reduce_sum": _reduced(np.sum), "mean": _reduced(np.mean), "prod": _reduced(np.prod),
    "amax": _extreme(np.max), "amin": _extreme(np.min), "max": _extreme(np.max), "min": _extreme(np.min),
    "reduce_max": _reduced(np.max), "reduce_min": _reduced(np.min), "maximum": lambda _, a, b: np.maximum(a, b),
    "minimum": lambda _, a, b: np.minimum(a, b), "clamp": _clamped, "clamp_min": _clamped, "var": _variance,
    "std": lambda *args, **rest: np.sqrt(_variance(*args, **rest)), "linalg_vector_norm": _norm, "norm": _norm,
    "_softmax": lambda _, a, dim, half=False: softmax(a, axis=dim),
    "_log_softmax": lambda _, a, dim, half=False: log_softmax(a, axis=dim),
    "logsumexp": lambda _, a, dim, keepdim=False: logsumexp(a, axis=_axes(dim), keepdims=keepdim),
    "mm": lambda _, a, b: a @ b, "bmm": lambda _, a, b: a @ b, "mv": lambda _, a, b: a @ b,
    "dot": lambda _, a, b: a @ b,
    "addmm": lambda _, c, a, b: c + a @ b, "dot_general": _dot_general, "t": lambda _, a: np.transpose(a),
    "where": lambda _, mask, a, b: np.where(mask, a, b), "select_n": lambda _, mask, a, b: np.where(mask, b, a),
    "transpose": lambda _, a, i=None, j=None, permutation=None: (
        np.transpose(a, permutation) if i is None else np.swapaxes(a, i, j)
    ),
    "permute": lambda _, a, dims: np.transpose(a, dims),
    "expand": lambda size, a, *rest, **more: np.broadcast_to(a, size),
    "broadcast_in_dim": _broadcast_in_dim, "cat": lambda _, parts, dim=0: np.concatenate(parts, axis=dim),
    "stack": lambda _, parts, dim=0: np.stack(parts, axis=dim), "slice": _sliced, "static_slice": _cut,
    "concatenate": lambda _, *parts, dimension: np.concatenate(parts, axis=dimension),
    "select": lambda _, a, dim, index: a[(slice(None),) * (dim % np.ndim(a)) + (index,)],
    "index": lambda _, a, index: a[tuple(slice(None) if i is None else np.asarray(i) for i in index)],
    "cumsum": lambda _, a, dim=None, axis=None, **rest: np.cumsum(a, axis=dim if axis is None else axis),
    "unbind": lambda _, a, dim=0: [np.take(a, i, axis=dim) for i in range(np.shape(a)[dim])],
    "split": lambda _, a, size, dim=0: np.split(a, range(size, np.shape(a)[dim], size), axis=dim),
}  # fmt: skip
STEPS |= dict.fromkeys(
    ("view", "_unsafe_view", "reshape", "unsqueeze", "squeeze", "expand_dims", "_reshape_alias"),
    lambda size, a, *rest, **more: np.reshape(a, size),
)
STEPS |= dict.fromkeys(
    ("alias", "detach", "clone", "_to_copy", "lift_fresh", "convert_element_type", "copy", "stop_gradient"),
    lambda _, a, *rest, **more: a,
)


def step(name: str) -> Step:
    """What an operation computes. Raises NotImplementedError for one that is not known."""
    known = STEPS.get(name)
    if known is not None:
        return known
    function = getattr(np, name, None)
    if not isinstance(function, np.ufunc):
        raise NotImplementedError(f"no step is known for {name}")
    return lambda _, *operands, **rest: function(*operands)
