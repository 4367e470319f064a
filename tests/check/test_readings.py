"""A claim is read in every way its form allows: the right reading is named, a wrong one stays wrong in all."""

import functools
import itertools
import math

import numpy as np
import pytest

from chainrule.check import Reason, Verdict, check, compare
from chainrule.check.readings.by_name import FORMS
from chainrule.errors import ArgumentError

X, Y = np.array([0.3, -0.7, 1.2]), np.array([0.1, 0.9, 0.4])


def layer(w, b):
    return np.sum(np.tanh(w * X + b)) + np.sum(w**3)


def slopes(w, b):
    curve = 1 - np.tanh(w * X + b) ** 2
    return curve * X + 3 * w**2, float(np.sum(curve))


AT = (Y, 0.3)

# (the function, how the right gradients (by w, by b) are handed over, words of the reading)
FORMS_OF_PAIRS = {
    "by the first alone": (lambda dw, db: dw, "by w alone"),
    "by the second alone": (lambda dw, db: db, "by b alone"),
    "one flat array": (lambda dw, db: np.append(dw, db), "one array"),
    "with the value": (lambda dw, db: (layer(*AT), (dw, db)), "value and gradient"),
    "a maker": (lambda dw, db: lambda w, b: (dw, db), "makes the derivative"),
    "an entry more": (lambda dw, db: {"dw": dw, "db": db, "dx": 1.0}, "left aside: dx"),
    "one entry": (lambda dw, db: {"db": db}, "by b alone"),
    **{
        f"named {form}": (lambda dw, db, form=form: {form.format("w"): dw, form.format("b"): db}, "matched by name")
        for form in FORMS
    },
    "named, in another order": (lambda dw, db: {"db": db, "dw": dw}, "matched by name"),
}


@pytest.mark.parametrize("name", FORMS_OF_PAIRS)
def test_a_form_is_read_and_named(name):
    form, words = FORMS_OF_PAIRS[name]
    report = check(layer, lambda w, b: form(*slopes(w, b)), AT)
    assert report.verdict is Verdict.CORRECT, report
    assert words in report.headline


@pytest.mark.parametrize("name", FORMS_OF_PAIRS)
@pytest.mark.parametrize("mistake", [-1.0, 1.001])
def test_a_mistake_is_wrong_in_every_form(name, mistake):
    form, _ = FORMS_OF_PAIRS[name]
    report = check(layer, lambda w, b: form(*(mistake * g for g in slopes(w, b))), AT)
    assert report.verdict is Verdict.WRONG, report


OUTPUT = {
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda s: s * (1 - s)),
    "tanh": (np.tanh, lambda y: 1 - y**2),
    "softplus": (lambda x: np.log1p(np.exp(x)), lambda y: 1 - np.exp(-y)),
}


@pytest.mark.parametrize("name", OUTPUT)
@pytest.mark.parametrize("at", [None, 0.4, X, [0.4, -1.2]])
def test_a_derivative_in_the_output(name, at):
    f, df = OUTPUT[name]
    report = check(f, df, at)
    assert report.verdict is Verdict.CORRECT, report
    assert "df(f(x))" in report.headline
    assert check(f, lambda y: 2 * df(y), at).verdict is Verdict.WRONG


@pytest.mark.parametrize("first", [True, False])
def test_a_backward_pass_with_the_gradient_from_above(first):
    df = (lambda dout, x: dout * (1 - np.tanh(x) ** 2)) if first else (lambda x, dout: dout * (1 - np.tanh(x) ** 2))
    assert check(np.tanh, df, X).verdict is Verdict.CORRECT
    wrong = (lambda dout, x: dout * (1 - np.tanh(x))) if first else (lambda x, dout: dout * (1 - np.tanh(x)))
    assert check(np.tanh, wrong, X).verdict is Verdict.WRONG


def test_a_reading_that_is_right_at_the_point_by_chance_is_none():
    report = check(lambda x: x**2, lambda x: x, 2.0)  # df(f(2)) is 4 as well
    assert report.verdict is Verdict.WRONG


def test_several_right_readings_are_listed():
    report = check(lambda a, b: a + b, lambda a, b: 1.0, (2.0, 3.0))
    assert report.reason is Reason.AMBIGUOUS
    assert "argnums=0" in report.advice
    assert "argnums=1" in report.advice


def test_points_that_are_drawn_find_the_form_that_fits():
    assert check(lambda t, p: np.mean((t - p) ** 2), lambda t, p: 2 * (p - t) / t.size).verdict is Verdict.CORRECT
    assert check(math.exp, lambda n: np.exp).verdict is Verdict.CORRECT


@pytest.mark.parametrize("error", [NameError, TypeError, IndexError, KeyError, AttributeError])
def test_bugs_of_the_user_pass_through_as_they_are(error):
    def df(x):
        raise error("mine")

    with pytest.raises(error, match="mine"):
        check(math.sin, df, at=1.0)


# -- what is not differentiated passes through ----------------------------------------------------------------------


def entropy(scores, label, mode="mean"):
    assert isinstance(label, (int, list)) or label.dtype.kind == "i"
    assert mode == "mean"
    p = np.exp(scores) / np.sum(np.exp(scores))
    return -np.mean(np.log(p[label]))


def entropy_slope(scores, label, mode="mean"):
    p = np.exp(scores) / np.sum(np.exp(scores))
    hot = np.zeros_like(p)
    np.add.at(hot, label, 1 / np.size(label))
    return p - hot


@pytest.mark.parametrize("argnums", [None, 0])
@pytest.mark.parametrize("label", [1, [0, 2], np.array([2, 1]), np.array([0], np.uint8).astype(int)])
@pytest.mark.parametrize("mode", [(), ("mean",)])
def test_labels_and_words_pass_through_as_they_are(argnums, label, mode):
    at = (X, label, *mode)
    assert check(entropy, entropy_slope, at, argnums=argnums).verdict is Verdict.CORRECT
    assert check(entropy, lambda *a: 2 * entropy_slope(*a), at, argnums=argnums).verdict is Verdict.WRONG
    assert "reverse AD" in str(compare(entropy, at))


def test_a_power_by_its_base():
    assert "by x alone" in check(lambda x, n: x**n, lambda x, n: n * x ** (n - 1), [(2.0, 3)]).headline


def test_whole_numbers_alone_are_differentiated():
    assert check(lambda x, y: x * y, lambda x, y: (y, x), (2, 3)).verdict is Verdict.CORRECT


# -- value and gradient together ------------------------------------------------------------------------------------


def both(x):
    return np.sum(x**2), 2 * x


@pytest.mark.parametrize(
    "call",
    [
        lambda f: check(f, at=X),
        lambda f: check(f, f, at=X),
        lambda f: check(f, at=X, kind="value_and_grad"),
        lambda f: check(f, f, at=X, kind="value_and_grad"),
        lambda f: check(lambda x: np.sum(x**2), f, at=X, kind="value_and_grad"),
        lambda f: check(lambda x: np.sum(x**2), f, at=X),
    ],
)
def test_a_function_that_returns_value_and_gradient(call):
    assert call(both).verdict is Verdict.CORRECT
    assert call(lambda x: (np.sum(x**2), 3 * x)).verdict is Verdict.WRONG


# -- calls that make no sense ---------------------------------------------------------------------------------------


def product(a, b):
    return a * b


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check(product, lambda a, b: (b, a), at=[2.0, 3.0]), r"one point of 2 arguments is at=\(2.0, 3.0\)"),
        (lambda: check(product, lambda a, b: (b, a), at=2.0), "takes 2 arguments"),
        (lambda: check(math.sin, math.cos, at=(1.0, 2.0)), "the point has 2 arguments"),
        (lambda: check(product, lambda a, b, c: (b, a), at=(2.0, 3.0)), r"takes 3 arguments \(a, b, c\)"),
        (lambda: check(math.sin, math.cos, at=1.0, rtol=-1), "rtol to be a number that is not negative, got -1"),
        (lambda: check(math.sin, math.cos, at=1.0, rtol=math.nan), "rtol"),
        (lambda: check(math.sin, math.cos, at=1.0, rtol="1e-3"), "rtol"),
        (lambda: check(math.sin, math.cos, at=1.0, seed="one"), "seed"),
        (lambda: check(math.sin, math.cos, at="1.0"), "the text '1.0'"),
        (lambda: check(math.sin, math.cos, at=["1.0"]), "the text '1.0'"),
        (lambda: check(math.sin, math.cos, at=1.0, names="x"), "names"),
        (lambda: check(math.sin, math.cos, at=1.0, names=["x", "y"]), "names"),
        (lambda: check(math.sin, math.cos, box=3.0), "box"),
        (lambda: check(math.sin, math.cos, box=("a", "b")), "box"),
        (lambda: check(math.sin, math.cos, at=1.0, argnums="x"), "argnums"),
        (lambda: check(math.sin, math.cos, at=1.0, kind="slope"), "kind"),
    ],
)
def test_a_call_that_makes_no_sense_is_answered(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


# -- the line that repeats a report ---------------------------------------------------------------------------------


class Bowl:
    def __call__(self, x):
        return 3 * np.sum(x**2)

    def loss(self, x):
        return 3 * np.sum(x**2)

    def slope(self, x):
        return 6 * x

    def half(self, x):
        return 3 * x


bowl = Bowl()


def product_slope(a, b):
    return b


def square(x):
    return x * x


@pytest.mark.parametrize(
    "call",
    [
        lambda: check(product, product_slope, at=(2.0, 3.0), argnums=0),
        lambda: check(product, product_slope, at=(2.0, 3.0), argnums=1),
        lambda: check(product, product_slope, at=(2.0, 3.0)),
        lambda: check(product, product_slope, at=(2.0, 3.0), names=["u", "v"], argnums=(0,)),
        lambda: check(square, product, at=[1.0, 2.0], kind="jvp"),
        lambda: check(square, square),
        lambda: check(square, square, seed=4, rtol=1e-3),
        lambda: check(square, square, box=(2.0, 5.0)),
        lambda: check(bowl.loss, bowl.slope, at=X),
        lambda: check(bowl.loss, bowl.half, at=[X, Y]),
        lambda: check(bowl.loss, bowl.half, box=(X - 9, X + 9)),
        lambda: check(abs, abs, at=[0.0, -1.0], kink="subgradient"),
        lambda: check(both, at=X),
    ],
)
def test_the_repeated_call_gives_the_same_report(call):
    import chainrule

    report = call()
    again = eval(report.replay, {**globals(), "chainrule": chainrule, "np": np})
    assert (str(again), again.seed) == (str(report), report.seed)


def test_objects_that_are_called_are_named_as_such():
    assert "f: an object of the class Bowl" in check(bowl, bowl.slope, at=X).replay
    assert "bowl.slope" in check(bowl, bowl.slope, at=X).replay


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_second_derivatives_element_by_element(shape):
    at = np.linspace(0.3, 1.7, math.prod(shape)).reshape(shape)
    curve = lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)
    found = check(np.tanh, curve, at=at, kind="hessian")
    assert (found.verdict, found.reading) == (Verdict.CORRECT, "the second derivative element by element")
    assert check(np.tanh, lambda x: 0.5 * curve(x), at=at, kind="hessian").verdict is Verdict.WRONG
    assert check(np.tanh, curve, kind="hessian").verdict is Verdict.CORRECT
    mixed = check(lambda x: x * np.sum(x), lambda x: 2 * x**0, at=at, kind="hessian")  # not of each number alone
    assert mixed.reading == ""


def test_a_second_derivative_of_0_is_the_whole_truth_of_a_straight_function():
    relu = lambda x: np.maximum(x, 0)
    assert check(relu, lambda x: 0 * x, kind="hessian").verdict is Verdict.CORRECT
    assert check(relu, lambda x: 0 * x + 1e-3, kind="hessian").verdict is Verdict.WRONG
    assert check(lambda x: x**3, lambda x: 0 * x, kind="hessian").verdict is Verdict.WRONG


@pytest.mark.parametrize("given", [lambda f: f, lambda f: None])
def test_a_pair_of_numbers_asked_for_by_kind(given):
    right, wrong = (lambda x: (x * x, 2 * x)), (lambda x: (x * x, x))
    assert check(right, given(right), at=3.0, kind="value_and_grad").verdict is Verdict.CORRECT
    assert check(wrong, given(wrong), at=3.0, kind="value_and_grad").verdict is Verdict.WRONG


def test_gradients_that_are_returned_by_names_are_matched_by_them():
    def cost(w, b):
        return np.sum(w**2) + 3 * np.sum(b**3)

    def slopes(w, b):
        dj_dw = 2 * w
        dj_db = 9 * b**2
        return dj_db, dj_dw

    def halved(w, b):
        dj_dw = 4 * w
        dj_db = 18 * b**2
        return dj_db / 2, dj_dw / 2

    def wrong(w, b):
        dw, db = 2 * w, 3 * b**2
        return db, dw

    at = (np.array([1.0, 2.0]), np.array([0.5, 1.5, 2.5]))
    assert [check(cost, df, at=at).verdict for df in (slopes, halved, wrong)] == ["CORRECT", "CORRECT", "WRONG"]


@pytest.mark.parametrize(("key", "told"), [("dW", True), ("db", False), ("grad", False), ("g", False), ("x", True)])
def test_a_name_that_contradicts_is_told(key, told):
    report = check(lambda b: np.sum(b * b), lambda b: {key: 2 * b}, at=np.array([1.0, 2.0]))
    assert report.verdict is Verdict.CORRECT
    assert ("which its name is not" in report.reading) == told


def waves(a, b, c):
    return np.sum(np.sin(a) * b) + np.exp(c) * np.sum(a) + np.sum(b) ** 2 * c


def gradients_of_waves(a, b, c):
    return np.cos(a) * b + np.exp(c), np.sin(a) + 2 * np.sum(b) * c, np.exp(c) * np.sum(a) + np.sum(b) ** 2


@pytest.mark.parametrize("argnums", [p for r in (1, 2, 3) for p in itertools.permutations(range(3), r)], ids=str)
def test_derivatives_follow_the_order_of_argnums(argnums):
    def claim(a, b, c, factor=1.0):
        whole = gradients_of_waves(a, b, c)
        parts = tuple(whole[k] * (factor if k == argnums[-1] else 1.0) for k in argnums)
        return parts if len(parts) > 1 else parts[0]

    def along(a, b, c, *tangents):
        return sum(np.sum(gradients_of_waves(a, b, c)[k] * v) for k, v in zip(argnums, tangents, strict=True))

    at = (np.array([0.1, 0.2]), np.array([1.0, 2.0]), 0.3)
    right = check(waves, claim, at=at, argnums=argnums)
    assert right.verdict == Verdict.CORRECT, right
    assert "reverse AD" in str(right), right
    assert "not traced" not in str(right), right
    assert check(waves, functools.partial(claim, factor=1.01), at=at, argnums=argnums).verdict == Verdict.WRONG
    assert check(waves, along, kind="jvp", at=at, argnums=argnums).verdict == Verdict.CORRECT
