"""Machine code for a program: loops over SIMD vectors, numbers in registers, library calls between them."""

from chainrule.jit.kernel.build import build
from chainrule.jit.kernel.executable import Executable

__all__ = ["Executable", "build"]
