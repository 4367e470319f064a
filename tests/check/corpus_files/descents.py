"""Methods that take one step of descent in rows of their object's arrays, beside the loss that they belong to."""
# right: Skipgram.train_pair, Factors.update
# wrong: Bags.train_pair, Ratings.update
# cause: Bags.train_pair: argument W_out: divided by 1 - (1 + exp(-...)) too often
# cause: Ratings.update: argument P: one path enters with weight 0.5

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Skipgram:
    def __init__(self, words=6, size=3, lr=0.05):
        self.rng = np.random.default_rng(0)
        self.W_in = self.rng.normal(0, 0.3, (words, size))
        self.W_out = self.rng.normal(0, 0.3, (words, size))
        self.lr = lr

    def loss(self, center, context, negatives):
        v = self.W_in[center]
        s = -np.log(sigmoid(self.W_out[context] @ v))
        for n in negatives:
            s -= np.log(sigmoid(-self.W_out[n] @ v))
        return s

    def train_pair(self, center, context, negatives):
        v = self.W_in[center]
        g = sigmoid(self.W_out[context] @ v) - 1
        grad_v = g * self.W_out[context]
        self.W_out[context] -= self.lr * g * v
        for n in negatives:
            gn = sigmoid(self.W_out[n] @ v)
            grad_v += gn * self.W_out[n]
            self.W_out[n] -= self.lr * gn * v
        self.W_in[center] -= self.lr * grad_v


class Bags(Skipgram):
    def loss(self, center, context):
        return -np.log(sigmoid(self.W_out[context] @ self.W_in[center]))

    def train_pair(self, center, context):
        v = self.W_in[center]
        g = sigmoid(self.W_out[context] @ v)
        grad_v = (g - 1) * self.W_out[context]
        self.W_out[context] -= self.lr * g * v
        self.W_in[center] -= self.lr * grad_v


class Factors:
    def __init__(self, users=3, items=4, size=2):
        rng = np.random.default_rng(1)
        self.P, self.Q = rng.normal(size=(users, size)), rng.normal(size=(items, size))

    def error(self, u, i, r, reg):
        return 0.5 * (r - self.P[u] @ self.Q[i]) ** 2 + 0.5 * reg * (np.sum(self.P[u] ** 2) + np.sum(self.Q[i] ** 2))

    def update(self, u, i, r, reg, alpha):
        e = r - self.P[u] @ self.Q[i]
        p = self.P[u].copy()
        self.P[u] += alpha * (e * self.Q[i] - reg * self.P[u])
        self.Q[i] += alpha * (e * p - reg * self.Q[i])


class Ratings(Factors):
    def error(self, u, i, r):
        return (r - self.P[u] @ self.Q[i]) ** 2 + 0.1 * np.sum(self.P[u] ** 2)

    def update(self, u, i, r, alpha=0.01):
        e = r - self.P[u] @ self.Q[i]
        p = self.P[u].copy()
        self.P[u] += alpha * (2 * e * self.Q[i] - 0.1 * self.P[u])
        self.Q[i] += alpha * 2 * e * p


Skipgram().train_pair(0, 1, [3, 4])
Bags().train_pair(0, 1)
Factors().update(1, 2, 3.0, 0.1, 0.01)
Ratings().update(1, 2, 3.0)
