"""Losses of pairs and triples of vectors, and functions of one number."""
# right: cosine_similarity_grad
# wrong: cosine_distance_grad, contrastive_grad, triplet_loss_grad, ArcTan.derivative
# cause: cosine_distance_grad: argument u: times norm(u) too often
# cause: contrastive_grad: times norm(x1 - x2) too often
# cause: triplet_loss_grad: argument a: a term is missing: a - n
# cause: ArcTan.derivative: the derivative that is taken is 1 / (1 + input)

import numpy as np


def cosine_similarity(u, v):
    return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


def cosine_similarity_grad(u, v):
    nu, nv = np.linalg.norm(u), np.linalg.norm(v)
    c = u @ v / (nu * nv)
    return v / (nu * nv) - c * u / nu ** 2, u / (nu * nv) - c * v / nv ** 2


def cosine_distance(u, v):
    return 1 - u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


def cosine_distance_grad(u, v):
    nu, nv = np.linalg.norm(u), np.linalg.norm(v)
    c = u @ v / (nu * nv)
    return -v / (nu * nv) + c * u / nu, -u / (nu * nv) + c * v / nv


def triplet_loss(a, p, n, margin=1.0):
    return np.maximum(0, np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + margin)


def triplet_loss_grad(a, p, n, margin=1.0):
    if triplet_loss(a, p, n, margin) == 0:
        return np.zeros_like(a), np.zeros_like(p), np.zeros_like(n)
    return 2 * (a - p), -2 * (a - p), 2 * (a - n)


def contrastive(x1, x2, y, margin=2.0):
    d = np.linalg.norm(x1 - x2)
    return y * d ** 2 + (1 - y) * max(0, margin - d) ** 2


def contrastive_grad(x1, x2, y, margin=2.0):
    d = np.linalg.norm(x1 - x2)
    g = 2 * y * (x1 - x2) - 2 * (1 - y) * max(0, margin - d) * (x1 - x2)
    return g, -g


class ArcTan:
    def __call__(self, x):
        return np.arctan(x)
    def derivative(self, x):
        return 1 / (1 + x)
