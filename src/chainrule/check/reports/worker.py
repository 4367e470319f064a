"""Work on one file: run what its claims need, put each before `check`, and tell what is going on as it goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from fnmatch import fnmatchcase
from shlex import quote
from typing import Any

from chainrule.check.claims.claim import Claim, name_of
from chainrule.check.claims.discover import Problem, in_file
from chainrule.check.claims.load import Kept, keeping, package_of
from chainrule.check.claims.outdated import supply
from chainrule.check.claims.program import Left, Stopped, failure_of, limited
from chainrule.check.claims.written import written
from chainrule.check.judges.kinds import JUDGES, judge_claim
from chainrule.check.reports.outcome import Outcome
from chainrule.check.subject import quiet
from chainrule.errors import ArgumentError
from chainrule.records import record

Send = Callable[..., None]


@record(frozen=True)
class Job:
    """A file, and what was asked for: which claims (a name with `*` and `?`), points for those that have none, and
    settings of `check` that outweigh the claims' own.

    skip, done  statements not to be run and claims not to be judged (again)
    """

    path: str
    only: str = "*"
    at: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    limit: float | None = None
    skip: frozenset[int] = frozenset()
    done: frozenset[tuple[str, str]] = frozenset()

    def wants(self, claim: Claim) -> bool:
        names = (claim.name, claim.name.rpartition(".")[2], name_of(claim.function))
        return any(fnmatchcase(name, self.only) for name in names)


def work(job: Job, check: Callable[..., Any], send: Send) -> None:
    """Judge the claims of a file.

    `send` is called with: "at" (place, k, n, seconds, key), "outcome" (Outcome), "problem" and "skipped" (Problem),
    "passed" (a number of claims), "interrupted" (place), "output" (text).
    """
    file = job.path

    def tell(number: int, count: int, place: str, seconds: float | None) -> None:
        send("at", f"{os.path.basename(file)} {place}", number + 1, count, seconds, number)

    def halted(place: str) -> None:
        send("interrupted", f"{file} {place}")

    with leaving_is_told():
        found = in_file(file, limit=job.limit, tell=tell, halted=halted, skip=job.skip)
    send("output", found.output)
    for problem in found.problems:
        send("problem", problem)
    for problem in found.skipped:
        send("skipped", problem)
    wanted = [claim for claim in found.claims if job.wants(claim)]
    send("passed", len(found.claims) - len(wanted))
    root = package_of(file)[0]
    sys.path.insert(0, root)
    try:
        for number, claim in enumerate(wanted):
            key = (claim.name, claim.place)
            if key in job.done:
                continue
            send("at", f"{os.path.basename(file)} {claim.name}", number + 1, len(wanted), job.limit, key)
            try:
                _judge(job, claim, check, send, broken=bool(found.problems))
            except KeyboardInterrupt:
                send("interrupted", f"{claim.where} {claim.name}")
                return
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(root)


def _judge(job: Job, claim: Claim, check: Callable[..., Any], send: Send, *, broken: bool) -> None:
    """Put one claim before its judge, and send what comes of it."""
    output = Kept()
    try:
        with keeping(output), limited(job.limit), leaving_is_told(), quiet():
            report = judge_claim(claim, job.at, job.settings, check)
        if claim.loose and not claim.noted and claim.at is None and (why := no_derivative(report)):
            send("skipped", Problem(claim.path, claim.place, f"{claim.name}: {why}"))
        else:
            send("outcome", Outcome.of(claim, _repeated(job, claim, report)))
    except Stopped:
        said = f"checking {claim.name}: not done after {job.limit:g} s; --limit SECONDS gives more"
        send("problem", Problem(claim.path, claim.place, said))
    except KeyboardInterrupt:
        raise
    except NameError as error:
        said = failure_of(error, claim.path).message
        what = "skipped" if broken else "problem"  # what is missing has been told
        send(what, Problem(claim.path, claim.place, f"checking {claim.name}: {said}"))
    except BaseException as error:
        said = f"checking {claim.name}: {failure_of(error, claim.path).message}"
        # a pass that nothing was found to call with, or fails where it was never called, is no mistake of the file's
        unseen = claim.at is None and not claim.noted and job.at is None and not isinstance(error, ImportError)
        asked = isinstance(error, ArgumentError) or (unseen and isinstance(error, Exception))
        what = "skipped" if asked and claim.kind in JUDGES else "problem"
        send(what, Problem(claim.path, claim.place, said))
    finally:
        send("output", output.getvalue())


def no_derivative(report: Any) -> str:
    """Why a function that is only named a little like a derivative is taken for none; "" where it is one."""
    if getattr(getattr(report, "reason", None), "name", "") == "NO_POINTS":
        return "no numbers were found that it takes"
    faults = [j.fault or j.unread for j in getattr(report, "points", ()) if j.fault or j.unread]
    return f"taken for no derivative, {faults[0]}" if faults else ""


def _repeated(job: Job, claim: Claim, report: Any) -> Any:
    """The report with the command that gives it again, in place of the call of check."""
    if not hasattr(report, "replay"):
        return report
    settings = {"seed": getattr(report, "seed", None), **job.settings}
    words = "".join(f" --{name} {value}" for name, value in settings.items() if value is not None)
    points = job.at or [] if claim.at is None else []
    given = "".join(f" --at {written(point)}" for point in points)
    return replace(report, replay=f"chainrule check {quote(f'{claim.path}:{claim.name}')}{given}{words}")


@contextlib.contextmanager
def leaving_is_told() -> Iterator[None]:
    """`os._exit` in the user's code raises instead of ending the process without a word."""
    leave = os._exit

    def told(code: int = 0) -> None:
        raise Left(code)

    os._exit = told  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = leave


def process(job: Job, check: Callable[..., Any], environment: Mapping[str, str], pipe: Any, output: int | str) -> None:
    """`work` in a process of its own: interrupted by its parent alone, everything printed goes to a file. A server that
    it was copied from may have an older environment than its parent has."""
    if environment != os.environ:
        os.environ.clear()
        os.environ.update(environment)
    with contextlib.suppress(AttributeError, OSError):
        os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    descriptor = output if isinstance(output, int) else os.open(output, os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((descriptor, 1), (descriptor, 2), (nothing, 0)):
        os.dup2(old, new)
    Kept.copy = descriptor
    supply()
    interrupted = False

    def send(what: str, *content: Any) -> None:
        if what != "output":
            pipe.send((what, *content))

    try:
        work(replace(job), check, send)
    except KeyboardInterrupt:
        interrupted = True
    if interrupted:
        send("interrupted", job.path)
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()  # type: ignore[union-attr]  # may be None, or closed by the user's code
    send("end")
    pipe.close()
