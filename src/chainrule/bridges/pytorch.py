"""`to_torch` and `from_torch`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.bridges.foreign import named, parted, plain, pullback_of, with_rule

Function = Callable[..., Any]


def to_torch(f: Function) -> Function:
    """A function of arrays, jitted or not, as one of PyTorch's tensors, with derivatives of every order.

    f    takes and gives arrays or numbers; gives one. What is no tensor is handed on as it is.

    Tensors are computed on the CPU, in their own precision, and the result lies on the device of the first tensor.

    >>> import chainrule as cr
    >>> import torch
    >>> x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    >>> y = cr.to_torch(lambda x: x**3)(x)
    >>> (slope,) = torch.autograd.grad(y, x, create_graph=True)
    >>> slope.item(), torch.autograd.grad(slope, x)[0].item()
    (12.0, 12.0)
    """
    import torch

    def call(*args: Any) -> Any:
        tensors = [k for k, x in enumerate(args) if isinstance(x, torch.Tensor)]

        def of_tensors(*values: Any) -> Any:
            whole = list(args)
            for k, x in zip(tensors, values, strict=True):
                whole[k] = x
            return f(*whole)

        if not tensors:
            return f(*args)
        return _function()(of_tensors, *[args[k] for k in tensors])

    return named(f, call)


@functools.cache
def _function() -> Function:
    import torch

    class Called(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, f: Function, *tensors: Any) -> Any:
            ctx.f = f
            ctx.save_for_backward(*tensors)
            first = tensors[0]
            y = f(*[plain(x.detach().cpu().numpy()) for x in tensors])
            return torch.as_tensor(y, dtype=first.dtype, device=first.device)

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            tensors, active = ctx.saved_tensors, ctx.needs_input_grad[1:]
            row = called(pullback_of(ctx.f, active), *tensors, ct)
            sizes = [tuple(x.shape) for x, moves in zip(tensors, active, strict=True) if moves]
            each = iter(parted(row, sizes))
            return (None, *[next(each) if moves else None for moves in active])

    called: Function = Called.apply
    return called


def from_torch(f: Function) -> Function:
    """A function of PyTorch's tensors as one of arrays and numbers, inside `grad` and every other transform.

    f    takes and gives tensors (float64, on the CPU); gives one. A `torch.nn.Module` is such a function of its input.

    >>> import chainrule as cr
    >>> import torch
    >>> wave = cr.from_torch(lambda x: torch.sin(x) * x)
    >>> round(cr.grad(wave)(1.0), 6), round(cr.grad(cr.grad(wave))(1.0), 6)
    (1.381773, 0.239134)
    """
    import torch

    def value(*args: Any) -> Any:
        found = f(*[torch.tensor(np.array(x, dtype=np.float64)) for x in args])
        return plain(found.detach().cpu().numpy())

    def pullback(count: int) -> Function:
        def back(*given: Any) -> Any:
            args = [x if x.requires_grad else x.requires_grad_(True) for x in given[:count]]
            y = f(*args)
            found = torch.autograd.grad(y, args, given[count], create_graph=True, allow_unused=True)
            rows = [torch.zeros_like(x) if g is None else g for g, x in zip(found, args, strict=True)]
            return torch.cat([g.reshape(-1) for g in rows])

        return from_torch(back)

    return named(f, with_rule(getattr(f, "__name__", type(f).__name__), value, pullback))
