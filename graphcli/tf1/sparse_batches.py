"""Sparse tensors on their way through a queue of batches: numbers go through it, and the session holds the tensors."""
from __future__ import annotations

from typing import Any

from .framework import apply_op, colocate_with
from .grouping import with_dependencies
from .modules import modules
from .sparse_tensor import SparseTensor

tf = modules["tf"]


class Way:
    """One member of the elements: how it goes into the queue and comes out, None for a dense one."""

    def __init__(self) -> None:
        self.node: Any = None

    def put(self, sparse: SparseTensor, rows: bool) -> Any:
        """The number that stands for it, or with ``rows`` one for each row."""
        shared = self.node.name if self.node is not None else ""
        kind = "AddManySparseToTensorsMap" if rows else "AddSparseToTensorsMap"
        number = apply_op(kind, None, list(sparse.components), {"shared_name": shared})
        if self.node is None:
            self.node, self.dtype = number.op, sparse.values.dtype.base_dtype
            self.rank = sparse.get_shape().ndims
            if self.rank is not None and not rows:
                self.rank += 1
        return number

    def take(self, numbers: Any) -> SparseTensor:
        numbers = tf.squeeze(numbers, [1])
        with colocate_with(self.node):
            parts = apply_op("TakeManySparseFromTensorsMap", None, [numbers],
                             {"dtype": self.dtype, "shared_name": self.node.name})
        if self.rank is not None:
            parts[0].set_shape([None, self.rank])
            parts[2].set_shape([self.rank])
        return SparseTensor(*parts)


def put_all(lists: list[list[Any]], rows: bool) -> tuple[list[list[Any]], list[Way | None]]:
    """The lists with numbers in place of sparse tensors, and the ways of their members."""
    ways = [Way() if hasattr(m, "components") else None for m in lists[0]]

    def put(one: list[Any]) -> list[Any]:
        numbers = [m if way is None else way.put(m, rows) for m, way in zip(one, ways)]
        # as rows of one, which a queue gives as rows again
        return [m if way is None else tf.expand_dims(m, [-1]) for m, way in zip(numbers, ways)]

    return [put(one) for one in lists], ways


def take_all(taken: Any, ways: list[Way | None]) -> Any:
    """What a queue gave, with the sparse tensors back; each waits until all are there."""
    if not any(ways):
        return taken
    members = taken if isinstance(taken, list) else [taken]
    found = [t if way is None else way.take(t) for t, way in zip(members, ways)]
    ops = list(dict.fromkeys((f.values if hasattr(f, "components") else f).op for f in found))
    waited = [SparseTensor(*[with_dependencies(ops, c) for c in f.components]) if hasattr(f, "components")
              else with_dependencies(ops, f) for f in found]
    return waited if isinstance(taken, list) else found[0]
