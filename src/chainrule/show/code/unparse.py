"""How each operator is written in plain Python, with `math` for numbers and with `numpy` for arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from chainrule.errors import UnsupportedFunction
from chainrule.show.code.printed import choice, formula, signed
from chainrule.show.code.python_syntax import (
    ATOM,
    COMPARE,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    TIMES,
    Text,
    index,
    infix,
    number,
    short,
    template,
)
from chainrule.show.code.terms import Term

LARGEST_LITERAL = 1000


class Printer:
    """The text of one term, given the texts of its operands.

    arrays    whether any array occurs: then everything is written with numpy
    helpers   the names of the helper functions the texts so far call
    """

    def __init__(self, arrays: bool) -> None:
        self.arrays = arrays
        self.helpers: set[str] = set()
        self.m = "np" if arrays else "math"

    def text(self, term: Term, parts: Sequence[Text]) -> Text:
        """How `term` is written. Raises UnsupportedFunction for an operator that has no plain form."""
        between = infix(term.op)
        if between is not None:
            sign, binds, left, right = between
            return Text(f"{parts[0].inside(left)}{sign}{parts[1].inside(right)}", binds)
        if term.op in ("where", "stack"):  # 1.0, not 1: they decide the type of the array
            parts = [Text(repr(float(a.value))) if _is_float(a) else p for a, p in zip(term.args, parts, strict=True)]
        own: Callable[..., Text] | None = getattr(self, f"_{term.op}", None)
        if own is not None:
            return own(term, *parts)
        if self.arrays and term.op in ("sum", "max", "min", "prod"):
            return Text(f"np.{term.op}({parts[0].code}{_axes(term)})")
        form = template(term.op, self.arrays)
        known = formula(term.op, parts, self.arrays) if form is None else Text(form.format(*(p.code for p in parts)))
        if known is None:
            raise UnsupportedFunction(
                f"source: {term.op} cannot be written with {'NumPy' if self.arrays else 'the math module'} alone; "
                "write the function without it, or call chainrule.grad"
            )
        return known

    # -- literals and signs -------------------------------------------------------------------------------------

    def _literal(self, term: Term) -> Text:
        value = term.value
        if value.shape == ():
            return number(value.item())
        if value.size > LARGEST_LITERAL:
            raise UnsupportedFunction(
                f"source: the function uses a constant array of shape {value.shape}, too large to write out; "
                "give it as an argument"
            )
        first = float(value.flat[0]) if value.size else 0.0
        if value.size > 1 and value.dtype.kind == "f" and bool(np.all(value == first)):
            named = {0.0: "np.zeros", 1.0: "np.ones"}.get(first)
            return Text(f"{named}({short(value.shape)})" if named else f"np.full({short(value.shape)}, {first!r})")
        return Text(f"np.array({value.tolist()!r})".replace("nan", "np.nan").replace("inf", "np.inf"))

    def _negative(self, term: Term, x: Text) -> Text:
        return signed(x)

    # -- the table's own functions, spelled out -----------------------------------------------------------------

    def _helped(self, name: str, *arguments: str) -> Text:
        """A call of a helper, which takes numbers, for numbers or arrays."""
        self.helpers.add(name)
        called = f'np.vectorize({name}, "d")' if self.arrays else name
        return Text(f"{called}({', '.join(arguments)})")

    def _sigmoid(self, term: Term, x: Text) -> Text:
        return self._logistic(x, f"-{x.inside(POWER)}")

    def _logistic(self, x: Text, minus: str) -> Text:
        """NumPy's exp may overflow to inf here, math's would raise."""
        return Text(f"1 / (1 + np.exp({minus}))", PRODUCT) if self.arrays else self._helped("_sigmoid", x.code)

    def _softplus(self, term: Term, x: Text) -> Text:
        if self.arrays:
            return Text(f"np.logaddexp(0.0, {x.code})")
        return Text(f"max({x.code}, 0.0) + math.log1p(math.exp(-abs({x.code})))", SUM)

    def _logaddexp(self, term: Term, a: Text, b: Text) -> Text:
        if self.arrays:
            return Text(f"np.logaddexp({a.code}, {b.code})")
        return Text(f"max({a.code}, {b.code}) + math.log1p(math.exp(-abs({self._gap(a, b)})))", SUM)

    def _share(self, term: Term, a: Text, b: Text) -> Text:
        return self._logistic(Text(self._gap(a, b), SUM), self._gap(b, a))

    def _sech2(self, term: Term, x: Text) -> Text:
        return Text(f"(1 / np.cosh({x.code}))**2", POWER) if self.arrays else self._helped("_sech2", x.code)

    def _polygamma(self, term: Term, x: Text) -> Text:
        return self._helped("_polygamma", str(term.settings.get("order", 0)), x.code)

    _digamma = _polygamma

    def _over_or_zero(self, term: Term, a: Text, b: Text) -> Text:
        if self.arrays:
            return Text(f"{a.inside(PRODUCT)} / np.where({b.inside(SUM)} == 0, 1.0, {b.code})", PRODUCT)
        return choice(Text(b.code), Text(f"{a.inside(PRODUCT)} / {b.inside(SIGN)}", PRODUCT), Text("0.0"), self.arrays)

    def _unit_sign(self, term: Term, x: Text) -> Text:
        return Text(f"{self.m}.copysign(1.0, {x.code})")

    def _sinc(self, term: Term, x: Text) -> Text:
        if term.settings.get("order"):
            return self._helped("_sinc", x.code, str(term.settings["order"]))
        if self.arrays:
            return Text(f"np.sinc({x.code})")
        angle = f"(math.pi * {x.inside(SIGN)})"
        return choice(Text(x.code), Text(f"math.sin{angle} / {angle}", PRODUCT), Text("1.0"), self.arrays)

    def _scale(self, term: Term, a: Text, b: Text) -> Text:
        product = Text(f"{a.inside(PRODUCT)} * {b.inside(TIMES)}", TIMES)
        return choice(Text(f"{a.inside(SUM)} != 0", COMPARE), product, Text("0.0"), self.arrays)

    def _annihilate(self, term: Term, a: Text, b: Text) -> Text:
        product = Text(f"{a.inside(PRODUCT)} * {b.inside(TIMES)}", TIMES)
        both = f"({a.inside(SUM)} != 0) & ({b.inside(SUM)} != 0)"
        return choice(Text(both, COMPARE), product, Text("0.0"), self.arrays)

    def _gap(self, a: Text, b: Text) -> str:
        return a.code if b.code == "0" else f"{a.inside(SUM)} - {b.inside(PRODUCT)}"

    # -- sides of kinks -----------------------------------------------------------------------------------------

    def _where(self, term: Term, condition: Text, a: Text, b: Text) -> Text:
        return choice(condition, a, b, self.arrays)

    def _compare(self, term: Term, a: Text, b: Text) -> Text:
        sign = term.settings["sign"]
        if sign == "~":
            return Text(f"~{a.inside(ATOM)}", SIGN)
        binds = ATOM if sign in "&|" else SUM
        return Text(f"{a.inside(binds)} {sign} {b.inside(binds)}", COMPARE)

    def _winner(self, term: Term, a: Text, b: Text) -> Text:
        if self.arrays:
            return Text(f"np.heaviside({self._gap(a, b)}, 0.5)")
        x, y = a.inside(SUM), b.inside(SUM)
        return Text(f"(({x} > {y}) + ({x} >= {y})) / 2", PRODUCT)

    _present_winner = _winner

    def _ties(self, term: Term, x: Text, y: Text) -> Text:
        equal, axis = f"{x.inside(SUM)} == {y.inside(SUM)}", term.settings.get("axis")
        along = "" if axis is None else f", axis={short(axis)}, keepdims=True"
        return Text(f"({equal}) / np.sum({equal}{along})", PRODUCT)

    # -- arrays -------------------------------------------------------------------------------------------------

    def _getitem(self, term: Term, x: Text) -> Text:
        return Text(f"{x.inside(ATOM)}[{index(term.settings['index'])}]")

    def _scatter(self, term: Term, x: Text) -> Text:
        self.helpers.add("_put")
        at = term.settings["index"]
        where = repr(at) if isinstance(at, int) else f"np.s_[{index(at)}]"
        return Text(f"_put({x.code}, {where}, {short(term.settings['shape'])})")

    def _stack(self, term: Term, *parts: Text) -> Text:
        if term.settings["axis"] != 0:
            return Text(f"np.stack([{', '.join(p.code for p in parts)}], axis={term.settings['axis']})")
        rows = [
            p.code.removeprefix("np.array(").removesuffix(")")
            if a.op == "stack" and p.code.startswith("np.array(")
            else p.code
            for a, p in zip(term.args, parts, strict=True)
        ]
        return Text(f"np.array([{', '.join(rows)}])")

    def _concatenate(self, term: Term, *parts: Text) -> Text:
        axis = term.settings["axis"]
        return Text(f"np.concatenate([{', '.join(p.code for p in parts)}]{f', axis={axis}' if axis else ''})")

    def _reshape(self, term: Term, x: Text) -> Text:
        return Text(f"np.reshape({x.code}, {short(term.shape)})")

    def _broadcast_to(self, term: Term, x: Text) -> Text:
        return Text(f"np.broadcast_to({x.code}, {short(term.shape)})")

    def _transpose(self, term: Term, x: Text) -> Text:
        axes = term.settings["axes"]
        if axes == tuple(range(len(axes)))[::-1]:
            return Text(f"{x.inside(ATOM)}.T")
        return Text(f"np.transpose({x.code}, {axes})")

    def _flip(self, term: Term, x: Text) -> Text:
        return Text(f"np.flip({x.code}, {short(term.settings['axis'])})")

    def _roll(self, term: Term, x: Text) -> Text:
        return Text(f"np.roll({x.code}, {term.settings['shift']}, {term.settings['axis']})")

    def _cumsum(self, term: Term, x: Text) -> Text:
        return Text(f"np.cumsum({x.code}, axis={term.settings['axis']})")

    def _norm(self, term: Term, x: Text) -> Text:
        return Text(f"np.sqrt(np.sum({x.inside(ATOM)}**2{_axes(term)}))") if self.arrays else Text(f"abs({x.code})")

    def _var(self, term: Term, x: Text) -> Text:
        ddof = term.settings["correction"]
        return Text(f"np.{term.op}({x.code}{_axes(term)}{f', ddof={ddof}' if ddof else ''})")

    _std = _var

    def _logsumexp(self, term: Term, x: Text) -> Text:
        if not self.arrays:
            return x
        if len(term.args[0].shape) > 1 and (term.settings["axis"] is None or len(term.settings["axis"]) > 1):
            return Text(f"np.log(np.sum(np.exp({x.code}){_axes(term)}))")
        return Text(f"np.logaddexp.reduce({x.code}{_axes(term)})")

    def _log_softmax(self, term: Term, x: Text) -> Text:
        axis = term.settings.get("axis")
        along = "" if len(term.shape) == 1 else f", axis={short(axis)}"
        return Text(f"{x.inside(SUM)} - np.logaddexp.reduce({x.code}{along}, keepdims=True)", SUM)

    def _einsum(self, term: Term, *parts: Text) -> Text:
        subscripts = next((s for s in term.settings.values() if isinstance(s, str)), None)
        if subscripts is None:
            raise UnsupportedFunction("source: this einsum cannot be written out; use matmul or tensordot")
        return Text(f"np.einsum({subscripts!r}, {', '.join(p.code for p in parts)})")


def _is_float(a: Term) -> bool:
    return a.literal and a.shape == () and a.value.dtype.kind == "f" and math.isfinite(a.value)


def _axes(term: Term) -> str:
    """The settings of a reduction as they stand in the call."""
    axis, kept = term.settings.get("axis"), term.settings.get("keepdims")
    everything = axis is None or len(axis) == len(term.args[0].shape)
    return ("" if everything else f", axis={short(axis)}") + (", keepdims=True" if kept else "")
