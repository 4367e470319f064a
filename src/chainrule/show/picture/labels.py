"""Where the labels of arrows stand in our own layout: on their arrow, clear of boxes and of one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chainrule.show.picture.layout import Point

LABEL_CHARACTER = 6.7
HIGH = 13.0
FLAT = 12.0
"""Arrows that rise less have their label above the line, others on it."""
STEEP, MOST = 40.0, 0.6
PLACES = (0.5, 0.38, 0.62, 0.28, 0.72, 0.2, 0.8)
STEEP_PLACES = (0.34, 0.5, 0.66, 0.26, 0.74)
"""Steep arrows cross in the middle: their labels stand before it."""
CELL = 160.0

Frame = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def placed(curves: Sequence[Sequence[Point]], labels: Sequence[str], boxes: Sequence[Frame]) -> list[Point]:
    """The centre of each label: the place on its arrow that covers least of what stands there already.

    >>> placed([[(0, 0), (20, 0), (40, 0), (60, 0)]], ["2"], [])
    [(30.0, -7.0)]
    """
    taken = _Taken(boxes)
    centres = []
    for curve, text in zip(curves, labels, strict=True):
        half = LABEL_CHARACTER * len(text) / 2
        found = [(taken.covered(_around(p, half)), k, p) for k, p in enumerate(_places(curve, half))]
        _, _, centre = min(found)
        centres.append(centre)
        if text:
            taken.add(_around(centre, half))
    return centres


def _places(curve: Sequence[Point], half: float) -> Iterator[Point]:
    """Points of the last piece of the arrow, then of the first, from the middle outwards."""
    for piece in dict.fromkeys((tuple(curve[-4:]), tuple(curve[:4]))):
        rise = abs(piece[-1][1] - piece[0][1])
        # one that would hide most of its arrow stands above the line as well
        high = rise < FLAT or (rise < STEEP and 2 * half > MOST * abs(piece[-1][0] - piece[0][0]))
        for t in PLACES if high else STEEP_PLACES:
            x, y = along(piece, t)
            yield x, y - 7 - (rise / 2 if rise >= FLAT else 0.0) if high else y


def _around(p: Point, half: float) -> Frame:
    return p[0] - half, p[1] - HIGH / 2, p[0] + half, p[1] + HIGH / 2


class _Taken:
    """The frames that are taken, by the cells of a grid they lie in."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.cells: dict[tuple[int, int], list[Frame]] = {}
        for frame in frames:
            self.add(frame)

    def add(self, frame: Frame) -> None:
        for cell in _cells(frame):
            self.cells.setdefault(cell, []).append(frame)

    def covered(self, frame: Frame) -> float:
        """The area that the frame shares with those taken."""
        return sum(_common(frame, other) for cell in _cells(frame) for other in self.cells.get(cell, ()))


def _cells(frame: Frame) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (int(v // CELL) for v in frame)
    return ((i, j) for i in range(left, right + 1) for j in range(top, bottom + 1))


def _common(a: Frame, b: Frame) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def along(points: Sequence[Point], t: float) -> Point:
    """The point of a Bézier curve at t."""
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    x = sum(w * p[0] for w, p in zip(weights, points, strict=True))
    return x, sum(w * p[1] for w, p in zip(weights, points, strict=True))
