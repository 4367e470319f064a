"""Rules given by hand: `custom_vjp`, `custom_jvp`, and `stop_gradient`.

A custom rule is compared with the function it belongs to when it is registered, at points drawn from a fixed
seed or given by `at=`, by differences with error bars: a wrong rule never gets into a derivative.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import numeric, trees
from chainrule.carriers.value import Value
from chainrule.errors import ArgumentError, CustomRuleError, at_user_line
from chainrule.numbers import Carrier, Number, as_number, new_level, primal, shape
from chainrule.ops.row import Operator, Tangent, zeros_like
from chainrule.sweeps.reverse import sweep


def stop_gradient(x: Any) -> Any:
    """`x` without its derivative: a constant for every transform. Containers keep their structure.

    >>> from chainrule import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return trees.map(primal, x)


class _Rule:
    """A function of numbers or containers with a derivative rule of its own."""

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise ArgumentError(at_user_line(f"expected a function, got {type(f).__name__}"))
        self.function = f
        functools.update_wrapper(self, f)

    def _apply(self, operator_for: Callable[[Any, list[Any]], Operator], args: tuple[Any, ...]) -> Any:
        """Call on carriers: the operator sees the flattened numbers and gives the flattened results joined."""
        leaves, structure = trees.flatten(args)
        if not any(isinstance(x, Carrier) for x in leaves):
            return self.function(*args)
        holder: list[Any] = []
        packed = operator_for(structure, holder)(*leaves)
        return _unpack(packed, holder[0])


class custom_vjp(_Rule):
    """A function whose reverse rule is given by hand.

    `f.defvjp(forward, backward)`: forward(*args) gives (result, saved), backward(saved, cotangent) gives a tuple
    with one cotangent for each argument. Forward mode transposes the rule a second time.

    >>> import math
    >>> from chainrule import grad
    >>> @custom_vjp
    ... def log1pexp(x):
    ...     return math.log1p(math.exp(x))
    >>> log1pexp.defvjp(lambda x: (log1pexp(x), x), lambda x, ct: (ct / (1 + 2.718281828459045 ** -x),))
    >>> round(grad(log1pexp)(0.5), 6)
    0.622459
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f)
        self.forward: Callable[..., Any] | None = None
        self.backward: Callable[..., Any] | None = None

    def defvjp(
        self,
        forward: Callable[..., Any],
        backward: Callable[..., Any],
        *,
        at: Sequence[Any] | None = None,
        verify: bool = True,
    ) -> None:
        """Register the rule.

        at       the arguments to verify it at: a tuple (for several: a list of tuples); drawn when left out
        verify   False registers the rule unseen

        Raises CustomRuleError when the rule disagrees with the function by more than the error bar of the
        differences, or when no point was found to compare them at.
        """
        self.forward, self.backward = forward, backward
        if verify:
            try:
                _verify(self, lambda args, tangents: None, at)
            except CustomRuleError:
                self.forward = self.backward = None
                raise

    def __call__(self, *args: Any) -> Any:
        return self._apply(lambda structure, holder: _ByBackward(self, structure, holder), args)


class custom_jvp(_Rule):
    """A function whose forward rule is given by hand; reverse mode transposes it.

    `f.defjvp(rule)`: rule(primals, tangents) gives (result, tangent), linear in the tangents.

    >>> import math
    >>> from chainrule import grad
    >>> @custom_jvp
    ... def cube(x):
    ...     return x * x * x
    >>> @cube.defjvp
    ... def cube_rule(primals, tangents):
    ...     (x,), (v,) = primals, tangents
    ...     return x**3, 3 * x**2 * v
    >>> grad(cube)(2.0)
    12.0
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f)
        self.rule: Callable[..., Any] | None = None

    def defjvp(
        self,
        rule: Callable[..., Any] | None = None,
        *,
        at: Sequence[Any] | None = None,
        verify: bool = True,
    ) -> Any:
        """Register the rule (also as a decorator); `at` and `verify` as for `custom_vjp.defvjp`."""
        if rule is None:
            return functools.partial(self.defjvp, at=at, verify=verify)
        self.rule = rule
        if verify:
            try:
                _verify(self, rule, at)
            except CustomRuleError:
                self.rule = None
                raise
        return rule

    def __call__(self, *args: Any) -> Any:
        return self._apply(lambda structure, holder: _by_rule(self, structure, holder), args)


# -- the operators behind them --------------------------------------------------------------------------------


def _pack(result: Any, holder: list[Any]) -> Number:
    """The results of a rule as one number: itself, or all of them in one row."""
    leaves, structure = trees.flatten(result)
    leaves = [as_number(x) for x in leaves]
    holder[:] = [(structure, [shape(x) for x in leaves])]
    if len(leaves) == 1:
        return leaves[0]
    from chainrule.ops import concatenate, ravel

    return concatenate([ravel(x) for x in leaves])


def _unpack(packed: Number, layout: Any) -> Any:
    structure, shapes = layout
    if len(shapes) == 1:
        return trees.unflatten(structure, [packed])
    from chainrule.ops import reshape

    leaves, start = [], 0
    for s in shapes:
        n = int(np.prod(s, dtype=int))
        leaves.append(reshape(packed[start : start + n], s))
        start += n
    return trees.unflatten(structure, leaves)


class _ByBackward(Operator):
    """The operator of a function with a hand-written reverse rule."""

    def __init__(self, rule: custom_vjp, structure: Any, holder: list[Any]) -> None:
        if rule.forward is None or rule.backward is None:
            raise CustomRuleError(at_user_line(f"{rule.__name__}: call .defvjp(forward, backward) before using it"))
        self.name = self.symbol = rule.__name__
        self.rule, self.structure, self.holder = rule, structure, holder
        self.kernels, self.kinks, self.printed, self.body = {}, "", "", None

    def __call__(self, *args: Number, **settings: Any) -> Number:
        top = max((x for x in args if isinstance(x, Carrier)), key=lambda x: x.level, default=None)
        if top is not None:
            return top.apply(self, args, settings)
        return _pack(self.rule.function(*trees.unflatten(self.structure, args)), self.holder)

    def pull(self, ct: Number, y: Number, args: Any, active: Any, settings: Any) -> Any:
        assert self.rule.forward is not None
        assert self.rule.backward is not None
        whole = trees.unflatten(self.structure, args)
        _, saved = self.rule.forward(*whole)
        cts = self.rule.backward(saved, _unpack(ct, self.holder[0]))
        if not isinstance(cts, tuple) or len(cts) != len(whole):
            raise CustomRuleError(
                at_user_line(f"{self.name}: backward should return a tuple of {len(whole)} cotangents, got {cts!r}")
            )
        flat = trees.same_structure(whole, cts, f"{self.name}: backward")
        for i in active:
            yield i, trees.same_shape(args[i], flat[i], f"{self.name}: cotangent of argument {i}")

    def push(self, y: Number, args: Any, tangents: Any, settings: Any) -> Number | None:
        """The pullback is linear in the cotangent; its transpose is the forward rule."""
        moving = [i for i, t in enumerate(tangents) if t is not None]
        level = new_level()
        ct = Value.leaf(zeros_like(y), level)
        total: Number = None
        for i, share in self.pull(ct, y, args, moving, settings):
            product = share * tangents[i]
            product = product if shape(product) == () else product.sum()
            total = product if total is None else total + product
        if not (isinstance(total, Value) and total.level == level):
            return zeros_like(y)
        return next((a for node, a in sweep(total, 1.0) if node is ct), zeros_like(y))


def _by_rule(owner: custom_jvp, structure: Any, holder: list[Any]) -> Operator:
    if owner.rule is None:
        raise CustomRuleError(at_user_line(f"{owner.__name__}: call .defjvp(rule) before using it"))

    def tangent(y: Number, args: Any, tangents: Any) -> Number:
        assert owner.rule is not None
        _, moved = owner.rule(trees.unflatten(structure, args), trees.unflatten(structure, tangents))
        return _pack(moved, [])

    return _ByTangent(owner, structure, holder, tangent)


class _ByTangent(Tangent):
    """The operator of a function with a hand-written forward rule."""

    def __init__(self, owner: custom_jvp, structure: Any, holder: list[Any], rule: Callable[..., Number]) -> None:
        self.name = self.symbol = owner.__name__
        self.owner, self.structure, self.holder = owner, structure, holder
        self.rule, self.adjoints = rule, {}
        self.kernels, self.kinks, self.printed, self.body = {}, "", "", None

    def __call__(self, *args: Number, **settings: Any) -> Number:
        top = max((x for x in args if isinstance(x, Carrier)), key=lambda x: x.level, default=None)
        if top is not None:
            return top.apply(self, args, settings)
        return _pack(self.owner.function(*trees.unflatten(self.structure, args)), self.holder)


# -- verification ---------------------------------------------------------------------------------------------


def _points(rule: _Rule, at: Sequence[Any] | None) -> list[tuple[Any, ...]]:
    """Arguments to compare at: the given ones, or numbers, vectors and matrices that the function accepts."""
    if at is not None:
        given = at if isinstance(at, list) else [at]
        return [p if isinstance(p, tuple) else (p,) for p in given]
    import inspect

    try:
        parameters = inspect.signature(rule.function).parameters.values()
        count = sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    except (TypeError, ValueError):
        count = 1
    random = np.random.default_rng(20260807)
    found = []
    for size in ((), (3,), (2, 2)):
        for _ in range(3):
            args = tuple(_drawn(random, size) for _ in range(count))
            try:
                y = trees.flatten(rule.function(*args))[0]
                if y and all(np.isfinite(np.asarray(v, dtype=float)).all() for v in y):
                    found.append(args)
            except Exception:  # the function does not take such arguments: try others
                break
    return found


def _drawn(random: Any, size: tuple[int, ...]) -> Any:
    x = random.uniform(0.2, 1.8, size)
    return float(x) if size == () else x


def _verify(rule: _Rule, _: Any, at: Sequence[Any] | None) -> None:
    points = _points(rule, at)
    if not points:
        raise CustomRuleError(
            at_user_line(
                f"{rule.__name__}: found no arguments to verify the rule at; pass some with at=(x, ...), or "
                "verify=False to register it unseen"
            )
        )
    random = np.random.default_rng(7)
    for args in points:
        leaves, structure = trees.numbers(args)
        direction = [_like(random, x) for x in leaves]
        _compare(rule, leaves, structure, direction)


def _like(random: Any, x: Number) -> Number:
    v = random.standard_normal(shape(x))
    return float(v) if shape(x) == () else v


def _compare(rule: _Rule, leaves: list[Number], structure: Any, direction: list[Number]) -> None:
    """The rule's derivative along a direction against the slope of the function itself."""
    from chainrule.transforms.products import jvp, vjp

    args = tuple(trees.unflatten(structure, leaves))
    results = [np.asarray(y, dtype=float) for y in trees.flatten(rule.function(*args))[0]]
    weights = [np.cos(np.arange(y.size) + 1.0).reshape(y.shape) for y in results]

    def along(t: float) -> float:
        moved = [x + t * v for x, v in zip(leaves, direction, strict=True)]
        ys = trees.flatten(rule.function(*trees.unflatten(structure, moved)))[0]
        return float(sum(np.sum(w * np.asarray(y, dtype=float)) for w, y in zip(weights, ys, strict=True)))

    reference = numeric.derivative(along, 0.0)
    if reference.reason is not None:
        return  # a kink or noise just here; the other points decide
    if isinstance(rule, custom_jvp):
        _, moved = jvp(rule, args, tuple(trees.unflatten(structure, direction)))
        claimed = sum(float(np.sum(w * t)) for w, t in zip(weights, trees.flatten(moved)[0], strict=True))
    else:
        y, pullback = vjp(rule, *args)
        cts = [w if w.shape else float(w) for w in weights]
        pulled = trees.flatten(pullback(trees.unflatten(trees.flatten(y)[1], cts)))[0]
        claimed = sum(float(np.sum(c * v)) for c, v in zip(pulled, direction, strict=True))
    scale = max(abs(claimed), abs(float(reference.value)), 1e-300)
    gap = abs(claimed - float(reference.value))
    if not gap <= 10 * float(reference.error) + 1e-9 * scale:
        raise CustomRuleError(
            at_user_line(
                f"{rule.__name__}: the rule disagrees with the function at {_shown(args)}: along a random direction it "
                f"gives {claimed:.10g}, the function itself {float(reference.value):.10g} +- {float(reference.error):.1g}.\n"
                "  Correct the rule, or register it with verify=False if the difference is meant"
            )
        )


def _shown(args: tuple[Any, ...]) -> str:
    return ", ".join(f"{x:.4g}" if isinstance(x, float) else np.array2string(np.asarray(x), precision=4) for x in args)
