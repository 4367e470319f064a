"""Installs the oldest versions that pyproject.toml allows in an environment of their own, and runs the smoke tests.

`python tests/lower_bounds.py` ends with 0 where they pass. A bound that is raised here is raised in pyproject.toml.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS = ("special", "symbolic", "notebook", "plot", "jit")
_BOUND = re.compile(r"([A-Za-z0-9_.-]+)>=([0-9.]+)$")
JIT = """
import chainrule as cr, numpy as np
slope = cr.grad(lambda x: np.sum(np.tanh(x) ** 2))
assert np.allclose(cr.jit(slope)(np.ones(3)), slope(np.ones(3)))
assert cr.jit(lambda x, y: x @ y)(np.eye(3), np.ones(3)).tolist() == [1.0, 1.0, 1.0]
import chainrule.plots
"""


def oldest() -> list[str]:
    """Each requirement with its lower bound in place of what it allows.

    >>> [x for x in oldest() if x.startswith("numpy")]
    ['numpy==2.2']
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in EXTRAS:
        wanted += project["optional-dependencies"][extra]
    wanted += [x for x in project["optional-dependencies"]["test"] if x.startswith("pytest>=")]
    found = [_BOUND.match(requirement) for requirement in dict.fromkeys(wanted)]
    missing = [requirement for requirement, bound in zip(dict.fromkeys(wanted), found, strict=True) if bound is None]
    if missing:
        raise SystemExit(f"no lower bound: {', '.join(missing)}; write name>=version")
    return [f"{bound[1]}=={bound[2]}" for bound in found if bound is not None]


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place, "Scripts" if os.name == "nt" else "bin", "python")
        environment = {**os.environ, "CHAINRULE_COMPILE": "0", "PYTEST_ADDOPTS": ""}

        def run(*command: str) -> None:
            print("+", *command, flush=True)
            subprocess.run([str(python), *command], check=True, cwd=place, env=environment)

        run("-m", "pip", "install", "--quiet", *oldest())
        run("-m", "pip", "install", "--quiet", "--no-deps", str(ROOT))
        run("-m", "pip", "list", "--format=freeze")
        run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(ROOT / "tests" / "test_smoke.py"))
        run("-c", JIT)


if __name__ == "__main__":
    sys.exit(main())
