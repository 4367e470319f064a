"""The function under test at one point, as a map from a vector of n real numbers to a vector of m.

Arguments are flattened; what is not a real number (strings, functions, booleans, None) is held, and so are whole
arguments that are not differentiated, in the types they were given. Every call gets fresh copies, so that neither
the function nor the checker can change what the user passed in.
"""

from __future__ import annotations

import copy
import functools
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, ShapeError, container_advice
from chainrule.inputs import as_number
from chainrule.numbers import primal, shape

Vector = NDArray[np.float64]
# What a function may raise to say that it is not defined at a point.
UNDEFINED = (ArithmeticError, ValueError)


SILENT = ("ignore", None, Warning, None, 0)  # the filter that `warnings.simplefilter("ignore")` sets


class quiet:
    """The user's function at unusual points: floating-point warnings there are no news. (A class, and no second filter
    inside another: it is entered for every call.)"""

    __slots__ = ("errors", "filters")

    def __enter__(self) -> None:
        self.errors = np.errstate(all="ignore")
        self.errors.__enter__()
        self.filters: Any = None
        if not warnings.filters or warnings.filters[0] != SILENT:
            self.filters = warnings.catch_warnings()
            self.filters.__enter__()
            warnings.simplefilter("ignore")

    def __exit__(self, *failure: Any) -> None:
        if self.filters is not None:
            self.filters.__exit__(*failure)
        self.errors.__exit__(*failure)


class Subject:
    """`f` at the point `args`.

    names     a name for each argument, in the order of `args`
    argnums   the arguments to differentiate by; by default all that hold real numbers
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        names: Sequence[str] | None = None,
        argnums: Sequence[int] | None = None,
    ) -> None:
        self.f, self.args = f, args
        self._names = names
        flattened = [trees.flatten(a) for a in args]
        moving = range(len(args)) if argnums is None else trees.positions(argnums, len(args), "check")
        self.argnums = [k for k in moving if any(map(is_real, flattened[k][0]))]
        if not self.argnums:
            advice = next(filter(None, (container_advice(x) for leaves, _ in flattened for x in leaves)), "")
            raise ArgumentError(
                f"check: expected at least one argument with real numbers to differentiate by, got {args!r}"
                + f"; {advice}" * bool(advice)
            )
        self.parts = [
            [_owned(x) if k in self.argnums and is_real(x) else x for x in leaves]
            for k, (leaves, _) in enumerate(flattened)
        ]
        self.structures = [structure for _, structure in flattened]
        self.leaves = [x for k in self.argnums for x in self.parts[k] if is_real(x)]
        self.shapes = [shape(x) for x in self.leaves]
        self.sizes = [math.prod(s) for s in self.shapes]
        self.x: Vector = (
            np.array(self.leaves)
            if all(type(x) is float for x in self.leaves)
            else np.concatenate([np.ravel(np.asarray(local(x), dtype=np.float64)) for x in self.leaves])
        )
        self.library = next((found for x in self.leaves if (found := foreign(x))), "")
        self.n = self.x.size
        self.result_eps = 2.0**-52  # of the type of the result, once it is known
        self.eps = max((_eps(x) for x in self.leaves), default=2.0**-52)
        # Parts of complex numbers are as exact as the number itself is, which says nothing of the smaller part.
        self.in_parts = bool(getattr(f, "rounds_in_parts", False))
        self.folded = bool(getattr(f, "folded", False))

    def __repr__(self) -> str:
        return f"<Subject {getattr(self.f, '__name__', type(self.f).__name__)} at {self.shown()}>"

    @functools.cached_property
    def names(self) -> list[str]:
        """A name for each argument."""
        return list(self._names) if self._names else trees.argument_names(self.f, len(self.args))

    def __getstate__(self) -> dict[str, Any]:
        """For pickle: the point without the function, by which everything can be told and nothing asked again."""
        parts = [[_told(x) for x in part] for part in self.parts]
        args = trees.map(_told, self.args)
        told = {"f": None, "_names": self.names, "args": args, "parts": parts}
        return {k: v for k, v in {**self.__dict__, **told}.items() if k != "_lifted"}

    # -- calling --------------------------------------------------------------------------------------------

    def arguments(self, vector: Any = None) -> tuple[Any, ...]:
        """Fresh arguments with the numbers of `vector` (default: the point) in place."""
        if vector is None or (type(vector) is np.ndarray and vector.dtype == np.float64):
            if self._floats:
                return self.args if vector is None else tuple(vector.tolist())
            if self._alone is not None:
                return (np.array(self.x if vector is None else vector).reshape(self._alone),)
        moved = self.filled(self._pieces(self.x if vector is None else vector))
        parts = (moved[k] if k in moved else [copy.copy(x) for x in part] for k, part in enumerate(self.parts))
        return tuple(map(trees.unflatten, self.structures, parts))

    def filled(self, pieces: Iterator[Any]) -> dict[int, list[Any]]:
        """The leaves of the arguments that move, with pieces of a vector, which follow the order of `argnums`."""
        return {
            k: [next(pieces) if moves else x for x, moves in zip(self.parts[k], self._moves[k], strict=True)]
            for k in self.argnums
        }

    @functools.cached_property
    def _alone(self) -> tuple[int, ...] | None:
        """The shape of the only argument, where that is an array of floats; else None."""
        only = self.args[0] if len(self.args) == 1 else None
        return only.shape if type(only) is np.ndarray and only.dtype == np.float64 else None

    @functools.cached_property
    def _floats(self) -> bool:
        """Whether all arguments are floats, and all of them differentiated."""
        return self.argnums == [*range(len(self.args))] and all(type(x) is float for x in self.args)

    @functools.cached_property
    def _moves(self) -> dict[int, list[bool]]:
        """For each argument that is differentiated, which of its leaves are."""
        return {k: [is_real(x) for x in self.parts[k]] for k in self.argnums}

    @functools.cached_property
    def _layout(self) -> list[tuple[Any, int, int, tuple[int, ...], Any]]:
        """For each leaf that moves: itself, its range in the vector, its shape, and how it is made of plain numbers."""
        found, start = [], 0
        for x, size, s in zip(self.leaves, self.sizes, self.shapes, strict=True):
            if foreign(x):
                made: Any = like_foreign
            elif s == () and not isinstance(x, np.ndarray):
                made = type(x) if isinstance(x, np.floating) else float
            else:
                made = x.dtype if isinstance(x, np.ndarray) else None
            found.append((x, start, start + size, s, made))
            start += size
        return found

    def _pieces(self, vector: Any) -> Iterator[Any]:
        plain = isinstance(vector, np.ndarray) and vector.dtype != object
        for x, start, stop, s, made in self._layout:
            piece = vector[start:stop]
            if not plain:
                yield piece[0] if s == () else np.array(list(piece), dtype=object).reshape(s)
            elif made is like_foreign:
                yield like_foreign(x, piece.reshape(s))
            elif made is float:
                yield piece[0].item()
            elif isinstance(made, type):
                yield made(piece[0])
            else:
                yield piece.reshape(s).astype(made if made and vector.dtype == np.float64 else vector.dtype)

    def moved(self, vector: Vector) -> Subject:
        """The function at other numbers of the same kinds, of which nothing has to be looked at again."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.__dict__.pop("value", None)
        other.x, other.leaves = vector, list(self._pieces(vector))
        moved = self.filled(iter(other.leaves))
        other.parts = [moved.get(k, part) for k, part in enumerate(self.parts)]
        other.args = tuple(map(trees.unflatten, self.structures, other.parts))
        return other

    def original(self) -> tuple[Any, ...]:
        """Copies of the arguments exactly as they were given (integers stay integers)."""
        return copy.deepcopy(self.args)

    def call(self, vector: Any = None, *, lifted: bool = False) -> Any:
        """What f returns at `vector`, unflattened and unconverted."""
        with quiet():
            return (self._lifted if lifted else self.f)(*self.arguments(vector))

    def outputs(self, vector: Any = None) -> Vector:
        """f at `vector` as a flat vector of floats. Raises what f raises, ShapeError for results that are no
        real numbers."""
        return flat(self.call(vector))

    @functools.cached_property
    def value(self) -> Vector:
        """f at the point: what every witness has to see as well."""
        return self.outputs()

    def of_vector(self, *, lifted: bool) -> Callable[[Any], Any]:
        """f as a function of one vector giving one vector (or a number), for any kind of number."""

        def g(vector: Any) -> Any:
            result = trees.flatten(self.call(vector, lifted=lifted))[0]
            values = [v for y in result for v in (np.ravel(y) if isinstance(y, (np.ndarray, np.generic)) else [y])]
            return np.array(values) if len(values) != 1 else values[0]

        return g

    @functools.cached_property
    def _lifted(self) -> Callable[..., Any]:
        """f with math's functions replaced; f itself when that changes its value (f compares functions, say)."""
        f = self.f
        if "float" in getattr(getattr(f, "__code__", None), "co_names", ()):
            from chainrule.check.floats import keeping_floats

            f = keeping_floats(f)
        lifted: Callable[..., Any] = lift(f)
        if lifted is self.f:
            return lifted
        try:
            with quiet():
                plain, other = flat(self.f(*self.arguments())), flat(lifted(*self.arguments()))
        except Exception:  # undefined here: nothing to compare
            return lifted
        same = plain.shape == other.shape and np.allclose(plain, other, rtol=1e-6, atol=0, equal_nan=True)
        return lifted if same else self.f

    # -- naming ---------------------------------------------------------------------------------------------

    def label(self, i: int) -> str:
        """The name of the i-th number: `a`, `x[2]`, `W[3, 7]`, `p['bias'][0]`."""
        for k in self.argnums:
            paths = _paths(self.parts[k], self.structures[k])
            for path, x in zip(paths, self.parts[k], strict=True):
                if not is_real(x):
                    continue
                size = int(np.prod(shape(x), dtype=int))
                if i < size:
                    index = "" if shape(x) == () else str(list(map(int, np.unravel_index(i, shape(x)))))
                    return f"{self.names[k]}{path}{index}"
                i -= size
        return f"[{i}]"

    def slices(self) -> list[tuple[str, slice]]:
        """For each argument its name and its range in the vector."""
        return list(zip((self.names[k] for k in self.argnums), self.ranges(), strict=True))

    def ranges(self) -> list[slice]:
        """For each argument its range in the vector."""
        found, start = [], 0
        for k in self.argnums:
            size = sum(int(np.prod(shape(x), dtype=int)) for x in self.parts[k] if is_real(x))
            found.append(slice(start, start + size))
            start += size
        return found

    def shown(self) -> str:
        """The point as a short text, for reports."""
        parts = [f"{self.names[k]} = {short(self.args[k])}" for k in range(len(self.args))]
        return ", ".join(parts)


class _Told:
    """A function among the arguments, in a pickle."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def __call__(self) -> Any:
        raise ArgumentError(f"check: {self.text} was not kept when the report was pickled")


def _told(x: Any) -> Any:
    return _Told(repr(x)) if callable(x) else x


def is_real(x: Any) -> bool:
    """Whether `x` is a real number or an array of them, by which one can differentiate."""
    if isinstance(x, (bool, np.bool_, str, bytes)) or x is None or callable(x):
        return False
    if isinstance(x, (int, float, np.floating, np.integer)):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "fiu"
    return hasattr(x, "shape") and hasattr(x, "dtype") and not container_advice(x)


def _eps(x: Any) -> float:
    if type(x) is float or type(x) is np.float64:
        return 2.0**-52
    name = str(getattr(x, "dtype", "")).rpartition(".")[2]
    return {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23}.get(name, 2.0**-52)


def _owned(x: Any) -> Any:
    return x.detach() if hasattr(x, "detach") else as_number(x)


def foreign(x: Any) -> str:
    """ "torch" or "jax" for arrays of these libraries, else ""."""
    root = type(x).__module__.partition(".")[0]
    return {"torch": "torch", "jax": "jax", "jaxlib": "jax"}.get(root, "") if hasattr(x, "dtype") else ""


def local(x: Any) -> Any:
    """An array of another library as a NumPy array; everything else as it is."""
    if hasattr(x, "detach"):
        x = x.detach().cpu()
        return (x.float() if "bfloat16" in str(x.dtype) else x).numpy()
    return np.asarray(x) if foreign(x) else x


def like_foreign(x: Any, numbers: Vector) -> Any:
    """The numbers as an array of the library, the type and the device of `x`."""
    if foreign(x) == "torch":
        import torch

        kind = x.dtype if x.dtype.is_floating_point else torch.get_default_dtype()
        return torch.tensor(np.array(numbers), dtype=kind, device=x.device)
    import jax

    return jax.numpy.asarray(numbers, dtype=x.dtype if "float" in str(x.dtype) else float)


def flat(result: Any) -> Vector:
    """A result (number, array, container of them) as one flat vector of floats."""
    if type(result) in (float, np.float64):
        return np.array([result], dtype=np.float64)
    if type(result) is np.ndarray and result.dtype == np.float64:
        return result.flatten()
    leaves = trees.flatten(result)[0]
    pieces = []
    for y in leaves:
        y = local(primal(y))
        try:
            array = np.asarray(y)
            if array.dtype.kind == "c":
                raise TypeError("complex")
            pieces.append(np.ravel(array.astype(np.float64)))
        except (TypeError, ValueError):
            raise ShapeError(f"expected real numbers, got {type(y).__name__} {short(y)}") from None
    return np.concatenate(pieces) if pieces else np.zeros(0)


def result_eps(result: Any) -> float:
    """The rounding unit of the floating type in which a result was given."""
    return max((_eps(y) for y in trees.flatten(result)[0]), default=2.0**-52)


def short(x: Any) -> str:
    """A number, array or container in at most 40 characters."""
    if isinstance(x, float):
        return f"{x:.6g}"
    x = local(x)
    if isinstance(x, np.ndarray):
        text = np.array2string(x, precision=4, threshold=6, separator=", ")
        return text if len(text) <= 40 and "\n" not in text else f"array{x.shape}"
    text = repr(x)
    return text if len(text) <= 40 else text[:37] + "..."


def _paths(part: list[Any], structure: Any) -> list[str]:
    """The place of each leaf in its container, as it is written in Python."""
    accessors = structure.accessors()
    return [a.codify("") if len(a) else "" for a in accessors] if len(accessors) == len(part) else [""] * len(part)
