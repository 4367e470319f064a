"""Writes what is made from the operator table, each named by a word: alone docs/operators.md, with `derivatives`
ops/derivatives.py, with `methods` the methods in carriers/operators.py."""

import sys

from chainrule.ops.document import MADE

if __name__ == "__main__":
    print(MADE[sys.argv[1] if sys.argv[1:] else "page"](), end="")
