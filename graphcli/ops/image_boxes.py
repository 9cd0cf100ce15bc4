"""The best of boxes that overlap (tf.image.non_max_suppression)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show

CPU_ONLY = True


def _selected(n: Any, boxes: Any, scores: Any, max_output_size: Any, *thresholds: Any) -> Any:
    boxes = n.with_rank(boxes, 2, "boxes")
    if boxes[1] not in (None, 4):
        n.fail(f"boxes have four sizes, not the shape {show(boxes)}")
    n.merge((boxes[0],), n.with_rank(scores, 1, "scores"), "numbers of boxes and scores")
    n.with_rank(max_output_size, 0, "max_output_size")
    for threshold in thresholds:
        n.with_rank(threshold, 0, "a threshold")
    return (None,)


def _suppressed(boxes: Any, scores: Any, most: int, overlap: float, least: float) -> Any:
    """The indices of the boxes to be kept, the best first. Raises RunError for a threshold outside of [0, 1]."""
    if not 0 <= overlap <= 1:
        raise RunError(f"iou_threshold must be in [0, 1], not {overlap:g}")
    boxes, scores = np.asarray(boxes, np.float32), np.asarray(scores, np.float32)
    low = np.minimum(boxes[:, :2], boxes[:, 2:])
    high = np.maximum(boxes[:, :2], boxes[:, 2:])
    areas = (high - low).prod(1)
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if len(kept) >= most or not scores[i] > least:
            break
        inner = np.maximum(np.minimum(high[kept], high[i]) - np.maximum(low[kept], low[i]), 0).prod(1)
        union = areas[kept] + areas[i] - inner
        flat = (areas[kept] <= 0) | (areas[i] <= 0)
        if not np.any(~flat & (inner / np.where(union > 0, union, 1) > np.float32(overlap))):
            kept.append(int(i))
    return np.asarray(kept, np.int32)


@op
class NonMaxSuppression:
    """Boxes by falling scores, without those that overlap a better one (tf.image.non_max_suppression)."""

    signature = "boxes: float32, scores: float32, max_output_size: int32 -> selected_indices: int32"
    attrs = "iou_threshold: float = 0.5"
    infer = _selected
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp, overlap = n.xp, n.attrs["iou_threshold"]
        return lambda boxes, scores, most: xp.asarray(_suppressed(boxes, scores, int(most), overlap, -np.inf))


@op
class NonMaxSuppressionV2:
    """The same with the threshold as an input."""

    signature = "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold -> selected_indices: int32"
    attrs = "T: {float16, float32} = float32; T_threshold: {float16, float32} = float32"
    infer = _selected
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda boxes, scores, most, overlap: xp.asarray(
            _suppressed(boxes, scores, int(most), float(overlap), -np.inf))


@op
class NonMaxSuppressionV3:
    """The same, of boxes whose score is above a threshold."""

    signature = ("boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
                 "score_threshold: T_threshold -> selected_indices: int32")
    attrs = "T: {float16, float32} = float32; T_threshold: {float16, float32} = float32"
    infer = _selected
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda boxes, scores, most, overlap, least: xp.asarray(
            _suppressed(boxes, scores, int(most), float(overlap), float(least)))
