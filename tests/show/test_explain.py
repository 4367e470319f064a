"""The tables of `explain`, their sums, and the reasons it gives."""

import math
import re
import textwrap
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError, NoValue
from chainrule.show import draw, explore
from chainrule.show.explanation.explain import explain


def walk():
    a, b, c, f = cr.Value(2.0, "a"), cr.Value(-3.0, "b"), cr.Value(10.0, "c"), cr.Value(-2.0, "f")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L


def net(p, x):
    h = np.tanh(p["W"] @ x + p["b"])
    return np.sum(h * h)


def reason(f, *at):
    return " | ".join(explain(f, *at).reasons)


# -- the text ------------------------------------------------------------------------------------------------


def test_labelled_values():
    assert str(explain(walk())) == textwrap.dedent("""\
        7 values, 4 inputs

        forward
          a = 2
          b = -3
          e = a * b = 2 * -3 = -6
          c = 10
          d = e + c = -6 + 10 = 4
          f = -2
          L = d * f = 4 * -2 = -8

        backward
          dL/dL = 1
          dL/df = d(d * f)/df = 4
          dL/dd = d(d * f)/dd = -2
          dL/dc = dL/dd * dd/dc = -2 * 1 = -2
          dL/de = dL/dd * dd/de = -2 * 1 = -2
          dL/db = dL/de * de/db = -2 * 2 = -4
          dL/da = dL/de * de/da = -2 * -3 = 6""")


def test_a_function_with_lines_and_local_names():
    def f(x, y):
        s = math.sin(x)
        return s * y + x

    told = explain(f, 0.0, 2.0)
    first = f.__code__.co_firstlineno
    assert [(r.text, r.where, r.line) for r in told.forward if r.where] == [
        ("s = sin(x) = sin(0) = 0", f"test_explain.py:{first + 1}", "s = math.sin(x)"),
        ("t1 = s * y = 0 * 2 = 0", f"test_explain.py:{first + 2}", "return s * y + x"),
        ("L = t1 + x = 0 + 0 = 0", f"test_explain.py:{first + 2}", "return s * y + x"),
    ]
    assert [r.text for r in told.backward] == [
        "dL/dL = 1",
        "dL/dt1 = d(t1 + x)/dt1 = 1",
        "dL/dy = dL/dt1 * dt1/dy = 1 * 0 = 0",
        "dL/ds = dL/dt1 * dt1/ds = 1 * 2 = 2",
        "dL/dx = d(t1 + x)/dx + dL/ds * ds/dx = 1 + 2 * 1 = 3",
    ]
    assert told.shares["x"] == {"L = t1 + x": pytest.approx(1 / 3), "s = sin(x)": pytest.approx(2 / 3)}
    assert "x: 33.3% through L = t1 + x, 66.7% through s = sin(x)" in str(told)


def test_arrays_are_summed_up():
    told = explain(net, {"W": np.ones((3, 2)), "b": np.zeros(3)}, np.array([1.0, 2.0]))
    assert [r.text for r in told.forward[:3]] == [
        "p['W'] = shape (3, 2), all 1, norm 2.44949",
        "x = shape (2,), 1 to 2, norm 2.23607",
        "t1 = p['W'] @ x = shape (3,), all 3, norm 5.19615",
    ]
    assert "dy/dh = from t3 = shape (3,), all 1.99011, norm 3.44697" in [r.text for r in told.backward]


def test_long_recordings_lose_their_middle():
    def long(x):
        for _ in range(50_000):
            x = x * 0.9999 + 0.0001
        return x

    start = time.perf_counter()
    told = str(explain(long, 1.0))
    assert time.perf_counter() - start < 60
    assert told.startswith("100,001 values, 1 input\n")
    assert "  ... 99961 more: 49981 +, 49980 *\n" in told
    assert len(told.splitlines()) < 100


def test_methods_of_values_stay_what_they_are():
    assert explain(lambda x: x.log(), 2.0).forward[1].text.startswith("y = log(x) = log(2) = ")


def test_html_is_escaped_and_says_the_same():
    html = explain(lambda x: cr.where(x < 1, x, x * x), 2.0)._repr_html_()
    assert html.count("<table>") == html.count("</table>") == 2
    assert "cr.where(x &lt; 1, x, x * x)" in html
    assert "<code>x = 2</code>" in html


# -- the numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda a, b, c: -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5, (2.0, 3.0, 4.0)),
        (lambda x, y: x * x * y + x / y + math.exp(x * y), (0.3, 0.8)),
        (lambda x, y: np.sum(x * y) + np.sum(x) ** 2, (np.array([1.0, 2.0]), np.array([3.0, -1.0]))),
        (net, ({"W": np.ones((3, 2)) * 0.2, "b": np.zeros(3)}, np.array([1.0, 2.0]))),
    ],
)
def test_what_the_consumers_send_adds_up_to_the_gradient(f, at):
    told = explain(f, *at)
    account = told.account
    for node in account.nodes:
        if node is account.root:
            continue
        parts = list(account.shares(node))
        np.testing.assert_allclose(sum(s.amount for s in parts), account.adjoint(node), rtol=1e-12)
        for s in parts:
            if s.slope is not None:
                assert s.weight * s.slope == pytest.approx(s.amount)
    for shares in told.shares.values():
        assert sum(shares.values()) == pytest.approx(1.0)
    expected = cr.grad(f, tuple(range(len(at))))(*at)
    found = [account.adjoint(v) for v in account.inputs]
    flat = [x for e in expected for x in (e.values() if isinstance(e, dict) else [e])]
    for mine, theirs in zip(found, flat, strict=True):
        np.testing.assert_allclose(mine, theirs)


# -- why -----------------------------------------------------------------------------------------------------


def test_the_first_nan_is_named():
    assert reason(lambda x: cr.log(x) * cr.tanh(x), -1.0).startswith(
        "t1 = log(x) is the first value that is nan: log is defined on (0, inf), it was given -1, test_explain.py:"
    )


def test_the_first_infinite_gradient_is_named():
    assert reason(lambda x: cr.sqrt(x * x), 0.0).startswith(
        "dy/dt1 is the first gradient that is inf: it comes from sqrt(t1) at t1 = 0 (slope inf at 0), test_explain.py:"
    )


UNKNOWN_LIMITS = {
    "exp(log x)": (lambda x: cr.exp(cr.log(x)), 0.0, "log(x) at x = 0"),
    "log1p(exp x)": (lambda x: cr.log1p(cr.exp(x)), 800.0, "exp(x) at x = 800"),
    "sqrt(x x)": (lambda x: cr.sqrt(x * x), 0.0, "x * x at x = 0"),
    "sqrt(x x + y y)": (lambda x: cr.sqrt(cr.sum(x * x)), np.zeros(2), "at [0]: it comes from x * x at x = "),
    "one element": (lambda x: cr.sum(cr.sqrt(x**2)), np.array([1.0, 0.0]), "at [1]: it comes from x ** 2 at x = "),
}


@pytest.mark.parametrize("name", UNKNOWN_LIMITS)
def test_where_zero_meets_infinity_is_named(name):
    f, at, place = UNKNOWN_LIMITS[name]
    assert np.isnan(cr.grad(f)(at)).any()
    said = reason(f, at)
    assert "is the first gradient that is nan" in said
    assert place in said
    assert "no rule knows the limit of 0 * inf" in said


def test_the_branch_left_out_is_named():
    said = reason(lambda x: cr.where(x > 0, x, cr.log(x)), -0.0)
    assert "t1 = log(x) is the first value that is -inf" in said
    said = reason(lambda x: cr.where(np.array([True, False]), x, cr.log(x)).sum(), np.array([-1.0, 2.0]))
    assert "does not take a branch that is not finite; it contributes exactly nothing to the gradient" in said


def test_a_mask_that_multiplies_is_named():
    said = reason(lambda x: np.sum((x > 0) * np.log(x)), np.array([0.0, 2.0]))
    assert "multiplies what is not finite by 0: a mask does not remove it, where(mask, x, 0.0) does" in said


def test_zeros_are_explained():
    assert "y does not depend on b: nothing computed from it reaches the result" in reason(lambda a, b: a * a, 2.0, 1.0)
    assert "dy/dx is 0: cos(x) has slope 0 at x = 0" in reason(lambda x: cr.cos(x), 0.0)
    assert "dy/dx is 0: floor(x) is constant between its jumps" in reason(lambda x: cr.floor(x) * 2.0, 1.5)
    assert "dy/dx is 0: what its uses send back cancels exactly" in reason(lambda x: 3 * x - x * 3, 2.0)


def test_saturated_units_are_counted():
    assert "tanh(t1): saturated at t1 = 20, it passes on 1.69934e-17 of its gradient" in reason(
        lambda x: cr.tanh(x * 10), 2.0
    )
    x = np.array([-30.0, 0.1, 40.0])
    assert "sigmoid(x): 2 of 3 units are saturated" in reason(lambda x: np.sum(cr.sigmoid(x)), x)


def test_the_steepest_operation_is_named():
    assert "t2 = 1 / t1" not in reason(lambda x: 1 / (x * 2), 1.0)
    assert "1 / t1 multiplies the gradient by 1e+10 on the way to t1, at t1 = 1e-05" in reason(
        lambda x: 1 / (x * 1e-5), 1.0
    )


def test_nothing_wrong_gives_no_reason():
    assert explain(walk()).reasons == []


# -- several results, and none ------------------------------------------------------------------------------------


def test_several_results_are_added():
    def f(a, b):
        u = a * b
        return u, {"last": u + a}

    told = explain(f, 2.0, 3.0)
    assert [r.text for r in told.forward[2:]] == [
        "u = a * b = 2 * 3 = 6",
        "y[1]['last'] = u + a = 6 + 2 = 8",
        "total = u + y[1]['last'] = 6 + 8 = 14",
    ]
    assert told.backward[-1].text.endswith("dtotal/du * du/da = 1 * 1 + 2 * 3 = 7")


def test_an_exception_ends_the_forward_table():
    def f(a, b):
        s = a * b
        t = math.log(s - 6)
        return t * a

    told = explain(f, 2.0, 3.0)
    line = f.__code__.co_firstlineno + 2
    assert told.backward == []
    assert isinstance(told.stop.error, ValueError)
    assert str(told).splitlines()[0].startswith(f"5 values, 2 inputs, stopped at test_explain.py:{line}: ValueError: ")
    assert told.forward[-1].text == "t = log(t1) = log(0) = -inf"
    assert "t = log(t1) is the first value that is -inf: log is defined on (0, inf), it was given 0" in str(told)
    assert "stopped at test_explain.py" in told._repr_html_()
    with pytest.raises(NameError):  # before anything is recorded there is nothing to explain
        explain(lambda x: x * nowhere, 2.0)  # noqa: F821


# -- what it refuses -------------------------------------------------------------------------------------------


def test_what_is_missing_is_said():
    with pytest.raises(ArgumentError, match=r"explain needs arguments to run the function on"):
        explain(math.sin)
    with pytest.raises(ArgumentError, match="a Value has its numbers already"):
        explain(walk(), 2.0)
    with pytest.raises(ArgumentError, match="it is the constant 3"):
        explain(lambda x: 3.0, 2.0)
    with pytest.raises(ArgumentError, match="it is the constant 'no number'"):
        explain(lambda x: "no number", 2.0)
    with pytest.raises((ArgumentError, NoValue), match="no value yet"):
        explain(cr.Value(label="x") * 2)


def test_an_optimisers_step_does_not_change_what_was_computed():
    """An input's number is the one that it was used with, in every form, whatever it was given afterwards."""
    w, v, b = Value(2.0, "w"), Value(np.array([1.0, 2.0]), "v"), Value(1.0, "b")
    loss = (v * w).sum() * w + b
    loss.backward()
    before, drawn, moved = [row.value for row in explain(loss).rows], str(draw(loss)), explore(loss).html
    assert "(set to" not in str(explain(loss))
    for leaf in (w, v):
        leaf.data = leaf.data - 0.1 * leaf.grad
    after = explain(loss)
    assert [np.asarray(row.value).tolist() for row in after.rows] == [np.asarray(x).tolist() for x in before]
    assert f"w = 2 (set to {w.data:.6g} afterwards)" in str(after)
    assert "b = 1\n" in str(after)
    assert str(draw(loss)).splitlines()[1:] == drawn.splitlines()[1:]
    assert "with the numbers v, w had when used" in str(draw(loss))
    assert _values(explore(loss).html) == _values(moved)


def _values(html):
    return re.findall(r'"text":"[^"]*"', html)


def test_an_input_that_changes_between_its_uses():
    x = Value(2.0, "x")
    a = x * 3.0
    x.data = 5.0
    total = a + x * 1.0
    x.data = 7.0
    assert "x = 2 (set to 5, 7 afterwards)" in str(explain(total))
