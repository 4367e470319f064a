"""What could be a claim in a program: functions by their names and by what they return, classes, and what is handed
to optimisers."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence

from chainrule.check.claims.syntax.calls import handings
from chainrule.check.claims.syntax.loops import loops, slopes_in
from chainrule.check.claims.syntax.methods import in_class
from chainrule.check.claims.syntax.pairs import is_bare, partner, partners
from chainrule.check.claims.syntax.possible import Possible
from chainrule.check.claims.syntax.returning import makes_functions, returns_a_pair, returns_gradients
from chainrule.check.claims.syntax.statements import FUNCTIONS, flat, read_by
from chainrule.patterns import pattern

FLAGS = {"deriv", "derivative", "derive", "prime", "grad", "gradient", "der"}
BACKWARD = pattern(
    r"(\w*)_(backward|backprop|backward_pass|bwd)|(backward|backprop|back|bwd)_(\w+)"
    r"|backward|backprop|backpropagation|backwardpropagation"
)
VARIANT = pattern(r"_(naive|fast|vectori[sz]ed|loops?|im2col|strides?|alt|simple|slow|v?\d|numpy|np)$")


def candidates(body: Sequence[ast.stmt]) -> Iterator[Possible]:
    functions, others, classes, star = _defined(body)
    known = set(functions) | set(others)
    rules = set(handed_to_frameworks(body))
    for name, node in functions.items():
        if name in rules:
            continue
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


RULES = {"defvjp", "defjvp", "defjvps", "register_vjp", "register_jvp"}


def handed_to_frameworks(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The functions that are handed to JAX as the passes of a rule: the rule is the claim, and calls them its own way.

    >>> list(handed_to_frameworks(ast.parse("f.defvjp(f_fwd, f_bwd)\\n@f.defjvp\\ndef f_jvp(p, t): pass").body))
    ['f_fwd', 'f_bwd', 'f_jvp']
    """
    for node in flat(body):
        if isinstance(node, FUNCTIONS) and any(map(_is_rule, node.decorator_list)):
            yield node.name
        elif isinstance(node, ast.Expr) and isinstance(call := node.value, ast.Call) and _is_rule(call.func):
            yield from (a.id for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Name))


def _is_rule(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in RULES


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
    for node in flat(body):
        if isinstance(node, FUNCTIONS):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            classes.append(node)
        elif isinstance(node, ast.ImportFrom):
            star = star or any(a.name == "*" for a in node.names)
            imported |= {a.asname or a.name: node for a in node.names}
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Lambda, ast.Call)):
            functions |= {t.id: node for t in node.targets if isinstance(t, ast.Name)}
            makes = isinstance(node.value, ast.Call) and functions.get(ast.unparse(node.value.func))
            if isinstance(makes, FUNCTIONS) and makes_functions(makes):  # loss, grad = make_ridge(X, y)
                parts = [part for t in node.targets if isinstance(t, ast.Tuple) for part in t.elts]
                functions |= {part.id: node for part in parts if isinstance(part, ast.Name)}
    return functions, imported, classes, star


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


def _inline(body: Sequence[ast.stmt]) -> Iterator[Possible]:
    """Values and hand-written `d<name>` for them, at top level: at least three, of which one is made of another."""
    assigned: dict[str, ast.Assign] = {}
    for node in (node for node in flat(body) if isinstance(node, ast.Assign)):
        for target in node.targets:
            for part in target.elts if isinstance(target, ast.Tuple) else (target,):
                if isinstance(part, ast.Name):
                    assigned.setdefault(part.id, node)
    slopes = {n: node for n, node in assigned.items() if len(n) > 1 and n[0] == "d" and n[1:].lstrip("_") in assigned}
    chained = [n for n, node in slopes.items() if set(slopes) & read_by(node.value)]
    if len(slopes) >= 3 and chained:
        for name, node in slopes.items():
            yield Possible(name, name[1:].lstrip("_"), node.lineno, "inline")
    for loop in loops(body):
        for name, step in slopes_in(loop, set(assigned)).items():
            yield Possible(name, name[1:].lstrip("_"), step.lineno, "inline")
