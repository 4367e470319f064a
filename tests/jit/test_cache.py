"""Machine code on disk: found again, and harmless when damaged, shared, unwritable or full."""

import os
import subprocess
import sys

import pytest

import chainrule as cr
from chainrule.errors import JitWarning
from chainrule.jit.run import cache

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


POSIX = pytest.mark.skipif(os.name == "nt", reason="owners and modes are those of POSIX")


@POSIX
@pytest.mark.parametrize("value", [None, "~/chainrule", "~nosuchuser/x"])
def test_without_a_home_there_is_no_cache(monkeypatch, value):
    for name in ("HOME", "XDG_CACHE_HOME", "CHAINRULE_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # nobody knows one
    monkeypatch.setattr(cache, "_warned", set())
    if value is None:
        assert cache.directory() is None
        assert cache.read(NAME) is None
        cache.write(NAME, b"code")
        assert cr.jit(lambda x: x * 3.0 + 1.0)(2.0) == 7.0
    else:
        monkeypatch.setenv("CHAINRULE_CACHE_DIR", value)
        with pytest.warns(JitWarning, match="no such home"):
            assert cache.directory() is None
        assert cr.jit(lambda x: x * 3.0 + 1.0)(2.0) == 7.0  # it is said once


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777, 0o707, 0o722])
def test_a_directory_that_others_may_write_to_is_not_used(place, monkeypatch, mode):
    monkeypatch.setattr(cache, "_warned", set())
    cache.write(NAME, b"code")
    place.chmod(mode)
    with pytest.warns(JitWarning, match="others may write to the cache"):
        assert cache.read(NAME) is None
    cache.write("other", b"code")
    assert len(list(place.iterdir())) == 1
    place.chmod(0o755)
    assert cache.read(NAME) == b"code"


@POSIX
def test_a_directory_of_somebody_else_is_not_used(place, monkeypatch):
    monkeypatch.setattr(cache, "_warned", set())
    cache.write(NAME, b"code")
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    if place.stat().st_uid:
        with pytest.warns(JitWarning, match="belongs to another user"):
            assert cache.read(NAME) is None
    else:
        assert cache.read(NAME) == b"code"  # root's own


@POSIX
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_may_write_to_is_not_read(place, mode):
    cache.write(NAME, b"code")
    (path,) = place.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    path.chmod(mode)
    assert cache.read(NAME) is None


@POSIX
@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_what_is_no_file_is_not_read(place, tmp_path, kind):
    cache.write(NAME, b"code")
    (path,) = place.iterdir()
    path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert cache.read(NAME) is None
    cache.write(NAME, b"code")
    assert cache.read(NAME) == (None if kind == "directory" else b"code")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can play two users")
def test_a_file_that_another_user_has_put_there_is_not_read(place):
    cache.write(NAME, b"code")
    (path,) = place.iterdir()
    os.chown(path, 54321, 54321)
    assert cache.read(NAME) is None
    os.chown(place, 54321, 54321)
    os.chown(path, 0, 0)
    with pytest.warns(JitWarning, match="belongs to another user"):
        assert cache.read(NAME) is None


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
import chainrule as cr
from chainrule.errors import JitWarning
from chainrule.jit.run import cache
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
