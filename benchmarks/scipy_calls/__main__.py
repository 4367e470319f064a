"""`python -m benchmarks.scipy_calls [--jit] [MODULE ...]` prints the counts, and what is not right with the reason."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

from benchmarks.scipy_calls.survey import CALLS, calls, judged, special


def main() -> None:
    asked = [a for a in sys.argv[1:] if not a.startswith("--")]
    compile = "--jit" in sys.argv
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    found = [(m, n, *judged(m, n, call, compile)) for m, n, call in calls() if not asked or m in asked]
    if not compile and (not asked or "special" in asked):
        found += [("special", *state) for state in special()]
    for module, name, state, why in found:
        counts[module][state] += 1
        if state not in ("right", "compiled"):
            print(f"{state:10} {module}.{name}: {' '.join(why.split())[:200]}")
    for module in [*CALLS, "special"]:
        if counts[module]:
            print(f"{module:20} " + ", ".join(f"{n} {state}" for state, n in sorted(counts[module].items())))
    total = sum(counts.values(), Counter())
    print(", ".join(f"{n} {state}" for state, n in sorted(total.items())), f"of {sum(total.values())}")


if __name__ == "__main__":
    main()
