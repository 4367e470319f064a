"""`python -m chainrule.ops` prints the table of operators in Markdown (docs/operators.md)."""

from chainrule.ops.document import page

if __name__ == "__main__":
    print(page(), end="")
