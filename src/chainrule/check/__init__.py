"""Is the gradient I wrote by hand right? Claims, points, witnesses, verdicts, diagnosis, reports.

Each name is imported when it is first asked for: most programs that differentiate check nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.check.backward.checking import check_backward, check_layer
    from chainrule.check.checking import assert_gradient, check
    from chainrule.check.claims.claim import Claim, claim_of, gradient_of
    from chainrule.check.claims.discover import discover
    from chainrule.check.comparison import compare
    from chainrule.check.grading.grade import grade
    from chainrule.check.grading.report import Grade
    from chainrule.check.guarding.blame import GuardError
    from chainrule.check.guarding.guard import guard
    from chainrule.check.reports.report import GradientError, Report
    from chainrule.check.sparse_check import SparseCheck, check_sparse, rel_error
    from chainrule.check.verdict import Reason, Verdict

WHERE = {
    "backward.checking": ("check_backward", "check_layer"),
    "checking": ("assert_gradient", "check"),
    "claims.claim": ("Claim", "claim_of", "gradient_of"),
    "claims.discover": ("discover",),
    "comparison": ("compare",),
    "grading.grade": ("grade",),
    "grading.report": ("Grade",),
    "guarding.blame": ("GuardError",),
    "guarding.guard": ("guard",),
    "sparse_check": ("SparseCheck", "check_sparse", "rel_error"),
    "reports.report": ("GradientError", "Report"),
    "verdict": ("Reason", "Verdict"),
}
LATER = {name: f"chainrule.check.{module}" for module, names in WHERE.items() for name in names}

__all__ = [
    "Claim", "Grade", "GradientError", "GuardError", "Reason", "Report", "SparseCheck", "Verdict", "assert_gradient",
    "check", "check_backward", "check_layer", "check_sparse", "claim_of", "compare", "discover", "grade",
    "gradient_of", "guard", "rel_error",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'chainrule.check' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__
