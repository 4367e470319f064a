"""What grading an engine found: text, HTML, JSON, and an exit code."""

from __future__ import annotations

import html
import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from chainrule.check.grading.expressions import RINGS
from chainrule.check.reports.page import STYLE
from chainrule.records import record

ALL_RINGS = {**RINGS, "arrays": "arrays: sums, products, broadcasting"}


@record(frozen=True)
class Answer:
    """One expression and what the engine made of it.

    status   "right", "wrong", "missing" (not offered), or "follows" (from something simpler that is wrong or missing)
    used     the engine's methods that ran
    """

    ring: str
    text: str
    status: str
    why: str
    yours: tuple[float, ...] = ()
    right: tuple[float, ...] = ()
    place: str = ""
    used: frozenset[str] = frozenset()

    @property
    def numbers(self) -> str:
        """Yours beside right, where there are numbers."""
        if not self.yours:
            return ""
        return f"yours {_shown(self.yours)}, right {_shown(self.right)}"


@record(frozen=True)
class Grade:
    """All answers of an engine.

    >>> Grade("Value", [Answer("operators", "a + b", "right", "")])
    <Grade Value: all of 1 right>
    """

    name: str
    answers: list[Answer]

    def __bool__(self) -> bool:
        """Whether everything is right."""
        return self.passed

    @property
    def counts(self) -> Counter[str]:
        return Counter(a.status for a in self.answers)

    @property
    def wrong(self) -> list[Answer]:
        """The wrong answers, the simplest first."""
        return sorted((a for a in self.answers if a.status == "wrong"), key=lambda a: len(a.used))

    @property
    def missing(self) -> list[Answer]:
        return [a for a in self.answers if a.status == "missing"]

    @property
    def passed(self) -> bool:
        return not self.wrong and not self.missing

    @property
    def exit_code(self) -> int:
        """0: everything right; 1: something is wrong; 2: nothing wrong, something missing."""
        return 1 if self.wrong else 2 if self.missing else 0

    @property
    def headline(self) -> str:
        asked = len(self.answers)
        if self.passed:
            return f"all of {asked} right"
        parts = [f"{self.counts[s]} {s}" for s in ("wrong", "missing") if self.counts[s]]
        parts += [f"{self.counts['follows']} more follow from these"] if self.counts["follows"] else []
        return f"{self.counts['right']} of {asked} right, {', '.join(parts)}"

    def __repr__(self) -> str:
        return f"<Grade {self.name}: {self.headline}>"

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.headline}", ""]
        for ring, what in ALL_RINGS.items():
            counts = Counter(a.status for a in self.answers if a.ring == ring)
            if counts:
                said = ", ".join(f"{counts[s]} {s}" for s in ("right", "wrong", "missing", "follows") if counts[s])
                lines.append(f"  {ring:<13} {said:<42} {what}".rstrip())
        for title, answers in (("wrong", self.wrong), ("missing", self.missing)):
            if answers:
                lines += ["", title]
                width = max(len(a.text) for a in answers)
                lines += [f"  {a.text:<{width}}  {_told(a)}" for a in answers]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "exit_code": self.exit_code,
            "counts": dict(self.counts),
            "answers": [
                {
                    **asdict(a),
                    "used": sorted(a.used),
                    "yours": list(map(_json, a.yours)),
                    "right": list(map(_json, a.right)),
                }
                for a in self.answers
            ],
        }

    def to_json(self) -> str:
        """The grade as strict JSON text."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def _repr_html_(self) -> str:
        verdict = "correct" if self.passed else "wrong" if self.wrong else "undecided"
        rows = "".join(
            f"<tr><th>{html.escape(a.text)}</th><td>{html.escape(a.status)}</td><td>{html.escape(_told(a))}</td></tr>"
            for a in [*self.wrong, *self.missing]
        )
        table = f"<table><thead><tr><th>expression</th><th></th><th></th></tr></thead><tbody>{rows}</tbody></table>"
        return (
            f"<style>{STYLE}</style><section class='chainrule-report chainrule-{verdict}'>"
            f"<p class='chainrule-head'><strong>{html.escape(self.name)}</strong>: {html.escape(self.headline)}</p>"
            f"<div class='chainrule-scroll'>{table if rows else ''}</div></section>"
        )


def _told(a: Answer) -> str:
    numbers = f"{a.numbers}: " if a.numbers else ""
    return f"{numbers}{a.why}{f' ({a.place})' if a.place else ''}"


def _shown(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{x:.6g}" for x in numbers)


def _json(x: float) -> Any:
    return x if x == x and abs(x) != float("inf") else str(x)
