"""The explorer in a headless browser: stepping, moving inputs, predicting, keyboard, no errors, no scripts."""

import math

import numpy as np
import pytest
from show.browser import Browser, executable
from show.graphs import GRAPHS, neuron, perceptron

import chainrule as cr
from chainrule import Value
from chainrule.show import explore
from chainrule.show.picture.layers import layered

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium here")

AT = (2.0, 0.0, -3.0, 1.0, 6.88)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(str(tmp_path_factory.mktemp("profile")))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, tmp_path):
    """Writes a page, opens it, and wants a silent console at the end."""
    browser.errors.clear()

    def visit(*x, fragment="", **how):
        path = explore(*x, path=tmp_path / "page.html").path
        browser.open(path, fragment, **how)
        return browser

    yield visit
    assert browser.errors == []


def boxes(browser):
    """Title -> (value, gradient), as the visible figure shows them."""
    found = browser.run(
        "[...document.querySelectorAll('#figures > div:not([hidden]) .node:not(.constant)')].map(g => ["
        "g.querySelector('.name').textContent, g.querySelector('.value').textContent,"
        "g.querySelector('text.gradient, text.none').textContent])"
    )
    return [tuple(row) for row in found]


def test_steps_forward_then_backward(page):
    b = page(lambda a, b: a * b + a, 2.0, 3.0, fragment="#step=1")
    assert b.text("#counter") == "step 1/8"
    assert boxes(b) == [("a", "2", ""), ("b", "", ""), ("*", "", ""), ("+", "", "")]
    for _ in range(3):
        b.press("ArrowRight")
    assert b.text("#status") == "+ is computed: 6 + a = 8"
    b.press("ArrowRight")
    assert (b.text("#phase"), b.text("#counter")) == ("BACKWARD", "step 5/8")
    assert b.text("#status") == "start at the result: grad 1. It sends 1 × 1 = 1 to *, 1 × 1 = 1 to a."
    assert boxes(b)[:2] == [("a", "2", "grad 1 (1/2)"), ("b", "3", "grad …")]
    b.press("ArrowRight")
    assert boxes(b) == [("a", "2", "grad 4"), ("b", "3", "grad 2"), ("*", "6", "grad 1"), ("+", "8", "grad 1")]
    b.press("End")
    assert boxes(b)[:2] == [("a", "2", "grad 4"), ("b", "3", "grad 2")]
    assert "through +: 1 × 1 = 1" in b.text("#card")
    assert "through *: 1 × 3 = 3" in b.text("#card")
    assert "sum of 2 terms: 4" in b.text("#card")
    b.press("ArrowLeft")
    b.press("Home")
    assert b.text("#counter") == "step 1/8"
    b.enter("#slider", 6)
    assert b.text("#counter") == "step 7/8"


def test_inputs_move_and_numbers_equal_pythons(page):
    b = page(neuron, *AT, fragment="#step=99")
    moved = [1.25, -0.5, 0.75, 2.0, -0.3]
    names = ["x1", "x2", "w1", "w2", "b"]
    for name, x in zip(names, moved, strict=True):
        b.enter(f"#inputs .exact[aria-label={name}]", x)
    value, gradient = cr.value_and_grad(neuron, argnums=tuple(range(5)))(*moved)
    shown = {name: (v, g) for name, v, g in boxes(b)}
    assert [shown[n] for n in names] == [(f"{x:.4g}", f"grad {g:.4g}") for x, g in zip(moved, gradient, strict=True)]
    assert shown["/"] == (f"{value:.4g}", "grad 1")
    assert "x0=1.25" in b.run("note(), location.hash")
    b.run("document.querySelector('#reset').click()")
    assert {n: v for n, v, _ in boxes(b)}["/"] == f"{neuron(*AT):.4g}"


def test_inputs_move_in_a_folded_page_too(page):
    x, w = [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4]
    b = page(perceptron, x, w, fragment="#fold=1&step=99")
    before = boxes(b)
    moved = [0.7, *w[1:]]
    b.enter("#inputs .exact[aria-label='w[0]']", moved[0])
    gradient = cr.grad(perceptron, 1)(x, moved)
    shown = {name: (v, g) for name, v, g in boxes(b)}
    assert shown["w[…] × 4"] == ("-0.3 … 0.7", f"grad {min(gradient):.4g} … {max(gradient):.4g}")
    assert shown["+"][0] == f"{perceptron(x, moved):.4g}"
    b.run("document.querySelector('#fold').click()")
    b.press("End")
    assert {name: g for name, _, g in boxes(b)}["w[0]"] == f"grad {gradient[0]:.4g}"
    b.run("document.querySelector('#reset').click()")
    b.run("document.querySelector('#fold').click()")
    b.press("End")
    assert boxes(b) == before


def test_the_running_total_of_an_array(page):
    x = np.array([0.3, -0.7, 1.1])
    b = page(lambda x: (np.sin(x) * x**2).sum(), x, fragment="#step=8")
    assert b.text("#status").startswith("the gradient of **2 is complete")
    sent = 2 * x * np.sin(x)
    assert boxes(b)[0][2] == f"grad {min(sent):.4g} … {max(sent):.4g} (1/2)"
    b.run("document.querySelector('.node[data-n=\"0\"]').dispatchEvent(new Event('click'))")
    norm, first = np.linalg.norm(sent), ", ".join(f"{v:.4g}" for v in sent)
    assert f"so far: (3,) {min(sent):.4g} … {max(sent):.4g}, norm {norm:.4g}: {first}" in b.text("#card")
    assert "norm 1.338: 0.3, -0.7, 1.1" in b.text("#card")


def test_a_function_that_raises_is_explored_up_to_there(page):
    def unlucky(a, b):
        s = a * b
        return math.log(s - 6) * a

    b = page(unlucky, 2.0, 3.0)
    assert "here the function stopped at test_explorer_page.py" in b.text("#status")
    assert boxes(b)[-1] == ("log", "⚠ -inf", "")
    assert "stopped before it had a result" in b.text("#inputs")
    b.run("document.querySelector('#blamed').click()")
    assert b.text("#card h2") == "log"
    b.press("Home")
    b.press("ArrowRight")


@pytest.mark.parametrize("name", ["erf", "erfc", "gamma", "gammaln", "digamma", "fmax", "fmin", "clip"])
def test_inputs_move_for_every_operator(page, name):
    f = getattr(cr, name)
    many = {"fmax": (1.0,), "fmin": (1.0,), "clip": (-1.0, 1.0)}.get(name, ())
    b = page(lambda x: f(x, *many) * 2, 0.5)
    b.enter("#inputs .exact", 0.75)
    b.press("End")
    value, gradient = cr.value_and_grad(lambda x: f(x, *many) * 2)(0.75)
    assert boxes(b)[0] == ("x", "0.75", f"grad {gradient:.4g}")
    assert boxes(b)[-1][1] == f"{value:.4g}"


def test_what_the_page_cannot_compute_is_named(page):
    b = page(lambda x: np.sum(x) * 2, 0.5)
    assert "cannot recompute sum (test_explorer_page.py:" in b.text("#inputs")
    assert b.run("document.querySelectorAll('#inputs input').length") == 0


def test_a_derivative_by_hand_is_never_replaced_by_the_pages(page):
    b = page(*GRAPHS["by hand"]())
    assert "cannot recompute tanh" in b.text("#inputs")


def test_arrays_step_but_do_not_move(page):
    b = page(lambda x: (np.sin(x) * x**2).sum(), np.array([0.3, -0.7, 1.1]), fragment="#step=99")
    assert "inputs cannot be moved" in b.text("#inputs")
    assert boxes(b)[0] == ("x", "(3,) -0.7 … 1.1", "grad (3,) 0.2633 … 2.51")


def test_predicting_hides_gradients_and_marks_answers(page):
    b = page(lambda a, b: a * b + a, 2.0, 3.0)
    b.run("document.querySelector('#predict').click()")
    assert {g for _, _, g in boxes(b)} == {"grad ?"}
    assert "4" not in b.text("#card")
    assert b.run("[...document.querySelectorAll('svg title')].every(t => !/grad|sends/.test(t.textContent))")
    assert b.run("getComputedStyle(document.querySelector('#steps')).display") == "none"
    b.run("document.querySelector('.node[data-n=\"0\"]').dispatchEvent(new Event('click'))")
    b.enter("#guess", "3")
    assert b.text("#mark") == "✗ not this"
    assert boxes(b)[0] == ("a", "2", "✗ 3")
    b.enter("#guess", "4.0")
    assert b.text("#mark") == "✓ right"
    assert "1 of 1 right" in b.text("#card")
    assert "predict=1" in b.run("note(), location.hash")


def test_first_nan(page):
    b = page(lambda x: cr.log(x) * x, 0.0, fragment="#step=1")
    b.run("document.querySelector('#trouble').click()")
    assert b.text("#status") == "log is computed: log(x) = -inf"
    assert b.run("document.querySelector('.node.now').classList.contains('bad')")
    b.press("End")
    b.enter("#inputs .exact", 1)
    assert b.run("document.querySelectorAll('.bad, .wrong').length") == 0
    b.enter("#inputs .exact", -1)
    assert b.run("document.querySelectorAll('.node.bad').length") == 3


def test_source_lines_and_find(page):
    b = page(neuron, *AT)
    b.run("[...document.querySelectorAll('.line[data-at]')].find(l => l.textContent.includes('exp')).click()")
    lit = "[...document.querySelectorAll('.node.found .name')].map(t => t.textContent)"
    assert b.run(lit) == ["*", "e = exp"]
    b.enter("#find", "w1")
    assert b.run(lit) == ["w1"]
    b.enter("#find", "e - 1")  # not a name: the source is searched
    assert b.text("#status") == "3 found"


def test_folding(page):
    b = page(perceptron, [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4])
    assert len(boxes(b)) == 120
    b.run("document.querySelector('#fold').click()")
    assert any("× 4" in name for name, _, _ in boxes(b))
    assert "fold=1" in b.run("note(), location.hash")
    b.press("Home")
    b.press("End")


def test_the_view_is_kept_in_the_address(page):
    b = page(neuron, *AT, fragment="#step=3&node=1&x0=1.5")
    assert b.text("#counter") == "step 3/28"
    assert b.text("#card h2") == "w1"
    assert boxes(b)[0][1] == "1.5"


def test_keyboard_and_names_for_screen_readers(page):
    b = page(neuron, *AT)
    boxes = "[...document.querySelectorAll('.node[tabindex]')]"
    assert b.run(f"{boxes}.every(g => g.getAttribute('aria-label').includes('value'))")
    named = "e => e.textContent || e.ariaLabel || e.labels?.length"
    assert b.run(f"[...document.querySelectorAll('button, input')].every({named})")
    b.run("document.querySelector('.node[data-n=\"1\"]').focus()")
    b.press("Enter")
    assert b.text("#card h2") == "w1"
    tree = [n for n in b.call("Accessibility.getFullAXTree")["nodes"] if not n["ignored"]]
    roles = {"button", "slider", "checkbox", "textbox", "searchbox", "combobox", "spinbutton", "heading", "region"}
    found = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in tree]
    assert [role for role, name in found if role in roles and not name] == []
    assert {role for role, _ in found} >= {"button", "slider", "checkbox", "status", "complementary", "heading"}


def test_copies(page):
    b = page(lambda a, b: a * b + a, 2.0, 3.0)
    for what in ("svg", "dot", "latex"):
        b.run(f"document.querySelector('[data-copy={what}]').click()")
        b.run("new Promise(r => setTimeout(r, 60))")
        assert "copied" in b.text("#status")


def test_without_scripts_it_is_a_figure_and_a_table(page, browser):
    b = page(lambda a, b: a * b + a, 2.0, 3.0, scripts=False)
    try:
        assert b.run("document.querySelectorAll('#steps tbody tr').length") == 8
        assert "grad = 1 × 3 + 1 × 1 = 4" in b.text("#steps")
        assert b.run("document.querySelector('.controls').hidden")
    finally:
        b.call("Emulation.setScriptExecutionDisabled", value=False)


def test_what_the_gradient_attribute_holds(page):
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    y.backward()
    b = page(y, fragment="#step=99&node=0")
    assert boxes(b)[0] == ("x", "3", "grad 6")
    assert "12 (2 passes)" in b.text("#card")
    assert math.isclose(x.grad, 12.0)


FAINT = """(() => {  // texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3)
  const channel = v => v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = s => { const m = s.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const ground = e => parse(getComputedStyle(e).backgroundColor);
  const behind = e => e ? over(ground(e), behind(e.parentElement)) : [255, 255, 255, 1];
  return [...document.querySelectorAll('body *')].filter(e => {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('.waiting, option, script, style, title')) return false;
    if (!e.checkVisibility({visibilityProperty: true})) return false;
    const box = e.closest('.node')?.querySelector('.box'), paint = box && getComputedStyle(box).fill;
    const fill = paint && paint !== 'none' && parse(paint);
    const style = getComputedStyle(e), under = fill ? over(fill, behind(document.body)) : behind(e);
    const ink = light(over(parse(e.ownerSVGElement ? style.fill : style.color), under)), paper = light(under);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5;
  }).map(e => e.textContent) })()"""


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark(page, dark, tmp_path):
    b = page(neuron, *AT, fragment="#step=20", dark=dark)
    background = b.run("getComputedStyle(document.body).backgroundColor")
    paper = b.run("getComputedStyle(document.querySelector('.paper')).fill")
    assert background == paper == ("rgb(21, 25, 31)" if dark else "rgb(255, 255, 255)")
    b.screenshot(tmp_path / "page.png")
    assert b.run(FAINT) == []
    for fragment in ("#step=15", "#step=15&predict=1"):
        assert page(neuron, *AT, fragment=fragment, dark=dark).run(FAINT) == []


def test_in_a_notebooks_frame(browser, tmp_path):
    browser.errors.clear()
    (tmp_path / "book.html").write_text(explore(lambda a, b: a * b + a, 2.0, 3.0)._repr_html_(), encoding="utf-8")
    browser.open(tmp_path / "book.html")
    inside = "document.querySelector('iframe').contentDocument"
    browser.run(f"{inside}.querySelector('#first').click()")
    assert browser.run(f"{inside}.querySelector('#counter').textContent") == "step 1/8"
    assert browser.errors == []


def test_what_a_check_blames(page, browser):
    path = explore(neuron, *AT, highlight="exp").save
    b = page(neuron, *AT)
    assert b.run("document.querySelector('#blamed').hidden")
    target = b.run("location.pathname")
    path(target)
    b.open(target)
    b.run("document.querySelector('#blamed').click()")
    assert b.text("#card h2") == "e = exp"


def test_without_graphviz_the_page_works_too(page, monkeypatch):
    monkeypatch.setattr("chainrule.show.picture.svg.arrange", layered)
    b = page(neuron, *AT, fragment="#step=1")
    b.press("End")
    assert boxes(b)[0] == ("x1", "2", "grad -1.503")
