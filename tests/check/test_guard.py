"""A guarded optimiser takes the same steps, pays little, and stops where its gradient is wrong, never elsewhere."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.check.guarding.blame import GuardError
from chainrule.check.guarding.guard import guard

optimize = pytest.importorskip("scipy.optimize")

START = np.array([-1.2, 1.0, 0.7, -0.4, 2.0])
METHODS = ["BFGS", "L-BFGS-B", "trust-constr"]


def valley(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def valley_grad(x):
    gradient = np.zeros_like(x)
    bend = x[1:] - x[:-1] ** 2
    gradient[:-1] = -400 * x[:-1] * bend - 2 * (1 - x[:-1])
    gradient[1:] += 200 * bend
    return gradient


def off(k, factor):
    def claimed(x):
        gradient = valley_grad(x)
        gradient[k] *= factor
        return gradient

    return claimed


@pytest.mark.parametrize("method", [*METHODS, "CG", "SLSQP", "Newton-CG"])
def test_a_right_gradient_leads_to_the_same_result_for_few_more_evaluations(method):
    plain = optimize.minimize(valley, START, jac=valley_grad, method=method)
    fun, jac = guard(valley, valley_grad)
    guarded = optimize.minimize(fun, START, jac=jac, method=method)
    assert np.array_equal(plain.x, guarded.x)
    assert (plain.nfev, plain.njev) == (guarded.nfev, guarded.njev)
    watch = fun.__self__
    assert 3 <= watch.evaluations / 13 <= 3 + watch.gradients / 25 + np.log2(watch.gradients)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("claimed", "said"),
    [
        (lambda x: -valley_grad(x), "the sign is wrong"),
        (lambda x: valley_grad(x) / 2, "exactly 1/2 of the truth"),
        (off(3, 1.01), "x[3] is "),
        (off(0, 0.0), "x[0] is -0, not"),
        (lambda x: valley_grad(x)[:-1], "shape"),
        (lambda x: np.full_like(x, np.nan), "nan"),
    ],
    ids=["sign", "factor", "one entry", "one entry zero", "shape", "nan"],
)
def test_a_wrong_gradient_is_stopped_at_once_and_explained(method, claimed, said):
    fun, jac = guard(valley, claimed)
    with pytest.raises(GuardError) as stop:
        optimize.minimize(fun, START, jac=jac, method=method)
    assert fun.__self__.gradients == 1
    text = str(stop.value)
    assert text[:60].startswith("WRONG")
    assert said in text
    assert stop.value.report.verdict is cr.Verdict.WRONG
    assert isinstance(stop.value, cr.GradientError)


def test_the_first_line_compares_the_slopes_along_the_search_direction():
    fun, jac = guard(lambda x: np.sum(x**2), lambda x: -2 * x)
    fun(np.array([3.0, 4.0]))
    with pytest.raises(GuardError) as stop:
        jac(np.array([3.0, 4.0]))
    first = str(stop.value).splitlines()[0]
    assert first.startswith("WRONG along the search direction: ")
    assert "has slope 10 there, the gradient promises -10 (gradient 1 of this run)" in first


@pytest.mark.parametrize(("method", "every"), [*((method, 25) for method in METHODS), ("BFGS", 1000)])
def test_wrong_on_a_part_of_the_domain_is_seen_when_the_path_gets_there(method, every):
    def claimed(x):
        return valley_grad(x) * (1.0 if x[0] < 0.2 else 0.7)

    fun, jac = guard(valley, claimed, every=every, check_first=1)
    with pytest.raises(GuardError) as stop:
        optimize.minimize(fun, np.array([-1.2, 1.0]), jac=jac, method=method)
    assert fun.__self__.gradients > 1
    assert stop.value.report.points[0].subject.args[0][0] >= 0.2


@pytest.mark.parametrize("method", METHODS)
def test_arguments_are_passed_on(method):
    def fun(x, centre, scale):
        return scale * np.sum((x - centre) ** 4)

    def jac(x, centre, scale):
        return 4 * scale * (x - centre) ** 3

    watched = guard(fun, jac)
    args = (np.array([1.0, 2.0]), 3.0)
    found = optimize.minimize(watched[0], np.zeros(2), args=args, jac=watched[1], method=method)
    assert found.x == pytest.approx(args[0], abs=0.1)
    watched = guard(fun, lambda x, centre, scale: 4 * (x - centre) ** 3)
    with pytest.raises(GuardError, match="exactly 1/3 of the truth"):
        optimize.minimize(watched[0], np.zeros(2), args=args, jac=watched[1], method=method)


@pytest.mark.parametrize("method", METHODS)
def test_a_function_that_returns_both(method):
    plain = optimize.minimize(lambda x: (valley(x), valley_grad(x)), START, jac=True, method=method)
    fun, jac = guard(lambda x: (valley(x), valley_grad(x)), True)
    guarded = optimize.minimize(fun, START, jac=jac, method=method)
    assert np.array_equal(plain.x, guarded.x)
    assert plain.nfev == guarded.nfev
    fun, jac = guard(lambda x: (valley(x), -valley_grad(x)), True)
    with pytest.raises(GuardError, match="sign"):
        optimize.minimize(fun, START, jac=jac, method=method)


RNG = np.random.default_rng(5)
CORRECT = {
    "kinks on the path": (lambda x: np.sum(np.abs(x)) + np.sum(x**2), lambda x: np.sign(x) + 2 * x),
    "a kinked ridge": (
        lambda x: max(x[0], x[1]) + x @ x,
        lambda x: (x[0] > x[1]) * np.eye(2)[0] + (x[0] <= x[1]) * np.eye(2)[1] + 2 * x,
    ),
    "noise": (lambda x: x @ x + 1e-6 * RNG.standard_normal(), lambda x: 2 * x),
    "large noise": (lambda x: x @ x + 1e-2 * RNG.standard_normal(), lambda x: 2 * x),
    "float32": (
        lambda x: np.float32(np.sum(x.astype(np.float32) ** 2)),
        lambda x: (2 * x.astype(np.float32)).astype(float),
    ),
    "huge": (lambda x: 1e200 * (x @ x), lambda x: 2e200 * x),
    "tiny": (lambda x: 1e-200 * (x @ x), lambda x: 2e-200 * x),
    "far from zero": (lambda x: np.sum((x - 1e8) ** 2), lambda x: 2 * (x - 1e8)),
    "badly scaled": (lambda x: x[0] ** 2 * 1e12 + x[1] ** 2 * 1e-6, lambda x: np.array([2e12, 2e-6]) * x),
    "steps": (lambda x: np.floor(x @ x * 1e3), lambda x: 2e3 * x),
    "a wall": (lambda x: -np.sum(np.log(x + 1.5)) + x @ x, lambda x: -1 / (x + 1.5) + 2 * x),
    "oscillating": (lambda x: np.sum(np.sin(1e4 * x) + x**2), lambda x: 1e4 * np.cos(1e4 * x) + 2 * x),
    "a gradient by differences": (
        valley,
        lambda x: optimize.approx_fprime(x, valley),
    ),
    "cancellation": (lambda x: 1e10 + x @ x, lambda x: 2 * x),
}


@pytest.mark.filterwarnings("ignore")  # overflow and the like in the optimiser
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_gradient_is_never_blamed(name, method):
    fun, jac = guard(*CORRECT[name], every=2)
    optimize.minimize(fun, np.array([0.9, -1.3]), jac=jac, method=method, options={"maxiter": 40})
    assert fun.__self__.gradients


def test_what_cannot_be_evaluated_beside_the_path_is_left_in_peace():
    def fun(x):
        if np.any(x != np.round(x, 12)):
            raise RuntimeError("only on the grid")
        return x @ x

    watched, jac = guard(fun, lambda x: -2 * x)
    watched(np.ones(2))
    assert np.array_equal(jac(np.ones(2)), [-2.0, -2.0])


def test_least_squares_and_their_jacobians():
    def residuals(x):
        return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0], x[0] * x[1] - 1])

    def jacobian(x):
        return np.array([[-20 * x[0], 10.0], [-1.0, 0.0], [x[1], x[0]]])

    fun, jac = guard(residuals, jacobian)
    assert optimize.least_squares(fun, [-1.2, 1.0], jac=jac).x == pytest.approx([1.0, 1.0])
    fun, jac = guard(residuals, lambda x: jacobian(x) * [[1, 1], [1, 1], [1, -1]])
    with pytest.raises(GuardError):
        optimize.least_squares(fun, [-1.2, 1.0], jac=jac)


def test_nonsense_is_left_to_the_optimiser_or_told():
    fun, jac = guard(lambda x: "no number", lambda x: "nor this")
    assert fun(np.ones(2)) == "no number"
    assert jac(np.ones(2)) == "nor this"
    fun, jac = guard(lambda x: x @ x, lambda x: None)
    fun(np.ones(2))
    with pytest.raises(GuardError, match="returns None"):
        jac(np.ones(2))


def test_one_argument_of_size_one():
    fun, jac = guard(lambda x: x[0] ** 2, lambda x: 2 * x[0])  # a float where SciPy takes an array of one
    assert optimize.minimize(fun, [3.0], jac=jac).x == pytest.approx([0.0], abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((3, abs), "guard expects the function to minimise: guard(fun, jac); got int"),
        ((abs, "2-point"), "got '2-point': without a gradient of your own there is nothing to guard"),
        ((abs, None), "got None"),
        ((abs, False), "got False"),
    ],
)
def test_misuse(arguments, said):
    with pytest.raises(cr.errors.ArgumentError) as error:
        guard(*arguments)
    assert said in str(error.value)


def test_what_the_optimiser_passes_is_not_changed():
    seen = []
    fun, jac = guard(lambda x: seen.append(x) or x @ x, lambda x: seen.append(x) or 2 * x)
    x = np.array([1.0, 2.0])
    fun(x)
    jac(x)
    assert seen[0] is x
    assert seen[1] is x
    assert x.tolist() == [1.0, 2.0]
