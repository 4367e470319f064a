"""Every mode on every scenario: against the closed form where there is one, against each other and differences."""

import numpy as np
import optree
import pytest
from transforms.scenarios import ALL, ARRAYS, FLOATS, in_closure, in_container, in_float32, with_integers

import chainrule as cr

BY_NAME = {"ids": repr}
SCALAR = [
    s
    for s in ALL
    if not isinstance(s.value, np.ndarray) and s.name not in ("camera", "standardise", "matrix to matrix")
]
VECTOR = [s for s in ALL if s not in SCALAR]
SECOND = [s for s in SCALAR if s.second is not None]
ONE_FLOAT = [s for s in FLOATS if len(s.at) == 1]


def numbers(tree):
    return optree.tree_flatten(tree)[0]


def agree(got, expected, rtol=1e-10):
    """The same structure, shapes and numbers."""
    assert optree.tree_structure(got) == optree.tree_structure(expected)
    scale = max([float(np.max(np.abs(x), initial=0.0)) for x in numbers(expected)], default=0.0)
    for g, e in zip(numbers(got), numbers(expected), strict=True):
        assert np.shape(g) == np.shape(e)
        np.testing.assert_allclose(g, e, rtol=rtol, atol=rtol * max(scale, 1e-3))


def direction(at):
    random = np.random.default_rng(11)
    return optree.tree_map(
        lambda x: random.standard_normal(np.shape(x)) if np.shape(x) else float(random.standard_normal()), at
    )


def inner(a, b):
    return sum(float(np.sum(np.asarray(x) * np.asarray(y))) for x, y in zip(numbers(a), numbers(b), strict=True))


def positions(s):
    return tuple(range(len(s.at)))


def by_differences(s, v, power=5e-6):
    """The slope of a scenario along `v`, by central differences."""

    def moved(t):
        at = optree.tree_map(lambda x, d: x + t * d, s.at, v)
        return np.concatenate([np.ravel(y) for y in numbers(s.f(*at))])

    return (moved(power) - moved(-power)) / (2 * power)


@pytest.mark.parametrize("s", SCALAR, **BY_NAME)
def test_gradient(s):
    value, gradient = cr.value_and_grad(s.f, argnums=positions(s))(*s.at)
    assert value == pytest.approx(s.f(*s.at), rel=1e-13)
    assert s.value is None or value == pytest.approx(s.value, rel=1e-12, abs=1e-14)
    if s.gradient is not None:
        agree(gradient, s.gradient)
    v = direction(s.at)
    assert inner(gradient, v) == pytest.approx(float(by_differences(s, v)[0]), rel=1e-6, abs=1e-7)
    agree(cr.grad(s.f)(*s.at), gradient[0], rtol=1e-15)


@pytest.mark.parametrize("s", ALL, **BY_NAME)
def test_jvp_is_the_slope_along_a_direction(s):
    v = direction(s.at)
    value, tangent = cr.jvp(s.f, s.at, v)
    agree(value, s.f(*s.at), rtol=1e-13)
    slope = by_differences(s, v)
    np.testing.assert_allclose(np.concatenate([np.ravel(t) for t in numbers(tangent)]), slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("s", ALL, **BY_NAME)
def test_forward_and_reverse_are_transposes(s):
    v = direction(s.at)
    value, pullback = cr.vjp(s.f, *s.at)
    w = direction(value)
    _, tangent = cr.jvp(s.f, s.at, v)
    assert inner(pullback(w), v) == pytest.approx(inner(w, tangent), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("s", ALL, **BY_NAME)
def test_the_first_taylor_coefficient_is_the_jvp(s):
    if optree.tree_structure(s.at[0]) != optree.tree_structure(0.0):
        pytest.skip("jet takes numbers and arrays")
    v = direction(s.at)
    _, tangent = cr.jvp(s.f, s.at, v)
    _, (first, *_) = cr.jet(s.f, s.at, tuple((d, 0.0 * d) for d in v))
    agree(first, tangent, rtol=1e-10)


@pytest.mark.parametrize("s", [*VECTOR, *(s for s in SCALAR if s.name in ("quadratic form", "quartic"))], **BY_NAME)
def test_jacobians_by_either_mode(s):
    forward, reverse, chosen = (mode(s.f)(*s.at) for mode in (cr.jacfwd, cr.jacrev, cr.jacobian))
    agree(forward, reverse)
    agree(chosen, reverse)
    assert np.shape(chosen) == np.shape(s.f(*s.at)) + np.shape(s.at[0])
    if s.jacobian is not None:
        agree(chosen, s.jacobian)


@pytest.mark.parametrize("s", SECOND, **BY_NAME)
def test_hessian(s):
    agree(cr.hessian(s.f)(*s.at), s.second, rtol=1e-9)
    agree(cr.jacrev(cr.grad(s.f))(*s.at), s.second, rtol=1e-9)
    agree(cr.jacfwd(cr.jacfwd(s.f))(*s.at), s.second, rtol=1e-9)
    agree(cr.jacrev(cr.jacfwd(s.f))(*s.at), s.second, rtol=1e-9)


@pytest.mark.parametrize("s", [s for s in SCALAR if s.smooth], **BY_NAME)
def test_hessian_vector_product_is_the_slope_of_the_gradient(s):
    v = direction(s.at)
    gradient = cr.grad(s.f, argnums=positions(s))
    product = cr.hvp(s.f, s.at, v)
    product = product if len(s.at) > 1 else (product,)
    t = 1e-6
    ahead, behind = (gradient(*optree.tree_map(lambda x, d, t=t: x + t * d, s.at, v)) for t in (t, -t))
    agree(product, optree.tree_map(lambda a, b: (a - b) / (2 * t), ahead, behind), rtol=2e-5)


@pytest.mark.parametrize("s", ONE_FLOAT, **BY_NAME)
def test_three_derivatives_nested_in_any_way(s):
    (x,) = s.at
    coefficients = cr.taylor(s.f, x, 3).derivatives
    agree(cr.grad(s.f)(x), coefficients[1])
    agree(cr.grad(cr.grad(s.f))(x), coefficients[2], rtol=1e-9)
    agree(cr.grad(cr.grad(cr.grad(s.f)))(x), coefficients[3], rtol=1e-8)
    slope = lambda f: lambda t: cr.jvp(f, (t,), (1.0,))[1]
    agree(slope(slope(slope(s.f)))(x), coefficients[3], rtol=1e-8)
    agree(cr.grad(slope(cr.grad(s.f)))(x), coefficients[3], rtol=1e-8)
    agree(cr.taylor(cr.grad(s.f), x, 2).derivatives, coefficients[1:], rtol=1e-8)
    agree(cr.grad(lambda t: cr.taylor(s.f, t, 2).derivatives[2])(x), coefficients[3], rtol=1e-8)


@pytest.mark.parametrize("s", [s for s in map(in_float32, ARRAYS) if s], **BY_NAME)
def test_float32_stays_float32(s):
    value, pullback = cr.vjp(s.f, *s.at)
    for y, plain in zip(numbers(value), numbers(s.f(*s.at)), strict=True):
        assert np.asarray(y).dtype == np.asarray(plain).dtype
    weight = optree.tree_map(lambda y: np.ones_like(y), value)
    for x, ct in zip(s.at, pullback(weight), strict=True):
        assert ct.dtype == np.float32
        assert ct.shape == x.shape
    wide = cr.vjp(s.f, *(x.astype(np.float64) for x in s.at))[1](optree.tree_map(np.float64, weight))
    agree(pullback(weight), tuple(wide), rtol=2e-4)


@pytest.mark.parametrize("s", [s for s in map(with_integers, FLOATS) if s], **BY_NAME)
def test_integers_count_as_floats(s):
    agree(cr.grad(s.f, argnums=positions(s))(*s.at), cr.grad(s.f, argnums=positions(s))(*map(float, s.at)), rtol=1e-15)


@pytest.mark.parametrize("modifier", [in_closure, in_container])
@pytest.mark.parametrize("s", SCALAR, **BY_NAME)
def test_modified(s, modifier):
    changed = modifier(s)
    gradient = cr.grad(changed.f, argnums=positions(changed))(*changed.at)
    plain = cr.grad(s.f, argnums=positions(s))(*s.at)
    agree(gradient, plain if modifier is in_closure else ({"args": list(plain)},), rtol=1e-14)


@pytest.mark.parametrize("s", ALL, **BY_NAME)
def test_the_point_is_left_as_it_was(s):
    before = optree.tree_map(np.copy, s.at)
    _, pullback = cr.vjp(s.f, *s.at)
    pullback(optree.tree_map(np.ones_like, s.f(*s.at)))
    cr.jvp(s.f, s.at, direction(s.at))
    assert all(np.array_equal(a, b) for a, b in zip(numbers(before), numbers(s.at), strict=True))
