"""Mathematical functions that machine code can call: the C library's, for one number or for a vector of them."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import platform
import re
import sys

import numpy as np
from numpy.typing import DTypeLike

from chainrule.jit.run import machine

UNARY = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "tanh", "asinh", "acosh", "atanh", "cbrt", "erf", "erfc", "lgamma", "tgamma", "fabs", "sqrt", "floor",
    "ceil", "trunc", "rint",
)  # fmt: skip
BINARY = ("pow", "atan2", "hypot", "fmod", "copysign", "nextafter", "fmin", "fmax")
ARITY = dict.fromkeys(UNARY, 1) | dict.fromkeys(BINARY, 2)

_OF_NUMBERS = re.compile(r"^declare (double|float) @(\w+)\(((?:\1(?:, )?)+)\)$", re.MULTILINE)
_DTYPES = {"double": "float64", "float": "float32"}

_NONE = float("inf")  # there is no such variant
# The largest error, in units of the last place, of one number and of vectors: seen at 9000 points for each of both
# types and all widths with glibc 2.36, against 200 bits, and rounded up to the next half.
ERROR = {
    "exp": (1.0, 2.5), "exp2": (1.0, 2.0), "expm1": (1.0, 2.5), "log": (1.0, 4.0), "log2": (1.0, 2.5),
    "log10": (2.0, 2.5), "log1p": (1.0, 2.0), "sin": (1.0, 3.5), "cos": (1.0, 3.5), "tan": (1.0, 3.0),
    "asin": (1.0, 3.0), "acos": (1.0, 2.0), "atan": (1.0, 2.0), "sinh": (2.0, 2.0), "cosh": (1.5, 2.0),
    "tanh": (2.5, 2.5), "asinh": (2.0, 2.0), "acosh": (2.0, 3.0), "atanh": (2.0, 2.0), "cbrt": (3.0, 3.0),
    "erf": (1.0, 4.0), "erfc": (3.0, 1.5), "lgamma": (2.5, _NONE), "tgamma": (5.0, _NONE), "pow": (1.0, 1.5),
    "atan2": (1.5, 3.0), "hypot": (1.0, 2.0),
}  # fmt: skip

# The vector function ABI (x86: "Vector Function ABI", H. J. Lu et al.; Arm: "Vector Function ABI
# Specification for AArch64") names a variant _ZGV<isa>N<lanes><one v for each operand>_<scalar name>.
# bytes of a vector: (letter of the instruction set, feature that it needs)
_X86 = {16: ("b", "sse4.2"), 32: ("d", "avx2"), 64: ("e", "avx512f")}
_ARM = {16: ("n", "neon")}


def scalar(name: str, dtype: DTypeLike) -> str | None:
    """The symbol of the C function `name` for one number of that type, ready to be declared and called; None where
    the C library has none.

    >>> scalar("exp", "float32")
    'expf'
    """
    if name not in ARITY:
        return None
    symbol = name + _suffix(dtype)
    return symbol if _registered(symbol, _c_library()) else None


def vector(name: str, dtype: DTypeLike, lanes: int) -> str | None:
    """The symbol of a variant of the C function `name` that takes and returns vectors of `lanes` numbers, ready to be
    declared and called; None where there is none: then call `scalar` for each lane.

    They come from glibc's libmvec: on x86 since glibc 2.22 (exp, log, sin, cos, pow) and 2.35 (most others), on Arm
    since 2.38. Their error is below 4 ulp.
    """
    if name not in ARITY:
        return None
    bits = _variants().get(lanes * np.dtype(dtype).itemsize)
    if bits is None:
        return None
    letter, feature = bits
    symbol = f"_ZGV{letter}N{lanes}{'v' * ARITY[name]}_{name}{_suffix(dtype)}"
    return symbol if machine.host().has(feature) and _registered(symbol, _vector_library()) else None


def with_vector_variants(code: str) -> str:
    """LLVM's code in which the C functions of single numbers have their variants for vectors, so that a loop that calls
    them can compute several iterations at a time."""
    used: dict[str, str] = {}

    def declared(found: re.Match[str]) -> str:
        kind, symbol, operands = found.groups()
        dtype, count = _DTYPES[kind], len(operands.split(","))
        name = symbol.removesuffix(_suffix(dtype)) if kind == "float" else symbol
        variants = []
        for lanes in (2, 4, 8, 16):
            of_vectors = vector(name, dtype, lanes) if ARITY.get(name) == count else None
            if of_vectors is not None:
                whole = f"<{lanes} x {kind}>"
                used[of_vectors] = f"declare {whole} @{of_vectors}({', '.join([whole] * count)})"
                variants.append(f"_ZGV_LLVM_N{lanes}{'v' * count}_{symbol}({of_vectors})")
        if not variants:
            return found[0]
        known = f'"vector-function-abi-variant"="{",".join(variants)}"'
        return f"{found[0]} nounwind willreturn memory(none) {known}"

    code = _OF_NUMBERS.sub(declared, code)
    if not used:
        return code
    kept = f"@llvm.compiler.used = appending global [{len(used)} x ptr] [{', '.join(f'ptr @{n}' for n in used)}]"
    return "\n".join([*used.values(), f'{kept}, section "llvm.metadata"', code])


def widest(dtype: DTypeLike) -> int:
    """How many numbers of that type the widest vectors of this machine hold.

    >>> widest("float32") == 2 * widest("float64")
    True
    """
    widths = [size for size, (_, feature) in _variants().items() if machine.host().has(feature)]
    return max(widths, default=16) // np.dtype(dtype).itemsize


def _suffix(dtype: DTypeLike) -> str:
    return {"float64": "", "float32": "f"}[np.dtype(dtype).name]


def _variants() -> dict[int, tuple[str, str]]:
    kind = platform.machine().lower()
    return _X86 if kind in ("x86_64", "amd64") else _ARM if kind in ("aarch64", "arm64") else {}


def _registered(symbol: str, library: ctypes.CDLL | None) -> bool:
    """Whether the library has the symbol; then LLVM knows its address from now on."""
    function = getattr(library, symbol, None)
    if function is None:
        return False
    address = ctypes.cast(function, ctypes.c_void_p).value
    machine.binding().add_symbol(symbol, address)
    return True


@functools.lru_cache(maxsize=1)
def _c_library() -> ctypes.CDLL | None:
    """The mathematical part of the C library: of its own on Linux, in the process elsewhere."""
    if sys.platform == "win32":
        return _opened("ucrtbase")
    return _opened(ctypes.util.find_library("m")) or ctypes.CDLL(None)


@functools.lru_cache(maxsize=1)
def _vector_library() -> ctypes.CDLL | None:
    return _opened("libmvec.so.1") if sys.platform == "linux" else None


def _opened(name: str | None) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name) if name else None
    except OSError:
        return None
