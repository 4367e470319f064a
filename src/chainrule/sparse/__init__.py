"""Jacobians and Hessians of which most entries are zero: found where they are, computed a few directions at a time."""

from chainrule.sparse.hessian import sparse_hessian
from chainrule.sparse.jacobian import sparse_jacobian

__all__ = ["sparse_hessian", "sparse_jacobian"]
