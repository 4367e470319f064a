"""What could be a claim among the methods of a class: layers, functions with their gradients."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from chainrule.check.claims.syntax.pairs import ABROAD, ONE_BY, Pair, partner
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.returning import returns_a_pair, returns_gradients
from chainrule.check.claims.syntax.statements import FUNCTIONS
from chainrule.patterns import pattern

LAYERS = (
    ("backward", ("forward", "__call__", "call")),
    ("backward_pass", ("forward_pass", "forward")),
    ("bprop", ("fprop", "forward", "forward_prop")),
    ("back", ("forward", "__call__")),
)
UPSTREAM = pattern(
    r"top_diff|d_\w+|d[A-Z]\w*|d(out|y|z|a|h|x|l|s|o)\w*|grad\w*|delta\w*|upstream\w*|err(or)?|\w+_(grad|gradient|delta|error)s?"
)
FORWARDS = (
    "feedforward", "feed_forward", "forward_propagation", "forward_propagate", "forward_prop", "forward_pass",
    "forward", "fprop", "predict", "call", "__call__",
)  # fmt: skip
BACKPROPS = ("backprop", "back_prop", "backpropagate", "backpropagation", "back_propagation", "backward_propagation",
    "backward_prop", "back_propagate", "bptt",
)  # fmt: skip
VALUE_METHODS = (
    "__call__", "forward", "fn", "f", "func", "function", "loss", "cost", "evaluate", "value", "activate", "activation",
    "calculate", "compute", "objective", "energy", "apply",
)  # fmt: skip
SLOPE_METHODS = pattern(
    r"(gradient|grad|prime|derivative|deriv|derivate|dx|df|jac|jacobian|hess|hessian|grad2|_?d|slope|tangent)"
)


def is_unwritten(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function has no body: it is abstract, only raises, or does nothing.

    >>> is_unwritten(ast.parse("def f(x):\\n    'text'\\n    raise NotImplementedError()").body[0])
    True
    """
    if any(ast.unparse(d).endswith("abstractmethod") for d in node.decorator_list):
        return True
    written = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return all(isinstance(s, (ast.Pass, ast.Raise)) for s in written)


def inherited(cls: ast.ClassDef, known: Mapping[str, ast.ClassDef]) -> set[str]:
    """The methods that a class has from those of its bases that are in the file."""
    found = set()
    for base in (known[b.id] for b in cls.bases if isinstance(b, ast.Name) and known.get(b.id, cls) is not cls):
        found |= {n.name for n in base.body if isinstance(n, FUNCTIONS) and not is_unwritten(n)} | inherited(
            base, known
        )
    return found


def in_class(
    cls: ast.ClassDef, prefix: str = "", known: Mapping[str, ast.ClassDef] = MappingProxyType({})
) -> Iterator[Possible]:
    """The possible claims among the methods of a class: layers, functions with their gradients."""
    methods = {n.name: n for n in cls.body if isinstance(n, FUNCTIONS) and not is_unwritten(n)}
    same = {  # backward = grad
        t.id: s.value.id
        for s in cls.body
        if isinstance(s, ast.Assign) and isinstance(s.value, ast.Name)
        for t in s.targets
        if isinstance(t, ast.Name) and t.id in dict(LAYERS) and s.value.id in methods
    }
    methods |= {name: methods.pop(other) for name, other in same.items()}
    everything = set(methods) | inherited(cls, known)
    name = f"{prefix}{cls.name}"
    if _is_rule(cls, known) and {"forward", "backward"} <= everything and {"forward", "backward"} & set(methods):
        yield Possible(name, f"{name}.apply", cls.lineno, "framework")
    elif found := _passes(methods, everything):
        back, forward, kind = found
        yield Possible(f"{name}.{back}", f"{name}.{forward}", methods[back].lineno, kind)
    for method, node in methods.items():
        if returns_a_pair(node) and any(a.arg == "self" for a in node.args.args[:1]):
            yield Possible(f"{name}.{method}", f"{name}.{method}", node.lineno, "value_and_grad", loose=True)
        elif returns_gradients(node) and any(a.arg == "self" for a in node.args.args[:1]):
            yield Possible(f"{name}.{method}", f"{name}.{method}", node.lineno, "returned", loose=True)
        elif method == "delta" and (function := next((f for f in VALUE_METHODS if f in methods), "")):
            mine, theirs = ([a.arg for a in methods[m].args.args if a.arg != "self"] for m in (method, function))
            if len(mine) == 3 and mine[1:] == theirs:  # delta(z, a, y) of fn(a, y)
                yield Possible(f"{name}.{method}", f"{name}.{function}", node.lineno, "delta")
        elif (pair := method_pair(method, everything) or _only_other(methods, method)) and not (
            pair.alike and _takes_more(methods, method, pair.function)
        ):
            yield Possible(f"{name}.{method}", f"{name}.{pair.function}", node.lineno, pair.kind, pair.loose)
    for inner in cls.body:
        if isinstance(inner, ast.ClassDef):
            yield from in_class(inner, f"{name}.")


def _is_rule(cls: ast.ClassDef, known: Mapping[str, ast.ClassDef]) -> bool:
    """Whether a class is, or is made of, a function of PyTorch's with a derivative of its own."""
    bases = [ast.unparse(base) for base in cls.bases]
    return any(
        _is_rule(known[base], known) if base in known and known[base] is not cls
        else base == "Function" or base.endswith("autograd.Function")
        for base in bases
    )  # fmt: skip


def _takes_more(methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], method: str, function: str) -> bool:
    """Whether a method takes arguments of names that another one does not take."""
    if function not in methods:
        return False
    mine, theirs = (methods[name].args for name in (method, function))
    needed = mine.args[: len(mine.args) - len(mine.defaults)]
    return bool({a.arg for a in needed} - {a.arg for a in theirs.args})


def _passes(
    methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], everything: Collection[str]
) -> tuple[str, str, str] | None:
    """The backward and forward pass among the methods of a class, and whether it is a layer, which is handed the
    gradient from above, or a net, which starts from labels; None where there is no such pair."""
    for back, forwards in LAYERS:
        forward = next((f for f in forwards if f in everything), "")
        if back in methods and forward:
            return back, forwards[0] if forward == "__call__" else forward, "layer"
    back = next((m for m in BACKPROPS if m in methods), "")
    forward = next((f for f in FORWARDS if f in everything), "")
    if not back or not forward:
        return None
    given = [a.arg for a in methods[back].args.args[1:]]
    return back, forward, "layer" if given and UPSTREAM.fullmatch(given[0]) else "net"


def _only_other(methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], method: str) -> Pair | None:
    """The only method beside one for a slope that takes the same arguments, as `valeur` beside `derivee`."""
    if not _is_slope(method):
        return None
    given = {name: [a.arg for a in node.args.args] for name, node in methods.items() if not name.startswith("_")}
    others = [n for n, names in given.items() if names == given.get(method) and not _is_slope(n)]
    return Pair(others[0], "gradient", loose=True) if len(others) == 1 and len(given[others[0]]) > 1 else None


def _is_slope(method: str) -> bool:
    return method in ABROAD or SLOPE_METHODS.fullmatch(method) is not None


def method_pair(method: str, methods: Collection[str]) -> Pair | None:
    """The method that another one is the derivative of, as a Pair; None where there is none."""
    known = set(methods) - {method}
    if method.startswith("__"):
        return None
    if _is_slope(method):
        kind = "hessian" if method in ("hess", "hessian", "grad2") else "gradient"
        function = next((v for v in VALUE_METHODS if v in known), "")
        return Pair(function, kind) if function else None
    if ONE_BY.fullmatch(method) and (function := next((v for v in VALUE_METHODS if v in known), "")):
        return partner(method, known) or Pair(function, "gradient", loose=True, alike=True)
    return partner(method, known)
