"""A function's value and its gradient by each library: compiled by those that can, and the function alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import chainrule as cr
from benchmarks.common import Contender, Run

Function = Callable[..., Any]


def with_chainrule(f: Function, arguments: Sequence[Any], argnums: Sequence[int], has_aux: bool = False) -> Run:
    """[value, gradient, ...]; with `has_aux` f returns (value, array), and the array takes the place of the value."""
    step = cr.jit(cr.value_and_grad(f, argnums, has_aux))

    def run() -> Any:
        value, gradient = step(*arguments)
        return [value[1] if has_aux else value, *gradient]

    return run


def with_function(f: Function, arguments: Sequence[Any]) -> Run:
    step = cr.jit(f)
    return lambda: [step(*arguments)]


def with_jax(f: Function, arguments: Sequence[Any], argnums: Sequence[int], has_aux: bool = False) -> Run:
    import jax

    jax.config.update("jax_enable_x64", True)
    step = jax.jit(jax.value_and_grad(f, argnums, has_aux))
    arrays = [jax.numpy.asarray(x) for x in arguments]

    def run() -> Any:
        value, gradient = step(*arrays)
        value = value[1] if has_aux else value
        value.block_until_ready()  # the results of one call are ready together
        return [value, *gradient]

    return run


def with_torch(f: Function, arguments: Sequence[Any], argnums: Sequence[int], has_aux: bool = False) -> Run:
    import torch

    leaves = [torch.tensor(x, dtype=torch.float64, requires_grad=k in argnums) for k, x in enumerate(arguments)]
    wanted = [leaves[k] for k in argnums]

    def run() -> Any:
        value, aux = f(*leaves) if has_aux else (f(*leaves), None)
        gradient = torch.autograd.grad(value, wanted)
        return [(aux if has_aux else value).detach(), *gradient]

    return run


def compiled(gradient: Callable[[], Run], function: Callable[[], Run]) -> list[Contender]:
    """Chainrule's two: the value with the gradient, and the function alone, whose one result is the value."""
    return [
        Contender("Chainrule", gradient, "chainrule", "jit"),
        Contender("Chainrule", function, note="jit, the function alone", results=1),
    ]
