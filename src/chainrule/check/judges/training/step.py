"""One step of a function that trains, as a function of the parameters: the same text without its updates."""

from __future__ import annotations

import ast
import copy
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.claims.claim import Claim
from chainrule.check.claims.syntax.loops import bound
from chainrule.check.claims.updates.momenta import plain_steps
from chainrule.check.claims.updates.trainings import Update, step_of, update
from chainrule.check.claims.updates.unread import RATE
from chainrule.check.judges.named import DATA, is_label
from chainrule.check.judges.objects import WEIGHT_DECAY, by_name
from chainrule.check.subject import is_real, quiet
from chainrule.signatures import needed

ROWS, FEATURES = 6, 3
STEPS = re.compile(r"(n|num|max)?_?(iter\w*|epochs?|steps?)", re.IGNORECASE)
CHANGED = re.compile(r"clip|dropout|linalg\.norm", re.IGNORECASE)  # steps that are meant to be no gradients
MOVED, STEPPED = "chainrule_moved", "chainrule_stepped"


class Step:
    """`function` until the end of its first step, its updates left out; a method runs on a copy of `owner`.

    updates  what would be updated, and by what
    made     the names that the step assigns to
    """

    def __init__(self, function: Any, owner: Any) -> None:
        self.function, self.owner = function, owner
        text = textwrap.dedent(inspect.getsource(function))
        self.penalised = any(map(WEIGHT_DECAY.fullmatch, re.findall(r"[A-Za-z_]\w*", text.lower())))
        node = plain_steps(ast.parse(text).body[0])
        if not isinstance(node, ast.FunctionDef) or function.__code__.co_freevars or CHANGED.search(text):
            raise TypeError("not a function that can be run on its own")
        body = step_of(node)
        assert body is not None
        self.updates: list[Update] = [u for s in body if (u := update(s))]
        self.made = {
            n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        parameters = list(dict.fromkeys(u.parameter for u in self.updates))
        if len(parameters) != len(self.updates):
            raise ValueError("a parameter is updated twice")
        moved = [_at(s, body[0]) for p in parameters for s in ast.parse(f"{p} = {MOVED}({p!r}, lambda: {p})").body]
        body[:] = moved + [_at(_said(u), s) if (u := update(s)) else s for s in body]
        node.decorator_list, node.returns = [], None
        for arg in (*node.args.args, *node.args.kwonlyargs):
            arg.annotation = None
        self.node, self.functions = node, dict[str, Callable[..., Any]]()
        self.signs = {u.parameter: u.sign for u in self.updates}
        self.parameters: Mapping[str, Any] = {}
        self.moved: dict[str, Any] = {}

    def made_until(self, name: str) -> Callable[..., Any]:
        """The function as it ends after the last statement of the step that assigns to a name; "": after the last
        update."""
        node = copy.deepcopy(self.node)
        body = step_of(node, _is_moved)
        assert body is not None
        last = max(k for k, s in enumerate(body) if (name in bound(s) if name else ast.unparse(s).startswith(STEPPED)))
        gives = ast.parse("def f(): return locals()").body[0].body[0]  # type: ignore[attr-defined]
        body[last + 1 :] = [_at(gives, body[last])]
        inner: ast.stmt = node
        if self.owner is not None:  # for names that begin with two underscores
            inner = ast.ClassDef(type(self.owner).__name__, [], [], [node], [])
        tree = ast.fix_missing_locations(ast.Module([inner], []))
        ast.increment_lineno(tree, self.function.__code__.co_firstlineno - 1)
        names = {**self.function.__globals__, MOVED: self._moving, STEPPED: self._stepped}
        exec(compile(tree, self.function.__code__.co_filename, "exec"), names)
        place: Any = names if self.owner is None else vars(names[type(self.owner).__name__])
        made: Callable[..., Any] = place[self.function.__name__]
        return made

    def _moving(self, name: str, value: Callable[[], Any]) -> Any:
        if isinstance(self.parameters, _Starting):
            return self.parameters.started(name, value)
        return self.parameters[name]

    def _stepped(self, name: str, step: Any) -> None:
        self.moved[name] = step if self.signs[name] > 0 else -step

    def run(
        self, args: tuple[Any, ...], parameters: Mapping[str, Any], until: str = ""
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is known by name after the step with these parameters, and what it would take off them."""
        if until not in self.functions:
            self.functions[until] = self.made_until(until)
        self.parameters, self.moved = parameters, {}
        given = copy.deepcopy(args) if self.owner is None else (copy.deepcopy(self.owner), *copy.deepcopy(args))
        state = np.random.get_state()  # noqa: NPY002 (of the functions of the file)
        np.random.seed(0)  # noqa: NPY002
        try:
            found = self.functions[until](*given)
        finally:
            np.random.set_state(state)  # noqa: NPY002
        return (found if isinstance(found, dict) else {}), self.moved

    def start(self, args: tuple[Any, ...]) -> dict[str, Any]:
        """Parameters near those that the function starts from, or drawn ones where it has none yet; {} where it does
        not run. At 0, where many start, a penalty and the slope of an activation cannot be seen."""
        for size in ((FEATURES,), (FEATURES, 1)):
            first = _Starting(size)
            try:
                with quiet():
                    self.run(args, first)
            except Exception:  # it takes none of these
                continue
            if first.met and all(is_real(v) and np.size(v) for v in first.met.values()):
                random = np.random.default_rng(0)
                drawn = {n: np.asarray(v, float) + random.uniform(0.1, 0.6, np.shape(v)) for n, v in first.met.items()}
                return {n: v if v.ndim else float(v) for n, v in drawn.items()}
        return {}


class _Starting(dict[str, Any]):
    """Notes what the parameters are at the beginning of the first step: what they were set to before, else weights of
    a size."""

    def __init__(self, size: tuple[int, ...]) -> None:
        self.size, self.met = size, dict[str, Any]()

    def started(self, name: str, value: Callable[[], Any]) -> Any:
        try:
            found = value()
        except (AttributeError, KeyError):
            found = None
        if found is None:
            found = 0.0 if re.match(r"b|intercept", name.rpartition(".")[2].strip("_")) else np.zeros(self.size)
        self.met[name] = copy.deepcopy(found)
        return found


def _is_moved(s: ast.stmt) -> bool:
    """Whether a statement takes a parameter from outside."""
    return isinstance(s, ast.Assign) and isinstance(s.value, ast.Call) and ast.unparse(s.value.func) == MOVED


def _at(s: ast.stmt, other: ast.stmt) -> ast.stmt:
    """A statement, to stand in the line of another."""
    for node in ast.walk(s):
        ast.copy_location(node, other)
    return s


def _said(u: Update) -> ast.stmt:
    call = ast.Call(ast.Name(STEPPED, ast.Load()), [ast.Constant(u.parameter), u.step], [])
    return ast.Expr(call)


def places(claim: Claim, step: Step) -> Iterator[tuple[Any, ...]]:
    """The arguments of the file's own calls, then drawn ones: data with labels of several kinds."""
    yield from claim.noted
    names = needed(claim.function)[step.owner is not None :]
    random = np.random.default_rng(1)
    x = random.uniform(-1, 1, (ROWS, FEATURES))
    two, whole = np.array([0, 1, 1, 0, 1, 0]), np.array([0, 2, 1, 1, 0, 2])
    labels = [two, two[:, None], random.uniform(-1, 1, ROWS), random.uniform(-1, 1, (ROWS, 1)), whole, np.eye(3)[whole]]
    weights = [random.uniform(-1, 1, size) for size in ((FEATURES,), (FEATURES, 1), (FEATURES, 3), ())]
    kinds: list[list[Any]] = []
    for n in names:
        if is_label(n) or n.lower().startswith("y"):
            kinds.append(labels)
        elif DATA.fullmatch(n) or n.lower().startswith("x"):
            kinds.append([x, x[:, 0]])
        elif RATE.fullmatch(n):
            kinds.append([0.1])
        elif STEPS.fullmatch(n):
            kinds.append([2])
        elif re.fullmatch(r"(theta|w|weights?|coef\w*|beta|m)_?", n, re.IGNORECASE):
            kinds.append(weights)
        elif re.fullmatch(r"b|bias|c|intercept", n, re.IGNORECASE):
            kinds.append([0.3])
        elif known := by_name(n):
            kinds.append([known[0]])
        else:
            return
    yield from itertools.product(*kinds)
