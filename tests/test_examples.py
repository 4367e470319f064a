"""The exercises give the figures they promise and are all correct; each mistake is found to be one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.check import check
from chainrule.check.reports.run import run

EXAMPLES = Path(__file__).parent.parent / "examples"
EXERCISES = sorted(path.stem for path in (EXAMPLES / "exercises").glob("*.py"))


def exercise(name):
    """An exercise as a module."""
    spec = importlib.util.spec_from_file_location(f"exercise_{name}", EXAMPLES / "exercises" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What main() prints holds these figures, in this order.
PRINTED = {
    "three_variables": ["6.336362190988558", "-12.353553390593", "10.256990271112", "0.0625", "at most"],
    "softmax_loss": [
        "2.17551536261671",
        "0.04177257051535",
        "0.83902450746253",
        "0.00565330266221",
        "-0.88645038064009",
    ],
    "book": [
        "12.0",
        "0.19661193324148",
        "1.357008100494",
        "T_0(0.5) = 1.0",
        "T_5(0.5) = 1.35703125",
        "0.29192658",
    ],
    "walk": ["-8.0", "6.0", "-4.0", "-2.0", "4.0", "-7.286496"],
    "neurons": ["-2.0", "0.1049935854035", "(34.0, 114.0)", "(3.0, 1.0)", "(0.0, 0.0)", "0.01233254645680"],
    "chains": ["-0.00075452785824", "326.0", "df/dx", "df/dy", "df/dz"],
    "expression_graph": ["8.298353525756331", "20.9187277871505"],
}


@pytest.mark.parametrize("name", EXERCISES)
def test_main_prints_its_figures(name, capsys):
    exercise(name).main()
    out = capsys.readouterr().out
    position = 0
    for figure in PRINTED[name]:
        position = out.find(figure, position)
        assert position >= 0, f"{figure} not found, or not in its place, in:\n{out}"


def test_three_variables_by_differences():
    lesson = exercise("three_variables")
    gradient = [-12.353553390593273, 10.25699027111255, 0.0625]
    assert lesson.grad_f(2, 3, 4) == pytest.approx(gradient, rel=1e-15)
    one_sided, symmetric = (lesson.differences(rule) for rule in (cr.numeric.forward, cr.numeric.central))
    for estimate in (one_sided, symmetric):
        assert all(abs(e.value - true) <= e.error for e, true in zip(estimate, gradient, strict=True))
    assert all(fine.error < coarse.error < 1e-3 for fine, coarse in zip(symmetric, one_sided, strict=True))


def test_softmax_loss():
    loss, gradient = exercise("softmax_loss").record()
    expected = [0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986]
    assert loss == pytest.approx(2.1755153626167147, rel=1e-15)
    assert gradient == pytest.approx(expected, rel=1e-14)


def test_taylor_polynomials_of_the_book():
    polynomials = exercise("book").taylor_polynomials()
    full = [1, 1, -1 / 2, -1 / 6, 1 / 24, 1 / 120]
    assert len(polynomials) == 6
    for degree, polynomial in enumerate(polynomials):
        assert polynomial == pytest.approx(full[: degree + 1], rel=1e-14)


def test_jacobians_of_the_book_have_their_shapes():
    book = exercise("book")
    x, y = book.X, book.Y
    assert book.grad_f1(x[:2]).shape == (2,)
    assert [part.shape for part in book.grad_f2(x, y)] == [(3,), (3,)]
    assert book.grad_f2_stacked(np.concatenate([x, y])).shape == (6,)
    assert book.jac_f3(x).shape == (3, 3, 3)
    assert book.jac_f3_flat(x).shape == (9, 3)


def test_walk_moves_all_four_leaves():
    walk = exercise("walk")
    L, leaves = walk.record()
    assert repr(L) == "Value(data=-8.0, grad=1.0, label='L')"
    assert [leaf.grad for leaf in leaves] == [6.0, -4.0, -2.0, 4.0]
    assert walk.step_uphill(leaves) == pytest.approx(-7.286496, rel=1e-14)
    assert [leaf.data for leaf in leaves] == pytest.approx([2.06, -3.04, 9.98, -1.96], rel=1e-15)


def test_expression_graph_runs_forward_and_backward():
    x, y = exercise("expression_graph").graph()
    assert y.forward(0) == pytest.approx(8.298353525756331, rel=1e-15)
    y.backward()
    assert x.grad == pytest.approx(3 * (np.e**2 + np.cos(2)), rel=1e-14)


# Claims.


@pytest.fixture(scope="module")
def exercises():
    return run([EXAMPLES / "exercises"], check)


@pytest.fixture(scope="module")
def mistakes():
    return run([EXAMPLES / "mistakes"], check)


CORRECT = """
    cube_grad grad_f_5_1 grad_f_5_2 grad_f_5_3 grad_f1 grad_f2 grad_f2_stacked jac_f3 jac_f3_flat
    bell_diff quartic_diff grad_f df fdiff fdiff
    fp sigmoid_grad grad_z grad_relu_neuron grad_sigmoid_neuron
    grad_loss grad_f grad_loss
    """.split()  # noqa: SIM905 -- names read best as text

WRONG = """
    cosine_grad grad_gauss grad_log_wave cubic_prime ripple_prime swing_prime decibels_prime height_prime
    squash_prime half_cube_prime bowl_prime decay_prime
    jac_turned grad_volume grad_mean_square grad_cross_entropy grad_reuse energy_grad work_grad grad_neuron
    grad_pendulum root_prime cube_root_prime pressure_prime grad_g
    """.split()  # noqa: SIM905


def test_every_exercise_is_correct(exercises):
    assert exercises.problems == ()
    assert sorted(outcome.claim.name for outcome in exercises.outcomes) == sorted(CORRECT)
    assert {outcome.place: outcome.detail for outcome in exercises.outcomes if outcome.verdict != "CORRECT"} == {}
    assert exercises.exit_code == 0


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_found(mistakes, name):
    (outcome,) = (outcome for outcome in mistakes.outcomes if outcome.claim.name == name)
    assert outcome.verdict == "WRONG", str(outcome.report)


def test_the_mistakes_as_a_whole(mistakes):
    assert [outcome.claim.name for outcome in mistakes.outcomes if outcome.verdict == "CORRECT"] == ["gradf"]
    assert len(mistakes.outcomes) == len(WRONG) + 1
    (problem,) = mistakes.problems
    assert (problem.where, problem.message) == ("cell 5, line 1", "NameError: name 'slopes' is not defined")
    assert mistakes.exit_code == 1
