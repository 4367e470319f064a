"""Is the gradient I wrote by hand right? Claims, points, witnesses, verdicts, diagnosis, reports."""

from chainrule.check.backward import check_backward, check_layer
from chainrule.check.checking import assert_gradient, check
from chainrule.check.claims.claim import Claim, claim_of, gradient_of
from chainrule.check.claims.discover import discover
from chainrule.check.compare import compare
from chainrule.check.grading import Grade, grade
from chainrule.check.guarding.guard import GuardError, guard
from chainrule.check.relative import SparseCheck, check_sparse, rel_error
from chainrule.check.reports.report import GradientError, Report
from chainrule.check.verdict import Reason, Verdict

__all__ = [
    "Claim", "Grade", "GradientError", "GuardError", "Reason", "Report", "SparseCheck", "Verdict", "assert_gradient",
    "check", "check_backward", "check_layer", "check_sparse", "claim_of", "compare", "discover", "grade",
    "gradient_of", "guard", "rel_error",
]  # fmt: skip
