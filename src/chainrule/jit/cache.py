"""Machine code kept on disk between runs: safe against damage, several writers, and growth without end."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

LIMIT = 256 * 1024 * 1024  # bytes; about 20,000 programs of common size
_KEPT = 0.75  # share of LIMIT that is left after a clearing, so that clearings are rare
_SUFFIX = ".code"
_DIGEST = hashlib.sha256().digest_size


def directory() -> Path | None:
    """Where code is kept: CHAINRULE_CACHE_DIR, or the user's cache directory; None when that variable is empty or
    "off"."""
    chosen = os.environ.get("CHAINRULE_CACHE_DIR")
    if chosen is not None:
        return None if chosen.strip().lower() in ("", "off") else Path(chosen).expanduser()
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "chainrule"


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
        stored = path.read_bytes()
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
        place.mkdir(mode=0o700, parents=True, exist_ok=True)  # whoever can write here can run code
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
