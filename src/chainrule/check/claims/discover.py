"""Finding claims in Python files, notebooks and folders of them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from chainrule.check.claims.backwards import backward_claims
from chainrule.check.claims.claim import Claim, as_gradient, claim_of, innermost, source_of
from chainrule.check.claims.load import load, parsed
from chainrule.check.claims.program import Failure, failure_of
from chainrule.check.claims.seen import Seen, alike
from chainrule.check.claims.syntax.outline import Outline, outline
from chainrule.check.claims.syntax.pairs import Pair, arguments, is_bare, mismatch, names_of, partners, said_by
from chainrule.check.claims.updates.trainings import training_claims, trainings
from chainrule.check.claims.updates.unread import unread
from chainrule.check.judges.kinds import JUDGES
from chainrule.errors import ArgumentError
from chainrule.records import record

if TYPE_CHECKING:
    from chainrule.check.claims.notebook import Text

KINDS = (".py", ".ipynb")
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}


@record(frozen=True)
class Problem:
    """Something that kept a file, a cell or a claim from being run: where, and what was said about it."""

    path: str
    where: str
    message: str

    def __str__(self) -> str:
        line = self.where.removeprefix("line ")
        place = f"{self.path}:{line}" if line != self.where else f"{self.path} {self.where}".rstrip()
        return f"{place}: {self.message}"


@record(frozen=True)
class Discovery:
    """The claims found under a path, what went wrong on the way, and everything the user's code printed.

    `skipped` names what looks like a derivative but cannot be called where their function is, and statements that
    were left before their end.
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

    Files whose syntax tree holds nothing that could be a claim are not run.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open(os.path.join(folder, "cubes.py"), "w") as file:
    ...         _ = file.write("def cube(x): return x**3\\ndef cube_grad(x): return 3 * x * x\\n")
    ...     found = discover(folder)
    >>> [(claim.name, claim.line, claim.derivative(2.0)) for claim in found.claims]
    [('cube_grad', 2, 12.0)]
    """
    found = Discovery(str(path))
    for file in files(os.fspath(path)):
        found += in_file(file)
    return found


def files(path: str) -> Iterator[str]:
    """The files to look at: the one that was named, or those below a folder that can be read as files. (As strings: to
    import pathlib takes as long as a twentieth of importing NumPy.)"""
    if not os.path.exists(path):
        raise ArgumentError(f"expected a file or a folder, got {path}, which does not exist")
    if not os.path.isdir(path):
        if not path.endswith(KINDS):
            raise ArgumentError(f"expected a .py file, a .ipynb notebook or a folder, got {path}")
        yield _without_dots(path)
        return
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(
            name
            for name in inner
            if name not in SKIPPED_FOLDERS
            and not name.startswith(".")
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            file = _without_dots(os.path.join(folder, name))
            if name.endswith(KINDS) and not name.startswith(".") and os.path.isfile(file):
                yield file


def _without_dots(path: str) -> str:
    """A path as it is shown: without `./`, and with `..`, which a link may lead elsewhere, as it was written."""
    return path if os.pardir in path else os.path.normpath(path)


def look(file: str) -> tuple[Outline, list[Text]]:
    """A file looked at, not run: what in it could be a claim, and the cells where it is a notebook.

    Raises OSError, ArgumentError, SyntaxError and ValueError for files that cannot be read.
    """
    if not file.endswith(".ipynb"):
        return outline(parsed(file).body, trainings), []
    from chainrule.check.claims.notebook import cells

    texts = cells(file)
    return outline([node for text in texts for node in text.body], trainings), texts


def in_file(file: str, **limits: Any) -> Discovery:
    """The claims of a file; nothing is run if it cannot hold any."""
    try:
        looked_at, texts = look(file)
    except (OSError, ArgumentError) as error:
        return Discovery(file, problems=(Problem(file, "", str(error)),))
    except (SyntaxError, ValueError) as error:
        return Discovery(file, problems=(Problem(file, *failure_of(error, "")),))
    if not looked_at.possible:
        skipped = tuple(_unread(file, looked_at, ()))
        return Discovery(file, problems=_unreadable(file, texts), skipped=skipped)
    if file.endswith(".ipynb"):
        found = in_notebook(file, looked_at, texts, **limits)
    else:
        found = in_module(file, looked_at, **limits)
    return replace(found, skipped=(*found.skipped, *_unread(file, looked_at, found.claims)))


def _unread(file: str, looked_at: Outline, claims: Iterable[Claim]) -> Iterator[Problem]:
    """What updates something by gradients of its own, what is called a gradient, and is no claim; what is said of
    it."""
    claimed = {claim.name for claim in claims}
    for line, name, slopes in unread([s.node for s in looked_at.statements], looked_at.possible):
        if name in claimed:
            continue
        inside = f"{name} updates by what it computes itself ({', '.join(slopes[:4])}), which is not checked"
        said = inside if slopes else f"{name} is not checked: nothing was found that it is the gradient of"
        yield Problem(file, f"line {line}", f"{said}; write the loss and its gradient as two functions")


def _unreadable(file: str, texts: list[Text]) -> tuple[Problem, ...]:
    return tuple(_problem(file, text.failure, text.number) for text in texts if text.failure)


def _problem(file: str, failure: Failure, cell: int | None = None) -> Problem:
    place = [f"cell {cell}"] if cell is not None else []
    return Problem(file, ", ".join(filter(None, [*place, failure.where])), failure.message)


def in_module(file: str, looked_at: Outline, **limits: Any) -> Discovery:
    """The claims of a Python file, as its names stand at the end of the file."""
    try:
        loaded = load(file, looked_at, lambda names, seen: everything(names, file, names, looked_at, seen), **limits)
    except OSError as error:
        return Discovery(file, problems=(Problem(file, "", str(error)),))
    found: Discovery = loaded.made
    problems = tuple(_problem(file, failure) for failure in loaded.failures)
    left_out = tuple(_problem(file, failure) for failure in loaded.left_out)
    claims = tuple(sorted(found.claims, key=lambda claim: claim.line))
    return replace(found, claims=claims, problems=problems, output=loaded.output, skipped=found.skipped + left_out)


def in_notebook(file: str, looked_at: Outline, texts: list[Text], **limits: Any) -> Discovery:
    """The claims of a notebook, each as of the cell that completed it: names may change meaning later."""
    from chainrule.check.claims.notebook import run_cells

    found = Discovery(file)
    before: dict[str, Any] = {}
    defined_in: dict[str, int] = {}
    unpaired: set[str] = set()
    seen, namespace = Seen(set()), dict[str, Any]()
    for cell in run_cells(file, texts, looked_at, **limits):
        seen, namespace = cell.seen, cell.namespace
        changed = {name for name, value in namespace.items() if value is not before.get(name)}
        before = dict(namespace)
        defined_in |= dict.fromkeys(changed, cell.number)
        unpaired |= changed
        new = pair_up(namespace, file, unpaired)
        more = structures(namespace, file, looked_at, changed, seen)
        new = replace(new, claims=new.claims + more)
        unpaired -= {claim.name for claim in new.claims}
        claims = as_of_now(new.claims, namespace, defined_in, cell.number)
        problems = tuple(_problem(file, failure, cell.number) for failure in cell.failures)
        left_out = tuple(_problem(file, failure, cell.number) for failure in cell.left_out)
        found += replace(new, claims=claims, problems=problems, output=cell.output, skipped=new.skipped + left_out)
    late = by_use(seen, namespace, looked_at, file)
    numbers = {text.filename: text.number for text in texts}
    late = tuple(replace(c, cell=c.cell or numbers.get(source_of(c.derivative)[0]) or len(texts)) for c in late)
    claims = tuple(with_points(c, seen) for c in distinct((*found.claims, *late)))
    return replace(found, claims=claims, skipped=(*found.skipped, *_uncompared(looked_at, claims, file)))


def as_of_now(
    claims: tuple[Claim, ...], namespace: dict[str, Any], defined_in: Mapping[str, int], cell: int
) -> tuple[Claim, ...]:
    """The claims with their functions frozen, labelled with the cells of their derivatives."""
    if not claims:
        return ()
    from chainrule.check.claims.notebook import frozen

    now = frozen(namespace)
    twins = {id(value): now[name] for name, value in namespace.items()}
    return tuple(
        replace(
            claim,
            function=twins.get(id(claim.function), claim.function),
            derivative=twins.get(id(claim.derivative), claim.derivative),
            cell=defined_in.get(claim.name.split(".")[0], cell),
        )
        for claim in claims
    )


# -- from names to claims -------------------------------------------------------------------------------------------


def everything(
    namespace: Mapping[str, Any], path: str, names: Collection[str], looked_at: Outline, seen: Seen
) -> Discovery:
    """All claims of a program that has run."""
    found = pair_up(namespace, path, names)
    more = (*structures(namespace, path, looked_at, names, seen), *by_use(seen, namespace, looked_at, path))
    if training := [p for p in looked_at.possible if p.kind == "training" and p.name.split(".")[0] in names]:
        more += training_claims(namespace, path, training, seen)
    claims = tuple(with_points(c, seen) for c in distinct((*found.claims, *more)))
    return replace(found, claims=claims, skipped=(*found.skipped, *_uncompared(looked_at, claims, path)))


def _uncompared(looked_at: Outline, claims: tuple[Claim, ...], path: str) -> tuple[Problem, ...]:
    if not any(p.kind == "inline" for p in looked_at.possible):
        return ()
    from chainrule.check.claims.inline import uncompared

    return tuple(Problem(path, f"line {line}", said) for line, said in uncompared(looked_at, claims))


def structures(
    namespace: Mapping[str, Any], path: str, looked_at: Outline, names: Collection[str], seen: Seen
) -> tuple[Claim, ...]:
    """Claims found by structure: backward passes, layers, objects, functions that return their gradient."""
    steps = ("training", "descent")
    wanted = [p for p in looked_at.possible if p.name.split(".")[0] in names and p.kind not in steps]
    found = backward_claims(namespace, path, wanted)
    if not any("." in p.name or p.kind == "framework" for p in wanted):
        return found
    from chainrule.check.claims.classes import class_claims  # objects are made and tried, which takes much of the rest

    return (*found, *class_claims(namespace, path, wanted, seen.owners.values()))


def by_use(seen: Seen, namespace: Mapping[str, Any], looked_at: Outline, path: str) -> tuple[Claim, ...]:
    """Claims that a program made by what it did: functions given to a solver, values with their slopes beside them."""
    found: tuple[Claim, ...] = ()
    if seen.uses:
        from chainrule.check.claims.uses import use_claims

        found += use_claims(seen, path)
    if steps := [p for p in looked_at.possible if p.kind == "step"]:
        from chainrule.check.claims.updates.steps import step_claims

        found += step_claims(namespace, path, steps, [s.node for s in looked_at.statements], seen)
    if descents := [p for p in looked_at.possible if p.kind == "descent"]:
        from chainrule.check.claims.updates.descents import descent_claims

        found += descent_claims(namespace, path, descents, seen)
    if any(p.kind == "inline" for p in looked_at.possible):
        from chainrule.check.claims.inline import inline_claims

        found += inline_claims(namespace, looked_at, path)
    return found


def distinct(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims without those about functions that an earlier one is about; that one takes over their points."""
    found: dict[Any, Claim] = {}
    for claim in claims:
        code = [getattr(innermost(g), "__code__", id(g)) for g in (claim.function, claim.derivative)]
        code.append(type(getattr(claim.derivative, "__self__", None)))
        key = (*code, claim.cell, claim.kind == "inline" and claim.name)
        first = found.setdefault(key, claim)
        if first is not claim and first.kind == claim.kind == "framework" and first.at is None and claim.at is not None:
            found[key] = replace(first, noted=(*first.noted, claim.at))
    return tuple(found.values())


def with_points(claim: Claim, seen: Seen) -> Claim:
    """The claim with the arguments that the file called its function with."""
    points = seen.points(claim.function)
    if claim.kind not in JUDGES and same_arguments(claim.function, claim.derivative):
        more = of_function(seen.points(claim.derivative), claim)
        points = [*points, *(p for p in more if not any(alike(p, q) for q in points))]
    if claim.at is not None or claim.noted or not points:
        return claim
    whole = claim.kind in JUDGES  # these call the function alone
    return replace(claim, noted=tuple(point if whole else trimmed(point, claim.derivative) for point in points))


def of_function(points: list[tuple[Any, ...]], claim: Claim) -> list[tuple[Any, ...]]:
    """The arguments of calls of a derivative as those of its function, which may take fewer, in another order."""
    try:
        names, given = names_of(claim.function), names_of(claim.derivative)
        least = arguments(claim.function)[0]
    except (TypeError, ValueError):
        return points
    named = [dict(zip(given, point, strict=False)) for point in points]
    cut = [tuple(d[n] for n in itertools.takewhile(d.__contains__, names)) for d in named]
    return [point for point in cut if len(point) >= least]


def trimmed(point: tuple[Any, ...], derivative: Any) -> tuple[Any, ...]:
    """A point without the arguments that have a default, where the derivative takes fewer."""
    try:
        count = len(names_of(derivative))
    except (TypeError, ValueError):
        return point
    return point[:count] if 0 < count < len(point) else point


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
        if claim is None and (pair := _likeliest(name, derivative, namespace, functions)):
            function = namespace[pair.function]
            if innermost(derivative) is innermost(function) is not derivative:
                continue  # grad(f) and the like: it was not derived by hand
            if reason := mismatch(function, derivative):
                if not pair.loose:
                    skipped.append(Problem(path, f"line {source_of(derivative)[1]}", reason))
                continue
            line = source_of(derivative)[1]
            by = pair.by or said_by(name, function)
            settings = {"argnums": names_of(function).index(by)} if by else {}
            claim = as_gradient(
                Claim(name, function, derivative, line=line, kind=pair.kind, settings=settings, loose=pair.loose)
            )
        if claim is not None:
            claims.setdefault((id(claim.function), id(derivative)), replace(claim, name=name, path=path))
    return Discovery(path, tuple(claims.values()), skipped=tuple(skipped))


def _likeliest(name: str, derivative: Any, namespace: Mapping[str, Any], functions: set[str]) -> Pair | None:
    """The function that a derivative belongs to; one that does not name it must take the arguments of its function."""
    for pair in partners(name, functions - {name}):
        function = namespace[pair.function]
        if (pair.alike or is_bare(name)) and not same_arguments(function, derivative):
            continue
        if not pair.by or (pair.by in names_of(function) and len(names_of(function)) > 1):
            return pair
    return None


def same_arguments(function: Any, derivative: Any) -> bool:
    """Whether a derivative needs arguments of no other names than its function takes."""
    try:
        return set(names_of(derivative)[: arguments(derivative)[0]]) <= set(names_of(function))
    except (TypeError, ValueError):
        return False
