"""Where elements tie, vanish or are infinite: the stated convention, in first and second order, and never a stray nan."""

# ruff: noqa: E501 - tables read best with one case on a line
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

# name -> (function, point, gradient)
CASES: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "max: ties share": (cr.max, [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
    "min: ties share": (cr.min, [1.0, 1.0, 1.0], [1 / 3] * 3),
    "max along an axis": (lambda x: cr.sum(cr.max(x, axis=0)), [[1.0, 2.0], [1.0, 0.0]], [[0.5, 1.0], [0.5, 0.0]]),
    "maximum with itself": (lambda x: cr.sum(cr.maximum(x, x)), [1.0, 2.0], [1.0, 1.0]),
    "maximum at a tie": (lambda x: cr.sum(cr.maximum(x, 0.0)), [0.0, -0.0], [0.5, 0.5]),
    "relu at 0": (lambda x: cr.sum(cr.relu(x)), [0.0, -0.0], [0.0, 0.0]),
    "abs at 0": (lambda x: cr.sum(cr.abs(x)), [0.0, -0.0], [0.0, 0.0]),
    "prod with no zero": (cr.prod, [2.0, 3.0, 4.0], [12.0, 8.0, 6.0]),
    "prod with one zero": (cr.prod, [2.0, 0.0, 4.0], [0.0, 8.0, 0.0]),
    "prod with two zeros": (cr.prod, [0.0, 0.0, 4.0], [0.0, 0.0, 0.0]),
    "prod of huge and tiny": (cr.prod, [1e200, 1e200, 1e-300], [1e-100, 1e-100, math.inf]),
    "prod of negative": (cr.prod, [-2.0, 3.0], [3.0, -2.0]),
    "cumprod with one zero": (lambda x: cr.sum(cr.cumprod(x)), [2.0, 0.0, 4.0], [1.0, 2.0 + 8.0, 0.0]),
    "norm at 0": (cr.norm, [0.0, 0.0], [0.0, 0.0]),
    "norm of huge": (cr.norm, [3e200, 4e200], [0.6, 0.8]),
    "norm that overflows": (cr.norm, [1.5e308] * 4, [0.5] * 4),
    "norm of tiny": (cr.norm, [3e-320, 4e-320], [0.6, 0.8]),
    "norm of the smallest": (cr.norm, [5e-324, 5e-324], [math.sqrt(0.5)] * 2),
    "3-norm at 0": (lambda x: cr.norm(x, 3), [0.0, 0.0], [0.0, 0.0]),
    "3-norm of huge": (lambda x: cr.norm(x, 3), [1e200, 1e200], [2 ** (-2 / 3)] * 2),
    "1-norm at 0": (lambda x: cr.norm(x, 1), [0.0, -2.0], [0.0, -1.0]),
    "hypot at 0": (lambda x: cr.hypot(x[0], x[1]), [0.0, 0.0], [0.0, 0.0]),
    "std of a constant": (cr.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
    "std of huge": (cr.std, [1e300, -1e300], [0.5, -0.5]),
    "std next to overflow": (cr.std, [1.7e308, 1.7e308, 1.6e308], [0.23570226039551584, 0.23570226039551584, -0.4714045207910317]),
    "std of tiny": (cr.std, [1e-310, -1e-310], [0.5, -0.5]),
    "var of huge": (lambda x: cr.var(x) * 1e-300, [1e150, 3e150], [-1e-150, 1e-150]),
    "var far from 0": (cr.var, [1e15, 1e15 + 1, 1e15 + 2], [-2 / 3, 0.0, 2 / 3]),
    "sinc at 0": (lambda x: cr.sum(cr.sinc(x)), [0.0, 1.0], [0.0, -1.0]),
    "clip at its bounds": (lambda x: cr.sum(cr.clip(x, 0.0, 1.0)), [0.0, 1.0, 2.0, -1.0], [1.0, 1.0, 0.0, 0.0]),
    "take twice": (lambda x: cr.sum(cr.take(x, [0, 0, 2])), [1.0, 2.0, 3.0], [2.0, 0.0, 1.0]),
    "index twice": (lambda x: cr.sum(x[[1, 1, 1]] * np.array([1.0, 2.0, 3.0])), [1.0, 2.0], [0.0, 6.0]),
    "sort with ties": (lambda x: cr.sum(cr.sort(x) * np.array([1.0, 2.0, 3.0])), [5.0, 1.0, 5.0], [2.0, 1.0, 3.0]),
    "logsumexp of -inf": (cr.logsumexp, [-math.inf, 0.0, 0.0], [0.0, 0.5, 0.5]),
    "logsumexp of huge": (cr.logsumexp, [1e308, -1e308, 1e308], [0.5, 0.0, 0.5]),
    "softmax at 800": (lambda x: cr.softmax(x)[1], [800.0, -800.0], [0.0, 0.0]),
    "softmax at 700": (lambda x: cr.softmax(x)[1], [700.0, 0.0], [-9.859676543759770e-305, 9.859676543759770e-305]),
    "log_softmax tail": (lambda x: cr.log_softmax(x)[0], [0.0, -40.0], [4.248354255291589e-18, -4.248354255291589e-18]),
    "log_softmax of -inf": (lambda x: cr.log_softmax(x)[1], [-math.inf, 0.0], [0.0, 0.0]),
    "det of rank n - 1": (cr.det, [[1.0, 2.0], [2.0, 4.0]], [[4.0, -2.0], [-2.0, 1.0]]),
    "det of 0": (cr.det, [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]),
    "det of rank 1": (cr.det, np.ones((3, 3)).tolist(), np.zeros((3, 3)).tolist()),
    "where beside nan": (lambda x: cr.sum(cr.where(x > 0, cr.log(x), 0.0)), [0.0, -1.0, 2.0], [0.0, 0.0, 0.5]),
    "where beside inf": (lambda x: cr.sum(cr.where(x > 0, x, 1 / x)), [2.0, 1.0], [1.0, 1.0]),
    "where and sqrt": (lambda x: cr.sum(cr.where(x > 0, cr.sqrt(x), x)), [0.0, 4.0], [1.0, 0.25]),
    "where of a power": (lambda x: cr.sum(cr.where(x > 0, x**-1.5, 0.0)), [0.0, 4.0], [0.0, -1.5 / 32]),
    "sum of nothing": (cr.sum, [], []),
    "prod of nothing": (cr.prod, [], []),
    "norm of nothing": (cr.norm, [], []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradient(name: str) -> None:
    f, point, expected = CASES[name]
    x = np.array(point, float)
    with np.errstate(all="ignore"):
        reverse = cr.grad(f)(x)
        np.testing.assert_allclose(
            reverse,
            np.array(expected, float).reshape(x.shape),
            rtol=2e-15,
            atol=1e-15 * (np.max(np.abs(expected), initial=0) < 1e300) * ("tail" not in name and "700" not in name),
        )
        for k, along in enumerate(np.eye(x.size).reshape(x.size, *x.shape)):
            np.testing.assert_allclose(cr.jvp(f, (x,), (along,))[1], np.ravel(expected)[k], rtol=1e-14, atol=1e-15)


# name -> (function, point, Hessian)
SECOND: dict[str, tuple[Callable[..., Any], list[float], Any]] = {
    "prod with one zero": (cr.prod, [2.0, 0.0, 4.0], [[0, 4, 0], [4, 0, 2], [0, 2, 0]]),
    "prod with two zeros": (cr.prod, [0.0, 0.0, 4.0], [[0, 4, 0], [4, 0, 0], [0, 0, 0]]),
    "cumprod with two zeros": (lambda x: cr.sum(cr.cumprod(x)), [0.0, 0.0, 3.0], [[0, 4, 0], [4, 0, 0], [0, 0, 0]]),
    "where beside nan": (lambda x: cr.sum(cr.where(x > 0, cr.log(x), 0.0)), [0.0, 2.0], [[0, 0], [0, -0.25]]),
    "where and sqrt": (lambda x: cr.sum(cr.where(x > 0, cr.sqrt(x), x)), [0.0, 4.0], [[0, 0], [0, -1 / 32]]),
    "square of the norm at 0": (lambda x: cr.sum(x * x), [0.0, 0.0], [[2, 0], [0, 2]]),
    "sinc at 0": (lambda x: cr.sum(cr.sinc(x)), [0.0], [[-math.pi**2 / 3]]),
    "softplus at 800": (lambda x: cr.sum(cr.softplus(x)), [800.0, -800.0], [[0, 0], [0, 0]]),
    "softplus at 30": (lambda x: cr.sum(cr.softplus(x)), [30.0], [[9.357622968839299e-14]]),
    "tanh saturated": (lambda x: cr.sum(cr.tanh(x)), [30.0], [[-7.005208610157216e-26]]),
    "logsumexp of -inf": (cr.logsumexp, [-math.inf, 0.0], [[0, 0], [0, 0]]),
    "clip": (lambda x: cr.sum(cr.clip(x, 0.0, 1.0) ** 2), [0.5, 2.0], [[2, 0], [0, 0]]),
    "square by power": (lambda x: cr.sum(x**2), [0.0, -1.0], [[2, 0], [0, 2]]),
    "cube by power": (lambda x: cr.sum(x**3), [0.0, -1.0], [[0, 0], [0, -6]]),
    "power by multiplication": (lambda x: x[0] ** x[1], [2.0, 3.0], [[12, 4 + 12 * math.log(2)], [4 + 12 * math.log(2), 8 * math.log(2) ** 2]]),
    "det of rank n - 1": (lambda x: cr.det(cr.reshape(x, (2, 2))), [1.0, 2.0, 2.0, 4.0], [[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", SECOND)
def test_hessian(name: str) -> None:
    f, point, expected = SECOND[name]
    with np.errstate(all="ignore"):
        found = cr.hessian(f)(np.array(point))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300 if np.max(np.abs(expected)) < 1e-10 else 1e-14)


@pytest.mark.parametrize("n", [2, 700, 1200])
def test_prod_of_many_elements_stays_in_range(n: int) -> None:
    x = np.full(n, 1e-200)
    x[::2] = 1e200
    assert math.isclose(cr.prod(x), 1.0, rel_tol=1e-12)
    np.testing.assert_allclose(cr.grad(cr.prod)(x), 1 / x, rtol=1e-12)


@pytest.mark.parametrize("x", [800.0, -800.0, 0.0, 37.5, -745.0])
def test_log_softmax_and_its_relatives_agree_in_the_tails(x: float) -> None:
    two = np.array([0.0, x])
    assert cr.log_softmax(two)[1] == pytest.approx(-cr.softplus(-x), rel=1e-15)
    assert cr.softmax(two)[1] == pytest.approx(cr.sigmoid(x), rel=1e-15)
    assert cr.logsumexp(two) == pytest.approx(cr.softplus(x), rel=1e-15)
