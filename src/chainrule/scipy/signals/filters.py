"""`scipy.signal` in lifted functions: convolutions, and filters as the recurrences that they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.signal

from chainrule import ops
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.refusals import no_setting
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import primal, shape
from chainrule.scipy.called import number
from chainrule.scipy.linalg import conjugate
from chainrule.signatures import by_name

Rule = Callable[..., Any]


def _full(a: Any, b: Any) -> Any:
    """The whole convolution over all axes: the shorter one is walked through."""
    if np.prod(shape(a)) < np.prod(shape(b)):
        a, b = b, a
    total: Any = 0.0
    size = [m + n - 1 for m, n in zip(shape(a), shape(b), strict=True)]
    for place in np.ndindex(*shape(b)):
        room = [(k, whole - k - n) for k, whole, n in zip(place, size, shape(a), strict=True)]
        total = total + ops.pad(a, room) * b[place]
    return total


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    a, b = number(in1), number(in2)
    whole = FUNCTIONS[np.convolve](a, b) if len(shape(a)) == len(shape(b)) == 1 else _full(a, b)
    if mode == "full":
        return whole
    if mode == "same":
        return _centred(whole, shape(a))
    if any(n > m for m, n in zip(shape(a), shape(b), strict=True)):
        a, b = b, a
    return _centred(whole, [m - n + 1 for m, n in zip(shape(a), shape(b), strict=True)])


def _centred(x: Any, size: Any) -> Any:
    return x[tuple(slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(shape(x), size, strict=True))]


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Any:
    a, b = number(in1), number(in2)
    if axes is None:
        return convolve(a, b, mode)
    along = {k % len(shape(a)) for k in ([axes] if np.ndim(axes) == 0 else axes)}
    if len(along) != 1 or len(shape(a)) != len(shape(b)):
        raise no_setting("scipy.signal.fftconvolve", ["axes"], " (its derivative is known along one axis)")
    (axis,) = along
    a, b = ops.moveaxis(a, axis, 0), ops.moveaxis(b, axis, 0)
    if shape(a)[0] < shape(b)[0] and mode == "valid":
        a, b = b, a
    n, m = shape(a)[0], shape(b)[0]
    total: Any = 0.0
    for k in range(m):
        total = total + ops.pad(a, [(k, m - 1 - k)] + [(0, 0)] * (len(shape(a)) - 1)) * b[k : k + 1]
    kept = {"full": slice(None), "same": slice((m - 1) // 2, (m - 1) // 2 + n), "valid": slice(m - 1, n)}[mode]
    return ops.moveaxis(total[kept], 0, axis)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    return convolve(in1, conjugate(ops.flip(number(in2))), mode)


def _in_one_length(b: Any, a: Any) -> tuple[Any, Any, int]:
    """The coefficients of a filter, divided by the first of a; the shorter of them goes on with zeros."""
    b, a = ops.ravel(number(b)), ops.ravel(number(a))
    count = max(shape(a)[0], shape(b)[0])
    return *(ops.concatenate([c, np.zeros(count - shape(c)[0])]) / a[0] for c in (b, a)), count


def lfilter(b: Any, a: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    """a[0] y[n] = sum b[k] x[n-k] - sum a[k] y[n-k], one step after the other (transposed direct form, as SciPy's)."""
    (b, a, count), x = _in_one_length(b, a), ops.moveaxis(number(x), axis, 0)
    numerator, denominator = [b[k] for k in range(count)], [a[k] for k in range(count)]
    rest = shape(x)[1:]
    if zi is None:
        state: list[Any] = [np.zeros(rest)] * (count - 1)
    else:
        start = ops.moveaxis(number(zi), axis, 0)
        state = [start[k] for k in range(count - 1)]
    results = []
    for n in range(shape(x)[0]):
        now = x[n]
        y = numerator[0] * now + (state[0] if state else 0.0)
        state = [
            numerator[k + 1] * now - denominator[k + 1] * y + (state[k + 1] if k + 2 < count else 0.0)
            for k in range(count - 1)
        ]
        results.append(y)
    found = ops.moveaxis(ops.stack(results), 0, axis)
    return found if zi is None else (found, ops.moveaxis(ops.stack(state), 0, axis))


def sosfilt(sos: Any, x: Any, axis: int = -1, zi: Any = None) -> Any:
    sos, states = number(sos), []
    start = None if zi is None else number(zi)
    for k in range(shape(sos)[0]):
        if start is None:
            x = lfilter(sos[k, :3], sos[k, 3:], x, axis)
        else:
            x, state = lfilter(sos[k, :3], sos[k, 3:], x, axis, start[k])
            states.append(state)
    return x if start is None else (x, ops.stack(states))


def lfilter_zi(b: Any, a: Any) -> Any:
    """The state of a filter in which a constant 1 goes on as it is: the solution of z = A z + B."""
    b, a, count = _in_one_length(b, a)
    up = np.eye(count - 1, k=1)
    first = np.zeros((count - 1, count - 1))
    first[:, 0] = 1.0
    return ops.solve(np.eye(count - 1) - up + first * a[1:, None], b[1:] - a[1:] * b[0])


def filtfilt(
    b: Any,
    a: Any,
    x: Any,
    axis: int = -1,
    padtype: Any = "odd",
    padlen: Any = None,
    method: str = "pad",
    irlen: Any = None,
) -> Any:
    if method != "pad" or padtype not in ("odd", "even", "constant", None):
        raise UnsupportedFunction.here("scipy.signal.filtfilt: its derivative is known for method='pad'")
    x = ops.moveaxis(number(x), axis, 0)
    taps = max(np.size(primal(number(a))), np.size(primal(number(b))))
    edge = 0 if padtype is None else 3 * taps if padlen is None else padlen
    if shape(x)[0] <= edge:
        scipy.signal.filtfilt(primal(number(b)), primal(number(a)), primal(x), 0, padtype, padlen)  # raises

    def beyond(end: Any, part: Any) -> Any:
        """What lies beyond an end, of the part that is turned over there."""
        return 2 * end - part if padtype == "odd" else end + 0 * part if padtype == "constant" else part

    left, right = ops.flip(x[1 : edge + 1], 0), ops.flip(x[-edge - 1 : -1], 0)
    longer = ops.concatenate([beyond(x[:1], left), x, beyond(x[-1:], right)]) if edge else x
    start = lfilter_zi(b, a)
    start = ops.reshape(start, (*shape(start), *(1,) * (len(shape(x)) - 1)))
    forth, _ = lfilter(b, a, longer, 0, start * longer[:1])
    back, _ = lfilter(b, a, ops.flip(forth, 0), 0, start * forth[-1:])
    found = ops.flip(back, 0)
    return ops.moveaxis(found[edge : shape(found)[0] - edge] if edge else found, 0, axis)


def savgol_filter(
    x: Any, window_length: int, polyorder: int, deriv: int = 0, delta: float = 1.0, axis: int = -1,
    mode: str = "interp", cval: float = 0.0,
) -> Any:  # fmt: skip
    """Linear in x: SciPy's own filter of the columns of the identity is its matrix."""
    x = ops.moveaxis(number(x), axis, 0)
    matrix = scipy.signal.savgol_filter(
        np.eye(shape(x)[0]), window_length, polyorder, deriv, delta, 0, mode, 0.0 if mode == "constant" else cval
    )
    if mode == "constant" and cval:
        raise UnsupportedFunction.here("scipy.signal.savgol_filter: its derivative is known for cval=0")
    return ops.moveaxis(ops.tensordot(matrix, x, 1), 0, axis)


def detrend(data: Any, axis: int = -1, type: str = "linear", bp: Any = 0, overwrite_data: bool = False) -> Any:
    x = ops.moveaxis(number(data), axis, 0)
    matrix = scipy.signal.detrend(np.eye(shape(x)[0]), 0, type, bp)
    return ops.moveaxis(ops.tensordot(matrix, x, 1), 0, axis)


RULES: dict[str, Rule] = by_name(
    convolve, fftconvolve, correlate, lfilter, lfilter_zi, sosfilt, filtfilt, savgol_filter, detrend,
)  # fmt: skip
RULES |= {"oaconvolve": fftconvolve}
