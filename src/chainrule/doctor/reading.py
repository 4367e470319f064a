"""A file read without running it: from the functions that are differentiated into those that they call."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.doctor import calls, libraries
from chainrule.doctor.finding import Finding
from chainrule.doctor.inputs import inputs
from chainrule.doctor.names import DEFINITIONS, Function, names_of, path_of
from chainrule.doctor.names import Names as FileNames
from chainrule.doctor.source import Source, read
from chainrule.doctor.statements import Statements
from chainrule.doctor.what import NOTHING, RECORDED, Names, What, either, parameters, returns_something
from chainrule.errors import ArgumentError

DEEPEST = 40  # calls within calls that are followed


@dataclass(eq=False)
class Instance:
    """An object of a class of the user's: its methods by name, and what its attributes are."""

    name: str
    methods: dict[str, Function]
    names: Names
    attributes: dict[str, What] = field(default_factory=dict)

    def keep(self, name: str, value: What) -> None:
        before = self.attributes.get(name, NOTHING)
        self.attributes[name] = either(before, value)

    def version(self) -> tuple[Any, ...]:
        """What the methods of the object may find in it."""
        return tuple(sorted((name, value.level) for name, value in self.attributes.items()))


class Reading(Statements):
    """Reads one file, and those of the same project that it imports."""

    def __init__(self, source: Source, others: dict[Path, Reading] | None = None) -> None:
        self.source = source
        self.findings: dict[tuple[int, int, str], Finding] = {}
        self.title, self.silent = "", False
        self.file: FileNames = names_of(source.body, source.path)
        self.top = Names(reader=self)
        self.known: dict[Any, What] = {}
        self.differentiated: dict[int, tuple[Function, str]] = {}
        self.others = {} if others is None else others
        first = next(iter(self.others.values()), None)
        self.calls: list[int] = first.calls if first else [0]
        self.serial: list[int] = first.serial if first else [0]
        self.others[source.path.resolve()] = self
        for name, function in self.file.functions.items():
            self.top.own[name] = self.decorated(function, self.top)
        for name, path in self.file.paths.items():
            if name not in self.top.own and name not in self.file.own and name not in self.file.of_own:
                self.top.own[name] = What(path=path)
        for node in ast.walk(ast.Module(source.body, [])):
            if isinstance(node, ast.ClassDef) and node.name in self.file.classes:
                self.top.own[node.name] = What(instance=(node.name, self._methods(node.name), self.top))

    def _methods(self, name: str, seen: tuple[str, ...] = ()) -> dict[str, Function]:
        found: dict[str, Function] = {}
        for base in self.file.bases.get(name, []):
            if base in self.file.classes and base not in seen:
                found.update(self._methods(base, (*seen, name)))
        return {**found, **self.file.classes.get(name, {})}

    # -- where to begin ---------------------------------------------------------------------------------------

    def read_all(self) -> None:
        """Read what the file does, and every function that it asks for derivatives of."""
        self.body(self.source.body, self.top)
        for name, function in self.file.functions.items():
            self._begin(function, self.top, name, ())
        for name in self.file.classes:
            instance = self._instance(name)
            for method, function in instance.methods.items():
                self._begin(function, self.top, f"{name}.{method}", (), instance)

    def read_each(self) -> None:
        """Read every function as one that may be differentiated by the numbers among its arguments."""
        for name, function in self.file.functions.items():
            if returns_something(function) and not name.startswith("test") and name != "main":
                self._begin(function, self.top, name, inputs(function))
        for name in self.file.classes:
            instance = self._instance(name)
            for method, function in instance.methods.items():
                if returns_something(function) and (not method.startswith("__") or method == "__call__"):
                    self._begin(function, self.top, f"{name}.{method}", inputs(function), instance)

    def read_one(self, title: str) -> bool:
        """Read one function, or a method `Class.method`; whether there is one."""
        self.body(self.source.body, self.top)
        for reader in self.others.values():
            reader.findings.clear()
            reader.known.clear()
        kind, _, name = title.rpartition(".")
        if kind:
            function = self._methods(kind).get(name)
            instance = self._instance(kind) if function is not None else None
        else:
            function, instance = self.file.functions.get(name), None
            if function is None and name in self.file.classes:
                instance = self._instance(name)
                function = instance.methods.get("__call__") or instance.methods.get("forward")
        if function is None:
            return False
        self._begin(function, self.top, title, inputs(function), instance)
        return True

    def _instance(self, name: str) -> Instance:
        found = Instance(name, self._methods(name), self.top)
        if "__init__" in found.methods:
            self._begin(found.methods["__init__"], self.top, f"{name}.__init__", (), found)
        return found

    def _begin(
        self, function: Function, names: Names, title: str, recorded: Iterable[str], instance: Instance | None = None
    ) -> None:
        given = {p.arg: What(RECORDED) for p in parameters(function) if p.arg in set(recorded)}
        before, self.title = self.title, title
        self.follow(function, names, (), given, instance)
        self.title = before

    # -- calls of functions written in Python -----------------------------------------------------------------

    def follow(
        self, function: Function, names: Names, args: Sequence[What], named: dict[str, What], instance: Any
    ) -> What:
        """What a call of a function gives, read with what its parameters are."""
        scope = Names(around=names if isinstance(names, Names) else self.top)
        reader: Reading = scope.outermost().reader
        if reader is not self:
            return reader.follow(function, names, args, named, instance)
        self._bind(function, scope, args, named, instance)
        versions = instance.version() if isinstance(instance, Instance) else ()
        key = (id(function), tuple(scope.own.items()), versions, id(scope.around))
        if key in self.known:
            return self.known[key]
        self.known[key] = NOTHING  # a function that calls itself
        if len(self.calls) > DEEPEST:
            return NOTHING
        self.serial[0] += 1
        scope.call = self.serial[0]
        self.calls.append(scope.call)
        before, self.silent, silent = self.title, False, self.silent
        if isinstance(function, DEFINITIONS):
            self.title = f"{instance.name}.{function.name}" if isinstance(instance, Instance) else function.name
        try:
            if isinstance(function, ast.Lambda):
                result = self.value(function.body, scope)
            else:
                result = self.body(function.body, scope)
                if self.known[key] is NOTHING and result.level and _calls_itself(function):
                    self.known[key] = result
                    result = self.body(function.body, scope)
        finally:
            self.calls.pop()
            self.title, self.silent = before, silent
        self.known[key] = result
        return result

    def _bind(
        self, function: Function, scope: Names, args: Sequence[What], named: dict[str, What], instance: Any
    ) -> None:
        a = function.args
        placed = [p.arg for p in (*a.posonlyargs, *a.args)]
        static = any(path_of(d, {"staticmethod": "staticmethod"}) for d in getattr(function, "decorator_list", []))
        if instance is not None and placed and not static:
            scope.own[placed.pop(0)] = What(instance=instance)
        for name in placed:
            scope.own[name] = NOTHING
        for name, value in zip(placed, args, strict=False):
            scope.own[name] = value
        for p in a.kwonlyargs:
            scope.own[p.arg] = NOTHING
        rest = [*args[len(placed) :]]
        if a.vararg is not None:
            scope.own[a.vararg.arg] = What(max((v.level for v in rest), default=0))
        for name, value in named.items():
            if name in scope.own:
                scope.own[name] = value
            elif a.kwarg is not None:
                before = scope.own.get(a.kwarg.arg, NOTHING)
                scope.own[a.kwarg.arg] = either(before, What(value.level))
        for more in (a.vararg, a.kwarg):
            if more is not None:
                scope.own.setdefault(more.arg, NOTHING)

    def made(self, kind: Any, args: Sequence[What], named: dict[str, What]) -> What:
        """An object of a class: its `__init__` is read."""
        name, methods, names = kind
        instance = Instance(name, methods, names)
        if "__init__" in methods:
            self.follow(methods["__init__"], names, args, named, instance)
        else:  # a dataclass
            for key, value in named.items():
                instance.keep(key, value)
        return What(instance=instance)

    def member(self, base: What, attribute: str) -> What:
        """An attribute or a method of an object of a class of the user's."""
        if isinstance(base.instance, tuple):
            function = base.instance[1].get(attribute)
            return NOTHING if function is None else What(function=function, names=base.instance[2])
        if isinstance(base.instance, Reading):
            found = base.instance.elsewhere(attribute)
            return found or NOTHING
        instance: Instance = base.instance
        if attribute in instance.attributes:
            return instance.attributes[attribute]
        function = instance.methods.get(attribute)
        if function is None:
            return What(max((v.level for v in instance.attributes.values()), default=0) and base.level)
        if any(path_of(d, _PROPERTIES) for d in getattr(function, "decorator_list", [])):
            return self.follow(function, instance.names, (), {}, instance)
        return What(function=function, names=instance.names, instance=instance)

    def elsewhere(self, name: str) -> What | None:
        """A name of the file's that was not met yet, or one of another file of the project."""
        if name not in self.top.own and (name in self.file.of_own or name in self.file.own):
            self.top.own[name] = self.of_project(name, self.file)
        return self.top.own.get(name)

    def of_project(self, name: str, imports: FileNames) -> What:
        """A name that is imported from another file of the project, or such a file."""
        if name in imports.of_own:
            other, inner = imports.of_own[name]
            reader = self._other(other)
            found = None if reader is None else reader.elsewhere(inner)
            return found or NOTHING
        reader = self._other(imports.own[name])
        return NOTHING if reader is None else What(instance=reader)

    def _other(self, path: Path) -> Reading | None:
        """Another file of the project; None where it cannot be read."""
        known = self.others.get(path.resolve())
        if known is not None:
            return known
        try:
            shown = os.path.join(os.path.dirname(self.source.shown), os.path.relpath(path, self.source.path.parent))
            return Reading(read(path, os.path.normpath(shown)), self.others)
        except (SyntaxError, ArgumentError):
            return None

    # -- derivatives that are asked for ------------------------------------------------------------------------

    def differentiate(self, f: What, call: ast.Call) -> None:
        """A function of which the file asks for a derivative, by the arguments that it says."""
        function = f.function
        if function is None:
            return
        known = parameters(function)
        if f.instance is not None and known:
            known = known[1:]
        wanted = calls.positions(call)
        names = [p.arg for k, p in enumerate(known) if wanted is None or k in wanted]
        title = getattr(function, "name", "lambda")
        self.differentiated[id(function)] = (function, title)
        given = {name: What(RECORDED) for name in names}
        self.follow(function, f.names, (), given, f.instance)

    def decorated(self, node: Any, names: Names) -> What:
        """A function with its decorators: libraries that compile or wrap it are told where it is called."""
        for decorator in getattr(node, "decorator_list", []):
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            path = path_of(target, self.file.paths)
            if libraries.of(path):
                return What(path=path)
            if path.startswith("chainrule.") and path.rpartition(".")[2] in ("custom_vjp", "custom_jvp", "operator"):
                return What(path=path)
        return What(function=node, names=names)

    def all_findings(self) -> list[Finding]:
        return sorted(f for reading in self.others.values() for f in reading.findings.values())


def _calls_itself(function: Function) -> bool:
    name = getattr(function, "name", "")
    return any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name for n in ast.walk(function)
    )


_PROPERTIES = {"property": "property", "cached_property": "cached_property"}
