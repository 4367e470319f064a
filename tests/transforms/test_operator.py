"""Operators made by a user: verified when they are made, and at home in every verb."""

import inspect
import math
import pickle
import subprocess
import sys

import mpmath
import numpy as np
import pytest
import sympy

import chainrule as cr
from chainrule import trees
from chainrule.carriers.identity import Identity
from chainrule.carriers.math_rows import LIFTED_MATH, ROW_OF
from chainrule.errors import ArgumentError, CustomRuleError, ShapeError
from chainrule.ops.row import TABLE

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]])

softsign = cr.operator(
    "softsign_of_tests",
    lambda x: x / (1 + abs(x)),
    lambda y, x: 1 / (1 + abs(x)) ** 2,
    method=True,
    printed="softsign({})",
    kinks="second derivative jumps at 0",
)
decay = cr.operator(  # written with math, and used on arrays too
    "decay_of_tests",
    lambda a, b: a * math.exp(-b * b),
    (lambda y, a, b: math.exp(-b * b), lambda y, a, b: -2 * b * y),
)
muladd = cr.operator("muladd_of_tests", lambda a, b, c: a * b + c, (lambda y, a, b, c: b, lambda y, a, b, c: a, 1.0))
rms = cr.operator(
    "rms_of_tests",
    lambda x, axis, keepdims: np.sqrt(np.mean(x * x, axis=axis, keepdims=keepdims)),
    lambda y, x: x / (y * (np.size(x) / np.size(y))),
    kind="reduction",
)


def chebyshev(x, n):
    before, last = x * 0 + 1, x
    for _ in range(n):
        before, last = last, 2 * x * last - before
    return before


def chebyshev_slope(y, x, n):
    before, last = x * 0, x * 0 + 1
    for _ in range(n - 1):
        before, last = last, 2 * x * last - before
    return n * last


chebyshev_of_tests = cr.operator("chebyshev_of_tests", chebyshev, (chebyshev_slope, None))
mirror = cr.operator("mirror_of_tests", lambda x: 2.0 * np.flip(x), lambda ct, x: 2.0 * np.flip(ct), kind="linear")

# Each with the same function written out, and operands: what is promised of an operator is what holds of that function.
CASES = {
    "softsign": (softsign, lambda x: x / (1 + np.abs(x)), (X,)),
    "decay": (decay, lambda a, b: a * np.exp(-b * b), (X, X[0])),
    "muladd": (muladd, lambda a, b, c: a * b + c, (X, X[1], 0.5)),
    "rms": (rms, lambda x: np.sqrt(np.mean(x * x)), (X,)),
    "mirror": (mirror, lambda x: 2.0 * np.flip(x), (X,)),
}
SCALARS = {
    "softsign": (softsign, lambda x: x / (1 + abs(x)), (0.7,)),
    "decay": (decay, lambda a, b: a * math.exp(-b * b), (1.5, 0.7)),
    "muladd": (muladd, lambda a, b, c: a * b + c, (2.0, 3.0, -1.0)),
}
both = pytest.mark.parametrize(("made", "plain", "at"), CASES.values(), ids=CASES)
scalars = pytest.mark.parametrize(("made", "plain", "at"), SCALARS.values(), ids=SCALARS)


def loss(f):
    return lambda *args: np.sum(np.tanh(f(*args)) * 1.5)


def close(found, expected, **settings):
    for a, b in zip(trees.flatten(found)[0], trees.flatten(expected)[0], strict=True):
        np.testing.assert_allclose(a, b, **{"rtol": 1e-12, "atol": 1e-14, **settings})


def every(at):
    return tuple(range(len(at)))


@both
def test_values(made, plain, at):
    close(made(*at), plain(*at))


@both
def test_reverse(made, plain, at):
    close(cr.grad(loss(made), every(at))(*at), cr.grad(loss(plain), every(at))(*at))


@both
def test_forward(made, plain, at):
    moves = tuple(np.cos(np.asarray(x) + k) if np.ndim(x) else 0.7 for k, x in enumerate(at))
    close(cr.jvp(loss(made), at, moves), cr.jvp(loss(plain), at, moves))


@both
def test_second_order(made, plain, at):
    close(cr.hessian(loss(made), every(at))(*at), cr.hessian(loss(plain), every(at))(*at), atol=1e-12)


@both
def test_machine_code(made, plain, at):
    pytest.importorskip("llvmlite")
    for transform in (lambda f: f, lambda f: cr.grad(f, every(at)), lambda f: cr.hessian(f, every(at))):
        close(cr.jit(transform(loss(made)))(*at), transform(loss(plain))(*at), rtol=1e-10, atol=1e-12)


@both
def test_float32_stays(made, plain, at):
    small = tuple(np.float32(x) for x in at)
    assert made(*small).dtype == np.float32
    assert all(g.dtype == np.float32 for g in cr.grad(loss(made), every(at))(*small))


@both
def test_source(made, plain, at):
    written = cr.source(cr.grad(loss(made), every(at)), *at)
    assert "of_tests" not in written
    close(written.function()(*at), cr.grad(loss(plain), every(at))(*at), rtol=1e-10)


@both
def test_what_is_drawn_and_explained(made, plain, at):
    name = made.name
    assert name in cr.draw(loss(made), *at).dot
    assert (made.printed.partition("(")[0] or name) in str(cr.explain(loss(made), *at))


@scalars
def test_taylor(made, plain, at):
    found = cr.taylor(lambda t: made(t, *at[1:]), at[0], 6).coefficients
    close(found, cr.taylor(lambda t: plain(t, *at[1:]), at[0], 6).coefficients)


@scalars
def test_high_precision(made, plain, at):
    with mpmath.workdps(40):
        exact = tuple(mpmath.mpf(x) for x in at)
        for found, expected in zip(cr.grad(made, every(at))(*exact), cr.grad(plain, every(at))(*exact), strict=True):
            assert abs(found - expected) < mpmath.mpf(10) ** -35


@scalars
def test_formula(made, plain, at):
    symbols = sympy.symbols("p q r", positive=True)[: len(at)]
    for found, expected in zip(cr.grad(made, every(at))(*symbols), cr.grad(plain, every(at))(*symbols), strict=True):
        assert sympy.simplify(found - expected) == 0


@scalars
def test_check(made, plain, at):
    assert cr.check(made, cr.grad(plain, every(at)), at=at, argnums=every(at)).verdict is cr.Verdict.CORRECT
    wrong = lambda *x: tuple(1.01 * g + 0.01 for g in cr.grad(plain, every(at))(*x))
    assert cr.check(made, wrong, at=at, argnums=every(at)).verdict is cr.Verdict.WRONG


def test_exported_c(tmp_path):
    pytest.importorskip("llvmlite")
    compiled = cr.jit(cr.grad(loss(decay), (0, 1)))
    compiled(X, X[0])
    cr.export_c(compiled, tmp_path / "decay.c")
    assert "exp" in (tmp_path / "decay.c").read_text()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), None])
def test_axes_of_a_reduction(axis, keepdims):
    plain = lambda x: np.sqrt(np.mean(x * x, axis=axis, keepdims=keepdims))
    made = lambda x: rms(x, axis=axis, keepdims=keepdims)
    close(made(X), plain(X))
    close(cr.grad(loss(made))(X), cr.grad(loss(plain))(X))


def test_methods_of_every_carrier():
    v = cr.Value(X)
    v.softsign_of_tests().sum().backward()
    close(v.grad, 1 / (1 + np.abs(X)) ** 2)
    close(cr.jvp(lambda x: x.softsign_of_tests(), (2.0,), (1.0,)), (2 / 3, 1 / 9))
    close(cr.taylor(lambda x: x.softsign_of_tests(), 1.0, 2).coefficients, [0.5, 0.25, -0.125])


@pytest.mark.parametrize("x", [1, True, [1.0, -2.0], (3,), np.float32(2), np.arange(3), np.zeros((0, 2)), np.ones(1)])
def test_every_kind_of_operand(x):
    close(softsign(x), np.asarray(x, float) / (1 + np.abs(np.asarray(x, float))), rtol=1e-6)


def test_where_math_raises_ieee_answers():
    steep = cr.operator("steep_of_tests", lambda x: math.log(1 / x), lambda y, x: -1 / x, verify=False)
    assert steep(0.0) == math.inf
    assert np.isnan(steep(-1.0))


@pytest.mark.parametrize("name", sorted(ROW_OF))
def test_no_function_of_math_raises_in_the_formula_of_an_operator(name):
    f, row = getattr(LIFTED_MATH, name), TABLE[ROW_OF[name]]
    with np.errstate(all="ignore"):
        for x in (-1.0, 0.0, 2.0, 800.0, -math.inf, math.inf, math.nan):
            args = (x, -0.5)[: row.arity]
            np.testing.assert_equal(f(*map(Identity, args)).primal, row(*args))


WRONG = {
    "factor": lambda y, x: 2 / (1 + abs(x)) ** 2,
    "power": lambda y, x: 1 / (1 + abs(x)),
    "one side only": lambda y, x: 1 / (1 + x) ** 2,
    "slightly": lambda y, x: 1.00001 / (1 + abs(x)) ** 2,
    "sign": lambda y, x: -1 / (1 + abs(x)) ** 2,
}


@pytest.mark.parametrize("rule", WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_refused_and_leaves_nothing(rule):
    with pytest.raises(CustomRuleError, match="disagrees"):
        cr.operator("softsign_of_tests", softsign.formula.f, rule)
    assert pickle.loads(pickle.dumps(softsign)) is softsign


def test_wrong_weights_and_adjoints_are_refused():
    with pytest.raises(CustomRuleError, match="disagrees"):
        cr.operator("rms2", rms.formula.f, lambda y, x: x / y, kind="reduction")
    with pytest.raises(CustomRuleError, match="disagrees"):
        cr.operator("mirror2", mirror.formula.f, lambda ct, x: 2.0 * ct, kind="linear")


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("two words", abs, abs), {}, "identifier"),
        (("p",), {}, "value is missing"),
        (("p", abs), {}, "derivative is missing; write partial=lambda y, x"),
        (("p", abs), {"kind": "linear"}, "the adjoint"),
        (("p", abs, abs), {"kind": "sideways"}, "kind should be one of"),
        (("p", lambda a, b: a, lambda y, a, b: 1.0), {}, "2 operands, so expected 2 partials, got 1"),
        (("p", lambda *a: a[0], lambda y, a: 1.0), {}, "name its operands"),
        (("p", lambda x: x, lambda x: 1.0), {}, r"should take \(y, a\)"),
        (("p", lambda x: x, "1"), {}, "partial should be a function, a number or None"),
        (("tanh", lambda x: x, lambda y, x: 1.0), {}, "Chainrule has an operator of that name"),
    ],
)
def test_a_missing_part_is_named(arguments, settings, said):
    with pytest.raises(ArgumentError, match=said):
        cr.operator(*arguments, **settings)
    assert arguments[0] == "tanh" or arguments[0] not in TABLE


def test_calls_that_do_not_fit():
    for call in (lambda: softsign(1.0, 2.0), lambda: softsign(), lambda: softsign("1"), lambda: softsign(1.0, axis=0)):
        with pytest.raises(ArgumentError):
            call()
    total = cr.operator("total_of_tests", lambda x: np.sum(x), lambda y, x: np.ones(np.shape(x)), kind="reduction")
    with pytest.raises(ArgumentError, match="goes over all axes"):
        total(X, axis=0)
    with pytest.raises(ShapeError, match="kind="):
        cr.operator("row_of_tests", lambda x: np.sum(x), lambda y, x: 1.0, verify=False)(X)


def test_a_number_under_differentiation_that_is_no_operand_is_refused():
    def f(k):
        scaled = cr.operator("scaled_of_tests", lambda x: k * x, lambda y, x: k, verify=False)
        return scaled(2.0)

    with pytest.raises(ArgumentError, match="no operand"):
        cr.grad(f)(3.0)


def test_an_operator_made_again_replaces_the_first():
    first = cr.operator("again_of_tests", lambda x: 2.0 * x, 2.0)
    second = cr.operator("again_of_tests", lambda x: 3.0 * x, 3.0)
    assert (cr.grad(first)(1.0), cr.grad(second)(1.0)) == (2.0, 3.0)
    assert pickle.loads(pickle.dumps(second)) is second


def test_a_pickle_elsewhere_says_what_to_import():
    data = pickle.dumps(softsign)
    done = subprocess.run(
        [sys.executable, "-c", f"import pickle, chainrule; pickle.loads({data!r})"], capture_output=True, text=True
    )
    assert "import the module that makes it" in done.stderr


def test_any_name_may_be_added_to_value():
    cr.Value.twice_of_tests = lambda self: self * 2
    try:
        assert cr.Value(3.0).twice_of_tests().data == 6.0
    finally:
        del cr.Value.twice_of_tests


def test_operands_without_a_derivative_reach_the_functions_as_they_are():
    cubic = lambda x: chebyshev_of_tests(x, 3)
    close(cr.grad(cubic)(0.3), 12 * 0.3**2 - 3)
    close(cr.hessian(cubic)(0.3), 24 * 0.3)
    close(cr.jit(cr.grad(lambda x: np.sum(cubic(x))))(X), 12 * X**2 - 3)
    close(cr.taylor(cubic, 0.3, 3).coefficients, [4 * 0.3**3 - 0.9, 12 * 0.3**2 - 3, 12 * 0.3, 4.0])
    close(cr.source(cubic, 0.3).function()(0.5), -1.0)
    assert str(cr.derive(cubic).gradient["x"]) == "12*x**2 - 3"
    with pytest.raises(ArgumentError, match="no derivative by operand 1, as its partial is None"):
        cr.grad(chebyshev_of_tests, argnums=1)(0.3, 2.0)
    with pytest.raises(CustomRuleError, match="disagrees"):
        cr.operator("p_of_tests", lambda x, n: x**n, (lambda y, x, n: n * y, None))


@both
def test_complex_numbers(made, plain, at):
    if made is softsign:
        plain = lambda z: z / (1 + np.abs(z))
    z = [x + 0.25j for x in at]
    close(made(*z), plain(*z))
    parts = lambda *a: np.sum(np.abs(made(*[x + 0.25j for x in a])) ** 2)
    close(
        cr.grad(parts, every(at))(*at),
        cr.grad(lambda *a: np.sum(np.abs(plain(*[x + 0.25j for x in a])) ** 2), every(at))(*at),
    )


@both
def test_arrays_of_other_libraries(made, plain, at):
    torch = pytest.importorskip("torch")
    theirs = [torch.tensor(x) if isinstance(x, np.ndarray) else x for x in at]
    found = cr.grad(lambda *a: cr.sum(cr.tanh(made(*a)) * 1.5), every(at))(*theirs)
    assert all(isinstance(f, torch.Tensor) for f, x in zip(found, at, strict=True) if isinstance(x, np.ndarray))
    close([np.asarray(x) for x in found], [np.asarray(x) for x in cr.grad(loss(plain), every(at))(*at)])


whole_norm = cr.operator(  # neither its value nor its weights know an axis
    "whole_norm_of_tests",
    lambda x: np.sqrt(np.sum(x * x)),
    lambda y, x: x / np.sqrt(np.sum(x * x)),
    kind="reduction",
)


def test_a_reduction_of_all_elements_is_asked_for_each_example():
    plain = lambda x: np.sqrt(np.sum(x * x))
    row = X[0]
    close(cr.jacobian(lambda x: whole_norm(x) * x)(row), cr.jacobian(lambda x: plain(x) * x)(row))
    close(cr.hessian(lambda x: whole_norm(x) ** 3)(row), cr.hessian(lambda x: plain(x) ** 3)(row))
    for run in (lambda f: f, cr.jit):
        close(run(cr.vmap(whole_norm))(X), np.sqrt(np.sum(X * X, 1)))
        close(
            run(cr.vmap(cr.grad(lambda x: whole_norm(x) ** 3)))(X),
            np.stack([cr.grad(lambda x: plain(x) ** 3)(x) for x in X]),
        )


def test_weights_that_do_not_keep_to_their_axis_are_refused():
    value = lambda x, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    with pytest.raises(CustomRuleError, match="p_of_tests along axis 0: the rule disagrees"):
        cr.operator("p_of_tests", value, lambda y, x: x / np.sqrt(np.sum(x * x)), kind="reduction")


def test_where_math_raises_jit_answers_as_the_operator_does():
    logistic = cr.operator("logistic_of_tests", lambda x: 1 / (1 + math.exp(-x)), lambda y, x: y * (1 - y))
    assert logistic(-800.0) == cr.jit(logistic)(-800.0) == cr.jit(cr.grad(logistic))(-800.0) == 0.0


@pytest.mark.parametrize(
    ("value", "adjoints"),
    [
        (lambda x: 2 * x + 1, lambda ct, x: 2 * ct),
        (lambda x: x * x, lambda ct, x: 2 * x * ct),
        (lambda x, y: x * y, (lambda ct, x, y: ct * y, lambda ct, x, y: ct * x)),
    ],
    ids=["affine", "square", "bilinear"],
)
def test_what_is_not_linear_is_no_linear_operator(value, adjoints):
    with pytest.raises(CustomRuleError, match="has to be linear in all operands together"):
        cr.operator("p_of_tests", value, adjoints, kind="linear")


def test_weights_and_adjoints_take_the_shape_of_the_operand():
    mean = cr.operator("mean_of_tests", lambda x: np.mean(x), lambda y, x: 1 / np.size(x), kind="reduction")
    total = cr.operator("total_of_tests", lambda x: np.sum(x), lambda ct, x: ct, kind="linear")
    for made, plain in ((mean, np.mean), (total, np.sum)):
        f, g = (lambda x, h=h: h(x) ** 2 + h(x) for h in (made, plain))
        close(cr.grad(f)(X), cr.grad(g)(X))
        close(cr.hessian(f)(X), cr.hessian(g)(X))
        close(cr.jit(cr.grad(f))(X), cr.grad(g)(X))
        close(cr.vmap(cr.grad(f))(X), cr.vmap(cr.grad(g))(X))
    with pytest.raises(
        ShapeError, match=r"adjoint 0 of p_of_tests: expected the shape \(\) of the operand, got \(1,\)"
    ):
        cr.operator("p_of_tests", lambda x: np.sum(x), lambda ct, x: ct * np.ones((1, *np.shape(x))), kind="linear")


def test_operands_are_given_by_place_and_misspelt_settings_are_answered():
    f = cr.operator("by_place", value=lambda x: x * x, partial=lambda y, x: 2 * x)
    assert str(inspect.signature(f)) == "(x, /)"
    with pytest.raises(ArgumentError, match=r"expects 1 operand, by place; write by_place\(x\), got 0 and x="):
        f(x=2.0)
    with pytest.raises(ArgumentError, match="no setting derivative=; did you mean partial="):
        cr.operator("by_place", value=lambda x: x * x, derivative=lambda y, x: 2 * x)
