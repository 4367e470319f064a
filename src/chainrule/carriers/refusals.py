"""What to say when a traced number is about to become a plain one and lose its derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.carriers.math_rows import ROW_OF
from chainrule.errors import (
    ArgumentError,
    DroppedDerivative,
    UnsupportedFunction,
    library_call,
    user_expression,
)
from chainrule.numbers import Carrier
from chainrule.patterns import pattern

_DOT = pattern(r"([\w.]+)\.dot\(.*\)")
_CALL = pattern(r"([A-Za-z_][\w.]*)\(")


def no_float(x: Any) -> DroppedDerivative:
    """`float(x)`, as a function of math, an element of an array or the user asks for it."""
    expression = user_expression()
    call = _CALL.match(expression)
    name = call[1].rpartition(".")[2] if call else ""
    kind = type(x).__name__
    library = library_call()
    if library:
        advice = (
            f"{library} computes with plain numbers and has no derivative rule in Chainrule: give it one with "
            "@cr.custom_vjp"
        )
    elif name in ROW_OF:
        advice = (
            f"Write cr.{ROW_OF[name]} or np.{ROW_OF[name]}. (math's functions are replaced in a function given to "
            "Chainrule and in\n  what it calls by name or as a method, not in all that reaches it inside of objects.)"
        )
    elif name == "float":
        advice = "Leave float() out; to read the number only, write .data or cr.stop_gradient(x)"
    elif expression.endswith("]"):
        advice = "Elements of a plain array cannot be assigned: collect them in a list and write cr.stack(list)"
    else:
        advice = (
            "For a function of the math module write cr.sin, np.sin, ... in place of math.sin; to fill an array write\n"
            "  cr.stack([...]) in place of assigning its elements; to read the number only, write .data or "
            "cr.stop_gradient(x)"
        )
    what = (
        f"`{expression}` would turn a {kind} into a plain float"
        if expression
        else f"a {kind} cannot become a plain float"
    )
    return DroppedDerivative.here(f"{what} and lose its derivative.\n  {advice}")


def no_array(x: Any) -> DroppedDerivative:
    call = _DOT.search(user_expression())
    if call:
        return DroppedDerivative.here(
            f"`{call[0]}` of a plain array cannot take a {type(x).__name__}: its derivative would be lost. Write "
            f"{call[1]} @ w or np.dot({call[1]}, w)\n  in place of {call[1]}.dot(w). (It is seen in functions "
            "given to Chainrule and in what they call by name or as a method,\n  not in what is reached through "
            "containers.)"
        )
    expression = user_expression()
    what = f"`{expression}`: " if expression else ""
    return DroppedDerivative.here(
        f"{what}a {type(x).__name__} cannot become a NumPy array without losing its derivative; use it as it is, "
        "or join several with cr.stack([...]) or cr.array([...])"
    )


def no_plain(x: Any, what: str, advice: str) -> DroppedDerivative:
    """`what` would lose the derivative of `x`; `advice` says what to write."""
    return DroppedDerivative.here(f"{what} would lose the derivative of a {type(x).__name__}; {advice}")


def no_cast(x: Any, dtype: Any) -> DroppedDerivative:
    return no_plain(x, f"casting to {np.dtype(dtype)}", "write .data for the plain numbers")


def no_writing(name: str) -> DroppedDerivative:
    return DroppedDerivative.here(
        f"{name} cannot write into an existing array (out= or an in-place operator such as +=): the array holds "
        "plain\n  numbers and would lose the derivative. Write y = y + x in place of y += x"
    )


def no_input(x: Any) -> DroppedDerivative:
    return DroppedDerivative.here(
        f"elements of an input cannot be assigned: its gradient would be that of another array. Write y = x.copy() "
        f"and\n  assign to y, or change the numbers of the {type(x).__name__} with x.data[...] = v"
    )


def no_narrowing(into: Any) -> DroppedDerivative:
    return DroppedDerivative.here(
        f"numbers of complex128 put into an array of {into} would lose their imaginary parts; make the array with "
        "dtype=complex"
    )


def no_shape() -> DroppedDerivative:
    return DroppedDerivative.here("the shape of a recorded array cannot be set; write y = y.reshape(shape)")


def no_rule(name: str) -> UnsupportedFunction:
    return UnsupportedFunction.here(
        f"{name} has no derivative rule in Chainrule.\n"
        "  Write it with functions of the table (chainrule.ops.PUBLIC), give it a rule with @cr.custom_vjp,\n"
        "  or hold its argument constant with cr.stop_gradient(x)"
    )


def no_setting(name: str, settings: list[str], more: str = "") -> UnsupportedFunction:
    """Settings that the rule of a function does not know, or not with these values, which `more` says."""
    named = ", ".join(f"{s}=" for s in sorted(settings))
    advice = "leave it out where that gives the same, use functions that have a rule,\n  or give the call one with"
    more = more if "write" in more else f"{more};\n  {advice} @cr.custom_vjp"
    return UnsupportedFunction.here(f"{name}: no derivative rule for the setting {named}{more}")


def refuse_where(name: str, **asked: Any) -> None:
    """Raise UnsupportedFunction where settings are asked for that a rule does not know, as in
    refuse_where("scipy.signal.csd", axis=axis != -1)."""
    if wrong := [setting for setting, is_asked in asked.items() if is_asked]:
        raise no_setting(name, wrong)


def no_complex(name: str) -> UnsupportedFunction:
    """A function or operator that has no rule for complex numbers."""
    return UnsupportedFunction.here(
        f"{name} has no rule for complex numbers in Chainrule.\n"
        "  Write it with the real and imaginary parts, z.real and z.imag, np.abs(z) and np.angle(z), or with\n"
        "  functions that have one: arithmetic, np.exp and its relatives, products, np.linalg, np.fft"
    )


def refuse_mixed(level: float, args: tuple[Any, ...]) -> None:
    """Values a user makes from a traced number live half a level above it; meeting one made from a plain number, the
    sweep from here would miss the latter. Raises ArgumentError where one of the operands is such."""
    for x in args:
        if isinstance(x, Carrier) and x.level != level and (x.level == 0 or x.level % 1 == 0.5):
            raise ArgumentError.here(
                "a Value made from a number that is being differentiated meets one made from a plain number; "
                "inside a differentiated function use the traced numbers themselves, without Value(...)"
            )
