"""The nearest of some points (tf.contrib.factorization)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True
BLAS = True
_SOME = 1 << 16
"""Distances that are made at a time."""
FEW = 32
"""So many neighbors are found one after the other, and more by a sort."""


@op
class NearestNeighbors:
    """Of each point the k nearest centers, the nearest first, and the squares of their distances."""

    signature = ("points: float32, centers: float32, k: int64 -> nearest_center_indices: int64, "
                 "nearest_center_distances: float32")
    gradient = undefined_gradient

    def infer(n: Any, points: Any, centers: Any, k: Any) -> Any:
        return [None, None]

    def kernel(n: Any) -> Any:
        def find(points: Any, centers: Any, k: Any) -> Any:
            if points.ndim != 2 or centers.ndim != 2 or np.ndim(k):
                raise InvalidArgument("Input points and centers should be matrices, k a scalar.")
            if int(k) <= 0:
                raise InvalidArgument("k should be positive")
            if points.shape[1] != centers.shape[1]:
                raise InvalidArgument("Points and centers should have the same dimension.")
            if not len(centers):
                raise InvalidArgument("There must be at least one center.")
            many = min(int(k), len(centers))
            places, squares = np.empty((len(points), many), np.int64), np.empty((len(points), many), np.float32)
            own, step = _squares(centers), max(1, _SOME // len(centers))

            def some(k: int) -> None:
                rows = slice(k * step, (k + 1) * step)
                far = points[rows] @ centers.T
                far *= -2
                far += _squares(points[rows])[:, None]
                far += own
                _nearest(far, places[rows], squares[rows])

            n.each(-(-len(points) // step), some)
            return places, np.maximum(squares, 0, out=squares)

        return find


def _squares(x: Any) -> Any:
    """The sum of the squares of each row."""
    out, many = np.empty(len(x), x.dtype), max(1, _SOME // max(1, x.shape[1]))
    for i in range(0, len(x), many):
        np.sum(x[i:i + many] * x[i:i + many], 1, out=out[i:i + many])
    return out


def _nearest(far: Any, places: Any, squares: Any) -> None:
    """Of each row the places of its least numbers, of equal ones the first, and these numbers."""
    many = places.shape[1]
    if many > FEW or not np.isfinite(far).all():
        places[...] = np.argsort(far, 1, kind="stable")[:, :many]
        squares[...] = np.take_along_axis(far, places, 1)
        return
    rows = np.arange(len(far))
    for k in range(many):
        found = far.argmin(1)
        places[:, k], squares[:, k] = found, far[rows, found]
        far[rows, found] = np.inf
