"""Lines: short rows side by side as one line, and what all rows share laid out along it.

numpy's inner loop over a few elements is mostly its own cost: a bias of 8 channels is added in a fifth of the time.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ..graph.kernel import in_turn

BLOCK, SHARED = 1 << 16, 1 << 18
"""Elements that are made at a time, and from how many on threads share the blocks."""
LINE = 1024
"""Elements of a line, at most."""


def rows_of_a_line(rows: int, width: int) -> int:
    """How many rows of so many elements make a line; they divide all rows."""
    most = max(1, min(rows, LINE // max(1, width)))
    return next(many for many in range(most, 0, -1) if not rows % many)


def beside(xp: Any, x: Any, many: int, dtype: Any) -> Any:
    """What all rows share, for so many rows."""
    out = xp.empty((many, x.size), dtype)
    out[...] = x.reshape(-1)
    return out.reshape(-1)


class Lines:
    """Rows of channels ``[rows, channels]``, some side by side as one line, for numpy's inner loop over few channels is
    mostly its own cost; and lines by blocks, which threads share where there is much to do."""

    def __init__(self, n: Any, rows: int, channels: int) -> None:
        self.xp = n.xp
        self.total = n.xp.add.reduce if n.xp.__name__ == "numpy" else n.xp.sum
        self.channels = channels
        self.side = rows_of_a_line(rows, channels)
        self.form = rows // self.side, self.side * channels
        many = max(1, BLOCK // max(1, self.form[1]))
        self.blocks = [slice(i, i + many) for i in range(0, self.form[0], many)]
        self.each = n.each if rows * channels > SHARED else in_turn
        self.apart = len(self.blocks), self.form[1]

    def spread(self, channels: Any) -> Any:
        """A number for each channel, along a line."""
        if self.side == 1:
            return channels
        return beside(self.xp, channels, self.side, self.xp.float32)

    def sums(self, parts: Any) -> Any:
        """Sums for each channel, of those of blocks along a line."""
        return self.total(parts.reshape(-1, self.channels), 0)


def lines_of(n: Any) -> Callable[[int, int], Lines]:
    """The lines of so many rows and channels, which are kept."""
    return lru_cache(64)(lambda rows, channels: Lines(n, rows, channels))
