"""Rows of the operator table: discrete Fourier transforms.

A complex number is two real ones here, along a last axis of length 2. The transform of x along an axis of n elements
is y_k = sum over j of x_j e^(sign * 2 pi i jk / n), without a factor; its adjoint is that of the other sign.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.numbers import Number
from chainrule.ops.index import getitem
from chainrule.ops.kinds import Linear
from chainrule.ops.row import applied


def _kernel(x: Any, *, axes: tuple[int, ...], sign: int, real: bool) -> Any:
    z = x if real else np.ascontiguousarray(x).view(np.result_type(x.dtype, np.complex64))[..., 0]
    y = np.fft.fftn(z, axes=axes) if sign < 0 else np.fft.ifftn(z, axes=axes, norm="forward")
    return np.ascontiguousarray(y).view(y.real.dtype).reshape((*y.shape, 2))


def _kernel_of(xp: Any) -> Any:
    """The transform by a namespace of the array API that has its extension for Fourier transforms."""

    def compute(x: Any, *, axes: tuple[int, ...], sign: int, real: bool) -> Any:
        z = x + 0j if real else x[..., 0] + x[..., 1] * 1j
        y = xp.fft.fftn(z, axes=axes) if sign < 0 else xp.fft.ifftn(z, axes=axes, norm="forward")
        return xp.stack([xp.real(y), xp.imag(y)], axis=-1)

    return compute


def _adjoint(i: int, ct: Number, x: Number, *, axes: tuple[int, ...], sign: int, real: bool) -> Number:
    back = applied(fourier, (ct,), {"axes": axes, "sign": -sign, "real": False})
    return getitem(back, (..., 0)) if real else back


fourier: Linear = Linear(
    "fourier",
    _adjoint,
    wider=lambda xs, axes, sign, real: {"axes": tuple([k + 1 for k in axes]), "sign": sign, "real": real},
    kernels={"numpy": _kernel, "array": _kernel_of},
    mixes=True,
    public=False,
    source="sum_k Re(conj(c_k) sum_j x_j w_jk) = sum_j Re(conj(sum_k c_k conj(w_jk)) x_j)",
)
"""The transform along some axes, counted from the front. Where the operand is `real` it has no axis of two parts."""
