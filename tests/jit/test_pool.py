"""The pool of result memory: used again when nobody holds it, and never before."""

import functools
import gc
import threading
import weakref

import numpy as np
import pytest

import chainrule as cr
from chainrule.jit.run.pool import LEAST, Pool
from chainrule.ops import reuse

LARGE = (LEAST // 8,)


@pytest.fixture
def pool(collected):
    return Pool()


def address(array):
    return array.__array_interface__["data"][0]


PROGRAMS = {
    "a loop": lambda x: (np.sin(x), x * 2.0),
    "steps that repeat": lambda x: functools.reduce(lambda y, k: (y[0] * np.sin(y[1][::-1] * k), x), range(50), (x, x)),
    "beside a library call": lambda x: (x * 2.0, np.sort(x)[:3]),
}


@pytest.mark.skipif(cr.info().engine != "compiled", reason="uncompiled, NumPy's own allocator does everything")
@pytest.mark.parametrize("size", [8193, LEAST // 8 - 1])
@pytest.mark.parametrize("program", PROGRAMS)
def test_results_of_programs_take_the_memory_of_dropped_ones(program, size):
    f, x = cr.jit(PROGRAMS[program]), np.linspace(0.0, 1.0, size)
    first, *_ = f(x)
    kept = first.copy()
    f(x + 1.0)
    idle = reuse.idle()
    assert idle >= 8 * size
    again, *_ = f(x - 1.0)
    assert reuse.idle() < idle
    assert address(again) != address(first)
    np.testing.assert_array_equal(first, kept)
    reuse.release_memory()


def test_memory_of_a_dropped_array_is_used_again(pool):
    x = pool.empty(LARGE)
    place = address(x)
    del x
    assert pool.idle == LEAST
    assert address(pool.empty(LARGE)) == place


HOLDERS = {
    "the array": lambda x: x,
    "a view": lambda x: x[5:7],
    "a view of a view": lambda x: x[1:].reshape(3, -1).T[::2],
    "an array of one element": lambda x: x[3:4],
    "a memoryview": lambda x: memoryview(x),
    "an iterator": lambda x: iter(x),
    "another type": lambda x: x.view(np.int64),
    "a masked array": lambda x: np.ma.array(x, copy=False),
    "a subclass": lambda x: x.view(np.matrix),
    "an array of its buffer": lambda x: np.frombuffer(memoryview(x)),
    "a list": lambda x: [x],
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_memory_that_is_held_is_not_used_again(pool, holder):
    x = pool.empty((LEAST // 8 + 1,))[:-1] if holder == "a view of a view" else pool.empty((LEAST // 8,))
    x = x[: x.size // 3 * 3 + 1] if holder == "a view of a view" else x
    x[...] = 1.0
    place = address(x)
    held = HOLDERS[holder](x)
    del x
    gc.collect()
    other = pool.empty(LARGE)
    other[...] = 2.0
    assert not place <= address(other) < place + LEAST
    assert pool.idle == 0
    del held
    gc.collect()
    assert pool.idle > 0


def test_small_arrays_are_plain(pool):
    x = pool.empty((10,), np.float32)
    assert x.dtype == np.float32
    assert x.base is None
    assert pool.empty((0, 5)).shape == (0, 5)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.bool_, np.int64])
@pytest.mark.parametrize("shape", [(3, 1000, 1001), (LEAST * 3 + 1,), (LEAST, 1)])
def test_arrays_are_what_numpy_makes(pool, shape, dtype):
    for _ in range(2):
        x = pool.empty(shape, dtype)
        assert (x.shape, x.dtype) == (shape, np.dtype(dtype))
        assert x.flags.c_contiguous
        assert x.flags.writeable
        assert x.flags.aligned
        assert address(x) % 64 == 0
        x[...] = 1
        assert x.sum() == x.size
        del x


def test_blocks_are_hardly_larger_than_what_was_asked_for(pool):
    for size in (LEAST, LEAST + 1, 3 * LEAST - 5, 100 * LEAST + 7):
        x = pool.empty((size,), np.uint8)
        del x
        assert size <= pool.idle <= 1.13 * size
        pool.clear()


def test_idle_memory_is_bounded_and_the_oldest_goes(pool):
    pool.most = 3 * LEAST
    arrays = [pool.empty(LARGE) for _ in range(5)]
    places = [address(x) for x in arrays]
    while arrays:
        arrays.pop()
    assert pool.idle == 3 * LEAST
    again = [pool.empty(LARGE) for _ in range(3)]
    assert [address(x) for x in again] == places[:3]


def test_idle_memory_can_be_given_back(pool):
    x = pool.empty(LARGE)
    del x
    pool.clear()
    assert pool.idle == 0


def test_a_pool_lives_as_long_as_its_arrays():
    pool = Pool()
    x = pool.empty(LARGE)
    alive = weakref.ref(pool)
    del pool
    x[...] = 1.0
    assert alive() is not None
    del x
    gc.collect()
    assert alive() is None


def test_arrays_dropped_while_the_pool_works_are_taken_back_afterwards(pool):
    x = pool.empty(LARGE)
    with pool._lock:
        del x
    assert pool.idle == LEAST
    pool.empty(LARGE)
    assert pool.idle == LEAST


def test_threads_never_share_memory(pool):
    wrong = []

    def work(number):
        for _ in range(300):
            x = pool.empty(LARGE)
            x[::512] = number
            y = pool.empty(LARGE)
            y[::512] = -number
            if not ((x[::512] == number).all() and (y[::512] == -number).all()):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert pool.idle <= 4 * 3 * LEAST  # a thread holds two arrays while it makes the third
