"""What a branch does once on a way to something that is not its own, moved behind the branch."""

from __future__ import annotations

import ast
import copy


class Moved:
    """A branch in which `s += v`, `y[i] = v`, `y[i] += v` and `found.append(v)` have become `name = v`.

    possible    whether each is done once on a way at most, and nothing reads what was done
    names       of what is to be added, stored or appended; `targets`, to what
    kinds       what they are, see `by_each_way`
    after       the statements that do it
    """

    def __init__(self, s: ast.If) -> None:
        self.statement = copy.deepcopy(s)
        self.names: list[str] = []
        self.targets: list[ast.expr] = []
        self.kinds: list[ast.expr] = []
        self.after: list[ast.stmt] = []
        self.possible = True
        self._known: dict[str, str] = {}  # names by what is done
        self._roots: dict[str, str] = {}  # what is done by the name of the array or list
        self._added: set[str] = set()
        self._values: list[tuple[str, ast.expr]] = []
        many = self._side([self.statement], tail=True)
        own, read = stored(self.statement), loaded(self.statement).union(*map(loaded, self.targets))
        alone = self._added.isdisjoint(own | read) and own.isdisjoint(self._roots)
        unread = all(loaded(v).isdisjoint({*self._roots} - {root}) for root, v in self._values)
        self.possible = self.possible and alone and unread and all(often == 1 for often in many.values())

    @property
    def roots(self) -> set[str]:
        """The names of the arrays and lists to which something is done."""
        return {*self._roots}

    def _side(self, statements: list[ast.stmt], tail: bool) -> dict[str, int]:
        """How often a way through statements may do each of these at most; `tail`: nothing else comes after them."""
        times: dict[str, int] = {}
        for k in reversed(range(len(statements))):
            s = statements[k]
            found: dict[str, int] = {}
            if isinstance(s, ast.If):
                sides = self._side(s.body, tail), self._side(s.orelse, tail)
                found = {n: max(side.get(n, 0) for side in sides) for n in {*sides[0], *sides[1]}}
                tail = False
            else:
                statements[k], name = self._moved(s, tail)
                tail = tail and name is not None
                found = {name: 1} if name else {}
            for n, often in found.items():
                times[n] = times.get(n, 0) + often
        return times

    def _moved(self, s: ast.stmt, tail: bool) -> tuple[ast.stmt, str | None]:
        match s:
            case ast.Assign(targets=[ast.Name(id=own)], value=ast.BinOp(left=ast.Name(id=same), op=op, right=v)) if (
                own == same and isinstance(op, (ast.Add, ast.Sub))
            ):
                return self._added_to(s, own, op, v)
            case ast.AugAssign(target=ast.Name(id=own), op=ast.Add() | ast.Sub() as op, value=v):
                return self._added_to(s, own, op, v)
            case ast.AugAssign(target=ast.Subscript() as place, op=ast.Add() | ast.Sub() as op, value=v):
                after: ast.stmt = ast.AugAssign(place, op, _NAME)
                return self._done(s, place, ast.dump(op), after, ast.Constant("+"), v, tail)
            case ast.Assign(targets=[ast.Subscript() as place], value=v):
                there = copy.deepcopy(place)
                there.ctx = ast.Load()
                old = ast.Lambda(ast.arguments([], [], None, [], [], None, []), there)
                return self._done(s, place, "", ast.Assign([place], _NAME), old, v, tail)
            case ast.Expr(ast.Call(ast.Attribute(ast.Name() as root, "append"), [v], [])):
                call = ast.Call(ast.Attribute(root, "append", ast.Load()), [_NAME], [])
                return self._done(s, root, "append", ast.Expr(call), ast.Constant("append"), v, tail)
        return s, None

    def _added_to(self, s: ast.stmt, own: str, op: ast.operator, v: ast.expr) -> tuple[ast.stmt, str | None]:
        if own in loaded(v):
            return s, None
        self._added.add(own)
        self._values.append(("", v))
        after = ast.AugAssign(ast.Name(own, ast.Store()), op, _NAME)
        return self._named(s, f"{ast.dump(op)} {own}", after, ast.Constant("+"), v)

    def _done(
        self, s: ast.stmt, place: ast.expr, how: str, after: ast.stmt, kind: ast.expr, v: ast.expr, tail: bool
    ) -> tuple[ast.stmt, str | None]:
        root = place
        while isinstance(root, (ast.Subscript, ast.Attribute)):
            root = root.value
        key = f"{how} {ast.dump(place)}"
        if not isinstance(root, ast.Name) or not tail or self._roots.setdefault(root.id, key) != key:
            self.possible = False
            return s, None
        self._values.append((root.id, v))
        self.targets += [] if key in self._known else [place]
        return self._named(s, key, after, kind, v)

    def _named(
        self, s: ast.stmt, key: str, after: ast.stmt, kind: ast.expr, v: ast.expr
    ) -> tuple[ast.stmt, str | None]:
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = f"moved {len(self._known)}"
            self.names.append(name)
            self.kinds.append(kind)
            there = ast.Compare(ast.Name(name, ast.Load()), [ast.IsNot()], [ast.Constant(...)])
            self.after.insert(0, ast.If(there, [_Named(name).visit(after)], []))
        return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], v), s), name


_NAME = ast.Name("", ast.Load())
"""What takes the place of the value until it has a name."""


class _Named(ast.NodeTransformer):
    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Name(self, x: ast.Name) -> ast.Name:
        return x if x is not _NAME else ast.Name(self.name, ast.Load())


def loaded(x: ast.AST) -> set[str]:
    """Names that are read in it."""
    return {n.id for n in ast.walk(x) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def stored(x: ast.AST) -> set[str]:
    """Names that are assigned to in it, or defined."""
    names = {n.id for n in ast.walk(x) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | {n.name for n in ast.walk(x) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
