"""A loss whose rows are somewhere else: what training asks of it in place of batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Spread(ABC):
    """Called with parameters and prepared data it gives the value and the gradient. Within a `with` block what it needs
    stays open."""

    @abstractmethod
    def prepared(self, *data: Any) -> Any:
        """Data made ready for many calls."""

    @abstractmethod
    def __enter__(self) -> Spread: ...

    @abstractmethod
    def __exit__(self, *error: object) -> None: ...

    @abstractmethod
    def __call__(self, params: Any, *data: Any) -> tuple[Any, Any]: ...
