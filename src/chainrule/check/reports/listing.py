"""`--list`: what would be checked, from the syntax trees alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase

from chainrule.check.claims.discover import Problem, look
from chainrule.check.claims.program import failure_of
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.reports.run import listed
from chainrule.errors import ArgumentError


def listing(paths: Iterable[str], only: str, *, as_json: bool) -> tuple[str, int]:
    """The possible claims below the paths, as text or JSON, and the exit code: 0, or 2 where there are none."""
    rows: list[tuple[str, Possible]] = []
    problems: list[Problem] = []
    for file, name in listed(paths):
        try:
            looked_at, texts = look(file)
        except (OSError, ArgumentError) as error:
            problems.append(Problem(file, "", str(error)))
            continue
        except (SyntaxError, ValueError) as error:
            problems.append(Problem(file, *failure_of(error, "")))
            continue
        problems += [Problem(file, f"cell {t.number}", t.failure.message) for t in texts if t.failure]
        rows += [(file, p) for p in looked_at.possible if _wanted(p, name or only)]
    code = 0 if rows else 2
    if as_json:
        found = [{"path": path, **p._asdict()} for path, p in rows]
        return json.dumps({"possible": found, "problems": [vars(p) for p in problems]}, indent=2), code
    lines = [f"{path}:{p.line} {p.name}   {_said(p)}" for path, p in rows]
    lines += [f"ERROR      {problem}" for problem in problems]
    lines.append(f"{len(rows)} possible claim{'s' * (len(rows) != 1)}; nothing was run")
    return "\n".join(lines), code


def _wanted(p: Possible, name: str) -> bool:
    return any(fnmatchcase(n, name) for n in (p.name, p.name.rpartition(".")[2], p.function))


def _said(p: Possible) -> str:
    kind = {"slope": "gradient", "backward": "backward pass", "use": "given to an optimiser"}.get(p.kind, p.kind)
    if p.kind == "training":
        return "gradients by which it updates"
    return f"{kind.replace('_', ' ')} of {p.function}" if p.function else kind
