"""NumPy's functions whose answer carries no derivative: they are asked about the plain numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.carriers.functions.elsewhere import asked_elsewhere, foreign_among
from chainrule.carriers.gate import joined
from chainrule.carriers.refusals import no_writing
from chainrule.carriers.text import written
from chainrule.complex_numbers import COMPLEX_NUMBERS
from chainrule.numbers import Carrier, primal
from chainrule.ops.compare import FOLLOWED

PLAIN = (
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.argmax, np.argmin, np.argsort,
    np.nonzero, np.isclose, np.allclose, np.array_equal, np.array_equiv, np.any, np.all, np.count_nonzero,
    np.searchsorted, np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.result_type, np.array_repr,
    np.array_str, np.array2string, np.isin, np.flatnonzero, np.argwhere, np.may_share_memory, np.shares_memory,
    np.digitize, np.nanargmax, np.nanargmin, np.isneginf, np.isposinf, np.lexsort,
    np.argpartition, np.can_cast, np.common_type, np.min_scalar_type, np.unravel_index, np.diag_indices_from,
    np.triu_indices_from, np.tril_indices_from, np.einsum_path,
)  # fmt: skip

JUMPING = frozenset({
    np.argmax, np.argmin, np.argsort, np.nonzero, np.any, np.all, np.searchsorted, np.digitize, np.flatnonzero,
    np.argwhere, np.lexsort, np.argpartition, np.count_nonzero,
})  # fmt: skip
"""Those whose answer decides something: it is noted where the function is followed (`scipy/decisions.py`)."""
OF_FORM = frozenset({
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.iscomplexobj, np.isrealobj,
})  # fmt: skip
"""Those that ask for shape and type only: a complex number that is recorded by its parts has them too."""


def stripped(x: Any) -> Any:
    """Arguments with every carrier replaced by its plain number."""
    if type(x) in (tuple, list):
        return type(x)([stripped(v) for v in x])
    if isinstance(x, dict):
        return {k: stripped(v) for k, v in x.items()}
    return primal(joined(x))


def asked(function: Callable[..., Any], name: str, args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """`function` of the plain numbers."""
    if settings.get("out") is not None:
        raise no_writing(name)
    if function in OF_FORM:
        args = tuple([np.empty(x.shape, x.dtype) if type(x) is COMPLEX_NUMBERS.kind else x for x in args])
    if FOLLOWED[0] and function in JUMPING:
        for x in args:
            if isinstance(x, Carrier) and x._decisions is not None:
                answer = functools.partial(function, *stripped(args), **stripped(settings))
                return x._decisions.decide(name, answer, _gap(function, args, x._decisions))
    plain, named = stripped(args), stripped(settings)
    like = foreign_among((*plain, *named.values()))
    answer = function(*plain, **named) if like is None else asked_elsewhere(function, name, like, plain, named)
    if isinstance(answer, str):
        return written(next(x for x in (*args, *settings.values()) if isinstance(joined(x), Carrier)), answer)
    return answer


def _gap(function: Callable[..., Any], args: tuple[Any, ...], decisions: Any) -> Callable[[], Any] | None:
    """How far numbers are from the nearest edge of those they are looked for among; None for other functions."""
    if function not in (np.searchsorted, np.digitize) or len(args) < 2:
        return None
    edges, x = (decisions.below(joined(v)) for v in (args if function is np.searchsorted else args[1::-1])[:2])
    plain = np.asarray(primal(edges))
    return lambda: x - edges[np.argmin(np.abs(plain - np.asarray(primal(x))[..., None]), axis=-1)]


def _on_plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def plain(*args: Any, **settings: Any) -> Any:
        return asked(function, function.__name__, args, settings)

    return plain


RULES: dict[Any, Callable[..., Any]] = {function: _on_plain(function) for function in PLAIN}
