"""`python -m benchmarks.numpy_calls [--jit] [TEXT]` prints what is not right with the reason, and the counts.

With TEXT only calls that have it in them are made.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

from benchmarks.numpy_calls.survey import survey


def main() -> None:
    asked = [a for a in sys.argv[1:] if not a.startswith("--")]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for file, text, state, why in survey("--jit" in sys.argv, *asked[:1]):
        counts[file][state] += 1
        if state not in ("right", "compiled"):
            print(f"{state:10} {text}\n           {' '.join(why.split())[:220]}")
    for file, states in counts.items():
        print(f"{file:12} " + ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    total = sum(counts.values(), Counter())
    print(", ".join(f"{n} {state}" for state, n in sorted(total.items())), f"of {sum(total.values())}")


if __name__ == "__main__":
    main()
