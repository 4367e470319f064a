"""Every sum a picture prints adds up: of plain pictures, folded ones, loops, and in the page."""

import functools
import json
import re

import numpy as np
import pytest
from show.graphs import GRAPHS, perceptron

import chainrule as cr
from chainrule import Value
from chainrule.show import explore
from chainrule.show.picture.drawing import arranged
from chainrule.show.picture.fold import WAYS
from chainrule.show.picture.number_format import Spread
from chainrule.show.picture.reading import picture_of


def iterate(x):
    for _ in range(1000):
        x = x - 0.1 * (x * x - 2.0)
    return x


def three_turns(x):
    for _ in range(3):
        x = x - 0.1 * (x * x - 2.0)
    return x


def shared(x, y):
    total = 0.0
    for k in range(40):
        total = total + cr.sin(x * k) * x * x + y * y
    return total * x


def twice_each(xs):
    return sum([x * x * x for x in xs])


def arrays(A, x):
    for _ in range(60):
        x = np.tanh(A @ x) + x * x * 0.1 + x
    return x.sum()


LOOPS = {
    "a long loop": (iterate, 0.8),
    "three turns": (three_turns, 0.8),
    "one value in many boxes": (shared, 0.3, 0.7),
    "a family": (twice_each, [0.1, 0.2, 0.3]),
    "arrays": (arrays, np.eye(3) * 0.4, np.array([0.1, 0.2, 0.3])),
    "a perceptron": (perceptron, [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4]),
}
CASES = {**{name: (lambda name=name: GRAPHS[name]()) for name in GRAPHS}, **{n: (lambda n=n: LOOPS[n]) for n in LOOPS}}
FOLDS = [False, True, *WAYS]


@functools.cache
def recorded(name):
    return picture_of(*CASES[name](), fresh=True)


def arrive(picture):
    """For each box the parts that arrive there."""
    into = {n.id: [] for n in picture.nodes}
    for e in picture.edges:
        if e.contribution is not None:
            into[e.source].append(e)
    return into


@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize("name", CASES)
def test_the_terms_of_every_box_add_up_to_its_gradient(name, fold):
    picture = arranged(recorded(name), fold=fold)
    whole = {n.id: n for n in recorded(name).nodes}
    parts_of = arrive(picture)
    checked = 0
    for n in picture.nodes:
        parts = parts_of[n.id]
        if n.kind in ("constant", "output") or n.gradient is None:
            continue
        if isinstance(n.gradient, Spread):  # of the values it stands for, each adds up by itself
            terms = {k: [] for k in n.members}
            for t in (t for e in parts for t in e.terms or (e,)):
                terms[t.source].append(t.contribution)
            for k, own in terms.items():
                _add_up(own, whole[k].gradient)
        else:
            assert sum(max(e.count, 1) for e in parts) == n.uses or any(e.count == 0 for e in parts)
            _add_up([e.contribution for e in parts], n.gradient)
        checked += 1
    assert checked or len(picture.nodes) < 2 or not picture.swept


def _add_up(parts, gradient):
    assert not any(isinstance(p, Spread) for p in parts)
    if not parts:
        return
    with np.errstate(all="ignore"):
        total, scale = sum(parts[1:], parts[0]), sum(np.abs(p) for p in parts)
        near = np.abs(total - gradient) <= 1e-12 * scale
    same = np.asarray((total == gradient) | near | (np.isnan(total) & np.isnan(gradient)))
    assert same.all(), (parts, gradient)


@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize("name", CASES)
def test_a_bundle_sends_what_its_arrows_send_together(name, fold):
    """The range of a bundle from several values is that of their sums."""
    picture = arranged(recorded(name), fold=fold)
    for e in picture.edges:
        if len(e.terms) < 2 or not isinstance(e.contribution, Spread):
            continue
        sums = {}
        for t in e.terms:
            if t.contribution is not None:
                sums.setdefault(t.source, []).append(t.contribution)
        with np.errstate(all="ignore"):
            sums = [np.sum(np.array(parts), axis=0) for parts in sums.values()]
        finite = np.concatenate([np.ravel(s)[np.isfinite(np.ravel(s))] for s in sums])
        if finite.size:
            assert (e.contribution.low, e.contribution.high) == pytest.approx((finite.min(), finite.max()), rel=1e-12)


@pytest.mark.parametrize("fold", [True, "operation"])
@pytest.mark.parametrize("name", CASES)
def test_the_page_is_given_terms_that_add_up(name, fold):
    page = explore(*CASES[name](), fold=fold)
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.S)[1])
    for view in data["views"].values():
        for n in view["nodes"]:
            terms = [e for e in view["edges"] if e["from"] == n["id"] and e["sent"]]
            numbers = [e["c"] for e in terms if isinstance(e["c"], float)]
            if n["kind"] in ("output", "constant") or not isinstance(n["g"], float) or not terms:
                continue
            if all(isinstance(e["c"], float) for e in terms):
                assert sum(numbers) == pytest.approx(n["g"], rel=1e-12, abs=1e-12 * sum(map(abs, numbers)))
            else:
                assert any(e["c"] in ("nan", "inf", "-inf") for e in terms)


def test_two_arrows_into_one_box_stay_two():
    x = Value(3.0, "x")
    y = x * x
    for _ in range(200):
        y = y * 1.01
    y.backward()
    picture = arranged(picture_of(y), fold=True)
    own = [e for e in picture.edges if e.source == 0]
    assert [e.target for e in own] == [own[0].target] * 2
    assert sum(e.contribution for e in own) == pytest.approx(x.grad)


def test_a_bundle_says_how_many():
    picture = arranged(picture_of(iterate, 0.8), fold="operation")
    x = picture.nodes[0]
    shown = {e.target: e for e in picture.edges if e.source == x.id}
    assert sum(e.contribution for e in shown.values()) == pytest.approx(x.gradient)
    assert sorted(e.count for e in shown.values()) == [1, 2]


NO_NUMBER = {
    "a limit": (lambda a, b: np.sqrt(b) * a, (0.0, 0.0), True),
    "a limit beside others": (lambda a, b: np.sqrt(b) * a + a * b, (0.0, 0.0), True),
    "a branch that was not taken": (lambda a, b: np.where(b > 0, np.sqrt(b), 1.0) * a, (0.0, 0.0), False),
    "neither": (lambda a, b: np.sqrt(b) * a, (2.0, 4.0), False),
}


@pytest.mark.parametrize("name", NO_NUMBER)
def test_a_product_that_is_no_number_is_told(name):
    """The chain rule says 0 * inf where the gradient is a number."""
    f, at, told = NO_NUMBER[name]
    assert ("is no number" in explore(f, *at).html.split("<script")[0]) is told
    assert ("the limit, or from a branch" in str(cr.explain(f, *at))) is told
