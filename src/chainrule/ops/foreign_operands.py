"""Operators on arrays of another library, which compute with arrays of their own only."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.errors import ChainruleError, UnsupportedFunction
from chainrule.libraries import Library, beside, common_library
from chainrule.numbers import Number


def computed(row: Any, lib: Library, args: tuple[Number, ...], settings: dict[str, Any]) -> Number:
    """The result of `row` for plain operands of which one is an array of `lib`. Raises UnsupportedFunction where that
    library has no such function, or not for these operands."""
    try:
        return row.kernel(lib, args)(*_of_one_library(row, lib, args), **settings)
    except ChainruleError:
        raise
    except (TypeError, NotImplementedError, AttributeError) as error:
        raise UnsupportedFunction.here(f"{row.name} cannot be computed by {lib.name}: {error}") from None


def as_arrays_of(row: Any, like: Number, args: tuple[Number, ...]) -> tuple[Number, ...]:
    """The operands of `row`, NumPy's arrays among them as arrays of the library and on the device of `like`."""
    lib = common_library((like,))
    return tuple([_taken(row, k, lib, like, x) if type(x) is np.ndarray else x for k, x in enumerate(args)])


def _of_one_library(row: Any, lib: Library, args: tuple[Number, ...]) -> tuple[Number, ...]:
    """The operands as arrays of `lib`, on the device of the first of them that is one."""
    theirs: list[Any] = [x for x in args if common_library((x,)) is lib]
    like = next((x for x in theirs if _floating(lib, x)), theirs[0])
    found = [_taken(row, k, lib, like, x) for k, x in enumerate(args)]
    mixed = {x.dtype for x in found if common_library((x,)) is lib and _floating(lib, x)}
    if len(mixed) < 2 or row.elementwise:
        return tuple(found)
    kind = lib.xp.result_type(*mixed)  # PyTorch multiplies matrices of one type only
    return tuple([lib.xp.astype(x, kind) if common_library((x,)) is lib and _floating(lib, x) else x for x in found])


def _floating(lib: Library, x: Any) -> bool:
    found: bool = lib.xp.isdtype(x.dtype, ("real floating", "complex floating"))
    return found


def _taken(row: Any, k: int, lib: Library, like: Any, x: Any) -> Any:
    """Operand k as an array of `lib` beside `like`.

    Whole numbers and truth values that are computed with become numbers of the floating type of `like`; of double
    precision where that has none, as PyTorch's functions of whole numbers have single precision. A single number stays
    Python's where the row is elementwise: beside an array it takes its type.
    """
    floating, counts = _floating(lib, like), _counts(row, k)
    kind = like.dtype if floating else lib.xp.float64
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, (bool, int, float, complex)):
        if row.elementwise:
            return float(x) if isinstance(x, bool) and counts else x
        single = isinstance(x, float) or (floating and counts and not isinstance(x, complex))
        return lib.xp.asarray(x, dtype=kind if single else None, **beside(like))
    if isinstance(x, np.ndarray):
        plain = x.flags.writeable and x.flags.c_contiguous  # PyTorch takes no other memory
        x = lib.xp.asarray(x if plain else np.array(x, order="C"), **beside(like))
    elif common_library((x,)) is not lib:
        return x
    if counts and (floating or row.elementwise) and not _floating(lib, x):
        return lib.xp.astype(x, kind)
    return x


def _counts(row: Any, k: int) -> bool:
    """Whether operand k is a number in arithmetic, and no condition."""
    if row.elementwise:
        partials = getattr(row, "partials", ())
        return k < len(partials) and partials[k] is not None
    return k >= getattr(row, "constants", k + 1)
