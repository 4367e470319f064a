"""Machine code on disk: found again, and harmless when damaged, shared, unwritable or full."""

import os
import subprocess
import sys

import pytest

from chainrule.jit import cache

NAME = cache.key("some", "program")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_was_written_is_read(place):
    assert cache.read(NAME) is None
    cache.write(NAME, b"code")
    assert cache.read(NAME) == b"code"
    assert [path.suffix for path in place.iterdir()] == [".code"]


def test_keys_tell_parts_apart():
    names = {cache.key("a", "b"), cache.key("ab"), cache.key("a", "b", ""), cache.key("", "ab"), cache.key("b", "a")}
    assert len(names) == 5


def test_keys_depend_on_the_version(monkeypatch):
    monkeypatch.setattr(cache, "_version", lambda: "another")
    assert cache.key("some", "program") != NAME


def damages():
    yield "empty", lambda data: b""
    yield "cut short", lambda data: data[:-1]
    yield "only the checksum", lambda data: data[:32]
    yield "one bit", lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]
    yield "longer", lambda data: data + b"\0"


@pytest.mark.parametrize("damage", [pytest.param(change, id=name) for name, change in damages()])
def test_a_damaged_file_is_removed_and_not_read(place, damage):
    cache.write(NAME, b"machine code" * 10)
    (path,) = place.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert cache.read(NAME) is None
    assert not path.exists()


def test_a_file_under_another_name_is_not_read(place):
    cache.write(NAME, b"code")
    (path,) = place.iterdir()
    other = cache.key("other")
    path.rename(place / f"{other}.code")
    assert cache.read(other) is None


@pytest.mark.parametrize("value", ["", "off", " OFF "])
def test_it_can_be_switched_off(monkeypatch, tmp_path, value):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", value)
    monkeypatch.chdir(tmp_path)
    cache.write(NAME, b"code")
    assert cache.directory() is None
    assert cache.read(NAME) is None
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_it_lies_among_the_caches_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("CHAINRULE_CACHE_DIR", raising=False)
    monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", str(tmp_path))
    assert cache.directory() == tmp_path / "chainrule"


def test_a_place_that_cannot_be_written_to_is_no_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a directory")
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "file" / "below"))
    cache.write(NAME, b"code")
    assert cache.read(NAME) is None


def test_a_write_that_fails_leaves_nothing_behind(place, monkeypatch):
    def full(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.write(NAME, b"code")
    assert list(place.iterdir()) == []


def test_what_was_unused_for_longest_is_cleared_away(place, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 1000)
    names = [f"{i:x}" for i in range(1, 10)]
    for age, name in enumerate(names):
        cache.write(name, b"x" * 100)
        os.utime(place / f"{name}.code", (age, age))
    assert cache.read(names[0]) == b"x" * 100  # used: now the youngest
    cache.write("0", b"x" * 100)
    left = {path.stem for path in place.iterdir()}
    assert left == {"0", names[0], *names[-3:]}


WRITER = """
import sys
from chainrule.jit import cache
name = cache.key("shared")
code = bytes([int(sys.argv[1])]) * 200_000
for _ in range(200):
    cache.write(name, code)
    found = cache.read(name)
    assert found is not None and len(found) == 200_000 and len(set(found)) == 1
"""


def test_two_processes_may_write_the_same_file_at_once(place):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(k)], stderr=subprocess.PIPE) for k in (1, 2)]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors.decode()
    assert [path.suffix for path in place.iterdir()] == [".code"]
