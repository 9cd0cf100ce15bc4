"""Lines and columns of images as sums of some others: what all ways to resize are made of.

Of each line that is wanted, ``Taps`` says which lines it is made of and how much of each it takes. Images are made a
block of lines at a time, which stays in the cache; threads share the blocks. What a block holds follows from shapes.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.kernel import KernelContext

BLOCK = 1 << 17
"""Elements of a block of the result, and of what it is made of."""

Sizes = tuple[int, ...]


class Taps:
    """index, weight: ``[want, k]``; many: how many of the k each line has, None where all have them. They are added in
    their order."""

    def __init__(self, index: Any, weight: Any, many: Any = None) -> None:
        self.index = index
        self.weight = weight
        self.many = many

    def __len__(self) -> int:
        return len(self.index)

    def of(self, lines: slice) -> Taps:
        return Taps(self.index[lines], self.weight[lines], None if self.many is None else self.many[lines])

    def turned(self, want: int) -> Taps:
        """Of each line of ``want`` that these were made of: which of them took it, and how much."""
        lines = np.repeat(np.arange(len(self)), self.index.shape[1])
        index, weight = self.index.reshape(-1), self.weight.reshape(-1)
        if self.many is not None:
            there = (np.arange(self.index.shape[1]) < self.many[:, None]).reshape(-1)
            lines, index, weight = lines[there], index[there], weight[there]
        order = np.argsort(index, kind="stable")
        lines, index, weight = lines[order], index[order], weight[order]
        many = np.bincount(index, minlength=want)
        place = np.arange(len(index)) - np.repeat(np.cumsum(many) - many, many)
        wide = max(1, int(many.max(initial=0)))
        # what is not there lies beside the others
        found = np.repeat(lines[np.minimum(np.cumsum(many) - many, len(lines) - 1)][:, None], wide, 1)
        parts = np.zeros((want, wide), weight.dtype)
        found[index, place], parts[index, place] = lines, weight
        return Taps(found, parts, None if many.min(initial=wide) == wide else many)


def scale(x: Any, axis: int, shares: Any) -> None:
    """Multiplies the lines (axis 1) or columns (2) of ``[images, lines, columns, channels]`` in one piece by their
    shares. Columns as one line: numpy's inner loop over few channels is mostly its own cost."""
    if axis == 2:
        x = x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])
        x *= shares.repeat(x.shape[2] // max(1, len(shares)))
    else:
        x *= shares[:, None, None]


def run(places: Any) -> Any:
    """A slice, where places that rise have no others between them."""
    first, last = int(places[0]), int(places[-1]) + 1
    return slice(first, last) if last - first == len(places) else places


def lines_of(xp: Any, x: Any, lines: Any) -> Any:
    """Lines of images that rise, as they lie where there are no others between them."""
    some = run(lines)
    return x[:, some] if isinstance(some, slice) else xp.take(x, xp.asarray(lines), axis=1)


def along(xp: Any, x: Any, axis: int, taps: Taps) -> Any:
    """The sums of taps along an axis of ``[images, lines, columns, channels]``."""
    total: Any = None
    for k in range(taps.index.shape[1]):
        lines: Any = None if taps.many is None or not k and taps.many.min() else np.flatnonzero(taps.many > k)
        index, weight = (taps.index[:, k], taps.weight[:, k]) if lines is None else (
            taps.index[lines, k], taps.weight[lines, k])
        part = xp.take(x, xp.asarray(index), axis=axis)
        weight = weight.astype(part.dtype)
        if xp is np:
            scale(part, axis, weight)
        else:
            part = part * xp.asarray(weight.reshape(-1, *(1,) * (part.ndim - axis - 1)))
        if lines is not None and total is None:
            total = xp.zeros((*part.shape[:axis], len(taps), *part.shape[axis + 1:]), part.dtype)
        if lines is None:
            total = part if total is None else xp.add(total, part, out=total) if xp is np else total + part
        else:
            at = (*(slice(None) for _ in range(axis)), xp.asarray(lines))
            total[at] += part
        # let go of before the next is made
        part = None
    return total


def both(xp: Any, x: Any, rows: Taps, columns: Taps, kind: Any) -> Any:
    """Lines first, then columns."""
    low, high = int(rows.index.min()), int(rows.index.max()) + 1
    first = Taps(rows.index - low, rows.weight, rows.many)
    return along(xp, along(xp, x[:, low:high].astype(kind, copy=False), 1, first), 2, columns)


def in_turn(xp: Any, x: Any, rows: Taps, columns: Taps) -> Any:
    """The plain sums of the taps of lines and columns, each line's columns after the other's, as one loop over all
    pixels adds them."""
    out = xp.zeros((len(x), len(rows), len(columns), x.shape[3]), x.dtype)

    def there(taps: Taps, k: int) -> tuple[Any, Any]:
        lines = np.arange(len(taps)) if taps.many is None else np.flatnonzero(taps.many > k)
        return lines, taps.index[lines, k]

    for i in range(rows.index.shape[1]):
        lines, above = there(rows, i)
        some = xp.take(x, xp.asarray(above), axis=1)
        for j in range(columns.index.shape[1]):
            places, left = there(columns, j)
            out[:, xp.asarray(lines[:, None]), xp.asarray(places[None])] += xp.take(some, xp.asarray(left), axis=2)
    return out


def cut(images: int, wide: int, height: int) -> tuple[int, int]:
    """(images, lines) of a block. wide: elements of a line, of the result and of what it is made of."""
    height = max(1, height)
    lines = max(1, BLOCK // max(1, wide))
    return (max(1, min(images, lines // max(1, height))), height) if lines >= height else (1, lines)


def by_blocks(n: KernelContext, piece: Callable[[Any, slice], Any], x: Any, height: int, width: int,
              kind: Any) -> Any:
    """``[images, height, width, channels]`` of kind, where ``piece(images, lines)`` makes some lines of some images."""
    xp = n.xp
    if xp is not np or not x.size:
        return piece(x, slice(0, height)).astype(kind, copy=False)
    result = np.empty((len(x), height, width, x.shape[3]), kind)
    images, lines = cut(len(x), max(width, x.shape[2]) * x.shape[3], height)
    across = -(-height // lines)

    def block(i: int) -> None:
        image, line = divmod(i, across)
        some, these = slice(image * images, (image + 1) * images), slice(line * lines, min(height, (line + 1) * lines))
        result[some, these] = piece(x[some], these)

    n.each(-(-len(x) // images) * across, block)
    return result


def at_a_time(n: Any, x: Sizes, out: Sizes) -> tuple[int, int]:
    """(images of which blocks are made at the same time, lines of a block)."""
    images, lines = cut(x[0], max(x[2], out[2]) * x[3], out[1])
    blocks = -(-x[0] // images) * -(-out[1] // lines)
    return min(n.threads, blocks) * images, lines


def scratch(n: Any, x: Sizes, out: Sizes, taken: float) -> int:
    """Elements of blocks for each thread, of which each takes ``taken`` for one of its widest lines."""
    images, lines = at_a_time(n, x, out)
    return int(images * lines * max(x[2], out[2]) * x[3] * taken)
