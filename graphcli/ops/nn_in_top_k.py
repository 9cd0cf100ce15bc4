"""Whether the right class is among the k most probable."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient


def within(xp: Any, predictions: Any, targets: Any, k: int) -> Any:
    """True where fewer than k classes beat the target; false for bad targets and rows not finite."""
    predictions, targets = xp.asarray(predictions), xp.asarray(targets)
    if predictions.ndim != 2 or targets.shape != predictions.shape[:1]:
        raise RunError(f"First dimension of predictions {predictions.shape[0]} must match length of "
                       f"targets {targets.size}")
    classes = predictions.shape[1]
    known = (targets >= 0) & (targets < classes)
    if not predictions.size:
        return xp.zeros(targets.shape, bool)
    right = predictions[xp.arange(len(targets)), xp.where(known, targets, 0)]
    finite = xp.isfinite(xp.max(predictions, axis=1)) & xp.isfinite(xp.min(predictions, axis=1))
    return known & finite & (xp.count_nonzero(predictions > right[:, None], axis=1) < k)


def verdicts(n: Any, predictions: Any, targets: Any, *k: Any) -> Any:
    rows = n.with_rank(predictions, 2, "predictions")[:1]
    return n.merge(rows, n.with_rank(targets, 1, "targets"), "numbers of predictions and targets")


def taken(n: Any) -> int:
    """What beats the target in each row, and what is known of rows."""
    return int(n.size() + 40 * n.size(1))


@op
class InTopK:
    """Whether the target is among the k greatest predictions of its row (the older form of InTopKV2)."""

    signature = "predictions: float32, targets: T -> precision: bool"
    attrs = "k: int; T: {int32, int64} = int32"
    parts = {"predictions": 1, "targets": 0}
    infer = verdicts
    scratch = taken

    def kernel(n: Any) -> Any:
        xp, k = n.xp, n.attrs["k"]
        return lambda predictions, targets: within(xp, predictions, targets, k)

    gradient = undefined_gradient


@op
class InTopKV2:
    """Whether the target is among the k greatest predictions of its row (tf.nn.in_top_k)."""

    signature = "predictions: float32, targets: T, k: T -> precision: bool"
    takes = "k: [] run"
    host_memory = "k"
    attrs = "T: {int32, int64} = int32"
    parts = {"predictions": 1, "targets": 0}
    infer = verdicts
    scratch = taken

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda predictions, targets, k: within(xp, predictions, targets, int(k))

    gradient = undefined_gradient
