"""Every way to read an array that was written to, under every transform: what NumPy reads."""

import copy
import warnings

import numpy as np
import pytest

import chainrule as cr

X = np.array([1.0, 2.0, 3.0, 4.0])
ROWS = np.stack([X, 2 * X])
ONES = np.ones(4)


def _in_place(y):
    part = y[2:]
    part *= y[0] * 3


def _buffer(x):
    y = np.zeros(4)
    y[:] = x
    return y


MAKERS = {
    "product": lambda x: x * 1.0,
    "joined": lambda x: np.array([x[0], x[1], x[2], x[3]]),
    "buffer": _buffer,
}
WRITES = {
    "element": lambda y: y.__setitem__(3, y[0] * 8),
    "view": lambda y: y[::-1].__setitem__(slice(0, 1), y[0] * 8),
    "in place": _in_place,
}
READS = {
    "copy": lambda y: y.copy(),
    "np.copy": np.copy,
    "np.array": np.array,
    "asarray": np.asarray,
    "astype": lambda y: y.astype(float),
    "no copy": lambda y: y.astype(float, copy=False),
    "float32": lambda y: y.astype(np.float32),
    "int": lambda y: y.astype(int) * y,
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "view": lambda y: y.view(),
    "flat": lambda y: y.flat[:],
    "flatten": lambda y: y.flatten(),
    "list": lambda y: np.array(list(y)),
    "tolist": lambda y: sum(y.tolist()),
    "item": lambda y: y[3:].item(),
    "item at": lambda y: y.reshape(2, 2).item((1, 1)),
    "compress": lambda y: y.compress([True, False, False, True]),
    "view as": lambda y: y.view(np.ndarray),
    "layout": lambda y: y * y.itemsize,
    "elements": lambda y: np.stack([y[i] for i in range(len(y))]),
    "method": lambda y: y.sum(),
    "operator": lambda y: 2 * y,
    "product": lambda y: y @ y,
    "unpacked": lambda y: (lambda a, b, c, d: d * 1)(*y),
    "fancy": lambda y: y[[3, 0]],
    "ordered": lambda y: y[np.argsort(y)],
    "argmax": lambda y: y[np.argmax(y)],
    "where": lambda y: np.where(y > 5, y, 0),
    "concatenate": lambda y: np.concatenate([y, y]),
    "full": lambda y: np.full(4, y),
    "median": np.median,
    "in an operator": lambda y: np.add.outer(y, y),
}
ASKS = {
    "length one": lambda y: y[0] if y[3:] > 5 else y[1],
    "any": lambda y: y[2] if np.any(y > 7.5) else y[1],
    "mask": lambda y: y[y > 5].sum(),
    "allclose": lambda y: y[0] if np.allclose(y[3], 8) else y[1],
    "whole number": lambda y: np.arange(int(y[3])) * 1.0 + y[0],
}
TRANSFORMS = {
    "jvp": lambda f: cr.jvp(f, (X,), (ONES,))[0],
    "vjp": lambda f: cr.vjp(f, X)[0],
    "vjp of jvp": lambda f: cr.vjp(lambda x: cr.jvp(f, (x,), (ONES,))[0], X)[0],
    "jit": lambda f: cr.jit(f)(X),
    "vmap": lambda f: cr.vmap(f)(ROWS)[0],
    "vmap of vjp": lambda f: cr.vmap(lambda x: cr.vjp(f, x)[0])(ROWS)[0],
}


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("read", READS | ASKS)
def test_reads_see_what_was_written(read, transform):
    if read in ASKS and transform.startswith("vmap"):
        pytest.skip("asks for one example")
    reads, run = (READS | ASKS)[read], TRANSFORMS[transform]
    for make in MAKERS.values():
        for write in WRITES.values():

            def f(x, make=make, write=write):
                y = make(x)
                view = y.reshape(2, 2)
                write(y)
                return reads(y) + 0 * view[1, 1]

            with warnings.catch_warnings():
                warnings.simplefilter("ignore", cr.errors.VmapWarning)
                np.testing.assert_allclose(run(f), f(X), rtol=1e-12)


def _element(i):
    i[0] = 3


def _through_view(i):
    i[::-1][0] = 0


def _by_mask(i):
    i[i > 2] = 0


def _shifted(i):
    i += 1
    i %= 4


PLACES = [_element, _through_view, _by_mask, _shifted]
INDICES = {
    "argsort": np.argsort,
    "rounded": lambda x: np.round(x).astype(int) - 1,
    "mask": lambda x: x > 1.5,
    "counts": lambda x: np.cumsum(x > 1.5),
}
USES = {
    "read": lambda x, i: x[i],
    "computed with": lambda x, i: x * i,
    "written at": lambda x, i: _written(x, i),
    "taken": lambda x, i: np.where(i, x, 0.0) if i.dtype == bool else np.take(x, i),
}


def _written(x, i):
    y = x * 1.0
    y[i] = 7.0 * x[0]
    return y


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("use", USES)
def test_places_that_were_written_to(use, transform):
    point, turned = np.array([3.0, 1.0, 2.0, 4.0]), np.array([4.0, 2.0, 3.0, 1.0])
    run = {
        "jit": lambda f: (lambda compiled: (compiled(point), compiled(turned)))(cr.jit(f)),
        "vmap": lambda f: cr.vmap(f)(np.stack([point, turned])),
        "vmap of vjp": lambda f: cr.vmap(lambda x: cr.vjp(f, x)[0])(np.stack([point, turned])),
        "vjp": lambda f: [cr.vjp(f, x)[0] for x in (point, turned)],
        "jvp": lambda f: [cr.jvp(f, (x,), (ONES,))[0] for x in (point, turned)],
        "vjp of jvp": lambda f: [cr.vjp(lambda x: cr.jvp(f, (x,), (ONES,))[0], x)[0] for x in (point, turned)],
    }[transform]
    for make in INDICES.values():
        for change in PLACES:
            if make(point).dtype == bool and change is _shifted:
                continue

            def f(x, make=make, change=change):
                i = make(x)
                change(i)
                return USES[use](x, i)

            try:
                expected = f(point), f(turned)
            except (IndexError, TypeError):
                continue  # NumPy has no such program
            if np.shape(expected[0]) != np.shape(expected[1]) and "vmap" in transform:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", cr.errors.VmapWarning)
                found = run(f)
            for x, y in zip(found, expected, strict=True):
                np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("change", PLACES)
def test_source_of_places_that_were_written_to(change):
    def f(x):
        i = np.round(x).astype(int) - 1
        change(i)
        return x[i]

    point = np.array([3.0, 1.0, 2.0, 4.0])
    np.testing.assert_array_equal(cr.source(f, point).function()(point), f(point))


def _put(y, i, v):
    np.put(y, i, v)


def _crossed(y, i, v):
    rows = y.reshape(2, 2)
    rows[np.ix_(i % 2, [1])] = v[0]


def _along(y, i, v):
    np.put_along_axis(y, i, v, 0)


AT_PLACES = {
    "a number": lambda y, i, v: y.__setitem__(i, v[0]),
    "one plain": lambda y, i, v: y.__setitem__(i, 0.5),
    "numbers": lambda y, i, v: y.__setitem__(i, v[: len(i)]),
    "put": lambda y, i, v: _put(y, i, v[: len(i)]),
    "along": lambda y, i, v: _along(y, i, v[: len(i)]),
    "added": lambda y, i, v: np.add.at(y, i, v[: len(i)]),
    "crossed": _crossed,
}
COMPUTED = {
    "all": np.argsort,
    "some": lambda x: np.argsort(x)[:2],
    "twice": lambda x: np.argsort(x) // 2,
    "from behind": lambda x: -1 - np.argsort(x)[:3],
}


@pytest.mark.parametrize("places", COMPUTED)
@pytest.mark.parametrize("write", AT_PLACES)
def test_writes_at_computed_places(write, places):
    def f(x):
        y = x * 1.0
        AT_PLACES[write](y, COMPUTED[places](x), x * x[::-1])
        return y

    points = np.array([3.1, 1.2, 2.3, 4.1]), np.array([1.1, 4.2, 3.3, 2.4])
    compiled, slopes = cr.jit(f), cr.jit(cr.jacobian(f))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cr.errors.VmapWarning)
        many = cr.vmap(f)(np.stack(points))
    for x, row in zip(points, many, strict=True):
        np.testing.assert_allclose(compiled(x), f(x), rtol=1e-14)
        np.testing.assert_allclose(row, f(x), rtol=1e-14)
        differences = np.stack([(f(x + 1e-6 * e) - f(x - 1e-6 * e)) / 2e-6 for e in np.eye(4)], -1)
        np.testing.assert_allclose(slopes(x), differences, atol=1e-8)
        np.testing.assert_allclose(cr.jacobian(f)(x), differences, atol=1e-8)
