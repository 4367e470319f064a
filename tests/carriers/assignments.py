"""Random programs of arrays that are made, seen by views, assigned to and changed in place."""

import random

import numpy as np

POINT = np.array([0.7, -0.4, 1.1, 0.9])
_MADE = [
    "np.zeros(4)", "np.zeros((3, 4))", "np.ones(4)", "np.ones_like(np.outer(x[1:], x))", "np.full(4, x[0])", "x * 2.0",
    "np.full((3, 4), 2.0)", "x.copy()", "np.outer(x[:3], x)", "np.array([1.0, 2.0, 3.0, 4.0])", "x",
    "np.array([x[3], 1.0, x[0], 2.0])", "np.linspace(0.0, 1.0, 4)",
]  # fmt: skip
_VIEWS = {
    1: ["[1:]", "[::2]", "[::-1]", ".reshape(1, -1)", "[:]", "[None]", ".T"],
    2: ["[0]", "[-1]", "[:, 0]", "[:, 1:]", ".T", "[1:]", ".ravel()", ".reshape(-1)", ".T.ravel()", ".swapaxes(0, 1)"],
}
_PLACES = {
    1: ["[0]", "[-1]", "[:]", "[1:]", "[[0, -1, 0]]", "[...]", "[::-1]"],
    2: ["[0, 0]", "[-1]", "[:, 0]", "[0][0]", "[0, :]", "[[0, -1]]", "[[0, -1], [0, 0]]", "[:, ::2]"],
}
_WHOLE = [
    "{y}[{y} < 1.5] = x[1]", "{y}.fill(x[2])", "np.put({y}, [0, 0], x[:2])", "np.add.at({y}, [0, 0, -1], x[1])",
    "np.multiply({y}, x[1], out={y})", "np.copyto({y}, x[3])", "np.putmask({y}, {y} > 1.0, x)", "{y}.sort()",
    "for row in {y}:\n        row *= x[2]", "for i in range(len({y})):\n        {y}[i] = {y}[i - 1] * 0.5 + x[i % 4]",
    "np.fill_diagonal({y}, x[0])", "kept = {y} * x[0]", "{y}[0], {y}[-1] = x[1], x[2]",
]  # fmt: skip


class Program:
    """A function of four numbers, written at random."""

    def __init__(self, seed: int) -> None:
        self.rng, self.lines, self.arrays = random.Random(seed), ["def f(x):"], {}
        self.scope = {"np": np, "x": POINT.copy()}
        self._make()
        for _ in range(self.rng.randrange(3, 12)):
            step = self.rng.choice(
                [self._make, self._view, self._view, self._assign, self._assign, self._change, self._whole]
            )
            step()
        terms = [f"{k + 1} * np.sum({y} ** {1 + k % 2})" for k, y in enumerate(self.arrays)]
        self.lines.append("    return " + " + ".join(terms))

    @property
    def source(self) -> str:
        return "\n".join(self.lines) + "\n"

    def function(self):
        scope = {"np": np}
        exec(compile(self.source, "<a random program>", "exec"), scope)
        return scope["f"]

    def _try(self, line: str) -> bool:
        """Add a line that NumPy can run."""
        try:
            with np.errstate(all="raise"):
                exec(line.replace("\n    ", "\n"), self.scope)
        except (ValueError, IndexError, TypeError, FloatingPointError):
            return False
        self.lines.append("    " + line)
        return True

    def _name(self, expression: str) -> None:
        name = f"a{len(self.arrays)}"
        if self._try(f"{name} = {expression}") and np.size(self.scope[name]):
            self.arrays[name] = None

    def _some(self) -> str:
        return self.rng.choice(list(self.arrays))

    def _make(self) -> None:
        self._name(self.rng.choice(_MADE))

    def _view(self) -> None:
        y = self._some()
        self._name(y + self.rng.choice(_VIEWS.get(self.scope[y].ndim, ["[0]"])))

    def _value(self) -> str:
        return self.rng.choice(
            ["x[0]", "x[3] * x[1]", "0.5", "x", "x[1:]", "np.outer(x[1:], x)", self._some(), "[1.0, x[2]]"]
        )

    def _assign(self) -> None:
        y = self._some()
        place = self.rng.choice(_PLACES.get(self.scope[y].ndim, ["[0]"]))
        self._try(f"{y}{place} {self.rng.choice(['=', '=', '+=', '*='])} {self._value()}")

    def _change(self) -> None:
        self._try(f"{self._some()} {self.rng.choice(['+=', '*=', '-='])} {self._value()}")

    def _whole(self) -> None:
        self._try(self.rng.choice(_WHOLE).format(y=self._some()))


def slopes(f, at=POINT, h=1e-6):
    """The gradient by central differences."""
    return np.array([(f(at + h * e) - f(at - h * e)) / (2 * h) for e in np.eye(len(at))])
