"""The gradients of reductions of rows that are taken by segments: dense, and as the rows that were taken."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._extremes import greatest, least
from ._ranked import ranked
from ._rows import PART, at, many_of
from .segment import GROUP, changes
from .segment_sparse import IDS, INDEX


def _grad_shape(n: Any, grad: Any, indices: Any, segment_ids: Any, rows: Any) -> Any:
    many = n.size_value(3)
    n.merge(indices, segment_ids, "shapes of indices and segment_ids")
    return None if grad is None else (many, *grad[1:])


def _back_scratch(n: Any) -> int:
    """Some rows, scaled and chosen."""
    row = n.bytes() // max(1, n.shapes[0][0] if n.shapes[0] else 1)
    return int(min(PART * 3, 3 * n.size(1) * row))


class _Shares:
    """What the rows of a gradient are multiplied with: one by a power of how many rows their segment had."""

    def __init__(self, xp: Any, segments: int, ids: Any, power: float) -> None:
        self.xp = xp
        self.ids = ids
        self.power = power
        self.counts = None  # of ids that are not sorted
        if power and changes(xp, ids, xp.less).size:
            self.counts = xp.zeros(segments, xp.int32)
            for i in range(0, len(ids), GROUP):
                some = ids[i:i + GROUP]
                first = int(some.min())
                found = xp.bincount(some - first)
                self.counts[first:first + len(found)] += found.astype(xp.int32)

    def rows(self, grad: Any, some: Any, piece: bool, kinds: tuple[Any, Any]) -> Any:
        """The rows for some ids, multiplied. piece: whether these are neighbours. kinds: the dtypes of what they are
        multiplied with and of the rows."""
        xp = self.xp
        factor, kind = kinds
        if not self.power:
            return grad[some].astype(kind, copy=False)
        which, lengths = some, None
        if self.counts is None:
            first = xp.concatenate([xp.zeros(1, int), changes(xp, some, xp.not_equal)])
            which, lengths = some[first], xp.diff(xp.append(first, len(some)))
            # what goes on beyond a piece of all ids is the first and the last
            asked = which[[0, -1]] if piece else which
            counts = lengths.copy() if piece else xp.empty_like(lengths)
            counts[[0, -1] if piece else ...] = (xp.searchsorted(self.ids, asked, side="right")
                                                 - xp.searchsorted(self.ids, asked))
        else:
            counts = self.counts[which]
        shares = (xp.maximum(counts, 1) ** -float(self.power)).astype(factor)
        scaled = (grad[which] * shares.reshape((-1,) + (1,) * (grad.ndim - 1))).astype(kind, copy=False)
        return scaled if lengths is None else scaled[xp.repeat(xp.arange(len(which)), lengths)]


def _back(n: Any, power: float) -> Any:
    """Rows of the gradient, divided by a power of their segment's size, added up where they came from."""
    xp, dtype = n.xp, n.dtype()

    def spread(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        if not rows:
            # TensorFlow looks at nothing where nothing is to be made
            return xp.zeros((0, *grad.shape[1:]), dtype)
        for what, numbers, size in (("Segment id", ids, len(grad)), ("Index", indices, int(rows))):
            if least(numbers, 0) < 0 or greatest(numbers, -1) >= size:
                wrong = numbers[(numbers < 0) | (numbers >= size)]
                raise RunError(f"{what} {int(wrong[0])} out of range [0, {size}).")
        out = xp.zeros((int(rows), *grad.shape[1:]), dtype)
        shares = _Shares(xp, len(grad), ids, power)
        many = many_of(prod(grad.shape[1:]) * grad.itemsize)
        for i in range(0, len(ids), many):
            at(xp.add, out, indices[i:i + many], shares.rows(grad, ids[i:i + many], True, (dtype, dtype)))
        return out

    return spread


GRADS = f"T: {{floating}}; {INDEX}; {IDS}"


def _dense(name: str, doc: str, power: float) -> None:
    op(type(name, (), {
        "__doc__": doc, "__module__": __name__, "attrs": GRADS, "host_memory": "output_dim0",
        "signature": "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32 -> output: T",
        "takes": "grad: >=1; indices: [?]; segment_ids: [?]; output_dim0: []", "infer": _grad_shape,
        "kernel": lambda n: _back(n, power), "scratch": _back_scratch, "gradient": undefined_gradient}))


_dense("SparseSegmentSumGrad", "The gradient of SparseSegmentSum.", 0)
_dense("SparseSegmentMeanGrad", "The gradient of SparseSegmentMean.", 1)
_dense("SparseSegmentSqrtNGrad", "The gradient of SparseSegmentSqrtN.", 0.5)


def _rows_shape(n: Any, grad: Any, indices: Any, segment_ids: Any, rows: Any) -> Any:
    n.merge(n.with_rank(indices, 1, "indices"), n.with_rank(segment_ids, 1, "segment_ids"),
            "numbers of indices and segment_ids")
    n.with_rank(rows, 0, "dense_output_dim0")
    return [None if grad is None else (None, *grad[1:]), (None,)]


def _back_rows(n: Any, power: float) -> Any:
    """The gradients of the rows that were taken, each once, and which these are."""
    xp, dtype = n.xp, n.dtype()
    half = n.out().size == 2
    wide = xp.float32 if half else dtype

    def gather(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        if not rows:
            return xp.zeros((0, *grad.shape[1:]), dtype), xp.zeros(0, indices.dtype)
        if least(indices, 0) < 0 or greatest(indices, -1) >= int(rows):
            first = int(xp.nonzero((indices < 0) | (indices >= int(rows)))[0][0])
            raise RunError(f"Segment index {int(indices[first])} out of range [0, {int(rows)}).")
        if least(ids, 0) < 0 or greatest(ids, -1) >= len(grad):
            raise RunError(f"Segment id out of range [0, {len(grad)}).")
        places, find = ranked(xp, indices)
        shares = _Shares(xp, len(grad), ids, power)
        out = xp.empty((len(places), *grad.shape[1:]), dtype)
        many = many_of(prod(grad.shape[1:]) * xp.dtype(wide).itemsize)
        # halves are added up in single precision, some of them at a time
        held = 2 * many if half else max(1, len(places))
        for low in range(0, len(places), held):
            mine = places[low:low + held]
            sums = xp.zeros((len(mine), *grad.shape[1:]), wide) if half else out
            sums[...] = 0
            for i in range(0, len(ids), many):
                some, which = ids[i:i + many], indices[i:i + many]
                if half:
                    inside = (which >= mine[0]) & (which <= mine[-1])
                    some, which = some[inside], which[inside]
                if len(which):
                    at(xp.add, sums, find(which) - low, shares.rows(grad, some, not half, (xp.float64, wide)))
            if half:
                out[low:low + held] = sums
        return out, places

    return gather


def _rows(name: str, doc: str, power: float) -> None:
    op(type(name, (), {
        "__doc__": doc, "__module__": __name__, "attrs": GRADS, "host_memory": "dense_output_dim0",
        "signature": "grad: T, indices: Tidx, segment_ids: Tsegmentids, dense_output_dim0: int32 "
                     "-> output: T, sorted_unique_indices: Tidx",
        "takes": "grad: >=1", "infer": _rows_shape, "kernel": lambda n: _back_rows(n, power),
        "gradient": undefined_gradient}))


_rows("SparseSegmentSumGradV2", "The gradient of SparseSegmentSum as rows.", 0)
_rows("SparseSegmentMeanGradV2", "The gradient of SparseSegmentMean as rows.", 1)
_rows("SparseSegmentSqrtNGradV2", "The gradient of SparseSegmentSqrtN as rows.", 0.5)
