"""Code that is reached without a look-up by name: constructors, properties and operators of the user's classes, and
functions that objects hold, written with `math`, differentiated as any other."""

import abc
import cmath
import dataclasses
import enum
import functools
import logging
import math
import sys
import threading
from typing import NamedTuple

import numpy as np
import pytest

import chainrule as cr


class Wave:
    acts = {"exp": math.exp, "tanh": math.tanh}  # noqa: RUF012
    half = functools.partial(math.pow, 0.5)

    def __init__(self, x):
        self.x, self.y = math.sin(x), x

    @classmethod
    def of_root(cls, x):
        return cls(math.sqrt(x))

    @staticmethod
    def cubed(x):
        return math.pow(x, 3)

    @property
    def norm(self):
        return math.hypot(self.x, self.y)

    @functools.cached_property
    def log(self):
        return math.log(self.y)

    def __getattr__(self, name):
        if name == "computed":
            return math.cos(self.y)
        raise AttributeError(name)

    def __getitem__(self, k):
        return math.sin(self.y * (k + 1))

    def __len__(self):
        return 2

    def __iter__(self):
        for k in range(3):
            yield math.cos(self.y * k)

    def __enter__(self):
        return math.exp(self.y)

    def __exit__(self, *error):
        return False

    def __call__(self, x):
        return math.atan(x) * self.y

    def __neg__(self):
        return math.sinh(self.y)

    def __abs__(self):
        return math.cosh(self.y)

    def __mul__(self, other):
        return math.exp(self.y) * (other if isinstance(other, (int, float)) else other.x)

    def __rmul__(self, other):
        return other * math.exp(self.y)

    def __lt__(self, other):
        return math.sin(self.y) < math.sin(other.y)


class Louder(Wave):
    def __init__(self, x):
        super().__init__(x)
        self.z = math.exp(x)

    @property
    def norm(self):
        return 2 * super().norm * math.sqrt(self.z)


@dataclasses.dataclass
class Point:
    x: float
    size: float = dataclasses.field(init=False)

    def __post_init__(self):
        self.size = math.sqrt(self.x)

    def __add__(self, other):
        return Point(math.hypot(self.x, other.x))


class Pair(NamedTuple):
    x: float

    @property
    def root(self):
        return math.sqrt(self.x)


class Slots:
    __slots__ = ("v",)

    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Slots(self.v + math.sin(other.v))


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    @property
    def scaled(self):
        return math.log(self.area)


class Disc(Shape):
    def __init__(self, r):
        self.r = r

    @property
    def area(self):
        return math.pi * math.pow(self.r, 2)


class Kind(enum.Enum):
    SIN = "sin"

    def __call__(self, x):
        return math.sin(x) if self is Kind.SIN else x


class Counted:
    """A decorator that counts calls."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, *args, **settings):
        self.calls += 1
        return self.f(*args, **settings)


def wave(v):
    return math.sin(v) * v


def apply(f, x):
    return f(x) * x


class Held:
    def __init__(self, act):
        self.act, self.layers, self.table = act, [act, math.tanh], {"a": act}

    def called(self, x):
        return self.act(x) * x

    def starred(self, *args):
        return self.act(*args)

    def handed_on(self, x):
        return apply(self.act, x) + apply(self.called, x)

    def in_turn(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def by_name(self, x):
        return self.table["a"](x)

    def mapped(self, x):
        return sum(map(self.act, [x, 2 * x]))

    def local(self, x):
        f = self.act
        return f(x)

    def partial(self, x):
        return functools.partial(self.act, x)()

    def largest(self, x):
        return max([x, 2 * x], key=self.act)

    def inside(self, x):
        return (lambda y: self.act(y) * y)(x)

    def asked_for(self, x):
        return getattr(self, "called")(x)  # noqa: B009


@np.vectorize
def piece(x):
    return math.sin(x) * x if x > 0 else math.exp(x)


@np.vectorize(otypes=[float])
def typed_piece(x):
    return math.sin(x) * x


@functools.singledispatch
def by_type(x):
    raise NotImplementedError


@by_type.register
def _(x: float):
    return math.sin(x)


@by_type.register
def _(x: np.ndarray):
    return np.sum(np.exp(x))


counted = Counted(wave)
held = {"own": Held(wave), "of math": Held(math.sin)}
quiet = logging.getLogger("chainrule.tests.reached")
quiet.addHandler(logging.NullHandler())
quiet.propagate = False
quiet.setLevel(logging.DEBUG)


def told(x):
    quiet.debug("x = %.3f", x)
    return math.sin(x) + len("x = %g" % x) * 0  # noqa: UP031


def entered(x):
    with Wave(x) as y:
        return y * x


WAYS = {
    "constructor": lambda x: Wave(x).x,
    "of a base class": lambda x: Louder(x).z * Louder(x).x,
    "class method": lambda x: Wave.of_root(x).x,
    "static method": lambda x: Wave.cubed(x) + Wave(x).cubed(x),
    "property": lambda x: Wave(x).norm,
    "property of a base class": lambda x: Louder(x).norm,
    "cached property": lambda x: Wave(x).log,
    "__getattr__": lambda x: Wave(x).computed,
    "__getitem__": lambda x: Wave(x)[1],
    "__iter__": lambda x: sum(Wave(x)),
    "__enter__": entered,
    "__call__": lambda x: Wave(x)(x),
    "__neg__": lambda x: -Wave(x),
    "__abs__": lambda x: abs(Wave(x)),
    "__mul__": lambda x: Wave(x) * x + Wave(x) * Wave(x),
    "__rmul__": lambda x: x * Wave(x),
    "__lt__": lambda x: x if Wave(x) < Wave(x + 0.5) else x * x,
    "a class's functions": lambda x: Wave.acts["exp"](x) + Wave(x).acts["tanh"](x) + Wave.half(x),
    "__post_init__": lambda x: Point(x).size,
    "sum of objects": lambda x: sum([Point(x), Point(x * x)], Point(1.0)).size,
    "named tuple": lambda x: Pair(x).root,
    "slots": lambda x: (Slots(x) + Slots(x)).v,
    "abstract class": lambda x: Disc(x).scaled,
    "enumeration": lambda x: Kind.SIN(x),
    "an argument": functools.partial(lambda w, x: w(x) + w.cubed(x) + (w * x), Wave(0.3)),
    "decorator class": counted,
    "decorator class by name": lambda x: counted(x),
    "np.vectorize": lambda x: np.sum(piece(np.stack([x, -x]))),
    "np.vectorize itself": piece,
    "np.vectorize(otypes=)": lambda x: np.sum(typed_piece(np.stack([x, -x]))),
    "singledispatch": lambda x: by_type(x) + by_type(np.stack([x, x])),
    "cmath": lambda x: cmath.exp(1j * x).real + abs(cmath.sqrt(x + 1j)) + cmath.phase(x + 2j),
    "%": told,
    **{
        f"{way}: {name}": functools.partial(getattr(Held, name), made)
        for way, made in held.items()
        for name in vars(Held)
        if not name.startswith("_")
    },
    **{
        f"{way}: method {name}": getattr(made, name)
        for way, made in held.items()
        for name in vars(Held)
        if not name.startswith("_")
    },
}
TRANSFORMS = {
    "reverse": lambda f, x: cr.grad(f)(x),
    "forward": lambda f, x: cr.jvp(f, (x,), (1.0,))[1],
    "vmap": lambda f, x: cr.vmap(cr.grad(f))(np.array([x, x]))[1],
}


@pytest.mark.filterwarnings("ignore::chainrule.errors.VmapWarning")
@pytest.mark.parametrize("way", WAYS)
def test_derivatives(way):
    f, x, h = WAYS[way], 0.7, 1e-6
    expected = (float(f(x + h)) - float(f(x - h))) / (2 * h)
    for name, transform in TRANSFORMS.items():
        assert transform(f, x) == pytest.approx(expected, rel=1e-7), name
    assert math is sys.modules["math"], "names are put back"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "%"])
def test_compiled(way):
    pytest.importorskip("llvmlite")
    compiled = cr.jit(cr.grad(WAYS[way]))
    for x in (0.7, 0.9):
        assert compiled(x) == pytest.approx(cr.grad(WAYS[way])(x), rel=1e-13)


def test_objects_that_can_be_called_keep_their_attributes_as_arguments():
    def f(x, w, k=None):
        w.seen = type(w).__name__
        return w(x) + w.cubed(x) + w * x + (k or w).norm

    made, h = Wave(0.3), 1e-6
    expected = (f(0.7 + h, made) - f(0.7 - h, made)) / (2 * h)
    assert cr.grad(f)(0.7, made) == pytest.approx(expected, rel=1e-7)
    assert cr.grad(f)(0.7, made, k=made) == pytest.approx(expected, rel=1e-7)
    assert cr.vmap(cr.grad(f), in_axes=(0, None))(np.array([0.7, 0.7]), made)[1] == pytest.approx(expected, rel=1e-7)
    assert made.seen == "Wave"


class Units(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **settings):
        plain = [np.asarray(x) for x in inputs]
        return getattr(ufunc, method)(*plain, **settings) * 2.0


def test_an_array_with_arithmetic_of_its_own_computes_with_traced_numbers():
    x = np.array([1.0, 2.0, 4.0])
    slope = cr.grad(lambda y: np.sum(np.multiply(x.view(Units), y)))(x)
    np.testing.assert_allclose(slope, 2 * x, rtol=1e-15)


def test_names_are_put_back_after_errors():
    def fails(x):
        raise RuntimeError(Wave(x).norm)

    with pytest.raises(RuntimeError):
        cr.grad(fails)(0.5)
    assert math.sin.__self__ is sys.modules["math"]
    assert np is sys.modules["numpy"]


def test_what_is_assigned_meanwhile_stays():
    names = {"math": math, "__name__": "assigned"}
    exec(
        "class A:\n"
        "    def __init__(self, x): self.x = math.sin(x)\n"
        "def f(x):\n"
        "    global math\n"
        "    y = A(x).x\n"
        "    math = 3\n"
        "    return y\n",
        names,
    )
    assert cr.grad(names["f"])(0.5) == math.cos(0.5)
    assert names["math"] == 3


def test_other_threads_compute_what_they_did():
    found, stop = [], threading.Event()

    def plainly():
        while not stop.is_set():
            found.append((type(Wave(0.5).norm), Wave(0.5).norm))

    thread = threading.Thread(target=plainly)
    thread.start()
    try:
        slopes = [cr.grad(WAYS["property"])(0.5) for _ in range(200)]
    finally:
        stop.set()
        thread.join()
    assert set(found) == {(float, Wave(0.5).norm)}
    assert len(set(slopes)) == 1


def test_a_jitted_function_called_inside_is_not_taken_for_changed():
    pytest.importorskip("llvmlite")
    inner = cr.jit(lambda x: math.exp(x) * math.sin(x))

    def outer(x):
        return inner(x) * Wave(x).norm

    before = inner(0.3)
    slope = cr.grad(outer)(0.5)
    h = 1e-6
    assert slope == pytest.approx((outer(0.5 + h) - outer(0.5 - h)) / (2 * h), rel=1e-7)
    assert inner(0.3) == before
    assert cr.grad(outer)(0.5) == slope


@pytest.mark.parametrize("text", ["%.2f", "%g", "%e", "x = %.1f", "%s"])
def test_text_made_with_percent_is_not_read_back(text):
    def read(x):
        return float((text % x).removeprefix("x = ")) * x

    with pytest.raises(cr.errors.DroppedDerivative):
        cr.grad(read)(0.7)
