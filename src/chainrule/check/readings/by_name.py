"""Gradients in a dict, matched with what they are gradients of by name: `dW1`, `grad_W1` or `W1_grad` for `W1`."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule import trees
from chainrule.check.subject import Subject, is_real

# How the gradient by a parameter is called; the parameter's own name stands last.
FORMS = (
    "d{}", "d_{}", "grad_{}", "{}_grad", "gradient_{}", "{}_gradient", "grad{}", "{}grad", "dL_d{}", "dJ_d{}", "dj_d{}",
    "dl_d{}", "dloss_d{}", "dcost_d{}", "dC_d{}", "dE_d{}", "g_{}", "nabla_{}", "delta_{}", "{}",
)  # fmt: skip
MISSING = object()
SLOPE = re.compile(r"_*(d|g|nabla|delta)[A-Z_0-9]|_*d\w|_*grad|\w+_grad|g\Z", re.IGNORECASE)  # how gradients are named


def entry_for(name: str, keys: Any) -> Any:
    """The key under which the gradient by `name` is found; MISSING where there is none.

    >>> entry_for("W1", {"dW2": 0, "dW1": 0}), entry_for("b", {"b_grad": 0}), entry_for("b", {"dW": 0}) is MISSING
    ('dW1', 'b_grad', True)
    """
    known = {str(key): key for key in keys}
    small: dict[str, Any] = {}
    for text, key in known.items():
        small[text.lower()] = key if text.lower() not in small else MISSING
    for form in FORMS:
        if form.format(name) in known:
            return known[form.format(name)]
    for form in FORMS[:-1]:
        found = small.get(form.format(name).lower(), MISSING)
        if found is not MISSING:
            return found
    return MISSING


def returned_names(function: Any) -> list[str]:
    """The names of what a function returns last: ["A2", "cache"]; [] where they have none."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    values = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return) and n.value is not None]
    parts = values[-1].elts if values and isinstance(values[-1], (ast.Tuple, ast.List)) else values[-1:]
    parts = [_undivided(p) for p in parts]
    names = [p.id if isinstance(p, ast.Name) else p.attr if isinstance(p, ast.Attribute) else "" for p in parts]
    return names if any(names) else []


def _undivided(part: ast.expr) -> ast.expr:
    """What is divided, or multiplied by something that follows: dw of `dw / m`. No gradient is named by the b of
    `b * upstream`, and the product stays as it is."""
    whole = part
    while isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Div, ast.Mult)):
        part = part.left
    name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
    return part if SLOPE.match(name) else whole


def by_returned_names(function: Any, result: Any, names: Sequence[str]) -> Any:
    """The parts of a tuple as a dict by the names that it is returned by, where these name arguments in another order
    than `names`: `return dj_db, dj_dw` of a cost of (w, b). Else the result as it is."""
    if not isinstance(result, tuple) or len(result) < 2:
        return result
    said = returned_names(function)
    keys = [entry_for(name, said) for name in names]
    found = [key for key in keys if key is not MISSING]
    if len(said) != len(result) or len(set(said)) != len(said) or set(found) != set(said) or found == said:
        return result
    return dict(zip(said, result, strict=True))


def matched(result: Mapping[Any, Any], subject: Subject) -> tuple[dict[int, Any], list[str]]:
    """For each argument the gradients found for it (arguments without any are left out), and the keys left aside."""
    used: set[Any] = set()
    found = {}
    for k in subject.argnums:
        part = _take(subject.args[k], subject.names[k], result, used)
        if part is not MISSING:
            found[k] = part
    return found, [str(key) for key in result if key not in used]


def _take(arg: Any, name: str, entries: Mapping[Any, Any], used: set[Any]) -> Any:
    if not isinstance(arg, Mapping):
        key = entry_for(name, entries)
        if key is MISSING:
            return MISSING
        used.add(key)
        return entries[key]
    own = entry_for(name, entries)
    if own is not MISSING and isinstance(entries[own], Mapping):
        used.add(own)
        return _take_each(arg, entries[own], set())
    return _take_each(arg, entries, used)


def _take_each(arg: Mapping[Any, Any], entries: Mapping[Any, Any], used: set[Any]) -> Any:
    parts = {}
    for key, value in arg.items():
        if not any(map(is_real, trees.flatten(value)[0])):
            continue
        parts[key] = _take(value, str(key), entries, used)
        if parts[key] is MISSING:
            return MISSING
    return parts
