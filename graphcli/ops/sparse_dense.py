"""From the places and values of a sparse tensor to a dense one."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op

CPU_ONLY = True

PART = 1 << 16
"""Indices that are looked through at a time."""


@op
class SparseToDense:
    """A tensor of a default value with values at given indices (tf.sparse_to_dense).

    sparse_indices: [], [n] or [n, rank]; sparse_values: a scalar or [n].
    """

    signature = ("sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T "
                 "-> dense: T")
    takes = "output_shape: [?]; default_value: [] run"
    attrs = "validate_indices: bool = True; T: type; Tindices: {int32, int64}"

    def infer(n: Any, indices: Any, shape: Any, values: Any, default: Any) -> Any:
        return n.shape_value(1)

    def kernel(n: Any) -> Any:
        validate, dtype = n.attrs["validate_indices"], n.dtype()

        def kernel(indices: Any, shape: Any, values: Any, default: Any) -> Any:
            indices, sizes = np.asarray(indices), [int(s) for s in shape]
            if indices.ndim < 2:
                indices = indices.reshape(-1, 1)
            if indices.shape[1] != len(sizes):
                raise RunError(f"output_shape has {len(sizes)} elements, each index {indices.shape[1]}")
            if np.shape(values) not in ((), (len(indices),)):
                raise RunError(f"there are {len(indices)} indices, but values of the shape {list(np.shape(values))}")
            values = np.broadcast_to(values, (len(indices),))
            out = np.full(sizes, default, dtype)
            parts = [slice(i, i + PART) for i in range(0, len(indices), PART)]
            for part in parts:
                some = indices[part]
                outside = np.any((some < 0) | (some >= np.asarray(sizes)), axis=1)
                if outside.any():
                    row = part.start + int(np.flatnonzero(outside)[0])
                    raise RunError(f"index {row} is {indices[row].tolist()}, outside the shape {sizes}")
            for part in parts if validate and len(indices) > 1 else ():
                # with the one before them
                first = max(0, part.start - 1)
                steps = np.diff(np.ravel_multi_index(tuple(indices[first:part.stop].T), sizes))
                if (steps <= 0).any():
                    row = int(np.flatnonzero(steps <= 0)[0]) + 1
                    what = "repeated" if steps[row - 1] == 0 else "out of order"
                    raise RunError(f"index {first + row}, {indices[first + row].tolist()}, is {what}")
            for part in parts:
                out[tuple(indices[part].T)] = values[part]
            return out

        return kernel

    def scratch(n: Any) -> Any:
        rank = n.shapes[0][1] if len(n.shapes[0]) > 1 else 1
        return (8 * rank + 9) * min(PART, n.size() // max(1, rank))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        indices, shape, _, _ = op.inputs
        at_values = tf.gather_nd(grad, indices)
        default = tf.reduce_sum(grad) - tf.reduce_sum(at_values)
        return [tf.zeros_like(indices), tf.zeros_like(shape), at_values, default]
