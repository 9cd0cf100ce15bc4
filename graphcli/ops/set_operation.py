"""Sets of values, row by row."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ._set_rows import dense_rows, operate_rows, sizes_of_rows, sparse_rows
from ._sets import BLOCK, operate
from ._sparse import checked, components, inside, numbered

CPU_ONLY = True
OPERATIONS = {"a-b": lambda a, b: a - b, "b-a": lambda a, b: b - a, "intersection": lambda a, b: a & b,
              "union": lambda a, b: a | b}
KEPT = {"a-b": lambda a, b: a & ~b, "b-a": lambda a, b: b & ~a, "intersection": lambda a, b: a & b,
        "union": lambda a, b: a | b}
FEW = 1 << 9
"""Elements up to which Python's sets are taken, as they are for strings."""


def _operation(n: Any) -> Any:
    """The function of two sets. Raises RunError for a name that there is not."""
    found = OPERATIONS.get(n.attrs["set_operation"])
    if found is None:
        raise RunError(f"set_operation is one of {', '.join(OPERATIONS)}, not {n.attrs['set_operation']!r}")
    return found


def _gathered(n: Any, sets: Iterable[tuple[tuple[int, ...], set[Any]]], sizes: Any) -> tuple[Any, Any, Any]:
    """Sets by their places, in order, as a sparse tensor."""
    indices, values, most = [], [], 0
    for place, numbers in sets:
        found = sorted(numbers)
        most = max(most, len(found))
        indices += [(*place, i) for i in range(len(found))]
        values += found
    made = np.empty(len(values), n.dtype(1))
    made[:] = values
    return (np.asarray(indices, np.int64).reshape(-1, len(sizes) + 1), made, np.asarray([*sizes, most], np.int64))


def _check(n: Any, indices: Any, values: Any, shape: Any, what: str) -> None:
    """Refuses what is no sparse tensor of sets, or not in order."""
    checked(indices, values, shape)
    if len(shape) < 2:
        raise RunError(f"{what} must have at least rank 2, not {len(shape)}")
    inside(indices, shape)
    if not n.attrs["validate_indices"]:
        return
    for i in range(0, len(indices) - 1, BLOCK):
        steps = np.diff(numbered(indices[i:i + BLOCK + 1])[0])
        if (steps <= 0).any():
            row = i + int(np.argmax(steps <= 0))
            raise RunError(f"indices[{row + 1}] = {indices[row + 1].tolist()} is "
                           f"{'repeated' if steps[row - i] == 0 else 'out of order'}")


def _rows(indices: Any, values: Any) -> dict[tuple[int, ...], set[Any]]:
    """The sets of the last axis of a sparse tensor, by their places."""
    out: dict[tuple[int, ...], set[Any]] = {}
    for place, value in zip(map(tuple, indices[:, :-1].tolist()), values.tolist()):
        out.setdefault(place, set()).add(value)
    return out


def _by_sorting(values: Any, other: Any = ()) -> bool:
    """Whether there are so many whole numbers that it pays to sort them."""
    return bool(values.dtype != object and values.size + np.size(other) > FEW)


NONE: set[Any] = set()
ATTRS = ("set_operation: string; validate_indices: bool = True; "
         "T: {int8, int16, int32, int64, uint8, uint16, string}")
RESULT = "result_indices: int64, result_values: T, result_shape: int64"


@op
class DenseToDenseSetOperation:
    """Difference, intersection or union of the last axes of two tensors, as a sparse tensor (tf.sets)."""

    signature = f"set1: T, set2: T -> {RESULT}"
    attrs = ATTRS

    def infer(n: Any, a: Any, b: Any) -> Any:
        n.at_least_rank(a, 2, "set1")
        n.at_least_rank(b, 2, "set2")
        if a is not None and b is not None:
            n.merge(a[:-1], b[:-1], "batches")
        rank = len(a) if a is not None else len(b) if b is not None else None
        return [(None, rank), (None,), (rank,)]

    def kernel(n: Any) -> Any:
        def kernel(a: Any, b: Any) -> Any:
            operation = _operation(n)
            a, b = np.asarray(a), np.asarray(b)
            if a.ndim < 2 or a.shape[:-1] != b.shape[:-1]:
                raise RunError(f"sets must have the same batches: {list(a.shape)} and {list(b.shape)}")
            if _by_sorting(a, b):
                return operate(a, b, KEPT[n.attrs["set_operation"]], n.each)
            sets = ((place, operation(set(a[place].tolist()), set(b[place].tolist())))
                    for place in np.ndindex(*a.shape[:-1]))
            return _gathered(n, sets, a.shape[:-1])

        return kernel

    gradient = no_gradient


@op
class DenseToSparseSetOperation:
    """Difference, intersection or union of the last axes of a dense and a sparse tensor, as a sparse one (tf.sets)."""

    signature = f"set1: T, set2_indices: int64, set2_values: T, set2_shape: int64 -> {RESULT}"
    attrs = ATTRS
    gradient = no_gradient

    def infer(n: Any, a: Any, indices: Any, values: Any, shape: Any) -> Any:
        n.at_least_rank(a, 2, "set1")
        _, rank = components(n, indices, values, shape, "set2_")
        if a is not None:
            rank, = n.merge((len(a),), (rank,), "ranks")
        return [(None, rank), (None,), (rank,)]

    def kernel(n: Any) -> Any:
        def kernel(a: Any, indices: Any, values: Any, shape: Any) -> Any:
            operation = _operation(n)
            _check(n, indices, values, shape, "set2")
            if a.ndim < 2 or list(a.shape[:-1]) != shape[:-1].tolist():
                raise RunError(f"sets must have the same batches: {list(a.shape)} and {shape.tolist()}")
            if _by_sorting(a, values):
                return operate_rows(dense_rows(a), sparse_rows(indices, values), a.shape[:-1],
                                    KEPT[n.attrs["set_operation"]], n.each)
            rows = _rows(indices, values)
            sets = ((place, operation(set(a[place].tolist()), rows.get(place, NONE)))
                    for place in np.ndindex(*a.shape[:-1]))
            return _gathered(n, sets, a.shape[:-1])

        return kernel


@op
class SparseToSparseSetOperation:
    """Difference, intersection or union of the last axes of two sparse tensors, as a sparse one (tf.sets)."""

    signature = ("set1_indices: int64, set1_values: T, set1_shape: int64, set2_indices: int64, set2_values: T, "
                 f"set2_shape: int64 -> {RESULT}")
    attrs = ATTRS
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        _, first = components(n, inputs[0], inputs[1], inputs[2], "set1_")
        _, second = components(n, inputs[3], inputs[4], inputs[5], "set2_")
        rank, = n.merge((first,), (second,), "ranks")
        return [(None, rank), (None,), (rank,)]

    def kernel(n: Any) -> Any:
        def kernel(*arrays: Any) -> Any:
            operation, (a, b) = _operation(n), (arrays[2], arrays[5])
            _check(n, arrays[0], arrays[1], a, "set1")
            _check(n, arrays[3], arrays[4], b, "set2")
            if a[:-1].tolist() != b[:-1].tolist():
                raise RunError(f"sets must have the same batches: {a.tolist()} and {b.tolist()}")
            if _by_sorting(arrays[1], arrays[4]):
                return operate_rows(sparse_rows(*arrays[:2]), sparse_rows(*arrays[3:5]), tuple(a[:-1].tolist()),
                                    KEPT[n.attrs["set_operation"]], n.each)
            first, second = _rows(*arrays[:2]), _rows(*arrays[3:5])
            sets = ((place, operation(first.get(place, NONE), second.get(place, NONE)))
                    for place in sorted(first.keys() | second.keys()))
            return _gathered(n, sets, a[:-1].tolist())

        return kernel


@op
class SetSize:
    """How many different values each set of the last axis of a sparse tensor has (tf.sets.size)."""

    signature = "set_indices: int64, set_values: T, set_shape: int64 -> size: int32"
    attrs = "validate_indices: bool = True; T: {int8, int16, int32, int64, uint8, uint16, string}"
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return None

    def kernel(n: Any) -> Any:
        def size(indices: Any, values: Any, shape: Any) -> Any:
            _check(n, indices, values, shape, "the set")
            if _by_sorting(values):
                return sizes_of_rows(sparse_rows(indices, values), shape)
            out = np.zeros(shape[:-1], np.int32)
            for place, numbers in _rows(indices, values).items():
                out[place] = len(numbers)
            return out

        return size
