"""Gradients in a dict, matched with what they are gradients of by name: `dW1`, `grad_W1` or `W1_grad` for `W1`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule import trees
from chainrule.check.subject import Subject, is_real

# How the gradient by a parameter is called; the parameter's own name stands last.
FORMS = (
    "d{}", "d_{}", "grad_{}", "{}_grad", "gradient_{}", "{}_gradient", "grad{}", "{}grad", "dL_d{}", "dJ_d{}", "dj_d{}",
    "dl_d{}", "dloss_d{}", "dcost_d{}", "dC_d{}", "dE_d{}", "g_{}", "nabla_{}", "delta_{}", "{}",
)  # fmt: skip
MISSING = object()


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
