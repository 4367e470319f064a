"""A user's autodiff engine, graded: `adapter` finds its names, `expressions` are what it is asked, `grade` asks and
compares, `mistakes` says what kind of mistake explains an answer, `report` shows it."""

from chainrule.check.grading.grade import grade
from chainrule.check.grading.report import Grade

__all__ = ["Grade", "grade"]
