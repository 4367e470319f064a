"""The rules for NumPy's functions, by subject. Each file has its RULES: NumPy's function -> a function of carriers with
the same parameter names. What NumPy's signature has beyond them is refused by the gate."""
