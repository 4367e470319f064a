"""Arrays that were written to while a function is recorded: whatever reads them afterwards reads what they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from jit.agreement import by_rows

import chainrule as cr
from chainrule.errors import ChainruleError

X = np.array([0.3, 1.2, -0.4, 0.8])
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "out": lambda y: np.negative(y, out=y),
    "out by place": lambda y: np.add(y, 1.0, y),
    "out twice": lambda y: (np.multiply(y, y, out=y), np.add(y, 1.0, y)),
    "slice": lambda y: y.__setitem__(slice(None), y[::-1] * -1),
    "element": lambda y: y.__setitem__(1, -3.0),
    "sort": lambda y: y.sort(),
    "fill": lambda y: y.fill(-0.7),
    "put": lambda y: np.put(y, [0], [-9.0]),
    "out and where": lambda y: np.negative(y, out=y, where=np.array([True, False, True, True])),
    "at": lambda y: np.add.at(y, [0, 1], [-5.0, -6.0]),
    "clip": lambda y: np.clip(y, -0.2, 0.5, out=y),
    "mask": lambda y: y.__setitem__(y > 0, -1.5),
}
READ: dict[str, Callable[[Any, Any], Any]] = {
    "comparison": lambda y, x: np.where(y > 0, 1.0, 2.0) @ x,
    "branch": lambda y, x: x[0] if y[0] > 0 else x[1],
    "np.all": lambda y, x: x[0] if np.all(y > -1) else x[1],
    "argmax": lambda y, x: x[np.argmax(y)],
    "argsort": lambda y, x: np.sum(x[np.argsort(y)] * np.arange(4)),
    "interp": lambda y, x: np.sum(np.interp(y, [-1.0, 0.0, 1.0], [3.0, 1.0, 2.0])),
    "nonzero": lambda y, x: len(np.nonzero(y > 0)[0]) * x[0],
    "searchsorted": lambda y, x: np.sum(np.searchsorted([-1.0, 0.0, 1.0], y) * x),
    "digitize": lambda y, x: np.sum(np.digitize(y, [-1.0, 0.0, 1.0]) * x),
    "isfinite": lambda y, x: np.sum(np.isfinite(y) * x),
    "isclose": lambda y, x: np.sum(np.isclose(y, -1.5) * x),
    "product": lambda y, x: np.sum(y * x),
    "another out": lambda y, x: (np.add(y, x, out=y), np.sum(y * y))[1],
}


@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_read_after_writing_is_what_was_written(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for name, read in READ.items():

        def f(x: Any, read: Callable[[Any, Any], Any] = read) -> Any:
            y = x * 1.0
            WRITTEN[written](y)
            return read(y, x)

        try:
            found = float(by_rows(f, monkeypatch)(X))
        except ChainruleError:
            continue
        if not np.isclose(found, f(X)):
            wrong.append(f"{name}: {found}, NumPy {f(X)}")
    assert not wrong, "\n".join(wrong)


def test_out_in_machine_code() -> None:
    def f(x: Any) -> Any:
        y = x * 1.0
        np.multiply(y, y, out=y)
        np.add(y, 1.0, y)
        return np.sum(y * y)

    for x in (X, X * 1.5):
        assert cr.jit(f)(x) == pytest.approx(f(x), rel=1e-14)
