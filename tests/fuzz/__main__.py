"""Looks for programs on which jit and plain Python disagree."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator

from .compare import AGREES, REFUSED, SKIPPED
from .minimise import minimised
from .programs import Program, drawn
from .workers import outcomes


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, help="how many programs")
    parser.add_argument("--minutes", type=float, help="how long")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; they are counted from there")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=float, default=30.0, help="seconds for one program")
    parser.add_argument("--faults", type=int, default=10, help="stop after so many")
    options = parser.parse_args()
    end = time.monotonic() + 60 * (options.minutes or (1.0 if options.count is None else 1e6))

    def seeds() -> Iterator[int]:
        counted = itertools.count(options.seed)
        within = counted if options.count is None else itertools.islice(counted, options.count)
        return itertools.takewhile(lambda _: time.monotonic() < end, within)

    met, faults = Counter[str](), []
    for seed, found in outcomes(seeds(), options.processes, options.limit):
        kind = next((k for k in (AGREES, SKIPPED, REFUSED) if found.startswith(k)), "fault")
        met[kind] += 1
        if kind == REFUSED:
            met[found] += 1
        if kind == "fault":
            print(f"seed {seed}: {found}", flush=True)
            faults.append((seed, found))
            if len(faults) >= options.faults:
                break
    for seed, found in faults:
        _show(seed, found, options.limit)
    ran = sum(met[kind] for kind in (AGREES, SKIPPED, REFUSED, "fault"))
    print(f"{ran} programs:", dict(met.most_common()))
    return bool(faults)


def _show(seed: int, found: str, limit: float) -> None:
    kind = found.split(":")[1].strip()[:12] if ":" in found else found[:12]

    def fails(program: Program) -> bool:
        ((_, again),) = outcomes([program], 1, limit)
        return kind in again

    print(f"\n# seed {seed}: {found}\n{minimised(drawn(seed), fails).source()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
