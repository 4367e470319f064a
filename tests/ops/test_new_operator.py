"""A new operator is one row: written at the foot of its family's file and named in `__all__`, it has every service."""

import subprocess
import sys

ROW = """
softsign = Elementwise(
    "softsign",
    (lambda y, x: square(reciprocal(1 + abs(x))),),
    body=lambda x: x * reciprocal(1 + abs(x)),
    kinks="none; the slope at 0 is 1",
    printed="{0} / (1 + abs({0}))",
)
__all__.append("softsign")
"""

SERVICES = '''
import importlib.machinery, tempfile
import numpy as np

Loader = importlib.machinery.SourceFileLoader
compiled = Loader.get_code

def with_row(self, name):
    if name != "chainrule.ops.hyperbolic":
        return compiled(self, name)
    return compile(self.get_data(self.path) + ROW.encode(), self.path, "exec")

Loader.get_code = with_row
import chainrule as cr
import mpmath, sympy

def f(x): return cr.softsign(x)
def total(x): return np.sum(cr.softsign(x) * x)

x = np.array([[-2.0, 0.5, 3.0]])
assert cr.softsign(3.0) == 0.75 and "softsign" in dir(cr) and cr.softsign.__doc__.startswith("softsign(x)")
assert cr.grad(f)(3.0) == 1 / 16 and cr.jvp(f, (3.0,), (1.0,))[1] == 1 / 16
assert abs(cr.hessian(f)(3.0) + 2 / 64) < 1e-15 and abs(cr.taylor(f, 3.0, 3).coefficients[3] - 1 / 256) < 1e-15
v = cr.Value(3.0); cr.softsign(v).backward(); assert v.grad == 1 / 16
np.testing.assert_allclose(cr.grad(total)(x), x / (1 + np.abs(x)) + x / (1 + np.abs(x)) ** 2)
assert cr.grad(total)(x.astype("f4")).dtype == np.float32 and cr.softsign(x.astype("f4")).dtype == np.float32
assert abs(cr.softsign(mpmath.mpf(3)) - mpmath.mpf(3) / 4) == 0
t = sympy.Symbol("t")
assert cr.softsign(t).subs(t, 3) == sympy.Rational(3, 4) and "x/(Abs(x) + 1)" in str(cr.derive(f))
assert "return x / (1 + abs(x))" in str(cr.source(f, 0.5))
for at in (0.5, x):
    written = cr.source(total, at).function()
    np.testing.assert_allclose(written(at), total(at), rtol=1e-12)
assert "softsign" in str(cr.draw(f, 0.5)) and "d(x / (1 + abs(x)))/dx = 0.444444" in str(cr.explain(f, 0.5))
assert "softsign" in cr.explore(f, 0.5).html
assert cr.check(f, cr.grad(f), 0.5)
g = cr.jit(cr.grad(total))
np.testing.assert_allclose(g(x), cr.grad(total)(x), rtol=1e-15)
from chainrule.jit.emit.rows import EMITTERS
assert "softsign" in EMITTERS
with tempfile.TemporaryDirectory() as folder:
    cr.export_c(g, folder + "/gradient.c")
from chainrule.ops.document import methods, page
assert "`softsign`" in page() and "softsign" in methods()
print("complete")
'''  # fmt: skip


def test_one_row_has_every_service():
    run = [sys.executable, "-c", f"ROW = {ROW!r}\n{SERVICES}"]
    out = subprocess.run(run, capture_output=True, text=True, timeout=120)
    assert out.stdout.splitlines()[-1:] == ["complete"], out.stderr
