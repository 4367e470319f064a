"""How quickly the page that steps through a gradient answers: its own time and what the browser draws.

Run: python -m benchmarks.explorer_page. It needs Chromium. A graph of 500 operations is opened; steps by the arrow key,
a slider that computes all of it anew, the wheel and a drag are each done 60 times, one for each frame that the browser
shows. Printed are the milliseconds of the page's own work for one of them, the median and the longest, and the frames a
second: 60 is what a browser without a screen shows at most.
"""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import chainrule as cr

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from show.browser import Browser, executable

OPERATIONS = 500
FRAMES = """(async () => {
  const next = () => new Promise(requestAnimationFrame), own = [], shown = [];
  const act = %s;
  await next();
  let before = performance.now();
  for (let k = 0; k < 60; k++) {
    const start = performance.now();
    act(k);
    document.body.getBoundingClientRect();  // the layout is part of its work
    own.push(performance.now() - start);
    await next();
    shown.push(performance.now() - before);
    before = performance.now();
  }
  const median = list => list.sort((a, b) => a - b)[list.length >> 1];
  return [median(own), Math.max(...own), 1000 * shown.length / shown.reduce((a, b) => a + b)];
})()"""
ACTIONS = {
    "a step": "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}))",
    "a slider": """k => { const e = document.querySelector('input.coarse');
        e.value = Number(e.min) + (Number(e.max) - Number(e.min)) * k / 60;
        e.dispatchEvent(new Event('input', {bubbles: true})) }""",
    "the wheel": """k => { const e = document.querySelector('#figures > div:not([hidden]) svg');
        const { left, top } = e.getBoundingClientRect(), at = { clientX: left + 50, clientY: top + 50 };
        const turned = { deltaY: k % 2 ? 40 : -40, ctrlKey: true, bubbles: true, cancelable: true, ...at };
        e.dispatchEvent(new WheelEvent('wheel', turned)) }""",
}


def long(a: Any, b: Any, c: Any) -> Any:
    """About as many operations, none of them folded."""
    for k in range(OPERATIONS // 5):
        a = math.tanh(a * b + c) * (1 + 0.01 * k)
    return a + b


def main() -> None:
    if executable() is None:
        raise SystemExit("there is no Chromium here")
    with tempfile.TemporaryDirectory() as folder:
        page = cr.explore(long, 0.3, -0.7, 0.2, path=Path(folder, "page.html")).path
        browser = Browser(str(Path(folder, "profile")))
        try:
            for name, act in ACTIONS.items():
                browser.open(page, "#step=1&fold=0")
                nodes = browser.run("document.querySelectorAll('#figures > div:not([hidden]) .node').length")
                middle, longest, rate = browser.run(FRAMES % act)
                print(f"{name}: {nodes} nodes, {middle:.1f} ms, at most {longest:.1f}; {rate:.0f} frames a second")
            if browser.errors:
                raise SystemExit(f"the page reported errors: {browser.errors}")
        finally:
            browser.close()


if __name__ == "__main__":
    main()
