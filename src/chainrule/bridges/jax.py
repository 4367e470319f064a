"""`to_jax` and `from_jax`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.bridges import foreign
from chainrule.bridges.foreign import Arguments, Crossing, FromElsewhere, parted, plain
from chainrule.errors import ArgumentError

Function = Callable[..., Any]


def to_jax(f: Function) -> Function:
    """A function of arrays, jitted or not, as one of JAX's, under `jax.grad`, `jax.jit` and `jax.vmap`, with reverse
    derivatives of every order. It is called back on the host.

    f    takes arrays and numbers, also in lists, tuples and dicts and by name; gives one, whose shape depends on the
         shapes of the arguments alone: where JAX only knows shapes, f is called with made-up numbers to see it. Arrays
         of whole numbers or booleans are such arrays for f too, without a derivative

    Raises ArgumentError for complex arrays and for results that are containers.

    >>> import chainrule as cr
    >>> import jax
    >>> cube = cr.to_jax(lambda x: x**3)
    >>> float(jax.grad(cube)(2.0)), float(jax.jit(jax.grad(jax.grad(cube)))(2.0))
    (12.0, 12.0)
    """
    return ToJax(f)


class ToJax(Crossing):
    """What `to_jax` returns."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        import jax

        leaves, structure = jax.tree_util.tree_flatten((args, settings))
        leaves = [jax.numpy.asarray(x) if _crosses(x) else x for x in leaves]
        if any(_kind(x) == "c" for x in leaves):
            raise foreign.refused_complex("an argument")
        given = Arguments(leaves, lambda leaves: jax.tree_util.tree_unflatten(structure, leaves), _crosses)
        return _called(given.of_numbers(self), self.__name__)(*given.numbers)


def _crosses(x: Any) -> bool:
    import jax

    return isinstance(x, (jax.Array, np.ndarray, np.generic, float, int, complex))


def _kind(x: Any) -> str:
    import jax

    kind = getattr(x, "dtype", None)
    return "" if kind is None else "f" if jax.numpy.issubdtype(kind, np.floating) else np.dtype(kind).kind


def _called(f: Function, name: str) -> Function:
    """f, a function of arrays, as one of JAX's with a rule."""
    import jax

    def on_host(*args: Any) -> Any:
        return foreign.one_number(f(*map(_as_array, args)))

    def call(*args: Any) -> Any:
        kind = jax.numpy.result_type(*[x for x in args if _kind(x) == "f"], jax.numpy.float32)
        if not any(isinstance(x, jax.core.Tracer) for x in args):
            return jax.numpy.asarray(np.asarray(on_host(*args), dtype=kind))
        struct: Any = jax.ShapeDtypeStruct
        like = struct(_shape_of_result(on_host, name, args), kind)

        def host(*values: Any) -> Any:
            return np.asarray(on_host(*values), dtype=kind)

        return jax.pure_callback(host, like, *args, vmap_method="sequential")

    known = jax.custom_vjp(call)

    def backward(args: Any, ct: Any) -> Any:
        active = [_kind(x) == "f" for x in args]
        moving = [x for x, moves in zip(args, active, strict=True) if moves]
        parts = parted(_called(foreign.pullback_of(f, active), name)(*args, ct), [x.shape for x in moving])
        each = iter([part.astype(x.dtype) for part, x in zip(parts, moving, strict=True)])
        return tuple(next(each) if moves else None for moves in active)

    known.defvjp(lambda *args: (known(*args), args), backward)
    called: Function = known
    return called


def _as_array(x: Any) -> Any:
    """An array of JAX's as a number on our side."""
    y = np.asarray(x)
    if _kind(x) != "f":
        return foreign.still(y)
    return plain(y.astype(np.float32) if y.dtype.kind != "f" else y)  # bfloat16 is no type of NumPy's


def _shape_of_result(on_host: Function, name: str, args: Any) -> tuple[int, ...]:
    made_up = [_made_up(x.shape, x.dtype) for x in args]
    try:
        return np.shape(on_host(*made_up))
    except Exception as error:
        said = f"to_jax: to learn the shape of its result, {name} is called with made-up numbers, on which it raises"
        raise ArgumentError.here(f"{said}\n  {type(error).__name__}: {error}") from error


def _made_up(size: tuple[int, ...], kind: Any) -> Any:
    """Numbers about one that differ, no two lines of a matrix being alike; whole numbers are 1."""
    if np.dtype(kind).kind in "iub":
        return np.ones(size, kind)
    x = 1.0 + 0.01 * np.arange(np.prod(size, dtype=int)).reshape(size) / max(1, np.prod(size, dtype=int))
    return np.asarray(x + np.eye(size[-2], size[-1]) if len(size) >= 2 else x, dtype=kind)


def from_jax(f: Function) -> Function:
    """A function of JAX's arrays as one of arrays and numbers, inside `grad` and every other transform.

    f    takes JAX's arrays, also in lists, tuples and dicts and by name; gives one. Beside them, arrays of whole
         numbers or booleans become such arrays of JAX's, and numbers, None and text are handed on as they are.
         Precision is what JAX is set to: `jax_enable_x64` for double

    Raises ArgumentError for complex numbers and for results that are containers; CannotRecord under `jit`.

    >>> import chainrule as cr
    >>> import jax.numpy as jnp
    >>> bool(abs(cr.grad(cr.from_jax(lambda x: jnp.sin(x) * x))(1.0) - 1.381773) < 1e-5)
    True
    """
    return FromJax(f)


def _ruled(f: Function, name: str) -> Function:
    """f, a function of JAX's arrays of floating-point numbers, as one of numbers and arrays with a rule."""
    import jax

    def value(*numbers: Any) -> Any:
        y = _one_array(f(*map(jax.numpy.asarray, numbers)))
        return plain(np.asarray(y, dtype=np.float64) if _kind(y) == "f" else y)

    def pullback(count: int, seen: Any) -> Function:
        def back(*given: Any) -> Any:
            y, pull = jax.vjp(lambda *args: _one_array(f(*args)), *given[:count])
            if _kind(y) == "c":
                raise foreign.refused_complex("the result")
            if _kind(y) != "f":
                return jax.numpy.concatenate([jax.numpy.zeros_like(x).reshape(-1) for x in given[:count]])
            return jax.numpy.concatenate([g.reshape(-1) for g in pull(given[count].astype(y.dtype))])

        return _ruled(back, name)

    return foreign.with_rule(name, value, pullback)


def _one_array(y: Any) -> Any:
    import jax

    if not isinstance(y, (jax.Array, np.ndarray, np.generic, float, int, complex)):
        raise foreign.refused_result(y)
    return jax.numpy.asarray(y)


def _still(x: Any) -> Any:
    """A leaf that is no floating-point number."""
    import jax

    if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
        return jax.numpy.asarray(x)
    return x.item() if isinstance(x, (np.integer, np.bool_)) else x


class FromJax(FromElsewhere):
    """What `from_jax` returns."""

    library = "JAX"
    still, ruled = staticmethod(_still), staticmethod(_ruled)
