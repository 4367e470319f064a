"""What a step costs on Dask's workers: `python -m benchmarks.cluster`. Needs the extra `cluster`.

Overhead of a step with next to no work, speed-up of two workers over one on work that fills them, bytes that travel,
and data of eight times a worker's memory."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np

from chainrule import cluster

MEMORY = 400 << 20


def squares(p: Any, x: Any, y: Any) -> Any:
    return np.sum((x @ p - y) ** 2)


def work(p: Any, x: Any) -> Any:
    for _ in range(20):
        x = np.tanh(x * p[0] + p[1])
    return np.sum(x * x)


def largest(p: Any, x: Any) -> Any:
    return np.sum(x * p)


def seconds(call: Any, times: int = 5) -> float:
    """The quickest of some calls."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def local(workers: int, memory: Any = "auto") -> Any:
    import distributed

    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", memory_limit=memory
    )


def overhead() -> None:
    import distributed

    x, y, p = np.ones((64, 4)), np.ones(64), np.ones(4)
    with local(2) as started, distributed.Client(started) as client:
        for parts in (1, 8, 64):
            both = cluster.value_and_grad(squares, client=client, rows=64 // parts)
            with both:
                data = both.prepared(x, y)
                both(p, data)
                print(f"a step of {parts:3} parts: {seconds(lambda b=both, d=data: b(p, d)) * 1e3:7.1f} ms")


def speed_up() -> None:
    import distributed

    x, p = np.linspace(-1, 1, 4_000_000), np.array([0.9, 0.1])
    taken = {}
    for workers in (1, 2):
        with (
            local(workers) as started,
            distributed.Client(started) as client,
            cluster.value_and_grad(work, client=client, rows=250_000) as both,
        ):
            data = both.prepared(x)
            both(p, data)
            taken[workers] = seconds(lambda b=both, d=data: b(p, d), 3)
    one, two = taken[1], taken[2]
    print(f"4 million rows of 20 tanh: {one:.2f} s by one worker, {two:.2f} s by two: {one / two:.2f}")


def moved() -> None:
    for size in (100, 10_000):
        p = np.ones(size)
        held = len(cloudpickle.dumps(p))
        print(f"{size:6} parameters: {held:,} bytes to each worker, and {held:,} for each part's gradient and sum")


def larger_than_memory(folder: Path) -> None:
    import distributed

    rows = 8 * MEMORY // 8
    x = np.lib.format.open_memmap(folder / "x.npy", mode="w+", dtype=np.float64, shape=(rows,))
    x[::1000] = 1.0
    x.flush()
    del x
    with local(1, MEMORY) as started, distributed.Client(started) as client:
        both = cluster.value_and_grad(largest, client=client, rows=2_000_000)
        start = time.perf_counter()
        value, slope = both(2.0, folder / "x.npy")
        taken = time.perf_counter() - start
    count = -(-rows // 1000)
    assert (value, slope) == (2.0 * count, count), (value, slope)
    print(f"{rows * 8 >> 20:,} MB through a worker of {MEMORY >> 20} MB: {taken:.1f} s, {both.report()}")


def main() -> None:
    overhead()
    speed_up()
    moved()
    with tempfile.TemporaryDirectory() as folder:
        larger_than_memory(Path(folder))


if __name__ == "__main__":
    main()
