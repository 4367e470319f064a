"""What a row says of its form, as Python source: operands are put in with the parentheses they need."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Sequence

from chainrule.errors import UnsupportedFunction
from chainrule.ops.row import TABLE
from chainrule.show.code.python_syntax import ATOM, CHOICE, COMPARE, INFIX, MATRIX, SIGN, SUM, Text, number, template

_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%", ast.FloorDiv: "//",
    ast.MatMult: "@", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_SHORT = {"abs": "absolute"}


def choice(condition: Text, yes: Text, no: Text, arrays: bool) -> Text:
    """`yes` where the condition holds, else `no`."""
    if arrays:
        return Text(f"np.where({condition.code}, {yes.code}, {no.code})")
    return Text(f"{yes.inside(COMPARE)} if {condition.inside(COMPARE)} else {no.code}", CHOICE)


def signed(x: Text) -> Text:
    """-x."""
    return Text(f"-({x.code})" if x.binds <= MATRIX or x.binds == SIGN else f"-{x.code}", SIGN)


def spelled(op: str, parts: Sequence[Text], arrays: bool) -> Text | None:
    """The operator of that name as its row spells it for NumPy (`arrays`) or the math module, or as a call of the
    function of its name there; None where it has neither.

    >>> spelled("max_weight", [Text("a"), Text("b + c", SUM)], True).code
    'np.heaviside(a - (b + c), 0.5)'
    """
    form = template(op, arrays)
    if form is None:
        return None
    try:
        return _spelled(_parsed(form), parts)
    except UnsupportedFunction:  # what is called is no plain function
        return Text(form.format(*(p.code for p in parts)))


def formula(op: str, parts: Sequence[Text], arrays: bool) -> Text | None:
    """The row of that name with its operands put into its printed form; None where it has none, or calls in it
    something that cannot be written.

    >>> formula("lorentzian", [Text("a + b", SUM)], False).code
    '1 / (1 + (a + b)**2)'
    >>> formula("in_interval", [Text("x"), Text("a"), Text("b")], True).code
    'np.where((a <= x) & (x <= b), 1.0, 0.0)'
    """
    row = TABLE.get(op)
    if row is None or not row.printed or not row.elementwise:
        return None
    try:
        return _written(_parsed(row.printed), parts, arrays)
    except UnsupportedFunction:
        return None


@functools.lru_cache(maxsize=256)
def _parsed(printed: str) -> ast.expr:
    names = [f"_{k}" for k in range(8)]
    return ast.parse(printed.format(*names), mode="eval").body


def _written(
    tree: ast.expr, parts: Sequence[Text], arrays: bool, write: Callable[[ast.expr], Text] | None = None
) -> Text:
    write = write or (lambda part: _written(part, parts, arrays))
    match tree:
        case ast.Name(name) if name.startswith("_"):
            return parts[int(name[1:])]
        case ast.Constant(value):
            return number(value)
        case ast.UnaryOp(ast.USub(), operand):
            return signed(write(operand))
        case ast.BinOp(left, op, right):
            return write(left).joined(INFIX[_SIGNS[type(op)]], write(right))
        case ast.Call(ast.Name(name), operands):
            form = template(_SHORT.get(name, name), arrays)
            if form is not None:
                return Text(form.format(*(write(x).code for x in operands)))
        case ast.Compare(left, ops, others):
            return _compared([write(x).inside(SUM) for x in (left, *others)], [_SIGNS[type(op)] for op in ops], arrays)
        case ast.IfExp(test, ast.Constant(int(yes)), ast.Constant(int(no))):
            return choice(write(test), Text(repr(float(yes))), Text(repr(float(no))), arrays)
    raise UnsupportedFunction(f"source: {ast.unparse(tree)} cannot be written")


def _spelled(tree: ast.expr, parts: Sequence[Text]) -> Text:
    """A piece of Python with the operands put in, called as it says."""
    write: Callable[[ast.expr], Text] = lambda part: _spelled(part, parts)
    match tree:
        case ast.Constant(float(value)):
            return Text(repr(value))
        case ast.Call(ast.Name() | ast.Attribute() as function, operands):
            return Text(f"{ast.unparse(function)}({', '.join(write(x).code for x in operands)})")
        case ast.IfExp(test, yes, no):
            return choice(write(test), write(yes), write(no), False)
        case ast.BinOp(left, ast.BitAnd(), right):
            return Text(f"{write(left).inside(ATOM)} & {write(right).inside(ATOM)}", COMPARE)
        case ast.BinOp(left, ast.Sub(), right) if write(right).code == "0":
            return write(left)
    return _written(tree, parts, False, write)


def _compared(sides: list[str], signs: list[str], arrays: bool) -> Text:
    if arrays and len(signs) > 1:
        pairs = [f"({a} {sign} {b})" for a, sign, b in zip(sides, signs, sides[1:], strict=False)]
        return Text(" & ".join(pairs), COMPARE)
    return Text(sides[0] + "".join(f" {sign} {b}" for sign, b in zip(signs, sides[1:], strict=True)), COMPARE)
