"""Sums and the like over segments of rows in any order."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.halves import single
from ..graph.opdef import op
from ..graph.shapes import show
from ._extremes import greatest
from ._short_runs import reduced
from .segment import GROUP, SEEN, changes, groups, settle_nan

TURNS = 56
"""In how many turns ids are ranked at most: each turn looks at all of them."""


MANY = 16
"""Elements of a segment, on average, from which they are added up in double precision: the sums take little room."""


def added(xp: Any, numbers: Any, ids: Any, number: int) -> Any:
    """The sums of numbers of single or half precision by id, in double precision; those with a negative id left out."""
    total = xp.zeros(number + 1)
    for i in range(0, ids.size, max(SEEN, number)):
        # what has no id goes behind the others
        some = ids[i:i + max(SEEN, number)]
        at = xp.where(some < 0, number, some) if some.min() < 0 else some
        total += xp.bincount(at, single(numbers[i:i + max(SEEN, number)]), number + 1)
    return total[:number]


def between(xp: Any, ids: Any, low: int, high: int) -> Any:
    """Where ids are in [low, high)."""
    kind = xp.dtype(f"u{ids.dtype.itemsize}")
    # what is below has the greatest numbers of all without a sign
    limit = kind.type(high - low)
    return xp.concatenate([i + xp.nonzero((ids[i:i + SEEN] - ids.dtype.type(low)).view(kind) < limit)[0]
                           for i in range(0, ids.size, SEEN)])


def _unsorted_shape(n: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    if segment_ids is None:
        return None
    value = n.value(2)
    if value is not None and int(value) < 0:
        n.fail(f"num_segments is at least 0, not {int(value)}")
    if data is None:
        return None
    rank = len(segment_ids)
    n.at_least_rank(data, rank, "data")
    n.merge(data[:rank], segment_ids, "first sizes of data and segment_ids")
    return (None if value is None else int(value), *data[rank:])


def unsorted(n: Any, ufunc: Any, empty: Any) -> Any:
    """A kernel that reduces rows by id in any order; rows with a negative id are left out."""
    xp, dtype = n.xp, n.dtype()
    half = n.out().size == 2 and n.out().is_floating

    def reduce(data: Any, ids: Any, num_segments: Any) -> Any:
        number, ids = int(num_segments), xp.asarray(ids)
        if data.shape[:ids.ndim] != ids.shape:
            raise RunError(f"data.shape = {show(data.shape)} does not start with segment_ids.shape = {show(ids.shape)}")
        flat = ids.reshape(-1)
        far = greatest(flat, -1) >= number
        if far and data.size:
            far = xp.nonzero(flat >= number)[0]
            at = [int(i) for i in xp.unravel_index(far[0], ids.shape)]
            raise RunError(f"segment_ids{at} = {int(flat[far[0]])} is out of range [0, {number})")
        rows = data.reshape((flat.size, *data.shape[ids.ndim:]))
        if (rows.ndim == 1 and ufunc is xp.add and n.out().is_floating and n.out().size < 8 and xp.__name__ == "numpy"
                and MANY * number <= flat.size):
            return added(xp, rows, flat, number).astype(dtype)
        out = xp.full((number, *rows.shape[1:]), empty, dtype)
        if rows.ndim == 1 and ufunc is xp.add and rows.dtype == xp.float64 and flat.size:
            if flat.min() < 0 or far:
                rows, flat = rows[(flat >= 0) & (flat < number)], flat[(flat >= 0) & (flat < number)]
            out += xp.bincount(flat, rows, number)[:number]
            return out.astype(dtype, copy=False)
        if prod(rows.shape[1:]) >= GROUP and not half and xp.__name__ == "numpy":
            # a row is a group by itself
            for row, at in zip(rows, flat.tolist()):
                if at >= 0:
                    ufunc(out[at], row, out=out[at])
            settle_nan(n, ufunc, out, rows, flat)
            return out
        # some ids at a time, so that few places are ranked at once
        turns = min(number, TURNS, -(-flat.size // GROUP))
        for turn in range(turns):
            low, high = number * turn // turns, number * (turn + 1) // turns
            here = between(xp, flat, low, high)
            # numpy ranks 16 bits in one sweep
            keys = (flat[here] - low).astype(xp.uint16) if high - low <= 1 << 16 else flat[here]
            order = here[xp.argsort(keys, kind="stable")]
            ranked = flat[order]
            first = xp.concatenate([xp.zeros(1, int), changes(xp, ranked, xp.not_equal)])[:len(order)]
            for a, b, start, stop in groups(xp, first, len(order), prod(rows.shape[1:])):
                some = order[start:stop]
                made = reduced(ufunc, single(rows[some]) if half else rows[some], first[a:b] - start, stop - start)
                # a segment comes once, with all of its rows
                out[ranked[first[a:b]]] = ufunc(made, made.dtype.type(empty), out=made)
                # those of the next are made before this name is theirs
                del made
        if flat.size:
            settle_nan(n, ufunc, out, rows, flat)
        return out

    return reduce


def unsorted_scratch(n: Any) -> int:
    """The places of some ids, some rows in their order, and what becomes of them."""
    ids, segments = n.size(1), n.outs[0][0] if n.outs[0] else 1
    if n.size() >= GROUP * max(1, ids) and n.wide() == n.width():
        return 0
    some = ids // max(1, min(segments, TURNS, -(-ids // GROUP)))
    rows = min(n.size(), max(GROUP, n.size() // max(1, segments), n.made() // max(1, segments)))
    return int(28 * some + 5 * min(ids, SEEN) + 3 * rows * n.wide())


def _gathered(tf: Any, params: Any, ids: Any, before: tuple[Any, Any] = (None, None)) -> tuple[Any, tuple[Any, Any]]:
    """Rows of params by id, 0 for negative ids; (ids without those, which they are, in the shape of the rows).

    before: those two, as far as they were made before.
    """
    at, known = before
    at = tf.maximum(ids, tf.zeros_like(ids)) if at is None else at
    rows = tf.gather(params, at)
    if known is None:
        known = tf.greater_equal(ids, 0)
        shape = tf.shape(known)
        spread = tf.ones([tf.rank(rows) - tf.rank(known)], dtype="int32")
        known = tf.reshape(known, tf.concat([shape, spread], 0))
        known = known & tf.ones_like(rows, dtype="bool")
    return tf.where_v2(known, rows, tf.zeros_like(rows)), (at, known)


UNSORTED = "; Tindices: {int32, int64}; Tnumsegments: {int32, int64} = int32"


@op
class UnsortedSegmentSum:
    """Sum of the rows of each segment, in any order (tf.unsorted_segment_sum)."""

    signature = "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    host_memory = "num_segments"
    attrs = "T: {numbertype}; Tindices: {int16, int32, int64}; Tnumsegments: {int32, int64} = int32"
    infer = _unsorted_shape

    def kernel(n: Any) -> Any:
        return unsorted(n, n.xp.add, 0)

    def scratch(n: Any) -> Any:
        return unsorted_scratch(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [_gathered(tf, grad, op.inputs[1])[0], None, None]


def _unsorted_extreme(tf: Any, op: Any, grad: Any) -> list[Any]:
    data, ids, number = op.inputs
    best, made = _gathered(tf, op.outputs[0], ids)
    winners = tf.logical_and(tf.equal(data, best), made[1])
    counts = tf.unsorted_segment_sum(tf.cast(winners, grad.dtype.base_dtype), ids, number)
    shares, _ = _gathered(tf, grad / counts, ids, made)
    return [tf.where_v2(winners, shares, tf.zeros_like(shares)), None, None]


@op
class UnsortedSegmentMax:
    """Greatest of the rows of each segment; of none the lowest number (tf.unsorted_segment_max)."""

    signature = "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    cpu_only = True
    host_memory = "num_segments"
    attrs = "T: {realnumbertype}" + UNSORTED
    infer = _unsorted_shape
    gradient = _unsorted_extreme

    def kernel(n: Any) -> Any:
        return unsorted(n, n.xp.maximum, n.out().min)

    def scratch(n: Any) -> Any:
        return unsorted_scratch(n)


@op
class UnsortedSegmentMin:
    """Least of the rows of each segment; of none the highest number (tf.unsorted_segment_min)."""

    signature = "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    cpu_only = True
    host_memory = "num_segments"
    attrs = "T: {realnumbertype}" + UNSORTED
    infer = _unsorted_shape
    gradient = _unsorted_extreme

    def kernel(n: Any) -> Any:
        return unsorted(n, n.xp.minimum, n.out().max)

    def scratch(n: Any) -> Any:
        return unsorted_scratch(n)


@op
class UnsortedSegmentProd:
    """Product of the rows of each segment, 1 of none (tf.unsorted_segment_prod)."""

    signature = "data: T, segment_ids: Tindices, num_segments: Tnumsegments -> output: T"
    takes = "num_segments: []"
    cpu_only = True
    host_memory = "num_segments"
    attrs = "T: {numbertype}" + UNSORTED
    infer = _unsorted_shape

    def kernel(n: Any) -> Any:
        return unsorted(n, n.xp.multiply, 1)

    def scratch(n: Any) -> Any:
        return unsorted_scratch(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        data, ids, number = op.inputs
        zero = tf.equal(data, 0)
        zeros = tf.unsorted_segment_sum(tf.cast(zero, "int32"), ids, number)
        grad = tf.where_v2(tf.greater(zeros, 1), tf.zeros_like(grad), grad)
        others = tf.unsorted_segment_prod(tf.where_v2(zero, tf.ones_like(data), data), ids, number)
        at = tf.maximum(ids, tf.zeros_like(ids))
        whole = tf.gather(op.outputs[0], at)
        others = tf.gather(others, at)
        partial = tf.where_v2(zero, others, whole / data)
        return [_gathered(tf, grad, ids, (at, None))[0] * partial, None, None]
