"""A training on disk: one file (.safetensors, or NumPy's .npz), replaced as a whole or not at all.

It holds what a training consists of: parameters, the optimiser's state, the history, and a line of JSON with settings.
Numbers are kept as they are, so that what goes on is bit by bit the same.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import optree

from chainrule import trees
from chainrule.errors import ArgumentError
from chainrule.training import tensors

FORMAT = 1
TENSORS = ".safetensors"


def fingerprint(**settings: Any) -> dict[str, str]:
    """What must be the same for a training to go on: settings as text (without addresses), arrays by checksum."""
    return {name: _brief(value) for name, value in settings.items()}


def _brief(value: Any) -> str:
    if isinstance(value, tuple) and any(isinstance(x, np.ndarray) for x in value):
        return " ".join(
            f"{x.dtype}{list(x.shape)}:{zlib.crc32(np.ascontiguousarray(x).data) if x.dtype.kind != 'O' else 0:08x}"
            for x in value
        )
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))


def write(path: Path, held: dict[str, Any], settings: dict[str, str], counts: dict[str, Any]) -> None:
    """Write containers of numbers to `path`. Whenever the process ends, the file is the old one or the new one."""
    arrays: dict[str, Any] = {}
    for part, tree in held.items():
        leaves, _ = trees.flatten(tree)
        arrays |= {name: np.asarray(x) for name, x in zip(_names(part, tree), leaves, strict=True)}
    about = json.dumps({"format": FORMAT, "settings": settings, "counts": counts})
    new = path.with_name(path.name + ".part")
    with open(new, "wb") as file:
        if path.suffix == TENSORS:
            tensors.write(file, arrays, {"about": about})
        else:
            np.savez(file, allow_pickle=False, about=np.array(about), **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def read(path: Path, like: dict[str, Any], settings: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `write` wrote, in containers `like` these, and the counts. Raises ArgumentError where it belongs to another
    training."""
    arrays, text = _stored(path)
    if not text:
        said = f"fit: {path} is no checkpoint of fit; name a file that does not exist yet"
        raise ArgumentError.here(said)
    about = json.loads(text)
    for name, now in settings.items():
        then = about["settings"].get(name)
        if then != now:
            raise ArgumentError.here(
                f"fit: {path} is of a training with {name} = {then}, this one has {now}. Remove the file, or "
                "name another, to start anew"
            )
    found = {}
    for part, tree in like.items():
        leaves, structure = trees.flatten(tree)
        stored = [_restored(x, arrays[name]) for name, x in zip(_names(part, tree), leaves, strict=True)]
        found[part] = trees.unflatten(structure, stored)
    return found, about["counts"]


def _stored(path: Path) -> tuple[dict[str, Any], str]:
    """The arrays of a file, and what stands about them; "" where it is no checkpoint."""
    if path.suffix == TENSORS:
        try:
            arrays, texts = tensors.read(path.read_bytes())
        except (ValueError, KeyError, TypeError):
            return {}, ""
        return arrays, texts.get("about", "")
    try:
        file = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile):
        return {}, ""
    if not isinstance(file, np.lib.npyio.NpzFile):
        return {}, ""
    with file:
        return {name: file[name] for name in file}, str(file["about"]) if "about" in file else ""


def _names(part: str, tree: Any) -> list[str]:
    return ["/".join([part, *map(str, path)]) for path in optree.tree_paths(tree)]


def _restored(x: Any, stored: Any) -> Any:
    """A number of Python's where there was one."""
    return stored.item() if isinstance(x, (int, float)) and not isinstance(x, np.generic) else stored[()]
