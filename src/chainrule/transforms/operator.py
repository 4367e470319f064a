"""`operator`: a row of the operator table made by a user, with every service of those that come with Chainrule."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from chainrule.carriers.operators import Traced
from chainrule.errors import ArgumentError, ShapeError, settings_named
from chainrule.inputs import as_number
from chainrule.libraries import Library, zeros_like
from chainrule.numbers import Number, StandIn, differentiated, is_array, ndim, shape
from chainrule.ops.broadcasting import keep_axes
from chainrule.ops.composite import COMPOSITES
from chainrule.ops.described import method_signature, of_row, signature
from chainrule.ops.document import derivatives
from chainrule.ops.domain import REALS, Domain
from chainrule.ops.kinds import Elementwise, Linear, Reduction
from chainrule.ops.names import operands, refuse_operands
from chainrule.ops.registry import USERS
from chainrule.ops.row import TABLE, Operator, applied
from chainrule.signatures import POSITIONAL, accepts, needed, parameters
from chainrule.transforms.formula import Formula
from chainrule.transforms.jvp_vjp import jvp, vjp

KINDS = ("elementwise", "reduction", "linear")
Rules = Callable[..., Any] | Sequence[Callable[..., Any] | float | None] | float | None


@settings_named(
    partials="partial", derivative="partial", gradient="partial", grad="partial", f="value", function="value",
    forward="value", backward="partial", doc="source"
)  # fmt: skip
def operator(
    name: str,
    value: Callable[..., Any] | None = None,
    partial: Rules = None,
    *,
    kind: str = "elementwise",
    domain: Domain | tuple[float, float] | Sequence[Domain | tuple[float, float]] = REALS,
    kinks: str = "",
    printed: str = "",
    symbol: str = "",
    source: str = "",
    method: bool = False,
    at: Sequence[Any] | None = None,
    verify: bool = True,
) -> Operator:
    """An operator of your own, from its value and its derivative: it is differentiated in every mode and to any order,
    recorded, drawn, explained, checked, compiled and printed like the others.

    name      an identifier, not that of an operator Chainrule has. Given again, it replaces your earlier one
    value     the function, written with Python's operators, `math`, NumPy or Chainrule's operators. elementwise:
              value(a, b, ...) of operands that broadcast; reduction: value(x), or value(x, axis, keepdims) if it can
              go along axes; linear: value(x, ...) of any shapes
    partial   its derivative, output first, on the same kinds of number. elementwise: for each operand a function
              (y, a, b, ...) -> dy/da, or a number, or None for one that is not differentiated by and reaches the
              functions as it is: a whole number, a condition; alone for one operand.
              reduction: (y, x) -> dy/dx_i for every element, shaped like x (y keeps the reduced axes).
              linear: for each operand its adjoint, (ct, x, ...) -> the cotangent of x, shaped like x
    kind      "elementwise", "reduction" or "linear"
    domain    where it is defined, (low, high), for all operands or one for each
    kinks     in words, where the derivative jumps and what is taken there
    printed   how a formula shows it, "softsign({})"; symbol: how a drawing does
    source    where the rule comes from
    method    True: also a method of Values and of what else carries derivatives
    at        the operands to verify the rule at: a tuple, or a list of tuples; drawn when left out
    verify    False registers the rule unseen

    Raises ArgumentError for a part that is missing or of another form, CustomRuleError when the rule disagrees with
    differences of the value by more than their error bar.

    >>> import chainrule as cr
    >>> softsign = operator("softsign", lambda x: x / (1 + abs(x)), lambda y, x: 1 / (1 + abs(x)) ** 2)
    >>> softsign(1.0), cr.grad(softsign)(1.0), cr.hessian(softsign)(1.0)
    (0.5, 0.25, -0.25)
    """
    _acceptable(name, value, partial, kind)
    assert value is not None
    rules = tuple(partial) if isinstance(partial, Sequence) else (partial,)
    row = {
        "domain": _domain(domain), "kinks": kinks, "printed": printed, "symbol": symbol, "source": source,
        "table": USERS,
    }  # fmt: skip
    before = USERS.get(name)
    made = _Elementwise if kind == "elementwise" else _Reduction if kind == "reduction" else _Linear
    found = made(name, value, rules, row)
    if verify:
        from chainrule.transforms.verify import verify as compare

        try:
            compare(name, found, _claimed(found, found.fixed), at, found.fixed)
            if isinstance(found, _Reduction) and found.along_axes:
                rows = functools.partial(found, axis=0)
                compare(f"{name} along axis 0", rows, _claimed(rows), None if at is None else _with_axes(at))
            elif isinstance(found, _Linear):
                compare(
                    f'{name} (kind="linear": value has to be linear in all operands together)',
                    found,
                    _pushed(found),
                    at,
                )
        except Exception:
            _restore(name, before)
            raise
        found.body = found.formula  # for complex numbers, too: the rule says the same
    if method:
        setattr(Traced, name, _method(found))
    return found


class Said:
    """The docstring of a class, and of its instances what their rows say, when they are asked for: the formulas of the
    derivatives take SymPy, where it is installed."""

    def __init__(self, of_class: str) -> None:
        self.of_class = of_class

    def __get__(self, row: Operator | None, kind: type) -> str:
        return self.of_class if row is None else described_by_user(row)


def described_by_user(row: Operator) -> str:
    """The docstring of an operator made by a user."""
    names = tuple(inspect.signature(row).parameters)[: row.arity]
    rule = None
    if isinstance(row, Elementwise):
        try:
            rule = derivatives(row)
        except Exception:  # no SymPy, or a rule that does not run on symbols: it is what the user gave
            rule = ["by the rule it was given"] * row.arity
    return of_row(row, names, rule)


class UserOperator(Operator):
    __doc__: Any = Said(
        "An operator made by `operator`: the function given computes its value on every kind of number."
    )

    formula: Formula
    fixed: tuple[int, ...] = ()
    """The operands without derivative."""

    def kernel(self, lib: Library, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        return self.formula if lib.record is not None else self.computed

    def computed(self, *args: Number, **settings: Any) -> Number:
        """The value for plain numbers."""
        return self.formula(*args, **settings)

    def __call__(self, *args: Any, **settings: Any) -> Number:
        if len(args) != self.operand_count or settings:
            refuse_operands(self.name, self.operand_count, args, settings)
        return applied(self, tuple([x if k in self.fixed else _operand(x) for k, x in enumerate(args)]), {})


def _operand(x: Any) -> Number:
    return x if isinstance(x, StandIn) else as_number(x)


class _Elementwise(UserOperator, Elementwise):
    __doc__ = UserOperator.__dict__["__doc__"]
    kind = "Elementwise"

    def __init__(self, name: str, value: Callable[..., Any], rules: tuple[Any, ...], row: dict[str, Any]) -> None:
        arity = _operands_of(value, name, "value")
        if len(rules) != arity:
            raise ArgumentError.here(
                f"operator {name}: value has {arity} operands, so expected {arity} partials, got {len(rules)}"
            )
        _callable_or_number(name, rules, numbers=True)
        for k, rule in enumerate(rules):
            if callable(rule) and not accepts(rule, arity + 1):
                raise ArgumentError.here(
                    f"operator {name}: partial {k} should take (y, {', '.join('abcdefgh'[:arity])})"
                )
        self.formula = Formula(name, value)
        partials = [Formula(f"partial {k} of {name}", r) if callable(r) else r for k, r in enumerate(rules)]
        Elementwise.__init__(self, name, partials, **row)
        self.fixed = tuple([k for k, rule in enumerate(rules) if rule is None])
        self.__signature__ = _signature(value, len(rules))

    def __call__(self, *args: Any, **settings: Any) -> Number:
        for k in self.fixed:
            if k < len(args) and differentiated(args[k]):
                raise ArgumentError.here(
                    f"{self.name} has no derivative by operand {k}, as its partial is None, got a number that is "
                    "differentiated by.\n  Pass a plain number, or give the partial (0.0 where it is 0)"
                )
        return super().__call__(*args, **settings)

    def computed(self, *args: Number, **settings: Any) -> Number:
        y = self.formula(*args)
        size = np.broadcast_shapes(*map(shape, args))
        if shape(y) == size:
            return y
        if type(y) in (float, int) and any(map(is_array, args)):  # a constant, as lambda x: 1.0 gives it
            return sum(map(zeros_like, args), y)
        raise ShapeError.here(
            f"{self.name}: its value has shape {shape(y)} for operands that broadcast to {size}; an elementwise "
            'operator keeps the shape (use kind="reduction" or kind="linear" for others)'
        )


class _Reduction(UserOperator, Reduction):
    __doc__ = UserOperator.__dict__["__doc__"]
    kind = "Reduction"

    def __init__(self, name: str, value: Callable[..., Any], rules: tuple[Any, ...], row: dict[str, Any]) -> None:
        _callable_or_number(name, rules, numbers=False, count=1)
        self.formula = Formula(name, value)
        self.along_axes = accepts(value, 3)
        weights = Formula(f"partial of {name}", rules[0])
        self.__signature__ = inspect.Signature([
            inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY),
            inspect.Parameter("axis", inspect.Parameter.KEYWORD_ONLY, default=None),
            inspect.Parameter("keepdims", inspect.Parameter.KEYWORD_ONLY, default=False),
        ])  # fmt: skip
        Reduction.__init__(self, name, lambda y, x, axis, keepdims: _shaped(weights(y, x), x, weights.name), **row)

    def kernel(self, lib: Library, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        return self.computed

    def wider(self, operands: Any, *, axis: Any, **settings: Any) -> Any:
        """The settings along all axes but the first; None where value and partial know all axes together only."""
        return super().wider(operands, axis=axis, **settings) if self.along_axes else None

    def computed(self, *args: Number, **settings: Any) -> Number:
        (x,), axis, keepdims = args, settings["axis"], settings["keepdims"]
        if self.along_axes:
            return self.formula(x, axis=axis, keepdims=keepdims)
        y = self.formula(x)
        if shape(y) != ():
            raise ShapeError.here(f"{self.name}: expected a single number, its value has shape {shape(y)}")
        return keep_axes(y, x, {"axis": None, "keepdims": False}) if keepdims else y

    def __call__(self, *args: Any, axis: Any = None, keepdims: bool = False) -> Number:
        if len(args) != 1:
            refuse_operands(self.name, 1, args, {})
        x = _operand(args[0])
        if axis is not None:
            axis = normalize_axis_tuple(axis, ndim(x))
            axis = None if len(axis) == ndim(x) else axis
        if axis is not None and not self.along_axes:
            raise ArgumentError.here(
                f"{self.name} goes over all axes; to choose some write its value as value(x, axis, keepdims)"
            )
        return applied(self, (x,), {"axis": axis, "keepdims": bool(keepdims)})


class _Linear(UserOperator, Linear):
    __doc__ = UserOperator.__dict__["__doc__"]
    kind = "Linear"

    def __init__(self, name: str, value: Callable[..., Any], rules: tuple[Any, ...], row: dict[str, Any]) -> None:
        _callable_or_number(name, rules, numbers=False, count=_operands_of(value, name, "value"))
        self.formula = Formula(name, value)
        adjoints = [Formula(f"adjoint {k} of {name}", rule) for k, rule in enumerate(rules)]
        Linear.__init__(self, name, lambda i, ct, *xs: _shaped(adjoints[i](ct, *xs), xs[i], adjoints[i].name), **row)
        self.arity = self.operand_count = len(rules)
        self.remembers = False
        self.__signature__ = _signature(value, len(rules))


def _shaped(found: Number, x: Number, what: str) -> Number:
    """What a user's rule gives for operand `x`, in the shape of that. Raises ShapeError where it is larger."""
    have, size = shape(found), shape(x)
    if have == size:
        return found
    if len(have) > len(size) or any(h not in (1, n) for h, n in zip(have[::-1], size[::-1], strict=False)):
        raise ShapeError.here(f"{what}: expected the shape {size} of the operand, got {have}")
    return applied(TABLE["broadcast_to"], (found,), {"shape": size})


def _acceptable(name: Any, value: Any, partial: Any, kind: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise ArgumentError.here(f"operator expects a name that is an identifier first, got {name!r}")
    if kind not in KINDS:
        raise ArgumentError.here(f"operator {name}: kind should be one of {', '.join(KINDS)}, got {kind!r}")
    if name in TABLE or name in COMPOSITES:
        raise ArgumentError.here(f"operator {name}: Chainrule has an operator of that name; choose another")
    rule = {
        "elementwise": "partial=lambda y, x: ..., dy/dx for each operand, output first",
        "reduction": "partial=lambda y, x: ..., dy/dx_i for every element of x",
        "linear": "partial=lambda ct, x: ..., the adjoint: the cotangent of x",
    }[kind]
    if value is None or not callable(value):
        raise ArgumentError.here(f"operator {name}: value is missing; write value=lambda x: ..., the function")
    if partial is None:
        raise ArgumentError.here(f"operator {name}: the derivative is missing; write {rule}")


def _callable_or_number(name: str, rules: tuple[Any, ...], *, numbers: bool, count: int | None = None) -> None:
    if count is not None and len(rules) != count:
        raise ArgumentError.here(f"operator {name}: expected {count} rules, got {len(rules)}")
    for rule in rules:
        if not callable(rule) and not (numbers and (rule is None or isinstance(rule, (int, float)))):
            also = ", a number or None" if numbers else ""
            raise ArgumentError.here(f"operator {name}: partial should be a function{also}, got {rule!r}")


def _operands_of(value: Callable[..., Any], name: str, what: str) -> int:
    given = parameters(value)
    if given is None:
        return 1
    if not any(p.kind in POSITIONAL for p in given) or any(p.kind is p.VAR_POSITIONAL for p in given):
        raise ArgumentError.here(f"operator {name}: {what} should name its operands, as lambda a, b: ..., not *args")
    return len(needed(value)) or 1


def _signature(value: Callable[..., Any], arity: int) -> inspect.Signature:
    """By the names of the operands in the value's signature; they are given by their places, as those of a ufunc."""
    try:
        names = tuple(inspect.signature(value).parameters)
    except ValueError:  # a function of C without one
        names = ()
    return signature(names if len(names) == arity else operands(arity))


def _domain(domain: Any) -> Any:
    if isinstance(domain, Domain):
        return domain
    if isinstance(domain, tuple) and len(domain) == 2 and all(isinstance(x, (int, float)) for x in domain):
        return Domain(*domain)
    return [_domain(part) for part in domain]


def _claimed(row: Callable[..., Any], fixed: Sequence[int] = ()) -> Callable[..., float]:
    def claimed(args: tuple[Any, ...], direction: tuple[Any, ...], weights: list[Any]) -> float:
        moving = {k: x for k, x in enumerate(args) if k not in fixed}

        def held(*some: Any) -> Number:
            here = dict(zip(moving, some, strict=True))
            return row(*[here.get(k, x) for k, x in enumerate(args)])

        _, pullback = vjp(held, *moving.values())
        cotangents = pullback(weights[0] if weights[0].shape else float(weights[0]))
        return sum(float(np.sum(c * direction[k])) for k, c in zip(moving, cotangents, strict=True))

    return claimed


def _pushed(row: Callable[..., Any]) -> Callable[..., float]:
    def claimed(args: tuple[Any, ...], direction: tuple[Any, ...], weights: list[Any]) -> float:
        return float(np.sum(weights[0] * jvp(row, args, direction)[1]))

    return claimed


def _with_axes(at: Sequence[Any]) -> list[Any]:
    """The points to verify at as matrices: a single number as one of one element, a vector as one of one column."""
    given = [p[0] if isinstance(p, tuple) else p for p in (at if isinstance(at, list) else [at])]
    return [(np.asarray(x, float).reshape(-1, 1) if ndim(x) < 2 else x,) for x in given]


def _restore(name: str, before: Operator | None) -> None:
    if before is None:
        USERS.pop(name, None)
    else:
        USERS[name] = before


def _method(row: Operator) -> Callable[..., Number]:
    @functools.wraps(row.computed if isinstance(row, UserOperator) else row)
    def method(self: Number, *args: Any, **settings: Any) -> Number:
        return row(self, *args, **settings)

    method.__name__ = row.name
    method.__doc__ = f"{row.name} of it, an operator made by chainrule.operator."
    method.__signature__ = method_signature(row)  # type: ignore[attr-defined]
    return method
