"""Ragged tensors reduced over axes (tf.reduce_sum and its like, tf.strings.reduce_join), and selected (tf.where)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.types import bool_, int32
from .array_join import positive_axis
from .framework import name_scope
from .modules import modules
from .named import named
from .ragged_concat import concat
from .ragged_flat import map_flat_values
from .ragged_gather import gather
from .ragged_math import aggregate, range_
from .ragged_rows import row_splits_to_segment_ids
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_ragged, is_rows, match_row_splits_dtypes

tf = modules["tf"]


def reduce(op: Callable[..., Any], segments: Callable[..., Any], rt: Any, axis: Any, keepdims: Any,
           separator: Any = None, name: str | None = None) -> Any:
    """Over an axis or some: ``op`` reduces tensors, ``segments`` the values of segments. Raises InvalidValue."""
    if not is_ragged(rt):
        extra = {} if separator is None else {"separator": separator}
        return op(rt, axis, name=name, **extra)
    if keepdims:
        raise InvalidValue("keepdims=True is not supported for RaggedTensors.")
    if isinstance(axis, Tensor):
        axis = static_value(axis)
        if axis is None:
            raise InvalidValue("axis must be known at graph construction time.")
        axis = axis.tolist() if isinstance(axis, (np.ndarray, np.generic)) else axis
    if axis is None:
        return op(rt.flat_values, None, name=name)
    with name_scope(name, "RaggedReduce", [rt, axis]):
        if isinstance(axis, (tuple, list)):
            if not axis:
                return rt
            if len(axis) > 1:
                axis = sorted(positive_axis(a, rt.shape.ndims) for a in axis)
                inner = reduce(op, segments, rt, axis[-1], keepdims, separator)
                return reduce(op, segments, inner, axis[:-1], keepdims, separator)
            axis = axis[0]
        rt = convert_to_tensor_or_ragged_tensor(rt, name="rt_input")
        axis = positive_axis(axis, rt.shape.ndims)
        if axis == 0:
            lengths = rt.row_splits[1:] - rt.row_splits[:-1]
            many = tf.maximum(tf.reduce_max(lengths), 0)
            return aggregate(segments, rt.values, range_(lengths).values, many, separator)
        if axis == 1:
            many = tf.shape(rt.row_splits)[0] - 1
            return aggregate(segments, rt.values, row_splits_to_segment_ids(rt.row_splits), many, separator)
        return rt.with_values(reduce(op, segments, rt.values, axis - 1, keepdims, separator))


def _reduction(word: str, title: str) -> Callable[..., Any]:
    def reduced(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
        return reduce(getattr(tf, f"reduce_{word}"), getattr(tf, f"unsorted_segment_{word}"), input_tensor, axis,
                      keepdims, name=name or f"RaggedReduce{title}")

    return named(reduced, f"reduce_{word}", f"tf.reduce_{word} of a ragged tensor.")


reduce_sum = _reduction("sum", "Sum")
reduce_prod = _reduction("prod", "Prod")
reduce_min = _reduction("min", "Min")
reduce_max = _reduction("max", "Max")


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    """tf.reduce_mean of a ragged tensor."""
    with name_scope(name, "RaggedReduceMean", [input_tensor, axis]):
        total = reduce_sum(input_tensor, axis, keepdims)
        ones = RaggedTensor.from_nested_row_splits(tf.ones_like(input_tensor.flat_values),
                                                   input_tensor.nested_row_splits, validate=False)
        count = reduce_sum(ones, axis, keepdims)
        if not is_rows(total):
            return total / count
        return RaggedTensor.from_nested_row_splits(total.flat_values / count.flat_values, total.nested_row_splits,
                                                   validate=False)


def _cast(x: Any, dtype: Any) -> Any:
    return map_flat_values(tf.cast, x, dtype)


def reduce_all(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    """tf.reduce_all of a ragged tensor."""
    with name_scope(name, "RaggedReduceAll", [input_tensor, axis]):
        return _cast(reduce_prod(_cast(input_tensor, int32), axis, keepdims), bool_)


def reduce_any(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    """tf.reduce_any of a ragged tensor."""
    with name_scope(name, "RaggedReduceAny", [input_tensor, axis]):
        return _cast(reduce_sum(_cast(input_tensor, int32), axis, keepdims), bool_)


def reduce_join(inputs: Any, axis: Any = None, keepdims: Any = None, separator: str = "",
                name: str | None = None) -> Any:
    """tf.strings.reduce_join of a ragged tensor."""
    return reduce(tf.reduce_join, modules["strings"].unsorted_segment_join, inputs, axis, keepdims, separator,
                  name or "RaggedSegmentJoin")


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Where a ragged condition is true, or one value or the other by it (tf.where). Raises InvalidValue."""
    if (x is None) != (y is None):
        raise InvalidValue("x and y must be either both None or both non-None")
    # TensorFlow takes the name for the default and the default for the name
    with name_scope("RaggedWhere", name, [condition, x, y]):
        condition = convert_to_tensor_or_ragged_tensor(condition, name="condition")
        if x is None:
            return _places(condition)
        x = convert_to_tensor_or_ragged_tensor(x, name="x")
        y = convert_to_tensor_or_ragged_tensor(y, name="y")
        match_row_splits_dtypes(condition, x, y)
        return _selected(condition, x, y)


def _selected(condition: Any, x: Any, y: Any) -> Any:
    ragged = [is_rows(t) for t in (condition, x, y)]
    if not any(ragged):
        return tf.where(condition, x, y)
    if all(ragged):
        return map_flat_values(tf.where, condition, x, y)
    if ragged[0]:
        raise InvalidValue("Input shapes do not match.")
    condition.shape.assert_has_rank(1)
    both = concat([x, y], axis=0)
    kind = both.row_splits.dtype
    first, second = _rows(x, kind), _rows(y, kind)
    return gather(both, tf.where(condition, tf.range(first), first + tf.range(second)))


def _places(condition: Any) -> Any:
    if not is_rows(condition):
        return tf.where(condition)
    found = _places(condition.values)
    condition = condition.with_row_splits_dtype(found.dtype)
    first = found[:, 0]
    rows = tf.gather(condition.value_rowids(), first)
    starts = tf.gather(condition.row_splits, rows)
    columns = first - starts
    return tf.concat([tf.expand_dims(rows, 1), tf.expand_dims(columns, 1), found[:, 1:]], axis=1)


def _rows(x: Any, kind: Any) -> Any:
    return x.nrows(out_type=kind) if is_rows(x) else tf.shape(x, out_type=kind)[0]
