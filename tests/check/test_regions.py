"""Claims that are wrong somewhere only: in a region, at one entry, on another branch of a function that asks what it is
given. And right claims that lose their digits, which must never be blamed."""

import math

import numpy as np
import pytest
from check.share import ALL, share

from chainrule import Value
from chainrule.check import Verdict, check

WRONG, CORRECT, UNDECIDED = Verdict.WRONG, Verdict.CORRECT, Verdict.UNDECIDED

SMOOTH = {
    "square": (lambda x: x * x, lambda x: 2 * x),
    "sine": (lambda x: math.sin(x), lambda x: math.cos(x)),
    "bell": (lambda x: math.exp(-x * x), lambda x: -2 * x * math.exp(-x * x)),
    "cubic": (lambda x: x**3 - x, lambda x: 3 * x**2 - 1),
}
REGIONS = {
    "0.5 < x < 0.8": lambda x: 0.5 < x < 0.8,
    "a hair beside 2": lambda x: 2.0 < x < 2.01,
    "beyond 3": lambda x: x > 3,
    "below -1.5": lambda x: x < -1.5,
    "where x squared is in a band": lambda x: 4 < x * x < 4.4,
    "beside a number of the closure": lambda x, c=1.234: c < x < c + 0.02,
    "strip at -0.31": lambda x: -0.33 < x < -0.31,
    "next to 0": lambda x: abs(x) < 0.02,
}
MISTAKES = {
    "a factor": lambda d, x: 1.5 * d,
    "the sign": lambda d, x: -d,
    "something more": lambda d, x: d + 0.1,
    "0": lambda d, x: 0.0,
}


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
@pytest.mark.parametrize("smooth", SMOOTH)
def test_a_claim_that_is_wrong_in_one_region_is_found(smooth, region):
    f, df = SMOOTH[smooth]
    turn = list(SMOOTH).index(smooth) + list(REGIONS.values()).index(region)
    for name in MISTAKES if ALL else [list(MISTAKES)[turn % len(MISTAKES)]]:  # each with each region, and each function
        mistake = MISTAKES[name]
        report = check(f, lambda x, wrong=mistake: wrong(df(x), x) if region(x) else df(x))
        assert report.verdict is WRONG, (name, str(report))
    assert check(f, df).verdict is CORRECT


@pytest.mark.parametrize("region", REGIONS.values(), ids=REGIONS)
def test_of_arrays_too(region):
    f, df = (lambda x: np.sum(np.sin(x) * x)), (lambda x: np.cos(x) * x + np.sin(x))
    inside = np.vectorize(lambda v: bool(region(float(v))))
    assert check(
        f, lambda x: np.where(inside(x), 0.5 * df(x), df(x)), box=(np.full(3, -4.0), np.full(3, 4.0))
    ).verdict is (WRONG)


POINTS = {
    "x == 0": lambda x: x == 0,
    "not x": lambda x: not x,
    "x == 1": lambda x: x == 1.0,
    "x in a tuple": lambda x: x in (0.5, -2.0),
    "neither side": lambda x: not (x < 0.75 or x > 0.75),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
@pytest.mark.parametrize("smooth", SMOOTH)
def test_a_claim_that_is_wrong_at_one_point_of_its_own_is_found(smooth, point):
    f, df = SMOOTH[smooth]
    report = check(f, lambda x: df(x) + 0.5 if point(x) else df(x))
    assert report.verdict is WRONG, str(report)


def test_single_points_of_several_numbers():
    f, df = (lambda x: np.sum(x**2)), (lambda x: np.where(x == 0, 1.0, 2 * x))
    assert check(f, df, box=(np.full(3, -2.0), np.full(3, 2.0))).verdict is WRONG


AT_SINGLE_POINTS = {
    "sinc": (
        lambda x: math.sin(x) / x if x != 0 else 1.0,
        lambda x: (x * math.cos(x) - math.sin(x)) / x**2 if x != 0 else 0.0,
    ),
    "sinc without 0": (np.sinc, lambda x: np.cos(np.pi * x) / x - np.sin(np.pi * x) / (np.pi * x**2)),
    "absolute value": (lambda x: abs(x), lambda x: 0.0 if x == 0 else math.copysign(1.0, x)),
    "relu": (lambda x: max(x, 0.0), lambda x: 1.0 if x > 0 else 0.0),
    "the other relu": (lambda x: max(x, 0.0), lambda x: 1.0 if x >= 0 else 0.0),
    "huber": (lambda x: 0.5 * x * x if abs(x) <= 1 else abs(x) - 0.5, lambda x: x if abs(x) <= 1 else np.sign(x)),
    "another value at 0": (lambda x: math.sin(x) if x != 0 else 0.0, lambda x: math.cos(x)),
    "root of a square": (lambda x: math.sqrt(x * x), lambda x: 0.0 if x == 0 else x / abs(x)),
}


@pytest.mark.parametrize("name", AT_SINGLE_POINTS)
def test_right_claims_with_a_formula_for_one_point(name):
    f, df = AT_SINGLE_POINTS[name]
    with np.errstate(all="ignore"):
        assert check(f, df).verdict is CORRECT


def test_where_f_itself_changes_its_formula():
    f = lambda x: x * x if x < 1.9 else (3.61 if x < 2.0 else x * x - 0.39)
    report = check(f, lambda x: 2 * x)
    assert report.verdict is WRONG, str(report)
    right = check(f, lambda x: 0.0 if 1.9 <= x < 2.0 else 2 * x)
    assert right.verdict is CORRECT, str(right)


def test_in_a_box_inside_the_box_only():
    wrong_outside = lambda x: 2 * x if 0 < x < 1 else 7.0
    assert check(lambda x: x * x, wrong_outside, box=(0.1, 0.9)).verdict is CORRECT
    assert check(lambda x: x * x, lambda x: 2 * x if x < 0.7 else 7.0, box=(0.1, 0.9)).verdict is WRONG


ASKING = {
    "isinstance": lambda x: x * x if isinstance(x, float) else x * x * x,
    "type": lambda x: x * x if type(x) is float else x * x * x,
    "isscalar": lambda x: x * x if np.isscalar(x) else x * x * x,
    "a try around float": lambda x: _tried(x),
    "a cast": lambda x: float(x) * float(x),
    "issubclass": lambda x: x * x if issubclass(type(x), (int, float)) else 3 * x,
    "an attribute": lambda x: x * x * x if hasattr(x, "_number") or hasattr(x, "ae") else x * x,
    "the name of the class": lambda x: x * x if type(x).__name__ in ("float", "float64") else x,
    "numbers.Real": lambda x: x * x if isinstance(x, __import__("numbers").Real) else 5 * x,
}


def _tried(x):
    try:
        return float(x) ** 2
    except Exception:
        return 1e10


@pytest.mark.parametrize("f", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize("at", [3.0, 1.0, -2.5, 0.7, [1.0, 2.0], np.float64(3.0), None], ids=str)
def test_f_for_plain_numbers_is_what_counts(f, at):
    if type(at) is np.float64 and f is ASKING["type"]:
        pytest.skip("this f cubes NumPy's numbers")
    right = check(f, lambda x: 2 * x, at=at)
    assert right.verdict is CORRECT, str(right)
    for claim in (lambda x: 3 * x * x, lambda x: 0 * x, lambda x: 3 * x**0, lambda x: 2.001 * x):
        assert check(f, claim, at=at).verdict is WRONG


def test_of_a_claim_too():
    f = lambda x: x * x
    for asks in (lambda x: type(x) is float, lambda x: isinstance(x, float), np.isscalar):
        assert check(f, lambda x, a=asks: 3 * x if a(x) else 2 * x, at=1.5).verdict is WRONG
        assert check(f, lambda x, a=asks: 2 * x if a(x) else 3 * x, at=1.5).verdict is CORRECT


def test_a_witness_put_aside_is_named():
    cubes_ours = lambda x: x * x * x if isinstance(x, Value) else x * x
    text = str(check(cubes_ours, lambda x: 2 * x, at=3.0))
    assert "27" in text
    assert "for plain numbers" in text


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def elu(x):
    return x if x >= 0 else 0.1 * (math.exp(x) - 1)


def bell(x):
    return 2 / math.sqrt(math.pi) * math.exp(-x * x)


DELICATE = {
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2, [12.0, 18.0, -15.0, 0.3]),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), [25.0, 30.0, -20.0]),
    "erf squared": (lambda x: math.erf(x) ** 2 / 2, lambda x: math.erf(x) * bell(x), [5.0]),
    "1 - erf": (lambda x: x * (1 - math.erf(x)), lambda x: 1 - math.erf(x) - x * bell(x), [4.5]),
    "elu by its value": (elu, lambda x: 1.0 if x >= 0 else elu(x) + 0.1, [-20.0, -12.0, 1.0]),
    "tanh squared": (
        lambda x: 1 - math.tanh(x) ** 2, lambda x: -2 * math.tanh(x) * (1 - math.tanh(x) ** 2), [12.0, 3.0],
    ),
    "softplus": (lambda x: math.log1p(math.exp(x)), lambda x: 1 - 1 / (1 + math.exp(x)), [-25.0, 3.0, -117.0, -139.0]),
    "versine": (lambda x: x - math.sin(x), lambda x: 1 - math.cos(x), [1e-5, 1e-3]),
}  # fmt: skip


@pytest.mark.parametrize("name", DELICATE)
def test_lost_digits_are_no_mistake(name):
    f, df, points = DELICATE[name]
    for point in points:
        assert check(f, df, at=point).verdict is not WRONG, (point, str(check(f, df, at=point)))
    for seed in share(range(list(DELICATE).index(name), 104 if ALL else 60, len(DELICATE))):
        report = check(f, df, seed=seed)
        assert report.verdict is CORRECT, (seed, str(report))


def cross_entropy(z):
    m = z - np.max(z)
    return np.log(np.sum(np.exp(m))) - m[0]


def softmax_less_one(z):
    e = np.exp(z - np.max(z))
    p = e / e.sum()
    p[0] -= 1
    return p


@pytest.mark.parametrize("confidence", [5.0, 15.0, 20.0, 22.3, 25.0, 30.0, 36.0])
def test_softmax_less_one_hot_on_a_confident_sample(confidence):
    at = np.array([confidence, 0.0, 0.4])
    assert check(cross_entropy, softmax_less_one, at=at).verdict is not WRONG
    assert check(cross_entropy, lambda z: 2 * softmax_less_one(z), at=at).verdict is WRONG


def test_single_precision_is_still_seen():
    f, df = (lambda x: np.sum(np.sin(x))), (lambda x: np.cos(x))
    report = check(f, lambda x: df(x).astype(np.float32).astype(float), at=np.linspace(0.3, 1.1, 5))
    assert report.verdict is WRONG
    assert "float32" in report.causes[0]


class TestOnePoint:
    def test_a_claim_wrong_at_one_given_point_is_wrong_whatever_its_neighbours_say(self):
        for at in ([1.0], [0.5, 1.0, 2.0, 3.0], [2.0, 1.0, 7.0]):
            report = check(lambda x: x * x, lambda x: 7.0 if x == 1.0 else 2 * x, at=at)
            assert report.verdict is WRONG
            assert len(report.points) == len(at)

    def test_and_where_nothing_can_be_traced(self):
        report = check(lambda x: float(x) ** 2, lambda x: 7.0 if float(x) == 1.0 else 2 * float(x), at=[1.0, 2.0])
        assert report.verdict is WRONG

    def test_every_given_point_appears(self):
        at = [0.25, 1.5, 2.75, -3.5, 4.125]
        for claim in (lambda x: 2 * x, lambda x: 3 * x, lambda x: 2 * x if x > 2 else x):
            text = str(check(lambda x: x * x, claim, at=at))
            assert [p for p in at if f"at x = {p}" not in text] == []


class TestOneEntry:
    @pytest.mark.parametrize("size", [1e8, 1e12, 1e16])
    def test_a_wrong_entry_beside_a_larger_one(self, size):
        f = lambda x: size * x[0] + x[1] * x[1]
        at = np.array([1.0, 2.0])
        assert check(f, lambda x: np.array([size, 2 * x[1]]), at=at).verdict is CORRECT
        for wrong in (lambda x: 5 * x[1], lambda x: 0.0, lambda x: 2.1 * x[1], lambda x: -2 * x[1]):
            report = check(f, lambda x, w=wrong: np.array([size, w(x)]), at=at)
            assert report.verdict is WRONG, str(report)

    def test_what_cancels_is_not_blamed(self):
        random = np.random.default_rng(3)
        for _ in range(10):
            A = random.normal(size=(6, 4))
            b, scale = random.normal(size=6), 10.0 ** random.uniform(-6, 6, 4)
            w = np.linalg.lstsq(A, b, rcond=None)[0] / scale  # where the gradient cancels to nothing
            f = lambda w, A=A * scale, b=b: np.sum((A @ w - b) ** 2)
            df = lambda w, A=A * scale, b=b: 2 * A.T @ (A @ w - b)
            assert check(f, df, at=w).verdict is not WRONG
