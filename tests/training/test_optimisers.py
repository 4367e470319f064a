"""Each optimiser beside PyTorch's for fifty steps, and what all of them promise, one test for each row of the table."""

import math
import pickle

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import optim
from chainrule.errors import ArgumentError, ShapeError, SolutionError

STEPS = 50
RANDOM = np.random.default_rng(5)
X, Y = RANDOM.normal(size=(20, 3)), RANDOM.normal(size=20)
START = {"w": RANDOM.normal(size=3), "b": 0.5, "more": [RANDOM.normal(size=(2, 3))]}


def loss(p, tanh=np.tanh, x=X, y=Y):
    """A loss with curvature, saturation and parameters of every shape."""
    hidden = tanh(x @ p["more"][0].T).sum(1)
    return ((x @ p["w"] + p["b"] - y) ** 2).mean() + 0.1 * (hidden**2).mean()


IN_TORCH = (torch.tanh, torch.tensor(X), torch.tensor(Y))


class TorchLion(torch.optim.Optimizer):
    """Algorithm 2 of the paper, in place."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                c = m * b1 + p.grad * (1 - b1)
                p.mul_(1 - group["lr"] * group["weight_decay"]).sub_(group["lr"] * c.sign())
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


T = torch.optim
TABLE = {
    "SGD": (optim.SGD(0.05), T.SGD, {"lr": 0.05}),
    "momentum": (optim.SGD(0.05, momentum=0.9), T.SGD, {"lr": 0.05, "momentum": 0.9}),
    "nesterov": (
        optim.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
        T.SGD,
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    ),
    "Adam": (optim.Adam(0.05), T.Adam, {"lr": 0.05}),
    "Adam decayed": (
        optim.Adam(0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
        T.Adam,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1},
    ),
    "AdamW": (optim.AdamW(0.05, weight_decay=0.2), T.AdamW, {"lr": 0.05, "weight_decay": 0.2}),
    "RMSprop": (optim.RMSprop(0.02), T.RMSprop, {"lr": 0.02}),
    "RMSprop with momentum": (
        optim.RMSprop(0.02, alpha=0.9, momentum=0.8, weight_decay=0.1),
        T.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "momentum": 0.8, "weight_decay": 0.1},
    ),
    "Lion": (optim.Lion(0.01, weight_decay=0.1), TorchLion, {"lr": 0.01, "weight_decay": 0.1}),
}
rows = pytest.mark.parametrize(("opt", "twin", "settings"), TABLE.values(), ids=TABLE)


def curve(opt, steps=STEPS, clip=None):
    params, state, losses = START, opt.start(START), []
    for _ in range(steps):
        value, grads = cr.value_and_grad(loss)(params)
        losses.append(float(value))
        if clip is not None:
            grads = optim.clip_by_norm(grads, clip, eps=1e-6)
        params, state = opt.step(params, grads, state)
    return losses


def torch_curve(twin, settings, schedule=None, clip=None):
    leaves = [torch.tensor(np.asarray(x), requires_grad=True) for x in (START["w"], START["b"], START["more"][0])]
    opt, losses = twin(leaves, **settings), []
    rates = schedule(opt) if schedule else None
    for _ in range(STEPS):
        opt.zero_grad()
        value = loss({"w": leaves[0], "b": leaves[1], "more": [leaves[2]]}, *IN_TORCH)
        value.backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(leaves, clip)
        opt.step()
        if rates:
            rates.step()
        losses.append(value.item())
    return losses


@rows
def test_the_losses_are_those_of_pytorch(opt, twin, settings):
    ours = curve(opt)
    assert ours[0] > ours[-1]
    np.testing.assert_allclose(ours, torch_curve(twin, settings), rtol=1e-8, atol=0)


R = torch.optim.lr_scheduler
SCHEDULES = {
    "constant": (optim.Constant(0.1), None),
    "cosine": (optim.Cosine(0.1, 50, end=0.01), lambda opt: R.CosineAnnealingLR(opt, 50, eta_min=0.01)),
    "step": (optim.Step(0.1, every=7, factor=0.5), lambda opt: R.StepLR(opt, 7, gamma=0.5)),
    "warm-up": (optim.Warmup(0.1, steps=10), lambda opt: R.LinearLR(opt, 0.1, 1.0, total_iters=9)),
}


@pytest.mark.parametrize(("schedule", "twin"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedules_and_clipping_are_those_of_pytorch(schedule, twin):
    ours = curve(optim.SGD(schedule, momentum=0.5), clip=0.3)
    theirs = torch_curve(T.SGD, {"lr": 0.1, "momentum": 0.5}, twin, clip=0.3)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=0)


@rows
def test_a_step_changes_nothing_in_place_and_keeps_structure_dtype_and_pickles(opt, twin, settings):
    params = {"w": np.ones(3, np.float32), "b": 0.5, "none": None, "t": (np.ones(()), [np.zeros((0, 2))])}
    grads = cr.optim.ravel(params)[1](np.arange(1.0, 6.0))
    state = opt.start(params)
    before = pickle.dumps((params, grads, state))
    opt = pickle.loads(pickle.dumps(opt))
    for _ in range(2):
        now, after = opt.step(params, grads, state)
        assert now["w"].dtype == np.float32
        assert all(after[slot]["w"].dtype == np.float32 for slot in opt.slots)
        assert isinstance(now["b"], float)
        assert now["t"][1][0].shape == (0, 2)
        assert now["none"] is None
        assert not np.array_equal(now["w"], params["w"])
    assert pickle.dumps((params, grads, state)) == before


@rows
def test_compiled_a_step_is_the_same(opt, twin, settings):
    pytest.importorskip("llvmlite")
    if twin is T.AdamW or opt == TABLE["Adam"][0]:
        opt = type(opt)(optim.Warmup(optim.Cosine(0.1, 4), 2))

    def step(params, state):
        return opt.step(params, cr.grad(loss)(params), state)

    compiled, plain = cr.jit(step), (START, opt.start(START))
    fast = plain
    for _ in range(4):
        plain, fast = step(*plain), compiled(*fast)
    np.testing.assert_allclose(optim.ravel(fast)[0], optim.ravel(plain)[0], rtol=1e-10, atol=1e-13)


@rows
def test_a_rate_can_be_differentiated(opt, twin, settings):
    """The loss after three steps, by the rate: through every update."""

    def after(lr):
        moved = type(opt)(lr, **{k: v for k, v in settings.items() if k != "lr"})
        params, state = START, moved.start(START)
        for _ in range(3):
            params, state = moved.step(params, cr.grad(loss)(params), state)
        return loss(params)

    slope = cr.grad(after)(0.01)
    estimate = cr.numeric.derivative(after, 0.01)
    assert slope == pytest.approx(estimate.value, rel=1e-5, abs=10 * estimate.error)


WRONG = {
    "value for gradient": (lambda o, p, s: o.step(p, (1.0, p), s), ShapeError, "structure"),
    "another shape": (lambda o, p, s: o.step({"w": np.ones(3)}, {"w": np.ones((3, 1))}, s), ShapeError, r"\(3, 1\)"),
    "no state": (lambda o, p, s: o.step(p, p, None), ArgumentError, "start"),
    "swapped": (lambda o, p, s: o.step(p, s, p), ArgumentError, "start"),
    "state of another": (lambda o, p, s: o.step(p, p, {"count": 0.0, "x": p}), ArgumentError, "start"),
    "state of others": (lambda o, p, s: o.step({"v": 1.0}, {"v": 1.0}, s), (ShapeError, ArgumentError), "state|slots"),
    "complex": (lambda o, p, s: o.start({"w": 1j}), ArgumentError, "complex"),
    "text": (lambda o, p, s: o.start({"w": "a"}), ArgumentError, "str"),
    "rate": (lambda o, p, s: type(o)("0.1"), ArgumentError, "lr expects a number"),
    "parameters": (lambda o, p, s: type(o)([np.ones(2)]), ArgumentError, r"start\(params\)"),
    "a model": (lambda o, p, s: type(o)(cr.nn.LayerNorm(2)), ArgumentError, r"start\(params\)"),
    "negative": (lambda o, p, s: type(o)(-0.1), ArgumentError, "at least 0"),
    "nan": (lambda o, p, s: type(o)(math.nan), ArgumentError, "at least 0"),
}


@pytest.mark.parametrize("opt", [optim.SGD(0.1), optim.Adam(), optim.RMSprop(), optim.Lion()], ids=repr)
@pytest.mark.parametrize("wrong", WRONG)
def test_mistakes_are_refused(opt, wrong):
    call, kind, says = WRONG[wrong]
    params = {"w": np.ones(3)}
    with pytest.raises(kind, match=says):
        call(opt, params, opt.start(params))


def test_the_settings_of_betas_are_looked_at():
    for make in (lambda: optim.Adam(betas=(0.9, 1.0)), lambda: optim.SGD(0.1, momentum=1.5)):
        with pytest.raises(ArgumentError, match=r"\[0, 1\)"):
            make()
    for make in (lambda: optim.Cosine(0.1, 0), lambda: optim.Step(0.1, "3"), lambda: optim.Warmup(0.1, True)):
        with pytest.raises(ArgumentError, match="steps"):
            make()


@pytest.mark.parametrize("limit", [0.1, 4.0, 1e9])
def test_clipping_shortens_and_never_turns(limit):
    grads = {"w": np.array([3.0, -4.0]), "b": 12.0}
    clipped = optim.clip_by_norm(grads, limit)
    assert float(optim.global_norm(clipped)) == pytest.approx(min(limit, 13.0), rel=1e-15)
    assert clipped["b"] / clipped["w"][0] == pytest.approx(4.0, rel=1e-15)
    zero = optim.clip_by_norm({"w": np.zeros(2)}, limit)
    assert not zero["w"].any()
    assert optim.clip_by_norm({"w": np.ones(2, np.float32)}, limit)["w"].dtype == np.float32
    with np.errstate(invalid="ignore"):
        assert np.isnan(optim.clip_by_norm({"w": np.array([np.nan, 1.0])}, limit)["w"]).all()


def test_clipping_refuses_a_limit_that_would_turn():
    with pytest.raises(ArgumentError, match="above 0"):
        optim.clip_by_norm([1.0], -1.0)


@pytest.mark.parametrize("method", ["L-BFGS-B", "BFGS", "CG", "SLSQP", "Newton-CG", "trust-ncg", "trust-krylov"])
def test_minimisers_find_what_the_normal_equations_give(method):
    design = np.column_stack([X, np.ones(20)])
    expected = np.linalg.lstsq(design, Y, rcond=None)[0]

    def squares(p, x, y):
        return np.mean((x @ p["w"] + p["b"] - y) ** 2)

    found = optim.minimize(squares, {"w": np.zeros(3), "b": 0.0}, X, Y, method=method, tol=1e-9)
    assert found.converged or found.slope < 1e-7
    assert isinstance(found.params["b"], float)
    np.testing.assert_allclose([*found.params["w"], found.params["b"]], expected, atol=1e-6)


def test_minimisers_compile_and_say_where_there_is_nothing_to_find():
    pytest.importorskip("llvmlite")
    rosenbrock = lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    found = optim.minimize(rosenbrock, [-1.2, 1.0], method="Newton-CG", jit=True, tol=1e-10)
    np.testing.assert_allclose(found.params, 1.0, atol=1e-8)
    assert optim.minimize(lambda p: p * p, 3.0, maxiter=0).converged is False
    with pytest.raises(ArgumentError, match="L-BFGS-B"):
        optim.minimize(rosenbrock, [0.0, 0.0], method="Adam")
    with pytest.raises(SolutionError, match="nan"):
        optim.minimize(lambda p: p * np.nan, 3.0)
