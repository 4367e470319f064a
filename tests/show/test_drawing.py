"""Drawings: the text tree, DOT and SVG of fixed graphs, and what must hold for all of them."""

import builtins
import importlib
import math
import re
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from show.graphs import GRAPHS, accumulated, diamond, micrograd, neuron, perceptron, swept

import chainrule as cr
from chainrule import Value
from chainrule.errors import ArgumentError, MissingExtra
from chainrule.show import draw
from chainrule.show.picture.drawing import Drawing
from chainrule.show.picture.layers import layered
from chainrule.sweeps.gradients import gradient

SVG = "{http://www.w3.org/2000/svg}"
EXP = neuron.__code__.co_firstlineno + 2
"""The line of the neuron with its exp."""
HAS_GRAPHVIZ = importlib.util.find_spec("pygraphviz") is not None


with_graphviz = pytest.mark.skipif(not HAS_GRAPHVIZ, reason="extra draw")


@pytest.fixture(params=["own", pytest.param("graphviz", marks=with_graphviz)])
def layout(request, monkeypatch):
    if request.param == "own":
        monkeypatch.setattr("chainrule.show.picture.svg.arrange", layered)
    return request.param


@pytest.fixture
def no_pygraphviz(monkeypatch):
    def refuse(name, *rest):
        if name == "pygraphviz":
            raise ImportError(name)
        return real(name, *rest)

    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", refuse)


def table(drawing):
    """The text of a drawing without the column of source lines."""
    return [re.sub(r"\s+(graphs|test_drawing)\.py:\d+$|\s+line$", "", row) for row in str(drawing).splitlines()]


# -- text ----------------------------------------------------------------------------------------------------


def test_the_classic_graph_as_text():
    assert (
        str(draw(swept(micrograd())))
        == """\
7 nodes
             value  gradient  local
L = *           -8         1
├─ d = +         4        -2     -2
│  ├─ e = *     -6        -2      1
│  │  ├─ a       2         6     -3
│  │  └─ b      -3        -4      2
│  └─ c         10        -2      1
└─ f            -2         4      4"""
    )


def test_before_backward_there_is_no_gradient_rather_than_zero():
    drawing = draw(micrograd())
    assert table(drawing)[:2] == ["7 nodes, no backward yet", "             value  local"]
    assert drawing.dot.count("no backward yet") == 1 + 2 * 7  # caption, boxes and their tooltips
    assert "grad 0" not in drawing.svg


def test_passes_are_counted():
    drawing = draw(swept(micrograd(), 3))
    assert "18 (3 passes)" in str(drawing)
    assert str(drawing).startswith("7 nodes, 3 backward passes\n")


def test_a_value_inside_is_reached_by_passes_from_further_on():
    x = Value(2.0, "x")
    y = x * 3.0
    y.label = "y"
    swept(y * y)
    swept(y * 2.0)
    assert table(draw(y))[2:4] == ["y = *      6  14 (2 passes)", "├─ x       2  42 (2 passes)      3"]


def test_a_gradient_left_from_an_earlier_loss_is_told_apart():
    assert table(draw(accumulated()))[2:] == [
        "*         6                          1",
        "├─ x      3  8 (2 passes), 2 from here      2",
        "└─ 2",
    ]


def test_a_function_is_traced_and_knows_its_lines():
    rows = str(draw(neuron, 2.0, 0.0, -3.0, 1.0, 6.88)).splitlines()
    assert rows[0] == "neuron: 14 nodes"
    assert rows[2].startswith("/ ")
    assert re.search(r"0\.7064 +1 +graphs\.py:\d+$", rows[2])


def test_what_is_used_again_is_printed_once():
    text = str(draw(diamond, 0.7))
    assert text.count("x (3 uses)") == 1
    assert text.count("x (above)") == 2


def test_nan_and_infinity_are_marked_in_every_form(layout):
    drawing = draw(lambda x: cr.log(x) * x, 0.0)
    assert "⚠ NaN" in drawing.text
    assert "⚠ -inf" in drawing.text
    assert 'label="*\\n⚠ NaN\\ngrad 1"' in drawing.dot
    assert 'style="filled,dashed"' in drawing.dot
    root = ET.fromstring(drawing.svg)
    bad = [g for g in root.iter(f"{SVG}g") if "bad" in g.get("class", "")]
    assert len(bad) == 3
    assert all(any("hatch" in r.get("fill", "") for r in g.iter(f"{SVG}rect")) for g in bad)


def test_what_no_gradient_reaches():
    drawing = draw(lambda x: cr.floor(x) * 2.0 + x, 2.5)
    assert "not reached" not in next(row for row in table(drawing) if "floor" in row)
    assert re.search(r"x \(2 uses\)\s+2\.5\s+1\s+0", str(drawing))


def test_an_array_shows_shape_and_extremes_never_every_number():
    drawing = draw(lambda x: np.sum(x * x), np.linspace(-1, 1, 10_000))
    assert "(10000,) -1 … 1" in drawing.text
    assert len(drawing.svg) < 12_000


# -- svg and dot -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHS)
def test_every_graph_is_well_formed_with_ids_of_its_own(name, layout):
    drawing = draw(*GRAPHS[name]())
    root = ET.fromstring(drawing.svg)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert all(i.startswith(root.get("id")) for i in ids)
    boxes = [g for g in root.iter(f"{SVG}g") if g.get("data-n")]
    assert len(boxes) == len(drawing.picture.nodes)
    assert all(g.find(f"{SVG}title").text for g in boxes)
    assert drawing.dot.count("label=") >= len(boxes)
    assert str(drawing)


@pytest.mark.parametrize("name", GRAPHS)
def test_boxes_do_not_overlap_and_lie_inside(name, layout):
    root = ET.fromstring(draw(*GRAPHS[name]()).svg)
    width, height = float(root.get("width")), float(root.get("height"))
    frames = [
        [float(r.get(k)) for k in ("x", "y", "width", "height")]
        for r in root.iter(f"{SVG}rect")
        if r.get("class") == "box"
    ]
    for x, y, w, h in frames:
        assert x >= -1
        assert y >= -1
        assert x + w <= width
        assert y + h <= height
    for i, (x, y, w, h) in enumerate(frames):
        for u, v, s, t in frames[:i]:
            assert x + w <= u or u + s <= x or y + h <= v or v + t <= y


@with_graphviz
@pytest.mark.parametrize("name", GRAPHS)
def test_the_dot_text_is_what_graphviz_reads(name):
    import pygraphviz

    drawing = draw(*GRAPHS[name]())
    read = pygraphviz.AGraph(string=drawing.dot)
    assert (len(read.nodes()), len(read.edges())) == (len(drawing.picture.nodes), len(drawing.picture.edges))


def test_two_drawings_of_one_graph_share_no_id():
    value = swept(micrograd())
    first, second = draw(value).svg, draw(value).svg
    assert not set(re.findall(r'id="([^"]+)"', first)) & set(re.findall(r'id="([^"]+)"', second))


def test_svg_fragments(no_pygraphviz):
    x = Value(3.0, "x")
    svg = draw(swept(x * x)).svg
    assert '<text class="name"' in svg
    assert ">grad 6</text>" in svg
    assert ">2 uses</text>" in svg
    assert "<title>local derivative 3, sends back 3</title>3</text>" in svg
    assert svg.count('class="outer"') == 1  # the output has a double border
    assert 'class="paper"' in svg
    assert "prefers-color-scheme: dark" in svg


def test_the_tooltip_is_the_source_line():
    svg = draw(neuron, 2.0, 0.0, -3.0, 1.0, 6.88).svg
    assert re.search(r"<title>graphs\.py:\d+  e = math\.exp\(2 \* n\)\ne = exp: 5\.812", svg)


def test_width_grows_with_contribution():
    x, y = Value(1.0, "x"), Value(1.0, "y")
    dot = draw(swept(100.0 * x + y)).dot
    assert [float(w) for w in re.findall(r"penwidth=([\d.]+)", dot)] == [1.0, 5.0, 1.4, 1.4]


def test_hand_made_steps_are_drawn():
    assert table(draw(*GRAPHS["by hand"]()))[2:] == [
        "*                 0.2311         1",
        "├─ tanh           0.4621       0.5     0.5",
        "│  └─ x (2 uses)     0.5    0.8553  0.7864",
        "└─ x (above)                        0.4621",
    ]


def test_a_step_made_by_hand_without_its_backward():
    x = Value(0.5, "x")
    assert table(draw(Value(0.25, (x,), "square")))[1:] == [
        "        value",
        "square   0.25",
        "└─ x      0.5",
    ]


def test_an_expression_without_numbers():
    x = Value(label="x")
    drawing = draw(x * x + 1)
    assert table(drawing)[2:] == [
        "+                     ?",
        "├─ *                  ?",
        "│  ├─ x (2 uses)      ?",
        "│  └─ x (above)",
        "└─ 1",
    ]
    assert drawing.svg


def test_labels_that_could_break_the_languages():
    x = Value(1.0, '<b> "quoted" & \\n\nnew')
    drawing = draw(x * 2.0)
    ET.fromstring(drawing.svg)
    if HAS_GRAPHVIZ:
        import pygraphviz

        assert len(pygraphviz.AGraph(string=drawing.dot).nodes()) == 3


# -- parts and folding ---------------------------------------------------------------------------------------


def test_depth_shows_what_is_near_the_result():
    assert (
        str(draw(swept(micrograd()), depth=1))
        == """\
7 nodes, drawn as 4 boxes, within 1 operation of the result
                value  gradient  local
L = *              -8         1
├─ d = +            4        -2     -2
│  └─ 4 more  -6 … 10    -4 … 6      1
└─ f               -2         4      4"""
    )


def test_repeated_structure_is_folded():
    drawing = draw(perceptron, [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4])
    assert str(drawing).splitlines()[0].startswith("perceptron: 120 nodes, drawn as ")
    assert "tanh × 4" in str(drawing)
    assert "w[…] × 4" in str(drawing)


@pytest.mark.parametrize(
    ("fold", "boxes"), [(False, 23), ("pattern", 10), ("operation", 7), ("line", 6), ("function", 5)]
)
def test_ways_to_fold(fold, boxes):
    def f(x):
        for _ in range(5):
            y = x * x
            x = y - 2.0 * x
        return x + 1.0

    assert len(draw(f, 0.5, fold=fold).picture.nodes) == boxes


def test_an_unknown_way_to_fold():
    with pytest.raises(ArgumentError, match="structure, pattern, operation, line, function"):
        draw(micrograd(), fold="colour")


@pytest.mark.parametrize("steps", [1, 25_000])
def test_a_large_recording_is_drawn_in_bounded_time(steps):
    x = Value(1.0, "x")
    for _ in range(steps):
        x = x * 1.0001 + 0.1
    x.backward()
    begun = time.perf_counter()
    drawing = draw(x)
    assert drawing.svg
    assert drawing.dot
    assert str(drawing).startswith(f"{2 * steps + 1:,} nodes")
    assert len(drawing.picture.nodes) < 10
    assert time.perf_counter() - begun < 30


def test_every_box_of_a_large_recording_is_refused_in_words():
    x = w = Value(1.0, "x")
    for _ in range(1000):
        x = x * w + w
    assert "2,001 nodes, no backward yet: too many boxes to draw" in draw(x, fold=False).svg


def test_long_arrows_cost_bounded_time():
    x = w = Value(1.0, "x")
    for _ in range(500):
        x = x * w + w
    begun = time.perf_counter()
    assert draw(x, fold=False).svg.count('class="box"') == 1001
    assert time.perf_counter() - begun < 20


def test_text_is_cut_with_notice():
    x = Value(1.0, "x")
    for _ in range(300):
        x = x + x
    assert str(draw(x, fold=False)).endswith("... cut after 200 rows; draw with depth= or fold= to see a part")


# -- what was recorded before an exception ----------------------------------------------------------------------


def unlucky(a, b):
    s = a * b
    return math.log(s - 6) * a


def test_a_function_that_raises_is_drawn_up_to_there(layout):
    drawing = draw(unlucky, 2.0, 3.0)
    line = unlucky.__code__.co_firstlineno + 2
    assert table(drawing) == [
        f"unlucky: 5 nodes, stopped at test_drawing.py:{line}: ValueError: {drawing.picture.stop.error}",
        "              value  local",
        "log ◆        ⚠ -inf",
        "└─ -              0  ⚠ inf",
        "   ├─ s = *       6      1",
        "   │  ├─ a        2      3",
        "   │  └─ b        3      2",
        "   └─ 6",
    ]
    assert "stopped at test_drawing.py" in drawing.svg
    assert "stopped at test_drawing.py" in draw(unlucky, 2.0, 3.0, depth=1).dot
    with pytest.raises(NameError):  # nothing was recorded
        draw(lambda x: x * nowhere, 2.0)  # noqa: F821


def test_several_results_are_added():
    def f(x):
        y = x * x
        return {"y": y, "z": [y + x, np.array([1.0, 2.0]) * x]}

    drawing = draw(f, 3.0)
    assert drawing.picture.roots[0].title == "total = +"
    assert drawing.picture.nodes[0].gradient == 6 + 7 + 3


# -- boxes named and shaded by the reader -----------------------------------------------------------------------


def test_collapse_draws_boxes_of_one_name_as_one():
    drawing = draw(neuron, 2.0, 0.0, -3.0, 1.0, 6.88, collapse=lambda n: "tanh" if n.where[1] >= EXP else None)
    assert [n.title for n in drawing.picture.nodes if n.op] == ["*", "*", "+", "n = +", "tanh × 4", "/"]
    assert drawing.svg


def test_color_shades_boxes():
    drawing = draw(swept(micrograd()), color="gradient")
    assert drawing.text.splitlines()[:3] == [
        "7 nodes, darker by gradient, 1 … 6",
        "             value  gradient  local  gradient",
        "L = *           -8         1                1",
    ]
    shades = re.findall(r'class="shade".*?fill-opacity="([\d.]+)"', drawing.svg)
    assert sorted(map(float, shades)) == [0.0, 0.11, 0.11, 0.11, 0.33, 0.33, 0.55]
    assert "#c777008c" in drawing.dot
    uses = draw(diamond, 0.7, color=lambda n: n.uses if n.kind != "constant" else None)
    assert "darker by color, 0 … 3" in str(uses)
    with pytest.raises(ArgumentError, match="color is 'gradient' or 'value' or a function; got 'pink'"):
        draw(micrograd(), color="pink")


@pytest.mark.parametrize("name", GRAPHS)
def test_labels_of_arrows_keep_apart(name, monkeypatch):
    monkeypatch.setattr("chainrule.show.picture.svg.arrange", layered)
    root = ET.fromstring(draw(*GRAPHS[name]()).svg)
    labels = [e for e in root.iter(f"{SVG}text") if e.get("data-e")]
    frames = []
    for e in labels:
        half = 3.3 * len("".join(e.itertext()).removeprefix(e[0].text))
        frames.append((float(e.get("x")) - half, float(e.get("x")) + half, float(e.get("y"))))
    for i, (a, b, y) in enumerate(frames):
        assert all(b <= c or d <= a or abs(y - z) >= 8 for c, d, z in frames[:i])


# -- highlight ------------------------------------------------------------------------------------------------


def test_highlight_by_label_line_and_report():
    class Blamed:
        causes = ("a factor 2 is lost at graphs.py:33",)

    at = (2.0, 0.0, -3.0, 1.0, 6.88)
    assert draw(micrograd(), highlight="e").svg.count("◆ look here") == 1
    line = next(n.where[1] for n in draw(neuron, *at).picture.nodes if n.name == "exp")
    assert draw(neuron, *at, highlight=line).svg.count("◆ look here") == 2
    Blamed.causes = (f"a factor 2 is lost at graphs.py:{line}",)
    assert draw(neuron, *at, highlight=Blamed).text.count("◆") == 2


def test_highlight_what_a_failed_check_blames():
    def f(x):
        a = cr.sin(x)
        b = a * x
        return cr.exp(b)

    report = cr.check(f, lambda x: f(x) * np.cos(x) * x, at=[0.5, 1.0, 1.5, 2.0])
    picture = draw(f, 0.5, highlight=report).picture
    assert [n.name for n in picture.nodes if n.id in picture.highlighted] == ["*"]


# -- files and errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["svg", "dot", "txt"])
def test_save_needs_no_extra(tmp_path, no_pygraphviz, ending):
    path = draw(swept(micrograd())).save(tmp_path / f"graph.{ending}")
    assert "7 nodes" in path.read_text(encoding="utf-8")


@with_graphviz
@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_save_as_picture(tmp_path, ending, start):
    assert draw(swept(micrograd())).save(tmp_path / f"graph.{ending}").read_bytes().startswith(start)


def test_save_as_picture_without_the_extra(tmp_path, no_pygraphviz):
    with pytest.raises(MissingExtra, match=r"\.png needs pygraphviz: pip install 'chainrule\[draw\]'"):
        draw(micrograd()).save(tmp_path / "graph.png")


def test_save_with_an_unknown_ending(tmp_path):
    with pytest.raises(ArgumentError, match=r"saved as \.svg, .*; got the ending '\.gif'"):
        draw(micrograd()).save(tmp_path / "graph.gif")


@pytest.mark.parametrize(
    ("x", "at", "message"),
    [
        (3.0, (), "expected a Value or a function"),
        (Value(1.0), (2.0,), "arguments belong after a function"),
        (lambda x: 7.0, (1.0,), "does not depend on the arguments"),
    ],
)
def test_what_cannot_be_drawn(x, at, message):
    with pytest.raises(ArgumentError, match=message):
        draw(x, *at)


def test_a_notebook_gets_svg_only():
    drawing = draw(micrograd())
    assert drawing._repr_svg_().startswith("<svg")
    assert not hasattr(drawing, "_repr_html_")
    assert repr(drawing) == drawing.text
    assert drawing.text.startswith("7 nodes, no backward yet")
    assert isinstance(drawing, Drawing)
    assert builtins.callable(drawing.save)


def test_drawing_changes_no_gradient():
    value = swept(micrograd())
    before = gradient(value)
    draw(value)
    assert gradient(value) == before


def test_an_interior_value_shows_the_gradients_it_has():
    loss = swept(micrograd())
    d = next(v for v in loss._prev if v.label == "d")
    assert table(draw(d))[2] == "d = +         4        -2"


@pytest.mark.parametrize("name", GRAPHS)
def test_from_the_top_down(name, layout):
    """Every arrow between layers runs down, no boxes overlap, and all lies inside."""
    drawing = draw(*GRAPHS[name](), direction="down")
    assert "rankdir=TB" in drawing.dot
    root = ET.fromstring(drawing.svg)
    frames = {}
    for g in root.iter("{http://www.w3.org/2000/svg}g"):
        if "node" in g.get("class", ""):
            box = next(r for r in g.iter("{http://www.w3.org/2000/svg}rect") if r.get("class") == "box")
            x, y, w, h = (float(box.get(key)) for key in ("x", "y", "width", "height"))
            frames[int(g.get("data-n"))] = (x, y, x + w, y + h)
    for e in drawing.picture.edges:
        assert frames[e.source][3] < frames[e.target][1]
    listed = list(frames.values())
    for k, (l1, t1, r1, b1) in enumerate(listed):
        assert not any(l1 < r2 and l2 < r1 and t1 < b2 and t2 < b1 for l2, t2, r2, b2 in listed[:k])
        assert l1 >= -1
        assert r1 <= float(root.get("width"))


def test_an_unknown_direction():
    with pytest.raises(ArgumentError, match="direction is 'auto', 'right', 'down'; got 'up'"):
        draw(lambda x: x * x, 2.0, direction="up")


def test_chains_too_long_for_a_line_run_down():
    def chain(x, links):
        for _ in range(links):
            x = np.tanh(x)
        return x

    for links, down in ((3, False), (20, True)):
        assert draw(chain, 0.5, links, fold=False).picture.down == down
        assert draw(chain, 0.5, links, fold=False, direction="right").picture.down is False
    wide = lambda v: np.sum([np.tanh(np.tanh(x)) for x in v])
    assert not draw(wide, list(np.linspace(0, 1, 12)), fold=False).picture.down


@pytest.mark.parametrize("depth", [-3, 1.5, "2", True])
def test_a_depth_that_is_none(depth):
    with pytest.raises(ArgumentError, match="depth is a number of operations, 0 or more, got"):
        draw(lambda x: x * x, 2.0, depth=depth)


def test_elements_of_lists_are_named_by_their_list():
    """Not by the variable of a comprehension, which held each of them for a moment."""

    def loss(logits):
        counts = [cr.exp(v) for v in logits]
        total = sum(c for c in counts)
        probs = [c / total for c in counts]
        return -cr.log(probs[1])

    names = {n.label for n in draw(loss, [1.0, 2.0]).picture.nodes if n.op and n.label}
    assert names == {"counts[0]", "counts[1]", "total", "probs[1]"}
