"""Functions that return a cost with gradients by arrays of the module, by arguments, and by attributes of an object."""
# right: read_words, propagate, Echo.tally, Ring.cost_of, Small.costFunctionPrime, Small.computeGradients
# wrong: read_hastily, propagate_sums, Echo.tally_flat, Hasty.costFunctionPrime, Hasty.computeGradients
# none: grow, history
# cause: Echo.tally_flat: enters with derivative 1
# cause: Hasty.costFunctionPrime: is taken as 1 - output
# cause: propagate_sums: exactly 5 of the truth
import numpy as np

rng = np.random.default_rng(3)
V, H = 4, 3
Wxh, Whh, Why = (0.3 * rng.normal(size=size) for size in ((H, V), (H, H), (V, H)))
bh, by = np.zeros((H, 1)), np.zeros((V, 1))
memory = np.zeros_like(Wxh)


def run(inputs, targets, h):
    xs, hs, ps, total = {}, {-1: np.copy(h)}, {}, 0
    for t, letter in enumerate(inputs):
        xs[t] = np.zeros((V, 1))
        xs[t][letter] = 1
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        scores = Why @ hs[t] + by
        ps[t] = np.exp(scores) / np.sum(np.exp(scores))
        total += -np.log(ps[t][targets[t], 0])
    return xs, hs, ps, total


def read_words(inputs, targets, h):
    xs, hs, ps, loss = run(inputs, targets, h)
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby, following = np.zeros_like(bh), np.zeros_like(by), np.zeros_like(h)
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        dby += dy
        raw = (1 - hs[t] * hs[t]) * (Why.T @ dy + following)
        dbh += raw
        dWxh += raw @ xs[t].T
        dWhh += raw @ hs[t - 1].T
        following = Whh.T @ raw
    for slope in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(slope, -5, 5, out=slope)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


def read_hastily(inputs, targets, h):
    xs, hs, ps, loss = run(inputs, targets, h)
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    for t in reversed(range(len(inputs))):  # what comes through the next step is left out
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        raw = (1 - hs[t] * hs[t]) * (Why.T @ dy)
        dWxh += raw @ xs[t].T
        dWhh += raw @ hs[t - 1].T
    return loss, dWxh, dWhh, dWhy, hs[len(inputs) - 1]


def grow(inputs, memory):
    dmem = memory * 0.9
    return inputs, dmem


state = np.zeros((H, 1))
for _ in range(2):
    loss, dWxh, dWhh, dWhy, dbh, dby, state = read_words([0, 1, 3, 2], [1, 3, 2, 0], state)
    read_hastily([0, 1, 3, 2], [1, 3, 2, 0], state)
    memory += dWxh * dWxh


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(w.T @ X + b)))
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    grads = {"dw": X @ (A - Y).T / m, "db": np.sum(A - Y) / m}
    return grads, np.squeeze(cost)


def propagate_sums(w, b, X, Y):
    m = X.shape[1]
    A = 1 / (1 + np.exp(-(w.T @ X + b)))
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    dw, db = X @ (A - Y).T, np.sum(A - Y)
    return dw, db, cost


def history(costs, grads):
    return costs, grads


class Echo:
    def __init__(self):
        self.U, self.W = 0.3 * rng.normal(size=(4, 3)), 0.3 * rng.normal(size=(2, 4))

    def tally(self, x, y):
        h = np.tanh(self.U @ x)
        gap = self.W @ h - y
        dLdW = np.outer(gap, h)
        dLdU = np.outer((self.W.T @ gap) * (1 - h * h), x)
        loss = 0.5 * np.sum(gap * gap)
        return dLdU, dLdW, loss

    def tally_flat(self, x, y):
        h = np.tanh(self.U @ x)
        gap = self.W @ h - y
        loss = 0.5 * np.sum(gap * gap)
        dLdW, dLdU = np.outer(gap, h), np.outer(self.W.T @ gap, x)
        return loss, dLdU, dLdW


echo = Echo()
echo.tally(np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0]))
echo.tally_flat(np.array([0.5, -1.0, 2.0]), np.array([1.0, 0.0]))


class Words:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def others(self, count):
        return [0, 2, 2][:count]


class Ring:
    def __init__(self):
        self.inside, self.outside = 0.5 * rng.normal(size=(5, 3)), 0.5 * rng.normal(size=(5, 3))

    def cost_of(self, centre, target, words):
        v = self.inside[centre]
        gradInside, gradOutside = np.zeros_like(self.inside), np.zeros_like(self.outside)
        cost = 0.0
        for k, sign in [(target, 1.0)] + [(k, -1.0) for k in words.others(3)]:
            s = 1 / (1 + np.exp(-sign * (self.outside[k] @ v)))
            cost -= np.log(s)
            gradOutside[k] += sign * (s - 1) * v
            gradInside[centre] += sign * (s - 1) * self.outside[k]
        return cost, gradInside, gradOutside


class Small:
    """Gradients by the attributes of the object, from a method of their own."""

    def __init__(self):
        self.W1, self.W2 = rng.normal(size=(2, 3)), rng.normal(size=(3, 1))

    def forward(self, X):
        self.a = np.tanh(X @ self.W1)
        return self.a @ self.W2

    def costFunction(self, X, y):
        return 0.5 * np.sum((y - self.forward(X)) ** 2)

    def slope(self):
        return 1 - self.a**2

    def costFunctionPrime(self, X, y):
        delta = self.forward(X) - y
        dJdW2 = self.a.T @ delta
        dJdW1 = X.T @ (delta @ self.W2.T * self.slope())
        return dJdW1, dJdW2

    def computeGradients(self, X, y):
        dJdW1, dJdW2 = self.costFunctionPrime(X, y)
        return np.concatenate((dJdW1.ravel(), dJdW2.ravel()))


class Hasty(Small):
    def slope(self):
        return 1 - self.a


if __name__ == "__main__":
    Ring().cost_of(1, 3, Words(0))
