"""``x[index]``: Tensor.__getitem__ with TensorFlow's nodes, and the same with a name of one's own."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, said
from ..graph.default import get_default_graph, use_graph
from ..graph.dimension import Dimension
from ..graph.function_graph import FunctionGraph
from ..graph.types import DType, bool_, int16, int32, int64
from ..graph.variables import store_of
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import Tensor, apply_op, name_scope

EXPORTS = """
tf: slice=slice_ strided_slice newaxis
"""

newaxis = None
MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
_INDEX = (np.dtype(np.int16), np.dtype(np.int32), np.dtype(np.int64))


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """A block from ``begin`` of ``size``; -1 is all that is left (tf.slice)."""
    return apply_op("Slice", name, [input_, begin, size])


def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
                  ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None,
                  name: str | None = None) -> Any:
    """Elements from ``begin`` below ``end`` by ``strides``, axis by axis (tf.strided_slice)."""
    if strides is None:
        from . import ones_like

        strides = ones_like(begin)
    return apply_op("StridedSlice", name, [input_, begin, end, strides],
                    {"begin_mask": begin_mask, "end_mask": end_mask, "ellipsis_mask": ellipsis_mask,
                     "new_axis_mask": new_axis_mask, "shrink_axis_mask": shrink_axis_mask})


class VariableSlice(Tensor):
    """A slice of a variable as a tensor, ``w[1:]``, of which the variable can be written."""

    __slots__ = ()

    def assign(self, value: Any, name: str | None = None) -> Any:
        """Writes ``value`` where the slice is; returns what an assignment of the whole variable returns.

        Raises InvalidType for a value that is not of the variable's dtype.
        """
        _, *parts = self.op.inputs
        masks = {k: v for k, v in self.op.attrs.items() if k.endswith("_mask")}
        return store_of(self.graph).slices[self]._assign_slice(parts, masks, value, name or f"{self.op.name}/_assign")


def slice_of_variable(variable: Any, index: Any) -> Any:
    """``variable[index]``: a tensor that has ``assign``, unless a mask chose the elements."""
    found = slice_tensor(variable.value(), index)
    if found.op.type == "StridedSlice":
        found.__class__ = VariableSlice
        store_of(found.graph).slices[found] = variable
    return found


class _Parts:
    """begin, end and strides of a StridedSlice, and its masks."""

    def __init__(self) -> None:
        self.begin: list[Any] = []
        self.end: list[Any] = []
        self.strides: list[Any] = []
        self.masks = dict.fromkeys(MASKS, 0)

    def add(self, begin: Any, end: Any, stride: Any, *masks: str) -> None:
        bit = 1 << len(self.begin)
        for mask in masks:
            self.masks[mask] |= bit
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)


def slice_tensor(x: Any, index: Any, name: str | None = None) -> Any:
    """``x[index]`` (Tensor.__getitem__): integers, slices, ``...``, None, tensors; a bool tensor masks.

    Raises InvalidType for what is no index.
    """
    tensor = convert_to_tensor(x)
    if tensor.graph is not get_default_graph() and not isinstance(get_default_graph(), FunctionGraph):
        with use_graph(tensor.graph):
            return slice_tensor(x, index, name)
    if _is_mask(index):
        from . import boolean_mask

        return boolean_mask(tensor, index) if name is None else boolean_mask(tensor, index, name=name)
    parts = _Parts()
    for item in index if isinstance(index, (list, tuple)) else [index]:
        if isinstance(item, slice):
            _add_slice(parts, item)
        elif item is Ellipsis:
            parts.add(0, 0, 1, "ellipsis_mask")
        elif item is None:
            parts.add(0, 0, 1, "new_axis_mask")
        else:
            _check_index(item)
            kind = item.dtype if isinstance(item, Tensor) and item.dtype in (int16, int64) else None
            parts.add(item, item + 1, constant(1, kind) if kind else 1, "shrink_axis_mask")
    with name_scope(name, "strided_slice") as scope:
        if parts.begin:
            from . import stack

            packed = _one_dtype([stack(p) for p in (parts.begin, parts.end, parts.strides)])
        else:
            packed = [constant([], int32)] * 3
        return apply_op("StridedSlice", scope, [tensor, *packed], parts.masks)


def named_slice(x: Any, index: Any, name: str) -> Any:
    """``x[index]`` as the op ``name``."""
    return slice_tensor(x, index, name)


def _is_mask(index: Any) -> bool:
    if is_tensor(index):
        return index.dtype.base_dtype is bool_
    return isinstance(index, (bool, np.ndarray)) and np.asarray(index).dtype == bool


def _add_slice(parts: _Parts, item: slice) -> None:
    given = (item.start, item.stop, item.step)
    kinds = [t.dtype for t in given if isinstance(t, Tensor)]
    dtype: DType | None = next((d for d in (int64, int32, int16) if d in kinds), None)
    values, masks = [], []
    for part, number, mask in zip(given, (0, 0, 1), ("begin_mask", "end_mask", "")):
        if part is None or isinstance(part, Dimension) and part.value is None:
            values.append(number if dtype is None else constant(number, dtype))
            masks += [mask] if mask else []
        else:
            _check_index(part)
            values.append(part)
    parts.add(*values, *masks)  # type: ignore[arg-type]


def _check_index(item: Any) -> None:
    """Raises InvalidType for what is no index."""
    if isinstance(item, (int, np.integer, Dimension)) and not isinstance(item, bool):
        return
    if is_tensor(item):
        if item.dtype.base_dtype in (int16, int32, int64) and (item.shape.tuple is None or len(item.shape) != 1):
            return
    elif isinstance(item, np.ndarray) and item.dtype in _INDEX and item.ndim != 1:
        return
    shown = f"the {item.dtype.base_dtype.name} tensor {item.name}" if is_tensor(item) else said(item)
    raise InvalidType(f"an index is a whole number, a slice, ..., None or a scalar int32 or int64 tensor, not {shown}",
                      hint="tf.gather takes several rows, tf.boolean_mask a mask")


def _one_dtype(packed: list[Any]) -> list[Any]:
    if any(p.dtype is int64 for p in packed):
        return [p if p.dtype is int64 else apply_op("Cast", None, [p], {"DstT": int64}) for p in packed]
    return packed
