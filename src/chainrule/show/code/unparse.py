"""How each operator is written in plain Python, with `math` for numbers and with `numpy` for arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from chainrule.errors import UnsupportedFunction
from chainrule.jit.program import CONSTANT, Step
from chainrule.jit.record.holes import filled
from chainrule.show.code.printed import choice, formula, signed, spelled
from chainrule.show.code.python_syntax import (
    ATOM,
    CHOICE,
    COMPARE,
    PRODUCT,
    SIGN,
    SUM,
    Text,
    Written,
    index,
    infix,
    number,
    short,
)
from chainrule.show.readable import value_of

LARGEST_LITERAL = 1000
CONDITIONS = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!=",
    "logical_and": "&", "bitwise_and": "&", "logical_or": "|", "bitwise_or": "|", "logical_xor": "^",
    "bitwise_xor": "^", "logical_not": "~", "invert": "~",
}  # fmt: skip
QUESTIONS = ("isfinite", "isinf", "isnan")
"""How conditions are written, and those that are called."""


class Printer:
    """The text of one step, given the texts of its operands.

    arrays    whether any array occurs: then everything is written with numpy
    """

    def __init__(self, arrays: bool) -> None:
        self.arrays = arrays
        self.m = "np" if arrays else "math"

    def text(self, step: Step, parts: Sequence[Text]) -> Text:
        """How `step` is written. Raises UnsupportedFunction for an operator that has no plain form."""
        if step.op in CONDITIONS:
            return self._compared(step.op, parts)
        if step.op in QUESTIONS:
            return Text(f"{self.m}.{step.op}({parts[0].code})")
        if "function" in step.settings:
            return self._called(step, parts)
        between = infix(step.op)
        if between is not None:
            return parts[0].joined(between, parts[1])
        if step.op in ("where", "stack") and step.dtype.kind == "f":  # 1.0, not 1: they decide the type of the array
            floats = [Text(repr(float(value_of(a)))) if _is_float(a) else None for a in step.args]
            parts = [x or part for x, part in zip(floats, parts, strict=True)]
        own: Callable[..., Text] | None = getattr(self, f"_{step.op}", None)
        if own is not None:
            return own(step, *parts)
        if self.arrays and step.op in ("sum", "max", "min", "prod"):
            return Text(f"np.{step.op}({parts[0].code}{_axes(step)})")
        known = spelled(step.op, parts, self.arrays) or formula(step.op, parts, self.arrays)
        if known is None:
            raise UnsupportedFunction(
                f"source: {step.op} cannot be written with {'NumPy' if self.arrays else 'the math module'} alone; "
                "write the function without it, or call chainrule.grad"
            )
        return known

    # -- literals and signs -------------------------------------------------------------------------------------

    def _constant(self, step: Step) -> Text:
        value = value_of(step)
        if value.shape == ():
            return number(value.item())
        first = float(value.flat[0]) if value.size else 0.0
        if value.size != 1 and value.dtype.kind == "f" and bool(np.all(value == first)):
            named = {0.0: "np.zeros", 1.0: "np.ones"}.get(first)
            return Text(f"{named}({short(value.shape)})" if named else f"np.full({short(value.shape)}, {first!r})")
        if value.size > LARGEST_LITERAL:
            raise UnsupportedFunction(
                f"source: the function uses a constant array of shape {value.shape}, too large to write out; "
                "give it as an argument"
            )
        return Text(f"np.array({value.tolist()!r})".replace("nan", "np.nan").replace("inf", "np.inf"))

    def _negative(self, step: Step, x: Text) -> Text:
        return signed(x)

    # -- the table's own functions, spelled out -----------------------------------------------------------------

    def _helped(self, name: str, *arguments: str) -> Text:
        """A call of a helper, which takes numbers, for numbers or arrays."""
        called = f'np.vectorize({name}, "d")' if self.arrays else name
        return Text(f"{called}({', '.join(arguments)})")

    def _polygamma(self, step: Step, x: Text) -> Text:
        return self._helped("_polygamma", str(step.settings.get("order", 0)), x.code)

    _digamma = _polygamma

    def _sinc(self, step: Step, x: Text) -> Text:
        if step.settings.get("order"):
            return self._helped("_sinc", x.code, str(step.settings["order"]))
        if self.arrays:
            return Text(f"np.sinc({x.code})")
        angle = f"(math.pi * {x.inside(SIGN)})"
        return choice(Text(x.code), Text(f"math.sin{angle} / {angle}", PRODUCT), Text("1.0"), self.arrays)

    # -- sides of kinks -----------------------------------------------------------------------------------------

    def _where(self, step: Step, condition: Text, a: Text, b: Text) -> Text:
        return choice(condition, a, b, self.arrays)

    def _compared(self, op: str, parts: Sequence[Text]) -> Text:
        """A comparison, or several that are joined."""
        sign = CONDITIONS[op]
        if len(parts) == 1:
            return (
                Text(f"{sign}{parts[0].inside(ATOM)}", SIGN)
                if self.arrays
                else Text(f"not {parts[0].inside(ATOM)}", CHOICE)
            )
        binds = ATOM if sign in "&|^" else SUM
        return Text(f"{parts[0].inside(binds)} {sign} {parts[1].inside(binds)}", COMPARE)

    def _array_equal(self, step: Step, a: Text, b: Text) -> Text:
        return Text(f"{a.inside(SUM)} == {b.inside(SUM)}", COMPARE)

    def _tie_weights(self, step: Step, x: Text, y: Text) -> Text:
        equal, axis = f"{x.inside(SUM)} == {y.inside(SUM)}", step.settings.get("axis")
        along = "" if axis is None else f", axis={short(axis)}, keepdims=True"
        return Text(f"({equal}) / np.sum({equal}{along})", PRODUCT)

    # -- arrays -------------------------------------------------------------------------------------------------

    def _called(self, step: Step, parts: Sequence[Text]) -> Text:
        """A call of a function of NumPy's that has no row."""
        function = step.settings["function"]
        name = f"np.{getattr(function, '__name__', '')}"
        if getattr(np, name[3:], None) is not function:
            raise UnsupportedFunction(f"source: {step.op} cannot be written; call chainrule.grad")
        codes = [Written(p.code) for p in parts]
        given = [repr(x) for x in filled(step.settings["args"], codes)]
        given += [f"{key}={x!r}" for key, x in filled(step.settings["kwargs"], codes).items()]
        part = "" if step.settings["part"] is None else f"[{step.settings['part']}]"
        return Text(f"{name}({', '.join(given)}){part}")

    def _getitem(self, step: Step, x: Text) -> Text:
        return Text(f"{x.inside(ATOM)}[{index(step.settings['index'])}]")

    def _gather(self, step: Step, x: Text, *places: Text) -> Text:
        at = filled(step.settings["index"], [Written(p.code) for p in places])
        return Text(f"{x.inside(ATOM)}[{index(at)}]")

    def _scatter_at(self, step: Step, x: Text, *places: Text) -> Text:
        at = filled(step.settings["index"], [Written(p.code) for p in places])
        return Text(f"_put({x.code}, np.s_[{index(at)}], {short(step.settings['shape'])})")

    def _astype(self, step: Step, x: Text) -> Text:
        return Text(f"{x.inside(ATOM)}.astype({step.dtype.name!r})") if step.shape else x

    def _scatter(self, step: Step, x: Text) -> Text:
        at = step.settings["index"]
        where = repr(at) if isinstance(at, (int, Written)) else f"np.s_[{index(at)}]"
        return Text(f"_put({x.code}, {where}, {short(step.settings['shape'])})")

    def _stack(self, step: Step, *parts: Text) -> Text:
        if step.settings["axis"] != 0:
            return Text(f"np.stack([{', '.join(p.code for p in parts)}], axis={step.settings['axis']})")
        rows = [
            p.code.removeprefix("np.array(").removesuffix(")")
            if a.op == "stack" and p.code.startswith("np.array(")
            else p.code
            for a, p in zip(step.args, parts, strict=True)
        ]
        whole = rows[0][1:] if len(rows) == 1 and rows[0].startswith("*") else f"[{', '.join(rows)}]"
        return Text(f"np.array({whole})")

    def _concatenate(self, step: Step, *parts: Text) -> Text:
        axis = step.settings["axis"]
        return Text(f"np.concatenate([{', '.join(p.code for p in parts)}]{f', axis={axis}' if axis else ''})")

    def _reshape(self, step: Step, x: Text) -> Text:
        return Text(f"np.reshape({x.code}, {short(step.shape)})")

    def _broadcast_to(self, step: Step, x: Text) -> Text:
        return Text(f"np.broadcast_to({x.code}, {short(step.shape)})")

    def _transpose(self, step: Step, x: Text) -> Text:
        axes = step.settings["axes"]
        if axes == tuple(range(len(axes)))[::-1]:
            return Text(f"{x.inside(ATOM)}.T")
        return Text(f"np.transpose({x.code}, {axes})")

    def _flip(self, step: Step, x: Text) -> Text:
        return Text(f"np.flip({x.code}, {short(step.settings['axis'])})")

    def _roll(self, step: Step, x: Text) -> Text:
        return Text(f"np.roll({x.code}, {step.settings['shift']}, {step.settings['axis']})")

    def _cumsum(self, step: Step, x: Text) -> Text:
        return Text(f"np.cumsum({x.code}, axis={step.settings['axis']})")

    def _norm(self, step: Step, x: Text) -> Text:
        return Text(f"np.sqrt(np.sum({x.inside(ATOM)}**2{_axes(step)}))") if self.arrays else Text(f"abs({x.code})")

    def _var(self, step: Step, x: Text) -> Text:
        ddof = step.settings["correction"]
        return Text(f"np.{step.op}({x.code}{_axes(step)}{f', ddof={ddof}' if ddof else ''})")

    _std = _var

    def _logsumexp(self, step: Step, x: Text) -> Text:
        if not self.arrays:
            return x
        if len(step.args[0].shape) > 1 and (step.settings["axis"] is None or len(step.settings["axis"]) > 1):
            return Text(f"np.log(np.sum(np.exp({x.code}){_axes(step)}))")
        return Text(f"np.logaddexp.reduce({x.code}{_axes(step)})")

    def _log_softmax(self, step: Step, x: Text) -> Text:
        axis = step.settings.get("axis")
        along = "" if len(step.shape) == 1 else f", axis={short(axis)}"
        return Text(f"{x.inside(SUM)} - np.logaddexp.reduce({x.code}{along}, keepdims=True)", SUM)

    def _einsum(self, step: Step, *parts: Text) -> Text:
        subscripts = next((s for s in step.settings.values() if isinstance(s, str)), None)
        if subscripts is None:
            raise UnsupportedFunction("source: this einsum cannot be written out; use matmul or tensordot")
        return Text(f"np.einsum({subscripts!r}, {', '.join(p.code for p in parts)})")


def _is_float(a: Step) -> bool:
    return a.op == CONSTANT and a.shape == () and a.dtype.kind == "f" and math.isfinite(value_of(a))


def _axes(step: Step) -> str:
    """The settings of a reduction as they stand in the call."""
    axis, kept = step.settings.get("axis"), step.settings.get("keepdims")
    everything = axis is None or len(axis) == len(step.args[0].shape)
    return ("" if everything else f", axis={short(axis)}") + (", keepdims=True" if kept else "")
