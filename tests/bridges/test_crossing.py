"""What crosses: every kind of argument, in every direction, gives the derivative it has on our side, or is refused."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import AnotherFunction, ArgumentError, CannotRecord, DroppedDerivative

X = np.array([0.5, -1.0, 2.0])
INDEX, MASK = np.array([2, 0]), np.array([True, False, True])
CALLS = {
    # what it tries: (a function of every framework's arrays, its arguments, what is given by name)
    "numbers only": (lambda x: (x**3).sum(), (X,), {}),
    "an index": (lambda x, i: (x[i] ** 3).sum(), (X, INDEX), {}),
    "an index first": (lambda i, x: (x[i] ** 3).sum(), (INDEX, X), {}),
    "whole numbers first": (lambda k, x: (x * k).sum() / 4, (INDEX, X[:2]), {}),
    "a mask": (lambda m, x: (x * m).sum() * 0.3, (MASK, X), {}),
    "a mask as an index": (lambda x, m: (x[m] ** 2).sum(), (X, MASK), {}),
    "a number and a name": (lambda x, n, name: (x**n).sum() if name == "power" else None, (X, 3, "power"), {}),
    "None": (lambda x, w: (x * x).sum() if w is None else None, (X, None), {}),
    "an axis": (lambda x, axis: (x.sum(axis) ** 2).sum(), (np.ones((2, 3)) * X, 0), {}),
    "a list": (lambda parts: (parts[0] * parts[1] ** 2).sum(), ([X, X + 1],), {}),
    "a dict and a tuple": (lambda p: (p["w"] * p["b"][0]).sum(), ({"w": X, "b": (X + 2, 3)},), {}),
    "by name": (lambda x, factor: (x * x * factor).sum(), (X,), {"factor": 2}),
    "a branch": (lambda x: (x * x).sum() if x[0] > 0 else x.sum(), (X,), {}),
    "single": (lambda x, y: x * x * y, (np.array(1.5), 2.0), {}),
    "nothing": (lambda x: (x * x).sum(), (np.zeros(0),), {}),
}


def floats(tree, to):
    """The floating-point numbers of nested arguments as `to` makes them, all others as they are."""
    leaves, structure = cr.trees.flatten(tree)
    moves = [isinstance(x, float) or getattr(x, "dtype", np.dtype(int)).kind == "f" for x in leaves]
    return [to(x) for x, m in zip(leaves, moves, strict=True) if m], lambda some: cr.trees.unflatten(
        structure, [next(some) if m else x for x, m in zip(leaves, moves, strict=True)]
    )


def ours(f, args, named):
    """The gradients by all floating-point numbers, by Chainrule alone."""
    numbers, fill = floats((args, named), lambda x: x)

    def of(numbers):
        args, named = fill(iter(numbers))
        return f(*args, **named)

    return cr.grad(of)(numbers)


def by_torch(f, args, named):
    import torch

    numbers, fill = floats((args, named), lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True))
    args, named = cr.trees.map(
        lambda x: torch.tensor(x) if isinstance(x, np.ndarray) else x, fill(iter(numbers)), namespace=""
    )
    return [g.numpy() for g in torch.autograd.grad(cr.to_torch(f)(*args, **named), numbers)]


def by_jax(f, args, named):
    import jax

    numbers, fill = floats((args, named), jax.numpy.asarray)

    def of(numbers):
        args, named = fill(iter(numbers))
        return cr.to_jax(f)(*args, **named)

    return jax.grad(of)(numbers)


WAYS = {
    "to_torch": by_torch,
    "to_jax": by_jax,
    "from_torch": lambda f, args, named: ours(cr.from_torch(f), args, named),
    "from_jax": lambda f, args, named: ours(cr.from_jax(f), args, named),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("way", WAYS)
def test_arguments(way, call):
    if "torch" in way:
        pytest.importorskip("torch")
    else:
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    f, args, named = CALLS[call]
    found, expected = WAYS[way](f, args, named), ours(f, args, named)
    assert len(found) == len(expected)
    for g, wanted in zip(found, expected, strict=True):
        assert np.shape(g) == np.shape(wanted)
        np.testing.assert_allclose(g, wanted, rtol=1e-12)


RESULTS = {
    "a tuple": lambda x: (x.sum(), x),
    "a list": lambda x: [x[0], x[1]],
    "a dict": lambda x: {"y": x},
    "None": lambda x: None,
    "complex numbers": lambda x: x * 1j,
}


@pytest.mark.parametrize("kind", RESULTS)
def test_results_that_are_refused(kind):
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
    f, said = RESULTS[kind], "complex" if kind == "complex numbers" else "expected one number or one array"
    for call in (
        lambda: cr.to_torch(f)(torch.tensor(X, requires_grad=True)),
        lambda: cr.to_jax(f)(X),
        lambda: jax.jit(cr.to_jax(f))(X),
        lambda: cr.vjp(cr.from_torch(f), X)[1](X + 0j if "complex" in kind else X),
        lambda: cr.vjp(cr.from_jax(f), X)[1](X + 0j if "complex" in kind else X),
    ):
        with pytest.raises(ArgumentError, match=said):
            call()


def test_what_would_drop_a_derivative():
    torch = pytest.importorskip("torch")
    cut = {
        "detach": lambda x: (x.detach() ** 2).sum(),
        "numpy": lambda x: torch.tensor(np.sum(x.detach().numpy() ** 2)),
        "item": lambda x: x[0].item() ** 2,
    }
    for f in cut.values():
        with pytest.raises(DroppedDerivative, match="PyTorch does not know"):
            cr.grad(cr.from_torch(f))(X)
    with pytest.raises(DroppedDerivative, match="pass it as an argument"):
        cr.grad(lambda w: cr.from_torch(lambda x: (x * w).sum())(X))(2.0)
    with pytest.raises(CannotRecord, match="PyTorch's"):
        cr.jit(cr.from_torch(lambda x: x.sum()))(X)
    with torch.no_grad():
        np.testing.assert_array_equal(cr.grad(cr.from_torch(lambda x: (x * x).sum()))(X), 2 * X)


def test_another_function():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    with pytest.raises(AnotherFunction, match="another value"):
        cr.to_torch(lambda x: np.sum(x * rng.random(3)))(torch.tensor(X, requires_grad=True)).backward()
    with pytest.raises(AnotherFunction, match="another value"):
        cr.grad(cr.from_torch(lambda x: (x * torch.tensor(rng.random(3))).sum()))(X)


def test_memory_is_not_shared():
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")

    def writes(x):
        x[0] = 5.0
        return (x * x).sum()

    x, kept = torch.tensor(X, requires_grad=True), np.ones(3)
    (slope,) = torch.autograd.grad(cr.to_torch(writes)(x), x)
    np.testing.assert_array_equal(slope, 2 * X * [0, 1, 1])
    np.testing.assert_array_equal(cr.grad(cr.from_torch(writes))(X), 2 * X * [0, 1, 1])
    np.testing.assert_array_equal(jax.grad(cr.to_jax(writes))(X), 2 * X * [0, 1, 1])
    np.testing.assert_array_equal(x.detach(), X)
    for f in (lambda x: x, lambda x: x[::-1], lambda x: kept):
        cr.to_torch(f)(torch.tensor(X)).mul_(7)
        y = cr.to_torch(f)(x.detach())
        y.mul_(7)
    np.testing.assert_array_equal(x.detach(), X)
    np.testing.assert_array_equal(kept, np.ones(3))


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32", "float64"])
def test_types_of_tensors(kind):
    torch = pytest.importorskip("torch")
    a = torch.tensor(X, dtype=getattr(torch, kind), requires_grad=True)
    b = torch.tensor(X, requires_grad=True)
    y = cr.to_torch(lambda a: np.sum(a**2))(a)
    y.backward()
    assert (y.dtype, a.grad.dtype) == (a.dtype, a.dtype)
    np.testing.assert_array_equal(a.grad.float(), 2 * X)
    together = cr.to_torch(lambda a, b: np.sum(a * b) * 0.1)(a, b)
    assert together.dtype == torch.float64
    np.testing.assert_array_equal(torch.autograd.grad(together, b)[0], 0.1 * X)


def test_their_transforms():
    torch = pytest.importorskip("torch")
    f, x = cr.to_torch(lambda x: np.sum(x**3)), torch.tensor(X)
    np.testing.assert_allclose(torch.func.grad(f)(x), 3 * X**2)
    np.testing.assert_allclose(torch.func.vmap(f)(torch.stack([x, 2 * x])), [np.sum(X**3), np.sum(8 * X**3)])
    rows = torch.func.vmap(torch.func.grad(f))(torch.stack([x, 2 * x]))
    np.testing.assert_allclose(rows, [3 * X**2, 12 * X**2])
