"""Compiles the engine when the package is built: the modules named in pyproject.toml, from the sources that also run
uncompiled, into one library. (A library for each is a sixth larger, and takes longer to import.)

Where that fails, the reason is printed and the package is built without: it does the same, more slowly. With
CHAINRULE_COMPILE=0 in the environment nothing is compiled; with CHAINRULE_COMPILE=1 a failure ends the build.
An editable install puts the library among the sources; after a change there, install again: what has not
changed is taken from `build/engine`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import chdir, suppress
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
PLAIN = ["/O2", "/fp:precise"] if os.name == "nt" else ["-O2", "-g0", "-ffp-contract=off"]
# For loops over arrays; other modules it makes a sixth larger, and no faster.
LOOPS = [] if os.name == "nt" else ["-O3"]
OF_LOOPS = ("chainrule.ops.kernels", "chainrule.sweeps.array_nodes")
LIBRARY = "chainrule.compiled"
SHARED = "chainrule.shared"  # what Cython adds to each module, once: written by Cython, which names it as its file
LISTING = """#include <Python.h>
static int list(PyObject *module) { return PyModule_AddStringConstant(module, "modules", "%s"); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, list}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "compiled", NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_compiled(void) { return PyModuleDef_Init(&definition); }
"""
OPTIONS, LINKING = PLAIN, list[str]()
if sys.platform == "linux":
    # The same instructions in less: without names of functions within a module, tables for debuggers, functions
    # that nobody calls, and pages of padding.
    OPTIONS = [*PLAIN, "-fno-asynchronous-unwind-tables", "-ffunction-sections"]
    LINKING = ["-Wl,-s", "-Wl,-z,noseparate-code", "-Wl,--gc-sections"]


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
            library = compiled(self.config["compiled"], source, target, Path(self.root, "build", "engine"))
        except Exception as error:  # no compiler, no headers, an error in a source: all leave the sources to run
            if wanted == "1":
                raise
            self.app.display_warning(f"chainrule is installed without its compiled engine: {error}")
            return
        if version == "editable":
            shutil.copy2(library, source / "chainrule")
        else:
            build_data["force_include"][str(library)] = f"chainrule/{library.name}"
            build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "built"):
            self.built.cleanup()


def compiled(modules: list[str], source: Path, target: Path, kept: Path) -> Path:
    """The library that holds the modules below `source`, made in `target`. Raises what Cython and setuptools do.

    What an earlier build made of the same sources with the same tools is taken from `kept`; the others are compiled,
    and `kept` holds the objects of this build from then on.
    """
    shared = _shared_fingerprint(source)
    modules = [*modules, SHARED]
    objects = {module: kept / f"{module}-{_fingerprint(module, source, shared)}.o" for module in modules}
    missing = [module for module, path in objects.items() if not path.is_file()]
    made = _objects(missing, source, target) if missing else {}
    library = _linked(objects | made, target)
    with suppress(OSError):  # a folder that cannot be written to is built in all the same
        kept.mkdir(parents=True, exist_ok=True)
        for module, path in made.items():
            shutil.copy2(path, target / objects[module].name)
            shutil.move(target / objects[module].name, objects[module])
        for old in {path.name for path in kept.iterdir()} - {path.name for path in objects.values()}:
            (kept / old).unlink()
    return library


def _shared_fingerprint(source: Path) -> bytes:
    """What all libraries depend on: declarations and headers, this file, the tools and their settings."""
    import Cython
    import numpy as np

    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or ""
    settings = [os.environ.get(name) for name in ("CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "LDSHARED")]
    tools: list[object] = [sys.version, sysconfig.get_platform(), Cython.__version__, np.__version__, settings]
    if compiler:  # what it is, and of which version
        tools.append(subprocess.run([*compiler.split(), "--version"], capture_output=True, check=False).stdout)
    digest = hashlib.sha256(repr(tools).encode())
    for path in [Path(__file__), *sorted([*source.rglob("*.pxd"), *source.rglob("*.h")])]:
        digest.update(path.read_bytes())
    return digest.digest()


def _fingerprint(module: str, source: Path, shared: bytes) -> str:
    code = (source / (module.replace(".", "/") + ".py")).read_bytes() if module != SHARED else b""
    return hashlib.sha256(shared + code).hexdigest()[:20]


def _accepted(options: list[str]) -> bool:
    """Whether this system's C compiler makes a library with these options."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "none.c").write_text("int none(void) { return 0; }\n")
        command = [*compiler, "-Werror", "-fPIC", "-shared", *options, "none.c", "-o", "none.so"]
        with suppress(OSError):
            return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    return False


def _objects(modules: list[str], source: Path, target: Path) -> dict[str, Path]:
    """Compile modules below `source`, side by side; their object files in `target`."""
    import numpy as np
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    made = dict[str, Path]()

    class Compile(build_ext):
        """Leaves the linking to the build of the library."""

        def build_extension(self, ext: Extension) -> None:
            (path,) = self.compiler.compile(
                ext.sources,
                output_dir=self.build_temp,
                macros=ext.define_macros,
                include_dirs=ext.include_dirs,
                extra_postargs=ext.extra_compile_args,
            )
            made[ext.name] = Path(path).resolve()

    workers = min(len(modules), os.cpu_count() or 1)
    options = OPTIONS if _accepted([*OPTIONS, *LINKING]) else PLAIN
    with chdir(source):  # the paths in tracebacks are relative to it, as those below site-packages are
        named = [
            Extension(
                m,
                [f"{SHARED}.c" if m == SHARED else m.replace(".", "/") + ".py"],
                define_macros=[*MACROS, (f"PyInit_{m.rpartition('.')[2]}", f"PyInit_{m.replace('.', '_')}")],
                include_dirs=[*HEADERS, np.get_include()],
                extra_compile_args=options + (LOOPS if m in OF_LOOPS else []),
            )
            for m in modules
        ]
        extensions = cythonize(
            named,
            build_dir=str(target / "c"),
            nthreads=workers,
            compiler_directives=DIRECTIVES,
            force=True,
            shared_utility_qualified_name=SHARED,
            shared_utility_features_disabled=["MemoryView"],  # there are none
        )
        build = Compile(Distribution({"name": "chainrule", "ext_modules": extensions}))
        build.build_temp, build.parallel = str(target / "objects"), workers
        build.ensure_finalized()
        build.run()
    return made


def _linked(objects: dict[str, Path], target: Path) -> Path:
    """The library of these modules, in `target`: they lie in it under their whole names, and LIBRARY lists them."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    listing = target / "compiled.c"
    listing.write_text(LISTING % " ".join(objects))
    options = LINKING if _accepted([*OPTIONS, *LINKING]) else LINKING[:1]
    library = Extension(
        LIBRARY, [str(listing)], extra_objects=[str(path) for path in objects.values()], extra_link_args=options
    )
    build = build_ext(Distribution({"name": "chainrule", "ext_modules": [library]}))
    build.build_lib, build.build_temp = str(target / "lib"), str(target / "objects")
    build.ensure_finalized()
    build.run()
    return Path(build.get_ext_fullpath(LIBRARY))


def _remove_compiled(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            path.unlink()
