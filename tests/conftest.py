"""What every test leaves as it found it."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def precision_of_jax() -> Iterator[None]:
    """A test that asks JAX for double precision asks for itself: the setting is the process's."""
    yield
    jax = sys.modules.get("jax")
    if jax is not None and getattr(jax, "config", None) is not None and jax.config.jax_enable_x64:
        jax.config.update("jax_enable_x64", False)
