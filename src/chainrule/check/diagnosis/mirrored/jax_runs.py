"""A function of JAX's arrays, each of its operations done on numbers of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.diagnosis.mirrored.steps import step
from chainrule.numbers import Carrier, primal, shape
from chainrule.values.located import Located

INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # the setting in which an operation holds a whole program

SETTINGS = (
    "y", "axes", "axis", "dimension", "dimensions", "permutation", "dimension_numbers", "broadcast_dimensions",
    "start_indices", "limit_indices", "strides",
)  # fmt: skip


def mirror(f: Callable[..., Any], arrays: Callable[..., Any]) -> Callable[..., Any]:
    """`f`, a function of JAX's arrays, as one of numbers and NumPy arrays, also of recorded ones; `arrays` makes its
    arguments of NumPy's. Raises NotImplementedError for operations that are not known."""

    def mirrored(*numbers: Any) -> Any:
        import jax

        given = arrays(*(primal(x) for x in numbers))
        taken = [k for k, x in enumerate(given) if hasattr(x, "dtype")]

        def of_arrays(*xs: Any) -> Any:
            whole = list(given)
            for k, x in zip(taken, xs, strict=True):
                whole[k] = x
            return f(*whole)

        closed, out = jax.make_jaxpr(of_arrays, return_shape=True)(*(given[k] for k in taken))
        found = _computed(closed.jaxpr, closed.consts, [numbers[k] for k in taken])
        return trees.unflatten(trees.flatten(out)[1], found)

    return mirrored


def _computed(jaxpr: Any, consts: Any, inputs: list[Any]) -> list[Any]:
    """The results of a program of JAX's."""
    values: dict[Any, Any] = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *inputs), strict=True))

    def read(v: Any) -> Any:
        return v.val if hasattr(v, "val") else values[v]

    for eqn in jaxpr.eqns:
        operands = [read(v) for v in eqn.invars]
        for v, x in zip(eqn.outvars, _results(eqn, operands), strict=False):
            if isinstance(x, Located):
                x.where = _line(eqn)
            values[v] = x
    return [read(v) for v in jaxpr.outvars]


def _results(eqn: Any, operands: list[Any]) -> list[Any]:
    inner = next((eqn.params[name] for name in INNER if name in eqn.params), None)
    if inner is not None:
        return _computed(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), operands)
    moving = any(isinstance(x, Carrier) for x in operands)
    if not moving or "float" not in str(eqn.outvars[0].aval.dtype):
        plain = [np.asarray(primal(x), dtype=v.aval.dtype) for x, v in zip(operands, eqn.invars, strict=True)]
        out = eqn.primitive.bind(*plain, **eqn.params)
        return [np.asarray(x) for x in (out if eqn.primitive.multiple_results else [out])]
    name = "static_slice" if "limit_indices" in eqn.params else eqn.primitive.name
    operands = [x if isinstance(x, Carrier) else np.asarray(x) for x in operands]
    operands = [x if shape(x) or isinstance(x, Carrier) else x.item() for x in operands]
    return [step(name)(tuple(eqn.outvars[0].aval.shape), *operands, **_settings(eqn.params))]


def _settings(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key in SETTINGS}


def _line(eqn: Any) -> tuple[str, int]:
    """The user's line that an operation was written on."""
    frames = getattr(eqn.source_info.traceback, "frames", ())
    own = [f for f in frames if "/site-packages/" not in f.file_name and "chainrule" not in f.file_name]
    return (own[0].file_name, own[0].line_num) if own else ("", 0)
