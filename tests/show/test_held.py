"""Labels, settings and flags among the arguments go through as they are, in every verb that runs a function."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.cli import main
from chainrule.errors import ArgumentError
from chainrule.show.traced_run import watch

S = np.array([0.5, -1.0, 2.0])


def cross_entropy(z, y):
    assert isinstance(y, int)
    return cr.logsumexp(z) - z[y]


def batch(z, ys):
    return np.sum(np.logaddexp(0.0, z)) - np.sum(z[ys])


def rounds(x, n):
    for _ in range(n):
        x = x * x + 1.0
    return x


def scaled(x, settings):
    return x * x if settings["mode"] == "train" else x


def flagged(x, on):
    assert on is True
    return x * x


def applied(x, g):
    return g(x) * x


def masked(z, mask):
    return np.sum(z[mask] ** 2)


def maybe(x, y=None):
    return x * x if y is None else x


def two(x, n, k, a):
    return x**a * [1.0, 2.0, 3.0][n] + [x, 2.0][k]


def words(x, names):
    return x * x * len(names[0])


CASES = {
    "label": (cross_entropy, (S, 1), ["z"]),
    "label in a list": (lambda z, y: z[y] * z[0], ([0.5, 2.0], 1), ["z[0]", "z[1]"]),
    "labels": (batch, (S, np.array([0, 2])), ["z"]),
    "labels in a list": (batch, (S, [0, 2]), ["z"]),
    "NumPy's integer": (lambda z, y: z[y] ** 2 + z[0], (S, np.int64(1)), ["z"]),
    "count": (rounds, (0.5, 2), ["x"]),
    "count with a whole number": (rounds, (1, 2), ["x"]),
    "count before a number": (lambda n, x: rounds(x, n), (2, 3), ["x"]),
    "string": (scaled, (2.0, {"mode": "train"}), ["x"]),
    "boolean": (flagged, (2.0, True), ["x"]),
    "function": (applied, (2.0, np.sin), ["x"]),
    "mask": (masked, (S, np.array([True, False, True])), ["z"]),
    "None": (maybe, (2.0, None), ["x"]),
    "several": (two, (2, 1, 0, 3), ["x", "a"]),
    "strings": (words, (2.0, ["ab", "c"]), ["x"]),
    "whole numbers as numbers": (lambda a, b: a * b, (2, 3), ["a", "b"]),
    "entry of a dict": (lambda p: p["x"] * [1.0, 4.0][p["k"]] * p["x"], ({"k": 1, "x": 2},), ["p['x']"]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown(name):
    f, at, shown = CASES[name]
    run = watch(f, at)
    assert run.stop is None
    drawing = cr.draw(f, *at)
    inputs = [n.label for n in drawing.picture.nodes if not n.op and n.kind != "constant"]
    assert sorted(inputs) == sorted(shown)
    assert cr.explore(f, *at).picture.stop is None
    told = cr.explain(f, *at)
    assert told.stop is None
    assert len(run.inputs) == len(shown)


@pytest.mark.parametrize("name", CASES)
def test_source_gives_the_same(name):
    f, at, _ = CASES[name]
    assert np.allclose(cr.source(f, *at).function()(*at), f(*at))


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("label", "labels", "labels in a list", "mask")])
def test_a_formula(name):
    f, at, _ = CASES[name]
    found = cr.derive(f, *at)
    numbers = [float(x) for x in np.ravel(np.concatenate([np.ravel(x) for x in watch(f, at).split.numbers()]))]
    assert len(found.symbols) == len(numbers)
    value = next(iter(found.at(*numbers).values()))
    assert np.allclose(value, f(*at))


def test_the_gradient_is_that_by_the_scores():
    picture = cr.draw(cross_entropy, S, 1).picture
    (node,) = [n for n in picture.nodes if n.label == "z"]
    assert np.allclose(node.gradient, cr.grad(cross_entropy)(S, 1))
    assert np.allclose(cr.source(cr.grad(cross_entropy), S, 1).function()(S, 1), cr.grad(cross_entropy)(S, 1))
    assert "y=1" in cr.source(cr.grad(cross_entropy), S, 1)


@pytest.mark.parametrize("verb", [cr.draw, cr.explore, cr.explain, cr.derive])
def test_argnums(verb):
    def f(a, b):
        return a * b + a

    assert "b" not in {n.label for n in cr.draw(f, 2.0, 3.0, argnums=0).picture.nodes}
    assert str(verb(f, 2.0, 3.0, argnums=(0, 1)))
    with pytest.raises(ArgumentError, match="argnums"):
        verb(f, 2.0, 3.0, argnums=5)


@pytest.mark.parametrize("verb", [cr.draw, cr.explore, cr.explain, cr.derive, cr.source])
def test_nothing_to_show(verb):
    with pytest.raises(ArgumentError, match="real number"):
        verb(lambda mode, on: 1.0, "train", True)


def test_what_the_function_raises_for_itself_is_told():
    def f(x, n):
        return [x][n + 7]

    with pytest.raises(Exception, match="index"):
        cr.source(f, 2.0, 3)
    assert "index" in str(cr.draw(f, 2.0, 3).picture.stop)
    assert "index" in str(cr.explain(f, 2.0, 3).stop)


PROGRAM = """
import math

def loss(z, y, mode):
    total = sum(math.exp(v) for v in z)
    return math.log(total) - z[y] if mode == "train" else total
"""


@pytest.mark.parametrize("verb", ["draw", "explore", "explain", "derive", "source"])
def test_the_commands(verb, tmp_path, monkeypatch, capsys):
    path = tmp_path / "model.py"
    path.write_text(PROGRAM)
    at = ["--at", "(0.5, 2.0)", "1", "train", *(["--numbers"] if verb == "derive" else [])]
    monkeypatch.chdir(tmp_path)
    assert main([verb, f"{path}:loss", *at]) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("show", [cr.explain, cr.draw, cr.source, cr.derive])
@pytest.mark.parametrize("z", [1j, np.array([1j, 2.0]), np.complex64(2j)])
def test_complex_numbers_are_refused(show, z):
    with pytest.raises(ArgumentError, match="real and the imaginary part"):
        show(lambda x: abs(x) ** 2, z)
