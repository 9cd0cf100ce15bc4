"""The gradients of reductions of rows that are taken by segments: dense, and as the rows that were taken."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._extremes import greatest, least
from ._rows import PART, at, many_of
from .segment import GROUP
from .segment_sparse import IDS, INDEX


def _grad_shape(n: Any, grad: Any, indices: Any, segment_ids: Any, rows: Any) -> Any:
    value = n.value(3)
    n.merge(indices, segment_ids, "shapes of indices and segment_ids")
    return None if grad is None else (None if value is None else int(value), *grad[1:])


def _back_scratch(n: Any) -> int:
    """The rows scaled, and some of them where they came from."""
    return int(n.bytes() + min(PART * 2, 2 * n.size(1) * n.bytes() // max(1, n.shapes[0][0] if n.shapes[0] else 1)))


def _shares(xp: Any, grad: Any, ids: Any, power: float) -> Any:
    """What each row of a gradient is multiplied with: one by a power of how many rows its segment had."""
    counts = xp.zeros(len(grad), int)
    for i in range(0, len(ids), GROUP):
        some = ids[i:i + GROUP]
        first = int(some.min())
        found = xp.bincount(some - first)
        counts[first:first + len(found)] += found
    return (xp.maximum(counts, 1) ** -float(power)).reshape((-1,) + (1,) * (grad.ndim - 1))


def _back(n: Any, power: float) -> Any:
    """Rows of the gradient, divided by a power of their segment's size, added up where they came from."""
    xp, dtype = n.xp, n.dtype()

    def spread(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        for what, numbers, size in (("Segment id", ids, len(grad)), ("Index", indices, int(rows))):
            if least(numbers, 0) < 0 or greatest(numbers, -1) >= size:
                wrong = numbers[(numbers < 0) | (numbers >= size)]
                raise RunError(f"{what} {int(wrong[0])} out of range [0, {size}).")
        out = xp.zeros((int(rows), *grad.shape[1:]), dtype)
        scaled = grad * _shares(xp, grad, ids, power).astype(dtype)
        many = many_of(prod(grad.shape[1:]) * grad.itemsize)
        for i in range(0, len(ids), many):
            at(xp.add, out, indices[i:i + many], scaled[ids[i:i + many]])
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

    def gather(grad: Any, indices: Any, ids: Any, rows: Any) -> Any:
        if least(indices, 0) < 0 or greatest(indices, -1) >= int(rows):
            first = int(xp.nonzero((indices < 0) | (indices >= int(rows)))[0][0])
            raise RunError(f"Segment index {int(indices[first])} out of range [0, {int(rows)}).")
        if least(ids, 0) < 0 or greatest(ids, -1) >= len(grad):
            raise RunError(f"Segment id out of range [0, {len(grad)}).")
        places, which = xp.unique(indices, return_inverse=True)
        wide = xp.float32 if grad.itemsize == 2 else dtype
        scaled = (grad * _shares(xp, grad, ids, power)).astype(wide)
        out = xp.zeros((len(places), *grad.shape[1:]), wide)
        many = many_of(prod(grad.shape[1:]) * out.itemsize)
        for i in range(0, len(ids), many):
            at(xp.add, out, which[i:i + many], scaled[ids[i:i + many]])
        return out.astype(dtype, copy=False), places

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
