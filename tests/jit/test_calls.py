"""Calls of NumPy's written as what loops compute: the same numbers, and no call."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from jit.agreement import agree, by_rows

import chainrule as cr

DRAW = np.random.default_rng(0)
X, M = DRAW.normal(size=24), DRAW.normal(size=(4, 6))

MOVES: dict[str, Any] = {
    "a regular index": lambda x, m: x[np.arange(3, 20)] * x[np.arange(0, 17)],
    "from the end": lambda x, m: x[np.arange(-5, -1)] + x[[1, 3, 5, 7]],
    "one place": lambda x, m: x[np.array([5])],
    "rows": lambda x, m: m[np.arange(1, 4)] * m[np.array([0, 1, 2])],
    "columns": lambda x, m: m[:, np.arange(0, 6, 2)] * m[1:3, np.array([2, 3, 4])][0, 1],
    "windows": lambda x, m: np.lib.stride_tricks.sliding_window_view(x, 5) * x[::6].sum(),
    "windows of columns": lambda x, m: m[:, np.arange(3)[:, None] + np.arange(4)] ** 2,
    "windows far apart": lambda x, m: (
        x[3 * np.arange(5)[:, None] + 2 * np.arange(4)] * x[np.arange(4) + np.arange(5)[:, None]]
    ),
    "roll": lambda x, m: np.roll(x, 3) * np.roll(x, -25),
    "roll of axes": lambda x, m: np.roll(m, (1, -2), axis=(0, 1)) * np.roll(m, 7) + np.roll(m, 0, axis=1),
}
KEPT: dict[str, Any] = {  # what no slice is
    "backwards": lambda x, m: x[np.arange(5, 0, -1)],
    "twice": lambda x, m: x[np.array([1, 1, 1])] * x[np.array([0, 2, 3])],
    "a mask": lambda x, m: x[np.arange(24) % 3 == 0],
    "two arrays": lambda x, m: m[np.arange(4), np.arange(4)],
    "a table": lambda x, m: x[np.array([[0, 1], [3, 2]])],
    "windows of a matrix": lambda x, m: np.lib.stride_tricks.sliding_window_view(m, 3, axis=1) ** 2,
    "many windows": lambda x, m: x[(np.arange(40)[:, None] + np.arange(40)) % 24],
    "an array and a number": lambda x, m: m[np.arange(3), 2],
    "across zero": lambda x, m: x[np.arange(-2, 2)],
}
SUMS = [
    "ij->ji", "ij->i", "ij->j", "ij->", "ij,ij->", "ij,ij->i", "ij,ij->ji", "ij,kj->ik", "ij,kj->ki", "ij,kj->j",
    "ij,kj->ikj", "ij,kl->ijkl", "ij,kl->li", "ij,kj->k", "ab,cd->ad",
]  # fmt: skip


def summed(terms: Any, a: Any, b: Any) -> list[Any]:
    return [np.einsum(s, *((a, b) if "," in s else (a,))) for s in terms]


def products(terms: Any) -> Any:
    return lambda a, b: sum(np.sum(np.sin(y)) for y in summed(terms, a, b))


@pytest.mark.parametrize("name", [*MOVES, *KEPT])
def test_moves(name: str, monkeypatch: Any) -> None:
    f = (MOVES | KEPT)[name]
    slope = cr.grad(lambda x, m: np.sum(np.sin(f(x, m))), argnums=(0, 1))
    for strict in (False, True):
        compiled = by_rows(f, monkeypatch, strict)
        agree(compiled(X, M), f(X, M))
        assert "roll" not in {step.op for step in compiled.program.steps()}
        regular = [s.settings["index"] for s in compiled.program.steps() if s.op == "getitem"]
        if name in MOVES:
            assert not any(isinstance(p, np.ndarray) for i in regular for p in (i if type(i) is tuple else (i,)))
        agree(by_rows(slope, monkeypatch, strict)(X, M), slope(X, M))


def test_sums_of_products(monkeypatch: Any) -> None:
    b = DRAW.normal(size=M.shape)
    compiled = by_rows(lambda a, b: summed(SUMS, a, b), monkeypatch)
    agree(compiled(M, b), summed(SUMS, M, b))
    assert "einsum" not in {step.op for step in compiled.program.steps()}
    slope = cr.grad(products(SUMS), argnums=(0, 1))
    agree(by_rows(slope, monkeypatch)(M, b), slope(M, b))
    strict = by_rows(lambda a, b: summed(SUMS, a, b), monkeypatch, strict=True)
    agree(strict(M, b), summed(SUMS, M, b))
    assert "einsum" in {step.op for step in strict.program.steps()}


def test_a_batch_of_products_and_what_stays(monkeypatch: Any) -> None:
    a, b = DRAW.normal(size=(3, 4, 5)), DRAW.normal(size=(3, 5, 2))
    terms = ["bij,bjk->bik", "bij,bjk->kib", "bij,bjk->ik", "bij,bjk->bi"]
    found = by_rows(lambda a, b: summed(terms, a, b), monkeypatch)
    agree(found(a, b), summed(terms, a, b))
    assert "einsum" not in {step.op for step in found.program.steps()}
    square = DRAW.normal(size=(4, 4))
    kept = by_rows(lambda a: [np.einsum("ii->i", a), np.einsum("ij,jj->i", a, a)], monkeypatch)
    agree(kept(square), [np.einsum("ii->i", square), np.einsum("ij,jj->i", square, square)])


CHAINS = [
    "ij,jk,ik->", "ij,jk,kl->il", "i,ij,j->", "ij,ij,ij->i", "ij,kj,il->kl", "i,j,k->kij", "ij,jk,kl,li->",
    "ai,aj,ak->ijk",
]  # fmt: skip


@pytest.mark.parametrize("terms", CHAINS)
def test_products_of_many(terms: str, monkeypatch: Any) -> None:
    """Two at a time, the cheapest first."""
    sizes = {c: 2 + k for k, c in enumerate(sorted(set(terms) - {",", "-", ">"}))}
    operands = [DRAW.normal(size=[sizes[c] for c in part]) for part in terms.split("->")[0].split(",")]

    def f(*xs: Any) -> Any:
        return np.einsum(terms, *xs)

    slope = cr.grad(lambda *xs: np.sum(np.sin(f(*xs))), argnums=tuple(range(len(operands))))
    for g in (f, slope):
        found = by_rows(g, monkeypatch)
        agree(found(*operands), g(*operands))
        assert "einsum" not in {step.op for step in found.program.steps()}


def test_machine_code_of_them_calls_nobody() -> None:
    def f(x: Any, m: Any) -> Any:
        moved = sum(np.sum(np.sin(g(x, m))) for name, g in MOVES.items() if name != "roll of axes")
        return moved + np.sum(np.sin(np.einsum("ij,kj->ik", m, m) + np.roll(m, 1, axis=1)[:, :4]))

    slope = cr.value_and_grad(f, argnums=(0, 1))
    compiled = cr.jit(slope)
    agree(compiled(X, M), slope(X, M))
    assert "NumPy" not in str(compiled.partition)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_many_numbers_is_handed_on_as_it_is(kind: Any) -> None:
    def f(x: Any) -> Any:
        return x[0] * x[-1] + sum(a * b for a, b in itertools.pairwise(x))

    compiled = cr.jit(cr.value_and_grad(f))
    for n in (9, 700):  # numbers one by one, and a loop
        x = kind(DRAW.normal(size=n).tolist())
        for at in (x, kind(2.0 * a for a in x)):
            agree(compiled(at), cr.value_and_grad(f)(at))
        entry = compiled.version.entry
        assert type(entry(*x)) is list
        assert entry(*x[:-1]) is NotImplemented
        assert entry(*x[:-1], np.float64(1.0)) is NotImplemented
    mixed = kind([*x[:-1], 3])  # another kind of call: whole numbers are fixed
    agree(compiled(mixed)[0], cr.value_and_grad(f)(mixed)[0])


@pytest.mark.parametrize("sizes", [((4, 1), (4, 6)), ((1, 6), (4, 6)), ((4, 6), (1, 1))])
def test_one_element_beside_many(sizes: Any, monkeypatch: Any) -> None:
    terms = [s for s in SUMS if len(set(s.partition("->")[0])) < 5]  # with a letter that both have
    a, b = (DRAW.normal(size=size) for size in sizes)
    agree(by_rows(lambda a, b: summed(terms, a, b), monkeypatch)(a, b), summed(terms, a, b))
    slope = cr.grad(products(terms), argnums=(0, 1))
    agree(by_rows(slope, monkeypatch)(a, b), slope(a, b))
    for k, found in enumerate(slope(a, b)):
        expected = cr.numeric.gradient(lambda x, k=k: products(terms)(*((x, b) if k == 0 else (a, x))), (a, b)[k])
        np.testing.assert_allclose(found, expected.value, rtol=1e-6, atol=1e-9)
