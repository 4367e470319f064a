"""Single numbers that are computed alike, as arrays."""
