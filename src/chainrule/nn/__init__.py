"""Layers, losses and initialisations, in plain NumPy code over the operators.

A layer is a nested container of its own parameters: `grad`, `jit`, `check`, pickling and `optim` take it as it is.
"""

from chainrule.errors import no_name
from chainrule.nn import initial
from chainrule.nn.attention import Attention, attention
from chainrule.nn.convolution import Conv, convolve
from chainrule.nn.dropout import dropout, dropout_mask
from chainrule.nn.linear import MLP, Embedding, Linear
from chainrule.nn.losses import binary_cross_entropy, cross_entropy, hinge, mse, nll
from chainrule.nn.module import Module, cast, container, setting
from chainrule.nn.norms import LayerNorm, RMSNorm
from chainrule.nn.scalars import Layer, Neuron

__all__ = [
    "MLP", "Attention", "Conv", "Embedding", "Layer", "LayerNorm", "Linear", "Module", "Neuron", "RMSNorm",
    "attention", "binary_cross_entropy", "cast", "container", "convolve", "cross_entropy", "dropout", "dropout_mask",
    "hinge", "initial", "mse", "nll", "setting",
]  # fmt: skip

_FUNCTION = "functions stand between layers: MLP(..., activation=np.tanh), cr.{0}(x)"
_ELSEWHERE = {
    **{name: _FUNCTION.format(name.lower()) for name in ("ReLU", "relu", "Sigmoid", "Tanh", "Softmax", "softmax")},
    "Sequential": "MLP(2, [16, 1], rng), or a Module whose body declares `layers: list[nn.Linear]`",
    "ModuleList": "declare it in the body of the Module: `layers: list[nn.Linear]`",
    "Parameter": "declare it in the body of the Module: `gain: float`",
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d"), "Conv(inputs, outputs, kernel, rng, dimensions=2)"),
    **dict.fromkeys(("MultiheadAttention", "TransformerEncoderLayer"), "Attention(width, rng, heads=8)"),
    "Dropout": "dropout(x, 0.1, rng), in a loss that has an `rng`",
    **dict.fromkeys(("BatchNorm1d", "BatchNorm2d"), "LayerNorm(width) has no state that differs in use"),
    **dict.fromkeys(("CrossEntropyLoss", "CrossEntropy"), "cross_entropy(logits, labels)"),
    **dict.fromkeys(("MSELoss", "mse_loss"), "mse(predictions, targets)"),
    **dict.fromkeys(("BCEWithLogitsLoss", "BCELoss"), "binary_cross_entropy(logits, labels)"),
    "NLLLoss": "nll(log_probabilities, labels)",
    **dict.fromkeys(("functional", "init"), "losses and functions are here; initialisations in `initial`"),
}  # fmt: skip


def __getattr__(name: str) -> object:
    raise no_name(__name__, name, _ELSEWHERE, __all__)


def __dir__() -> list[str]:
    return __all__
