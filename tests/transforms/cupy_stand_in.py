"""A library that answers to CuPy's name and protocols, computes with NumPy, and gives its numbers to nobody.

As CuPy's, its arrays meet NumPy's functions by `__array_ufunc__` and `__array_function__`, refuse NumPy's arrays beside
them, and raise where something would copy them to the host; `get()` alone does that.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import scipy.special


class ndarray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that lies where NumPy cannot read it."""

    def __init__(self, numbers):
        self._numbers, self.device = numbers, 0

    shape, dtype, ndim = (
        property(lambda x, name=name: getattr(x._numbers, name)) for name in ("shape", "dtype", "ndim")
    )

    def get(self):
        return self._numbers

    def __array__(self, *args, **settings):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        if any(not isinstance(x, ndarray | int | float | complex) for x in inputs):
            if any(isinstance(x, np.ndarray) for x in inputs):
                raise TypeError(f"Unsupported type {np.ndarray}")
            return NotImplemented
        return wrapped(getattr(ufunc, method))(*inputs, **settings)

    def __array_function__(self, function, types_, args, settings):
        if any(not issubclass(kind, ndarray) for kind in types_):
            return NotImplemented
        return wrapped(function)(*args, **settings)

    def __getattr__(self, name):
        found = getattr(self._numbers, name)
        return wrapped(found) if callable(found) else there(found)

    def __getitem__(self, index):
        return there(self._numbers[here(index)])

    def __setitem__(self, index, value):
        self._numbers[here(index)] = here(value)

    def __len__(self):
        return len(self._numbers)

    def __bool__(self):
        return bool(self._numbers)

    def __int__(self):
        return int(self._numbers)

    def __float__(self):
        return float(self._numbers)


def here(x):
    kind = type(x)
    return x._numbers if kind is ndarray else kind([here(v) for v in x]) if kind in (tuple, list) else x


def there(x):
    if isinstance(x, (np.ndarray, np.generic)):
        return ndarray(np.asarray(x))
    if isinstance(x, tuple) and any(isinstance(v, np.ndarray | np.generic) for v in x):
        parts = [there(v) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    return [there(v) for v in x] if isinstance(x, list) else x


def wrapped(function):
    def call(*args, **settings):
        return there(function(*here(args), **{k: here(v) for k, v in settings.items()}))

    if isinstance(function, np.ufunc):
        call.at = wrapped(function.at)
    return call


def module_of(name, original):
    made = types.ModuleType(name)
    for key, value in vars(original).items():
        if not key.startswith("_"):
            plain = isinstance(value, (type, types.ModuleType)) or not callable(value)
            setattr(made, key, value if plain else wrapped(value))
    return made


@contextmanager
def installed() -> Iterator[types.ModuleType]:
    """`cupy` for the time of a test, and the array API's layer above it."""
    cupy, cuda = module_of("cupy", np), types.ModuleType("cupy.cuda")
    cupy.ndarray, cupy.cuda = ndarray, cuda
    cuda.Device = lambda device=None: nullcontext()
    cuda.device = types.ModuleType("cupy.cuda.device")
    cuda.device.Device = object
    cupy.linalg, cupy.fft = module_of("cupy.linalg", np.linalg), module_of("cupy.fft", np.fft)
    special = module_of("cupyx.scipy.special", scipy.special)
    before = {name for name in sys.modules if name.startswith("array_api_compat.cupy")}
    new = {"cupy": cupy, "cupy.cuda": cuda, "cupy.cuda.device": cuda.device, "cupy.linalg": cupy.linalg,
           "cupy.fft": cupy.fft, "cupyx": types.ModuleType("cupyx"), "cupyx.scipy": types.ModuleType("cupyx.scipy"),
           "cupyx.scipy.special": special}  # fmt: skip
    sys.modules.update(new)
    try:
        yield cupy
    finally:
        made = [n for n in sys.modules if n.startswith("array_api_compat.cupy") and n not in before]
        for name in (*new, *made):
            del sys.modules[name]
