"""The statements of a function, one after the other: what its names stand for, and what it returns."""

from __future__ import annotations

import ast
from typing import Any

from chainrule.doctor.expressions import Expressions
from chainrule.doctor.names import DEFINITIONS, imported
from chainrule.doctor.names import Names as FileNames
from chainrule.doctor.what import NOTHING, Names, What, either


class Statements(Expressions):
    """Walks through statements; loops twice, so that what a later line assigns is known to an earlier one."""

    def body(self, statements: list[ast.stmt], names: Names) -> What:
        """What is returned."""
        result = NOTHING
        for node in statements:
            result = either(result, self.statement(node, names))
        return result

    def statement(self, node: ast.stmt, names: Names) -> What:
        method = getattr(self, f"_do_{type(node).__name__.lower()}", None)
        if method is not None:
            found: What | None = method(node, names)
            return found or NOTHING
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                self.value(part, names)
        return NOTHING

    def _do_return(self, node: ast.Return, names: Names) -> What:
        return self.value(node.value, names)

    def _do_expr(self, node: ast.Expr, names: Names) -> What:
        found = self.value(node.value, names, used=False)
        return found if isinstance(node.value, (ast.Yield, ast.YieldFrom)) else NOTHING

    def _do_assign(self, node: ast.Assign, names: Names) -> None:
        value = self.value(node.value, names)
        for target in node.targets:
            self.assigned(target, node.value, value, names)

    def _do_annassign(self, node: ast.AnnAssign, names: Names) -> None:
        if node.value is not None:
            self.assigned(node.target, node.value, self.value(node.value, names), names)

    def _do_augassign(self, node: ast.AugAssign, names: Names) -> None:
        value = self.value(node.value, names)
        if isinstance(node.target, ast.Subscript):
            self.written(node.target, value, names)
        elif isinstance(node.target, ast.Name):
            before = names.find(node.target.id) or self.elsewhere(node.target.id) or NOTHING
            if before.array and node.target.id not in names.own:
                self.written(node.target, value, names)
            names.own[node.target.id] = What(max(before.level, value.level), array=before.array, home=before.home)
        elif isinstance(node.target, ast.Attribute):
            before = self.value(node.target, names)
            self.kept_attribute(node.target, What(max(before.level, value.level)), names)

    def assigned(self, target: ast.expr, node: ast.expr | None, value: What, names: Names) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            each = node.elts if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) == len(target.elts) else None
            for k, part in enumerate(target.elts):
                inner = part.value if isinstance(part, ast.Starred) else part
                own = None if each is None else each[k]
                self.assigned(inner, own, self.element(value) if own is None else self.value(own, names), names)
        elif isinstance(target, ast.Subscript):
            self.written(target, value, names)
        elif isinstance(target, ast.Attribute):
            self.kept_attribute(target, value, names)
        else:
            self.bound(target, value, names)

    def kept_attribute(self, target: ast.Attribute, value: What, names: Names) -> None:
        base = self.value(target.value, names)
        if base.instance is not None and not isinstance(base.instance, tuple):
            base.instance.keep(target.attr, value)
        elif isinstance(target.value, ast.Name) and value.level:
            before = names.find(target.value.id) or NOTHING
            names.own[target.value.id] = either(before, What(value.level))

    def _do_for(self, node: ast.For, names: Names) -> What:
        self.through(node.target, node.iter, names)
        self.body(node.body, names)
        return either(self.body(node.body, names), self.body(node.orelse, names))

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, names: Names) -> What:
        self.value(node.test, names)
        self.body(node.body, names)
        self.chosen(node.test, names)
        return either(self.body(node.body, names), self.body(node.orelse, names))

    def _do_if(self, node: ast.If, names: Names) -> What:
        if _is_main(node) and not self.runs_main:
            return NOTHING
        self.chosen(node.test, names, harmless=_only_stops(node.body) and not node.orelse)
        before = dict(names.own)
        first = self.body(node.body, names)
        after, names.own = names.own, before
        second = self.body(node.orelse, names)
        for name, value in after.items():
            names.own[name] = either(names.own[name], value) if name in names.own else value
        return either(first, second)

    runs_main = True

    def _do_with(self, node: ast.With, names: Names) -> What:
        for item in node.items:
            found = self.value(item.context_expr, names)
            if item.optional_vars is not None:
                self.bound(item.optional_vars, found, names)
        return self.body(node.body, names)

    def _do_try(self, node: ast.Try, names: Names) -> What:
        parts = [self.body(node.body, names), self.body(node.orelse, names), self.body(node.finalbody, names)]
        parts += [self.body(handler.body, names) for handler in node.handlers]
        result = NOTHING
        for part in parts:
            result = either(result, part)
        return result

    def _do_match(self, node: ast.Match, names: Names) -> What:
        subject = self.value(node.subject, names)
        result = NOTHING
        for case in node.cases:
            for part in ast.walk(case.pattern):
                if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                    names.own[part.name] = subject
            result = either(result, self.body(case.body, names))
        return result

    def _do_functiondef(self, node: Any, names: Names) -> None:
        for decorator in node.decorator_list:
            self.value(decorator, names)
        names.own[node.name] = self.decorated(node, names)

    _do_asyncfunctiondef = _do_functiondef

    def of_project(self, name: str, imports: FileNames) -> What:
        raise NotImplementedError

    def decorated(self, node: Any, names: Names) -> What:
        raise NotImplementedError

    def _do_classdef(self, node: ast.ClassDef, names: Names) -> None:
        inner = {n.name: n for n in node.body if isinstance(n, DEFINITIONS)}
        names.own[node.name] = What(instance=(node.name, inner, names))

    def _do_import(self, node: Any, names: Names) -> None:
        found = FileNames(self.source.path)
        imported(node, found)
        for name, path in found.paths.items():
            if name in found.own or name in found.of_own:
                names.own[name] = self.of_project(name, found)
            else:
                names.own[name] = What(path=path)

    _do_importfrom = _do_import

    def _do_raise(self, node: ast.Raise, names: Names) -> None:
        before, self.silent = self.silent, True
        self.value(node.exc, names)
        self.silent = before

    def _do_assert(self, node: ast.Assert, names: Names) -> None:
        before, self.silent = self.silent, True
        self.value(node.test, names)
        self.silent = before

    def _do_delete(self, node: ast.Delete, names: Names) -> None:
        return None

    _do_global = _do_nonlocal = _do_pass = _do_break = _do_continue = _do_delete


def _is_main(node: ast.If) -> bool:
    return "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _only_stops(body: list[ast.stmt]) -> bool:
    """Whether all that a branch does is to raise or to warn."""
    return all(isinstance(node, (ast.Raise, ast.Pass)) for node in body)
