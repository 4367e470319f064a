"""Programs for HIPS autograd run when their imports are changed as docs/from_autograd.md says."""

import re

import numpy as np
import pytest

import chainrule as cr

CHANGES = [
    (
        r"import autograd\.scipy\.stats\.multivariate_normal as mvn",
        "from scipy.stats import multivariate_normal as mvn",
    ),
    (r"from autograd\.misc\.flatten import flatten", "from chainrule.optim import ravel as flatten"),
    (r"from autograd\.builtins import .*", ""),
    (r"autograd\.(numpy|scipy)", r"\1"),
    (r"from autograd import", "from chainrule import"),
    (r"\bnumpy\.numpy\b", "numpy"),
]
PROGRAMS = {
    "a net whose weights are pairs, with its norm by flattening": """
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd.scipy.special import logsumexp
from autograd.misc.flatten import flatten
rs = npr.RandomState(0)
sizes = [3, 4, 2]
start = [(rs.randn(m, n), rs.randn(n)) for m, n in zip(sizes[:-1], sizes[1:])]
X, Y = rs.randn(5, 3), np.eye(2)[[0, 1, 1, 0, 1]]
flat, back = flatten(start)
def predict(params, x):
    for W, b in params:
        out = np.dot(x, W) + b
        x = np.tanh(out)
    return out - logsumexp(out, axis=1, keepdims=True)
def loss(v):
    params = back(v)
    all_of_them, _ = flatten(params)
    return 0.1 * np.dot(all_of_them, all_of_them) - np.sum(predict(params, X) * Y)
at = flat
""",
    "a Gaussian process": """
import autograd.numpy as np
from autograd.numpy.linalg import solve
import autograd.scipy.stats.multivariate_normal as mvn
X, y = np.linspace(-1, 1, 6)[:, None], np.sin(np.linspace(-3, 3, 6))
def kernel(p, a, b):
    d = np.expand_dims(a / np.exp(p[0]), 1) - np.expand_dims(b / np.exp(p[0]), 0)
    return np.exp(p[1]) * np.exp(-0.5 * np.sum(d**2, axis=2))
def loss(p):
    K = kernel(p, X, X) + np.exp(p[2]) * np.eye(len(y))
    return -mvn.logpdf(y, np.zeros(len(y)), K) + np.sum(solve(K, y))
at = np.array([0.1, -0.3, -1.0])
""",
    "variational inference": """
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd.scipy.stats import norm
D = 2
def loss(params):
    mean, log_std = params[:D], params[D:]
    rs = npr.RandomState(1)
    samples = rs.randn(20, D) * np.exp(log_std) + mean
    density = norm.logpdf(samples[:, 1], 0, 1.35) + norm.logpdf(samples[:, 0], 0, np.exp(samples[:, 1]))
    return -np.mean(density) - np.sum(log_std)
at = np.array([0.3, -0.2, -0.5, 0.1])
""",
    "a recurrent net with a dict of weights, stacked columns and concatenated states": """
import autograd.numpy as np
import autograd.numpy.random as npr
rs = npr.RandomState(2)
xs = rs.randn(4, 3, 2)
def gate(W, *parts):
    return np.dot(np.hstack(list(parts) + [np.ones((parts[0].shape[0], 1))]), W)
def loss(v):
    params = {"state": np.tanh(v[:3]), "W": np.reshape(v[3:], (6, 3))}
    h = np.repeat(params["state"][None, :], 3, axis=0)
    out = [h]
    for x in xs:
        h = 0.5 * (np.tanh(gate(params["W"], x, h)) + 1.0)
        out.append(h)
    return np.sum(np.concatenate(out, axis=0) ** 2)
at = rs.randn(21)
""",
    "a mixture of Gaussians, with triangles and determinants": """
import autograd.numpy as np
import autograd.numpy.random as npr
from autograd.scipy.special import logsumexp
import autograd.scipy.stats.multivariate_normal as mvn
data = npr.RandomState(3).randn(8, 2)
def loss(v):
    props, means, roots = v[:2] - logsumexp(v[:2]), np.reshape(v[2:6], (2, 2)), np.reshape(v[6:], (2, 2, 2))
    parts = []
    for p, m, r in zip(props, means, roots):
        r = np.tril(r, -1) + np.diag(np.exp(np.diag(r)))
        parts.append(mvn.logpdf(data, m, np.dot(r.T, r)) + p)
    return -np.sum(logsumexp(np.vstack(parts), axis=0))
at = 0.4 * npr.RandomState(4).randn(14)
""",
    "a fluid, rolled and reshaped": """
import autograd.numpy as np
import autograd.numpy.random as npr
def project(f, g):
    div = -0.5 * (np.roll(f, -1, axis=1) - np.roll(f, 1, axis=1) + np.roll(g, -1, axis=0) - np.roll(g, 1, axis=0))
    p = np.zeros(f.shape)
    for k in range(4):
        p = (div + sum(np.roll(p, s, axis=a) for s in (1, -1) for a in (0, 1))) / 4.0
    return f - 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1)), g
def loss(v):
    f, g = np.reshape(v[:12], (3, 4)), np.reshape(v[12:], (3, 4))
    ys, xs = np.meshgrid(np.arange(3), np.arange(4), indexing="ij")
    f, g = project(f, g)
    left = np.floor(xs - f).astype(int)
    share = (xs - f) - left
    return np.mean(((1 - share) * g[ys, np.mod(left, 4)] + share * g[ys, np.mod(left + 1, 4)] - 0.3) ** 2)
at = npr.RandomState(5).randn(24)
""",
}


def converted(program):
    for autograd, ours in CHANGES:
        program = re.sub(autograd, ours, program)
    assert "autograd" not in program
    names = {}
    exec(compile(program, "<program>", "exec"), names)
    return names


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_program_runs_with_other_imports(program):
    names = converted(program)
    f, x = names["loss"], names["at"]
    rng = np.random.default_rng(0)
    gradient, v = cr.grad(f)(x), rng.standard_normal(x.size)
    along = (f(x + 1e-5 * v) - f(x - 1e-5 * v)) / 2e-5
    assert gradient.shape == x.shape
    assert np.dot(gradient, v) == pytest.approx(along, rel=1e-6)
    assert np.isfinite(cr.hvp(f, (x,), (v,))).all()


@pytest.mark.parametrize("name", ["primitive", "defvjp", "holomorphic_grad", "make_vjp", "make_jvp", "make_hvp",
    "hessian_vector_product", "elementwise_grad", "flatten", "grad_and_aux"])  # fmt: skip
def test_names_of_autograd_say_what_to_write(name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; (?!did you mean)"):
        getattr(cr, name)
