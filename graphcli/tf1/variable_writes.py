"""What writes a reference variable: its assignments, and those of some of its rows or elements."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, said
from ..graph.graph import Tensor
from .framework import apply_op


class Written:
    """The methods of a variable that make nodes which write it; each returns what it wrote, or the op."""

    _variable: Tensor

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        made = apply_op("Assign", name, [self._variable, value], {"use_locking": use_locking})
        return made if read_value else made.op

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        made = apply_op("AssignAdd", name, [self._variable, delta], {"use_locking": use_locking})
        return made if read_value else made.op

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:
        made = apply_op("AssignSub", name, [self._variable, delta], {"use_locking": use_locking})
        return made if read_value else made.op

    def _assign_slice(self, parts: Any, masks: Any, value: Any, name: str) -> Any:
        return apply_op("StridedSliceAssign", name, [self._variable, *parts, value], masks)

    def count_up_to(self, limit: int) -> Tensor:
        made: Tensor = apply_op("CountUpTo", None, [self._variable], {"limit": limit})
        return made

    def _scatter(self, op_type: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        if not hasattr(sparse_delta, "indices") or not hasattr(sparse_delta, "values"):
            raise InvalidType(f"sparse_delta is IndexedSlices, not {said(sparse_delta)}")
        return apply_op(op_type, name, [self._variable, sparse_delta.indices, sparse_delta.values],
                        {"use_locking": use_locking})

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterUpdate", sparse_delta, use_locking, name)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterAdd", sparse_delta, use_locking, name)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterSub", sparse_delta, use_locking, name)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterMul", sparse_delta, use_locking, name)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterDiv", sparse_delta, use_locking, name)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterMax", sparse_delta, use_locking, name)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._scatter("ScatterMin", sparse_delta, use_locking, name)

    def _scatter_nd(self, op_type: str, indices: Any, updates: Any, name: str | None) -> Any:
        return apply_op(op_type, name, [self._variable, indices, updates], {"use_locking": True})

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._scatter_nd("ScatterNdUpdate", indices, updates, name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._scatter_nd("ScatterNdAdd", indices, updates, name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._scatter_nd("ScatterNdSub", indices, updates, name)

    def scatter_nd_max(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._scatter_nd("ScatterNdMax", indices, updates, name)

    def scatter_nd_min(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return self._scatter_nd("ScatterNdMin", indices, updates, name)
