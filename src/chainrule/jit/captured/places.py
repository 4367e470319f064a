"""Where something lies that a function reads besides its arguments.

A `Watch` has for each a holder, a key and what `was` there. Compiled, `places.pxd` gives the same numbers as constants
of C.

ENTRY       holder[key] of a dict
CELL        the contents of a closure's cell
ATTRIBUTE   of an object, or of what a weak reference stands for
METHOD      the function behind an attribute
ELEMENTS    of a list or another sequence; was: a tuple of them
PAIRS       of a dict; was: keys and values, one after the other, in a tuple
CODE        of a function; was: it and its defaults
CONTENTS    of an array; was: a copy, of an array of objects a tuple
FINGERPRINT of a large array that is in one piece; was: `fingerprint` of it
REFERENT    an attribute whose object was is a weak reference to
STATE       what key(holder) returns
MODULE      functions in the dict of a library's module; was: names and functions, one after the other, in a tuple
"""

from __future__ import annotations

import types
from typing import Any

ENTRY, CELL, ATTRIBUTE, METHOD, ELEMENTS, PAIRS, CODE, CONTENTS, STATE, REFERENT, MODULE, FINGERPRINT = range(12)


def code_same(f: types.FunctionType, was: tuple[Any, Any, Any]) -> bool:
    """Whether a function still has that code, those defaults and those keyword defaults."""
    return f.__code__ is was[0] and f.__defaults__ is was[1] and f.__kwdefaults__ is was[2]


def version(holder: dict[str, Any]) -> int:
    """A number that is another one after each change of a dict; 0 where there is none."""
    return 0
