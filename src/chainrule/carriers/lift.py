"""Plain functions written with `math`: rebuilt so that math's functions are rows of the operator table.

`math.sin` converts its argument to a C double, so no carrier can pass through it. `lift(f)` is f with other
globals, closure cells and defaults, in which math's functions (and the module) are replaced. Functions that f
calls are lifted when f looks them up; everything else is looked up where f looks it up, so f sees its globals as
they are, and assigns to them.

Lifting takes some microseconds. What `grad(f)` lifted it uses again, as long as everything that f and what it calls
look up is still the same object.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.assignment.creators import creating
from chainrule.carriers.lifting import objects
from chainrule.carriers.lifting.caches import through_cache
from chainrule.carriers.lifting.method_calls import TYPES, seeing
from chainrule.carriers.lifting.namespaces import namespaces_of, within
from chainrule.carriers.lifting.needed import Needed, classes_of
from chainrule.carriers.lifting.objects import Globals, contents, foreign, foreign_function, is_dispatched
from chainrule.carriers.lifting.reach import (
    CACHED,
    NUMBERS,
    Seen,
    assigns,
    globals_of,
    is_object_with_call,
    is_users,
    known_to,
    looked_up,
    some,
)
from chainrule.carriers.operators import Traced
from chainrule.carriers.questions import asked, builtin, compared
from chainrule.carriers.reads import Reads, reads_of
from chainrule.carriers.replaced import POLYNOMIALS, SERIES, replacement
from chainrule.carriers.text import READERS
from chainrule.libraries import late

_twin = late("chainrule.carriers.lifting.twins.twin")
_dispatching = late("chainrule.carriers.lifting.dispatched.dispatching")
_seeing_numbers = late("chainrule.carriers.lifting.frames.seeing_numbers")
_converted = late("chainrule.carriers.lifting.if_conversion.converted")
_with_lifted_functions = late("chainrule.carriers.lifting.containers.lifted")


def lift(f: Any) -> Any:
    """`f` with math's functions replaced by operators of the table, in it and in what it calls.

    Reached are functions, methods, partials, callable objects, modules, and lists and dicts of functions that f finds
    in its globals, closure and defaults, methods that are called as in `self.score(w)`, functions that objects hold,
    and code of their classes that runs without a call by name (constructors, properties, operators; see `namespaces`).
    A function that looks up none of these is returned as it is. Not reached: functions of math that an argument holds
    and that are not called as its methods; math raises an error that says so.

    >>> import math
    >>> lift(lambda x: math.sin(x) + x)(np.float64(0.0)).item()
    0.0
    """
    return _Lifting().lift(f)


def given(x: Any) -> Any:
    """The lifted form of an argument: an object that can be called stays one that has attributes."""
    return _twin(x) if is_object_with_call(x) else lift(x)


class Lifted:
    """A function lifted once, and again when something that it looks up has become another object."""

    def __init__(self, f: Any, owner: Any = None, met: bool = False) -> None:
        self.f, self.owner, self.met = f, _reference(owner), met
        self._lifting: _Lifting | None = None
        self._made: Any = None

    def lifted(self) -> Any:
        """`lift(f)`."""
        if self._lifting is None or not self._lifting.holds():
            self._lifting = _Lifting(self.owner(), self.met)
            self._made = self._lifting.lift(self.f)
        return self._made


def _reference(owner: Any) -> Callable[[], Any]:
    """What gives an object as long as someone else holds it; its class where that cannot be."""
    if owner is None:
        return _nobody
    try:
        return weakref.ref(owner)
    except TypeError:
        kind = type(owner)
        return lambda: kind


def _nobody() -> None:
    return None


MOST = 4096
"""Functions that are remembered by one lifting; where ever new ones come, it begins anew."""


class _LiftedGlobals(Globals):
    """A function's globals with some of them lifted: each name is looked up in the originals when it is used."""

    def __init__(self, f: types.FunctionType, lifting: _Lifting, reads: Reads) -> None:
        creates = reads.imports and reads.creates and lifting.assigning()
        super().__init__(__builtins__=_CREATING if creates else _BUILTINS)
        self[objects.BY_EACH_WAY] = objects.by_each_way
        self.original, self.lifting, self.reads, self.assigned = globals_of(f), lifting, reads, reads.assigned

    def __missing__(self, name: str) -> Any:
        value = looked_up(self.original, name, _ABSENT)
        if value is _ABSENT:
            if name in self.reads.not_only_called and (name == "type" or name in READERS):
                return vars(builtins)[name]
            if name in READERS and self.lifting.writes_text():
                return READERS[name]
            return builtin(name, True) if name in self.reads.caught else self.setdefault(name, builtin(name, False))
        lifted = self.lifting.named(name, value, self.reads)
        if name in self.reads.caught:
            compared()
        elif type(value) is types.FunctionType or (lifted is not value and type(value) not in (list, dict)):
            self[name] = lifted
        return lifted

    def prepare(self, in_classes: tuple[str, ...]) -> None:
        """Imports and the bodies of classes look into this dict past `__missing__`."""
        for name in ("__name__", "__package__", "__spec__"):
            if name in self.original:
                self[name] = looked_up(self.original, name)
        for name in in_classes:
            if name in self.original and name not in self.assigned:
                self[name] = self.lifting.named(name, looked_up(self.original, name), self.reads)

    def hand_over(self) -> None:
        """Give the original globals what a `global` statement assigned."""
        for name in self.assigned:
            if name in self:
                self.original[name] = self.pop(name)


class _AssignedGlobals(_LiftedGlobals):
    """Globals of a lifted function with a `global` statement. Python assigns to this dict past its methods, so what
    was assigned is handed over at the next look-up, and when the function returns."""

    def __getitem__(self, name: str) -> Any:
        self.hand_over()
        return super().__getitem__(name)

    def __missing__(self, name: str) -> Any:
        if name in self.assigned and name in self.original:
            return self.lifting.named(name, looked_up(self.original, name), self.reads)
        return super().__missing__(name)


def _lifted_import(name: str, *args: Any, **settings: Any) -> Any:
    return replacement(builtins.__import__(name, *args, **settings))


def _creating_import(name: str, *args: Any, **settings: Any) -> Any:
    return creating(builtins.__import__(name, *args, **settings))


_ABSENT = object()
_BUILTINS = {**vars(builtins), "__import__": _lifted_import}
_CREATING = {**vars(builtins), "__import__": _creating_import}
"""The same in functions that assign to elements."""


class _LiftedModule(types.ModuleType):
    """A module of the user's, its functions lifted when they are looked up."""

    def __init__(self, original: types.ModuleType, lifting: _Lifting) -> None:
        super().__init__(original.__name__)
        vars(self).update(_original=original, _lifting=lifting)

    def __getattr__(self, name: str) -> Any:
        return self._lifting.lift(getattr(self._original, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._original, name, value)


class _Lifting:
    """One call of `lift`: what it made so far, so that functions may call each other and themselves."""

    def __init__(self, owner: Any = None, met: bool = False) -> None:
        self.owner = owner  # the object whose method is lifted
        self.met = met  # whether what is lifted is met in a lifted function, and not handed over
        self.made: dict[int, tuple[Any, Any]] = {}
        self.seen: list[tuple[types.FunctionType, Seen]] = []
        self.certain = True
        self.first: Any = None  # what was to be lifted
        self.given: tuple[Any, ...] = ()  # objects that partial applications hand to it
        self._assigning: bool | None = None
        self._writing: bool | None = None
        self.recording = objects.RECORDINGS[0] > 0

    def _replaced(self, x: Any) -> Any:
        return creating(x) if self.assigning() else replacement(x)

    def assigning(self) -> bool:
        """Whether the function that is lifted, or one that it reaches, assigns to elements of arrays."""
        if self._assigning is None:
            self._assigning = assigns(self.first)
        return self._assigning

    def writes_text(self) -> bool:
        """Whether the function that is lifted, or one that it reaches, writes text, in which there may be numbers."""
        if self._writing is None:
            self._writing = some(self.first, lambda reads: reads.writes_text)
        return self._writing

    def holds(self) -> bool:
        """Whether lifting again would give the same."""
        if self.certain and len(self.seen) <= MOST and self.recording == (objects.RECORDINGS[0] > 0):
            for f, seen in self.seen:  # noqa: SIM110  (compiled, a loop needs no generator)
                if not seen.holds(f):
                    return False
            return True
        return False

    def lift(self, x: Any) -> Any:
        """The lifted form of `x`; `x` itself where nothing in it can need lifting."""
        kind = type(x)
        if kind in NUMBERS:
            return x
        if kind is list or kind is dict:
            return self._container(x)
        if self.first is None:
            self.first = x
        if kind is types.FunctionType and not foreign_function(x):
            return _dispatching(x, reached) if x.__dict__ and is_dispatched(x) else self._function(x)
        new = replacement(x)
        if new is not x:
            return new
        if objects.is_frame(x):
            return _seeing_numbers(x)
        if kind in SERIES:
            return SERIES[kind](x)
        if kind is types.MethodType:
            self.owner = x.__self__
            inner = self.lift(x.__func__)
            return x if inner is x.__func__ else types.MethodType(inner, x.__self__)
        if kind is functools.partial:
            return self._partial(x)
        if kind is types.ModuleType:
            return x if not _liftable(x) else _LiftedModule(x, self)
        if kind is tuple:
            if not _liftable(x):
                return x
            parts = tuple(self.lift(part) for part in x)
            return x if all(new is old for new, old in zip(parts, x, strict=True)) else parts
        if kind is CACHED:  # math would be asked through the cache: carriers need the function itself
            return through_cache(x, self.lift(x.__wrapped__))
        return self._callable_object(x)

    def named(self, name: str, x: Any, reads: Reads) -> Any:
        """`lift(x)` for what a function knows as `name`. A callable object stays itself where it is not only
        called: lifted it would be a function, with other attributes and of another class."""
        if reads.creates and creating(x) is not x:
            return self._replaced(x)
        mentioned = name in reads.not_only_called and is_object_with_call(x) and replacement(x) is x
        return x if mentioned else self.lift(x)

    def _container(self, x: Any) -> Any:
        new = _with_lifted_functions(x, self.lift) if objects.with_functions(x) else x
        self.certain = self.certain and new is x  # what it holds can be changed
        return new

    def _partial(self, x: functools.partial[Any]) -> Any:
        self.given += (*x.args, *x.keywords.values())
        func, args = self.lift(x.func), tuple([given(arg) for arg in x.args])
        keywords = {name: given(value) for name, value in x.keywords.items()}
        self.certain = False  # keywords can be changed
        same = func is x.func and all(new is old for new, old in zip(args, x.args, strict=True))
        same = same and all(keywords[name] is v for name, v in x.keywords.items())
        return x if same else functools.partial(func, *args, **keywords)

    def _callable_object(self, x: Any) -> Any:
        """An object whose class defines `__call__` in Python."""
        if not is_object_with_call(x):
            return x
        self.certain = False  # a class can be given another __call__
        call, self.owner = type(x).__call__, x
        inner = self.lift(call)
        return x if inner is call else types.MethodType(inner, x)

    def _function(self, f: types.FunctionType) -> Any:
        known = self.made.get(id(f))
        if known is not None:
            return known[1]
        reads = reads_of(f.__code__)
        if not reads.rebuildable:
            return f
        self.certain = self.certain and not reads.assigned
        called = bool(self.seen) or self.met
        self.seen.append((f, Seen(f, reads)))
        users, held, spaces = self._of_objects(f, reads)
        code = _converted(f, globals_of(f), called) if self.recording else f.__code__
        text = reads.formats or (reads.reads_text and self.writes_text())
        if code is f.__code__ and not users and not held and not text and not _may_need_it(f, reads):
            same = within(f, spaces) if spaces else f
            self.made[id(f)] = (f, same)
            return same
        # Cells that f assigns to (nonlocal) or that hold numbers stay shared with other functions that have them.
        old_cells = f.__closure__ or ()
        names = f.__code__.co_freevars
        own = [name not in reads.nonlocals and _liftable(contents(c)) for name, c in zip(names, old_cells, strict=True)]
        cells = tuple(types.CellType() if mine else cell for mine, cell in zip(own, old_cells, strict=True))
        namespace = _AssignedGlobals(f, self, reads) if reads.assigned else _LiftedGlobals(f, self, reads)
        if reads.calls_methods or users or held:
            scope = globals_of(f)
            numpy = frozenset(x for x in reads.names if looked_up(scope, x) is np and x not in reads.assigned)
            code = seeing(code, self.assigning(), numpy, users, held)
        new = types.FunctionType(code, namespace, f.__name__, None, cells)
        result = new if not reads.assigned else _handing_over(new, namespace)
        if reads.asks_unseen:
            result = _asking(result)
        if spaces:
            result = within(result, spaces)
        self.made[id(f)] = (f, result)  # before anything else is lifted: it may call f
        for name, mine, cell, old in zip(names, own, cells, old_cells, strict=True):
            if mine:
                cell.cell_contents = self.named(name, contents(old), reads)
        namespace.prepare(reads.in_classes)
        defaulted = f.__code__.co_varnames[: f.__code__.co_argcount][-len(f.__defaults__ or ()) or None :]
        new.__defaults__ = f.__defaults__ and tuple(
            self.named(name, value, reads) for name, value in zip(defaulted, f.__defaults__, strict=True)
        )
        new.__kwdefaults__ = f.__kwdefaults__ and {k: self.named(k, v, reads) for k, v in f.__kwdefaults__.items()}
        for made in {id(new): new, id(result): result}.values():
            made.__module__, made.__qualname__, made.__doc__ = f.__module__, f.__qualname__, f.__doc__
            made.__dict__ = f.__dict__  # shared: f may count its calls there
        return result

    def _of_objects(self, f: types.FunctionType, reads: Reads) -> tuple[Any, Any, Any]:
        """What `f` does with objects of the user's: the calls of methods that are to be lifted when they are made, the
        attributes in which they hold functions, and the modules whose code runs unseen."""
        scope, into = globals_of(f), False
        calls, names, theirs = set(), set(), []
        for call in reads.of_objects:
            if call[1] is None or is_users(looked_up(scope, call[1])):
                calls.add(call)
        for name, root in reads.attributes:
            if root is None or is_users(looked_up(scope, root)):
                names.add(name)
            into = into or root is None
        for x in known_to(f, reads, self.owner, *self.given):
            if is_users(x):
                theirs.append(x)
        if calls or names:
            classes = [x for x in tuple(scope.values()) if isinstance(x, type) and is_users(x)]
            needed = Needed(_may_need_it)
            needed.add([*theirs, *classes], is_users)
            users, held = needed.among(frozenset(calls), frozenset(names))
            theirs += classes if into else ()  # it is given objects
        else:
            users, held = frozenset(), frozenset()
        if not theirs or f.__code__.co_flags & inspect.CO_GENERATOR:  # whose code runs later
            return users, held, ()
        kinds = [kind for x in theirs for kind in classes_of(x, is_users)[0]]
        return users, held, tuple([space for space in namespaces_of(kinds, _needs_names) if space.changes()])


def _handing_over(new: types.FunctionType, namespace: _LiftedGlobals) -> Any:
    def call(*args: Any, **settings: Any) -> Any:
        try:
            return new(*args, **settings)
        finally:
            namespace.hand_over()

    return call


def _asking(f: Any) -> Any:
    """`f`, whose calls may ask what kind of number they are given."""

    def call(*args: Any, **settings: Any) -> Any:
        asked()
        return f(*args, **settings)

    return call


def _may_need_it(f: types.FunctionType, reads: Reads) -> bool:
    """Whether something that f looks up now may have another form when lifted."""
    if reads.imports or reads.asks or reads.asks_unseen or reads.calls_methods:
        return True
    arrays = reads.makes_arrays or reads.creates
    return any(
        x is not f and (x is not np or arrays) and (_liftable(x) or (arrays and creating(x) is not x))
        for x in known_to(f, reads)
    )


def _needs_names(f: types.FunctionType) -> bool:
    return not foreign_function(f) and _may_need_it(f, reads_of(f.__code__))


def reached(x: Any, owner: Any = None) -> Any:
    """The lifted form of what a running function has looked up in an object."""
    kind = type(x)
    if kind is types.FunctionType and not foreign_function(x):
        if x.__dict__ and is_dispatched(x):
            return _dispatching(x, reached)
        known = objects.KNOWN.get(x)
        if known is None:
            if len(objects.KNOWN) >= MOST:
                objects.KNOWN.clear()
            known = objects.KNOWN[x] = Lifted(x, owner, met=True)
        return known.lifted()
    if kind is types.MethodType:
        inner = reached(x.__func__, x.__self__)
        return x if inner is x.__func__ else types.MethodType(inner, x.__self__)
    if kind is functools.partial:
        return _Lifting().lift(x)
    if is_object_with_call(x):
        call = type(x).__call__
        inner = reached(call, x)
        return x if inner is call else types.MethodType(inner, x)
    return replacement(x)


def _liftable(x: Any) -> bool:
    kind = type(x)
    if kind in NUMBERS:
        return False
    if kind is types.FunctionType:
        return not foreign_function(x) or replacement(x) is not x
    if kind is types.ModuleType:
        ours = x.__name__.partition(".")[0] == "chainrule"
        return replacement(x) is not x or not (ours or foreign(x.__name__))
    if kind is tuple:
        return any(callable(part) for part in x)
    if kind is list or kind is dict:
        return objects.with_functions(x)
    if kind in (types.MethodType, functools.partial, CACHED):
        return True
    return replacement(x) is not x or objects.is_frame(x) or kind in SERIES or is_object_with_call(x)


@functools.lru_cache(maxsize=1024)
def lifted_of_library(f: types.FunctionType) -> Any:
    """A function of a library in Python, lifted as one of the user's that assigns to arrays."""
    lifting = _Lifting()
    lifting.first, lifting._assigning = f, True
    return lifting._function(f)


objects.LIFT.append(reached)
objects.PLAIN_NAMES |= frozenset(dir(Traced))
POLYNOMIALS.append("numpy.polynomial")
for _numpy in (replacement(np), creating(np)):
    vars(_numpy).update(TYPES)
