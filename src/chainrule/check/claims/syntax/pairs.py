"""Names that belong together: `f` and `grad_f`, `cube` and `cube_grad`, `sigmoid` and `sigmoidPrime`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

from chainrule.check.readings.callers import takes_upstream
from chainrule.patterns import pattern
from chainrule.signatures import POSITIONAL

# How people name the derivative of f. Tried from top to bottom: longer affixes stand above their parts.
NAMES = {
    "hessian_of_{f}": "hessian",
    "hessian_{f}": "hessian",
    "hess_{f}": "hessian",
    "{f}_hessian": "hessian",
    "{f}_hess": "hessian",
    "{f}_second_derivative": "hessian",
    "{f}_second_deriv": "hessian",
    "{f}_double_prime": "hessian",
    "{f}_prime_prime": "hessian",
    "{f}_2deriv": "hessian",
    "d2{f}_dx2": "hessian",
    "d2{f}dx2": "hessian",
    "d2_{f}": "hessian",
    "d2{f}": "hessian",
    "{f}pp": "hessian",
    "dd{f}": "hessian",
    "{f}_and_gradient": "value_and_grad",
    "{f}_and_grad": "value_and_grad",
    "{f}_with_grad": "value_and_grad",
    "gradient_of_{f}": "gradient",
    "gradient_{f}": "gradient",
    "grad_{f}": "gradient",
    "grad{f}": "gradient",
    "{f}_gradients": "gradient",
    "{f}_gradient": "gradient",
    "{f}_grads": "gradient",
    "{f}_grad": "gradient",
    "{f}grad": "gradient",
    "jacobian_{f}": "jacobian",
    "jac_{f}": "jacobian",
    "{f}_jacobian": "jacobian",
    "{f}_jac": "jacobian",
    "derivative_of_{f}": "gradient",
    "derivative_{f}": "gradient",
    "derivate_{f}": "gradient",
    "deriv_{f}": "gradient",
    "der_{f}": "gradient",
    "{f}_derivative": "gradient",
    "{f}_derivate": "gradient",
    "{f}_deriv": "gradient",
    "{f}_der": "gradient",
    "{f}2deriv": "gradient",  # relu to its derivative
    "{f}_to_deriv": "gradient",
    "{f}_to_derivative": "gradient",
    "{f}_output_to_derivative": "gradient",
    "diff_{f}": "gradient",
    "{f}_diff": "gradient",
    "{f}diff": "gradient",
    "prime_{f}": "gradient",
    "{f}_prime": "gradient",
    "{f}prime": "gradient",
    "d{f}_dx": "slope",
    "d{f}dx": "slope",
    "{f}_dx": "slope",
    "d_{f}": "gradient",
    "{f}_d": "gradient",
    "d{f}": "gradient",
    "{f}_p": "gradient",
    "{f}p": "gradient",
    "jacob_{f}": "jacobian",
    "{f}_jacob": "jacobian",
    "{f}_tangent": "gradient",
    "{f}_slope": "gradient",
    "slope_{f}": "gradient",
}
# The same in other languages.
ABROAD = (
    "derivee", "dérivée", "derivada", "derivata", "gradiente", "ableitung", "afgeleide", "pochodna", "производная",
    "градиент", "梯度", "导数", "導數", "勾配", "微分",
)  # fmt: skip
NAMES |= {shape.format(word=word): "gradient" for word in ABROAD for shape in ("{word}_{{f}}", "{{f}}_{word}")}
NAMES |= {f"{{f}}{word}": "gradient" for word in ABROAD if word > "\u3000"}  # written without spaces
# One letter more is a derivative of f, g or test_f; getp, execlp and minkowski_distance_p are none.
SHORT = {"{f}pp", "dd{f}", "{f}_d", "{f}_p", "{f}p"}
LOOSE = {"d{f}", "{f}_dx", "{f}diff", "{f}_diff", *SHORT}  # dbode and dstep are functions of their own

# Derivatives that do not name their function, with what such functions are called.
BARE = pattern(
    r"(?:compute_|calc_|calculate_|get_)?(grad|gradients?|jac|jacobian|deriv|derivative|hess|hessian|tangent_stiffness"
    r"|stiffness)(?:_fn|_func|_function|_matrix)?"
)
COSTS = (
    "cost", "loss", "objective", "energy", "f", "fun", "func", "function", "j", "cost_function", "loss_function",
    "cost_fn", "loss_fn", "compute_cost", "compute_loss", "calc_cost", "calc_loss", "calculate_cost", "calculate_loss",
    "get_cost", "get_loss", "objective_function", "potential", "nll", "log_likelihood", "neg_log_likelihood",
    "cout", "coût", "perte", "costo", "coste", "kosten", "verlust", "损失", "代价", "损失函数", "代价函数",
)  # fmt: skip
# What has a Jacobian that does not name it: jac beside rhs, of an equation or of residuals.
SYSTEMS = (
    "f", "fun", "func", "function", "rhs", "residual", "residuals", "resid", "res", "ode", "system", "dynamics",
    "equations", "model", "vector_field", "field", "deriv", "derivs", "derivatives", "h", "g", "r", "objective",
    "cost", "loss", "internal_force", "internal_forces", "out_of_balance",
)  # fmt: skip
# F beside f, jacob_h beside observation_model: of filters, which linearise their models.
MODELS = {
    "f": ("motion_model", "process_model", "state_transition", "transition", "dynamics", "predict_state"),
    "h": ("observation_model", "measurement_model", "sensor_model", "measurement", "measure", "observe"),
}

# lrCost and lrGradient, cost_hinge and gradient_hinge, lossFunction and lossGradient.
SLOPE_WORDS = {"gradient", "gradients", "grad", "grads", "derivative", "deriv", "jac", "jacobian", "score"}
COST_WORDS = {
    "cost", "loss", "objective", "energy", "nll", "likelihood", "loglik", "loglikelihood", "ll", "error", "misfit",
    "divergence", "deviance", "penalty", "criterion", "functional", "regularizer", "regulariser", "distortion",
}  # fmt: skip
PARTIAL = (  # dJ_dtheta, error_gradient_m
    pattern(r"d_?(\w+?)_d_?([A-Za-z]\w*)"),
    pattern(r"(\w+?)_(?:d_?|(?:grad|gradient|deriv|derivative|wrt|by)_)([A-Za-z]\w*)"),
)
ONE_BY = pattern(  # grad_w beside a loss; gradient_step is what uses one
    r"(?:(?:gradient|grad|derivative|deriv)_(?:wrt_|by_)?|d_?)(?!step|descent|ascent|check|norm)([A-Za-z]\w*)"
)
FILLERS = {"compute", "calc", "calculate", "get", "eval", "evaluate", "function", "fn", "func", "value"}
FORCES = {"force", "forces"}  # minus the gradients of energies
INTERNAL = {"internal", "residual"}  # forces of solids that are the gradients themselves
ENERGIES = {"energy", "energies", "potential", "hamiltonian"}
KINDS = {"log", "neg", "negative", "marginal", "partial", "mean", "total"}  # of likelihoods and losses

# sigmoid_grad_manual is the gradient of sigmoid; numerical_grad_f is no formula that anybody derived.
BY_HAND = pattern(
    r"_(by_hand|manual|analytic|analytical|vectorized|vectorised|naive)$|^(manual|analytic|analytical|compute|calc)_"
)
NUMERICAL = pattern(r"numeric|finite_?diff|approx|eval_grad|check_?grad|grad_?check", re.IGNORECASE)

AFFIXES = [(name, *name.split("{f}"), kind) for name, kind in NAMES.items()]
CAMEL = pattern(r"(?<=[a-z0-9])(?=[A-Z])")


Function = Callable[..., Any]


class Pair(NamedTuple):
    """A function that a derivative may belong to, and the kind of derivative its name announces.

    `loose` says that the name alone is weak evidence, `alike` that it has to take arguments of its function's names,
    `by` which of them it is the derivative by. A derivative of the kind `force` is minus the gradient.
    """

    function: str
    kind: str
    loose: bool = False
    alike: bool = False
    by: str = ""


def snake(name: str) -> str:
    """A name in small letters and underscores.

    >>> snake("sigmoidGradient"), snake("dJ"), snake("J")
    ('sigmoid_gradient', 'd_j', 'j')
    """
    return CAMEL.sub("_", name).lower()


def pairs(derivative: str) -> Iterator[Pair]:
    """The functions whose derivative would be called `derivative`, in small letters, the likeliest first.

    >>> next(pairs("grad_f_5_1")).function
    'f_5_1'
    >>> next(pairs("sigmoid_grad_manual")).function
    'sigmoid'
    >>> list(pairs("numerical_f_grad"))
    []
    """
    if NUMERICAL.search(derivative):
        return
    for name in dict.fromkeys([snake(derivative), BY_HAND.sub("", snake(derivative))]):
        for shape, before, after, kind in AFFIXES:
            stem = name[len(before) : len(name) - len(after)]
            if name != before + stem + after or not stem.isidentifier() or stem.endswith("_"):
                continue
            if shape in SHORT and not (len(stem) <= 2 or stem.endswith("_f")):
                continue
            yield Pair(stem, kind, shape in LOOSE and len(stem) > 2)
    if is_bare(derivative):
        kind = "hessian" if "hess" in snake(derivative) else "gradient"
        kind = "jacobian" if "jac" in snake(derivative) or "stiffness" in snake(derivative) else kind
        yield from (Pair(f, kind, loose=True) for f in (SYSTEMS if kind == "jacobian" else COSTS))


def partner(derivative: str, known: Collection[str]) -> Pair | None:
    """The pair of `derivative` among the `known` names.

    >>> partner("fdiff", {"f", "x"})
    Pair(function='f', kind='gradient', loose=False, alike=False, by='')
    >>> partner("sigmoidGradient", {"sigmoid"}).function
    'sigmoid'
    >>> partner("step", {"f", "x"}) is None
    True
    """
    return next(partners(derivative, known), None)


def partners(derivative: str, known: Collection[str]) -> Iterator[Pair]:
    """All pairs of `derivative` among the `known` names, the likeliest first."""
    for pair in pairs(derivative):
        if pair.function in known and pair.function != derivative:
            yield pair
            continue
        same = (name for name in known if snake(name) == pair.function and name != derivative)
        yield from (pair._replace(function=name) for name in same)
        values = [f"{pair.function}_{word}" for word in ("value", "eval", "func", "fn")]
        yield from (pair._replace(function=name, loose=True, alike=True) for name in values if name in known)
    for model, names in MODELS.items():
        if re.fullmatch(
            rf"(calc_|compute_|get_)?(jac|jacob|jacobian|j)_?{model}|(calc_|compute_|get_)?{model.upper()}", derivative
        ):
            yield from (Pair(n, "jacobian", loose=True, alike=True) for n in (model, *names) if n in known)
    yield from by_words(derivative, known)


def by_words(derivative: str, known: Collection[str]) -> Iterator[Pair]:
    """The pairs whose names say the same but for a word for the gradient and one for the cost.

    >>> [pair.function for pair in by_words("lrGradient", {"lrCost", "nnCost", "lr"})]
    ['lrCost']
    >>> [pair.function for pair in by_words("_gradient", {"_loss"})], list(by_words("gradient_step", {"loss"}))
    (['_loss'], [])
    """
    yield from _by_one(derivative, known)
    words = snake(derivative).split("_")
    if NUMERICAL.search(derivative):
        return
    mine = [w for w in words if w and w not in FILLERS]
    if sum(w in FORCES for w in mine) == 1:
        kind = "gradient" if INTERNAL & set(words) else "force"
        energies = [n for n in sorted(known) if _rest(n, ENERGIES) is not None]
        mine = [w for w in _rest(derivative, FORCES) or [] if w not in INTERNAL]
        same = [n for n in energies if _rest(n, ENERGIES) == mine]
        yield from (Pair(n, kind, loose=True, alike=True) for n in same or energies[: len(energies) == 1])
    if sum(w in SLOPE_WORDS for w in words) != 1:
        return
    mine = [w for w in mine if w not in KINDS]
    asked = {tuple("*" if w in SLOPE_WORDS else w for w in mine), tuple(w for w in mine if w not in SLOPE_WORDS)} - {()}
    kind = "jacobian" if {"jac", "jacobian"} & set(mine) else "gradient"
    for name in sorted(known):
        theirs = [w for w in snake(name).split("_") if w and w not in FILLERS | KINDS]
        of_cost = sum(w in COST_WORDS for w in theirs) == 1
        if of_cost and {tuple("*" if w in COST_WORDS else w for w in theirs), tuple(theirs)} & asked:
            yield Pair(name, kind, loose=True, alike=True)


def _rest(name: str, words: set[str]) -> list[str] | None:
    """The words of a name beside some of `words`; None where it has none of these."""
    mine = [w for w in snake(name).split("_") if w and w not in FILLERS | KINDS]
    return [w for w in mine if w not in words] if words & set(mine) else None


def _by_one(derivative: str, known: Collection[str]) -> Iterator[Pair]:
    """The pairs of a derivative by one argument, which its name says: dJ_dtheta of J, grad_w of the only loss."""
    for said in filter(None, (p.fullmatch(derivative) for p in PARTIAL)):
        if said[1] in known:
            yield Pair(said[1], "gradient", loose=True, alike=True, by=said[2])
    kinds = ({"loss", "cost"}, {"likelihood", "loglik"})
    losses = next(filter(None, ([n for n in sorted(known) if kind & set(snake(n).split("_"))] for kind in kinds)), [])
    if (one := ONE_BY.fullmatch(derivative)) and len(losses) == 1:
        yield Pair(losses[0], "gradient", loose=True, alike=True, by=one[1])


def said_by(derivative: str, function: Function) -> str:
    """The argument, of several, by which a derivative says that it is: x of `dx` and `f_dx`; "" for none.

    >>> said_by("f_dx", lambda x, y: x * y), said_by("dx", lambda x: x), said_by("df", lambda x, y: x * y)
    ('x', '', '')
    """
    said = re.search(r"(?:^|_)(?:d_?|(?:grad|gradient|wrt)_)([A-Za-z]\w*)$", derivative)
    try:
        names = names_of(function)
    except (TypeError, ValueError):  # a function written in C need not have a signature
        return ""
    return said[1] if said and len(names) > 1 and said[1] in names else ""


def is_bare(derivative: str) -> bool:
    """Whether a derivative does not name its function: `gradient`, `compute_gradient`."""
    return snake(derivative) in ABROAD or BARE.fullmatch(snake(derivative)) is not None


def mismatch(function: Function, derivative: Function) -> str | None:
    """Why `derivative` cannot be called where `function` is; None when it can.

    >>> def relu(x): ...
    >>> def relu_grad(x, slope): ...
    >>> mismatch(relu, relu_grad)
    'relu_grad needs 2 arguments, relu takes 1'
    """
    try:
        least, most = arguments(function)
        least_df, most_df = arguments(derivative)
    except (TypeError, ValueError):  # a function written in C need not have a signature
        return None
    f, df = (getattr(g, "__name__", "it") for g in (function, derivative))
    if most == 0:
        return f"{f} takes no argument to differentiate by"
    if least_df > most and not takes_upstream(derivative, names_of(function)[:least]):
        return f"{df} needs {least_df} arguments, {f} takes {most:g}"
    if most_df < least:
        return f"{df} takes {most_df:g} arguments, {f} needs {least}"
    return None


def names_of(function: Function) -> list[str]:
    """The names of the arguments a function takes by position."""
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind in POSITIONAL]


def arguments(function: Function) -> tuple[int, float]:
    """How many positional arguments a function needs, and how many it takes at most.

    >>> arguments(lambda x, s=3: x * s)
    (1, 2)
    """
    least, most = 0, 0.0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            most = float("inf")
        elif parameter.kind in POSITIONAL:
            most += 1
            least += parameter.default is parameter.empty
    return least, most if most == float("inf") else int(most)
