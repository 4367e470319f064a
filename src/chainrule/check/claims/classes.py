"""Claims made by classes: layers with forward and backward, functions with a method for their gradient."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from chainrule.check.claims.claim import Claim, as_gradient, source_of
from chainrule.check.claims.contexts import with_context
from chainrule.check.claims.properties import getter, property_claim
from chainrule.check.claims.syntax.methods import is_unwritten
from chainrule.check.claims.syntax.pairs import names_of, said_by
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.judges.fitting import passes
from chainrule.check.judges.nets import parameters_of
from chainrule.check.judges.objects import made


def class_claims(
    namespace: Mapping[str, Any], path: str, possible: Iterable[Possible], owners: Collection[Any] = ()
) -> tuple[Claim, ...]:
    """The claims of the classes of a program, each about an object of the class: one that the program made and has a
    name for, one of the `owners` of methods that it called, or a new one."""
    found = []
    for p in possible:
        cls, _, method = p.name.rpartition(".")
        kind = _class(namespace, p.name if p.kind == "framework" else cls)
        if not isinstance(kind, type) or getattr(kind, "__module__", "") != namespace.get("__name__"):
            continue
        if is_rule(kind):
            found.append(Claim(p.name.removesuffix(".backward"), kind.apply, kind, path, p.line, kind="framework"))  # type: ignore[attr-defined]
            continue
        if method == "backward" and (claim := with_context(namespace, kind, p, path)):
            found.append(claim)
            continue
        for name, some in ((cls, kind), *_heirs(namespace, kind, method)):
            if inspect.isabstract(some) or _unwritten(some, method):
                continue
            works = functools.partial(_passes, p.kind, p.function.rpartition(".")[2], method)
            thing = made(namespace, some, works, owners)
            if thing is None:
                continue
            if getter(some, method) is not None:
                found += [c for c in [property_claim(thing, p, f"{name}.{method}", path)] if c is not None]
                continue
            function = getattr(thing, p.function.rpartition(".")[2], None) or (thing if callable(thing) else None)
            derivative = getattr(thing, method, None)
            if not callable(function) or not callable(derivative):
                continue
            # Parameters that stand in attributes are found by the names of the gradients.
            kind_of = "returned" if p.kind == "value_and_grad" and not parameters_of(thing)[0] else p.kind
            line = source_of(derivative)[1] or p.line
            by = said_by(method, function) if kind_of in ("gradient", "slope") else ""
            settings = {"argnums": names_of(function).index(by)} if by else {}
            claim = Claim(
                f"{name}.{method}", function, derivative, path, line, kind=kind_of, settings=settings, loose=p.loose
            )
            found.append(as_gradient(claim))
    return tuple(found)


def is_rule(cls: type) -> bool:
    """Whether a class is a function of PyTorch's with a derivative of its own."""
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(cls, torch.autograd.Function)


def _heirs(namespace: Mapping[str, Any], cls: type, method: str) -> Iterator[tuple[str, type]]:
    """The classes that inherit a method, such as layers made of a function and its derivative."""
    for name, value in namespace.items():
        if isinstance(value, type) and issubclass(value, cls) and value is not cls and method not in vars(value):
            yield name, value


def _class(namespace: Mapping[str, Any], dotted: str) -> Any:
    first, *inner = dotted.split(".")
    found = namespace.get(first)
    for name in inner:
        found = getattr(found, name, None)
    return found


def _passes(kind: str, forward: str, backward: str, thing: Any) -> bool:
    """Whether an object takes some input forward and back, where that is what it is for."""
    forward = forward if hasattr(thing, forward) else "__call__"
    return kind != "layer" or (hasattr(thing, forward) and passes(thing, forward, backward))


def _unwritten(cls: type, method: str) -> bool:
    """Whether a method says only that heirs have to write it."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(cls, method))))
    except (OSError, TypeError, SyntaxError, AttributeError):
        return False
    return isinstance(tree.body[0], ast.FunctionDef) and is_unwritten(tree.body[0])
