"""Recurrent nets whose parameters are in a dict, which hand back gradients for some of their outputs alone."""
# right: step_backward, sequence_backward
# wrong: gated_backward
import numpy as np


def step_forward(xt, a_prev, parameters):
    Wax, Waa, Wya = parameters["Wax"], parameters["Waa"], parameters["Wya"]
    a_next = np.tanh(np.dot(Waa, a_prev) + np.dot(Wax, xt) + parameters["ba"])
    y = np.dot(Wya, a_next) + parameters["by"]
    return a_next, y, (a_next, a_prev, xt, parameters)


def step_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    d = (1 - a_next**2) * da_next
    gradients = {"dxt": np.dot(parameters["Wax"].T, d), "da_prev": np.dot(parameters["Waa"].T, d)}
    gradients |= {"dWax": np.dot(d, xt.T), "dWaa": np.dot(d, a_prev.T), "dba": np.sum(d, axis=1, keepdims=True)}
    return gradients


def sequence_forward(x, a0, parameters):
    n_x, m, T = x.shape
    a = np.zeros((*a0.shape, T))
    caches, a_next = [], a0
    for t in range(T):
        a_next, y, cache = step_forward(x[:, :, t], a_next, parameters)
        a[:, :, t] = a_next
        caches.append(cache)
    return a, y, (caches, x)


def sequence_backward(da, caches):
    caches, x = caches
    dx, da_prev = np.zeros(x.shape), np.zeros(da.shape[:2])
    totals = {"dWax": 0, "dWaa": 0, "dba": 0}
    for t in reversed(range(x.shape[2])):
        g = step_backward(da[:, :, t] + da_prev, caches[t])
        dx[:, :, t], da_prev = g["dxt"], g["da_prev"]
        totals = {k: v + g[k] for k, v in totals.items()}
    return {"dx": dx, "da0": da_prev, **totals}


def gated_forward(xt, a_prev, parameters):
    both = np.concatenate((a_prev, xt), axis=0)
    z = 1 / (1 + np.exp(-np.dot(parameters["Wz"], both) - parameters["bz"]))
    a_next = z * a_prev + (1 - z) * np.tanh(np.dot(parameters["Wc"], both) + parameters["bc"])
    y = np.dot(parameters["Wy"], a_next)
    return a_next, y, (a_prev, xt, z, parameters)


def gated_backward(da_next, cache):
    a_prev, xt, z, parameters = cache
    both = np.concatenate((a_prev, xt), axis=0)
    c = np.tanh(np.dot(parameters["Wc"], both) + parameters["bc"])
    dz = da_next * (a_prev - c) * z * (1 - z)
    dc = da_next * (1 - z) * (1 - c**2)
    dboth = np.dot(parameters["Wz"].T, dz) + np.dot(parameters["Wc"].T, dc)
    n = len(a_prev)
    gradients = {"dxt": dboth[n:], "da_prev": dboth[:n], "dWz": np.dot(dz, both.T), "dWc": np.dot(dc, both.T)}
    return gradients
