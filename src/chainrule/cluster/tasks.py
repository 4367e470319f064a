"""Tasks: a function of each of many things, in any process, with progress, partial results and lines of failures."""

from __future__ import annotations

import linecache
import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chainrule.cluster.progress import Counter
from chainrule.cluster.session import HERE, connected, distributed
from chainrule.errors import ArgumentError, ChainruleError, whose


class TaskError(ChainruleError, RuntimeError):
    """A task failed on a worker: which one, what was raised, and at which line of the user's.

    task   its number
    kind   the name of the type of what was raised
    """

    def __init__(self, message: str, task: int = -1, kind: str = "") -> None:
        super().__init__(message)
        self.task, self.kind = task, kind

    def __reduce__(self) -> Any:
        return type(self), (str(self), self.task, self.kind)


class Done:
    """What a task gave: its result, or the error that says why there is none."""

    __slots__ = ("error", "result")

    def __init__(self, result: Any = None, error: TaskError | None = None) -> None:
        self.result, self.error = result, error

    def get(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result

    def __getstate__(self) -> Any:
        return self.result, self.error

    def __setstate__(self, state: Any) -> None:
        self.result, self.error = state


NAMELESS = "<dynamic-code>"
"""The file of functions that come to a worker by value."""


def file_of(f: Any) -> str:
    """The file that a function was written in; "" when unknown."""
    code = getattr(getattr(f, "func", f), "__code__", None)
    return "" if code is None else str(code.co_filename)


def told(error: BaseException, task: int, what: str, file: str) -> TaskError:
    """The error of a task, with the user's line. `file` is where the function was written."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [f for f in frames if whose(f.filename) == "user" or f.filename == NAMELESS]
    words = f"{what} failed with {type(error).__name__}: {error}"
    if mine and not isinstance(error, ChainruleError):
        line = mine[-1].lineno or 0
        path = file if mine[-1].filename == NAMELESS else mine[-1].filename
        words += f"\n  {os.path.basename(path)}:{line}   {linecache.getline(path, line).strip()}".rstrip()
    return TaskError(words.replace(NAMELESS, os.path.basename(file)), task, type(error).__name__)


def attempted(task: int, what: str, file: str, f: Callable[..., Any], *args: Any) -> Done:
    """f(*args), on a worker. An error does not stop the other tasks."""
    try:
        return Done(f(*args))
    except Exception as error:
        return Done(error=told(error, task, what, file))


def one_by_one(
    f: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    client: Any = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Iterator[tuple[int, Any]]:
    """f of each item on a worker of its own: (number, result), in the order in which they are ready. In place of a
    result that there is none of stands a `TaskError`: what is done is not lost with what fails.

    client    a `distributed.Client`; None for the current one, or a local cluster for the time of the iteration;
              "here" for this process
    workers   processes of a local cluster; by default one for each processor
    progress  show how many are done; by default on a terminal only

    A worker that dies costs the repetition of its tasks only.

    >>> from chainrule import cluster
    >>> sorted(cluster.one_by_one(lambda x: x * x, [1.0, 2.0], client="here"))
    [(0, 1.0), (1, 4.0)]
    """
    if not callable(f):
        raise ArgumentError.here(f"cluster: expected a function and the items, got {type(f).__name__}")
    items = list(items)
    name = getattr(f, "__name__", type(f).__name__)
    bar = Counter(len(items), name, progress)
    try:
        for k, done in _as_ready(f, items, name, client, workers):
            bar.step()
            yield k, done.error if done.error is not None else done.result
    finally:
        bar.end()


def _as_ready(f: Any, items: list[Any], name: str, client: Any, workers: int | None) -> Iterator[tuple[int, Done]]:
    file = file_of(f)
    if client == HERE:
        for k, x in enumerate(items):
            yield k, attempted(k, f"task {k} of {name}", file, f, x)
        return
    with connected(client, workers) as found:
        tasks = {
            found.submit(attempted, k, f"task {k} of {name}", file, f, x, pure=False): k for k, x in enumerate(items)
        }
        try:
            for future in distributed().as_completed(tasks):
                yield tasks[future], result_of(future, tasks[future], f"task {tasks[future]} of {name}")
        finally:
            found.cancel([future for future in tasks if not future.done()])


def result_of(future: Any, task: int, what: str) -> Done:
    """What a future holds. An error here is one of the cluster: the user's are inside."""
    try:
        found: Done = future.result()
    except Exception as error:
        return Done(error=told(error, task, what, ""))
    return found


def each(f: Callable[[Any], Any], items: Sequence[Any], **settings: Any) -> list[Any]:
    """f of each item, in order. Settings as for `one_by_one`. Raises the TaskError of the first item that fails.

    >>> from chainrule import cluster
    >>> cluster.each(lambda x: x * x, [1.0, 2.0, 3.0], client="here")
    [1.0, 4.0, 9.0]
    """
    found = dict(one_by_one(f, items, **settings))
    for k in sorted(found):
        if isinstance(found[k], TaskError):
            raise found[k]
    return [found[k] for k in sorted(found)]
