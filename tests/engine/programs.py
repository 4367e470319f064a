"""Small programs as plain data, run by the engine at hand; what comes out is told to the last bit.

Started as a program, it answers lists of programs, each a line of JSON, with what comes out: so one engine can be
compared with the other, in a process of its own.
"""

import json
import operator
import sys
import warnings

import numpy as np

import chainrule as cr

UNARY = {
    "-": operator.neg,
    "abs": abs,
    **{
        name: getattr(cr, name)
        for name in (
            "exp", "expm1", "log", "log1p", "sqrt", "cbrt", "square", "reciprocal", "sin", "cos", "tan", "arctan",
            "sinh", "cosh", "tanh", "relu", "sigmoid", "softplus", "erf", "sign", "floor", "absolute",
            "sum", "mean", "max", "min", "var", "norm", "prod", "cumsum", "logsumexp", "softmax", "log_softmax",
        )
    },
    "np.sum": lambda x: np.sum(x, axis=0, keepdims=True),
    "np.max": lambda x: np.max(x, axis=-1),
    "column": lambda x: x.reshape(-1, 1),
    "row": lambda x: np.reshape(x, (1, -1)),
    "transpose": np.transpose,
    "first": lambda x: x[0],
    "rest": lambda x: x[1:],
    "backward": lambda x: x[::-1],
    "places": lambda x: x[np.array([1, 0, 1])],
    "where": lambda x: np.where(np.array([True, False, True]), x, 0.5),
    "thrice": lambda x: np.broadcast_to(x, (3, 3)),
}  # fmt: skip
BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "%": operator.mod,
    "//": operator.floordiv,
    **{
        name: getattr(cr, name)
        for name in (
            "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "hypot", "arctan2", "logaddexp",
            "copysign", "matmul", "outer",
        )
    },
    "stack": lambda x, y: np.stack([x, y]),
    "concatenate": lambda x, y: np.concatenate([x, y]),
    "join": lambda x, y: cr.concatenate([x, y], axis=None),
}  # fmt: skip
MODES = ("value", "grad", "value_and_grad", "hvp", "jvp", "third")


def encoded(x):
    """A number with its type, shape and every bit; one nan is like another."""
    if isinstance(x, cr.Value):
        return ["Value", encoded(x.data), encoded(x.grad)]
    if isinstance(x, (tuple, list)):
        return [type(x).__name__, *map(encoded, x)]
    if isinstance(x, np.ndarray):
        return [str(x.dtype), list(x.shape), [float(v).hex() for v in x.flat]]
    return [type(x).__name__, float(x).hex()]


def decoded(x):
    """The number that stands in a document: a whole one, the hexadecimal form of a float, an array of them."""
    if isinstance(x, int):
        return x
    if isinstance(x, str):
        return float.fromhex(x)
    dtype, numbers = x
    return np.array([decoded(v) for v in numbers], dtype)


def registers(program, inputs):
    """The inputs and the result of each instruction."""
    found = list(inputs)
    for name, *operands in program:
        numbers = [found[x["of"] % len(found)] if isinstance(x, dict) else decoded(x) for x in operands]
        found.append((UNARY if len(numbers) == 1 else BINARY)[name](*numbers))
    return found


def recorded(program, inputs):
    """Values, computed and swept; the numbers and gradients of all of them."""
    found = registers(program, [cr.Value(x) for x in inputs])
    if isinstance(found[-1], cr.Value):
        found[-1].backward(np.ones(found[-1].shape))
        found[-1].backward(np.ones(found[-1].shape))  # gradients add up
    return found


def differentiated(mode, program, inputs):
    def f(*xs):
        return cr.sum(registers(program, xs)[-1])

    every = tuple(range(len(inputs)))
    ones = tuple(np.ones_like(x) if isinstance(x, np.ndarray) else 1.0 for x in inputs)
    if mode == "hvp":
        return cr.hvp(f, tuple(inputs), ones)
    if mode == "jvp":
        return cr.jvp(f, tuple(inputs), ones)
    if mode == "third":
        return cr.grad(lambda *xs: cr.sum(cr.jvp(cr.grad(f), xs, ones)[1]), every)(*inputs)
    return getattr(cr, mode)(f, argnums=every)(*inputs)


def outcome(document):
    """What a program computes, or the exception it ends with."""
    mode, inputs, program = document["mode"], [decoded(x) for x in document["inputs"]], document["program"]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return encoded(recorded(program, inputs) if mode == "value" else differentiated(mode, program, inputs))
        except Exception as error:
            return [type(error).__name__, str(error)]


if __name__ == "__main__":
    print(cr.info().engine, flush=True)
    for line in sys.stdin:
        print(json.dumps([outcome(document) for document in json.loads(line)]), flush=True)
