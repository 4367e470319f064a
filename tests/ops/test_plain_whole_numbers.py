"""Public functions of plain arrays of whole numbers and booleans: what NumPy's function of the name gives, or, where it
has none, what the same numbers as floats give. Small and unsigned types neither wrap nor round in between."""

import inspect
import os

import numpy as np
import pytest

import chainrule as cr
from chainrule.ops.row import Operator

LINE, MATRIX = np.array([1, 2, 4, 3]), np.array([[3, 1], [1, 2]])
KINDS = ("uint8", "bool", *(("int8", "uint64", "int64") if os.environ.get("CHAINRULE_TESTS") == "all" else ()))
NARROWER = {"cross", "take", "tril", "triu"}
"""Of fewer shapes, or indices, than NumPy's: those are refused."""


def functions():
    for name in sorted(dir(cr)):
        f = getattr(cr, name)
        ours = isinstance(f, Operator) or (getattr(f, "__module__", None) or "").startswith("chainrule.ops")
        if callable(f) and not inspect.isclass(f) and ours and name != "where":
            yield name, f


def of_numpy(name):
    return getattr(np, name, None) or getattr(np.linalg, name, None)


def outcome(f, args):
    """A result, or None where there is none: of another number of arguments, of another shape."""
    try:
        return f(*args)
    except Exception:
        return None


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_as_numpy_or_as_floats(kind):
    compared = 0
    for name, f in functions():
        known = of_numpy(name)
        for a in (LINE[:3], MATRIX):
            for args in ((a.astype(kind),), (a.astype(kind), a[::-1].astype(kind))):
                if isinstance(known, np.ufunc) and len(args) != known.nin:
                    continue  # NumPy writes into the next one
                expected = outcome(known, args) if known else outcome(f, [x.astype(float) for x in args])
                if not isinstance(expected, (np.ndarray, np.generic, float)):
                    continue
                found = outcome(f, args)
                if found is None and name in NARROWER:
                    continue
                assert found is not None, (name, a.shape)
                if not isinstance(found, (np.ndarray, np.generic, float)):
                    continue
                assert np.shape(found) == np.shape(expected), name
                same = np.allclose(np.asarray(found, complex), expected, rtol=1e-12, atol=1e-15, equal_nan=True)
                assert same, (name, a.shape, found, expected)
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("kind", ["uint8", "bool"])
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp", "sigmoid", "softplus", "norm", "std", "var"])
def test_of_many_examples(name, kind):
    f, rows = getattr(cr, name), np.array([[1, 2, 4], [0, 1, 2]]).astype(kind)
    np.testing.assert_allclose(cr.vmap(f)(rows), np.stack([f(row.astype(float)) for row in rows]), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_places_and_values_of_lines(kind):
    x, places = np.array([0.7, 1.5, 2.2]), np.array([0, 1, 3]).astype(kind)
    if kind != "bool":
        for f in (lambda x, c: np.interp(x, c, [1.0, 5.0, 2.0]), lambda x, c: np.interp(x, [0.0, 1.0, 3.0], c[::-1])):
            value, slope = cr.vjp(lambda x, f=f: f(x, places), x)
            np.testing.assert_array_equal(value, f(x, places))
            expected = cr.numeric.gradient(lambda x, f=f: np.sum(f(x, places)), x).value
            np.testing.assert_allclose(slope(np.ones(3))[0], expected)
    width = cr.grad(lambda x: np.trapezoid(x, places))(x)
    np.testing.assert_allclose(width, cr.numeric.gradient(lambda x: np.trapezoid(x, places), x).value)
