"""Derivatives on many processes, of one machine or many, with Dask distributed: sums over more data than fits in
memory, and many tasks at once. Dask is imported with the first call."""

from chainrule.cluster.gradient import value_and_grad
from chainrule.cluster.jacobian import hessian, jacobian
from chainrule.cluster.starts import minimize
from chainrule.cluster.tasks import TaskError, each, one_by_one
from chainrule.cluster.verdicts import check, grade

__all__ = ["TaskError", "check", "each", "grade", "hessian", "jacobian", "minimize", "one_by_one", "value_and_grad"]
