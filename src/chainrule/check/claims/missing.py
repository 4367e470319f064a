"""Modules that a file imports and Python does not find: those of a folder above it are, others are stood in for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType
from typing import Any, NoReturn

ABOVE = 3  # folders above a file in which its modules are looked for


def folder_of(name: str, folder: str) -> str | None:
    """The nearest folder above `folder` that holds a module of that name: files of a project are run from its root."""
    for _ in range(ABOVE):
        folder = os.path.dirname(folder)
        inside = os.path.join(folder, name)
        if os.path.isfile(f"{inside}.py"):
            return folder
        if os.path.isdir(inside) and any(file.endswith(".py") for file in os.listdir(inside)):
            return folder
    return None


class Absent:
    """What a missing module would hold. It may be named, called, inherited from, or used to decorate; where its value
    is needed, the module is missed."""

    def __init__(self, module: str) -> None:
        self.__module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(self.__module)

    def __call__(self, *args: Any, **_: Any) -> Any:
        return args[0] if len(args) == 1 and isinstance(args[0], (FunctionType, type)) else Absent(self.__module)

    def __instancecheck__(self, _: Any) -> bool:
        return False

    def __subclasscheck__(self, _: type) -> bool:
        return False

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def _missed(self, *_: Any) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {self.__module!r}", name=self.__module)

    __iter__ = __getitem__ = __setitem__ = __len__ = __bool__ = __float__ = __int__ = __index__ = _missed
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _missed
    __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __neg__ = __lt__ = __gt__ = __le__ = __ge__ = _missed
    __enter__ = __exit__ = __array__ = _missed


class StandIn(ModuleType):
    """A module that is missing, of which everything is Absent."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(self.__name__.partition(".")[0])


class StandsIn:
    """Finds a stand-in for each missing module that was told, and for what is inside."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.lent: list[tuple[ModuleType, str]] = []

    def find_spec(self, name: str, _: Sequence[str] | None, __: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in self.names:
            return None
        finder: Any = self  # importlib.abc, whose classes it might inherit from, imports half of the standard library
        return ModuleSpec(name, finder, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...

    def add(self, name: str) -> None:
        """Stand in for a module from now on."""
        self.names.add(name)
        if self not in sys.meta_path:
            sys.meta_path.append(self)

    def lend(self, module: ModuleType, name: str) -> None:
        """Stand in for a name that a module does not have."""
        setattr(module, name, Absent(f"{module.__name__}.{name}"))
        self.lent.append((module, name))
        if self not in sys.meta_path:
            sys.meta_path.append(self)

    def leave(self) -> None:
        """Forget all stand-ins."""
        for module, name in self.lent:
            if isinstance(vars(module).get(name), Absent):
                delattr(module, name)
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name in [n for n, module in sys.modules.items() if isinstance(module, StandIn)]:
            del sys.modules[name]
