"""The nearest of some points (tf.contrib.factorization)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True
BLAS = True
_SOME = 1 << 18
"""Distances that are made at a time."""


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
            own = (centers * centers).sum(1)
            step = max(1, _SOME // len(centers))
            for at in range(0, len(points), step):
                some = points[at:at + step]
                far = (some * some).sum(1)[:, None] - 2 * (some @ centers.T) + own
                order = np.argsort(far, 1, kind="stable")[:, :many]
                places[at:at + step] = order
                squares[at:at + step] = np.take_along_axis(far, order, 1)
            return places, np.maximum(squares, 0)

        return find
