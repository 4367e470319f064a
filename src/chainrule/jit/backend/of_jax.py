"""Programs computed by JAX: one function under `jax.jit` for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.jit.backend.library import Computation, Library


class Jax(Library):
    """Numbers keep their type, whatever `jax_enable_x64` says: float64 is computed as such."""

    name, title = "jax", "JAX"

    def __init__(self) -> None:
        import jax

        self.jax, self.xp = jax, jax.numpy

    def owns(self, x: Any) -> bool:
        return isinstance(x, self.jax.Array)

    def unknown(self, x: Any) -> bool:
        return isinstance(x, self.jax.core.Tracer)

    def device(self, x: Any) -> Any:
        return None if self.unknown(x) else x.sharding

    def array(self, x: Any, device: Any) -> Any:
        return self.xp.asarray(x, dtype=self.jax.dtypes.canonicalize_dtype(np.result_type(x)))

    def cast(self, x: Any, dtype: np.dtype[Any]) -> Any:
        return super().cast(x, self.jax.dtypes.canonicalize_dtype(dtype))

    def on_host(self, x: Any) -> Any:
        return np.asarray(x)

    def in_double(self) -> Any:
        return self.jax.enable_x64(True)

    def compiled(self, compute: Computation, inputs: Sequence[Any]) -> tuple[Computation, str]:
        return self.jax.jit(compute), f"compiled by jax.jit for {self.jax.default_backend()}"
