"""Loops over lists of arrays: the code says once what is done to each of them, in whatever order they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.call import compile as compiling


def in_turn(w: Any, xs: list[Any]) -> Any:
    h = w[0]
    for x in xs:
        h = np.tanh(w @ h + x)
    return np.sum(h * h)


def out_of_order(w: Any, xs: list[Any]) -> Any:
    h = w[0]
    for k in range(len(xs)):
        h = 0.5 * h + np.sin(w @ xs[7 * k % len(xs)])
    return np.sum(h * h)


def by_weights(w: Any, xs: list[Any]) -> Any:
    """Attention: the last one asks, the largest product is looked for."""
    keys = [w @ x for x in xs]
    products = [keys[-1] @ key for key in keys]
    largest = max(products)
    parts = [np.exp(p - largest) for p in products]
    total = sum(parts)
    return sum(part / total * np.sum(key) for part, key in zip(parts, keys, strict=True))


def by_a_library(w: Any, xs: list[Any]) -> Any:
    h = w[0]
    for x in xs:
        h = np.linalg.solve(w + 2.0 * np.eye(4), h + x)
    return np.sum(h * h)


def lines(f: Callable[..., Any], length: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Lines of the code for a list of so many arrays, after a comparison with f."""
    monkeypatch.setattr(compiling, "SOME", 200)
    monkeypatch.setattr(compiling, "MANY", 200)
    monkeypatch.setattr(compiling, "pays", lambda parts, steps: True)
    draw = np.random.default_rng(0)
    jitted = cr.jit(f)
    w, xs = draw.uniform(-0.3, 0.3, (4, 4)), [draw.uniform(-0.3, 0.3, 4) for _ in range(length)]
    for args in ((w, xs), (w * 0.875, xs)):
        for found, expected in zip(jitted(*args), f(*args), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    assert len(jitted.version.executable.parts) < len(jitted.version.recorded.steps()) / 4
    return str(jitted.version.executable._loaded.code).count("\n")


@pytest.mark.parametrize("f", [in_turn, out_of_order, by_weights, by_a_library])
def test_code_does_not_grow_with_the_list(f: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    slopes = lambda w, xs: [cr.grad(f)(w, xs), *cr.grad(f, argnums=1)(w, xs)]
    few, many = (lines(slopes, length, monkeypatch) for length in (40, 72))
    assert many < 1.3 * few


def rows_of_a_table(w: Any, table: Any, order: list[int]) -> Any:
    h = w[0]
    for k in order:
        h = np.tanh(w @ h + table[k])
    return np.sum(h * h)


def columns_of_a_table(w: Any, table: Any, order: list[int]) -> Any:
    h, columns = w[0], table.T
    for k in order:
        m = h[:, None] + w
        top = np.max(m, axis=0)
        h = top + np.log(np.sum(np.exp(m - top), axis=0)) + columns[:, k]
    return np.sum(h)


def stored_in_places(w: Any, table: Any, order: list[int]) -> Any:
    h, kept = w[0], []
    for _ in order:
        h = np.tanh(w @ h + table[0])
        kept.append(h)
    return np.sum(np.stack([kept[k] for k in np.argsort(order, kind="stable")]) * np.stack(kept))


@pytest.mark.parametrize("f", [rows_of_a_table, columns_of_a_table, stored_in_places])
def test_code_does_not_grow_with_places_in_no_order(f: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "SOME", 200)
    monkeypatch.setattr(compiling, "MANY", 200)
    monkeypatch.setattr(compiling, "pays", lambda parts, steps: True)
    draw, found = np.random.default_rng(0), []
    w, table = draw.uniform(-0.3, 0.3, (4, 4)), draw.uniform(-0.3, 0.3, (3, 4))
    for length in (66, 110):
        order = draw.integers(0, 3, length).tolist()
        jitted = cr.jit(cr.grad(lambda w, table, order=order: f(w, table, order), argnums=(0, 1)))
        for a, b in zip(jitted(w, table), cr.grad(f, argnums=(0, 1))(w, table, order), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        assert len(jitted.version.executable.parts) < 260
        found.append(str(jitted.version.executable._loaded.code).count("\n"))
    assert found[1] < 1.3 * found[0]
