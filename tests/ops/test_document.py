"""What is made from the table is what the table says."""

from pathlib import Path

import pytest

import chainrule as cr
from chainrule import made
from chainrule.ops.document import page, row_of


@pytest.mark.parametrize(("file", "part"), made.PARTS, ids=lambda part: Path(part).name)
def test_what_is_made_from_the_table_is_up_to_date(file: str, part: str) -> None:
    assert made.parted(file, part)[1] == made.PARTS[file, part](), "run: python -m chainrule.made"


def test_every_public_operator_is_on_the_page_with_what_it_does() -> None:
    text = page()
    for name in cr.ops.PUBLIC:
        assert f"`{name}`" in text
        row = row_of(name)
        if row is None or row.kind not in ("Elementwise", "PiecewiseConstant"):
            assert getattr(cr.ops, name).__doc__, f"{name} needs a docstring"
