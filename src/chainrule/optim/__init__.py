"""Optimisers as pure functions on nested containers of numbers, schedules of their rates, and SciPy's minimisers.

    state = opt.start(params)
    params, state = opt.step(params, grads, state)

Parameters are any nested lists, tuples, dicts and `nn.Module`s of numbers and arrays. Nothing is changed in place, so a
step can be compiled, differentiated, pickled and repeated.
"""

from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.clipping import clip_by_norm, global_norm
from chainrule.optim.lion import Lion
from chainrule.optim.minimisers import Minimum, minimize
from chainrule.optim.optimizer import Optimizer
from chainrule.optim.rmsprop import RMSprop
from chainrule.optim.schedules import Constant, Cosine, Step, Warmup
from chainrule.optim.sgd import SGD
from chainrule.optim.vectors import ravel

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Constant",
    "Cosine",
    "Lion",
    "Minimum",
    "Optimizer",
    "RMSprop",
    "Step",
    "Warmup",
    "clip_by_norm",
    "global_norm",
    "minimize",
    "ravel",
]


def __dir__() -> list[str]:
    return __all__
