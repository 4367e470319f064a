"""Names, labels, lines and messages that would move the cursor, end a script or break XML."""

import json
import math
import re
import xml.etree.ElementTree as ET

import pytest

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError
from chainrule.show import draw, explain, explore

HOSTILE = [
    "\x1b[31mred", "bell\x07", "back\x08\x08", "nul\x00", "\r over", "new\nline", "tab\t", "\x9b31m", "\u202eevil",
    "\u2066x", "\u2028line", "\ud800", "</script><img src=x onerror=alert(1)>", "<!--", "]]>", "&amp;", "'\"`",
    "${x}", "\\",
    "%s{}", "$title",
]  # fmt: skip
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def loss(label):
    x = Value(0.5, label)
    y = cr.exp(x) * x
    y.label = f"{label}2"
    z = y + x * 3.0
    z.backward()
    return z


def named(name):
    def f(x):
        return x * x

    f.__name__ = name
    return f


def unlucky(message):
    def f(x):
        x * 2.0
        raise ValueError(message)

    return f


@pytest.mark.parametrize("label", HOSTILE)
def test_nothing_unseen_is_written(label, tmp_path):
    for drawing, page in (
        (draw(loss(label)), explore(loss(label))),
        (draw(named(label), 2.0), explore(named(label), 2.0)),
        (draw(unlucky(label), 2.0), explore(unlucky(label), 2.0)),
        (draw(loss(label), fold="operation"), explore(loss(label), fold="operation")),
        (draw(loss("x"), collapse=lambda n: label), explore(loss("x"), collapse=lambda n: label)),
    ):
        for text in (drawing.text, drawing.svg, drawing.dot, repr(drawing), page.html, repr(page), page._repr_html_()):
            assert not UNSEEN.search(text)
        ET.fromstring(drawing.svg)
        assert "<img" not in page.html
        assert page.html.count("</script>") == 2
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.S)[1]
        assert not UNSEEN.search("".join(strings(json.loads(data))))
        page.save(tmp_path / "page.html")
    told = explain(loss(label))
    assert not UNSEEN.search(str(told) + told._repr_html_() + str(explain(unlucky(label), 2.0)))


def strings(tree):
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, (list, dict)):
        for part in tree if isinstance(tree, list) else [*tree, *tree.values()]:
            yield from strings(part)


def test_a_line_with_an_escape_is_shown_and_not_obeyed(tmp_path):
    file = tmp_path / "model\x1b[31m.py"
    file.write_text(
        "import math\ndef f(x):\n    y = math.exp(x)  # \x1b[2J \u202e\n    return y * x\n", encoding="utf-8"
    )
    namespace = {}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), namespace)
    for text in (str(draw(namespace["f"], 1.0)), str(explain(namespace["f"], 1.0)), explore(namespace["f"], 1.0).html):
        assert not UNSEEN.search(text)
        assert "\\x1b" in text


@pytest.mark.parametrize("name", ["model.py", "model", "page.txt", "page.html.bak", "notebook.ipynb"])
def test_a_page_is_never_written_over_another_file(name, tmp_path):
    path = tmp_path / name
    path.write_text("def loss(x):\n    return x\n")
    with pytest.raises(ArgumentError, match=r"saved as \.html or \.htm"):
        explore(lambda x: x * x, 2.0, path=path)
    assert path.read_text() == "def loss(x):\n    return x\n"


@pytest.mark.parametrize("name", ["page.html", "PAGE.HTM"])
def test_a_page_is_written_as_html(name, tmp_path):
    assert explore(lambda x: x * math.pi, 2.0, path=tmp_path / name).path.exists()
