"""The three verdicts, and why a check could not decide."""

from __future__ import annotations

from enum import Enum, StrEnum

from chainrule.numeric import Doubt
from chainrule.records import record


class Verdict(StrEnum):
    """CORRECT: agrees with every witness at points where something could be seen. WRONG: disagrees by more than
    all error bars together, confirmed by an independent witness. UNDECIDED: neither; the reason says why."""

    CORRECT = "CORRECT"
    WRONG = "WRONG"
    UNDECIDED = "UNDECIDED"


class Reason(Enum):
    """Why a verdict is UNDECIDED. Each member's value is its explanation."""

    KINK = "the point sits on a kink or jump, where no single slope is right"
    NOISY = "the function's own noise hides the slope"
    NON_FINITE = "the function is NaN or infinite at the points"
    OUT_OF_DOMAIN = "the function is not defined at the points"
    FLAT = "the function is flat at every point tried: any multiple of the gradient would look right"
    RANDOM = "the function gives different values for the same input"
    TOO_FEW_DIGITS = "too few digits can be trusted to tell right from wrong"
    OUT_OF_TIME = "the time was over, or the function did not return, before enough was seen"
    DISAGREEMENT = "the witnesses disagree with one another"
    AMBIGUOUS = "the claim can be read in several ways that are right"
    FORM = "the claim does not answer in the form that is due for the arguments tried"
    NO_POINTS = "no arguments were found that the function accepts"

    @classmethod
    def of(cls, doubt: Doubt | None) -> Reason:
        """The reason that a doubtful numerical estimate gives."""
        return {
            Doubt.KINK: cls.KINK,
            Doubt.JUMP: cls.KINK,
            Doubt.NOISY: cls.NOISY,
            Doubt.TOO_SLOW: cls.OUT_OF_TIME,
            Doubt.NON_FINITE: cls.NON_FINITE,
            Doubt.OUT_OF_DOMAIN: cls.OUT_OF_DOMAIN,
        }.get(doubt, cls.TOO_FEW_DIGITS)  # type: ignore[arg-type]


@record(frozen=True)
class Conclusion:
    """What follows from the judgements at all points: a verdict, why it is open, what explains a mistake, advice."""

    verdict: Verdict
    reason: Reason | None = None
    causes: tuple[str, ...] = ()
    advice: str = ""
