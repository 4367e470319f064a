"""From a square to a neuron: the chain rule one link at a time.

A neuron has two things to learn, its weight and its bias, so its gradient holds two numbers, asleep or awake.
"""

from math import exp

import chainrule as cr


def f(x):
    return (x - 2) ** 2


def fp(x):
    return 2 * (x - 2)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def sigmoid_grad(x):
    b = exp(-x)
    c = 1 + b
    by_c = -1 / c**2
    by_b = by_c  # c = 1 + b
    return by_b * b * -1  # b = exp(-x)


def z(a, b):
    x = 2 * a + 3 * b
    y = 5 * a**2 + 3 * b**3
    return 2 * x + 3 * y


def grad_z(a, b):
    by_x, by_y = 2, 3
    return by_x * 2 + by_y * 10 * a, by_x * 3 + by_y * 9 * b**2


def relu_neuron(w, b, x=3.0):
    return max(0.0, w * x + b)


@cr.gradient_of(relu_neuron, at=[(4.0, 5.0), (0.2, -0.1), (-2.0, 1.0)])
def grad_relu_neuron(w, b, x=3.0):
    awake = 1.0 if w * x + b > 0 else 0.0
    return awake * x, awake


def sigmoid_neuron(w, b, x=5.0):
    return sigmoid(w * x + b)


@cr.gradient_of(sigmoid_neuron, at=[(1.0, 1.0), (-0.3, 0.5), (0.2, -2.0)])
def grad_sigmoid_neuron(w, b, x=5.0):
    by_sum = sigmoid_grad(w * x + b)
    return by_sum * x, by_sum


def main():
    print("(x - 2)^2 at 1 has slope", fp(1.0), "and by sweep", cr.grad(f)(1.0))
    print("sigmoid at 2 has slope", sigmoid_grad(2.0))
    print("z at (1, 2) has gradient", grad_z(1.0, 2.0))
    print(
        "ReLU neuron at w = 4, b = 5, x = 3:",
        grad_relu_neuron(4.0, 5.0),
        "asleep:",
        grad_relu_neuron(-2.0, 1.0),
    )
    print("sigmoid neuron at w = 1, b = 1, x = 5:", grad_sigmoid_neuron(1.0, 1.0))


if __name__ == "__main__":
    main()
