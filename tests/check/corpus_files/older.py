"""Written for Python 2: prints by statements, counts by xrange, and cuts by quotients of whole numbers."""
# right: halves_grad, pair_cost
# wrong: halves_der
import numpy as np
from older_parts import square

print 'halves of %d' % 5 # shown


def halves(x):
    return sum(square(x[i]) for i in xrange(len(x) / 2))


def halves_grad(x):
    g = np.zeros_like(x)
    g[: len(x) / 2] = 2 * x[: len(x) / 2]
    return g


def halves_der(x):
    return 2 * x


def pair_cost(w, x):
    n = w.size
    cost = np.sum(w[: n / 2] * x) + 0.5 * np.sum(w * w)
    grad = w.copy()
    grad[: n / 2] += x
    return cost, grad


print halves(np.array([1.0, 2.0, 3.0, 4.0, 5.0])), pair_cost(np.arange(5.0), np.array([2.0, 3.0]))
