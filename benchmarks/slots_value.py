"""A contender: a scalar Value in plain Python as fast as its kind goes. Slots, the local slopes stored with each result
instead of a closure, constants folded into them, and nodes that are known asked no second time."""

from __future__ import annotations

import math
from typing import Union

from benchmarks.micrograd_value import deep_recursion

Number = Union["SlotsValue", float]


class SlotsValue:
    """A number, what it was computed from, the derivative by each of that, and after `backward` its own gradient."""

    __slots__ = ("data", "grad", "operands", "slopes")

    def __init__(self, data: float, operands: tuple[SlotsValue, ...] = (), slopes: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.slopes = slopes

    def __add__(self, other: Number) -> SlotsValue:
        if isinstance(other, SlotsValue):
            return SlotsValue(self.data + other.data, (self, other), (1.0, 1.0))
        return SlotsValue(self.data + other, (self,), (1.0,))

    def __sub__(self, other: Number) -> SlotsValue:
        if isinstance(other, SlotsValue):
            return SlotsValue(self.data - other.data, (self, other), (1.0, -1.0))
        return SlotsValue(self.data - other, (self,), (1.0,))

    def __rsub__(self, other: float) -> SlotsValue:
        return SlotsValue(other - self.data, (self,), (-1.0,))

    def __mul__(self, other: Number) -> SlotsValue:
        if isinstance(other, SlotsValue):
            return SlotsValue(self.data * other.data, (self, other), (other.data, self.data))
        return SlotsValue(self.data * other, (self,), (other,))

    def __truediv__(self, other: Number) -> SlotsValue:
        if isinstance(other, SlotsValue):
            y = self.data / other.data
            return SlotsValue(y, (self, other), (1.0 / other.data, -y / other.data))
        return SlotsValue(self.data / other, (self,), (1.0 / other,))

    def __rtruediv__(self, other: float) -> SlotsValue:
        y = other / self.data
        return SlotsValue(y, (self,), (-y / self.data,))

    def __pow__(self, n: float) -> SlotsValue:
        return SlotsValue(self.data**n, (self,), (n * self.data ** (n - 1),))

    def __neg__(self) -> SlotsValue:
        return SlotsValue(-self.data, (self,), (-1.0,))

    __radd__, __rmul__ = __add__, __mul__

    def exp(self) -> SlotsValue:
        y = math.exp(self.data)
        return SlotsValue(y, (self,), (y,))

    def log(self) -> SlotsValue:
        return SlotsValue(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> SlotsValue:
        return SlotsValue(self.data, (self,), (1.0,)) if self.data > 0.0 else SlotsValue(0.0, (self,), (0.0,))

    def backward(self) -> None:
        order: list[SlotsValue] = []
        seen: set[SlotsValue] = set()

        def visit(node: SlotsValue) -> None:
            seen.add(node)
            for operand in node.operands:
                if operand not in seen:
                    visit(operand)
            order.append(node)

        with deep_recursion(10_000_000):
            visit(self)
        self.grad = 1.0
        for node in reversed(order):
            ct = node.grad
            for operand, slope in zip(node.operands, node.slopes):  # noqa: B905  # asking for equal lengths takes time
                operand.grad += slope * ct
