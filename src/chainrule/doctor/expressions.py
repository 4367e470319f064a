"""What the expressions of a function are, followed through names, operators, calls and helper functions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chainrule.doctor import calls
from chainrule.doctor.calls import Told
from chainrule.doctor.finding import ERROR, NOTE, Finding
from chainrule.doctor.known import thing
from chainrule.doctor.names import Function
from chainrule.doctor.source import Source
from chainrule.doctor.what import NOTHING, PLAIN, RECORDED, STEP, Names, What, either, joined

_SHAPES = frozenset({"shape", "ndim", "size", "dtype", "itemsize", "nbytes"})
_KEEPING = frozenset({"append", "extend", "add", "insert", "update", "setdefault", "appendleft"})
_BRANCH = "the way taken depends on the number: the derivative is that of this way only"
_CHOOSE = "np.where(condition, a, b) where both ways are wanted, element by element"


class Expressions:
    """Evaluates expressions of a file to what they are, and tells what is found on the way."""

    source: Source
    findings: dict[tuple[int, int, str], Finding]
    title: str  # of the function that is read
    call: int
    calls: list[int]  # numbers of the calls that are being read
    silent: bool  # inside of what is printed or raised

    def follow(
        self, function: Function, names: Names, args: Sequence[What], named: dict[str, What], instance: Any
    ) -> What:
        raise NotImplementedError

    def differentiate(self, f: What, call: ast.Call) -> None:
        raise NotImplementedError

    def made(self, kind: Any, args: Sequence[What], named: dict[str, What]) -> What:
        raise NotImplementedError

    def elsewhere(self, name: str) -> What | None:
        raise NotImplementedError

    def member(self, base: What, attribute: str) -> What:
        raise NotImplementedError

    # -- telling ----------------------------------------------------------------------------------------------

    def tell(self, node: ast.AST, kind: str, severity: str, what: str, way: str = "") -> None:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        key = (line, column, kind)
        if key in self.findings or self.silent:
            return
        text = " ".join((ast.get_source_segment(self.source.text, node) or "").split())
        place, row = self.source.place(line)
        shown = text if len(text) <= 90 else f"{text[:87]}..."
        self.findings[key] = Finding(place, row, column + 1, shown, kind, severity, what, way, self.title)

    # -- expressions ------------------------------------------------------------------------------------------

    def value(self, node: ast.expr | None, names: Names, used: bool = True) -> What:
        if node is None:
            return NOTHING
        if isinstance(node, ast.Call):
            return self.called(node, names, used)
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: What = method(node, names)
            return found
        return joined(self.value(part, names) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))

    def _constant(self, node: ast.Constant, names: Names) -> What:
        return NOTHING

    def _name(self, node: ast.Name, names: Names) -> What:
        found = names.find(node.id)
        if found is not None:
            return found
        return self.elsewhere(node.id) or NOTHING

    def _attribute(self, node: ast.Attribute, names: Names) -> What:
        base = self.value(node.value, names)
        if base.path:
            return What(base.level, path=f"{base.path}.{node.attr}")
        if base.instance is not None:
            return self.member(base, node.attr)
        if node.attr in _SHAPES:
            return NOTHING
        if node.attr == "data" and base.level:
            return What(STEP)
        return What(base.level)

    def _binop(self, node: ast.BinOp, names: Names) -> What:
        left, right = self.value(node.left, names), self.value(node.right, names)
        if isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
            return What(min(STEP, right.level))
        level = max(left.level, right.level)
        bits = {ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or", ast.BitXor: "bitwise_xor"}.get(type(node.op))
        if level == RECORDED and bits:
            told = calls.of_path(f"numpy.{bits}", ast.Call(node, [], []), level, True)
            self.tell(node, told.kind, told.severity, told.what, told.way)
        return What(level)

    def _compare(self, node: ast.Compare, names: Names) -> What:
        parts = [self.value(part, names) for part in (node.left, *node.comparators)]
        if all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):
            return NOTHING
        return What(min(STEP, joined(parts).level))

    def _unaryop(self, node: ast.UnaryOp, names: Names) -> What:
        inner = self.value(node.operand, names)
        return What(min(STEP, inner.level) if isinstance(node.op, ast.Not) else inner.level)

    def _boolop(self, node: ast.BoolOp, names: Names) -> What:
        return joined(self.value(part, names) for part in node.values)

    def _ifexp(self, node: ast.IfExp, names: Names) -> What:
        self.chosen(node.test, names)
        return either(self.value(node.body, names), self.value(node.orelse, names))

    def _subscript(self, node: ast.Subscript, names: Names) -> What:
        base, index = self.value(node.value, names), self.value(node.slice, names)
        if base.function is not None or base.path:
            return What(max(base.level, min(index.level, STEP)))
        return replace(base, level=max(base.level, min(index.level, STEP)), array="" if base.instance else base.array)

    def _lambda(self, node: ast.Lambda, names: Names) -> What:
        return What(function=node, names=names)

    def _joinedstr(self, node: ast.JoinedStr, names: Names) -> What:
        before, self.silent = self.silent, True
        parts = [self.value(p.value, names) for p in node.values if isinstance(p, ast.FormattedValue)]
        self.silent = before
        return What(min(STEP, joined(parts).level))

    def _namedexpr(self, node: ast.NamedExpr, names: Names) -> What:
        found = self.value(node.value, names)
        names.own[node.target.id] = found
        return found

    def _comprehension(self, node: Any, names: Names) -> What:
        inner = Names(around=names, call=names.call)
        for part in node.generators:
            self.through(part.target, part.iter, inner)
            for test in part.ifs:
                self.chosen(test, inner)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        return joined(self.value(part, inner) for part in parts)

    _listcomp = _setcomp = _dictcomp = _generatorexp = _comprehension

    def element(self, value: What) -> What:
        """What one gets by going through a value."""
        return What(value.level, array=value.array, home=value.home)

    def through(self, target: ast.expr, iterated: ast.expr, names: Names) -> None:
        """Bind what a loop goes through; of enumerate and zip each part for itself."""
        value = self.value(iterated, names)
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        function = iterated.func.id if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name) else ""
        if function == "enumerate" and len(parts) == 2:
            self.bound(parts[0], NOTHING, names)
            self.bound(parts[1], self.element(value), names)
        elif function == "zip" and isinstance(iterated, ast.Call) and len(parts) == len(iterated.args):
            for part, arg in zip(parts, iterated.args, strict=True):
                self.bound(part, self.element(self.value(arg, names)), names)
        else:
            self.bound(target, self.element(value), names)

    def bound(self, target: ast.expr, value: What, names: Names) -> None:
        """Bind the names of a target."""
        if isinstance(target, ast.Name):
            names.own[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                inner = part.value if isinstance(part, ast.Starred) else part
                self.bound(inner, self.element(value), names)

    def chosen(self, test: ast.expr, names: Names, harmless: bool = False) -> None:
        """A condition: one that depends on a recorded number decides which way is differentiated."""
        found = self.value(test, names)
        if found.level and not found.function and not harmless:
            self.tell(test, "branch", NOTE, _BRANCH, _CHOOSE)

    # -- calls ------------------------------------------------------------------------------------------------

    def called(self, node: ast.Call, names: Names, used: bool) -> What:
        target = self._target(node, names)
        silent, self.silent = self.silent, self.silent or self._prints(node, target)
        args = [self.value(a.value if isinstance(a, ast.Starred) else a, names) for a in node.args]
        named = {str(k.arg): self.value(k.value, names) for k in node.keywords}
        self.silent = silent
        result = self._result(node, target, args, named, names, used)
        if (out := named.get("out")) is not None and self.outside(out):
            self.tell(node, "in-place", ERROR, *_written())
        return result

    def _target(self, node: ast.Call, names: Names) -> What:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
            inner = self.value(node.func.value, names)
            if inner.path:  # stats.norm(0, 1).logpdf
                return What(inner.level, path=f"{inner.path}.{node.func.attr}")
            return self.member(inner, node.func.attr) if inner.instance is not None else What(inner.level)
        return self.value(node.func, names)

    def _prints(self, node: ast.Call, target: What) -> bool:
        """Whether what a call is given is only printed or logged."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        logs = isinstance(node.func, ast.Attribute) and node.func.attr in ("info", "debug", "warning", "write", "warn")
        return name in ("print", "display") or logs or target.path.startswith(("matplotlib.", "tqdm."))

    def _result(
        self, node: ast.Call, target: What, args: list[What], named: dict[str, What], names: Names, used: bool
    ) -> What:
        given = [*args, *named.values()]
        level = joined([*given, What(target.level)]).level
        if target.transform and target.function is not None:
            self.differentiate(target, node)
            return What(level)
        if target.function is not None:
            return self.follow(target.function, target.names, args, named, target.instance)
        if isinstance(target.instance, tuple):  # a class
            return self.made(target.instance, args, named)
        level = max(level, self._passed(given, level))
        if target.path:
            return self._of_path(node, target, args, level, used)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name and hasattr(builtins, name):
            told = calls.of_builtin(name, node, level)
        elif isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value, names)
            self._kept(node.func, level, names)
            told = calls.of_method(node.func.attr, node) if base.level == RECORDED else Told(level)
        else:
            told = Told(level)
        self.say(node, told)
        return What(told.level)

    def say(self, node: ast.AST, told: Told) -> None:
        if told.kind:
            self.tell(node, told.kind, told.severity, told.what, told.way)

    def _of_path(self, node: ast.Call, target: What, args: list[What], level: int, used: bool) -> What:
        path = target.path
        if path.startswith(("chainrule.", "autograd.", "jax.")) and calls.differentiates(path):
            return self._transformed(node, args, path)
        told = calls.of_path(path, node, level, used)
        self.say(node, told)
        if path.startswith("scipy.stats.") and not isinstance(thing(path), type) and hasattr(thing(path), "freeze"):
            return What(told.level, path=path)  # a distribution with its parameters
        if told.level < RECORDED and path.startswith("numpy."):
            return What(told.level, array=path, home=self.calls[-1] if self.calls else 0, whole=calls.whole(node))
        return What(told.level)

    def _transformed(self, node: ast.Call, args: list[What], path: str) -> What:
        f = next((a for a in args if a.function is not None), None)
        if f is None:
            return What(joined(args).level)
        if calls.differentiates(path) == "now":
            self.differentiate(f, node)
            return What(joined(args).level)
        self.differentiate(f, node)
        return replace(f, level=PLAIN)

    def _passed(self, given: list[What], level: int) -> int:
        """Functions that are handed on, to a solver or to map: they are called there with numbers."""
        found = PLAIN
        for f in given:
            if f.function is not None and (level == RECORDED or self._sees_recorded(f)):
                count = len(f.function.args.args)
                found = max(found, self.follow(f.function, f.names, [What(level)] * count, {}, f.instance).level)
        return found

    def _sees_recorded(self, f: What) -> bool:
        if not isinstance(f.names, Names) or f.function is None:
            return False
        used = {n.id for n in ast.walk(f.function) if isinstance(n, ast.Name)}
        return any((x := f.names.find(name)) is not None and x.level == RECORDED for name in used)

    def _kept(self, method: ast.Attribute, level: int, names: Names) -> None:
        """`xs.append(x)`: the list depends on it from now on."""
        if method.attr in _KEEPING and isinstance(method.value, ast.Name) and level:
            before = names.find(method.value.id) or NOTHING
            names.own[method.value.id] = replace(before, level=max(level, before.level))

    # -- writing ----------------------------------------------------------------------------------------------

    def outside(self, value: What) -> bool:
        """Whether an array was made outside of what is differentiated."""
        return bool(value.array) and value.home not in self.calls[1:]

    def written(self, target: ast.expr, value: What, names: Names) -> None:
        """An assignment to elements of what `target` says."""
        base = self.value(target, names)
        root = target
        while isinstance(root, ast.Subscript):
            root = root.value
            base = self.value(root, names)
        if value.level == RECORDED:
            if self.outside(base):
                self.tell(target, "in-place", ERROR, *_written())
            elif base.array and base.whole:
                what = "numbers put into an array of whole numbers are rounded, which has no derivative"
                self.tell(target, "in-place", ERROR, what, "dtype=float where the array is made")
        if isinstance(root, ast.Name):
            before = names.find(root.id) or NOTHING
            names.own[root.id] = replace(before, level=max(before.level, value.level))


def _written() -> tuple[str, str]:
    what = "the array was made outside of the function and holds plain numbers: the derivative would be lost"
    return what, "y = np.zeros(...) inside of the function, or y = y.copy() first, and return it"
