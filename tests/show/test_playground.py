"""The page without Python: what is typed is read as Python reads it, and its numbers are Python's."""

import json
import math
import random

import pytest
from show.browser import Browser, executable

import chainrule as cr
from chainrule.cli import main
from chainrule.errors import ArgumentError
from chainrule.ops.row import TABLE
from chainrule.show import explore
from chainrule.show.page.playground import EXAMPLES, operators, playground

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium here")

TYPED = [
    "-a**2 + 2**-a", "a**b**0.5", "a / b * c", "a - -b - c", "-a % b", "a // b * c", "(a + b) * (a + b)", "+a * 1e-1",
    "a * a * a", "1 / (1 + math.exp(-a))", "np.sin(3 * b) - 1/c", "a**0", "a**1", "2 * 3 * a - 2**3", "pi * a**2",
    "a**-1.5", "3 - a - 2", "a*b/c/a", "_x1 + 0.5 * a", "min(a, b) * max(b, c)", "abs(-a)", "pow(a, 2) * pow(2, a)",
    "a*b**2*c", "1_000 * a", ".5 * a",
]  # fmt: skip
UNREADABLE = {
    "": "expected an expression",
    "a +": "expected a number, a name or a bracket, got the end",
    "(a": 'expected ")", got the end',
    "a b": 'expected an operator or the end, got "b"',
    "2 * 3": "write x for a number",
    "foo(a)": "there is no function foo",
    "sinh": "sinh is a function: write sinh(...)",
    "sin(a, b)": "sin takes 1 number, got 2",
    "a @ b": '"@" is nothing that is written in an expression',
    "a + b = c": 'expected one name before "="',
    "pi = 3; pi * a": "pi is a number already",
    "1.2.3 * a": "expected a number",
    "+".join(["a"] * 500): "more than 400 operations",
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("playground")
    playground(folder / "page.html")
    opened = Browser(str(folder / "profile"))
    opened.open(folder / "page.html")
    opened.page = folder / "page.html"
    yield opened
    assert opened.errors == []
    opened.close()


def computed(browser, texts, inputs=()):
    """Of each expression the value and the gradient by each input, as the page computes them."""
    code = """(texts, inputs) => texts.map((text, k) => {
        const graph = graphOf(readExpression(text, ROWS)), machine = engine(graph), own = inputs[k] ?? [];
        const at = graph.inputs.map(([id], i) => [id, own[i]]).filter(([, x]) => x !== undefined);
        machine.compute(Object.fromEntries(at));
        return [String(machine.nodes[graph.root].x), graph.inputs.map(([id]) => String(machine.nodes[id].g))];
    })"""
    found = browser.run(f"JSON.stringify(({code})({json.dumps(list(texts))}, {json.dumps(list(inputs))}))")
    return [(number(x), list(map(number, g))) for x, g in json.loads(found)]


def number(text):
    return float(text.replace("Infinity", "inf"))


def pythons(text, names):
    spaces = {name: getattr(cr, name) for name in ("sigmoid", "relu")}
    values = {name: cr.Value(x) for name, x in names.items()}
    functions = {"math": MATH, "np": MATH, "pi": math.pi, "min": cr.minimum, "max": cr.maximum}
    result = eval(text.replace("\n", ";"), functions | spaces | values)
    result.backward()
    return result.data, [v.grad for v in values.values()]


class MATH:
    exp, sin = cr.exp, cr.sin


@pytest.mark.parametrize("text", TYPED)
def test_reads_as_python_does(browser, text):
    [(value, slopes)] = computed(browser, [text], [])
    inputs = f"readExpression({json.dumps(text)}, ROWS).nodes.filter(n => n.kind === 'input')"
    order = browser.run(f"{inputs}.map(n => n.label)")
    given = {name: 2.0 + k for k, name in enumerate(order)}
    expected, gradient = pythons(text, given)
    assert value == pytest.approx(expected, rel=1e-14)
    assert slopes == pytest.approx(gradient, rel=1e-13, abs=1e-15)


def test_every_operator_of_numbers_is_there_under_each_of_its_names(browser):
    rows, _ = operators()
    assert {r["name"] for r in rows} == {r.name for r in TABLE.values() if r.public and r.elementwise}
    rng = random.Random(5)
    texts, inputs, expected = [], [], []
    for r in rows:
        numbers = [rng.uniform(0.2, 0.9) + (r["name"] == "arccosh") for _ in range(r["count"])]
        f = getattr(cr, r["name"])
        value, slopes = cr.value_and_grad(f, argnums=tuple(range(len(numbers))))(*numbers)
        for name in r["names"]:
            texts.append(f"{name}({', '.join('xyz'[: len(numbers)])})")
            inputs.append(numbers)
            expected.append((value, slopes))
    for text, found, (value, slopes) in zip(texts, computed(browser, texts, inputs), expected, strict=True):
        assert found[0] == pytest.approx(value, rel=4e-14), text
        assert found[1] == pytest.approx(list(slopes), rel=1e-12, abs=1e-15), text


@pytest.mark.parametrize("text", UNREADABLE)
def test_says_what_it_cannot_read_and_where(browser, text):
    browser.run(f"typed({json.dumps(text)})")
    assert UNREADABLE[text] in browser.text("#unreadable")
    assert browser.text("#unreadable").splitlines()[-1].strip() == "^"


@pytest.mark.parametrize("text", [text for _, text in EXAMPLES])
def test_boxes_and_arrows_are_those_of_the_explorer(browser, text):
    browser.run(f"typed({json.dumps(text)})")
    assert browser.run("document.getElementById('unreadable').hidden")
    browser.press("End")
    shown = browser.run(
        "[...document.querySelectorAll('#figure-full .node')].map(g => [g.querySelector('.name').textContent,"
        "(g.querySelector('.value') ?? {}).textContent, (g.querySelector('.gradient, .none') ?? {}).textContent])"
    )
    code = "def f({0}):\n" + "".join(f"    {line}\n" for line in _returned(text)[1])
    names = _returned(text)[0]
    space = {
        "tanh": cr.tanh,
        "sin": cr.sin,
        "sigmoid": cr.sigmoid,
        "log": cr.log,
        "exp": cr.exp,
        "cos": cr.cos,
        "max": cr.maximum,
    }
    exec(code.format(", ".join(names)), space)
    page = explore(space["f"], *names.values())
    titles = sorted(n.name for n in page.picture.nodes if n.kind not in ("input", "constant"))
    assert sorted(title.rpartition(" = ")[2] for title, value, _ in shown if value and title not in names) == titles
    gradients = cr.grad(space["f"], argnums=tuple(range(len(names))))(*names.values())
    for name, g in zip(names, gradients, strict=True):
        [mine] = [s for s in shown if s[0] == name]
        said = mine[2].removeprefix("grad ")
        assert float(said) == pytest.approx(g, rel=1e-3) if said != "not reached" else g == 0


def _returned(text):
    """Inputs with their numbers, and the lines of a function of them."""
    names, lines = {}, []
    for line in text.replace(";", "\n").splitlines():
        name, _, value = (s.strip() for s in line.partition("=") if s) if "=" in line else ("", "", line)
        try:
            names[name] = float(value)
        except ValueError:
            lines.append(line.strip())
    lines[-1] = f"return {lines[-1]}"
    return names or {"a": 2.0, "b": 3.0, "c": 4.0}, lines


def test_the_link_holds_expression_inputs_and_step(browser):
    browser.run("typed('x = 3\\nx**2 + sin(x)')")
    for _ in range(3):
        browser.press("ArrowRight")
    browser.enter("#input-0", "1.5")
    link = browser.run("note(), location.hash")
    browser.open(browser.page, link)
    assert browser.run("document.getElementById('expression').value") == "x = 3\nx**2 + sin(x)"
    assert browser.text("#counter") == "step 4/8"
    assert browser.run("machine.nodes[machine.inputs[0][0]].x") == 1.5
    browser.open(browser.page, "#f=a+%2B+%28")
    assert "expected a number" in browser.text("#unreadable")
    assert browser.text("#counter").startswith("step 1/")


def test_play_downhill_predict_and_top_down(browser):
    browser.run("typed('x = 4\\n(x - 1)**2 + 2')")
    for _ in range(3):
        browser.run("document.getElementById('downhill').click()")
    assert "3 steps: the result went from 11" in browser.text("#history")
    browser.run("document.getElementById('down').click()")
    tops = browser.run("[...document.querySelectorAll('.node:not(.constant)')].map(g => g.getBoundingClientRect().top)")
    assert tops == sorted(tops)
    browser.run("document.getElementById('down').click()")
    browser.run("document.getElementById('predict').click()")
    assert all(
        "?" in t for t in browser.run("[...document.querySelectorAll('.node text.gradient')].map(t => t.textContent)")
    )
    browser.run("document.getElementById('predict').click()")
    browser.press("Home")
    browser.run("document.getElementById('play').click()")
    assert "pause" in browser.text("#play")
    browser.run("typed('a * b')")
    assert "pause" not in browser.text("#play")


def test_boxes_do_not_overlap(browser):
    for _, text in EXAMPLES:
        browser.run(f"typed({json.dumps(text)})")
        for _ in range(2):
            boxes = browser.run(
                "[...document.querySelectorAll('.node .box')].map(b => b.getBoundingClientRect())"
                ".map(r => [r.left, r.top, r.right, r.bottom])"
            )
            for k, a in enumerate(boxes):
                for b in boxes[:k]:
                    assert a[2] <= b[0] + 1 or b[2] <= a[0] + 1 or a[3] <= b[1] + 1 or b[3] <= a[1] + 1, text
            browser.run("document.getElementById('down').click()")


def test_it_is_written_as_html_only(tmp_path):
    assert playground(tmp_path / "page.html") == (tmp_path / "page.html").read_text(encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"a page is saved as \.html or \.htm; got the ending '.txt'"):
        playground(tmp_path / "page.txt")


def test_the_command_writes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["playground"]) == 0
    assert capsys.readouterr().out == "playground.html\n"
    assert (tmp_path / "playground.html").read_text(encoding="utf-8") == playground()
    assert main(["playground", "nowhere/page.html"]) == 2
    assert "cannot write nowhere/page.html: No such file" in capsys.readouterr().err
