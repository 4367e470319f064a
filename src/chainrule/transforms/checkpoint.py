"""`checkpoint`: a part of a function that is computed a second time in the reverse sweep, to save memory."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import given, lift
from chainrule.errors import (
    AnotherFunction,
    ArgumentError,
    CheckpointWarning,
    forgiven,
    user_line,
)
from chainrule.libraries import zeros_like
from chainrule.numbers import Carrier, Number, StandIn, known
from chainrule.transforms.custom_rows import ByBackward
from chainrule.transforms.derived import AsMethod
from chainrule.transforms.jvp_vjp import jvp, vjp
from chainrule.transforms.plainly import alike
from chainrule.transforms.results import check_callable


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, of which a reverse sweep keeps the arguments only: what is computed inside is computed again when the sweep
    gets there. The memory of what lies in between is needed once, not as often as f is called.

    Of a chain of n steps with k of them inside each checkpoint, k + n / k are kept (Griewank and Walther 2000). For
    plain numbers and under jit, where the compiler plans the memory, it is f itself.

    Raises AnotherFunction where f gives another value the second time, drawing random numbers, say. Where f reads a
    number with a derivative from outside, not from its arguments, it is recorded as if there was no checkpoint, and a
    CheckpointWarning says so.

    >>> import numpy as np
    >>> from chainrule import grad
    >>> step = checkpoint(lambda x: np.sin(x) * 2.0)
    >>> grad(lambda x: np.sum(step(step(x))))(np.array([0.0, 1.0]))
    array([ 4.        , -0.24186248])
    """
    check_callable(f, "checkpoint")
    return Checkpointed(f)


class Checkpointed(AsMethod):
    """What `checkpoint` returns."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.told = False
        self.__name__ = getattr(f, "__name__", type(f).__name__)
        me: Any = self
        functools.update_wrapper(me, f, updated=())

    def __repr__(self) -> str:
        return f"<checkpoint of {self.__name__}>"

    def __reduce__(self) -> Any:
        return checkpoint, (self.f,)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        leaves, structure = trees.flatten((args, settings))
        moving = [k for k, x in enumerate(leaves) if isinstance(x, (StandIn, float, np.ndarray, np.floating))]
        if not any(isinstance(leaves[k], Carrier) for k in moving):
            return lift(self.f)(*args, **settings) if len(moving) < len(leaves) else self.f(*args, **settings)
        f = lift(self.f)

        def of_numbers(*numbers: Any) -> Any:
            full = [given(x) for x in leaves]
            for k, x in zip(moving, numbers, strict=True):
                full[k] = x
            arguments, named = trees.unflatten(structure, full)
            return f(*arguments, **named)

        row = Recomputed(_Run(self.__name__, of_numbers), trees.flatten(tuple(leaves[k] for k in moving))[1])
        try:
            with forgiven():
                packed = row(*(leaves[k] for k in moving))
        except _Captured:
            self._tell()
            return f(*args, **settings)
        return row.layout.unpack(packed)

    def _tell(self) -> None:
        if not self.told:
            self.told = True
            path, line = user_line()
            warnings.warn_explicit(
                f"checkpoint of {self.__name__}: it reads a number with a derivative that is none of its arguments, "
                "and keeps everything; pass that number as an argument",
                CheckpointWarning,
                path or "checkpoint",
                line,
            )


class _Captured(Exception):
    """The function uses a number with a derivative that is none of its arguments."""


class _Run:
    """The function of one call, of its numbers only."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.__name__, self.function = name, function


class Recomputed(ByBackward):
    """The operator of one call of a function that is computed again in the sweep."""

    def kernel(self, lib: Any, args: tuple[Number, ...] = ()) -> Callable[..., Number]:
        def compute(*args: Number) -> Number:
            try:
                y = self.layout.pack(self.owner.function(*args))
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                said = f"checkpoint: {self.name} writes to its arguments; let it write to a copy"
                raise ArgumentError.here(said) from error
            if isinstance(y, Carrier):
                raise _Captured
            return y

        return compute

    def packed(self, *args: Number) -> Number:
        """All results as one number."""
        return self.layout.pack(self.owner.function(*args))

    def pull(self, ct: Number, y: Number, args: Any, active: Any, settings: Any) -> Any:
        again, pullback = vjp(self.packed, *args)
        if not isinstance(again, StandIn) and not alike(known(again), known(y)):  # y may be by functions of NumPy's
            raise AnotherFunction.here(
                f"checkpoint: {self.name} gives another value when it is computed again; draw random numbers "
                "outside of it, and pass them as arguments"
            )
        shares = pullback(ct)
        return [(i, shares[i]) for i in active]

    def push(self, y: Number, args: Any, tangents: Any, settings: Any) -> Number | None:
        if all(t is None for t in tangents):
            return None
        moved = [zeros_like(x) if t is None else t for x, t in zip(args, tangents, strict=True)]
        tangent: Number = jvp(self.packed, args, moved)[1]
        return tangent
