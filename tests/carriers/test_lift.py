"""`lift`: plain functions written with `math`, reached wherever a program puts them."""

import functools
import math
import sys
import threading
import types
from math import cos, exp, sin
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule import lift
from chainrule.errors import ChainruleError

calls = 0
history = []


def slope(f, x=0.7):
    return cr.jvp(f, (x,), (1.0,))[1]


def by_difference(f, x=0.7):
    return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6


def agrees(f, x=0.7):
    """Reverse and forward agree with a difference of the plain function."""
    expected = by_difference(f, x)
    return cr.grad(f)(x) == pytest.approx(expected, rel=1e-7) and slope(f, x) == pytest.approx(expected, rel=1e-7)


UNARY = {
    "acos": 0.3,
    "acosh": 1.7,
    "asin": 0.3,
    "asinh": 0.3,
    "atan": 0.3,
    "atanh": 0.3,
    "cbrt": 0.3,
    "cos": 0.3,
    "cosh": 0.3,
    "degrees": 0.3,
    "erf": 0.3,
    "erfc": 0.3,
    "exp": 0.3,
    "exp2": 0.3,
    "expm1": 0.3,
    "fabs": -0.3,
    "gamma": 1.7,
    "lgamma": 1.7,
    "log": 0.3,
    "log10": 0.3,
    "log1p": 0.3,
    "log2": 0.3,
    "radians": 0.3,
    "sin": 0.3,
    "sinh": 0.3,
    "sqrt": 0.3,
    "tan": 0.3,
    "tanh": 0.3,
    "floor": 0.3,
    "ceil": 0.3,
    "trunc": 0.3,
}
SEVERAL = {
    "atan2": lambda x: math.atan2(x, 2.0) + math.atan2(2.0, x),
    "hypot": lambda x: math.hypot(x, 1.0, 2.0),
    "pow": lambda x: math.pow(x, 2.5),
    "fmod": lambda x: math.fmod(x, 0.3),
    "copysign": lambda x: math.copysign(x, -2.0),
    "log to a base": lambda x: math.log(x, 3) + math.log(3, x),
    "fsum": lambda x: math.fsum([x, x * x, 1.0]),
    "fsum of a generator": lambda x: math.fsum(x**k for k in range(4)),
    "prod": lambda x: math.prod([x, x, 3.0], start=2),
    "dist": lambda x: math.dist([x, 1.0], [0.0, x * x]),
    "modf": lambda x: math.modf(x * 3)[0] + math.modf(x)[1],
    "remainder": lambda x: math.remainder(x, 0.5),
    "ldexp": lambda x: math.ldexp(x, 3),
    "isfinite": lambda x: x * math.isfinite(x) * (not math.isnan(x)),
    "isclose": lambda x: x * math.isclose(x, x + 1e-12),
}


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_math(name):
    function = getattr(math, name)
    assert agrees(lambda x: function(x) * x, UNARY[name])
    for x in (UNARY[name], int(10 * UNARY[name]) / 10):
        assert lift(lambda t: function(t))(x) == function(x)


@pytest.mark.parametrize("name", SEVERAL)
def test_functions_of_several_numbers(name):
    assert agrees(SEVERAL[name])


def scaled(x, factor=2.0):
    return factor * sin(x)


def through_star_import():
    namespace = {}
    exec("from math import *\ndef f(x): return sin(x) * exp(-x) + pi", namespace)
    return namespace["f"]


def with_import_inside(x):
    import math as m
    from math import log1p as slow

    return m.sin(x) + slow(x)


def with_array_import_inside(x):
    import numpy

    return numpy.sum(numpy.array([x, 2 * x]) ** 2)


def countdown(x, n=3):
    return x if n == 0 else math.sin(countdown(x, n - 1))


def ping(x, n):
    return x if n == 0 else cos(pong(x, n - 1))


def pong(x, n):
    return x if n == 0 else sin(ping(x, n - 1))


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **settings):
        history.append(function.__name__)
        return function(*args, **settings)

    return wrapper


@logged
def decorated(x):
    return exp(-x * x)


@functools.lru_cache
def cached(x):
    return math.tanh(x)


def outer(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + math.sin(v)

    for k in range(3):
        add(k * x)
    return total


def recursive_inside(x):
    def go(v, n):
        return v if n == 0 else math.cos(go(v, n - 1))

    return go(x, 4)


def with_class_inside(x):
    class Local:
        half = math.pi / 2
        factor = scaled(0.5)

        def value(self, v):
            return math.sin(v) * self.half * self.factor

    return Local().value(x)


class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return math.tanh(self.w * x)

    def forward(self, x):
        return math.sin(self.w * x) + scaled(x)

    @classmethod
    def unit(cls, x):
        return math.exp(x)


module = types.ModuleType("my_helpers")
exec("import math\ndef helper(x): return math.atan(x)\ndef twice(x): return 2 * helper(x)", vars(module))
layer = Layer(1.5)
pair = (math.sin, lambda x: math.cos(x))

REACHED = {
    "call": lambda x: scaled(x) + scaled(x, 3.0),
    "star import": through_star_import(),
    "import inside": with_import_inside,
    "numpy imported inside": with_array_import_inside,
    "recursion": countdown,
    "mutual recursion": lambda x: ping(x, 3),
    "decorator": decorated,
    "lru_cache": lambda x: cached(x) * x,
    "default": lambda x, f=math.sin, g=scaled: f(x) * g(x),
    "keyword default": lambda x, *, f=math.sin: f(x),
    "nonlocal": outer,
    "local recursion": recursive_inside,
    "class inside": with_class_inside,
    "callable object": layer,
    "object called by name": lambda x: layer(x),
    "bound method": layer.forward,
    "class method": Layer.unit,
    "partial": functools.partial(scaled, factor=3.0),
    "partial of math": functools.partial(math.pow, 2.0),
    "partial called by name": functools.partial(lambda g, x: g(x), scaled),
    "module of one's own": lambda x: module.twice(x),
    "tuple of functions": lambda x: sum(f(x) for f in pair),
    "map": lambda x: sum(map(sin, [x, 2 * x])),
    "math itself": math.sin,
    "comprehension": lambda x: sum([math.sin(k * x) for k in range(3)]),
    "vectorize": lambda x: np.sum(np.vectorize(lambda t: math.sin(t) if t > 0 else t)(np.array([x, -x]))),
    "array": lambda x: np.sum(np.array([[x, 1.0], [math.sin(x), x * x]])),
}


@pytest.mark.parametrize("name", REACHED)
def test_reached(name):
    assert agrees(REACHED[name])


def test_functions_passed_as_arguments():
    assert cr.grad(lambda x, f: f(x))(0.0, math.sin) == 1.0
    assert cr.grad(lambda x, f=None: f(x))(0.0, f=lambda t: math.sin(2 * t)) == 2.0


def test_globals_are_read_when_they_are_used():
    namespace = {}
    exec("import math\ndef g(x): return math.sin(x)\ndef f(x): return k * g(x)\nk = 1.0", namespace)
    f = namespace["f"]
    assert cr.grad(f)(0.0) == 1.0
    namespace["k"] = 5.0
    assert cr.grad(f)(0.0) == 5.0
    exec("def g(x): return 3 * math.sin(x)", namespace)
    assert cr.grad(f)(0.0) == 15.0
    namespace["g"] = math.exp
    assert cr.grad(f)(0.0) == 5.0


def counted(x):
    global calls
    calls += 1
    return math.sin(x) * seen_elsewhere()


def seen_elsewhere():
    return 1.0 + 0.0 * calls


def test_assignments_to_globals_are_kept():
    global calls
    calls = 0
    for _ in range(3):
        assert cr.grad(counted)(0.0) == 1.0
    assert calls == 3
    with pytest.raises(ValueError, match="domain"):
        cr.grad(lambda x: counted(x) + math.log(-x))(1.0)
    assert calls == 4
    assert "sin" not in vars(sys.modules[__name__]) or vars(sys.modules[__name__])["sin"] is math.sin


def test_attributes_of_functions_are_kept():
    def f(x):
        f.calls += 1
        return math.sin(x)

    f.calls = 0
    cr.grad(f)(0.0)
    cr.grad(f)(0.0)
    assert vars(f) == {"calls": 2}


def test_nonlocal_assignments_are_kept():
    count = 0

    def f(x):
        nonlocal count
        count += 1
        return math.sin(x)

    cr.grad(f)(0.0)
    assert count == 1


def test_functions_without_math_are_returned_as_they_are():
    plain = lambda x: np.sin(x) * 2
    assert lift(plain) is plain
    assert lift(np.sin) is np.sin
    assert lift(3.0) == 3.0


def test_a_lifted_function_looks_like_the_original():
    lifted = lift(scaled)
    assert (lifted.__name__, lifted.__qualname__, lifted.__module__) == ("scaled", "scaled", scaled.__module__)
    assert lifted(0.3) == scaled(0.3)
    assert lifted(0.3, factor=5.0) == scaled(0.3, factor=5.0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: math.log(x), 0.0),
        (lambda x: math.log(x), -1.0),
        (lambda x: math.sqrt(x), -1.0),
        (lambda x: math.exp(x), 1e4),
        (lambda x: math.asin(x), 2.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: x**-1, 0.0),
        (lambda x: math.sin(x, x), 1.0),
        (lambda x: math.fmod(x, 0.0), 1.0),
        (lambda x: undefined_name + math.sin(x), 1.0),  # noqa: F821
        (lambda x: {}["missing"], 1.0),
    ],
)
def test_errors_are_those_of_the_plain_call(f, x):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        f(x)
    with pytest.raises(type(plain.value)) as ours:
        cr.grad(f)(x)
    assert str(ours.value) == str(plain.value)
    assert ours.traceback[-1].path == plain.traceback[-1].path or "chainrule" in str(ours.traceback[-1].path)


def test_generator_functions_stay_generators():
    def terms(x):
        for k in range(3):
            yield math.sin(k * x)

    assert agrees(lambda x: sum(terms(x)))
    assert list(lift(terms)(0.5)) == list(terms(0.5))


def test_eval_says_what_it_cannot_do():
    with pytest.raises(cr.errors.DroppedDerivative, match=r"write cr\.sin, np\.sin"):
        cr.grad(lambda x: eval("math.sin(x)"))(1.0)


def test_threads_lift_the_same_function():
    results = []

    def work():
        results.append([cr.grad(countdown)(0.1 * k) for k in range(30)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(results) == 4
    assert all(found == results[0] for found in results)


_SIGNED = "lambda v: v * v if v > 0 else -v"
VECTORIZED = {
    "plain": (_SIGNED, ""),
    "first result is whole": ("lambda v: 0 if v < 1 else v", ""),
    "first result is true": ("lambda v: True if v < 1 else v", ""),
    "a later one is whole": ("lambda v: v if v < 1 else 0", ""),
    "all are whole": ("lambda v: 1 if v > 0 else 0", ""),
    "several results": ("lambda v: (v, v * v)", ""),
    "floats, a list": (_SIGNED, ", otypes=[float]"),
    "floats, letters": (_SIGNED, ", otypes='d'"),
    "whole numbers": (_SIGNED, ", otypes=[int]"),
    "letters of whole numbers": (_SIGNED, ", otypes='l'"),
    "single precision": ("lambda v: v / 3", ", otypes='f'"),
    "cache": (_SIGNED, ", cache=True"),
    "excluded": ("lambda v: v * v", ", excluded=['p']"),
    "signature": ("lambda v: np.sum(v * v)", ", signature='(n)->()'"),
    "doc": (_SIGNED, ", doc='squares'"),
}


@pytest.mark.parametrize("name", VECTORIZED)
def test_vectorize_honours_its_settings_or_refuses_them(name: str) -> None:
    rule, settings = VECTORIZED[name]
    f: Any = eval(f"lambda x: np.vectorize({rule}{settings})(x)", {"np": np})
    x = np.array([0.3, -1.2, 2.5])
    want = f(x)
    for transform in (lambda: cr.jvp(f, (x,), (x,))[0], lambda: cr.vjp(f, x)[0], lambda: cr.jit(f)(x)):
        try:
            got = transform()
        except ChainruleError:
            assert name not in ("plain", "floats, a list", "floats, letters", "several results", "cache", "doc"), name
            continue
        np.testing.assert_array_equal(got, want, strict=np.ndim(want) > 0)
