"""`jit`: a function recorded once for each kind of arguments, and replayed as machine code."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from chainrule import trees
from chainrule.carriers.lift import lift
from chainrule.errors import ArgumentError, at_user_line
from chainrule.jit import machine
from chainrule.jit.compile import build
from chainrule.jit.passes import optimised
from chainrule.jit.program import Program
from chainrule.jit.report import report
from chainrule.jit.signature import is_dynamic, kinds_of, matcher, native, usual
from chainrule.jit.specialise import Specialisation, Version
from chainrule.numbers import StandIn

SPECIALISATIONS = 256
"""Kinds of arguments that are kept for one function; the one not used for longest gives way."""


def jit(f: Callable[..., Any], *, strict: bool = False, threads: int = 1) -> Compiled:
    """`f` at machine speed: recorded when it is first called, replayed as machine code from then on.

    strict     every operation in f's own order, so that sums and products agree with f bit by bit
    threads    how many of them share the work on large arrays

    Floats and arrays in the arguments, also inside lists, tuples and dicts, may change from call to call; what
    is computed from ints, bools, strings and None is fixed, and each new one is recorded anew, like each new
    shape. A branch on a number is recorded too; where it goes the other way, that way is recorded as well.

    Raises MissingExtra without llvmlite; ArgumentError for arguments and results that are no numbers.

    >>> import chainrule as cr
    >>> slope = jit(cr.grad(lambda x: x * x))
    >>> slope(3.0), slope(0.5)
    (6.0, 1.0)
    """
    if not callable(f):
        raise ArgumentError(at_user_line(f"jit expects a function, got {type(f).__name__}; write jit(f)(x)"))
    if threads < 1:
        raise ArgumentError(at_user_line(f"jit: expected threads of 1 or more, got {threads}"))
    machine.binding()
    return Compiled(f, strict, threads)


class Compiled:
    """What `jit` returns: call it like the function."""

    def __init__(self, f: Callable[..., Any], strict: bool, threads: int) -> None:
        self.f, self.strict, self.threads = f, strict, threads
        self._flat: dict[Any, Specialisation] = {}
        self._known: OrderedDict[Any, Specialisation] = OrderedDict()
        self._matches: Callable[[tuple[Any, ...]], bool] = _nothing
        self._last: Any = None
        functools.update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **settings: Any) -> Any:
        if settings:
            return self._general(args, settings)
        if self._matches(args):
            return self._last(args)
        found = self._flat.get(kinds_of(args))
        if found is None:
            return self._general(args, settings)
        self._last, self._matches = found, matcher(args)
        return found(args)

    def _general(self, args: Any, settings: dict[str, Any]) -> Any:
        """A call with containers or keywords, or the first one of its kind."""
        leaves, structure = trees.flatten((args, settings))
        if any(isinstance(x, StandIn) for x in leaves):
            return lift(self.f)(*args, **settings)  # inside another transform or recording
        leaves = [native(x) for x in leaves]
        kinds = kinds_of(leaves)
        if kinds is None:
            leaves = [x if kinds_of((x,)) else usual(x) for x in leaves]
            kinds = tuple(kinds_of((x,)) or (type(x), x) for x in leaves)
        key = (structure, kinds)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found(leaves)
        dynamic = [k for k, x in enumerate(leaves) if is_dynamic(x)]
        found = Specialisation(self.f, structure, leaves, dynamic, self._build)
        result = found(leaves)
        self._keep(key, found)
        if not settings and kinds_of(args) == kinds:
            self._flat[kinds] = found
        return result

    def _keep(self, key: Any, found: Specialisation) -> None:
        self._known[key] = found
        while len(self._known) > SPECIALISATIONS:
            _, gone = self._known.popitem(last=False)
            self._flat = {kinds: s for kinds, s in self._flat.items() if s is not gone}

    def _build(self, recorded: Program) -> tuple[Program, Any]:
        program = optimised(recorded, self.strict)
        return program, build(program, strict=self.strict, threads=self.threads)

    # -- what was made ------------------------------------------------------------------------------------

    @property
    def specialisations(self) -> list[Specialisation]:
        """What was recorded so far, the one used last at the end."""
        return list(self._known.values())

    @property
    def program(self) -> Program:
        """The program that ran last."""
        return self._latest().program

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
    def partition(self) -> Any:
        """The kernels and library calls of the program that ran last."""
        return self._latest().executable.partition

    def forget(self) -> None:
        """Record everything anew: after an array or a number that the function reads by itself has changed."""
        self._matches, self._last = _nothing, None
        self._flat.clear()
        self._known.clear()

    def _latest(self) -> Version:
        for found in reversed(self._known.values()):
            if found.versions:
                return found.versions[0]
        raise ArgumentError(at_user_line("nothing is compiled yet: call the jitted function first"))


def _nothing(args: tuple[Any, ...]) -> bool:
    return False
