"""`vmap`: a function of one example as a function of many."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import ops, trees
from chainrule.carriers.batched.lanes import Batched, Lanes, escaped, made
from chainrule.carriers.batched.rules import example, repeated, stacked
from chainrule.carriers.gate import joined
from chainrule.carriers.identity import Identity
from chainrule.carriers.lift import given
from chainrule.carriers.questions import ASKED
from chainrule.errors import (
    REFUSALS,
    ArgumentError,
    NeedsExamples,
    ShapeError,
    VmapWarning,
    forgiven,
    swallowed,
    user_line,
)
from chainrule.inputs import OPEN, result_number
from chainrule.libraries import is_foreign
from chainrule.numbers import Number, StandIn, call_level, shape
from chainrule.transforms.derived import Derived
from chainrule.transforms.jacobians.basis import check_chunk
from chainrule.transforms.results import check_callable

Axes = Any
"""The number of an axis, None, or containers of them as an argument has."""


def vmap(f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0, chunk: int | None = None) -> Callable[..., Any]:
    """f for many examples: the results that f has for each, along a new axis.

    in_axes    along which axis the examples lie in an argument; None: it is the same for all. One for all arguments, or
               a tuple with an entry for each; for an argument that is a container also a container of entries.
               Arguments that are given by name have their examples along axis 0
    out_axes   where the axis of the examples is in the results; None: the result is the same for all, without an axis
    chunk      so many examples at once, to save memory; None: all

    All examples are computed at once, f being called with numbers that stand for one of them. Where f asks for what
    differs from one to the other (a branch, a loop until convergence, float(x)), it is called once for each example
    instead: that gives the same, takes longer, and is told once by a VmapWarning and always by `vmap(f).report()`.

    Raises ShapeError where arguments have different numbers of examples; ArgumentError for one without the axis.

    >>> import numpy as np
    >>> vmap(lambda x, y: x @ y, in_axes=(0, None))(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]))
    array([3., 7.])
    """
    check_callable(f, "vmap")
    check_chunk(chunk, "vmap", "examples")
    return Vmapped("vmap", f, (in_axes, out_axes, chunk))


class Vmapped(Derived):
    """What `vmap` returns."""

    def __init__(self, verb: str, f: Any, settings: tuple[Any, ...]) -> None:
        self.in_axes, self.out_axes, self.chunk = settings
        for axes, name in ((self.in_axes, "in_axes"), (self.out_axes, "out_axes")):
            _check_axes(axes, name)
        super().__init__(verb, f, (0, *settings))
        self.settings = settings
        self.reason = ""
        self.ran = ""
        self.told = False

    def __reduce__(self) -> Any:
        found = super().__reduce__()
        return found if isinstance(found, str) else (vmap, (self.f, *self.settings))

    def report(self) -> str:
        """How the last call was computed: all examples at once, or one after the other and why."""
        return self.ran or "not called yet"

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        leaves, structure = trees.flatten((args, settings))
        leaves = [joined(x) if isinstance(x, np.ndarray) else x for x in leaves]
        axes = self._axes_of(args, settings)
        count = self._count(args, settings, leaves, axes)
        leaves = [_front(x, a) for x, a in zip(leaves, axes, strict=True)]
        held = [a is not None for a in axes]
        step = count if self.chunk is None else int(self.chunk)
        parts: list[list[tuple[Any, int, bool]]] = []
        out: Any = None
        for start in range(0, count, step) if count else (0,):
            some = leaves if step >= count else [x[start : start + step] if h else x for x, h in _pairs(leaves, held)]
            size = min(step, count - start)
            results, out = self._some(some, held, structure, size)
            parts.append([(y, size, h) for y, h in results])
        return self._together(parts, out, leaves)

    def _axes_of(self, args: tuple[Any, ...], settings: dict[str, Any]) -> list[int | None]:
        """The axis of the examples in each leaf."""
        each = self.in_axes
        if not isinstance(each, (tuple, list)):
            each = (each,) * len(args)
        if len(each) != len(args):
            raise ArgumentError.here(
                f"vmap: in_axes has {len(each)} entries for {len(args)} arguments; write one for each"
            )
        names = trees.argument_names(self.f, len(args))
        found: list[int | None] = []
        for k, (axes, x) in enumerate(zip(each, args, strict=True)):
            found += _spread(axes, x, f"in_axes of {_called(names[k], k)}")
        for x in settings.values():
            found += [0] * len(trees.flatten(x)[0])
        return found

    def _count(self, args: Any, settings: Any, leaves: list[Any], axes: list[int | None]) -> int:
        """How many examples there are."""
        names = trees.argument_names(self.f, len(args))
        whose = [_called(names[k], k) for k, x in enumerate(args) for _ in trees.flatten(x)[0]]
        whose += [f"argument {name}" for name, x in settings.items() for _ in trees.flatten(x)[0]]
        lengths: dict[int, str] = {}
        for x, axis, name in zip(leaves, axes, whose, strict=True):
            if axis is None:
                continue
            size = getattr(x, "shape", None)
            if size is None or not -len(size) <= axis < len(size):
                raise ArgumentError.here(_without_axis(x, axis, name))
            lengths.setdefault(size[axis], f"{name} of shape {tuple(size)}")
        if not lengths:
            raise ArgumentError.here("vmap: no argument has an axis of examples; call the function itself")
        if len(lengths) > 1:
            told = "; ".join(f"{n} in {name}" for n, name in lengths.items())
            raise ShapeError.here(f"vmap: arguments have different numbers of examples: {told}")
        return next(iter(lengths))

    def _some(self, leaves: list[Any], held: list[bool], structure: Any, count: int) -> tuple[list[Any], Any]:
        """The results for some examples, and how they belong together: pairs of a number and whether it has the axis of
        the examples in front."""
        try:
            with forgiven():
                found = self._at_once(leaves, held, structure)
        except Exception as error:  # whatever it is: one example alone raises it as well, or does not
            if not count:
                raise
            cause = error.__cause__ if type(error) is ValueError else error  # of buffer[i] = x
            reason = str(cause) if isinstance(cause, NeedsExamples) else f"{type(error).__name__}: {error}"
        else:
            self.ran = f"all {count} examples at once" + (f", {self.chunk} at a time" if self.chunk else "")
            return found
        found = self._one_by_one(leaves, held, structure, count)
        self.ran = f"{count} examples one after the other: {reason}"
        self._tell(reason)
        return found

    def _at_once(self, leaves: list[Any], held: list[bool], structure: Any) -> tuple[list[Any], Any]:
        level = call_level()
        before, questions = REFUSALS[0], ASKED[0]
        OPEN.add(level)
        try:
            numbers = [made(x, level) if h else given(x) for x, h in _pairs(leaves, held)]
            args, settings = trees.unflatten(structure, numbers)
            y = self.kept.lifted()(*args, **settings)
        finally:
            OPEN.discard(level)
        if (REFUSALS[0] != before and swallowed(before) is not None) or ASKED[0] != questions:
            raise NeedsExamples.here("the function asks what kind of number it is given")
        results, out = trees.flatten(y)
        return [_opened(r, level) for r in results], out

    def _one_by_one(self, leaves: list[Any], held: list[bool], structure: Any, count: int) -> tuple[list[Any], Any]:
        columns: list[list[Any]] = []
        out: Any = None
        for k in range(count):
            numbers = [_example(x, k) if h else given(x) for x, h in _pairs(leaves, held)]
            args, settings = trees.unflatten(structure, numbers)
            results, found = trees.flatten(self.kept.lifted()(*args, **settings))
            if k and found != out:
                raise ShapeError.here(
                    f"vmap: example {k} has a result of another structure: {found}, where it was {out}"
                )
            out = found
            columns.append([_result(r) for r in results])
        for row in zip(*columns, strict=True):
            sizes = [shape(y) for y in row]
            if len(set(sizes)) > 1:
                k = next(k for k, size in enumerate(sizes) if size != sizes[0])
                raise ShapeError.here(f"vmap: example {k} has a result of shape {sizes[k]}, example 0 of {sizes[0]}")
        return [(stacked(list(row)), True) for row in zip(*columns, strict=True)], out

    def _together(self, parts: list[list[Any]], out: Any, given: list[Any]) -> Any:
        """The results of all parts, with the axis of the examples where it is asked for."""
        whole = []
        places = trees.unflatten(out, [0] * out.num_leaves)  # of a complex number with derivatives: of both its parts
        axes = _spread(self.out_axes, places, "out_axes", trees.in_parts)
        for axis, *found in zip(axes, *parts, strict=True):
            if axis is None:
                if any(h for _, _, h in found):
                    raise ArgumentError.here(
                        "vmap: out_axes=None is for a result that is the same for all examples; write 0 for one "
                        "that is not"
                    )
                whole.append(found[0][0])
                continue
            columns = [x if h else repeated(x, count) for x, count, h in found]
            y = columns[0] if len(columns) == 1 else _concatenated(columns)
            if not -len(shape(y)) <= axis < len(shape(y)):
                raise ArgumentError.here(f"vmap: out_axes={axis} for a result of shape {shape(y)[1:]}")
            whole.append(_owned(_moved(y, 0, axis), given))
        return trees.unflatten(out, whole)

    def _tell(self, reason: str) -> None:
        if self.told:
            return
        self.told = True
        path, line = user_line()
        name = getattr(self.f, "__name__", type(self.f).__name__)
        warnings.warn_explicit(
            f"vmap of {name} computes one example after the other: {reason}", VmapWarning, path or "vmap", line
        )


def _pairs(leaves: list[Any], held: list[bool]) -> Any:
    return zip(leaves, held, strict=True)


def _called(name: str, k: int) -> str:
    return name if name.startswith("argument ") else f"argument {k} ({name})"


def _check_axes(axes: Any, name: str) -> None:
    """Raise ArgumentError unless `axes` are numbers of axes, None, or containers of these."""
    if axes is None or (isinstance(axes, (int, np.integer)) and not isinstance(axes, bool)):
        return
    if not isinstance(axes, (tuple, list, dict)):
        raise ArgumentError.here(
            f"vmap: {name} expects the number of an axis, None or a tuple of them, got {axes!r}; for the "
            "values at a point write vmap(f)(x)"
        )
    for part in axes.values() if isinstance(axes, dict) else axes:
        _check_axes(part, name)


def _spread(axes: Any, x: Any, name: str, flatten: Callable[..., Any] = trees.flatten) -> list[int | None]:
    """The axis for each number in `x`, from `axes`, which has the containers of x or is one for all in it."""
    if axes is None or isinstance(axes, (int, np.integer)):
        return [None if axes is None else int(axes)] * len(flatten(x)[0])
    fits = type(axes) is type(x) or (isinstance(axes, (tuple, list)) and isinstance(x, (tuple, list)))
    if fits and len(axes) == len(x) and (not isinstance(axes, dict) or axes.keys() == x.keys()):
        keys = sorted(axes) if isinstance(axes, dict) else range(len(axes))
        return [found for key in keys for found in _spread(axes[key], x[key], name, flatten)]
    raise ArgumentError.here(f"vmap: {name}: expected an axis, or containers as in {_shown(x)}, got {axes!r}")


def _shown(x: Any) -> str:
    return trees._show(trees.flatten(x)[1])


def _without_axis(x: Any, axis: int, name: str) -> str:
    if isinstance(x, (str, bytes)) or callable(x) or not isinstance(x, (float, int, complex, np.generic, np.ndarray)):
        what = f"vmap: {name} holds a {type(x).__name__}, which has no axis of examples"
    elif isinstance(x, np.ndarray) and x.ndim:
        what = f"vmap: {name} has no axis {axis}: it has shape {x.shape}"
    else:
        what = f"vmap: {name} holds the number {x!r}, which has no axis of examples (a list is a container: np.array)"
    return f"{what}; write in_axes=None for what is the same for all"


def _front(x: Any, axis: int | None) -> Any:
    """`x` with the axis of the examples in front."""
    if axis is None or axis == 0:
        return x
    return _moved(x, axis, 0)


def _moved(x: Any, source: int, target: int) -> Any:
    if source == target:
        return x
    return np.moveaxis(x, source, target) if type(x) is np.ndarray else ops.moveaxis(x, source, target)


def _example(x: Any, k: int) -> Any:
    """One example; of an array a copy, since the function may write to it."""
    if is_foreign(x):
        return Identity(example(x, k))  # a number of another library: NumPy's functions reach it by rows alone
    part = x[k]
    return part.copy() if isinstance(part, np.ndarray) else part


def _concatenated(columns: list[Any]) -> Any:
    return np.concatenate(columns) if all(type(x) is np.ndarray for x in columns) else ops.concatenate(columns)


def _owned(x: Any, given: list[Any]) -> Any:
    """An array as one that shares no memory with those `given` and may be written to."""
    if type(x) is not np.ndarray:
        return x
    theirs = any(type(y) is np.ndarray and np.may_share_memory(x, y) for y in given)
    return x.copy() if theirs or not x.flags.writeable else x


def _result(y: Any) -> Number:
    """One result of a function of one example."""
    y = joined(y) if isinstance(y, np.ndarray) else y.now() if isinstance(y, StandIn) else y
    if isinstance(y, Identity):
        y = y.primal
    return result_number(y)


def _opened(y: Any, level: float) -> tuple[Number, bool]:
    """A result of a function of a batch: the number, and whether it has the axis of the examples in front."""
    y = _result(y)
    if isinstance(y, (Lanes, Batched)) and y.level == level:
        return y.whole, True
    if isinstance(y, StandIn) and escaped(y, level):
        raise NeedsExamples.here("a condition of one example chooses among numbers of another transform")
    return y, False
