"""`value_and_grad`: a loss that is a sum over rows, and its gradient, with the rows on many workers."""

from __future__ import annotations

import contextlib
import functools
import operator
import time
import uuid
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.cluster.parts import Parts, loaded, parts_of, rows_in
from chainrule.cluster.session import HERE, connected, distributed
from chainrule.cluster.sources import Held
from chainrule.cluster.tasks import Done, attempted, file_of
from chainrule.errors import ArgumentError, ShapeError
from chainrule.training.spread import Spread
from chainrule.transforms.gradient import value_and_grad as of_one_process

FAN_IN = 8
"""Sums that one task adds up. With it a thousand parts are three rounds."""

ATTEMPTS = 3

LARGE = 1 << 18
"""Bytes from which on parameters are sent to the workers once, and not with each task."""


class Job:
    """A loss as workers know it. They keep what they have compiled for it by its name."""

    def __init__(self, loss: Callable[..., Any], jit: bool) -> None:
        self.loss, self.jit, self.name, self.file = loss, jit, uuid.uuid4().hex, file_of(loss)

    def kernel(self) -> Callable[..., Any]:
        return _kernel(self.name, self)

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other.name == self.name


@functools.lru_cache(maxsize=8)
def _kernel(name: str, job: Job) -> Callable[..., Any]:
    both = of_one_process(job.loss)
    if not job.jit:
        return both
    from chainrule.jit.call.jit import jit

    return jit(both)


def of_part(job: Job, params: Any, *sources: Any) -> Any:
    """The value and the gradient of one part, and how many rows it has; None for a part without rows."""
    params = params.load() if isinstance(params, Held) else params
    arguments = [x for source in sources for x in loaded(source)]
    rows = rows_in(arguments)
    return (*_recorded_alone(job.kernel(), (params, *arguments)), rows) if rows else None


TRIES = 4
_OTHERS = "a jitted function drew random numbers (random)"


def _recorded_alone(kernel: Any, args: tuple[Any, ...]) -> Any:
    """kernel(*args). A thread of the worker's draws from `random` now and then: where it does while a kernel is
    recorded, the warning is not about the loss, and the kernel is recorded once more."""
    for k in range(TRIES):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found = kernel(*args)
        if k + 1 == TRIES or not any(str(w.message).startswith(_OTHERS) for w in said):
            break
        kernel.forget()
    for w in said:
        warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)
    return found


def part_task(job: Job, k: int, params: Any, *sources: Any) -> Done:
    return attempted(k, f"part {k} of the data", job.file, of_part, job, params, *sources)


def added(*parts: Done) -> Done:
    """The sum of values, gradients and rows, in order; the first error where there is one."""
    failed = next((p for p in parts if p.error is not None), None)
    if failed is not None:
        return failed
    found = [p.result for p in parts if p.result is not None]
    return Done(functools.reduce(_plus, found) if found else None)


def _plus(a: Any, b: Any) -> Any:
    return a[0] + b[0], trees.map(operator.add, a[1], b[1]), a[2] + b[2]


def reduced(nodes: Sequence[Any], fan_in: int, add: Callable[..., Any]) -> Any:
    """All nodes added up, `fan_in` at a time: the order of additions depends on their number alone."""
    while len(nodes) > 1:
        nodes = [add(*nodes[k : k + fan_in]) for k in range(0, len(nodes), fan_in)]
    return nodes[0]


def value_and_grad(
    loss: Callable[..., Any],
    *,
    client: Any = None,
    workers: int | None = None,
    rows: int | None = None,
    jit: bool = True,
    fan_in: int = FAN_IN,
) -> ClusterGradient:
    """(params, *data) -> (value, gradient by params) of a loss that is a sum over the rows of the data.

    loss      loss(params, *arrays) of some of the rows gives their sum; a dataframe or a parquet file comes as a dict
              of columns
    client    a `distributed.Client`; None for the current one, or a local cluster that lives for the call (or for a
              `with` block around several); "here" for the same parts and sums in this process
    workers   processes of a local cluster; by default one for each processor
    rows      of a part, for arrays and .npy files; by default as Dask's arrays are chunked, otherwise some 64 MB
    jit       compile the gradient on the workers
    fan_in    sums that one task adds up

    data is NumPy's or Dask's arrays, a bag, a dataframe, or names of files (.npy, .parquet, .zarr): a worker loads one
    part at a time, so that the whole may be larger than memory. Parts are added up in an order that depends on their
    number alone: on machines of one kind results are the same bit by bit, whatever the number of workers.

    Raises TaskError with the user's line where the loss fails, MissingExtra without Dask.

    >>> import numpy as np
    >>> from chainrule import cluster
    >>> def squares(p, x, y):
    ...     return np.sum((p * x - y) ** 2)
    >>> x = np.arange(6.0)
    >>> cluster.value_and_grad(squares, client="here", rows=2, jit=False)(1.0, x, 3 * x)
    (220.0, -220.0)
    """
    if not callable(loss):
        raise ArgumentError.here(f"cluster.value_and_grad expects a function, got {type(loss).__name__}")
    for name, n, least in (("rows", rows, 1), ("fan_in", fan_in, 2), ("workers", workers, 1)):
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < least):
            raise ArgumentError.here(f"cluster: {name} expects a whole number from {least} on, got {n!r}")
    return ClusterGradient(loss, client, workers, rows, jit, fan_in)


class ClusterGradient(Spread):
    """What `value_and_grad` returns. In a `with` block a local cluster lives until its end."""

    def __init__(self, loss: Any, client: Any, workers: int | None, rows: int | None, jit: bool, fan_in: int) -> None:
        self.loss, self.client, self.workers, self.rows, self.fan_in = loss, client, workers, rows, fan_in
        self.job = Job(loss, jit)
        self._open = contextlib.ExitStack()
        self._client: Any = None
        self._depth = 0
        self._told = "not called yet"
        functools.update_wrapper(self, loss, updated=())

    def __repr__(self) -> str:
        return f"<cluster.value_and_grad of {getattr(self.loss, '__name__', type(self.loss).__name__)}>"

    def __enter__(self) -> ClusterGradient:
        self._depth += 1
        if self._depth == 1 and self.client != HERE:
            self._client = self._open.enter_context(connected(self.client, self.workers))
        return self

    def __exit__(self, *error: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._client = None
            self._open.close()

    def prepared(self, *data: Any) -> Parts:
        """The data cut into parts once, for many calls. Arrays of NumPy's are sent to the workers, once."""
        parts = data[0] if len(data) == 1 and isinstance(data[0], Parts) else parts_of(_several(data), self.rows)
        if self._client is None:
            return parts
        from dask.delayed import delayed

        # Tasks, and not scattered: the scheduler has them anew where a worker dies with its copy.
        held = [delayed(s, traverse=False) for row in parts.rows for s in row if isinstance(s, Held)]
        sent = iter(self._client.persist(held) if held else ())
        return Parts([tuple(next(sent) if isinstance(s, Held) else s for s in row) for row in parts.rows])

    def __call__(self, params: Any, *data: Any) -> tuple[Any, Any]:
        if self.client == HERE:
            return self._called(None, params, self.prepared(*data))
        if self._client is not None:
            return self._called(self._client, params, self.prepared(*data))
        with self:
            return self._called(self._client, params, self.prepared(*data))

    def report(self) -> str:
        """What the last call took: parts, rows, tasks and seconds."""
        return self._told

    def _called(self, client: Any, params: Any, parts: Parts) -> tuple[Any, Any]:
        start = time.perf_counter()
        done = self._here(params, parts) if client is None else self._there(client, params, parts)
        found = done.get()
        if found is None:
            raise ShapeError.here("cluster: the data has no rows")
        value, gradient, rows = found
        where = "in this process" if client is None else "on the cluster"
        seconds = time.perf_counter() - start
        self._told = f"{len(parts)} parts, {rows:,} rows {where}, {seconds:.3f} s"
        return value, gradient

    def _here(self, params: Any, parts: Parts) -> Done:
        each = []
        for k, sources in enumerate(parts.rows):
            plain = [s.compute(scheduler="synchronous") if hasattr(s, "dask") else s for s in sources]
            each.append(part_task(self.job, k, params, *plain))
        return reduced(each, self.fan_in, added) if each else Done()

    def _there(self, client: Any, params: Any, parts: Parts) -> Done:
        if not parts.rows:
            return Done()
        large = sum(np.asarray(x).nbytes for x in trees.flatten(params)[0]) >= LARGE
        for _ in range(ATTEMPTS):
            try:
                return self._summed(client, Held(params), large, parts)
            except distributed().KilledWorker as error:
                raise ArgumentError.here(
                    f"cluster: workers died again and again over one part ({error}): it may be larger than their "
                    "memory; use smaller parts (rows=, or chunks)"
                ) from error
            except distributed().CancelledError:
                pass  # the only worker that had the parameters died
        raise ArgumentError.here(f"cluster: all workers died {ATTEMPTS} times over one call")

    def _summed(self, client: Any, params: Any, large: bool, parts: Parts) -> Done:
        """All parts' values and gradients, added up on the workers."""
        from dask.delayed import delayed

        held = client.scatter(params, broadcast=True, hash=False) if large else delayed(params, traverse=False)
        job = delayed(self.job, name=f"loss-{self.job.name}", traverse=False)
        task, add = delayed(part_task, pure=False), delayed(added, pure=False)
        each = [
            task(job, k, held, *[delayed(s, traverse=False) if hasattr(s, "load") else s for s in sources])
            for k, sources in enumerate(parts.rows)
        ]
        found: Done = client.compute(reduced(each, self.fan_in, add)).result()
        return found


def _several(data: tuple[Any, ...]) -> tuple[Any, ...]:
    """A tuple of arrays in place of many arguments."""
    return data[0] if len(data) == 1 and isinstance(data[0], tuple) else data
