"""A plausible call of each of SciPy's public functions that takes real numbers: what becomes of its derivative."""
