"""What `source` prints: the text itself for a few functions, and for many that it runs alone and gives the same."""

import inspect
import math
import textwrap

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import chainrule as cr
from chainrule.errors import ArgumentError, ShapeError, UnsupportedFunction
from chainrule.jit.program import Step
from chainrule.ops.row import TABLE
from chainrule.show.code.source import Source, source
from chainrule.show.code.unparse import Printer


def printed(text):
    return textwrap.dedent(text).lstrip("\n")


def three(a, b, c):
    s = math.sin(3 * b)
    return -(a**3) + s - 1.0 / c + b**2.5 - a**0.5


def quotient(x, y, z):
    return math.tanh(math.log(1 + z * 2 * x / math.sin(y)))


def newton(x):
    y = 1.0
    for _ in range(6):
        y = 0.5 * (y + x / y)
    return y


def pair(x, n=10):
    u, v = x, 1.0
    for _ in range(n):
        u, v = u + v, u - v * 0.5
    return u * v


def waves(w, x):
    total = 0.0
    for k in range(len(x)):
        total = total + math.sin(w * x[k])
    return total


def recurrent(w, u, h):
    for _ in range(20):
        h = math.tanh(w * h + u)
    return h


def fold(n, step, x):
    for _ in range(n):
        x = step(x)
    return x


def total(tree):
    return sum(tree) if isinstance(tree, list) else np.sum(tree) if np.ndim(tree) else tree


def neuron(w, b, x=3.0):
    return max(0.0, w * x + b)


def cross_entropy(x):
    e = np.exp(x - np.max(x))
    p = e / np.sum(e)
    return -np.log(p[1])


def layer(p, x):
    h = np.tanh(p["W"] @ x + p["b"])
    return np.mean(np.where(h > 0.2, h**2, h))


# -- the text ------------------------------------------------------------------------------------------------


def test_a_function_keeps_the_users_names():
    assert source(three, 2.0, 3.0, 4.0) == printed("""
        import math


        def three(a, b, c):
            s = math.sin(3 * b)
            return s - a**3 - 1 / c + b**2.5 - a**0.5
        """)


def test_a_gradient_has_no_dead_terms_and_no_factors_of_one():
    assert source(cr.grad(three, (0, 1, 2)), 2.0, 3.0, 4.0) == printed("""
        import math


        def grad_three(a, b, c):
            return (-0.5 * a**-0.5 - 3 * a**2, 2.5 * b**1.5 + 3 * math.cos(3 * b), 1 / c / c)
        """)


def test_shared_parts_are_named():
    assert source(cr.grad(quotient, (0, 1, 2)), 1.0, 1.0, 1.0) == printed("""
        import math


        def _sech2(x):
            e = math.exp(-2 * abs(x))  # cosh would overflow
            return 4 * e / (1 + e)**2


        def grad_quotient(x, y, z):
            t1 = math.sin(y)
            t2 = 2 * z * x / t1
            t3 = 1 + t2
            t4 = _sech2(math.log(t3)) / t3
            t5 = t4 / t1
            return (2 * t5 * z, -t2 / t1 * t4 * math.cos(y), 2 * t5 * x)
        """)


def test_a_loop_is_rolled_back():
    assert source(newton, 2.0) == printed("""
        def newton(x):
            y = 0.5 * (1 + x)
            for _ in range(5):
                y = 0.5 * (y + x / y)
            return y
        """)


def test_a_loop_of_two_values_assigns_both_at_once():
    assert source(pair, 2.0) == printed('''
        def pair(x):
            """With n=10."""
            u = x + 1
            v = x - 0.5
            for _ in range(9):
                u, v = u + v, u - 0.5 * v
            return u * v
        ''')


def test_a_loop_over_data_counts():
    assert source(waves, 2.0, [1.0, 2.0, 3.0, 4.0, 5.0]) == printed("""
        import math


        def waves(w, x):
            total = math.sin(w * x[0])
            for k in range(1, 5):
                total = total + math.sin(w * x[k])
            return total
        """)


def test_the_sweep_of_a_loop_is_a_loop_over_what_it_kept():
    text = source(cr.grad(recurrent, (0, 1, 2)), 0.5, 0.1, 0.2)
    assert text[text.index("def grad") :] == printed("""
        def grad_recurrent(w, u, h):
            hs = [h]
            ts = []
            for _ in range(19):
                t1 = w * h + u
                ts.append(_sech2(t1))
                h = math.tanh(t1)
                hs.append(h)
            t2 = _sech2(w * h + u)
            t3 = t2 * w
            t4 = t2
            t5 = t2 * h
            for k in range(18, -1, -1):
                t6 = t3 * ts[k]
                t4 = t4 + t6
                t3 = t6 * w
                t5 = t5 + t6 * hs[k]
            return (t5, t4, t3)
        """)
    for at in ((0.5, 0.1, 0.2), (-1.2, 0.4, 0.9)):
        assert text.function()(*at) == pytest.approx(cr.grad(recurrent, (0, 1, 2))(*at), rel=1e-12)


def test_lists_of_like_parts_are_written_with_for():
    text = source(lambda x: [math.sin(x[k]) * x[k + 1] for k in range(20)], [0.1 * k for k in range(21)])
    assert text.endswith("    ts = [math.sin(x[k]) * x[k + 1] for k in range(20)]\n    return ts\n")
    text = source(cr.grad(lambda x: sum(v**3 for v in x)), [0.1 * k for k in range(20)])
    assert text.endswith("    ts = [3 * x[k]**2 for k in range(19, -1, -1)]\n    return ts[::-1]\n")


def test_numbers_that_differ_are_listed():
    def horner(x):
        p = 0.0
        for a in (0.5, 0.25, 0.3, 0.7, 0.2, 0.1, 0.9, 0.4):
            p = p * x + a
        return p

    assert source(horner, 0.3) == printed("""
        def horner(x):
            cs = [0.25, 0.3, 0.7, 0.2, 0.1, 0.9, 0.4]
            p = 0.5
            for k in range(7):
                p = p * x + cs[k]
            return p
        """)


LOOPS = {
    "decay": (lambda x: fold(20, lambda x: x - 0.1 * x * x, x), 0.5),
    "newton": (lambda x: fold(15, lambda y: 0.5 * (y + x / y), x), 2.0),
    "two values": (
        lambda x: sum(fold(12, lambda p: (p[0] + 0.1 * p[1] ** 2, p[1] - 0.1 * p[0] * p[1]), (x, 0.5))),
        0.7,
    ),
    "descent": (lambda x: fold(12, lambda x: x - 0.01 * (4 * x**3 - 2 * x), x), 0.5),
    "array": (lambda x: np.sum(fold(9, lambda h: np.tanh(W[:, :2] @ h + x), x)), np.array([0.1, -0.2])),
    "sum of products": (lambda x: sum(x[k] * x[k + 1] ** 2 for k in range(9)), list(np.linspace(0.1, 1, 10))),
    "kinks": (lambda x: fold(9, lambda x: max(x * x - 0.3, 0.1) * 1.3, x), 0.9),
}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_loops(name, order):
    f, at = LOOPS[name]
    if order == 2:
        f = cr.grad(lambda x: total(cr.grad(LOOPS[name][0])(x)))
    elif order == 1:
        f = cr.grad(f)
    written = source(f, at).function()
    moved = [x * 1.02 for x in at] if isinstance(at, list) else at * 1.02
    for x in (at, moved):
        np.testing.assert_allclose(written(x), f(x), rtol=1e-9, atol=1e-12)


def test_what_begins_as_one_value_is_kept_apart():
    def waltz(x):
        y = x
        for k in range(12):
            y = y * x if k % 2 else y - x
            x = 0.1 * x * y + x
        return x

    for f in (waltz, cr.grad(waltz)):
        text = source(f, 0.1)
        assert "for " in text
        assert text.function()(0.11) == pytest.approx(f(0.11), rel=1e-12)


def test_values_that_change_places_are_assigned_last():
    def staircase(x):
        y = x
        for _ in range(12):
            x, y = y, y - x * y
            x = x + math.sin(y)
        return x

    assert source(staircase, 0.1) == printed("""
        import math


        def staircase(x):
            x1 = x
            y = x
            for _ in range(12):
                next_y = y - x1 * y
                x1 = y + math.sin(next_y)
                y = next_y
            return x1
        """)


def leapfrog(n, q, p):
    for _ in range(n):
        p = p - 0.05 * math.sin(q)
        q = q + 0.1 * p
        p = p - 0.05 * math.sin(q)
    return q * q + p


def two_back(n, a, b):
    for _ in range(n):
        a, b = b, a * 0.5 + 0.1 * b * a
    return b


def exponential(n, x, y):
    term = total = x
    for k in range(2, n):
        term = term * y / k
        total = total + term
    return total


def alternating(n, x, y):
    for k in range(n):
        x = 0.9 * math.sin(x) + (0.1 if k % 2 else 0.2) * y
    return x


def smoothed(n, x, y):
    xs = np.array([x * (0.1 * k + 1) for k in range(n)])
    return np.sum((xs[1:] - y * xs[:-1]) ** 2)


def every_other(n, x, y):
    xs = [x * y**k for k in range(n)]
    return [v * w - y for v, w in zip(xs[::2], xs[1::2], strict=True)]


def elements(n, x, y):
    z = x * np.arange(float(n)) + y
    return sum(z[k] * z[n - 1 - k] ** 2 for k in range(n))


@pytest.mark.parametrize("derivative", [False, True], ids=["f", "grad"])
@pytest.mark.parametrize("f", [leapfrog, two_back, exponential, alternating, smoothed, every_other, elements])
def test_more_iterations_take_no_more_lines(f, derivative):
    """But for the numbers that are listed."""

    def g(n, x, y):
        return cr.grad(lambda x, y: np.sum(f(n, x, y)), (0, 1))(x, y) if derivative else f(n, x, y)

    few, many = (source(lambda x, y, n=n: g(n, x, y), 0.3, 0.8) for n in (40, 60))
    lines = [[line for line in text.splitlines() if "    " in line and "=" in line] for text in (few, many)]
    assert "for " in many
    assert len(lines[1]) <= len(lines[0]) < 30
    np.testing.assert_allclose(many.function()(0.31, 0.7), g(60, 0.31, 0.7), rtol=1e-10)


def test_long_lists_of_like_parts_take_several_lines():
    def f(x):
        return [math.sin(x[k]) * math.cos(x[k + 1]) * math.tanh(x[k + 2]) / (1 + x[k] ** 2 + x[k + 1] ** 2) for k in K]

    K, x = range(12), [0.1 * k for k in range(14)]
    text = source(f, x)
    assert max(map(len, text.splitlines())) < 110
    np.testing.assert_allclose(text.function()(x), f(x), rtol=1e-12)


def test_a_long_gradient_of_one_argument_in_a_tuple_is_written():
    x = [0.1 * k for k in range(9)]
    f = cr.grad(lambda x: sum(x[k] * x[k + 1] * math.sin(x[k]) for k in range(8)) * x[0], (0,))
    np.testing.assert_allclose(source(f, x).function()(x)[0], f(x)[0], rtol=1e-12)


def test_the_branch_taken_is_stated():
    assert source(cr.grad(neuron, (0, 1)), 4.0, 5.0) == printed('''
        def grad_neuron(w, b):
            """Holds where 3 * w + b > 0. With x=3.0."""
            return (3.0, 1.0)
        ''')


def test_arrays_are_written_with_numpy():
    assert source(cr.grad(cross_entropy), np.array([1.0, 2.0, 3.0])) == printed("""
        import numpy as np


        def grad_cross_entropy(x):
            t1 = np.max(x)
            e = np.exp(x - t1)
            t2 = np.sum(e)
            p = e / t2
            t3 = np.array([0.0, -1 / p[1], 0.0])
            t4 = (t3 / t2 - np.sum(p / t2 * t3)) * e
            return t4 - np.sum(t4) * ((x == t1) / np.sum(x == t1))
        """)


def test_a_choice_between_elements_stays_a_choice():
    text = source(cr.grad(lambda h: np.sum(np.where(h > 0.2, h**2, h))), np.array([1.0, 0.1]))
    assert text == printed("""
        import numpy as np


        def grad_f(h):
            t1 = h > 0.2
            return np.where(t1, 0.0, 1.0) + 2 * np.where(t1, 1.0, 0.0) * h
        """)
    other = np.array([-0.5, 0.9])
    np.testing.assert_allclose(text.function()(other), [1.0, 1.8])


def test_constants_that_came_from_the_arguments_are_announced():
    def held(x):
        return float(cr.stop_gradient(x)) * 2 * x

    assert "it holds at the traced ones only" in " ".join(source(held, 2.0).split())


def test_what_is_computed_from_the_arguments_stays_computed():
    text = source(lambda x: x[np.argmax(x)] ** 2 + cr.logsumexp(x), np.array([1.0, 2.0]))
    assert "x[np.argmax(x)]**2 + np.logaddexp.reduce(x)" in text
    assert "np.logaddexp.reduce(x)" in source(cr.grad(lambda x: cr.logsumexp(x)), np.array([1.0, 2.0]))


def test_a_number_that_leaves_the_recording_is_announced():
    assert "Holds where math.trunc(x) == 2." in source(lambda x: x * int(x), 2.5)
    assert "Holds where x > 1 is [False,  True]." in source(lambda x: np.sum(x[x > 1]), np.array([0.5, 2.0]))
    assert "it holds at the traced ones only" in " ".join(source(lambda x: x * float(x), 2.0).split())
    assert "Holds where x <= 5." in source(lambda x: x * float(x > 5), 2.0)
    assert "found by comparing numbers stay as found" in " ".join(
        source(lambda x: np.unwrap(x)[1], np.array([1.0, 3.0])).split()
    )


def test_a_second_derivative_assumes_nothing_of_its_own():
    assert source(cr.hessian(lambda x: math.log1p(x)), 2.0) == printed("""
        def f(x):
            t1 = 1 + x
            return -1 / t1 / t1
        """)


@pytest.mark.parametrize("sign", ["@", "%", "//"])
def test_products_are_not_regrouped_around(sign):
    """Python reads a * b @ c as (a * b) @ c."""
    x = np.array([1.5, 2.0])
    texts = [f"{{}} * {part}" for part in (f"(W[:, :2] {sign} x)", f"((W[:, :2] {sign} x) * x)", f"-(V[:2] {sign} x)")]
    for text in texts:
        f = eval(f"lambda x: {text.format('np.array([[2.0, 3.0], [5.0, 7.0]])')}", {"np": np, "W": W, "V": V})
        np.testing.assert_allclose(source(f, x).function()(x), f(x))


# -- that it gives the same, elsewhere too -----------------------------------------------------------------------

V, W = np.array([0.3, 1.7, 0.9]), np.array([[0.4, 1.2, -0.3], [0.8, -0.5, 0.6]])
SCALARS = {
    "elementary": lambda x: math.exp(-x) * math.log(x) + math.sqrt(x) / math.cosh(x),
    "inverse": lambda x: math.atan(x) * math.asin(x / 4) + math.asinh(x) + math.atan2(x, 2.0),
    "powers": lambda x: x**3 - 2 / x**2 + 2.0**x + x**x,
    "kinks": lambda x: abs(x - 1) * max(x, 0.2) + min(x, 3.0) ** 2,
    "special": lambda x: math.erf(x) + cr.sigmoid(x) * cr.softplus(x) + math.hypot(x, 1.0) + cr.tanh(x),
    "logs": lambda x: math.log1p(x) + math.expm1(-x) + math.log2(x) + math.log10(x),
    "rows": lambda x: cr.relu(x) + cr.square(x) + cr.reciprocal(x) + cr.logaddexp(x, 1.0) + cr.cbrt(x),
    "clip": lambda x: cr.clip(x, 0.5, 2.0) * x + cr.where(x > 1, x, x * x),
    "gamma": lambda x: math.lgamma(x) * math.gamma(x) + cr.digamma(x - 3.0),
    "sinc": lambda x: cr.sinc(x) + cr.sinc(x / 20),
}
ARRAYS = {
    "elementwise": lambda x: np.sum(np.sin(x) * np.exp(-x) / (1 + x**2)),
    "softmax": lambda x: np.sum(cr.softmax(x) ** 2),
    "log_softmax": lambda x: -cr.log_softmax(x)[1],
    "logsumexp": lambda x: cr.logsumexp(x) - x[2],
    "reductions": lambda x: np.mean(x**2) + np.max(x) * np.var(x) + np.std(x) + np.prod(x) + np.linalg.norm(x),
    "moves": lambda x: np.sum(np.reshape(x, (3, 1)).T @ np.flip(x)) + np.sum(np.roll(x, 1) * x),
    "joins": lambda x: np.sum(np.concatenate([x, 2 * x]) ** 2) + np.sum(np.stack([x, x * x]) ** 3),
    "picks": lambda x: np.sum(x[np.array([0, 0, 2])] ** 2) + x[1:] @ x[:-1] + x[-1] ** 2,
    "matmul": lambda x: np.sum(np.tanh(W @ x) ** 2) + (W @ x) @ (W @ x),
    "kinks": lambda x: np.sum(np.maximum(x, 0.5) * np.abs(x - 1) * np.minimum(x, 1.0)) + np.sum(np.clip(x, 0.4, 1)),
    "cumulated": lambda x: np.sum(np.cumsum(x) ** 2),
    "broadcast": lambda x: np.sum((x[:, None] - x) ** 2) + np.sum(W * x),
    "solve": lambda x: np.sum(np.linalg.solve(np.eye(3) * 3 + np.outer(x, x), x)),
    "special": lambda x: np.sum(cr.erf(x) * cr.erfc(x) * cr.gamma(x) + cr.gammaln(x) * cr.digamma(x) + np.sinc(x)),
    "einsum": lambda x: np.sum(np.einsum("i,j->ij", x, x) ** 2) + np.sum(np.einsum("ij,j->i", W, x) ** 3),
    "determinant": lambda x: np.linalg.slogdet(W @ W.T)[0] * np.linalg.det(W[:, :2] * x[:2]) + x[2],
    "masks": lambda x: np.sum(np.where((x > 0.5) & (x < 1.5), x**2, 3 * x)) + np.sum(np.where(~(x > 1), x, 0.0)),
}


@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_numbers(name, order):
    f = SCALARS[name]
    for _ in range(order):
        f = cr.grad(f)
    written = source(f, 1.3).function()
    for x in (1.3, 1.31, 1.9):
        assert written(x) == pytest.approx(f(x), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("x", [800.0, -800.0, 0.0])
def test_what_would_overflow_does_not(x):
    for f in (cr.grad(math.tanh), cr.sigmoid, cr.grad(cr.sigmoid), cr.grad(lambda x: cr.logaddexp(x, 1.0))):
        assert source(f, x).function()(x) == pytest.approx(f(x), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("derivative", [lambda f: f, cr.grad, cr.value_and_grad], ids=["f", "grad", "both"])
def test_arrays(name, derivative):
    f = derivative(ARRAYS[name])
    written = source(f, V).function()
    for x in (V, V * 1.01, V + np.array([0.02, -0.01, 0.03])):
        mine, theirs = written(x), f(x)
        if derivative is not cr.value_and_grad:
            mine, theirs = (mine,), (theirs,)
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_containers_in_and_out():
    p = {"W": np.full((3, 2), 0.3), "b": np.zeros(3)}
    x = np.array([1.0, 2.0])
    written, other = source(cr.grad(layer), p, x).function(), {"W": -np.ones((3, 2)), "b": np.ones(3)}
    for q in (p, other):
        expected = cr.grad(layer)(q, x)
        found = written(q, x)
        assert set(found) == {"W", "b"}
        np.testing.assert_allclose(found["W"], expected["W"], rtol=1e-12)
        np.testing.assert_allclose(found["b"], expected["b"], rtol=1e-12)


def test_jacobians_and_hessians():
    f, g = lambda x: np.array([x[0] * x[1], np.exp(x[0])]), lambda x: np.sum(x**3) * x[0]
    x = np.array([0.4, 1.2])
    np.testing.assert_allclose(source(cr.jacobian(f), x + 1).function()(x), cr.jacobian(f)(x), rtol=1e-12)
    np.testing.assert_allclose(source(cr.hessian(g), x + 1).function()(x), cr.hessian(g)(x), rtol=1e-12)


def test_a_branch_not_taken_cannot_poison():
    f = cr.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(np.abs(x)), x)))
    x = np.array([4.0, 0.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(source(f, x).function()(x), f(x))


LEAVES = st.sampled_from(["x", "y", "0.5", "2.0", "3.0"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda e: st.one_of(
        st.tuples(e, st.sampled_from(["+", "-", "*"]), e).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(e, e).map(lambda t: f"({t[0]} / (2.0 + {t[1]} ** 2))"),
        st.tuples(st.sampled_from(["sin", "cos", "tanh", "atan"]), e).map(lambda t: f"math.{t[0]}({t[1]})"),
        e.map(lambda t: f"(-{t})"),
        e.map(lambda t: f"({t}) ** 2"),
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(EXPRESSIONS)
def test_any_expression(code):
    f = eval(f"lambda x, y: {code} + x * y", {"math": math})
    for g in (f, cr.grad(f, (0, 1))):
        written = source(g, 0.7, -0.4).function()
        np.testing.assert_allclose(written(0.3, 0.6), g(0.3, 0.6), rtol=1e-9, atol=1e-9)


def test_single_precision_and_empty_arrays():
    def f(x):
        m = np.min(x)
        return np.sum(np.tile(np.arctan2(x, m * m + 1), 2)) + np.sum(np.linalg.inv(np.zeros((0, 0))))

    x = np.array([-0.085, -0.57, -0.98], np.float32)
    np.testing.assert_allclose(source(cr.grad(f), x).function()(x), cr.grad(f)(x), rtol=1e-5)
    empty = np.zeros((0, 0))
    assert source(lambda x: np.linalg.inv(x @ x + 2 * np.eye(0)), empty).function()(empty).shape == (0, 0)


# -- what it refuses ---------------------------------------------------------------------------------------------


def test_an_operator_without_a_plain_form_is_named():
    for arrays, library in ((False, "the math module"), (True, "NumPy")):
        with pytest.raises(UnsupportedFunction, match=f"source: airy cannot be written with {library} alone"):
            Printer(arrays).text(Step("airy", (), {}, (), np.dtype(float)), [])


def test_a_large_constant_is_refused():
    data = np.arange(2000.0)
    with pytest.raises(UnsupportedFunction, match=r"constant array of shape \(2000,\)"):
        source(lambda x: np.sum(data * x), 2.0)


def test_what_is_missing_is_said():
    with pytest.raises(ArgumentError, match=r"source needs arguments to run the function on: source\(f, 2.0, 3.0\)"):
        source(newton)
    with pytest.raises(ArgumentError, match="source expects a function and its arguments, got float"):
        source(2.0, 3.0)


@pytest.mark.parametrize("f", [lambda x: x[0], len, sum], ids=["index", "len", "iterate"])
def test_a_number_that_is_taken_apart_is_told(f):
    with pytest.raises(ShapeError, match=r"an argument that is one number .*; give a list or an array"):
        source(lambda x: f(x), 2.0)


def test_an_object_that_is_called_has_a_name_too():
    class Model:
        def __call__(self, x):
            return x * x

    assert source(cr.grad(Model()), 2.0).name == "grad_f"


def test_the_result_is_text():
    text = source(newton, 2.0)
    assert isinstance(text, Source)
    assert repr(text) == str(text)
    assert text.name == "newton"
    assert source(newton, 2.0, name="root").startswith("def root(x):")


def test_long_recordings_need_no_recursion():
    def long(x):
        for k in range(20_000):
            x = x * 0.999 + (0.001 if k % 2 else 0.002)
        return x

    assert source(long, 1.0).function()(1.0) == pytest.approx(long(1.0))


def test_what_the_printer_writes_in_a_way_of_its_own_are_rows():
    private = {name[1:]: f for name, f in vars(Printer).items() if name.startswith("_") and callable(f)}
    own = {name for name, f in private.items() if list(inspect.signature(f).parameters)[1:2] == ["step"]}
    recorded = {"constant", "array_equal", "called", "gather", "scatter_at"}  # by jit alone
    assert own <= {*TABLE, *recorded}
