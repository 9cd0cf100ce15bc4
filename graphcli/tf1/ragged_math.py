"""Ragged ranges, and ragged rows put together by segments (tf.ragged.range, tf.unsorted_segment_sum, …)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.types import as_dtype, float32, float64, int32, int64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .named import named
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_ragged, is_rows, match_row_splits_dtypes

EXPORTS = """
ragged: range=range_
"""

tf = modules["tf"]
NUMBERS = (int32, int64, float32, float64)


def range_(starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None, name: str | None = None,
           row_splits_dtype: Any = int64) -> Any:
    """A row of numbers from each start to its limit (tf.ragged.range)."""
    kind = as_dtype(row_splits_dtype)
    if limits is None:
        starts, limits = 0, starts
    with name_scope(name, "RaggedRange", [starts, limits, deltas]) as scope:
        numbers = [convert_to_tensor(value, dtype, name=word)
                   for word, value in (("starts", starts), ("limits", limits), ("deltas", deltas))]
        if dtype is None:
            if not all(x.dtype.base_dtype in NUMBERS for x in numbers):
                raise InvalidType(f"a range is of int32, int64, float32 or float64, not of "
                                  f"{', '.join(x.dtype.name for x in numbers)}")
            widest = max((x.dtype.base_dtype for x in numbers), key=NUMBERS.index)
            numbers = [tf.cast(x, widest) for x in numbers]
        made = apply_op("RaggedRange", scope, numbers, {"Tsplits": kind})
        return RaggedTensor.from_row_splits(made.rt_dense_values, made.rt_nested_splits, validate=False)


def aggregate(op: Callable[..., Any], data: Any, segment_ids: Any, num_segments: Any, separator: Any = None,
              name: str | None = None) -> Any:
    """Rows of the same segment put together by an op of tensors, value by value. Raises InvalidValue."""
    if not (is_ragged(data) or is_ragged(segment_ids)):
        extra = () if separator is None else (separator,)
        return op(data, segment_ids, num_segments, *extra, name)
    with name_scope(name, "RaggedSegment", [data, segment_ids, num_segments]):
        data = convert_to_tensor_or_ragged_tensor(data, name="data")
        segment_ids = convert_to_tensor_or_ragged_tensor(segment_ids, name="segment_ids")
        match_row_splits_dtypes(data, segment_ids)
        if segment_ids.dtype.base_dtype not in (int32, int64):
            raise InvalidValue("segment_ids must have dtype int32 or int64.")
        if is_rows(segment_ids):
            if not is_rows(data):
                raise InvalidValue("segment_ids.shape must be a prefix of data.shape, but segment_ids is ragged and "
                                   "data is not.")
            same = tf.assert_equal(segment_ids.row_splits, data.row_splits,
                                   message="segment_ids.shape must be a prefix of data.shape")
            with tf.control_dependencies([same]):
                return aggregate(op, data.values, segment_ids.values, num_segments, separator)
        lengths = data.row_splits[1:] - data.row_splits[:-1]
        longest = tf.maximum(tf.unsorted_segment_max(lengths, segment_ids, num_segments), 0)
        splits = tf.concat([tf.zeros([1], longest.dtype), tf.cumsum(longest)], axis=0)
        starts = tf.gather(splits, segment_ids)
        limits = starts + lengths
        places = range_(starts, limits).values
        values = aggregate(op, data.values, places, splits[-1], separator)
        return RaggedTensor.from_row_splits(values, splits, validate=False)


def _segments(word: str, title: str) -> Callable[..., Any]:
    def segment(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        return aggregate(getattr(tf, f"unsorted_segment_{word}"), data, segment_ids, num_segments,
                         name=name or f"RaggedSegment{title}")

    return named(segment, f"segment_{word}", f"Rows of the same segment by their {word} (tf.unsorted_segment_{word}).")


segment_sum = _segments("sum", "Sum")
segment_prod = _segments("prod", "Prod")
segment_min = _segments("min", "Min")
segment_max = _segments("max", "Max")


def _shared(title: str, share: Callable[..., Any]) -> Callable[..., Any]:
    def segment(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        with name_scope(name, title, [data, segment_ids, num_segments]):
            total = segment_sum(data, segment_ids, num_segments)
            ones = RaggedTensor.from_nested_row_splits(tf.ones_like(data.flat_values), data.nested_row_splits,
                                                       validate=False)
            count = segment_sum(ones, segment_ids, num_segments)
            if is_rows(total):
                return total.with_flat_values(total.flat_values / share(count.flat_values))
            return total / share(count)

    return segment


segment_mean = named(_shared("RaggedSegmentMean", lambda count: count), "segment_mean",
                     "Rows of the same segment by their mean (tf.unsorted_segment_mean).")
segment_sqrt_n = named(_shared("RaggedSegmentSqrtN", lambda count: tf.sqrt(count)), "segment_sqrt_n",
                       "Their sum by the root of their number (tf.unsorted_segment_sqrt_n).")
