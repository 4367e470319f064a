"""The report as HTML: what it says, that it is well formed, escaped and readable without colour or script."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import chainrule as cr
from chainrule.check.reports.page import as_html, as_page, fragment

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """Raises on tags that do not match; collects them and the text outside the style."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.texts = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open and data.strip():
            self.texts.append(" ".join(data.split()))


def finding(**changes):
    return {"element": "w[1]", "yours": 2.0, "reference": 4.0, "bar": 1e-12, "status": "wrong", "note": ""} | changes


def witness(name, speaks):
    return {"name": name, "speaks": speaks, "why": "" if speaks else "for a reason"}


POINT = {
    "at": ["[1. 2.]"],
    "fault": "",
    "odd": [],
    "notes": [],
    "witnesses": [witness("reverse AD", True), witness("SymPy", False)],
}
REPORT = {
    "name": "loss_grad",
    "verdict": "WRONG",
    "headline": "WRONG at 1 point: w[1] is 2, not 4",
    "causes": ["a constant factor"],
    "advice": "",
    "replay": "chainrule.check(loss, loss_grad)",
}


def point(**changes):
    return POINT | {"findings": [finding()]} | changes


def report(**changes):
    return REPORT | {"points": [point()]} | changes


def test_a_wrong_report():
    html = fragment(report(), "the text")
    assert (
        html.split("</style>\n", 1)[1]
        == """\
<section class="chainrule-report chainrule-wrong" aria-label="gradient check: WRONG">
<p class="chainrule-head"><strong><span aria-hidden="true">✗</span> WRONG</strong> at 1 point: w[1] is 2, not 4</p>
<p class="chainrule-name"><code>loss_grad</code></p>
<dl>
<dt>likely cause</dt><dd>a constant factor</dd>
<dt>witnesses</dt><dd>reverse AD</dd>
<dt>repeat</dt><dd><code>chainrule.check(loss, loss_grad)</code></dd>
</dl>
<div class="chainrule-scroll"><table><caption>wrong at [1. 2.]</caption>
<thead><tr><th scope="col">element</th><th scope="col">yours</th><th scope="col">reference</th>\
<th scope="col">bar</th><th scope="col">ratio</th></tr></thead>
<tbody>
<tr><th scope="row">w[1]</th><td class="chainrule-yours">2</td><td>4</td><td>1e-12</td><td>0.5</td></tr>
</tbody></table></div>
<details><summary>the whole report as text</summary><pre>the text</pre></details>
</section>"""
    )


@pytest.mark.parametrize(("verdict", "sign"), [("CORRECT", "✓"), ("WRONG", "✗"), ("UNDECIDED", "?")])
def test_the_verdict_has_a_sign_a_word_and_a_colour(verdict, sign):
    html = fragment(report(verdict=verdict, headline=verdict), "")
    assert f'<span aria-hidden="true">{sign}</span> {verdict}</strong>' in html
    assert f".chainrule-{verdict.lower()} {{ --verdict: var(--{verdict.lower()}) }}" in html


@pytest.mark.parametrize("field", ["name", "headline", "replay", "advice"])
def test_texts_are_escaped(field):
    html = fragment(report(**{field: "<script>alert('&')</script>"}), "<script>")
    assert "<script" not in html
    Outline(html)


def test_texts_of_points_are_escaped():
    bad = ["<script>"]
    findings = [finding(element=bad[0]), finding(status="KINK", note=bad[0])]
    changes = {"verdict": "UNDECIDED", "headline": "", "causes": bad}
    html = fragment(report(points=[point(at=bad, odd=bad, notes=bad, findings=findings)], **changes), "")
    assert html.count("&lt;script&gt;") == 6
    assert "<script" not in html
    Outline(html)


def test_undecided_numbers_notes_advice_and_the_odd_one_out():
    points = [point(findings=[finding(status="KINK", note="in between")], odd=["reverse AD"], notes=["a note"])] * 2
    changes = {"verdict": "UNDECIDED", "headline": "UNDECIDED: KINK", "causes": [], "advice": "move the point"}
    said = Outline(fragment(report(points=points, **changes), "")).texts
    for text in ("w[1]: in between", "move the point", "a note", "odd one out"):
        assert text in said
    assert said.count("a note") == 1
    assert "element" not in said


def test_the_order_of_the_remainder():
    assert "<dt>remainder</dt><dd>of order 1.00 in the step; a gradient" in fragment(report(remainder_order=1.0), "")
    assert "remainder" not in fragment(report(remainder_order=None), "")


def test_numbers_that_are_not_finite_and_long_lists():
    html = fragment(
        report(points=[point(findings=[finding(yours="nan", reference=0.0), finding(reference="inf")] * 30)] * 9), ""
    )
    assert html.count("<table>") == 3
    assert html.count("<tr>") == 3 * 11
    assert '<td class="chainrule-yours">nan</td><td>0</td><td>1e-12</td><td></td>' in html


def test_no_script_nothing_from_elsewhere_and_no_ids():
    html = as_page(cr.check(np.sum, np.zeros_like, at=np.ones(3)), "here")
    assert not re.search(r"<script|javascript:|\bon\w+=|https?://|url\(|@import|\bid=", html)


def test_styles_touch_nothing_else():
    style = re.sub(r"@media[^{]*\{", "", fragment(report(), "").split("</style>")[0])
    for selectors in re.findall(r"([^{}]+)\{", style.replace("<style>", "")):
        for selector in selectors.replace("}", "").split(","):
            assert ".chainrule-" in selector, selector


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("name", ["ink", "faint", "correct", "wrong", "undecided"])
def test_colours_can_be_read_in_light_and_dark(name):
    style = fragment(report(), "")
    grounds, inks = (re.findall(rf"--{n}: (#\w{{6}})", style) for n in ("ground", name))
    assert len(set(grounds)) == 2
    for ground, ink in zip(grounds, inks, strict=True):
        light, dark = sorted((luminance(ground), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("f", "df", "at"),
    [
        (lambda x: x**3, lambda x: 3 * x**2, [1.0, 2.0]),
        (lambda x: x**3, lambda x: x**2, [1.0, 2.0]),
        (abs, lambda x: 0.3, 0.0),
        (np.sum, lambda w: 3.0, np.ones(3)),
        (np.sum, lambda w: np.full_like(w, np.nan), np.ones(3)),
        (lambda x: 1 / x, lambda x: x, 0.0),
    ],
)
def test_real_reports(f, df, at):
    found = cr.check(f, df, at=at)
    outline = Outline(found._repr_html_())
    assert outline.texts[1] == found.verdict.value
    page = as_page(found, "a & b")
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert f"<title>{found.verdict.value}: a &amp; b</title>" in page
    assert as_html(found) in page
    Outline(page)
