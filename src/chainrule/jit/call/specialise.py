"""The recordings of one function for arguments of one structure, one set of shapes and types, and one set of static
values: a version for each way through the function's branches."""

from __future__ import annotations

import contextlib
import enum
import functools
import numbers
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule import trees
from chainrule.carriers.assignment import in_place
from chainrule.carriers.lift import lift
from chainrule.carriers.lifting.caches import noting
from chainrule.carriers.questions import ASKED
from chainrule.engine import uncollected
from chainrule.errors import REFUSALS, ArgumentError, JitWarning, StaleRecording, swallowed, user_line
from chainrule.inputs import OPEN
from chainrule.jit.call.weak_method import plain
from chainrule.jit.captured.outside import Outside
from chainrule.jit.emit.executable import Doubtful, OutOfRange
from chainrule.jit.passes.counts import by_counts
from chainrule.jit.plan.strided import Layout, layout_of
from chainrule.jit.plan.strong_zeros import derived, leaves_range
from chainrule.jit.program import Program, alike, hidden
from chainrule.jit.record.arguments import Arguments, Entry
from chainrule.jit.record.branches import by_each_way
from chainrule.jit.record.reads import keep_bounds
from chainrule.jit.record.results import Results, finite, like, near
from chainrule.jit.record.tracer import new_trace
from chainrule.numbers import Carrier, StandIn
from chainrule.sweeps.cotangents import missing
from chainrule.tracebacks import explained
from chainrule.transforms.calling import settled
from chainrule.transforms.plainly import compare

VERSIONS = 32
"""Ways through a function that are kept for one specialisation; beyond, it runs without a recording."""

FEW, SECONDS = 4, 10.0
"""Ways that are recorded whatever they take, and seconds that all may take. Beyond both no more than half of the time
goes into recording others: a function that takes another way in every call would be compiled for minutes."""

FastPath = tuple[Callable[..., Any], Callable[[], bool], Callable[[list[Any]], Any], "Version"]
"""A version as it is called: by its arguments; whether what it reads is unchanged; how its results are put together."""

Build = Callable[..., tuple["Program | Callable[[], Program]", Any]]
"""What optimises a recorded program, and compiles it for arguments that lie in memory in a Layout; `means=True`: with
the numbers of elements that masks take out as numbers of the program. It gives the optimised program, or what makes it,
and the machine code."""

PATIENCE = 1024
"""Calls at most from one look at a number that has left the range of floats to the next, while it does no harm."""

COUNTS = 1 << 16
"""Numbers of elements taken out by masks that are remembered for one version."""

LAYOUTS = 4
"""In which arguments may lie in memory for one version; in others they are copied."""


class Version:
    """One way through the function: its program as recorded, its machine code, and how results are put together.

    `unrecorded` counts the calls that the function itself was asked in, as derivatives were not finite, or had left the
    range of floats. Where products of constants leave it, that is so in every call: there is no quick entry then, and
    after a rest of so many calls the function is asked again.
    `counts` are the numbers of elements that masks may take out; with `means` the program divides by them.
    `entered` makes a function of the call's arguments of one that takes the numbers among them.
    """

    def __init__(
        self,
        recorded: Program,
        results: Results,
        outside: Outside,
        look: Callable[[], Outside],
        build: Build,
        entered: Callable[[Entry], Entry],
        inputs: Sequence[Any],
    ) -> None:
        self.recorded, self.record_seconds = recorded, 0.0
        self.derived, self.unrecorded = derived(recorded), 0
        self._outside, self._look = outside, look
        self.results = results.put
        self._build, self._entered = build, entered
        self._types = [type(x) for x in inputs]
        self._puts = results
        self.counts: dict[tuple[float, ...], None] = {}
        self.means = False
        self._lost, self._patience, self._rest = self.derived and leaves_range(recorded), 1, 0
        self.variants: dict[Layout, tuple[Any, Entry, FastPath]] = {}  # executables; the one that ran last at the end
        self._program: Program | Callable[[], Program]
        self._variant(inputs)

    @property
    def program(self) -> Program:
        """What ran last, after the passes."""
        if not isinstance(self._program, Program):
            self._program = self._program()
            hidden(self._program)
        return self._program

    @property
    def outside(self) -> list[str]:
        """The names of numbers and arrays that are read besides the arguments."""
        return self._outside.names

    @functools.cached_property
    def steady(self) -> bool:
        """Whether the same elements are moved to the same places at every call, as far as the steps say."""
        return not any(s.op in ("gather", "scatter_at") or s.op.startswith("numpy.") for s in self.recorded.steps())

    @property
    def executable(self) -> Any:
        """What ran last."""
        return next(reversed(self.variants.values()))[0]

    @property
    def entry(self) -> Entry:
        """The quickest way in for arguments that lie in memory as those of the last call did."""
        return next(reversed(self.variants.values()))[1]

    def harmless(self, harmless: bool) -> bool:
        """Whether the function itself gives what the program gave, though a number left the range of floats. Where it
        does so again and again, as in a softmax of distant numbers, it is asked in ever fewer calls."""
        self._patience = min(2 * self._patience, PATIENCE) if harmless else 1
        self._rest = self._patience if harmless else 0
        patient = getattr(self.executable, "patient", None)
        if patient is not None:
            patient(self._rest)
        return harmless

    @property
    def ways(self) -> list[FastPath]:
        """The one taken last first."""
        return [way for *_, way in reversed(self.variants.values())]

    def __call__(self, inputs: Sequence[Any]) -> list[Any] | None:
        """What the program computes; None where it is not the way that these numbers take."""
        if not self._outside.watch.holds():
            self._look_again()
        executable, entry, _ = self._variant(inputs)
        found = entry(*inputs)
        if found is NotImplemented:
            holds, found = executable.run(inputs)
            if not holds:
                return None
            found = self._counted(found)
        if self._lost and found is not None:
            self._rest -= 1
            return found if self._rest >= 0 else OutOfRange(found)
        return cast("list[Any] | None", found)

    def takes(self, simple: Program, results: Results, outside: Outside) -> bool:
        """Whether a recording for masks with other numbers of elements is this one; from now on it is for these too."""
        alike = self.counts and self._outside.differs(outside) is None and self._puts.the_same(results)
        if not (alike and self.agrees(simple, self.means)):
            return False
        if len(self.counts) >= COUNTS:
            del self.counts[next(iter(self.counts))]
        self.counts[by_counts(simple, False).counts] = None
        return True

    def agrees(self, simple: Program, means: bool) -> bool:
        """Whether an optimised program differs in nothing but the numbers of elements that masks take out."""
        mine, other = by_counts(self.program, means), by_counts(simple, means)
        return len(mine.counts) == len(other.counts) and alike(mine, other)

    def _counted(self, found: Any) -> Any:
        """Results without the numbers of elements that masks took out; None where it is not for these."""
        if not isinstance(found, list) or not self.counts:
            return found
        many = len(self.program.counts)
        counts = tuple(found[-many:])
        del found[-many:]
        return found if counts in self.counts else None

    def _look_again(self) -> None:
        """Something is another object: if it is another number too, the program's answer would be an old one."""
        now = self._look()
        name = self._outside.differs(now)
        if name is not None:
            raise StaleRecording.here(
                f"{name!r}, which a jitted function reads besides its arguments, has changed since it was "
                "recorded. Pass it as an argument; or call .forget() on the jitted function to record it again"
            )
        self._outside = now
        self.variants = {
            layout: (executable, entry, self._way(entry)) for layout, (executable, entry, _) in self.variants.items()
        }

    def _way(self, entry: Entry) -> FastPath:
        return self._entered(entry), self._outside.watch.holds, self.results, self

    def _variant(self, inputs: Sequence[Any]) -> tuple[Any, Entry, FastPath]:
        """The machine code for arguments that lie in memory as these do."""
        layout = layout_of(inputs)
        if layout not in self.variants and len(self.variants) >= LAYOUTS:
            layout = ()
        found = self.variants.get(layout)
        if found is None:
            self._program, executable = self._build(self.recorded, layout)
            self.recorded.sample = None
            hidden(self.recorded)
            if isinstance(self._program, Program):
                for program in (self._program, getattr(executable, "program", self._program)):
                    hidden(program)
            make = getattr(executable, "entry", None)
            entry: Entry = _none if make is None or self._lost else make(self._types)
            if isinstance(self._program, Program) and self._program.counts:
                self.counts.setdefault(self._program.counts)
                entry = _of_masks(entry, len(self._program.counts), self.counts)
            found = executable, entry, self._way(entry)
        elif found is next(reversed(self.variants.values())):
            return found
        self.variants = {**{k: v for k, v in self.variants.items() if k != layout}, layout: found}
        return found


def _of_masks(entry: Entry, many: int, known: dict[tuple[float, ...], None]) -> Entry:
    """`entry` without the numbers of elements that masks took out, its last results, which have to be known ones."""

    def enter(*inputs: Any, **settings: Any) -> Any:
        found = entry(*inputs, **settings)
        if type(found) is list:
            counts = tuple(found[-many:])
            del found[-many:]
            return found if counts in known else None
        return found

    return enter


def _none(*inputs: Any, **settings: Any) -> Any:
    return NotImplemented


class Specialisation:
    """A function for one kind of arguments: `key` holds their structure, then their types, shapes and static values;
    `dynamic` are the places of numbers among the flattened arguments."""

    masks = True
    """Whether its programs move elements by computed masks."""
    by_ways = True
    """Whether branches that only compute are computed by each way."""

    def __init__(
        self,
        f: Callable[..., Any],
        key: Any,
        leaves: Sequence[Any],
        dynamic: list[int],
        build: Build,
        arguments: Arguments,
        simple: Callable[[Program], Program] | None = None,
    ) -> None:
        self.f, self.key, self.build, self.arguments = f, key, build, arguments
        self.simple = simple  # the passes, where versions serve masks of several sizes
        self.static = list(leaves)
        for k in dynamic:
            self.static[k] = None
        self.dynamic = dynamic
        self.versions: list[Version] = []
        self.ways: tuple[FastPath, ...] = ()
        self.used = 0  # when it ran last, by the clock of its function
        self._warned = False
        self._begun, self._spent = time.perf_counter(), 0.0

    def __call__(self, inputs: Sequence[Any]) -> Any:
        """The result for these numbers among the arguments."""
        for version in self.versions:
            outputs = version(inputs)
            if outputs is not None:
                if not self.ways or self.ways[0] is not version.ways[0]:
                    self._first(version)
                return self._settled(version, outputs, inputs)
        return self._new(list(inputs))

    def _settled(self, version: Version, outputs: list[Any], inputs: Sequence[Any]) -> Any:
        """The result. Derivatives that are not finite where no argument is nan: as the function itself has them, whose
        sweeps are repeated where numbers leave the range of floats, and find limits."""
        found = version.results(outputs)
        if not isinstance(outputs, Doubtful) or not version.derived or any(map(missing, inputs)):
            return found
        outside = type(outputs) is OutOfRange
        if not outside and finite(outputs):
            return found
        try:
            with np.errstate(all="ignore"):
                other = like(found, self._called(inputs))
        except (ArithmeticError, ValueError):  # Python's operators raise where programs go on as IEEE 754 says
            return found
        if outside and version.harmless(near(found, other)):
            return found
        version.unrecorded += 1
        return other

    def _first(self, version: Version) -> None:
        """The version that ran last is the first to be tried. The list is a new one: others may be going through it."""
        self.versions = [version, *(v for v in self.versions if v is not version)]
        self.ways = tuple(way for v in self.versions for way in v.ways)

    def _new(self, inputs: list[Any]) -> Any:
        """Record the way these numbers take, and go it."""
        begin = time.perf_counter()
        too_much = len(self.versions) >= FEW and self._spent >= SECONDS and 2.0 * self._spent > begin - self._begun
        if too_much or len(self.versions) >= VERSIONS:
            return self._unrecorded(inputs)
        with uncollected():
            version = self.recorded(inputs)
        self._spent += time.perf_counter() - begin
        self._first(version)
        outputs = version(inputs)
        if outputs is None:
            raise ArgumentError(_not_repeatable(version))
        return self._settled(version, outputs, inputs)

    def recorded(self, inputs: list[Any]) -> Version:
        """A version recorded with `inputs`.

        Where the function itself has changed something that it reads, it is recorded once more: what it fills once, as
        a cache of its own, is then as it was. What changes again is no longer watched if the program is the same with
        it, as with a count of calls. Otherwise the next call's answer would be another one: ArgumentError.
        """
        before = self._outside([])
        made, met = self._record(inputs, before.catches)
        after = self._outside([])
        self._warn_of_random(before, after)
        given_up: dict[Any, str] = {}
        if after.changed_since(before):
            (first, constants, _), before = made, after
            made, met = self._record(inputs, after.catches)
            after = self._outside([])
            given_up = after.changed_since(before)
            if given_up and not (alike(first, made[0]) and constants.alike(made[1])):
                raise ArgumentError.here(_changing(next(iter(given_up.values()))))
        met = after.unnamed(met)
        outside = self._outside(met) if met else after
        outside.without(given_up)

        def look() -> Outside:
            found = self._outside(met)
            found.without(given_up)
            return found

        program, results, seconds = made
        build, means = self.build, False
        if self.simple is not None and any(v.counts for v in self.versions):
            simple = self.simple(program)
            for version in self.versions:
                if version.takes(simple, results, outside):
                    return version
            means = any(v.counts and v.agrees(simple, means=True) for v in self.versions)
            build = functools.partial(self.build, means=True) if means else build
        version = Version(program, results, outside, look, build, self.arguments.entered, inputs)
        version.record_seconds, version.means = seconds, means
        return version

    def _record(self, inputs: list[Any], catches: bool) -> tuple[tuple[Program, Results, float], list[Any]]:
        begin = time.perf_counter()
        run = new_trace(catches, self.masks)
        try:
            with noting() as noted, by_each_way(run) if self.by_ways else contextlib.nullcontext():
                numbers = [self._sample(x) for x in inputs]
                out = self._called([run.input(x) for x in numbers])
        except BaseException:
            run.stopped()
            raise
        leaves, structure = trees.flatten(out)
        leaves = [_settled(y) for y in leaves]
        _refuse_no_numbers(leaves, out is None)
        results = self._results(structure, leaves)
        keep_bounds(run.reads, Program(run.inputs, results.steps, run.guards).steps() if run.reads else ())
        run.ended()
        program = Program(run.inputs, results.steps, run.guards, (numbers, results.values))
        del out, leaves
        return (program, results, time.perf_counter() - begin), [*noted, *run.met()]

    def _sample(self, x: Any) -> Any:
        """The number of NumPy's or Python's that stands for `x` while the function is recorded."""
        return x

    def _results(self, structure: Any, leaves: list[Any]) -> Results:
        """How what the program computes becomes what the function returned."""
        return Results(structure, leaves)

    def _outside(self, met: list[Any]) -> Outside:
        watched = [x for x in self.static if callable(x) or isinstance(x, enum.Enum)]
        return Outside([plain(self.f), *watched], met)

    def _called(self, numbers: Sequence[Any]) -> Any:
        leaves = list(self.static)
        for k, x in zip(self.dynamic, numbers, strict=True):
            leaves[k] = x
        args, settings = trees.unflatten(self.key[0], leaves)
        before, questions = REFUSALS[0], ASKED[0]
        f = lift(plain(self.f))
        try:
            y = f(*args, **settings)
        except Exception as error:
            error = explained(error)
            raise error
        if REFUSALS[0] != before and (refusal := swallowed(before)) is not None:
            raise refusal
        if ASKED[0] != questions:
            compare(f, args, y, settings)
        return y

    def _warn_of_random(self, before: Outside, after: Outside) -> None:
        drawn = [name for name, state in after.states.items() if before.states.get(name) != state]
        if drawn:
            _warn(
                f"a jitted function drew random numbers ({', '.join(drawn)}) while it was recorded; every call will "
                "use these again. Draw them outside, and pass them as an argument"
            )
        for what, names in before.drawn.items():
            _warn(
                f"a jitted function {what} ({', '.join(names)}); every call will use what its recording found. Ask "
                "outside, and pass it as an argument"
            )

    def _unrecorded(self, inputs: list[Any]) -> Any:
        self._warn_of_ways()
        return self._called(inputs)

    def _warn_of_ways(self) -> None:
        if self._warned:
            return
        self._warned = True
        guard = self.versions[0].recorded.guards[-1]
        _warn(
            f"a jitted function took {len(self.versions)} ways through its branches ({guard.line}, ...), compiled in "
            f"{self._spent:.0f} s; calls that take yet another one run without a recording. Choose between numbers "
            "with np.where in place of if"
        )


def _warn(message: str) -> None:
    """A warning that points to the user's line, wherever in here it comes from."""
    path, line = user_line()
    warnings.warn_explicit(message, JitWarning, path or "jit", line)


def _settled(y: Any) -> Any:
    y = in_place.now(settled(y, -1) if isinstance(y, np.ndarray) else y)
    if isinstance(y, Carrier):
        kind = type(y).__name__
        said = f"a jitted function returned a {kind}; return numbers and arrays, for a Value its .data"
        if y.level in OPEN:
            said = (
                f"a jitted function returned a {kind}: it reads a number that is being differentiated from outside;\n"
                "  pass that number as an argument, so that its derivative is computed"
            )
        raise ArgumentError.here(said)
    return y


def _refuse_no_numbers(leaves: list[Any], nothing: bool) -> None:
    """A function that computes nothing has returned something else than was meant."""
    if nothing:
        raise ArgumentError.here("the jitted function returned None: is a return missing?")
    if leaves and not any(isinstance(y, (StandIn, np.ndarray, np.generic, numbers.Number)) for y in leaves):
        kind = "str" if isinstance(leaves[0], str) else type(leaves[0]).__name__
        raise ArgumentError.here(
            "expected a jitted function to return numbers, arrays, or lists, tuples and dicts of them, got "
            f"{kind} {str(leaves[0])[:40]!r}; return what it computes"
        )


def _changing(name: str) -> str:
    return (
        f"{name!r} is read by a jitted function and changes with each call of it, so that no recording holds for the "
        "next call; pass it as an argument and return what it becomes"
    )


def _not_repeatable(version: Version) -> str:
    lines = ", ".join(dict.fromkeys(g.line for g in version.recorded.guards))
    return (
        "a jitted function took another way the second time with the same arguments: its branches depend on more "
        f"than its arguments, or on the last digits of a number ({lines})"
    )
