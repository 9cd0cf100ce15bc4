"""Sparse tensors that wait in the session under a number, while a queue holds the number (tf.train.batch)."""
from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import scalar_shape
from ..graph.opdef import op, undefined_gradient
from ._datasets import kept
from ._sparse import checked
from .serialized import check_rows, rows_of, together

CPU_ONLY = True
_PUT = "sparse_indices: int64, sparse_values: T, sparse_shape: int64 -> "
_NAMES = "container: string = ''; shared_name: string = ''"


class TensorsMap:
    """Sparse tensors by number, each taken once."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[Any, ...]] = {}
        self._next = 0
        self._lock = Lock()

    def put(self, parts: list[tuple[Any, ...]]) -> list[int]:
        with self._lock:
            numbers = list(range(self._next, self._next + len(parts)))
            self._next += len(parts)
            self._held.update(zip(numbers, parts))
        return numbers

    def take(self, number: int) -> tuple[Any, ...]:
        with self._lock:
            if number not in self._held:
                raise InvalidArgument(f"there is no sparse tensor of the handle {number}; each is taken once")
            return self._held.pop(number)


def _map_of(n: Any) -> TensorsMap:
    attrs = n.attrs
    name = f"{attrs['container']}/{attrs['shared_name'] or n.node.name} of sparse tensors"
    found: TensorsMap = n.state.resource(name, TensorsMap)
    return found


@op
class AddSparseToTensorsMap:
    """Keeps a sparse tensor and gives the number under which it is taken."""

    signature = _PUT + "sparse_handle: int64"
    takes = "sparse_indices: [?, ?]; sparse_values: [?]; sparse_shape: [?]"
    attrs = "T: type; " + _NAMES
    stateful = True
    infer = scalar_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        held = _map_of(n)

        def add(*parts: Any) -> Any:
            checked(*parts)
            return np.asarray(held.put([tuple(kept(n, parts))])[0], np.int64)

        return add


@op
class AddManySparseToTensorsMap:
    """Keeps the rows of a sparse tensor, each under a number of its own."""

    signature = _PUT + "sparse_handles: int64"
    takes = "sparse_indices: [?, ?]; sparse_values: [?]; sparse_shape: [?]"
    attrs = "T: type; " + _NAMES
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return (None,)

    def kernel(n: Any) -> Any:
        held = _map_of(n)

        def add(indices: Any, values: Any, shape: Any) -> Any:
            check_rows(indices, values, shape)
            return np.array(held.put(list(rows_of(indices, values, shape))), np.int64)

        return add


@op
class TakeManySparseFromTensorsMap:
    """The sparse tensors of some numbers as one, a row each; they are kept no longer."""

    signature = "sparse_handles: int64 -> sparse_indices: int64, sparse_values: dtype, sparse_shape: int64"
    takes = "sparse_handles: [?]"
    attrs = "dtype: type; " + _NAMES
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, handles: Any) -> Any:
        return [(None, None), (None,), (None,)]

    def kernel(n: Any) -> Any:
        held = _map_of(n)

        def take(handles: Any) -> Any:
            return together([held.take(number) for number in handles.tolist()], (len(handles),))

        return take
