"""`vmap`: the results are those of each example, whatever computes them, in every nesting."""

import math
import pickle
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ArgumentError, ShapeError, VmapWarning

N = 4
RNG = np.random.default_rng(7)
VECTORS, MATRICES = RNG.normal(size=(N, 3)), RNG.normal(size=(N, 3, 3)) + 2 * np.eye(3)
W, SMALL, WHOLE = RNG.normal(size=(3, 3)), RNG.normal(size=(N, 2)).astype(np.float32), np.arange(3 * N).reshape(N, 3)


def helper(v):
    y = v.copy()
    y[0] = 3 * v[1]
    y[1:] *= v[0]
    return y


def contained(x):
    both = {"a": x, "b": [np.sin(x), 2.0]}
    return both["a"] * both["b"][0] + both["b"][1]


AT_ONCE = {
    "math": (lambda v: math.exp(v[0]) * math.sin(v[1]) - math.atan2(v[0], v[2]), VECTORS),
    "sum": (lambda v: np.sum(v * v, axis=0) + np.mean(v), VECTORS),
    "matrix @ v": (lambda v: W @ v, VECTORS),
    "v @ matrix": (lambda v: v @ W, VECTORS),
    "v @ v": (lambda v: v @ v, VECTORS),
    "M @ v": (lambda m: m @ W[0] + W[0] @ m, MATRICES),
    "M @ M": (lambda m: m @ W @ m + W @ m, MATRICES),
    "solve": (lambda m: np.linalg.solve(m, W[0]) + np.linalg.solve(W, m)[0], MATRICES),
    "inv, det": (lambda m: np.linalg.inv(m) * np.linalg.slogdet(m)[1], MATRICES),
    "cholesky": (lambda m: np.linalg.cholesky(m @ m.T), MATRICES),
    "einsum": (lambda v: np.einsum("i,jk->kij", v, W), VECTORS),
    "outer, trace": (lambda v: np.trace(np.outer(v, v)), VECTORS),
    "argmax": (lambda v: v[np.argmax(v)] * cr.take(W[0], np.argmin(v)), VECTORS),
    "take along": (lambda m: m[:, np.argmax(m[0])], MATRICES),
    "sort": (lambda v: np.sort(v) * v[::-1], VECTORS),
    "where": (lambda v: np.where(v > 0, v, v * v), VECTORS),
    "clip, max": (lambda v: np.clip(v, -0.5, 0.5) * np.max(v) - np.minimum(v, W[0]), VECTORS),
    "cumulative": (lambda v: np.cumsum(v) * np.cumprod(v), VECTORS),
    "norm, std": (lambda m: np.linalg.norm(m, axis=0) + np.std(m, axis=1) + np.var(m), MATRICES),
    "softmax": (lambda v: cr.softmax(v) + cr.log_softmax(v) * cr.logsumexp(v), VECTORS),
    "joined": (lambda v: np.concatenate([v, W[0], np.stack([v[0], 1.0])]), VECTORS),
    "array": (lambda v: np.array([v[0], 2.0, v[2] * v[1]]), VECTORS),
    "reshape": (lambda m: m.T.reshape(9)[1:8:2] + np.roll(m, 1, axis=0).ravel()[:4], MATRICES),
    "iterated": (lambda v: sum(x * x for x in v), VECTORS),
    "assigned": (helper, VECTORS),
    "containers": (contained, VECTORS),
    "single precision": (lambda v: np.tanh(v) * 2.0, SMALL),
    "whole numbers": (lambda v: v // 2 + v**2 - np.sum(v), WHOLE),
    "compared": (lambda v: (v > 0) & ~np.isnan(v), VECTORS),
    "erf": (lambda v: cr.erf(v) * cr.gammaln(v * v + 1), VECTORS),
    "nested": (lambda v: cr.vmap(lambda x: x * np.sum(v))(v), VECTORS),
    "partition": (lambda v: np.partition(v, 1)[:2], VECTORS),
    "median": (lambda m: np.median(m, axis=0) + np.median(m), MATRICES),
    "quantile": (lambda v: np.quantile(v, [0.3, 0.7]) + np.percentile(v, 40), VECTORS),
    "without nan": (lambda v: np.nanmean(v) + np.nanmax(v) - np.nanmedian(v) * np.nanstd(v), VECTORS),
    "select": (lambda v: np.select([v < -0.5, v < 0.5], [v**2, v**3], v), VECTORS),
    "choose": (lambda v: np.choose((v > 0) * 1, [v, v**2]), VECTORS),
    "interp": (lambda v: np.interp(v, [-1.0, 0.0, 2.0], [1.0, 3.0, -1.0]) + np.interp(0.3, np.sort(v), v), VECTORS),
    "unwrap": (lambda v: np.unwrap(5 * v), VECTORS),
    "histogram": (lambda v: np.histogram(v, [-2.0, 0.0, 2.0], weights=v**2)[0], VECTORS),
    "pinv, lstsq": (lambda m: np.linalg.pinv(m[:, :2])[0] + np.linalg.lstsq(m, m[0], rcond=None)[0], MATRICES),
}
DECIDED = list(AT_ONCE)[list(AT_ONCE).index("partition") :]
"""What the rule of a function decides by numbers is decided for each example, the rest at once."""
DERIVATIVES = {
    "grad": cr.grad(lambda v: np.sum(np.sin(v) * (W @ v)) + v[0] * math.exp(v[1])),
    "grad at a kink": cr.grad(lambda v: np.sum(np.where(v > 0, np.sqrt(np.abs(v)), 0.0))),
    "jacobian": cr.jacobian(lambda v: np.tanh(W @ v)),
    "jacfwd": cr.jacfwd(lambda v: np.tanh(W @ v)),
    "hessian": cr.hessian(lambda v: np.sum(v**3) * v[0]),
    "value_and_grad": lambda v: np.append(*cr.value_and_grad(lambda x: np.prod(x))(v)[::-1]),
    "jvp": lambda v: cr.jvp(lambda x: np.sin(x) * x[0], (v,), (v * v,))[1],
    "vjp": lambda v: cr.vjp(lambda x: W @ np.exp(x), v)[1](v)[0],
    "hvp": lambda v: cr.hvp(lambda x: np.sum(x**4), v, v),
    "taylor": lambda v: cr.taylor(lambda x: np.exp(x) * 2, v[0], 3).coefficients[3],
    "jit": cr.jit(lambda v: np.sum(v * v)),
    "grad of jit": cr.grad(cr.jit(lambda v: np.sum(v**3))),
}


def each(f, x):
    return np.stack([f(x[k]) for k in range(len(x))])


def agree(found, expected):
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-6 if found.dtype == np.float32 else 1e-11, atol=1e-12)


@pytest.mark.parametrize("name", AT_ONCE)
def test_all_examples_are_computed_at_once_and_each_is_what_it_is_alone(name):
    f, x = AT_ONCE[name]
    mapped = cr.vmap(f)
    expected = each(f, x)
    agree(mapped(x), expected)
    assert mapped.report() == f"all {N} examples at once"
    agree(cr.vmap(f, in_axes=-1, out_axes=-1)(np.moveaxis(x, 0, -1)), np.moveaxis(expected, 0, -1))
    agree(cr.vmap(f, chunk=3)(x), expected)


@pytest.mark.parametrize("name", AT_ONCE)
def test_it_is_differentiated_as_its_examples_are(name):
    f, x = AT_ONCE[name]
    if name in ("compared", "whole numbers"):
        return
    expected = np.stack([cr.grad(lambda v: np.sum(f(v) ** 2))(x[k]) for k in range(N)])
    agree(cr.grad(lambda x: np.sum(cr.vmap(f)(x) ** 2))(x), expected)
    agree(cr.vmap(cr.grad(lambda v: np.sum(f(v) ** 2)))(x), expected)
    t = np.cos(x)
    pushed = np.stack([cr.jvp(f, (x[k],), (t[k],))[1] for k in range(N)])
    agree(cr.jvp(cr.vmap(f), (x,), (t,))[1], pushed)


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_of_each_example(name):
    x = np.where(VECTORS > 0, VECTORS, 0.0) if "kink" in name else VECTORS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VmapWarning)
        agree(cr.vmap(DERIVATIVES[name])(x), each(DERIVATIVES[name], x))


@pytest.mark.parametrize("name", ["math", "argmax", "solve", "softmax", *DECIDED])
def test_it_is_compiled(name):
    f, x = AT_ONCE[name]
    agree(cr.jit(cr.vmap(f))(x), each(f, x))


def test_what_examples_share_has_a_gradient():
    w = np.array([0.5, -1.0, 2.0])
    for f, at_once in (
        (lambda v, w: np.tanh(w @ v), lambda w: np.tanh(VECTORS @ w)),
        (lambda v, w: np.sum(np.where(v > 0, w, 0.0)), lambda w: (VECTORS > 0) @ w),
        (lambda v, w: w[np.argmax(v)], lambda w: w[np.argmax(VECTORS, axis=1)]),
        (lambda v, w: (v[0] > 0) * w[0], lambda w: (VECTORS[:, 0] > 0) * w[0]),
        (lambda v, w: np.sum(cr.grad(lambda x: np.sum(np.sin(w * x)))(v)), lambda w: (w * np.cos(w * VECTORS)).sum(1)),
    ):
        whole = lambda w, f=f: np.sum(cr.vmap(f, in_axes=(0, None))(VECTORS, w) ** 2)
        expected = lambda w, g=at_once: np.sum(g(w) ** 2)
        agree(cr.grad(whole)(w), cr.grad(expected)(w))
        agree(cr.hessian(whole)(w), cr.hessian(expected)(w))
        agree(cr.jit(cr.grad(whole))(w), cr.grad(expected)(w))


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda x: x[0] if x[1] > 0 else -x[2], "branch"),
        (lambda x: x * int(x[0]), "int"),
        (lambda x: np.sum(x[x > 0]), "mask"),
        (lambda x: float(f"{x[0]:.3f}"), "text"),
        (lambda x: x * 1j, "complex"),
        (lambda x: np.median(np.unique(x)), "unique"),
        (lambda x: np.nanmedian(np.append(np.where(x > 0, x, np.nan), 1.0)), "counts"),
    ],
)
def test_what_differs_from_example_to_example_is_computed_for_each(f, why):
    mapped = cr.vmap(f)
    with pytest.warns(VmapWarning, match="one example after the other"):
        found = mapped(VECTORS)
    agree(found, each(f, VECTORS))
    assert mapped.report().startswith(f"{N} examples one after the other")
    agree(mapped(VECTORS), found)  # told once


def test_a_branch_that_was_caught_is_computed_for_each():
    def f(x):
        try:
            return x if x > 0 else -x
        except Exception:
            return 0.0 * x

    with pytest.warns(VmapWarning):
        agree(cr.vmap(f)(VECTORS[:, 0]), np.abs(VECTORS[:, 0]))


def test_branches_are_differentiated_and_compiled():
    f = lambda x: x * x if x > 0 else -x
    x = VECTORS[:, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VmapWarning)
        agree(cr.vmap(cr.grad(f))(x), np.where(x > 0, 2 * x, -1.0))
        agree(cr.grad(lambda x: np.sum(cr.vmap(f)(x)))(x), np.where(x > 0, 2 * x, -1.0))
        compiled = cr.jit(cr.vmap(f))
        agree(compiled(x), np.where(x > 0, x * x, -x))
        agree(compiled(-x), np.where(x < 0, x * x, x))


def test_arguments_in_containers_and_by_name():
    def f(p, x, *, scale=1.0):
        return {"y": p["w"] @ x + p["b"], "z": (scale * x, 3.0)}

    p = {"w": RNG.normal(size=(2, 3, N)), "b": np.ones(2)}
    y = cr.vmap(f, in_axes=({"w": 2, "b": None}, 0), out_axes={"y": 1, "z": 0})(p, VECTORS, scale=np.arange(N) * 1.0)
    expected = np.stack([p["w"][:, :, k] @ VECTORS[k] + 1 for k in range(N)], axis=1)
    np.testing.assert_allclose(y["y"], expected)
    np.testing.assert_allclose(y["z"][0], VECTORS * np.arange(N)[:, None])
    np.testing.assert_array_equal(y["z"][1], np.full(N, 3.0))
    assert cr.vmap(lambda x: 3.0, out_axes=None)(VECTORS) == 3.0


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: cr.vmap(3.0), ArgumentError, "expects a function"),
        (lambda: cr.vmap(np.sin, chunk=0), ArgumentError, "chunk"),
        (lambda: cr.vmap(np.sin, in_axes="x"), ArgumentError, "in_axes"),
        (lambda: cr.vmap(lambda x, y: x)(np.ones(3), np.ones(4)), ShapeError, r"argument 1 \(y\) of shape \(4,\)"),
        (lambda: cr.vmap(lambda x, y: x)(np.ones(3), 2.0), ArgumentError, r"argument 1 \(y\) holds the number 2.0"),
        (lambda: cr.vmap(lambda x: x, in_axes=2)(np.ones(3)), ArgumentError, "no axis 2"),
        (lambda: cr.vmap(lambda x: x, in_axes=(0, 0))(np.ones(3)), ArgumentError, "2 entries for 1"),
        (lambda: cr.vmap(lambda x: x, in_axes=None)(np.ones(3)), ArgumentError, "no argument has an axis"),
        (lambda: cr.vmap(lambda x: x, out_axes=None)(np.ones(3)), ArgumentError, "out_axes=None"),
        (lambda: cr.vmap(lambda x: x, out_axes=1)(np.ones(3)), ArgumentError, "out_axes=1"),
        (lambda: cr.vmap(lambda x: "text")(np.ones(3)), ArgumentError, "return numbers"),
    ],
)
def test_mistakes_are_answered(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_arguments_are_not_written_to_and_results_may_be():
    x = VECTORS.copy()
    y = cr.vmap(lambda v: v)(x)
    y[:] = 0.0
    np.testing.assert_array_equal(x, VECTORS)
    with pytest.warns(VmapWarning):
        cr.vmap(lambda v: v.__setitem__(0, 5.0) or bool(v[1] > 0))(x)
    np.testing.assert_array_equal(x, VECTORS)


def test_a_number_of_a_batch_kept_for_later_is_refused():
    kept = []
    cr.vmap(lambda v: kept.append(v) or v)(VECTORS)
    with pytest.raises(ArgumentError, match="earlier call"):
        cr.grad(lambda x: np.sum(kept[0] * x))(VECTORS[0])


def test_it_is_pickled():
    mapped = pickle.loads(pickle.dumps(cr.vmap(np.sin, in_axes=1)))
    agree(mapped(VECTORS), np.sin(VECTORS).T)


@pytest.mark.parametrize("transform", [cr.hessian, cr.jacobian, cr.jacrev])
def test_compiled_matrices_of_derivatives_are_one_sweep_of_any_size(transform):
    def f(x):
        y = np.tanh(x[1:] * x[:-1]) + np.where(x[1:] > 0, np.sqrt(np.abs(x[1:])), 0.0)
        y = np.concatenate([y, np.sort(x)]) @ np.cos(np.arange(2 * len(x) - 1.0)[:, None] * np.arange(len(x)))
        return np.sum(y**2) if transform is cr.hessian else y

    steps = []
    for n in (5, 9):
        x = RNG.normal(size=n)
        compiled = cr.jit(transform(f))
        np.testing.assert_allclose(compiled(x), transform(f)(x), rtol=1e-9, atol=1e-10)
        steps.append(len(compiled.program.steps()))
    assert steps[0] == steps[1]


AWAY = {
    # functions with branches, whose adjoints leave the range of floats and come back
    "relu": cr.relu,
    "max": np.max,
    "where": lambda x: np.where(x > 0, x, -x),
    "minimum": lambda x: np.minimum(x, 1.5),
    "clip": lambda x: np.clip(x, 0, 1.5),
    "sort": np.sort,
    "roots": lambda x: np.where(x > 1, np.sqrt(np.abs(x - 1)), 0.0),
}


@pytest.mark.parametrize("name", AWAY)
def test_a_sweep_that_is_repeated_stays_one_for_all_examples(name):
    def f(x):
        return np.sum(AWAY[name](x)) * 1e300 * 1e-200 * 1e-200

    rows = np.array([[1.0, 2.0], [3.0, -1.0]])
    mapped = cr.vmap(cr.grad(f))
    np.testing.assert_allclose(mapped(rows), np.stack([cr.grad(f)(row) for row in rows]))
    assert mapped.report().startswith("all 2 examples at once")


RAISES = {
    "sqrt": lambda x: math.sqrt(x),
    "log": lambda x: math.log(x + 0.5),
    "exp": lambda x: math.exp(800.0 * x),
    "acos": lambda x: math.acos(x),
}


@pytest.mark.parametrize("name", RAISES)
def test_functions_of_math_raise_for_one_example_inside_other_transforms(name):
    def f(x):
        try:
            return RAISES[name](x)
        except (ValueError, OverflowError):
            return 3.0 * x

    def total(x):
        return np.sum(cr.vmap(f)(x))

    inside, mixed = np.array([0.2, 0.5]), np.array([-1.5, 1.5])
    fast, slopes = cr.jit(cr.vmap(f)), cr.jit(cr.grad(total))
    for x in (inside, mixed, inside):
        expected = [cr.value_and_grad(f)(float(v)) for v in x]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one example after the other
            assert np.allclose(fast(x), [y for y, _ in expected])
            assert np.allclose(slopes(x), [s for _, s in expected])
            assert np.allclose(cr.grad(total)(x), [s for _, s in expected])
            assert np.allclose(cr.jvp(cr.vmap(f), (x,), (np.ones(2),))[1], [s for _, s in expected])
