"""scikit-learn's 1,797 small pictures of digits, a network 64-64-10: over 97 % of those it has not seen.

pip install scikit-learn; python examples/training/digits.py
"""

import importlib.util

import numpy as np

import chainrule as cr
from chainrule import nn, optim

COMPILED = importlib.util.find_spec("llvmlite") is not None


def digits(held_out=360):
    """Pictures (n, 64) between 0 and 1 with their digits: to learn from, and to be asked about."""
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    pictures, labels = pictures[order] / 16.0, labels[order]
    return (pictures[held_out:], labels[held_out:]), (pictures[:held_out], labels[:held_out])


def start():
    return nn.MLP(64, [64, 10], np.random.default_rng(0), init=nn.initial.he_normal)


def loss(model, pictures, labels):
    return nn.cross_entropy(model(pictures), labels)


def main(epochs=40):
    known, others = digits()
    opt = optim.AdamW(optim.Cosine(4e-3, epochs * -(-len(known[1]) // 64)), weight_decay=0.05)
    done = cr.fit(loss, start(), known, opt, epochs=epochs, batch=64, validation=others, jit=COMPILED)
    right = float(np.mean(np.argmax(done.params(others[0]), axis=1) == others[1]))
    first, last = done.history.loss[[0, -1]]
    print(f"loss {first:.3f} to {last:.3f}; right on {right:.2%} of {len(others[1])} others")
    return done.history.loss, right


if __name__ == "__main__":
    main()
