"""A jitted function whose programs are handed to another library's compiler."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from chainrule.errors import ArgumentError
from chainrule.jit.backend.arrays import ArrayResults
from chainrule.jit.backend.library import Library
from chainrule.jit.backend.of_jax import Jax
from chainrule.jit.backend.of_torch import Torch
from chainrule.jit.backend.translated import Elsewhere, Translated
from chainrule.jit.call.compiled import Compiled
from chainrule.jit.call.specialise import Specialisation
from chainrule.jit.passes import optimised
from chainrule.jit.plan.strided import Layout
from chainrule.jit.plan.strong_zeros import by_branches
from chainrule.jit.program import Program
from chainrule.jit.record.arguments import Arguments
from chainrule.jit.record.results import Results
from chainrule.jit.record.signature import is_dynamic, kinds_of, native_byte_order, normalised

LIBRARIES: dict[str, Callable[[], Library]] = {"jax": functools.cache(Jax), "torch": functools.cache(Torch)}


def handed_over(f: Callable[..., Any], backend: str, strict: bool = False, threads: int = 1) -> CompiledElsewhere:
    """`jit(f, backend=backend)`. Raises ArgumentError for an unknown backend, one that is not installed, and for
    settings that it does not have."""
    if backend not in LIBRARIES:
        raise ArgumentError.here(f'jit: backend expects "jax", "torch" or None, got {backend!r}')
    if find_spec(backend) is None:
        raise ArgumentError.here(f'jit(backend="{backend}") needs {backend}: pip install {backend}')
    if strict or threads != 1:
        which = "strict" if strict else "threads"
        raise ArgumentError.here(
            f'jit: {which} is for the machine code made here; with backend="{backend}" order of operations and '
            f"threads are {backend}'s own: leave it out"
        )
    return CompiledElsewhere(f, backend)


class CompiledElsewhere(Compiled):
    """What `jit` with a backend returns: call it like the function."""

    def __init__(self, f: Callable[..., Any], backend: str) -> None:
        super().__init__(f, False, 1)
        self.backend = backend
        self._library = LIBRARIES[backend]()

    def _settings(self) -> tuple[Any, ...]:
        return self.f, self.backend

    def _of_object(self, f: Any) -> Any:
        return MethodElsewhere(f, self.backend)

    def _taken(self, leaves: list[Any]) -> tuple[list[Any], Any]:
        """Numbers as arrays of the library, on the device of the first that is one."""
        library = self._library
        leaves = [x if library.owns(x) or kinds_of((x,)) else normalised(native_byte_order(x)) for x in leaves]
        arrays = [x for x in leaves if library.owns(x)]
        device = library.device(arrays[0]) if arrays else None
        taken: list[Any] = []
        kinds: list[Any] = []
        for x in leaves:
            if library.owns(x):
                kind: Any = library.dtype(x), tuple(x.shape)
            else:
                kind = kinds_of((x,)) or (type(x), x)
                if is_dynamic(x):
                    with library.in_double():
                        x = library.array(np.asarray(x), device)
            taken.append(x)
            kinds.append(kind)
        return taken, (*kinds, str(device))

    def _specialised(self, key: Any, leaves: list[Any], args: Any, settings: dict[str, Any]) -> Specialisation:
        dynamic = [k for k, x in enumerate(leaves) if self._library.owns(x)]
        singles = [key[1][k] is float or key[1][k] == (float,) for k in dynamic]
        inputs = [leaves[k] for k in dynamic]
        return Handed(
            self.f, key, leaves, dynamic, self._build, Arguments(args, settings, inputs), self._library, singles
        )

    def _build(self, recorded: Program, layout: Layout, means: bool = False) -> tuple[Program, Any]:
        program = optimised(by_branches(recorded, whole=True))
        return program, Elsewhere(program, self._library)


class MethodElsewhere(CompiledElsewhere):
    """A jitted function as the method of one object."""

    def __call__(self, _: Any, *args: Any, **settings: Any) -> Any:
        return super().__call__(*args, **settings)


class Handed(Specialisation):
    """The recordings for one kind of arguments. They are recorded with NumPy, on numbers that are fetched once."""

    masks = False  # compilers ask for the shapes of all arrays

    def __init__(self, *given: Any) -> None:
        *usual, self._library, self._singles = given
        super().__init__(*usual)
        self._device: Any = None
        self._places: dict[int, bool] = {}

    def recorded(self, inputs: list[Any]) -> Any:
        self._device = self._library.device(inputs[0]) if inputs else None
        self._places = {id(x): single for x, single in zip(inputs, self._singles, strict=True)}
        return super().recorded(inputs)

    def _sample(self, x: Any) -> Any:
        found = self._library.sample(x)
        return float(found) if self._places[id(x)] else found

    def _results(self, structure: Any, leaves: list[Any]) -> Results:
        return ArrayResults(structure, leaves, self._library, self._device)

    def _unrecorded(self, inputs: Sequence[Any]) -> Any:
        """Beyond the versions that are kept: recorded for this call, and computed one operation after the other."""
        self._warn_of_ways()
        version = self.recorded(list(inputs))
        program = version.program
        with self._library.in_double():
            _, found = Translated(program, self._library, self._device)(inputs)
        return version.results(found)
