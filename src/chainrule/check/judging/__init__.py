"""The judgement at one point: a reference, and each claimed number held against it."""
