"""A rule is a copy of SciPy's function: a parameter that both have must have the same value when it is left out."""

import importlib
import inspect

import pytest

from chainrule.scipy import families, special
from chainrule.scipy.stats import hypothesis, samples, summary

TABLES = {
    "scipy.special": special.RULES,
    "scipy.stats": {**summary.RULES, **samples.RULES, **hypothesis.RULES},
    **{
        name: {k: v for ours in places for k, v in importlib.import_module(ours).RULES.items()}
        for name, places in families.FAMILIES.items()
        if places
    },
}
DEPRECATED = {("disp", True), ("precenter", False)}
"""What they had before SciPy put a mark in the place of their value."""


def defaults(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


def differing(name):
    module = importlib.import_module(name)
    for public, rule in TABLES[name].items():
        original = getattr(module, public, None)
        if original is None or isinstance(rule, type):
            continue
        try:
            theirs, ours = defaults(original), defaults(rule)
        except (TypeError, ValueError):  # ufuncs have no signature
            continue
        for parameter in theirs.keys() & ours.keys():
            a, b = theirs[parameter], ours[parameter]
            same = repr(a) == repr(b) or (type(a) is object and (parameter, b) in DEPRECATED)
            if not same and parameter != "output":
                yield f"{public}({parameter}={b!r}): SciPy has {a!r}"


@pytest.mark.parametrize("name", TABLES)
def test_what_is_left_out(name):
    assert not list(differing(name))
