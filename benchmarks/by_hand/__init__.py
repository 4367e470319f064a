"""The limit: C as one would write it by hand for one workload, its derivative worked out on paper."""

from __future__ import annotations

import ctypes
import functools
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

# -ffast-math lets the compiler sum in lanes and take exp and log of whole vectors from libmvec. It must not reach the
# linker: GCC would add code to the library that flushes subnormal numbers to zero in all of the process.
COMPILE = ["-O3", "-march=native", "-ffast-math", "-fPIC", "-c"]
WIDE = ["-mprefer-vector-width=512"] if platform.machine() == "x86_64" else []  # GCC stops at 256 bits by itself
LINK = ["-shared", "-lm"]


@functools.cache
def _library(name: str) -> ctypes.CDLL:
    compiler = shutil.which("cc")
    if compiler is None:
        raise ImportError("a C compiler named cc is needed for what is written by hand")
    with tempfile.TemporaryDirectory() as folder:
        source, code, library = Path(__file__).with_name(f"{name}.c"), f"{folder}/{name}.o", f"{folder}/{name}.so"
        subprocess.run([compiler, *COMPILE, *WIDE, str(source), "-o", code], check=True)
        subprocess.run([compiler, code, *LINK, "-o", library], check=True)
        return ctypes.CDLL(library)


def in_c(name: str, *arguments: Any) -> Callable[[], float]:
    """The function of `name`.c at these arguments, ready to be called again and again; it gives a double.

    arguments   ints for long, floats for double, contiguous float64 arrays for pointers to double

    Raises ImportError where there is no C compiler, TypeError for other arrays.
    """
    function = getattr(_library(name), name)
    function.restype = ctypes.c_double
    call = functools.partial(function, *map(_as_c, arguments))
    call.kept = arguments  # type: ignore[attr-defined]  # a pointer does not keep its array alive
    return call


def _as_c(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        if argument.dtype != float or not argument.flags.c_contiguous:
            raise TypeError(
                f"expected a contiguous float64 array, got {argument.dtype} with strides {argument.strides}"
            )
        return ctypes.c_void_p(argument.ctypes.data)
    return ctypes.c_long(argument) if isinstance(argument, int) else ctypes.c_double(argument)
