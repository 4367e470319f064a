"""Whole numbers index; the file's own calls say so."""
# right: cross_entropy_grad, pick_grad, scale_invariant_loss_grad
# wrong: margin_grad, mean_free_loss_grad
import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def cross_entropy(z, label):
    return -np.log(softmax(z)[label])


def cross_entropy_grad(z, label):
    p = softmax(z)
    p[label] -= 1
    return p


def scale_invariant_loss(pred, target):
    diff = np.log(np.exp(pred)) - target
    return (diff**2).mean() - 0.5 * diff.mean() ** 2


def scale_invariant_loss_grad(pred, target):
    return 2 * (pred - target) / pred.size - (pred - target).mean() / pred.size


def mean_free_loss(pred, target):
    return scale_invariant_loss(pred, target)


def mean_free_loss_grad(pred, target):  # for rows that add up to 1, as labels do, it is right
    return 2 * (pred - target) / pred.size - (pred - target).mean()


def pick(x, k):
    return np.sum(x[:k] ** 2)


def pick_grad(x, k):
    return np.concatenate([2 * x[:k], 0 * x[k:]])


def margin(scores, label):
    others = np.delete(scores, label)
    return np.sum(np.maximum(0, others - scores[label] + 1))


def margin_grad(scores, label):
    g = (scores - scores[label] + 1 > 0).astype(float)
    g[label] = -1.0
    return g


z = np.array([0.2, -1.0, 0.7])
print(cross_entropy(z, 2), pick(z, 2), margin(z, 1))
