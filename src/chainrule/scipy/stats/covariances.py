"""`scipy.stats.Covariance` made of numbers that carry derivatives: by its diagonal, its Cholesky factor, its inverse or
its eigenvectors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import scipy.stats

from chainrule import ops
from chainrule.carriers.gate import holds
from chainrule.carriers.refusals import no_rule
from chainrule.numbers import Number, shape
from chainrule.scipy.called import number

ORIGINAL = scipy.stats.Covariance


class Carried:
    """A covariance whose numbers carry derivatives, with the attributes of SciPy's."""

    def __init__(self, matrix: Number) -> None:
        self.covariance = matrix
        self.shape, self.rank = shape(matrix), shape(matrix)[-1]

    @property
    def log_pdet(self) -> Number:
        """The logarithm of the determinant."""
        return ops.slogdet(self.covariance)[1]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise no_rule(f"scipy.stats.Covariance.{name}")


def matrix_of(given: Any) -> Any:
    """The matrix of a covariance as an object; what is none as it is."""
    return given.covariance if isinstance(given, (ORIGINAL, Carried)) else given


def opened(args: tuple[Any, ...], settings: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call with matrices in place of covariances that carry derivatives."""
    if not any(isinstance(x, Carried) for x in (*args, *settings.values())):
        return args, settings
    return tuple(map(matrix_of, args)), {k: matrix_of(x) for k, x in settings.items()}


def _of_cholesky(cholesky: Any) -> Number:
    low = ops.tril(number(cholesky))
    return low @ ops.transpose(low)


def _of_precision(precision: Any, covariance: Any = None) -> Number:
    return ops.inv(number(precision)) if covariance is None else number(covariance)


def _of_eigenvectors(eigendecomposition: tuple[Any, Any]) -> Number:
    values, vectors = map(number, eigendecomposition)
    return (vectors * values) @ ops.transpose(vectors)


_MATRICES: dict[str, Callable[..., Number]] = {
    "from_diagonal": lambda diagonal: ops.diag(number(diagonal)), "from_cholesky": _of_cholesky,
    "from_precision": _of_precision, "from_eigendecomposition": _of_eigenvectors,
}  # fmt: skip


class _Makers:
    """The class in a lifted function."""

    def __getattr__(self, name: str) -> Any:
        original, matrix = getattr(ORIGINAL, name), _MATRICES.get(name)
        if matrix is None:
            return original

        @functools.wraps(original)
        def make(*args: Any, **settings: Any) -> Any:
            return Carried(matrix(*args, **settings)) if holds((args, settings)) else original(*args, **settings)

        return make


MAKERS = _Makers()
