"""The page's numbers against Python's: every row that has to do with single numbers, where rules are delicate."""

import itertools
import json
import math
import random

import numpy as np
import pytest
from show.browser import Browser, executable

import chainrule as cr
from chainrule.ops.kinds import Elementwise, PiecewiseConstant
from chainrule.ops.row import TABLE
from chainrule.ops.text import CannotWrite
from chainrule.show import explore
from chainrule.show.page.rules import Script, rule, scripts, values

ROWS = [row for row in TABLE.values() if isinstance(row, (Elementwise, PiecewiseConstant))]
LINE = [
    0.0, 5e-324, 1e-310, 1e-200, 1e-20, 1e-8, 0.1, 0.3, 0.5, 0.9999999, 1.0, 1.0000001, 1.4616321449683622, 1.5, 2.0,
    2.5, 3.0, 7.3, 20.0, 26.5, 40.0, 171.5, 709.7, 710.5, 745.2, 1e8, 1e16, 1e100, 1e154, 1e200, 1e300, 1.7e308,
    math.inf,
]  # fmt: skip
LINE = [*LINE, *(-x for x in LINE), math.nan]
COARSE = [0.0, 5e-324, 1e-200, 0.3, 0.5, 1.0, 2.0, 2.5, 3.0, 40.0, 745.2, 1e8, 1e154, 1e200, 1e300, math.inf]
COARSE = [*COARSE, *(-x for x in COARSE), math.nan]
SPECIAL = {"erf", "erfc", "gamma", "gammaln", "digamma", "polygamma", "sinc"}
"""Functions with an algorithm of the page's own: their last digits differ."""
IGNORED = {"tie_weights", "sign_det"}
"""For arrays only."""


def points(row):
    if row.arity == 1:
        return [(x,) for x in LINE]
    if row.arity == 2:
        return list(itertools.product(COARSE, COARSE))
    draw = random.Random(row.name)
    return [tuple(draw.choice(COARSE) for _ in range(row.arity)) for _ in range(300)] + [(x, 0.5, 2.5) for x in COARSE]


SETTINGS = {"polygamma": {"order": 1}}


def said(x):
    return x if math.isfinite(x) else str(x)


def python(row, at, ct):
    """Value, partials, and what the gradient `ct` sends."""
    settings = SETTINGS.get(row.name, {})
    with np.errstate(all="ignore"):
        y = float(row(*at, **settings))
        found = [y]
        for weight in (1.0, ct):
            shares = dict.fromkeys(range(len(at)), 0.0)
            shares.update(row.pull(weight, y, at, range(len(at)), settings))
            found += [float(x) for x in shares.values()]
    return found


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Evaluates a rule at many points in the browser."""
    if executable() is None:
        pytest.skip("no Chromium here")
    folder = tmp_path_factory.mktemp("rules")
    browser = Browser(str(folder / "profile"))
    page = folder / "page.html"
    page.write_text("<!DOCTYPE html><title>rules</title><script>" + scripts("V.erf(") + "</script>", encoding="utf-8")
    browser.open(page)

    def evaluate(row, at, ct):
        text = rule(row, row.arity, SETTINGS.get(row.name, {}))
        numbers = json.dumps([[said(x) for x in p] for p in at])
        reply = browser.run(
            "(() => { const read = x => typeof x === 'string' ? {nan: NaN, inf: Infinity, '-inf': -Infinity}[x] : x;"
            f"const R = {text}, ct = {ct!r}, say = x => Object.is(x, -0) ? '-0' : String(x);"
            f"return {numbers}.map(p => {{ const at = p.map(read), y = R.value(...at);"
            "return [y, ...R.partials(y, ...at), ...R.sends(ct, y, ...at)].map(say) }) })()"
        )
        return [[float(x.replace("Infinity", "inf")) for x in found] for found in reply]

    yield evaluate
    assert browser.errors == []
    browser.close()


def agree(a, b, digits):
    """Whether two numbers are equal but for rounding, signs of zeros included; not with negative `digits`."""
    if a != a or b != b:
        return a != a and b != b
    if a == b:
        return a != 0 or digits < 0 or math.copysign(1, a) == math.copysign(1, b)
    return abs(a - b) <= abs(digits) * max(abs(a), abs(b)) + 1e-322


@pytest.mark.parametrize("ct", [1.5, 0.0])
@pytest.mark.parametrize("row", [r for r in ROWS if r.name not in IGNORED], ids=lambda row: row.name)
def test_the_page_computes_what_the_rows_compute(row, ct, ask):
    at = points(row)
    digits = 1e-11 if row.name in SPECIAL else 4e-15
    wrong = []
    for p, page in zip(at, ask(row, at, ct), strict=True):
        expected = python(row, p, ct)
        sent = digits if ct else -digits  # the sign of nothing sent means nothing
        if not all(map(agree, page, expected, [digits] * (1 + len(p)) + [sent] * len(p))):
            wrong.append((p, page, expected))
    assert not wrong, f"{len(wrong)} of {len(at)}: {wrong[:5]}"


def test_what_has_no_value_in_the_page():
    """Every row for single numbers has a rule; those of arrays say that they have none."""
    missing = []
    for name, row in TABLE.items():
        try:
            rule(row, row.arity, SETTINGS.get(name, {}))
        except CannotWrite:
            missing.append(row)
    assert {row.name for row in missing if row in ROWS} == IGNORED


def test_the_page_has_no_value_that_nothing_needs():
    from chainrule.ops.composite import COMPOSITES

    assert set(values()) <= {*TABLE, *COMPOSITES}


def test_a_row_that_decides_by_its_number_is_refused():
    with pytest.raises(CannotWrite, match="depends on the number"):
        bool(Script("x") > 0)


def test_moved_outside_of_the_domain(tmp_path):
    if executable() is None:
        pytest.skip("no Chromium here")
    browser = Browser(str(tmp_path / "profile"))
    try:
        browser.open(explore(lambda x: cr.log(x), 0.5, path=tmp_path / "log.html").path)
        browser.enter("#inputs .exact", -2)
        browser.press("End")
        assert browser.text(".node.output .value") == "⚠ NaN"
        assert browser.text(".node.input .gradient") == "⚠ grad NaN"
        assert browser.errors == []
    finally:
        browser.close()


WHOLE = {
    "a product used twice": lambda a, b: (a * b + a) * a,
    "exp of log": lambda a, b: cr.exp(cr.log(a)) + cr.sqrt(b) * a,
    "a softplus by hand": lambda a, b: cr.log1p(cr.exp(a * b)) - cr.maximum(a, b),
    "a distance": lambda a, b: cr.square(cr.hypot(a - 1.0, b)) + cr.arctan2(a, b),
    "a choice": lambda a, b: cr.where(True, cr.tanh(a), cr.log(b)) * cr.clip(b, -1.0, 1.0),
    "a user's own": lambda a, b: OWN(a) * b + OWN(a * b),
}
OWN = cr.operator("squash_in_the_page", lambda x: x / (1 + abs(x)), lambda y, x: 1 / (1 + abs(x)) ** 2)
DELICATE = [0.0, -0.0, 1.0, -2.5, 0.3, 1e-200, -1e200, 800.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_graph_moved_anywhere(name, tmp_path, monkeypatch):
    """Values and gradients of the inputs, as the page computes them and as Python does, at every pair."""
    monkeypatch.setattr("chainrule.sweeps.limits.MOST", 0)  # the page steps through one sweep, and looks for no limits
    if executable() is None:
        pytest.skip("no Chromium here")
    f, browser = WHOLE[name], Browser(str(tmp_path / "profile"))
    try:
        browser.open(explore(f, 0.7, 0.4, path=tmp_path / "page.html").path)
        assert browser.run("cannot") == ""
        ids = browser.run("machine.inputs.map(([id]) => id)")
        for at in itertools.product(DELICATE, DELICATE):
            with np.errstate(all="ignore"):
                value, gradient = cr.value_and_grad(f, (0, 1))(*at)
            moved = json.dumps(dict(zip(ids, map(said, at), strict=True)))
            found = browser.run(
                f"(() => {{ const at = {moved}; for (const k in at) at[k] = parse(at[k]); machine.compute(at);"
                "return [machine.nodes[data.graph.root].x, ...machine.inputs.map(([id]) => machine.nodes[id].g)]"
                ".map(String) })()"
            )
            page = [float(x.replace("Infinity", "inf")) for x in found]
            expected = [float(value), *map(float, gradient)]
            assert all(map(agree, page, expected, [-1e-13] * 3)), (at, page, expected)
    finally:
        browser.close()
