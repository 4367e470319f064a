"""Long sums of float32 in two steps: some iterations in float32, and what they come to in float64.

To add up n numbers one after the other leaves an error of up to n roundings, 6e-4 for ten million equal ones. Here it
is that of TURNS roundings; NumPy, which adds up halves of halves, has that of 16. The sums in float64 cost a hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.jit.emit.lanes import Code, Lane, apply, vector
from chainrule.jit.plan.plan import Root

TURNS = 64
"""Iterations of a loop that are added up in float32."""


def folding(root: Root) -> bool:
    return root.reduction == "sum" and root.target.dtype.itemsize == 4 and root.target.dtype.kind == "f"


class Folds:
    """An outer loop around a loop of many iterations. `label` makes names of blocks; `kinds` are the types of the sums.

    origin   the block that the inner loop is entered from, and `begin` and `limit` its first counter and its end
    fold     the block that follows it
    wide     of each sum of float32 what was folded so far, a vector of float64
    """

    def __init__(self, code: Code, names: tuple[str, str, str], roots: list[Root], width: int, depth: int) -> None:
        self.code, self.width, self.depth = code, width, depth
        self.before, self.origin, self.fold = names
        self.roots = [r for r in roots if folding(r)]
        self.begin, self.limit, self.following = (code.name() for _ in range(3))
        self._wide = {r: (code.name(), code.name()) for r in self.roots}

    @property
    def wide(self) -> dict[Root, str]:
        return {r: after for r, (_, after) in self._wide.items()}

    def head(
        self,
        ends: tuple[str, str],
        stride: int,
        firsts: list[dict[Root, str]],
        last: list[Mapping[Root, str]],
        kinds: dict[Root, str],
    ) -> tuple[list[str], list[dict[Root, str]]]:
        """The lines before the inner loop, which goes from ends[0] to ends[1] in all, and what its accumulators begin
        with: those of float32 with 0 after each fold."""
        low, high = ends
        lines = [
            f"  br label %{self.before}", f"{self.before}:", f"  br label %{self.origin}", f"{self.origin}:",
            f"  {self.begin} = phi i64 [{low}, %{self.before}], [{self.following}, %{self.fold}]",
        ]  # fmt: skip
        begun: list[dict[Root, str]] = []
        for k, first in enumerate(firsts):
            begun.append({})
            for r, value in first.items():
                name, kind = self.code.name(), vector(kinds[r], self.width)
                later = "zeroinitializer" if self.width > 1 else "0.0"
                later = later if r in self._wide else last[k][r]
                lines.append(f"  {name} = phi {kind} [{value}, %{self.before}], [{later}, %{self.fold}]")
                begun[-1][r] = name
        for before, after in self._wide.values():
            zero = "zeroinitializer" if self.width > 1 else "0.0"
            whole = vector("double", self.width)
            lines.append(f"  {before} = phi {whole} [{zero}, %{self.before}], [{after}, %{self.fold}]")
        nearer = self.code.name()
        lines += [
            f"  {self.following} = add i64 {self.begin}, {stride * TURNS}",
            f"  {nearer} = icmp ult i64 {self.following}, {high}",
            f"  {self.limit} = select i1 {nearer}, i64 {self.following}, i64 {high}",
        ]
        return lines, begun

    def tail(self, totals: dict[Root, Lane], high: str, after: str) -> list[str]:
        """The lines after the inner loop, up to the block `after`; `totals` are what it came to."""
        code, depth = self.code, self.depth
        for r, total in totals.items():
            before, name = self._wide[r]
            wide = apply(f"fpext {{}} to {vector('double', self.width)}", "double", total)
            code.sections[depth].append(f"  {name} = fadd {vector('double', self.width)} {before}, {wide.name}")
        again = code.emit(depth, f"icmp ult i64 {self.following}, {high}")
        lines, code.sections[depth] = code.sections[depth], []
        return [*lines, f"  br i1 {again}, label %{self.origin}, label %{after}", f"{after}:"]
