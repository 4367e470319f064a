"""Nets whose cost stands nowhere: the gradients of the last layer tell which it is."""
# right: back_prop, backward
# wrong: backward_hasty
# cause: backward_hasty: is taken as 1 - output
import numpy as np


def softmax(Z):
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0)


def forward_prop(W1, b1, W2, b2, X):
    Z1 = W1.dot(X) + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2.dot(A1) + b2
    A2 = softmax(Z2)
    return Z1, A1, Z2, A2


def one_hot(Y):
    return np.eye(Y.max() + 1)[Y].T


def back_prop(Z1, A1, Z2, A2, W1, W2, X, Y):
    m = Y.size
    dZ2 = A2 - one_hot(Y)
    dW2 = dZ2.dot(A1.T) / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T.dot(dZ2) * (Z1 > 0)
    dW1 = dZ1.dot(X.T) / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return dW1, db1, dW2, db2


def forward(X, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    y_hat = h @ W2 + b2
    return h, y_hat


def backward(X, y, h, y_hat, W2):
    delta = 2 * (y_hat - y) / len(X)
    hidden = delta @ W2.T * (1 - h**2)
    dW1, db1 = X.T @ hidden, hidden.sum(axis=0, keepdims=True)
    dW2, db2 = h.T @ delta, delta.sum(axis=0, keepdims=True)
    return dW1, db1, dW2, db2


def forward_hasty(X, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    y_hat = h @ W2 + b2
    return h, y_hat


def backward_hasty(X, y, h, y_hat, W2):
    delta = y_hat - y
    hidden = delta @ W2.T * (1 - h)
    dW1, db1 = X.T @ hidden, hidden.sum(axis=0, keepdims=True)
    dW2, db2 = h.T @ delta, delta.sum(axis=0, keepdims=True)
    return dW1, db1, dW2, db2
