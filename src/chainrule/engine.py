"""Which engine runs: the modules that were compiled when the package was installed, or their sources uncompiled.

Both are the same files and give the same numbers. With CHAINRULE_PURE=1 in the environment the sources run in any case.
The package imports this file before all others, because it decides how they are found.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from types import ModuleType

from chainrule.records import record

PURE = os.environ.get("CHAINRULE_PURE", "") not in ("", "0")


@contextlib.contextmanager
def uncollected(stay: bool = False) -> Iterator[None]:
    """Without the garbage collector: where very many objects are made that all stay, those of an import or a recording,
    it looks at them again and again. That took a seventh of the time of an import.

    stay   whether they stay for good: they count as old, and are not looked at when it is switched on either
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            if stay and not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # to the oldest generation
            gc.enable()


class CompiledLoader(ExtensionFileLoader):
    """Loads a compiled module from the library that holds them all, under its whole name; from a library beside its
    source where one lies there. It knows the source it was compiled from: tracebacks show its lines."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        if self.path != LIBRARY:
            return super().create_module(spec)
        module = super().create_module(ModuleSpec(f"{spec.parent}.{spec.name.replace('.', '_')}", self, origin=LIBRARY))
        module.__name__ = spec.name
        return module

    def get_source(self, fullname: str) -> str | None:  # type: ignore[override]  # typeshed: a library has none
        path = os.path.join(os.path.dirname(__file__), *fullname.split(".")[1:]) + ".py"
        try:
            with open(path, encoding="utf-8") as source:
                return source.read()
        except FileNotFoundError:
            return None


SOURCES = (SourceFileLoader, SOURCE_SUFFIXES)
LOADERS = [SOURCES] if PURE else [(CompiledLoader, EXTENSION_SUFFIXES), SOURCES]


def _library() -> tuple[str, frozenset[str]]:
    """Where the compiled modules are, and which they are."""
    if PURE:
        return "", frozenset()
    try:
        compiled = import_module("chainrule.compiled")
    except ModuleNotFoundError:  # the sources run
        return "", frozenset()
    return compiled.__file__ or "", frozenset(compiled.modules.split())


LIBRARY, LISTED = _library()


class Finder:
    """Finds the modules of this package, and leaves all others to the finders after it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if path is None or not name.startswith("chainrule."):
            return None
        if name in LISTED:
            spec = ModuleSpec(name, CompiledLoader(name, LIBRARY), origin=LIBRARY)
            spec.has_location = True
            return spec
        return next(filter(None, (_files(folder).find_spec(name, target) for folder in path)), None)


@lru_cache(maxsize=64)
def _files(folder: str) -> FileFinder:
    return FileFinder(folder, *LOADERS)


sys.meta_path.insert(0, Finder)


@record(frozen=True)
class Info:
    """What computes here. `compiled` names the modules that run compiled; `llvmlite` is "" where it is missing.

    `str(info)` is a small table of it.
    """

    version: str
    compiled: tuple[str, ...]
    python: str
    numpy: str
    llvmlite: str
    cpu: str

    @property
    def engine(self) -> str:
        """Either "compiled" or "pure Python"."""
        return "compiled" if self.compiled else "pure Python"

    @property
    def because(self) -> str:
        """How many modules are compiled, or why there are none."""
        if self.compiled:
            return f"{len(self.compiled)} modules"
        return "CHAINRULE_PURE is set" if PURE else "no compiled module is installed"

    def __str__(self) -> str:
        return "\n".join(
            [
                f"chainrule {self.version}",
                f"  engine    {self.engine}: {self.because}",
                f"  Python    {self.python}",
                f"  NumPy     {self.numpy}",
                f"  llvmlite  {self.llvmlite or 'not installed'}",
                f"  CPU       {self.cpu}",
            ]
        )

    __repr__ = __str__


def installed(name: str) -> str:
    """The version of a package; "" where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # takes as long to import as half the package

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def info() -> Info:
    """The versions of Chainrule and of what it computes with, and whether its engine runs compiled.

    >>> print(info())
    chainrule ...
      engine    ...
      Python    ...
      NumPy     ...
      llvmlite  ...
      CPU       ...
    """
    import platform

    return Info(
        version=installed("chainrule") or "from source",
        compiled=compiled_modules(),
        python=f"{platform.python_version()} {platform.python_implementation()}",
        numpy=installed("numpy"),
        llvmlite=installed("llvmlite"),
        cpu=f"{processor()}, {os.cpu_count()} cores",
    )


def compiled_modules() -> tuple[str, ...]:
    """The names of the imported modules of this package that run compiled."""
    ours = [(name, module.__spec__) for name, module in sys.modules.items() if name.startswith("chainrule.")]
    ours = [(name, spec) for name, spec in ours if name != "chainrule.shared"]  # what Cython adds to them
    return tuple(sorted(name for name, spec in ours if spec is not None and isinstance(spec.loader, CompiledLoader)))


def processor() -> str:
    """The name of the processor, as the system has it."""
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as described:
        for line in described:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    import platform

    return platform.processor() or platform.machine()
