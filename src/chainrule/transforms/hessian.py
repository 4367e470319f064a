"""Second derivatives: `hessian`, all rows in one sweep of the gradient's recording, or of floats by a sweep of its own;
and `hvp`, forward mode over reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.carriers.lift import Lifted
from chainrule.errors import ShapeError
from chainrule.libraries import late
from chainrule.transforms.calling import of_arguments
from chainrule.transforms.derived import Derived
from chainrule.transforms.gradient import grad
from chainrule.transforms.jacobians.basis import check_chunk
from chainrule.transforms.jacobians.jacobian import jacrev
from chainrule.transforms.jvp_vjp import jvp
from chainrule.transforms.recorded import record

second_derivatives = late("chainrule.sweeps.curvature.second_derivatives")


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False, chunk: int | None = None
) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function; shape argument.shape + argument.shape. With
    `has_aux` f returns (value, anything), and the answer is (Hessian, anything). `chunk` is how many rows are computed
    in one sweep, to save memory; None: all.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    check_chunk(chunk, "hessian")
    return Hessian("hessian", f, (argnums, has_aux, chunk))


class Hessian(Derived):
    """What `hessian` returns."""

    def __init__(self, verb: str, f: Any, settings: tuple[Any, ...]) -> None:
        super().__init__(verb, f, settings)
        argnums, has_aux, chunk = settings
        self.general = jacrev(_gradient(f, (argnums, has_aux), "hessian"), argnums, has_aux, chunk=chunk)

    def computed(self, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        argnums, has_aux, _ = self.settings
        found = None if has_aux else _of_floats(self.kept, argnums, args, settings)
        return self.general(*args, **settings) if found is None else found


def _gradient(f: Any, settings: tuple[Any, ...], asked: str) -> Any:
    """`grad` of f whose messages name the transform that the user called."""
    found: Any = grad(f, *settings)
    found.asked = asked
    return found


def _of_floats(f: Lifted, argnums: int | Sequence[int], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """The Hessian of a function that computes with floats one by one; None for any other."""
    wanted = trees.positions(argnums, len(args), "hessian")
    points, structure = trees.numbers([args[n] for n in wanted])
    if not all(type(x) is float or (type(x) is np.ndarray and x.ndim == 1 and x.dtype == np.float64) for x in points):
        return None
    recording = record(of_arguments(f, wanted, args, settings), points, structure)
    if len(recording.results) != 1 or not recording.mine(recording.results[0]):
        return None
    if not isinstance(recording.plain(recording.results[0]), float):
        return None
    matrix = second_derivatives(recording.results[0], recording.inputs)
    if matrix is None:
        return None
    ends = np.cumsum([np.size(x) for x in points])
    spans = [slice(end - np.size(x), end) for end, x in zip(ends, points, strict=True)]
    rows = []
    for i, x in zip(spans, points, strict=True):
        row = trees.unflatten(structure, [_block(matrix[i, j], x, y) for j, y in zip(spans, points, strict=True)])
        rows.append(row[0] if isinstance(argnums, int) else tuple(row))
    whole = trees.unflatten(structure, rows)
    return whole[0] if isinstance(argnums, int) else tuple(whole)


def _block(block: Any, x: Any, y: Any) -> Any:
    """A block of the matrix in the shape x.shape + y.shape; a float for two floats."""
    shaped = block.reshape(np.shape(x) + np.shape(y))
    return shaped.item() if shaped.ndim == 0 else shaped.copy()


def hvp(f: Callable[..., Any], primals: Any, tangents: Any, argnums: int = 0, has_aux: bool = False) -> Any:
    """The Hessian of a scalar function times a vector, without the matrix: forward over reverse.

    primals, tangents   the point and the vector: tuples with an entry for each argument, or for a function of
                        one argument the argument and the vector themselves. With several arguments the result
                        is a tuple, the product with the whole Hessian.
    has_aux             f returns (value, anything); the answer is (product, anything)

    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    wanted = tuple(range(len(primals))) if len(primals) > 1 else argnums
    try:
        _, *product = jvp(_gradient(f, (wanted, has_aux), "hvp"), primals, tangents, has_aux)
    except ShapeError as error:
        raise ShapeError(str(error).replace("jvp tangent", "hvp: the vector")) from None
    return tuple(product) if has_aux else product[0]
