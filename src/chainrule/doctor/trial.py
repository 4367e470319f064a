"""Functions of a file differentiated where the file calls them, or at points that are given; in their own process."""

from __future__ import annotations

import ast
import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.claims.load import module_for, package_of, visiting
from chainrule.check.claims.notebook import Shell
from chainrule.check.claims.program import Program, Stopped, limited
from chainrule.check.claims.seen import KEPT, Seen, data
from chainrule.check.claims.syntax.outline import outline
from chainrule.check.reports.processes import speaking, start
from chainrule.doctor.said import parted
from chainrule.doctor.source import Source
from chainrule.errors import ChainruleError
from chainrule.numbers import Carrier, primal
from chainrule.transforms.jvp_vjp import vjp


@dataclass(frozen=True)
class Outcome:
    """What became of a function that was run.

    said      in words
    line      where it was refused, with the words of the refusal
    passed    the lines that were run without one
    """

    title: str
    said: str
    line: int = 0
    column: int = 0
    what: str = ""
    way: str = ""
    passed: frozenset[int] = frozenset()
    done: bool = False


@dataclass
class Calls(Seen):
    """Notes the arguments of functions, also while they are differentiated: the numbers behind those."""

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        def look(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and frame.f_code.co_name in self.names and frame.f_code.co_filename in self.files:
                self.note(frame)

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            yield
        finally:
            sys.setprofile(before)

    def note(self, frame: FrameType) -> None:
        code = frame.f_code
        kept = self.calls.setdefault(code, [])
        if len(kept) >= KEPT:
            return
        names = code.co_varnames[: code.co_argcount]
        args: Any = [frame.f_locals[name] for name in names]
        if names[:1] == ("self",):
            self.owners[code] = args.pop(0)
        with contextlib.suppress(Exception):
            point = data(tuple(trees.map(lambda x: primal(x) if isinstance(x, Carrier) else x, args)))
            if point is not None:
                kept.append(point)


def tried(source: Source, titles: list[str], at: list[Any] | None, limit: float) -> list[Outcome]:
    """What becomes of functions of a file, each named by its title, where the file calls them or `at` points."""
    child = start(_work, source.path, source.body, titles, at, limit)
    outcomes: list[Outcome] = []
    end, why = time.monotonic() + limit + 20.0, "no answer"
    try:
        while speaking([child], max(end - time.monotonic(), 0.0)):
            found = child.hear()
            if found is None:
                break
            outcomes.append(found)
    except (EOFError, OSError):
        why = "its process ended"
    child.close()
    child.finish()
    child.printed()
    told = {outcome.title for outcome in outcomes}
    return outcomes + [Outcome(t, f"not run to the end: {why} within {limit:g} s") for t in titles if t not in told]


def _work(
    path: Path, body: list[ast.stmt], titles: list[str], at: list[Any] | None, limit: float, pipe: Any, _: Any
) -> None:
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 3000))
    with contextlib.suppress(BrokenPipeError):
        try:
            _run(path, body, titles, at, limit, pipe.send)
        except Exception as error:
            for title in titles:
                pipe.send(Outcome(title, f"could not be run: {type(error).__name__}: {error}".partition("\n")[0]))
        pipe.send(None)


def _run(
    path: Path, body: list[ast.stmt], titles: list[str], at: list[Any] | None, limit: float, tell: Callable[..., None]
) -> None:
    root, package = package_of(path)
    module, filename = module_for(path, package), str(path.resolve())
    book = path.suffix == ".ipynb"
    names = vars(module)
    if book:
        names.update(get_ipython=lambda: Shell(names), display=print)
    seen = Calls({title.rpartition(".")[2] for title in titles})
    program = Program(module, seen, limit=limit, notebook=book)
    looked_at = outline(_whole(body, at is None))
    statements = [replace(statement, needed=True) for statement in looked_at.statements]
    with visiting(root, path), contextlib.chdir(path.resolve().parent) if book else contextlib.nullcontext():
        program.run(statements, filename, 0, len(statements))
        for title in titles:
            tell(_outcome(title, names, seen, at, limit, program, filename))


def _whole(body: list[ast.stmt], main: bool) -> list[ast.stmt]:
    """The statements of a file, those below `if __name__ == "__main__"` among them."""
    found: list[ast.stmt] = []
    for node in body:
        tests = isinstance(node, ast.If) and "__name__" in {
            n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)
        }
        if not tests:
            found.append(node)
        elif main and isinstance(node, ast.If):
            found += node.body
    return found


def _outcome(
    title: str, names: dict[str, Any], seen: Calls, at: list[Any] | None, limit: float, program: Program, file: str
) -> Outcome:
    f = _function(title, names, seen)
    if f is None:
        because = program.failures[0] if program.failures else None
        return Outcome(
            title, f"not run: {because.where}: {because.message}" if because else "not run: nothing calls it"
        )
    noted = [p for code, points in seen.calls.items() if code.co_name == title.rpartition(".")[2] for p in points]
    points = [p if isinstance(p, tuple) else (p,) for p in at] if at is not None else noted
    if not points:
        because = program.failures[-1] if program.failures else None
        more = f" ({because.where}: {because.message})" if because else ""
        return Outcome(title, f"not run: the file does not call it with numbers{more}; --at gives it some")
    where = f"at {len(points)} point{'s' * (len(points) > 1)} {'given' if at is not None else 'of the file'}"
    try:
        with limited(limit):
            return differentiated(f, points[0], title, where, file)
    except Stopped:
        return Outcome(title, f"not run to the end within {limit:g} s, {where}")


def _function(title: str, names: dict[str, Any], seen: Calls) -> Any:
    kind, _, name = title.rpartition(".")
    if not kind:
        found = names.get(name)
        return found if callable(found) else None
    owner = next((o for code, o in seen.owners.items() if code.co_name == name), None)
    if owner is None:
        with contextlib.suppress(Exception):
            owner = names[kind]()
    return getattr(owner, name, None)


def differentiated(f: Any, args: tuple[Any, ...], title: str, where: str, file: str) -> Outcome:
    """Differentiate f at a point, and say where it was refused."""
    leaves, structure = trees.flatten(args)
    moves = [k for k, x in enumerate(leaves) if _is_float(x)]
    moves = moves or [k for k, x in enumerate(leaves) if type(x) is int]
    if not moves:
        return Outcome(title, f"not run: no numbers among its arguments {where}")
    wanted = [float(leaves[k]) if type(leaves[k]) is int else leaves[k] for k in moves]

    def whole(*xs: Any) -> Any:
        given = list(leaves)
        for k, x in zip(moves, xs, strict=True):
            given[k] = x
        return f(*trees.unflatten(structure, given))

    whole.__module__ = getattr(f, "__module__", None) or whole.__module__
    lines: set[int] = set()
    try:
        with _passing(file, lines), np.errstate(all="ignore"):
            value, pullback = vjp(whole, *wanted)
            slopes = pullback(trees.map(_one, value))
    except Exception as error:
        return _stopped(error, title, where, file, lines)
    sizes = [np.max(np.abs(np.asarray(s)), initial=0.0) for s in trees.flatten(slopes)[0]]
    if not any(sizes):
        return Outcome(title, f"differentiated {where}: the gradient is 0 by every argument", passed=frozenset(lines))
    finite = all(math.isfinite(size) for size in sizes)
    told = f"differentiated {where}{'' if finite else ': the gradient is not finite'}"
    return Outcome(title, told, passed=frozenset(lines), done=True)


def _one(y: Any) -> Any:
    return np.ones(np.shape(y), np.asarray(y).dtype)[()] if np.ndim(y) else 1.0


def _is_float(x: Any) -> bool:
    return isinstance(x, (float, np.floating)) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def _stopped(error: Exception, title: str, where: str, file: str, lines: set[int]) -> Outcome:
    line, column = _place(error.__traceback__, file)
    said = str(error).partition("\n")[0]
    passed = frozenset(lines - {line})
    if not isinstance(error, ChainruleError):
        text = f"stopped {where} at line {line}: {type(error).__name__}: {said}"
        return Outcome(title, text, passed=passed)
    what, way = parted(str(error))
    return Outcome(title, f"refused {where} at line {line}", line, column, what, way, passed)


def _place(found: TracebackType | None, file: str) -> tuple[int, int]:
    """The innermost place in the user's file that an error came through."""
    line, column = 0, 0
    while found is not None:
        code: CodeType = found.tb_frame.f_code
        if code.co_filename == file:
            at = list(code.co_positions())[found.tb_lasti // 2]
            line, column = found.tb_lineno, (at[2] or 0) + 1
        found = found.tb_next
    return line, column


@contextlib.contextmanager
def _passing(file: str, lines: set[int]) -> Iterator[None]:
    """Note the lines of a file that are run."""

    def follow(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != file:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        yield
    finally:
        sys.settrace(before)
