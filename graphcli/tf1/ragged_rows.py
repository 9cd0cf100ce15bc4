"""Whole numbers that say rows: lengths, ends and the row of each value, one made of the other."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.types import as_dtype, int32, int64
from .array_fill import sequence_mask, whole_numbers
from .array_join import tile_axis
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules

EXPORTS = """
ragged: row_splits_to_segment_ids segment_ids_to_row_splits
"""

tf = modules["tf"]


def repeat(data: Any, repeats: Any, axis: int = 0) -> Tensor:
    """Each row ``repeats`` times, one number or one for each, by the nodes of TensorFlow 1.15 (tf.repeat has later
    ones)."""
    with name_scope(None, "Repeat", [data, repeats]):
        repeats = whole_numbers(repeats, "repeats")
        repeats.shape.with_rank_at_most(1)
        sizes = tf.shape(data)
        if repeats.static == ():
            tiled = tile_axis(tf.expand_dims(data, 1), 1, repeats)
            return tf.reshape(tiled, tf.concat([sizes[:0], [-1], sizes[1:]], axis=0))  # type: ignore[no-any-return]
        most = tf.maximum(0, apply_op("Max", None, [repeats, constant([0], int32)]))
        mask = sequence_mask(repeats, most)
        made = tf.boolean_mask(tile_axis(tf.expand_dims(data, 1), 1, most), mask)
        if data.static is not None:
            made.set_shape((0 if repeats.static[0] == 0 else None, *data.static[1:]))
        return made  # type: ignore[no-any-return]


def bincount(arr: Any, minlength: Any = None, maxlength: Any = None, dtype: Any = "int32") -> Tensor:
    """How often each whole number from 0 occurs, by the nodes of TensorFlow 1.15 (tf.bincount has later ones)."""
    with name_scope("bincount"):
        arr = convert_to_tensor(arr, "int32", name="arr")
        held = tf.reduce_prod(tf.shape(arr)) > 0
        size = tf.cast(held, "int32") * (tf.reduce_max(arr) + 1)
        if minlength is not None:
            size = tf.maximum(convert_to_tensor(minlength, "int32", "minlength"), size)
        if maxlength is not None:
            size = tf.minimum(convert_to_tensor(maxlength, "int32", "maxlength"), size)
        return apply_op("Bincount", None, [arr, size, constant([], dtype)])  # type: ignore[no-any-return]


def lengths_to_splits(lengths: Any) -> Tensor:
    """The ends of rows of these lengths."""
    return tf.concat([[0], tf.cumsum(lengths)], axis=-1)  # type: ignore[no-any-return]


def repeat_ranges(params: Any, splits: Any, repeats: Any) -> Tensor:
    """Each row of ``params`` so many times: ``splits`` are the ends of the rows, ``repeats`` one number or many."""
    if repeats.shape.ndims != 0:
        starts = repeat(splits[:-1], repeats, axis=0)
        limits = repeat(splits[1:], repeats, axis=0)
    else:
        repeated = repeat(splits, repeats, axis=0)
        number = tf.shape(repeated, out_type=repeats.dtype)[0]
        starts = repeated[:number - repeats]
        limits = repeated[repeats:]
    one = tf.ones((), starts.dtype)
    offsets = apply_op("RaggedRange", None, [starts, limits, one])
    return tf.gather(params, offsets.rt_dense_values)  # type: ignore[no-any-return]


def assert_splits_match(nested: list[Any]) -> list[Any]:
    """Assertions that the ends of rows are the same. Raises InvalidValue where there are not as many."""
    message = "Inputs must have identical ragged splits"
    for splits in nested:
        if len(splits) != len(nested[0]):
            raise InvalidValue(message)
    return [tf.assert_equal(a, b, message=message) for splits in nested[1:] for a, b in zip(nested[0], splits)]


def row_splits_to_segment_ids(splits: Any, name: str | None = None, out_type: Any = None) -> Tensor:
    """The row of each value, from where the rows end (tf.ragged.row_splits_to_segment_ids)."""
    with name_scope(name, "RaggedSplitsToSegmentIds", [splits]):
        splits = convert_to_tensor(splits, name="splits", preferred_dtype=int64)
        if splits.dtype.base_dtype not in (int32, int64):
            raise InvalidValue(f"splits are int32 or int64, not {splits.dtype.name}")
        splits.shape.assert_has_rank(1)
        if splits.static is not None and splits.static[0] == 0:
            raise InvalidValue("Invalid row_splits: []")
        kind = splits.dtype if out_type is None else as_dtype(out_type)
        lengths = splits[1:] - splits[:-1]
        rows = tf.shape(splits, out_type=kind)[-1] - 1
        return repeat(tf.range(rows), repeats=lengths, axis=0)


def segment_ids_to_row_splits(segment_ids: Any, num_segments: Any = None, out_type: Any = None,
                              name: str | None = None) -> Tensor:
    """Where rows end, from the row of each value (tf.ragged.segment_ids_to_row_splits)."""
    kind: Any = int64
    if out_type is not None:
        kind = as_dtype(out_type)
    elif isinstance(segment_ids, Tensor):
        kind = segment_ids.dtype
    elif isinstance(num_segments, Tensor):
        kind = num_segments.dtype
    with name_scope(name, "SegmentIdsToRaggedSplits", [segment_ids]):
        segment_ids = whole_numbers(segment_ids, "segment_ids")
        segment_ids.shape.assert_has_rank(1)
        if num_segments is not None:
            num_segments = whole_numbers(num_segments, "num_segments")
            num_segments.shape.assert_has_rank(0)
        lengths = bincount(segment_ids, minlength=num_segments, maxlength=num_segments, dtype=kind)
        splits = tf.concat([[0], tf.cumsum(lengths)], axis=0)
        known = None if num_segments is None else static_value(num_segments)
        if known is not None:
            splits.set_shape([int(known) + 1])
        return splits  # type: ignore[no-any-return]
