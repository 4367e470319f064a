"""SciPy's special functions and distributions: rows for the first, densities over rows for the others.

Nothing here is imported before one of SciPy's functions meets a carrier, or a function that is lifted mentions one.
"""
