"""Second derivatives: `hessian` and `hvp`, forward mode over reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.transforms.gradient import grad
from chainrule.transforms.jacobian import jacfwd
from chainrule.transforms.products import jvp


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function; shape argument.shape + argument.shape. With
    `has_aux` f returns (value, anything), and the answer is (Hessian, anything).

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacfwd(grad(f, argnums, has_aux), argnums, has_aux)


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
    _, *product = jvp(grad(f, wanted, has_aux), primals, tangents, has_aux)
    return tuple(product) if has_aux else product[0]
