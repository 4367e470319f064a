"""SciPy's modules besides `special` and `stats`: which of ours holds the rules of each, and how a call gets there.

A family is imported when one of its functions, classes or objects is met in a function that is lifted.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse

from chainrule.carriers.complexes.number import Complex
from chainrule.carriers.gate import holds
from chainrule.carriers.lift import lift
from chainrule.carriers.questions import plain_number
from chainrule.carriers.refusals import no_complex, no_rule
from chainrule.carriers.replaced import is_function, owner
from chainrule.complex_numbers import is_complex
from chainrule.errors import Refusal, UnsupportedFunction
from chainrule.libraries import late
from chainrule.scipy.called import function, named_when_recorded, settled, solver_named
from chainrule.scipy.decisions import aside
from chainrule.scipy.naming import under_name

_SOLUTIONS = "chainrule.solutions."
FAMILIES: dict[str, tuple[str, ...]] = {
    "scipy.fft": ("chainrule.scipy.fft",),
    "scipy.linalg": ("chainrule.scipy.linalg", "chainrule.scipy.structured", _SOLUTIONS + "matrices"),
    "scipy.signal.windows": ("chainrule.scipy.signals.windows",),
    "scipy.signal": (
        "chainrule.scipy.signals.filters",
        "chainrule.scipy.signals.spectra",
        "chainrule.scipy.signals.waves",
        "chainrule.scipy.signals.designs",
        "chainrule.scipy.signals.planes",
        "chainrule.scipy.signals.systems",
    ),
    "scipy.ndimage": ("chainrule.scipy.ndimage", "chainrule.scipy.neighbourhoods", "chainrule.scipy.resampling"),
    "scipy.spatial.distance": ("chainrule.scipy.distance",),
    "scipy.spatial.transform": (),
    "scipy.spatial": (),
    "scipy.cluster.vq": (),
    "scipy.cluster.hierarchy": (),
    "scipy.sparse.csgraph": (),
    "scipy.differentiate": (),
    "scipy.odr": (),
    "scipy.interpolate": (
        "chainrule.scipy.interpolants.interpolate",
        "chainrule.scipy.interpolants.through_values",
        "chainrule.scipy.interpolants.grids",
        "chainrule.scipy.interpolants.radial",
    ),
    "scipy.sparse.linalg": (_SOLUTIONS + "sparse_systems",),
    "scipy.sparse": ("chainrule.scipy.sparse_entries",),
    "scipy.optimize": (_SOLUTIONS + "roots", _SOLUTIONS + "minimisers", _SOLUTIONS + "older"),
    "scipy.integrate": (_SOLUTIONS + "integrals", _SOLUTIONS + "initial_values", _SOLUTIONS + "boundary_values"),
}
COMPLEX: dict[str, frozenset[str]] = {
    name: frozenset(public.split())
    for name, public in {
        "scipy.linalg": (
            "block_diag circulant companion convolution_matrix cosm coshm det eig eigvals expm expm_frechet fiedler "
            "funm hankel inv khatri_rao lu lu_factor lu_solve matmul_toeplitz norm sinm sinhm solve solve_banded "
            "solve_circulant solve_sylvester solve_toeplitz solve_triangular tanhm tanm toeplitz"
        ),
        "scipy.signal": (
            "convolve convolve2d correlate decimate deconvolve detrend fftconvolve filtfilt istft lfilter lfilter_zi "
            "lfiltic oaconvolve resample resample_poly sosfilt upfirdn zpk2tf"
        ),
        "scipy.ndimage": (
            "affine_transform convolve convolve1d correlate1d gaussian_filter gaussian_filter1d laplace "
            "map_coordinates prewitt rotate shift sobel uniform_filter uniform_filter1d zoom"
        ),
        "scipy.spatial.distance": "",
        "scipy.interpolate": (
            "BSpline BarycentricInterpolator CubicHermiteSpline CubicSpline KroghInterpolator LinearNDInterpolator "
            "PPoly RBFInterpolator RegularGridInterpolator barycentric_interpolate griddata interp1d interpn "
            "krogh_interpolate make_interp_spline"
        ),
        "scipy.sparse.linalg": "factorized splu",
        "scipy.optimize": "",
        "scipy.integrate": "cumulative_trapezoid fixed_quad quad quad_vec romb simpson trapezoid",
    }.items()
}
"""The rules that are right for complex numbers too."""
MODULES = frozenset({*FAMILIES, "scipy.cluster"})
_WHOLE = ("scipy.interpolate", "scipy.sparse", "scipy.sparse.linalg", "scipy.optimize", "scipy.integrate")
"""Families whose rules take functions and make objects: they see the call as it is."""
_OF_CLASSES_THAT_STAY = ("scipy.optimize", "scipy.sparse", "scipy.sparse.linalg", "scipy.odr")
"""Families whose classes without a rule hold what their functions are given: bounds, constraints, operators."""
_STEPPING = ("ode", "complex_ode")
"""Classes that are given a function: `scipy.integrate.ode(f)`."""
_SOLVERS = ("scipy.optimize", "scipy.integrate")
_WITH_MORE = ("block_diag", "cdist", "pdist")
"""Functions whose signatures leave open what they take."""
_OPERANDS = {"scipy.fft": frozenset({"x"})}
"""Which parameters are arrays, where the rules do not say so themselves."""
_HOW = frozenset(
    {"overwrite_a", "overwrite_b", "overwrite_ab", "overwrite_data", "overwrite_x", "check_finite", "workers"}
)
"""Settings that say how something is computed, and not what."""
_CALLED = (types.FunctionType, types.MethodType, functools.partial)
_seeing = late("chainrule.scipy.sparse.seeing")
_of_object = late("chainrule.scipy.interpolants.interpolate.of_object")


def family(value: Any) -> str | None:
    """The module of SciPy's that a function, a class or an object belongs to, if it is one of these."""
    whose = owner(value)
    if not isinstance(whose, str) or not whose.startswith("scipy."):
        return None
    return next((name for name in FAMILIES if whose == name or whose.startswith((name + ".", name + "_"))), None)


def replacement(name: str, value: Any) -> Any:
    """What something of this family becomes in a lifted function."""
    found = table(name).get(id(value))
    if found is not None and found[0] is value:
        return found[1]
    if name == "scipy.interpolate" and not isinstance(value, type) and not is_function(value):
        return _of_object(value)
    return value


@functools.lru_cache(maxsize=len(FAMILIES))
def table(name: str) -> dict[int, tuple[Any, Any]]:
    """The public functions of a family: id -> (it, what it becomes)."""
    module = importlib.import_module(name)
    rules: dict[str, Callable[..., Any]] = {}
    for ours in FAMILIES[name]:
        rules.update(importlib.import_module(ours).RULES)
    found = {}
    for public in dir(module):
        original = getattr(module, public)
        if public.startswith("_") or not callable(original):
            continue
        title = f"{name}.{public}"
        if public in rules:
            rule = rules[public]
            if name == "scipy.ndimage":
                rule = _of_images(title, original, rule)
            if public not in COMPLEX.get(name, rules):
                rule = _of_real_numbers(title, original, rule)
            if not isinstance(rule, type):
                rule = (solver_named if name in _SOLVERS else named_when_recorded)(title, rule)
            call = _called(name, public, original, rule)
            known = isinstance(original, type) and not isinstance(call, type)
            if not isinstance(call, type):
                call = under_name(title, original, call)
            found[id(original)] = (original, Made(original, call, title) if known else call)
        elif public in _STEPPING:
            found[id(original)] = (original, _stepping(title, original))
        elif id(original) not in found and str(owner(original)).startswith("scipy"):
            if isinstance(original, type):
                if name not in _OF_CLASSES_THAT_STAY and not issubclass(original, BaseException):
                    found[id(original)] = (original, Made(original, _making(title, original), title))
            elif is_function(original):
                found[id(original)] = (original, _refused(title, original))
    return found


class Made:
    """What stands for a class whose objects a rule makes: it has the methods of the class, `BSpline.basis_element`, and
    is asked whether something is of it."""

    def __init__(self, original: type, call: Callable[..., Any], title: str) -> None:
        self._original, self._call, self._title = original, call, title
        self.__name__, self.__doc__ = original.__name__, original.__doc__

    def __call__(self, *args: Any, **settings: Any) -> Any:
        return self._call(*args, **settings)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_original", "_call", "_title"):
            raise AttributeError(name)
        found, title = getattr(self._original, name), f"{self._title}.{name}"
        if not callable(found):
            return found
        made = _making(title, found)

        def call(*args: Any, **settings: Any) -> Any:
            of = [getattr(x, "original", None) if hasattr(x, "coefficients") else x for x in args]
            if any(x is None and y is not None for x, y in zip(of, args, strict=True)):  # through recorded values
                if name == "from_spline":
                    return args[0]
                raise no_rule(title)
            return made(*of, **settings)

        return call

    def __instancecheck__(self, x: Any) -> bool:
        return isinstance(x, self._original) or isinstance(getattr(x, "original", None), self._original)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type]:
        return (self._original,)


def _called(name: str, public: str, original: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    if name in _WHOLE:
        return aside(rule) if name in _SOLVERS and not isinstance(rule, type) else rule
    if public in _WITH_MORE:
        return lambda *args, **more: (rule if holds(args) or holds([*more.values()]) else original)(*args, **more)
    known = function(f"{name}.{public}", original, rule, _OPERANDS.get(name, frozenset()))
    return lambda *args, **settings: known(*args, **{k: x for k, x in settings.items() if k not in _HOW})


def _making(title: str, original: Any) -> Callable[..., Any]:
    """A class of interpolants: made of plain numbers, they may be asked for others."""
    plain = _refused(title, original)
    return lambda *args, **settings: _seeing(_of_object(plain(*args, **settings)))


def _of_real_numbers(title: str, original: Callable[..., Any], rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule that is right for real numbers: `a.T` where complex ones have `a.conj().T`, or a cast to floats."""
    refuse = _refused(title, original, no_complex)

    @functools.wraps(rule, updated=())
    def call(*args: Any, **settings: Any) -> Any:
        if any(map(_complex, [*args, *settings.values()])):
            return refuse(*args, **settings)
        return rule(*args, **settings)

    return call


def _of_images(title: str, original: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule for images of numbers with fractions: of whole numbers SciPy's filters give whole numbers."""
    keeps = "output" in inspect.signature(original).parameters

    @functools.wraps(rule)
    def call(input: Any, *args: Any, **settings: Any) -> Any:
        if np.ndim(input) == 0:
            raise no_rule(f"{title} of a single number")
        whole = keeps and not holds([input]) and settings.get("output") is None and np.asarray(input).dtype.kind in "iu"
        if whole:
            raise UnsupportedFunction.here(
                f"{title} of whole numbers gives whole numbers, which have no derivative; write image * 1.0"
            )
        return rule(input, *args, **settings)

    return call


def _moves(x: Any) -> bool:
    return holds([x]) or type(x).__name__ == "Entries"  # a sparse array of recorded numbers


def _complex(x: Any) -> bool:
    if type(x) is list or type(x) is tuple:
        return any(map(_complex, x))
    return isinstance(x, Complex) or is_complex(x) or (scipy.sparse.issparse(x) and x.dtype.kind == "c")


def _refused(
    title: str, original: Callable[..., Any], error: Callable[[str], Exception] = no_rule
) -> Callable[..., Any]:
    """A function without a rule: refused by its name where it meets a carrier, in its arguments or in what a function
    among them gives: a solver that only compares what it is given would drop the derivative without a word."""

    def watched(x: Any) -> Any:
        if not isinstance(x, _CALLED):
            return x
        lifted = lift(x)

        @functools.wraps(x, updated=())
        def asked(*args: Any, **settings: Any) -> Any:
            y = lifted(*args, **settings)
            if holds(list(y) if isinstance(y, tuple) else y):
                raise error(title)
            return y

        return asked

    @functools.wraps(original, updated=())
    def refuse(*args: Any, **settings: Any) -> Any:
        args, settings = tuple(map(settled, args)), {k: settled(x) for k, x in settings.items()}
        if any(map(_moves, [*args, *settings.values()])):
            raise error(title)
        try:
            return original(*map(watched, args), **{k: watched(x) for k, x in settings.items()})
        except Exception as caught:
            cause = caught.__cause__ or caught.__context__
            if isinstance(cause, Refusal):
                raise cause from None  # which SciPy has caught
            raise

    refuse.refuses = True  # type: ignore[attr-defined]
    return refuse


def _stepping(title: str, original: Any) -> type:
    """A class without a rule that calls a function from C, and calls on where that has raised: the function gives plain
    numbers, and what they dropped is refused when the step returns."""

    class Stepping(original):  # type: ignore[misc]
        def __init__(self, f: Any, jac: Any = None) -> None:
            self.met: list[bool] = []
            super().__init__(self._watched(f), self._watched(jac) if callable(jac) else jac)

        def _watched(self, f: Callable[..., Any]) -> Callable[..., Any]:
            lifted = lift(f)

            def asked(*args: Any) -> Any:
                y = lifted(*args)
                found = list(y) if isinstance(y, tuple) else y
                if not holds(found):
                    return y
                self.met.append(True)
                return [plain_number(x) for x in found] if isinstance(found, list) else plain_number(found)

            return asked

        def integrate(self, *args: Any, **settings: Any) -> Any:
            y = super().integrate(*args, **settings)
            if self.met:
                raise no_rule(title)
            return y

    return Stepping
