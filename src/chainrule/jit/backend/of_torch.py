"""Programs computed by PyTorch: one graph for each, under `torch.compile` where its compiler works."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.errors import JitWarning, user_line
from chainrule.jit.backend.library import Computation, Library


class Torch(Library):
    name, title, lasting = "torch", "PyTorch", True

    def __init__(self) -> None:
        import array_api_compat.torch as xp
        import torch

        self.torch: Any = torch
        self.xp = xp

    def owns(self, x: Any) -> bool:
        return isinstance(x, self.torch.Tensor)

    def unknown(self, x: Any) -> bool:
        fake = self.torch._subclasses.FakeTensor
        return isinstance(x, fake) or bool(self.torch._C._functorch.is_functorch_wrapped_tensor(x))

    def device(self, x: Any) -> Any:
        return x.device

    def array(self, x: Any, device: Any) -> Any:
        return self.torch.tensor(np.asarray(x), device=device)

    def on_host(self, x: Any) -> Any:
        return x.detach().cpu().numpy()

    def compiled(self, compute: Computation, inputs: Sequence[Any]) -> tuple[Computation, str]:
        """Under torch.compile; operation by operation where that fails, as without a C++ compiler."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the compiler's own, about itself
                whole = self.torch.compile(_graph(compute, inputs), fullgraph=True, dynamic=False)
                whole(*inputs)
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            path, line = user_line()
            warnings.warn_explicit(
                f"torch.compile failed, so PyTorch computes one operation after the other ({reason:.200})",
                JitWarning,
                path or "jit",
                line,
            )
            return compute, f"operation by operation, as torch.compile failed: {reason:.200}"
        device = inputs[0].device if inputs else "cpu"
        return (lambda given: whole(*given)), f"compiled by torch.compile for {device}"


def _graph(compute: Computation, inputs: Sequence[Any]) -> Any:
    """The operations of PyTorch's that `compute` consists of."""
    from torch.fx.experimental import proxy_tensor

    tracing: Any = proxy_tensor
    return tracing.make_fx(lambda *given: compute(given), tracing_mode="real")(*inputs)
