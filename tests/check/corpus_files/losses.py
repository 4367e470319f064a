"""Losses, differentiated by the prediction alone."""
# right: mse_prime, binary_cross_entropy_prime, huber_grad, hinge_derivative, log_cosh_grad
# wrong: rmse_prime, bce_logits_grad, batch_squares_prime
# cause: batch_squares_prime: a sum in place of a mean
import numpy as np


def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / np.size(y_true)


def binary_cross_entropy(y_true, y_pred):
    return np.mean(-y_true * np.log(y_pred) - (1 - y_true) * np.log(1 - y_pred))


def binary_cross_entropy_prime(y_true, y_pred):
    return ((1 - y_true) / (1 - y_pred) - y_true / y_pred) / np.size(y_true)


def huber(error, delta=1.0):
    small = np.abs(error) <= delta
    return np.sum(np.where(small, 0.5 * error**2, delta * (np.abs(error) - 0.5 * delta)))


def huber_grad(error, delta=1.0):
    return np.where(np.abs(error) <= delta, error, delta * np.sign(error))


def hinge(y, score):
    return np.sum(np.maximum(0, 1 - y * score))


def hinge_derivative(y, score):
    return np.where(1 - y * score > 0, -y, 0.0)


def log_cosh(y, y_pred):
    return np.sum(np.log(np.cosh(y_pred - y)))


def log_cosh_grad(y, y_pred):
    return np.tanh(y_pred - y)


def rmse(y_true, y_pred):
    return np.sqrt(np.mean((y_true - y_pred) ** 2))


def rmse_prime(y_true, y_pred):
    return (y_pred - y_true) / np.size(y_true)


def bce_logits(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)


def bce_logits_grad(z, y):
    return 1 / (1 + np.exp(-z)) - y


def batch_squares(outputs, targets):
    return 0.5 * np.mean(np.sum((outputs - targets) ** 2, axis=1))


def batch_squares_prime(outputs, targets):
    return outputs - targets
