"""`jit`: the way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.errors import ArgumentError, settings_named
from chainrule.jit.call.compiled import Compiled
from chainrule.jit.call.elsewhere import handed_over
from chainrule.jit.run import machine
from chainrule.transforms.derived import CompilesItself


@settings_named(parallel="threads", num_threads="threads", fastmath="strict")
def jit(f: Callable[..., Any], *, strict: bool = False, threads: int = 1, backend: str | None = None) -> Compiled:
    """`f` at machine speed: recorded when it is first called, replayed as machine code from then on.

    strict     every operation in f's own order, so that sums and products agree with f bit by bit
    threads    that share the work of large loops; results are the same in every call, and others for another number
    backend    "jax" or "torch": the program is handed to that library's compiler, takes its arrays (NumPy's and floats
               too) and gives its arrays, on their device

    Floats and arrays in the arguments, also inside lists, tuples and dicts, may change from call to call; what
    is computed from ints, bools, strings and None is fixed, and each new one is recorded anew, like each new
    shape; from the third length on programs share machine code. A branch on a number is recorded too; where it goes
    the other way, that way is recorded as well.
    What `sparse_jacobian` and `sparse_hessian` give is made with `compiled=True`.

    Raises MissingExtra without llvmlite; ArgumentError for arguments and results that are no numbers;
    UnsupportedFunction for what the library of a backend lacks.

    >>> import chainrule as cr
    >>> slope = jit(cr.grad(lambda x: x * x))
    >>> slope(3.0), slope(0.5)
    (6.0, 1.0)
    """
    if not callable(f) or isinstance(f, (staticmethod, classmethod)):
        raise ArgumentError.here(f"jit expects a function, got {type(f).__name__}; {_instead(f)}")
    if type(threads) is not int or threads < 1:
        raise ArgumentError.here(
            f"jit: expected a number of threads, an int of 1 or more, got {threads!r}; write jit(f, threads=2)"
        )
    if isinstance(f, CompilesItself):
        if strict or threads != 1 or backend is not None:
            raise ArgumentError.here(f"jit: {f.verb} takes no strict, threads or backend; write jit(f)")
        return f.as_compiled()
    if backend is not None:
        return handed_over(f, backend, strict, threads)
    machine.binding()
    return Compiled(f, strict, threads)


def _instead(f: Any) -> str:
    kind = type(f).__name__
    return f"write @{kind} above @jit" if isinstance(f, (staticmethod, classmethod)) else "write jit(f)(x)"
