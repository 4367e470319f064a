"""`python -m chainrule.ops` prints the table of operators in Markdown (docs/operators.md), and with the word
`derivatives` the formulas that docstrings show (ops/derivatives.py)."""

import sys

from chainrule.ops.document import formulas, page

if __name__ == "__main__":
    print(formulas() if sys.argv[1:] == ["derivatives"] else page(), end="")
