"""A program drawn from a seed: arguments, statements, a result, and what is done with the function."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import chainrule as cr

from .templates import KINDS

SPACE: dict[str, Any] = {"np": np, "math": math, "cr": cr}
LARGEST = 48  # elements
STATICS = {"k": "2", "mode": "'a'", "flag": "True", "axes": "(0,)"}
TRANSFORMS = {
    "value": "{f}",
    "pair": "lambda *a: ({f}(*a), [2 * {f}(*a)])",
    "grad": "cr.grad({f})",
    "value_and_grad": "cr.value_and_grad({f})",
    "jvp": "lambda x, *a: cr.jvp(lambda z: {f}(z, *a), (x,), (x * 0 + 1,))",
    "jacobian": "cr.jacobian({f})",
    "jacfwd": "cr.jacfwd({f})",
    "hessian": "cr.hessian({f})",
    "grad of grad": "cr.grad(lambda *a: np.sum(cr.grad({f})(*a) ** 2))",
    "hvp": "lambda x, *a: cr.hvp(lambda z: {f}(z, *a), x, x * 0 + 1)",
}
SCALAR = {"grad", "value_and_grad", "hessian", "grad of grad", "hvp"}
PLACES = ("jit around", "jit around", "jit around", "jit inside", "jit around and inside")


@dataclass(frozen=True)
class Argument:
    """`layout` says of what the array is a part, as an index of a larger one."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    layout: str = ""

    def drawn(self, seed: int) -> Any:
        rng = np.random.default_rng(seed)
        if self.dtype == "float":
            return float(rng.normal())
        whole = rng.normal(size=tuple(2 * n + 1 for n in self.shape) if self.layout else self.shape)
        if self.dtype == "bool":
            x = whole > -0.3
        elif self.dtype.startswith(("int", "uint")):
            x = np.rint(np.abs(whole) * 2 + 1).astype(self.dtype)
        else:
            x = whole.astype(self.dtype)
        if not self.layout:
            return x if self.shape else x[()]
        if self.layout == "transposed":
            return x[tuple(slice(n) for n in self.shape)].T.copy().T
        parts = {"backwards": slice(None, None, -2), "every second": slice(None, None, 2), "inner": slice(1, None)}
        return x[(parts[self.layout],) * len(self.shape)][tuple(slice(n) for n in self.shape)]


@dataclass(frozen=True)
class Program:
    """The statements are pairs of a variable and what it is. `result` are variables."""

    arguments: tuple[Argument, ...]
    statements: tuple[tuple[str, str], ...]
    result: tuple[str, ...]
    transform: str
    place: str = "jit around"
    strict: bool = False
    seed: int = 0

    def values(self, call: int) -> list[Any]:
        return [a.drawn(self.seed * 1000 + 10 * call + k) for k, a in enumerate(self.arguments)]

    def needed(self) -> Program:
        """Without the statements and arguments that make no difference."""
        wanted = set(self.result)
        kept = []
        for name, text in reversed(self.statements):
            if name in wanted:
                kept.append((name, text))
                wanted |= set(names(text))
        arguments = tuple(a for k, a in enumerate(self.arguments) if k == 0 or a.name in wanted)
        return replace(self, arguments=arguments, statements=tuple(reversed(kept)))

    def function(self) -> str:
        parameters = ", ".join(a.name for a in self.arguments)
        text = "\n".join(f"    {name} = {text}" for name, text in self.statements)
        used = {name for _, text in self.statements for name in names(text)}
        statics = "".join(f"{name} = {value}\n" for name, value in STATICS.items() if name in used)
        total = " + ".join(f"np.sum({r})" for r in self.result)
        single = self.transform in SCALAR
        if not single:
            total = self.result[0] if len(self.result) == 1 else f"({', '.join(self.result)})"
        return f"{statics}def f({parameters}):\n{text}\n    return {total}\n"

    def calls(self) -> tuple[str, str]:
        """What is compared: the function as it stands, and through jit."""
        strict = ", strict=True" if self.strict else ""
        inner = f"cr.jit(f{strict})" if "inside" in self.place else "f"
        plain, fast = (TRANSFORMS[self.transform].replace("{f}", g) for g in ("f", inner))
        return plain, f"cr.jit({fast}{strict})" if "around" in self.place else fast

    def source(self, calls: int = 2) -> str:
        """As a file of its own."""
        plain, fast = self.calls()
        lines = ["import math", "import numpy as np", "import chainrule as cr", "", self.function()]
        lines += [f"plain, fast = {plain}, {fast}"]
        for k in range(calls):
            listed = ", ".join(_literal(x) for x in self.values(k))
            lines += [f"args = [{listed}]", "print(fast(*args), plain(*args))"]
        return "\n".join(lines)


def _literal(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"np.array({x.tolist()!r}, {str(x.dtype)!r}).reshape({x.shape})"
    return f"np.{x.dtype}({x!r})" if isinstance(x, np.generic) and not isinstance(x, np.float64) else repr(float(x))


def names(text: str) -> list[str]:
    """The variables and arguments in an expression."""
    return re.findall(r"(?<![\w.'\"])(?:v\d+|[xynmskw]|mode|flag|axes)(?![\w('\"])", text)


def drawn(seed: int) -> Program:
    """The program of a seed."""
    rng = random.Random(seed)
    while True:
        found = _Drawing(rng, seed).program()
        if found is not None:
            return found


class _Drawing:
    """One attempt: variables with their values in NumPy, for as many statements as make sense."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self.rng, self.seed = rng, seed
        choose = rng.choice
        shape = choose([(3,), (4,), (5,), (1,), (2, 3), (3, 3), (2, 2), (1, 3), (3, 1), (1, 1), (), (2, 1, 3), (0,)])
        floating = choose(["float64"] * 6 + ["float32"])
        layout = choose(["", "", "", "", "backwards", "every second", "inner", "transposed"]) if shape else ""
        first = Argument("x", "float" if not shape and rng.random() < 0.5 else floating, shape, layout)
        second = Argument("y", choose(["float64", "float64", "float32", "float"]), choose([shape, (3,), (), (3, 1)]))
        if second.dtype == "float":
            second = replace(second, shape=())
        whole = Argument("n", choose(["int64", "int32", "uint8", "int8"]), choose([(3,), (2,), (1,)]))
        truth = Argument("m", "bool", whole.shape)
        self.arguments = (first, second, whole, truth)
        self.space = dict(SPACE)
        self.space.update({name: eval(text) for name, text in STATICS.items()})
        probe = Program(self.arguments, (), (), "value", seed=seed)
        self.space.update(zip("xynm", probe.values(0), strict=True))
        self.variables = ["x", "x", "y"]
        self.statements: list[tuple[str, str]] = []

    def program(self) -> Program | None:
        wanted = self.rng.randint(1, 7)
        for _ in range(40 * wanted):
            if len(self.statements) == wanted:
                break
            self._statement()
        if not self.statements:
            return None
        transform = self.rng.choice(list(TRANSFORMS))
        result = [self.statements[-1][0]]
        if len(self.statements) > 1 and self.rng.random() < 0.3:
            result.append(self.rng.choice(self.statements)[0])
        if transform in ("jacobian", "jacfwd", "jvp"):
            result = result[:1]
        place, strict = self.rng.choice(PLACES), self.rng.random() < 0.3
        made = Program(self.arguments, tuple(self.statements), tuple(result), transform, place, strict, self.seed)
        return made.needed()

    def _statement(self) -> None:
        (listed,) = self.rng.choices([k for _, k in KINDS], [w for w, _ in KINDS])
        text = self._filled(self.rng.choice(listed))
        try:
            with np.errstate(all="ignore"):
                value = eval(text, self.space)
        except Exception:  # these operands do not fit
            return
        if not isinstance(value, (np.ndarray, np.generic, float)) or np.size(value) > LARGEST or np.ndim(value) > 4:
            return
        if np.result_type(value).kind not in "fbiu" or not np.all(np.abs(value) < 1e3):
            return
        name = f"v{len(self.statements)}"
        self.statements.append((name, text))
        self.space[name] = value
        self.variables += [name, name, name]

    def _filled(self, template: str) -> str:
        for slot in "abc":
            template = template.replace(f"{{{slot}}}", self.rng.choice(self.variables))
        while "{" in template:
            before, rest = template.split("{", 1)
            slot, after = rest.split("}", 1)
            template = before + self._slot(slot) + after
        return template

    def _slot(self, slot: str) -> str:
        rng = self.rng
        if slot == "axis":
            return rng.choice(["None", "0", "-1", "1", "(0, 1)", "(-1,)"])
        if slot == "keep":
            return rng.choice(["True", "False"])
        if slot in "ij":
            return str(rng.randint(-3, 3))
        if slot == "shape":
            return rng.choice(["(2, -1)", "(-1, 3)", "(3, -1)", "(1, -1, 1)", "(-1, 2, 1)", "()"])
        parts = [
            rng.choice(
                ["::-1", "1:", ":-1", "::2", "::-2", "-2:", ":2", "0", "-1", "1:2", "2:0:-1", ":", "...", "None", "1:1"]
            )
        ]
        parts += [rng.choice(["::-1", "0", "1:", "-1", ":", "None", "::2"])] if rng.random() < 0.4 else []
        return ", ".join(parts if parts.count("...") < 2 else parts[:1])
