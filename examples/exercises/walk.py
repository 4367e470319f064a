"""Backward through L = (a*b + c) * f by hand and by sweep, then one step uphill.

Every leaf moved a little along its slope makes L grow: from -8 to about -7.29 for a step of 0.01.
"""

import chainrule as cr

LEAVES = {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}


def loss(a, b, c, f):
    return (a * b + c) * f


def grad_loss(a, b, c, f):
    d = a * b + c
    by_e = by_c = f  # the sum d = e + c passes on what arrives
    return by_e * b, by_e * a, by_c, d


def record():
    """The labelled graph at LEAVES, swept: L and its leaves."""
    a, b, c, f = leaves = [cr.Value(data, label=label) for label, data in LEAVES.items()]
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    L = d * f
    L.label = "L"
    L.backward()
    return L, leaves


def step_uphill(leaves, size=0.01):
    """Move every leaf along its slope; the new L."""
    for leaf in leaves:
        leaf.data += size * leaf.grad
    return loss(*leaves).data


def main():
    L, leaves = record()
    print(L)
    for leaf, by_hand in zip(leaves, grad_loss(*LEAVES.values()), strict=True):
        print(f"dL/d{leaf.label}   backward {leaf.grad:5.1f}   by hand {by_hand:5.1f}")
    print("after a step uphill", step_uphill(leaves))


if __name__ == "__main__":
    main()
