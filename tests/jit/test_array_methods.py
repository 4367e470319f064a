"""Methods of arrays inside a jitted function take what they take in NumPy, and answer what they answer there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainruleError

X = np.array([[0.3, 1.2, 2.5], [1.7, -0.4, 0.9]])
_AXES = ("1", "axis=0", "None")
_REDUCED = ["sum", "mean", "prod", "max", "min", "std", "var"]
CALLS = [
    *(f"x.{name}({axis}{more})" for name in _REDUCED for axis in _AXES for more in ("", ", keepdims=True")),
    *(f"x.{name}({a})" for name in ("cumsum", "cumprod", "argmax", "argmin", "argsort", "any", "all") for a in _AXES),
    *(f"x.{name}({order!r})" for name in ("ravel", "flatten", "copy") for order in "CFAK"),
    *(f"x.{name}(1, dtype=float)" for name in ("sum", "mean", "prod", "cumsum")),
    "x.sum(0, None, None, True)", "x.max(initial=2.0)", "x.mean(where=x > 0)", "x.std(1, ddof=1)", "x.take([0, 4])",
    "x.take([0, 1], 1)", "x.take([5, -9], mode='clip')", "x.repeat(2, 0)", "x.repeat([1, 2], axis=0)", "x.clip(min=1)",
    "x.clip(0, 1)", "x.clip([0, 1, 2], None)", "x.dot([1, 2, 3])", "x.squeeze()", "x[None].squeeze(0)", "x.trace(1)",
    "x.swapaxes(0, 1)", "x.diagonal(1)", "x.reshape(3, 2)", "x.reshape((3, -1), order='F')", "x.transpose(1, 0)",
    "x.transpose()", "x.round(1)", "x.flat[4]", "x.item(4)", "x.item(1, 2)", "x[0].item(2)", "x[:1, :1].item()",
    "x.real", "x.imag", "x.conj()", "x.conjugate()", "x.astype(float)", "x.ravel().searchsorted(1.0)",
    "x.nonzero()[0]",
    "(x.sort(), x)[1]", "(x.sort(0), x)[1]", "np.logical_and.reduce(x > 0) * x",
    "np.logical_or.reduce(x > 1, axis=None)",
    "np.logical_and.reduce(x > -1, 1)", "np.logical_xor.reduce(x > 0) * x", "np.logical_and.accumulate(x > 0) * x",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_method_answers_as_numpys_or_is_refused(call: str) -> None:
    f: Any = eval(f"lambda x: {call}", {"np": np})
    want = f(X.copy())
    try:
        got = cr.jit(f)(X.copy())
    except ChainruleError:
        assert any(refused in call for refused in ("sort()", "sort(0)", "'A'", "'K'", "xor", "accumulate", "mode")), (
            call
        )
        return
    assert np.shape(got) == np.shape(want)
    np.testing.assert_allclose(got, want)


def test_a_number_has_parts_as_pythons_do() -> None:
    number: Any = cr.jit(lambda x: x.real + x.imag + x.conjugate())(0.7)
    assert number == 1.4
