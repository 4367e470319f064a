"""A transformer of characters that learns how names are spelt, and makes up others.

python examples/training/names.py
"""

import importlib.util
from pathlib import Path

import numpy as np

import chainrule as cr
from chainrule import nn, optim

NAMES = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").split()
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the dot begins a name and ends it
LENGTH = 8
COMPILED = importlib.util.find_spec("llvmlite") is not None


def table(names=NAMES):
    """(names, LENGTH + 1) whole numbers: a dot, the letters, dots."""
    rows = [[LETTERS.index(c) for c in f".{name[: LENGTH - 1]}.".ljust(LENGTH + 1, ".")] for name in names]
    return np.array(rows)


class Block(nn.Module):
    """Attention, then two affine layers at each position; each is added to what it was given."""

    before: nn.RMSNorm
    attention: nn.Attention
    between: nn.RMSNorm
    inner: nn.MLP

    def __call__(self, x):
        x = x + self.attention(self.before(x))
        return x + self.inner(self.between(x))


class Speller(nn.Module):
    letters: nn.Embedding
    places: nn.Embedding
    blocks: list[Block]
    last: nn.Linear

    def __call__(self, which):
        """The logits of the letter after each position."""
        x = self.letters(which) + self.places(np.arange(which.shape[-1]))
        for block in self.blocks:
            x = block(x)
        return self.last(x)


def start(width=24, depth=1, seed=0):
    random = np.random.default_rng(seed)
    small = nn.initial.normal(0.1)
    blocks = [
        Block(
            nn.RMSNorm(width),
            nn.Attention(width, random, heads=4, causal=True),
            nn.RMSNorm(width),
            nn.MLP(width, [4 * width, width], random),
        )
        for _ in range(depth)
    ]
    letters = nn.Embedding(len(LETTERS), width, random, init=small)
    return Speller(letters, nn.Embedding(LENGTH, width, random, init=small), blocks, nn.Linear(width, 27, random))


def loss(model, rows):
    """Cross entropy of the next letter, to the first dot after a name and no further."""
    given, following = rows[:, :-1], rows[:, 1:]
    counts = np.concatenate([np.ones((len(rows), 1)), (given[:, 1:] != 0) * 1.0], axis=1)
    picked = np.take_along_axis(cr.log_softmax(model(given), axis=-1), following[..., None], axis=-1)[..., 0]
    return -np.sum(picked * counts) / np.sum(counts)


def made_up(model, random):
    """A name, letter by letter."""
    row = np.zeros((1, LENGTH), dtype=int)
    for k in range(LENGTH - 1):
        chances = cr.softmax(model(row)[0, k])
        row[0, k + 1] = random.choice(len(LETTERS), p=chances / chances.sum())
        if row[0, k + 1] == 0:
            break
    return "".join(LETTERS[i] for i in row[0] if i)


def main(epochs=60, width=24):
    rows = table()
    opt = optim.AdamW(optim.Warmup(optim.Cosine(0.01, epochs * 5), 10), weight_decay=0.01)
    done = cr.fit(loss, start(width), rows, opt, epochs=epochs, batch=-(-len(rows) // 5), clip=1.0, jit=COMPILED)
    random = np.random.default_rng(0)
    print(f"loss {done.history.loss[0]:.3f} to {done.history.epochs[-1]:.3f}")
    print("made up:", *[made_up(done.params, random) for _ in range(8)])
    return done.history.loss


if __name__ == "__main__":
    main()
