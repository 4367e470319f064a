"""Functions of arrays of many lengths: their programs share machine code, and compute what their own would."""

import sys
import threading
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import JitWarning
from chainrule.jit.run.alike import Alike
from chainrule.trees import flatten

RNG = np.random.default_rng(5)
W = np.array([0.3, -0.2, 0.5, 1.0])


def rolled(y):
    return np.roll(y, 1) * y + np.where(y > 0, y, -2 * y) ** 2


FUNCTIONS = {
    "logistic": lambda w, X, y: np.mean(np.log1p(np.exp(-y * (X @ w)))),
    "network": lambda w, X, y: np.sum((np.tanh(X @ w.reshape(4, 1) @ np.ones((1, 3))).sum(1) - y) ** 2),
    "softmax": lambda w, X, y: np.sum(cr.log_softmax(X * w, axis=1)[:, 0] * y),
    "extremes": lambda w, X, y: np.max(y) + np.std(X, axis=0).sum() - np.min(X * w),
    "moved": lambda w, X, y: np.sum(rolled(y)) + np.sum(np.sin(X[1:] - X[:-1]) ** 2),
    "in order": lambda w, X, y: np.sum(np.cumsum(y) * w[0]) + np.exp(np.sort(y)).sum(),
    "long body": lambda w, X, y: np.sum(sum(np.sin(y * w[k % 4] + k) * np.cos(y - k) for k in range(40)) ** 2),
    "pairs": lambda w, X, y: np.sum(np.exp(-((y[:, None] - y[None, :]) ** 2))),
}
LENGTHS = [40, 33, 34, 35, 63, 64, 65, 128, 1001]


def arguments(n, dtype=float):
    return W.astype(dtype), RNG.normal(size=(n, 4)).astype(dtype), RNG.normal(size=n).astype(dtype)


def made(compiled):
    """How many machine codes were made for a jitted function."""
    return sum(not version.executable.origin for s in compiled.specialisations for version in s.versions)


@pytest.mark.parametrize(
    ("name", "dtype"), [*[(name, np.float64) for name in FUNCTIONS], ("softmax", np.float32), ("moved", np.float32)]
)
def test_shared_code_computes_the_same_numbers_as_code_for_one_length(name, dtype, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    f = FUNCTIONS[name]
    shared = cr.jit(cr.value_and_grad(f, argnums=(0, 2)))
    calls = [arguments(n, dtype) for n in LENGTHS]
    found = [shared(*args) for args in calls]
    assert made(shared) <= 6
    for n, args, (y, slopes) in list(zip(LENGTHS, calls, found, strict=True))[3::2]:
        z, own = cr.jit(cr.value_and_grad(f, argnums=(0, 2)))(*args)
        assert y == z, n
        for a, b in zip(slopes, own, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=str(n))


def network(w, x):
    h = np.zeros(3)
    for row in x:
        h = np.tanh(w @ h + row)
    return h @ h


def recurrence(w, x):
    y = 0.0
    for t in range(len(x)):
        y = np.sin(y * w[0, 0]) + x[t, 0]
    return y


@pytest.mark.parametrize(("f", "by"), [(network, 0), (network, (0, 1)), (recurrence, 0)])
def test_loops_over_rows_share_machine_code(f, by, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    w, x = RNG.normal(size=(3, 3)) / 3, RNG.normal(size=(320, 3))
    lengths = [300, 302, 303, 309, 311] if f is recurrence else [65, 66, 69, 70, 90]
    shared = cr.jit(cr.value_and_grad(f, argnums=by))
    for n in lengths:
        y, slopes = shared(w, x[:n])
    assert shared.version.executable.origin == "of other lengths"
    z, own = cr.jit(cr.value_and_grad(f, argnums=by))(w, x[:n])
    np.testing.assert_array_equal(y, z)
    for a, b in zip(flatten(slopes)[0], flatten(own)[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_results_are_arrays_of_their_own_length():
    compiled = cr.jit(lambda X, y: (np.tanh(X).sum(1) * y, X * 2.0))
    for n in range(9, 30):
        _, X, y = arguments(n)
        rows, twice = compiled(X, y)
        np.testing.assert_allclose(rows, np.tanh(X).sum(1) * y, rtol=1e-13, atol=1e-15)
        np.testing.assert_array_equal(twice, X * 2.0)
    assert "machine code of other lengths" in compiled.report()


def test_branches_and_numbers_that_are_not_finite_are_seen_in_every_length():
    f = lambda x: np.sum(x * x) if np.max(x) > 0.0 else np.sum(np.log(-x))
    compiled = cr.jit(cr.grad(f))
    with np.errstate(all="ignore"):
        for n in range(10, 30):
            for x in (np.ones(n), -np.ones(n), np.where(np.arange(n) == n - 1, np.nan, 1.0), np.full(n, 1e200)):
                np.testing.assert_array_equal(compiled(x), cr.grad(f)(x), err_msg=f"{n} {x[-1]}")


def test_threads_that_meet_new_lengths_at_once():
    compiled = cr.jit(cr.grad(lambda x: np.sum(np.exp(x) * x)))
    wrong = []

    def call(begin):
        for n in range(begin, 60, 3):
            x = np.linspace(0.0, 1.0, n)
            if not np.allclose(compiled(x), np.exp(x) * (x + 1), rtol=1e-13, atol=0):
                wrong.append(n)

    threads = [threading.Thread(target=call, args=(9 + k % 3,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_program_for_each_length_is_told_after_the_eighth():
    def recurrence(x):
        y = x[0]
        for k in range(1, len(x)):
            y = np.sin(y) + x[k] if k % 3 else y * x[k]
        return y

    compiled = cr.jit(recurrence)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(5, 13):
            compiled(np.ones(n))
    with pytest.warns(JitWarning, match=r"compiled this function for 9 different lengths .*\[13\]\), the last one in"):
        compiled(np.ones(13))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled(np.ones(14))


TEXTS = [
    "define double @f(double %x) {{\n  %y = fmul contract double %x, {c}\n  ret double %y\n}}",
    "define <2 x double> @f(<2 x double> %x) {{\n  %y = fadd <2 x double> %x, <double {c}, double {c}>\n"
    "  ret <2 x double> %y\n}}",
    "@shape = internal constant [2 x i64] [i64 {n}, i64 4]\ndefine ptr @f() {{\n  ret ptr @shape\n}}",
    "define i64 @f(i64 %x) {{\nentry:\n  br label %to\nto:\n  %k = phi i64 [{n}, %entry]\n  ret i64 %k\n}}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_differs_is_loaded_from_a_table(text):
    alike = Alike()
    texts = [text.format(n=n, c=f"0x{0x3FF0000000000000 + n:016X}") for n in (7, 8, 9)]
    assert alike.shared(texts[0]) == (texts[0], b"")
    (code, one), (same, other) = alike.shared(texts[1]), alike.shared(texts[2])
    assert code == same
    assert "@differing" in code
    assert one != other
    assert (one[0], other[0]) == (8, 9)


def test_what_is_no_operand_keeps_its_own_text():
    alike = Alike()
    texts = [f"define void @f(ptr %x) {{\n  store double 0.0, ptr %x, align {k}\n  ret void\n}}" for k in (8, 16, 32)]
    assert [alike.shared(text) for text in texts] == [(text, b"") for text in texts]


def test_what_was_one_number_and_is_two_is_learned_anew():
    alike = Alike()
    text = "define i64 @f(i64 %x) {{\n  %y = add i64 %x, {}\n  %z = mul i64 %y, {}\n  ret i64 %z\n}}"
    pairs = [(1, 1), (2, 2), (3, 3), (4, 5), (6, 6)]
    found = [alike.shared(text.format(*pair)) for pair in pairs]
    assert found[1][0] == found[2][0] != found[3][0] == found[4][0]
    assert [len(table) for _, table in found] == [0, 8, 8, 16, 16]


def test_a_function_of_ever_more_lengths_keeps_a_bounded_number_of_texts(monkeypatch):
    monkeypatch.setattr(sys.modules[Alike.__module__], "TEXTS", 3)
    alike = Alike()
    for n in range(1, 12):
        code = "define void @f(ptr %x) {\n" + "  store double 0.0, ptr %x\n" * n + "  ret void\n}"
        assert alike.shared(code) == (code, b"")
        alike.keep(code, False, b"")
    assert len(alike._templates) == len(alike._images) == 3
