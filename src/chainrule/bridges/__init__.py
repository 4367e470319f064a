"""Functions of Chainrule inside PyTorch and JAX, and theirs inside Chainrule. Neither is imported unasked."""

from chainrule.bridges.jax import from_jax, to_jax
from chainrule.bridges.pytorch import from_torch, to_torch

__all__ = ["from_jax", "from_torch", "to_jax", "to_torch"]
