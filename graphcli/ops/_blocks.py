"""The patches of a convolution, block by block: what a block holds follows from shapes alone, and so do the numbers.

Patches are copied a block of outputs at a time, so that a block stays in the second-level cache between the copy and
the product. A block is some images, or some lines of one image, or some of the next size of one line, wherever one of
the size before is more than a block: planes, lines and columns of volumes.
"""
from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from numpy import ndindex

from ._windows import Pads, Sizes, pad, patches, seen_of

BLOCK = 1 << 17
"""Elements of one block of patches: 512 kB of float32, ..."""
LARGE, VOLUME = 3 << 16, 1 << 18
"""... up to so many, of images and of volumes, where filters are few: ..."""
WORK = 1 << 23
"""... threads that share products of fewer multiplications wait for each other."""
LEAST = 32
"""Rows that a block has at least, for a product of few rows reads its filter again and again."""
MANY, PIECE, TALL = 128, 1 << 15, 64
"""Where so many filters and columns make a product, the taps of the first size are copied and multiplied one after the
other, so many elements and rows at a time at least; ..."""
HUGE, TALLER = 1 << 18, 128
"""... of a filter of more elements each tap is, so many rows."""
STRIPS = 1 << 16, 1 << 18
"""Elements of a strip of a padded image, at least and at most: ..."""
THIN = 40
"""... this part of all images. Strips are many calls, and what they see beside their own is padded again."""
DEVICE = 1 << 26
"""Elements of a block on a GPU: a few large products."""
SHARE = 16
"""How many strips there are at least, where there are so many blocks."""
NARROW = 128
"""Where all patches are one strip, two threads share the filters instead, so many at least each."""


def in_pieces(window: Sizes, channels: int, sizes: Sizes, filters: int) -> tuple[int, int]:
    """Of how many sizes of a window the taps are multiplied one after the other, in blocks of sizes
    ``[images, out…]``, and how many elements the patches of a block have, of which a tap's are held at a time."""
    depth = prod(window) * channels
    if depth * filters > HUGE:
        return len(window), max(prod(window) * PIECE, TALLER * depth)
    if len(window) < 2 or window[0] == 1 or filters < MANY or depth // window[0] < MANY:
        return 0, most(depth, sizes, filters)
    return 1, max(window[0] * max(PIECE, WORK // filters), TALL * depth)


def most(depth: int, sizes: Sizes, filters: int) -> int:
    """Elements of a block of sizes ``[images, out…]`` whose rows have ``depth`` elements."""
    return max(BLOCK, min(VOLUME if len(sizes) > 3 else LARGE, WORK // max(1, filters)), LEAST * depth)


def cut(sizes: Sizes, depth: int, limit: int) -> tuple[int, int, int]:
    """How the rows of sizes ``[images, out…]``, of ``depth`` elements each, are cut: along which size, how many of it
    are a block, and how many blocks it makes. limit: elements of a block."""
    axis, inner = 0, depth * prod(sizes[1:])
    while inner > limit and axis < len(sizes) - 1:
        axis += 1
        inner = inner // max(1, sizes[axis])
    many = max(1, min(sizes[axis], limit // max(1, inner)))
    across = -(-sizes[axis] // many)
    return axis, -(-sizes[axis] // max(1, across)) if axis else many, across


def side_by_side(filters: int, parts: int) -> tuple[int, int]:
    """Into how many parts filters are cut, at most so many, and how many a part has."""
    wide = -(-filters // (16 * max(1, min(parts, filters // NARROW)))) * 16
    return max(1, -(-filters // wide)), wide


def strip_lines(x: Sizes, window: Sizes, strides: Sizes, pads: Pads, sizes: Sizes, axis: int, many: int) -> int:
    """How many outputs along the size that is cut make a strip, whole blocks of ``many``: as many as share a padded
    piece of x that is not large, while there are strips for threads to share."""
    across = -(-sizes[axis] // many)
    apart = -(-across // -(-SHARE // max(1, prod(sizes[:axis]))))
    if not axis:
        return many
    line = strip_elements(x, window, strides, pads, axis, 1) // max(1, window[axis - 1]) * strides[axis - 1]
    limit = max(STRIPS[0], min(STRIPS[1], prod(x) // THIN))
    return many * max(1, min(apart, limit // max(1, line) // many))


def strip_elements(x: Sizes, window: Sizes, strides: Sizes, pads: Pads, axis: int, lines: int) -> int:
    """Elements of the padded strip that so many outputs along an axis see."""
    rest = prod(s + b + a for s, (b, a) in zip(x[axis + 1:-1], pads[axis:])) * x[-1]
    if not axis:
        return lines * rest
    seen = (lines - 1) * strides[axis - 1] + window[axis - 1]
    return prod(window[:axis - 1]) * min(seen, x[axis] + sum(pads[axis - 1])) * rest


class Blocks:
    """The patches of an x with padding (negative: without its edge), a strip of blocks at a time.

    ``of(i)`` gives, for each block of a strip, where its rows lie among the outputs, ``[images, out…]`` without the
    sizes that are whole, one after the other the taps of the sizes that are apart, and the rest of the patches,
    ``[rows, taps * channels]``, which holds until the next. The rows are all outputs in order. What a strip sees is
    padded when it comes: no second x is made. kind: the dtype of the patches. filters: by how many the patches are
    multiplied. limit: elements of a block of whole patches, where they do not follow from that.
    """

    def __init__(self, xp: Any, x: Any, window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes,
                 pads: Pads, kind: Any, filters: int, limit: int = 0) -> None:
        self.xp = xp
        self.x = x
        self.form = window, strides, dilations
        self.pads = pads
        self.kind = kind
        self.sizes = (x.shape[0], *out)
        self.depth = prod(window) * x.shape[-1]
        self.apart = 0
        if xp.__name__ != "numpy":
            limit = DEVICE
        if not limit:
            self.apart, limit = in_pieces(window, x.shape[-1], self.sizes, filters)
        self.axis, self.many, _ = cut(self.sizes, self.depth, limit)
        self.strip = strip_lines(x.shape, window, strides, pads, self.sizes, self.axis, self.many)
        self.across = -(-self.sizes[self.axis] // self.strip)
        self.count = prod(self.sizes[:self.axis]) * self.across if prod(self.sizes) else 0

    def __len__(self) -> int:
        return self.count

    def of(self, number: int) -> Iterator[tuple[tuple[slice, ...], Sizes, Any]]:
        number, along = divmod(number, self.across)
        ahead: tuple[int, ...] = ()
        for size in self.sizes[:self.axis][::-1]:
            number, i = divmod(number, size)
            ahead = (i, *ahead)
        first = along * self.strip
        some = min(self.strip, self.sizes[self.axis] - first)
        seen = self._padded(ahead, first, some)
        room = None
        for start in range(0, some, self.many):
            stop = min(some, start + self.many)
            place = (*(slice(i, i + 1) for i in ahead), slice(first + start, first + stop))
            part = seen[(*(slice(None) for _ in ahead), slice(start, stop))]
            outer = (slice(None),) * len(self.sizes)
            for taps in ndindex(self.form[0][:self.apart]):
                piece = part[(*outer, *taps)]
                if not self._plain(piece):
                    if room is None:
                        room = self.xp.empty(piece.shape, self.kind)
                    # fewer lines in the last one
                    kept = room.reshape(-1)[:piece.size].reshape(piece.shape)
                    kept[...] = piece
                    piece = kept
                yield place, taps, piece.reshape(-1, self.depth // prod(self.form[0][:self.apart]))

    def ends(self, taps: Sizes) -> bool:
        """Whether no taps of a block come after these."""
        return all(t == k - 1 for t, k in zip(taps, self.form[0]))

    def _plain(self, part: Any) -> bool:
        """Whether the patches lie in rows as they are."""
        return bool(self.xp.__name__ == "numpy" and part.dtype == self.kind and part.flags.c_contiguous)

    def rows(self, place: tuple[slice, ...]) -> slice:
        """The rows of a block."""
        first = last = 0
        for cut, size in zip(place, self.sizes):
            first, last = first * size + cut.start, last * size + cut.stop - 1
        inner = prod(self.sizes[len(place):])
        return slice(first * inner, (last + 1) * inner)

    def _padded(self, ahead: tuple[int, ...], first: int, many: int) -> Any:
        """The patches of a strip, a view of what it sees."""
        window, strides, dilations = self.form
        places = [*[(i, 1) for i in ahead], (first, many), *[(0, o) for o in self.sizes[self.axis + 1:]]]
        image, images = places.pop(0)
        seen, around = [slice(image, image + images)], []
        for i, (start, some) in enumerate(places):
            lines, beside = seen_of(start, some, window[i], strides[i], dilations[i], self.x.shape[i + 1],
                                    self.pads[i][0])
            seen.append(lines)
            around.append(beside)
        # half precision once, not for each tap that sees it
        whole = pad(self.xp, self.x[tuple(seen)], tuple(around), self.kind)
        return patches(self.xp, whole, window, strides, dilations, tuple(some for _, some in places))
