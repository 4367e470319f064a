"""Functions as classes whose passes are handed a context, without a framework."""
# right: Exp.backward, LogSoftmax.backward, Mul.backward
# wrong: Sigmoid.backward, Div.backward, Times.backward, Squares.backward
# cause: Sigmoid.backward: the derivative that is taken is 1 - output
# cause: Times.backward: exchanged
# cause: Squares.backward: 1/2 of the truth

import math

import numpy as np


class Context:
    def __init__(self, no_grad=False):
        self.no_grad = no_grad
        self.saved_values = ()

    def save_for_backward(self, *values):
        if self.no_grad:
            return
        self.saved_values = values

    @property
    def saved_tensors(self):
        return self.saved_values


class ScalarFunction:
    @classmethod
    def apply(cls, *vals):
        ctx = Context()
        return cls.forward(ctx, *vals)


class Div(ScalarFunction):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx, d_output):
        a, b = ctx.saved_values
        return d_output / b, -d_output * a / b


class Exp(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        out = math.exp(a)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, d_output):
        (out,) = ctx.saved_values
        return d_output * out


class Sigmoid(ScalarFunction):
    @staticmethod
    def forward(ctx, a):
        s = 1 / (1 + math.exp(-a))
        ctx.save_for_backward(s)
        return s

    @staticmethod
    def backward(ctx, d_output):
        (s,) = ctx.saved_values
        return d_output * (1 - s)


class Function:
    def __init__(self, *tensors):
        self.parents = tensors
        self.saved_tensors = []

    def save_for_backward(self, *x):
        self.saved_tensors.extend(x)


class Times(Function):
    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, grad_output):
        x, y = ctx.saved_tensors
        return x * grad_output, y * grad_output


class LogSoftmax(Function):
    @staticmethod
    def forward(ctx, input):
        c = input.max(axis=1)
        lse = c + np.log(np.exp(input - c.reshape((-1, 1))).sum(axis=1))
        output = input - lse.reshape((-1, 1))
        ctx.save_for_backward(output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        (output,) = ctx.saved_tensors
        return grad_output - np.exp(output) * grad_output.sum(axis=1).reshape((-1, 1))


class Squares(Function):
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, grad_output):
        return self.x * grad_output


class Mul:
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, d_output):
        a, b = ctx.saved_values
        return b * d_output, a * d_output
