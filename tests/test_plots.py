"""Every plot draws what it says, into the Axes it is given, without a window."""

import math

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from matplotlib import pyplot

import chainrule as cr
from chainrule import plots
from chainrule.errors import ArgumentError


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def bowl(x, y):
    return x**2 + 3 * y**2


def labels(ax):
    return [t.get_text() for t in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plots.tangent(math.sin, 1.0, ax=ax),
        lambda ax: plots.gradient_field(bowl, ax=ax),
        lambda ax: plots.losses([3.0, 2.0, 1.0], ax=ax),
        lambda ax: plots.taylor(math.cos, 0.5, (2, 4), ax=ax),
        lambda ax: plots.step_size(math.exp, 1.0, ax=ax),
    ],
)
def test_axes_in_axes_out(draw):
    _, ax = pyplot.subplots()
    assert draw(ax) is ax
    ax.figure.canvas.draw()
    assert draw(None) is not ax


def test_one_degree_and_a_history_are_taken_as_they_are():
    assert [line.get_label() for line in plots.taylor(math.sin, 0.0, 3).get_lines()[:2]] == ["sin", "degree 3"]
    history = cr.fit(lambda w: (w - 3.0) ** 2, 0.0, epochs=3).history
    assert plots.losses(history).get_lines()[0].get_ydata().tolist() == history.loss.tolist()


def test_the_tangent_touches():
    curve, line, point = plots.tangent(math.sin, 1.0).get_lines()
    slope = np.diff(line.get_ydata()) / np.diff(line.get_xdata())
    np.testing.assert_allclose(slope, math.cos(1.0), rtol=1e-9)
    assert point.get_xydata().tolist() == [[1.0, math.sin(1.0)]]
    np.testing.assert_allclose(curve.get_ydata(), np.sin(curve.get_xdata()))


def test_a_tangent_at_the_edge_of_a_domain():
    ax = plots.tangent(math.log, 0.5)
    assert np.isnan(ax.get_lines()[0].get_ydata()[0])
    ax.figure.canvas.draw()


def test_descent_goes_down_and_stops_where_it_diverges():
    path = plots.descent(bowl, (2.0, 1.0), rate=0.1, steps=60)
    assert path.shape == (61, 2)
    assert np.all(np.diff([bowl(*p) for p in path]) <= 0)
    assert np.linalg.norm(path[-1]) < 1e-4
    assert len(plots.descent(lambda x: np.sum(x**4), (9.0, 9.0), rate=1.0)) < 20


def test_fields_of_one_array_and_their_path():
    f = lambda p: np.sum(p**2)
    ax = plots.gradient_field(f, (-1, 1), (-1, 1), path=plots.descent(f, (0.9, 0.9), 0.1, 5))
    assert labels(ax) == ["5 steps"]
    with pytest.raises(ArgumentError, match="two numbers or of one array, this one takes 3"):
        plots.gradient_field(lambda x, y, z: x)


def test_losses_of_several_trainings():
    steps = np.arange(200)
    ax = plots.losses({"train": np.exp(-steps / 20), "test": np.exp(-steps / 40)}, smooth=5)
    assert ax.get_yscale() == "log"
    assert labels(ax) == ["train", "test"]
    ax = plots.losses([1.0, 2.0, math.nan, 3.0])
    assert ax.get_yscale() == "linear"
    assert "not finite from step 2" in labels(ax)


def test_taylor_polynomials_come_closer_with_the_degree():
    ax = plots.taylor(math.sin, 0.0, (1, 3, 5, 7))
    truth, *polynomials = ax.get_lines()[:5]
    near = np.abs(truth.get_xdata()) < 1
    errors = [np.max(np.abs(p.get_ydata() - truth.get_ydata())[near]) for p in polynomials]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-5


def test_the_v_of_differences():
    lines = {line.get_label(): line.get_xydata() for line in plots.step_size(math.exp, 1.0).get_lines()}
    assert {"forward", "central", "complex step"} <= set(lines)
    for name, best_step, best_error in (("forward", 1e-8, 1e-7), ("central", 1e-5, 1e-9)):
        points = lines[name][np.isfinite(lines[name][:, 1])]
        step, error = points[np.argmin(points[:, 1])]
        assert best_step / 300 < step < best_step * 300
        assert error < best_error
    small = lines["complex step"][lines["complex step"][:, 0] < 1e-9]
    assert np.max(small[:, 1]) < 1e-15


def test_no_complex_step_where_it_would_be_wrong():
    assert "complex step" not in labels(plots.step_size(lambda x: math.sin(x) * abs(x), 1.0))
