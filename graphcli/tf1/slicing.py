"""Indexing: ``x[0, :, 1:-1, None, ...]`` as one StridedSlice (Tensor.__getitem__)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType
from ..graph.types import Dimension, int16, int32, int64
from .framework import apply_op, constant, convert_to_tensor, is_tensor, name_scope

EXPORTS = """
tf: slice=slice_ strided_slice
"""


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """A block from ``begin`` of ``size``; -1 is all that is left (tf.slice)."""
    return apply_op("Slice", name, [input_, begin, size])


def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
                  ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None,
                  name: str | None = None) -> Any:
    """input[begin:end:strides] with masks for what an index leaves open (tf.strided_slice)."""
    if strides is None:
        from . import ones_like

        strides = ones_like(begin)
    return apply_op("StridedSlice", name, [input_, begin, end, strides], {
        "begin_mask": begin_mask, "end_mask": end_mask, "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask, "shrink_axis_mask": shrink_axis_mask})


def slice_tensor(x: Any, index: Any, name: str | None = None) -> Any:
    """x[index]. A bool tensor or array as the index selects rows (boolean_mask)."""
    if (is_tensor(index) and index.dtype.base_dtype.is_bool) or (
            isinstance(index, np.ndarray) and index.dtype == bool):
        from . import boolean_mask

        return boolean_mask(x, index)
    items = list(index) if isinstance(index, (list, tuple)) else [index]
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = {"begin": 0, "end": 0, "ellipsis": 0, "new_axis": 0, "shrink_axis": 0}
    for i, item in enumerate(items):
        bit = 1 << i
        if isinstance(item, slice):
            _one_slice(item, bit, begin, end, strides, masks)
        elif item is Ellipsis or item is None:
            masks["ellipsis" if item is Ellipsis else "new_axis"] |= bit
            begin.append(0)
            end.append(0)
            strides.append(1)
        else:
            _check_index(item)
            masks["shrink_axis"] |= bit
            begin.append(item)
            end.append(item + 1)
            wide = is_tensor(item) and item.dtype.base_dtype is int64
            strides.append(constant(1, int64) if wide else 1)
    with name_scope(name, "strided_slice", [x]) as scope:
        from . import stack

        if begin:
            packed = [stack(part) for part in (begin, end, strides)]
            if any(p.dtype is int64 for p in packed):
                from . import cast

                packed = [p if p.dtype is int64 else cast(p, int64) for p in packed]
        else:
            packed = [constant([], int32) for _ in range(3)]
        return strided_slice(convert_to_tensor(x), *packed, name=scope,
                             **{f"{k}_mask": v for k, v in masks.items()})


def _one_slice(item: Any, bit: int, begin: list[Any], end: list[Any], strides: list[Any],
               masks: dict[str, int]) -> None:
    parts = (item.start, item.stop, item.step)
    for part in parts:
        if part is not None:
            _check_index(part)
    tensors = any(is_tensor(p) for p in parts)
    wide = any(is_tensor(p) and p.dtype.base_dtype is int64 for p in parts)
    for part, out, mask, absent in ((item.start, begin, "begin", 0), (item.stop, end, "end", 0),
                                    (item.step, strides, None, 1)):
        if part is None:
            part = constant(absent, int64 if wide else int32) if tensors else absent
            if mask:
                masks[mask] |= bit
        out.append(part)


def _check_index(item: Any) -> None:
    if isinstance(item, (int, np.integer, Dimension)) and not isinstance(item, bool):
        return
    if is_tensor(item) and item.dtype.base_dtype in (int16, int32, int64) and (
            item.shape.rank in (0, None)):
        return
    shown = f"{item.dtype.name} tensor" if is_tensor(item) else repr(item)
    raise InvalidType(f"an index is a whole number, a slice, ..., None or a scalar int32 or int64 tensor, "
                      f"not {shown}", hint="tf.gather takes several rows, tf.boolean_mask a mask")
