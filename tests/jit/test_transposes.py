"""Data that lie along the last axis: products of few rows and many columns are computed as their transposes are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from jit.agreement import agree

import chainrule as cr
from chainrule.jit.emit.build import written


def biased(z, b):
    return np.tanh(z + b[:, None])


def softmax(z, b):
    z = np.exp(z - np.max(z, axis=0))
    return z / np.sum(z, axis=0, keepdims=True) * b.reshape(-1, 1)


def standardised(z, b):
    z = z - np.mean(z, axis=1, keepdims=True)
    return np.where(z > 0.0, z, b[:, np.newaxis] * z) / (1.0 + np.sum(z * z, axis=1)[:, None])


def weighted(z, b):
    return z * np.linspace(0.5, 1.5, z.shape[1]) + np.maximum(z, z[:1]) * b[0]


LAYERS = [biased, softmax, standardised, weighted]
LOSSES = {
    "all": lambda h: np.mean(h * h),
    "a row": lambda h: np.sum(np.log1p(h[0] ** 2)),
    "columns": lambda h: np.sum(np.logaddexp(h.sum(axis=0), 0.0)),
    "a product": lambda h: np.sum(np.tanh(np.ones(len(h)) @ h)),
    "transposed": lambda h: np.sum(np.exp(-h.T)[:, 0]),
}


def case(layer, loss, n, dtype, sizes=(3, 16, 5)):
    random = np.random.default_rng(n)
    parameters = [(random.normal(size=(b, a)) / a, random.normal(size=b)) for a, b in itertools.pairwise(sizes)]
    parameters = [(w.astype(dtype), b.astype(dtype)) for w, b in parameters]

    def f(parameters, x):
        for w, b in parameters:
            x = layer(w @ x, b)
        return LOSSES[loss](x)

    return f, parameters, random.normal(size=(sizes[0], n)).astype(dtype)


CASES = [
    (layer, loss) for k, layer in enumerate(LAYERS) for loss in list(LOSSES)[k % 2 :: 2] if layer is not standardised
]


@pytest.mark.parametrize(("layer", "loss"), CASES)
def test_networks_of_columns_are_panels(layer, loss):
    f, *args = case(layer, loss, 131, float)
    step = cr.value_and_grad(f)
    compiled = cr.jit(step)
    agree(compiled(*args), step(*args))
    memory, _ = written(compiled.program, strict=False, careful=False)
    assert memory.panels
    assert not any(work.calls for work in memory.plan.rounds)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("n", "dtype"), [(33, float), (150, np.float32)])
def test_columns_and_results_are_what_they_are_elsewhere(layer, n, dtype):
    f, parameters, x = case(layer, "all", n, dtype)

    def both(parameters, x):
        (w, b), *_ = parameters
        return f(parameters, x), layer(w @ x, b)

    step = cr.value_and_grad(both, (0, 1), has_aux=True)
    for given in (x, np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        agree(cr.jit(step)(parameters, given), step(parameters, given), *(() if dtype is float else (1e-4, 1e-5)))
