"""The command `chainrule`. It stands outside the package, with which NumPy is imported, since something has to be said
before: threads of OpenBLAS wait for work by spinning, some 20 milliseconds each, which on two cores is a sixth of what
NumPy's import takes. Those of this command sleep at once. The files that it runs find the environment as it was.
"""

from __future__ import annotations

import gc
import os
from typing import NoReturn

WAITING = "OPENBLAS_THREAD_TIMEOUT"  # the logarithm of a number of cycles


def command() -> NoReturn:
    """Run the command line, and leave with its exit code."""
    gc.disable()  # until all is imported, see chainrule.cli
    unsaid = WAITING not in os.environ
    if unsaid:
        os.environ[WAITING] = "4"
    from chainrule.cli import command as run

    if unsaid:
        del os.environ[WAITING]
    run()


__all__ = ["command"]
