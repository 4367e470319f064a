"""What every test leaves as it found it."""

import gc
import sys
from collections.abc import Iterator

import pytest

LONG = ("tests/test_site.py", "tests/test_quality.py")
"""What takes longest begins first, so that no process is waited for at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def precision_of_jax() -> Iterator[None]:
    """A test that asks JAX for double precision asks for itself: the setting is the process's."""
    yield
    jax = sys.modules.get("jax")
    if jax is not None and getattr(jax, "config", None) is not None and jax.config.jax_enable_x64:
        jax.config.update("jax_enable_x64", False)


@pytest.fixture(scope="module")
def collected() -> Iterator[None]:
    """The garbage collector looks only at what is made within the module: a second faster where much is imported."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
