"""Linear systems in continuous time, in lifted functions: `lsim`, `impulse`, `step`, by what drives them and by what
they are made of; and `istft`, the signal of overlapping spectra."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from chainrule import ops
from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_setting, refuse_where
from chainrule.errors import ArgumentError
from chainrule.numbers import shape
from chainrule.scipy import fft as transforms
from chainrule.scipy.called import number
from chainrule.scipy.linalg import expm
from chainrule.scipy.signals.spectra import normalize, zpk2tf
from chainrule.signatures import by_name


def _state_space(system: Any) -> tuple[Any, Any, Any, Any]:
    """A, B, C, D of a system that is given as SciPy takes it."""
    if isinstance(system, scipy.signal.lti):
        found = system.to_ss()
        return found.A, found.B, found.C, found.D
    if len(system) == 3:
        system = zpk2tf(*system)
    if len(system) == 4:
        a, b, c, d = (number(x) for x in system)
        n, inputs, outputs = shape(a)[0], shape(b)[-1], shape(c)[0]
        return a, ops.reshape(b, (n, inputs)), c, ops.broadcast_to(d, (outputs, inputs))
    if len(system) != 2:
        raise ArgumentError.here(
            "expected a system of 2, 3 or 4 parts: (num, den), (zeros, poles, gain), or (A, B, C, D)"
        )
    top, bottom = normalize(*system)
    n, missing = shape(bottom)[0] - 1, shape(bottom)[0] - shape(top)[0]
    top = ops.concatenate([np.zeros(missing), top]) if missing else top
    a = ops.concatenate([ops.reshape(-bottom[1:], (1, n)), np.eye(n - 1, n)])
    row = ops.reshape(top[1:] - top[0] * bottom[1:], (1, n))
    return a, np.eye(n, 1), row, ops.reshape(top[0], (1, 1))


def _squeezed(x: Any) -> Any:
    return ops.reshape(x, tuple(n for n in shape(x) if n != 1))


def lsim(system: Any, U: Any, T: Any, X0: Any = None, interp: bool = True) -> Any:
    """By the exponential of the system and of what drives it, which is constant or straight within each step."""
    refuse_where("scipy.signal.lsim", T=holds([T]))
    a, b, c, d = _state_space(system)
    times = np.atleast_1d(np.asarray(T, float))
    n, inputs, count = shape(a)[0], shape(b)[1], len(times)
    u = np.zeros((count, inputs)) if U is None or (not holds([U]) and np.ndim(U) == 0 and U == 0) else number(U)
    u = ops.reshape(u, (count, inputs))
    x = np.zeros(n) if X0 is None else ops.reshape(number(X0), (n,))
    if times[0] > 0:
        x = expm(a * times[0]) @ x
    dt = times[1] - times[0] if count > 1 else 0.0
    if not np.allclose(np.diff(times), dt):
        raise ArgumentError.here("expected equally spaced times T")
    size = n + (2 if interp else 1) * inputs
    top = ops.concatenate([a * dt, b * dt, np.zeros((n, size - n - inputs))], 1)
    below = np.zeros((size - n, size))
    if interp:
        below[:inputs, n + inputs :] = np.eye(inputs)
    e = expm(ops.concatenate([top, below]))
    now, grown = e[:n, n : n + inputs], e[:n, n + inputs :]
    driven = u[:-1] @ ops.transpose(now)
    if interp:
        driven = driven + (u[1:] - u[:-1]) @ ops.transpose(grown)
    states, forward = [x], e[:n, :n]
    for k in range(count - 1):
        states.append(forward @ states[-1] + driven[k])
    path = ops.stack(states)
    return times, _squeezed(path @ ops.transpose(c)) + _squeezed(u @ ops.transpose(d)), _squeezed(path)


def _times(name: str, system: Any, T: Any, N: Any) -> Any:
    if T is not None:
        return T
    parts = _state_space(system)
    if holds(parts):
        raise no_setting(f"scipy.signal.{name}", ["T"], " (SciPy's own times move with the system: give T)")
    return scipy.signal.impulse(scipy.signal.lti(*parts), N=N)[0]


def impulse(system: Any, X0: Any = None, T: Any = None, N: Any = None) -> Any:
    a, b, c, d = _state_space(system)
    start = ops.reshape(b, (-1,)) if X0 is None else ops.reshape(b, (-1,)) + number(X0)
    return lsim((a, b, c, d), None, _times("impulse", system, T, N), start, False)[:2]


def step(system: Any, X0: Any = None, T: Any = None, N: Any = None) -> Any:
    times = _times("step", system, T, N)
    return lsim(system, np.ones(len(times)), times, X0, False)[:2]


def istft(
    Zxx: Any, fs: float = 1.0, window: Any = "hann_periodic", nperseg: Any = None, noverlap: Any = None,
    nfft: Any = None, input_onesided: bool = True, boundary: bool = True, time_axis: int = -1, freq_axis: int = -2,
    scaling: str = "spectrum",
) -> Any:  # fmt: skip
    """Each sample is the sum over the parts that it lies in, over that of the squares of their windows."""
    if not input_onesided or (time_axis, freq_axis) != (-1, -2) or scaling not in ("spectrum", "psd"):
        given = "input_onesided" if not input_onesided else "scaling" if time_axis == -1 else "time_axis"
        raise no_setting("scipy.signal.istft", [given])
    z = Zxx if isinstance(Zxx, Complex) else number(Zxx)
    bins, parts = shape(z)[-2:]
    whole = 2 * (bins - 1)
    size = whole if nperseg is None else int(nperseg)
    length = int(nfft) if nfft is not None else size if size == whole + 1 else whole
    hop = size - (size // 2 if noverlap is None else int(noverlap))
    w = np.asarray(window, float) if isinstance(window, (list, np.ndarray)) else scipy.signal.get_window(window, size)
    scale = np.sum(w) if scaling == "spectrum" else np.sqrt(fs * np.sum(w**2))
    pieces = ops.swapaxes(transforms.RULES["irfft"](z, n=length, axis=-2), -1, -2)[..., :size] * (w * scale)
    place, total, weight = np.arange(size + (parts - 1) * hop), 0.0, 0.0
    if boundary:
        place = place[size // 2 : -(size // 2)]
    for back in range(-(-size // hop)):
        part = place // hop - back
        offset = place - part * hop
        inside = (part >= 0) & (part < parts) & (offset < size)
        part, offset = np.clip(part, 0, parts - 1), np.clip(offset, 0, size - 1)
        total = total + pieces[..., part, offset] * inside
        weight = weight + w[offset] ** 2 * inside
    found = total / np.where(weight > 1e-10, weight, 1.0)
    return np.arange(shape(found)[0]) / fs, found


RULES = by_name(lsim, impulse, step, istft)
