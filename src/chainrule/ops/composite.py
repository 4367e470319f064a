"""Functions made of rows, and kernels as rows call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import refuse_call
from chainrule.libraries import NUMPY, Library, common_library
from chainrule.numbers import Carrier, Number

COMPOSITES: dict[str, Composite] = {}


class Composite:
    """A function with a stable body in other operators: carriers pass through the body, plain numbers go to
    `kernels` where one is given. It leaves no node of its own in a recording."""

    def __init__(
        self,
        name: str,
        body: Callable[..., Number],
        *,
        kernels: dict[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.name = self.__name__ = name
        self.body, self.kernels = body, kernels or {}
        self.__doc__ = body.__doc__
        self._resolved: dict[Library, Callable[..., Number]] = {}
        COMPOSITES[name] = self

    def __repr__(self) -> str:
        return f"<composite {self.name}>"

    def __call__(self, *args: Number, **settings: Any) -> Number:
        try:
            return self.of(args, settings)
        except TypeError:
            refuse_call(self, args, f"see help(chainrule.{self.name})", settings)
            raise

    def of(self, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        for x in args:
            if isinstance(x, Carrier):
                return self.body(*args, **settings)
        lib = common_library(args)
        compute = self._resolved.get(lib)
        if compute is None:
            own = self.kernels.get(lib.name)
            if own is None and lib.record is not None and self.kernels:
                own = lib.record(self)
            if own is not None and lib is NUMPY:
                own = without_underflow(own)
            compute = self._resolved[lib] = own or self.body
        return compute(*args, **settings)


def without_underflow(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel of our own that computes also where the user has NumPy raise at an underflow (`np.seterr`): a term that
    vanishes beside a larger one is no error of the result."""
    if isinstance(kernel, np.ufunc):
        return kernel

    def compute(*args: Any, **settings: Any) -> Any:
        try:
            return kernel(*args, **settings)
        except FloatingPointError:
            with np.errstate(under="ignore"):
                return kernel(*args, **settings)

    return compute


def to_python_scalar(compute: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that gives a number of Python's for numbers of Python's."""

    def scalar(*args: Any, **settings: Any) -> Any:
        result = compute(*args, **settings)
        return result.item() if isinstance(result, np.generic) else result

    return scalar
