"""``value[index]`` with a name of one's own, node by node as ``Tensor.__getitem__`` makes it."""

from __future__ import annotations

from typing import Any


class _Parts:
    """begin, end and strides of a StridedSlice, and its masks."""

    def __init__(self) -> None:
        self.begin: list[Any] = []
        self.end: list[Any] = []
        self.strides: list[Any] = []
        self.masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)

    def add(self, begin: Any, end: Any, stride: Any, bit: int, *masks: str) -> None:
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)
        for mask in masks:
            self.masks[mask] |= bit


def named_slice(tf: Any, value: Any, index: Any, name: str) -> Any:
    """The slice, as the op ``name``. What is no index goes to TensorFlow's own refusal."""
    parts = _Parts()
    for i, item in enumerate(index if isinstance(index, (list, tuple)) else [index]):
        bit = 1 << i
        if isinstance(item, slice):
            _add_slice(tf, parts, item, bit)
        elif item is Ellipsis:
            parts.add(0, 0, 1, bit, "ellipsis_mask")
        elif item is None:
            parts.add(0, 0, 1, bit, "new_axis_mask")
        else:
            wide = isinstance(item, tf.Tensor) and item.dtype == tf.int64
            if not _is_index(tf, item):
                return value[index]
            parts.add(item, item + 1, tf.constant(1, tf.int64) if wide else 1, bit, "shrink_axis_mask")
    with tf.name_scope(name, "strided_slice", [value]) as inner:
        packed = [tf.stack(p) for p in (parts.begin, parts.end, parts.strides)]
        if any(p.dtype == tf.int64 for p in packed):
            packed = [p if p.dtype == tf.int64 else tf.cast(p, tf.int64) for p in packed]
        return tf.strided_slice(value, *packed, name=inner, **parts.masks)


def _is_index(tf: Any, item: Any) -> bool:
    if isinstance(item, bool):
        return False
    if hasattr(item, "__index__") and not isinstance(item, (tf.Tensor, tf.Variable)):
        return True
    return getattr(item, "dtype", None) in (tf.int16, tf.int32, tf.int64)


def _add_slice(tf: Any, parts: _Parts, item: slice, bit: int) -> None:
    given = (item.start, item.stop, item.step)
    tensors = [t for t in given if isinstance(t, tf.Tensor)]
    wide = any(t.dtype == tf.int64 for t in tensors)

    def absent(number: int) -> Any:
        return tf.constant(number, tf.int64 if wide else tf.int32) if tensors else number

    masks = [m for m, part in (("begin_mask", item.start), ("end_mask", item.stop)) if part is None]
    begin = absent(0) if item.start is None else item.start
    end = absent(0) if item.stop is None else item.stop
    stride = absent(1) if item.step is None else item.step
    parts.add(begin, end, stride, bit, *masks)
