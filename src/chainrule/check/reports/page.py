"""A report as HTML: a fragment for notebooks, a page for files. No script; readable in light and dark, and by ear.

Made from `Report.to_dict()` alone, the same that the JSON holds. Classes begin with `chainrule-`, so that the style,
which travels with every fragment, touches nothing else; where it is stripped, plain tables remain.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from typing import Any

SIGNS = {"CORRECT": "✓", "WRONG": "✗", "UNDECIDED": "?"}
SHOWN = 10  # numbers in a table
POINTS = 3  # points with a table

LIGHT = (
    "color-scheme: light; --ink: #1f2328; --faint: #59636e; --line: #d0d7de; --ground: #ffffff; --raised: #f6f8fa; "
    "--correct: #1a7f37; --wrong: #cf222e; --undecided: #9a6700"
)
DARK = (
    "color-scheme: dark; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --ground: #0d1117; --raised: #151b23; "
    "--correct: #3fb950; --wrong: #ff7b72; --undecided: #d29922"
)
STYLE = """\
.chainrule-report { LIGHT;
  max-width: 60rem; padding: 0.8em 1.1em; color: var(--ink); background: var(--ground); border: 1px solid var(--line);
  border-left: 6px solid var(--verdict); border-radius: 6px; font: 14px/1.5 system-ui, sans-serif; text-align: left }
@media (prefers-color-scheme: dark) { .chainrule-report { DARK } }
[data-jp-theme-light="false"] .chainrule-report, [data-theme="dark"] .chainrule-report,
.vscode-dark .chainrule-report, .dark .chainrule-report { DARK }
[data-jp-theme-light="true"] .chainrule-report, .vscode-light .chainrule-report { LIGHT }
.chainrule-correct { --verdict: var(--correct) } .chainrule-wrong { --verdict: var(--wrong) }
.chainrule-undecided { --verdict: var(--undecided) }
.chainrule-report .chainrule-head { margin: 0; font-size: 1.1em; overflow-wrap: anywhere }
.chainrule-report .chainrule-head strong { color: var(--verdict) }
.chainrule-report .chainrule-name, .chainrule-report caption, .chainrule-report dt, .chainrule-report summary
  { color: var(--faint) }
.chainrule-report .chainrule-name { margin: 0 }
.chainrule-report dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25em 1.2em; margin: 0.8em 0 }
.chainrule-report dt, .chainrule-report dd { float: none; width: auto; display: block; margin: 0; padding: 0;
  font-weight: normal; overflow-wrap: anywhere }
.chainrule-report .chainrule-scroll { overflow-x: auto }
.chainrule-report table { margin: 0.8em 0; border: 0; border-collapse: collapse; color: inherit;
  font-size: inherit; font-variant-numeric: tabular-nums }
.chainrule-report caption { padding: 0 0 0.3em; text-align: left; caption-side: top }
.chainrule-report tbody tr:nth-child(n), .chainrule-report tbody tr:hover { background: none }
.chainrule-report th, .chainrule-report td { padding: 2px 22px 2px 0; border: 0; text-align: right;
  font-weight: normal; white-space: nowrap; color: inherit; background: none }
.chainrule-report thead th { border-bottom: 1px solid var(--line); color: var(--faint) }
.chainrule-report th:first-child { text-align: left }
.chainrule-report code, .chainrule-report td, .chainrule-report tbody th, .chainrule-report pre
  { font-family: ui-monospace, monospace; font-size: 0.93em }
.chainrule-report.chainrule-report code { padding: 0; color: inherit; background: none; white-space: pre-wrap }
.chainrule-report .chainrule-yours { color: var(--verdict); font-weight: 600 }
.chainrule-report details { margin: 0.6em 0 0 } .chainrule-report summary { cursor: pointer }
.chainrule-report pre { margin: 0.5em 0 0; padding: 0.8em; overflow-x: auto; color: inherit; background: var(--raised);
  border-radius: 4px; line-height: 1.4 }
""".replace("LIGHT", LIGHT).replace("DARK", DARK)
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 2rem; background: #ffffff }}
@media (prefers-color-scheme: dark) {{ body {{ background: #010409 }} }}
body > h1 {{ max-width: 60rem; font: 600 1.1rem/1.5 system-ui, sans-serif; color: #59636e; overflow-wrap: anywhere }}
@media (prefers-color-scheme: dark) {{ body > h1 {{ color: #9198a1 }} }}
</style>
</head>
<body>
<h1>{heading}</h1>
{report}
</body>
</html>
"""


def as_html(report: Any) -> str:
    """A fragment for notebooks."""
    return fragment(report.to_dict(), str(report))


def as_page(report: Any, heading: str) -> str:
    """A whole page for a file; `heading` names what was checked."""
    title = f"{report.verdict.value}: {heading}"
    return PAGE.format(title=html.escape(title), heading=html.escape(heading), report=as_html(report))


def fragment(report: dict[str, Any], text: str) -> str:
    """The verdict, its causes, the wrong numbers, the witnesses and what to do; `text` folded away below."""
    verdict = report["verdict"]
    parts = [
        f"<style>\n{STYLE}</style>",
        f'<section class="chainrule-report chainrule-{verdict.lower()}" aria-label="gradient check: {verdict}">',
        f'<p class="chainrule-head"><strong><span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}</strong>'
        f"{_text(report['headline'].removeprefix(verdict))}</p>",
        f'<p class="chainrule-name"><code>{_text(report["name"])}</code></p>',
        _facts(report),
        *_tables(report["points"]),
        f"<details><summary>the whole report as text</summary><pre>{_text(text)}</pre></details>",
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def _facts(report: dict[str, Any]) -> str:
    """What is not a table, as terms and what they mean."""
    points = report["points"]
    asked = next((p for p in points if p["witnesses"] and p["fault"] + str(_wrong(p))), None)
    asked = asked or next((p for p in points if p["witnesses"]), {"witnesses": [], "odd": []})
    agreeing = [w["name"] for w in asked["witnesses"] if w["speaks"] and w["name"] not in asked["odd"]]
    order = report.get("remainder_order")
    open_ = [f"{f['element']}: {f['note']}" for p in points for f in p["findings"] if f["note"] and not _is_wrong(f)]
    facts = [
        ("likely cause", map(_text, report["causes"])),
        ("witnesses", [_text(" = ".join(agreeing))] if agreeing else []),
        ("odd one out", [_text(", ".join(asked["odd"]))] if asked["odd"] else []),
        ("remainder", [] if order is None else [f"of order {order:.2f} in the step; a gradient leaves 2"]),
        ("undecided", map(_text, open_[:SHOWN]) if report["verdict"] == "UNDECIDED" else []),
        ("note", map(_text, dict.fromkeys(n for p in points for n in p["notes"]))),
        ("to settle it", [_text(report["advice"])] if report["advice"] else []),
        ("repeat", [f"<code>{_text(report['replay'])}</code>"] if report["replay"] else []),
    ]
    rows = [f"<dt>{name}</dt><dd>{'<br>'.join(said)}</dd>" for name, values in facts if (said := list(values))]
    return "<dl>\n" + "\n".join(rows) + "\n</dl>" if rows else ""


def _tables(points: Iterable[dict[str, Any]]) -> list[str]:
    """The wrong numbers of the first points that have any."""
    return [_table(p, wrong) for p in points if (wrong := _wrong(p))][:POINTS]


def _table(point: dict[str, Any], wrong: list[dict[str, Any]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in ("element", "yours", "reference", "bar", "ratio"))
    rows = "\n".join(
        f'<tr><th scope="row">{_text(f["element"])}</th><td class="chainrule-yours">{_number(f["yours"])}</td>'
        f"<td>{_number(f['reference'])}</td><td>{_number(f['bar'], 1)}</td><td>{_ratio(f)}</td></tr>"
        for f in wrong[:SHOWN]
    )
    caption = f"wrong at {_text(', '.join(point['at']))}"
    return (
        f'<div class="chainrule-scroll"><table><caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )


def _wrong(point: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for f in point["findings"] if _is_wrong(f)]


def _is_wrong(finding: dict[str, Any]) -> bool:
    return bool(finding["status"] == "wrong")


def _ratio(finding: dict[str, Any]) -> str:
    yours, reference = float(finding["yours"]), float(finding["reference"])
    return _number(yours / reference, 6) if reference and math.isfinite(reference) else ""


def _number(x: Any, digits: int = 10) -> str:
    """A number, or the string that stands in JSON for one that is not finite."""
    return _text(f"{float(x):.{digits}g}")


def _text(x: Any) -> str:
    return html.escape(str(x))
