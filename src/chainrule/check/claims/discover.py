"""Finding claims in Python files, notebooks and folders of them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chainrule.check.claims.claim import Claim, claim_of, innermost, source_of
from chainrule.check.claims.load import load
from chainrule.check.claims.notebook import code_cells, frozen, run_cells
from chainrule.check.claims.pairs import mismatch, partner
from chainrule.errors import ArgumentError

SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}


@dataclass(frozen=True)
class Problem:
    """Something that kept a file, a cell or a claim from being run: where, and what was said about it."""

    path: str
    where: str
    message: str

    def __str__(self) -> str:
        line = self.where.removeprefix("line ")
        place = f"{self.path}:{line}" if line != self.where else f"{self.path} {self.where}".rstrip()
        return f"{place}: {self.message}"


@dataclass(frozen=True)
class Discovery:
    """The claims found under a path, what went wrong on the way, and everything the user's code printed.

    `skipped` names what looks like a derivative but cannot be called where their function is.
    """

    path: str
    claims: tuple[Claim, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Problem, ...] = ()
    output: str = field(default="", repr=False)

    def __add__(self, other: Discovery) -> Discovery:
        return Discovery(
            self.path,
            self.claims + other.claims,
            self.problems + other.problems,
            tuple(dict.fromkeys(self.skipped + other.skipped)),
            self.output + other.output,
        )


def discover(path: str | os.PathLike[str]) -> Discovery:
    """Run a Python file or a notebook, or those of a folder that may hold claims, and collect the claims.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "cubes.py")
    ...     _ = file.write_text("def cube(x): return x**3\\ndef cube_grad(x): return 3 * x * x\\n")
    ...     found = discover(folder)
    >>> [(claim.name, claim.line, claim.derivative(2.0)) for claim in found.claims]
    [('cube_grad', 2, 12.0)]
    """
    found = Discovery(str(path))
    for file in files(Path(path)):
        found += in_notebook(file) if file.suffix == ".ipynb" else in_module(file)
    return found


def files(path: Path) -> Iterator[Path]:
    """The files to run: the one that was named, or those below a folder whose text may hold a claim."""
    if not path.exists():
        raise ArgumentError(f"expected a file or a folder, got {path}, which does not exist")
    if not path.is_dir():
        if path.suffix not in (".py", ".ipynb"):
            raise ArgumentError(f"expected a .py file, a .ipynb notebook or a folder, got {path}")
        yield path
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(
            name
            for name in inner
            if name not in SKIPPED_FOLDERS
            and not name.startswith(".")
            and not Path(folder, name, "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix in (".py", ".ipynb") and may_hold_a_claim(file):
                yield file


def may_hold_a_claim(file: Path) -> bool:
    """Whether the text defines a derivative of a name it mentions: other scripts of a folder are not run."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        text = "\n".join(code_cells(file)) if file.suffix == ".ipynb" else text
    except (OSError, ArgumentError):
        return True  # to be told as a problem
    words = set(re.findall(r"\w+", text))
    defined = set(re.findall(r"^[ \t]*(?:async +)?(?:def +)?(\w+)\s*[(=:]", text, re.MULTILINE))
    return "gradient_of" in words or any(partner(name, words) for name in defined)


def in_module(file: Path) -> Discovery:
    """The claims of a Python file, as its names stand at the end of the file."""
    try:
        loaded = load(file)
    except OSError as error:
        return Discovery(str(file), problems=(Problem(str(file), "", str(error)),))
    found = pair_up(loaded.namespace, str(file), loaded.namespace)
    problems = (Problem(str(file), *loaded.failure),) if loaded.failure else ()
    claims = tuple(sorted(found.claims, key=lambda claim: claim.line))
    return replace(found, claims=claims, problems=problems, output=loaded.output)


def in_notebook(file: Path) -> Discovery:
    """The claims of a notebook, each as of the cell that completed it: names may change meaning later."""
    found = Discovery(str(file))
    before: dict[str, Any] = {}
    defined_in: dict[str, int] = {}
    unpaired: set[str] = set()
    try:
        for cell in run_cells(file):
            changed = {name for name, value in cell.namespace.items() if value is not before.get(name)}
            before = dict(cell.namespace)
            defined_in |= dict.fromkeys(changed, cell.number)
            unpaired |= changed
            new = pair_up(cell.namespace, str(file), unpaired)
            unpaired -= {claim.name for claim in new.claims}
            claims = as_of_now(new.claims, cell.namespace, defined_in)
            problems: tuple[Problem, ...] = ()
            if cell.failure:
                where = ", ".join(filter(None, [f"cell {cell.number}", cell.failure.where]))
                problems = (Problem(str(file), where, cell.failure.message),)
            found += replace(new, claims=claims, problems=problems, output=cell.output)
    except (OSError, ArgumentError) as error:
        found += Discovery(str(file), problems=(Problem(str(file), "", str(error)),))
    return found


def as_of_now(claims: tuple[Claim, ...], namespace: dict[str, Any], defined_in: Mapping[str, int]) -> tuple[Claim, ...]:
    """The claims with their functions frozen, labelled with the cells of their derivatives."""
    if not claims:
        return ()
    now = frozen(namespace)
    twins = {id(value): now[name] for name, value in namespace.items()}
    return tuple(
        replace(
            claim,
            function=twins.get(id(claim.function), claim.function),
            derivative=now[claim.name],
            cell=defined_in[claim.name],
        )
        for claim in claims
    )


def pair_up(namespace: Mapping[str, Any], path: str, names: Collection[str]) -> Discovery:
    """The claims among `names`: functions defined here and marked as a derivative, or named like one."""
    claims: dict[tuple[int, int], Claim] = {}
    skipped = []
    functions = {name for name, value in namespace.items() if callable(value) and not isinstance(value, type)}
    for name, derivative in namespace.items():
        if name not in functions or name not in names:
            continue
        if getattr(innermost(derivative), "__globals__", None) is not namespace:
            continue  # imported: a claim of the module it comes from
        claim = claim_of(derivative)
        if claim is None and (pair := partner(name, functions - {name})):
            function = namespace[pair.function]
            if innermost(derivative) is innermost(function) is not derivative:
                continue  # grad(f) and the like: nobody derived it by hand
            if reason := mismatch(function, derivative, pair.kind):
                skipped.append(Problem(path, f"line {source_of(derivative)[1]}", reason))
                continue
            claim = Claim(name, function, derivative, line=source_of(derivative)[1], kind=pair.kind)
        if claim is not None:
            claims.setdefault((id(claim.function), id(derivative)), replace(claim, name=name, path=path))
    return Discovery(path, tuple(claims.values()), skipped=tuple(skipped))
