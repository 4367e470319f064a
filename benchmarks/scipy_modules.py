"""Which functions of SciPy's public modules are differentiated: asked of the tables of rules.

`python -m benchmarks.scipy_modules` prints the counts; with `--write` it writes docs/scipy_modules.md.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections import Counter
from pathlib import Path

import scipy

from chainrule import __version__
from chainrule.doctor.known import CONSTANT, REFUSED, SUPPORTED, answer

PAGE = Path(__file__).parent.parent / "docs" / "scipy_modules.md"
VERSION = ".".join(scipy.__version__.split(".")[:2])
MODULES = (
    "cluster.hierarchy", "cluster.vq", "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal",
    "signal.windows", "sparse.linalg", "spatial", "spatial.distance", "special", "stats",
)  # fmt: skip


def survey() -> dict[str, dict[str, str]]:
    """The state of each public function of each module. Classes, distributions and whole modules are left out."""
    found: dict[str, dict[str, str]] = {}
    for module in MODULES:
        names = importlib.import_module(f"scipy.{module}")
        states = {}
        for name in sorted(getattr(names, "__all__", dir(names))):
            function = getattr(names, name, None)
            if name.startswith("_") or not callable(function) or isinstance(function, (type, types.ModuleType)):
                continue
            if hasattr(function, "rvs"):  # a distribution
                continue
            state = answer(f"scipy.{module}.{name}").state
            states[name] = state if state in (SUPPORTED, CONSTANT) else REFUSED
        found[module] = states
    return found


def page(found: dict[str, dict[str, str]]) -> str:
    total = Counter(state for states in found.values() for state in states.values())
    lines = [
        "# SciPy, module by module",
        "",
        f"Made by `python -m benchmarks.scipy_modules --write` with SciPy {VERSION}, from the tables of rules that",
        "`chainrule doctor` asks too: every public function of these modules, all since version "
        f"{__version__}. Distributions and special",
        "functions are on [a page of their own](scipy.md), by argument. What is refused is so at your line,",
        "where it meets a number that carries a derivative; with plain numbers it is SciPy's own function.",
        "",
        f"**{total[SUPPORTED]} supported, {total[CONSTANT]} constant, {total[REFUSED]} refused.**",
        "",
    ]
    for module, states in found.items():
        lines += [f"## scipy.{module}", ""]
        for state in (SUPPORTED, CONSTANT, REFUSED):
            names = [name for name, s in states.items() if s == state]
            if names:
                lines += [f"{state.capitalize()}, {len(names)}:", *(f"`{name}`," for name in names[:-1])]
                lines += [f"`{names[-1]}`.", ""]
    return "\n".join(lines)


def main() -> None:
    found = survey()
    for module, states in found.items():
        print(f"scipy.{module:20}", dict(Counter(states.values())))
    if "--write" in sys.argv:
        PAGE.write_text(page(found))


if __name__ == "__main__":
    main()
