"""What a function can look up besides its arguments: in globals, closures, defaults, modules, classes, containers, and
the objects that it finds there or is a method of.

Of objects and modules that is what any of the functions names. The walk is done by what the code says, and not by
watching it run, which would slow every step of a recording.
"""

from __future__ import annotations

import abc
import argparse
import builtins
import collections
import contextvars
import datetime
import decimal
import enum
import functools
import io
import itertools
import numbers
import operator
import os
import pickle
import random
import sys
import types
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

import chainrule.native.arrays as arrays
from chainrule.carriers.lift import Lifted
from chainrule.carriers.lifting.namespaces import plain
from chainrule.carriers.lifting.objects import contents, foreign_function
from chainrule.carriers.lifting.reach import globals_of
from chainrule.jit.captured import places
from chainrule.jit.captured.attributes import behind, own_dict, static_attribute
from chainrule.jit.captured.drawn import TIME, answer_of, drawn
from chainrule.jit.captured.elsewhere import refuse_elsewhere
from chainrule.jit.captured.found import Found
from chainrule.jit.captured.mentions import Mentions, mentions
from chainrule.jit.captured.owners import installed, library, ours, users
from chainrule.jit.captured.states import as_bytes, form, masked, number_of, relatives, state_of, unwatchable
from chainrule.jit.captured.watch import MISSING, PLAIN, fingerprint
from chainrule.jit.record.signature import RANDOM
from chainrule.numbers import Carrier

IMMUTABLE = (range, slice, np.dtype, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, numbers.Number)
_CONSTANT = (str, bytes, np.generic, type(None), type(...), *IMMUTABLE)
_SEQUENCES = (list, set, frozenset, collections.deque)
_OWN = frozenset({"__repr__", "__str__", "__del__", "__init__", "__new__", "__post_init__", "__reduce__", "__dir__"})
_BY_NAME = (types.ModuleType, type, types.SimpleNamespace, argparse.Namespace)


LARGE = 1 << 16
"""Bytes of an array from which on its fingerprint is kept in place of a copy."""

CAUGHT_ATTRIBUTES = frozenset({None, "AttributeError", "Exception", "BaseException"})


class Walk(Found):
    """What `roots` can look up, each thing once.

    generators  of random numbers, by name
    drawn       names of functions that tell the time, or draw from the system, by what they do
    caught      names of errors that functions catch
    """

    _STATES = frozenset({"bit_generator", "getstate", "get_state", "__getstate__", "state"})  # of a generator
    _read = frozenset({"read", "readline", "readlines", "getvalue", "getbuffer"})  # of a stream

    def __init__(self, roots: list[Any], met: list[Any]) -> None:
        super().__init__()
        self.generators: dict[str, Any] = {}
        self.drawn: dict[str, dict[str, None]] = {}
        self.caught: set[str | None] = set()
        self._bare: set[Any] = set()
        self._functions: dict[int, tuple[types.ModuleType, dict[str, Any]]] = {}
        self._seen: dict[int, Any] = {}
        self._objects: list[tuple[str, Any, Any]] = []  # name, object, and what holds it: itself or a weak reference
        self._attributes: dict[str, None] = {}
        self._everything = self._matches = self._constructs = self._supers = False
        self._selves: dict[int, Any] = {}
        self._streams: dict[str, Any] = {}
        self._written: set[str] = set()
        for root in roots:
            self._root(root)
        self.work()
        if "__subclasses__" in self._attributes:
            raise unwatchable("asks for __subclasses__()", "keep the classes in a list of your own")
        if not self._STATES.isdisjoint(self._attributes):
            for name, x in self.generators.items():
                self.add(name, places.STATE, x, pickle.dumps, pickle.dumps(x))
        self._texts()
        self._absent()
        if self._streams and not self._read.isdisjoint(self._attributes):
            name = next(iter(self._streams))
            raise unwatchable(f"reads from {name}", "read it outside, and pass what it holds as an argument")
        for x in met:
            self.visit("an array" if isinstance(x, np.ndarray) else "the result of a cached function", x)
        self.work()
        for module, functions in self._functions.values():
            pairs = tuple(itertools.chain.from_iterable(functions.items()))
            self.add(module.__name__, places.MODULE, vars(module), " ".join(functions), pairs)

    def _root(self, f: Any) -> None:
        if isinstance(f, types.MethodType):  # an object that the recording must not keep alive
            self.visit("the function", f.__func__)
            self._selves[id(f.__self__)] = f.__self__
            self._object("self", f.__self__)
        else:
            self.visit(getattr(f, "__name__", type(f).__name__) if callable(f) else "an argument", f)

    def entry(self, name: str, holder: dict[Any, Any], key: Any) -> None:
        """What a dict holds under a key."""
        x = plain(holder, key, MISSING)
        self.add(name, places.ENTRY, holder, key, x)
        self.visit(name, x)

    # -- what it is ---------------------------------------------------------------------------------------

    def visit(self, name: str, x: Any) -> None:
        """Looks into `x`, known as `name`."""
        if isinstance(x, _CONSTANT) or x is MISSING:
            if x is not None and x is not MISSING:
                self.data[name] = None
            return
        if id(x) in self._seen or id(x) in self._selves:
            return
        self._seen[id(x)] = x
        if isinstance(x, np.ndarray):
            self._array(name, x)
        elif isinstance(x, tuple):
            self._parts(name, x)
        elif isinstance(x, (dict, types.MappingProxyType)):
            self.add(name, places.PAIRS, x, None, tuple(itertools.chain.from_iterable(x.items())))
            self.counted(2 * len(x))
            self.later(self._each((f"{name}[{key!r:.40}]", value) for key, value in list(x.items())))
            self._own(name, x)
        elif isinstance(x, _SEQUENCES):
            self.add(name, places.ELEMENTS, x, None, tuple(x))
            self._parts(name, x)
            self._own(name, x)
        elif isinstance(x, Lifted):
            self.visit(name, x.f)
        elif callable(x) and self._function(name, x):
            pass
        elif isinstance(x, RANDOM):
            if x is not getattr(random, "_inst", None):  # that of random's functions
                self.generators[name] = x
        elif isinstance(x, types.ModuleType):
            self._object(name, x)
        else:
            self._thing(name, x)

    def _each(self, named: Iterator[tuple[str, Any]]) -> Iterator[None]:
        for name, x in named:
            if type(x) in PLAIN:
                self.data[name] = None
            else:
                self.visit(name, x)
            yield

    def _parts(self, name: str, x: Any) -> None:
        parts = list(x)
        self.counted(len(parts))
        plain = all(type(part) in PLAIN for part in parts)
        if plain:
            self.data[name] = None
        else:
            self.later(self._each((f"{name}[{k}]", part) for k, part in enumerate(parts)))

    def _own(self, name: str, x: Any) -> None:
        """Attributes of a container of a class of its own."""
        if type(x) not in (list, dict, set, frozenset, collections.deque, types.MappingProxyType):
            self._object(name, x)

    def _array(self, name: str, x: np.ndarray[Any, Any]) -> None:
        self.data[name] = None
        if type(x) is not np.ndarray and isinstance(x, np.ma.MaskedArray):
            self.add(name, places.STATE, x, masked, masked(x))
        elif x.dtype.hasobject:
            elements = tuple(x.ravel().tolist())
            self.add(name, places.CONTENTS, x, None, elements)
            self._parts(name, elements)
        elif not arrays.changeable(x):
            self.add(name, places.STATE, x, form, form(x))
        elif x.nbytes >= LARGE and x.flags.c_contiguous and x.dtype.kind in "biufc":
            self.add(name, places.FINGERPRINT, x, None, fingerprint(x))
        else:
            self.add(name, places.CONTENTS, x, None, np.array(x, order="C", subok=False))

    def _thing(self, name: str, x: Any) -> None:
        """An object that is none of Python's containers."""
        state = number_of if isinstance(x, Carrier) else state_of(name, x)
        if state is not None:
            self.data[name] = None
            self.add(name, places.STATE, x, state, state(x))
            if isinstance(x, (weakref.ref, contextvars.ContextVar)):
                self.visit(name, x() if isinstance(x, weakref.ref) else x.get(None))
            return
        if isinstance(x, io.IOBase):
            self._streams[name] = x
            return
        refuse_elsewhere(name, type(x))
        if ours(type(x)):
            return
        self._object("self" if callable(x) else name, x)

    def _function(self, name: str, f: Any) -> bool:
        """Looks into what can be called; False where it is rather an object."""
        refuse_elsewhere(name, f)
        self._answers(name, f)
        if isinstance(f, functools.partial):
            self.visit(name, f.func)
            self.visit("an argument of a partial", f.args)
            self.visit("an argument of a partial", f.keywords)
        elif isinstance(f, (operator.attrgetter, operator.methodcaller)):  # it names what its caller's code does not
            named = f.__reduce__()[1]
            self._more(frozenset(part for x in named if isinstance(x, str) for part in x.split(".")))
            self.visit("an argument of a methodcaller", named)
        elif isinstance(f, types.MethodType):
            self.visit(name, f.__func__)
            self.visit(name if name != "the function" else "self", f.__self__)
        elif isinstance(f, types.FunctionType):
            self._code(f)
        elif isinstance(f, (types.BuiltinFunctionType, types.MethodWrapperType)):
            if not isinstance(f.__self__, (types.ModuleType, type, type(None))):
                self.visit(name, f.__self__)
        elif isinstance(f, type):
            self._class(name, f)
        elif hasattr(f, "__wrapped__"):  # of transforms and caches; compiled, these have no closure to look into
            self.visit(name, f.__wrapped__)
        else:
            return False
        return True

    def _code(self, f: types.FunctionType) -> None:
        known = mentions(f.__code__)
        opaque = foreign_function(f) or library(f.__module__)
        self.add(f.__name__, places.CODE, f, None, (f.__code__, f.__defaults__, f.__kwdefaults__))
        for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
            if name not in known.logs and not (opaque and isinstance(contents(cell), (int, float, dict, list))):
                self.add(name, places.CELL, cell, None, contents(cell, MISSING))
                self.visit(name, contents(cell, MISSING))
        if not opaque:
            self.caught |= known.caught
            self._bare |= known.bare
            self._refuse_unnamed(f, known)
            scope = globals_of(f)
            for name in sorted(known.names - known.logs):
                self._global(name, scope)
            self._modules(known, scope)
            self._mentioned(known)
        if vars(f):  # attributes of the function
            self._objects.append((f.__name__, f, f))
            self.later(self._named(f.__name__, f, f, list(self._attributes)))
        self.visit("a default argument", f.__defaults__)
        self.visit("a default argument", f.__kwdefaults__)

    def _refuse_unnamed(self, f: types.FunctionType, known: Mentions) -> None:
        """What the code does not tell, and no look at objects either."""
        for name in sorted(known.names & {"globals", "eval", "exec"}):
            if name not in globals_of(f):
                raise unwatchable(f"calls {name}() in {f.__name__}, which may look up any name", "write the names out")
        reads = known.names & {"open", "input"} and not known.attributes & {"write", "writelines", "dump", "writerow"}
        settings = known.attributes | known.names
        raising = "FloatingPointError" in known.caught or not known.texts.isdisjoint({"raise", "call"})
        if raising and not settings.isdisjoint({"errstate", "seterr", "FloatingPointError"}):
            raise unwatchable(
                f"has NumPy raise FloatingPointError in {f.__name__}, which machine code does not",
                "look at the number itself, as in `if x == 0` or np.where(x == 0, ...)",
            )
        if (reads and "open" not in globals_of(f)) or known.attributes & {"read_text", "read_bytes"}:
            raise unwatchable(f"reads a file in {f.__name__}", "read it outside, and pass what it holds as an argument")

    def _global(self, name: str, scope: dict[str, Any]) -> None:
        if plain(scope, name, MISSING) is not MISSING or not hasattr(builtins, name):
            self.entry(name, scope, name)
            return
        self.add(name, places.ENTRY, scope, name, MISSING)  # a builtin, which a global may come to hide
        found = vars(builtins)[name]
        if isinstance(found, (type, types.BuiltinFunctionType)):
            self._functions.setdefault(id(builtins), (builtins, {}))[1][name] = found
        else:  # it was put there by hand
            self.entry(name, vars(builtins), name)

    def _modules(self, known: Mentions, scope: dict[str, Any]) -> None:
        package = scope.get("__package__")
        asks = not known.attributes.isdisjoint({"import_module"}) or "import_module" in known.names
        for name in sorted(known.imports | (known.texts if asks else frozenset())):
            for full in (name, f"{package}.{name}" if package and name else package):
                if full in sys.modules:
                    self.visit(full, sys.modules[full])

    def _mentioned(self, known: Mentions) -> None:
        """What one more function names: it is looked up on all objects."""
        everything = known.computed and not self._everything
        self._everything |= known.computed
        self._matches |= known.matches
        self._supers |= "super" in known.names
        self._written |= {f"__{name}__" for name in known.names & {"str", "repr"}}
        self._constructs |= not {"type", "__class__"}.isdisjoint(known.names | known.attributes)
        self._more(known.attributes - known.logs)
        for name, x, _ in list(self._objects) if everything else ():
            self.later(self._all(name, x))

    def _more(self, attributes: frozenset[str]) -> None:
        """More attributes to look up on all objects."""
        before = len(self._attributes)
        self._attributes |= dict.fromkeys(sorted(attributes))
        more = list(self._attributes)[before:]
        for name, x, held in list(self._objects) if more else ():
            self.later(self._named(name, x, held, more))

    def _texts(self) -> None:
        """What objects are written by, where a function calls str or repr."""
        for _, x, _ in list(self._objects):
            for c in type(x).__mro__ if self._written else ():
                for special in self._written & vars(c).keys() if users(c) else ():
                    if isinstance(vars(c)[special], types.FunctionType):
                        self.visit(special, vars(c)[special])
        self.work()

    def _absent(self) -> None:
        """Attributes that an object does not have, where a function catches what asking for them raises."""
        if CAUGHT_ATTRIBUTES.isdisjoint(self.caught):
            return
        for name, x, held in self._objects:
            cls = x if isinstance(x, type) else type(x)
            library_module = isinstance(x, types.ModuleType) and library(x.__name__)
            if library_module or not (users(cls) or isinstance(x, _BY_NAME)) or hasattr(cls, "__getattr__"):
                continue
            for attribute in self._attributes:
                if static_attribute(x, attribute) is MISSING:
                    self.add(f"{name}.{attribute}", places.ATTRIBUTE, held, attribute, MISSING)

    # -- objects ------------------------------------------------------------------------------------------

    def _class(self, name: str, cls: type) -> None:
        if not users(cls):
            if cls in (datetime.datetime, datetime.date) and not {"now", "today"}.isdisjoint(self._attributes):
                self.drawn.setdefault(TIME, {})[name] = None
            return
        for c in cls.__mro__:
            for special, found in list(vars(c).items()) if users(c) else ():
                function = getattr(found, "__func__", found)  # __new__ is a static method
                if special.startswith("__") and isinstance(function, types.FunctionType):
                    self.visit(special, function)
        if isinstance(cls, abc.ABCMeta):
            self.add(f"what is registered for {name}", places.STATE, cls, relatives, relatives(cls))
        self._object(name, cls)

    def _object(self, name: str, x: Any) -> None:
        held, cls = self._held(x), type(x)
        if hasattr(cls, "__array__") and installed(cls):  # of other libraries: labelled arrays, tensors
            self.data[name] = None
            self.add(name, places.STATE, x, as_bytes, as_bytes(x))
            return
        self._objects.append((name, x, held))
        if isinstance(x, types.ModuleType) and not library(x.__name__) and "__getattr__" in vars(x):
            self.entry(f"{name}.__getattr__", vars(x), "__getattr__")
        if isinstance(x, enum.Enum):  # code of Python's own reads it
            self._attribute(f"{name}.value", held, "_value_", x._value_)
        elif isinstance(x, enum.EnumMeta):
            self.visit(name, x._member_map_)
        if isinstance(x, types.ModuleType) and library(x.__name__):
            self.later(self._named(name, x, held, list(self._attributes)))
            return
        if self._everything or not (users(cls) or isinstance(x, _BY_NAME)):
            self.later(self._all(name, x))
        for c in cls.__mro__:
            if not users(c):
                continue
            for special, found in list(vars(c).items()):
                operator = special.startswith("__") and (special not in _OWN or self._constructs)
                if operator and isinstance(found, types.FunctionType):
                    self.visit(special, found)
            if self._matches:
                self.later(self._named(name, x, held, list(getattr(c, "__match_args__", ()))))
        self.later(self._named(name, x, held, list(self._attributes)))

    def _held(self, x: Any) -> Any:
        """What stands for an object: a weak reference in the recording of a method, which keeps no object alive."""
        if self._selves and own_dict(x) is not None and not isinstance(x, (type, types.ModuleType)):
            try:
                return weakref.ref(x)
            except TypeError:
                pass
        return weakref.ref(x) if id(x) in self._selves else x

    def _all(self, name: str, x: Any) -> Iterator[None]:
        """All attributes of an object's own, and of its classes."""
        if (isinstance(x, type) and not users(x)) or (isinstance(x, types.ModuleType) and library(x.__name__)):
            return
        own = getattr(x, "__dict__", None)
        if type(own) is dict:
            self.add(name, places.PAIRS, own, None, tuple(itertools.chain.from_iterable(own.items())))
            for key, value in list(own.items()):
                self.visit(f"{name}.{key}", value)
                yield
        classes = [c for c in (x if isinstance(x, type) else type(x)).__mro__ if users(c)]
        shared = [s for c in classes for s in vars(c) if not (s.startswith("__") and s.endswith("__"))]
        yield from self._named(name, x, self._held(x), list(dict.fromkeys(shared)))

    def _named(self, name: str, x: Any, held: Any, attributes: list[str]) -> Iterator[None]:
        of_library = isinstance(x, types.ModuleType) and library(x.__name__)
        for attribute in attributes:
            found = static_attribute(x, attribute)
            if found is MISSING:
                continue
            known = f"{name}.{attribute}"
            own, inner = own_dict(x), behind(found)
            if of_library:
                self._of_library(known, x, attribute, found)
            elif isinstance(x, types.ModuleType):
                self.entry(known, vars(x), attribute)
            elif not isinstance(x, type) and own is not None and attribute in own and own[attribute] is found:
                self._attribute(known, held, attribute, found)
            elif inner is not None:
                self._method(known, x, held, attribute, found, inner)
            elif not hasattr(type(found), "__get__") or isinstance(found, (type, types.MemberDescriptorType)):
                self._attribute(known, held, attribute, getattr(x, attribute, MISSING))
            yield

    def _attribute(self, name: str, held: Any, attribute: str, value: Any) -> None:
        if id(value) in self._selves:
            return
        if type(held) is weakref.ref and own_dict(value) is not None and not callable(value):
            try:  # it may refer to the object that the recording must not keep alive
                self.add(name, places.REFERENT, held, attribute, weakref.ref(value))
                self.visit(name, value)
                return
            except TypeError:
                pass
        self.add(name, places.ATTRIBUTE, held, attribute, value)
        self.visit(name, value)

    def _of_library(self, name: str, module: types.ModuleType, attribute: str, found: Any) -> None:
        """What a module of Python's or of NumPy's holds: another function may come, lists and objects may change."""
        if callable(found) or isinstance(found, _CONSTANT):
            self._functions.setdefault(id(module), (module, {}))[1][attribute] = found
        refuse_elsewhere(name, found)
        if found is os.getenv:
            self.visit("os.environ", os.environ)
        elif isinstance(found, types.ModuleType):
            self.visit(name, found)
        elif self._answers(name, found):
            pass
        elif isinstance(found, (types.BuiltinFunctionType, type)):
            self.visit(name, found)
        elif not callable(found) and not isinstance(found, (types.ModuleType, np.ufunc, *_CONSTANT)):
            self.entry(name, vars(module), attribute)

    def _answers(self, name: str, f: Any) -> bool:
        """Whether the answer of a function of a library depends on the process, or on what it draws."""
        if (state := answer_of(f)) is not None:
            self.add(f"{name}()", places.STATE, f, state, state(f))
            return True
        if (what := drawn(f, name.rpartition(".")[2] in self._bare)) is not None:
            self.drawn.setdefault(what, {})[name] = None
        return what is not None

    def _hidden(self, x: Any, attribute: str, found: Any) -> Iterator[None]:
        """What `super()` finds: methods of the same name in the classes behind the one that has `found`."""
        for cls in (x if isinstance(x, type) else type(x)).__mro__:
            hidden = vars(cls).get(attribute, found)
            if hidden is not found and users(cls):
                self.later(self._named(cls.__name__, cls, cls, [attribute]))
                if isinstance(hidden, property):
                    self.add(f"{cls.__name__}.{attribute}", places.ATTRIBUTE, cls, attribute, hidden)
                yield

    def _method(self, known: str, x: Any, held: Any, attribute: str, found: Any, inner: list[Any]) -> None:
        """A method or a property, which are functions that may be given another meaning."""
        for function in inner:
            self.visit(known, function)
        if self._supers:
            self.later(self._hidden(x, attribute, found))
        if isinstance(found, (types.FunctionType, staticmethod, classmethod)):
            now = getattr(x, attribute, MISSING)
            now = getattr(now, "__func__", now)
            self.add(known, places.METHOD, held, attribute, now)
        elif isinstance(found, (property, functools.cached_property)) and not isinstance(x, type):
            self.add(known, places.ATTRIBUTE, type(x), attribute, found)
            own = own_dict(x)
            if own is not None and isinstance(found, functools.cached_property):
                self.entry(known, own, attribute)
