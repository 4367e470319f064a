"""`grad` and `value_and_grad` of scalar functions, by reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.inputs import as_number
from chainrule.libraries import late, ones_like
from chainrule.transforms.calling import of_arguments
from chainrule.transforms.derived import Derived
from chainrule.transforms.floats import gradient_of_floats
from chainrule.transforms.plainly import same_as_plain
from chainrule.transforms.recorded import record
from chainrule.transforms.results import (
    check_callable,
    has_to_run_again,
    only_result,
    plain_scalar,
    refuse_none,
    split_aux,
)

gradient_again = late("chainrule.transforms.again.gradient_again")
holomorphic_gradient = late("chainrule.transforms.holomorphic.HolomorphicGradient")

ONE = np.float64(1.0)


def value_and_grad(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    verify: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """A function giving (f(*args), gradient); works as `fun` with `jac=True` in scipy.optimize.minimize.

    argnums    the argument to differentiate by (an integer), or several (then the gradient is a tuple)
    has_aux    f returns (value, anything); the result is ((value, anything), gradient)
    verify     for debugging: f is called with the plain arguments as well, and AnotherFunction is raised where its
               value then is another one (by more than the root of the rounding unit): it may ask for types
    holomorphic  f is a holomorphic function of complex arguments, and its derivative f' is given. ArgumentError where
               the equations of Cauchy and Riemann do not hold

    The gradient of an argument has its structure, shapes and floating type; integers count as float64. The gradient of
    a real f by a complex argument x + iy is df/dx + i df/dy, the direction of steepest ascent.
    Raises ShapeError when f does not return a single number.

    >>> import numpy as np
    >>> value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    (5.0, array([2., 4.]))
    """
    return _derived(ValueAndGradient, "value_and_grad", f, (argnums, has_aux, verify), holomorphic)


class ValueAndGradient(Derived):
    """What `value_and_grad` returns."""

    def __init__(self, verb: str, f: Any, settings: tuple[Any, ...]) -> None:
        Derived.__init__(self, verb, f, settings)
        self.argnums, self.has_aux, self.verify = settings
        self.single = isinstance(self.argnums, int)

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        return self.both(args, settings)

    def both(self, args: tuple[Any, ...], settings: dict[str, Any]) -> tuple[Any, Any]:
        """The value and the gradient."""
        points: Any
        recording: Any
        wanted, points, structure = self.wanted(args), None, None
        if self.has_aux or settings or not trees.only_floats(args):
            points, structure = trees.numbers([args[n] for n in refuse_none(wanted, args)], lent=True)
            recording = record(of_arguments(self.kept, wanted, args, settings), points, structure, lent=True)
        else:
            recording = gradient_of_floats(self.kept.lifted(), wanted, args)
        if type(recording) is tuple:  # only floats led to the result
            value, gradients = recording
        else:
            aux = split_aux(recording) if self.has_aux else None
            number = only_result(recording, self.asked)
            ct = 1.0 if type(number) is float else ONE if type(number) is np.float64 else ones_like(as_number(number))
            shares = recording.pull_last(ct)
            if has_to_run_again(recording, number, shares):
                again = record(of_arguments(self.kept, wanted, args, settings), points, structure)
                shares = gradient_again(again, self.has_aux, self.asked, number, ct) or shares
            value = plain_scalar(number)
            value = (value, aux) if self.has_aux else value
            gradients = shares if structure is None else trees.unflatten(structure, shares)
        if self.verify:
            same_as_plain(self.f, args, settings, value, self.has_aux)
        return value, gradients[0] if self.single else tuple(gradients)


def grad(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    verify: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """The gradient of a function that returns a single number. Settings as for `value_and_grad`; with
    `has_aux` the result is (gradient, anything).

    >>> import math
    >>> df = grad(lambda a, b, c: -a**3 + math.sin(3*b) - 1.0/c + b**2.5 - a**0.5, argnums=(0, 1, 2))
    >>> df(2, 3, 4)
    (-12.353553390593273, 10.25699027111255, 0.0625)
    """
    return _derived(Gradient, "grad", f, (argnums, has_aux, verify), holomorphic)


def _derived(kind: Any, verb: str, f: Any, settings: tuple[Any, ...], holomorphic: bool) -> Callable[..., Any]:
    """The function that the transform of that name gives for `f`."""
    check_callable(f, verb)
    found: Callable[..., Any]
    found = holomorphic_gradient(verb, f, (*settings, True)) if holomorphic else kind(verb, f, settings)
    return found


class Gradient(ValueAndGradient):
    """What `grad` returns."""

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        value, found = self.both(args, settings)
        return (found, value[1]) if self.has_aux else found
