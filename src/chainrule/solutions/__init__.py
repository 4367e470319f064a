"""Roots, minimisers, integrals and initial value problems, as SciPy finds them, with derivatives."""
