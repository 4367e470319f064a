"""Machine code from LLVM's language: it runs, it is kept on disk, and what is wrong with it is said."""

import ctypes
import subprocess
import sys

import pytest

from chainrule.errors import MissingExtra
from chainrule.jit.run import machine, mathlib

HALF = "define double @half(double %x) { %y = fmul double %x, 0.5   ret double %y }"
UNARY = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path))
    return tmp_path


def called(loaded, name, x):
    return UNARY(loaded.address(name))(x)


def test_compiled_functions_run():
    loaded = machine.load(HALF, ["half"])
    assert called(loaded, "half", 3.0) == 1.5
    assert "@half" in loaded.llvm()
    assert "half" in loaded.assembly()
    assert loaded.seconds > 0


def test_the_second_time_the_code_comes_from_the_disk(place):
    assert not machine.load(HALF, ["half"]).origin
    again = machine.load(HALF, ["half"])
    assert again.origin
    assert called(again, "half", 5.0) == 2.5
    assert "mulsd" in again.assembly() or "fmul" in again.assembly()


def test_a_damaged_file_is_compiled_anew(place):
    machine.load(HALF, ["half"])
    (path,) = place.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    again = machine.load(HALF, ["half"])
    assert not again.origin
    assert called(again, "half", 5.0) == 2.5


def test_without_a_cache_everything_works(monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    assert not machine.load(HALF, ["half"]).origin
    assert called(machine.load(HALF, ["half"]), "half", 5.0) == 2.5


def test_programs_of_the_same_names_live_side_by_side():
    one = machine.load(HALF, ["half"])
    two = machine.load(HALF.replace("0.5", "0.25"), ["half"])
    assert (called(one, "half", 4.0), called(two, "half", 4.0)) == (2.0, 1.0)


def test_functions_of_the_c_library_can_be_called():
    symbol = mathlib.scalar("cbrt", float)
    code = f"declare double @{symbol}(double)\ndefine double @root(double %x) {{ %y = call double @{symbol}(double %x)"
    loaded = machine.load(code + " ret double %y }", ["root"])
    assert called(loaded, "root", 27.0) == pytest.approx(3.0)


def test_what_is_not_valid_or_not_there_is_said():
    with pytest.raises(RuntimeError, match="expected"):
        machine.load("define nonsense", [])
    with pytest.raises(RuntimeError, match="whole"):
        machine.load(HALF, ["whole"])
    missing = "declare double @no_such_function(double)\ndefine double @f(double %x) { %y = call double "
    with pytest.raises(RuntimeError, match="no_such_function"):
        machine.load(missing + "@no_such_function(double %x) ret double %y }", ["f"])


def test_without_llvmlite_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with pytest.raises(MissingExtra, match=r"pip install 'chainrule\[jit\]'"):
        machine.binding()


COMPILE = """
import ctypes
from chainrule.jit.run import machine
for k in range(30):
    code = f"define double @f(double %x) {{ %y = fmul double %x, {k}.0   ret double %y }}"
    loaded = machine.load(code, ["f"])
    assert ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(loaded.address("f"))(3.0) == 3.0 * k
"""


def test_two_processes_may_compile_at_once(place):
    compilers = [subprocess.Popen([sys.executable, "-c", COMPILE], stderr=subprocess.PIPE) for _ in range(2)]
    for compiler in compilers:
        _, errors = compiler.communicate(timeout=60)
        assert compiler.returncode == 0, errors.decode()
    assert len(list(place.iterdir())) == 30
