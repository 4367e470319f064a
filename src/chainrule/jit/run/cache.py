"""Machine code kept on disk between runs: safe against damage, several writers, other users, and growth without end."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from chainrule.errors import JitWarning, user_line

LIMIT = 256 * 1024 * 1024  # bytes; about 20,000 programs of common size
_KEPT = 0.75  # share of LIMIT that is left after a clearing, so that clearings are rare
_SUFFIX = ".code"
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_warned: set[str] = set()
_DIGEST = hashlib.sha256().digest_size


def directory() -> Path | None:
    """Where code is kept: CHAINRULE_CACHE_DIR, or the user's cache directory; None when that variable is empty or
    "off", or where the user's home is not known."""
    chosen = os.environ.get("CHAINRULE_CACHE_DIR")
    if chosen is not None:
        if chosen.strip().lower() in ("", "off"):
            return None
        base, last = chosen, ""
    elif os.name == "nt":
        base, last = os.environ.get("LOCALAPPDATA") or "~/AppData/Local", "chainrule"
    else:
        base, last = os.environ.get("XDG_CACHE_HOME") or "~/.cache", "chainrule"
    try:
        return Path(base).expanduser() / last
    except RuntimeError:
        if chosen is not None:
            _warn(f"CHAINRULE_CACHE_DIR names {chosen!r}, and there is no such home; give a path that begins with /")
        return None


@functools.lru_cache(maxsize=1)
def _version() -> str:
    try:
        return metadata.version("chainrule")
    except metadata.PackageNotFoundError:
        return "unknown"


def key(*parts: str) -> str:
    """The name under which code is kept that depends on `parts` and on nothing else; Chainrule's version is added.

    >>> key("host", "program") == key("host", "program") != key("hostp", "rogram")
    True
    """
    digest = hashlib.sha256()
    for part in ("chainrule " + _version(), *parts):
        text = part.encode()
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()


def read(name: str) -> bytes | None:
    """What was written under `name`; None where nothing was, or where the file is damaged."""
    place = directory()
    if place is None:
        return None
    path = place / (name + _SUFFIX)
    try:
        if not _private(place):
            return None
        stored = _own_file(path)
    except OSError:
        return None
    code = stored[_DIGEST:]
    if stored[:_DIGEST] != _checksum(name, code):
        with suppress(OSError):
            path.unlink()
        return None
    with suppress(OSError):
        os.utime(path)  # used just now: the last to be cleared away
    return code


def write(name: str, code: bytes) -> None:
    """Keep `code` under `name`. A disk that cannot be written to is no error: there is no cache then.

    The file appears whole or not at all: it is written beside its place and renamed, which is atomic. Of two
    processes that write the same name the last one wins, with the same content.
    """
    place = directory()
    if place is None:
        return
    with suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)  # a process that can write here can run code
        if not _private(place):
            return
        handle, beside = tempfile.mkstemp(dir=place, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_checksum(name, code) + code)
            os.replace(beside, place / (name + _SUFFIX))
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise
        if name[0] == "0":  # one key in 16: listing the directory each time would cost more than compiling
            _clear(place)


def _private(place: Path) -> bool:
    """Whether only the user (and root) can have put a file into a directory. Windows gives each user a directory
    that others cannot write to."""
    if os.name == "nt":
        return True
    found = os.stat(place)
    if found.st_uid not in (os.geteuid(), 0):
        _warn(
            f"the cache of machine code, {place}, belongs to another user, who could run code as you; jit goes on "
            "without a cache. Let CHAINRULE_CACHE_DIR name a directory of your own"
        )
        return False
    if found.st_mode & _OTHERS:
        _warn(
            f"others may write to the cache of machine code, {place}, and so run code as you; jit goes on without a "
            f"cache. Write chmod go-w {place}, or let CHAINRULE_CACHE_DIR name a directory of your own"
        )
        return False
    return True


def _own_file(path: Path) -> bytes:
    """What a file holds that only the user (or root) can have written; OSError for any other."""
    if os.name == "nt":
        return path.read_bytes()
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in (os.geteuid(), 0) or found.st_mode & _OTHERS:
            raise PermissionError(f"{path} may be another user's")
        return file.read()


def _warn(message: str) -> None:
    """Once for each message; the first 100 of them."""
    if message not in _warned and len(_warned) < 100:
        _warned.add(message)
        path, line = user_line()
        warnings.warn_explicit(message, JitWarning, path or "jit", line)


def _checksum(name: str, code: bytes) -> bytes:
    return hashlib.sha256(name.encode() + code).digest()


def _clear(place: Path) -> None:
    """Remove what was not used for longest once there is more than LIMIT."""
    kept = sorted(_files(place), reverse=True)
    if sum(size for _, size, _ in kept) <= LIMIT:
        return
    total = 0
    for _, size, path in kept:
        total += size
        if total > _KEPT * LIMIT:
            path.unlink(missing_ok=True)


def _files(place: Path) -> Iterator[tuple[float, int, Path]]:
    for path in place.iterdir():
        if path.suffix in (_SUFFIX, ".tmp"):
            with suppress(OSError):  # another process was faster to remove it
                found = path.stat()
                yield found.st_mtime, found.st_size, path
