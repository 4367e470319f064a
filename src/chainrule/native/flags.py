"""The names of the small numbers in a node and in a sweep. Compiled, `flags.pxd` gives them as constants of C."""

from __future__ import annotations

USED, CHANGED, ENTERED, LISTED, HELD, WATCHED = 1, 2, 4, 8, 16, 32
"""Bits of `Node.flags`: operand of something; given a new number. Those of a pass over floats, which takes them back:
entered by a consumer, listed, with an earlier gradient set aside. Its array may be given up
(see `residuals`)."""

PYTHON, NUMPY = 1, 2
"""Of `Node.scalar_kind`, what its number is: a float, an np.float64; 0: its data is in the Detail."""

EMPTY, FLOAT, OTHER = 0, 1, 2
"""Of `Adjoints.state`: nothing was sent to the node; its adjoint is in `floats`; in `others`."""
