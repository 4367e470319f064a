"""What a traced number is written as: text for people, which is not read back as a number in silence."""

from __future__ import annotations

from typing import Any

from chainrule.errors import DroppedDerivative, at_user_line


class Text(str):
    """A traced number as text, `f"{x:.3f}"`; float() of it is refused. Text that is made of it is plain text."""

    __slots__ = ()

    def __float__(self) -> float:
        raise DroppedDerivative(
            at_user_line(
                f"float({str(self)!r}) would read a traced number back from its text and lose its derivative.\n"
                "  Compute with the number itself; to round it write np.round(x, 3), to read it only x.data"
            )
        )

    def strip(self, *args: Any) -> Text:
        return Text(str.strip(self, *args))
