"""The documentation's site builds without a warning, and its pages hold what they should."""

import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as cr

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    for needed in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, ROOT / "docs/site/build.py", folder]
    found = subprocess.run(build, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    return folder


def test_every_page_is_reached_and_the_live_ones_are_there(site):
    first = (site / "index.html").read_text(encoding="utf-8")
    for page in ROOT.glob("docs/*.md"):
        assert page.stem == "index" or f'href="docs/{page.stem}/"' in first, page
    for page in ("playground.html", "explorer.html"):
        assert f'href="{page}"' in first
        assert "<script>" in (site / page).read_text(encoding="utf-8")


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    spec = importlib.util.spec_from_file_location("site_build", ROOT / "docs/site/build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    (tmp_path / "there").mkdir()
    (tmp_path / "there/index.html").write_text('<p id="here"><a href="../#top">up</a><img src="lost.svg">')
    links = ["there/", "there/#here", "there/#gone", "gone/", "#top", "https://example.org/gone"]
    (tmp_path / "index.html").write_text('<h1 id="top">' + "".join(f'<a href="{link}">' for link in links))
    lost = ["index.html: there/#gone", "index.html: gone/", "there/index.html: lost.svg"]
    assert sorted(build.broken_links(tmp_path)) == sorted(lost)


def test_every_public_name_is_in_the_reference(site):
    pages = "".join(p.read_text(encoding="utf-8") for p in (site / "reference").rglob("*.html"))
    modules = {n for n in cr.__all__ if inspect.ismodule(getattr(cr, n))}
    assert all((site / f"reference/{n}/index.html").exists() for n in modules)
    assert [n for n in cr.__all__ if n not in modules and f'id="{n.lower().replace("_", "-")}"' not in pages] == []
    assert 'id="logsumexp"' in pages
    assert 'id="complex-step"' in pages
