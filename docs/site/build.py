"""Builds the documentation as a site: `python docs/site/build.py FOLDER` (needs the `docs` extra).

The pages are the Markdown files of the project as they stand; what is made here is the reference, from the docstrings,
and the two pages that live: the playground and an explorer. A warning is an error.
"""

from __future__ import annotations

import importlib
import inspect
import json
import math
import shutil
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import chainrule as cr
from chainrule.show import explore, playground

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
    "benchmarks/results.md",
)
BEGIN = ["install", "differentiate", "check", "check_backward", "show", "explain", "jit"]
MODULES = tuple(name for name in cr.__all__ if inspect.ismodule(getattr(cr, name)))


def main(target: Path) -> int:
    """Build into a folder; gives Sphinx's exit code."""
    from sphinx.cmd.build import main as sphinx

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        stage(source)
        code = int(sphinx(["-q", "-W", "--keep-going", "-b", "dirhtml", str(source), str(target)]))
    lost = broken_links(target)
    print("".join(f"{link}\n" for link in lost), end="", file=sys.stderr)
    return code or int(bool(lost))


class Links(HTMLParser):
    """What a page refers to, and the names in it that can be referred to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.found += [given[key] for key in ("href", "src") if key in given]
        self.names |= {given[key] for key in ("id", "name") if key in given}


def broken_links(site: Path) -> list[str]:
    """Links within the site that lead nowhere: `page: link`. Links to other sites are not followed."""
    pages = {}
    for path in site.rglob("*.html"):
        pages[path.resolve()] = links = Links()
        links.feed(path.read_text(encoding="utf-8"))
    lost = []
    for path, links in pages.items():
        for link in links.found:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            named = not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].names
            if not target.exists() or not named:
                lost.append(f"{path.relative_to(site.resolve())}: {link}")
    return lost


def stage(source: Path) -> None:
    """Lay out the pages in a folder as they lie in the project, so that their links hold, with what is made."""
    for name in PAGES:
        (source / name).parent.mkdir(exist_ok=True)
        text = (ROOT / name).read_text(encoding="utf-8")
        (source / name).write_text(text.replace(".ipynb)", ".md)"), encoding="utf-8")  # they are pages here, see below
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("site", "*.pyc", "__pycache__"))
    for path in (source / "docs/notebooks").glob("*.ipynb"):
        path.with_suffix(".md").write_text(as_page(path), encoding="utf-8")
        path.unlink()
    shutil.copy(ROOT / "docs/site/conf.py", source)
    live = source / "live"
    live.mkdir()
    playground(live / "playground.html")
    explore(neuron, 2.0, 0.0, -3.0, 1.0, 6.88).save(live / "explorer.html")
    reference = source / "reference"
    reference.mkdir()
    (reference / "index.md").write_text(function_pages(reference), encoding="utf-8")
    (source / "index.md").write_text(index(source), encoding="utf-8")


def neuron(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
    """The function of the live explorer."""
    n = x1 * w1 + x2 * w2 + b
    return math.tanh(n)


def as_page(path: Path) -> str:
    """A notebook without its results; where it can be had is said at the top."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    texts = [t if c["cell_type"] == "markdown" else f"```python\n{t}\n```" for c, t in zip(cells, texts, strict=True)]
    where = f"*To run it: `docs/notebooks/{path.name}` in the sources.*"
    return "\n\n".join([texts[0], where, *texts[1:]]).replace(".ipynb)", ".md)") + "\n"


def index(source: Path) -> str:
    """The first page: the README, and the pages in the order of reading."""
    found = sorted(p.stem for p in (source / "docs").glob("*.md") if p.stem != "index")
    guides = [*BEGIN, *(name for name in found if name not in BEGIN)]
    inner = sorted(f"docs/develop/{p.stem}" for p in (source / "docs/develop").glob("*.md") if p.stem != "index")
    taught = sorted(f"docs/notebooks/{p.stem}" for p in (source / "docs/notebooks").glob("*.md"))
    parts = [
        ("Learn", taught),
        ("Guides", [f"docs/{name}" for name in guides]),
        ("Reference", ["reference/index", "benchmarks/results", "CHANGELOG", "SECURITY"]),
        ("How it works", ["ARCHITECTURE", "docs/develop/index", *inner, "CONTRIBUTING"]),
    ]
    trees = "".join(tree(title, names) for title, names in parts)
    live = (
        '\n:::{tip}\nStep through a gradient in the browser: <a href="playground.html">the playground</a>, where you '
        'type the expression, and <a href="explorer.html">the explorer</a> of a neuron.\n:::\n'
    )
    return f"```{{include}} README.md\n```\n{live}{trees}"


def tree(title: str, names: list[str]) -> str:
    """A part of the contents at the side."""
    return f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n{chr(10).join(names)}\n```\n"


def function_pages(reference: Path) -> str:
    """Write a page for each module of the reference; gives the index."""
    names = sorted((n for n in cr.__all__ if n not in MODULES), key=lambda n: (inspect.isclass(getattr(cr, n)), n))
    (reference / "chainrule.md").write_text(page("chainrule", cr, names), encoding="utf-8")
    listed = ["chainrule"]
    for name in MODULES:
        module = importlib.import_module(f"chainrule.{name}")
        (reference / f"{name}.md").write_text(page(f"chainrule.{name}", module, exported(module)), encoding="utf-8")
        listed.append(name)
    (reference / "operators_.md").write_text(page("Operators", cr, sorted(cr.ops.PUBLIC)), encoding="utf-8")
    names = "".join(f"{name}\n" for name in [*listed, "operators_"])
    return f"# Reference\n\nMade from the docstrings.\n\n```{{toctree}}\n{names}```\n"


def exported(module: Any) -> list[str]:
    """The public names of a module that are its own."""
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    return sorted(n for n in names if str(getattr(getattr(module, n), "__module__", "")).startswith("chainrule"))


def page(title: str, module: Any, names: list[str]) -> str:
    """What `help` says of each name."""
    parts = [f"# {title}\n"]
    for name in names:
        thing = getattr(module, name)
        if inspect.ismodule(thing):
            continue
        parts.append(
            f"\n## {name}\n\n```python\n{name}{signature(thing)}\n```\n\n```text\n{inspect.getdoc(thing) or ''}\n```\n"
        )
        if inspect.isclass(thing) and not issubclass(thing, BaseException):
            for method, found in sorted(vars(thing).items()):
                if not method.startswith("_") and (said := inspect.getdoc(found)):
                    parts.append(f"\n```text\n.{method}{signature(found)}\n\n{said}\n```\n")
    return "".join(parts)


def signature(thing: Any) -> str:
    """As Python writes it; "" where there is none."""
    try:
        return str(inspect.signature(thing))
    except (TypeError, ValueError):
        return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else "site")))
