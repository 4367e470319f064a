"""docs/operators.md is what the table says."""

from pathlib import Path

import chainrule as cr
from chainrule.carriers import operators
from chainrule.ops import derivatives
from chainrule.ops.document import formulas, methods, page, row_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "operators.md"


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == page(), "run: python -m chainrule.ops > docs/operators.md"


def test_the_formulas_in_docstrings_are_up_to_date() -> None:
    there = Path(derivatives.__file__).read_text(encoding="utf-8")
    assert there == formulas(), "run: python -m chainrule.ops derivatives > formulas.txt, and copy it there"


def test_the_methods_are_up_to_date() -> None:
    source = Path(operators.__file__).parent / "operators.py"
    made = source.read_text(encoding="utf-8").partition("`python -m chainrule.ops methods`")[2].partition("\n")[2]
    assert made.partition("    # End of what is made.")[0] == methods(), "run it, and copy its lines there"


def test_every_public_operator_is_on_the_page_with_what_it_does() -> None:
    text = page()
    for name in cr.ops.PUBLIC:
        assert f"`{name}`" in text
        row = row_of(name)
        if row is None or row.kind not in ("Elementwise", "PiecewiseConstant"):
            assert getattr(cr.ops, name).__doc__, f"{name} needs a docstring"
