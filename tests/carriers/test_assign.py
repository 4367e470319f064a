"""Arrays that are assigned to: random programs against NumPy and differences, in every mode."""

import os

import numpy as np
import pytest
from carriers.assignments import POINT, Program, slopes

import chainrule as cr
from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.recording import order
from chainrule.transforms.recorded import record

SEEDS = range(int(os.environ.get("CHAINRULE_ASSIGNMENTS", "240")))
DIRECTION = np.array([1.0, -0.5, 0.25, 2.0])


def reverse(f):
    return cr.value_and_grad(f)(POINT)


def forward(f):
    return cr.jvp(f, (POINT,), (DIRECTION,))


def taylor(f):
    value, (slope, *_) = cr.jet(f, (POINT,), ((DIRECTION, np.zeros(4)),))
    return value, slope


def compiled(f):
    return cr.jit(cr.value_and_grad(f))(POINT)


def second(f):
    return f(POINT.copy()), cr.jvp(cr.grad(f), (POINT,), (DIRECTION,))[1]


MODES = {
    "reverse": (reverse, 1),
    "forward": (forward, 2),
    "taylor": (taylor, 6),
    "jit": (compiled, 12),
    "second": (second, 3),
}


@pytest.mark.parametrize("mode", MODES)
def test_programs_that_assign(mode):
    run, stride = MODES[mode]
    compared = 0
    for seed in SEEDS[::stride]:
        program = Program(seed)
        f = program.function()
        value = f(POINT.copy())
        found, derivative = run(f)
        expected = slopes(cr.grad(f)) @ DIRECTION if mode == "second" else slopes(f)
        if mode in ("forward", "taylor"):
            expected = expected @ DIRECTION
        if not np.isfinite(expected).all() or np.abs(expected).max() > 1e4:
            continue
        assert found == pytest.approx(value, rel=1e-10, abs=1e-10), program.source
        np.testing.assert_allclose(derivative, expected, rtol=2e-4, atol=2e-4, err_msg=program.source)
        compared += 1
    assert compared > len(SEEDS) / stride / 2


def _by_view(a, v):
    part = a[1:-1]
    part += v[1:-1]


def _by_row(a, v):
    for row, other in zip(a, v, strict=True):
        row *= 2.0
        row[1:] -= other[:-1]


def _added(a, v):
    a[1:-1, ::2] += v[1:-1, ::2]


def _given(a, v):
    a[:, 1:3] = v[:, :2]


def _column(a, v):
    a[:, 1] -= v[:, 0]


def _reshaped(a, v):
    a.reshape(6, 2, 2)[:, 1] = v.reshape(6, 2, 2)[:, 0]


def _copied(a, v):
    np.copyto(a[2:], v[:-2])


def _out(a, v):
    np.add(a[1:], v[:-1], out=a[1:])


def _whole(a, v):
    a[...] += v


def _split(a, v):
    left, right = np.split(a, 2, axis=1)
    left += v[:, :2]
    right[1:] = left[:-1]


PARTS = (_by_view, _by_row, _added, _given, _column, _reshaped, _copied, _out, _whole, _split)


def test_parts_are_written_without_lists_of_places():
    a, v, da, dv = np.random.default_rng(3).normal(size=(4, 6, 4))
    for change in PARTS:

        def changed(a, v, change=change):
            a = a.copy()
            change(a, v)
            return a

        run = record(lift(changed), *trees.numbers([a, v]))
        np.testing.assert_array_equal(run.plain(run.results[0]), changed(a, v))
        for node in order(*run.results):
            index = node.settings.get("index", ()) if node.op is not None else ()
            parts = index if isinstance(index, tuple) else (index,)
            assert not any(isinstance(part, np.ndarray) for part in parts), change
        moved = cr.jvp(changed, (a, v), (da, dv))[1]
        np.testing.assert_allclose(moved, changed(da, dv), rtol=1e-13, err_msg=change.__name__)  # it is linear
        ones = np.ones_like(a)
        pulled = cr.vjp(changed, a, v)[1](ones)
        np.testing.assert_allclose(sum(np.vdot(x, d) for x, d in zip(pulled, (da, dv), strict=True)), np.sum(moved))
