"""Every public function and class of SciPy's modules, called with what is differentiated in plausible ways: it has a
derivative, or an error of ours says its name and the line of the call.

Every third of the names; with CHAINRULE_EVERY_POINT=1 in the environment all.
"""

import importlib
import os
import warnings

import numpy as np
import pytest

import chainrule as cr

EVERY = bool(os.environ.get("CHAINRULE_EVERY_POINT"))
STRIDE = 1 if EVERY else 3
MODULES = (
    "cluster.hierarchy", "cluster.vq", "differentiate", "fft", "integrate", "interpolate", "linalg", "ndimage",
    "signal", "signal.windows", "sparse.csgraph", "sparse.linalg", "spatial", "spatial.distance", "spatial.transform",
)  # fmt: skip
LEFT_OUT = {
    "distance_transform_cdt": "reads memory that is not its own, given a plain vector and a number",
    "set_backend": "changes what SciPy computes with", "set_global_backend": "the same", "register_backend": "the same",
    "set_workers": "the same", "use_solver": "the same", "xp_copy": "not of this module", "deque": "the same",
    "partial": "the same", "array_namespace": "the same", "dendrogram": "draws", "cubature": "takes long",
    "rel_entr": "of scipy.special", "norm": "of NumPy", "AAA": "takes long",
    "max_len_seq": "takes long", "estimate_rank": "random",
}  # fmt: skip
VECTOR = np.array([0.3, 1.1, 1.9, 2.4, 3.2, 4.5])
MATRIX = np.array([[2.0, 0.3, 0.12], [0.31, 1.5, 0.2], [0.1, 0.22, 1.8]])
POINTS = np.cos(np.arange(16.0) ** 2).reshape(8, 2)
CALLS = {
    "vector": (lambda f, x: f(x), VECTOR),
    "matrix": (lambda f, x: f(x), MATRIX),
    "points": (lambda f, x: f(x), POINTS),
    "first of two": (lambda f, x: f(x, np.cos(VECTOR)), VECTOR),
    "second of two": (lambda f, x: f(VECTOR, x), np.cos(VECTOR)),
    "with a matrix": (lambda f, x: f(MATRIX, x), VECTOR[:3]),
    "with a count": (lambda f, x: f(x, 2), VECTOR),
}


def numbers(y):
    """The arrays of floats in what a function gives."""
    if isinstance(y, (tuple, list)):
        return [x for part in y for x in numbers(part)]
    floats = isinstance(y, float) or (isinstance(y, np.ndarray) and y.dtype.kind in "fc")
    return [np.asarray(y)] if floats else []


def differentiated(y):
    if isinstance(y, (tuple, list)):
        return any(map(differentiated, y))
    return isinstance(y, cr.Value) or type(y).__module__.startswith("chainrule")


def said(name, f, call, x):
    """What is wrong with the call, or None."""
    found = []

    def total(v):
        found.append(call(f, v))
        return np.sum(v)

    try:
        plain = call(f, x)
        moved = call(f, x * 1.0001 + 1e-5)
    except Exception:
        return None  # no such call
    try:
        cr.grad(total)(x)
    except cr.ChainruleError as error:
        text = str(error)
        if name.lower() not in text.lower() or "site-packages" in text or "test_public_names.py" not in text:
            return text
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    pairs = zip(numbers(plain), numbers(moved), strict=False)
    depends = any(a.shape != b.shape or not np.allclose(a, b, 1e-14, 0, equal_nan=True) for a, b in pairs)
    return "a plain number" if depends and not differentiated(found[0]) else None


@pytest.mark.parametrize("module", MODULES)
def test_named_or_right(module):
    public = importlib.import_module(f"scipy.{module}")
    names = [n for n in sorted(dir(public)) if not n.startswith("_") and n not in LEFT_OUT]
    wrong = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name in names[::STRIDE]:
            f = getattr(public, name)
            if not callable(f) or (isinstance(f, type) and issubclass(f, BaseException)):
                continue
            for how, (call, x) in CALLS.items():
                if text := said(name, f, call, x):
                    wrong[f"{name}, {how}"] = text
                    break
    assert not wrong


def test_what_stands_for_a_function_says_whether_it_refuses():
    from scipy import special, stats

    from chainrule.scipy.lifted import replacement

    assert [replacement(f).refuses for f in (special.assoc_laguerre, stats.kendalltau)] == [True, True]
    assert [replacement(f).refuses for f in (special.logsumexp, stats.zscore)] == [False, False]
