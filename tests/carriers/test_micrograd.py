"""Programs written for micrograd's `Value`, run with ours, next to micrograd itself."""

import math
import random

import micrograd.engine
import micrograd.nn
import pytest
import torch

from chainrule import Value

ENGINES = [micrograd.engine.Value, Value]


@pytest.fixture
def pair():
    """Runs a program on both engines and compares the gradients it returns."""

    def run(program):
        theirs, mine = (program(engine) for engine in ENGINES)
        assert mine == pytest.approx(theirs, rel=1e-13)
        return mine

    return run


def test_an_expression_with_everything(pair):
    def program(V):
        a, b = V(-4.0), V(2.0)
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        g = e**2 / 2.0
        g += 10.0 / e
        g.backward()
        return [g.data, a.grad, b.grad, c.grad, e.grad]

    found = pair(program)
    a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (-4.0, 2.0))
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    g = e**2 / 2 + 10 / e
    g.backward()
    assert found[:3] == pytest.approx([g.item(), a.grad.item(), b.grad.item()], rel=1e-13)


def test_relu_chain(pair):
    def program(V):
        x = V(-4.0)
        z = 2 * x + 2 + x
        q = z.relu() + z * x
        h = (z * z).relu()
        y = h + q + q * x
        y.backward()
        return [y.data, x.grad]

    assert pair(program)[1] == 46.0


def test_a_training_step_of_a_network(monkeypatch):
    def train(V):
        monkeypatch.setattr(micrograd.nn, "Value", V)
        random.seed(4)
        model = micrograd.nn.MLP(2, [4, 4, 1])
        points = [(0.5, -1.0), (1.5, 2.0), (-0.3, 0.8)]
        losses = []
        for _ in range(3):
            scores = [model(list(map(V, p))) for p in points]
            loss = sum((1 + -y * s).relu() for y, s in zip((1, -1, 1), scores, strict=True)) * (1.0 / 3)
            loss = loss + 1e-4 * sum(p * p for p in model.parameters())
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
            losses.append(loss.data)
        return losses + [p.data for p in model.parameters()]

    theirs, mine = map(train, ENGINES)
    assert mine == pytest.approx(theirs, rel=1e-12)
    assert mine[2] < mine[0]


def test_backward_step_by_step():
    a, b = Value(2.0), Value(-3.0)
    y = a * b
    z = y.tanh()
    z.grad = 1.0
    z._backward()
    y._backward()
    a._backward()  # an input: nothing happens
    by_hand = (a.grad, b.grad)
    z.zero_grad()
    z.backward()
    assert by_hand == (a.grad, b.grad)


def test_a_node_made_by_hand():
    x = Value(0.5)
    t = (math.exp(2 * x.data) - 1) / (math.exp(2 * x.data) + 1)
    out = Value(t, (x,), "tanh")

    def _backward():
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    y = out * 3 + x
    y.backward()
    y.backward()
    assert x.grad == pytest.approx(2 * (3 * (1 - t**2) + 1), rel=1e-15)
    assert (out._op, out._prev) == ("tanh", {x})


def test_a_closure_set_on_a_result_takes_over():
    x = Value(2.0)
    y = x * x

    def _backward():
        x.grad += 100 * y.grad

    y._backward = _backward
    y.backward()
    assert x.grad == 100.0


def test_inputs_take_a_closure_as_micrograd_has_one():
    x = Value(2.0)
    x._backward = lambda: None
    (x * x).backward()
    assert x.grad == 4.0


def trace(root):
    """The graph as the drawing notebooks collect it."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_graphs_are_the_ones_micrograd_draws():
    def program(V):
        a, b = V(2.0), V(3.0)
        return (a * b + 1) ** 2 + a.relu()

    theirs, mine = (trace(program(V)) for V in ENGINES)
    assert len(mine[0]) == len(theirs[0])
    assert len(mine[1]) == len(theirs[1])
    assert sorted(v._op.lower() for v in mine[0]) == sorted(v._op.lower() for v in theirs[0])


def test_the_exponent_may_be_a_value():
    x, n = Value(2.0), Value(3.0)
    y = x**n
    y.backward()
    assert (x.grad, n.grad) == (12.0, pytest.approx(8 * math.log(2)))
    assert y._prev == {x, n}


def test_softmax_and_negative_log_likelihood():
    logits = [Value(v) for v in (0.0, 3.0, -2.0, 1.0)]
    counts = [v.exp() for v in logits]
    total = sum(counts)
    loss = -(counts[3] / total).log()
    loss.backward()
    assert loss.data == pytest.approx(2.1755153626167147, rel=1e-15)
    expected = [0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986]
    assert [v.grad for v in logits] == pytest.approx(expected, rel=1e-14)
