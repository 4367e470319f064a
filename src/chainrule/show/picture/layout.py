"""Where the boxes of a picture are, and how the lines between them run."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
LABEL_FONT = 11


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes, one curve for each edge (a start, then Bézier triples), centres of edge labels."""

    width: float
    height: float
    centres: dict[int, Point]
    curves: list[list[Point]]
    labels: list[Point]

    def turned(self) -> Layout:
        """x and y changed, without labels: what ran to the right runs down."""

        def turn(p: Point) -> Point:
            return p[1], p[0]

        return Layout(
            self.height,
            self.width,
            {k: turn(p) for k, p in self.centres.items()},
            [[turn(p) for p in curve] for curve in self.curves],
            [],
        )

    def moved(self, shift: float, sign: int = 1) -> Layout:
        """Every y as shift + sign y."""

        def move(p: Point) -> Point:
            return p[0], shift + sign * p[1]

        return Layout(
            self.width,
            self.height,
            {k: move(p) for k, p in self.centres.items()},
            [[move(p) for p in curve] for curve in self.curves],
            [move(p) for p in self.labels],
        )
