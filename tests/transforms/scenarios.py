"""Programs people write, as data: a function, a point, and what is known about it in closed form.

Every mode runs on every scenario; a modifier makes another scenario of one. `gradient` is what `grad` gives for
the arguments together, a tuple; `jacobian` what `jacobian` gives for the first argument.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, exp, log, sin, sqrt, tanh
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scenario:
    """A function of numbers and arrays at a point. Answers left out are compared between the modes only."""

    name: str
    f: Callable[..., Any]
    at: tuple[Any, ...]
    value: Any = None
    gradient: tuple[Any, ...] | None = None
    jacobian: Any = None
    second: Any = None  # the Hessian by the first argument
    smooth: bool = True  # whether differences of differences make sense here

    def __repr__(self) -> str:
        return self.name


# -- math on floats -------------------------------------------------------------------------------------------


def three_variables(a, b, c):
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def horner(x):
    total = 0.0
    for c in (2.0, -1.0, 3.0):
        total = total * x + c
    return total


def newton_root(a):
    x = a
    while abs(x * x - a) > 1e-12:
        x = (x + a / x) / 2
    return x


def branches(x):
    if x > 1:
        return log(x) * x
    return -x


def power_by_recursion(x, n=5):
    return 1.0 if n == 0 else x * power_by_recursion(x, n - 1)


def even_steps(x, n):
    return x if n == 0 else sin(odd_steps(x, n - 1))


def odd_steps(x, n):
    return x if n == 0 else cos(even_steps(x, n - 1))


def make_scaled(scale):
    def scaled(x):
        return scale * tanh(x)

    return scaled


def with_default(x, squash=math.tanh, rate=2.0):
    return squash(rate * x)


def with_keyword(x, *, squash=math.atan):
    return squash(x)


def doubled(function):
    @functools.wraps(function)
    def twice(*args):
        return 2 * function(*args)

    return twice


@doubled
def decorated(x):
    return exp(-x)


def comprehension(x):
    return sum([sin(k * x) for k in range(4)])


def generator(x):
    return sum(x**k / math.factorial(k) for k in range(20))


def terms(x):
    for k in range(1, 5):
        yield x**k


def from_generator_function(x):
    return sum(terms(x))


def imports_inside(x):
    from math import atan2

    return atan2(x, 2.0)


class Polynomial:
    def __init__(self, *coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        return sum(c * x**k for k, c in enumerate(self.coefficients))

    def times_sine(self, x):
        return self(x) * math.sin(x)


def euler_steps(y0, rate):
    y = y0
    for _ in range(20):
        y = y + 0.05 * (-rate * y)
    return y


def swap_and_unpack(x, y):
    x, y = y, x
    *rest, last = [x, y, x * y]
    return last + rest[0]


FLOATS = [
    Scenario(
        "three variables",
        three_variables,
        (2.0, 3.0, 4.0),
        6.336362190988558,
        (-12.0 - 0.5 / sqrt(2), 3 * cos(9) + 2.5 * 3**1.5, 1 / 16),
        second=-12.0 + 0.25 * 2**-1.5,
    ),
    Scenario("quartic", lambda x: x**4 - 3 * x**2 + x, (1.5,), -0.1875, (5.5,), second=21.0),
    Scenario("horner in a loop", horner, (2.0,), 9.0, (7.0,), second=4.0),
    Scenario("newton in a while loop", newton_root, (2.0,), sqrt(2), (0.5 / sqrt(2),)),
    Scenario("the branch taken", branches, (2.0,), 2 * log(2), (log(2) + 1,), second=0.5),
    Scenario("the other branch", branches, (0.5,), -0.5, (-1.0,), second=0.0),
    Scenario("recursion", power_by_recursion, (1.1,), 1.1**5, (5 * 1.1**4,), second=20 * 1.1**3),
    Scenario(
        "two functions calling each other",
        lambda x: even_steps(x, 2),
        (0.3,),
        sin(cos(0.3)),
        (-cos(cos(0.3)) * sin(0.3),),
    ),
    Scenario("closure", make_scaled(3.0), (0.4,), 3 * tanh(0.4), (3 / math.cosh(0.4) ** 2,)),
    Scenario("default arguments", with_default, (0.2,), tanh(0.4), (2 / math.cosh(0.4) ** 2,)),
    Scenario("keyword default", with_keyword, (0.5,), math.atan(0.5), (0.8,), second=-0.64),
    Scenario("decorator", decorated, (0.5,), 2 * exp(-0.5), (-2 * exp(-0.5),), second=2 * exp(-0.5)),
    Scenario(
        "partial", functools.partial(three_variables, 2.0, 3.0), (4.0,), 6.336362190988558, (1 / 16,), second=-1 / 32
    ),
    Scenario(
        "comprehension",
        comprehension,
        (0.7,),
        sum(sin(k * 0.7) for k in range(4)),
        (sum(k * cos(k * 0.7) for k in range(4)),),
    ),
    Scenario("generator expression", generator, (0.5,), exp(0.5), (exp(0.5),), second=exp(0.5)),
    Scenario("generator function", from_generator_function, (2.0,), 30.0, (49.0,), second=62.0),
    Scenario("import inside", imports_inside, (1.0,), math.atan2(1, 2), (0.4,), second=-0.16),
    Scenario("callable object", Polynomial(1.0, 2.0, 3.0), (2.0,), 17.0, (14.0,), second=6.0),
    Scenario(
        "bound method", Polynomial(0.0, 1.0).times_sine, (1.0,), sin(1), (sin(1) + cos(1),), second=2 * cos(1) - sin(1)
    ),
    Scenario("explicit Euler", euler_steps, (1.0, 2.0), 0.9**20, (0.9**20, -(0.9**19)), second=0.0),
    Scenario("swap and unpack", swap_and_unpack, (2.0, 5.0), 15.0, (5.0, 3.0), second=0.0),
    Scenario(
        "logs of two bases",
        lambda x: math.log(x, 2) + math.log2(x) + math.log10(x),
        (4.0,),
        4 + math.log10(4),
        ((2 / log(2) + 1 / log(10)) / 4,),
    ),
    Scenario(
        "norms by math", lambda x, y: math.hypot(x, y) + math.dist((x, 0.0), (0.0, y)), (3.0, 4.0), 10.0, (1.2, 1.6)
    ),
    Scenario(
        "gamma and erf",
        lambda x: math.lgamma(x) + math.erf(x),
        (2.0,),
        math.erf(2.0),
        (1 - 0.5772156649015329 + 2 / sqrt(math.pi) * exp(-4),),
    ),
    Scenario(
        "chained comparison and abs", lambda x: abs(x) if -1 < x < 1 else x * x, (-0.5,), 0.5, (-1.0,), second=0.0
    ),
    Scenario("power tower", lambda x, y: x**y, (2.0, 3.0), 8.0, (12.0, 8 * log(2)), second=12.0),
    Scenario("constant", lambda x: 3.0, (2.0,), 3.0, (0.0,), second=0.0),
    Scenario("sigmoid of a sum", lambda x, y: 1 / (1 + exp(-(x + y))), (0.3, -0.3), 0.5, (0.25, 0.25), second=0.0),
]

# -- numpy on arrays ------------------------------------------------------------------------------------------

V = np.array([0.3, -1.2, 2.0])
P = np.array([0.5, 1.5, 2.5])
A = np.array([[2.0, 0.5, 0.0], [0.5, 3.0, 1.0], [0.0, 1.0, 4.0]])
POINTS = np.random.default_rng(3).standard_normal((6, 2))
SIGNS = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0])


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def softmax_loss(logits):
    shifted = logits - np.max(logits)
    return -(shifted - np.log(np.sum(np.exp(shifted))))[3]


def moons_network(p):
    hidden = np.tanh(POINTS @ p["w1"] + p["b1"])
    scores = hidden @ p["w2"] + p["b2"]
    return np.mean(np.maximum(0.0, 1 - SIGNS * scores)) + 1e-2 * np.sum(p["w1"] ** 2)


def network_parameters():
    random = np.random.default_rng(5)
    return {
        "w1": random.standard_normal((2, 4)),
        "b1": np.zeros(4),
        "w2": random.standard_normal(4),
        "b2": 0.1,
    }


def pinhole(camera, points):
    """A bundle of points seen by a camera that is turned about an axis and moved: the projections."""
    angle, shift, focal = camera[0], camera[1:4], camera[4]
    c, s = np.cos(angle), np.sin(angle)
    turned = np.stack([c * points[:, 0] - s * points[:, 1], s * points[:, 0] + c * points[:, 1], points[:, 2]], axis=1)
    moved = turned + shift
    return focal * moved[:, :2] / moved[:, 2:]


CAMERA = np.array([0.2, 0.1, -0.3, 4.0, 1.5])
BUNDLE = np.array([[0.0, 0.1, 0.2], [1.0, -0.5, 0.3]])
LOGITS = np.array([0.0, 3.0, -2.0, 1.0])
SOFTMAX = np.exp(LOGITS) / np.sum(np.exp(LOGITS))

ARRAYS = [
    Scenario("sum of squares", lambda x: np.sum(x**2), (V,), float(V @ V), (2 * V,), second=2 * np.eye(3)),
    Scenario("quadratic form", lambda x: x @ A @ x, (V,), float(V @ A @ V), (2 * A @ V,), second=2 * A),
    Scenario("linear map", lambda x: A @ x, (V,), A @ V, jacobian=A),
    Scenario("elementwise", np.sin, (V,), np.sin(V), jacobian=np.diag(np.cos(V))),
    Scenario(
        "rosenbrock",
        rosenbrock,
        (np.array([1.0, 1.0, 1.0]),),
        0.0,
        (np.zeros(3),),
        second=np.array([[802.0, -400, 0], [-400, 1002, -400], [0, -400, 200]]),
    ),
    Scenario(
        "softmax loss",
        softmax_loss,
        (LOGITS,),
        2.1755153626167147,
        (SOFTMAX - [0, 0, 0, 1],),
        second=np.diag(SOFTMAX) - np.outer(SOFTMAX, SOFTMAX),
    ),
    Scenario(
        "log determinant",
        lambda a: np.log(np.linalg.det(a)),
        (A,),
        float(np.log(np.linalg.det(A))),
        (np.linalg.inv(A).T,),
    ),
    Scenario("solve", lambda b: np.linalg.solve(A, b), (V,), np.linalg.solve(A, V), jacobian=np.linalg.inv(A)),
    Scenario(
        "inverse and trace",
        lambda a: np.trace(np.linalg.inv(a)),
        (A,),
        float(np.trace(np.linalg.inv(A))),
        (-np.linalg.inv(A @ A).T,),
    ),
    Scenario("norm at zero", lambda x: np.linalg.norm(x) ** 2, (np.zeros(3),), 0.0, (np.zeros(3),), smooth=False),
    Scenario(
        "slices",
        lambda x: np.sum(x[1:] * x[:-1]),
        (V,),
        float(V[1:] @ V[:-1]),
        (np.array([-1.2, 2.3, -1.2]),),
        second=np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]),
    ),
    Scenario(
        "repeated index",
        lambda x: np.sum(x[[0, 0, 2]] ** 2),
        (V,),
        2 * 0.09 + 4.0,
        (np.array([1.2, 0.0, 4.0]),),
        second=np.diag([4.0, 0.0, 2.0]),
    ),
    Scenario("boolean mask", lambda x: np.sum(x[x > 0] ** 3), (V,), 0.027 + 8.0, (np.array([0.27, 0.0, 12.0]),)),
    Scenario(
        "where", lambda x: np.sum(np.where(x > 0, x**2, -x)), (V,), 0.09 + 1.2 + 4.0, (np.array([0.6, -1.0, 4.0]),)
    ),
    Scenario(
        "broadcast column and row",
        lambda x, y: np.sum(x[:, None] * y),
        (V, P),
        float(V.sum() * P.sum()),
        (np.full(3, P.sum()), np.full(3, V.sum())),
        second=np.zeros((3, 3)),
    ),
    Scenario(
        "scalar meets array",
        lambda s, x: np.sum(s * x),
        (2.0, V),
        2 * float(V.sum()),
        (float(V.sum()), np.full(3, 2.0)),
        second=0.0,
    ),
    Scenario(
        "mean and variance",
        lambda x: np.mean(x) + np.var(x),
        (V,),
        float(V.mean() + V.var()),
        (1 / 3 + 2 * (V - V.mean()) / 3,),
        second=2 * (np.eye(3) - 1 / 3) / 3,
    ),
    Scenario("standardise", lambda x: (x - x.mean()) / x.std(), (V,), (V - V.mean()) / V.std()),
    Scenario("maximum", lambda x: np.max(x) * np.min(x), (V,), -2.4, (np.array([0.0, 2.0, -1.2]),)),
    Scenario(
        "cumulative products",
        lambda x: np.sum(np.cumprod(x)),
        (P,),
        0.5 + 0.75 + 1.875,
        (np.array([6.25, 1.75, 0.75]),),
    ),
    Scenario(
        "reshape and transpose",
        lambda x: np.sum(x.reshape(2, 2).T @ np.array([1.0, 10.0])),
        (np.arange(4.0),),
        23.0 + 28,
        None,
    ),
    Scenario(
        "concatenate and stack",
        lambda x: np.sum(np.concatenate([x, 2 * x]) * np.stack([x, x]).ravel()),
        (V,),
        3 * float(V @ V),
        (6 * V,),
        second=6 * np.eye(3),
    ),
    Scenario("einsum", lambda x: np.einsum("i,ij,j->", x, A, x), (V,), float(V @ A @ V), (2 * A @ V,), second=2 * A),
    Scenario(
        "np.array of results",
        lambda x: np.array([x[0] * x[1], np.sin(x[2])]),
        (V,),
        np.array([-0.36, np.sin(2.0)]),
        jacobian=np.array([[-1.2, 0.3, 0.0], [0.0, 0.0, np.cos(2.0)]]),
    ),
    Scenario(
        "loop over elements",
        lambda x: sum(sin(v) * v for v in x),
        (V,),
        float(np.sin(V) @ V),
        (np.sin(V) + V * np.cos(V),),
    ),
    Scenario(
        "product with a zero",
        np.prod,
        (np.array([2.0, 0.0, 3.0]),),
        0.0,
        (np.array([0.0, 6.0, 0.0]),),
        second=np.array([[0.0, 3, 0], [3, 0, 2], [0, 2, 0]]),
    ),
    Scenario("camera", pinhole, (CAMERA, BUNDLE)),
    Scenario("matrix to matrix", lambda a: a @ a.T, (A[:2],), A[:2] @ A[:2].T),
    Scenario("moons network", moons_network, (network_parameters(),), smooth=False),
    Scenario("list of arrays", lambda p: np.sum(p[0] * p[1]), ([V, P],), float(V @ P), ([P, V],)),
    Scenario(
        "dict and tuple",
        lambda p: p["a"] * p["b"][0] + p["b"][1] ** 2,
        ({"a": 2.0, "b": (3.0, 4.0)},),
        22.0,
        ({"a": 3.0, "b": (2.0, 8.0)},),
    ),
    Scenario("list of floats", lambda xs: sum(x * x for x in xs), ([1.0, 2.0],), 5.0, ([2.0, 4.0],)),
]

ALL = FLOATS + ARRAYS

# -- modifiers ------------------------------------------------------------------------------------------------


def in_float32(s: Scenario) -> Scenario | None:
    """The same at float32 arrays; nothing for points without arrays."""
    if not all(isinstance(x, np.ndarray) for x in s.at):
        return None
    return replace(s, name=f"{s.name}, float32", at=tuple(x.astype(np.float32) for x in s.at))


def with_integers(s: Scenario) -> Scenario | None:
    """The same at integers, where the point is whole."""
    if not all(isinstance(x, float) and x == int(x) for x in s.at):
        return None
    return replace(s, name=f"{s.name}, integers", at=tuple(int(x) for x in s.at))


def in_closure(s: Scenario) -> Scenario:
    """The function called by one that finds it in its closure."""
    f = s.f
    return replace(s, name=f"{s.name}, in a closure", f=lambda *args: f(*args))


def in_container(s: Scenario) -> Scenario:
    """All arguments in one dict."""
    f = s.f
    gradient = None if s.gradient is None else ({"args": list(s.gradient)},)
    return replace(
        s,
        name=f"{s.name}, in a dict",
        f=lambda p: f(*p["args"]),
        at=({"args": list(s.at)},),
        gradient=gradient,
        jacobian=None,
        second=None,
    )
