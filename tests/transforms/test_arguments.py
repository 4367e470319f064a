"""argnums, has_aux, containers, keyword arguments, and what is said when they do not fit."""

from collections import namedtuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, ChainruleError, ShapeError

f3 = lambda a, b, c: a * b + c**2


def test_argnums():
    assert cr.grad(f3)(2.0, 3.0, 4.0) == 3.0
    assert cr.grad(f3, argnums=2)(2.0, 3.0, 4.0) == 8.0
    assert cr.grad(f3, argnums=-1)(2.0, 3.0, 4.0) == 8.0
    assert cr.grad(f3, argnums=(2, 0))(2.0, 3.0, 4.0) == (8.0, 3.0)
    assert cr.jacobian(f3, argnums=(0, 1))(2.0, 3.0, 4.0) == (3.0, 2.0)
    assert cr.hessian(f3, argnums=(0, 1))(2.0, 3.0, 4.0) == ((0.0, 1.0), (1.0, 0.0))
    assert cr.hvp(f3, (2.0, 3.0, 4.0), (1.0, 0.0, 1.0)) == (0.0, 1.0, 2.0)


def test_keyword_arguments_are_passed_on():
    f = lambda x, *, power=1: x**power
    assert cr.grad(f)(3.0, power=2) == 6.0
    assert cr.jacobian(f)(3.0, power=3) == 27.0


def test_has_aux():
    f = lambda x: (x * x, {"seen": x, "name": "f", "array": np.ones(2) * x})
    slope, aux = cr.grad(f, has_aux=True)(3.0)
    assert (slope, aux["seen"], aux["name"], aux["array"].tolist()) == (6.0, 3.0, "f", [3.0, 3.0])
    (value, _), slope = cr.value_and_grad(f, has_aux=True)(3.0)
    assert (value, slope) == (9.0, 6.0)


def test_containers_keep_their_structure():
    p = {"w": [np.ones(2), 2.0], "b": (3.0, {"c": np.zeros((1, 2))}), "none": None}
    f = lambda p: np.sum(p["w"][0]) * p["w"][1] + p["b"][0] ** 2 + np.sum(p["b"][1]["c"])
    gradient = cr.grad(f)(p)
    assert gradient["w"][0].tolist() == [2.0, 2.0]
    assert gradient["w"][1] == 2.0
    assert gradient["b"][0] == 6.0
    assert gradient["b"][1]["c"].tolist() == [[1.0, 1.0]]
    assert gradient["none"] is None
    blocks = cr.jacobian(lambda p: {"y": p["a"] * p["b"], "z": p["a"]})({"a": 2.0, "b": np.ones(2)})
    assert blocks["y"]["a"].tolist() == [1.0, 1.0]
    assert blocks["y"]["b"].tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert blocks["z"]["a"] == 1.0


Pair = namedtuple("Pair", "w b")
ROWS = {
    "a list": [np.array([1.0, 2.0]), 3.0],
    "a tuple": (np.array([1.0, 2.0]), 3.0),
    "integers": [np.array([1, 2]), 3],
    "float32": [np.array([1.0, 2.0], np.float32), 3.0],
    "a named tuple": Pair(np.array([1.0, 2.0]), 3.0),
    "a list in it": [[np.array([1.0, 2.0])], 3.0],
    "a scalar of NumPy": (np.array([1.0, 2.0]), np.float64(3.0)),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_of_numbers_keeps_its_kind(name):
    p = ROWS[name]

    def f(p):
        assert type(p) is type(ROWS[name])
        w = p[0][0] if type(p[0]) is list else p[0]
        return np.sum(w * w) * p[1]

    for gradient in (cr.grad(f)(p), cr.grad(lambda x, p: x * f(p), argnums=(1,))(1.0, p)[0]):
        assert type(gradient) is type(p)
        by_w = gradient[0][0] if type(gradient[0]) is list else gradient[0]
        assert by_w.tolist() == [6.0, 12.0]
        assert by_w.dtype == (np.float32 if name == "float32" else np.float64)
        assert gradient[1] == 5.0


def test_a_row_without_numbers():
    assert cr.value_and_grad(lambda p: 2.0)([]) == (2.0, [])
    assert cr.value_and_grad(lambda p: 2.0)(()) == (2.0, ())


def test_names_and_docstrings_are_kept():
    def energy(x):
        """The energy."""
        return x * x

    for transformed in (cr.grad(energy), cr.jacobian(energy), cr.value_and_grad(energy), cr.hessian(energy)):
        assert (transformed.__name__, transformed.__doc__) == ("energy", "The energy.")


def test_scipy_takes_value_and_grad():
    minimize = pytest.importorskip("scipy.optimize").minimize
    rosenbrock = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    found = minimize(cr.value_and_grad(rosenbrock), np.array([-1.0, 2.0]), jac=True, method="BFGS")
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-5)


def test_taylor():
    expansion = cr.taylor(lambda x: np.sin(x) + np.cos(x), 0.0, 5)
    assert expansion.coefficients == pytest.approx([1, 1, -1 / 2, -1 / 6, 1 / 24, 1 / 120])
    assert expansion.derivatives == pytest.approx([1, 1, -1, -1, 1, 1])
    assert [str(expansion.truncated(n)) for n in range(6)] == [
        "T_0(x) = 1",
        "T_1(x) = 1 + x",
        "T_2(x) = 1 + x - 1/2 x^2",
        "T_3(x) = 1 + x - 1/2 x^2 - 1/6 x^3",
        "T_4(x) = 1 + x - 1/2 x^2 - 1/6 x^3 + 1/24 x^4",
        "T_5(x) = 1 + x - 1/2 x^2 - 1/6 x^3 + 1/24 x^4 + 1/120 x^5",
    ]
    assert expansion(0.5) == pytest.approx(1.35703125)
    assert expansion(np.array([0.0, 0.5])) == pytest.approx([1.0, 1.35703125])
    assert str(cr.taylor(lambda x: x**2, -1.5, 2)) == "T_2(x) = 2.25 - 3 (x + 1.5) + (x + 1.5)^2"
    assert str(cr.taylor(lambda x: 0 * x, 1.0, 1)) == "T_1(x) = 0"
    assert cr.taylor(np.exp, np.array([0.0, 1.0]), 2).coefficients[2] == pytest.approx([0.5, np.e / 2])


MESSAGES = [
    (lambda: cr.grad(3.0), ArgumentError, "grad expects a function, got float; write grad(f)(x), not grad(f(x))"),
    (
        lambda: cr.value_and_grad("f"),
        ArgumentError,
        "value_and_grad expects a function, got str; write value_and_grad(f)(x)",
    ),
    (lambda: cr.jacobian([1]), ArgumentError, "jacobian expects a function, got list; write jacobian(f)(x)"),
    (
        lambda: cr.grad(f3, argnums=3)(1.0, 2.0, 3.0),
        ArgumentError,
        "grad: argnums=3 asks for argument 3, but the call has 3 pos",
    ),
    (
        lambda: cr.grad(f3, argnums="a")(1.0, 2.0, 3.0),
        ArgumentError,
        "grad: argnums expects the number of an argument or a tuple of them, got 'a'",
    ),
    (
        lambda: cr.grad(lambda x: 2 * x)(np.ones(3)),
        ShapeError,
        "grad needs a function that returns one number; this one returned an "
        "array of shape (3,). Use jacobian(f), vjp(f, x), or sum the result",
    ),
    (
        lambda: cr.grad(lambda x: (x, x, x))(1.0),
        ShapeError,
        "grad needs a function that returns one number; this one returned 3. Use "
        "jacobian(f), or return a sum of them; for (value, extra) set has_aux=True",
    ),
    (
        lambda: cr.grad(lambda x: None)(1.0),
        ShapeError,
        "grad needs a function that returns one number; this one returned None",
    ),
    (lambda: cr.grad(lambda x: x, has_aux=True)(1.0), ShapeError, "has_aux=True expects f to return (value, anything)"),
    (
        lambda: cr.grad(lambda x: x)("a"),
        ArgumentError,
        "expected a number or an array of numbers to differentiate, got str 'a'",
    ),
    (lambda: cr.grad(lambda x: x)(1j), ShapeError, "this one returned a complex one"),
    (
        lambda: cr.grad(lambda x: "text")(1.0),
        ArgumentError,
        "expected the function to return numbers, arrays, or lists, tuples and dicts of them, got a str",
    ),
    (
        lambda: cr.jvp(np.sin, 1.0, 1.0),
        ArgumentError,
        "jvp(f, primals, tangents) expects tuples with one entry for each argument: jvp(f, (x,), (v,))",
    ),
    (lambda: cr.jvp(np.sin, (1.0,), (np.ones(2),)), ShapeError, "jvp tangent: expected shape (), got (2,)"),
    (lambda: cr.jvp(np.sin, (1.0,), ((1.0, 2.0),)), ShapeError, "jvp tangents: expected the structure (*,), got (("),
    (lambda: cr.vjp(np.sin, 1.0)[1]((1.0, 2.0)), ShapeError, "vjp cotangent: expected the structure *, got ("),
    (lambda: cr.vjp(np.sin, np.ones(2))[1](np.ones(3)), ShapeError, "vjp cotangent: expected shape (2,), got (3,)"),
    (lambda: cr.taylor(np.sin, 0.0, -1), ArgumentError, "taylor(f, x0, n): expected a degree n >= 0, got -1"),
    (lambda: cr.taylor(np.sin, 0.0, 1.5), ArgumentError, "taylor(f, x0, n): expected a degree n >= 0, got 1.5"),
    (
        lambda: cr.taylor(lambda x: (x, x), 0.0, 1),
        ArgumentError,
        "taylor(f, x0, n): f should return one number, it returned 2",
    ),
    (lambda: cr.taylor(np.sin, 0.0, 2).truncated(3), ArgumentError, "expected a degree from 0 to 2, got 3"),
    (lambda: cr.jet(lambda x: [x, x], (0.0,), ((1.0,),)), ArgumentError, "jet: f should return one number or array"),
    (
        lambda: cr.Value([1.0, 2.0]).backward(),
        ShapeError,
        "backward() of an array of shape (2,) needs a weight for each element: write "
        "y.sum().backward(), or y.backward(cotangent) with an array of that shape",
    ),
    (
        lambda: cr.Value([1.0, 2.0]).backward([1.0]),
        ShapeError,
        "backward(): expected a cotangent of shape (2,), got (1,)",
    ),
    (
        lambda: cr.Value([cr.Value(1.0)]),
        ArgumentError,
        "Value expects numbers, got a list of Values; write cr.stack([...])",
    ),
    (lambda: cr.Value(1j), ArgumentError, "Value expects a real number, got the complex 1j"),
    (
        lambda: setattr(cr.Value(1.0) * 2, "data", 3.0),
        ArgumentError,
        "only inputs can be given new data; this Value is the result of '*'. "
        "Assign to its inputs and compute it again, or call .forward(...)",
    ),
    (lambda: cr.Value(2.0)[0], ShapeError, "a Value holding one number cannot be indexed"),
    (lambda: cr.Value(-2.0) ** 0.5, cr.errors.DomainError, "(-2.0) ** 0.5 has no real value"),
    (
        lambda: cr.Value(1.0, (cr.Value(2.0),), "mine").backward(),
        ArgumentError,
        "the Value made by hand for 'mine' has no _backward: its derivative would be lost",
    ),
]


@pytest.mark.parametrize(("act", "error", "message"), MESSAGES)
def test_messages(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert isinstance(caught.value, ChainruleError)
    assert message in str(caught.value)
    assert "\n  test_arguments.py:" in str(caught.value)
