"""Optimisers as pure functions on nested containers of numbers, schedules of their rates, and SciPy's minimisers.

    state = opt.start(params)
    params, state = opt.step(params, grads, state)

Parameters are any nested lists, tuples, dicts and `nn.Module`s of numbers and arrays. Nothing is changed in place, so a
step can be compiled, differentiated, pickled and repeated.
"""

from chainrule.errors import no_name
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
    "SGD", "Adam", "AdamW", "Constant", "Cosine", "Lion", "Minimum", "Optimizer", "RMSprop", "Step", "Warmup",
    "clip_by_norm", "global_norm", "minimize", "ravel",
]  # fmt: skip

_ELSEWHERE = {
    **dict.fromkeys(("Adagrad", "Adadelta", "NAdam", "RAdam"), "Adam, AdamW, RMSprop, SGD and Lion are here"),
    **dict.fromkeys(("LBFGS", "BFGS"), 'minimize(loss, params, method="L-BFGS-B")'),
    **dict.fromkeys(("lr_scheduler", "CosineAnnealingLR"), "a rate may be a schedule: Adam(Cosine(1e-3, steps))"),
    "StepLR": "a rate may be a schedule: SGD(Step(0.1, 30, 0.1))",
    "clip_grad_norm_": "clip_by_norm(grads, limit)",
    "apply_updates": "params, state = opt.step(params, grads, state)",
}


def __getattr__(name: str) -> object:
    raise no_name(__name__, name, _ELSEWHERE, __all__)


def __dir__() -> list[str]:
    return __all__
