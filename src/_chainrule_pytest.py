"""pytest: check gradients in tests.

    def test_loss(check_gradient):
        check_gradient(loss, loss_grad, at=np.array([0.3, -0.7]))

`check_gradient` raises unless the verdict is CORRECT. `@pytest.mark.chainrule(rtol=...)` holds settings for a test, a
class or a module. `--chainrule-report=DIR` keeps a page and a JSON file for each failure, `--chainrule-seed=N` replaces
the seeds, which come from the test ids, and `--chainrule-claims` turns functions marked by `@chainrule.gradient_of`
into tests of their own. The plugin stands outside the package, so that pytest imports Chainrule (and NumPy) with the
first check only.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chainrule.check import Claim, Report

MARKER = (
    "chainrule(**settings): settings of chainrule.check for this test's check_gradient, such as rtol=1e-6 or seed=7"
)
REPORT = "chainrule_report"
LONGEST = 100  # characters of a test id in a file's name


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chainrule", "gradients (chainrule)")
    group.addoption(
        "--chainrule-report", metavar="DIR", help="write an HTML and a JSON report of each failure into DIR"
    )
    group.addoption("--chainrule-seed", metavar="N", type=int, help="one seed for all checks, instead of one per test")
    group.addoption(
        "--chainrule-claims", action="store_true", help="also test functions marked by @chainrule.gradient_of"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def check_gradient(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """check_gradient(f, df, at=..., **settings): `chainrule.check`, raising GradientError unless CORRECT."""

    def check_gradient(f: Any, df: Any = None, at: Any = None, **settings: Any) -> Report:
        __tracebackhide__ = True
        return _check(f, df, at, _settings(request.node) | settings, request.node)

    return check_gradient


def _check(f: Any, df: Any, at: Any, settings: dict[str, Any], node: pytest.Item) -> Report:
    __tracebackhide__ = True
    from chainrule.check import GradientError, Verdict, check

    seed = node.config.getoption("--chainrule-seed")
    seed = settings.pop("seed", seed_of(node.nodeid)) if seed is None else seed
    report = check(f, df, at, **settings | {"seed": seed})
    if report.verdict is not Verdict.CORRECT:
        raise GradientError(report)
    return report


def _settings(node: pytest.Item) -> dict[str, Any]:
    """What the markers say, the one nearest to the test last."""
    settings: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("chainrule"))):
        if mark.args:
            raise pytest.UsageError(
                f"{node.nodeid}: @pytest.mark.chainrule expects settings by name, got {mark.args!r}: "
                "write @pytest.mark.chainrule(rtol=1e-6)"
            )
        settings |= mark.kwargs
    return settings


def seed_of(nodeid: str) -> int:
    """The seed of a test: the same in every run, another for every test.

    >>> seed_of("tests/test_loss.py::test_mean") == seed_of("tests/test_loss.py::test_mean")
    True
    """
    return int.from_bytes(hashlib.blake2b(nodeid.encode(), digest_size=4).digest(), "big")


# -- claims as tests ------------------------------------------------------------------------------------------------


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> ClaimItem | None:
    if not (
        collector.config.getoption("--chainrule-claims") and isinstance(collector, pytest.Module) and callable(obj)
    ):
        return None
    from chainrule.check import claim_of

    claim = claim_of(obj)
    return None if claim is None else ClaimItem.from_parent(collector, name=name, claim=claim)


class ClaimItem(pytest.Item):
    """A function marked by `@chainrule.gradient_of`, as a test."""

    def __init__(self, *, claim: Claim, **others: Any) -> None:
        super().__init__(**others)
        self.claim = claim

    def runtest(self) -> None:
        kind = {} if self.claim.kind == "gradient" else {"kind": self.claim.kind}
        settings = _settings(self) | kind | dict(self.claim.settings)
        _check(self.claim.function, self.claim.derivative, self.claim.at, settings, self)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if _report_in(excinfo) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        return self.claim.path or self.path, max(self.claim.line - 1, 0), f"gradient_of: {self.name}"


# -- failures -------------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the short summary begin with the verdict, and keep the report where `--chainrule-report` says."""
    outcome = yield
    report = _report_in(call.excinfo)
    if report is None or not outcome.failed:
        return outcome
    crash = getattr(outcome.longrepr, "reprcrash", None)
    if crash is not None:
        crash.message = str(call.excinfo.value) if call.excinfo else crash.message
    folder = item.config.getoption("--chainrule-report")
    if folder:
        page = write_report(
            report, Path(folder), outcome.nodeid if outcome.when == "call" else f"{outcome.nodeid} {outcome.when}"
        )
        outcome.user_properties.append((REPORT, str(page)))
    return outcome


def _report_in(excinfo: pytest.ExceptionInfo[BaseException] | None) -> Any:
    """The report that an exception carries; None for exceptions that are not Chainrule's."""
    reports = sys.modules.get("chainrule.check.reports.report")
    if excinfo is None or reports is None or not isinstance(excinfo.value, reports.GradientError):
        return None
    return excinfo.value.report


def write_report(report: Any, folder: Path, nodeid: str) -> Path:
    """Write `report` as JSON and as a page; gives the page."""
    from chainrule.check.reports.page import as_page

    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{file_name(nodeid)}.html"
    page.write_text(as_page(report, nodeid), encoding="utf-8")
    page.with_name(f"{file_name(nodeid)}.json").write_text(report.to_json() + "\n", encoding="utf-8")
    return page


def file_name(nodeid: str) -> str:
    """A name for files that every system takes, different for different tests.

    >>> file_name("tests/test_loss.py::test_mean[a/b?]")
    'tests_test_loss.py_test_mean_a_b__-f0951772'
    """
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", nodeid.replace("::", "_"))
    return f"{safe[:LONGEST]}-{seed_of(nodeid):08x}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    pages = [
        value
        for outcomes in terminalreporter.stats.values()
        for outcome in outcomes
        for name, value in getattr(outcome, "user_properties", ())
        if name == REPORT
    ]
    if pages:
        terminalreporter.section("gradient reports")
        for page in dict.fromkeys(pages):
            terminalreporter.write_line(f"{page} (and .json)")
