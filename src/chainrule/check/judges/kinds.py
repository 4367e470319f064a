"""Who judges which kind of claim. A kind without a judge is told as such and skipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from chainrule.check.claims.claim import Claim
from chainrule.check.verdict import Verdict

Check = Callable[..., Any]

# A judge for each kind of claim that `check` does not take as it is: imported when there is such a claim.
JUDGES = {
    "backward": ("backward_passes", "by_backward"),
    "layer": ("backward_passes", "by_layer"),
    "net": ("backward_passes", "by_net"),
    "value_and_grad": ("returned", "by_pair"),
    "returned": ("returned", "by_returned"),
    "delta": ("deltas", "by_delta"),
    "training": ("training.judge", "by_training"),
    "framework": ("framework", "by_framework"),
}


def judge_claim(claim: Claim, at: Any, settings: Mapping[str, Any], check: Check) -> Any:
    """The report on a claim: at its own points, at those of the file's calls, at drawn ones."""
    module, name = JUDGES.get(claim.kind, ("plain", "by_check"))
    judge = getattr(import_module(f"chainrule.check.judges.{module}"), name)
    report = judge(claim, at, settings, check)
    if report.verdict is not Verdict.WRONG:
        return report
    from chainrule.check.judges.small_constants import but_for_small_constants

    return but_for_small_constants(claim, report, lambda claim, settings: judge(claim, at, settings, check), settings)
