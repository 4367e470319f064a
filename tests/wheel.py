"""What a wheel is tried with when it has been built: the installed package, compiled.

`python tests/wheel.py` outside of the sources ends with 0 where the engine is compiled and answers rightly.
"""

import math
import subprocess
import sys
import tempfile

import numpy as np

import chainrule as cr

assert "compiled: " in str(cr.info()), "the wheel has no compiled engine"
slope = math.exp(-0.5) * (math.cos(0.5) - math.sin(0.5))
assert math.isclose(cr.grad(lambda x: math.exp(-x) * math.sin(x))(0.5), slope, rel_tol=1e-15)
assert np.array_equal(cr.grad(lambda x: np.sum(x**2))(np.arange(3.0)), [0.0, 2.0, 4.0])
assert np.array_equal(cr.hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0])), [[10.0, 6.0], [6.0, 0.0]])
assert cr.check(math.sin, math.cos, at=1.0).verdict is cr.Verdict.CORRECT
with tempfile.TemporaryDirectory() as folder:
    said = subprocess.run(
        [sys.executable, "-m", "chainrule", "info"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("chainrule "), said.stdout
print("the wheel works")
