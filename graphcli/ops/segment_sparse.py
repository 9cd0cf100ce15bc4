"""Sums and means of chosen rows over sorted segments."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._extremes import greatest, least
from ._rows import PART, at, many_of
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
    return int(2 * min(n.size(1) * row, max(GROUP, row)) * n.wide() + (0 if n.width() > 2 else 4 * n.made()))


def _reduce(n: Any, power: float) -> Any:
    """Sums of chosen rows, divided by a power of their number."""
    xp, dtype = n.xp, n.dtype()
    half = n.out().size == 2 and n.out().is_floating

    def reduce(data: Any, indices: Any, ids: Any, num_segments: Any = None) -> Any:
        if least(indices, 0) < 0 or greatest(indices, -1) >= len(data):
            at = int(xp.nonzero((indices < 0) | (indices >= len(data)))[0][0])
            raise RunError(f"indices[{at}] == {int(indices[at])} out of range [0, {len(data)})")
        number = segments(xp, indices, ids)
        if num_segments is not None:
            if number > int(num_segments):
                raise RunError(f"Segment id {number - 1} out of range [0, {int(num_segments)})")
            number = int(num_segments)
        out = xp.zeros((number, *data.shape[1:]), xp.float32 if half else dtype)
        for begin, end, first, runs, counts in starts(xp, ids):
            counts = counts.reshape((-1,) + (1,) * (data.ndim - 1))
            for low, high, start, stop in groups(xp, first, end - begin, prod(data.shape[1:])):
                rows = data[indices[begin + start:begin + stop]].astype(out.dtype, copy=False)
                sums = xp.add.reduceat(rows, first[low:high] - start, axis=0)
                out[runs[low:high]] = (sums / counts[low:high] ** power).astype(out.dtype) if power else sums
        return out.astype(dtype, copy=False)

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
    out = tf.unsorted_segment_sum(tf.gather(grad, ids), indices, tf.shape(data)[0])
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
    host_memory = "num_segments"
    attrs = f"T: {{floating}}; {INDEX}; Tnumsegments: {{int32, int64}} = int32; {IDS}; {SPARSE}"
    infer = _rows
    gradient = _spread("SparseSegmentSqrtNGrad")

    def kernel(n: Any) -> Any:
        return _reduce(n, 0.5)

    scratch = _reduce_scratch


def _grad_shape(n: Any, grad: Any, indices: Any, segment_ids: Any, rows: Any) -> Any:
    value = n.value(3)
    return None if grad is None else (None if value is None else int(value), *grad[1:])


def _back_scratch(n: Any) -> int:
    """The rows scaled, and some of them where they came from."""
    return int(n.bytes() + min(PART * 2, 2 * n.size(1) * n.bytes() // max(1, n.shapes[0][0] if n.shapes[0] else 1)))


def _back(n: Any, power: float) -> Any:
    """Rows of the gradient, divided by a power of their segment's size, added up where they came from."""
    xp, dtype = n.xp, n.dtype()

    def spread(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        for what, numbers, size in (("Segment id", ids, len(grad)), ("Index", indices, int(rows))):
            if least(numbers, 0) < 0 or greatest(numbers, -1) >= size:
                wrong = numbers[(numbers < 0) | (numbers >= size)]
                raise RunError(f"{what} {int(wrong[0])} out of range [0, {size}).")
        out = xp.zeros((int(rows), *grad.shape[1:]), dtype)
        counts = xp.zeros(len(grad), int)
        for i in range(0, len(ids), GROUP):
            some = ids[i:i + GROUP]
            first = int(some.min())
            found = xp.bincount(some - first)
            counts[first:first + len(found)] += found
        scale = (xp.maximum(counts, 1) ** -float(power)).astype(dtype).reshape((-1,) + (1,) * (grad.ndim - 1))
        scaled = grad * scale
        many = many_of(prod(grad.shape[1:]) * grad.itemsize)
        for i in range(0, len(ids), many):
            at(xp.add, out, indices[i:i + many], scaled[ids[i:i + many]])
        return out

    return spread


GRADS = f"T: {{floating}}; {INDEX}; {IDS}"


@op
class SparseSegmentSumGrad:
    """The gradient of SparseSegmentSum."""

    signature = "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32 -> output: T"
    host_memory = "output_dim0"
    attrs = GRADS
    infer = _grad_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back(n, 0)

    scratch = _back_scratch


@op
class SparseSegmentMeanGrad:
    """The gradient of SparseSegmentMean."""

    signature = "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32 -> output: T"
    host_memory = "output_dim0"
    attrs = GRADS
    infer = _grad_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back(n, 1)

    scratch = _back_scratch


@op
class SparseSegmentSqrtNGrad:
    """The gradient of SparseSegmentSqrtN."""

    signature = "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32 -> output: T"
    host_memory = "output_dim0"
    attrs = GRADS
    infer = _grad_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back(n, 0.5)

    scratch = _back_scratch


def _rows_shape(n: Any, grad: Any, indices: Any, segment_ids: Any, rows: Any) -> Any:
    n.merge(n.with_rank(indices, 1, "indices"), n.with_rank(segment_ids, 1, "segment_ids"),
            "numbers of indices and segment_ids")
    n.with_rank(rows, 0, "dense_output_dim0")
    return [None if grad is None else (None, *grad[1:]), (None,)]


def _back_rows(n: Any, power: float) -> Any:
    """The gradients of the rows that were taken, each once, and which these are."""
    xp, dtype = n.xp, n.dtype()

    def gather(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        if least(indices, 0) < 0 or greatest(indices, -1) >= int(rows):
            first = int(xp.nonzero((indices < 0) | (indices >= int(rows)))[0][0])
            raise RunError(f"Segment index {int(indices[first])} out of range [0, {int(rows)}).")
        if least(ids, 0) < 0 or greatest(ids, -1) >= len(grad):
            raise RunError(f"Segment id out of range [0, {len(grad)}).")
        places, which = xp.unique(indices, return_inverse=True)
        counts = xp.bincount(ids, minlength=len(grad)) if ids.size else xp.ones(len(grad), int)
        scale = (xp.maximum(counts, 1) ** -float(power)).reshape((-1,) + (1,) * (grad.ndim - 1))
        wide = xp.float32 if grad.itemsize == 2 else dtype
        scaled, out = (grad * scale).astype(wide), xp.zeros((len(places), *grad.shape[1:]), wide)
        many = many_of(prod(grad.shape[1:]) * out.itemsize)
        for i in range(0, len(ids), many):
            at(xp.add, out, which[i:i + many], scaled[ids[i:i + many]])
        return out.astype(dtype, copy=False), places

    return gather


ROWS = ("grad: T, indices: Tidx, segment_ids: Tsegmentids, dense_output_dim0: int32 "
        "-> output: T, sorted_unique_indices: Tidx")


@op
class SparseSegmentSumGradV2:
    """The gradient of SparseSegmentSum as rows."""

    signature = ROWS
    host_memory = "dense_output_dim0"
    attrs = GRADS
    infer = _rows_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back_rows(n, 0)


@op
class SparseSegmentMeanGradV2:
    """The gradient of SparseSegmentMean as rows."""

    signature = ROWS
    host_memory = "dense_output_dim0"
    attrs = GRADS
    infer = _rows_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back_rows(n, 1)


@op
class SparseSegmentSqrtNGradV2:
    """The gradient of SparseSegmentSqrtN as rows."""

    signature = ROWS
    host_memory = "dense_output_dim0"
    attrs = GRADS
    infer = _rows_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _back_rows(n, 0.5)
