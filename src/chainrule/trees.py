"""Arguments that are nested lists, tuples and dicts of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.complex_numbers import COMPLEX_NUMBERS, MeetsComplex, is_complex
from chainrule.errors import ArgumentError, ShapeError
from chainrule.inputs import as_number
from chainrule.libraries import Later, late
from chainrule.numbers import Carrier, Number, shape
from chainrule.signatures import POSITIONAL, parameters

optree: Any = Later("optree")
copied = late("chainrule.ops.reuse.copied")


def map(function: Callable[..., Any], tree: Any, *others: Any, **settings: Any) -> Any:
    """A container of what `function` gives for each leaf, and for those at its place in other containers; with the
    settings of optree's `tree_map`."""
    if not others and not settings:
        if _is_leaf(tree):
            return function(tree)
        if _is_of_leaves(tree):
            made = [function(x) for x in tree]
            return made if type(tree) is list else tuple(made)
    return optree.tree_map(function, tree, *others, **settings)


LEAVES = frozenset({int, bool, complex, str})


def _is_leaf(x: Any) -> bool:
    """Whether `x` is a number, a text, an array or a carrier: without asking optree, which takes as long to import as a
    fifth of NumPy."""
    kind = type(x)
    if kind is float or kind is np.ndarray:
        return True
    return kind in LEAVES or (isinstance(x, (np.generic, Carrier)) and kind is not COMPLEX_NUMBERS.kind)


def _is_of_leaves(tree: Any) -> bool:
    """Whether `tree` is a tuple or list of such."""
    if type(tree) is not tuple and type(tree) is not list:
        return False
    for x in tree:  # noqa: SIM110  (compiled, a loop needs no generator)
        if not _is_leaf(x):
            return False
    return True


class Structure:
    """The structure of a single number, of a tuple or list of them (`kind`), or of one such row in a tuple or list
    (`outer`): of most parameters. What is not known of it here is asked of optree's."""

    __slots__ = ("count", "kind", "outer")

    def __init__(self, kind: Any, count: int, outer: Any = None) -> None:
        self.kind, self.count, self.outer = kind, count, outer

    def of(self, leaves: Sequence[Any]) -> Any:
        """These numbers in it."""
        row = leaves[0] if self.kind is None else self.kind(leaves)
        return row if self.outer is None else self.outer((row,))

    def spec(self) -> Any:
        """The structure of optree's that is equal to it."""
        return optree.tree_structure(self.of(range(self.count)))

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, Structure):
            return self.kind is other.kind and self.count == other.count and self.outer is other.outer
        return bool(self.spec() == other)

    def __hash__(self) -> int:
        return hash(self.spec())  # as that of optree's that is equal to it

    def __repr__(self) -> str:
        return repr(self.spec())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of the protocols of Python, and of pybind11's
            raise AttributeError(name)
        return getattr(self.spec(), name)

    def __reduce__(self) -> Any:
        return (Structure, (self.kind, self.count, self.outer))


SINGLE: Any = Structure(None, 1)
IN_A_LIST: Any = Structure(list, 1)


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The numbers of a nested container, and its structure. Lists of numbers are containers, not arrays."""
    if _is_leaf(tree):
        return [tree], SINGLE
    if _is_of_leaves(tree):
        return list(tree), Structure(type(tree), len(tree)) if type(tree) is tuple or len(tree) != 1 else IN_A_LIST
    if (type(tree) is tuple or type(tree) is list) and len(tree) == 1 and _is_of_leaves(tree[0]):
        return list(tree[0]), Structure(type(tree[0]), len(tree[0]), type(tree))
    leaves, structure = optree.tree_flatten(tree, none_is_leaf=False)
    return leaves, structure


def unflatten(structure: Any, leaves: Sequence[Any]) -> Any:
    return structure.of(leaves) if type(structure) is Structure else optree.tree_unflatten(structure, leaves)


def numbers(tree: Any, lent: bool = False) -> tuple[list[Number], Any]:
    """`flatten`, each leaf as something that can be differentiated. Arrays are copied: what is differentiated
    may hold on to them, and the caller may write to them. Arrays that are only `lent` are not. A complex number is a
    container of two parts."""
    try:
        leaves, structure = flatten(tree)
        return [_own(as_number(x), lent) for x in leaves], structure
    except MeetsComplex:
        pass
    leaves, structure = in_parts(tree)
    return [_own(as_number(x), lent) for x in leaves], structure


def in_parts(tree: Any) -> tuple[list[Any], Any]:
    """`flatten`, with complex numbers as containers of their real and their imaginary part."""
    leaves, structure = flatten(tree)
    for x in leaves:
        if type(x) is not float and is_complex(x):
            return flatten(unflatten(structure, [_in_parts(x) for x in leaves]))
    return leaves, structure


def is_complex_number(structure: Any) -> bool:
    """Whether a structure is that of a single complex number."""
    return getattr(structure, "type", None) is COMPLEX_NUMBERS.kind


def _in_parts(x: Any) -> Any:
    return COMPLEX_NUMBERS.split(x) if is_complex(x) else x


def _own(x: Number, lent: bool) -> Number:
    if type(x) is float or (lent and type(x) is np.ndarray and x.dtype.kind == "f"):
        return x
    if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c":
        if not is_complex(x):
            raise ArgumentError.here(f"derivatives are by real numbers, got the complex {x!r}")
        raise MeetsComplex
    return copied(x) if isinstance(x, np.ndarray) else x.clone() if hasattr(x, "clone") else x


def only_floats(args: Sequence[Any]) -> bool:
    """Whether all are Python's floats and integers."""
    for x in args:  # noqa: SIM110  (compiled, a loop needs no generator)
        if type(x) is not float and type(x) is not int:
            return False
    return True


def same_structure(expected: Any, got: Any, what: str) -> list[Any]:
    """The leaves of `got`, which must have the structure of `expected`."""
    leaves, structure = in_parts(got)
    wanted = in_parts(expected)[1]
    if structure != wanted:
        leaves, structure = in_parts(_widened(expected, got))
    if structure != wanted:
        plain = flatten(expected)[0]
        if any(is_complex(x) for x in flatten(got)[0]) and not any(is_complex(x) for x in plain):
            raise ShapeError.here(f"{what}: expected real numbers, as those they belong to are, got complex ones")
        raise ShapeError.here(f"{what}: expected the structure {_show(wanted)}, got {_show(structure)}")
    return leaves


def _widened(expected: Any, got: Any) -> Any:
    """`got` with its real numbers as complex ones where `expected` has those."""
    wanted, structure = flatten(expected)
    leaves, found = flatten(got)
    if structure != found:
        return got
    both = zip(wanted, leaves, strict=True)
    return unflatten(found, [_in_parts(x + 0j) if is_complex(w) else x for w, x in both])


def _show(structure: Any) -> str:
    return str(structure).removeprefix("PyTreeSpec(").removesuffix(")")


def same_shape(x: Number, got: Number, what: str) -> Number:
    got = as_number(got)
    if shape(got) != shape(x):
        raise ShapeError.here(f"{what}: expected shape {shape(x)}, got {shape(got)}")
    return got


def refuse_argnums(argnums: Any, name: str) -> None:
    """Raise ArgumentError unless `argnums` is the number of an argument, or several."""
    several = argnums if isinstance(argnums, (tuple, list, range)) else (argnums,)
    if all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in several):
        return
    if any(isinstance(n, str) for n in several):
        way = "count the arguments from 0; an argument that is differentiated is given by its place"
    elif isinstance(argnums, (float, np.ndarray, list, tuple)):
        way = f"for the value at a point write {name}(f)(x)"
    else:
        way = f"write {name}(f, argnums=(0, 1)) for the first two"
    raise ArgumentError.here(
        f"{name}: argnums expects the number of an argument or a tuple of them, got {argnums!r}; {way}"
    )


def positions(argnums: int | Sequence[int], count: int, name: str) -> tuple[int, ...]:
    """`argnums` as positions counted from the front."""
    wanted = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for n in wanted:
        if not isinstance(n, int) or not -count <= n < count:
            raise ArgumentError.here(
                f"{name}: argnums={argnums} asks for argument {n}, but the call has {count} positional "
                f"argument{'s' * (count != 1)}; they are counted from 0, and those to differentiate by are given "
                "by their place, without their names"
            )
    places = tuple(n % count for n in wanted)
    if len(set(places)) < len(places):
        raise ArgumentError.here(f"{name}: argnums={argnums} names an argument twice")
    return places


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the first `count` positional arguments of `f`."""
    names: list[str] = []
    for p in parameters(f) or ():
        if p.kind in POSITIONAL:
            names.append(p.name)
        elif p.kind is p.VAR_POSITIONAL:
            names += [f"{p.name}[{k}]" for k in range(count - len(names))]
    return [*names, *(f"argument {k}" for k in range(len(names), count))][:count]
