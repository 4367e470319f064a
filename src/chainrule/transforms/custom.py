"""Rules given by hand: `custom_vjp`, `custom_jvp`, and `stop_gradient`.

A custom rule is compared with the function it belongs to when it is registered, at points drawn from a fixed
seed or given by `at=`, by differences with error bars: a wrong rule never gets into a derivative.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ArgumentError, CustomRuleError
from chainrule.numbers import Carrier, primal
from chainrule.transforms.custom_rows import ByBackward, ByTangent
from chainrule.transforms.derived import AsMethod
from chainrule.transforms.jvp_vjp import jvp, vjp


def stop_gradient(x: Any) -> Any:
    """`x` without its derivative: a constant for every transform. Containers keep their structure, arrays are
    copied.

    >>> from chainrule import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return trees.map(_plain, x)


def _plain(x: Any) -> Any:
    plain = primal(x)
    return plain.copy() if isinstance(plain, np.ndarray) and plain is not x else plain


class _Rule(AsMethod):
    """A function of numbers or containers with a derivative rule of its own."""

    kind: type[ByBackward] | type[ByTangent]
    missing: str

    def __init__(self, f: Callable[..., Any]) -> None:
        if not callable(f):
            raise ArgumentError.here(f"expected a function, got {type(f).__name__}")
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        functools.update_wrapper(self, f)
        self.function = f
        self.defined = False

    def __repr__(self) -> str:
        state = "" if self.defined else f", without a rule: call .{self.missing}"
        return f"<{type(self).__name__} {self.__name__}{state}>"

    def __call__(self, *args: Any, **named: Any) -> Any:
        if named:
            args = self._by_place(args, named)
        leaves, structure = trees.flatten(args)
        if not any(isinstance(x, Carrier) for x in leaves):
            return self.function(*args)
        if not self.defined:
            raise CustomRuleError.here(f"{self.__name__}: call .{self.missing} before differentiating it")
        return self.kind(self, structure).called(leaves)

    def _by_place(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All arguments in the order of the function's: its rule knows them by their places."""
        try:
            bound = inspect.signature(self.function).bind(*args, **named)
        except (TypeError, ValueError) as error:
            raise ArgumentError.here(f"{self.__name__}: {error}") from None
        bound.apply_defaults()
        if bound.kwargs:
            raise ArgumentError.here(
                f"{self.__name__}: rules know arguments by their places; {', '.join(bound.kwargs)} can only "
                "be given by name"
            )
        return bound.args

    def __reduce__(self) -> Any:
        return getattr(self, "__qualname__", self.__name__)  # pickled by name, as functions are

    def _defined(self, claimed: Any, at: Sequence[Any] | None, verify: bool) -> None:
        self.defined = True
        if verify:
            from chainrule.transforms.verify import verify as compare

            try:
                compare(self.__name__, self.function, claimed, at)
            except Exception:
                self.defined = False
                raise


class custom_vjp(_Rule):
    """A function whose reverse rule is given by hand.

    `f.defvjp(forward, backward)`: forward(*args) gives (result, saved), backward(saved, cotangent) gives a tuple
    with one cotangent for each argument. Forward mode transposes the rule a second time.

    >>> import math
    >>> from chainrule import grad
    >>> @custom_vjp
    ... def log1pexp(x):
    ...     return math.log1p(math.exp(x))
    >>> log1pexp.defvjp(lambda x: (log1pexp(x), x), lambda x, ct: (ct / (1 + math.exp(-x)),))
    >>> round(grad(log1pexp)(0.5), 6)
    0.622459
    """

    kind, missing = ByBackward, "defvjp(forward, backward)"
    forward: Callable[..., Any]
    backward: Callable[..., Any]

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
        self._defined(self._claimed, at, verify)

    def _claimed(self, args: tuple[Any, ...], direction: tuple[Any, ...], weights: list[Any]) -> float:
        y, pullback = vjp(self, *args)
        cts = [w if w.shape else float(w) for w in weights]
        pulled = trees.flatten(pullback(trees.unflatten(trees.flatten(y)[1], cts)))[0]
        return sum(float(np.sum(c * v)) for c, v in zip(pulled, trees.flatten(direction)[0], strict=True))


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

    kind, missing = ByTangent, "defjvp(rule)"
    rule: Callable[..., Any]

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
        self._defined(self._claimed, at, verify)
        return rule

    def _claimed(self, args: tuple[Any, ...], direction: tuple[Any, ...], weights: list[Any]) -> float:
        _, moved = jvp(self, args, direction)
        return sum(float(np.sum(w * t)) for w, t in zip(weights, trees.flatten(moved)[0], strict=True))
