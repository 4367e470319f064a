"""Running a user's Python file: as its own module, with its folder importable and its output kept."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from chainrule.check.claims.missing import StandsIn
from chainrule.check.claims.outdated import older_imports, parse
from chainrule.check.claims.program import Failure, Program, failure_of
from chainrule.check.claims.seen import Seen
from chainrule.check.claims.syntax.outline import Outline, outline
from chainrule.check.claims.unasked import nothing_required

File = str | os.PathLike[str]
COUNT = itertools.count(1)


class NoInput(io.StringIO):
    """Standard input at its end: `input()` fails instead of waiting, also after `exit()` closes it."""

    def close(self) -> None: ...


class Kept(io.StringIO):
    """What the user's code prints, kept, also after it closes its output; copied to the descriptor `copy` if any."""

    copy: int | None = None

    def write(self, text: str) -> int:
        if Kept.copy is not None:
            os.write(Kept.copy, text.encode("utf-8", "replace"))
        return super().write(text)

    def close(self) -> None: ...


class Loaded(NamedTuple):
    """What a file left behind: its names (up to where it ended, if it did), its output, what failed, what was left
    out, and what was seen while it ran."""

    namespace: dict[str, Any]
    output: str
    failures: list[Failure]
    left_out: list[Failure]
    seen: Seen
    made: Any = None


def load(
    path: File,
    looked_at: Outline | None = None,
    then: Callable[[dict[str, Any], Seen], Any] = lambda *_: None,
    **limits: Any,
) -> Loaded:
    """Run a Python file as a module of its own; one that was looked at goes on after what fails.

    `then` is called with its names and with what was seen while what the file imports is still there: its result is
    `made`. Of what stands below `if __name__ == "__main__"` runs what calls functions whose
    arguments are hard to guess, or hands them to an optimiser.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "cubes.py")
    ...     with open(path, "w") as file:
    ...         _ = file.write("print('hello')\\ndef cube(x): return x**3\\n1 / 0\\n")
    ...     loaded = load(path)
    >>> loaded.namespace["cube"](2), loaded.output, loaded.failures
    (8, 'hello\\n', [Failure(where='line 3', message='ZeroDivisionError: division by zero')])
    """
    root, package = package_of(path)
    module, filename = module_for(path, package), os.path.realpath(path)
    seen = Seen(looked_at.names if looked_at else set())
    program = Program(module, seen, strict=looked_at is None, **limits)
    with visiting(root, path) as output:
        try:
            looked_at = looked_at or outline(parsed(path).body)
            program.run(looked_at.statements, filename, 0, len(looked_at.statements))
        except (SyntaxError, ValueError) as error:  # ValueError: a null byte, an unknown encoding
            program.failures.append(failure_of(error, filename))
        made = then(vars(module), seen)
    return Loaded(vars(module), output.getvalue(), program.told(), program.left_out, seen, made)


def parsed(path: File) -> ast.Module:
    """The syntax tree of a Python file. Raises SyntaxError and ValueError."""
    with open(path, "rb") as file:
        raw, name = file.read(), os.path.realpath(path)
    with contextlib.suppress(SyntaxError):
        tree = ast.parse(raw, name)
        if b"xrange" not in raw:
            return tree
    return parse(raw.decode("utf-8-sig", "replace"), name)


def module_for(path: File, package: str = "") -> ModuleType:
    """An empty module under a name of its own; registered, since dataclasses and pickle look it up."""
    stem = os.path.splitext(os.path.basename(path))[0]
    module = ModuleType(f"_checked_{next(COUNT)}_{stem}")
    module.__file__ = str(path)
    module.__package__ = package
    sys.modules[module.__name__] = module
    return module


def package_of(path: File) -> tuple[str, str]:
    """The folder to import from and the package a file is in, so that its relative imports work."""
    folder, parts = os.path.dirname(os.path.realpath(path)), list[str]()
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    return folder, ".".join(parts)


@contextlib.contextmanager
def visiting(root: str, path: File) -> Iterator[Kept]:
    """Import path, arguments, streams and plots as a script at `path` expects them, given back afterwards.

    Modules that came from `root`, or from folders that the file added, are forgotten, since the next folder may have
    another `helpers.py`.
    """
    before = set(sys.modules)
    kept = sys.path[:], sys.argv[:], sys.stdin
    folder = os.getcwd()
    output = Kept()
    sys.path.insert(0, root)
    sys.argv[:] = [str(path)]
    sys.stdin = NoInput()
    try:
        with keeping(output), plots_off_screen(), older_imports(), nothing_required():
            yield output
    finally:
        with contextlib.suppress(OSError):
            os.chdir(folder)
        roots = {root, *(p for p in sys.path if p not in kept[0])}
        sys.path[:], sys.argv[:], sys.stdin = kept
        for finder in [f for f in sys.meta_path if isinstance(f, StandsIn)]:
            finder.leave()
        for name in set(sys.modules) - before:
            top = name.partition(".")[0]
            if top not in before and any(_is_in(top, folder) for folder in roots):
                sys.modules.pop(name, None)


def _is_in(module: str, folder: str) -> bool:
    place = os.path.join(folder, module)
    return os.path.exists(f"{place}.py") or os.path.isdir(place)


@contextlib.contextmanager
def keeping(output: Kept) -> Iterator[None]:
    """Everything printed, to either stream, goes to `output`."""
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield


@contextlib.contextmanager
def plots_off_screen() -> Iterator[None]:
    """Matplotlib draws without a window, `plt.show()` does nothing, and new figures are closed at the end."""
    asked = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "Agg"
    matplotlib = sys.modules.get("matplotlib")
    backend = matplotlib.get_backend() if matplotlib else None
    if matplotlib:
        matplotlib.use("Agg")
    figures = _figures()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*non-interactive.*")
            yield
    finally:
        for number in _figures() - figures:
            sys.modules["matplotlib.pyplot"].close(number)
        if matplotlib:
            matplotlib.use(backend)
        if asked is None:
            del os.environ["MPLBACKEND"]
        else:
            os.environ["MPLBACKEND"] = asked


def _figures() -> set[int]:
    """The numbers of the open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return set(pyplot.get_fignums()) if pyplot else set()
