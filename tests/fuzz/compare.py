"""One program compared: what it gives as it stands, and through jit."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.errors import ChainruleError, JitWarning

from .programs import SPACE, Program

CALLS = 4
SKIPPED, AGREES, REFUSED = "skipped", "agrees", "refused"


def outcome(program: Program) -> str:
    """SKIPPED where the program means nothing without jit; AGREES; REFUSED and why; or what is wrong."""
    space = dict(SPACE)
    single = any(a.dtype in ("float32", "int8", "uint8") for a in program.arguments)
    plain, fast = program.calls()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(program.function(), space)
        slow = eval(plain, space)
        if isinstance(_result(slow, program.values(0)), Exception):
            return SKIPPED
        warnings.simplefilter("error", JitWarning)
        quick = eval(fast, space)
        kept: list[tuple[Any, Any, Any]] = []
        for call in (0, 1, 2, 0, 3):
            args, same = program.values(call), program.values(call)
            due = _result(slow, args)
            got = _result(quick, same)
            if isinstance(got, ChainruleError) and not isinstance(due, Exception):
                return f"{REFUSED}: {str(got)[:90]}"
            slack = _slack(slow, program, call, due)
            fault = _difference(got, due, slack, single) or _touched(got, due, args, same)
            if fault:
                return f"call {call}: {fault}"
            kept.append((got, due, slack))
        for got, due, slack in kept:
            fault = _difference(got, due, slack, single)
            if fault:
                return f"a result changed in a later call: {fault}"
    return AGREES


def _result(f: Any, args: list[Any]) -> Any:
    try:
        return f(*args)
    except Exception as error:
        return error


def _numbers(result: Any) -> list[Any]:
    return [np.asarray(x) for x in trees.flatten(result)[0]]


def _slack(f: Any, program: Program, call: int, due: Any) -> list[Any] | None:
    """How much each number moves with a rounding error in the arguments; None where it has no answer there."""
    if isinstance(due, Exception):
        return None
    moved = []
    for x in program.values(call):
        small = 1e-6 if getattr(x, "dtype", None) == np.float32 else 1e-13
        moved.append(x * (1 + small) if isinstance(x, float) or x.dtype.kind == "f" else x)
    moved = [
        y.astype(x.dtype) if isinstance(x, np.ndarray) else y for x, y in zip(program.values(call), moved, strict=True)
    ]
    there = _result(f, moved)
    if isinstance(there, Exception):
        return None
    pairs = list(zip(_numbers(there), _numbers(due), strict=True))
    if any(a.shape != b.shape for a, b in pairs):
        return None
    return [np.nan_to_num(np.abs(a.astype(float) - b.astype(float)), nan=np.inf, posinf=np.inf) for a, b in pairs]


def _difference(got: Any, due: Any, slack: list[Any] | None, single: bool) -> str:
    """What differs; `single` says that float32 is among the arguments, so that no result has more digits than that."""
    if isinstance(due, Exception):
        if isinstance(got, type(due)) or isinstance(due, ChainruleError):
            return ""
        return f"expected {type(due).__name__}: {str(due)[:100]}, got {_short(got)}"
    if isinstance(got, Exception):
        return f"{type(got).__name__}: {str(got)[:200]}"
    if slack is None:
        return ""
    if trees.flatten(got)[1] != trees.flatten(due)[1]:
        return f"another structure: {_short(got)}, expected {_short(due)}"
    for a, b, moves in zip(_numbers(got), _numbers(due), slack, strict=True):
        if a.shape != b.shape:
            return f"shape {a.shape}, expected {b.shape}"
        if a.dtype != b.dtype and not single:  # float32 and float64 together: slopes may have either type
            return f"type {a.dtype}, expected {b.dtype}"
        x, y = a.astype(float), b.astype(float)
        size = np.max(np.abs(y), initial=1.0, where=np.isfinite(y))
        unit = 1e-3 if b.dtype.itemsize < 4 and b.dtype.kind == "f" else 1e-4 if single else 1e-9
        fine = (np.isnan(x) & np.isnan(y)) | (x == y) | (np.abs(x - y) <= unit * size + 1e3 * moves) | np.isinf(moves)
        if not np.all(fine):
            return f"{_short(got)}, expected {_short(due)}"
    return ""


def _touched(got: Any, due: Any, args: list[Any], same: list[Any]) -> str:
    """An argument that was changed, or whose memory the result shares where it would not without jit."""
    for before, after in zip(args, same, strict=True):
        if not np.array_equal(before, after, equal_nan=True):
            return "an argument was changed"
    return "a result shares the memory of an argument" if _shares(got, same) and not _shares(due, args) else ""


def _shares(result: Any, args: list[Any]) -> bool:
    arrays = [] if isinstance(result, Exception) else [y for y in trees.flatten(result)[0] if isinstance(y, np.ndarray)]
    return any(np.shares_memory(y, x) for y in arrays for x in args if isinstance(x, np.ndarray))


def _short(x: Any) -> str:
    return f"{type(x).__name__}: {str(x)[:150]}" if isinstance(x, Exception) else repr(x)[:200]
