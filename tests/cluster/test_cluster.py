"""Losses and tasks on many processes: with the parts and sums of one process, and with real workers where Dask is
installed, one of which is killed."""

import itertools
import os
import signal
import sys
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule import cluster, trees
from chainrule.cluster import gradient, sources

X = np.linspace(-1.0, 1.0, 103)
Y = 3.0 * X + 1.0
PARAMS = {"w": 0.5, "b": np.array([0.1, -0.2])}


def squares(p, x, y):
    return np.sum((p["w"] * x + p["b"][0] - y) ** 2) + np.sum(np.tanh(p["b"][1] * x))


def agree(found, expected):
    for a, b in zip(trees.flatten(found)[0], trees.flatten(expected)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def same_bits(found, expected):
    for a, b in zip(trees.flatten(found)[0], trees.flatten(expected)[0], strict=True):
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


# -- in this process ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 7, 103, 1000, None])
def test_parts_add_up_to_the_whole(rows, tmp_path):
    here = cluster.value_and_grad(squares, client="here", rows=rows, jit=False)
    agree(here(PARAMS, X, Y), cr.value_and_grad(squares)(PARAMS, X, Y))
    same_bits(here(PARAMS, (X, Y)), here(PARAMS, X, Y))
    for k, (a, b) in enumerate(itertools.pairwise([0, 50, 60, 103])):
        np.save(tmp_path / f"x{k}.npy", X[a:b])
    np.save(tmp_path / "y.npy", Y)
    same_bits(here(PARAMS, str(tmp_path / "x*.npy"), tmp_path / "y.npy"), here(PARAMS, X, Y))
    assert "103 rows in this process" in here.report()


def test_a_frame_of_pandas_is_told_what_to_become():
    pandas = pytest.importorskip("pandas")
    here = cluster.value_and_grad(squares, client="here")
    assert repr(here) == "<cluster.value_and_grad of squares>"
    with pytest.raises(cr.errors.ArgumentError, match=r"got DataFrame; write dask\.dataframe\.from_pandas"):
        here(PARAMS, pandas.DataFrame({"x": X}))


def test_the_order_of_additions_depends_on_the_number_of_parts_alone():
    def add(*parts):
        return "(" + "+".join(parts) + ")"

    assert gradient.reduced(list("abcde"), 2, add) == "(((a+b)+(c+d))+((e)))"
    assert gradient.reduced(["a"], 8, add) == "a"


def test_compiled_kernels_are_the_same():
    pytest.importorskip("llvmlite")
    here = cluster.value_and_grad(squares, client="here", rows=40)
    agree(here(PARAMS, X, Y), cr.value_and_grad(squares)(PARAMS, X, Y))


def failing(p, x):
    if x[0] > 0.5:
        raise ZeroDivisionError("no such row")
    return np.sum(p * x)


def test_a_task_that_fails_tells_the_line():
    here = cluster.value_and_grad(failing, client="here", rows=10, jit=False)
    with pytest.raises(
        cluster.TaskError, match=r"part 8 of the data failed with ZeroDivisionError: no such row\n"
    ) as e:
        here(1.0, X)
    assert "test_cluster.py:" in str(e.value)
    assert 'raise ZeroDivisionError("no such row")' in str(e.value)
    assert (e.value.task, e.value.kind) == (8, "ZeroDivisionError")
    found = dict(cluster.one_by_one(lambda x: 1 / x, [1.0, 0.0, 2.0], client="here"))
    assert (found[0], found[2]) == (1.0, 0.5)
    assert isinstance(found[1], cluster.TaskError)
    with pytest.raises(cluster.TaskError, match="task 1 of <lambda>"):
        cluster.each(lambda x: 1 / x, [1.0, 0.0], client="here")


def test_blocks_of_jacobians_and_hessians():
    def f(x, k):
        return np.sin(x) * np.sum(x) ** k

    x = np.linspace(0.1, 1.0, 7)
    np.testing.assert_allclose(
        cluster.jacobian(f, block=3, client="here")(x, 2), cr.jacobian(f)(x, 2), rtol=1e-11, atol=1e-12
    )
    X = x[:6].reshape(2, 3)
    whole = cr.jacobian(f)(X, 2)
    np.testing.assert_allclose(cluster.jacobian(f, block=4, client="here")(X, 2), whole, rtol=1e-11, atol=1e-12)
    energy = lambda x: np.sum(f(x, 2))
    np.testing.assert_allclose(
        cluster.hessian(energy, block=4, client="here")(X), cr.hessian(energy)(X), rtol=1e-11, atol=1e-12
    )


def test_many_starts():
    def wells(x):
        return np.sum((x * x - 1.0) ** 2 + 0.3 * x)

    found = cluster.minimize(wells, [np.array([s]) for s in (1.0, -1.0, np.nan)], client="here")
    assert found.best is found[1]
    assert isinstance(found[2], cluster.TaskError)


def test_fit_takes_it_in_place_of_value_and_grad():
    settings = {"opt": cr.optim.SGD(0.002), "epochs": 5}
    expected = cr.fit(squares, PARAMS, (X, Y), validation=(X[:9], Y[:9]), **settings)
    here = cluster.value_and_grad(squares, client="here", rows=20, jit=False)
    done = cr.fit(here, PARAMS, (X, Y), validation=(X[:9], Y[:9]), **settings)
    agree(done.params, expected.params)
    agree(done.history.validation, expected.history.validation)
    with here:
        cr.fit(here, PARAMS, (X, Y), **settings)
        assert here._depth == 1
    for refused in ({"batch": 3}, {"jit": True}):
        with pytest.raises(cr.errors.ArgumentError, match="a loss on many workers"):
            cr.fit(here, PARAMS, (X, Y), **refused)
    with np.errstate(all="ignore"), pytest.raises(cr.errors.TrainingError, match="the loss is nan"):
        cr.fit(here, {**PARAMS, "w": np.inf}, (X, Y))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (("nowhere.npy",), "there is no file nowhere.npy"),
        ((X, Y[:5]), "the same number of rows, got"),
        ((3.0,), "data expects arrays of NumPy's or Dask's"),
        ((), "no data to sum over"),
        ((np.zeros((0, 2)),), "has no rows"),
    ],
)
def test_data_that_is_none(data, said):
    with pytest.raises(cr.ChainruleError, match=said):
        cluster.value_and_grad(squares, client="here", jit=False)(PARAMS, *data)


def test_settings_that_are_none():
    for settings, said in (({"rows": 0}, "rows expects"), ({"fan_in": 1}, "fan_in expects")):
        with pytest.raises(cr.errors.ArgumentError, match=said):
            cluster.value_and_grad(squares, **settings)
    with pytest.raises(cr.errors.ArgumentError, match="expects a function"):
        cluster.value_and_grad(3.0)


# -- on workers -----------------------------------------------------------------------------------------------


def test_a_local_cluster_lives_for_the_call():
    distributed = pytest.importorskip("distributed")
    assert cluster.each(lambda x: x * x, [1.0, 2.0, 3.0], workers=1) == [1.0, 4.0, 9.0]
    with pytest.raises(ValueError, match="No"):
        distributed.get_client()


def without_a_library_of_that_name():
    """Dask asks for a library `sparse`, and would find the folder of tests."""
    sys.modules["sparse"] = None


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as local,
        distributed.Client(local) as found,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setitem(sys.modules, "sparse", None)
        found.register_worker_callbacks(without_a_library_of_that_name)
        yield found


def test_workers_compute_the_bits_of_one_process(client, tmp_path):
    array = pytest.importorskip("dask.array")
    here = cluster.value_and_grad(squares, client="here", rows=10)(PARAMS, X, Y)
    there = cluster.value_and_grad(squares, client=client, rows=10)
    np.save(tmp_path / "x.npy", X)
    for x, y in ((X, Y), (tmp_path / "x.npy", Y), (array.from_array(X, chunks=10), array.from_array(Y, chunks=25))):
        same_bits(there(PARAMS, x, y), here)
    chunked = cluster.value_and_grad(squares, client=client)
    same_bits(chunked(PARAMS, array.from_array(X, chunks=10), array.from_array(Y, chunks=25)), here)
    large = {"w": 0.5, "b": np.concatenate([PARAMS["b"], np.zeros(gradient.LARGE // 8)])}
    agree(there(large, X, Y)[0], here[0])


def pairs(p, x, y):
    return squares(p, x, y)


def columns(p, frame):
    return squares(p, frame["x"], frame["y"])


def test_bags_and_dataframes(client):
    bag = pytest.importorskip("dask.bag")
    expected = cr.value_and_grad(squares)(PARAMS, X, Y)
    rows = bag.from_sequence(list(zip(X.tolist(), Y.tolist(), strict=True)), npartitions=3)
    agree(cluster.value_and_grad(pairs, client=client)(PARAMS, rows), expected)
    named = bag.from_sequence([{"x": a, "y": b} for a, b in zip(X.tolist(), Y.tolist(), strict=True)], npartitions=3)
    agree(cluster.value_and_grad(columns, client=client)(PARAMS, named), expected)
    frames = pytest.importorskip("dask.dataframe")
    frame = frames.from_pandas(pytest.importorskip("pandas").DataFrame({"x": X, "y": Y}), npartitions=4)
    agree(cluster.value_and_grad(columns, client=client)(PARAMS, frame), expected)


def test_a_worker_tells_the_line(client):
    with pytest.raises(
        cluster.TaskError, match=r"part 8 of the data failed with ZeroDivisionError: no such row\n"
    ) as e:
        cluster.value_and_grad(failing, client=client, rows=10, jit=False)(1.0, X)
    assert "test_cluster.py:" in str(e.value)


def slow(p, x):
    time.sleep(0.05)
    return np.sum(p * x * x)


def test_a_worker_that_dies_costs_its_task_only(client):
    here = cluster.value_and_grad(slow, client="here", rows=5, jit=False)(2.0, X)
    before = set(client.scheduler_info()["workers"])
    pids = client.run(os.getpid)
    killing = client.loop.call_later(0.3, lambda: os.kill(pids[min(before)], signal.SIGKILL))
    same_bits(cluster.value_and_grad(slow, client=client, rows=5, jit=False)(2.0, X), here)
    client.loop.add_callback(client.loop.remove_timeout, killing)
    client.wait_for_workers(2, timeout=60)  # its nanny starts another
    same_bits(cluster.value_and_grad(slow, client=client, rows=5, jit=False)(2.0, X), here)
    assert set(client.run(os.getpid).values()) != set(pids.values())


def test_tasks_on_workers(client, tmp_path):
    file = tmp_path / "squares.py"
    file.write_text("def square(x): return x * x\ndef square_grad(x): return 3 * x\n")
    found = cluster.check([file, tmp_path / "none.py"], client=client)
    assert found[str(file)]["counts"]["WRONG"] == 1
    assert isinstance(found[str(tmp_path / "none.py")], cluster.TaskError)
    engine = tmp_path / "engine.py"
    engine.write_text("from chainrule import Value\n")
    graded = cluster.grade([f"{engine}:Value", f"{engine}:Node"], client=client)
    assert set(graded[f"{engine}:Value"]["counts"]) == {"right"}
    assert isinstance(graded[f"{engine}:Node"], cluster.TaskError)
    x = np.linspace(0.1, 1.0, 7)
    f = lambda x: np.sin(x) * np.sum(x)
    np.testing.assert_array_equal(cluster.jacobian(f, client=client)(x), cluster.jacobian(f, client="here")(x))


def test_training_on_workers(client):
    settings = {"opt": cr.optim.SGD(0.002), "epochs": 3}
    there = cluster.value_and_grad(squares, client=client, rows=20)
    here = cluster.value_and_grad(squares, client="here", rows=20)
    same_bits(cr.fit(there, PARAMS, (X, Y), **settings).params, cr.fit(here, PARAMS, (X, Y), **settings).params)


def test_wrong_clients():
    pytest.importorskip("distributed")
    with pytest.raises(cr.errors.ArgumentError, match=r"client expects a distributed\.Client"):
        cluster.each(abs, [1], client=3)


def test_regular_parts():
    assert sources.regular(0, 3) == []


def test_columns_of_parquet_files(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"x": X, "y": Y}), tmp_path / "a.parquet", row_group_size=30)
    here = cluster.value_and_grad(columns, client="here", jit=False)
    agree(here(PARAMS, str(tmp_path / "*.parquet")), cr.value_and_grad(squares)(PARAMS, X, Y))
    assert here.report().startswith("4 parts, 103 rows")
    with pytest.raises(cr.errors.ShapeError, match="leave out rows"):
        cluster.value_and_grad(columns, client="here", rows=5)(PARAMS, tmp_path / "a.parquet")


def test_chunks_of_zarr_stores(tmp_path):
    zarr = pytest.importorskip("zarr")
    for name, x in (("x", X), ("y", Y)):
        zarr.create_array(tmp_path / f"{name}.zarr", data=x, chunks=(20,))
    here = cluster.value_and_grad(squares, client="here", jit=False)
    agree(here(PARAMS, tmp_path / "x.zarr", tmp_path / "y.zarr"), cr.value_and_grad(squares)(PARAMS, X, Y))
    assert here.report().startswith("6 parts")
    zarr.open_group(tmp_path / "all.zarr").create_array("x", data=X)
    with pytest.raises(cr.errors.ArgumentError, match=r"is a group of Zarr's; give the path of an array in it: x"):
        here(PARAMS, tmp_path / "all.zarr", tmp_path / "y.zarr")
