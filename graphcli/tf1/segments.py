"""Sums and the like over segments of rows; counts and histograms."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from .conversion import constant, convert_to_tensor
from .framework import apply_op, elementwise, name_scope
from .grouping import with_dependencies
from .modules import modules
from .named import named

EXPORTS = """
tf math: segment_sum segment_mean segment_max segment_min segment_prod unsorted_segment_sum unsorted_segment_max
tf math: unsorted_segment_min unsorted_segment_prod unsorted_segment_mean unsorted_segment_sqrt_n bincount
tf: sparse_segment_sum sparse_segment_mean sparse_segment_sqrt_n histogram_fixed_width
tf: histogram_fixed_width_bins
sparse: segment_sum=sparse_segment_sum segment_mean=sparse_segment_mean segment_sqrt_n=sparse_segment_sqrt_n
"""

tf = modules["tf"]

segment_sum = elementwise("segment_sum", "SegmentSum")
segment_mean = elementwise("segment_mean", "SegmentMean")
segment_max = elementwise("segment_max", "SegmentMax")
segment_min = elementwise("segment_min", "SegmentMin")
segment_prod = elementwise("segment_prod", "SegmentProd")
unsorted_segment_sum = elementwise("unsorted_segment_sum", "UnsortedSegmentSum")
unsorted_segment_max = elementwise("unsorted_segment_max", "UnsortedSegmentMax")
unsorted_segment_min = elementwise("unsorted_segment_min", "UnsortedSegmentMin")
unsorted_segment_prod = elementwise("unsorted_segment_prod", "UnsortedSegmentProd")


def _shape_of(x: Any) -> Any:
    """shape(x) as TF1's own code asks for it: its constant is a fact of the shape where that is known."""
    with name_scope(None, "Shape") as scope:
        x = convert_to_tensor(x)
        if x.static is not None and None not in x.static:
            return convert_to_tensor(x.shape)
        return apply_op("Shape", scope, [x])


def _counts(data: Any, segment_ids: Any, num_segments: Any) -> Any:
    """How many rows each segment has, at least 1, in a shape that broadcasts against the segments."""
    number = convert_to_tensor(num_segments)
    ones = tf.ones(_shape_of(segment_ids), dtype=data.dtype.base_dtype)
    counts = unsorted_segment_sum(ones, segment_ids, number)
    head = number[None]
    tail = tf.ones([tf.rank(data) - tf.rank(segment_ids)], dtype=number.dtype.base_dtype)
    counts = tf.reshape(counts, tf.concat([head, tail], axis=0))
    return tf.maximum(counts, 1)


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Mean of the rows of each segment, 0 where it has none (tf.unsorted_segment_mean)."""
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        counts = _counts(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / counts


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """Sum of the rows of each segment, divided by the root of their number (tf.unsorted_segment_sqrt_n)."""
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        counts = _counts(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / tf.sqrt(counts)


def _sparse(op_type: str, call: str, doc: str) -> Any:
    def reduce(data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None,
               sparse_gradient: bool = False) -> Any:
        attrs = {"sparse_gradient": sparse_gradient}
        if num_segments is None:
            return apply_op(op_type, name, [data, indices, segment_ids], attrs)
        return apply_op(f"{op_type}WithNumSegments", name, [data, indices, segment_ids, num_segments], attrs)

    return named(reduce, call, f"{doc} of the rows ``indices`` over sorted ``segment_ids`` (tf.{call}).")


sparse_segment_sum = _sparse("SparseSegmentSum", "sparse_segment_sum", "Sum")
sparse_segment_mean = _sparse("SparseSegmentMean", "sparse_segment_mean", "Mean")
sparse_segment_sqrt_n = _sparse("SparseSegmentSqrtN", "sparse_segment_sqrt_n", "Sum by the root of the number")


def bincount(arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = "int32") -> Any:
    """How often (or with what weight) each whole number from 0 occurs (tf.bincount)."""
    with name_scope("bincount"):
        arr = convert_to_tensor(arr, name="arr")
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
        if not arr.dtype.is_integer:
            if arr.dtype.name == "string":
                raise InvalidType("bincount counts numbers, not strings")
            arr = tf.cast(arr, "int32")
        kind = arr.dtype.base_dtype
        size = tf.cast(tf.size(arr) > 0, kind) * (tf.reduce_max(arr) + 1)
        if minlength is not None:
            size = tf.maximum(convert_to_tensor(minlength, kind, "minlength"), size)
        if maxlength is not None:
            size = tf.minimum(convert_to_tensor(maxlength, kind, "maxlength"), size)
        if weights is not None:
            weights = tf.reshape(weights, [-1])
        arr = tf.reshape(arr, [-1])
        if weights is None:
            weights = constant([], dtype=dtype or kind)
        return apply_op("DenseBincount", None, [arr, size, weights])


def histogram_fixed_width(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = "int32",
                          name: str | None = None) -> Any:
    """How many values fall into each of ``nbins`` equal parts of a range (tf.histogram_fixed_width)."""
    with name_scope(name, "histogram_fixed_width") as scope:
        return apply_op("HistogramFixedWidth", scope, [values, value_range, nbins], {"dtype": dtype})


def histogram_fixed_width_bins(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = "int32",
                               name: str | None = None) -> Any:
    """Into which of ``nbins`` equal parts of a range each value falls, the first and the last for what lies outside
    (tf.histogram_fixed_width_bins).

    A run refuses nbins that are not above 0."""
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = convert_to_tensor(values, name="values")
        shape = tf.shape(values)
        values = tf.reshape(values, [-1])
        value_range = convert_to_tensor(value_range, name="value_range")
        nbins = convert_to_tensor(nbins, "int32", name="nbins")
        check = tf.Assert(tf.greater(nbins, 0), [f"nbins {nbins} must > 0"])
        nbins = tf.cast(with_dependencies([check], nbins), values.dtype)
        share = tf.truediv(values - value_range[0], value_range[1] - value_range[0], name="scaled_values")
        found = tf.floor(nbins * share, name="indices")
        return tf.reshape(tf.cast(tf.clip_by_value(found, 0, nbins - 1), "int32"), shape)
