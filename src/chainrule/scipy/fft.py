"""`scipy.fft` in lifted functions: the transforms that NumPy has too, those of cosines and sines, and Hankel's.

A transform of cosines or sines is one linear row, scaled afterwards; the row's adjoint is the same row or that of the
other kind, with the weights of the ends exchanged (Makhoul, IEEE Trans. Acoust. Speech Signal Process. 28, 1980).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft

from chainrule import ops
from chainrule.carriers.complexes.elementary import conj
from chainrule.carriers.complexes.fourier import RULES as NUMPYS
from chainrule.carriers.complexes.number import Complex, parts
from chainrule.carriers.gate import complex_number, holds
from chainrule.errors import ShapeError, at_user_line
from chainrule.numbers import Number, ndim, shape
from chainrule.ops.kinds import Linear
from chainrule.ops.registry import SPECIAL
from chainrule.ops.row import applied
from chainrule.ops.shape import normal_axis
from chainrule.scipy.called import number
from chainrule.scipy.rows import no_partial

Rule = Callable[..., Any]

TRANSPOSED = {1: 1, 2: 3, 3: 2, 4: 4}
"""The type whose matrix is the transpose of another's, but for the weights of the ends."""


def _kernel(x: Any, *, kind: str, type: int, axis: int) -> Any:
    return getattr(scipy.fft, kind)(x, type, axis=axis, orthogonalize=False)


def _adjoint(i: int, ct: Number, x: Number, *, kind: str, type: int, axis: int) -> Number:
    """Type 1 of cosines is C D with a symmetric C and D = diag(1, 2, ..., 2, 1); types 2 and 3 are 2 C and C' D; type 1
    of sines and types 4 are symmetric. Each share is D applied before or after."""
    before, after = 1.0, 1.0
    if kind == "dct":
        if type == 1:
            before, after = 2.0, 0.5
        else:
            before, after = (2.0 if type == 2 else 1.0), (0.5 if type == 3 else 1.0)
        ends = (0, -1) if type == 1 else (0,)
    else:
        before, after = (2.0 if type == 2 else 1.0), (0.5 if type == 3 else 1.0)
        ends = (-1,)
    ct = _weighted(ct, axis, ends, before)
    y = applied(waves, (ct,), {"kind": kind, "type": TRANSPOSED[type], "axis": axis})
    return _weighted(y, axis, ends, after)


def _weighted(x: Any, axis: int, ends: tuple[int, ...], weight: float) -> Any:
    """`x` with the elements at the ends of an axis multiplied by a weight."""
    if weight == 1.0:
        return x
    weights = np.ones(shape(x)[axis], getattr(x, "dtype", float))
    for k in {k % len(weights) for k in ends}:
        weights[k] = weight
    return x * weights.reshape([-1 if k == axis else 1 for k in range(ndim(x))])


waves: Linear = Linear(
    "scipy.fft.waves",
    _adjoint,
    wider=lambda xs, kind, type, axis: {"kind": kind, "type": type, "axis": axis + 1},
    kernels={"numpy": _kernel},
    mixes=True,
    public=False,
    table=SPECIAL,
    source="the transposed matrix of cosines or sines",
)
"""A discrete cosine (`kind` "dct") or sine ("dst") transform of a type along an axis, not scaled."""


def _of_waves(name: str, x: Any, type: int, n: int | None, axis: int, norm: Any, orthogonalize: Any) -> Any:
    inverse, kind = name.startswith("i"), name.removeprefix("i")[:3]
    re, im = parts(x)
    if im is not None:
        y, z = (_of_waves(name, v, type, n, axis, norm, orthogonalize) for v in (re, im))
        return Complex(y, z)
    axis = normal_axis(axis, ndim(x))
    have = shape(x)[axis]
    n = have if n is None else int(n)
    least = 2 if kind == "dct" and type == 1 else 1
    if type not in TRANSPOSED:
        raise ValueError(f"{type} is not a valid type of a {kind}: 1, 2, 3 or 4")
    if norm not in (None, "backward", "ortho", "forward"):
        raise ValueError(f'Invalid norm value {norm!r}; should be "backward", "ortho" or "forward"')
    if n < least:
        raise ShapeError.here(f"scipy.fft.{name}: expected {least} or more elements along axis {axis}, got {n}")
    if n < have:
        x = x[(slice(None),) * axis + (slice(0, n),)]
    elif n > have:
        x = ops.pad(x, [(0, n - have) if k == axis else (0, 0) for k in range(ndim(x))])
    orthogonal = norm == "ortho" if orthogonalize is None else bool(orthogonalize)
    used = TRANSPOSED[type] if inverse else type
    root = math.sqrt(2.0)
    ends = (-1,) if kind == "dst" else (0, -1) if used == 1 else (0,)
    if orthogonal and (used == 3 or (used == 1 and kind == "dct")):
        x = _weighted(x, axis, ends, root)
    y = applied(waves, (x,), {"kind": kind, "type": used, "axis": axis})
    if orthogonal and (used == 2 or (used == 1 and kind == "dct")):
        y = _weighted(y, axis, ends, 1 / root)
    length = 2 * (n if used != 1 else n - 1 if kind == "dct" else n + 1)
    if norm == "ortho":
        return y / math.sqrt(length)
    return y / length if (norm == "forward") != inverse else y


def _one(name: str) -> Rule:
    def transform(
        x: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: Any = None, orthogonalize: Any = None
    ) -> Any:
        return _of_waves(name, x, type, n, axis, norm, orthogonalize)

    return transform


def _several(name: str) -> Rule:
    def transform(
        x: Any, type: int = 2, s: Any = None, axes: Any = None, norm: Any = None, orthogonalize: Any = None
    ) -> Any:
        lengths = None if s is None else [s] if np.ndim(s) == 0 else list(s)
        if axes is None:
            axes = range(ndim(x)) if lengths is None else range(ndim(x) - len(lengths), ndim(x))
        axes = [axes] if np.ndim(axes) == 0 else list(axes)
        if lengths is not None and len(lengths) != len(axes):
            raise ValueError("when given, axes and shape arguments have to be of the same length")
        for k, axis in enumerate(axes):
            x = _of_waves(name, x, type, None if lengths is None else lengths[k], axis, norm, orthogonalize)
        return x

    return transform


_SWAPPED = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def _hfftn(x: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    return NUMPYS[np.fft.irfftn](conj(x), s, axes, _SWAPPED.get(norm, norm))


def _ihfftn(x: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    return conj(NUMPYS[np.fft.rfftn](x, s, axes, _SWAPPED.get(norm, norm)))


def _hankel(name: str, a: Any, dln: Any, mu: Any, offset: Any, bias: Any) -> Any:
    """Linear in the samples along the last axis: SciPy's transform of the identity is its matrix."""
    for argument, x in (("dln", dln), ("mu", mu), ("offset", offset), ("bias", bias)):
        if holds([x]):
            raise no_partial(f"scipy.fft.{name}", argument)
    a = number(a)
    return a @ getattr(scipy.fft, name)(np.eye(shape(a)[-1]), dln, mu, offset=offset, bias=bias)


def _lines(rule: Rule) -> Rule:
    return lambda x, n=None, axis=-1, norm=None: rule(x, n, axis, norm)


def _blocks(rule: Rule, axes: Any = None) -> Rule:
    return lambda x, s=None, axes=axes, norm=None: rule(x, s, axes, norm)


def _transforms() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        found[name] = _lines(NUMPYS[getattr(np.fft, name)])
    for name in ("fft", "ifft", "rfft", "irfft"):
        found[name + "n"] = _blocks(NUMPYS[getattr(np.fft, name + "n")])
    found |= {"hfftn": _blocks(_hfftn), "ihfftn": _blocks(_ihfftn)}
    found |= {name[:-1] + "2": _blocks(found[name], (-2, -1)) for name in [*found] if name.endswith("n")}
    found |= {name: _real(name, rule) for name, rule in found.items() if name[:2] in ("rf", "ih")}
    return found


def _real(name: str, rule: Rule) -> Rule:
    @functools.wraps(rule)
    def transform(x: Any, *args: Any, **settings: Any) -> Any:
        if complex_number(x):
            raise TypeError(at_user_line(f"scipy.fft.{name} takes real numbers, got complex ones"))
        return rule(x, *args, **settings)

    return transform


RULES: dict[str, Rule] = {
    **_transforms(),
    "fftshift": lambda x, axes=None: NUMPYS[np.fft.fftshift](x, axes),
    "ifftshift": lambda x, axes=None: NUMPYS[np.fft.ifftshift](x, axes),
    **{name: _one(name) for name in ("dct", "idct", "dst", "idst")},
    **{name: _several(name) for name in ("dctn", "idctn", "dstn", "idstn")},
    "fht": lambda a, dln, mu, offset=0.0, bias=0.0: _hankel("fht", a, dln, mu, offset, bias),
    "ifht": lambda A, dln, mu, offset=0.0, bias=0.0: _hankel("ifht", A, dln, mu, offset, bias),
}
