"""A policy that plays step by step, and learns from a whole episode: what it saw is collected by a loop that never ran."""
# right: policy_backward
import numpy as np

H, D = 5, 6
model = {"W1": np.random.default_rng(0).normal(size=(H, D)), "W2": np.random.default_rng(1).normal(size=H)}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def policy_forward(x):
    h = np.dot(model["W1"], x)
    h[h < 0] = 0
    p = sigmoid(np.dot(model["W2"], h))
    return p, h


def policy_backward(eph, epdlogp):
    dW2 = np.dot(eph.T, epdlogp).ravel()
    dh = np.outer(epdlogp, model["W2"])
    dh[eph <= 0] = 0
    dW1 = np.dot(dh.T, epx)
    return {"W1": dW1, "W2": dW2}


def play(env):
    xs, hs, dlogps = [], [], []
    while True:
        x = env.observe()
        p, h = policy_forward(x)
        xs.append(x), hs.append(h), dlogps.append((np.random.uniform() < p) - p)
        if env.done:
            global epx
            epx = np.vstack(xs)
            for k, g in policy_backward(np.vstack(hs), np.vstack(dlogps)).items():
                model[k] += 1e-3 * g
