"""How a call of one of NumPy's functions comes to its rule: operands become arrays, every setting is taken or refused.

A rule is written for the parameters it knows, under NumPy's names (or, unnamed, in NumPy's order). What else NumPy's
signature has is refused by name unless it is given its usual value, so no rule can ignore a setting.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import chainrule.native.call as call
from chainrule import ops
from chainrule.carriers.assignment.flat import Flat
from chainrule.carriers.casting import as_complex, as_type, operand_as
from chainrule.carriers.refusals import no_complex, no_setting, no_writing
from chainrule.complex_numbers import COMPLEX_NUMBERS, is_complex
from chainrule.errors import ChainruleError, has_labels
from chainrule.libraries import late, plain_array
from chainrule.numbers import StandIn
from chainrule.signatures import POSITIONAL, parameters

UNSET = np._NoValue
COMPUTES = frozenset({
    "sum", "prod", "mean", "var", "std", "cumsum", "cumprod", "cumulative_sum", "cumulative_prod", "trace", "nansum",
    "nanprod", "nanmean", "nanvar", "nanstd", "nancumsum", "nancumprod", "reduce", "accumulate", "reduceat",
})  # fmt: skip
"""Functions that compute in the type that dtype= says; others compute in their own, and cast."""

OPERANDS = frozenset({
    "a", "b", "v", "x", "y", "m", "x1", "x2", "A", "arr", "ary", "array", "val", "values", "weights", "prepend",
    "append", "start", "stop", "fill_value", "condition", "p", "xp", "fp", "a_min", "a_max", "min", "max", "object",
    "mean", "f", "ar", "z", "a1", "a2", "filt", "default", "u",
})  # fmt: skip
"""What NumPy calls the parameters that are arrays."""
SEQUENCES = frozenset({"arrays", "tup"})
"""What it calls those that are several."""
USUAL: dict[str, tuple[Any, ...]] = {
    "out": (None,), "dtype": (None,), "casting": ("same_kind",), "order": ("K", "C", None), "subok": (True, False),
    "where": (True,), "like": (None,), "device": (None, "cpu"), "signature": (None,), "optimize": (True, False),
}  # fmt: skip
"""Settings that may as well be left out, whatever a function's own default is."""
FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""The rule of each of NumPy's functions, once `rule_of` was asked for one."""
COMPLEX: dict[Any, Callable[..., Any] | None] = {}
"""The functions that take complex numbers; with a rule for them where the one above is right for real numbers only."""
rule_of = late("chainrule.carriers.functions.rules.rule_of")
complex_rules = late("chainrule.carriers.functions.rules.complex_rules")
COMPLEX_NUMBERS.made = late("chainrule.carriers.complexes.number.Complex")
COMPLEX_NUMBERS.split = late("chainrule.carriers.complexes.number.split")
COMPLEX_NUMBERS.computed = late("chainrule.carriers.complexes.kinds.computed")
PAIR: Any = None
"""The class of complex numbers with derivatives, once there is one."""


class Entry:
    """The rule of one of NumPy's functions, and how its parameters are those of NumPy's signature.

    name       how the user writes the function
    order      NumPy's positional parameters
    usual      the value of each of its parameters that may as well be left out
    layout     the rule's parameters: (name, NumPy's name, whether by name only)
    prefix     how many positional arguments go to the rule as they stand
    arrays     whether each of these is an array
    sequence   whether the first argument is several arrays
    variadic   whether all positional arguments are arrays
    rest       whether the rule takes more positional arguments than NumPy names
    free       whether it takes any named one

    complex_rule   what computes complex numbers; None: nothing does
    """

    __slots__ = (
        "arrays", "complex_rule", "free", "layout", "name", "operands", "order", "prefix", "rest", "rule", "sequence",
        "settings", "usual", "variadic",
    )  # fmt: skip

    def __init__(self, function: Any, rule: Callable[..., Any], name: str = "") -> None:
        self.name, self.rule = name or full_name(function), rule
        known = complex_rules()
        self.complex_rule = (known[function] or rule) if function in known else None
        theirs = parameters(function) or []
        ours = theirs[: rule.arity] if isinstance(rule, ops.Operator) else parameters(rule) or []
        theirs = theirs or ours
        self.variadic = bool(theirs) and theirs[0].kind is inspect.Parameter.VAR_POSITIONAL
        self.rest = not self.variadic and any(p.kind is p.VAR_POSITIONAL for p in ours)
        self.free = any(p.kind is p.VAR_KEYWORD for p in ours) and any(p.kind is p.VAR_KEYWORD for p in theirs)
        self.order = [p.name for p in theirs if p.kind in POSITIONAL]
        self.usual = {p.name: p.default for p in theirs if p.default is not inspect.Parameter.empty}
        names = {p.name for p in theirs}
        self.layout: list[tuple[str, str, bool]] = []
        for k, p in enumerate(ours):
            if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
                continue
            by_place = self.order[k] if k < len(self.order) and p.kind in POSITIONAL else p.name
            spelled = p.name if p.name in names else by_place
            self.layout.append((p.name, spelled, p.kind is p.KEYWORD_ONLY))
        self.operands = frozenset(n for _, n, _ in self.layout if n in OPERANDS)
        self.settings = frozenset(n for o, n, _ in self.layout if n == o and n not in OPERANDS | SEQUENCES)
        self.sequence = bool(self.layout) and self.layout[0][0] in SEQUENCES
        self.prefix = 0
        for (_, spelled, named), expected in zip(self.layout, self.order, strict=False):
            if named or spelled != expected:
                break
            self.prefix += 1
        self.arrays = [name in OPERANDS for name in self.order[: self.prefix]]

    def called(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """What the rule gives for a call of NumPy's function."""
        try:
            if self.sequence and len(args) == 1 and not settings:
                found = several(args[0], self.name)
                return self._rule_for((found,))(found)
            if self._as_they_stand(args, settings):
                return self.rule(*args) if not settings else call.with_settings(self.rule, args, settings)
            return self._bound(args, settings)
        except ChainruleError as error:
            raise named(error, self.name) from error.__cause__

    def _as_they_stand(self, args: tuple[Any, ...], settings: dict[str, Any]) -> bool:
        """Whether the rule takes all arguments as they are."""
        if self.sequence or self.variadic or len(args) > self.prefix:
            return False
        for k, x in enumerate(args):
            if x is UNSET or type(x) is PAIR or (self.arrays[k] and not ready(x)):
                return False
        for name, x in settings.items():  # noqa: SIM110  (compiled, a loop needs no generator)
            if x is UNSET or type(x) is PAIR or name not in self.settings:
                return False
        return True

    def _bound(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        known = {spelled for _, spelled, _ in self.layout}
        head, given = self._given(args, settings)
        dtype = None
        for name in list(given):
            x = given[name]
            if x is UNSET or (name not in known and self._is_usual(name, x)):
                del given[name]
            elif name in self.operands:
                given[name] = operand(x, self.name)
            elif name in SEQUENCES and self.sequence:
                given[name] = several(x, self.name)
            elif name == "dtype" and name not in known:
                dtype = given.pop(name)
        if dtype is not None and self.name.rpartition(".")[2] in COMPUTES and np.dtype(dtype).kind == "f":
            given = {n: operand_as(x, np.dtype(dtype)) if n in self.operands else x for n, x in given.items()}
        unknown = [name for name in given if name not in known]
        if unknown and not self.free:
            raise no_writing(self.name) if "out" in unknown else no_setting(self.name, unknown)
        positional, named, gap = list(head), {}, self.variadic
        for ours, spelled, by_name in self.layout:
            if spelled not in given:
                gap = True
            elif gap or by_name:
                named[ours] = given[spelled]
            else:
                positional.append(given[spelled])
        if self.rest:
            positional.extend(args[len(self.order) :])
        if self.free:
            named.update({name: given[name] for name in unknown})
        result = self._rule_for((*positional, *named.values()))(*positional, **named)
        return result if dtype is None else of_type(result, dtype, self.name)

    def _rule_for(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        """The rule, or that for complex numbers where one is among the arguments."""
        if not any(complex_number(x) for x in args):
            return self.rule
        if self.complex_rule is None:
            raise no_complex(self.name)
        return self.complex_rule

    def _given(self, args: tuple[Any, ...], settings: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arrays of a variadic function, and all other arguments by NumPy's names."""
        if self.variadic:
            return tuple([operand(x, self.name) for x in args]), dict(settings)
        if len(args) > len(self.order) and not self.rest:
            raise TypeError(f"{self.name}() takes {len(self.order)} positional arguments, got {len(args)}")
        given = dict(zip(self.order, args, strict=False))
        for name, x in settings.items():
            if name in given:
                raise TypeError(f"{self.name}() got several values for {name}=")
            given[name] = x
        return (), given

    def _is_usual(self, name: str, x: Any) -> bool:
        return any(x is u or (type(x) is type(u) and x == u) for u in (self.usual.get(name), *USUAL.get(name, ())))


def full_name(function: Any) -> str:
    """How a user writes one of NumPy's functions: "np.linalg.solve"."""
    module = getattr(function, "__module__", None) or "numpy"
    module = "numpy.emath" if module == "numpy.lib.scimath" else module if module.startswith("numpy") else "numpy"
    return f"{module}.{function.__name__}".replace("numpy", "np", 1)


ENTRIES: dict[Any, Entry] = {}
"""The entries that were needed so far."""


def entry(function: Any) -> Entry:
    """The entry of a function that has a rule."""
    found = ENTRIES.get(function)
    if found is None:
        found = ENTRIES[function] = Entry(function, rule_of(function))
    return found


# -- operands -------------------------------------------------------------------------------------------------


def ready(x: Any) -> bool:
    """Whether an argument is what rules work on: no list, no array of a class of its own, of objects or with labels,
    and not complex."""
    kind = type(x)
    if kind is np.ndarray:
        return bool(x.dtype.char not in "OFDG")
    if kind is float or isinstance(x, StandIn):
        return kind is not PAIR
    return not (kind is list or kind is tuple or kind is complex or isinstance(x, _ASKED) or has_labels(x))


_ASKED = (np.ndarray, np.complexfloating, Flat)


def complex_number(x: Any) -> bool:
    """Whether an argument is a complex number, or a list or tuple with one in it."""
    if type(x) is list or type(x) is tuple:
        return any(complex_number(v) for v in x)
    return type(x) is PAIR or is_complex(x)


def operand(x: Any, name: str) -> Any:
    """An operand as rules work on it: lists, tuples and arrays of carriers joined, other arrays as they are.

    Raises UnsupportedFunction for an array of a class whose arithmetic is not NumPy's, and for other containers.
    """
    if isinstance(x, (list, tuple)):
        return joined(ops.array(x))
    if isinstance(x, np.ndarray):
        return joined(x)
    if isinstance(x, Flat):
        return x.copy()
    return operand(x.data, name) if has_labels(x) else x


def several(xs: Any, name: str) -> list[Any]:
    """A sequence of operands."""
    return [x if ready(x) else operand(x, name) for x in xs]


def joined(x: Any) -> Any:
    """An array of carriers (`np.array([u, v])` makes one) as one carrier of an array; any other array as it is."""
    if not isinstance(x, np.ndarray):
        return x
    if type(x) is not np.ndarray:
        x = plain_array(x)
    if x.dtype.char == "O" and any(isinstance(v, StandIn) for v in x.flat):
        return ops.array(x.tolist())
    return x


def holds(x: Any) -> bool:
    """Whether an argument is a carrier, or a list, tuple or array with carriers in it."""
    if type(x) is list or type(x) is tuple:
        items: Any = x
    elif type(x) is np.ndarray and x.dtype.char == "O":
        items = x.flat
    else:
        return isinstance(x, StandIn)
    for v in items:  # noqa: SIM110  (compiled, a loop needs no generator)
        if holds(v):
            return True
    return False


# -- results and refusals ---------------------------------------------------------------------------------------


def of_type(result: Any, dtype: Any, name: str) -> Any:
    """The result in the floating or complex type that was asked for. Raises UnsupportedFunction for other types."""
    if np.dtype(dtype).kind == "c" and not isinstance(result, (tuple, list)) and not complex_number(result):
        result = as_complex(result)
    for part in result if isinstance(result, (tuple, list)) else (result,):
        found = getattr(part, "dtype", np.dtype(np.float64))
        if found != np.dtype(dtype):
            if np.dtype(dtype).kind == found.kind == "f" and not isinstance(result, (tuple, list)):
                return as_type(result, dtype) if isinstance(result, StandIn) else np.asarray(result).astype(dtype)[()]
            raise no_setting(name, ["dtype"], f" ({np.dtype(dtype)} for what is {found})")
    return result


def named(error: ChainruleError, name: str) -> ChainruleError:
    """`error` with the name of the function that the user wrote: rows know their own name only."""
    text = str(error)
    row, colon, rest = text.partition(": ")
    if colon and row.isidentifier() and row == name.rpartition(".")[2]:
        return type(error)(f"{name}: {rest}")
    return error


def each_part(change: Callable[[Any], Any], tree: Any) -> Any:
    """The arguments of a call with each part of their lists, tuples and dicts changed."""
    if type(tree) in (tuple, list):
        return type(tree)([each_part(change, part) for part in tree])
    if type(tree) is dict:
        return {name: each_part(change, part) for name, part in tree.items()}
    return change(tree)
