"""Sums and means of chosen rows over sorted segments."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._extremes import greatest, least
from .segment import GROUP, groups, segments, starts

INDEX = "Tidx: {int32, int64} = int32"
IDS = "Tsegmentids: {int32, int64} = int32"
SPARSE = "sparse_gradient: bool = False"


def _rows(n: Any, data: Any, indices: Any, segment_ids: Any, num_segments: Any = ()) -> Any:
    n.at_least_rank(data, 1, "data")
    chosen = n.with_rank(indices, 1, "indices")
    n.merge(chosen, n.with_rank(segment_ids, 1, "segment_ids"), "numbers of indices and segment_ids")
    if data is None:
        return None
    number = None
    if len(n.node.inputs) > 3:
        value = n.value(3)
        number = None if value is None else int(value)
        if number is not None and number < 0:
            n.fail(f"num_segments is at least 0, not {number}")
    return (number, *data[1:])


def _reduce_scratch(n: Any) -> int:
    """Some rows as they are chosen."""
    row = n.size() // max(1, n.shapes[0][0] if n.shapes[0] else 1)
    return int(2 * min(n.size(1) * row, max(GROUP, row)) * n.wide())


def _reduce(n: Any, power: float) -> Any:
    """Sums of chosen rows, divided by a power of their number."""
    xp, dtype = n.xp, n.dtype()
    wide = xp.float32 if n.out().size == 2 and n.out().is_floating else dtype

    def reduce(data: Any, indices: Any, ids: Any, num_segments: Any = None) -> Any:
        if least(indices, 0) < 0 or greatest(indices, -1) >= len(data):
            at = int(xp.nonzero((indices < 0) | (indices >= len(data)))[0][0])
            raise RunError(f"indices[{at}] == {int(indices[at])} out of range [0, {len(data)})")
        number = segments(xp, indices, ids)
        if num_segments is not None:
            if number > int(num_segments):
                raise RunError(f"Segment id {number - 1} out of range [0, {int(num_segments)})")
            number = int(num_segments)
        out = xp.zeros((number, *data.shape[1:]), dtype)
        for begin, end, first, runs, counts in starts(xp, ids):
            counts = counts.reshape((-1,) + (1,) * (data.ndim - 1))
            for low, high, start, stop in groups(xp, first, end - begin, prod(data.shape[1:])):
                rows = data[indices[begin + start:begin + stop]].astype(wide, copy=False)
                sums = xp.add.reduceat(rows, first[low:high] - start, axis=0)
                out[runs[low:high]] = (sums / counts[low:high] ** power).astype(wide) if power else sums
        return out

    return reduce


def _in_rows(tf: Any, op: Any, op_type: str, grad: Any) -> Any:
    """The gradient of data as the rows that were taken, each once (``sparse_gradient``)."""
    data, indices, ids = op.inputs[:3]
    shape = tf.shape(data)
    rows, places = tf.apply_op(op_type, None, [grad, indices, ids, shape[0]])
    return [tf.IndexedSlices(rows, places, shape), *[None] * (len(op.inputs) - 1)]


def _spread(op_type: str) -> Any:
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if op.attrs.get("sparse_gradient"):
            return _in_rows(tf, op, f"{op_type}V2", grad)
        data, indices, ids = op.inputs[:3]
        rows = tf.shape(data)[0]
        out = tf.apply_op(op_type, None, [grad, indices, ids, rows])
        return [out, *[None] * (len(op.inputs) - 1)]

    return gradient


def _sum_gradient(tf: Any, op: Any, grad: Any) -> Any:
    if op.attrs.get("sparse_gradient"):
        return _in_rows(tf, op, "SparseSegmentSumGradV2", grad)
    data, indices, ids = op.inputs[:3]
    out = tf.apply_op("SparseSegmentSumGrad", None, [grad, indices, ids, tf.shape(data)[0]])
    return [out, *[None] * (len(op.inputs) - 1)]


@op
class SparseSegmentSum:
    """Sum of the rows ``indices`` of each segment (tf.sparse_segment_sum)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids -> output: T"
    attrs = f"T: {{realnumbertype}}; {INDEX}; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _sum_gradient

    def kernel(n: Any) -> Any:
        return _reduce(n, 0)

    scratch = _reduce_scratch


@op
class SparseSegmentSumWithNumSegments:
    """Sum of the rows ``indices`` of each of a number of segments (tf.sparse_segment_sum)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    host_memory = "num_segments"
    attrs = f"T: {{realnumbertype}}; {INDEX}; Tnumsegments: {{int32, int64}} = int32; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _sum_gradient

    def kernel(n: Any) -> Any:
        return _reduce(n, 0)

    scratch = _reduce_scratch


@op
class SparseSegmentMean:
    """Mean of the rows ``indices`` of each segment (tf.sparse_segment_mean)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids -> output: T"
    attrs = f"T: {{floating}}; {INDEX}; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _spread("SparseSegmentMeanGrad")

    def kernel(n: Any) -> Any:
        return _reduce(n, 1)

    scratch = _reduce_scratch


@op
class SparseSegmentMeanWithNumSegments:
    """Mean of the rows ``indices`` of each of a number of segments (tf.sparse_segment_mean)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    host_memory = "num_segments"
    attrs = f"T: {{floating}}; {INDEX}; Tnumsegments: {{int32, int64}} = int32; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _spread("SparseSegmentMeanGrad")

    def kernel(n: Any) -> Any:
        return _reduce(n, 1)

    scratch = _reduce_scratch


@op
class SparseSegmentSqrtN:
    """Sum of the rows ``indices`` of each segment by the root of their number (tf.sparse_segment_sqrt_n)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids -> output: T"
    attrs = f"T: {{floating}}; {INDEX}; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _spread("SparseSegmentSqrtNGrad")

    def kernel(n: Any) -> Any:
        return _reduce(n, 0.5)

    scratch = _reduce_scratch


@op
class SparseSegmentSqrtNWithNumSegments:
    """Sum of rows of each of a number of segments by the root of their number (tf.sparse_segment_sqrt_n)."""

    signature = "data: T, indices: Tidx, segment_ids: Tsegmentids, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    host_memory = "num_segments"
    attrs = f"T: {{floating}}; {INDEX}; Tnumsegments: {{int32, int64}} = int32; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _spread("SparseSegmentSqrtNGrad")

    def kernel(n: Any) -> Any:
        return _reduce(n, 0.5)

    scratch = _reduce_scratch
