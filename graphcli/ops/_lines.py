"""Lines: short rows side by side as one line, and what all rows share laid out along it.

numpy's inner loop over a few elements is mostly its own cost: a bias of 8 channels is added in a fifth of the time.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import prod
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


def in_lines(rows: int, channels: int) -> tuple[int, int, int]:
    """(rows side by side in a line, lines, lines of a block)."""
    side = rows_of_a_line(rows, channels)
    return side, rows // side, max(1, BLOCK // max(1, side * channels))


class Lines:
    """Rows of channels ``[rows, channels]``, some side by side as one line, for numpy's inner loop over few channels is
    mostly its own cost; and lines by blocks, which threads share where there is much to do."""

    def __init__(self, n: Any, rows: int, channels: int) -> None:
        self.xp = n.xp
        self.total = n.xp.add.reduce if n.xp.__name__ == "numpy" else n.xp.sum
        self.rows = rows
        self.channels = channels
        self.side, lines, many = in_lines(rows, channels)
        self.form = lines, self.side * channels
        self.blocks = [slice(i, min(lines, i + many)) for i in range(0, lines, many)]
        self.each = n.each if rows * channels > SHARED else in_turn
        self.apart = len(self.blocks), self.form[1]

    def spread(self, channels: Any) -> Any:
        """A number for each channel, along a line."""
        if self.side == 1:
            return channels
        return beside(self.xp, channels, self.side, self.xp.float32)

    def sums(self, parts: Any) -> Any:
        """Sums for each channel, of those of blocks along a line."""
        return self.total(parts.reshape(parts.shape[0] * self.side, self.channels), 0)

    def of(self, x: Any, first: bool) -> Wide:
        """The blocks of images. first: whether their channels come first."""
        return Wide(self, x, first and self.channels > 1 and self.rows > len(x))


class Wide:
    """Images block by block in single precision and with the channels last, however they lie. copied: whether a block
    is a copy, as large as that. turned: whether the channels come first."""

    def __init__(self, lines: Lines, x: Any, turned: bool) -> None:
        self.lines = lines
        self.xp = lines.xp
        self.single = x.dtype == lines.xp.float32
        self.turned = turned
        self.copied = turned or not self.single
        self.x = x.reshape((*x.shape[:2], prod(x.shape[2:])) if turned else lines.form)

    def seen(self, i: int) -> Any:
        """A block, not to be written to where it is no copy."""
        block = self.lines.blocks[i]
        if not self.turned:
            return self.x[block].astype(self.xp.float32, copy=False)
        room = self.xp.empty((block.stop - block.start, self.lines.form[1]), self.xp.float32)
        for part, place in self._turned(i, room):
            part[...] = place if self.single else place.copy()
        return room

    def room(self, i: int, seen: Any) -> Any:
        """Where what becomes a block is made of one that is seen of images that lie like these."""
        return seen if self.copied else self.x[self.lines.blocks[i]]

    def put(self, i: int, made: Any) -> None:
        """Takes what was made in ``room``."""
        if self.turned:
            for part, place in self._turned(i, made):
                place[...] = part if self.single else part.astype(place.dtype)
        elif self.copied:
            self.x[self.lines.blocks[i]] = made

    def _turned(self, i: int, block: Any) -> Iterator[tuple[Any, Any]]:
        """The rows of a block, of one image or of some that it has whole, and where they lie among the images."""
        pixels = self.x.shape[2]
        flat = block.reshape(-1, self.lines.channels)
        start, at = self.lines.blocks[i].start * self.lines.side, 0
        while at < len(flat):
            image, pixel = divmod(start + at, pixels)
            whole = 0 if pixel else (len(flat) - at) // pixels
            many = whole * pixels or min(pixels - pixel, len(flat) - at)
            place = self.x[image:image + max(1, whole), :, pixel:pixel + many].swapaxes(1, 2)
            yield flat[at:at + many].reshape(place.shape), place
            at += many


def wide_scratch(rows: int, channels: int, threads: int, copies: int, sums: int) -> int:
    """Bytes that are taken block by block. copies: how many arrays of a block are made at the same time. sums: how many
    there are of each block."""
    side, lines, many = in_lines(rows, channels)
    width, blocks = side * channels, -(-lines // many)
    threads = min(threads, blocks) if rows * channels > SHARED else 1
    return 4 * width * (min(many, lines) * copies * threads + sums * blocks)


def lines_of(n: Any) -> Callable[[int, int], Lines]:
    """The lines of so many rows and channels, which are kept."""
    return lru_cache(64)(lambda rows, channels: Lines(n, rows, channels))
