"""What the names of a file stand for: imports and aliases as dotted names, functions, classes and other variables."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CANONICAL = {"numpy.linalg.linalg": "numpy.linalg", "autograd.numpy.numpy_wrapper": "autograd.numpy"}


@dataclass
class Names:
    """The names of a file.

    paths       name -> dotted name of what was imported
    functions   those defined at the level of the file, in order
    classes     class -> its methods
    bases       class -> the names of its bases
    variables   other names that are bound at the level of the file, with what is assigned
    own         modules of the same folder or package that are imported: name -> file
    """

    path: Path
    paths: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, dict[str, Function]] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)
    variables: dict[str, ast.expr | None] = field(default_factory=dict)
    own: dict[str, Path] = field(default_factory=dict)
    of_own: dict[str, tuple[Path, str]] = field(default_factory=dict)


def names_of(body: list[ast.stmt], path: Path) -> Names:
    """The names that statements bind at the level of a file, those below `if` and `try` included."""
    found = Names(path)
    _take(body, found)
    return found


def _take(body: list[ast.stmt], found: Names) -> None:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported(node, found)
        elif isinstance(node, DEFINITIONS):
            found.functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.classes[node.name] = {n.name: n for n in node.body if isinstance(n, DEFINITIONS)}
            found.bases[node.name] = [b for base in node.bases if (b := dotted(base))]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                _assigned(target, node.value, found)
        elif isinstance(node, (ast.If, ast.For, ast.While, ast.With, ast.Try)):
            if isinstance(node, ast.For):
                _assigned(node.target, None, found)
            for part in ("body", "orelse", "finalbody"):
                _take(getattr(node, part, []), found)
            for handler in getattr(node, "handlers", []):
                _take(handler.body, found)


def _assigned(target: ast.expr, value: ast.expr | None, found: Names) -> None:
    if isinstance(target, ast.Name):
        if isinstance(value, ast.Lambda):
            found.functions[target.id] = value
        elif value is not None and (path := path_of(value, found.paths)):
            found.paths[target.id] = path  # sin = np.sin
        else:
            found.variables[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            _assigned(part, None, found)


def imported(node: ast.Import | ast.ImportFrom, found: Names) -> None:
    """Take in what an import binds."""
    if isinstance(node, ast.Import):
        for name in node.names:
            bound = name.asname or name.name.partition(".")[0]
            found.paths[bound] = canonical(name.name if name.asname else bound)
            if file := beside(found.path, name.name, 0):
                found.own[bound] = file
        return
    module = node.module or ""
    file = beside(found.path, module, node.level)
    for name in node.names:
        bound = name.asname or name.name
        if name.name == "*":
            _star(module, found)
            continue
        inner = beside(found.path, f"{module}.{name.name}".lstrip("."), node.level)
        if inner is not None and (file is None or file.name == "__init__.py"):
            found.own[bound] = inner
        elif file is not None:
            found.of_own[bound] = (file, name.name)
        found.paths[bound] = canonical(f"{module}.{name.name}") if not node.level else f".{module}.{name.name}"


def _star(module: str, found: Names) -> None:
    from importlib import import_module

    if module.partition(".")[0] in ("numpy", "scipy", "math", "cmath"):
        for name in vars(import_module(module)):
            if not name.startswith("_"):
                found.paths[name] = f"{module}.{name}"


def beside(path: Path, module: str, level: int) -> Path | None:
    """The file of a module of the same project, found by its name from the folder of `path` on; None if there is
    none."""
    folder = path.parent
    for _ in range(level - 1):
        folder = folder.parent
    parts = module.split(".") if module else []
    while True:
        below = folder.joinpath(*parts)
        for file in (below.with_suffix(".py") if parts else below / "__init__.py", below / "__init__.py"):
            if file.is_file() and file != path:
                return file
        if level or not (folder / "__init__.py").exists():
            return None
        folder = folder.parent


def canonical(path: str) -> str:
    return _CANONICAL.get(path, path)


def dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written; "" for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if isinstance(node, ast.Name) else ""


def path_of(node: ast.expr, paths: dict[str, str]) -> str:
    """The dotted name that an expression stands for, imports resolved; "" where it stands for none.

    >>> path_of(ast.parse("la.norm", mode="eval").body, {"la": "numpy.linalg"})
    'numpy.linalg.norm'
    """
    head, _, rest = dotted(node).partition(".")
    if head not in paths:
        return ""
    return canonical(f"{paths[head]}.{rest}" if rest else paths[head])
