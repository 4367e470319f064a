"""`check` and `grade` of many files, each a task."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from chainrule.cluster.tasks import one_by_one
from chainrule.errors import ArgumentError


def check(
    paths: Iterable[str | os.PathLike[str]],
    *,
    limit: float | None = None,
    client: Any = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> dict[str, Any]:
    """What `chainrule check FILE --json` says, by path: the document, or a TaskError for a file that could not be
    looked at. Workers have to see the files; each is run in a process of its own there.

    limit      seconds for what the claims of a file need, and for each claim
    client, workers, progress  as for `one_by_one`
    """
    options = [] if limit is None else ["--limit", str(limit)]
    return _each("check", options, [os.fspath(path) for path in paths], client, workers, progress)


def grade(
    targets: Iterable[str], *, client: Any = None, workers: int | None = None, progress: bool | None = None
) -> dict[str, Any]:
    """What `chainrule grade FILE:CLASS --json` says, by target: the document, or a TaskError."""
    return _each("grade", [], list(targets), client, workers, progress)


def _each(command: str, options: list[str], names: list[str], *settings: Any) -> dict[str, Any]:
    client, workers, progress = settings
    task = functools.partial(_document, command, options)
    task.__name__ = command  # type: ignore[attr-defined]
    ready = dict(one_by_one(task, names, client=client, workers=workers, progress=progress))
    return {name: ready[k] for k, name in enumerate(names)}


def _document(command: str, options: list[str], name: str) -> Any:
    """What the command line says of a file. It is no child of this process by `multiprocessing`, which Dask's workers
    must not have."""
    run = [sys.executable, "-m", "chainrule", command, name, "--json", *options]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        raise ArgumentError(f"chainrule {command} {name}: {said}") from None
