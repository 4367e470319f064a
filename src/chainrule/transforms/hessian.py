"""Second derivatives: `hessian` and `hvp`, forward mode over reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chainrule.transforms.gradient import grad
from chainrule.transforms.jacobian import jacfwd
from chainrule.transforms.products import jvp


def hessian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The matrix of second derivatives of a scalar function; shape argument.shape + argument.shape.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacfwd(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any], primals: Any, tangents: Any, argnums: int = 0) -> Any:
    """The Hessian of a scalar function times a vector, without the matrix: forward over reverse.

    primals, tangents   the point and the vector: tuples with an entry for each argument, or for a function of
                        one argument the argument and the vector themselves. With several arguments the result
                        is a tuple, the product with the whole Hessian.

    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    if not isinstance(primals, tuple):
        return jvp(grad(f, argnums), (primals,), (tangents,))[1]
    if len(primals) == 1:
        return jvp(grad(f), primals, tangents)[1]
    return jvp(grad(f, argnums=tuple(range(len(primals)))), primals, tangents)[1]
