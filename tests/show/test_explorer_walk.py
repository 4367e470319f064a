"""The explorer as a person meets it: what it gives away, what it explains, how it moves, at every size."""

import math
import re
import time

import numpy as np
import pytest
from show.browser import Browser, executable
from show.graphs import GRAPHS, newton, perceptron

import chainrule as cr
from chainrule.show import explore

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium here")


def neuron(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    return math.tanh(n)


AT = (2.0, 0.0, -3.0, 1.0, 6.88)
MLP = (perceptron, [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4])


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    opened = Browser(str(tmp_path_factory.mktemp("profile")))
    yield opened
    opened.close()


@pytest.fixture
def page(browser, tmp_path):
    browser.errors.clear()
    browser.size(1280, 800)

    def visit(*x, fragment="", **how):
        browser.open(explore(*x, path=tmp_path / "page.html").path, fragment, **how)
        return browser

    yield visit
    assert browser.errors == []


def click(b, selector):
    b.run(f"document.querySelector({selector!r}).click()")


def steps(b):
    return b.run("view().steps.length")


# -- nothing is given away -----------------------------------------------------------------------------------------

VISIBLE = """(() => { const seen = e => e.checkVisibility({visibilityProperty: true});
  return [...document.querySelectorAll('#figures text, aside *, #steps td, #status')].filter(seen)
    .flatMap(e => [...e.childNodes].filter(c => c.nodeType === 3).map(c => c.textContent)) })()"""


def test_it_opens_at_the_first_step_and_gives_nothing_away(page):
    b = page(neuron, *AT)
    assert b.text("#counter") == "step 1/20"
    gradients = {f"{g:.4g}" for g in cr.grad(neuron, tuple(range(5)))(*AT)} - {"0", "2", "1"}
    value = f"{neuron(*AT):.4g}"
    click(b, "#steps summary")
    for _ in range(9):
        seen = " ".join(b.run(VISIBLE))
        assert not [g for g in gradients if re.search(rf"(?<![\d.]){re.escape(g)}(?![\d])", seen)]
        assert value not in seen
        assert len(set(b.run("view().edges.map(e => e.arrow.getAttribute('stroke-width'))"))) == 1
        assert b.run("view().edges.every(e => !e.label || e.label.style.visibility === 'hidden')")
        assert not b.run(
            "[...view().figure.querySelectorAll('title')].some(t => /grad -|grad \\d|sends back/.test(t.textContent))"
        )
        b.press("ArrowRight")
    assert value in " ".join(b.run(VISIBLE))
    b.press("End")
    seen = " ".join(b.run(VISIBLE))
    assert all(g in seen for g in gradients)


def test_a_gradient_is_there_when_its_step_has_come(page):
    b = page(*MLP)
    for step in range(b.run("view().forward.length"), steps(b), 7):
        b.enter("#slider", step)
        line = "view().boxes.get(n.id).querySelector('text.gradient, text.none').textContent"
        shown = b.run(f"view().forward.map(n => [n.id, {line}])")
        whole = b.run("view().forward.filter(isWhole).map(n => n.id)")
        for k, text in shown:
            assert (k in whole) == bool(re.fullmatch(r"(⚠ )?grad [^…]*", text) and "/" not in text), (step, k, text)


# -- playing and keys ----------------------------------------------------------------------------------------------


def test_play_plays_and_starts_again_at_the_end(page):
    b = page(lambda a, b: a * b + a, 2.0, 3.0)
    b.enter("#speed", "10")
    click(b, "#play")
    assert b.text("#play") == "❚❚ pause"
    end = time.time() + 10
    while b.text("#counter") != "step 8/8" and time.time() < end:
        time.sleep(0.05)
    assert (b.text("#counter"), b.text("#play")) == ("step 8/8", "▶ play")
    click(b, "#play")
    assert (b.text("#counter"), b.text("#play")) == ("step 1/8", "❚❚ pause")
    click(b, "#play")
    assert b.text("#play") == "▶ play"


@pytest.mark.parametrize("focus", ["#predict", "#fit", "#play", "#figures", "#down", "body", ".node", ".line[data-at]"])
def test_arrow_keys_always_step(page, focus):
    b = page(neuron, *AT)
    b.run(f"(e => {{ e.focus(); if (e.id === 'predict') e.click(); }})(document.querySelector({focus!r}))")
    b.press("ArrowRight")
    b.press("ArrowRight")
    assert b.text("#counter") == "step 3/20"
    b.press("ArrowLeft")
    assert b.text("#counter") == "step 2/20"


@pytest.mark.parametrize("focus", ["#find", ".exact", ".coarse", "#rate"])
def test_arrow_keys_stay_with_what_is_being_filled_in(page, focus):
    b = page(neuron, *AT)
    b.run(f"document.querySelector({focus!r}).focus()")
    b.press("ArrowRight")
    assert b.text("#counter") == "step 1/20"


# -- why -----------------------------------------------------------------------------------------------------------


def number(text):
    return float(text.replace("NaN", "nan"))


SINGLE = ["neuron", "diamond", "newton", "square", "relu", "micrograd", "long names", "log of zero"]


@pytest.mark.parametrize("name", SINGLE)
def test_each_backward_step_multiplies_and_adds_right(page, name):
    """from above × local = sent back; what was there + what is sent = what is there now."""
    b = page(*GRAPHS[name]())
    parts = "[[...s.querySelectorAll('b')].map(x => x.textContent), s.querySelector('.added').textContent]"
    shares = f"[...document.querySelectorAll('.share')].map(s => {parts})"
    seen = 0
    for step in range(b.run("view().forward.length"), steps(b)):
        b.enter("#slider", step)
        for (above, local, sent), added in b.run(shares):
            above, local, sent = map(number, (above, local, sent))
            product = above * local
            assert sent == pytest.approx(product, rel=2e-3, nan_ok=True)
            sum_ = re.search(r": (\S+) \+ \(?([^ )]+)\)? = (\S+) \(use", added)
            if sum_:
                before, part, after = map(number, sum_.groups())
                assert after == pytest.approx(
                    before + part, rel=2e-3, abs=2e-3 * max(abs(before), abs(part)), nan_ok=True
                )
            seen += 1
    assert seen


def test_the_rule_is_said_in_letters(page):
    b = page(neuron, *AT, fragment="#step=11")
    assert b.text(".rule") == "d tanh(n) / dn = 1 / cosh(n)² = 0.501"
    b.press("ArrowRight")
    assert "b is used here only" in b.text("#why")
    click(b, ".word")
    assert "already" in b.text(".gloss")


def test_predicting_shows_no_numbers_and_says_how_far_off(page):
    b = page(neuron, *AT, fragment="#step=11&predict=1")
    assert set(b.run("[...document.querySelectorAll('.share b')].map(e => e.textContent)")) == {"?"}
    assert b.text(".rule") == "d tanh(n) / dn = 1 / cosh(n)²"
    b.run("view().boxes.get(view().nodes.find(n => n.title === 'b').id).dispatchEvent(new Event('click'))")
    right = cr.grad(neuron, 4)(*AT)
    for guess, said in (
        (-right, "the sign is not"),
        (right * 30, "more than ten times too large"),
        (right / 1.5, "too small"),
    ):
        b.enter("#guess", guess)
        assert said in b.text("#mistake") or guess == -right
    b.enter("#guess", f"{right:.4g}")
    assert b.text("#mark") == "✓ right"


# -- zoom, pan, direction, sizes -----------------------------------------------------------------------------------

OUTSIDE = """(() => { const p = document.querySelector('#figures').getBoundingClientRect();
  return [...view().boxes.values()].map(g => g.getBoundingClientRect())
    .filter(r => r.left < p.left - 1 || r.right > p.right + 1 || r.top < p.top - 1 || r.bottom > p.bottom + 1)
    .length })()"""
LONG = ("neuron", "nll", "newton")
ACROSS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.mark.parametrize("size", [(1280, 800), (900, 680), (390, 800)])
@pytest.mark.parametrize("name", ["neuron", "newton", "nll", "perceptron", "one input", "floor"])
def test_it_fits(page, name, size):
    b = page(*GRAPHS[name]())
    b.size(*size)
    b.reload()
    assert b.run(ACROSS)
    letters = b.run("13 * camera.scale")  # of boxes, in pixels, before anybody has moved anything
    assert letters > (6 if size[0] < 640 else 7.7) or b.run(OUTSIDE) == 0
    wide = b.run("document.querySelector('main').classList.contains('wide')")
    assert wide == (size[0] > 800) or name not in LONG
    if wide:  # what is said of it stands below, and all of the width is the picture's
        assert b.run("document.querySelector('#figures').clientWidth") == size[0]
        assert b.run("document.querySelector('#status').getBoundingClientRect().bottom") < size[1]
    click(b, "#fit")
    assert b.run(OUTSIDE) == 0
    b.size(1280, 800)


@pytest.mark.parametrize("at", [MLP, GRAPHS["newton"]()], ids=["perceptron", "newton"])
@pytest.mark.parametrize("down", [0, 1])
def test_the_box_of_the_step_is_in_sight(page, at, down):
    b = page(*at, fragment=f"#step=1&down={down}")
    inside = """(() => { const p = document.querySelector('#figures').getBoundingClientRect(),
      r = view().boxes.get(now()[1].id).querySelector('.box').getBoundingClientRect();
      return r.left >= p.left && r.right <= p.right && r.top >= p.top && r.bottom <= p.bottom && r.width > 25 })()"""
    for step in range(0, steps(b), 11):
        b.enter("#slider", step)
        assert b.run(inside), step


def test_wheel_drag_and_keys(page):
    b = page(neuron, *AT)
    view = lambda: b.run("[camera.x, camera.y, camera.scale]")
    x, y = b.run("(r => [r.left + 200, r.top + 200])(document.querySelector('#figures').getBoundingClientRect())")
    under = f"(p => [camera.x + {200} / camera.scale, camera.y + {200} / camera.scale])()"
    start, place = view(), b.run(under)
    b.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200, modifiers=2)
    time.sleep(0.1)
    assert view()[2] > 1.5 * start[2]
    assert b.run(under) == pytest.approx(place, abs=1)  # what lies under the pointer stays there
    before, step = view(), b.text("#counter")
    b.mouse("mousePressed", x, y, button="left", clickCount=1)
    for k in range(1, 6):
        b.mouse("mouseMoved", x - 10 * k, y - 4 * k, button="left", buttons=1)
    b.mouse("mouseReleased", x - 50, y - 20, button="left", clickCount=1)
    assert view()[0] == pytest.approx(before[0] + 50 / before[2], abs=1)
    assert view()[1] == pytest.approx(before[1] + 20 / before[2], abs=1)
    assert b.text("#counter") == step
    for key, larger in (("+", True), ("-", False)):
        scale = view()[2]
        b.press(key)
        assert (view()[2] > scale) == larger
    b.press("0")
    assert b.run(OUTSIDE) == 0


@pytest.mark.parametrize("name", ["neuron", "newton", "nll", "perceptron"])
def test_from_the_top_down(page, name):
    b = page(*GRAPHS[name]())
    click(b, "#down")
    assert "down=1" in b.run("note(), location.hash")
    box = "view().boxes.get(id).querySelector('.box').getBoundingClientRect()"
    frame = f"id => {{ const r = {box}; return [r.left, r.top, r.right, r.bottom] }}"
    frames = b.run(f"view().edges.filter(e => !e.constant).map(e => [e.from, e.to].map({frame}))")
    assert all(above[3] < below[1] for above, below in frames)
    boxes = b.run(f"view().forward.map(n => n.id).map({frame})")
    for k, (l1, t1, r1, b1) in enumerate(boxes):
        assert not any(l1 < r2 and l2 < r1 and t1 < b2 and t2 < b1 for l2, t2, r2, b2 in boxes[:k])
    click(b, "#down")
    assert "down=1" not in b.run("note(), location.hash")
    assert b.run("view().edges.every(e => e.arrow.getAttribute('d') === e.drawn[0])")


def test_the_direction_is_kept_in_the_link_and_a_phone_begins_top_down(page):
    b = page(newton, 1.0, fragment="#step=3&down=1")
    assert b.run("state.down")
    b.size(390, 800)
    b.run("location.hash = ''")
    b.reload()
    assert b.run("state.down")
    b.size(1280, 800)


# -- inputs --------------------------------------------------------------------------------------------------------


def test_inputs_stand_in_the_order_of_the_arguments(page):
    b = page(lambda first, second, third: third * second + first, 1.0, 2.0, 3.0)
    labels = "[...document.querySelectorAll('#inputs .input label')].map(e => e.textContent)"
    assert b.run(labels) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("typed", "value"), [("1e400", "inf"), ("-inf", "-inf"), ("nan", "NaN"), ("2,5", "2.5"), ("−3", "-3")]
)
def test_what_is_typed_is_taken_or_marked(page, typed, value):
    b = page(lambda x: x * 1.0, 0.5, fragment="#step=9")
    b.enter("#inputs .exact", "zwei")
    assert b.run("document.querySelector('.exact').classList.contains('wrong')")
    b.enter("#inputs .exact", typed)
    assert not b.run("document.querySelector('.exact').classList.contains('wrong')")
    assert b.text(".node.input .value").removeprefix("⚠ ") == value


def leaky(x, y):
    if x * y > 1.0:
        return x * x
    return max(x, y) * 2.0 + y


def test_another_branch_is_said(page):
    """Moved to where the function itself would compute something else, the page says so; elsewhere it does not."""
    b = page(leaky, 0.5, 0.25, fragment="#step=99")
    for x, y, turned in ((0.5, 0.25, False), (0.7, 0.3, False), (0.5, 0.8, True), (0.1, 0.8, True), (0.9, 0.2, False)):
        b.enter(".exact[aria-label=x]", x)
        b.enter(".exact[aria-label=y]", y)
        assert b.run("document.querySelector('#branches').hidden") == (not turned), (x, y)
        if not turned:
            assert b.text(".node.output .value") == f"{leaky(x, y):.4g}"
    b.enter(".exact[aria-label=y]", 2.0)
    assert "the function itself would take another branch" in b.text("#branches")
    click(b, "#reset")
    assert b.run("document.querySelector('#branches').hidden")


def test_a_link_to_another_branch_says_so(page):
    b = page(lambda x: cr.where(x > 0.0, x, -2.0 * x), 0.5, fragment="#x0=-1&step=99")
    assert "x > 0 is no longer true" in b.text("#branches")


def test_downhill(page):
    b = page(lambda x, y: (x - 1.0) ** 2 + (y + 2.0) ** 2, 3.0, 1.0)
    b.enter("#rate", "0.1")
    x = np.array([3.0, 1.0])
    for _ in range(5):
        click(b, "#downhill")
        x = x - 0.1 * 2 * (x - [1.0, -2.0])
    assert b.run("machine.inputs.map(([id]) => machine.nodes[id].x)") == pytest.approx(x)
    loss = (x[0] - 1) ** 2 + (x[1] + 2) ** 2
    assert b.text("#history p") == f"5 steps: the result went from 13 to {loss:.4g}"
    click(b, "#uphill")
    assert b.run("losses[6] > losses[5]")


def test_arrays_are_maps_and_the_gradient_beside_comes_in_its_time(page):
    A = np.array([[1.0, -2.0, 0.5], [np.nan, 0.0, 4.0]])
    b = page(lambda A: np.sum(A * A), A)
    cells = "[...document.querySelectorAll('.map')].map(m => [...m.children].map(c => c.title.split('] ')[1]))"
    assert b.run(cells) == [["1", "-2", "0.5", "NaN", "0", "4"]]
    assert b.run("getComputedStyle(document.querySelector('.map')).gridTemplateColumns.split(' ').length") == 3
    assert b.run("document.querySelectorAll('.map .bad').length") == 1
    b.press("End")
    assert b.run(cells)[1] == ["2", "-4", "1", "NaN", "0", "8"]
    click(b, "#predict")
    assert len(b.run(cells)) == 1


# -- around it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("host", ["lab", "code"])
def test_the_frame_has_the_theme_of_the_notebook(browser, tmp_path, host, dark):
    from show.hosts import HOSTS

    browser.errors.clear()
    path = tmp_path / "book.html"
    path.write_text(HOSTS[host](explore(neuron, *AT)._repr_html_(), dark), encoding="utf-8")
    browser.open(path, dark=not dark)
    time.sleep(0.3)
    inside = "document.querySelector('iframe').contentDocument"
    for part, what in (("body", "backgroundColor"), (".paper", "fill")):
        colour = browser.run(f"getComputedStyle({inside}.querySelector('{part}')).{what}")
        assert colour == ("rgb(21, 25, 31)" if dark else "rgb(255, 255, 255)")
    assert browser.errors == []


def test_the_hint_goes_and_the_legend_is_there(page):
    b = page(neuron, *AT)
    assert not b.run("document.querySelector('#hint').hidden")
    b.press("ArrowRight")
    assert b.run("document.querySelector('#hint').hidden")
    assert "local derivative" in b.text("#legend")


def test_a_check_that_failed_opens_at_what_it_blames(browser, tmp_path):
    path = explore(neuron, *AT, highlight="n", path=tmp_path / "page.html").path
    browser.open(path)
    assert browser.run("now()[1].label") == "n"


def test_five_hundred_boxes_step_quickly(page):
    """A step draws in a fraction of what a person sees as waiting: the work of one step is bounded."""
    b = page(lambda x: sum((cr.sin(x * k) * k for k in range(120)), x), 0.5, fragment="#fold=0&step=1")
    assert b.run("view().nodes.length") > 480
    everything = "{subtree: true, childList: true, attributes: true, characterData: true}"
    b.run("go(400)")
    changes = f"(() => {{ const o = new MutationObserver(() => 0); o.observe(document.body, {everything});"
    drawn = b.run(f"{changes} go(401); return o.takeRecords().length }})()")
    assert drawn < 100


def test_moving_about_lays_no_text_out_anew(page):
    b = page(neuron, *AT)
    svg = "document.querySelector('#figures > div:not([hidden]) svg')"
    before = b.run(f"[{svg}.getAttribute('viewBox'), {svg}.style.transform]")
    b.press("+")
    b.press("ArrowRight")
    after = b.run(f"[{svg}.getAttribute('viewBox'), {svg}.style.transform]")
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_the_address_is_written_a_few_times_a_second(page):
    b = page(neuron, *AT)
    b.run(
        "count = 0; write = history.replaceState; history.replaceState = (...a) => { count++; write.apply(history, a) }"
    )
    assert b.run("for (let k = 0; k < 20; k++) go(k); count") <= 1
    assert b.run("new Promise(r => setTimeout(() => r([count, location.hash]), 400))")[1].startswith("#step=20")
    assert b.run("count") <= 2
