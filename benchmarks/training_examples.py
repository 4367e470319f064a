"""The programs of examples/training: loss and gradient by all parameters, compiled and not, beside JAX and PyTorch."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from benchmarks import training_twins as twins
from benchmarks.common import Contender, Run, Workload

FOLDER = Path(__file__).parents[1] / "examples" / "training"


def example(name: str) -> Any:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(f"training_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pictures(count: int) -> tuple[Any, Any]:
    """As scikit-learn's digits are, without scikit-learn."""
    random = np.random.default_rng(0)
    return random.random((count, 64)), random.integers(0, 10, count)


PREPARED = {  # parameters and data; the numbers are the sizes of the example and of a test
    "two_moons": lambda e, tiny: (e.start(), e.moons(9 if tiny else 50)),
    "digits": lambda e, tiny: (e.start(), pictures(5 if tiny else 64)),
    "names": lambda e, tiny: (e.start(8 if tiny else 24), (e.table()[: 3 if tiny else 40],)),
    "pendulum": lambda e, tiny: (e.START, (e.measured(4 if tiny else 80),)),
    "logistic": lambda e, tiny: (np.full(4, 0.1), e.samples(9 if tiny else 500)),
    "gaussian_process": lambda e, tiny: (e.START, e.samples(5 if tiny else 40)),
    "kalman": lambda e, tiny: (e.START, (e.measured(4 if tiny else 150),)),
}


NOTHING = {"names": 6}
"""The bias of the keys moves all scores of a position alike, which softmax does not see: its gradient is rounding."""


def counted(name: str, gradient: Any) -> list[Any]:
    return [g for k, g in enumerate(gradient) if k != NOTHING.get(name)]


def with_chainrule(name: str, loss: Any, params: Any, data: Any, compiled: bool) -> Run:
    both = cr.value_and_grad(loss)
    both = cr.jit(both) if compiled else both

    def run() -> Any:
        value, gradient = both(params, *data)
        return [value, *counted(name, cr.trees.flatten(gradient)[0])]

    return run


def with_jax(name: str, leaves: list[Any], data: Any) -> Run:
    import jax

    xp, twin = twins.jax_names(), getattr(twins, name)
    both = jax.jit(jax.value_and_grad(lambda p, *data: twin(xp, p, *data)))
    given = [jax.numpy.asarray(x) for x in leaves], *map(jax.numpy.asarray, data)

    def run() -> Any:
        value, gradient = both(*given)
        value.block_until_ready()
        return [value, *counted(name, gradient)]

    return run


def with_torch(name: str, leaves: list[Any], data: Any) -> Run:
    import torch

    xp, twin = twins.torch_names(), getattr(twins, name)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves]
    given = [torch.as_tensor(x) for x in data]

    def run() -> Any:
        value = twin(xp, tensors, *given)
        return [value.detach(), *counted(name, torch.autograd.grad(value, tensors))]

    return run


def workloads(tiny: bool = False) -> Iterator[Workload]:
    for name, prepared in PREPARED.items():
        module = example(name)
        params, data = prepared(module, tiny)
        here, there = (name, module.loss, params, data), (name, cr.trees.flatten(params)[0], data)
        yield Workload(
            f"examples/training/{name}.py: loss and gradient",
            [
                Contender("Chainrule", lambda here=here: with_chainrule(*here, True), note="jit"),
                Contender("Chainrule", lambda here=here: with_chainrule(*here, False), note="eager"),
                Contender("JAX", lambda there=there: with_jax(*there), "jax", "jit"),
                Contender("PyTorch", lambda there=there: with_torch(*there), "torch"),
            ],
        )
