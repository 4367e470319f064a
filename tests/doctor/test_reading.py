"""Files as they are written, and what the doctor says of their lines."""

import textwrap

import pytest

from chainrule.doctor.examine import examine

BEGIN = """import math
import numpy as np
import numpy.linalg as la
from scipy import stats
import scipy.optimize as so
import scipy.special as sc
"""


def told(tmp_path, code, function="", name="model.py"):
    """(line of the code, kind, severity) of each finding."""
    file = tmp_path / name
    file.write_text(BEGIN + textwrap.dedent(code))
    found = examine(f"{file}:{function}" if function else str(file))
    return [(f.line - BEGIN.count("\n"), f.kind, f.severity) for f in found.findings]


LINES = {
    "so.milp(x)[0]": ("refused", "error"),
    "sc.ellip_normal(x[0], 8.0, 1, 1)": ("refused", "error"),
    "stats.norm.rvs(x[0])": ("refused", "error"),
    "math.nextafter(x[0], 1.0)": ("refused", "error"),
    "np.floor(x).sum()": ("constant", "warning"),
    "np.sign(x).sum()": ("constant", "warning"),
    "x[np.argmax(x)]": ("constant", "warning"),
    "float(x[0]) * 2": ("plain number", "error"),
    "int(x[0]) * 2": ("plain number", "warning"),
    "len(str(x[0])) * x[0]": ("plain number", "note"),
    "x.astype(int).sum()": ("constant", "note"),
    "x.tobytes()[0]": ("plain number", "error"),
    "x[0] if x[0] > 0 else -x[0]": ("branch", "note"),
    "np.matrix(x).sum()": ("subclass", "error"),
    "np.ma.array(x).sum()": ("subclass", "error"),
    "sum(x) | 1": ("refused", "error"),
}
SILENT = [
    "np.sin(x).sum()", "la.norm(x)", "stats.norm(0.0, x[0]).logpdf(x).sum()", "stats.norm.cdf(x).sum()", "x.dot(x)",
    "sc.gammaln(x).sum() + math.sin(x[0])", "x.shape[0] * x[0]", "np.zeros_like(x).sum() + len(x) * x[0]",
    "sum(float(k) * v for k, v in enumerate(x))", "x.astype(float).sum()", "np.where(x > 0, x, 0.0).sum()",
    "np.round(x, 2).sum() if x.ndim == 1 else x.sum()", "x[int(np.floor(2.5))]", "np.argmax([1.0, 2.0]) * x[0]",
]  # fmt: skip


@pytest.mark.parametrize("expression", LINES)
def test_one_line(tmp_path, expression):
    assert told(tmp_path, f"def f(x):\n    return {expression}\n") == [(2, *LINES[expression])]


@pytest.mark.parametrize("expression", SILENT)
def test_nothing_is_said_of_what_is_differentiated(tmp_path, expression):
    assert told(tmp_path, f"def f(x):\n    return {expression}\n") == []


@pytest.mark.parametrize("spelled", [
    "from scipy.optimize import milp\ndef f(x): return milp(x)",
    "import scipy.optimize\ndef f(x): return scipy.optimize.milp(x)",
    "r = so.milp\ndef f(x): return r(x)", "def f(x):\n    from scipy.optimize import milp as r; return r(x)",
    "from scipy.optimize import *\ndef f(x): return milp(x)", "f = lambda x: so.milp(x)",
    "def helper(p): return so.milp(p)\ndef f(x): return helper(2 * x)",
    "def f(x):\n    def inner(p): return so.milp(p)\n    return inner(x)",
    "class A:\n    def inner(self, p): return so.milp(p)\n    def f(self, x): return self.inner(x)",
    "def f(x): return [so.milp(v) for v in x]", "def f(x): return sum(map(lambda v: so.milp(v), x))",
    "def f(x):\n    ys = []\n    for v in x: ys.append(v)\n    return so.milp(ys)",
    "class A:\n    def __init__(self, w): self.w = w\n    def f(self): return so.milp(self.w)\n"
    "def g(w): return A(w).f()",
])  # fmt: skip
def test_names_and_helpers_are_followed(tmp_path, spelled):
    assert [kind for _, kind, _ in told(tmp_path, spelled + "\n")] == ["refused"]


def test_arrays_made_outside_are_not_written_into(tmp_path):
    code = """
    TABLE = np.zeros(3)
    def f(x):
        TABLE[0] = x[0]
        own = np.zeros(3)
        own[0] = x[0]
        whole = np.zeros(3, dtype=int)
        whole[0] = x[0]
        np.add(x, 1.0, out=TABLE)
        return TABLE.sum() + own.sum()
    def factory():
        kept = np.empty(2)
        def g(x):
            kept[0] = x[0]
            return kept.sum()
        return g
    """
    assert [line for line, kind, _ in told(tmp_path, code, "f") if kind == "in-place"] == [4, 8, 9]


def test_what_the_file_differentiates_is_read_and_nothing_else(tmp_path):
    code = """
    import chainrule as cr
    def loss(w, k):
        return so.milp(w)[0] + so.milp(k)[0]
    def other(x):
        return so.milp(x)
    if __name__ == "__main__":
        print(cr.grad(loss)(np.ones(3), np.ones(2)))
    """
    assert told(tmp_path, code) == [(4, "refused", "error")]


def test_other_libraries(tmp_path):
    code = """
    import cv2
    from numba import njit
    import pandas as pd
    import matplotlib.pyplot as plt
    @njit
    def fast(v):
        return v * 2
    def f(image):
        plt.plot(image)
        a = cv2.blur(image, (3, 3))
        return fast(image) + pd.Series(image).mean()
    """
    found = told(tmp_path, code, "f")
    assert [(line, kind) for line, kind, _ in found] == [(11, "library"), (12, "library"), (12, "library")]


def test_modules_of_the_same_project(tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "parts.py").write_text("import scipy.optimize as so\ndef part(v):\n    return so.milp(v)\n")
    (package / "main.py").write_text("from .parts import part\nfrom . import parts\ndef f(x):\n    return part(x)\n")
    found = examine(str(package / "main.py") + ":f").findings
    assert [(f.file.rpartition("/")[2], f.line, f.kind) for f in found] == [("parts.py", 3, "refused")]
