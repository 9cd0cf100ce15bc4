"""Boxes matched to boxes, and the pieces that pixels of one value make (tf.contrib.image)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show

CPU_ONLY = True
SOME = 1 << 15
"""Pixels that are looked at at a time."""


@op
class BipartiteMatch:
    """Rows and columns of a matrix of distances matched, the nearest pair first, each once
    (tf.contrib.image.bipartite_match)."""

    signature = ("distance_mat: float32, num_valid_rows: float32 -> row_to_col_match_indices: int32, "
                 "col_to_row_match_indices: int32")
    takes = "distance_mat: [?, ?]"
    attrs = "top_k: int = -1"
    gradient = no_gradient

    def infer(n: Any, distances: Any, many: Any) -> Any:
        distances = n.with_rank(distances, 2, "distance_mat")
        return [distances[:1], distances[1:]]

    def kernel(n: Any) -> Any:
        top = n.attrs["top_k"]

        def match(distances: Any, many: Any) -> Any:
            if np.size(many) != 1:
                raise InvalidArgument("num_valid_rows argument should be a tensor with 1 element, but got "
                                      f"{np.size(many)}")
            rows, columns = distances.shape
            valid = int(np.asarray(many).reshape(-1)[0])
            valid = rows if valid < 0 else valid
            if valid > rows:
                raise InvalidArgument(f"There should be at least {valid} rows in distance_mat, but only got {rows} "
                                      "rows.")
            left = min(valid, columns) if top <= 0 else min(top, valid, columns)
            to_column, to_row = np.full(rows, -1, np.int32), np.full(columns, -1, np.int32)
            for place in np.argsort(distances[:valid].reshape(-1), kind="stable").tolist():
                if not left:
                    break
                row, column = divmod(place, columns)
                if to_column[row] < 0 and to_row[column] < 0:
                    to_column[row], to_row[column] = column, row
                    left -= 1
            return to_column, to_row

        return match

    def scratch(n: Any) -> int:
        return int(40 * n.size(0))


def _lines(width: int) -> int:
    """Lines of images that are looked at at a time."""
    return max(1, SOME // max(1, width))


def _join(lines: Any, found: Any, start: int, height: int, nothing: Any) -> None:
    """Gives pixels of some lines the numbers of others of their pieces. Each line but the first of all has the one
    before it. found: what all pixels have, a pixel's number is that of itself where it stands for its piece."""
    width = lines.shape[1]
    some = lines != nothing
    beside = np.zeros(lines.shape, bool)
    np.equal(lines[:, 1:], lines[:, :-1], out=beside[:, 1:])
    first = np.arange(start * width + 1, (start + len(lines)) * width + 1).reshape(lines.shape)
    first[beside] = 0
    np.maximum.accumulate(first, 1, out=first)
    first *= some
    new = 1 if start else 0
    found[start + new:start + len(lines)] = first[new:]
    below = lines[1:] == lines[:-1]
    below &= some[1:]
    # the first line of an image has nothing above it
    below[height - 1 - start % height::height] = False
    # where two runs go on side by side they have met
    below[:, 1:] &= ~(below[:, :-1] & beside[1:, 1:] & beside[:-1, 1:])
    first, second = first[:-1][below], first[1:][below]
    numbers = found.reshape(-1)
    while len(first):
        _settle(numbers, first)
        _settle(numbers, second)
        apart = first != second
        first, second = first[apart], second[apart]
        less = np.minimum(first, second)
        np.maximum(first, second, out=second)
        np.minimum.at(numbers, second - 1, less)
        first = less


def _settle(numbers: Any, some: Any) -> None:
    """Puts in the place of some numbers those of the pixels that stand for their pieces."""
    while True:
        there = numbers[some - 1]
        there[some == 0] = 0
        if (there == some).all():
            break
        some[...] = there


@op
class ImageConnectedComponents:
    """The pieces of images [batch, height, width] that neighbours above, below and beside of one value make; 0 where
    that is 0 (tf.contrib.image.connected_components). Each has the number of its first pixel, from 1 on; TensorFlow
    has that of another pixel of it."""

    signature = "image: dtype -> components: int64"
    attrs = ("dtype: {int64, int32, uint16, int16, uint8, int8, float16, float32, float64, bool, string}")
    gradient = no_gradient

    def infer(n: Any, image: Any) -> Any:
        return image

    def kernel(n: Any) -> Any:
        nothing: Any = b"" if n.attrs["dtype"].name == "string" else 0

        def connected(image: Any) -> Any:
            if image.ndim != 3:
                raise InvalidArgument(f"images must have rank 3, not the shape {show(image.shape)}")
            out = np.empty(image.shape, np.int64)
            lines, found = image.reshape(-1, image.shape[2]), out.reshape(-1, image.shape[2])
            many = _lines(image.shape[2])
            parts = [slice(max(0, i - 1), i + many) for i in range(0, len(lines), many)] if image.size else []
            for part in parts:
                _join(lines[part], found, part.start, image.shape[1], nothing)
            # what lies before has its number already
            for part in parts:
                some = found[part]
                _settle(out.reshape(-1), some)
            return out

        return connected

    def scratch(n: Any) -> int:
        _, height, width = n.shapes[0]
        return int(40 * width * min(n.shapes[0][0] * height, _lines(width) + 1))
