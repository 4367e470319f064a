"""Layers as nested containers of their own parameters."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, dataclass_transform

import numpy as np
import optree
from optree.registry import __GLOBAL_NAMESPACE as GLOBAL

from chainrule import trees
from chainrule.errors import ArgumentError
from chainrule.numbers import Carrier, shape

C = TypeVar("C", bound=type)
T = TypeVar("T")


def setting(default: Any = dataclasses.MISSING) -> Any:
    """A field that is no parameter: a rate, a name, a function. It must be hashable; `jit` compiles for each anew."""
    return dataclasses.field(default=default, metadata={"setting": True})


def container(cls: C) -> C:
    """Make a dataclass a container of parameters, as lists and dicts are: `grad`, `jit`, `optim` look into it.

    Its fields are parameters, or containers of some; those made by `nn.setting()` are not. A class of attrs is taken
    as well; its settings are the fields with `metadata={"setting": True}`.

    >>> import dataclasses
    >>> from chainrule import grad, nn
    >>> @nn.container
    ... @dataclasses.dataclass
    ... class Line:
    ...     slope: float
    ...     at_zero: float
    >>> grad(lambda line: line.slope * 3.0 + line.at_zero**2)(Line(2.0, 1.0))
    Line(slope=3.0, at_zero=2.0)
    """
    if dataclasses.is_dataclass(cls):
        fields: tuple[Any, ...] = dataclasses.fields(cls)
    elif hasattr(cls, "__attrs_attrs__"):
        fields = cls.__attrs_attrs__
    else:
        raise ArgumentError.here(f"nn.container expects a dataclass, got {cls!r}; write @dataclass below it")
    parts = tuple(f.name for f in fields if not f.metadata.get("setting"))
    settings = tuple(f.name for f in fields if f.metadata.get("setting"))

    of_parts, of_settings, names = _getter(parts), _getter(settings), settings + parts

    def apart(x: Any) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[str, ...]]:
        return of_parts(x), of_settings(x), parts

    def again(held: tuple[Any, ...], children: Iterable[Any]) -> Any:
        x: Any = object.__new__(cls)
        if hasattr(x, "__dict__"):  # at once: a step of training takes models apart and together several times
            x.__dict__.update(zip(names, (*held, *children), strict=True))
            return x
        for name, value in zip(names, (*held, *children), strict=True):
            object.__setattr__(x, name, value)
        return x

    entry = optree.GetAttrEntry
    optree.register_pytree_node(cls, apart, again, path_entry_type=entry, namespace=GLOBAL)  # type: ignore[arg-type]
    return cls


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """All attributes of these names, as a tuple."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    return (lambda x: (getattr(x, names[0]),)) if names else lambda x: ()


@dataclass_transform(field_specifiers=(setting, dataclasses.field), eq_default=False)
class Module:
    """Base of layers. A subclass is a dataclass: what its body declares are parameters, layers, or lists of them, but
    for what it declares with `nn.setting()`. It may have an `__init__` of its own.

    A module is its parameters: the gradient of a function of it is another module that holds gradients.

    >>> from chainrule import grad, nn
    >>> class Line(nn.Module):
    ...     slope: float
    ...     at_zero: float
    ...     def __call__(self, x):
    ...         return self.slope * x + self.at_zero
    >>> grad(lambda line: line(3.0) ** 2)(Line(2.0, 1.0))
    Line(slope=42.0, at_zero=14.0)
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "forward" in vars(cls) and "__call__" not in vars(cls):  # as PyTorch calls it
            cls.__call__ = vars(cls)["forward"]  # type: ignore[method-assign]
        container(dataclasses.dataclass(eq=False, repr=False)(cls))

    def __setattr__(self, name: str, value: Any) -> None:
        known = [f.name for f in dataclasses.fields(self)]  # type: ignore[arg-type]  # each subclass is one
        if name not in known:
            cls = type(self).__name__
            raise ArgumentError.here(
                f"{cls} declares no {name!r}, which would be lost where new parameters replace old ones.\n"
                f"  In the body of the class write `{name}: {_named(value)}` for parameters, or "
                f"`{name}: {_named(value)} = nn.setting()` for what is not trained"
            )
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        said = f"{type(self).__name__!r} object has no attribute {name!r}"
        raise AttributeError(f"{said}; {_OF_TORCH[name]}" if name in _OF_TORCH else said, name=name, obj=self)

    def parameters(self) -> list[Any]:
        """All parameters, as a list. Those that are Values record what is computed from them, micrograd style."""
        return trees.flatten(self)[0]

    def zero_grad(self) -> None:
        """Forget the gradients of parameters that are Values. Raises ArgumentError where others are among them."""
        for p in self.parameters():
            if not isinstance(p, Carrier):
                raise ArgumentError.here(
                    "zero_grad is for parameters that are Values; those that are arrays have no gradient inside: "
                    "grad(loss)(model) gives it anew"
                )
            p.zero_grad()  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        shown = [f"{f.name}={_briefly(getattr(self, f.name, None))}" for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(shown)})"


_STATELESS = "a model is the same in training and in use: dropout is where a loss has an `rng`"
_OF_TORCH = {
    "train": _STATELESS,
    "eval": _STATELESS,
    **dict.fromkeys(("state_dict", "load_state_dict"), "a model is its parameters: pickle keeps it, and fit"),
    "to": "nn.cast(model, np.float32) is another precision",
    **dict.fromkeys(("cuda", "cpu"), "arrays are NumPy's; jit(f, backend='torch') computes on PyTorch's devices"),
    **dict.fromkeys(("named_parameters", "children"), "parameters() is a list; cr.optim.ravel(model) a vector"),
    "apply": "nn.initial draws the weights: Linear(3, 2, rng, init=nn.initial.he_normal)",
}  # fmt: skip


def cast(params: T, dtype: Any) -> T:
    """`params` with its numbers in another precision. Layers compute in the precision of their parameters and of what
    they are given: both must be single for single results.

    >>> import numpy as np
    >>> from chainrule import nn
    >>> nn.cast({"w": np.ones(2)}, np.float32)
    {'w': array([1., 1.], dtype=float32)}
    """
    kind = np.dtype(dtype).type
    leaves, structure = trees.flatten(params)
    single: T = trees.unflatten(structure, [x.astype(kind) if hasattr(x, "astype") else kind(x) for x in leaves])
    return single


def _briefly(x: Any) -> str:
    """A number as it is, an array by its shape, a function by its name."""
    if isinstance(x, (list, tuple)):
        inside = ", ".join(map(_briefly, x))
        return f"[{inside}]" if isinstance(x, list) else f"({inside})"
    if hasattr(x, "shape") and shape(x) != ():
        return "x".join(map(str, shape(x)))
    name = getattr(x, "__name__", None)
    return name if callable(x) and name else repr(x)


def _named(value: Any) -> str:
    cls = type(value)
    home = cls.__module__.removeprefix("chainrule.").split(".")[0]
    return cls.__name__ if home in ("builtins", "__main__") else f"{home.replace('numpy', 'np')}.{cls.__name__}"
