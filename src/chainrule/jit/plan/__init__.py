"""A program divided into fused loops, single numbers and library calls."""
