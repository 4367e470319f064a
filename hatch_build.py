"""Compiles the engine when the package is built: the modules named in pyproject.toml, from the sources that also run
uncompiled.

Where that fails, the reason is printed and the package is built without: it does the same, more slowly. With
CHAINRULE_COMPILE=0 in the environment nothing is compiled; with CHAINRULE_COMPILE=1 a failure ends the build.
An editable install puts the compiled modules beside their sources; after a change there, install again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import chdir
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Nothing but the .pxd files says what is a C number. Contracting a * b + c into one rounding would make the last bit
# depend on the processor; a faster instruction set would bind the wheel to the machine it was built on. An index beyond
# the end and an attribute of None are exceptions: a wrong operand may reach any line, and must not end the process.
DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "autotestdict": False,
    "boundscheck": True,
    "cdivision": True,
    "initializedcheck": True,
    "nonecheck": True,
}
HEADERS = ["chainrule/native"]
MACROS = [("NPY_TARGET_VERSION", "NPY_1_22_API_VERSION")]  # the first whose allocator may be replaced
LINKING = ["-Wl,-s"] if sys.platform == "linux" else []  # names of functions within a module: a seventh of its size
OPTIONS = ["/O2", "/fp:precise"] if os.name == "nt" else ["-O3", "-g0", "-ffp-contract=off"]


class CompiledEngine(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, or lays them beside their sources for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        source = Path(self.root, "src")
        if version == "editable":
            _remove_compiled(source / "chainrule")  # they would run in place of what is installed now
        wanted = os.environ.get("CHAINRULE_COMPILE", "")
        if wanted == "0":
            return
        self.built = tempfile.TemporaryDirectory(prefix="chainrule-")
        target = Path(self.built.name)
        try:
            libraries = compiled(self.config["compiled"], source, target)
        except Exception as error:  # no compiler, no headers, an error in a source: all leave the sources to run
            if wanted == "1":
                raise
            self.app.display_warning(f"chainrule is installed without its compiled engine: {error}")
            return
        for library in libraries:
            place = library.relative_to(target / "lib")
            if version == "editable":
                shutil.copy2(library, source / place)
            else:
                build_data["force_include"][str(library)] = place.as_posix()
                build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "built"):
            self.built.cleanup()


def compiled(modules: list[str], source: Path, target: Path) -> list[Path]:
    """Compile modules below `source` into `target`/lib; gives the libraries. Raises what Cython and setuptools do."""
    import numpy as np
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    workers = min(len(modules), os.cpu_count() or 1)
    with chdir(source):  # the paths in tracebacks are relative to it, as those below site-packages are
        named = [
            Extension(
                m,
                [m.replace(".", "/") + ".py"],
                define_macros=MACROS,
                include_dirs=[*HEADERS, np.get_include()],
                extra_compile_args=OPTIONS,
                extra_link_args=LINKING,
            )
            for m in modules
        ]
        extensions = cythonize(
            named, build_dir=str(target / "c"), nthreads=workers, compiler_directives=DIRECTIVES, force=True
        )
        build = build_ext(Distribution({"name": "chainrule", "ext_modules": extensions}))
        build.build_lib, build.build_temp, build.parallel = str(target / "lib"), str(target / "objects"), workers
        build.ensure_finalized()
        build.run()
    return sorted(path for path in (target / "lib").rglob("*") if path.is_file())


def _remove_compiled(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            path.unlink()
