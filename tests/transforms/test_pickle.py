"""What transforms, jit and check return goes through pickle, copy and processes, as their functions do."""

import copy
import functools
import inspect
import math
import pickle
import subprocess
import sys
import weakref

import cloudpickle
import numpy as np
import pytest

import chainrule as cr


def loss(w, scale=1.0):
    """A loss."""
    return np.sum(np.tanh(w) ** 2) * scale


def pair(w):
    return loss(w), "aux"


def vector(w):
    return np.stack([w[0] * w[1], math.sin(w[0])])


@cr.grad
def decorated(w):
    return np.sum(w**3)


class Model:
    @cr.grad
    def static(w):
        return np.sum(w**4)

    def loss(self, w):
        return np.sum(w**5)

    slope = cr.grad(loss, argnums=1)


class Scaled:
    def __init__(self, k):
        self.k = k

    def __call__(self, w):
        return self.k * np.sum(w**2)


MADE = {
    "grad": cr.grad(loss),
    "grad of several": cr.grad(loss, argnums=(0, 1)),
    "grad with aux": cr.grad(pair, has_aux=True),
    "grad that verifies": cr.grad(loss, verify=True),
    "grad of a partial": cr.grad(functools.partial(loss, scale=3.0)),
    "grad of an object": cr.grad(Scaled(3.0)),
    "grad of a method": cr.grad(Scaled(3.0).__call__),
    "value_and_grad": cr.value_and_grad(loss),
    "value_and_grad with aux": cr.value_and_grad(pair, has_aux=True),
    "jacobian": cr.jacobian(vector),
    "jacfwd": cr.jacfwd(vector),
    "jacrev": cr.jacrev(vector),
    "jacobian of a gradient": cr.jacobian(cr.grad(loss)),
    "hessian": cr.hessian(loss),
    "hessian with aux": cr.hessian(pair, has_aux=True),
    "decorated": decorated,
    "static": Model.static,
    "jit": cr.jit(loss),
    "jit of grad": cr.jit(cr.grad(loss)),
    "jit of jacobian": cr.jit(cr.jacobian(vector)),
}
POINT = np.array([0.3, -0.4])


def leaves(x):
    return [leaf for part in x for leaf in leaves(part)] if isinstance(x, tuple) else [x]


def same(a, b):
    assert all(np.array_equal(x, y) for x, y in zip(leaves(a), leaves(b), strict=True))


def arguments(name):
    return (POINT, 2.0) if "several" in name else (POINT,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", MADE)
def test_pickled(name, protocol):
    made = MADE[name]
    again = pickle.loads(pickle.dumps(made, protocol))
    assert type(again) is type(made)
    same(again(*arguments(name)), made(*arguments(name)))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(cloudpickle.dumps(x))])
@pytest.mark.parametrize("name", MADE)
def test_copied(name, copied):
    same(copied(MADE[name])(*arguments(name)), MADE[name](*arguments(name)))


@pytest.mark.parametrize(
    "transform", [cr.grad, cr.value_and_grad, cr.jacobian, cr.jacfwd, cr.jacrev, cr.hessian, cr.jit]
)
def test_of_a_lambda(transform):
    k = 3.0
    made = transform(lambda w: k * np.sum(w**2))
    same(pickle.loads(cloudpickle.dumps(made))(POINT), made(POINT))
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(made)


def test_by_name_where_the_name_stands_for_it():
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert pickle.loads(pickle.dumps(Model.static)) is Model.static


@pytest.mark.parametrize("name", [n for n in MADE if "partial" not in n and "object" not in n and "jit" not in n])
def test_it_looks_like_its_function(name):
    made, f = MADE[name], MADE[name].__wrapped__
    assert (made.__name__, made.__doc__, made.__module__) == (f.__name__, f.__doc__, f.__module__)
    assert inspect.signature(made) == inspect.signature(f)
    assert weakref.ref(made)() is made
    assert hash(made) == hash(made)
    assert made != cr.grad(f)


def test_its_repr():
    assert repr(cr.grad(loss)) == "<grad of loss>"
    assert repr(cr.hessian(loss)) == "<hessian of loss>"
    assert repr(cr.grad(cr.grad(loss))) == "<grad of grad of loss>"
    assert repr(Model.slope) == "<grad of Model.loss>"


def test_in_a_class_it_is_a_method():
    assert np.array_equal(Model().slope(POINT), 5 * POINT**4)
    assert np.array_equal(Model.slope(Model(), POINT), 5 * POINT**4)


def test_a_derivative_among_the_globals_does_not_make_lifting_uncertain():
    """Else each call of `outer` would lift it again."""
    from chainrule.carriers.lift import Lifted

    kept = Lifted(lambda w: np.sum(MADE["grad"](w) * w) + np.sum(decorated(w)) * math.sin(1.0))
    assert kept.lifted() is kept.lifted()


REPORTS = {
    "right": lambda: cr.check(lambda w: np.sum(w**2), lambda w: 2 * w, at=POINT),
    "drawn": lambda: cr.check(math.sin, lambda x: math.cos(x)),
    "wrong": lambda: cr.check(lambda w: np.sum(w**2), lambda w: w, at=POINT),
    "form": lambda: cr.check(lambda w: np.sum(w**2), lambda w: np.ones(5), at=POINT),
    "undecided": lambda: cr.check(abs, lambda x: 0.3, at=0.0),
    "dict": lambda: cr.check(lambda p: np.sum(p["a"] ** 2), lambda p: {"a": p["a"]}, at={"a": POINT}),
    "jacobian": lambda: cr.check(vector, cr.jacobian(vector), at=POINT, kind="jacobian"),
    "hessian": lambda: cr.check(loss, cr.hessian(loss), at=POINT, kind="hessian", argnums=0),
    "large": lambda: cr.check(lambda w: np.sum(w**2), lambda w: 3 * w, at=np.ones(2000)),
    "held function": lambda: cr.check(
        lambda w, g: np.sum(g(w)), lambda w, g: 3 * w, at=(POINT, lambda w: w * w), argnums=0
    ),
    "backward": lambda: cr.check_backward(lambda x: (x * x, x), lambda dout, x: 2 * x * dout, at=(POINT,)),
    "comparison": lambda: cr.compare(lambda w: np.sum(w**2), at=POINT),
    "estimate": lambda: cr.numeric.derivative(math.sin, 1.0),
    "estimated gradient": lambda: cr.numeric.gradient(lambda w: np.sum(w**2), POINT),
    "taylor": lambda: cr.taylor(np.sin, 0.0, 3),
    "picture": lambda: cr.draw(lambda a, b: a * b, 2.0, 3.0),
    "page": lambda: cr.explore(lambda a, b: a * b, 2.0, 3.0),
    "source": lambda: cr.source(lambda a, b: a * b, 2.0, 3.0),
}


@pytest.mark.parametrize("name", REPORTS)
def test_what_was_found_is_pickled(name):
    """Also where the functions it was asked about cannot be."""
    found = REPORTS[name]()
    again = pickle.loads(pickle.dumps(found))
    assert str(again) == str(found)
    assert repr(again) == repr(found)
    if hasattr(found, "_repr_html_"):
        assert again._repr_html_() == found._repr_html_()
    if hasattr(found, "to_json"):
        assert again.to_json() == found.to_json()


PROGRAM = """
import multiprocessing as mp
import numpy as np
import chainrule as cr

def loss(w):
    return np.sum(np.tanh(w) ** 2)

slope, fast, second = cr.grad(loss), cr.jit(cr.grad(loss)), cr.hessian(loss)

if __name__ == "__main__":
    points = [np.array([0.1, 0.2]), np.array([0.3, -0.4])]
    with mp.get_context("spawn").Pool(1) as pool:
        for made in (slope, fast, second):
            for got, w in zip(pool.map(made, points), points):
                assert np.array_equal(got, made(w)), made
        report = pool.apply(cr.check, (loss, slope), {"at": points[0]})
    print(report.headline)
"""


def test_in_processes_that_are_spawned(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CORRECT")
