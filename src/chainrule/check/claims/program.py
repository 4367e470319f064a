"""A user's program run statement by statement: limits, what fails and what follows from it, what is left out."""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib.util
import inspect
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import field
from types import FrameType, ModuleType
from typing import NamedTuple

from chainrule.check.claims.missing import StandsIn, folder_of
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.statements import Statement
from chainrule.records import record

PATIENCE = 3.0  # seconds of a limited run for all statements together that no claim needs


class Failure(NamedTuple):
    """Where the user's code stopped, and the last line of what Python said about it."""

    where: str
    message: str


class Stopped(BaseException):
    """The time for a statement is over. No Exception: the user's code must not catch it."""


class Left(BaseException):
    """The user's code called `os._exit`."""


@contextlib.contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raise Stopped in what runs longer than `seconds`, again and again while it is caught."""
    possible = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not possible:
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.01), 0.25)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@record
class Program:
    """Runs statements in a module.

    limit   seconds for what claims need; None for no limit
    tell    called before each statement with (its number, how many, its place, the seconds it has)
    halted  called with the place of a statement that was interrupted, after which nothing runs; None: pass it on
    skip    the numbers of statements that ended the process the last time
    """

    module: ModuleType
    seen: Seen
    limit: float | None = None
    tell: Callable[[int, int, str, float | None], None] = lambda *_: None
    halted: Callable[[str], None] | None = None
    skip: frozenset[int] = frozenset()
    notebook: bool = False
    strict: bool = False  # what fails ends the program, as Python does it
    place: str = ""
    failures: list[Failure] = field(default_factory=list)
    left_out: list[Failure] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    stands: StandsIn = field(default_factory=StandsIn)
    absent: dict[str, int] = field(default_factory=dict)
    followers: dict[int, int] = field(default_factory=dict)
    spent: float = 0.0
    waited: float = 0.0
    ended: bool = False
    left: bool = False  # it ended itself: what follows runs as far as claims need it, as a file that is imported
    flags: int = 0

    def run(self, statements: list[Statement], filename: str, first: int, count: int) -> None:
        """Run statements of `filename`; they are numbers `first`, ... of `count`."""
        self.seen.files.add(filename)
        for number, statement in enumerate(statements, start=first):
            if self.ended:
                return
            if statement.needed or not self.left:
                self.step(statement, filename, number, count)

    def step(self, statement: Statement, filename: str, number: int, count: int) -> None:
        node = statement.node
        line = f"line {node.lineno}"
        broken = [n for n in sorted(statement.reads_now) if n in self.missing and n not in vars(self.module)]
        if broken:
            cause = self.missing[broken[0]]
            self.followers[cause] = self.followers.get(cause, 0) + 1
            self.missing |= dict.fromkeys(statement.binds, cause)
            return
        allowed = self._allowed(statement)
        if number in self.skip or (allowed is not None and allowed <= 0):
            return
        self.tell(number, count, self.place or line, allowed)
        start = time.monotonic()
        try:
            with limited(allowed), self.seen.watching():
                self._supplied(node, filename)
        except Stopped:
            if statement.needed:
                said = f"the limit of {self.limit:g} s was reached; --limit SECONDS gives more"
                self.failures.append(Failure(line, said))
                self.ended = True
            else:
                self.left_out.append(Failure(line, f"left after {PATIENCE:g} s: no claim needs it"))
        except KeyboardInterrupt:
            self.ended = True
            if self.halted is None:
                raise
            self.halted(f"{self.place}, {line}" if self.place else line)
        except BaseException as error:
            self._failed(error, statement, filename)
        finally:
            took = time.monotonic() - start
            self.spent += took if statement.needed else 0
            self.waited += 0 if statement.needed else took

    def _allowed(self, statement: Statement) -> float | None:
        if self.limit is None:
            return None
        if statement.needed:
            return self.limit - self.spent
        return min(PATIENCE, self.limit) - self.waited

    def _supplied(self, node: ast.stmt, filename: str) -> None:
        """Run a statement; modules that it imports in vain are looked for above the file, else stood in for."""
        while True:
            try:
                return self.execute(node, filename)
            except ImportError as error:
                if self.strict or not isinstance(node, (ast.Import, ast.ImportFrom)):
                    raise
                if isinstance(error, ModuleNotFoundError):
                    mended = self._supply(error, node)
                else:
                    mended = isinstance(node, ast.ImportFrom) and (self._within(node) or self._named(node))
                if not mended:
                    raise

    def _folder(self) -> str:
        """Where the file lies."""
        return os.path.dirname(os.path.realpath(self.module.__file__ or ""))

    def _within(self, node: ast.ImportFrom) -> bool:
        """Whether a relative import works now: the file of a folder without `__init__.py` is taken as that of a package
        from as many folders above as the import asks for."""
        if not node.level or self.module.__package__:
            return False
        above, parts = self._folder(), list[str]()
        for _ in range(node.level):
            above, name = os.path.split(above)
            parts.insert(0, name)
        self.module.__package__ = ".".join(filter(None, parts))
        if above not in sys.path:
            sys.path.insert(0, above)
        importlib.invalidate_caches()
        return True

    def _named(self, node: ast.ImportFrom) -> bool:
        """Whether the names that a foreign module no longer has can be imported now: they are stood in for,
        and that is told."""
        module = sys.modules.get(node.module or "")
        absent = [a.name for a in node.names if module is not None and not hasattr(module, a.name)]
        if module is None or node.level or not absent or "*" in absent or not getattr(module, "__file__", None):
            return False
        for name in absent:
            self.stands.lend(module, name)
        names = ", ".join(absent)
        self.failures.append(Failure(f"line {node.lineno}", f"ImportError: {node.module} has no {names}"))
        return True

    def _supply(self, error: ModuleNotFoundError, node: ast.stmt) -> bool:
        """Whether the module that was not found is there now; that it had to be stood in for is told once."""
        name = (error.name or "").partition(".")[0]
        if not name or name in self.absent or name in sys.modules or name == self.module.__name__:
            return False
        above = folder_of(name, self._folder())
        if above is not None and above not in sys.path:
            sys.path.append(above)
            importlib.invalidate_caches()
            return True
        if importlib.util.find_spec(name):  # a part of it is missing
            return False
        self.absent[name] = len(self.failures)
        self.failures.append(Failure(f"line {node.lineno}", f"ModuleNotFoundError: No module named {name!r}"))
        self.stands.add(name)
        return True

    def execute(self, node: ast.stmt, filename: str) -> None:
        """Run one statement; one that awaits is run by an event loop, as IPython does it."""
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for name in node.names:
                self.flags |= getattr(getattr(__future__, name.name, None), "compiler_flag", 0)
        flags = self.flags | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if self.notebook else 0)
        code = compile(ast.Module([node], []), filename, "exec", flags=flags, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            import asyncio  # as large as all of NumPy's Python, and cells that await are rare

            asyncio.run(eval(code, vars(self.module)))
        else:
            exec(code, vars(self.module))

    def _failed(self, error: BaseException, statement: Statement, filename: str) -> None:
        self.ended = self.strict or isinstance(error, Left)
        self.left = isinstance(error, SystemExit) and not self.notebook
        if isinstance(error, SystemExit) and error.code in (0, None) and not self.notebook:
            return  # a script that ends itself in good order
        cause = self.absent.get(error.name or "") if isinstance(error, ModuleNotFoundError) else None
        if cause is None:
            cause = len(self.failures)
            self.failures.append(failure_of(error, filename))
        else:
            self.followers[cause] = self.followers.get(cause, 0) + 1
        now = vars(self.module)
        self.missing |= {name: cause for name in statement.binds if name not in now}

    def told(self) -> list[Failure]:
        """The failures, with how many later statements could not run for each."""
        return [
            f._replace(message=f"{f.message} ({n} later statement{'s' * (n != 1)} without it)")
            if (n := self.followers.get(k, 0))
            else f
            for k, f in enumerate(self.failures)
        ]


def failure_of(error: BaseException, filename: str) -> Failure:
    """The innermost line of `filename` that an exception passed through, and its message in one line."""
    if isinstance(error, SyntaxError):
        line, text = error.lineno or 0, error.msg
    else:
        import traceback  # needed where a file fails only

        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == filename), 0)
        text = str(error)
    said = text.strip().splitlines()[:1]
    return Failure(f"line {line}" if line else "", ": ".join([_kind(error), *said]))


def _kind(error: BaseException) -> str:
    return "os._exit" if isinstance(error, Left) else type(error).__name__
