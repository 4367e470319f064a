"""`fit`: a model trained on batches of data, with checkpoints from which it goes on to the same bits."""

from chainrule.training.fitting import fit
from chainrule.training.history import Fit, History

__all__ = ["Fit", "History", "fit"]
