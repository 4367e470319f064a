"""Calls everything public with operands it was not made for: `python odd_operands.py SHARE OF`, in its own process.

Prints each call before it is made, so that the last line names the one that ended the process, and at the end those
that raised what neither Python nor NumPy nor this library raises for a wrong argument.
"""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

import itertools
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import chainrule as cr

EXPECTED = (
    TypeError,
    ValueError,
    IndexError,
    ArithmeticError,
    AttributeError,
    KeyError,
    MemoryError,
    NotImplementedError,  # del x[0]
)
"""What a wrong argument raises; an error of this library, and NumPy's LinAlgError, are among them."""


def odd() -> dict[str, Any]:
    return {
        "list": [1.0, 2.0], "tuple": (1.0, 2.0), "lists": [[1.0, 2.0], [3.0, 4.0]], "ragged": [[1.0], [2.0, 3.0]],
        "nothing in a list": [], "number": 2.0, "integer": 3, "negative": -1, "huge": 10**30, "bool": True,
        "0-d": np.array(2.0), "vector": np.arange(3.0), "one": np.ones(1), "matrix": np.ones((2, 2)), "row": np.ones((1, 3)),
        "cube": np.ones((2, 2, 2)), "empty": np.zeros(0), "empty matrix": np.zeros((0, 3)), "bools": np.array([True, False]),
        "integers": np.array([1, 2], np.int8), "objects": np.array([1.0, None], dtype=object), "strings": np.array(["a", "b"]),
        "string": "ij,j->i", "None": None, "float32": np.float32(1.5), "float16": np.ones(2, np.float16),
        "strided": np.arange(8.0)[::-2], "Fortran": np.asfortranarray(np.ones((2, 3))), "swapped": np.ones(3, ">f8"),
        "complex": np.ones(2, complex), "nan": float("nan"), "set": {1.0}, "dict": {"a": 1.0}, "type": float, "slice": slice(None),
        "Value": cr.Value(2.0), "Value of a vector": cr.Value(np.arange(3.0)), "Value of a matrix": cr.Value(np.ones((2, 2))),
        "empty Value": cr.Value(np.zeros(0)), "Value without a number": cr.Value(),
        "unaligned": np.frombuffer(b"\0" * 25, np.uint8)[1:].view(np.float64),
    }  # fmt: skip


FEW = [
    "list",
    "vector",
    "matrix",
    "number",
    "negative",
    "None",
    "empty",
    "0-d",
    "Value of a vector",
    "bools",
    "objects",
    "string",
]


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in cr.ops.PUBLIC:
        yield f"cr.{name}", getattr(cr, name)
    for name in sorted(n for n in cr.ops.PUBLIC if hasattr(np, n)):
        yield f"np.{name}", getattr(np, name)
    for name in (
        "convolve",
        "correlate",
        "interp",
        "cov",
        "corrcoef",
        "median",
        "nanmean",
        "nansum",
        "polyval",
        "vander",
    ):
        yield f"np.{name}", getattr(np, name)
    for name in ("norm", "solve", "inv", "det", "slogdet", "matrix_power", "cholesky", "eigh", "svd", "pinv"):
        yield f"np.linalg.{name}", getattr(np.linalg, name)


def methods() -> list[str]:
    skipped = {
        "__class__",
        "__format__",
        "__init_subclass__",
        "__subclasshook__",
        "__del__",
        "__dealloc__",
        "__new__",
        "__sizeof__",
        "__dir__",
    }
    return [
        n
        for n in sorted(dir(cr.Value))
        if n not in skipped and callable(getattr(cr.Value, n)) and n not in ("show", "explore", "watch")
    ]


def calls() -> Iterator[tuple[str, Callable[[], Any]]]:
    operands = odd()
    for name, f in callables():
        plain = name.startswith("np.")
        for a, x in operands.items():
            if not plain or isinstance(x, cr.Value):
                yield f"{name}({a})", lambda f=f, x=x: f(x)
        for (a, x), (b, y) in itertools.product(operands.items(), [(k, operands[k]) for k in FEW]):
            if not plain or isinstance(x, cr.Value) or isinstance(y, cr.Value):
                yield f"{name}({a}, {b})", lambda f=f, x=x, y=y: f(x, y)
        for a in FEW:
            for b, axis in (("7", 7), ("-9", -9), ("2**40", 2**40), ("(0, 0)", (0, 0)), ("'x'", "x"), ("1.5", 1.5)):
                x = operands[a]
                if not plain or isinstance(x, cr.Value):
                    yield f"{name}({a}, axis={b})", lambda f=f, x=x, axis=axis: f(x, axis=axis)
    for kind in ("Value", "Value of a vector", "Value of a matrix", "empty Value", "Value without a number"):
        for name in methods():
            for a in [None, *FEW]:
                arguments = () if a is None else (operands[a],)
                yield f"{kind}.{name}({a or ''})", lambda k=kind, n=name, xs=arguments: getattr(fresh(k), n)(*xs)


def fresh(kind: str) -> Any:
    return odd()[kind] if kind != "Value of a vector" else cr.Value(np.arange(3.0))


def swept(y: Any) -> None:
    """Differentiate a result that can be."""
    for part in y if isinstance(y, (list, tuple)) else [y]:
        if isinstance(part, cr.Value) and part.data is not None and np.size(part.data):
            (part.sum() if part.shape else part).backward()


def main(share: int, of: int) -> None:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    strange = []
    for k, (name, call) in enumerate(calls()):
        if k % of != share:
            continue
        print(name, flush=True)
        try:
            swept(call())
        except EXPECTED:
            pass
        except Exception as error:
            strange.append(f"{name}: {type(error).__name__}: {error}")
    print(f"the end {len(strange)}", *strange[:50], sep="\n", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
