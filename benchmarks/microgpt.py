"""A transformer that learns to spell, one number at a time: attention, normalisation and Adam in list comprehensions.

4,192 parameters, each a Value. The work that is timed is one step of training on one word, again and again; with sums
of products spelled out in a generator, as such programs are mostly written, and with `map`. Ten steps in a row are a
turn: Values in plain Python spend about half of their time in the garbage collector, which one step on its own leaves
to the next. Chainrule's nodes are none of its business.
`python -m benchmarks.microgpt` trains it on the 700 words of words.txt and lets it make up some of its own.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import attrgetter, mul
from pathlib import Path
from typing import Any

import chainrule as cr
from benchmarks import micrograd_value
from benchmarks.common import Contender, Run, Workload
from benchmarks.slots_value import SlotsValue

Vector = list[Any]
Matrix = list[Vector]
Product = Callable[[Sequence[Any], Sequence[Any]], Any]
END = 26
"""The token before the first letter and after the last; the letters a to z are 0 to 25."""


@dataclass(frozen=True)
class Sizes:
    """Of the network; `context` is the length of the longest text it can read."""

    width: int = 16
    heads: int = 4
    context: int = 16
    tokens: int = END + 1

    def matrices(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each matrix of parameters."""
        w = self.width
        return {
            "token": (self.tokens, w), "place": (self.context, w),
            "query": (w, w), "key": (w, w), "value": (w, w), "mixed": (w, w),
            "wide": (4 * w, w), "narrow": (w, 4 * w), "letter": (self.tokens, w),
        }  # fmt: skip


@dataclass(frozen=True)
class Scalars:
    """A class of scalars: how one is made of a float and read again, and its functions."""

    new: Callable[[float], Any]
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    relu: Callable[[Any], Any]
    plain: Callable[[Any], float] = attrgetter("data")
    deep: Callable[[], AbstractContextManager[None]] = nullcontext


def spelled_out(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return sum(u * v for u, v in zip(a, b, strict=True))


def mapped(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return sum(map(mul, a, b))


class Speller:
    """The network: parameters, and the loss of a text under them.

    dot   the sum of products of two vectors
    """

    def __init__(self, scalars: Scalars, sizes: Sizes, dot: Product) -> None:
        draw = random.Random(1)
        self.scalars, self.sizes, self.dot = scalars, sizes, dot
        self.weights: dict[str, Matrix] = {
            name: [[scalars.new(draw.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]
            for name, (rows, columns) in sizes.matrices().items()
        }
        self.parameters = [p for matrix in self.weights.values() for row in matrix for p in row]

    def logits(self, token: int, place: int, keys: Matrix, values: Matrix) -> Vector:
        """What may come after `token`; `keys` and `values` hold the places before, and this one when it returns."""
        x = added(self.weights["token"][token], self.weights["place"][place])
        x = self.normalised(x)
        h = self.normalised(x)
        query = self.linear("query", h)
        keys.append(self.linear("key", h))
        values.append(self.linear("value", h))
        x = added(x, self.linear("mixed", self.attention(query, keys, values)))
        h = [self.scalars.relu(u) for u in self.linear("wide", self.normalised(x))]
        x = added(x, self.linear("narrow", h))
        return self.linear("letter", x)

    def attention(self, query: Vector, keys: Matrix, values: Matrix) -> Vector:
        size = self.sizes.width // self.sizes.heads
        out = []
        for first in range(0, self.sizes.width, size):
            part = slice(first, first + size)
            scores = [self.dot(query[part], key[part]) / size**0.5 for key in keys]
            shares = self.softmax(scores)
            out += [self.dot(shares, column) for column in zip(*(value[part] for value in values), strict=True)]
        return out

    def linear(self, name: str, x: Vector) -> Vector:
        return [self.dot(row, x) for row in self.weights[name]]

    def normalised(self, x: Vector) -> Vector:
        scale = (self.dot(x, x) / len(x) + 1e-5) ** -0.5
        return [v * scale for v in x]

    def softmax(self, scores: Vector) -> Vector:
        largest = max(map(self.scalars.plain, scores))
        powers = [self.scalars.exp(s - largest) for s in scores]
        total = sum(powers)
        return [p / total for p in powers]

    def loss(self, tokens: Sequence[int]) -> Any:
        """The mean negative log likelihood of each token, given those before it."""
        keys: Matrix = []
        values: Matrix = []
        losses = []
        for place, (token, following) in enumerate(pairwise(tokens)):
            shares = self.softmax(self.logits(token, place, keys, values))
            losses.append(-self.scalars.log(shares[following]))
        return sum(losses) / len(losses)


def added(a: Vector, b: Vector) -> Vector:
    return [u + v for u, v in zip(a, b, strict=True)]


class Adam:
    """Steps whose length does not depend on the scale of the loss."""

    def __init__(self, parameters: Vector, rate: float) -> None:
        self.parameters, self.rate, self.steps = parameters, rate, 0
        self.means = [0.0] * len(parameters)
        self.squares = [0.0] * len(parameters)

    def step(self) -> None:
        self.steps += 1
        rate = self.rate * math.sqrt(1 - 0.99**self.steps) / (1 - 0.85**self.steps)  # means and squares began at 0
        means, squares = [], []
        for p, m, s in zip(self.parameters, self.means, self.squares, strict=True):
            g = p.grad
            m += 0.15 * (g - m)
            s += 0.01 * (g * g - s)
            means.append(m)
            squares.append(s)
            p.data -= rate * m / (math.sqrt(s) + 1e-8)
            p.grad = 0.0
        self.means, self.squares = means, squares


def encoded(word: str) -> list[int]:
    return [END, *(ord(letter) - ord("a") for letter in word), END]


def training_step(scalars: Scalars, sizes: Sizes, dot: Product, word: str) -> Run:
    """Each call is another step of training on one word. Gives the loss and the parameters, which are read when
    somebody compares them."""
    speller, tokens = Speller(scalars, sizes, dot), encoded(word)
    adam = Adam(speller.parameters, rate=0.01)
    loss = None

    def run() -> Any:
        nonlocal loss  # as in a script, where the name holds the graph of one step until that of the next is there
        with scalars.deep():
            loss = speller.loss(tokens)
            loss.backward()
        adam.step()
        return chain([loss.data], map(scalars.plain, speller.parameters))

    return run


def only_loss(sizes: Sizes, dot: Product, word: str) -> Run:
    """The loss in plain floats: what remains of the step when nothing is recorded, swept or changed."""
    floats = Scalars(float, math.exp, math.log, lambda x: max(x, 0.0), float)
    speller, tokens = Speller(floats, sizes, dot), encoded(word)
    return lambda: [speller.loss(tokens)]


def of_class(kind: Any) -> Scalars:
    return Scalars(kind, kind.exp, kind.log, kind.relu)


def of_micrograd() -> Scalars:
    from micrograd.engine import Value

    return Scalars(
        Value,
        micrograd_value.exp,
        micrograd_value.log,
        Value.relu,
        deep=lambda: micrograd_value.deep_recursion(100_000),
    )


def workloads(tiny: bool = False) -> Iterator[Workload]:
    sizes, word = (Sizes(4, 2, 4), "ab") if tiny else (Sizes(), "spring")
    for dot, how in ((spelled_out, "sums in generators"), (mapped, "sums of map")):
        yield workload(sizes, dot, how, word)


def workload(sizes: Sizes, dot: Product, how: str, word: str) -> Workload:
    count = sum(rows * columns for rows, columns in sizes.matrices().values())

    def step(scalars: Callable[[], Scalars]) -> Callable[[], Run]:
        return lambda: training_step(scalars(), sizes, dot, word)

    return Workload(
        f"one step of training of a transformer of {count:,} scalar parameters, {how}",
        [
            Contender("Chainrule", step(lambda: of_class(cr.Value)), "chainrule", "Value"),
            Contender("slots", step(lambda: of_class(SlotsValue)), note="a Value in plain Python"),
            Contender("micrograd", step(of_micrograd), "micrograd", "with exp and log added"),
            Contender("plain floats", lambda: only_loss(sizes, dot, word), note="the loss alone", results=1),
        ],
        calls=10,
    )


# -- training -------------------------------------------------------------------------------------------------------


def invented(speller: Speller, draw: random.Random) -> str:
    """A word drawn letter by letter."""
    keys: Matrix = []
    values: Matrix = []
    token, word = END, ""
    for place in range(speller.sizes.context):
        shares = [s.data for s in speller.softmax(speller.logits(token, place, keys, values))]
        token = draw.choices(range(len(shares)), shares)[0]
        if token == END:
            break
        word += chr(ord("a") + token)
    return word


def training(speller: Speller, words: list[str]) -> Iterator[float]:
    """Train on one word after another; gives the loss before each step."""
    adam = Adam(speller.parameters, rate=0.01)
    for number, word in enumerate(words):
        loss = speller.loss(encoded(word))
        loss.backward()
        adam.rate = 0.01 * (1 - number / len(words))
        adam.step()
        yield loss.data


def main() -> None:
    words = Path(__file__).with_name("words.txt").read_text().split()
    random.Random(2).shuffle(words)
    speller = Speller(of_class(cr.Value), Sizes(), spelled_out)
    recent: list[float] = []
    for number, loss in enumerate(training(speller, words), 1):
        recent.append(loss)
        if number % 100 == 0:
            print(f"after {number:4} words: loss {sum(recent[-100:]) / 100:.3f}")
    draw = random.Random(3)
    print("invented:", ", ".join(invented(speller, draw) for _ in range(12)))


if __name__ == "__main__":
    main()
