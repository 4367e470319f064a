"""Where tasks run: on the user's cluster, on a local one that lives as long as a call, or in this process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from chainrule.errors import ArgumentError, MissingExtra

HERE = "here"
"""In place of a client: everything in this process, one task after the other."""


def distributed() -> Any:
    """The library, imported when it is first needed. Raises MissingExtra."""
    try:
        import distributed as found
    except ImportError as error:
        raise MissingExtra("chainrule.cluster", "Dask distributed", "cluster") from error
    return found


@contextlib.contextmanager
def connected(client: Any, workers: int | None = None) -> Iterator[Any]:
    """A client: the one given, the user's current one, or one of a local cluster that is closed in the end.

    client   a `distributed.Client`; None for the current one if there is one, and otherwise for a local cluster
    workers  processes of a local cluster; None for as many as there are processors
    """
    library = distributed()
    if client is not None and not isinstance(client, library.Client):
        raise ArgumentError.here(
            f'cluster: client expects a distributed.Client, "here" or None, got {type(client).__name__}'
        )
    if client is None:
        with contextlib.suppress(ValueError):
            client = library.get_client()
    if client is not None:
        yield client
        return
    count = workers or os.cpu_count() or 1
    local = library.LocalCluster(
        n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    with local, library.Client(local) as own:
        yield own
