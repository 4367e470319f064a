"""Branches that only compute, each as a function of its own: while jit records, it is called once for each way through
it, and the results are selected by the conditions.

    if a > 0:                       def block(a):
        s += math.sin(a)                if a > 0:
    else:                                   added = math.sin(a)
        s += a * a                      else:
                                            added = a * a
                                        return (added,)
                                    (added,) = by_each_way(("+",), block, a)
                                    s += added

Taken apart are branches in loops, and in functions that the user's function calls: each of n numbers may go its own
way there, and 2 ** n programs would be one for each. What assigns to anything else than the function's own names,
calls what is not known to be pure, or has no source, stays as it is.
"""

from __future__ import annotations

import ast
import copy
import types
from collections import Counter
from typing import Any

from chainrule.carriers.lifting.moved import Moved, loaded, stored
from chainrule.carriers.lifting.objects import BY_EACH_WAY
from chainrule.carriers.lifting.pure import Purity
from chainrule.carriers.lifting.source import branching, compiled, parameters, plain, source


def converted(f: types.FunctionType, scope: dict[str, Any], called: bool) -> types.CodeType:
    """The code of `f`, whose globals are in `scope`, with its branches taken apart: all of them if it is `called` by
    what the user hands over, else those in loops. Its own code where there are none."""
    tree = source(f.__code__) if branching(f.__code__) else None
    if tree is None:
        return f.__code__
    conversion = _Conversion(Purity(f, scope), _reads(tree))
    made = conversion.function(copy.deepcopy(tree), called)
    code = compiled(f.__code__, made) if conversion.count else f.__code__
    return code if code.co_freevars == f.__code__.co_freevars else f.__code__


_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
_LEFT = (
    ast.Try, ast.TryStar, ast.AsyncFor, ast.AsyncWith, ast.Match, ast.ClassDef, ast.Lambda, ast.AsyncFunctionDef,
)  # fmt: skip
"""What stays as it is: what a branch raises may be caught, and names of a class are not those of the function."""


class _Conversion(ast.NodeTransformer):
    """One function, statement by statement.

    reads    how often each name is read in the whole function
    bound    the local names that have a value there
    inside   whether it is in a loop, or in a function that is called by the user's
    """

    def __init__(self, purity: Purity, reads: Counter[str]) -> None:
        self.purity, self.reads = purity, reads
        self.bound: set[str] = set(purity.cells)
        self.inside = False
        self.count = 0

    def function(self, tree: Any, inside: bool) -> Any:
        outer, self.inside = self.inside, inside
        tree.body = self.within(tree.body, _arguments(tree))
        self.inside = outer
        return tree

    def within(self, statements: list[ast.stmt], names: set[str], inside: bool = False) -> list[ast.stmt]:
        """The body of a function, of a loop, or of a branch; `names` have values there."""
        outer = self.bound, self.inside
        self.bound, self.inside = self.bound | names, self.inside or inside
        made = self._body(statements)
        self.bound, self.inside = outer
        return made

    def _body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for k, s in enumerate(statements):
            if isinstance(s, ast.If) and self.inside:
                returned = self._returned(statements[k:])
                if returned:
                    return [*made, *returned]
                assigned = self._assigned(s)
                if assigned:
                    made += assigned
                    continue
            surely = _surely(s)
            made.append(self.visit(s))
            self.bound = self.bound | surely
        return made

    def visit(self, x: Any) -> Any:
        if isinstance(x, _LEFT):
            return x
        return self._comprehension(x) if isinstance(x, _COMPREHENSIONS) else super().visit(x)

    def visit_For(self, s: ast.For) -> Any:
        s.iter = self.visit(s.iter)
        s.body = self.within(_without_continue(s.body), stored(s.target), inside=True)
        s.orelse = self.within(s.orelse, set())
        return s

    def visit_While(self, s: ast.While) -> Any:
        s.body = self.within(_without_continue(s.body), set(), inside=True)
        s.orelse = self.within(s.orelse, set())
        return s

    def visit_If(self, s: ast.If) -> Any:
        s.test = self.visit(s.test)
        s.body, s.orelse = self.within(s.body, set()), self.within(s.orelse, set())
        return s

    def visit_With(self, s: ast.With) -> Any:
        s.body = self.within(s.body, {n for item in s.items for n in stored(item)})
        return s

    def visit_FunctionDef(self, s: ast.FunctionDef) -> Any:
        outer = self.purity
        self.purity = outer.inner(stored(s) | _arguments(s))
        made = self.function(s, True)
        self.purity = outer
        return made

    def _comprehension(self, x: Any) -> Any:
        x.generators[0].iter = self.visit(x.generators[0].iter)
        outer = self.purity, self.bound, self.inside
        names = set().union(*(stored(g.target) for g in x.generators))
        self.purity, self.bound, self.inside = self.purity.inner(names), self.bound | names, True
        for field in ("elt", "key", "value"):
            if hasattr(x, field):
                setattr(x, field, self.visit(getattr(x, field)))
        self.purity, self.bound, self.inside = outer
        return x

    def visit_IfExp(self, x: ast.IfExp) -> Any:
        reads = self.purity.local(loaded(x))
        if not self.inside or not self.purity.expression(x) or not reads <= self.bound:
            return self.generic_visit(x)
        return _called(x, ast.Constant(None), ast.Lambda(parameters(*sorted(reads)), x), self._counted(reads))

    def visit_Call(self, x: ast.Call) -> Any:
        made = self.generic_visit(x)
        plain = len(x.args) > 1 and not x.keywords and not any(isinstance(a, ast.Starred) for a in x.args)
        if not (self.inside and plain and isinstance(x.func, ast.Name) and self.purity.is_extreme(x.func.id)):
            return made
        self.count += 1
        return _called(x, ast.Constant(None), x.func, x.args)

    def _counted(self, reads: set[str]) -> list[ast.expr]:
        self.count += 1
        return [ast.Name(name, ast.Load()) for name in sorted(reads)]

    # -- statements ---------------------------------------------------------------------------------------

    def _returned(self, statements: list[ast.stmt]) -> list[ast.stmt] | None:
        """The statements up to the end of a function as one block, if each way through them returns."""
        if not any(isinstance(x, ast.Return) for x in ast.walk(statements[0])) or not _returns(statements):
            return None
        own = set().union(*map(stored, statements))
        reads = self.purity.local(set().union(*map(loaded, statements)) - (own - self.bound))
        in_place = any(isinstance(x, ast.AugAssign) for s in statements for x in ast.walk(s))
        if in_place or not self.purity.statements(statements, returns=True) or not reads <= self.bound:
            return None
        values = self._counted(reads)
        block, name = self._defined(statements, sorted(reads), statements[0])
        return [block, ast.copy_location(ast.Return(_called(statements[0], ast.Constant(None), name, values)), block)]

    def _assigned(self, s: ast.If) -> list[ast.stmt] | None:
        """A statement as one block, and what then takes its results."""
        moved = Moved(s)
        inner = moved.statement
        in_place = any(isinstance(x, ast.AugAssign) for x in ast.walk(inner))
        if not moved.possible or not moved.roots <= self.purity.names:  # what others hold is theirs to change
            return None
        if in_place or not self.purity.statements([inner], returns=False):
            return None
        own = stored(inner) - {*moved.names}
        results = sorted(own & (self.bound | _surely(inner)))
        reads = self.purity.local(loaded(inner) | {*results}) - {*moved.names} - (own - self.bound)
        pure = all(self.purity.expression(t) and not own & loaded(t) for t in moved.targets)
        inside = self.reads & _reads(inner)
        kept = any(self.reads[name] > inside[name] for name in own - {*results})
        if not pure or not reads <= self.bound or not (results or moved.names) or kept:
            return None
        nothing: list[ast.stmt] = [ast.Assign([ast.Name(n, ast.Store())], ast.Constant(...)) for n in moved.names]
        names = [*results, *moved.names]
        back = ast.Return(ast.Tuple([ast.Name(n, ast.Load()) for n in names], ast.Load()))
        values = self._counted(reads)
        block, name = self._defined([*nothing, inner, back], sorted(reads), s)
        kinds = ast.Tuple([*[ast.Constant("") for _ in results], *moved.kinds], ast.Load())
        taken = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        made = [block, ast.Assign([taken], _called(s, kinds, name, values)), *moved.after]
        self.bound = self.bound | {*results}
        return [ast.fix_missing_locations(ast.copy_location(x, s)) for x in made]

    def _defined(self, body: list[ast.stmt], names: list[str], at: ast.stmt) -> tuple[ast.stmt, ast.Name]:
        """A function inside the one that is converted, and its name."""
        name = f"branches {self.count}"
        made = plain(ast.FunctionDef(name, parameters(*names), body, [], None, None))
        return ast.fix_missing_locations(ast.copy_location(made, at)), ast.Name(name, ast.Load())


def _reads(tree: ast.AST) -> Counter[str]:
    return Counter(x.id for x in ast.walk(tree) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Load))


def _arguments(tree: Any) -> set[str]:
    return {a.arg for a in ast.walk(tree.args) if isinstance(a, ast.arg)}


def _called(at: ast.AST, kinds: ast.expr, block: ast.expr, args: list[ast.expr]) -> ast.Call:
    call = ast.Call(ast.Name(BY_EACH_WAY, ast.Load()), [kinds, block, *args], [])
    return ast.fix_missing_locations(ast.copy_location(call, at))


def _without_continue(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The body of a loop; what comes after a branch that ends with `continue` as its other side."""
    for k, s in enumerate(statements):
        if isinstance(s, ast.If) and isinstance(s.body[-1], ast.Continue):
            passing: list[ast.stmt] = [ast.copy_location(ast.Pass(), s)]
            rest = _without_continue([*s.orelse, *statements[k + 1 :]])
            return [*statements[:k], ast.copy_location(ast.If(s.test, s.body[:-1] or passing, rest), s)]
    return statements


def _returns(statements: list[ast.stmt]) -> bool:
    """Whether each way through statements ends with a return or an error."""
    return any(
        isinstance(s, (ast.Return, ast.Raise)) or (isinstance(s, ast.If) and _returns(s.body) and _returns(s.orelse))
        for s in statements
    )


def _surely(s: ast.stmt) -> set[str]:
    """The names that have a value after a statement."""
    if isinstance(s, ast.If):
        sides = [set().union(*map(_surely, side)) for side in (s.body, s.orelse)]
        return sides[0] & sides[1]
    if isinstance(s, (ast.For, ast.While, ast.Try, ast.Match)):
        return set()
    return stored(s)
