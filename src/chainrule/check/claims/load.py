"""Running a user's Python file: as its own module, with its folder importable and its output kept."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

COUNT = itertools.count(1)


class Failure(NamedTuple):
    """Where the user's code stopped, and the last line of what Python said about it."""

    where: str
    message: str


class Nobody(io.StringIO):
    """Standard input at its end: `input()` fails instead of waiting, also after `exit()` closes it."""

    def close(self) -> None: ...


class Loaded(NamedTuple):
    """What a file left behind: its names (up to where it failed, if it did), its output, its failure."""

    namespace: dict[str, Any]
    output: str
    failure: Failure | None


def load(path: Path) -> Loaded:
    """Run a Python file as a module of its own; what stands below `if __name__ == "__main__"` does not run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "cubes.py")
    ...     _ = file.write_text("print('hello')\\ndef cube(x): return x**3\\n1 / 0\\n")
    ...     loaded = load(file)
    >>> loaded.namespace["cube"](2), loaded.output, loaded.failure
    (8, 'hello\\n', Failure(where='line 3', message='ZeroDivisionError: division by zero'))
    """
    root, package = package_of(path)
    module, filename = module_for(path, package), str(path.resolve())
    with visiting(root, path) as output:
        try:
            failure = execute(compile(path.read_bytes(), filename, "exec", dont_inherit=True), module)
        except (SyntaxError, ValueError) as error:  # ValueError: a null byte, an unknown encoding
            failure = failure_of(error, filename)
    return Loaded(vars(module), output.getvalue(), failure)


def execute(code: CodeType, module: ModuleType) -> Failure | None:
    """Run code in a module. What it raises becomes a Failure, except KeyboardInterrupt: that one is ours."""
    try:
        exec(code, vars(module))
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and error.code == 0:
            return None  # a script that ends itself in good order
        return failure_of(error, code.co_filename)
    return None


def failure_of(error: BaseException, filename: str) -> Failure:
    """The innermost line of `filename` that an exception passed through, and its message in one line."""
    if isinstance(error, SyntaxError):
        line, text = error.lineno or 0, error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == filename), 0)
        text = str(error)
    said = text.strip().splitlines()[:1]
    return Failure(f"line {line}" if line else "", ": ".join([type(error).__name__, *said]))


def module_for(path: Path, package: str = "") -> ModuleType:
    """An empty module under a name nobody else has; registered, since dataclasses and pickle look it up."""
    module = ModuleType(f"_checked_{next(COUNT)}_{path.stem}")
    module.__file__ = str(path)
    module.__package__ = package
    sys.modules[module.__name__] = module
    return module


def package_of(path: Path) -> tuple[Path, str]:
    """The folder to import from and the package a file is in, so that its relative imports work."""
    folder, parts = path.resolve().parent, list[str]()
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


@contextlib.contextmanager
def visiting(root: Path, path: Path) -> Iterator[io.StringIO]:
    """Import path, arguments, streams and plots as a script at `path` expects them, given back afterwards.

    Modules that came from `root` are forgotten, since the next folder may have another `helpers.py`.
    """
    before = set(sys.modules)
    kept = sys.path[:], sys.argv[:], sys.stdin
    output = io.StringIO()
    sys.path.insert(0, str(root))
    sys.argv[:] = [str(path)]
    sys.stdin = Nobody()
    try:
        with keeping(output), plots_off_screen():
            yield output
    finally:
        sys.path[:], sys.argv[:], sys.stdin = kept
        for name in set(sys.modules) - before:
            top = name.partition(".")[0]
            if top not in before and ((root / f"{top}.py").exists() or (root / top).is_dir()):
                del sys.modules[name]


@contextlib.contextmanager
def keeping(output: io.StringIO) -> Iterator[None]:
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
