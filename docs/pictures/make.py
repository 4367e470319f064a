"""Makes the pictures of the README, one of each verb: `python docs/pictures/make.py [FOLDER]`.

Each is an SVG of this project's own making, with colours for light and dark, from what the code computes here and now;
the chart of speeds is drawn from benchmarks/results.md. A test makes them again and compares.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import nn, optim

HERE = Path(__file__).parent
STYLE = """\
text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1d2733 }
.paper { fill: #ffffff } .soft { fill: #5a6472 } .axis { stroke: #b9c0c9; fill: none }
.one { stroke: #2f6fb0; fill: none } .two { stroke: #a3400f; fill: none } text.one { fill: #2f6fb0; stroke: none }
text.two { fill: #a3400f; stroke: none } .good { fill: #1a7f37 } .bad { fill: #cf222e }
.strong { font-weight: 700 } .bar { fill: #8b95a3 } .hand { fill: #c9b98f }
.small { font-size: 11px; fill: #5a6472 }
.halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; fill: #5a6472 } .own { fill: #2f6fb0 }
.low { fill: #2f6fb0 } .high { fill: #c77700 } @media (prefers-color-scheme: dark) { text { fill: #e6ebf2 }
.paper { fill: #15191f } .soft { fill: #a3afbd } .axis { stroke: #4a5460 } .one { stroke: #6aa9e8 }
.two { stroke: #ffab7a } text.one { fill: #6aa9e8 } text.two { fill: #ffab7a } .good { fill: #3fb950 }
.bad { fill: #ff7b72 } .bar { fill: #77828f } .hand { fill: #8a7b50 } .small { fill: #a3afbd }
.halo { stroke: #15191f; fill: #a3afbd } .own { fill: #6aa9e8 } .low { fill: #6aa9e8 } .high { fill: #ffc14d } }
"""


def sheet(width: int, height: int, title: str, parts: list[str]) -> str:
    """An SVG of that size, on paper of its own."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<rect class="paper" width="{width}" height="{height}" rx="8"/>\n{chr(10).join(parts)}\n</svg>\n'
    )


def words(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    at = f'x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"'
    return f'<text {at} xml:space="preserve">{escape(text)}</text>'


def line(points: Any, kind: str, wide: float = 2.0) -> str:
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" stroke-width="{wide}" points="{through}"/>'


# -- differentiate ---------------------------------------------------------------------------------------------


def wave(x: Any) -> Any:
    """The function of the first picture."""
    return math.exp(-x / 3) * math.sin(2 * x)


def differentiate() -> str:
    """A function, its gradient, and tangents whose slopes it gives."""
    slope = cr.grad(wave)
    place = lambda x, y: (50 + 80 * x, 150 - 70 * y)
    xs = np.linspace(0.0, 7.0, 141)
    parts = [line([place(0, 0), place(7, 0)], "axis", 1)]
    parts += [line([place(x, slope(x)) for x in xs if slope(x) < 1.7], "two", 1.4)]
    parts += [line([place(x, wave(x)) for x in xs], "one", 2.6)]
    for x in (0.3, 1.6, 3.0, 4.2, 5.7):
        at, m, reach = wave(x), slope(x), 0.5 / math.hypot(1, slope(x))
        parts.append(line([place(x - reach, at - reach * m), place(x + reach, at + reach * m)], "axis", 3))
        a, b = place(x, at)
        parts.append(f'<circle class="low" cx="{a:.1f}" cy="{b:.1f}" r="4"/>')
        parts.append(words(a + 8, b - 10 if m < 0.5 else b + 24, f"slope {m:.2f}", "halo"))
    parts.append(words(330, 30, "f = lambda x: exp(-x / 3) * sin(2 * x)", "one"))
    parts.append(words(330, 50, "cr.grad(f)", "two"))
    return sheet(660, 265, "A function, its gradient, and tangents at five points", parts)


# -- check -----------------------------------------------------------------------------------------------------


def bell(x: Any) -> Any:
    """A function whose derivative is written below, with a mistake."""
    return math.exp(-(x**2) / 2)


def bell_grad(x: Any) -> Any:
    """The mistake: the derivative of x**2 is missing."""
    return -math.exp(-(x**2) / 2) / 2


def check() -> str:
    """What is said of a derivative that is wrong."""
    report = cr.check(bell, bell_grad, at=-1.0)
    code = ["def bell(x):", "    return exp(-(x**2) / 2)", "", "def bell_grad(x):", "    return -exp(-(x**2) / 2) / 2"]
    parts = [words(22, 34 + 19 * k, text, "soft") for k, text in enumerate(code)]
    shown = [row for row in str(report).splitlines() if not re.match(" *(repeat|kinks|remainder)", row)]
    shown = [re.sub(r" \(\w+\.py:\d+\)", "", row) for row in shown]
    for k, row in enumerate(shown):
        y = 34 + 19 * (len(code) + 1 + k)
        verdict = row.partition(" ")[0] if k == 0 else ""
        parts.append(words(22, y, verdict, "bad strong") if verdict else "")
        parts.append(words(22 + 7.9 * len(verdict), y, row[len(verdict) :], "strong" if "cause" in row else ""))
    width = 44 + int(7.9 * max(map(len, shown)))
    return sheet(width, 34 + 19 * (len(code) + 1 + len(shown)), "A check that finds a mistake and its cause", parts)


# -- show ------------------------------------------------------------------------------------------------------


def neuron(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
    """A neuron of two inputs."""
    n = x1 * w1 + x2 * w2 + b
    return math.tanh(n)


def show() -> str:
    """The graph of a neuron with its gradients."""
    return re.sub(r"\b\w+\.py:\d+[^\n<]*\n?", "", cr.draw(neuron, 2.0, 0.0, -3.0, 1.0, 6.88).svg)


# -- compile ---------------------------------------------------------------------------------------------------

PROGRAMS = {
    "gradient of a function of three variables, compiled": "three variables",
    "Lotka-Volterra, 200 RK4 steps, a Python loop on floats": "Lotka-Volterra",
    "Rosenbrock's function of 1,000 variables": "Rosenbrock, 1,000",
    "Black-Scholes prices and Greeks of 1,000,000 options": "Black-Scholes",
    "logistic regression, 100,000 rows of 50": "logistic regression",
    "cross entropy of a network 784-256-10, batch 128, compiled": "network",
    "LSTM of 2 layers over 1,024 steps of 14 bits": "LSTM",
}


def measured() -> dict[str, dict[str, float]]:
    """The ratios of benchmarks/results.md, by benchmark and contender (without the version it was measured at)."""
    text = (HERE.parents[1] / "benchmarks/results.md").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        rows = re.findall(r"^\| (.+?)(?: \d[\w.+]*)?( \(.*\))? \| ([\d.e+-]+) \|$", rest, re.MULTILINE)
        found[title] = {name + what: float(ratio) for name, what, ratio in rows}
    return found


def compile_() -> str:
    """Times of compiled gradients, JAX's by Chainrule's, on a logarithmic scale."""
    left, unit, least, y = 185, 170, 0.5, 46
    parts = [words(left, 28, "time of a gradient, logarithmic; cr.jit = 1", "soft")]
    for title, short in PROGRAMS.items():
        ratios = measured()[title]
        parts.append(words(left - 12, y + 23, short, "", "end"))
        for k, (begin, kind) in enumerate([("Chainrule (jit)", "own"), ("by hand", "hand"), ("JAX", "bar")]):
            name, value = next((name, x) for name, x in ratios.items() if name.startswith(begin))
            long, down = unit * math.log10(value / least), y + 13 * k
            parts.append(f'<rect class="{kind}" x="{left}" y="{down}" width="{long:.1f}" height="11" rx="2"/>')
            said = re.sub(r"\(|\)|,.*", " ", name)
            parts.append(words(left + long + 6, down + 10, f"{value:.3g} {' '.join(said.split())}", "small"))
        y += 50
    return sheet(640, y + 6, "Compiled gradients beside JAX", parts)


# -- train -----------------------------------------------------------------------------------------------------


def train() -> str:
    """Two moons told apart: what a network answers over the plane, and its samples."""
    random = np.random.default_rng(0)
    angle, upper = np.pi * random.random(120), np.arange(120) % 2 == 0
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) + 0.1 * random.normal(size=120)
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) + 0.1 * random.normal(size=120)
    points, labels = np.stack([x, y], axis=1), np.where(upper, 1.0, -1.0)
    model = nn.MLP(2, [12, 1], np.random.default_rng(1), activation=np.tanh)
    loss: Callable[..., Any] = lambda m, x, y: nn.hinge(m(x)[:, 0], y)
    done = cr.fit(loss, model, (points, labels), optim.Adam(0.03), epochs=150)
    place = lambda x, y: (20 + 100 * (x + 1.6), 20 + 100 * (1.6 - y))
    parts = []
    for i in range(30):
        for k in range(20):
            a, b = -1.6 + 0.14 * i, 1.6 - 0.14 * k
            score = float(np.tanh(done.params(np.array([[a + 0.07, b - 0.07]]))[0, 0]))
            u, v = place(a, b)
            kind, strength = "high" if score > 0 else "low", 0.08 + 0.4 * abs(score)
            parts.append(
                f'<rect class="{kind}" fill-opacity="{strength:.2f}" x="{u:.0f}" y="{v:.0f}" width="14" height="14"/>'
            )
    for (a, b), label in zip(points.tolist(), labels.tolist(), strict=True):
        u, v = place(a, b)
        parts.append(f'<circle class="{"high" if label > 0 else "low"}" cx="{u:.1f}" cy="{v:.1f}" r="4"/>')
    losses = done.history.loss
    parts.append(words(465, 40, "nn.MLP(2, [12, 1])", ""))
    parts.append(words(465, 60, "cr.fit, 150 steps", ""))
    parts.append(line([(465 + k, 290 - 180 * x) for k, x in enumerate(losses.tolist())], "two"))
    parts.append(line([(465, 290), (615, 290)], "axis", 1))
    parts.append(words(465, 308, "loss", "soft"))
    return sheet(640, 322, "Two moons, told apart by a network", parts)


PICTURES = {"differentiate": differentiate, "check": check, "show": show, "compile": compile_, "train": train}


def main(folder: Path) -> None:
    """Write all of them."""
    for name, picture in PICTURES.items():
        (folder / f"{name}.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
