"""Functions of PyTorch and JAX, checked for the backward passes that they bring with them.

`check(f, at=x)` without a derivative asks, for their arrays, what the framework answers: with the backward of a
`torch.autograd.Function`, of a module's layers, with the rule of a `jax.custom_vjp`. A function of several results is
checked as <cotangent, f>, as any backward pass is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from chainrule import trees
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import foreign, is_real, local
from chainrule.errors import ArgumentError
from chainrule.signatures import needed


class Framed(NamedTuple):
    """What is checked in place of a framework's function: a number, its gradient, the arguments with their names, and
    which of them it is differentiated by."""

    f: Callable[..., Any]
    df: Callable[..., Any]
    args: tuple[Any, ...]
    names: list[str]
    argnums: tuple[int, ...]


def library_of(f: Any, args: tuple[Any, ...]) -> str:
    """ "torch" or "jax" where the function or an argument is one of theirs, else ""."""
    torch = sys.modules.get("torch")
    if torch is not None and (isinstance(f, torch.nn.Module) or _is_function(f, torch)):
        return "torch"
    return next((found for x in trees.flatten(args)[0] if (found := foreign(x))), "")


def _is_function(f: Any, torch: Any) -> bool:
    """Whether `f` is a torch.autograd.Function, which is a class."""
    return isinstance(f, type) and issubclass(f, torch.autograd.Function)


def names_of_rule(f: Any) -> list[str]:
    """The arguments of a torch.autograd.Function that have no default, without the context that older ones take
    first."""
    with_context = f.setup_context is sys.modules["torch"].autograd.Function.setup_context
    return needed(f.forward)[int(with_context) :]


def framed(f: Any, args: tuple[Any, ...], seed: int) -> Framed:
    """The function as a number with a gradient by its framework. Raises ArgumentError where it gives no real number."""
    library = library_of(f, args)
    names, function = _unfolded(f, args)
    if library == "torch":
        args = (*args, *_parameters(f))
    held = getattr(f, "nondiff_argnums", ())  # of a custom_vjp; PyTorch differentiates by tensors alone
    moving = [k for k, x in enumerate(args) if k not in held and is_real(x) and shape_of(x) is not None]
    moving = [k for k in moving if foreign(args[k])] if library == "torch" else moving
    value = function(*args)
    leaves = trees.flatten(value)[0]
    random = RandomNumbers(seed)
    shapes = [shape_of(y) for y in leaves]
    if not leaves or None in shapes:
        raise ArgumentError(f"check: expected a function that gives arrays of real numbers, got {type(value).__name__}")
    weights = [np.ones(()) if size == () else random.standard_normal(size) for size in shapes]

    def paired(*xs: Any) -> Any:
        total: Any = 0.0
        for w, y in zip(weights, trees.flatten(function(*xs))[0], strict=True):
            total = total + (y * _like(w, y)).sum()
        return total

    gradient = _by_torch(paired, moving) if library == "torch" else _by_jax(paired, moving)
    gradient.__name__ = str(getattr(f, "__name__", type(f).__name__))
    return Framed(paired, gradient, args, names, tuple(moving))


def shape_of(x: Any) -> tuple[int, ...] | None:
    """The shape of a real number or array, None for everything else."""
    if isinstance(x, bool) or not (isinstance(x, float) or "float" in str(getattr(x, "dtype", ""))):
        return None
    return tuple(np.shape(local(x)))


def _unfolded(f: Any, args: tuple[Any, ...]) -> tuple[list[str], Callable[..., Any]]:
    """The function of all that is differentiated, and the names of its arguments."""
    torch = sys.modules.get("torch")
    if torch is not None and _is_function(f, torch):
        names = names_of_rule(f)[: len(args)]
        return names if len(names) == len(args) else [f"x{k}" for k in range(len(args))], f.apply
    if torch is None or not isinstance(f, torch.nn.Module):
        return trees.argument_names(f, len(args)), f
    held = dict(f.named_parameters())

    def function(*xs: Any) -> Any:
        given = dict(zip(held, xs[len(args) :], strict=True))
        return torch.func.functional_call(f, given, xs[: len(args)])

    return [*trees.argument_names(f.forward, len(args)), *held], function


def _parameters(f: Any) -> list[Any]:
    torch = sys.modules["torch"]
    return [p.detach() for p in f.parameters()] if isinstance(f, torch.nn.Module) else []


def _like(w: Any, y: Any) -> Any:
    """A cotangent as an array of the library and the type of `y`."""
    if foreign(y) == "torch":
        return sys.modules["torch"].as_tensor(w, dtype=y.dtype, device=y.device)
    return np.asarray(w, dtype=y.dtype) if hasattr(y, "dtype") else w


def _by_torch(paired: Callable[..., Any], moving: list[int]) -> Callable[..., Any]:
    torch = sys.modules["torch"]

    def gradient(*xs: Any) -> Any:
        given = [x.detach().clone().requires_grad_(True) if k in moving and foreign(x) else x for k, x in enumerate(xs)]
        leaves = [given[k] for k in moving]
        found = torch.autograd.grad(paired(*given), leaves, allow_unused=True)
        whole = tuple(torch.zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True))
        return whole if len(whole) != 1 else whole[0]

    return gradient


def _by_jax(paired: Callable[..., Any], moving: list[int]) -> Callable[..., Any]:
    def gradient(*xs: Any) -> Any:
        found = sys.modules["jax"].grad(paired, tuple(moving))(*xs)
        return found if len(found) != 1 else found[0]

    return gradient
