"""The pages for those who come from another library: what they say to write is there."""

import re
from pathlib import Path

import pytest

import chainrule as cr

PAGES = sorted(Path(__file__).parents[1].glob("docs/from_*.md"))
MODULES = {"cr": cr, "nn": cr.nn, "optim": cr.optim, "numeric": cr.numeric}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_to_be_written_is_there(page):
    here = [row.split("|")[2] for row in page.read_text(encoding="utf-8").splitlines() if row.count("|") == 3]
    names = {found for cell in here for found in re.findall(r"\b(cr|nn|optim|numeric)\.(\w+)", cell)}
    assert len(names) > (0 if page.stem == "from_micrograd" else 5)
    assert [f"{module}.{name}" for module, name in sorted(names) if not hasattr(MODULES[module], name)] == []
