"""Sums and the like over segments of rows, whose ids are sorted."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.halves import single
from ..graph.opdef import op
from ._extremes import greatest
from ._short_runs import reduced
from .math_division import truncated

SORTED = "; Tindices: {int32, int64}"


def _sorted_shape(n: Any, data: Any, segment_ids: Any) -> Any:
    # that there is an id for each row is asked in the run only, as in TensorFlow
    n.with_rank(segment_ids, 1, "segment_ids")
    n.at_least_rank(data, 1, "data")
    return None if data is None else (None, *data[1:])


GROUP = 1 << 16
"""Elements of the rows of some segments that are reduced at a time, and ids that are ranked at a time."""
FEW = 16
"""Elements of a row below which a call for some rows costs more than the cache saves."""
SEEN = 1 << 18
"""Ids that are compared at a time."""
EXACT = 1 << 24
"""Below it single precision has all numbers of rows, and divides by them as double precision would."""
IDS = 1 << 16
"""Ids at least whose runs are reduced at a time."""


def changes(xp: Any, ids: Any, differ: Any) -> Any:
    """Where an id differs from the one before it, as ``differ`` compares the two."""
    if ids.size <= SEEN:
        return xp.nonzero(differ(ids[1:], ids[:-1]))[0] + 1
    return xp.concatenate([i + xp.nonzero(differ(ids[i:i + SEEN], ids[i - 1:i + SEEN - 1][:len(ids) - i]))[0]
                           for i in range(1, ids.size, SEEN)])


def groups(xp: Any, first: Any, total: int, width: int) -> Any:
    """(first run, last run, first row, last row) of some runs at a time, of about GROUP elements. first: the row at
    which each begins. width: elements of a row."""
    many, low = max(1, GROUP // width) if width else total + 1, 0
    while low < len(first):
        start = int(first[low])
        high = max(low + 1, int(xp.searchsorted(first, start + many)))
        yield low, high, start, int(first[high]) if high < len(first) else total
        low = high


def segments(xp: Any, data: Any, ids: Any) -> int:
    """How many segments there are. Raises RunError for ids that are not sorted."""
    if ids.ndim != 1 or len(data) != len(ids):
        raise RunError("segment_ids should be the same size as dimension 0 of input.")
    if not ids.size:
        return 0
    down = changes(xp, ids, xp.less)
    if down.size:
        at = int(down[0])
        raise RunError(f"segment ids are not increasing: segment_ids[{at}] is {int(ids[at])} after {int(ids[at - 1])}")
    if ids[0] < 0:
        raise RunError(f"segment ids must be >= 0: segment_ids[0] is {int(ids[0])}")
    return int(ids[-1]) + 1


def starts(xp: Any, ids: Any) -> Any:
    """(first row, last row, where each run of equal ids begins, the id of each run, its rows) of some whole runs at a
    time."""
    start = 0
    while start < len(ids):
        stop = len(ids)
        if start + IDS < stop and xp.__name__ == "numpy":
            stop = int(xp.searchsorted(ids, ids[start + IDS - 1], side="right"))
        some = ids[start:stop]
        first = xp.concatenate([xp.zeros(1, int), changes(xp, some, xp.not_equal)])
        yield start, stop, first, some[first], xp.diff(xp.append(first, len(some)))
        start = stop


def settle_nan(n: Any, ufunc: Any, out: Any, rows: Any, ids: Any) -> None:
    """Extremes with NaN as TensorFlow's: each row is kept only while it beats the next, which NaN never does."""
    xp = n.xp
    if ufunc not in (xp.maximum, xp.minimum) or not n.out().is_floating or not xp.isnan(greatest(out, 0)):
        return
    better = xp.greater if ufunc is xp.maximum else xp.less
    bad = xp.isnan(out).reshape(len(out), -1).any(axis=1)
    out[bad] = -xp.inf if ufunc is xp.maximum else xp.inf
    known = (ids >= 0) & (ids < len(out))
    for i in xp.nonzero(known & bad[xp.where(known, ids, 0)])[0].tolist():
        have, row = out[ids[i]], rows[i]
        out[ids[i]] = xp.where(better(have, row), have, row)


def by_runs(n: Any, ufunc: Any, empty: Any, mean: bool = False) -> Any:
    """A kernel that reduces runs of equal ids; segments without rows get ``empty``. mean: divides by their number."""
    xp, dtype = n.xp, n.dtype()
    half = n.out().size == 2 and n.out().is_floating
    wide = xp.float32 if half else dtype

    def reduce(data: Any, ids: Any) -> Any:
        out = xp.full((segments(xp, data, ids), *data.shape[1:]), empty, dtype)
        width = prod(data.shape[1:])
        for begin, end, first, runs, counts in starts(xp, ids):
            # what need not be cast is read where it lies
            few = not half and width < FEW and len(first) * width <= SEEN
            for low, high, start, stop in groups(xp, first, end - begin, 0 if few else width):
                rows = data[begin + start:begin + stop]
                made = reduced(ufunc, single(rows) if half else rows, first[low:high] - start, stop - start)
                if mean:
                    many = counts[low:high].reshape((-1,) + (1,) * (made.ndim - 1))
                    if out.dtype.kind in "iu":
                        made = truncated(xp)(made.astype(dtype, copy=False), many.astype(dtype))
                    else:
                        made = made / (many.astype(wide) if len(ids) < EXACT else many)
                out[runs[low:high]] = made.astype(wide, copy=False)
        if ids.size:
            settle_nan(n, ufunc, out, data, ids)
        return out

    return reduce


def _ids_counts(tf: Any, op: Any, grad: Any) -> Any:
    """How many rows each segment has, in a shape that broadcasts against the gradient."""
    data, ids = op.inputs[:2]
    rank = tf.rank(data)
    sizes = tf.concat([tf.shape(ids), tf.ones(tf.expand_dims(rank - 1, 0), dtype="int32")], 0)
    return tf.segment_sum(tf.ones(sizes, dtype=grad.dtype.base_dtype), ids)


@op
class SegmentSum:
    """Sum of the rows of each segment; ids are sorted (tf.segment_sum)."""

    signature = "data: T, segment_ids: Tindices -> output: T"
    attrs = "T: {numbertype}" + SORTED
    infer = _sorted_shape

    def kernel(n: Any) -> Any:
        return by_runs(n, n.xp.add, 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.gather(grad, op.inputs[1]), None]


@op
class SegmentMean:
    """Mean of the rows of each segment; ids are sorted (tf.segment_mean)."""

    signature = "data: T, segment_ids: Tindices -> output: T"
    attrs = "T: {numbertype}" + SORTED
    infer = _sorted_shape

    def kernel(n: Any) -> Any:
        return by_runs(n, n.xp.add, 0, mean=True)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.gather(grad / _ids_counts(tf, op, grad), op.inputs[1]), None]


def _shared(tf: Any, op: Any, grad: Any) -> list[Any]:
    """The gradient of an extreme, shared evenly by the rows that have it."""
    data, ids = op.inputs[:2]
    zeros = tf.zeros_like(data, dtype=data.dtype)
    winners = tf.equal(data, tf.gather(op.outputs[0], ids))
    number = tf.segment_sum(tf.cast(winners, grad.dtype.base_dtype), ids)
    shares = tf.gather(grad / number, ids)
    return [tf.where_v2(winners, shares, zeros), None]


@op
class SegmentMax:
    """Greatest of the rows of each segment; ids are sorted (tf.segment_max)."""

    signature = "data: T, segment_ids: Tindices -> output: T"
    cpu_only = True
    attrs = "T: {realnumbertype}" + SORTED
    infer = _sorted_shape
    gradient = _shared

    def kernel(n: Any) -> Any:
        return by_runs(n, n.xp.maximum, 0)


@op
class SegmentMin:
    """Least of the rows of each segment; ids are sorted (tf.segment_min)."""

    signature = "data: T, segment_ids: Tindices -> output: T"
    cpu_only = True
    attrs = "T: {realnumbertype}" + SORTED
    infer = _sorted_shape
    gradient = _shared

    def kernel(n: Any) -> Any:
        return by_runs(n, n.xp.minimum, 0)


@op
class SegmentProd:
    """Product of the rows of each segment; ids are sorted (tf.segment_prod)."""

    signature = "data: T, segment_ids: Tindices -> output: T"
    cpu_only = True
    attrs = "T: {numbertype}" + SORTED
    infer = _sorted_shape

    def kernel(n: Any) -> Any:
        return by_runs(n, n.xp.multiply, 1)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        data, ids = op.inputs
        zero = tf.equal(data, 0)
        zeros = tf.segment_sum(tf.cast(zero, "int32"), ids)
        grad = tf.where_v2(tf.greater(zeros, 1), tf.zeros_like(grad), grad)
        rest = tf.where_v2(zero, tf.ones_like(data), data)
        others = tf.segment_prod(rest, ids)
        whole = tf.gather(op.outputs[0], ids)
        others = tf.gather(others, ids)
        partial = tf.where_v2(zero, others, whole / rest)
        return [tf.gather(grad, ids) * partial, None]
