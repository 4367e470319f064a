"""Functions as classes whose passes are handed what they keep: `forward(ctx, x)` and `backward(ctx, grad)`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from chainrule.check.claims.claim import Claim, source_of
from chainrule.check.claims.syntax.possible import Possible
from chainrule.signatures import parameters


class Kept:
    """What a forward pass keeps for its backward pass, where the file has no class for it."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * 32

    def save_for_backward(self, *values: Any) -> None:
        self.saved_tensors = self.saved_values = values


def with_context(namespace: Mapping[str, Any], cls: type, p: Possible, path: str) -> Claim | None:
    """The claim of a class whose passes are handed a context; None where they are not.

    >>> class Square:
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, grad):
    ...         return 2 * ctx.saved_tensors[0] * grad
    >>> claim = with_context({}, Square, Possible("Square.backward", "Square.forward", 1, "layer"), "")
    >>> out, kept = claim.function(3.0)
    >>> out, claim.derivative(1.0, kept)
    (9.0, 6.0)
    """
    if not hasattr(cls, "forward"):  # called as an object
        return None
    forward, backward = (inspect.unwrap(getattr(cls, n)) for n in ("forward", "backward"))
    given = [parameters(f) or [] for f in (forward, backward)]
    if not all(len(g) > 1 and g[0].name in ("ctx", "context") for g in given):
        return None
    own: type = next((c for c in map(namespace.get, ("Context", "Ctx")) if isinstance(c, type) and _keeps(c)), Kept)

    def run(*args: Any) -> tuple[Any, Any]:
        ctx = own()
        return forward(ctx, *args), ctx

    def back(dout: Any, ctx: Any) -> Any:
        return backward(ctx, dout)

    run.__signature__ = inspect.Signature(given[0][1:])  # type: ignore[attr-defined]
    back.__signature__ = inspect.Signature(given[1][1::-1])  # type: ignore[attr-defined]
    run.__name__, back.__name__ = forward.__name__, backward.__name__
    run.__wrapped__, back.__wrapped__ = forward, backward  # type: ignore[attr-defined]
    line = source_of(backward)[1] or p.line
    return Claim(f"{p.name.removesuffix('.backward')}.backward", run, back, path, line, kind="backward")


def _keeps(cls: type) -> bool:
    """Whether objects of a class can be made without arguments, and save what they are given."""
    if not hasattr(cls, "save_for_backward"):
        return False
    try:
        cls()
        return True
    except Exception:  # it needs arguments
        return False
