"""Entries of a dict of gradients that are called after no argument, held against the arguments that have none."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.backward.gradients import bare, leaves_of
from chainrule.check.backward.passes import is_number
from chainrule.check.subject import local
from chainrule.numbers import shape


def misnamed(pairing: Any, random: np.random.Generator) -> tuple[list[str], list[str]]:
    """What is said of entries that hold the gradient by an argument without an entry of its own: mistakes, where one
    letter is another (dW1 for W2), and notes, where it is called by a longer word (dweights for w)."""
    leaves = leaves_of(pairing.args, pairing.names)
    missing = {k: name for k, (name, x) in enumerate(leaves) if is_number(x) and k not in pairing.found.leaves}
    wrong, read = [], []
    for key, value in pairing.found.aside.items():
        for name in missing.values():
            due = next(x for n, x in leaves if n == name)
            if (
                is_number(local(value))
                and shape(local(value)) == shape(local(due))
                and _is_its(pairing, key, name, random)
            ):
                if _one_letter_off(bare(str(key)), bare(name)):
                    wrong.append(f"the gradient by {name} is given under the name {key!r}")
                else:
                    read.append(f"{key!r} is the gradient by {name}")
                break
    return wrong, read


def _is_its(pairing: Any, key: Any, name: str, random: np.random.Generator) -> bool:
    """Whether the entry is the gradient by the argument of that name."""

    def backward(*given: Any, **settings: Any) -> Any:
        returned = pairing.passes.backward(*given, **settings)
        return {name: returned[key]}

    other = copy.copy(pairing)
    try:
        passes = replace(pairing.passes, backward=backward)
        other.__init__(passes, pairing.args, pairing.names, pairing.cotangents)
        return bool(other.found.leaves) and bool(other.agrees(random))
    except Exception:  # a note is a courtesy: it must never hide the verdict
        return False


def _one_letter_off(given: str, due: str) -> bool:
    """Whether two names of one length differ in one letter or digit; of single letters it cannot be told."""
    return len(given) == len(due) > 1 and sum(a != b for a, b in zip(given, due, strict=True)) == 1
