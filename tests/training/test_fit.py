"""`fit`: its steps are those of a loop, killed anywhere it goes on to the same bits, and it says what is wrong."""

import io
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import nn, optim
from chainrule.errors import ArgumentError, ShapeError, TrainingError, UnsupportedFunction
from chainrule.training import tensors
from chainrule.training.progress import Progress

RANDOM = np.random.default_rng(6)
X = RANDOM.normal(size=(23, 2))
Y = np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0)


def model():
    return nn.MLP(2, [5, 1], np.random.default_rng(3), activation=np.tanh)


def loss(m, x, y):
    return nn.hinge(m(x)[:, 0], y)


def bits(done):
    held = (done.params, done.best, done.state, *vars(done.history).values())
    return [np.asarray(x).tobytes() for x in cr.trees.flatten(held)[0]]


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("batch", [None, 5])
def test_the_losses_are_those_of_a_loop_in_pytorch(batch, jit):
    if jit:
        pytest.importorskip("llvmlite")
    opt = optim.Adam(optim.Cosine(0.05, 50))
    epochs = 50 if batch is None else 10
    done = cr.fit(loss, model(), (X, Y), opt, epochs=epochs, batch=batch, seed=4, clip=0.5, jit=jit)
    leaves = [torch.tensor(p, requires_grad=True) for p in model().parameters()]
    theirs = torch.optim.Adam(leaves, lr=0.05)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 50)
    expected = []
    for epoch in range(epochs):
        order = np.random.default_rng([4, epoch]).permutation(23)
        for k in range(0, 23, batch or 23):
            chosen = order[k : k + batch] if batch else slice(None)
            x, y = torch.tensor(X[chosen]), torch.tensor(Y[chosen])
            scores = torch.tanh(x @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3]
            value = torch.relu(1 - y * scores[:, 0]).mean()
            theirs.zero_grad()
            value.backward()
            norm = torch.linalg.vector_norm(torch.cat([p.grad.ravel() for p in leaves]))
            for p in leaves:
                p.grad *= 0.5 / max(float(norm), 0.5)
            theirs.step()
            rates.step()
            expected.append(value.item())
    assert len(expected) == 50
    np.testing.assert_allclose(done.history.loss, expected, rtol=1e-8)
    assert done.history.loss[-1] < done.history.loss[0]
    assert len(done.history.epochs) == epochs


KILLED = """
import os, random, signal, sys
import numpy as np
import chainrule as cr
from chainrule import nn, optim
from chainrule.training import checkpoint, tensors

folder = sys.argv[1]
x = np.random.default_rng(0).normal(size=(23, 2))
y = np.where(x[:, 0] > 0, 1.0, -1.0)


def train(path, points=(None, 0)):
    where, left = points
    left = [left]

    def passed(place):
        if place == where:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def loss(m, x, y, rng=None):
        passed("step")
        return nn.hinge(nn.dropout(m["net"](x), 0.2, rng)[:, 0], y)

    writes, sync, replace = (np.savez, tensors.write), os.fsync, os.replace

    def half_written(write):
        def written(file, *arrays, **named):
            write(file, *arrays, **named)
            if where == "write" and not left[0]:
                file.truncate(300)
                file.flush()
            passed("write")

        return written

    np.savez, tensors.write = map(half_written, writes)
    os.fsync = lambda file: (passed("sync"), sync(file))
    os.replace = lambda a, b: (passed("before"), replace(a, b), passed("after"))
    try:
        start = nn.MLP(2, [4, 1], np.random.default_rng(1), activation=np.tanh)
        return cr.fit(
            loss, {"net": start, "unused": 0.5}, (x, y), optim.Adam(optim.Warmup(0.1, 5)), epochs=4, batch=5, seed=2,
            validation=(x[:7], y[:7]), patience=3, checkpoint=path, every=2,
        )
    finally:
        (np.savez, tensors.write), os.fsync, os.replace = writes, sync, replace


def bits(done):
    held = (done.params, done.best, done.state, *vars(done.history).values())
    return [np.asarray(v).tobytes() for v in cr.trees.flatten(held)[0]]


whole = bits(train(os.path.join(folder, "whole.npz")))
choose = random.Random(int(sys.argv[2]))
killed = 0
for case in range(6):
    path = os.path.join(folder, f"{case}.{'npz' if case % 2 else 'safetensors'}")
    for _ in range(3):
        where = choose.choice(["step", "write", "sync", "before", "after"])
        child = os.fork()
        if not child:
            train(path, (where, choose.randrange(12)))
            os._exit(0)
        choose.random()
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert bits(train(path)) == whole, (case, where)
    assert bits(train(path)) == whole  # and once more, when there is nothing left to do
print(killed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="one child for all kills: it forks")
def test_killed_anywhere_it_goes_on_to_the_same_bits(tmp_path):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    run = [sys.executable, "-c", KILLED, str(tmp_path), "1"]
    out = subprocess.run(run, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert out.returncode == 0, out.stderr
    assert int(out.stdout) > 6


def test_compiled_it_goes_on_to_the_same_bits(tmp_path):
    pytest.importorskip("llvmlite")
    settings = {"opt": optim.Lion(0.01), "batch": 6, "jit": True, "seed": 1}
    whole = cr.fit(loss, model(), (X, Y), epochs=4, **settings)
    path = tmp_path / "c.safetensors"
    cr.fit(loss, model(), (X, Y), epochs=2, checkpoint=path, **settings)
    resumed = cr.fit(loss, model(), (X, Y), epochs=4, checkpoint=path, **settings)
    assert bits(resumed) == bits(whole)
    assert not list(tmp_path.glob("*.part"))


KEPT = {
    **{str(kind): np.arange(3).astype(kind) for kind in ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "?", ">f8")},
    "number": np.array(0.1), "empty": np.zeros((0, 2)), "by columns": np.asfortranarray([[1.0, 2.0], [3.0, np.nan]]),
}  # fmt: skip


def test_what_is_in_a_file_of_tensors(tmp_path):
    path = tmp_path / "kept.safetensors"
    with open(path, "wb") as file:
        tensors.write(file, KEPT, {"about": "all of it"})
    arrays, texts = tensors.read(path.read_bytes())
    assert texts == {"about": "all of it"}
    assert list(arrays) == list(KEPT)
    for name, x in KEPT.items():
        assert arrays[name].dtype == x.dtype.newbyteorder("=")
        np.testing.assert_array_equal(arrays[name], x)
    with pytest.raises(ArgumentError, match=r"no numbers of type complex128, which z has"):
        tensors.write(io.BytesIO(), {"z": np.zeros(2, complex)}, {})
    library = pytest.importorskip("safetensors.numpy")
    theirs = library.load_file(path)
    for name, x in KEPT.items():
        np.testing.assert_array_equal(theirs[name], x)
    assert list(tensors.read(library.save({"w": np.ones(2)}))[0]) == ["w"]


@pytest.mark.parametrize("written", [b"", b"12345678", b"\xff" * 40, b"PK" * 30, b"\x02" + b"\x00" * 7 + b"[]"])
def test_another_file_is_no_checkpoint(tmp_path, written):
    for name in ("c.safetensors", "c.npz"):
        path = tmp_path / name
        path.write_bytes(written)
        with pytest.raises(ArgumentError, match="is no checkpoint of fit"):
            cr.fit(loss, model(), (X, Y), epochs=1, checkpoint=path)


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    same = {"opt": optim.SGD(0.1), "batch": 6, "checkpoint": path, "epochs": 1}
    cr.fit(loss, model(), (X, Y), **same)
    others = {
        "seed": {**same, "seed": 1},
        "optimiser": {**same, "opt": optim.SGD(0.2)},
        "batch": {**same, "batch": 7},
        "clip": {**same, "clip": 1.0},
    }
    for name, settings in others.items():
        with pytest.raises(ArgumentError, match=f"training with {name}"):
            cr.fit(loss, model(), (X, Y), **settings)
    with pytest.raises(ArgumentError, match="training with data"):
        cr.fit(loss, model(), (X + 1, Y), **same)
    with pytest.raises(ArgumentError, match="training with structure"):
        cr.fit(loss, nn.MLP(2, [3, 3, 1], np.random.default_rng(0)), (X, Y), **same)
    np.savez(path, x=X)
    with pytest.raises(ArgumentError, match="no checkpoint"):
        cr.fit(loss, model(), (X, Y), **same)


def test_it_stops_where_validation_does_not_fall_and_keeps_the_best():
    target = np.array([1.0, 2.0, 3.0])
    done = cr.fit(nn.mse, np.zeros(3), (target,), optim.SGD(0.3), epochs=50, validation=(0.5 * target,), patience=4)
    lowest = int(np.argmin(done.history.validation))
    assert done.stopped == "patience"
    assert done.epochs == len(done.history.validation) == lowest + 1 + 4 < 50
    assert nn.mse(done.best, 0.5 * target) == done.history.validation[lowest]
    assert nn.mse(done.params, 0.5 * target) == done.history.validation[-1]


NOT_FINITE = {
    "a logarithm": (lambda p, x: np.mean(np.log(p - x)), 0.5, "log", "loss is nan at step 0"),
    "a gradient": (lambda p, x: np.sum(np.sqrt(p * x)), 0.0, "sqrt", "gradient has the norm"),
    "later": (lambda p, x: np.mean(1e3 ** (p * p * x)) * 0 + np.log(p), 0.001, "log|\\*\\*|power", "at step"),
}


@pytest.mark.parametrize("what", NOT_FINITE)
@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_not_finite_stops_and_names_the_operation(what, jit):
    if jit:
        pytest.importorskip("llvmlite")
    f, start, operation, says = NOT_FINITE[what]
    with pytest.raises(TrainingError, match=says) as caught:
        cr.fit(f, start, (np.arange(1.0, 4.0),), optim.SGD(10.0), epochs=9, jit=jit)
    assert any(name in str(caught.value) for name in operation.replace("\\", "").split("|")), caught.value


def test_data_that_are_not_finite_are_named():
    x = X.copy()
    x[3, 1] = np.nan
    with pytest.raises(TrainingError, match="array 0 of the batch"):
        cr.fit(loss, model(), (x, Y), epochs=1)


WRONG = {
    "lengths": ({"data": (X, Y[:5])}, ShapeError, r"\(23, 2\), \(5,\)"),
    "a number": ({"data": 3.0}, ShapeError, "one row for each sample"),
    "no samples": ({"data": (X[:0], Y[:0])}, ShapeError, "one row for each sample"),
    "batch of none": ({"batch": 0}, ArgumentError, "from 1 on"),
    "seed": ({"seed": -1}, ArgumentError, "from 0 on"),
    "epochs": ({"epochs": 2.5}, ArgumentError, "epochs expects"),
    "patience alone": ({"patience": 2}, ArgumentError, "validation"),
    "rate for optimiser": ({"opt": 0.1}, ArgumentError, r"optim.Adam\(1e-3\)"),
    "clip": ({"clip": -1.0}, ArgumentError, "above 0"),
    "clip, True": ({"clip": True}, ArgumentError, "above 0"),
    "clip, text": ({"clip": "1"}, ArgumentError, "above 0"),
    "jit": ({"jit": "jax"}, ArgumentError, "True or False"),
    "progress": ({"progress": "no"}, ArgumentError, "True or False"),
    "every alone": ({"every": 3}, ArgumentError, "checkpoint="),
    "masked data": ({"data": (np.ma.array(X), Y)}, UnsupportedFunction, "rules of its own"),
    "validation": ({"validation": (X * np.nan, Y)}, TrainingError, "validation data is nan"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_mistakes_are_refused(wrong):
    settings, kind, says = WRONG[wrong]
    with pytest.raises(kind, match=says):
        cr.fit(loss, model(), **{"data": (X, Y), **settings})


def test_a_list_of_arrays_is_a_tuple_of_them():
    a, b = (cr.fit(loss, model(), data, epochs=2, batch=9) for data in ((X, Y), [X, Y]))
    assert bits(a) == bits(b)


def test_a_loss_of_parameters_alone_needs_no_data():
    done = cr.fit(lambda p: (p - 3.0) ** 2, 0.0, opt=optim.SGD(0.25), epochs=30)
    assert done.params == pytest.approx(3.0)
    assert isinstance(done.params, float)
    assert done.best is done.params


def test_results_are_pickled_and_drawn():
    done = cr.fit(loss, model(), (X, Y), epochs=3, batch=8, validation=(X, Y))
    assert bits(pickle.loads(pickle.dumps(done))) == bits(done)
    assert repr(done).startswith("<Fit of 3 epochs, 9 steps: <History of 9 steps: loss ")
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = done.history.plot()
    assert ax.get_xlabel() == "epoch"
    assert [len(line.get_ydata()) for line in ax.get_lines()][:2] == [3, 3]
    from matplotlib import pyplot

    pyplot.close("all")


def test_the_bar_is_for_terminals(capsys):
    cr.fit(loss, model(), (X, Y), epochs=1)
    assert capsys.readouterr() == ("", "")
    cr.fit(loss, model(), (X, Y), optim.SGD(0.125), epochs=2, progress=True)
    shown = capsys.readouterr().err
    assert shown.endswith("left\n")
    assert "epoch 2/2 [####################] loss 0." in shown
    assert "rate 0.125" in shown
    out = io.StringIO()
    bar = Progress(10, 4, None, out)
    bar.step(10, 1.0, 1.0, "1/1")
    bar.end()
    assert out.getvalue() == ""
