"""A run of a function of PyTorch's tensors, each of its operations done again on numbers of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.diagnosis.mirrored.steps import step
from chainrule.check.subject import local
from chainrule.numbers import primal

CLOSE = 1e-4  # relative: between single precision and double


def mirror(f: Callable[..., Any], tensors: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, a function of tensors, as one of numbers and NumPy arrays, also of recorded ones; `tensors` makes its
    arguments of arrays. Raises NotImplementedError for operations that are not known, ValueError where PyTorch
    computes something else."""

    def mirrored(*numbers: Any) -> Any:
        import torch
        from torch.utils._python_dispatch import TorchDispatchMode

        given = tensors(*(primal(x) for x in numbers))
        known: dict[int, tuple[Any, Any]] = {}
        for t, x in zip(given, numbers, strict=True):
            if torch.is_tensor(t):
                known[id(t)] = t, x

        def ours(x: Any) -> Any:
            return known[id(x)][1] if id(x) in known else local(x) if torch.is_tensor(x) else x

        class Following(TorchDispatchMode):  # type: ignore[misc]
            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                settings = kwargs or {}
                out = func(*args, **settings)
                if any(id(x) in known for x in trees.flatten((args, settings))[0]):
                    outs = out if isinstance(out, (tuple, list)) else (out,)
                    if any(t.is_floating_point() for t in outs):
                        _follow(func, [trees.map(ours, a) for a in args], settings, outs)
                return out

        def _follow(func: Any, args: Any, settings: Any, outs: Any) -> None:
            name = func._schema.name.partition("::")[2].removesuffix("_")
            found = step(name)(tuple(outs[0].shape), *args, **settings)
            for t, x in zip(outs, found if isinstance(found, (tuple, list)) else [found], strict=False):
                if not np.allclose(np.asarray(primal(x), dtype=float), local(t), rtol=CLOSE, atol=CLOSE):
                    raise ValueError(f"{name} computes something else")
                known[id(t)] = t, x

        with torch.no_grad(), Following():
            out = f(*given)
        return trees.map(ours, out)

    return mirrored
