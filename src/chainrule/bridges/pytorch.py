"""`to_torch` and `from_torch`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.bridges import foreign
from chainrule.bridges.foreign import Arguments, Crossing, FromElsewhere, parted, plain
from chainrule.errors import DroppedDerivative

Function = Callable[..., Any]


def to_torch(f: Function) -> Function:
    """A function of arrays, jitted or not, as one of PyTorch's tensors, with derivatives of every order.

    f    takes arrays and numbers, also in lists, tuples and dicts and by name; gives one. What is no tensor is handed
         on as it is, and tensors of whole numbers or booleans become arrays of these, without a derivative

    Tensors are computed on the CPU, in their own precision; the result is of the largest of their floating types and
    lies on the device of the first tensor. f gets copies, which it may write to. `torch.func.grad` and `vmap` go
    through it, `vmap` one example after the other.

    Raises ArgumentError for complex tensors and for results that are containers; AnotherFunction where f gives another
    value when it is computed again for its derivative.

    >>> import chainrule as cr
    >>> import torch
    >>> x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    >>> y = cr.to_torch(lambda x: x**3)(x)
    >>> (slope,) = torch.autograd.grad(y, x, create_graph=True)
    >>> slope.item(), torch.autograd.grad(slope, x)[0].item()
    (12.0, 12.0)
    """
    return ToTorch(f)


class ToTorch(Crossing):
    """What `to_torch` returns."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        import torch

        leaves, structure = trees.flatten((args, settings))
        tensors = [x for x in leaves if isinstance(x, torch.Tensor)]
        if not tensors:
            return self.f(*args, **settings)
        if any(x.is_complex() for x in tensors):
            raise foreign.refused_complex("an argument")
        given = Arguments(leaves, lambda leaves: trees.unflatten(structure, leaves), _moves)
        given.still(lambda x: foreign.still(x.detach().cpu().numpy()) if isinstance(x, torch.Tensor) else x)
        f = given.of_numbers(self)
        if given.moving:
            return _function()(_Once(f, self.__name__), *given.numbers)
        return torch.tensor(np.array(foreign.one_number(f())), device=tensors[0].device)


def _moves(x: Any) -> bool:
    import torch

    return isinstance(x, torch.Tensor) and x.is_floating_point()


class _Once:
    """The function of one call, which remembers its value there."""

    def __init__(self, f: Function, name: str) -> None:
        self.f, self.__name__ = f, name
        self.seen: Any = None

    def __call__(self, *numbers: Any) -> Any:
        return self.f(*numbers)

    def again(self) -> _Once:
        return _Once(self.f, self.__name__)


@functools.cache
def _function() -> Function:
    import torch

    class Called(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(f: _Once, *tensors: Any) -> Any:
            kind = functools.reduce(torch.promote_types, [x.dtype for x in tensors])
            y = f.seen = np.array(foreign.one_number(f(*map(_as_array, tensors))))
            return torch.tensor(y, dtype=kind, device=tensors[0].device)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.f = inputs[0]
            ctx.save_for_backward(*inputs[1:])

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            tensors, active = ctx.saved_tensors, ctx.needs_input_grad[1:]
            back = _Once(foreign.pullback_of(ctx.f, active, ctx.f.seen), ctx.f.__name__)
            row = called(back, *tensors, ct)
            moving = [x for x, moves in zip(tensors, active, strict=True) if moves]
            parts = parted(row, [tuple(x.shape) for x in moving])
            each = iter([part.to(x.dtype) for part, x in zip(parts, moving, strict=True)])
            return (None, *[next(each) if moves else None for moves in active])

        @staticmethod
        def vmap(info: Any, in_dims: Any, f: _Once, *tensors: Any) -> Any:
            found = []
            for k in range(info.batch_size):
                example = [
                    x if axis is None else x.select(axis, k) for x, axis in zip(tensors, in_dims[1:], strict=True)
                ]
                found.append(called(f.again(), *example))
            return torch.stack(found), 0

    called: Function = Called.apply
    return called


def _as_array(x: Any) -> Any:
    import torch

    x = x.detach().cpu()
    return plain((x.float() if x.dtype is torch.bfloat16 else x).numpy())


def from_torch(f: Function) -> Function:
    """A function of PyTorch's tensors as one of arrays and numbers, inside `grad` and every other transform.

    f    takes tensors (float64, on the CPU), also in lists, tuples and dicts and by name; gives one. Beside them,
         arrays of whole numbers or booleans become tensors of these, and numbers, None and text are handed on as they
         are. A `torch.nn.Module` is such a function of its input

    It is differentiated as PyTorch differentiates it: what `detach()` or `item()` cut off there is a constant.

    Raises ArgumentError for complex numbers and for results that are containers; DroppedDerivative where PyTorch does
    not know the result as computed from the arguments; AnotherFunction where f gives another value when it is computed
    again for its derivative, as a network with dropout does; CannotRecord under `jit`.

    >>> import chainrule as cr
    >>> import torch
    >>> wave = cr.from_torch(lambda x: torch.sin(x) * x)
    >>> round(cr.grad(wave)(1.0), 6), round(cr.grad(cr.grad(wave))(1.0), 6)
    (1.381773, 0.239134)
    """
    return FromTorch(f)


def _ruled(f: Function, name: str) -> Function:
    """f, a function of tensors of floating-point numbers, as one of numbers and arrays with a rule."""

    def value(*numbers: Any) -> Any:
        y = _one_tensor(f(*map(_as_tensor, numbers)))
        return plain(y.detach().cpu().numpy())

    return foreign.with_rule(name, value, lambda count, seen: _ruled(_back(f, name, count, seen), name))


def _back(f: Function, name: str, count: int, seen: Any) -> Function:
    """(*tensors, cotangent) -> the cotangents of f's tensors in one row, as tensors that know where they came from."""
    import torch

    def back(*given: Any) -> Any:
        with torch.enable_grad():
            args = [x if x.requires_grad else x.requires_grad_(True) for x in given[:count]]
            y = _one_tensor(f(*[x.clone() for x in args]))
            foreign.refuse_another(f, y.detach().cpu().numpy(), seen)
            if not y.is_floating_point() and not y.is_complex():
                return torch.cat([torch.zeros_like(x).reshape(-1) for x in args])
            _refuse_unknown(y, name)
            ct = given[count].to(y.dtype)
            found = torch.autograd.grad(y, args, ct, create_graph=True, allow_unused=True)
            rows = [torch.zeros_like(x) if g is None else g for g, x in zip(found, args, strict=True)]
            return torch.cat([g.reshape(-1) for g in rows])

    return back


def _refuse_unknown(y: Any, name: str) -> None:
    if y.is_complex():
        raise foreign.refused_complex("the result")
    if not y.requires_grad:
        raise DroppedDerivative.here(
            f"PyTorch does not know the result of {name} as computed from its arguments: detach(), item(), numpy(),"
            "\n  torch.tensor(x) and torch.no_grad() inside of it drop the derivative"
        )


def _one_tensor(y: Any) -> Any:
    import torch

    if isinstance(y, (float, int)):
        return torch.tensor(y, dtype=torch.float64)
    if not isinstance(y, torch.Tensor):
        raise foreign.refused_result(y)
    return y.to_dense() if y.layout is not torch.strided else y


def _as_tensor(x: Any) -> Any:
    import torch

    return torch.tensor(np.array(x, dtype=np.float64))


def _still(x: Any) -> Any:
    """A leaf that is no floating-point number."""
    import torch

    if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
        return torch.tensor(x)
    return x.item() if isinstance(x, (np.integer, np.bool_)) else x


class FromTorch(FromElsewhere):
    """What `from_torch` returns."""

    library = "PyTorch"
    still, ruled = staticmethod(_still), staticmethod(_ruled)
