"""Machine code of this computer from LLVM's intermediate language, by llvmlite."""

from __future__ import annotations

import ctypes
import functools
import importlib
import itertools
import re
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chainrule.errors import MissingExtra
from chainrule.jit.run import cache
from chainrule.jit.run.alike import TABLE, Alike

Vectorised = Literal["", "loops", "loops and numbers"]

# Vector length: chips with AVX-512 declare that they prefer 256 bits, for fear of a lower clock at 512. On
# every one of them since 2019 the clock hardly drops, and loops of arithmetic gain.
_TUNING = ",-prefer-256-bit"
_DECLARED = re.compile(r'^declare\b.*?@(?:"([^"]+)"|([\w.$]+))\s*\(', re.MULTILINE)
_numbers = itertools.count()

_LEVEL = 1
"""Of LLVM's code generator, of 0 to 3. From 2 on it also orders instructions after it has given them registers, in a
time that grows with the square of a block's length; a processor reorders them itself, and the code is as fast."""

LLVM = 20
"""The oldest version that reads programs as they are written here; llvmlite 0.45 brings it."""


def binding() -> Any:
    """llvmlite's binding to LLVM; MissingExtra where it is not installed, or too old."""
    try:
        found = importlib.import_module("llvmlite.binding")
    except ImportError:
        raise MissingExtra("jit", "llvmlite", "jit") from None
    if found.llvm_version_info[0] < LLVM:
        version = importlib.import_module("llvmlite").__version__
        raise MissingExtra(f"jit (which found llvmlite {version})", "llvmlite 0.45 or a later one", "jit")
    return found


@dataclass(frozen=True)
class Machine:
    """The processor at hand, as LLVM knows it.

    name       LLVM's name of the processor
    features   what it can do, in LLVM's notation: "+avx2,+fma,..."
    identity   all that compiled code depends on apart from the program: the key of a cache
    """

    name: str
    features: str
    identity: str
    target: Any

    def has(self, feature: str) -> bool:
        """Whether the processor has e.g. "avx512f"."""
        return f"+{feature}" in self.features.split(",")


@functools.lru_cache(maxsize=1)
def host() -> Machine:
    """The machine this process runs on."""
    llvm = binding()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.initialize_native_asmparser()
    name = llvm.get_host_cpu_name()
    features = llvm.get_host_cpu_features().flatten()
    if "+avx512f" in features.split(","):
        features += _TUNING
    version = importlib.import_module("llvmlite").__version__
    numbers = ".".join(map(str, llvm.llvm_version_info))
    target = llvm.Target.from_default_triple()
    identity = "\n".join([f"llvmlite {version}, LLVM {numbers}", target.triple, name, features])
    return Machine(name, features, identity, target)


def _target_machine(target: Any, name: str, features: str, *, jit: bool = False) -> Any:
    return target.create_target_machine(
        cpu=name, features=features, opt=_LEVEL, reloc="pic", codemodel="small", jit=jit
    )


SHARED = "of other lengths"
"""The origin of machine code that was made for a program which differs in numbers only."""


class Loaded:
    """Compiled functions in memory. They live as long as this object does.

    code      the LLVM program they were compiled from
    seconds   how long that took
    origin    where their machine code came from; "" where it was made for them
    """

    def __init__(self, code: str, names: Sequence[str], vectorise: Vectorised, alike: Alike | None = None) -> None:
        start = time.perf_counter()
        code, table = (code, b"") if alike is None else alike.shared(code)
        names = [*names, TABLE] if table else names
        self.code, self._vectorise = code, vectorise
        known = alike.image(code, vectorise) if alike is not None and table else None
        image = known or self._image(code)
        if known is not None:
            self.origin = SHARED
        elif alike is not None and table:
            alike.keep(code, vectorise, image)
        self._names = frozenset(names)
        linker, self._library = _link(image, code, names)
        # Whichever thread happens to drop this object must not take code out while another one puts code in.
        weakref.finalize(self, _unlink, linker, self._library).atexit = False
        if table:
            ctypes.memmove(int(self._library[TABLE]), table, len(table))
        self.seconds = time.perf_counter() - start

    def _image(self, code: str) -> bytes:
        machine = host()
        key = cache.key(machine.identity, f"vectorise={self._vectorise}, nounwind, level {_LEVEL}", code)
        image = cache.read(key)
        self.origin = "" if image is None else "from the disk"
        if image is None:
            image = compile_object(code, vectorise=self._vectorise)
            cache.write(key, image)
        return image

    def address(self, name: str) -> int:
        """Where the function of that name begins."""
        return int(self._library[name])

    def number(self, name: str) -> Any:
        """The whole number that the code keeps under that name, to read and to set; None without one."""
        found = self._library[name] if name in self._names else None
        return None if found is None else ctypes.c_int64.from_address(int(found))

    def llvm(self) -> str:
        """The program after LLVM's optimisation."""
        return str(_optimised(self.code, self._vectorise)[0])

    def assembly(self) -> str:
        """The machine code, readable."""
        module, machine = _optimised(self.code, self._vectorise)
        return str(machine.emit_assembly(module))


def load(
    code: str, names: Sequence[str], *, vectorise: Vectorised = "loops and numbers", alike: Alike | None = None
) -> Loaded:
    """Compile a program in LLVM's language and make the functions in `names` ready to be called.

    `vectorise` lets LLVM rearrange loops and look for vector operations in them and between single numbers; without, it
    only combines instructions: for code that is written with vectors, in the order in which it should run.
    Functions that the program declares are found among those registered with `add_symbol`, then in the process.
    Machine code is kept on disk (see `cache`), and in memory where a program is `alike` others of a function.

    Raises MissingExtra without llvmlite, and RuntimeError, with LLVM's words, for a program that is not valid or
    calls a function that is not there.

    >>> code = "define double @half(double %x) { %y = fmul double %x, 0.5   ret double %y }"
    >>> loaded = load(code, ["half"])
    >>> import ctypes
    >>> ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(loaded.address("half"))(3.0)
    1.5
    """
    return Loaded(code, names, vectorise, alike)


def compile_object(code: str, *, vectorise: Vectorised = "loops and numbers") -> bytes:
    """The object file (ELF, Mach-O or COFF) of a program."""
    module, machine = _optimised(code, vectorise)
    return bytes(machine.emit_object(module))


def _optimised(code: str, vectorise: Vectorised) -> tuple[Any, Any]:
    """The module after LLVM's passes, and the target machine that prints it."""
    llvm, machine = binding(), host()
    target = _target_machine(machine.target, machine.name, machine.features)
    module = llvm.parse_assembly(code, llvm.create_context())
    module.verify()  # what is not valid would end the process, later
    module.triple = target.triple
    module.data_layout = str(target.target_data)
    for function in module.functions:
        if not function.is_declaration:
            # Nothing here throws. Tables for unwinding would be registered with whichever of the process's unwinders
            # comes first, and some of those abort when code goes away.
            function.add_function_attribute("nounwind")
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization, options.slp_vectorization = bool(vectorise), vectorise == "loops and numbers"
    builder = llvm.create_pass_builder(target, options)
    passes = builder.getModulePassManager() if vectorise else _tidying(llvm)
    passes.run(module, builder)
    return module, target


def _tidying(llvm: Any) -> Any:
    """The passes for code that is written as it should run. Two of the sixty that LLVM has in store find something to
    do in it; the others would take longer than to generate the machine code."""
    passes = llvm.create_new_module_pass_manager()
    passes.add_simplify_cfg_pass()
    passes.add_instruction_combine_pass()
    return passes


_linking = threading.RLock()  # LLVM's linker is not made for two threads; a collection may come while one holds it

LIBRARIES = 128
"""Libraries that one linker puts into memory. LLVM keeps some 9 kB for each after it is gone, until its linker goes."""


class _Linker:
    """LLVM's linker, which is closed when it has linked LIBRARIES and they are all gone."""

    def __init__(self) -> None:
        machine = host()
        target = _target_machine(machine.target, machine.name, machine.features, jit=True)
        self.compiler = binding().create_lljit_compiler(target, use_jit_link=True)
        self.linked = self.gone = 0

    def link(self, library: Any) -> Any:
        found = library.link(self.compiler, f"chainrule.{next(_numbers)}")
        self.linked += 1
        return found

    def unlink(self, library: Any) -> None:
        library.close()
        self.gone += 1
        if self.gone == self.linked >= LIBRARIES:
            self.compiler.close()


_current: list[_Linker] = []


def _linker() -> _Linker:
    """The one that links now."""
    if not _current or _current[0].linked >= LIBRARIES:
        _current[:] = [_Linker()]
    return _current[0]


def _unlink(linker: _Linker, library: Any) -> None:
    with _linking:
        linker.unlink(library)


def _link(image: bytes, code: str, names: Sequence[str]) -> tuple[_Linker, Any]:
    llvm = binding()
    with _linking:
        _linker()  # from now on LLVM knows the process's functions by name
    library = llvm.JITLibraryBuilder().add_object_img(image).add_current_process()
    for quoted, plain in _DECLARED.findall(code):
        name = quoted or plain
        if name.startswith("llvm."):
            continue
        address = llvm.address_of_symbol(name)
        if address is None:
            raise RuntimeError(f"compiled code calls {name}, which neither this process nor its libraries have")
        library.import_symbol(name, address)
    for name in names:
        library.export_symbol(name)
    with _linking:
        linker = _linker()
        return linker, linker.link(library)
