"""Backward passes by hand: every planted mistake is found and named, and no right pass is blamed."""

import numpy as np
import pytest
from check.cases.aside import ASIDE
from check.cases.backward import LAYERS
from check.share import share

import chainrule as cr
from chainrule.errors import ArgumentError

CORRECT, WRONG = cr.Verdict.CORRECT, cr.Verdict.WRONG
PLANTED = share([(layer, *m) for layer in LAYERS for m in layer.mistakes], lambda p: f"{p[0].name}: {p[1:]}")
random = np.random.default_rng(7)
X = random.standard_normal((4, 3))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_right_pass_is_correct(layer):
    report = cr.check_backward(*layer.functions(), at=layer.at)
    assert report.verdict is CORRECT, str(report)
    assert "not traced" not in str(report)  # rules follow it, and so will a diagnosis


@pytest.mark.parametrize(("layer", "old", "new", "cause"), PLANTED, ids=[f"{p[0].name}: {p[2]}" for p in PLANTED])
def test_a_mistake_is_found_and_named(layer, old, new, cause):
    report = cr.check_backward(*layer.functions((old, new)), at=layer.at)
    assert report.verdict is WRONG, str(report)
    said = " ".join(report.causes)
    assert any(words in said for words in cause.split("|")), report.causes


def test_mistakes_that_were_set_aside_are_found_and_named():
    layers = {layer.name: layer for layer in LAYERS}
    aside = share(ASIDE)
    reports = [cr.check_backward(*layers[name].functions(change), at=layers[name].at) for name, *change in aside]
    assert [a for a, r in zip(aside, reports, strict=True) if r.verdict is not WRONG] == []
    assert [a for a, r in zip(aside, reports, strict=True) if not r.causes] == []


# -- conventions -----------------------------------------------------------------------------------------------------


def affine(x, w, b):
    return x @ w + b, (x, w)


def affine_back(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


W, B = random.standard_normal((3, 2)), random.standard_normal(2)
AT = (X, W, B)
FORMS = {
    "a tuple": (affine, affine_back, (X, W, B)),
    "a list": (affine, lambda d, c: list(affine_back(d, c)), (X, W, B)),
    "fewer than arguments": (affine, lambda d, c: affine_back(d, c)[:2], (X, W, B)),
    "None for one": (affine, lambda d, c: (None, *affine_back(d, c)[1:]), (X, W, B)),
    "a dict in any order": (affine, lambda d, c: {"db": d.sum(axis=0), "dw": c[0].T @ d, "dx": d @ c[1].T}, AT),
    "a dict with more": (affine, lambda d, c: {"grad_w": c[0].T @ d, "dz": d}, (X, W, B)),
    "without a cache": (lambda x: x @ W, lambda dout: dout @ W.T, X),
    "arguments after the cotangent": (lambda x: np.maximum(x, 0), lambda dout, x: dout * (x > 0), X),
    "a hyperparameter": (lambda x, k: (k * x, k), lambda d, k: d * k, (X, 3)),
    "a dict of settings": (lambda x, p: (np.tanh(x), x), lambda d, x: d / np.cosh(x) ** 2, (X, {"mode": "a"})),
    "several outputs": (lambda x: (np.sin(x), np.cos(x), x), lambda ds, dc, x: ds * np.cos(x) - dc * np.sin(x), X),
    "outputs in a tuple": (lambda x: ((np.sin(x), np.cos(x)), x), lambda d, x: d[0] * np.cos(x) - d[1] * np.sin(x), X),
    "a number": (lambda x: (x * x, x), lambda d, x: 2 * x * d, 3.0),
    "a loss": (lambda x: (np.sum(x**2), x), lambda d, x: 2 * x * d, X),
    "one row": (affine, affine_back, (X[:1], W, B)),
    "float32": (affine, affine_back, tuple(a.astype(np.float32) for a in (X, W, B))),
    "lists of floats": (lambda x: (np.asarray(x) * 2.0, None), lambda d, _: 2.0 * d, [1.0, 2.0]),
}  # fmt: skip


@pytest.mark.parametrize(("forward", "backward", "at"), FORMS.values(), ids=FORMS)
def test_a_convention_is_read(forward, backward, at):
    report = cr.check_backward(forward, backward, at=at)
    assert report.verdict is CORRECT, str(report)


@pytest.mark.parametrize(("forward", "backward", "at"), FORMS.values(), ids=FORMS)
def test_a_mistake_in_every_convention(forward, backward, at):
    def wrong(*given):
        gradients = backward(*given)
        worse = lambda g: None if g is None else 1.001 * g
        if isinstance(gradients, dict):
            return {name: worse(g) for name, g in gradients.items()}
        return type(gradients)(map(worse, gradients)) if isinstance(gradients, (tuple, list)) else worse(gradients)

    wrong.__signature__ = __import__("inspect").signature(backward)
    report = cr.check_backward(forward, wrong, at=at)
    assert report.verdict is WRONG, str(report)


def test_several_points_and_names():
    report = cr.check_backward(affine, affine_back, at=[(X, W, B), (X[:1], W, B)], names=["image", "kernel", "shift"])
    assert report.verdict is CORRECT
    assert len(report.points) == 2
    assert report.points[1].subject.names == ["image", "kernel", "shift"]
    assert report.replay.startswith("chainrule.check_backward(affine, affine_back, at=[(")
    assert "names=['image', 'kernel', 'shift']" in report.replay


def test_the_line_that_repeats_a_report_gives_it_again():
    class Cube:
        def forward(self, x):
            self.x = x
            return x**3

        def backward(self, dout, rate=0.1):
            return 2 * self.x**2 * dout

    layer = Cube()
    report = cr.check_layer(layer, np.array([0.5, -2.0]), rtol=1e-6, seed=3)
    line, _, remark = report.replay.partition("   # ")
    again = eval(line, {"chainrule": cr, "np": np, "layer": layer})
    assert str(again) == str(report)
    assert remark == "layer: an object of the class Cube"
    report = cr.check_backward(layer.forward, layer.backward, at=np.array([1.5, 2.0]))
    again = eval(report.replay.partition("   # ")[0], {"chainrule": cr, "np": np, "cube": layer})
    assert again.replay == report.replay
    assert report.replay.endswith("# cube: an object of the class Cube")


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ArgumentError, match="backward takes 5 arguments"):
        cr.check_backward(lambda x: x, lambda a, b, c, d, e: a, at=X)
    with pytest.raises(ArgumentError, match="a name for each of 3"):
        cr.check_backward(affine, affine_back, at=(X, W, B), names=["x"])


# -- beside the numbers ----------------------------------------------------------------------------------------------


def notes(report):
    return " ".join(report.points[0].notes)


def test_writing_into_the_cotangent_is_noted():
    def backward(dout, x):
        dout[x <= 0] = 0
        return dout

    report = cr.check_backward(lambda x: (np.maximum(x, 0), x), backward, at=X)
    assert report.verdict is CORRECT
    assert "writes into the cotangent" in notes(report)


def test_another_answer_the_second_time_is_noted():
    def backward(dout, cache):
        cache[1] += 1
        return dout * cache[0] * (1 if cache[1] == 1 else 2)

    report = cr.check_backward(lambda x: (x * x / 2, [x, 0]), backward, at=X)
    assert report.verdict is CORRECT
    assert "second call" in notes(report)


def test_an_unused_cotangent_is_wrong_but_for_a_loss():
    report = cr.check_backward(lambda x: (x * x, x), lambda dout, x: 2 * x, at=X)
    assert report.verdict is WRONG
    assert report.causes[0].startswith("backward does not use the cotangent")
    loss = cr.check_backward(lambda x: (np.sum(x * x), x), lambda dout, x: 2 * x, at=X)
    assert loss.verdict is CORRECT
    assert "does not use the cotangent" in notes(loss)


def test_nothing_of_the_users_is_changed():
    x, w, b = X.copy(), W.copy(), B.copy()
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.RandomState(3).rand()

    def backward(dout, cache):
        cache[0][:] = 0
        dout[:] = 0
        return dout, cache[0].T, np.zeros(2)

    cr.check_backward(affine, backward, at=(x, w, b))
    assert np.array_equal(x, X)
    assert np.array_equal(w, W)
    assert np.random.rand() == expected  # noqa: NPY002


def test_a_mask_that_backward_draws_anew_is_named():
    def forward(x):
        mask = np.random.rand(*x.shape) > 0.5  # noqa: NPY002
        return x * mask, mask

    def anew(dout, _):
        return dout * (np.random.rand(*dout.shape) > 0.5)  # noqa: NPY002

    assert cr.check_backward(forward, lambda dout, mask: dout * mask, at=X).verdict is CORRECT
    report = cr.check_backward(forward, anew, at=X)
    assert report.verdict is WRONG
    assert "draws random numbers of its own" in report.causes[0]


def test_a_pass_without_gradients_is_refused():
    with pytest.raises(ArgumentError, match="nothing to check"):
        cr.check_backward(lambda k: np.eye(3)[k], lambda dout, k: None, at=np.array([0, 2]))


@pytest.mark.parametrize(
    ("names", "verdict", "words"),
    [
        (("dw1", "dw2"), CORRECT, ""),
        (("dw1", "dv2"), WRONG, "the gradient by w2 is given under the name 'dv2'"),
        (("dw1", "dweights"), CORRECT, "'dweights' is the gradient by w2"),
        (("dw1", "dh"), CORRECT, "left aside"),
    ],
)
def test_a_gradient_under_another_name(names, verdict, words):
    w1, w2 = random.standard_normal((3, 4)), random.standard_normal((4, 2))

    def forward(x, w1, w2):
        h = np.tanh(x @ w1)
        return h @ w2, (x, h, w2)

    def backward(dout, cache):
        x, h, w2 = cache
        dh = dout @ w2.T
        return {names[0]: x.T @ (dh * (1 - h**2)), names[1]: dh if names[1] == "dh" else h.T @ dout}

    report = cr.check_backward(forward, backward, at=(X, w1, w2))
    assert report.verdict is verdict
    assert words in " ".join((*report.causes, *report.points[0].notes))


def test_a_mask_that_is_right_by_chance_at_the_point_is_found():
    def forward(x, w):
        a, b = x @ w, x
        return np.maximum(a, b), (x, w, a)

    def backward(dout, cache):
        x, w, a = cache
        da, db = dout * (a > 0), dout * (a <= 0)
        return da @ w.T + db, x.T @ da

    def right(dout, cache):
        x, w, a = cache
        da, db = dout * (a > x), dout * (a <= x)
        return da @ w.T + db, x.T @ da

    at = np.array([[1.0, 2.0]]), np.array([[2.0, 0.3], [0.1, 1.5]])  # a > x, and a > 0
    assert cr.check_backward(forward, right, at=at).verdict is CORRECT
    report = cr.check_backward(forward, backward, at=at)
    assert report.verdict is WRONG
    assert "right at the numbers given, not at these" in report.points[0].notes
