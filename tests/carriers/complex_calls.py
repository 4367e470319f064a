"""Calls of NumPy's functions with complex operands, one for each function that has a rule."""

from __future__ import annotations

import numpy as np

from benchmarks import coverage
from chainrule.carriers.functions.rules import FUNCTIONS
from chainrule.carriers.gate import COMPLEX, full_name
from chainrule.carriers.numpy import UFUNCS

X, Y = np.array([0.31 + 0.2j, 0.62 - 0.4j, 0.87 + 0.9j]), np.array([0.4 - 0.1j, 1.3 + 0.3j, 0.7 + 0.5j])
A = coverage.MATRIX + 1j * np.array([[0.1, 0.7, -0.3], [0.2, -0.6, 0.4], [0.9, 0.1, 0.3]])
B = A.T + 0.3
POINTS = {"x": X, "A": A, "S": A @ A.conj().T + np.eye(3), "T": coverage.POINTS["T"] * (1 + 0.5j)}
TYPES = {"np.result_type", "np.common_type", "np.min_scalar_type", "np.can_cast"}
CALLS = {
    "astype": "np.astype(x, complex)",
    "fft.irfft": "np.fft.irfft(x, 5)",
    "fft.hfft": "np.fft.hfft(x, norm='ortho')",
    "fft.fft2": "np.fft.fft2(A, (4, 2), norm='forward')",
    "fft.irfft2": "np.fft.irfft2(A)",
    "fft.irfftn": "np.fft.irfftn(T, (2, 4), (0, 1))",
    "fft.ifftn": "np.fft.ifftn(T, axes=(0, 2))",
    "correlate": "np.correlate(x, y, 'full')",
    "linalg.eigh": "np.linalg.eigh(A)[0]",
    "linalg.svd": "np.linalg.svd(A)[1]",
    "linalg.norm": "np.linalg.norm(A, axis=0)",
}


def function_of(call: str, at: str, kinds: str):
    """The call as a function, with complex ("c") or real ("r") operands: that differentiated by, and the others."""
    y, b = (Y, B) if kinds[1] == "c" else (Y.real.copy(), B.real.copy())
    return eval(f"lambda {at}: {call}", {"np": np, "y": y, "B": b, "x": X, "A": A})


def call_of(name: str) -> tuple[str, str] | None:
    """A call that NumPy takes, and the argument that carries a derivative."""
    given = CALLS.get(name, coverage.CALLS.get(name))
    for text in (given,) if given else coverage.USUAL_CALLS:
        call = text.format(f"np.{name}")
        at = next((a for a in POINTS if f"({a}" in call or f", {a}" in call or f"[{a}" in call), "x")
        try:
            function_of(call, at, "cc")(POINTS[at].copy())
        except Exception:
            continue
        return call, at
    return None


def name_of(function) -> str:
    return function.__name__ if isinstance(function, np.ufunc) else full_name(function)[3:]


TAKEN = sorted({name_of(f) for f in COMPLEX if full_name(f) not in TYPES})
"""The functions that take complex numbers."""
OTHERS = sorted({name_of(f) for f in (*FUNCTIONS, *UFUNCS) if f not in COMPLEX} - {"ix_"})  # whose are places


def leaves(y):
    return [leaf for part in y for leaf in leaves(part)] if isinstance(y, (tuple, list)) else [y]


def is_number(y) -> bool:
    return np.asarray(y).dtype.kind in "fc"
