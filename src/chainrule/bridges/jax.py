"""`to_jax` and `from_jax`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.bridges.foreign import named, parted, plain, pullback_of, with_rule

Function = Callable[..., Any]


def to_jax(f: Function) -> Function:
    """A function of arrays, jitted or not, as one of JAX's, under `jax.grad`, `jax.jit` and `jax.vmap`, with reverse
    derivatives of every order. It is called back on the host.

    f    takes and gives arrays or numbers; gives one, whose shape depends on the shapes of the arguments alone: where
         JAX only knows shapes, f is called with ones to see it

    >>> import chainrule as cr
    >>> import jax
    >>> cube = cr.to_jax(lambda x: x**3)
    >>> float(jax.grad(cube)(2.0)), float(jax.jit(jax.grad(jax.grad(cube)))(2.0))
    (12.0, 12.0)
    """
    import jax

    def on_host(*args: Any) -> Any:
        return f(*[plain(np.asarray(x)) for x in args])

    def call(*args: Any) -> Any:
        args = tuple(map(jax.numpy.asarray, args))
        kind = jax.numpy.result_type(*args, jax.numpy.float32)
        seen = on_host(*[np.ones(x.shape) for x in args])
        struct: Any = jax.ShapeDtypeStruct
        like = struct(np.shape(seen), kind)

        def host(*values: Any) -> Any:
            return np.asarray(on_host(*values), dtype=kind)

        return jax.pure_callback(host, like, *args, vmap_method="sequential")

    known = jax.custom_vjp(call)

    def backward(args: Any, ct: Any) -> Any:
        row = to_jax(pullback_of(f, (True,) * len(args)))(*args, ct)
        return tuple(parted(row, [np.shape(x) for x in args]))

    known.defvjp(lambda *args: (known(*args), args), backward)
    return named(f, lambda *args: known(*args))


def from_jax(f: Function) -> Function:
    """A function of JAX's arrays as one of arrays and numbers, inside `grad` and every other transform.

    f    takes and gives JAX's arrays; gives one. Precision is what JAX is set to: `jax_enable_x64` for double.

    >>> import chainrule as cr
    >>> import jax.numpy as jnp
    >>> bool(abs(cr.grad(cr.from_jax(lambda x: jnp.sin(x) * x))(1.0) - 1.381773) < 1e-5)
    True
    """
    import jax

    def value(*args: Any) -> Any:
        return plain(np.asarray(f(*map(jax.numpy.asarray, args)), dtype=np.float64))

    def pullback(count: int) -> Function:
        def back(*given: Any) -> Any:
            y, pull = jax.vjp(f, *given[:count])
            return jax.numpy.concatenate([g.reshape(-1) for g in pull(given[count].astype(y.dtype))])

        return from_jax(back)

    return named(f, with_rule(getattr(f, "__name__", type(f).__name__), value, pullback))
