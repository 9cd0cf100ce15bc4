"""Sets of values, row by row."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ._sets import operate

CPU_ONLY = True
OPERATIONS = {"a-b": lambda a, b: a - b, "b-a": lambda a, b: b - a, "intersection": lambda a, b: a & b,
              "union": lambda a, b: a | b}
KEPT = {"a-b": lambda a, b: a & ~b, "b-a": lambda a, b: b & ~a, "intersection": lambda a, b: a & b,
        "union": lambda a, b: a | b}
FEW = 1 << 9
"""Elements up to which Python's sets are taken, as they are for strings."""


@op
class DenseToDenseSetOperation:
    """Difference, intersection or union of the last axes of two tensors, as a sparse tensor (tf.sets)."""

    signature = "set1: T, set2: T -> result_indices: int64, result_values: T, result_shape: int64"
    attrs = ("set_operation: string; validate_indices: bool = True; "
             "T: {int8, int16, int32, int64, uint8, uint16, string}")

    def infer(n: Any, a: Any, b: Any) -> Any:
        n.at_least_rank(a, 2, "set1")
        n.at_least_rank(b, 2, "set2")
        if a is not None and b is not None:
            n.merge(a[:-1], b[:-1], "batches")
        rank = len(a) if a is not None else len(b) if b is not None else None
        return [(None, rank), (None,), (rank,)]

    def kernel(n: Any) -> Any:
        operation = OPERATIONS.get(n.attrs["set_operation"])
        kept = KEPT.get(n.attrs["set_operation"])
        dtype = n.dtype(1)

        def kernel(a: Any, b: Any) -> Any:
            if operation is None:
                raise RunError(f"set_operation is one of {', '.join(OPERATIONS)}, not {n.attrs['set_operation']!r}")
            a, b = np.asarray(a), np.asarray(b)
            if a.ndim < 2 or a.shape[:-1] != b.shape[:-1]:
                raise RunError(f"sets must have the same batches: {list(a.shape)} and {list(b.shape)}")
            if kept is not None and a.dtype != object and a.size + b.size > FEW:
                return operate(a, b, kept, n.each)
            indices, values, most = [], [], 0
            for place in np.ndindex(*a.shape[:-1]):
                found = sorted(operation(set(a[place].tolist()), set(b[place].tolist())))
                most = max(most, len(found))
                indices += [(*place, i) for i in range(len(found))]
                values += found
            made = np.empty(len(values), dtype)
            made[:] = values
            return (np.asarray(indices, np.int64).reshape(-1, a.ndim), made,
                    np.asarray([*a.shape[:-1], most], np.int64))

        return kernel

    gradient = no_gradient
