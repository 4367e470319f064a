"""A script that asks for arguments, ends without them, and defines the rest below."""
# right: mse_grad, Layer.backward, f_grad
# wrong: cross_entropy_grad

import argparse, sys
import numpy as np
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--data", required=True)
args = parser.parse_args()
def mse(p, t): return ((p - t) ** 2).mean()
def mse_grad(p, t): return 2 * (p - t) / p.size
def cross_entropy(p, t): return -(t * np.log(p)).sum()
def cross_entropy_grad(p, t): return t / p
class Layer:
    def __init__(self, args):
        self.W = np.random.randn(3, 2)
        self.lr = args.lr
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, g):
        self.dW = self.x.T @ g
        return g @ self.W.T
if len(sys.argv) < 2:
    sys.exit("usage: asked.py DATA")


def main():
    layer = Layer(args)
    layer.forward(np.ones((2, 3)))
if __name__ == "__main__":
    main()

    def f(x):
        return np.sin(x) * x

    def f_grad(x):
        return np.cos(x) * x + np.sin(x)
