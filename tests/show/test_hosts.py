"""Fragments of HTML as notebooks show them: under the hosts' own style sheets, measured in a browser."""

import math

import numpy as np
import pytest
from show.browser import Browser, executable
from show.hosts import HOSTS

import chainrule as cr
from chainrule.show import derive, draw, explain

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium here")
LINE = 26
"""No term of a card is higher than one line."""


def softplus(x):
    return math.log(1 + math.exp(x))


RANDOM = iter(np.random.default_rng(0).random(10_000).tolist())
REPORTS = {
    "wrong": lambda: cr.check(softplus, lambda x: 1 / (1 + math.exp(x)), at=0.5),
    "correct": lambda: cr.check(softplus, lambda x: 1 / (1 + math.exp(-x)), at=0.5),
    "wrong array": lambda: cr.check(lambda x: np.sum(x * x), lambda x: x * np.array([2, 2, 3]), at=np.arange(1.0, 4.0)),
    "undecided": lambda: cr.check(lambda x: next(RANDOM) * x, lambda x: 0.5, at=1.0),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(str(tmp_path_factory.mktemp("profile")))
    yield opened
    opened.close()


@pytest.fixture
def shown(browser, tmp_path):
    def open_in(host, fragment, dark=False):
        path = tmp_path / "cell.html"
        path.write_text(HOSTS[host](fragment, dark), encoding="utf-8")
        browser.open(path, dark=not dark)  # the notebook's theme counts, not the system's
        return browser

    return open_in


def sizes(browser, selector):
    return browser.run(
        f"[...document.querySelectorAll('{selector}')].map(e => {{ const b = e.getBoundingClientRect();"
        "return [b.left, b.top, b.width, b.height] })"
    )


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_a_card_of_lines(name, host, shown):
    b = shown(host, REPORTS[name]()._repr_html_())
    terms, meanings = sizes(b, "dt"), sizes(b, "dd")
    assert len(terms) == len(meanings) > 0
    for (_, top, width, height), (left, other, wide, _) in zip(terms, meanings, strict=True):
        assert height <= LINE
        assert left >= width
        assert abs(top - other) < 2
        assert wide > 400
    ((_, _, wide, high),) = sizes(b, ".chainrule-report")
    assert wide > 700
    assert high < 420
    assert b.run("[...document.querySelectorAll('dt')].every(e => getComputedStyle(e).float === 'none')")
    ground = "[...document.querySelectorAll('code')].map(e => getComputedStyle(e).backgroundColor)"
    assert set(b.run(ground)) <= {"rgba(0, 0, 0, 0)"}  # the host's ground would not go with the card's ink


@pytest.mark.parametrize("host", HOSTS)
def test_an_explanation_is_read_from_the_left(host, shown):
    b = shown(host, explain(softplus, 0.5)._repr_html_())
    assert all(height < 40 for _, _, _, height in sizes(b, "tr"))
    assert b.run("[...document.querySelectorAll('td')].every(e => getComputedStyle(e).textAlign === 'left')")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("dark", [False, True])
def test_a_formula_is_set_by_the_browser_itself(host, dark, shown):
    pytest.importorskip("sympy")
    b = shown(host, derive(lambda a, b: math.log(1 + math.exp(a)) * b / a)._repr_html_(), dark)
    assert len(sizes(b, "math")) == 6
    assert all(20 < height < 110 for _, _, _, height in sizes(b, "tr"))
    ink = b.run("getComputedStyle(document.querySelector('math')).color")
    assert ink == ("rgb(230, 235, 242)" if dark else "rgb(29, 39, 51)")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("dark", [False, True])
def test_a_drawing_has_the_colours_of_the_notebook(host, dark, shown):
    b = shown(host, draw(softplus, 0.5)._repr_svg_(), dark)
    paper = b.run("getComputedStyle(document.querySelector('.paper')).fill")
    assert paper == ("rgb(21, 25, 31)" if dark else "rgb(255, 255, 255)")
    ink = b.run("getComputedStyle(document.querySelector('.node .name')).fill")
    assert ink == ("rgb(230, 235, 242)" if dark else "rgb(29, 39, 51)")
