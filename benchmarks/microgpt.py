"""A transformer that learns to spell, one number at a time: attention, normalisation and Adam in list comprehensions.

4,192 parameters, each a Value. The work that is timed is one step of training on one word, from the same parameters.
`python -m benchmarks.microgpt` trains it on the 700 words of words.txt and lets it make up some of its own.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

import chainrule as cr
from benchmarks import micrograd_value
from benchmarks.common import Contender, Run, Workload
from benchmarks.slots_value import SlotsValue

Vector = list[Any]
Matrix = list[Vector]
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


class Speller:
    """The network: parameters, and the loss of a text under them."""

    def __init__(self, scalars: Scalars, sizes: Sizes) -> None:
        draw = random.Random(1)
        self.scalars, self.sizes = scalars, sizes
        self.weights: dict[str, Matrix] = {
            name: [[scalars.new(draw.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]
            for name, (rows, columns) in sizes.matrices().items()
        }
        self.parameters = [p for matrix in self.weights.values() for row in matrix for p in row]

    def logits(self, token: int, place: int, keys: Matrix, values: Matrix) -> Vector:
        """What may come after `token`; `keys` and `values` hold the places before, and this one when it returns."""
        weights = self.weights
        x = normalised([t + p for t, p in zip(weights["token"][token], weights["place"][place], strict=True)])
        h = normalised(x)
        query = linear(weights["query"], h)
        keys.append(linear(weights["key"], h))
        values.append(linear(weights["value"], h))
        x = added(x, linear(weights["mixed"], self.attention(query, keys, values)))
        h = [self.scalars.relu(u) for u in linear(weights["wide"], normalised(x))]
        x = added(x, linear(weights["narrow"], h))
        return linear(weights["letter"], x)

    def attention(self, query: Vector, keys: Matrix, values: Matrix) -> Vector:
        size = self.sizes.width // self.sizes.heads
        out = []
        for first in range(0, self.sizes.width, size):
            part = slice(first, first + size)
            scores = [dot(query[part], key[part]) / size**0.5 for key in keys]
            shares = self.softmax(scores)
            out += [dot(shares, column) for column in zip(*(value[part] for value in values), strict=True)]
        return out

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


def linear(matrix: Matrix, x: Sequence[Any]) -> Vector:
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in matrix]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return sum(u * v for u, v in zip(a, b, strict=True))


def added(a: Vector, b: Vector) -> Vector:
    return [u + v for u, v in zip(a, b, strict=True)]


def normalised(x: Vector) -> Vector:
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


class Adam:
    """Steps whose length does not depend on the scale of the loss."""

    def __init__(self, parameters: Vector, rate: float) -> None:
        self.parameters, self.rate, self.steps = parameters, rate, 0
        self.means = [0.0] * len(parameters)
        self.squares = [0.0] * len(parameters)

    def step(self) -> None:
        self.steps += 1
        steady, steadier = 1 - 0.85**self.steps, 1 - 0.99**self.steps
        for i, p in enumerate(self.parameters):
            g = p.grad
            self.means[i] = m = 0.85 * self.means[i] + 0.15 * g
            self.squares[i] = s = 0.99 * self.squares[i] + 0.01 * g * g
            p.data -= self.rate * (m / steady) / (math.sqrt(s / steadier) + 1e-8)
            p.grad = 0.0


def encoded(word: str) -> list[int]:
    return [END, *(ord(letter) - ord("a") for letter in word), END]


def one_step(scalars: Scalars, sizes: Sizes, word: str) -> Run:
    """Training on one word, from the parameters of the beginning."""
    speller, tokens = Speller(scalars, sizes), encoded(word)
    before = [p.data for p in speller.parameters]

    def run() -> Any:
        for p, x in zip(speller.parameters, before, strict=True):
            p.data = x
        with scalars.deep():
            loss = speller.loss(tokens)
            loss.backward()
        Adam(speller.parameters, rate=0.01).step()
        return [loss.data, *(p.data for p in speller.parameters)]

    return run


def only_loss(sizes: Sizes, word: str) -> Run:
    """The loss in plain floats: what remains of the step when nothing is recorded, swept or changed."""
    speller, tokens = Speller(Scalars(float, math.exp, math.log, lambda x: max(x, 0.0), float), sizes), encoded(word)
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


def workload(tiny: bool = False) -> Workload:
    sizes, word = (Sizes(4, 2, 4), "ab") if tiny else (Sizes(), "spring")
    count = sum(rows * columns for rows, columns in sizes.matrices().values())
    return Workload(
        f"one step of training of a transformer of {count:,} scalar parameters",
        [
            Contender("Chainrule", lambda: one_step(of_class(cr.Value), sizes, word), "chainrule", "Value"),
            Contender("slots", lambda: one_step(of_class(SlotsValue), sizes, word), note="a Value in plain Python"),
            Contender(
                "micrograd", lambda: one_step(of_micrograd(), sizes, word), "micrograd", "with exp and log added"
            ),
            Contender("plain floats", lambda: only_loss(sizes, word), note="the loss alone", results=1),
        ],
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
    speller = Speller(of_class(cr.Value), Sizes())
    recent: list[float] = []
    for number, loss in enumerate(training(speller, words), 1):
        recent.append(loss)
        if number % 100 == 0:
            print(f"after {number:4} words: loss {sum(recent[-100:]) / 100:.3f}")
    draw = random.Random(3)
    print("invented:", ", ".join(invented(speller, draw) for _ in range(12)))


if __name__ == "__main__":
    main()
