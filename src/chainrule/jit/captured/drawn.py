"""Functions of libraries whose answer is another one in each call, or depends on a setting of the process."""

from __future__ import annotations

import decimal
import gc
import locale
import os
import random
import secrets
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

TIME = "asks for the time"
_RANDOM = "draws random numbers of the system's"
_DRAWN: dict[Any, str] = {
    **dict.fromkeys(
        (time.time, time.time_ns, time.perf_counter, time.perf_counter_ns, time.monotonic, time.monotonic_ns,
         time.process_time, time.process_time_ns, time.thread_time, time.localtime, time.gmtime, time.ctime),
        TIME,
    ),
    **dict.fromkeys(
        (os.urandom, uuid.uuid1, uuid.uuid4, random.SystemRandom, secrets.randbelow, secrets.randbits, secrets.choice,
         secrets.token_bytes, secrets.token_hex, secrets.token_urlsafe, secrets.SystemRandom),
        _RANDOM,
    ),
    **({os.getrandom: _RANDOM} if hasattr(os, "getrandom") else {}),
}  # fmt: skip
_UNSEEDED = frozenset({
    np.random.default_rng, np.random.RandomState, np.random.SeedSequence, np.random.PCG64, np.random.MT19937,
    np.random.Philox, np.random.SFC64, random.Random,
})  # fmt: skip
_ANSWERS: dict[Any, Callable[[Any], str]] = {
    f: lambda _, ask=ask: repr(ask())  # type: ignore[misc]
    for f, ask in (
        (np.geterr, np.geterr), (np.get_printoptions, np.get_printoptions),
        (decimal.getcontext, decimal.getcontext), (decimal.localcontext, decimal.getcontext),
        (decimal.Decimal, decimal.getcontext),
        (locale.getlocale, locale.getlocale), (os.getcwd, os.getcwd), (os.getpid, os.getpid),
        (sys.getrecursionlimit, sys.getrecursionlimit), (gc.isenabled, gc.isenabled),
        (threading.get_ident, threading.get_ident), (threading.current_thread, threading.current_thread),
        (threading.active_count, threading.active_count), (sys.getswitchinterval, sys.getswitchinterval),
        (np.getbufsize, np.getbufsize), (random.getstate, random.getstate),
        (np.random.get_state, np.random.get_state),
    )
}  # fmt: skip


def drawn(f: Any, bare: bool) -> str | None:
    """What a function does whose answer a recording would freeze; `bare`: it is called without arguments somewhere.

    >>> drawn(time.time, True), drawn(np.random.default_rng, False), drawn(abs, True)
    ('asks for the time', None, None)
    """
    try:
        return _RANDOM if bare and f in _UNSEEDED else _DRAWN.get(f)
    except TypeError:  # it has no hash
        return None


def answer_of(f: Any) -> Callable[[Any], str] | None:
    """For a function that tells a setting of the process: what asks it; None for any other."""
    try:
        return _ANSWERS.get(f)
    except TypeError:
        return None
