"""A file looked at before it runs: what in its syntax tree could be a claim, and which statements that needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeGuard

from chainrule.check.claims.calls import handings
from chainrule.check.claims.loops import loops, slopes_in
from chainrule.check.claims.pairs import Pair, is_bare, partner, partners

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FLAGS = {"deriv", "derivative", "derive", "prime", "grad", "gradient", "der"}
BACKWARD = re.compile(
    r"(\w*)_(backward|backprop|backward_pass|bwd)|(backward|backprop|back|bwd)_(\w+)"
    r"|backward|backprop|backpropagation|backwardpropagation"
)
VARIANT = re.compile(r"_(naive|fast|vectori[sz]ed|loops?|im2col|strides?|alt|simple|slow|v?\d|numpy|np)$")
VALUES = re.compile(
    r"(total_|data_)?(loss|cost|value|val|obj|objective|energy|nll|error|err|f|j|l|e|fx|y)(_?\w{0,8})", re.IGNORECASE
)
GRADIENTS = re.compile(
    r"\w*grad\w*|d[A-Z]\w*|d_?(x|w|b|theta|params?|l|j)\w*|g|jac\w*|df\w*|derivative\w*", re.IGNORECASE
)
COST = re.compile(r"(total_?|data_?|batch_?|train_?)?(loss|cost|nll|error|objective|obj|energy)|J", re.IGNORECASE)
SLOPE = re.compile(r"d_?[A-Z]\w*|d_?(x|w|b|theta|params?|weights?|bias)\w*|gradients?|grads?\w*|\w+_grads?")
WANTING = {"value_and_grad", "returned", "backward"}  # claims for which arguments are hard to guess
ALWAYS = {"sys", "os", "warnings", "random", "matplotlib"}


class Possible(NamedTuple):
    """What could be a claim: its name, its function, the line, the kind of judge it needs, and the function or class
    that has to be called for it to be made."""

    name: str
    function: str
    line: int
    kind: str
    loose: bool = False
    inside: str = ""


@dataclass
class Statement:
    """A top-level statement: what it binds or changes, what it reads, and what of that when it runs itself."""

    node: ast.stmt
    binds: set[str]
    changes: set[str]
    reads: set[str]
    reads_now: set[str]
    needed: bool = False


@dataclass
class Outline:
    """The possible claims of a program and its statements, those marked that the claims need."""

    possible: tuple[Possible, ...] = ()
    statements: list[Statement] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Functions and derivatives, whose calls are worth noting."""
        return {name for p in self.possible for name in (p.name.split(".")[-1], p.function.split(".")[-1])}


def outline(
    body: Sequence[ast.stmt], more: Callable[[Sequence[ast.stmt], Sequence[Possible]], Iterable[Possible]] | None = None
) -> Outline:
    """What could be a claim in a program, and what of the program is needed for it.

    >>> found = outline(ast.parse("def f(x): return k * x\\ndef df(x): return k\\nk = 2\\nprint(f(3))\\nx = 5").body)
    >>> found.possible[0].name, [s.needed for s in found.statements]
    ('df', [True, True, True, True, False])
    """
    modules = {name for node in _flat(body) if isinstance(node, ast.Import) for name in _bound(node)}
    statements = [statement_of(node, modules) for node in body]
    possible = tuple(dict.fromkeys(_possible(body)))
    possible += tuple(more(body, possible)) if more else ()
    found = Outline(possible, statements)
    if possible:
        _mark(found)
    return found


# -- what could be a claim -------------------------------------------------------------------------------------------


def _possible(body: Sequence[ast.stmt]) -> Iterator[Possible]:
    functions, others, classes, star = _defined(body)
    known = set(functions) | set(others)
    for name, node in functions.items():
        decorators = [ast.unparse(d) for d in getattr(node, "decorator_list", ())]
        if any("gradient_of" in d for d in decorators):
            yield Possible(name, "", node.lineno, "gradient")
        elif any(re.search(r"\bcustom_(vjp|jvp)\b", d) for d in (*decorators, _maker(node))):
            yield Possible(name, name, node.lineno, "framework")
        elif found := list(partners(name, known)):
            for pair in found if is_bare(name) or found[0].alike else found[:1]:
                yield Possible(name, pair.function, node.lineno, pair.kind, pair.loose)
            if found[0].alike and isinstance(node, FUNCTIONS) and returns_a_pair(node):
                yield Possible(name, name, node.lineno, "value_and_grad")
        elif star and isinstance(node, FUNCTIONS) and (far := partner(name, _Anything())) and not far.loose:
            yield Possible(name, "*", node.lineno, "gradient", loose=True)
        elif forward := forward_of(name, known):
            yield Possible(name, forward, node.lineno, "backward")
        elif isinstance(node, FUNCTIONS) and flag_of(node):
            yield Possible(name, name, node.lineno, "flag")
        elif isinstance(node, FUNCTIONS) and returns_a_pair(node):
            yield Possible(name, name, node.lineno, "value_and_grad")
        elif isinstance(node, FUNCTIONS) and returns_gradients(node):
            yield Possible(name, name, node.lineno, "returned")
    named = {cls.name: cls for cls in classes}
    for cls in classes:
        yield from in_class(cls, known=named)
    for use in handings(body):
        yield Possible(f"{use.called}({use.function}, ...)", use.function, use.line, "use", inside=use.inside)
    yield from _inline(body)


def _maker(node: ast.stmt) -> str:
    """What is called to make a function: `jax.custom_vjp` in `f = jax.custom_vjp(g)`."""
    return ast.unparse(node.value.func) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) else ""


class _Anything(set):  # type: ignore[type-arg]
    """Every name but those of one letter: what a star import may bring."""

    def __contains__(self, name: object) -> bool:
        return len(str(name)) > 1


def _defined(body: Sequence[ast.stmt]) -> tuple[dict[str, ast.stmt], dict[str, ast.stmt], list[ast.ClassDef], bool]:
    """Functions defined here (also lambdas and what calls made), imported names, classes, whether `*` is imported."""
    functions: dict[str, ast.stmt] = {}
    imported: dict[str, ast.stmt] = {}
    classes: list[ast.ClassDef] = []
    star = False
    for node in _flat(body):
        if isinstance(node, FUNCTIONS):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            classes.append(node)
        elif isinstance(node, ast.ImportFrom):
            star = star or any(a.name == "*" for a in node.names)
            imported |= {a.asname or a.name: node for a in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Lambda, ast.Call)):
            functions |= {t.id: node for t in node.targets if isinstance(t, ast.Name)}
    return functions, imported, classes, star


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a program, with those inside if, try and with."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for part in ("body", "orelse", "finalbody"):
                yield from _flat(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _flat(handler.body)


def forward_of(name: str, known: Collection[str]) -> str:
    """The forward pass that a backward pass belongs to; "" for none.

    >>> forward_of("affine_backward", {"affine_forward", "affine"}), forward_of("backward_relu", {"forward_relu"})
    ('affine_forward', 'forward_relu')
    >>> forward_of("conv_backward_naive", {"conv_forward_naive"}), forward_of("norm_backward_alt", {"norm_forward"})
    ('conv_forward_naive', 'norm_forward')
    """
    found = BACKWARD.fullmatch(name) or BACKWARD.fullmatch(VARIANT.sub("", name))
    if not found:
        return ""
    how = VARIANT.search(name)
    if how and (same := forward_of(VARIANT.sub("", name), {k.removesuffix(how[0]) for k in known if k != name})):
        return same + how[0] if same + how[0] in known else same if same in known else ""
    stem = found[1] or found[4] or ""
    stem = "" if stem in ("propagation", "propagate", "pass", "prop") and f"forward_{stem}" not in known else stem
    tries = (
        [f"{stem}_forward", f"{stem}_fwd", f"forward_{stem}", f"{stem}_forward_pass", stem, f"{stem}_forwardprop"]
        if stem
        else ["forward", "forward_pass", "forward_propagation", "forwardprop", "feedforward", "feed_forward"]
    )
    return next((t for t in tries if t in known), "")


def flag_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The argument by which a function is asked for its derivative: `nonlin(x, deriv=False)`."""
    args, defaults = node.args.args, node.args.defaults
    for arg, default in zip(args[len(args) - len(defaults) :], defaults, strict=True):
        if arg.arg.lower() in FLAGS and isinstance(default, ast.Constant) and default.value is False:
            return arg.arg
    return ""


def returns_a_pair(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends in `return loss, grad`."""
    last = node.body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Tuple) or len(last.value.elts) != 2:
        return False
    first, second = last.value.elts
    if not isinstance(second, (ast.Name, ast.Call, ast.BinOp, ast.Attribute)):
        return False
    left = first.id if isinstance(first, ast.Name) else ""
    if left.lower() in ("costs", "losses", "errors", "values"):  # of all steps of a training
        return False
    while isinstance(second, ast.BinOp):  # dx / n
        second = second.left
    right = second.id if isinstance(second, ast.Name) else ast.unparse(second)
    return bool(VALUES.fullmatch(left) and GRADIENTS.fullmatch(right.split("(")[0].split(".")[0]) and left != right)


def returns_gradients(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function ends by returning a cost among gradients.

    >>> def last(line):
    ...     return returns_gradients(ast.parse(f"def f(x): return {line}").body[0])
    >>> last("loss, dWxh, dbh, hs[-1]"), last("grads, cost"), last("cost, {'dw': dw}"), last("x, dx")
    (True, True, True, False)
    """
    last = node.body[-1]
    if not isinstance(last, ast.Return) or not isinstance(last.value, ast.Tuple):
        return False
    names = [n for p in last.value.elts if (n := _name_in(p))]
    keys = [k.value for p in last.value.elts if isinstance(p, ast.Dict) for k in p.keys if isinstance(k, ast.Constant)]
    slopes = [n for n in (*names, *map(str, keys)) if SLOPE.fullmatch(n) and not COST.fullmatch(n)]
    return bool(slopes) and any(map(COST.fullmatch, names))


def _name_in(part: ast.expr) -> str:
    """The name of what is returned, also from within np.squeeze(cost), float(cost), cost / n."""
    while not isinstance(part, ast.Name):
        if isinstance(part, ast.Call) and len(part.args) == 1:
            part = part.args[0]
        elif isinstance(part, ast.BinOp):
            part = part.left
        else:
            return ""
    return part.id


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
    everything = set(methods) | inherited(cls, known)
    name = f"{prefix}{cls.name}"
    torch_function = any(
        ast.unparse(base).endswith("autograd.Function") or ast.unparse(base) == "Function" for base in cls.bases
    )
    if torch_function and {"forward", "backward"} <= set(methods):
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
        elif (pair := method_pair(method, everything)) and not (
            pair.alike and _takes_more(methods, method, pair.function)
        ):
            yield Possible(f"{name}.{method}", f"{name}.{pair.function}", node.lineno, pair.kind, pair.loose)
    for inner in cls.body:
        if isinstance(inner, ast.ClassDef):
            yield from in_class(inner, f"{name}.")


def _takes_more(methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], method: str, function: str) -> bool:
    """Whether a method takes arguments of names that another one does not take."""
    if function not in methods:
        return False
    mine, theirs = ({a.arg for a in methods[name].args.args} for name in (method, function))
    return bool(mine - theirs)


LAYERS = (
    ("backward", ("forward", "__call__")),
    ("backward_pass", ("forward_pass", "forward")),
    ("bprop", ("fprop", "forward", "forward_prop")),
    ("back", ("forward", "__call__")),
)


def _passes(
    methods: Mapping[str, ast.FunctionDef | ast.AsyncFunctionDef], everything: Collection[str]
) -> tuple[str, str, str] | None:
    """The backward and forward pass among the methods of a class, and whether it is a layer, which is handed the
    gradient from above, or a net, which starts from labels; None where there is no such pair."""
    for back, forwards in LAYERS:
        forward = next((f for f in forwards if f in everything), "")
        if back in methods and forward:
            return back, forwards[0] if back == "backward" else forward, "layer"
    back = next((m for m in BACKPROPS if m in methods), "")
    forward = next((f for f in FORWARDS if f in everything), "")
    if not back or not forward:
        return None
    given = [a.arg for a in methods[back].args.args[1:]]
    return back, forward, "layer" if given and UPSTREAM.fullmatch(given[0]) else "net"


UPSTREAM = re.compile(
    r"top_diff|d_\w+|d[A-Z]\w*|d(out|y|z|a|h|x|l|s|o)\w*|grad\w*|delta\w*|upstream\w*|err(or)?|\w+_(grad|gradient|delta|error)s?"
)
FORWARDS = (
    "feedforward",
    "feed_forward",
    "forward_propagation",
    "forward_propagate",
    "forward_prop",
    "forward_pass",
    "forward",
    "fprop",
    "predict",
)
BACKPROPS = ("backprop", "back_prop", "backpropagate", "backpropagation", "back_propagation", "backward_propagation",
    "backward_prop", "back_propagate", "bptt",
)  # fmt: skip
VALUE_METHODS = (
    "__call__", "forward", "fn", "f", "func", "function", "loss", "cost", "evaluate", "value", "activate", "activation",
    "calculate", "compute", "objective", "energy", "apply",
)  # fmt: skip
SLOPE_METHODS = re.compile(r"(gradient|grad|prime|derivative|deriv|derivate|dx|df|jac|jacobian|hess|hessian|grad2|_?d)")


def method_pair(method: str, methods: Collection[str]) -> Pair | None:
    """The method that another one is the derivative of, as a Pair; None where there is none."""
    known = set(methods) - {method}
    if method.startswith("__"):
        return None
    if SLOPE_METHODS.fullmatch(method):
        kind = "hessian" if method in ("hess", "hessian", "grad2") else "gradient"
        function = next((v for v in VALUE_METHODS if v in known), "")
        return Pair(function, kind) if function else None
    return partner(method, known)


def _inline(body: Sequence[ast.stmt]) -> Iterator[Possible]:
    """Values and hand-written `d<name>` for them, at top level: at least three, of which one is made of another."""
    assigned: dict[str, ast.Assign] = {}
    for node in _flat(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, node)
    slopes = {n: node for n, node in assigned.items() if len(n) > 1 and n[0] == "d" and n[1:].lstrip("_") in assigned}
    chained = [n for n, node in slopes.items() if set(slopes) & _reads(node.value)]
    if len(slopes) >= 3 and chained:
        for name, node in slopes.items():
            yield Possible(name, name[1:].lstrip("_"), node.lineno, "inline")
    for loop in loops(body):
        for name, step in slopes_in(loop, set(assigned)).items():
            yield Possible(name, name[1:].lstrip("_"), step.lineno, "inline")


# -- what is needed ---------------------------------------------------------------------------------------------------


def statement_of(node: ast.stmt, modules: set[str]) -> Statement:
    binds, changes = set(_bound(node)), set[str]()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Subscript, ast.Attribute)) and isinstance(inner.ctx, (ast.Store, ast.Del)):
            changes |= _root(inner)
    for call in (n for n in _top(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)):
        alone = isinstance(node, ast.Expr) and node.value is call  # np.random.seed(0), and not w = np.zeros(3)
        changes |= _root(call.func) if alone else _root(call.func) - modules
    reads = _reads(node)
    now = _reads_now(node)
    return Statement(node, binds, changes, reads, now)


def _bound(node: ast.stmt) -> Iterator[str]:
    for inner in _top(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, (*FUNCTIONS, ast.ClassDef)):
            yield inner.name
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            yield from ((a.asname or a.name).partition(".")[0] for a in inner.names)


def _top(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and what runs with it: not the bodies of functions it defines."""
    yield node
    skipped = {"body"} if isinstance(node, (*FUNCTIONS, ast.Lambda)) else set()
    for name, value in ast.iter_fields(node):
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST) and name not in skipped:
                yield from _top(inner)


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _reads(node: ast.AST) -> set[str]:
    """The names that a statement or the functions in it read from outside."""
    found: set[str] = set()
    for inner in ast.iter_child_nodes(node):
        found |= _reads(inner)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        found.add(node.id)
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        args = node.args
        own = {a.arg for a in (*args.args, *args.posonlyargs, *args.kwonlyargs, args.vararg, args.kwarg) if a}
        body = node.body if isinstance(node.body, list) else []
        free = {name for n in ast.walk(node) if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names}
        own |= {name for statement in body for name in _bound(statement)} - free
        found -= own
    return found


def _reads_now(node: ast.AST) -> set[str]:
    return {n.id for n in _top(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _mark(found: Outline) -> None:
    """Mark the statements that define the claims or call their functions, and all that these rest on."""
    roots = {name.split(".")[0] for p in found.possible for name in (p.name, p.function, p.inside)} - {""}
    lines = {p.line for p in found.possible if p.kind in ("use", "inline")}
    users = _callers(found, {p.inside for p in found.possible if p.inside})
    wanting = _callers(found, {p.function.split(".")[0] for p in found.possible if p.kind in WANTING})
    waiting = []
    for s in found.statements:
        last = s.node.end_lineno or s.node.lineno
        used = any(s.node.lineno <= line <= last for line in lines)
        simple = not isinstance(s.node, (ast.For, ast.While, ast.AsyncFor))
        if _is_main(s.node) and (used or s.reads_now & (users | wanting)):
            used = used or bool(s.reads_now & users)
            s.node = ast.copy_location(ast.If(ast.copy_location(ast.Constant(True), s.node), s.node.body, []), s.node)
        used = used or bool(s.reads_now & users)
        if s.binds & roots or used or (simple and s.reads_now & roots) or s.changes & ALWAYS or "*" in s.binds:
            waiting.append(s)
    inline = any(p.kind == "inline" for p in found.possible)
    while waiting:
        s = waiting.pop()
        if s.needed:
            continue
        s.needed = True
        for other in found.statements:
            if not other.needed and (s.reads & (other.binds | other.changes) or (inline and s.binds & other.binds)):
                waiting.append(other)


def _callers(found: Outline, inside: set[str]) -> set[str]:
    """The functions and classes that hand over a claim when they are called, and those that call them."""
    reached: set[str] = set()
    fresh = set(inside)
    while fresh:
        reached |= fresh
        fresh = {
            s.node.name
            for s in found.statements
            if isinstance(s.node, (*FUNCTIONS, ast.ClassDef)) and s.reads & reached
        } - reached
    return reached


def _is_main(node: ast.stmt) -> TypeGuard[ast.If]:
    """Whether a statement is `if __name__ == "__main__":`, below which files call what they define."""
    return isinstance(node, ast.If) and ast.unparse(node.test).replace("'", '"') in (
        '__name__ == "__main__"', '"__main__" == __name__',
    )  # fmt: skip
