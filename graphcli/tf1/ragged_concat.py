"""Ragged tensors joined along an axis (tf.concat, tf.stack, tf.ragged.stack)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from .array_join import positive_axis
from .framework import name_scope
from .modules import modules
from .ragged_array import expand_dims
from .ragged_gather import gather
from .ragged_rows import assert_splits_match, lengths_to_splits
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_rows, row_kind

EXPORTS = """
ragged: stack
"""

tf = modules["tf"]


def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    """Joined along an axis (tf.concat). Raises InvalidValue."""
    return _scoped(values, axis, name, stacking=False)


def stack(values: Any, axis: Any = 0, name: str | None = None) -> Any:
    """Side by side along a new axis, ragged even where all are tensors (tf.ragged.stack). Raises InvalidValue."""
    return _scoped(values, axis, name, stacking=True)


def _scoped(values: Any, axis: Any, name: str | None, stacking: bool) -> Any:
    if not isinstance(values, (list, tuple)):
        values = [values]
    with name_scope(name, "RaggedConcat", values):
        return _joined(values, axis, stacking)


def _joined(inputs: Any, axis: Any, stacking: bool) -> Any:
    if not inputs:
        raise InvalidValue("rt_inputs may not be empty.")
    inputs = [convert_to_tensor_or_ragged_tensor(x, name="rt_input") for x in inputs]
    kind = row_kind(*inputs)
    if len(inputs) == 1:
        return expand_dims(inputs[0], axis=axis) if stacking else inputs[0]
    rank: Any = None
    for x in inputs:
        if rank is None:
            rank = x.shape.ndims
        else:
            x.shape.assert_has_rank(rank)
    outer = rank + 1 if stacking and rank is not None else rank
    axis = positive_axis(axis, outer)
    if not any(is_rows(x) for x in inputs) and rank is not None and axis in (outer - 1, rank - 1):
        # the innermost axis of tensors: nothing is ragged
        return tf.stack(inputs, axis) if stacking else tf.concat(inputs, axis)
    inputs = [x if is_rows(x) else RaggedTensor.from_tensor(x, ragged_rank=1, row_splits_dtype=kind) for x in inputs]
    ragged = max(max(x.ragged_rank for x in inputs), 1)
    inputs = [_deeper(x, ragged, kind) for x in inputs]
    if axis == 0:
        return _one_below_another(inputs, stacking)
    if axis == 1:
        return _row_by_row(inputs, stacking)
    values = [x.values for x in inputs]
    with tf.control_dependencies(assert_splits_match([[x.row_splits] for x in inputs])):
        return RaggedTensor.from_row_splits(_joined(values, axis - 1, stacking), inputs[0].row_splits, validate=False)


def _one_below_another(inputs: list[Any], stacking: bool) -> Any:
    values = tf.concat([x.flat_values for x in inputs], axis=0)
    nested = [x.nested_row_splits for x in inputs]
    splits = [_joined_splits([each[dim] for each in nested]) for dim in range(inputs[0].ragged_rank)]
    if stacking:
        splits.insert(0, lengths_to_splits(tf.stack([x.nrows() for x in inputs])))
    return RaggedTensor.from_nested_row_splits(values, splits, validate=False)


def _row_by_row(inputs: list[Any], stacking: bool) -> Any:
    many = len(inputs)
    rows = inputs[0].nrows()
    checks = [tf.assert_equal(x.nrows(), rows, message="Input tensors have incompatible shapes.") for x in inputs[1:]]
    with tf.control_dependencies(checks):
        joined = _one_below_another(inputs, stacking=False)
        # the first rows of all, then the second ones
        matrix = tf.reshape(tf.range(rows * many), [many, -1])
        order = tf.reshape(tf.transpose(matrix), [-1])
        mixed = gather(joined, order)
        if stacking:
            splits = tf.range(0, rows * many + 1, many)
            values = mixed
        else:
            splits = mixed.row_splits[::many]
            values = mixed.values
        for x in inputs:
            # a size that is not known says that there is an axis
            known = x.shape[0].value
            splits.set_shape([None if known is None else known + 1])
        return RaggedTensor.from_row_splits(values, splits, validate=False)


def _deeper(rt: Any, ragged: int, kind: Any) -> Any:
    """With so many ragged axes."""
    if ragged > 0:
        if not is_rows(rt):
            rt = RaggedTensor.from_tensor(rt, row_splits_dtype=kind)
        if rt.ragged_rank < ragged:
            rt = rt.with_values(_deeper(rt.values, ragged - 1, kind))
    return rt


def _joined_splits(splits: list[Any]) -> Any:
    pieces = [splits[0]]
    offset = splits[0][-1]
    for ends in splits[1:]:
        pieces.append(ends[1:] + offset)
        offset += ends[-1]
    return tf.concat(pieces, axis=0)
