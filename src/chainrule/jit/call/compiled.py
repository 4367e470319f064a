"""What `jit` returns: a function recorded once for each kind of arguments, and replayed as machine code."""

from __future__ import annotations

import functools
import itertools
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any, cast

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError
from chainrule.jit.call.compile import build, build_repeated
from chainrule.jit.call.lengths import Lengths
from chainrule.jit.call.partition_view import Partition
from chainrule.jit.call.report import report
from chainrule.jit.call.specialise import FastPath, Specialisation, Version
from chainrule.jit.call.weak_method import Bound, plain
from chainrule.jit.passes import optimised
from chainrule.jit.passes.counts import by_counts
from chainrule.jit.plan.relaxed_zeros import hides
from chainrule.jit.plan.strided import Layout
from chainrule.jit.plan.strong_zeros import by_branches, derived
from chainrule.jit.program import Program
from chainrule.jit.record.arguments import Arguments
from chainrule.jit.record.signature import is_dynamic, kinds_of, native_byte_order, normalised
from chainrule.numbers import StandIn
from chainrule.tracebacks import shortened

SPECIALISATIONS = 256
"""Kinds of arguments that are kept for one function; the one not used for longest gives way."""


class Compiled:
    """What `jit` returns: call it like the function."""

    def __init__(self, f: Callable[..., Any], strict: bool, threads: int) -> None:
        self.f, self.strict, self.threads = f, strict, threads
        self._flat: dict[Any, Specialisation] = {}
        self._known: dict[Any, Specialisation] = {}
        self._clock = itertools.count()
        self._quick: tuple[FastPath, ...] = ()  # through the specialisation that ran last
        self._owners: tuple[weakref.ref[type], ...] = ()  # the classes it is a method of
        self._methods: dict[int, tuple[weakref.ref[Any], Compiled]] = {}
        self._lengths = Lengths()
        functools.update_wrapper(self, f.function if isinstance(f, Bound) else f, updated=())

    def __repr__(self) -> str:
        return f"<jit({getattr(self, '__qualname__', None) or type(self.f).__name__})>"

    def __set_name__(self, owner: type, name: str) -> None:
        self._owners += (weakref.ref(owner),)

    def __get__(self, x: Any, owner: Any = None) -> Any:
        """As a function's: the method of an object. It is recorded for each object by itself, and keeps none alive."""
        if x is None:
            return self
        known = self._methods.get(id(x))
        if known is None or known[0]() is not x:
            known = self._methods[id(x)] = self._method(x)
        return types.MethodType(known[1], x)

    def __reduce__(self) -> Any:
        """For pickle: by its name where that is what the name stands for, else f, to be recorded anew."""
        name, found = getattr(self, "__qualname__", None), cast(Any, sys.modules.get(self.__module__ or ""))
        for part in name.split(".") if name else ():
            found = getattr(found, part, None)
        return name if found is self else (type(self), self._settings())

    def _settings(self) -> tuple[Any, ...]:
        """What it was made of."""
        return self.f, self.strict, self.threads

    def _method(self, x: Any) -> tuple[weakref.ref[Any], Compiled]:
        methods, key = self._methods, id(x)
        try:
            there = weakref.ref(x, lambda _: methods.pop(key, None))
        except TypeError:
            raise ArgumentError.here(
                f"a jitted method keeps its recordings as long as its object lives, and objects of "
                f"{type(x).__name__} cannot be watched; add '__weakref__' to its __slots__"
            ) from None
        method = self._of_object(Bound(self.f, there))
        method._clock = self._clock
        return there, method

    def _of_object(self, f: Bound) -> Any:
        return Method(f, self.strict, self.threads)

    def __call__(self, *args: Any, **settings: Any) -> Any:
        quick = self._quick
        for way in quick:
            entry, unchanged, put, _ = way
            outputs = entry(*args, **settings) if settings else entry(*args)
            if type(outputs) is list and unchanged():
                if way is not quick[0]:
                    self._quick = (way, *(other for other in quick if other is not way))
                return put(outputs)
            if outputs is not None and outputs is not NotImplemented:
                break
        # Not like one of the calls before, or a new way through its branches.
        found = None if settings else self._flat.get(kinds_of(args))
        if found is None:
            try:
                return self._general(args, settings)
            except Exception as error:
                error = shortened(error)
                raise error
        return self._called(found, [args[k] for k in found.dynamic])

    def _general(self, args: Any, settings: dict[str, Any]) -> Any:
        """A call with containers or keywords, or the first one of its kind."""
        if args and any(isinstance(args[0], there() or ()) for there in self._owners):
            return self.__get__(args[0])(*args[1:], **settings)  # Class.method(x, ...)
        leaves, structure = trees.in_parts((args, settings))
        if any(isinstance(x, StandIn) for x in leaves):
            return lift(plain(self.f))(*args, **settings)  # inside another transform or recording
        leaves, kinds = self._taken(leaves)
        key = (structure, kinds)
        found = self._known.get(key)
        if found is not None:
            return self._called(found, [leaves[k] for k in found.dynamic])
        found = self._specialised(key, leaves, args, settings)
        inputs = [leaves[k] for k in found.dynamic]
        result = self._called(found, inputs)
        self._keep(found)
        if not settings and kinds_of(args) == kinds:
            self._flat[kinds] = found
        return result

    def _taken(self, leaves: list[Any]) -> tuple[list[Any], Any]:
        """Arguments as programs take them, and their kinds."""
        leaves = [native_byte_order(x) for x in leaves]
        kinds = kinds_of(leaves)
        if kinds is None:
            leaves = [x if kinds_of((x,)) else normalised(x) for x in leaves]
            kinds = tuple(kinds_of((x,)) or (type(x), x) for x in leaves)
        return leaves, kinds

    def _specialised(self, key: Any, leaves: list[Any], args: Any, settings: dict[str, Any]) -> Specialisation:
        dynamic = [k for k, x in enumerate(leaves) if is_dynamic(x)]
        inputs = [leaves[k] for k in dynamic]
        taken = Arguments(args, settings, inputs)
        found = Specialisation(self.f, key, leaves, dynamic, self._build, taken, self._optimised)
        found.by_ways = not self.strict  # where ways are added up, sums have another order
        return found

    def _called(self, found: Specialisation, inputs: list[Any]) -> Any:
        result = found(inputs)
        found.used = next(self._clock)
        self._quick = found.ways
        return result

    def _keep(self, found: Specialisation) -> None:
        self._known[found.key] = found
        while len(self._known) > SPECIALISATIONS:
            oldest = min(self._known.values(), key=lambda s: s.used)
            del self._known[oldest.key]
            self._flat = {kinds: s for kinds, s in self._flat.items() if s is not oldest}

    def _build(
        self, recorded: Program, layout: Layout, means: bool = False
    ) -> tuple[Program | Callable[[], Program], Any]:
        careful: Callable[[], Program] = functools.partial(_careful, recorded, self.strict)
        finite = derived(recorded)
        alike = self._lengths.alike(recorded) if self.threads == 1 else None
        repeated = build_repeated(
            recorded, self._simple, strict=self.strict, threads=self.threads, careful=careful, finite=finite,
            alike=alike, known=self._lengths.known(recorded),
        )  # fmt: skip
        if repeated is not None:
            self._lengths.note(recorded, repeated.origin, repeated.compile_seconds)
            return functools.cache(lambda: self._simple(recorded)), repeated
        program = self._optimised(recorded)
        shared, careful = _for_any_mask(program, careful, means)
        made = build(
            shared, strict=self.strict, threads=self.threads, layout=layout, careful=careful, finite=finite,
            alike=alike,
        )  # fmt: skip
        program.counts = shared.counts
        self._lengths.note(recorded, getattr(made, "origin", ""), made.compile_seconds)
        return program, made

    def _simple(self, recorded: Program) -> Program:
        return optimised(by_branches(recorded, whole=self.strict), self.strict)

    def _optimised(self, recorded: Program) -> Program:
        """What is compiled in one kernel."""
        program = self._simple(recorded)
        return _careful(recorded, self.strict) if hides(program) else program

    # -- what was made ------------------------------------------------------------------------------------

    @property
    def specialisations(self) -> list[Specialisation]:
        """What was recorded so far, the one used last at the end."""
        of_methods = [s for _, method in list(self._methods.values()) for s in method.specialisations]
        return sorted([*self._known.values(), *of_methods], key=lambda s: s.used)

    @property
    def program(self) -> Program:
        """The program that ran last."""
        return self._latest().program

    @property
    def version(self) -> Version:
        """The recording that ran last."""
        return self._latest()

    def report(self) -> str:
        """Versions, guards, kernels, library calls and compile times, in words."""
        return report(self)

    def llvm(self) -> str:
        """The program that ran last in LLVM's intermediate language."""
        return str(self._latest().executable.llvm())

    def assembly(self) -> str:
        """The program that ran last in the assembly language of this machine."""
        return str(self._latest().executable.assembly())

    @property
    def partition(self) -> Partition:
        """The kernels and library calls of the program that ran last: text when printed, a picture in
        notebooks; `.svg` and `.dot` have it for files."""
        return Partition(self._latest().executable.partition)

    def forget(self) -> None:
        """Record everything anew: after an array or a number that the function reads by itself has changed."""
        self._quick = ()
        self._flat.clear()
        self._known.clear()
        self._lengths = Lengths()
        self._methods.clear()

    def _latest(self) -> Version:
        if self._quick:
            return self._quick[0][3]
        raise ArgumentError.here("nothing is compiled yet: call the jitted function first")


def _careful(recorded: Program, strict: bool) -> Program:
    """The program for calls whose results hold nan: nothing is sent to a branch that was not taken."""
    return optimised(by_branches(recorded, whole=True), strict)


def _for_any_mask(
    program: Program, careful: Callable[[], Program], means: bool
) -> tuple[Program, Callable[[], Program]]:
    """What is compiled for masks with any number of elements, with what runs where that has met nan; the same programs
    where one of them is for so many."""
    shared = by_counts(program, means)
    if shared is program:
        return program, careful
    slow = by_counts(careful(), means)
    return (shared, lambda: slow) if slow.counts == shared.counts else (program, careful)


class Method(Compiled):
    """A jitted function as the method of one object."""

    def __call__(self, _: Any, *args: Any, **settings: Any) -> Any:
        return super().__call__(*args, **settings)
