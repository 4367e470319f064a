"""Every function of NumPy's, and method of arrays, that gives a view of an array: what is written to the array later is
seen through it, in every mode, or it is refused. Which ones do is asked of NumPy itself."""

import inspect
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainruleError

X = np.arange(1.0, 10.0).reshape(3, 3) / 4.0
ARGUMENTS = (
    (), (0,), (1,), (2,), (0, 1), (0, -1), ((3, 3),), ((9,),), ((2, 3, 3),), ((2, 2),), ((1, 0),), ([1, 2],), (None,),
    (float,), ([0, 1], [1, 0]), ([0, 0], [0]),
)  # fmt: skip
SETTINGS = ({}, {"copy": False}, {"axis": 1}, {"strides": (24, 8), "shape": (2, 2)})
TEXTS = ("ij->ji", "ii->i", "ij", "...j->j...")
SPACES = (np, np.linalg, np.lib.stride_tricks, np.lib.array_utils)
APART = {"nditer", "broadcast", "flatiter", "ndenumerate", "may_share_memory", "shares_memory", "asmatrix"}
APART |= {
    "save",
    "savez",
    "savez_compressed",
    "savetxt",
    "info",
    "busday_offset",
    "show_runtime",
    "show_config",
    "test",
    "tofile",
    "dump",
    "source",
}


def calls():
    """Ways to write a call with an array, by their text."""
    for space in SPACES:
        for name in sorted(set(dir(space)) - APART):
            function = getattr(space, name)
            if name[0] == "_" or inspect.isclass(function) or not callable(function):
                continue
            for args in ARGUMENTS:
                for settings in SETTINGS:
                    yield (
                        f"{space.__name__}.{name}",
                        args,
                        settings,
                        lambda y, f=function, a=args, s=settings: f(y, *a, **s),
                    )
    for text in TEXTS:
        yield "numpy.einsum", (text,), {}, lambda y, t=text: np.einsum(t, y)
    for name in sorted(n for n in dir(np.ndarray) if n[0] != "_" and n not in APART):
        for args in ARGUMENTS:
            for settings in SETTINGS[:3]:
                call = lambda y, n=name, a=args, s=settings: called(getattr(y, n), a, s)
                yield f".{name}", args, settings, call


def called(method, args, settings):
    return method(*args, **settings) if callable(method) else method


def parts(z):
    return z if isinstance(z, (list, tuple)) else [z]


def shares(call):
    y = X.copy()
    try:
        with np.errstate(all="ignore"):
            z = parts(call(y))
    except Exception:
        return False
    arrays = all(isinstance(part, np.ndarray) and part.dtype == float and part.ndim for part in z)
    return arrays and np.array_equal(y, X) and any(np.may_share_memory(part, y) for part in z)


@pytest.fixture(scope="module")
def views():
    found, seen = {}, set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, args, settings, call in calls():
            key = name, *settings
            if key not in seen and shares(call):
                seen.add(key)
                found[f"{name}(y, *{args}, **{settings})"] = call
    return found


def written_later(call):
    def f(x):
        y = x * 1.0
        z = parts(call(y))
        y[...] = y * y
        y[1, 1] = x[0, 0] * 5.0
        return sum(np.sum(part * part) for part in z)

    return f


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
def test_views_see_what_is_written_later(views):
    assert len(views) > 50
    wrong, agreeing = {}, 0
    for name, call in views.items():
        f = written_later(call)
        plain = f(X)
        step = 1e-3 * np.cos(np.arange(9.0)).reshape(3, 3)
        slope = (8.0 * (f(X + step) - f(X - step)) - (f(X + 2 * step) - f(X - 2 * step))) / 12.0
        try:
            value, gradient = cr.value_and_grad(f)(X)
            forward = cr.jvp(f, (X,), (step,))
            batch = cr.vmap(f)(np.stack([X, X]))
        except (ChainruleError, AttributeError, TypeError):
            continue
        agreeing += 1
        found = value, np.sum(gradient * step), *forward, batch[1]
        if not np.allclose(found, (plain, slope, plain, slope, plain), rtol=1e-8):
            wrong[name] = found, plain, slope
    assert not wrong
    assert agreeing > 45


def test_views_see_what_is_written_later_in_machine_code(views):
    kept = {}
    for name, call in views.items():
        try:
            cr.jvp(written_later(call), (X,), (X,))
        except (ChainruleError, AttributeError, TypeError):
            continue
        kept[name] = written_later(call)

    def every(x):
        return np.stack([f(x) for f in kept.values()])

    found = dict(zip(kept, cr.jit(every)(X), strict=True))
    assert not {name: value for name, value in found.items() if not np.isclose(value, kept[name](X))}


GENERATORS = {
    "Generator": lambda y: np.random.default_rng(3).shuffle(y),
    "Generator, columns": lambda y: np.random.default_rng(3).shuffle(y, axis=1),
    "Generator, a view": lambda y: np.random.default_rng(3).shuffle(y[1:]),
    "RandomState": lambda y: np.random.RandomState(3).shuffle(y),
    "Generator.permuted": lambda y: np.random.default_rng(3).permuted(y, axis=1, out=y),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_rows_are_shuffled_as_numpys(name):
    def f(x):
        y = x * 1.0
        GENERATORS[name](y)
        return np.sum(y * y * np.arange(9.0).reshape(3, 3))

    try:
        value, gradient = cr.value_and_grad(f)(X)
    except ChainruleError:
        return
    assert value == f(X)
    y = np.arange(9.0).reshape(3, 3)
    GENERATORS[name](y)
    np.testing.assert_array_equal(gradient, 2.0 * X * np.argsort(y, axis=None).reshape(3, 3))
    assert cr.jvp(f, (X,), (X,)) == pytest.approx((value, 2.0 * value))


DRAWS = {
    "random": lambda rng, y: rng.random(out=y),
    "random, by place": lambda rng, y: rng.random(None, np.float64, y),
    "standard_normal": lambda rng, y: rng.standard_normal(out=y),
    "standard_exponential": lambda rng, y: rng.standard_exponential(out=y, method="inv"),
    "standard_gamma": lambda rng, y: rng.standard_gamma(2.0, out=y),
    "into a view": lambda rng, y: rng.random(out=y[1:]),
}


@pytest.mark.parametrize("name", DRAWS)
def test_what_is_drawn_is_assigned(name):
    draw = DRAWS[name]

    def f(x):
        y = x * 2.0
        draw(np.random.default_rng(3), y)
        return np.sum(y * x)

    value, gradient = cr.value_and_grad(f)(X)
    assert value == f(X)
    y, slope = X * 2.0, np.zeros_like(X)
    draw(np.random.default_rng(3), y)
    slope[y == X * 2.0] = 2.0
    np.testing.assert_array_equal(gradient, y + slope * X)
    assert cr.jvp(f, (X,), (X,)) == pytest.approx((value, np.sum(gradient * X)))
