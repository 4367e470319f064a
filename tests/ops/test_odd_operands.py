"""A wrong operand is an exception, whatever it is and wherever it arrives: no signal ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr

PROGRAM = Path(__file__).with_name("odd_operands.py")
SHARES = 8


@pytest.mark.parametrize("share", range(SHARES))
def test_odd_operands_raise(share: int) -> None:
    run = subprocess.run(
        [sys.executable, str(PROGRAM), str(share), str(SHARES)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    calls, end, strange = run.stdout.partition("the end ")
    assert run.returncode == 0, f"{run.returncode} at {calls.splitlines()[-1:]}\n{run.stderr[-2000:]}"
    assert end
    assert strange.startswith("0"), strange
    assert calls.count("\n") > 5000


@pytest.mark.parametrize(
    "call",
    [
        "cr.diag([1.0, 2.0])",
        "cr.diag(2.0)",
        "np.diag(cr.Value(2.0))",
        "cr.grad(lambda x: np.convolve(x, [1.0, -1.0]).sum())(np.arange(4.0))",
        "cr.grad(lambda x: np.sum(np.convolve(x, 2.0)))(np.ones(3))",
        "cr.grad(lambda x: np.sum(np.diag(x)))(3.0)",
        "cr.jit(lambda x: np.convolve(x, [1.0, 2.0]))(np.ones(3))",
    ],
)
def test_a_call_that_ended_the_process(call: str) -> None:
    raised = "(TypeError, ValueError, IndexError)"
    program = f"import numpy as np, chainrule as cr\ntry: print({call})\nexcept {raised} as e: print(e)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_rows_with_an_infinite_element_warn_nobody(dtype):
    """Masked attention is full of them."""
    x = np.array([[1.0, -np.inf, 2.0], [-np.inf, 0.5, -np.inf]], dtype)
    for f in (cr.softmax, cr.log_softmax, lambda x, axis: cr.logsumexp(x, axis=axis)):
        slope = cr.grad(lambda x, f=f: (np.maximum(f(x, axis=-1), -9.0) * 2).sum())(x)
        assert np.isfinite(slope).all()
    np.testing.assert_array_equal(cr.softmax(x, axis=-1)[1], [0, 1, 0])
