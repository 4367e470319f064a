"""Activation functions as modules hold them."""
# right: sigmoid_derivative, tanh_prime, relu_grad, dsoftplus, swishGradient, elu_deriv, d_gelu_tanh, leaky_relu_der
# wrong: arctan_prime, dgauss
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(s):
    return s * (1 - s)


def tanh(x):
    return np.tanh(x)


def tanh_prime(x):
    return 1 - np.tanh(x) ** 2


def relu(x):
    return np.maximum(0, x)


def relu_grad(x):
    return np.where(x > 0, 1.0, 0.0)


def softplus(x):
    return np.log(1 + np.exp(x))


def dsoftplus(x):
    return sigmoid(x)


def swish(x):
    return x * sigmoid(x)


def swishGradient(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_deriv(x, alpha=1.0):
    return np.where(x > 0, 1.0, alpha * np.exp(x))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(0.79788456 * (x + 0.044715 * x**3)))


def d_gelu_tanh(x):
    u = np.tanh(0.79788456 * (x + 0.044715 * x**3))
    return 0.5 * (1 + u) + 0.5 * x * (1 - u**2) * 0.79788456 * (1 + 3 * 0.044715 * x**2)


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


def leaky_relu_der(x):
    dx = np.ones_like(x)
    dx[x < 0] = 0.01
    return dx


def arctan(x):
    return np.arctan(x)


def arctan_prime(x):
    return 1 / (1 + x)


def gauss(x):
    return np.exp(-(x**2))


def dgauss(x):
    return 2 * x * np.exp(-(x**2))
