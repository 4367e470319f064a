"""Files run apart: nothing that one does reaches another or ends the run, and what stands is judged."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from chainrule.check import check
from chainrule.check.reports.run import run

CUBE = "def cube(x): return x**3\ndef cube_grad(x): return 3 * x * x\n"
WRONG = "def square(x): return x * x\ndef square_grad(x): return x\n"


@pytest.fixture
def write(tmp_path):
    def write_file(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def verdicts(result):
    return {o.claim.name: o.verdict for o in result.outcomes}


ENDINGS = {
    "sys.exit": ("import sys; sys.exit(3)", "SystemExit"),
    "os._exit": ("import os; os._exit(0)", "os._exit"),
    "os._exit by another name": ("from os import _exit\n_exit(0)", "os._exit"),
    "os._exit that cannot be kept": ("import posix; posix._exit(7)", "exit code 7"),
    "a signal": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
    "a crash": ("import ctypes; ctypes.string_at(0)", "SIG"),
    "a loop": ("while True: pass", "left after"),
    "a loop that catches": ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "left"),
    "a long sleep": ("import time; time.sleep(1000)", "left after"),
    "GeneratorExit": ("raise GeneratorExit", "GeneratorExit"),
    "closed output": ("import sys; sys.stdout.close(); sys.stderr.close()", ""),
    "output of C": ("import os; os.write(1, b'here'); os.write(2, b'and here')", ""),
    "another folder": ("import os; os.chdir('/')", ""),
    "a thread that stays": ("import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()", ""),
    "other mathematics": ("import math, numpy\nmath.sin = math.cos; numpy.sum = None; del math.exp", ""),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_may_end_as_it_likes(write, ending):
    text, told = ENDINGS[ending]
    a = write("a.py", CUBE + WRONG + text + "\n")
    b = write("b.py", CUBE)
    result = run([a, b], check, limit=4.0)
    assert [o.verdict for o in result.outcomes if o.claim.path == str(b)] == ["CORRECT"]
    if ending == "other mathematics":
        return  # a.py may be judged by its own
    assert verdicts(result) == {"cube_grad": "CORRECT", "square_grad": "WRONG"}
    said = " ".join(p.message for p in (*result.problems, *result.skipped))
    assert told in said
    assert told or not said


CLAIMS_THAT_END = {
    "os._exit": ("os._exit(0)", "os._exit"),
    "a crash": ("ctypes.string_at(0)", "SIG"),
    "a loop": ("[None for _ in iter(int, 1)]", "not done after 2 s"),
    "sys.exit": ("sys.exit(0)", "SystemExit"),
}


@pytest.mark.parametrize("ending", CLAIMS_THAT_END)
def test_a_claim_may_end_as_it_likes(write, ending):
    text, told = CLAIMS_THAT_END[ending]
    file = write("a.py", f"import os, sys, ctypes\ndef f(x): return x\ndef df(x): {text}\n" + CUBE)
    result = run([file], check, limit=2.0)
    assert verdicts(result) == {"cube_grad": "CORRECT"}
    assert [told in p.message for p in result.problems] == [True]
    assert result.exit_code == 2


def test_a_file_without_a_claim_is_not_run(write, tmp_path):
    flag = tmp_path / "ran"
    write("a.py", f"open({str(flag)!r}, 'w')\nfor step in iter(int, 1): pass\n")
    assert run([tmp_path / "a.py"], check).exit_code == 2
    assert not flag.exists()


def test_what_a_file_prints_is_kept_and_shown_where_something_failed(write, capfd):
    text = "import os, sys\nprint('one')\nprint('two', file=sys.stderr)\n"
    text += "os.write(1, b'three\\n')\nos.system('echo four')\n"
    result = run([write("a.py", CUBE + text + "1 / 0\n")], check)
    assert result.output.split() == ["one", "two", "three", "four"]
    assert capfd.readouterr() == ("", "")


def test_several_files_at_a_time_are_told_in_their_order(write, tmp_path):
    for k in range(5):
        write(f"{k}.py", f"import time; time.sleep({0.3 * (k == 0)})\n{CUBE}cube(1.0)\n")
    result = run([tmp_path], check, jobs=3)
    assert [os.path.basename(o.claim.path) for o in result.outcomes] == [f"{k}.py" for k in range(5)]


def test_entries_that_cannot_be_read_end_nothing(write, tmp_path):
    write("a.py", CUBE)
    write("b.py", "def f(x): return '\\ud800'\n\x00")
    write("c.ipynb", "{]")
    (tmp_path / ".#a.py").symlink_to("user@host.1234")
    (tmp_path / "gone.py").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    result = run([tmp_path], check)
    assert verdicts(result) == {"cube_grad": "CORRECT"}
    assert {os.path.basename(p.path) for p in result.problems} == {"b.py", "c.ipynb", "bytes.py"}


@pytest.fixture
def interruptible():
    """A process that was started in the background has its children ignore interrupts, unless it handles them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("place", ["run", "claim"])
def test_an_interrupt_judges_what_stands(write, tmp_path, place):
    flag = tmp_path / "there"
    wait = f"open({str(flag)!r}, 'w').close(); import time; time.sleep(60)"
    text = CUBE + (f"def f(x): return x\ndef df(x): {wait}\n" if place == "claim" else f"{wait}\n")
    file = write("a.py", text)
    command = [sys.executable, "-m", "chainrule.cli", "check", str(file), "--json", "--limit", "100"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        while not flag.exists():
            time.sleep(0.05)
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, "")
    document = json.loads(out)
    assert document["counts"]["CORRECT"] == 1
    assert document["interrupted"].startswith(str(file))


def test_a_claim_named_with_its_file(write, capsys):
    from chainrule.cli import main

    file = write("a.py", CUBE + WRONG)
    assert main(["check", f"{file}:cube_grad"]) == 0
    assert main(["check", f"{file}:square"]) == 1
    assert main(["check", f"{file}:nobody"]) == 2
    assert main(["check", str(file), "--list"]) == 0
    assert "2 possible claims; nothing was run" in capsys.readouterr().out


def test_a_file_is_run_apart_where_threads_forbid_copies(write):
    """What it prints, and a process that ends, are told as they are of copies."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        result = run([write("a.py", CUBE + WRONG + "print('one')\nimport posix; posix._exit(7)\n")], check)
    finally:
        over.set()
        thread.join()
    assert verdicts(result) == {"cube_grad": "CORRECT", "square_grad": "WRONG"}
    assert "exit code 7" in " ".join(p.message for p in result.problems)
    assert set(result.output.split()) == {"one"}
