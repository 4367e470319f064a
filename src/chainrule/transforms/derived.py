"""What a transform returns: an object that is called like the function it was made from, and is pickled as both."""

from __future__ import annotations

import functools
import sys
import types
from typing import Any

from chainrule import trees
from chainrule.carriers.lift import Lifted
from chainrule.tracebacks import shortened
from chainrule.transforms import named


class AsMethod:
    """What is called as a function is: in a class it is a method."""

    def __get__(self, x: Any, owner: Any = None) -> Any:
        me: Any = self
        return me if x is None else types.MethodType(me, x)


class CompilesItself:
    """What has a program of its own for machine code, since its result is none of a program: a sparse array.

    verb    which transform made it
    """

    verb: str

    def as_compiled(self) -> Any:
        """It, run as machine code."""
        raise NotImplementedError


class Derived:
    """A function made from the function `f`, with its name, documentation and signature.

    verb       which transform made it; with `f` and `settings` it is made again, by pickle and copy
    kept       `f` lifted
    asked      the transform that the user called, for messages: "hessian" of the gradient inside of one
    positions  of the wanted arguments, by the number of arguments
    """

    def __init__(self, verb: str, f: Any, settings: tuple[Any, ...]) -> None:
        trees.refuse_argnums(settings[0], verb)  # the first setting of all of them
        self.verb, self.f, self.settings = verb, f, settings
        self.asked = verb
        self.kept = Lifted(f)
        self.positions: dict[int, tuple[int, ...]] = {}
        self.__name__ = verb  # of what has none
        me: Any = self
        functools.update_wrapper(me, f, updated=())

    def __call__(self, *args: Any, **settings: Any) -> Any:
        try:
            return self.computed(args, settings)
        except Exception as error:
            error = shortened(error)
            raise error

    def wanted(self, args: tuple[Any, ...]) -> tuple[int, ...]:
        """The positions of the arguments to differentiate by, which the first setting says."""
        found = self.positions.get(len(args))
        if found is None:
            found = self.positions[len(args)] = trees.positions(self.settings[0], len(args), self.asked)
        return found

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The result for these arguments of `f`. What it raises is shown without our frames."""
        raise NotImplementedError

    def __get__(self, x: Any, owner: Any) -> Any:
        """In a class it is a method, as a function is."""
        me: Any = self
        return me if x is None else types.MethodType(me, x)

    def __repr__(self) -> str:
        f = self.f
        inner = repr(f)[1:-1] if isinstance(f, Derived) else getattr(f, "__qualname__", None) or repr(f)
        return f"<{self.verb} of {inner}>"

    def __reduce__(self) -> Any:
        """For pickle: by its name where that is what the name stands for (`@grad` above a def), else made again."""
        name = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self, "__module__", None) or "")
        for part in name.split(".") if name else ():
            found = getattr(found, part, None)
        return name if found is self else (made_again, (self.verb, self.f, self.settings))


def made_again(verb: str, f: Any, settings: tuple[Any, ...]) -> Any:
    """What the transform of that name makes of `f`."""
    return named(verb)(f, *settings)
