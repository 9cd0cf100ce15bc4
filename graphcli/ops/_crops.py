"""Which pixels the crops of images read, and in which pieces."""
from __future__ import annotations

from copy import copy
from math import prod
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.shapes import show

PIECE = 1 << 16
"""Elements of crops that are made at a time."""
METHOD = "method: {'bilinear', 'nearest'} = 'bilinear'"
IMAGE = "T: {uint8, uint16, int8, int16, int32, int64, float16, float32, float64}; "


def _places(have: int, want: int, low: Any, high: Any) -> Any:
    """[boxes, want]: where in the image the lines of the crops lie, of the boxes' ends as shares."""
    last = np.float32(have - 1)
    if want > 1:
        step = (high - low) * last / np.float32(want - 1)
        return (low * last)[:, None] + np.arange(want, dtype=np.float32) * step[:, None]
    return (np.float32(0.5) * (low + high) * last)[:, None]


class Crops:
    """Which pixels each crop reads. Raises RunError for a box of an image that is not there."""

    def __init__(self, shape: tuple[int, ...], boxes: Any, box_ind: Any, size: tuple[int, int]) -> None:
        batch, height, width, _ = shape
        if any(s <= 0 for s in size):
            raise RunError("crop dimensions must be positive")
        bad = np.flatnonzero((box_ind < 0) | (box_ind >= batch))
        if bad.size:
            raise RunError(f"box_ind[{bad[0]}] is {int(box_ind[bad[0]])}, and there are {batch} images")
        y1, x1, y2, x2 = np.asarray(boxes, np.float32).T
        self.y, self.x = _places(height, size[0], y1, y2), _places(width, size[1], x1, x2)
        self.lines = (self.y >= 0) & (self.y <= height - 1)
        self.columns = (self.x >= 0) & (self.x <= width - 1)
        self.at = np.asarray(box_ind)[:, None, None]
        self.height, self.width = height, width

    def part(self, boxes: slice, lines: slice) -> Crops:
        """Some lines of some crops."""
        out = copy(self)
        out.y, out.lines = self.y[boxes, lines], self.lines[boxes, lines]
        out.x, out.columns, out.at = self.x[boxes], self.columns[boxes], self.at[boxes]
        return out

    @property
    def inside(self) -> Any:
        """[boxes, height, width]: what lies within the image."""
        return self.lines[:, :, None] & self.columns[:, None, :]

    def along(self, axis: int, nearest: bool) -> list[tuple[Any, Any]]:
        """(lines or columns of the image, shares) that the crops read along an axis: one, or the two beside."""
        at, size = (self.x, self.width) if axis else (self.y, self.height)
        if nearest:
            # half away from 0, as C's roundf
            found = [(np.floor(at + np.float32(0.5)), np.ones_like(at))]
        else:
            low = np.floor(at)
            found = [(low, 1 - (at - low)), (np.ceil(at), at - low)]
        return [(np.clip(place.astype(int), 0, size - 1), share) for place, share in found]

    def places(self, nearest: bool) -> list[Any]:
        """``[boxes, height, width]``: the numbers of the pixels of the crops, or of the four around them, line by line;
        each as a sum of lines and columns."""
        first = [(self.at * self.height + lines[:, :, None]) * self.width for lines, _ in self.along(0, nearest)]
        columns = [columns[:, None, :] for columns, _ in self.along(1, nearest)]
        return [(f, c) for f in first for c in columns]

    def pixels(self, image: Any, nearest: bool) -> list[Any]:
        """``[boxes, height, width * channels]`` in single precision: the pixels at these places."""
        found = []
        for first, columns in self.places(nearest):
            made = np.empty((*self.y.shape, self.x.shape[1] * image.shape[3]), np.float32)
            found.append(read(image, first + columns, made))
        return found

    def shares(self, channels: int) -> tuple[Any, Any]:
        """How far down ``[boxes, height, 1]`` and to the right ``[boxes, 1, width * channels]`` the crops lie between
        pixels."""
        right = (self.x - np.floor(self.x)).repeat(channels, 1)
        return (self.y - np.floor(self.y))[:, :, None], right[:, None, :]


def read(image: Any, places: Any, out: Any) -> Any:
    """Writes the pixels of these numbers, in single precision, to ``out``, which lies in one piece."""
    rows, out_rows = image.reshape(-1, image.shape[3]), out.reshape(*places.shape, image.shape[3])
    if rows.dtype == np.float32:
        rows.take(places, 0, out=out_rows, mode="clip")
    else:
        out_rows[...] = rows.take(places, 0)
    return out


def pieces_of(sizes: tuple[int, ...], elements: int = PIECE) -> list[list[tuple[slice, slice]]]:
    """How crops [boxes, height, width, channels] are cut: for some boxes each, the pieces of some lines."""
    many, height, *line = sizes
    lines = max(1, elements // max(1, prod(line)))
    boxes = max(1, lines // max(1, height))
    return [[(slice(i, i + boxes), slice(j, j + lines)) for j in range(0, height, lines)]
            for i in range(0, many, boxes)]


def taken(n: Any, sizes: tuple[int, ...], each: int, elements: int = PIECE) -> int:
    """Bytes of pieces, so many for each element."""
    many, height, width, channels = sizes
    piece = min(many * height, max(1, elements // max(1, width * channels))) * width
    return int(min(n.threads, max(1, len(pieces_of(sizes, elements)))) * piece * (each * channels + 9)
               + 8 * many * (height + width))


def boxed(n: Any, boxes: Any, box_ind: Any, *grads: Any) -> Any:
    """How many boxes there are, of which each has its gradient."""
    boxes = n.with_rank(boxes, 2, "boxes")
    if boxes[1] not in (None, 4):
        n.fail(f"boxes have four sizes, not the shape {show(boxes)}")
    many = n.merge((boxes[0],), n.with_rank(box_ind, 1, "box_ind"), "numbers of boxes")
    return n.merge(many, grads[:1], "numbers of boxes and of gradients")[0] if grads else many[0]
