"""The explorer's page as text: one file, small, without the network; and what it is told."""

import html
import json
import re

import numpy as np
import pytest
from show.graphs import GRAPHS, neuron, swept

import chainrule as cr
from chainrule import Value
from chainrule.show import explore
from chainrule.show.page.explorer import SCRIPTS, part


def data(page):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.S)[1]
    return json.loads(text)


def test_script_and_style_stay_small():
    assert sum(len(part(name).encode()) for name in (*SCRIPTS, "page.css", "page.html")) < 90_000


@pytest.mark.parametrize("name", GRAPHS)
def test_every_page_is_one_file_with_strict_data(name):
    page = explore(*GRAPHS[name]())
    outside = r"""(src|href)\s*=\s*["']|@import|url\((?!#)|fetch\(|https?://(?!www\.w3\.org/2000/svg)"""
    assert not re.search(outside, page.html)
    views = data(page)["views"]
    assert all(n["id"] >= 0 for view in views.values() for n in view["nodes"])
    ids = re.findall(r'\bid="([^"]+)"', page.html)
    assert len(ids) == len(set(ids))


def test_the_table_says_every_step():
    table = explore(lambda a, b: a * b + a, 2.0, 3.0).html.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<td>(.*?)</td>", row)[:4] for row in table.split("</tr>")[:-1]]
    assert rows == [
        ["1", "forward", "a", "is 2"],
        ["2", "forward", "b", "is 3"],
        ["3", "forward", "*", "a * b = 6"],
        ["4", "forward", "+", "6 + a = 8"],
        ["5", "backward", "+", "grad = 1"],
        ["6", "backward", "*", "grad = 1 × 1 = 1"],
        ["7", "backward", "b", "grad = 1 × 2 = 2"],
        ["8", "backward", "a", "grad = 1 × 3 + 1 × 1 = 4"],
    ]


def test_a_value_before_backward_keeps_its_gradients():
    x = Value(3.0, "x")
    y = x * x
    nodes = data(explore(y))["views"]["full"]["nodes"]
    assert (nodes[0]["gradient"], nodes[0]["held"]) == ("6", "no backward yet")
    assert not x.has_grad
    assert not y.has_grad


def test_the_path_may_come_last(tmp_path):
    page = explore(swept(Value(2.0) * 3.0), str(tmp_path / "page.html"))
    assert page.path.read_text(encoding="utf-8") == page.html
    assert re.fullmatch(r"<Explorer: 3 nodes|<Explorer: .* kB in .*page\.html>", repr(page))


def test_a_notebook_gets_a_frame():
    page = explore(neuron, 2.0, 0.0, -3.0, 1.0, 6.88)
    frame = page._repr_html_()
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == page.html


def test_names_cannot_end_the_script():
    x = Value(1.0, "</script><b>")
    page = explore(swept(x * x))
    assert "</script><b>" not in page.html
    assert data(page)["views"]["full"]["nodes"][0]["label"] == "</script><b>"


def test_nan_and_infinity_survive_as_words():
    nodes = data(explore(lambda x: cr.log(x) * x, 0.0))["views"]["full"]["nodes"]
    assert [(n["text"], n["g"]) for n in nodes] == [("0", "nan"), ("-inf", 0.0), ("NaN", 1.0)]


def test_a_large_recording_is_explored_folded():
    x = Value(1.0, "x")
    for _ in range(1000):
        x = x * 1.0001 + 0.1
    page = explore(x)
    assert list(data(page)["views"]) == ["folded"]
    assert "2,001 nodes" in page.html
    assert len(page.html) < 160_000


def test_highlight_marks_boxes():
    nodes = data(explore(lambda x: np.sin(x) * x, 0.5, highlight="sin"))["views"]["full"]["nodes"]
    assert [n["name"] for n in nodes if n["lit"]] == ["sin"]
