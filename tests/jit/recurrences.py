"""A recurrence as people write it, for the tests of loops that are found in recordings."""

import numpy as np

import chainrule as cr


def gated(w, x, h):
    """A gated recurrence over the rows of x."""
    total = 0.0
    for row in x:
        gate = cr.sigmoid(row * w[0] + w[1])
        h = gate * h + (1 - gate) * np.tanh(h * w[2] + row * w[3])
        total = total + np.sum(np.exp(h)) * 0.1
    return total
