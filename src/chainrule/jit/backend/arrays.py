"""Results of a program that another library computes, put together: its arrays, single numbers too."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import trees
from chainrule.jit.backend.library import Library
from chainrule.jit.record.results import Results
from chainrule.jit.record.trace import Recorded


class ArrayResults(Results):
    """As `Results`, with arrays of the library in the places of all that is a real number or an array."""

    def __init__(self, structure: Any, leaves: list[Any], library: Library, device: Any) -> None:
        self.steps = [x.step for x in leaves if isinstance(x, Recorded)]
        self.values = [x.value for x in leaves if isinstance(x, Recorded)]
        numbers = [None if isinstance(x, Recorded) else x for x in leaves]
        places = [isinstance(x, Recorded) for x in leaves]

        def constant(x: Any) -> Any:
            if not isinstance(x, (float, np.ndarray, np.generic)):
                return x
            with library.in_double():
                return library.array(x, device)

        def put(computed: list[Any]) -> Any:
            each = iter(computed)
            found = [next(each) if c else constant(x) for c, x in zip(places, numbers, strict=True)]
            return trees.unflatten(structure, found)

        self.put = put
