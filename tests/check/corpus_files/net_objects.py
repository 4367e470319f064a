"""Nets that are objects: gradients returned in lists for lists of weights, or taken off the weights at once."""
# right: sigmoid_prime, Network.backprop, Trained.backward
# wrong: Network2.backprop, Careless.backward
# cause: Network2.backprop: is taken as 1
import numpy as np

np.random.seed(5)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(w @ a + b)
        return a

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights):
            zs.append(w @ activations[-1] + b)
            activations.append(sigmoid(zs[-1]))
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        for k in range(1, self.num_layers):
            nabla_b[-k], nabla_w[-k] = delta, delta @ activations[-k - 1].T
            if k + 1 < self.num_layers:
                delta = self.weights[-k].T @ delta * sigmoid_prime(zs[-k - 1])
        return nabla_b, nabla_w

    def cost_derivative(self, output_activations, y):
        return output_activations - y


class CrossEntropyCost:
    @staticmethod
    def fn(a, y):
        return np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a)))

    @staticmethod
    def delta(z, a, y):
        return a - y


class Network2(Network):
    def __init__(self, sizes, cost=CrossEntropyCost):
        super().__init__(sizes)
        self.cost = cost

    def backprop(self, x, y):
        hidden = sigmoid(self.weights[0] @ x + self.biases[0])
        z = self.weights[1] @ hidden + self.biases[1]
        delta = self.cost.delta(z, sigmoid(z), y)
        back = self.weights[1].T @ delta
        return [back, delta], [back @ x.T, delta @ hidden.T]


class Trained:
    def __init__(self):
        self.W1, self.W2 = np.random.randn(2, 3), np.random.randn(3, 1)

    def forward(self, X):
        self.z2 = sigmoid(X @ self.W1)
        return sigmoid(self.z2 @ self.W2)

    def backward(self, X, y, o):
        o_delta = (y - o) * o * (1 - o)
        z2_delta = o_delta @ self.W2.T * self.z2 * (1 - self.z2)
        self.W1 += X.T @ z2_delta
        self.W2 += self.z2.T @ o_delta


class Careless(Trained):
    def backward(self, X, y, o):
        o_delta = (y - o) * o * (1 - o)
        self.W2 += self.z2.T @ o_delta
        self.W1 += X.T @ (o_delta @ self.W2.T * self.z2)
