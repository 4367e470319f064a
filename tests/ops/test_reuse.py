"""Memory of large arrays that is used again: when nobody holds it, never before, and only where it should be."""

import ctypes
import gc
import threading

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ShapeError
from chainrule.ops import reuse
from chainrule.ops.reuse import reuse_memory

LARGE = 8192  # floats in 64 kB
compiled = pytest.mark.skipif(
    cr.info().engine != "compiled", reason="uncompiled, NumPy's own allocator does everything"
)


@pytest.fixture(autouse=True)
def _none_idle(collected):
    gc.collect()
    cr.release_memory()
    yield
    cr.release_memory()


def address(array):
    return array.__array_interface__["data"][0]


def allocator():
    """The name of the allocator that NumPy takes memory from."""
    return np._core.multiarray.get_handler_name()


def squares(x):
    return np.sum(x * x)


@compiled
def test_a_gradient_takes_the_memory_of_the_one_before():
    x = np.linspace(0.0, 1.0, LARGE)
    step = cr.grad(squares)
    first = step(x)
    idle = reuse.idle()
    assert idle >= 8 * LARGE  # x * x
    del first
    assert reuse.idle() == idle + 8 * LARGE
    again = step(x)
    assert reuse.idle() == idle  # nothing fresh was taken
    np.testing.assert_array_equal(again, 2 * x)


@compiled
def test_the_second_step_takes_no_fresh_memory():
    w, x = np.ones((40, 3000)), np.ones((3000, 50))
    step = cr.value_and_grad(lambda w: np.sum(np.tanh(w @ x)))
    step(w)
    reuse_after_one = reuse.idle()
    for _ in range(5):
        step(w)
    assert reuse.idle() == reuse_after_one


@compiled
def test_all_arrays_of_a_long_recording_are_used_again():
    x = np.linspace(0.5, 0.6, LARGE)

    def chain(x):
        y = x
        for _ in range(300):
            y = y * x
        return np.sum(y)

    step = cr.grad(chain)
    step(x)
    idle = reuse.idle()
    assert idle >= 300 * 8 * LARGE
    step(x)
    assert reuse.idle() == idle


HOLDERS = {
    "the array": lambda x: x,
    "a view": lambda x: x[5:7],
    "a transposed view": lambda x: x.reshape(64, -1).T,
    "a memoryview": memoryview,
    "an array of its buffer": lambda x: np.frombuffer(memoryview(x)),
    "a Value": lambda x: cr.Value(x) * 2.0,
    "a list": lambda x: [x],
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_memory_that_is_held_is_not_used_again(holder):
    with reuse_memory():
        x = np.ones(LARGE)
        held = HOLDERS[holder](x)
        place = address(x)
        del x
        others = [np.full(LARGE, float(k)) for k in range(3)]
    if holder != "a Value":  # that one has a copy
        assert all(address(other) != place for other in others)
        assert np.asarray(held).min() == 1.0
    else:
        assert held.data.max() == held.data.min() == 2.0


def test_zeros_are_zeros_also_in_used_memory():
    with reuse_memory():
        x = np.full(LARGE, 7.0)
        del x
        assert not np.zeros(LARGE).any()
        x = np.full(LARGE, 7.0)
        x.resize(3 * LARGE)
    assert (x[:LARGE] == 7.0).all()
    assert not x[LARGE:].any()
    x.resize(10)
    assert (x == 7.0).all()


def test_numpy_has_its_own_allocator_back():
    own = allocator()
    with reuse_memory():
        inside = allocator()
        with reuse_memory():
            assert allocator() == inside
        assert allocator() == inside
        cr.grad(squares)(np.ones(LARGE))
        assert allocator() == inside
    assert allocator() == own
    assert (inside == own) == (cr.info().engine != "compiled")
    with pytest.raises(ShapeError):
        cr.grad(lambda x: x * x)(np.ones(LARGE))
    with pytest.raises(ZeroDivisionError), reuse_memory():
        1 / 0  # noqa: B018
    assert allocator() == own


def test_numpy_has_its_own_allocator_back_after_an_error_in_a_sweep():
    @cr.custom_vjp
    def odd(x):
        return x * 1.0

    def backward(_, ct):
        raise KeyError("lost")

    odd.defvjp(lambda x: (x * 1.0, None), backward, verify=False)
    own = allocator()
    with pytest.raises(KeyError, match="lost"):
        cr.grad(lambda x: np.sum(odd(x)))(np.ones(LARGE))
    assert allocator() == own


@pytest.fixture
def foreign():
    """NumPy's allocator under another name, and what puts an allocator in place."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    table = ctypes.cast(pointer(np._core._multiarray_umath._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p))
    put = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[304])  # PyDataMem_SetHandler
    default = ctypes.cast(table[306], ctypes.POINTER(ctypes.py_object)).contents.value
    size = 128 + 5 * ctypes.sizeof(ctypes.c_void_p)  # name and version; context and four functions
    described = ctypes.create_string_buffer(ctypes.string_at(pointer(default, b"mem_handler"), size), size)
    described[:8] = b"foreign\0"
    name = ctypes.create_string_buffer(b"mem_handler")
    yield new(ctypes.addressof(described), name, None), put
    put(default)


@compiled
def test_an_allocator_that_somebody_chose_stays(foreign):
    capsule, put = foreign
    with reuse_memory():
        put(capsule)
    assert allocator() == "foreign"
    with reuse_memory():
        assert allocator() == "foreign"
        assert cr.grad(squares)(np.ones(LARGE))[0] == 2.0
    assert allocator() == "foreign"
    assert reuse.idle() == 0


@compiled
def test_an_array_finds_its_allocator_after_the_section():
    with reuse_memory():
        x = np.ones(LARGE)
    y = np.ones(LARGE)
    before = reuse.idle()
    del x
    assert reuse.idle() == before + 8 * LARGE
    del y
    assert reuse.idle() == before + 8 * LARGE


@compiled
def test_no_more_is_kept_than_was_promised():
    with reuse_memory():
        arrays = [np.empty(2**20) for _ in range(40)]  # 320 MB, never touched
    del arrays
    assert 200 * 2**20 <= reuse.idle() <= 256 * 2**20
    with reuse_memory():
        many = [np.empty(LARGE + k) for k in range(100)]
    del many
    assert reuse.idle() <= 256 * 2**20
    cr.release_memory()
    assert reuse.idle() == 0


def test_threads_do_not_share_what_is_held():
    wrong = []

    def work(own):
        with reuse_memory():
            for k in range(300):
                x = np.full(LARGE, own + k)
                y = x + 1.0
                if not ((x == own + k).all() and (y == own + k + 1.0).all()):
                    wrong.append(own)

    threads = [threading.Thread(target=work, args=(1000.0 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda x: x[::2, ::-1]])
@pytest.mark.parametrize("size", [LARGE // 2, LARGE, 3 * LARGE])
def test_gradients_are_the_same_in_fresh_and_in_used_memory(size, layout, kind):
    x = layout(np.linspace(-2.0, 2.0, 2 * size).astype(kind).reshape(-1, 64))

    def f(x):
        return np.sum(np.where(x > 0, np.sin(x) * x, np.exp(x)) + np.cumsum(x, axis=0) * 1e-3)

    first = cr.grad(f)(x)
    kept = first.copy()
    for _ in range(3):
        np.testing.assert_array_equal(cr.grad(f)(x), kept)
    np.testing.assert_array_equal(first, kept)


@compiled
@pytest.mark.parametrize("transform", ["grad", "jvp", "hvp", "grad of grad"])
def test_rules_compute_in_reused_memory_whatever_pushes_or_pulls_them(transform):
    seen = []

    def slope(y, x):
        if np.shape(x):  # not the float with which the operator is tried
            seen.append(allocator())
        return 2.0 * x

    squared = cr.operator(f"squared_{transform.replace(' ', '_')}", lambda x: x * x, slope)
    x, v = np.linspace(0.0, 1.0, LARGE), np.ones(LARGE)

    def loss(x):
        return np.sum(squared(x) * x)

    found = {
        "grad": lambda: cr.grad(loss)(x),
        "jvp": lambda: cr.jvp(loss, (x,), (v,))[1],
        "hvp": lambda: cr.hvp(loss, x, v),
        "grad of grad": lambda: cr.grad(lambda x: cr.grad(loss)(x).sum())(x),
    }[transform]()
    assert set(seen) == {"chainrule"}
    np.testing.assert_allclose(found, {"grad": 3 * x**2, "jvp": np.sum(3 * x**2)}.get(transform, 6 * x), rtol=1e-12)
