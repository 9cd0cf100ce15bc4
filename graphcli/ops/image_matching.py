"""Boxes matched to boxes, and the pieces that pixels of one value make (tf.contrib.image)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show

CPU_ONLY = True


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
            # each pixel begins as a piece of its own and takes the least number of its neighbours until none is less
            some = image != nothing
            kind = np.int32 if image.size < np.iinfo(np.int32).max else np.int64
            found = np.where(some, np.arange(1, image.size + 1, dtype=kind).reshape(image.shape), kind(0))
            beside = (image[:, :, 1:] == image[:, :, :-1]) & some[:, :, 1:]
            below = (image[:, 1:] == image[:, :-1]) & some[:, 1:]
            before = ((found[:, :, :-1], beside), (found[:, :-1], below))
            after = ((found[:, :, 1:], beside), (found[:, 1:], below))
            pairs = [np.concatenate([part[mask] for part, mask in side]) for side in (before, after)]
            root = np.arange(image.size + 1, dtype=kind)
            while True:
                first, second = root[pairs[0]], root[pairs[1]]
                if (first == second).all():
                    break
                np.minimum.at(root, np.maximum(first, second), np.minimum(first, second))
                while (root[root] != root).any():
                    root = root[root]
            return root.astype(np.int64)[found]

        return connected

    def scratch(n: Any) -> int:
        return int(36 * n.size(0))
