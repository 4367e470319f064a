"""What kind of derivative is claimed, and how a claimed one is read as numbers.

Every kind is a projection of the Jacobian J (m x n) or the Hessian H (n x n) of the function:

| kind             | the claim, called as           | means                              |
|------------------|--------------------------------|------------------------------------|
| `gradient`       | df(*args)                      | J, in the shape of the arguments   |
| `jacobian`       | df(*args)                      | J                                  |
| `value_and_grad` | df(*args) -> (value, gradient) | f and J                            |
| `vjp`            | df(*args, cotangent)           | cotangent J                        |
| `jvp`            | df(*args, *tangents)           | J tangents                         |
| `hessian`        | df(*args)                      | H                                  |
| `hvp`            | df(*args, *vectors)            | H vectors                          |

A `gradient` of an array-valued function is read as its Jacobian, or, where it has the shape of the result and
the function works element by element, as the diagonal.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import trees
from chainrule.check.random_numbers import RandomNumbers
from chainrule.check.subject import (
    Subject,
    Vector,
    flat,
    foreign,
    is_real,
    like_foreign,
    local,
    quiet,
    result_eps,
    short,
)
from chainrule.errors import ArgumentError
from chainrule.libraries import array_of
from chainrule.numbers import shape
from chainrule.records import record

KINDS = ("gradient", "jacobian", "value_and_grad", "vjp", "jvp", "hessian", "hvp")


@record
class Claimed:
    """The numbers a claim gave at a point, or what is wrong with its form.

    values    the claimed numbers, shaped as `project` shapes the truth; None when the form is wrong
    project   takes J or H to the numbers that are claimed
    fault     what is wrong with the form, in words; "" when nothing is
    label     the name of each claimed number
    """

    values: Vector | None
    project: Callable[[NDArray[np.float64]], Vector]
    label: Callable[[int], str]
    fault: str = ""
    cause: str = ""
    eps: float = 2.0**-52
    second: bool = False


class Call:
    """The claimed derivative, called at a point in its kind's way."""

    def __init__(self, derivative: Callable[..., Any], kind: str, subject: Subject, value: Any, seed: int) -> None:
        if kind not in KINDS:
            raise ArgumentError(f"check: expected kind to be one of {', '.join(KINDS)}, got {kind!r}")
        self.derivative, self.kind, self.subject, self.value = derivative, kind, subject, value
        self.m = flat(value).size
        self.outputs = [shape(y) for y in trees.flatten(value)[0]]
        random = RandomNumbers(seed)
        self.weights = random.standard_normal(self.m) if kind == "vjp" else np.ones(self.m)
        self.vector = random.standard_normal(subject.n)
        self.scatter: Any = None  # how much the claim scatters by its own rounding, once it is known

    def extra(self) -> tuple[Any, ...]:
        """The cotangent or the vectors that the claim takes beside the arguments."""
        if self.kind == "vjp":
            return (_like(self.value, self.weights),)
        if self.kind in ("jvp", "hvp"):
            moved = self.subject.arguments(self.vector)
            return tuple(moved[k] for k in self.subject.argnums)
        return ()

    def raw(self, vector: Any = None) -> Any:
        """What the claimed derivative returns, called on copies of the arguments."""
        with quiet():
            args = self.subject.arguments(vector)
            return self.derivative(*args, *self.extra())

    def read(self, result: Any) -> Claimed:
        """The result of the claimed derivative as numbers to compare."""
        s, n, m = self.subject, self.subject.n, self.m
        if result is None:
            return _wrong_form("returns None (is a return missing?)")
        if isinstance(result, str) or (isinstance(result, (list, tuple)) and any(isinstance(x, str) for x in result)):
            return _wrong_form(f"expected real numbers, got the text {short(result)}")
        result = trees.map(local, result)
        if _has_imaginary_part(result):
            return _wrong_form(f"expected real numbers, got {short(result)}", "the claim has an imaginary part")
        result = trees.map(_real, result)
        if self.kind == "value_and_grad":
            if not isinstance(result, (tuple, list)) or len(result) != 2:
                return _wrong_form(f"expected (value, gradient), got {short(result)}")
            gap = np.abs(flat(result[0]) - flat(self.value)) if flat(result[0]).shape == (m,) else np.array([np.inf])
            if not np.all(gap <= 1e-9 * np.abs(flat(self.value)) + 1e-300):
                return _wrong_form(
                    f"the value is {short(result[0])} where the function gives {short(self.value)}",
                    "the value beside the gradient is not the function's",
                )
            return self._matrix(result[1], m, n)
        if self.kind == "vjp":
            return self._vector(result, lambda j: self.weights @ j, s.label, n)
        if self.kind == "jvp":
            return self._plain(result, lambda j: j @ self.vector, m)
        if self.kind == "hvp":
            found = self._vector(result, lambda h: h @ self.vector, s.label, n)
            found.second = True
            return found
        if self.kind == "hessian":
            found = self._matrix(result, n, n, s.label)
            found.second = True
            return found
        return self._matrix(result, m, n)

    # -- shapes -----------------------------------------------------------------------------------------------

    def _blocks(self, result: Any) -> list[Any]:
        """The claimed blocks, one for each number or array of the arguments."""
        s = self.subject
        if len(s.argnums) == 1 and len(trees.flatten(s.args[s.argnums[0]])[0]) == 1:
            if isinstance(result, (tuple, list)) and len(result) == 1 and s.shapes[0] != (1,):
                return [result[0]]
            return trees.flatten(result)[0] if isinstance(result, dict) else [result]
        if isinstance(result, np.ndarray) and result.ndim and all(x == () for x in s.shapes) and self.m == 1:
            return list(result.ravel()) if result.size == s.n else [result]
        if isinstance(result, np.ndarray) and result.shape == (self.m, s.n) and len(self.outputs) > 1:
            return [result[:, j] for j in range(s.n)] if all(x == () for x in s.shapes) else [result]
        if len(s.argnums) == 1 and isinstance(result, np.ndarray):
            return list(result) if result.ndim else [result]
        if isinstance(result, (tuple, list)) and len(result) == len(s.argnums) > 1:
            return [leaf for part in result for leaf in trees.flatten(part)[0]]
        return trees.flatten(result)[0]

    def _matrix(self, result: Any, m: int, n: int, row: Callable[[int], str] | None = None) -> Claimed:
        s = self.subject
        outer = self.outputs[0] if len(self.outputs) == 1 and row is None else (m,) if row is None else ()
        if isinstance(result, (list, tuple)) and len(s.shapes) == 1 and _is_nested_numbers(result):
            result = np.asarray(result, dtype=float)
        blocks = [result] if len(s.shapes) == 1 and hasattr(result, "shape") else self._blocks(result)
        columns, faults = [], []
        if len(blocks) != len(s.shapes):
            due = f"{len(s.shapes)} are due ({', '.join(name for name, _ in s.slices())})"
            return _wrong_form(f"got {_count(result)} where {due}", f"{_count(result)} where {due}")
        for block, size, inner in zip(blocks, s.sizes, s.shapes, strict=True):
            try:
                array = array_of(block).astype(float)
            except (TypeError, ValueError):
                return _wrong_form(f"expected real numbers, got {short(block)}")
            wanted = (
                (inner if row is not None and len(s.shapes) == 1 else (n,)) + inner
                if row is not None
                else outer + inner
            )
            if _same_form(array.shape, wanted) or (self.kind == "jacobian" and array.shape == (m, size)):
                columns.append(array.reshape(m, size))
            elif row is None and self._elementwise(array.shape, inner):
                return self._diagonal(array)
            else:
                faults.append((array, wanted))
                if array.shape == inner + outer and m > 1 and size > 1:
                    text = f"expected shape {wanted} (result, then argument), got {array.shape}"
                    return _wrong_form(text, "the Jacobian is transposed: its shape is argument, then result")
        if faults:
            array, wanted = faults[0]
            return _wrong_form(
                f"expected shape {wanted}, got {array.shape}", f"shape {array.shape} where {wanted} is due"
            )
        values = np.concatenate(columns, axis=1).ravel()

        def label(k: int) -> str:
            i, j = divmod(k, n)
            place = s.label(j)
            if m == 1 and row is None:
                return place
            left = row(i) if row is not None else self._output_label(i)
            return f"d {left} / d {place}"

        return Claimed(values, lambda jac: jac.ravel(), label, eps=result_eps(result))

    def _elementwise(self, got: tuple[int, ...], inner: tuple[int, ...]) -> bool:
        return len(self.outputs) == 1 and got == self.outputs[0] == inner and self.m > 1 and self.subject.n == self.m

    def _diagonal(self, array: NDArray[np.float64]) -> Claimed:
        """A derivative element by element: the diagonal is claimed, and that the rest is 0."""
        n = self.m
        full = np.zeros((n, n))
        np.fill_diagonal(full, array.ravel())
        label = self.subject.label
        return Claimed(
            full.ravel(),
            lambda jac: jac.ravel(),
            lambda k: label(k // n) if k // n == k % n else f"d {self._output_label(k // n)} / d {label(k % n)}",
        )

    def _output_label(self, i: int) -> str:
        if self.subject.folded:  # all real parts, and then all imaginary ones
            part, i = divmod(i, self.m // 2)
            index = str(list(map(int, np.unravel_index(i, self.outputs[0])))) if self.outputs[0] else ""
            return f"f.{'imag' if part else 'real'}{index}"
        if len(self.outputs) == 1 and self.outputs[0]:
            return "f" + str(list(map(int, np.unravel_index(i, self.outputs[0]))))
        return "f" if self.m == 1 else f"f[{i}]"

    def _vector(self, result: Any, project: Any, label: Callable[[int], str], n: int) -> Claimed:
        blocks = self._blocks(result)
        shapes = [shape(b) for b in blocks]
        if len(blocks) != len(self.subject.shapes) or any(
            not _same_form(a, b) for a, b in zip(shapes, self.subject.shapes, strict=True)
        ):
            return _wrong_form(f"expected shapes {self.subject.shapes}, got {shapes}")
        return Claimed(flat(blocks), project, label, eps=result_eps(result))

    def _plain(self, result: Any, project: Any, m: int) -> Claimed:
        values = flat(result)
        if values.size != m:
            return _wrong_form(f"expected {m} numbers in the shape of the result, got {values.size}")
        return Claimed(values, project, self._output_label, eps=result_eps(result))


def _wrong_form(fault: str, cause: str = "") -> Claimed:
    return Claimed(None, lambda j: j.ravel(), str, fault, cause or fault)


def _same_form(got: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether a shape is as is due: axes of length 1 in front do no harm, but (n, 1) in place of (n,) makes a matrix of
    the next sum with a vector."""
    a, b = list(got), list(wanted)
    for shape_ in (a, b):
        while shape_ and shape_[0] == 1:
            del shape_[0]
    return a == b or set(a) | set(b) <= {1}


def _real(x: Any) -> Any:
    """The real part of a complex number or array, whose imaginary part is 0; everything else as it is."""
    return x.real if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c" else x


def _has_imaginary_part(result: Any) -> bool:
    leaves = (np.asarray(x) for x in trees.flatten(result)[0] if isinstance(x, (complex, np.ndarray, np.generic)))
    return any(x.dtype.kind == "c" and bool(np.any(x.imag != 0)) for x in leaves)


def _is_nested_numbers(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return all(_is_nested_numbers(v) for v in x)
    return is_real(x) and shape(x) == ()


def _count(result: Any) -> str:
    if result is None:
        return "None (is a return missing?)"
    leaves = trees.flatten(result)[0]
    if len(leaves) == 1:
        return "one number" if shape(leaves[0]) == () else f"one array of shape {shape(leaves[0])}"
    return f"{len(leaves)} numbers"


def _like(value: Any, weights: Vector) -> Any:
    """A container like `value` filled with the numbers of `weights`."""
    leaves, structure = trees.flatten(value)
    pieces, start = [], 0
    for y in leaves:
        size = int(np.prod(shape(y), dtype=int))
        piece = weights[start : start + size].reshape(shape(y))
        pieces.append(like_foreign(y, piece) if foreign(y) else float(piece) if shape(y) == () else piece.copy())
        start += size
    return trees.unflatten(structure, pieces)


def same(a: Any, b: Any) -> bool:
    """Whether two containers of arguments hold the same numbers, bit for bit (nan equals itself here)."""
    left, right = trees.flatten(a)[0], trees.flatten(b)[0]
    if len(left) != len(right):
        return False
    for x, y in zip(left, right, strict=True):
        if is_real(x) and not np.array_equal(np.asarray(local(x)), np.asarray(local(y)), equal_nan=True):
            return False
    return True


def snapshot(args: Any) -> Any:
    return copy.deepcopy(args)
