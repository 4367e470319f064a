"""`check`: hold a hand-written derivative against the function it belongs to."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import trees
from chainrule.check import points as where
from chainrule.check.asked import Asked, look_over, unlike
from chainrule.check.claimed import Call
from chainrule.check.claims.claim import name_of
from chainrule.check.clock import Clock
from chainrule.check.complexes.parts import any_in
from chainrule.check.conclusion import ADVICE, conclude, looked_beside
from chainrule.check.judging.judge import judge
from chainrule.check.judging.judgement import Judgement
from chainrule.check.readings.callers import takes_upstream
from chainrule.check.readings.reading import Reading
from chainrule.check.reports.replay import replay
from chainrule.check.reports.report import GradientError, Report
from chainrule.check.search import Search
from chainrule.check.subject import Subject
from chainrule.check.verdict import Conclusion, Reason, Verdict
from chainrule.errors import ArgumentError, ChainruleError, settings_named

if TYPE_CHECKING:
    from chainrule.check.readings.choose import Judge, Place

THOROUGH = 1  # points at which every witness is heard; at the others, until two families agree


@settings_named(tol="rtol", eps="rtol", tolerance="rtol", bounds="box", points="at", x="at", x0="at", timeout="budget")
def check(
    f: Callable[..., Any],
    df: Callable[..., Any] | None = None,
    at: Any = None,
    *,
    rtol: float | None = None,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    argnums: int | Sequence[int] | None = None,
    kind: str = "gradient",
    kink: str = "avoid",
    box: Any = None,
    budget: float | None = None,
) -> Report:
    """Is `df` the derivative of `f`?

    at       one point (a number, an array, a tuple of arguments) or a list of points; left out, points are drawn
             over several scales, where f is defined and not flat
    rtol     the relative size of a mistake that must be seen (default 1e-8, wider for float32)
    seed     of the drawn points and directions; the report names it
    names    names of the arguments, for the report
    argnums  the arguments that df is the derivative by; default: all that hold real numbers
    kind     "gradient" (also of array functions), "jacobian", "value_and_grad", "vjp", "jvp", "hessian", "hvp":
             how df is called and what it returns
    kink     "subgradient" accepts at a kink any value between the slopes from the left and from the right;
             "avoid" calls a check that rests on such a point UNDECIDED
    box      (low, high): draw the points between these, each a number, an array or a tuple of them
    budget   seconds after which no more is asked: what is not decided then is UNDECIDED, OUT_OF_TIME. A call that
             does not return is left, unless it hangs in C code. Default: no limit

    A claim that is not right as documented is read in the other ways its form allows: as the derivative by some of
    the arguments alone, entries of a dict matched by name, value and gradient together, one array of all gradients, a
    derivative written in the output, a function that makes the derivative, a backward pass that takes the gradient
    from above. If exactly one of them is right, the report is CORRECT and its `reading` says which; if several are,
    UNDECIDED. Arguments that are not differentiated (labels, counts, texts) reach f and df as they are.

    Without `df` Chainrule's own derivative of f is checked, or the gradient that f returns beside its value; for arrays
    of PyTorch or JAX, a `torch.autograd.Function` or a `torch.nn.Module` (by its parameters too) what the framework
    answers, with the backward passes written by hand in it. Raises
    ArgumentError for arguments that make no sense; what f or df raise for other reasons than arithmetic passes through.

    >>> import math
    >>> print(check(lambda x: math.sin(x * x), lambda x: math.cos(x * x), at=[0.5, 1.0, 2.0]).causes[0])
    a link of the chain is dropped: the derivative of x * x is missing (...)
    >>> check(math.exp, math.exp).verdict.value
    'CORRECT'
    """
    if not callable(f):
        raise ArgumentError(f"check expects a function and its derivative: check(f, df, at); got {type(f).__name__}")
    if df is not None and not callable(df):
        raise ArgumentError(
            f"check expects the derivative as a function: check(f, df, at); got {type(df).__name__}; for what it "
            "should be at one point write df=lambda *x: ..."
        )
    asked = Asked(rtol, seed, names, argnums, kind, kink, box, budget)
    clock = Clock(asked.budget)
    late = Clock(None if budget is None else 1.2 * budget + 0.2)
    open_ = Conclusion(Verdict.UNDECIDED, Reason.OUT_OF_TIME, advice=ADVICE[Reason.OUT_OF_TIME])
    unfinished = Report.of(name_of(df or f), [], open_, asked.start)
    try:
        return late.within(lambda: _checked(f, df, at, asked, clock), lambda: unfinished)
    except TypeError as error:
        meant = None if isinstance(error, ChainruleError) else _meant_point(f, df, at) or _text_in(at)
        if meant is None:
            raise
        raise ArgumentError(f"check: f, or its derivative, does not take the point: {error}; {meant}") from error


def _checked(f: Any, df: Any, at: Any, asked: Asked, clock: Clock) -> Report:
    """The report, by so many seconds; where complex numbers are met, by their real and imaginary parts."""

    def of_real(f: Any, df: Any, at: Any, asked: Asked) -> Report:
        return _of_real(f, df, at, asked, clock)

    told = any_in(at) or any_in(asked.box)
    report = None if told else of_real(f, df, at, asked)
    if report is not None and (clock.over or report.reason not in (Reason.OUT_OF_DOMAIN, Reason.NO_POINTS)):
        return report
    from chainrule.check.complexes import checking as complexes

    if report is not None and not complexes.gives_complex_numbers(f, at):
        return report
    return complexes.checked(f, df, at, asked, of_real)


def _of_real(f: Any, df: Any, at: Any, asked: Asked, clock: Clock) -> Report:
    """The report on a function of real numbers that gives real ones."""
    kind, called = asked.kind, (f, df)
    places = _places(f, df, at, asked)
    if df is None and places and kind == "gradient" and asked.argnums is None:
        f, df, asked, places = _of_framework(f, asked, places)
    f, df, kind = _of_pair(f, df, kind, places)
    name = name_of(df if df is not None else f)
    if not places:
        nowhere = Conclusion(Verdict.UNDECIDED, Reason.NO_POINTS, advice="give a point: check(f, df, at=...)")
        return Report.of(name, [], nowhere, asked.start)
    claim = df if df is not None else _own_derivative(f, kind, asked.by, places[0])
    alone = _element_by_element(f, claim, places[0]) if kind == "hessian" else None
    f, claim = alone or (f, claim)
    plain = Reading(f, claim, kind, asked.by)

    def judged(reading: Reading, places: list[Place], first: bool = True) -> Report:
        more = first and at is None and df is not None
        thorough = THOROUGH if first else 0
        return _judged(
            reading, places, asked, name, clock, given=at is not None, own=df is None, search=more, thorough=thorough
        )

    given = at is not None
    report = judged(plain, places) if df is None else _read(plain, places, asked, judged, clock, given=given)
    if report.verdict is Verdict.WRONG and df is not None and not given and kind == "gradient":
        from chainrule.check.readings.manifolds import along

        forms = [places, *where.of_other_forms(plain.f, places, asked.start, most=2)]
        found = along(plain, forms, asked.names, asked.start, judged)
        report = report if found is None else found
    reading = "; ".join(filter(None, ["the second derivative element by element" if alone else "", report.reading]))
    again = replay(*called, report.points, asked.given(), asked.start, at)
    return dataclasses.replace(report, reading=reading, replay=again)


def _of_framework(f: Any, asked: Asked, places: list[Place]) -> tuple[Any, Any, Asked, list[Place]]:
    """A function of PyTorch's or JAX's with the derivative that its framework gives; any other as it is."""
    from chainrule.check.frameworks import framed, library_of

    if not library_of(f, places[0]):
        return f, None, asked, places
    found = framed(f, places[0], asked.start)
    asked = dataclasses.replace(asked, names=asked.names or found.names, argnums=found.argnums)
    return found.f, found.df, asked, [(*place, *found.args[len(place) :]) for place in places]


def _read(plain: Reading, places: list[Place], asked: Asked, judged: Judge, clock: Clock, *, given: bool) -> Report:
    """The report on a claim taken as documented if it is right so, else on the reading that is."""
    report, failure = None, None
    labels = trees.argument_names(plain.f, len(places[0]))
    keys = _keys(plain, places[0], asked.names)
    if not keys:
        try:
            report = judged(plain, places)
        except (NameError, ImportError):
            raise
        except Exception as error:  # the function or the claim does not take these arguments as real numbers
            failure = error
    if report is not None and (report.verdict is Verdict.CORRECT or clock.over):
        return report if given else _wider(plain, report, places, asked, judged)
    from chainrule.check.readings.choose import choose, malformed  # the other readings, of what is not right as it is

    found = choose(plain, report, places, asked.names, judged, given=given)
    if found is not None and found.verdict is Verdict.CORRECT and not given:
        return _wider(plain, found, places, asked, judged)
    if not given and (report is None or malformed(report)) and (found is None or found.verdict is not Verdict.CORRECT):
        for others in where.of_other_forms(plain.f, places, asked.start):
            other = choose(plain, None, others, asked.names, judged)
            if other is not None and other.verdict is Verdict.CORRECT:
                return other
    said = unlike(plain.df, len(places[0])) if plain.kind in ("gradient", "jacobian", "hessian") else ""
    if found is not None and (found.verdict is not Verdict.WRONG or not said or takes_upstream(plain.df, labels)):
        return found if given else _of_form(found, places)
    if report is None and failure is None:
        report = judged(plain, places)
        named = ", ".join(repr(key) for key in keys if key.lower() not in GENERIC)
        if not named or len(labels) != 1:
            return report
        return dataclasses.replace(report, reading=f"{named} as the gradient by {labels[0]}, which its name is not")
    if said or failure is None:
        raise ArgumentError(said) from failure
    raise failure


def _of_form(found: Report, places: list[Place]) -> Report:
    """At drawn points a form that does not fit is no mistake: the points may be of the wrong kind. With numbers for all
    arguments every reading has been tried."""
    doubtful = found.form or any(j.fault and (j.claimed is None or j.claimed.values is None) for j in found.points)
    if found.verdict is Verdict.WRONG and doubtful and not all(type(a) is float for a in places[0]):
        advice = "give a point of the kind it is meant for: check(f, df, at=...)"
        return found.concluded(Conclusion(Verdict.UNDECIDED, Reason.FORM, advice=advice))
    return found


def _wider(plain: Reading, right: Report, places: list[Place], asked: Asked, judged: Judge) -> Report:
    """A claim that is right for drawn numbers, looked at for vectors if it takes them: a forgotten 1/n of a mean is
    no mistake for one number."""
    if right.verdict is not Verdict.CORRECT or not all(type(a) is float for a in places[0]):
        return right
    for others in where.of_other_forms(plain.f, places, asked.start, most=1):
        try:
            if _another_function(plain.f, others[0]):
                return right
            report: Report | None = judged(plain, others[:2], False)
            if right.reading:
                from chainrule.check.readings.choose import choose

                report = choose(plain, report, others[:2], asked.names, judged)
        except Exception:  # it takes no vectors
            return right
        if report is None or report.verdict is not Verdict.WRONG or report.reading != right.reading:
            return right
        return report if any(f.status == "wrong" for f in report.findings) else right
    return right


def _another_function(f: Callable[..., Any], place: Place) -> bool:
    """Whether f of vectors gives a vector, and another one than f of their numbers: it asks what it is given."""
    whole = np.asarray(f(*place))
    if whole.shape != np.shape(place[0]):  # a constant is what a function answers that gives up on vectors
        return np.array_equal(whole, np.asarray(f(*(1.001 * x for x in place))))
    single = [float(f(*map(float, numbers))) for numbers in zip(*place, strict=True)]
    return not np.allclose(whole, single, rtol=1e-6, atol=0.0, equal_nan=True)


GENERIC = ("g", "grad", "grads", "gradient", "gradients", "jac", "jacobian", "derivative", "d")


def _keys(plain: Reading, args: Place, names: Any) -> list[str]:
    """The keys of a claim that answers with a dict, which is matched by name and not by order; [] for another."""
    if plain.kind != "gradient":
        return []
    try:
        subject = Subject(plain.f, args, names, plain.argnums)
        answer = Call(plain.df, plain.kind, subject, 0.0, 0).raw()
        return [str(key) for key in answer] if isinstance(answer, dict) else []
    except Exception:  # not called this way
        return []


def _of_pair(f: Any, df: Any, kind: str, places: list[Place]) -> tuple[Any, Any, str]:
    """Function, claim and kind, where f returns its value and gradient together."""
    if (
        not places
        or kind not in ("gradient", "value_and_grad")
        or (df is not None and df is not f and kind == "gradient")
    ):
        return f, df, kind
    from chainrule.check.readings.pair import is_pair, value_of

    try:
        result = f(*copy.deepcopy(places[0]))
        both = is_pair(result, places[0]) or (kind == "value_and_grad" and df in (None, f) and len(result) == 2)
    except Exception:  # to be told by the check itself
        both = False
    return (value_of(f), df or f, "value_and_grad") if both else (f, df, kind)


def _element_by_element(f: Any, df: Any, place: Place) -> tuple[Any, Any] | None:
    """The two as a number and its Hessian, where both work on each number alone."""
    from chainrule.check.readings.elements import summed

    try:
        return summed(f, df, copy.deepcopy(place))
    except Exception:  # to be told by the check itself
        return None


def _judged(
    reading: Reading,
    places: list[Place],
    asked: Asked,
    name: str,
    clock: Clock,
    *,
    given: bool,
    own: bool,
    search: bool,
    thorough: int,
) -> Report:
    """The report on one reading of a claim, at the points that were given or drawn; where it is right, a `search` for
    points at which it may not be."""
    f, claim, kind = reading.f, reading.df, reading.kind

    def judge_at(point: Place, k: int = 0) -> Judgement:
        found = clock.within(
            lambda: judge(
                f, claim, point, kind=kind, rtol=asked.tolerance, seed=asked.start + k, names=asked.names,
                argnums=reading.argnums, thorough=k < thorough, kink=asked.kink, given=given,
            ),
            lambda: Judgement(Subject(f, point, asked.names, reading.argnums), reason=Reason.OUT_OF_TIME),
        )  # fmt: skip
        return found if given else found.without_form()

    chosen = places if given else places[: where.WANTED]
    judged = [judge_at(point, k) for k, point in enumerate(chosen)]
    seen = any(j.right for j in judged) and not any(j.wrong for j in judged)
    if seen and search and not clock.over:
        looking = Search(f, claim, kind, asked.names, reading.argnums, asked.start)
        more: list[Place] = clock.within(lambda: looking.found(places, *where.corners(asked.box)), list)
        judged += [judge_at(point, len(chosen)) for point in more]
    judged = looked_beside(judged, asked.start, judge_at)
    found = conclude(f, claim, judged, kind, asked.start, given=given, own=own, clock=clock)
    return Report.of(name, judged, found, asked.start, given=given)


def _places(f: Any, df: Any, at: Any, asked: Asked) -> list[Place]:
    if at is not None:
        places = where.given(at, f)
        look_over(f, at, places, asked.names)
        return places
    if asked.box is not None:
        return where.in_box(f, asked.box, asked.start, asked.names, asked.by)
    return where.drawn(f, df, asked.start, asked.kind, asked.names, asked.by)


def _meant_point(f: Any, df: Any, at: Any) -> str | None:
    """What to write where a list of points was meant as one vector, or a vector as a list of points; None where the
    functions do not take that either."""
    numbers = np.asarray(at) if isinstance(at, (list, np.ndarray)) else np.zeros(0)
    if numbers.ndim != 1 or not numbers.size or numbers.dtype.kind not in "fiu":
        return None
    text = ", ".join(map(str, numbers[:3].tolist())) + ", ..." * (numbers.size > 3)
    vector = isinstance(at, list)
    point = numbers.astype(float) if vector else float(numbers[0])
    try:
        with np.errstate(all="ignore"):
            f(point)
            if df is not None:
                df(point)
    except Exception:  # whatever they raise, this is not what was meant
        return None
    if vector:
        return f"a list holds points: one point that is a vector is at=np.array([{text}])"
    return f"an array is one point: several points are a list, at=[{text}]"


def _text_in(at: Any) -> str | None:
    """What is said of a text at a place where f computes with a number; None where there is none."""
    texts = [x for x in trees.flatten(at)[0] if isinstance(x, str)] if at is not None else []
    return (
        f"the text {texts[0]!r} is handed on as it is: where a number is meant, write it without quotes"
        if texts
        else None
    )


def _own_derivative(f: Any, kind: str, argnums: Any, args: tuple[Any, ...]) -> Callable[..., Any]:
    wanted = tuple(Subject(f, args, None, argnums).argnums)
    if kind not in ("gradient", "jacobian", "hessian"):
        hint = " (a function that returns its value and gradient together is checked so)" * (kind == "value_and_grad")
        raise ArgumentError(
            f"check(f) without a derivative checks gradients, Jacobians and Hessians, not kind={kind!r}{hint}"
        )
    from chainrule.transforms.hessian import hessian
    from chainrule.transforms.jacobians.jacobian import jacobian

    transform = hessian if kind == "hessian" else jacobian
    return transform(f, wanted[0] if len(wanted) == 1 else wanted)


def assert_gradient(f: Callable[..., Any], df: Callable[..., Any], at: Any = None, **settings: Any) -> None:
    """Raise GradientError, an AssertionError with the whole report, unless `check` says CORRECT.

    Takes what `check` takes.

    >>> assert_gradient(lambda x: x**3, lambda x: 3 * x**2, at=[1.0, -2.0])
    """
    __tracebackhide__ = True
    report = check(f, df, at, **settings)
    if report.verdict is not Verdict.CORRECT:
        raise GradientError(report)
