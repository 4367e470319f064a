"""`export_c`: a jitted function as a C file with its header, for use without Python."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import Any

from chainrule.errors import ArgumentError
from chainrule.jit.export.body import body, c_type
from chainrule.jit.export.translate import PRELUDE
from chainrule.jit.plan.strong_zeros import by_branches
from chainrule.jit.program import Program, Step


def export_c(compiled: Any, path: str | Path, *, name: str | None = None) -> tuple[Path, Path]:
    """Write what a jitted function did in its last call as C (C11): `path` with the ending .c, and its header with .h.

    compiled   a function made by `jit` that has been called
    name       of the function in C; by default that of the file

    Inputs are the function's numbers and arrays in their order, nested ones too: numbers by value, arrays as
    pointers to their elements, row by row, of the shapes they had in that call. Results are stored where further
    pointers say. The function returns 0, or another number where the inputs lead another way through the function's
    branches than they did in that call; the results mean nothing then. Every thread has its own working memory.

    Returns both paths. Raises ArgumentError for what is not jitted, or not called yet, and UnsupportedFunction where
    NumPy computes a part of it, such as a product of matrices.

    >>> import chainrule as cr, tempfile
    >>> f = cr.jit(cr.grad(lambda x: x * x))
    >>> f(3.0)
    6.0
    >>> source, header = export_c(f, tempfile.mkdtemp() + "/slope.c")
    >>> header.read_text().splitlines()[-1]
    'int slope(double x0, double *y0);'
    """
    program = getattr(compiled, "program", None)
    if not isinstance(program, Program):
        raise ArgumentError.here(
            f"export_c expects what jit returns, got {type(compiled).__name__}; write export_c(jit(f), ...)"
        )
    source = Path(path).with_suffix(".c")
    header = source.with_suffix(".h")
    name = name or source.stem
    if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
        raise ArgumentError.here(f"export_c: {name!r} is no name in C; give one: export_c(..., name='f')")
    program = by_branches(program, whole=True)
    made = body(program)
    signature = f"int {name}({_parameters(program)})"
    description = (
        f"/* {getattr(compiled, '__name__', 'A function')}, compiled by Chainrule.\n\n{_described(program)} */"
    )
    header.write_text(f"{description}\n#pragma once\n#include <stdint.h>\n\n{signature};\n")
    lines = "\n".join(f"    {line}" for line in [*made.lines, "return 0;"])
    text = f'#include "{header.name}"\n\n{PRELUDE}\n{made.functions}\n\n{signature}\n{{\n{lines}\n}}\n'
    source.write_text(text)
    return source, header


def _parameters(program: Program) -> str:
    inputs = [f"const {c_type(s)} *x{k}" if s.shape else f"{c_type(s)} x{k}" for k, s in enumerate(program.inputs)]
    results = [f"{c_type(s)} *y{k}" for k, s in enumerate(program.outputs)]
    return ", ".join([*inputs, *results]) or "void"


def _described(program: Program) -> str:
    """The parameters in words."""
    lines = [f"   x{k}: {_shape(s)}" for k, s in enumerate(program.inputs)]
    lines += [f"   y{k}: {_shape(s)}, a result" for k, s in enumerate(program.outputs)]
    return "\n".join(
        [*lines, "", "   Returns 0, or another number where the inputs lead another way through its branches."]
    )


def _shape(step: Step) -> str:
    if not step.shape:
        return "a number"
    return f"an array of {' x '.join(map(str, step.shape))} = {prod(step.shape)} numbers"
