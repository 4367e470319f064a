"""How often is a gradient checker wrong? Both error rates on the corpus of planted mistakes and nasty functions.

`missed` is the share of planted mistakes called correct, `blamed` the share of correct gradients called wrong, each
of the cases a checker could run; `open` the share it could not decide, `named` the share of the nameable mistakes
whose diagnosis is right, `n/a` the cases that do not fit it (other kinds of claims, several results, wrong forms, too
many numbers) or on which it failed with an error of its own. Peers get the numbers and the claim as flat vectors, at
the points that Chainrule uses, with their default tolerances; SciPy gives no verdict: above 1e-6 counts as wrong, for
numdifftools NumPy's `allclose` decides. Half of the corpus is held out: the checker was not set by looking at it.
Run: python benchmarks/checkers.py
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from check.cases import CASES, Case

from chainrule.check import Verdict, check
from chainrule.check import points as where
from chainrule.check.checking import SEED
from chainrule.check.claimed import Call
from chainrule.check.subject import Subject

POINTS = 4  # for peers; Chainrule takes its own number
MOST = {"torch fast": 20_000, "scipy": 2000, "autograd": 2000, "jax": 2000}
Peer = Callable[[Callable[[Any], float], Callable[[Any], Any], Any], bool]


@dataclass
class Score:
    """Counts of one checker on one half of the corpus."""

    mistakes: int = 0
    missed: int = 0
    correct: int = 0
    blamed: int = 0
    open: int = 0
    nameable: int = 0
    named: int = 0
    skipped: int = 0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)

    def add(self, case: Case, verdict: bool | None) -> None:
        """`verdict`: True for correct, False for wrong, None for undecided."""
        self.open += verdict is None
        if case.right:
            self.correct += 1
            self.blamed += verdict is False
        else:
            self.mistakes += 1
            self.missed += verdict is True
        if verdict is not None and verdict != case.right:
            self.examples.append(case.name)

    def row(self) -> list[str]:
        total = self.mistakes + self.correct
        return [
            _share(self.missed, self.mistakes), _share(self.blamed, self.correct), _share(self.open, total),
            _share(self.named, self.nameable), str(self.skipped), f"{self.seconds:.0f} s",
        ]  # fmt: skip


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} % ({count}/{total})" if total else "-"


def by_torch(fast: bool) -> Peer:
    import torch

    def agrees(f: Any, df: Any, x: Any) -> bool:
        class Claim(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, v: Any) -> Any:
                ctx.save_for_backward(v)
                return torch.tensor(f(v.detach().numpy()), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, ct: Any) -> Any:
                (v,) = ctx.saved_tensors
                return ct * torch.from_numpy(np.array(df(v.detach().numpy())))

        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        return bool(torch.autograd.gradcheck(Claim.apply, (leaf,), fast_mode=fast, raise_exception=False))

    return agrees


def by_jax() -> Peer:
    import jax
    from jax.test_util import check_grads

    enable = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64

    def agrees(f: Any, df: Any, x: Any) -> bool:
        @jax.custom_vjp
        def claim(v: Any) -> Any:
            return jax.numpy.asarray(f(np.asarray(v)))

        claim.defvjp(
            lambda v: (claim(v), v), lambda v, ct: (jax.numpy.asarray(float(ct) * np.asarray(df(np.asarray(v)))),)
        )
        with enable(True):
            try:
                check_grads(claim, (jax.numpy.asarray(x),), order=1, modes=["rev"])
            except AssertionError:
                return False
        return True

    return agrees


def by_autograd() -> Peer:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def agrees(f: Any, df: Any, x: Any) -> bool:
        claim = primitive(lambda v: f(np.asarray(v)))
        defvjp(claim, lambda ans, v: lambda ct: ct * np.asarray(df(np.asarray(v))))
        try:
            check_grads(claim, modes=["rev"], order=1)(x)
        except AssertionError:
            return False
        return True

    return agrees


def by_scipy() -> Peer:
    from scipy.optimize import check_grad

    return lambda f, df, x: bool(check_grad(f, df, x) < 1e-6)


def by_numdifftools() -> Peer:
    import numdifftools

    return lambda f, df, x: bool(np.allclose(df(x), np.ravel(numdifftools.Gradient(f)(x))))


PEERS: dict[str, Callable[[], Peer]] = {
    "torch slow": lambda: by_torch(False), "torch fast": lambda: by_torch(True), "jax": by_jax,
    "scipy": by_scipy, "autograd": by_autograd, "numdifftools": by_numdifftools,
}  # fmt: skip


def flat_claims(case: Case) -> list[tuple[Any, Any, Any]]:
    """(f, df, x) of flat vectors at some points; none where the claim does not fit a checker of plain gradients."""
    if case.settings.get("kind", "gradient") != "gradient" or set(case.settings) - {"kind"}:
        return []
    places = where.given(case.at, case.f) if case.at is not None else where.drawn(case.f, case.df, SEED)[: where.WANTED]
    found = []
    for args in places[:: max(1, len(places) // POINTS)][:POINTS]:
        subject = Subject(case.f, args)
        call = Call(case.df, "gradient", subject, subject.call(), 0)
        if call.m != 1 or subject.library or call.read(call.raw()).values is None:
            return []
        found.append(
            (lambda v, s=subject: float(s.outputs(v)[0]), lambda v, c=call: c.read(c.raw(v)).values, subject.x)
        )
    return found


def run_peer(name: str, peer: Peer, case: Case, score: Score) -> None:
    start = time.perf_counter()
    try:
        claims = flat_claims(case)
        if not claims or claims[0][2].size > MOST.get(name, 200):
            score.skipped += 1
            return
        verdict = all(peer(*claim) for claim in claims)
    except Exception:  # a claim or function that raises, or a checker that does
        score.skipped += 1
        return
    finally:
        score.seconds += time.perf_counter() - start
    score.add(case, verdict)


def run_chainrule(case: Case, score: Score) -> None:
    start = time.perf_counter()
    report = check(case.f, case.df, case.at, **case.settings)
    score.seconds += time.perf_counter() - start
    score.add(case, None if report.verdict is Verdict.UNDECIDED else report.verdict is Verdict.CORRECT)
    if case.named:
        score.nameable += 1
        score.named += any(word in cause for cause in report.causes[:1] for word in case.named)


def main() -> None:
    """Print one table for the half that was looked at, one for the half that was held out."""
    console = Console()
    peers: dict[str, Peer] = {}
    for name, make in PEERS.items():
        try:
            peers[name] = make()
        except ImportError:
            console.print(f"{name.split()[0]} is not installed: left out")
    scores = {(name, held): Score() for name in ("Chainrule", *peers) for held in (False, True)}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in track(CASES, "checking", console=console, transient=True):
            run_chainrule(case, scores["Chainrule", case.held_out])
            for name, peer in peers.items():
                run_peer(name, peer, case, scores[name, case.held_out])
    for held, title in ((False, "looked at"), (True, "held out")):
        count = sum(case.held_out is held for case in CASES)
        table = Table("checker", "missed", "blamed", "open", "named", "n/a", "time", title=f"{count} cases, {title}")
        for name in ("Chainrule", *peers):
            table.add_row(name, *scores[name, held].row())
        console.print(table)


if __name__ == "__main__":
    main()
