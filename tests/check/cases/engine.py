"""A scalar autodiff class as people write it after a lecture, right, and with one mistake at a time."""

RIGHT = """
import math


class Value:
    def __init__(self, data, _children=()):
        self.data, self.grad, self._prev = float(data), 0.0, _children
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def __pow__(self, n):
        assert isinstance(n, (int, float)), "only numbers as exponents"
        out = Value(self.data ** n, (self,))
        def _backward():
            self.grad += n * self.data ** (n - 1) * out.grad
        out._backward = _backward
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,))
        def _backward():
            self.grad += out.data * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def _backward():
            self.grad += 4 * math.exp(-2 * abs(self.data)) / (1 + math.exp(-2 * abs(self.data))) ** 2 * out.grad
        out._backward = _backward
        return out

    def relu(self):
        out = Value(max(self.data, 0.0), (self,))
        def _backward():
            self.grad += (self.data > 0) * out.grad
        out._backward = _backward
        return out

    def __neg__(self): return self * -1
    def __pos__(self): return self * 1
    def __abs__(self): return self if self.data > 0 else -self
    def __sub__(self, other): return self + (-other)
    def __rsub__(self, other): return -self + other
    def __radd__(self, other): return self + other
    def __rmul__(self, other): return self * other
    def __truediv__(self, other): return self * other ** -1
    def __rtruediv__(self, other): return self ** -1 * other

    def backward(self):
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            node._backward()
"""

# (what is replaced, by what, the expression that shows it, words of the sentence)
PLANTED = [
    (
        "self.grad += out.grad\n            other.grad += out.grad",
        "self.grad = out.grad\n            other.grad = out.grad",
        "a + a",
        "= in place of +=",
    ),
    (
        "self.grad += other.data * out.grad\n            other.grad += self.data",
        "self.grad = other.data * out.grad\n            other.grad = self.data",
        "a * a",
        "= in place of +=",
    ),
    ("self.grad += n * self.data", "self.grad = n * self.data", "a ** 2 + a", "= in place of +="),
    ("self.grad += other.data * out.grad", "self.grad += other.data", "(a * b) * 3", "derivative by a|from above"),
    ("self.grad += out.data * out.grad", "self.grad += out.data", "exp(a) * 3", "from above is not multiplied in"),
    (
        "self.grad += other.data * out.grad\n            other.grad += self.data * out.grad",
        "self.grad += self.data * out.grad\n            other.grad += other.data * out.grad",
        "a * b",
        "exchanged",
    ),
    ("n * self.data ** (n - 1) * out.grad", "self.data ** (n - 1) * out.grad", "a ** 2", "1/2|0.5 times"),
    ("n * self.data ** (n - 1) * out.grad", "n * self.data ** n * out.grad", "a ** 2", "times the right one"),
    ("self.grad += (self.data > 0) * out.grad", "self.grad += out.grad", "relu(a) at -0.6", "is wrong"),
    (
        "def __rsub__(self, other): return -self + other",
        "def __rsub__(self, other): return self - other",
        "3 - a",
        "wrong sign: are the operands exchanged",
    ),
    (
        "def __rtruediv__(self, other): return self ** -1 * other",
        "def __rtruediv__(self, other): return self / other",
        "3 / a",
        "turned over",
    ),
    (
        "def __neg__(self): return self * -1",
        "def __neg__(self): return Value(-self.data)",
        "-a",
        "no derivative arrives",
    ),
    ("def __pos__(self): return self * 1", "def __pos__(self): return self.data", "+a", "leaves the graph"),
    (
        "def __abs__(self): return self if self.data > 0 else -self",
        "def __abs__(self): return Value(abs(self.data))",
        "abs(a) at -1.7",
        "no derivative arrives",
    ),
    ("    def __rsub__(self, other): return -self + other\n", "", "3 - a", "missing"),
    ("    def __radd__(self, other): return self + other\n", "", "2 + a", "missing"),
    ("for node in reversed(order):", "for node in order:", "(a + 1) + 1", "does not visit the whole graph"),
    (
        "            if node._prev:\n                node.grad = 0.0\n",
        "            pass\n",
        "b = a * a; y = b * a; y backward, twice",
        "start each sweep from zero",
    ),
    (
        "4 * math.exp(-2 * abs(self.data)) / (1 + math.exp(-2 * abs(self.data))) ** 2",
        "(1 - t ** 2)",
        "tanh(a) at 20",
        "no derivative arrives",
    ),
    (
        "math.tanh(self.data)\n",
        "(math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)\n",
        "tanh(a) at 400",
        "OverflowError",
    ),
    ("self.data > 0) * out.grad", "self.data > 0) * -out.grad", "relu(a)", "wrong sign"),
    ("other.grad += out.grad", "other.grad -= out.grad", "a + b", "derivative by b has the wrong sign"),
    ("self.data * other.data, (self, other)", "self.data + other.data, (self, other)", "a * b", "value is wrong"),
]
