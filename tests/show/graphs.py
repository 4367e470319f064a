"""Twenty fixed graphs: what a drawing must cope with. Each entry gives the arguments of `draw`."""

import math
import operator
from functools import reduce

import numpy as np

import chainrule as cr
from chainrule import Value
from chainrule.values.value import Value as Recorded


def micrograd():
    a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    L = d * f
    L.label = "L"
    return L


def swept(value, times=1):
    for _ in range(times):
        value.backward()
    return value


def neuron(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    e = math.exp(2 * n)
    return (e - 1) / (e + 1)


def nll(logits):
    shifted = logits - np.max(logits)
    return np.log(np.sum(np.exp(shifted))) - shifted[1]


def layer(W, x, b):
    hidden = np.tanh(W @ x + b)
    return np.sum(hidden**2)


def perceptron(x, w):
    for _ in range(3):
        x = [cr.tanh(reduce(operator.add, [xi * wi for xi, wi in zip(x, w, strict=True)]) + k) for k in range(4)]
    return sum(x)


def newton(x):
    for _ in range(6):
        x = x - (x * x - 2.0) / (2.0 * x)
    return x


def diamond(x):
    a, b, c = np.sin(x), np.cos(x), np.exp(x)
    return a * b + b * c + c * a


def decay(learning_rate, weight_decay_coefficient):
    return learning_rate * weight_decay_coefficient**2


def by_hand():
    x = Value(0.5, "x")
    t = Recorded(math.tanh(x.data), (x,), "tanh")

    def step():
        x.grad += (1 - t.data**2) * t.grad

    t._backward = step
    return swept(t * x)


def accumulated():
    x = Value(3.0, "x")
    swept(x * x)  # an earlier loss, never zeroed
    return swept(x * 2.0)


GRAPHS = {
    "micrograd": lambda: (swept(micrograd()),),
    "no backward yet": lambda: (micrograd(),),
    "two passes": lambda: (swept(micrograd(), 2),),
    "a forgotten zero_grad": lambda: (accumulated(),),
    "neuron": lambda: (neuron, 2.0, 0.0, -3.0, 1.0, 6.88),
    "square": lambda: (lambda x: x * x, 3.0),
    "one input": lambda: (lambda x: x, 3.0),
    "diamond": lambda: (diamond, 0.7),
    "log of zero": lambda: (lambda x: cr.log(x) * x, 0.0),
    "overflow": lambda: (lambda x: cr.exp(x) - cr.exp(x), 1000.0),
    "masked nan": lambda: (lambda x: np.sum(cr.where(x > 0, cr.sqrt(x), 0.0)), np.array([-1.0, 4.0, 9.0])),
    "array": lambda: (lambda x: (np.sin(x) * x**2).sum(), np.array([0.3, -0.7, 1.1])),
    "nll": lambda: (nll, np.array([1.0, 2.0, 3.0, 0.5])),
    "layer": lambda: (layer, np.ones((3, 4)) / 3, np.arange(4.0), np.zeros(3)),
    "perceptron": lambda: (perceptron, [0.5, -1.0, 2.0, 0.1], [0.1, 0.2, -0.3, 0.4]),
    "newton": lambda: (newton, 1.0),
    "floor": lambda: (lambda x: cr.floor(x) * 2.0 + x, 2.5),
    "relu": lambda: (lambda x, y: cr.maximum(cr.relu(x), y) + abs(y), -1.0, 2.0),
    "by hand": lambda: (by_hand(),),
    "long names": lambda: (decay, 1e-5, 123456.789),
}
