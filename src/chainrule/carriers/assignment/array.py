"""`Array`: what a function meets in place of an array that is assigned to, and of the views of it.

It is a carrier on the highest of all levels, so every operation asks it first, and goes on with what its Buffer holds
now: plain numbers until a number with a derivative is assigned, a carrier from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule import ops
from chainrule.carriers.assignment import in_place, writing
from chainrule.carriers.assignment.buffer import Buffer, Step, fresh
from chainrule.carriers.assignment.flat import Flat
from chainrule.carriers.assignment.writing import opened
from chainrule.carriers.gate import full_name, holds, operand
from chainrule.carriers.operators import Traced
from chainrule.carriers.refusals import no_array, no_float, no_plain, no_shape
from chainrule.carriers.text import represented
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.errors import UnsupportedFunction
from chainrule.numbers import Number, StandIn
from chainrule.ops.assign import Write
from chainrule.ops.index import is_basic
from chainrule.ops.row import Operator

VIEW_FUNCTIONS: frozenset[Any] = frozenset({
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.squeeze, np.expand_dims, np.diagonal,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, np.flip,
    np.fliplr, np.flipud, np.rot90, np.real, np.matrix_transpose, np.permute_dims, np.linalg.matrix_transpose,
    np.broadcast_to, np.lib.stride_tricks.sliding_window_view, np.lib.stride_tricks.as_strided, np.linalg.diagonal,
    np.diag, np.einsum, np.real_if_close,
    *([np.unstack] if hasattr(np, "unstack") else []),
})  # fmt: skip
"""NumPy's functions whose results may share memory with the one array that they are given."""


class Array(Traced):
    """An array in a Buffer, or the part of it that `steps` lead to.

    >>> y = made(np.zeros(3)); z = y[1:]; z += 1.0; y
    Array([0., 1., 1.])
    """

    __slots__ = ("_seen", "_size", "_version", "buffer", "steps")

    def __init__(self, buffer: Buffer, steps: tuple[Step, ...], size: Any = None) -> None:
        self.buffer, self.steps, self._version, self._seen = buffer, steps, -1, None
        if size is None:
            part = buffer.model()
            for step in steps:
                part = step(part)
            size = part.shape
        self._size: tuple[int, ...] = size

    @property
    def level(self) -> float:
        """Above all transforms."""
        return math.inf

    @property
    def primal(self) -> Number:
        """What it holds now."""
        return self.now()

    @property
    def data(self) -> Number:
        """The numbers only."""
        y = self.now()
        return y if not isinstance(y, StandIn) else getattr(y, "data", y)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        return self._size

    @shape.setter
    def shape(self, new: Any) -> None:
        raise no_shape()

    @property
    def dtype(self) -> Any:
        """The type of its numbers."""
        return self.buffer.dtype

    @property
    def later(self) -> Any:
        return self

    def origin(self) -> None:
        return None

    def alias(self, changing: bool = False) -> Number:
        """What it holds, as numbers of their own."""
        return fresh(self.now())

    def now(self) -> Number:
        """What it holds: an array that is never changed."""
        buffer = self.buffer
        if self._version != buffer.version or buffer.lent:
            row = self._row()
            y = NotImplemented if row is None else buffer.at(row)
            if y is NotImplemented:
                y = buffer.content()
                for step in self.steps:
                    y = step(y)
            self._seen, self._version = y, buffer.version
        return self._seen

    def _row(self) -> tuple[int, ...] | None:
        """The leading indices of a row of the whole array; None for any other part."""
        step = self.steps[0] if len(self.steps) == 1 else None
        return step.key if isinstance(step, _Row) else None

    def _place(self, index: Any) -> tuple[Any, tuple[Step, ...]]:
        """An index of this array as one of the whole array where that is plain, and the steps that remain."""
        row = self._row()
        if row is not None and is_basic(index):
            return (*row, *(index if type(index) is tuple else (index,))), ()
        return index, self.steps

    @property
    def plain(self) -> bool:
        """Whether it holds plain numbers only."""
        return self.buffer.plain

    def __repr__(self) -> str:
        y = self.now()
        return represented(
            self, f"Array({np.array2string(y, separator=', ')})" if isinstance(y, np.ndarray) else f"Array({y!r})"
        )

    # -- computing with it --------------------------------------------------------------------------------

    def apply(self, operator: Operator, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
        if args[0] is self and in_place.view_of(operator, self, settings) is not None:
            return self._viewed(lambda x: operator(x, **settings))
        return kept(operator(*[in_place.now(x) for x in args], **settings), args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "at":
            return writing.at(ufunc, *inputs)
        out = settings.pop("out", None)
        y = getattr(ufunc, method)(*opened(inputs), **opened(settings))
        return kept(y, ()) if out is None else writing.put_out(f"np.{ufunc.__name__}", out, y)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in writing.WRITERS:
            return writing.WRITERS[function](*args, **kwargs)
        if function in VIEW_FUNCTIONS and (step := self._part_by(function, args, kwargs)) is not None:
            return self._viewed(step)
        out = kwargs.get("out")
        if out is not None:
            kwargs = {name: x for name, x in kwargs.items() if name != "out"}
            return writing.put_out(full_name(function), (out,), function(*opened(args), **opened(kwargs)))
        return kept(_called(function, opened(args), opened(kwargs)), args)

    def _part_by(self, function: Any, args: Any, kwargs: Any) -> Step | None:
        """What the function does with this array; None if it is given others as well."""
        k = next((k for k, x in enumerate(args) if x is self), None)
        rest = [x for i, x in enumerate(args) if i != k]
        if k is None or any(isinstance(x, Array) or (k and isinstance(x, (StandIn, np.ndarray))) for x in rest):
            return None
        before, after, settings = opened(args[:k]), opened(args[k + 1 :]), opened(kwargs)
        return lambda x: function(*before, x, *after, **settings)

    def _viewed(self, step: Step) -> Any:
        """step(self), as NumPy has it: views of this array, or a new one."""
        model = self.buffer.model()
        part = model
        for before in self.steps:
            part = before(part)
        found = step(part)
        if isinstance(found, (list, tuple)):
            return type(found)([self._viewed(lambda x, k=k: step(x)[k]) for k in range(len(found))])  # type: ignore[misc]
        if isinstance(found, np.ndarray) and np.may_share_memory(found, model):
            return Array(self.buffer, (*self.steps, step), found.shape)
        return kept(step(self.now()), ())

    # -- elements -----------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        buffer = self.buffer
        index = opened(index)
        place, steps = self._place(index)
        if not steps and (key := buffer.key(place)) is not None:
            if len(key) == len(buffer.shape):
                found = buffer.at(key)
                return found if found is not NotImplemented else buffer.content()[place]
            return Array(buffer, (_Row(key),), buffer.shape[len(key) :])
        return self._viewed(lambda x: x[index]) if is_basic(index) else kept(self.now()[index], ())

    def __setitem__(self, index: Any, value: Any) -> None:
        part = value if isinstance(value, Array) else getattr(value, "later", None)
        if isinstance(part, Array) and part.buffer is self.buffer:
            place = opened(index)
            if is_basic(place) and self.buffer.same((*self.steps, lambda x: x[place]), part.steps):
                return  # what `x[index] += y` assigns to itself after it has changed it
        value = in_place.now(value)
        if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype.char == "O"):
            value = operand(opened(value), "an assignment") if holds(value) else np.asarray(value)
        place, steps = self._place(opened(index))
        self.buffer.assign(place, value, steps)

    def write(self, write: Write, value: Any) -> None:
        """Let a function that moves elements write those of `value` into the array."""
        value = opened(value)
        if isinstance(value, (list, tuple)):
            value = operand(value, "") if holds(value) else np.asarray(value)
        self.buffer.write(write, value, self.steps)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def fill(self, value: Any) -> None:
        """Give all elements one value."""
        self[...] = value

    def sort(self, axis: int = -1, **settings: Any) -> None:
        """Bring the elements into ascending order."""
        self[...] = np.sort(self.now(), axis, **settings)

    def partition(self, kth: Any, axis: int = -1, **settings: Any) -> None:
        """Bring the elements into the order of np.partition."""
        self[...] = np.partition(self.now(), kth, axis, **settings)

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Give elements of the raveled array values."""
        writing.WRITERS[np.put](self, indices, values, mode)

    # -- as plain arrays have them ------------------------------------------------------------------------

    def copy(self, order: Any = "C") -> Any:
        """An array with memory of its own."""
        y = self.now()
        return made(y.copy(order)) if isinstance(y, np.ndarray) else ops.positive(y)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def flatten(self, order: Any = "C") -> Any:
        """All elements in one row, as a copy."""
        return kept(self.now().flatten(order), ())

    @property
    def flat(self) -> Any:
        """All elements in one row."""
        return Flat(self)

    @property
    def T(self) -> Any:
        """Its axes in reverse order."""
        return self._viewed(lambda x: x.T)

    @property
    def mT(self) -> Any:
        """Its last two axes exchanged."""
        return self._viewed(lambda x: np.swapaxes(x, -1, -2))

    def view(self, *kinds: Any) -> Any:
        """An array that shares this one's memory, as NumPy's `view` does."""
        if any(kind is not np.ndarray and np.dtype(kind) != self.dtype for kind in kinds):
            raise UnsupportedFunction.here("view() of an array as another type has no derivative")
        return self._viewed(lambda x: x[...])

    def reshape(self, *new: Any, **settings: Any) -> Any:
        """The elements in another shape: a view where NumPy makes one."""
        new = new[0] if len(new) == 1 else new
        return self._viewed(lambda x: np.reshape(x, new, **settings))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.plain:
            raise no_array(self.now())
        part = self.buffer.memory() if not copy else self.now()
        for step in self.steps if not copy else ():
            part = step(part)
        return part if dtype is None and not copy else np.array(part, dtype)

    def __float__(self) -> float:
        if self.plain:
            return float(np.asarray(self.now()).reshape(-1)[0]) if self.size == 1 else float(self.now())
        raise no_float(self.now())

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    def item(self, *index: Any) -> Any:
        """One number."""
        return self.now().item(*index)

    def tolist(self) -> Any:
        """Nested lists of its numbers."""
        return self.now().tolist()

    def astype(self, dtype: Any, *args: Any, **settings: Any) -> Any:
        """In another type; itself where no copy is asked for and the type is the same."""
        if settings.get("copy") is False and np.dtype(dtype) == self.dtype:
            return self
        return kept(self.now().astype(dtype, *args, **settings), ())

    def __reduce__(self) -> Any:
        if self.plain:
            return (np.array, (np.array(self.now()),))
        raise no_plain(self, "pickling it", "pickle .data, or what the function returns")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.now(), name)


class _Row:
    """The view of an array at some leading indices. Rows that were given are read as they are."""

    __slots__ = ("key",)

    def __init__(self, key: tuple[int, ...]) -> None:
        self.key = key

    def __call__(self, x: Any) -> Any:
        return x[self.key if len(self.key) > 1 else self.key[0]]


def _method(name: str) -> Callable[..., Any]:
    return lambda self, *args, **settings: self._viewed(lambda x: getattr(x, name)(*args, **settings))


for _name in ("ravel", "transpose", "swapaxes", "squeeze", "diagonal"):
    setattr(Array, _name, _method(_name))


def made(x: Any) -> Any:
    """A plain array that a function has made, so that numbers with derivatives can be assigned to its elements. What
    cannot hold them is returned as it is: whole numbers, objects, single numbers."""
    if type(x) is np.ndarray and x.dtype.kind == "c" and x.ndim:
        return COMPLEX_NUMBERS.made(made(x.real.copy()), made(x.imag.copy()))
    if type(x) is not np.ndarray or x.dtype.kind != "f" or not x.ndim:
        return x
    if not x.flags.writeable:
        x = x.copy()
    order = "F" if x.flags.f_contiguous and not x.flags.c_contiguous else "C"
    return Array(Buffer(x, order), (), x.shape)


def _called(function: Any, args: Any, kwargs: Any) -> Any:
    """A function of NumPy's of arguments of which one may be a carrier, also one for which NumPy does not look."""
    for x in (*args, *kwargs.values()):
        if isinstance(x, StandIn) and not isinstance(x, Array):
            return x.__array_function__(function, (), args, kwargs)  # type: ignore[attr-defined]
    return function(*args, **kwargs)


def kept(y: Any, args: Any) -> Any:
    """A result: arrays that were made of plain numbers may be assigned to as well; what is returned unchanged is the
    array that was given."""
    if type(y) is np.ndarray:
        if y.flags.writeable or y.dtype.kind != "f":
            return made(y)
        return made(y.copy())
    if isinstance(y, (list, tuple)):
        return type(y)([kept(part, args) for part in y]) if type(y) in (list, tuple) else y
    for x in args if isinstance(y, StandIn) else ():
        if isinstance(x, Array) and x.now() is y:
            return x
    return y


in_place.HANDLE += [Array, made]
